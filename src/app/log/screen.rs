//! What a view shows, as data: whose log, in which columns, which rows. Rows borrow from the chunks; only
//! lines that are folded are made anew.

use std::ops::{Deref, Range};
use std::sync::Arc;

use jiff::Timestamp;
use unicode_width::UnicodeWidthStr;

use super::rule::RuleKind;
use crate::observed::{ContainerId, Level};

/// Whose log a view shows: a replica, across all the containers that it has had, or one container.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LogSource {
    /// The replica of this number of a service.
    Replica {
        /// The service's name.
        service: Arc<str>,
        /// The replica's number, from 1.
        number: u32,
    },
    /// One container: a one-off, an orphan.
    Container {
        /// Its id.
        id: ContainerId,
        /// Its name.
        name: Arc<str>,
    },
}

impl LogSource {
    /// What it is called before its lines and above its tile: `api-1`.
    pub fn label(&self) -> String {
        match self {
            Self::Replica { service, number } => format!("{service}-{number}"),
            Self::Container { name, .. } => name.to_string(),
        }
    }

    /// How wide its label is, in cells.
    pub fn label_width(&self) -> usize {
        match self {
            Self::Replica { service, number } => {
                service.width() + 2 + number.checked_ilog10().unwrap_or(0) as usize
            }
            Self::Container { name, .. } => name.width(),
        }
    }
}

/// The size of the area that a view is drawn into, in cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ViewSize {
    /// Columns, those for time, name and scroll bar included.
    pub width: u16,
    /// Rows.
    pub height: u16,
}

/// How an area is divided among the columns; all in cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Columns {
    /// The time with the space after it, or 0.
    pub time: u16,
    /// Mark and name of the source with the space after it, or 0.
    pub label: u16,
    /// The text.
    pub text: u16,
    /// The scroll bar: 1 or 0.
    pub bar: u16,
}

/// One visible row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row<'a> {
    /// Which of the view's sources it belongs to.
    pub source: usize,
    /// When.
    pub at: Timestamp,
    /// Whether the line begins here: the rows after the first of a wrapped line have no time and no name.
    pub first: bool,
    /// Whether it belongs to what is selected.
    pub selected: bool,
    /// What stands there.
    pub content: RowContent<'a>,
}

/// What stands in a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RowContent<'a> {
    /// A rule across the log.
    Rule(&'a RuleKind),
    /// Some of a line.
    Text {
        /// The whole line: SGR sequences before the row's range colour it too.
        line: Text<'a>,
        /// Which of its bytes this row shows.
        range: Range<usize>,
        /// How grave it is.
        level: Level,
        /// Whether it came on standard error.
        stderr: bool,
        /// Which of [`Screen::matches`] are this line's.
        matches: Range<usize>,
        /// Whether it is the line that the search found last.
        current: bool,
        /// Whether it is shown only for standing beside a line that is wanted.
        is_aside: bool,
        /// How many lines after it say the same and are not shown; told in its first row.
        again: usize,
    },
}

/// The text of a line: as it is held, or folded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Text<'a> {
    /// Borrowed from its chunk.
    Held(&'a [u8]),
    /// Made for the view; the rows of a wrapped line share it.
    Folded(Arc<[u8]>),
}

impl Deref for Text<'_> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Held(bytes) => bytes,
            Self::Folded(bytes) => bytes,
        }
    }
}

/// What a view shows now.
#[derive(Clone, Debug)]
pub struct Screen<'a> {
    /// The rows from the top; fewer than the height only if there are no more.
    pub rows: Vec<Row<'a>>,
    /// Where the search matches, as ranges of the bytes of the lines that rows name.
    pub matches: Vec<Range<usize>>,
    /// How the area is divided.
    pub columns: Columns,
    /// How many lines stand above the first visible one.
    pub before: usize,
    /// How many lines stand below the last visible one.
    pub after: usize,
    /// How many cells of the text are left out at the left.
    pub sideways: u16,
    /// Whether lines are wrapped; otherwise cut text ends in `…`.
    pub wrap: bool,
    /// The gravest level in each of as many equal parts of all lines as there are rows; empty where that is not told.
    pub map: Vec<Level>,
}
