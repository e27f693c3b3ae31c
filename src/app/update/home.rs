//! What actions do on the home screen.

use super::{logs, say, scroll};
use crate::app::action::{Action, refusal};
use crate::app::layers::{
    Confirm, Details, Layer, Menu, MenuKind, Palette, Profiles, Projects, Prompt, PromptKind, Scroll, Tab,
};
use crate::app::{App, Effect, Grade, Input, Pane, log_pane, rows, runs};
use crate::plan::Target;

/// Does an action on the home screen, or says why not.
pub(super) fn act(app: &mut App, action: Action, effects: &mut Vec<Effect>) {
    if let Some(reason) = refusal(action, app) {
        return say(app, Grade::Bad, reason);
    }
    match action {
        Action::Focus(pane) => app.focus = pane,
        Action::NextPane => next_pane(app),
        Action::PreviousPane => previous_pane(app),
        Action::Mark => mark(app),
        Action::MarkAll => mark_all(app),
        Action::MarkAgain => app.marks = app.last_marks.clone(),
        Action::Problems => app.problems_only = !app.problems_only,
        Action::Zoom => logs::zoom(app),
        Action::Back => back(app),
        Action::Close => quit(app, effects),
        Action::Reload => effects.push(Effect::Load { profiles: None }),
        Action::CancelRun => runs::cancel_last(app, effects),
        Action::Shell => shell(app, effects),
        Action::Open => effects.extend(app.port_to_open().map(Effect::Open)),
        Action::Copy => copy(app, effects),
        _ if opens(app, action) => {}
        _ if runs::takes(app, action, effects) => {}
        _ if logs::act(app, action, effects) => {}
        _ => scroll::home(app, action),
    }
}

/// Opens the layer that an action means. Says whether it means one.
fn opens(app: &mut App, action: Action) -> bool {
    let layer = match action {
        Action::Help => Layer::Help(Scroll::default()),
        Action::Palette => Layer::Palette(Palette::default()),
        Action::Activity => Layer::Activity(Scroll::default()),
        Action::Diagnostics => Layer::Diagnostics(Scroll::default()),
        Action::Projects => Layer::Projects(Projects { cursor: shown_place(app) }),
        Action::Profiles => Layer::Profiles(Profiles { choices: app.profiles(), cursor: 0 }),
        Action::Details => match details(app) {
            Some(details) => Layer::Details(details),
            None => return true,
        },
        Action::SaveMenu => {
            let target = app.target().unwrap_or(Target::Project);
            return opens_menu(app, action, &target);
        }
        Action::VerbMenu | Action::RecreateMenu | Action::Kill => {
            return app.target().is_none_or(|target| opens_menu(app, action, &target));
        }
        Action::Filter => Layer::Prompt(Prompt { kind: PromptKind::Filter, input: Input::of(&app.filter) }),
        Action::Search => prompt(PromptKind::Search),
        Action::SearchAll => prompt(PromptKind::SearchAll),
        Action::Since => prompt(PromptKind::Since),
        Action::GoToTime => prompt(PromptKind::GoToTime),
        Action::TileAdd => prompt(PromptKind::Tile { known: log_pane::tiles_to_add(app) }),
        Action::Run => match app.target_service() {
            Some(service) => prompt(PromptKind::Run { service }),
            None => return true,
        },
        Action::Replicas => match app.target_service() {
            Some(service) => prompt(PromptKind::Replicas { service }),
            None => return true,
        },
        _ => return false,
    };
    app.layers.push(layer);
    true
}

fn prompt(kind: PromptKind) -> Layer {
    Layer::Prompt(Prompt { kind, input: Input::default() })
}

/// Opens the menu that an action means, on a target. Says whether it means one.
pub(super) fn opens_menu(app: &mut App, action: Action, target: &Target) -> bool {
    let kind = match action {
        Action::VerbMenu => MenuKind::Verbs,
        Action::RecreateMenu => MenuKind::Recreate,
        Action::Kill => MenuKind::Signals,
        Action::SaveMenu => MenuKind::Save,
        _ => return false,
    };
    let target = target.clone();
    app.layers.push(Layer::Menu(Menu { kind, target, cursor: 0, opened_at: app.now.mono }));
    true
}

