//! One view on logs: whose, from where, how. It holds positions, never indices and never lines, so that lines may come and
//! go under it; what is visible is worked out anew for each frame, at the cost of what is visible.

mod anchor;
mod find;
mod map;
mod narrow;
mod select;
mod text;

use std::ops::Range;

use self::anchor::Anchor;
pub use self::select::{Reach, Selection};
pub use self::text::json_line;
use super::Logs;
use super::cells::{count_rows, wrap};
use super::chunk::Line;
use super::cursor::{Content, Cursor, Item, LogPosition, Span};
use super::fold::fold;
use super::screen::{Columns, LogSource, Row, RowContent, Screen, Text, ViewSize};
use super::search::{Direction, Search};
use super::sieve::Sieve;
use crate::observed::{ContainerId, Level};

/// The widest a source's name is drawn before a merged line, in cells.
const LABEL_WIDTH: u16 = 16;
/// What the time column takes: `14:03:10 `.
const TIME_WIDTH: u16 = 9;
/// Below this the columns before the text give way.
const TEXT_MINIMUM: u16 = 12;

/// What a view looks for with a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quest {
    /// A line that matches the search.
    Match,
    /// An error.
    Error,
}

/// One view on the logs of some sources, merged by time.
#[derive(Clone, Debug, PartialEq)]
pub struct LogView {
    /// Whose logs.
    pub sources: Vec<LogSource>,
    /// Whether long lines are wrapped.
    pub wrap: bool,
    /// Whether the time is shown before each line.
    pub times: bool,
    /// Whether lines of JSON and logfmt are folded to level, message and fields.
    pub folds: bool,
    /// How many cells of the text are left out at the left; without wrapping only.
    pub sideways: u16,
    anchor: Anchor,
    search: Option<Search>,
    /// The line that was found last.
    current: Option<LogPosition>,
    pending: Option<Pending>,
    /// What is to be looked for again once older lines have come.
    awaited: Option<Awaited>,
    showing: Showing,
    threshold: Level,
    context: usize,
    once: bool,
    span: Span,
    selection: Option<Selection>,
    /// The lines that match the search and are grave enough.
    hits: Option<Sieve>,
    /// The lines that are shown, where not all are.
    shown: Option<Sieve>,
}

/// A job on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Pending {
    id: u64,
    quest: Quest,
    direction: Direction,
    /// Whether older lines may still be read.
    has_older: bool,
}

/// What was not found in the lines held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Awaited {
    quest: Quest,
    direction: Direction,
    /// How far back lines were held then.
    depth: i64,
}

/// Which lines are shown while something is looked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Showing {
    /// All.
    #[default]
    All,
    /// Those that match.
    Matches,
    /// Those that do not.
    Others,
}

impl LogView {
    /// A view at the end of the logs of these sources.
    pub fn new(sources: Vec<LogSource>) -> Self {
        Self {
            sources,
            wrap: false,
            times: true,
            folds: true,
            sideways: 0,
            anchor: Anchor::End,
            search: None,
            current: None,
            pending: None,
            awaited: None,
            showing: Showing::All,
            threshold: Level::Unknown,
            context: 0,
            once: false,
            span: Span::default(),
            selection: None,
            hits: None,
            shown: None,
        }
    }

    /// Whether it goes along with what comes.
    pub fn is_following(&self) -> bool {
        self.anchor == Anchor::End
    }

    /// Turns to other sources, at their end. Wrapping, times, search and what it is narrowed to stay.
    pub fn show(&mut self, sources: Vec<LogSource>) {
        if self.sources == sources {
            return;
        }
        self.sources = sources;
        self.end();
        self.sideways = 0;
        self.current = None;
        self.awaited = None;
        self.selection = None;
        if let Some(search) = &mut self.search {
            search.outcome = None;
        }
        for sieve in self.hits.iter_mut().chain(&mut self.shown) {
            sieve.reset();
        }
    }

    /// Goes to the end and along with what comes.
    pub fn end(&mut self) {
        self.anchor = Anchor::End;
    }

