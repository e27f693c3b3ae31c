//! Keys in what lies above the home screen.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::{home, key, logs, say, scroll};
use crate::app::action::{self, Action, Context, refusal};
use crate::app::content::{self, MenuChoice};
use crate::app::keymap::{Key, Meaning};
use crate::app::layers::{DownChoice, Layer, PromptKind, Tab};
use crate::app::runs::{self, Run};
use crate::app::{App, Effect, Grade, Input, RunId, report};
use crate::compose::canonical::split_words;
use crate::plan::Target;

/// Whether the layer that has the keys takes this one as text, and if so, takes it.
pub(super) fn takes_text(app: &mut App, event: &KeyEvent, effects: &mut Vec<Effect>) -> bool {
    let submits = event.code == KeyCode::Enter;
    let takes = match app.layers.last_mut() {
        Some(Layer::Prompt(prompt)) => submits || edit(&mut prompt.input, event),
        Some(Layer::Palette(palette)) => {
            let edited = edit(&mut palette.input, event);
            if edited {
                palette.cursor = 0;
            }
            submits || edited
        }
        Some(Layer::Down(_)) => return takes_name(app, event),
        _ => false,
    };
    if takes && submits {
        submit(app, effects);
    } else if takes {
        filter_as_typed(app);
    }
    takes
}

/// The project's name is typed into the `down` dialog while volumes are chosen.
fn takes_name(app: &mut App, event: &KeyEvent) -> bool {
    let deletes = down_choice(app, DownChoice::Volumes);
    let Some(Layer::Down(dialog)) = app.layers.last_mut() else { return false };
    let is_choice = event.code == KeyCode::Char(' ');
    deletes && !is_choice && event.code != KeyCode::Enter && edit(&mut dialog.typed, event)
}

/// Edits a line. Says whether the key was one that edits.
fn edit(input: &mut Input, event: &KeyEvent) -> bool {
    let held = event.modifiers - KeyModifiers::SHIFT;
    match (event.code, held) {
        (KeyCode::Backspace, _) => {
            input.backspace();
        }
        (KeyCode::Delete, _) => input.delete(),
        (KeyCode::Left, _) => input.left(),
        (KeyCode::Right, _) => input.right(),
        (KeyCode::Home, _) | (KeyCode::Char('a'), KeyModifiers::CONTROL) => input.cursor = 0,
        (KeyCode::End, _) | (KeyCode::Char('e'), KeyModifiers::CONTROL) => input.cursor = input.text.len(),
        (KeyCode::Char('w'), KeyModifiers::CONTROL) => input.delete_word(),
        (KeyCode::Char('u'), KeyModifiers::CONTROL) => input.clear_before(),
        _ => match key::typed(event) {
            Some(character) => input.insert(character.encode_utf8(&mut [0; 4])),
            None => return false,
        },
    }
    true
}

/// Text was pasted: outside a prompt it is ignored.
pub(super) fn paste(app: &mut App, text: &str) {
    let deletes = down_choice(app, DownChoice::Volumes);
    match app.layers.last_mut() {
        Some(Layer::Prompt(prompt)) => prompt.input.insert(text),
        Some(Layer::Palette(palette)) => palette.input.insert(text),
        Some(Layer::Down(dialog)) if deletes => dialog.typed.insert(text),
        _ => return,
    }
    filter_as_typed(app);
}

/// The filter acts at every key.
fn filter_as_typed(app: &mut App) {
    if let Some(Layer::Prompt(prompt)) = app.layers.last()
        && prompt.kind == PromptKind::Filter
    {
        app.filter.clone_from(&prompt.input.text);
    }
}

