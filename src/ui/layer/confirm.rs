//! A question with yes and no.

use ratatui::buffer::Buffer;

use super::super::frame::Title;
use super::super::pen::Pen;
use super::super::text::width;
use super::super::theme::Theme;
use super::{dialog, key_segments, keys, padded, write_keys};
use crate::app::layers::Confirm;
use crate::app::layout::Areas;
use crate::app::{App, Layer};

/// Draws the dialog.
pub fn draw(app: &App, confirm: &Confirm, areas: &Areas, theme: &Theme, buffer: &mut Buffer) {
    let size = (width(&confirm.question).max(30) + 6, 4);
    let inside = padded(dialog(areas, size, &Title::default(), theme, buffer), 3);
    Pen::new(buffer, inside, 0, &theme.symbols).text(&confirm.question, theme.strong);
    let last = ratatui::layout::Rect { y: inside.y + inside.height.saturating_sub(1), height: 1, ..inside };
    let layer = Layer::Confirm(confirm.clone());
    write_keys(key_segments(app, keys(&layer), theme), last, theme, buffer);
}