fn details(app: &App) -> Option<Details> {
    Some(Details { service: app.target_service()?, tab: Tab::Overview, offset: 0 })
}

fn shown_place(app: &App) -> usize {
    rows::projects(app).iter().position(|project| project.is_shown).unwrap_or_default()
}

/// Copies what the cursor stands on, and says so: a terminal that takes no OSC 52 says nothing itself.
fn copy(app: &mut App, effects: &mut Vec<Effect>) {
    if app.focus == Pane::Logs && logs::copy_selected(app, effects) {
        return;
    }
    let Some(text) = app.text_to_copy() else { return };
    put_on_clipboard(app, text, effects);
}

/// Copies text, and says so.
pub(super) fn put_on_clipboard(app: &mut App, text: String, effects: &mut Vec<Effect>) {
    say(app, Grade::Good, format!("copied {}", text.lines().next().unwrap_or_default()));
    effects.push(Effect::Copy(text));
}

fn shell(app: &mut App, effects: &mut Vec<Effect>) {
    if let Some(container) = app.container_for_shell() {
        effects.push(Effect::Shell { container: container.id.clone(), name: app.short_name(container) });
    }
}

/// The next tile while there is one, then the next pane.
fn next_pane(app: &mut App) {
    if app.focus == Pane::Logs && app.logs.focused + 1 < app.logs.views.len() {
        app.logs.focused += 1;
        return;
    }
    let place = Pane::ALL.iter().position(|pane| *pane == app.focus).unwrap_or_default();
    app.focus = Pane::ALL[(place + 1) % Pane::ALL.len()];
    if app.focus == Pane::Logs {
        app.logs.focused = 0;
    }
}

fn previous_pane(app: &mut App) {
    if app.focus == Pane::Logs && app.logs.focused > 0 {
        app.logs.focused -= 1;
        return;
    }
    let place = Pane::ALL.iter().position(|pane| *pane == app.focus).unwrap_or_default();
    app.focus = Pane::ALL[(place + Pane::ALL.len() - 1) % Pane::ALL.len()];
    if app.focus == Pane::Logs {
        app.logs.focused = app.logs.views.len().saturating_sub(1);
    }
}

fn mark(app: &mut App) {
    let Some(name) = app.lists.services.key.clone() else { return };
    if !app.marks.remove(&name) {
        app.marks.insert(name);
    }
    let names = rows::service_names(app);
    app.lists.services.step(&names, 1);
    app.lists.moved_at = app.now.mono;
}

/// Marks all that are listed; takes all marks away where all of them are marked already.
fn mark_all(app: &mut App) {
    let names = rows::service_names(app);
    if names.iter().all(|name| app.marks.contains(name)) {
        app.marks.clear();
    } else {
        app.marks.extend(names);
    }
}

/// Undoes one thing: a search, what narrows the log, the filter, the marks, the zoom.
fn back(app: &mut App) {
    if app.focus == Pane::Logs && logs::back(app) {
        return;
    }
    if !app.filter.is_empty() {
        app.filter.clear();
    } else if app.problems_only {
        app.problems_only = false;
    } else if !app.marks.is_empty() {
        app.last_marks = std::mem::take(&mut app.marks);
    } else if app.logs.is_alone {
        app.logs.is_alone = false;
    } else {
        app.is_zoomed = false;
    }
}

/// What is asked before quitting; none while no verb is on its way.
pub(super) fn question(app: &App) -> Option<String> {
    runs::unfinished(app).map(|titles| format!("Not done yet: {titles}. Quit all the same?"))
}

/// Quits; asks first while verbs are on their way. Asked again while asking, it does not ask twice.
pub(super) fn quit(app: &mut App, effects: &mut Vec<Effect>) {
    let is_asking = app.layers.iter().any(|layer| matches!(layer, Layer::Confirm(_)));
    let Some(question) = question(app).filter(|_| !is_asking) else {
        return effects.push(Effect::Quit);
    };
    app.layers.push(Layer::Confirm(Confirm { question, action: Action::Quit, opened_at: app.now.mono }));
}