fn submit(app: &mut App, effects: &mut Vec<Effect>) {
    match app.layers.pop() {
        Some(Layer::Prompt(prompt)) => {
            let text = prompt.input.text.trim();
            match prompt.kind {
                PromptKind::Filter => text.clone_into(&mut app.filter),
                PromptKind::Search => logs::search(app, text, effects),
                PromptKind::SearchAll => logs::search_all(app, text, effects),
                PromptKind::Since => logs::since(app, text),
                PromptKind::Tile { .. } => logs::add_tile(app, text),
                PromptKind::GoToTime => logs::go_to_time(app, text, effects),
                PromptKind::Run { service } => run_once(app, service, text, effects),
                PromptKind::Replicas { service } => replicas(app, &service, text, effects),
            }
        }
        Some(Layer::Palette(palette)) => {
            let chosen =
                content::palette(app, &palette.input.text).get(palette.cursor).map(|entry| entry.action);
            if let Some(action) = chosen {
                key::act(app, action, effects);
            }
        }
        Some(other) => app.layers.push(other),
        None => {}
    }
}

fn run_once(app: &mut App, service: String, text: &str, effects: &mut Vec<Effect>) {
    match split_words(text) {
        Ok(command) => effects.push(Effect::RunOnce { service, command }),
        Err(_) => say(app, Grade::Bad, format!("`{text}` has quotes or parentheses that are not closed")),
    }
}

fn replicas(app: &mut App, service: &str, text: &str, effects: &mut Vec<Effect>) {
    match text.parse::<u32>() {
        Ok(count) if count <= 1000 => runs::scale(app, service, count, effects),
        _ => say(app, Grade::Bad, format!("`{text}` is no number of replicas")),
    }
}

/// Does an action in the layer that has the keys.
pub(super) fn act(app: &mut App, action: Action, effects: &mut Vec<Effect>) {
    let now = app.now.mono;
    match action {
        Action::Back | Action::Close => close(app, effects),
        _ if app.layer().is_some_and(|layer| layer.is_deaf(now)) => {}
        Action::Accept => accept(app, effects),
        _ if scroll::layer(app, action) => {}
        Action::NextTab => turn_tab(app, 1),
        Action::PreviousTab => turn_tab(app, Tab::ALL.len() - 1),
        Action::ChooseBuild => choose_plan(app, effects, |options| options.build = !options.build),
        Action::ChoosePull => choose_plan(app, effects, |options| options.pull = !options.pull),
        Action::ChooseOrphans => turn(app, DownChoice::Orphans, effects),
        Action::ChooseVolumes => turn(app, DownChoice::Volumes, effects),
        Action::ChooseImages => turn(app, DownChoice::Images, effects),
        _ => {}
    }
}

/// Whether a menu has the keys and this one chooses an entry of it: those go before what keys mean in other layers.
pub(super) fn takes_entry(app: &mut App, event: &KeyEvent, effects: &mut Vec<Effect>) -> bool {
    let Some(Layer::Menu(menu)) = app.layer().filter(|layer| !layer.is_deaf(app.now.mono)) else {
        return false;
    };
    let pressed = Key::of(event).to_string();
    let entry = content::menu(app, menu).into_iter().find(|entry| entry.key == pressed);
    if let Some(entry) = &entry {
        choose_entry(app, entry.choice, effects);
    }
    entry.is_some()
}

/// Does what the entry under the cursor means: a click.
pub(super) fn choose(app: &mut App, effects: &mut Vec<Effect>) {
    match app.layer() {
        Some(Layer::Palette(_)) => submit(app, effects),
        _ => accept(app, effects),
    }
}

