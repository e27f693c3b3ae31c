//! What is wrong with the compose files: every finding with its source lines, as compilers show theirs.

use ratatui::buffer::Buffer;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::super::frame::Title;
use super::super::theme::Theme;
use super::{full, key_label, leave, lines, more_below, padded};
use crate::app::action::Action;
use crate::app::layers::Scroll;
use crate::app::layout::Areas;
use crate::app::{App, content};

/// Draws the layer.
pub fn draw(app: &App, scroll: Scroll, areas: &Areas, theme: &Theme, buffer: &mut Buffer) {
    let count = format!("  {}", content::findings_count(app));
    let key = key_label(app, Action::Back);
    let title =
        Title { left: &[("Compose files", theme.strong), (&count, theme.dim)], right: &leave(&key, theme) };
    let inside = full(areas, &title, theme, buffer);
    let text = content::diagnostics(app);
    let shown: Vec<Line<'_>> = text.iter().map(|line| styled(line, theme)).collect();
    let below = lines(&shown, scroll.offset, padded(inside, 2), theme, buffer);
    more_below(below, inside, theme, buffer);
}

/// A line of an annotated finding: the number of the source line weakly, the rest by what it is.
pub fn styled<'a>(line: &'a str, theme: &Theme) -> Line<'a> {
    let gutter = line.find(|c: char| !c.is_ascii_digit() && c != ' ').unwrap_or(line.len());
    let rest = &line[gutter..];
    let Some(source) = rest.strip_prefix('|') else { return Line::styled(line, sentence_style(rest, theme)) };
    let (gutter, _) = line.split_at(line.len() - source.len());
    Line::from(vec![Span::styled(gutter, theme.dim), Span::styled(source, source_style(source, theme))])
}

fn sentence_style(text: &str, theme: &Theme) -> Style {
    match text {
        _ if text.starts_with("error") => theme.bad,
        _ if text.starts_with("warning") => theme.busy,
        _ if text.starts_with("= help") => theme.good,
        _ if text.starts_with("= note") => theme.text,
        _ => theme.dim,
    }
}

/// A line of the file, or the marks below it.
fn source_style(text: &str, theme: &Theme) -> Style {
    match text.trim_start() {
        marks if marks.starts_with('^') => theme.bad,
        marks if marks.starts_with("--") => theme.name,
        _ => theme.text,
    }
}
