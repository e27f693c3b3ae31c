//! Everything that happened, on the whole screen.

use ratatui::buffer::Buffer;

use super::super::frame::Title;
use super::super::panel::activity::draw_entries;
use super::super::theme::Theme;
use super::{full, key_label, leave, more_below};
use crate::app::App;
use crate::app::action::Action;
use crate::app::layers::Scroll;
use crate::app::layout::Areas;

/// Draws the layer.
pub fn draw(app: &App, scroll: Scroll, areas: &Areas, theme: &Theme, buffer: &mut Buffer) {
    let key = key_label(app, Action::Back);
    let title = Title { left: &[("Activity", theme.strong)], right: &leave(&key, theme) };
    let inside = full(areas, &title, theme, buffer);
    let count = draw_entries(app, scroll.offset, inside, theme, buffer);
    more_below(count.saturating_sub(scroll.offset + usize::from(inside.height)), inside, theme, buffer);
}