/// A key that no binding names: yes and no, the choices of `down`; and the key that opened a layer closes it.
pub(super) fn unbound(app: &mut App, pressed: Key, effects: &mut Vec<Effect>) {
    let now = app.now.mono;
    let Some(layer) = app.layer().filter(|layer| !layer.is_deaf(now)) else { return };
    match layer {
        Layer::Confirm(_) if pressed.code == KeyCode::Char('y') => accept(app, effects),
        Layer::Confirm(_) if pressed.code == KeyCode::Char('n') => close(app, effects),
        Layer::Down(dialog) if pressed.code == KeyCode::Char(' ') => {
            let choice = DownChoice::ALL.get(dialog.cursor).copied();
            if let Some(choice) = choice {
                turn(app, choice, effects);
            }
        }
        Layer::Profiles(_) if pressed.code == KeyCode::Char(' ') => {
            if let Some(Layer::Profiles(profiles)) = app.layers.last_mut()
                && let Some((_, is_on)) = profiles.choices.get_mut(profiles.cursor)
            {
                *is_on = !*is_on;
            }
        }
        Layer::Plan(_) if is_key_of(app, Action::CancelRun, pressed) => runs::cancel_last(app, effects),
        Layer::Details(details) if is_key_of(app, Action::Copy, pressed) => {
            let service = details.service.clone();
            copy_report(app, service, effects);
        }
        Layer::Details(details) => {
            let service = details.service.clone();
            verb_in_details(app, service, pressed, effects);
        }
        Layer::Help(_) if is_key_of(app, Action::Help, pressed) => close(app, effects),
        Layer::Activity(_) if is_key_of(app, Action::Activity, pressed) => close(app, effects),
        _ => {}
    }
}

/// A plan that is being carried out keeps nobody from working: a key of the home screen closes its dialog and acts there.
pub(super) fn step_aside(app: &mut App, event: &KeyEvent) {
    let Some(Layer::Plan(dialog)) = app.layer() else { return };
    if !is_under_way(app, dialog.run) || !app.pending_keys.is_empty() {
        return;
    }
    let key = Key::of(event);
    let is_own = |action| is_key_of(app, action, key);
    let stays = app.keymap.meaning(&[Context::Everywhere], &[key]) != Meaning::Nothing
        || is_own(Action::Accept)
        || is_own(Action::CancelRun);
    let home = [key::list_context(app), Context::Home];
    if !stays && app.keymap.meaning(&home, &[key]) != Meaning::Nothing {
        app.layers.pop();
    }
}

fn is_under_way(app: &App, run: RunId) -> bool {
    app.runs.get(run).is_some_and(Run::is_under_way)
}

/// The keys of verbs act in the details too, on the service whose story is told: who has read why presses the remedy.
fn verb_in_details(app: &mut App, service: String, pressed: Key, effects: &mut Vec<Effect>) {
    let Meaning::Act(action) = app.keymap.meaning(&[Context::Home], &[pressed]) else { return };
    if !action::entry(action).is_some_and(|entry| entry.is_verb) {
        return;
    }
    if let Some(reason) = refusal(action, app) {
        return say(app, Grade::Bad, reason);
    }
    let target = Target::Services(vec![service]);
    if !home::opens_menu(app, action, &target) {
        runs::takes_on(app, action, target, effects);
    }
}

/// The report of a failure whose story is told; of a service that is well its name.
fn copy_report(app: &mut App, service: String, effects: &mut Vec<Effect>) {
    let text = report::of_service(app, &service).unwrap_or(service);
    home::put_on_clipboard(app, text, effects);
}

fn is_key_of(app: &App, action: Action, key: Key) -> bool {
    app.keymap.keys_of(action).contains(&key.to_string())
}

/// Closes the layer that has the keys. What it asked about is not done.
fn close(app: &mut App, effects: &mut Vec<Effect>) {
    match app.layers.pop() {
        Some(layer @ (Layer::Plan(_) | Layer::Down(_))) => {
            // What is being carried out goes on unseen.
            if let Some(run) = layer.run().filter(|run| !is_under_way(app, *run)) {
                runs::leave(app, run, effects);
            }
        }
        Some(Layer::Prompt(prompt)) if prompt.kind == PromptKind::Filter => app.filter.clear(),
        _ => {}
    }
}

/// The question before quitting goes with the verbs on whose account it is asked.
pub(super) fn settle_question(app: &mut App) {
    let Some(place) = app.layers.iter().position(|layer| matches!(layer, Layer::Confirm(_))) else { return };
    match (home::question(app), &mut app.layers[place]) {
        (Some(question), Layer::Confirm(confirm)) => confirm.question = question,
        _ => _ = app.layers.remove(place),
    }
}

