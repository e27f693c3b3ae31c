//! The parts of the home screen, one a file. A panel gets what it shows, a theme and its area, and draws; it decides
//! nothing: what a row says is derived in `app::rows`.

pub mod activity;
pub mod containers;
pub mod findings;
pub mod footer;
pub mod header;
pub mod logs;
pub mod ports;
pub mod services;
pub mod strip;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span, Text};
use ratatui::widgets::{Paragraph, Widget, Wrap};

use super::frame::{Part, Title, frame};
use super::theme::Theme;
use crate::app::layout::Arrangement;
use crate::app::rows::StateKind;
use crate::app::{App, Grade, Pane, content};

/// Draws the frame of a pane: its digit and name, what belongs to them, and a note at the right.
fn pane(buffer: &mut Buffer, area: Rect, app: &App, theme: &Theme, title: &PaneTitle<'_>) -> Rect {
    let is_focused = app.focus == title.pane;
    let border = if is_focused { theme.border_focused } else { theme.border };
    let digit = format!("{} ", title.pane.digit());
    let mut left: Vec<Part<'_>> = vec![(&digit, theme.dim), (title.pane.title(), theme.strong)];
    left.extend_from_slice(title.more);
    frame(buffer, area, &Title { left: &left, right: title.right }, border, theme)
}

/// What the upper line of a pane says.
struct PaneTitle<'a> {
    pane: Pane,
    more: &'a [Part<'a>],
    right: &'a [Part<'a>],
}

/// The colour of a state.
pub(super) fn state_style(kind: StateKind, theme: &Theme) -> Style {
    match kind {
        StateKind::Failed | StateKind::Unhealthy => theme.bad,
        StateKind::Restarting | StateKind::Starting | StateKind::Removing => theme.busy,
        StateKind::Paused => theme.paused,
        StateKind::Healthy | StateKind::Running => theme.good,
        StateKind::Created
        | StateKind::Stopped
        | StateKind::Done
        | StateKind::Absent
        | StateKind::Disabled => theme.dim,
        StateKind::Orphan | StateKind::Other => theme.orphan,
    }
}

/// The sign and colour of an outcome.
pub(super) fn grade(grade: Grade, theme: &Theme) -> Part<'static> {
    let style = match grade {
        Grade::Good => theme.good,
        Grade::Busy => theme.busy,
        Grade::Neutral => theme.dim,
        Grade::Bad => theme.bad,
    };
    (content::grade_sign(grade, theme.symbols.states), style)
}

/// How the rows of a list lie in a pane: which are shown, and how many are out of sight.
struct Window {
    offset: usize,
    above: usize,
    below: usize,
}

impl Window {
    /// `heights` are the lines that each row takes.
    fn new(heights: impl ExactSizeIterator<Item = u16>, offset: usize, room: u16) -> Self {
        let count = heights.len();
        let offset = offset.min(count);
        let mut left = room;
        let mut below = count - offset;
        for height in heights.skip(offset) {
            if height > left {
                break;
            }
            left -= height;
            below -= 1;
        }
        Self { offset, above: offset, below }
    }

    /// `1 more below`; none where everything is in sight.
    fn note(&self) -> Option<String> {
        match (self.above, self.below) {
            (0, 0) => None,
            (above, 0) => Some(format!("{above} more above")),
            (0, below) => Some(format!("{below} more below")),
            (above, below) => Some(format!("{above} above, {below} below")),
        }
    }
}

/// Lays the cursor over the row that it stands on.
fn cursor(buffer: &mut Buffer, row: Rect, is_focused: bool, theme: &Theme) {
    let row = row.intersection(buffer.area);
    if row.is_empty() {
        return;
    }
    buffer.set_style(row, if is_focused { theme.cursor } else { theme.cursor_resting });
    let mark = if is_focused { theme.cursor_mark } else { theme.dim };
    buffer.set_stringn(row.x, row.y, theme.symbols.cursor, 1, mark);
}

/// The line of an empty pane.
fn nothing(buffer: &mut Buffer, inside: Rect, text: &str, theme: &Theme) {
    super::pen::Pen::new(buffer, inside, 0, &theme.symbols).gap(3).text(text, theme.dim);
}

/// Says why nothing of the engine can be shown, where its facts would stand. Tells whether it did.
pub fn no_engine(app: &App, inside: Rect, theme: &Theme, buffer: &mut Buffer) -> bool {
    let Some([why, advice]) = content::no_engine(app) else { return false };
    let sign = content::grade_sign(Grade::Bad, theme.symbols.states);
    let text = Text::from(vec![
        Line::default(),
        Line::from(vec![Span::styled(format!("{sign} "), theme.bad), Span::styled(why, theme.text)]),
        Line::default(),
        Line::styled(advice, theme.dim),
    ]);
    let place = Rect { x: inside.x + 1, width: inside.width.saturating_sub(2), ..inside };
    Paragraph::new(text).wrap(Wrap { trim: true }).render(place.intersection(buffer.area), buffer);
    true
}

/// Whether panes have frames at this size.
fn has_frames(arrangement: Arrangement) -> bool {
    matches!(arrangement, Arrangement::Columns | Arrangement::Stacked)
}
