//! What lies above the home screen, one kind a file. What is behind steps back: its cells lose their colours.

mod activity;
mod confirm;
mod details;
pub mod diagnostics;
mod down;
mod help;
mod menu;
mod palette;
mod plan;
mod profiles;
mod projects;
mod prompt;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::frame::{Part, Title, clear, dim, frame, lift};
use super::pen::Pen;
use super::segment::{Segment, fit, write};
use super::text::width;
use super::theme::Theme;
use crate::app::action::Action;
use crate::app::layout::{self, Areas};
use crate::app::{App, Layer};

/// Draws one layer over what is drawn already.
pub fn draw(app: &App, layer: &Layer, areas: &Areas, theme: &Theme, buffer: &mut Buffer) {
    match layer {
        Layer::Help(scroll) => help::draw(app, *scroll, areas, theme, buffer),
        Layer::Menu(menu) => menu::draw(app, menu, areas, theme, buffer),
        Layer::Palette(palette) => palette::draw(app, palette, areas, theme, buffer),
        Layer::Details(details) => details::draw(app, details, areas, theme, buffer),
        Layer::Plan(dialog) => plan::draw(app, dialog, areas, theme, buffer),
        Layer::Down(dialog) => down::draw(app, dialog, areas, theme, buffer),
        Layer::Activity(scroll) => activity::draw(app, *scroll, areas, theme, buffer),
        Layer::Projects(projects) => projects::draw(app, projects, areas, theme, buffer),
        Layer::Profiles(layer) => profiles::draw(app, layer, areas, theme, buffer),
        Layer::Prompt(prompt) => prompt::draw(prompt, areas, theme, buffer),
        Layer::Confirm(confirm) => confirm::draw(app, confirm, areas, theme, buffer),
        Layer::Diagnostics(scroll) => diagnostics::draw(app, *scroll, areas, theme, buffer),
    }
}

/// Whether a layer names its keys itself, within its frame.
pub fn names_its_keys(layer: &Layer) -> bool {
    matches!(
        layer,
        Layer::Plan(_)
            | Layer::Down(_)
            | Layer::Menu(_)
            | Layer::Palette(_)
            | Layer::Confirm(_)
            | Layer::Profiles(_)
    )
}

/// The keys of a layer and what they do there, the most important first.
pub fn keys(layer: &Layer) -> &'static [(Action, &'static str)] {
    match layer {
        Layer::Plan(_) | Layer::Down(_) | Layer::Menu(_) | Layer::Palette(_) | Layer::Profiles(_) => {
            &[(Action::Accept, "do it"), (Action::Back, "leave it")]
        }
        Layer::Projects(_) => &[(Action::Accept, "show it"), (Action::Back, "back")],
        Layer::Confirm(_) => &[(Action::Accept, "yes"), (Action::Back, "no")],
        Layer::Prompt(_) => &[(Action::Accept, "done"), (Action::Back, "undo")],
        Layer::Details(_) => &[
            (Action::Back, "back"),
            (Action::NextTab, "next part"),
            (Action::Restart, "restart"),
            (Action::Start, "start"),
            (Action::Up, "up"),
            (Action::VerbMenu, "menu"),
            (Action::Next, "down"),
        ],
        Layer::Help(_) | Layer::Activity(_) | Layer::Diagnostics(_) => {
            &[(Action::Back, "back"), (Action::Next, "down"), (Action::Previous, "up")]
        }
    }
}

/// The first key of an action as hints show it.
pub fn key_label(app: &App, action: Action) -> String {
    label(app.keymap.key_of(action))
}

/// A key as hints show it: named keys with a capital, as they stand on keyboards.
pub fn label(key: String) -> String {
    const NAMED: [(&str, &str); 3] = [("enter", "Enter"), ("esc", "Esc"), ("tab", "Tab")];
    match NAMED.iter().find(|(name, _)| *name == key) {
        Some((_, label)) => (*label).to_owned(),
        None => key,
    }
}

/// Opens a dialog in the middle of the screen, as large as asked and as fits, and returns the area within its frame.
fn dialog(areas: &Areas, size: (u16, u16), title: &Title<'_>, theme: &Theme, buffer: &mut Buffer) -> Rect {
    dim(buffer, areas.middle(), theme);
    let area = layout::dialog(areas, size);
    clear(buffer, area, theme.layer);
    frame(buffer, area, title, theme.border_focused, theme)
}

/// Opens a layer that fills the screen between header and footer, and returns the area within its frame.
fn full(areas: &Areas, title: &Title<'_>, theme: &Theme, buffer: &mut Buffer) -> Rect {
    let middle = areas.middle();
    clear(buffer, middle, theme.base);
    frame(buffer, middle, title, theme.border_focused, theme)
}

/// What stands at the right of a full layer's title: how one leaves it.
fn leave<'a>(key: &'a str, theme: &Theme) -> [Part<'a>; 2] {
    [(key, theme.key), (" back", theme.dim)]
}

/// Writes lines from the one at `offset` on; the last page stays full. Says how many are out of sight below.
pub(super) fn lines(
    lines: &[Line<'_>],
    offset: usize,
    area: Rect,
    theme: &Theme,
    buffer: &mut Buffer,
) -> usize {
    let height = usize::from(area.height);
    let offset = offset.min(lines.len().saturating_sub(height));
    for (row, line) in (0..area.height).zip(&lines[offset..]) {
        let mut pen = Pen::new(buffer, area, row, &theme.symbols);
        for span in &line.spans {
            pen.text(&span.content, line.style.patch(span.style));
        }
    }
    lines.len().saturating_sub(offset + height)
}

/// Writes `3 more below` at the lower right of a dialog's frame.
fn more_below(count: usize, inside: Rect, theme: &Theme, buffer: &mut Buffer) {
    if count == 0 {
        return;
    }
    let text = format!(" {count} more below ");
    let width = width(&text);
    if inside.width < width + 4 {
        return;
    }
    let place = Rect { x: inside.right() - width - 1, y: inside.bottom(), width, height: 1 };
    lift(buffer, place.intersection(buffer.area), theme);
    Pen::new(buffer, place, 0, &theme.symbols).text(&text, theme.dim);
}

/// Writes the keys of a dialog into its last line.
fn write_keys(mut segments: Vec<Segment<'_>>, area: Rect, theme: &Theme, buffer: &mut Buffer) {
    fit(&mut segments, area.width);
    write(&segments, &mut Pen::new(buffer, area, 0, &theme.symbols));
}

/// Keys as segments, weighted by their order.
fn key_segments<'a>(app: &App, keys: &[(Action, &'a str)], theme: &Theme) -> Vec<Segment<'a>> {
    let segment = |((action, word), rank): (&(Action, &'a str), u8)| {
        Segment::key(rank, if rank == 1 { 0 } else { 4 }, key_label(app, *action), word, theme)
    };
    keys.iter().zip(1..).map(segment).collect()
}

/// Lays the cursor over a row.
fn select(buffer: &mut Buffer, row: Rect, theme: &Theme) {
    let row = row.intersection(buffer.area);
    buffer.set_style(row, theme.cursor);
    if !row.is_empty() {
        buffer.set_stringn(row.x, row.y, theme.symbols.cursor, 1, theme.cursor_mark);
    }
}

/// An area without this many cells at either side and without its first line.
fn padded(area: Rect, cells: u16) -> Rect {
    let cells = cells.min(area.width / 2);
    let rows = area.height.min(1);
    Rect { x: area.x + cells, y: area.y + rows, width: area.width - 2 * cells, height: area.height - rows }
}
