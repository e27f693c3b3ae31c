//! The Ports pane: addresses that one can open or copy, and who holds those that are not bound.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::super::pen::Pen;
use super::super::text::width;
use super::super::theme::Theme;
use super::{PaneTitle, Window, cursor, has_frames, nothing, pane};
use crate::app::layout::Areas;
use crate::app::rows::{self, PortRow, PortState};
use crate::app::{App, Pane};

/// Draws the pane.
pub fn draw(app: &App, areas: &Areas, theme: &Theme, buffer: &mut Buffer) {
    let list = rows::ports(app);
    let inside = areas.inside(Pane::Ports);
    let window = Window::new(list.iter().map(|_| 1), app.lists.ports.offset, inside.height);
    if has_frames(areas.arrangement) {
        let of = app.lists.services.key.as_ref().map(|name| format!("  of {name}")).unwrap_or_default();
        let right = window.note().unwrap_or_else(|| list.len().to_string());
        let title = PaneTitle { pane: Pane::Ports, more: &[(&of, theme.dim)], right: &[(&right, theme.dim)] };
        pane(buffer, areas.ports, app, theme, &title);
    }
    if list.is_empty() {
        return nothing(buffer, inside, "none published", theme);
    }
    let columns = Columns::fit(&list, inside.width.saturating_sub(1));
    let is_focused = app.focus == Pane::Ports;
    let shown = list.iter().skip(window.offset).take(usize::from(inside.height));
    for (line, row) in (0..).zip(shown) {
        let place = Rect { y: inside.y + line, height: 1, ..inside };
        write(row, &columns, theme, buffer, place);
        if is_focused && app.lists.ports.key.as_ref() == Some(&row.key) {
            cursor(buffer, place, true, theme);
        }
    }
}

/// The widths of the columns; 0 leaves one out.
struct Columns {
    address: u16,
    container: u16,
    target: u16,
}

impl Columns {
    fn fit(list: &[PortRow], room: u16) -> Self {
        let widest = |of: fn(&PortRow) -> u16| list.iter().map(of).max().unwrap_or(0);
        let half = room / 2;
        let address = widest(|row| width(&row.address)).min(half);
        let target = widest(|row| width(&row.target));
        let container = widest(|row| width(&row.container)).min(half / 2);
        let state = widest(|row| width(&row.state.words()));
        let has_room = 3 + address + 3 + container + 2 + target + 3 + state <= room;
        Self { address, container: if has_room { container } else { 0 }, target }
    }
}

fn write(row: &PortRow, columns: &Columns, theme: &Theme, buffer: &mut Buffer, place: Rect) {
    let pen = &mut Pen::new(buffer, place, 0, &theme.symbols);
    pen.margin(1);
    let (address, state) = styles(row, theme);
    // Only the address itself is underlined, not the rest of its column.
    let end = pen.offset() + 3 + columns.address;
    pen.gap(3).text(&row.address, address).at(end);
    pen.gap(3);
    if columns.container > 0 {
        pen.field(&row.container, columns.container, theme.dim).gap(2);
    }
    pen.field(&row.target, columns.target, theme.dim);
    pen.gap(3).text(&row.state.words(), state);
}

fn styles(row: &PortRow, theme: &Theme) -> (Style, Style) {
    match (&row.state, row.is_link) {
        (PortState::Listening, true) => (theme.link, theme.good),
        (PortState::Listening, false) => (theme.text, theme.good),
        (PortState::Taken(_), _) => (theme.dim, theme.bad),
        (PortState::NotBound | PortState::Exposed, _) => (theme.dim, theme.dim),
    }
}
