//! Taking lines of a log away: selected, copied, saved, read in the pager.

use ratatui::layout::Rect;

use super::super::say;
use crate::app::action::Action;
use crate::app::{App, Effect, Grade, layout, log_pane, words};

/// Begins or ends to select lines.
pub(super) fn select(app: &mut App) {
    let size = layout::log_size(app, app.logs.focused);
    if let Some(view) = app.logs.views.get_mut(app.logs.focused) {
        view.toggle_selection(&app.logs.store, size);
    }
}

/// Copies what is selected in the focused view. Says whether anything is.
pub(in crate::app::update) fn copy_selected(app: &mut App, effects: &mut Vec<Effect>) -> bool {
    let Some(view) = app.logs.views.get_mut(app.logs.focused) else { return false };
    let Some((text, count)) = view.selected_text(&app.logs.store) else { return false };
    view.clear_selection();
    say(app, Grade::Good, format!("copied {}", words::counted(count, "line")));
    effects.push(Effect::Copy(text));
    true
}

/// Saves the focused view as the action says.
pub(super) fn save(app: &App, action: Action, effects: &mut Vec<Effect>) {
    let Some(view) = app.logs.focused_view() else { return };
    let view = match action {
        Action::SaveWhole | Action::SaveWholeJson => view.whole(),
        _ => view.clone(),
    };
    let stem = log_pane::file_stem(app, &view);
    let (ending, text) = match action {
        Action::SaveJson | Action::SaveWholeJson => ("jsonl", view.json(&app.logs.store)),
        _ => ("log", view.text(&app.logs.store, |at| app.clock(at))),
    };
    effects.push(Effect::SaveText { name: format!("{stem}.{ending}"), text });
}

/// Shows what the focused view shows in the pager.
pub(super) fn page(app: &App, effects: &mut Vec<Effect>) {
    if let Some(view) = app.logs.focused_view() {
        effects.push(Effect::Page { text: view.text(&app.logs.store, |at| app.clock(at)) });
    }
}

/// The mouse was pressed in a view: lines are selected from there once it is dragged.
pub(in crate::app::update) fn press(app: &mut App, place: usize, row: u16) {
    for view in &mut app.logs.views {
        view.clear_selection();
    }
    let size = layout::log_size(app, place);
    let row = row_of(body(app, place), row);
    let view = app.logs.views.get(place);
    app.pressed = view.and_then(|view| Some((place, view.position_of_row(&app.logs.store, size, row)?)));
}

/// The mouse was dragged to a row of the screen: what lies between is selected, within the view where it was pressed.
pub(in crate::app::update) fn drag(app: &mut App, row: u16) {
    let Some((place, from)) = app.pressed.clone() else { return };
    let size = layout::log_size(app, place);
    let row = row_of(body(app, place), row);
    let Some(view) = app.logs.views.get_mut(place) else { return };
    let Some(to) = view.position_of_row(&app.logs.store, size, row) else { return };
    if view.selection().is_some() || to != from {
        view.select(&app.logs.store, size, &from, &to);
    }
}

/// The mouse was let go: what was selected waits to be copied.
pub(in crate::app::update) fn release(app: &mut App) {
    let Some((place, _)) = app.pressed.take() else { return };
    let text = app.logs.views.get(place).and_then(|view| view.selected_text(&app.logs.store));
    if let Some((_, count)) = text {
        let key = app.keymap.key_of(Action::Copy);
        say(app, Grade::Neutral, format!("{} selected: {key} copies", words::counted(count, "line")));
    }
}

fn body(app: &App, place: usize) -> Rect {
    let areas = layout::log_areas(app);
    let area = areas.iter().find(|(shown, _)| *shown == place).map(|(_, area)| *area);
    area.map(|area| layout::log_body(app, area)).unwrap_or_default()
}

/// Which of an area's rows a row of the screen is, or is nearest to.
fn row_of(body: Rect, row: u16) -> usize {
    usize::from(row.clamp(body.y, body.bottom().saturating_sub(1).max(body.y)) - body.y)
}
