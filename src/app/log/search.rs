//! Finds lines by a regular expression, in smart case, among the chunks that the view shows.
//!
//! A [`SearchJob`] is a value that owns what it needs: chunks by `Arc` and the expression. Whoever runs it, in a task of
//! its own for large logs, needs no lock, and lines may come and go meanwhile.

use std::ops::Range;
use std::sync::Arc;

use regex::bytes::{Regex, RegexBuilder};

use super::cells::strip;
use super::chunk::{Chunk, from_nanoseconds, to_nanoseconds};
use super::cursor::{LogPosition, Span};
use super::sieve::{Room, Wanted};
use super::{LogView, Logs};
use crate::observed::ContainerId;

/// How large a compiled expression may be, in bytes.
const EXPRESSION_SIZE: usize = 1 << 20;

/// What a view looks for.
#[derive(Clone, Debug)]
pub struct Search {
    /// The expression as it was typed.
    pub pattern: String,
    /// Whether the last search came round past an end, and whether it found nothing at all.
    pub outcome: Option<SearchOutcome>,
    regex: Regex,
}

/// How a search went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SearchOutcome {
    /// A line was found.
    Found,
    /// A line was found past the end, coming round.
    Wrapped,
    /// No line matches.
    Nothing,
}

/// Which way to search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Towards older lines: up.
    Older,
    /// Towards newer lines: down.
    Newer,
}

/// A search to be run: [`SearchJob::run`].
#[derive(Clone, Debug)]
pub struct SearchJob {
    /// Its number, unique while the program runs.
    pub id: u64,
    pub(super) lanes: Vec<(ContainerId, Vec<Arc<Chunk>>)>,
    pub(super) wanted: Wanted,
    /// Only lines past this one; none searches from the end or start.
    pub(super) from: Option<LogPosition>,
    /// Only lines within this span of time.
    pub(super) span: Span,
    pub(super) direction: Direction,
    /// Whether it goes on from the other end where nothing is found.
    pub(super) comes_round: bool,
}

/// What a search found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchResult {
    /// The number of the job.
    pub id: u64,
    /// The nearest line that matches; none if none does.
    pub position: Option<LogPosition>,
    /// Whether it came round past an end to find it.
    pub wrapped: bool,
}

impl PartialEq for Search {
    fn eq(&self, other: &Self) -> bool {
        self.pattern == other.pattern && self.outcome == other.outcome
    }
}

impl PartialEq for SearchJob {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id && self.from == other.from && self.direction == other.direction
    }
}

impl Search {
    /// A search for an expression, without regard to case unless it has a capital letter. An error says what is wrong
    /// with the expression, in one line.
    pub fn new(pattern: &str) -> Result<Self, String> {
        let regex = RegexBuilder::new(pattern)
            .case_insensitive(!has_capital(pattern))
            .size_limit(EXPRESSION_SIZE)
            .build()
            .map_err(|error| describe(&error))?;
        Ok(Self { pattern: pattern.to_owned(), outcome: None, regex })
    }

    /// The compiled expression.
    pub fn regex(&self) -> &Regex {
        &self.regex
    }

    /// Appends where a line matches, as ranges of its bytes, SGR sequences included; `styled` tells whether it has any.
    pub(super) fn matches(&self, line: &[u8], styled: bool, ranges: &mut Vec<Range<usize>>) {
        let found = |range: Range<usize>| (!range.is_empty()).then_some(range);
        if !styled {
            ranges.extend(self.regex.find_iter(line).filter_map(|each| found(each.range())));
            return;
        }
        let (mut text, mut offsets) = (Vec::with_capacity(line.len()), Vec::with_capacity(line.len()));
        strip(line, &mut text, &mut offsets);
        let place = |index: usize| offsets.get(index).copied().unwrap_or(line.len());
        let mapped =
            self.regex.find_iter(&text).filter_map(|each| found(place(each.start())..place(each.end())));
        ranges.extend(mapped);
    }
}

