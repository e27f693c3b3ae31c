//! What is wrong with the compose files, where the left column has room for it: the first findings with their source
//! lines. Meanwhile the lists show what the last sound files said.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::super::frame::{Title, frame};
use super::super::layer::{self, diagnostics::styled};
use super::super::theme::Theme;
use crate::app::action::Action;
use crate::app::{App, content, findings, layout};

/// Draws the part of the home screen.
pub fn draw(app: &App, area: Rect, theme: &Theme, buffer: &mut Buffer) {
    let count = format!("  {}", content::findings_count(app));
    let key = app.keymap.key_of(Action::Diagnostics);
    let left = [("Compose files", theme.strong), (count.as_str(), theme.bad)];
    let right = [(key.as_str(), theme.key), (" all", theme.dim)];
    let inside = frame(buffer, area, &Title { left: &left, right: &right }, theme.border, theme);
    let place = Rect { x: inside.x + inside.width.min(1), width: inside.width.saturating_sub(1), ..inside };
    let text = findings::first(app, layout::findings_width(area), usize::from(place.height));
    let lines: Vec<_> = text.iter().map(|line| styled(line, theme)).collect();
    layer::lines(&lines, 0, place, theme, buffer);
}