    /// Goes to the first line held.
    pub fn home(&mut self, logs: &Logs) {
        let first = logs.cursor(self).peek();
        self.pause(logs, first, 0);
    }

    /// Stops going along, or goes to the end and along again.
    pub fn toggle_follow(&mut self, logs: &Logs, size: ViewSize) {
        if !self.is_following() {
            return self.end();
        }
        let mut cursor = logs.cursor(self);
        let (item, skip) = self.top_of_end(&mut cursor, size);
        self.pause(logs, item, skip);
    }

    /// Wraps long lines, or does not.
    pub fn toggle_wrap(&mut self) {
        self.wrap = !self.wrap;
        self.sideways = 0;
        if let Anchor::Top(top) = &mut self.anchor {
            top.skip = 0;
        }
    }

    /// Folds lines of JSON and logfmt, or shows them as they are written.
    pub fn toggle_folding(&mut self) {
        self.folds = !self.folds;
        if let Anchor::Top(top) = &mut self.anchor {
            top.skip = 0;
        }
    }

    /// Shows the time of each line, or does not.
    pub fn toggle_times(&mut self) {
        self.times = !self.times;
    }

    /// Moves the text sideways by so many cells, to the right end of the lines if positive. Without wrapping only.
    pub fn move_sideways(&mut self, cells: i32) {
        if !self.wrap {
            self.sideways = (i32::from(self.sideways) + cells).clamp(0, i32::from(u16::MAX)) as u16;
        }
    }

    /// Moves by so many rows, down if positive. Reaching the end goes along again; leaving it stops.
    pub fn scroll(&mut self, logs: &Logs, size: ViewSize, rows: i64) {
        if rows == 0 || (rows > 0 && self.is_following()) {
            return;
        }
        self.awaited = None;
        let width = self.columns(size.width).text;
        let mut cursor = logs.cursor(self);
        let (end_item, end_skip) = self.top_of_end(&mut cursor, size);
        let mut skip = self.seek(&mut cursor, size);
        if rows < 0 {
            skip = self.rows_up(&mut cursor, width, skip, rows.unsigned_abs() as usize);
        } else {
            skip = self.rows_down(&mut cursor, width, skip, rows as usize);
        }
        let item = cursor.peek();
        let at_end = match (&item, &end_item) {
            (Some(item), Some(end)) => (item.position(), skip) >= (end.position(), end_skip),
            _ => true,
        };
        if at_end && rows > 0 {
            return self.end();
        }
        self.pause(logs, item, skip);
    }

    /// The containers of which less than a page is held before the topmost visible line; none while it goes along.
    pub(super) fn near_the_beginning(&self, logs: &Logs, size: ViewSize) -> Vec<ContainerId> {
        if self.is_following() || self.span.since.is_some() {
            return Vec::new();
        }
        let mut cursor = logs.cursor(self);
        self.seek(&mut cursor, size);
        cursor.with_few_before(usize::from(size.height))
    }

    /// How many lines came since the view was paused.
    pub fn count_new(&self, logs: &Logs) -> usize {
        let Some(newest) = self.newest() else { return 0 };
        let mut cursor = logs.cursor(self);
        cursor.seek(newest);
        if cursor.peek().is_some_and(|item| item.position() == *newest) {
            cursor.forward();
        }
        cursor.lines_around().1
    }

    /// How an area of this width is divided.
    pub fn columns(&self, width: u16) -> Columns {
        let bar = u16::from(width > TEXT_MINIMUM);
        let mut rest = width.saturating_sub(bar);
        let label = if self.sources.len() > 1 { self.label_width() } else { 0 };
        let label = if rest >= label + TEXT_MINIMUM { label } else { 0 };
        rest -= label;
        let time = if self.times && rest >= TIME_WIDTH + TEXT_MINIMUM { TIME_WIDTH } else { 0 };
        Columns { time, label, text: rest - time, bar }
    }

