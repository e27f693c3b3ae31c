//! Which logs have a tile, where they stand, and what of it is remembered.

use super::super::say;
use crate::app::action::Action;
use crate::app::log_pane::{Layout, source_label, tiles_to_add};
use crate::app::{App, Effect, Grade, LogMode, Pane};

/// Gives the selected service tiles, or takes them.
pub(super) fn toggle(app: &mut App) {
    let Some(name) = app.selected_name().map(str::to_owned) else { return };
    match app.logs.tiles.iter().position(|tile| *tile == name) {
        Some(place) => {
            app.logs.tiles.remove(place);
        }
        None => add_service(app, &name),
    }
    // A tile that was chosen is to be seen.
    app.logs.mode = if app.logs.tiles.is_empty() { LogMode::Solo } else { LogMode::Tiles };
}

fn add_service(app: &mut App, name: &str) {
    app.logs.hidden.retain(|label| service_of(label) != name);
    if !app.logs.tiles.iter().any(|tile| tile == name) {
        app.logs.tiles.push(name.to_owned());
    }
}

/// Gives tiles to what was typed: a service, or one of its replicas (`api-2`).
pub(in crate::app::update) fn add(app: &mut App, text: &str) {
    if text.is_empty() {
        return;
    }
    choose_shown(app);
    let known = tiles_to_add(app);
    if !known.iter().any(|name| name == text) && !app.logs.hidden.contains(text) {
        return say(app, Grade::Bad, format!("`{text}` is none of {}", known.join(", ")));
    }
    if !app.logs.hidden.remove(text) {
        add_service(app, text);
    }
    app.logs.mode = LogMode::Tiles;
}

/// Takes the focused tile away.
pub(super) fn remove(app: &mut App) {
    let Some(label) = app.logs.focused_view().and_then(source_label) else { return };
    choose_shown(app);
    let shown: Vec<String> = app.logs.views.iter().filter_map(source_label).collect();
    let service = service_of(&label).to_owned();
    let has_others = shown.iter().any(|other| *other != label && service_of(other) == service);
    if has_others {
        app.logs.hidden.insert(label);
    } else {
        app.logs.hidden.retain(|hidden| service_of(hidden) != service);
        app.logs.tiles.retain(|tile| *tile != service);
    }
    if app.logs.tiles.is_empty() {
        app.logs.mode = LogMode::Solo;
        app.logs.is_alone = false;
    }
}

/// Swaps the focused tile with the one before or after it.
pub(super) fn shift(app: &mut App, action: Action) {
    let place = app.logs.focused;
    let other = if action == Action::TileBefore { place.checked_sub(1) } else { place.checked_add(1) };
    let mut labels: Vec<String> = app.logs.views.iter().filter_map(source_label).collect();
    let Some(other) = other.filter(|other| *other < labels.len()) else { return };
    labels.swap(place, other);
    app.logs.order = labels;
}

/// The whole screen for the pane, then for the focused tile, then for everything again.
pub(in crate::app::update) fn zoom(app: &mut App) {
    let has_tiles = app.focus == Pane::Logs && app.logs.mode == LogMode::Tiles && app.logs.views.len() > 1;
    let goes_on = has_tiles && app.is_zoomed && !app.logs.is_alone;
    app.is_zoomed = goes_on || !app.is_zoomed;
    app.logs.is_alone = goes_on;
}

/// Tiles that stand there only because the cursor does are chosen from now on.
fn choose_shown(app: &mut App) {
    if app.logs.tiles.is_empty() && app.logs.mode == LogMode::Tiles {
        app.logs.tiles.extend(app.logs.rested.clone());
    }
}

/// The service of a tile's label: `api` of `api-2`.
fn service_of(label: &str) -> &str {
    label.rsplit_once('-').map_or(label, |(service, _)| service)
}

/// Asks what is remembered of a project that is shown now, and has what has changed be written.
pub(in crate::app::update) fn remember(app: &mut App, effects: &mut Vec<Effect>) {
    let Some(project) = app.project.clone() else { return };
    if app.logs.memory.project.as_ref() != Some(&project) {
        app.logs.memory.project = Some(project.clone());
        app.logs.memory.written = None;
        effects.push(Effect::RecallLayout { project });
        return;
    }
    let layout = Layout::of(&app.logs);
    if app.logs.memory.written.as_ref().is_some_and(|written| *written != layout) {
        effects.push(Effect::RememberLayout { project, text: layout.to_text() });
        app.logs.memory.written = Some(layout);
    }
}

/// What was remembered has come: it holds, unless the person has laid the logs out meanwhile.
pub(in crate::app::update) fn recalled(app: &mut App, project: &str, text: Option<&str>) {
    let memory = &app.logs.memory;
    if memory.project.as_deref() != Some(project) || memory.written.is_some() {
        return;
    }
    let Some(text) = text else {
        app.logs.memory.written = Some(Layout::of(&app.logs));
        return;
    };
    let layout = Layout::of_text(text);
    app.logs.memory.written = Some(layout.clone());
    if app.logs.mode == LogMode::Solo && app.logs.tiles.is_empty() {
        layout.apply(&mut app.logs);
    }
}
