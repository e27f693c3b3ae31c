//! The mouse: a click focuses and selects, the wheel moves what is under it.

use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::{Position, Rect};

use super::scroll;
use crate::app::{App, Effect, Pane, layout, rows};

/// How many rows one notch of the wheel moves.
const NOTCH: isize = 3;

/// The mouse did something.
pub(super) fn take(app: &mut App, event: MouseEvent, _effects: &mut Vec<Effect>) {
    let rows = match event.kind {
        MouseEventKind::ScrollDown => NOTCH,
        MouseEventKind::ScrollUp => -NOTCH,
        MouseEventKind::Down(MouseButton::Left) => {
            app.activity.mark_seen();
            return click(app, event.column, event.row);
        }
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

fn click(app: &mut App, column: u16, row: u16) {
    if app.layer().is_some() {
        return;
    }
    let areas = layout::areas(app);
    let Some(pane) = areas.pane_at(column, row) else { return };
    app.focus = pane;
    let cell = Position { x: column, y: row };
    let inside = areas.inside(pane);
    if pane == Pane::Logs {
        focus_tile(app, cell);
    } else if inside.contains(cell) {
        select(app, pane, inside, row);
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
