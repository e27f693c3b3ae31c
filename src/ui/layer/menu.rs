//! A list of actions on a target: every verb, ways to recreate, signals.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::super::frame::Title;
use super::super::pen::Pen;
use super::super::theme::Theme;
use super::plan::split;
use super::{dialog, key_segments, keys, padded, select, write_keys};
use crate::app::layers::Menu;
use crate::app::layout::Areas;
use crate::app::{App, Layer, content};

/// Draws the dialog: a line for each entry with its key; what cannot be done now is weak.
pub fn draw(app: &App, menu: &Menu, areas: &Areas, theme: &Theme, buffer: &mut Buffer) {
    let entries = content::menu(app, menu);
    let name = content::menu_title(app, menu);
    let key_column = content::menu_key_column(&entries);
    let size = content::menu_size(app, menu);
    let title = Title { left: &[(&name, theme.strong)], right: &[] };
    let inside = dialog(areas, size, &title, theme, buffer);
    let [list, foot] = split(padded(inside, 0), 2);
    let offset = (menu.cursor + 1).saturating_sub(usize::from(list.height).max(1));
    for ((place, entry), line) in entries.iter().enumerate().skip(offset).zip(0..list.height) {
        let row = Rect { y: list.y + line, height: 1, ..list };
        let pen = &mut Pen::new(buffer, row, 0, &theme.symbols);
        pen.gap(3).margin(2).field(&entry.key, key_column, theme.key);
        pen.text(&entry.words, if entry.is_available { theme.text } else { theme.dim });
        if place == menu.cursor {
            select(buffer, row, theme);
        }
    }
    let [_, last] = split(foot, 1);
    let last = Rect { x: last.x + 3.min(last.width), width: last.width.saturating_sub(3), ..last };
    write_keys(key_segments(app, keys(&Layer::Menu(menu.clone())), theme), last, theme, buffer);
}
