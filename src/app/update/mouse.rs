//! The mouse: a click focuses and selects, or chooses an entry of a menu; the wheel moves what is under it.

use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::{Position, Rect};

use super::{layers, logs, scroll};
use crate::app::{App, Effect, Layer, Pane, content, layout, rows};

/// How many rows one notch of the wheel moves.
const NOTCH: isize = 3;

/// The mouse did something.
pub(super) fn take(app: &mut App, event: MouseEvent, effects: &mut Vec<Effect>) {
    let rows = match event.kind {
        MouseEventKind::ScrollDown => NOTCH,
        MouseEventKind::ScrollUp => -NOTCH,
        MouseEventKind::Down(MouseButton::Left) => {
            app.activity.mark_seen();
            return click(app, event.column, event.row, effects);
        }
        MouseEventKind::Drag(MouseButton::Left) => return logs::drag(app, event.row),
        MouseEventKind::Up(MouseButton::Left) => return logs::release(app),
        _ => return,
    };
    if app.layer().is_some() {
        return scroll::wheel_layer(app, rows);
    }
    let Some(pane) = layout::areas(app).pane_at(event.column, event.row) else { return };
    if pane == Pane::Logs {
        focus_tile(app, Position { x: event.column, y: event.row });
        return scroll::wheel(app, pane, rows);
    }
    // In a list the wheel moves the cursor by one: rows stay under the eye.
    scroll::wheel(app, pane, rows.signum());
}

fn click(app: &mut App, column: u16, row: u16, effects: &mut Vec<Effect>) {
    let cell = Position { x: column, y: row };
    if app.layer().is_some() {
        return choose(app, cell, effects);
    }
    let areas = layout::areas(app);
    let Some(pane) = areas.pane_at(column, row) else { return };
    app.focus = pane;
    let inside = areas.inside(pane);
    if pane == Pane::Logs {
        focus_tile(app, cell);
        if inside.contains(cell) {
            logs::press(app, app.logs.focused, row);
        }
    } else if inside.contains(cell) {
        select(app, pane, inside, row);
    }
}

/// A click on an entry of a menu, the palette or the list of projects does what it means.
fn choose(app: &mut App, cell: Position, effects: &mut Vec<Effect>) {
    let Some(list) = layout::entries(app).filter(|list| list.contains(cell)) else { return };
    let Some(layer) = app.layers.last_mut().filter(|layer| !layer.is_deaf(app.now.mono)) else { return };
    let Some(cursor) = layer.cursor_mut() else { return };
    // The list is scrolled no further than shows its cursor.
    let offset = (*cursor + 1).saturating_sub(usize::from(list.height));
    let place = offset + usize::from(cell.y - list.y);
    let before = std::mem::replace(cursor, place);
    let count = app.layer().map_or(0, |layer| content::line_count(app, layer));
    if place < count {
        return layers::choose(app, effects);
    }
    if let Some(cursor) = app.layers.last_mut().and_then(Layer::cursor_mut) {
        *cursor = before;
    }
}

fn select(app: &mut App, pane: Pane, inside: Rect, row: u16) {
    let line = usize::from(row - inside.y);
    match pane {
        Pane::Services => {
            let names = rows::service_names(app);
            let place = app.lists.services.offset + line;
            if place < names.len() {
                app.lists.services.select(&names, place);
                app.lists.moved_at = app.now.mono;
            }
        }
        Pane::Containers => {
            let shown = rows::containers(app);
            let mut lines = 0;
            let under = shown.iter().skip(app.lists.containers.offset).position(|row| {
                lines += usize::from(row.height);
                line < lines
            });
            let keys: Vec<_> = shown.iter().map(|row| row.id.clone()).collect();
            if let Some(place) = under {
                app.lists.containers.select(&keys, app.lists.containers.offset + place);
            }
        }
        Pane::Ports | Pane::Logs => {
            let keys: Vec<_> = rows::ports(app).into_iter().map(|row| row.key).collect();
            let place = app.lists.ports.offset + line;
            if place < keys.len() {
                app.lists.ports.select(&keys, place);
            }
        }
    }
}

fn focus_tile(app: &mut App, cell: Position) {
    if let Some((view, _)) = layout::log_areas(app).into_iter().find(|(_, area)| area.contains(cell)) {
        app.logs.focused = view;
    }
}