fn accept(app: &mut App, effects: &mut Vec<Effect>) {
    let Some(layer) = app.layer().cloned() else { return };
    match layer {
        Layer::Plan(dialog) if is_under_way(app, dialog.run) => close(app, effects),
        Layer::Plan(dialog) => runs::confirm(app, dialog.run, effects),
        Layer::Down(dialog) => {
            if let Some(name) =
                content::name_to_type(app, dialog.run).filter(|name| dialog.typed.text.trim() != *name)
            {
                return say(app, Grade::Bad, format!("type {name} to delete its volumes"));
            }
            runs::confirm(app, dialog.run, effects);
        }
        Layer::Menu(menu) => {
            if let Some(entry) = content::menu(app, &menu).into_iter().nth(menu.cursor) {
                choose_entry(app, entry.choice, effects);
            }
        }
        Layer::Confirm(confirm) => {
            app.layers.pop();
            if confirm.action == Action::Quit {
                effects.push(Effect::Quit);
            }
        }
        Layer::Projects(projects) => open_project(app, projects.cursor, effects),
        Layer::Profiles(profiles) => {
            app.layers.pop();
            let on = profiles.choices.into_iter().filter(|(_, is_on)| *is_on);
            effects.push(Effect::Load { profiles: Some(on.map(|(name, _)| name).collect()) });
        }
        _ => {}
    }
}

/// Does what an entry of a menu means, on the target that was fixed when the menu opened.
fn choose_entry(app: &mut App, choice: MenuChoice, effects: &mut Vec<Effect>) {
    let Some(Layer::Menu(menu)) = app.layers.pop() else { return };
    match choice {
        MenuChoice::Signal(signal) => runs::kill(app, &menu.target, signal, effects),
        MenuChoice::Act(action) => match refusal(action, app) {
            Some(reason) => say(app, Grade::Bad, reason),
            None if runs::takes_on(app, action, menu.target, effects) => {}
            None => key::act(app, action, effects),
        },
    }
}

fn turn_tab(app: &mut App, by: usize) {
    if let Some(Layer::Details(details)) = app.layers.last_mut() {
        let place = Tab::ALL.iter().position(|tab| *tab == details.tab).unwrap_or_default();
        details.tab = Tab::ALL[(place + by) % Tab::ALL.len()];
        details.offset = 0;
    }
}

/// Turns an option of the plan that is shown, and asks for the plan anew.
fn choose_plan(app: &mut App, effects: &mut Vec<Effect>, turn: impl Fn(&mut crate::plan::Options)) {
    if let Some(Layer::Plan(dialog)) = app.layer() {
        let run = dialog.run;
        runs::change_options(app, run, turn, effects);
    }
}

fn turn(app: &mut App, choice: DownChoice, effects: &mut Vec<Effect>) {
    let Some(layer) = app.layer() else { return };
    let is_down = matches!(layer, Layer::Down(_));
    let Some(run) = layer.run().filter(|_| is_down || choice == DownChoice::Orphans) else { return };
    runs::change_options(app, run, |options| *choice.of(options) = !*choice.of(options), effects);
}

/// Whether the `down` dialog has a choice turned on.
fn down_choice(app: &App, choice: DownChoice) -> bool {
    let run = app.layer().filter(|layer| matches!(layer, Layer::Down(_))).and_then(Layer::run);
    let run = run.and_then(|run| app.runs.get(run));
    run.is_some_and(|run| choice.is_on(&run.request.options))
}

fn open_project(app: &mut App, cursor: usize, effects: &mut Vec<Effect>) {
    let Some(project) = crate::app::rows::projects(app).into_iter().nth(cursor) else { return };
    app.layers.pop();
    super::load::choose_project(app, &project.name);
    effects.push(Effect::OpenProject { name: project.name, folder: project.folder, files: project.files });
}
