//! The profiles of the file, to turn on and off.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::super::frame::Title;
use super::super::pen::Pen;
use super::super::segment::Segment;
use super::super::theme::Theme;
use super::plan::split;
use super::{dialog, key_label, padded, select, write_keys};
use crate::app::action::Action;
use crate::app::layers::Profiles;
use crate::app::layout::Areas;
use crate::app::{App, content};

/// Draws the dialog: a line a profile.
pub fn draw(app: &App, layer: &Profiles, areas: &Areas, theme: &Theme, buffer: &mut Buffer) {
    let title = Title { left: &[("Profiles", theme.strong)], right: &[] };
    let inside = dialog(areas, content::profiles_size(layer), &title, theme, buffer);
    let [list, foot] = split(padded(inside, 0), 2);
    let height = usize::from(list.height).max(1);
    let offset = (layer.cursor + 1).saturating_sub(height);
    for ((place, (name, is_on)), line) in layer.choices.iter().enumerate().skip(offset).zip(0..list.height) {
        let row = Rect { y: list.y + line, height: 1, ..list };
        let pen = &mut Pen::new(buffer, row, 0, &theme.symbols);
        pen.gap(3)
            .text("[", theme.dim)
            .field(if *is_on { theme.symbols.done } else { "" }, 1, theme.good)
            .text("] ", theme.dim)
            .text(name, if *is_on { theme.strong } else { theme.text });
        if place == layer.cursor {
            select(buffer, row, theme);
        }
    }
    let [_, last] = split(padded(foot, 3), 1);
    let segments = vec![
        Segment::key(1, 0, key_label(app, Action::Accept), "show it so", theme),
        Segment::key(2, 4, "space".to_owned(), "on or off", theme),
        Segment::key(3, 4, key_label(app, Action::Back), "leave it", theme),
    ];
    write_keys(segments, last, theme, buffer);
}