impl SearchJob {
    /// Looks through what another view shows as well.
    pub fn widen(&mut self, logs: &Logs, view: &LogView) {
        for (_, store) in logs.stores(view) {
            if !self.lanes.iter().any(|(container, _)| container == store.container()) {
                let chunks = store.chunks().iter().cloned().collect();
                self.lanes.push((store.container().clone(), chunks));
            }
        }
    }

    /// Searches: the nearest match past `from` in the direction, else, coming round, the nearest from the other end.
    pub fn run(&self) -> SearchResult {
        let nearest = self.nearest(self.from.as_ref());
        if nearest.is_some() || self.from.is_none() || !self.comes_round {
            return SearchResult { id: self.id, position: nearest, wrapped: false };
        }
        let position = self.nearest(None);
        SearchResult { id: self.id, wrapped: position.is_some(), position }
    }

    fn nearest(&self, from: Option<&LogPosition>) -> Option<LogPosition> {
        let mut space = Room::default();
        let mut best: Option<LogPosition> = None;
        for (container, chunks) in &self.lanes {
            let mut scan = |chunk: &Chunk| self.scan(chunk, container, from, &mut space);
            let found = match self.direction {
                Direction::Older => chunks.iter().rev().find_map(|chunk| scan(chunk)),
                Direction::Newer => chunks.iter().find_map(|chunk| scan(chunk)),
            };
            best = match (best, found) {
                (Some(best), Some(found)) if self.direction == Direction::Older => Some(best.max(found)),
                (Some(best), Some(found)) => Some(best.min(found)),
                (best, found) => best.or(found),
            };
        }
        best
    }

    /// The match of a chunk that is nearest past `from`.
    fn scan(
        &self,
        chunk: &Chunk,
        container: &ContainerId,
        from: Option<&LogPosition>,
        space: &mut Room,
    ) -> Option<LogPosition> {
        let position = |index: usize| {
            let at = from_nanoseconds(chunk.time(index)?);
            Some(LogPosition { at, container: container.clone(), sequence: chunk.first() + index as i64 })
        };
        let past = |index: usize| match (from, position(index)) {
            (Some(from), Some(position)) if self.direction == Direction::Older => position < *from,
            (Some(from), Some(position)) => position > *from,
            _ => true,
        };
        let since = self.span.since.map_or(i64::MIN, to_nanoseconds);
        let until = self.span.until.map_or(i64::MAX, to_nanoseconds);
        let first = chunk.count_while(|time| time < since);
        let last = chunk.count_while(|time| time <= until).checked_sub(1)?;
        if first > last {
            return None;
        }
        // Positions rise within a chunk: one that lies wholly on the wrong side is passed over at once.
        let far = if self.direction == Direction::Older { first } else { last };
        if !past(far) {
            return None;
        }
        let reader = chunk.reader(&mut space.chunk);
        let mut fits = |index: &usize| {
            reader.line(*index).is_some_and(|line| self.wanted.is_met(&line, &mut space.line)) && past(*index)
        };
        let index = match self.direction {
            Direction::Older => (first..=last).rev().find(&mut fits),
            Direction::Newer => (first..=last).find(&mut fits),
        };
        position(index?)
    }
}

/// Whether the expression has a capital letter that stands for itself: not one after a backslash, as in `\S`.
fn has_capital(pattern: &str) -> bool {
    let mut escaped = false;
    pattern.chars().any(|letter| {
        let counts = letter.is_uppercase() && !escaped;
        escaped = letter == '\\' && !escaped;
        counts
    })
}

/// The last line of the library's explanation, which says what is wrong; the lines before it draw the place.
fn describe(error: &regex::Error) -> String {
    match error {
        regex::Error::CompiledTooBig(_) => "the expression is too large".to_owned(),
        other => {
            let text = other.to_string();
            text.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned()
        }
    }
}
