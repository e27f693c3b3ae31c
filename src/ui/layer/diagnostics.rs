//! What is wrong with the compose files: every finding with its source lines, as compilers show theirs.

use ratatui::buffer::Buffer;
use ratatui::style::Style;
use ratatui::text::Line;

use super::super::frame::Title;
use super::super::theme::Theme;
use super::{full, key_label, leave, lines, more_below, padded};
use crate::app::action::Action;
use crate::app::layers::Scroll;
use crate::app::layout::Areas;
use crate::app::{App, content, words};

/// Draws the layer.
pub fn draw(app: &App, scroll: Scroll, areas: &Areas, theme: &Theme, buffer: &mut Buffer) {
    let errors = app.file.diagnostics.iter().filter(|one| one.is_error()).count();
    let warnings = app.file.diagnostics.len() - errors;
    let count = format!("  {}, {}", words::counted(errors, "error"), words::counted(warnings, "warning"));
    let key = key_label(app, Action::Back);
    let title =
        Title { left: &[("Compose files", theme.strong), (&count, theme.dim)], right: &leave(&key, theme) };
    let inside = full(areas, &title, theme, buffer);
    let shown: Vec<Line<'static>> = content::diagnostics(app)
        .into_iter()
        .map(|line| Line::styled(line.clone(), line_style(&line, theme)))
        .collect();
    let below = lines(&shown, scroll.offset, padded(inside, 2), theme, buffer);
    more_below(below, inside, theme, buffer);
}

/// The style of a line of an annotated finding, by what it begins with.
fn line_style(line: &str, theme: &Theme) -> Style {
    let rest = line.trim_start_matches(|c: char| c.is_ascii_digit() || c == ' ');
    match () {
        () if line.starts_with("error") => theme.bad,
        () if line.starts_with("warning") => theme.busy,
        () if rest.starts_with("= help") => theme.good,
        () if rest.starts_with("-->") || rest.starts_with("::") => theme.dim,
        () if rest.starts_with('|') && rest.contains('^') => theme.bad,
        () if rest.starts_with('|') && rest.contains("---") => theme.name,
        () => theme.text,
    }
}
