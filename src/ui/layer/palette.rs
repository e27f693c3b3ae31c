//! Actions by name.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::super::frame::{Title, divider};
use super::super::pen::Pen;
use super::super::theme::Theme;
use super::prompt::input;
use super::{dialog, select};
use crate::app::action::is_available;
use crate::app::layers::Palette;
use crate::app::layout::Areas;
use crate::app::{App, content};

/// Draws the dialog: what was typed, and below it the actions that match.
pub fn draw(app: &App, palette: &Palette, areas: &Areas, theme: &Theme, buffer: &mut Buffer) {
    let entries = content::palette(app, &palette.input.text);
    let count = entries.len().to_string();
    let title = Title { left: &[("Actions", theme.strong)], right: &[(&count, theme.dim)] };
    let inside = dialog(areas, content::PALETTE_SIZE, &title, theme, buffer);
    let mut pen = Pen::new(buffer, inside, 0, &theme.symbols);
    pen.gap(3);
    input(&palette.input, &mut pen, theme);
    if inside.height < 3 {
        return;
    }
    divider(buffer, inside, inside.y + 1, theme);
    let list = Rect { y: inside.y + 2, height: inside.height - 2, ..inside };
    if entries.is_empty() {
        Pen::new(buffer, list, 0, &theme.symbols).gap(3).text("no action of this name", theme.dim);
    }
    let offset = (palette.cursor + 1).saturating_sub(usize::from(list.height));
    for ((place, entry), line) in entries.iter().enumerate().skip(offset).zip(0..list.height) {
        let row = Rect { y: list.y + line, height: 1, ..list };
        let style = if is_available(entry.action, app) { theme.text } else { theme.dim };
        let pen = &mut Pen::new(buffer, row, 0, &theme.symbols);
        pen.gap(3).margin(2).right(&app.keymap.key_of(entry.action), theme.key);
        pen.field(entry.name, 18, style).text(entry.help, theme.dim);
        if place == palette.cursor {
            select(buffer, row, theme);
        }
    }
}
