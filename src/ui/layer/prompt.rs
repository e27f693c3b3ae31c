//! A line to type, in place of the footer.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Modifier;

use super::super::frame::clear;
use super::super::pen::Pen;
use super::super::text::width;
use super::super::theme::Theme;
use crate::app::Input;
use crate::app::layers::Prompt;
use crate::app::layout::Areas;

/// Draws the line; on a screen without a footer it takes the last line.
pub fn draw(prompt: &Prompt, areas: &Areas, theme: &Theme, buffer: &mut Buffer) {
    let screen = areas.screen;
    let last = Rect { y: screen.bottom().saturating_sub(1), height: screen.height.min(1), ..screen };
    clear(buffer, last, theme.bar);
    let mut pen = Pen::new(buffer, last, 0, &theme.symbols);
    pen.gap(1).text(&prompt.kind.label(), theme.key);
    input(&prompt.input, &mut pen, theme);
}

/// Writes what was typed with its cursor; a text longer than the line is shown from its end.
pub(super) fn input(input: &Input, pen: &mut Pen<'_>, theme: &Theme) {
    let before = input.text.get(..input.cursor).unwrap_or(&input.text);
    let after = input.text.get(input.cursor..).unwrap_or_default();
    let room = pen.room().saturating_sub(1);
    let mut shown = before;
    while width(shown) > room {
        let mut rest = shown.chars();
        rest.next();
        shown = rest.as_str();
    }
    pen.text(shown, theme.input);
    let under = after.chars().next().unwrap_or(' ');
    let mut bytes = [0; 4];
    pen.text(under.encode_utf8(&mut bytes), theme.input.add_modifier(Modifier::REVERSED));
    pen.text(after.get(under.len_utf8()..).unwrap_or_default(), theme.input);
}
