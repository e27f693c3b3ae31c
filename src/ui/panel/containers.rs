//! The Containers pane: the replicas and one-offs of the selected service, each with its figures, and with a second line
//! where its health check fails.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::super::pen::Pen;
use super::super::text::width;
use super::super::theme::Theme;
use super::{PaneTitle, Window, cursor, has_frames, nothing, pane, state_style};
use crate::app::layout::Areas;
use crate::app::rows::{self, ContainerRow, StateKind};
use crate::app::{App, Pane, words};

/// Draws the pane.
pub fn draw(app: &App, areas: &Areas, theme: &Theme, buffer: &mut Buffer) {
    let list = rows::containers(app);
    let inside = areas.inside(Pane::Containers);
    let window = Window::new(list.iter().map(|row| row.height), app.lists.containers.offset, inside.height);
    if has_frames(areas.arrangement) {
        let of = app.lists.services.key.as_ref().map(|name| format!("  of {name}")).unwrap_or_default();
        let right = window.note().unwrap_or_else(|| list.len().to_string());
        let title =
            PaneTitle { pane: Pane::Containers, more: &[(&of, theme.dim)], right: &[(&right, theme.dim)] };
        pane(buffer, areas.containers, app, theme, &title);
    }
    if list.is_empty() {
        return nothing(buffer, inside, "none", theme);
    }
    let columns = Columns::fit(&list, inside.width.saturating_sub(1));
    let is_focused = app.focus == Pane::Containers;
    let mut line = 0;
    for row in list.iter().skip(window.offset) {
        if line + row.height > inside.height.max(1) {
            break;
        }
        let place = Rect { y: inside.y + line, height: row.height, ..inside };
        write(row, &columns, theme, buffer, place);
        if is_focused && app.lists.containers.key.as_ref() == Some(&row.id) {
            cursor(buffer, place, true, theme);
        }
        line += row.height;
    }
}

/// The widths of the columns; 0 leaves one out.
struct Columns {
    name: u16,
    uptime: u16,
    drift: u16,
    curve: u16,
    memory: u16,
    traffic: u16,
}

impl Columns {
    fn fit(list: &[ContainerRow], room: u16) -> Self {
        let widest = |of: fn(&ContainerRow) -> u16| list.iter().map(of).max().unwrap_or(0);
        let name = widest(|row| width(&row.name)).min((room / 2).max(8));
        let uptime = widest(|row| width(&row.uptime));
        let mut left = room.saturating_sub(5 + name + 2 + uptime + 9);
        let mut take = |wanted: u16| {
            let fits = wanted <= left;
            left -= if fits { wanted } else { 0 };
            if fits { wanted } else { 0 }
        };
        let drift = take(widest(drift_width));
        let memory = take(widest(|row| width(&memory(row))) + 2);
        let traffic = take(widest(traffic_width) + 2);
        let curve = left.saturating_sub(3).min(24);
        Self { name, uptime, drift, curve: if curve < 4 { 0 } else { curve }, memory, traffic }
    }
}

fn drift_width(row: &ContainerRow) -> u16 {
    row.drift.as_ref().map_or(0, |drift| width(&drift.reason) + 5)
}

fn memory(row: &ContainerRow) -> String {
    let used = row.memory.map(words::bytes).unwrap_or_default();
    match row.memory_limit {
        Some(limit) if row.memory.is_some() => format!("{used} / {}", words::bytes(limit)),
        _ => used,
    }
}

fn traffic_width(row: &ContainerRow) -> u16 {
    row.received.zip(row.sent).map_or(0, |(received, sent)| {
        width(&words::rate(received)).max(3) + width(&words::rate(sent)).max(3) + 3
    })
}

fn write(row: &ContainerRow, columns: &Columns, theme: &Theme, buffer: &mut Buffer, place: Rect) {
    let pen = &mut Pen::new(buffer, place, 0, &theme.symbols);
    let style = state_style(row.kind, theme);
    pen.gap(3).field(row.kind.sign(theme.symbols.states), 2, style).field(
        &row.name,
        columns.name,
        theme.text,
    );
    if has_figures(row.kind) {
        let uptime = if row.uptime.starts_with("up ") { theme.dim } else { style };
        pen.gap(2).field(&row.uptime, columns.uptime, uptime).gap(2);
        write_drift(row, columns, theme, pen);
        write_figures(row, columns, theme, pen);
    } else {
        pen.gap(2).field(&row.uptime, columns.uptime, style).gap(2);
        write_drift(row, columns, theme, pen);
    }
    let Some(note) = &row.note else { return };
    let pen = &mut Pen::new(buffer, place, 1, &theme.symbols);
    if place.height > 1 {
        pen.gap(5).margin(1).text(&note.label, style).gap(2).text(&note.text, theme.dim);
    }
}

/// Whether it runs, so that its sign tells all and its figures are of interest.
fn has_figures(kind: StateKind) -> bool {
    use StateKind::{Healthy, Orphan, Other, Paused, Running, Starting, Unhealthy};
    matches!(kind, Unhealthy | Starting | Paused | Healthy | Running | Orphan | Other)
}

fn write_drift(row: &ContainerRow, columns: &Columns, theme: &Theme, pen: &mut Pen<'_>) {
    if columns.drift == 0 {
        return;
    }
    let reason = row.drift.as_ref().map(|drift| [theme.symbols.drift, " ", &drift.reason].concat());
    pen.field(reason.as_deref().unwrap_or_default(), columns.drift, theme.drift);
}

fn write_figures(row: &ContainerRow, columns: &Columns, theme: &Theme, pen: &mut Pen<'_>) {
    if columns.curve > 0 {
        pen.gap(1).curve(&row.cpu_history, columns.curve, None, theme.graph_cpu, &theme.symbols.levels);
    }
    let cpu = row.cpu.map(words::percent).unwrap_or_default();
    pen.number(&cpu, 7, if row.kind == StateKind::Starting { theme.busy } else { theme.text });
    if columns.memory > 0 {
        let used = row.memory.map(words::bytes).unwrap_or_default();
        let end = pen.offset() + columns.memory;
        let all = memory(row);
        let limit = all.get(used.len()..).unwrap_or_default();
        pen.gap(columns.memory.saturating_sub(width(&all)))
            .text(&used, theme.text)
            .text(limit, theme.dim)
            .at(end);
    }
    if let (true, Some(received), Some(sent)) = (columns.traffic > 0, row.received, row.sent) {
        let (down, up) = (theme.symbols.down, theme.symbols.up);
        let text = format!("{down}{} {up}{}", words::rate(received), words::rate(sent));
        pen.number(&text, columns.traffic, theme.dim);
    }
}