    /// What is visible in an area of this size.
    pub fn screen<'a>(&self, logs: &'a Logs, size: ViewSize) -> Screen<'a> {
        let columns = self.columns(size.width);
        let mut cursor = logs.cursor(self);
        let mut skip = self.seek(&mut cursor, size);
        let before = cursor.lines_around().0;
        let height = usize::from(size.height);
        let mut screen = Screen {
            rows: Vec::with_capacity(height),
            matches: Vec::new(),
            columns,
            before,
            after: 0,
            sideways: self.sideways,
            wrap: self.wrap,
            map: if columns.bar > 0 { self.map(logs, height) } else { Vec::new() },
        };
        while screen.rows.len() < height {
            let Some(item) = cursor.forward() else { break };
            self.push_rows(&mut screen, &item, skip, height);
            skip = 0;
        }
        screen.after = cursor.lines_around().1;
        screen
    }

    /// Appends the rows of an item from the one numbered `skip` on, up to the height.
    fn push_rows<'a>(&self, screen: &mut Screen<'a>, item: &Item<'a>, skip: usize, height: usize) {
        let (source, at, selected) = (item.source, item.at, self.has_selected(item));
        let line = match item.content {
            Content::Rule(kind) => {
                screen.rows.push(Row { source, at, first: true, selected, content: RowContent::Rule(kind) });
                return;
            }
            Content::Line(line) => line,
        };
        let text = self.text_of(&line);
        let matches_begin = screen.matches.len();
        if let Some(search) = &self.search {
            search.matches(&text, line.is_styled(), &mut screen.matches);
        }
        let current = self.current.as_ref().is_some_and(|found| {
            found.sequence == item.sequence && found.container == *item.container && found.at == at
        });
        if current && screen.matches.len() == matches_begin {
            // A line that was not found by an expression is marked as a whole.
            screen.matches.push(0..text.len());
        }
        let matches = matches_begin..screen.matches.len();
        let again = line.again;
        let mut index = 0;
        let mut push = |range: Range<usize>| {
            if index >= skip && screen.rows.len() < height {
                let (level, stderr, matches) = (line.level, line.stderr, matches.clone());
                let (line, is_aside) = (text.clone(), item.is_aside);
                let again = if self.once && index == 0 { again } else { 0 };
                let content =
                    RowContent::Text { line, range, level, stderr, matches, current, is_aside, again };
                screen.rows.push(Row { source, at, first: index == 0, selected, content });
            }
            index += 1;
        };
        if self.wrap {
            wrap(&text, screen.columns.text, push);
        } else {
            push(0..text.len());
        }
    }

    /// A line as the view shows it. One with colours of its own is never folded: its program has written it for people.
    fn text_of<'a>(&self, line: &Line<'a>) -> Text<'a> {
        let folded = (self.folds && !line.is_styled()).then(|| fold(line.bytes, line.level)).flatten();
        folded.map_or(Text::Held(line.bytes), |text| Text::Folded(text.into_bytes().into()))
    }

    /// Goes up so many rows from the row `skip` of the item after the cursor; gives the row of the item it comes to.
    fn rows_up(&self, cursor: &mut Cursor<'_, '_>, width: u16, skip: usize, rows: usize) -> usize {
        if skip >= rows {
            return skip - rows;
        }
        let mut left = rows - skip;
        while let Some(item) = cursor.backward() {
            let count = self.count(&item, width);
            if count >= left {
                return count - left;
            }
            left -= count;
        }
        0
    }

    /// Goes down so many rows from the row `skip` of the item after the cursor; gives the row of the item it comes to.
    fn rows_down(&self, cursor: &mut Cursor<'_, '_>, width: u16, skip: usize, rows: usize) -> usize {
        let mut left = skip.saturating_add(rows);
        while let Some(item) = cursor.peek() {
            let count = self.count(&item, width);
            if left < count {
                return left;
            }
            left -= count;
            cursor.forward();
        }
        0
    }

    /// How many rows an item takes.
    fn count(&self, item: &Item<'_>, width: u16) -> usize {
        match item.content {
            Content::Line(line) if self.wrap => count_rows(&self.text_of(&line), width),
            _ => 1,
        }
    }

    fn label_width(&self) -> u16 {
        let widest = self.sources.iter().map(LogSource::label_width).max().unwrap_or_default();
        (widest as u16).min(LABEL_WIDTH) + 3
    }
}
