//! The Logs pane: one view, or one tile each.

use ratatui::buffer::Buffer;

use super::super::theme::Theme;
use super::{PaneTitle, has_frames, pane};
use crate::app::layout::Areas;
use crate::app::{App, Pane};

/// Draws the pane.
pub fn draw(app: &App, areas: &Areas, theme: &Theme, buffer: &mut Buffer) {
    if !has_frames(areas.arrangement) {
        return;
    }
    let mode = format!("  {}", app.logs.mode.title());
    let title = PaneTitle { pane: Pane::Logs, more: &[(&mode, theme.dim)], right: &[] };
    pane(buffer, areas.logs, app, theme, &title);
}
