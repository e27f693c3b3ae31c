//! What is wrong with the compose files: every finding with its source lines, as compilers show theirs.

use ratatui::buffer::Buffer;
use ratatui::text::{Line, Span};

use super::super::frame::Title;
use super::super::theme::Theme;
use super::{full, key_label, leave, lines, more_below, padded};
use crate::app::action::Action;
use crate::app::findings::{FindingLine, Role};
use crate::app::layers::Scroll;
use crate::app::layout::Areas;
use crate::app::{App, content, findings};

/// Draws the layer.
pub fn draw(app: &App, scroll: Scroll, areas: &Areas, theme: &Theme, buffer: &mut Buffer) {
    let count = format!("  {}", content::findings_count(app));
    let key = key_label(app, Action::Back);
    let title =
        Title { left: &[("Compose files", theme.strong), (&count, theme.dim)], right: &leave(&key, theme) };
    let inside = full(areas, &title, theme, buffer);
    let text = findings::all(app, content::layer_width(app));
    let shown: Vec<Line<'_>> = text.iter().map(|line| styled(line, theme)).collect();
    let below = lines(&shown, scroll.offset, padded(inside, 2), theme, buffer);
    more_below(below, inside, theme, buffer);
}

/// A line of a finding: what stands before a line of the file weakly, the rest by what it is.
pub fn styled<'a>(line: &'a FindingLine, theme: &Theme) -> Line<'a> {
    let style = match line.role {
        Role::Error | Role::Mark => theme.bad,
        Role::Warning => theme.busy,
        Role::Help => theme.good,
        Role::Note | Role::Source => theme.text,
        Role::Aside => theme.dim,
        Role::OtherMark => theme.name,
    };
    Line::from(vec![Span::styled(line.gutter.as_str(), theme.dim), Span::styled(line.text.as_str(), style)])
}
