//! A key: to the prompt or dialog that has the keys, else by the keymap to an action.

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

use super::{home, layers};
use crate::app::action::{Action, Context};
use crate::app::keymap::{Key, Meaning};
use crate::app::{App, Effect, Pane};

/// A key was pressed or repeated.
pub(super) fn press(app: &mut App, event: &KeyEvent, effects: &mut Vec<Effect>) {
    if event.kind == KeyEventKind::Release {
        return;
    }
    app.activity.mark_seen();
    layers::step_aside(app, event);
    if layers::takes_text(app, event, effects) || layers::takes_entry(app, event, effects) {
        app.pending_keys.clear();
        return;
    }
    app.pending_keys.push(Key::of(event));
    match app.keymap.meaning(&contexts(app), &app.pending_keys) {
        Meaning::Prefix => {}
        Meaning::Act(action) => {
            app.pending_keys.clear();
            act(app, action, effects);
        }
        Meaning::Nothing => {
            let key = Key::of(event);
            // A key that does not go on with what was begun is taken for itself.
            let was_begun = app.pending_keys.len() > 1;
            app.pending_keys.clear();
            if was_begun && key.code != KeyCode::Esc {
                press(app, event, effects);
            } else if !was_begun {
                layers::unbound(app, key, effects);
            }
        }
    }
}

/// Does what a key, a menu or the palette means.
pub(super) fn act(app: &mut App, action: Action, effects: &mut Vec<Effect>) {
    match action {
        Action::Quit => home::quit(app, effects),
        Action::Suspend => effects.push(Effect::Suspend),
        Action::Redraw => effects.push(Effect::Redraw),
        _ if app.layer().is_some() => layers::act(app, action, effects),
        _ => home::act(app, action, effects),
    }
}

/// Where keys are looked up now.
fn contexts(app: &App) -> Vec<Context> {
    if app.layer().is_some() {
        return vec![Context::Layer, Context::Everywhere];
    }
    vec![list_context(app), Context::Home, Context::Everywhere]
}

/// The context of the focused pane.
pub(super) fn list_context(app: &App) -> Context {
    if app.focus == Pane::Logs { Context::Logs } else { Context::Lists }
}

/// The character that a key types; none for keys with Ctrl or Alt.
pub(super) fn typed(event: &KeyEvent) -> Option<char> {
    let held = event.modifiers - KeyModifiers::SHIFT;
    match event.code {
        KeyCode::Char(c) if held.is_empty() => Some(c),
        _ => None,
    }
}
