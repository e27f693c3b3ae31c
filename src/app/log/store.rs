//! The log of one container: chunks, rules and the state of its reading.
//!
//! Lines are numbered from 0 at the first that came; older lines that a later page brings would have negative numbers.
//! Times never fall within a store (a clock that was set back does not reorder a log), so that positions are ordered by
//! time first in every store alike.

mod reading;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::attempt::Attempt;
use super::chunk::{CHUNK_SIZE, Chunk, Line, from_nanoseconds, to_nanoseconds};
use super::entry::{Entries, MarkKind};
use super::older::Older;
use super::rule::{Rule, RuleKind};
use crate::observed::{ContainerId, Level, LogBatch, LogEnd};

/// Moments that differ by less are told of in any order, in nanoseconds.
const TRIFLE: i64 = 1_000_000;
/// How many rules a store keeps; the oldest go first.
const RULES: usize = 512;
/// How large the last chunk of a log that rests has to be, in bytes, to be compressed before it is full: fewer lines are not
/// worth a chunk of their own.
const WORTH_SEALING: usize = 8 * 1024;

/// Whether lines are coming.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reading {
    /// No stream is open.
    Idle,
    /// The stream of this number is open.
    Live(u64),
    /// All has come: the container has ended.
    Complete,
    /// It broke off: why, and when it is opened again, on the monotonic clock.
    Broken(String, Duration),
    /// It cannot be read.
    Failed(String),
}

/// The stored log of one container.
#[derive(Clone, Debug)]
pub struct Store {
    container: ContainerId,
    chunks: VecDeque<Arc<Chunk>>,
    rules: VecDeque<Rule>,
    reading: Reading,
    dropped: u64,
    /// What all chunks but the last take, in bytes.
    sealed: usize,
    /// How large a chunk is to grow, in bytes.
    limit: usize,
    /// The sequence number of the next line.
    next: i64,
    /// What it was when the store was settled last.
    settled: i64,
    /// The time of the last line that came and how many at the end had it, whether they are still held or not.
    newest: Option<(i64, usize)>,
    overlap: Option<Overlap>,
    /// The earliest moment from which all lines were asked for.
    asked: Option<i64>,
    /// How many of the log's last lines were asked for: while fewer are held there are no others, or they are coming.
    tail: u32,
    /// Where the log stands in its entries.
    entries: Entries,
    /// A page of older lines on its way.
    older: Option<Older>,
    /// The log's first line is held, or was.
    is_whole: bool,
    /// A page of older lines broke off: none is asked for before then.
    page_again_at: Option<Duration>,
    opening: Attempt,
    /// The sequence number of the next line when lines were counted last; none while the stream is young.
    counted: Option<i64>,
    /// How many lines came in a second, where lines come.
    rate: u64,
}

/// What a reopened stream sends again: lines at the very time of the last one held.
#[derive(Clone, Copy, Debug)]
struct Overlap {
    /// The time of the last line held.
    time: i64,
    /// How many lines of that time are held and still have to be skipped.
    left: usize,
    /// Whether one of them came.
    seen: bool,
}

/// A place between two lines of a store: before the line `line` of the chunk `chunk`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Gap {
    pub(super) chunk: usize,
    pub(super) line: usize,
}

impl Store {
    /// An empty store.
    pub fn new(container: ContainerId) -> Self {
        Self {
            container,
            chunks: VecDeque::new(),
            rules: VecDeque::new(),
            reading: Reading::Idle,
            dropped: 0,
            sealed: 0,
            limit: CHUNK_SIZE,
            next: 0,
            settled: 0,
            newest: None,
            overlap: None,
            asked: None,
            tail: 0,
            entries: Entries::default(),
            older: None,
            is_whole: false,
            page_again_at: None,
            opening: Attempt::default(),
            counted: None,
            rate: 0,
        }
    }

    /// Whose log it is.
    pub fn container(&self) -> &ContainerId {
        &self.container
    }

    /// Whether lines are coming.
    pub fn reading(&self) -> &Reading {
        &self.reading
    }

    /// The chunks, oldest first; their lines are numbered without a gap.
    pub fn chunks(&self) -> &VecDeque<Arc<Chunk>> {
        &self.chunks
    }

    /// The rules, oldest first.
    pub fn rules(&self) -> &VecDeque<Rule> {
        &self.rules
    }

    /// How many lines it holds.
    pub fn len(&self) -> usize {
        self.lines_before(Gap { chunk: self.chunks.len(), line: 0 })
    }

    /// Whether it holds no line.
    pub fn is_empty(&self) -> bool {
        self.chunks.iter().all(|chunk| chunk.is_empty())
    }

    /// How many lines went to keep within the budget.
    pub fn dropped(&self) -> u64 {
        self.dropped
    }

    /// What it takes of the memory, in bytes.
    pub fn size(&self) -> usize {
        self.sealed + self.chunks.back().map_or(0, |chunk| chunk.size())
    }

    /// The time of the last line that came.
    pub fn last_at(&self) -> Option<Timestamp> {
        self.newest.map(|(time, _)| from_nanoseconds(time))
    }

    /// The time of the first line held, in nanoseconds since 1970.
    pub(super) fn first_time(&self) -> Option<i64> {
        self.chunks.front()?.time(0)
    }

    /// The text of the last line held, SGR sequences included.
    pub fn last_line(&self) -> Option<Line<'_>> {
        let chunk = self.chunks.back()?;
        chunk.line(chunk.len().checked_sub(1)?)
    }

    /// The first line from a moment on that is at least so grave.
    pub fn first_since(&self, start: Option<Timestamp>, level: Level) -> Option<Line<'_>> {
        let start = start.map_or(i64::MIN, to_nanoseconds);
        let begin = self.gap(|time, _| time < start);
        self.chunks.iter().enumerate().skip(begin.chunk).find_map(|(place, chunk)| {
            let first = if place == begin.chunk { begin.line } else { 0 };
            let index = (first..chunk.len()).find(|index| chunk.level(*index) >= Some(level))?;
            chunk.line(index)
        })
    }

    /// Adds the lines of a batch, but for those of an older stream and those that are held already. Chunks grow to `limit`
    /// bytes.
    pub(super) fn append(&mut self, batch: &LogBatch, limit: usize) {
        self.limit = limit;
        if let Some(older) = self.older.as_mut().filter(|older| older.stream == batch.stream) {
            return older.take(batch);
        }
        if self.reading != Reading::Live(batch.stream) {
            return;
        }
        let mut begin = 0;
        for line in &batch.lines {
            let bytes = batch.bytes.get(begin..line.end as usize).unwrap_or_default();
            begin = line.end as usize;
            let time = to_nanoseconds(line.at);
            if self.is_held(time) {
                continue;
            }
            let (time, count) = match self.newest {
                Some((last, count)) if time <= last => (last, count + 1),
                _ => (time, 1),
            };
            let before = self.newest.map_or(i64::MIN, |(last, _)| last);
            self.newest = Some((time, count));
            self.opening.is_fruitful = true;
            let mut mark = self.entries.take(bytes, line.level, line.stderr);
            let parted = |rule: &Rule| rule.time >= before && rule.time < time;
            if mark.kind == MarkKind::Begins
                && self.chunks.back().is_some_and(|chunk| chunk.ends_like(bytes))
                && !self.rules.iter().rev().take_while(|rule| rule.time >= before).any(parted)
            {
                mark.kind = MarkKind::Repeats;
            }
            let chunk = self.open_chunk(mark.kind);
            if chunk.is_empty() && mark.kind == MarkKind::Repeats {
                mark.kind = MarkKind::Begins;
            }
            Arc::make_mut(chunk).push(bytes, time, mark);
            self.next += 1;
        }
    }

    /// Whether a line of this time came before, on the stream's last opening. The first that did not ends the question.
    fn is_held(&mut self, time: i64) -> bool {
        let Some(overlap) = &mut self.overlap else { return false };
        if time < overlap.time {
            return true;
        }
        if time == overlap.time && overlap.left > 0 {
            overlap.left -= 1;
            overlap.seen = true;
            return true;
        }
        let (held, seen) = (overlap.time, overlap.seen);
        self.overlap = None;
        if !seen {
            self.insert_rule(held, RuleKind::Gap);
        }
        false
    }

    /// Inserts a rule at its time; one that is there already is not doubled.
    pub(super) fn insert_rule(&mut self, time: i64, kind: RuleKind) {
        let mut time = time;
        let mut index = self.rules.partition_point(|rule| rule.time < time);
        while let Some(rule) = self.rules.get(index).filter(|rule| rule.time == time) {
            if rule.kind == kind {
                return;
            }
            time = time.saturating_add(1);
            index += 1;
        }
        self.rules.insert(index, Rule { time, kind });
        self.part(time);
        if self.rules.len() > RULES {
            self.rules.pop_front();
        }
    }

    /// Inserts a rule of which there is one: the one before goes.
    pub(super) fn insert_only(&mut self, time: i64, kind: RuleKind) {
        self.rules.retain(|rule| std::mem::discriminant(&rule.kind) != std::mem::discriminant(&kind));
        self.insert_rule(time, kind);
    }

    /// These are the things that happened to the container, and no others. Those before lines that went are left out.
    pub(super) fn retell(&mut self, told: impl IntoIterator<Item = (i64, RuleKind)>) {
        let went = self.rules.iter().filter(|rule| matches!(rule.kind, RuleKind::Dropped(_)));
        let since = went.map(|rule| rule.time).max();
        self.rules.retain(|rule| !rule.kind.is_event());
        for (time, kind) in told {
            if since.is_none_or(|since| since < time) {
                self.insert_event(time, kind);
            }
        }
    }

    /// Inserts the rule of what happened to the container: ahead of its moment where it has to be, but after what happened
    /// before.
    pub(super) fn insert_event(&mut self, time: i64, kind: RuleKind) {
        // An end may be told of a trifle after the start that followed.
        let around = time.saturating_add(if kind.lead() > 0 { TRIFLE } else { 0 });
        let index = self.rules.partition_point(|rule| rule.time < around);
        let before = index.checked_sub(1).and_then(|before| self.rules.get(before));
        let ahead = time.saturating_sub(kind.lead());
        if kind.lead() > 0 && before.is_some_and(|rule| rule.kind == kind && rule.time >= ahead) {
            return;
        }
        let earliest = before.map_or(i64::MIN, |rule| rule.time.saturating_add(1));
        self.insert_rule(ahead.max(earliest), kind);
    }

    /// What its lives have in common is put in other words.
    pub(super) fn retell_lives(&mut self, words: &str) {
        for rule in &mut self.rules {
            if let RuleKind::Lives(told) = &mut rule.kind {
                words.clone_into(told);
            }
        }
    }

    /// Lines before and after this moment do not repeat each other.
    fn part(&mut self, time: i64) {
        let gap = self.gap(|at, _| at <= time);
        let Some(chunk) = self.chunks.get_mut(gap.chunk).filter(|chunk| chunk.repeats(gap.line)) else {
            return;
        };
        Arc::make_mut(chunk).part(gap.line);
    }

    /// Lets the oldest chunk go. A store that lines come to keeps its last one. Says whether anything went.
    pub(super) fn drop_oldest(&mut self) -> bool {
        if self.chunks.len() < 2 && matches!(self.reading, Reading::Live(_)) {
            return false;
        }
        let Some(chunk) = self.chunks.pop_front() else { return false };
        if !self.chunks.is_empty() {
            self.sealed -= chunk.size();
        }
        self.dropped += chunk.len() as u64;
        let Some(until) = chunk.last_time() else { return true };
        while self.rules.front().is_some_and(|rule| rule.time <= until) {
            self.rules.pop_front();
        }
        self.insert_rule(until, RuleKind::Dropped(self.dropped));
        true
    }

    /// Compresses full chunks that could not be when they became full, and the last one of a log that rests; lets go of what
    /// was unpacked to be drawn.
    pub(super) fn settle(&mut self) {
        let has_come = std::mem::replace(&mut self.settled, self.next) != self.next;
        let grows = has_come || !self.is_worth_sealing();
        let last = self.chunks.len().saturating_sub(1);
        for (place, chunk) in self.chunks.iter_mut().enumerate().filter(|(_, chunk)| !chunk.is_at_rest()) {
            if place == last && chunk.grows() && grows {
                continue;
            }
            // One that a search reads is left for the next time.
            let Some(chunk) = Arc::get_mut(chunk) else { continue };
            let before = chunk.size();
            drop(chunk.seal());
            chunk.rest();
            if place < last {
                self.sealed = self.sealed + chunk.size() - before;
            }
        }
    }

    /// Whether the last chunk may be compressed though it is not full.
    fn is_worth_sealing(&self) -> bool {
        let is_live = matches!(self.reading, Reading::Live(_));
        self.chunks.back().is_some_and(|chunk| !is_live || chunk.text_size() >= WORTH_SEALING)
    }

    /// Forgets all lines and rules; the stream goes on.
    pub(super) fn clear(&mut self) {
        self.older = None;
        self.is_whole = true;
        self.chunks.clear();
        self.sealed = 0;
        self.rules.clear();
    }

    /// The chunk that the next line belongs into, which stands so to the one before it.
    fn open_chunk(&mut self, kind: MarkKind) -> &mut Arc<Chunk> {
        if self.chunks.back().is_none_or(|chunk| !chunk.takes(kind, self.limit)) {
            // A search may hold the full chunk: then it stays as it is rather than being copied to be shrunk.
            let full = self.chunks.back_mut().and_then(Arc::get_mut);
            let room = full.map(Chunk::seal).unwrap_or_default().within(self.limit);
            self.sealed += self.chunks.back().map_or(0, |chunk| chunk.size());
            self.chunks.push_back(Arc::new(Chunk::new(self.next, room)));
        }
        let last = self.chunks.len() - 1;
        &mut self.chunks[last]
    }

    /// The place before the first line for which `before` does not hold. It holds for a time and a sequence number up to
    /// some line and for none after it.
    pub(super) fn gap(&self, before: impl Fn(i64, i64) -> bool) -> Gap {
        let holds = |chunk: &Chunk, line: usize| {
            chunk.time(line).is_some_and(|time| before(time, chunk.first() + line as i64))
        };
        let chunk = self
            .chunks
            .partition_point(|chunk| chunk.len().checked_sub(1).is_some_and(|last| holds(chunk, last)));
        let Some(within) = self.chunks.get(chunk) else {
            return Gap { chunk: self.chunks.len(), line: 0 };
        };
        let mut low = 0;
        let mut high = within.len();
        while low < high {
            let middle = low.midpoint(high);
            if holds(within, middle) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        Gap { chunk, line: low }
    }

    /// When the line of this index among those held came.
    pub(super) fn time_of(&self, index: usize) -> Option<i64> {
        let sequence = self.chunks.front()?.first() + index as i64;
        let after = self.chunks.partition_point(|chunk| chunk.first() <= sequence);
        let chunk = self.chunks.get(after.checked_sub(1)?)?;
        chunk.time((sequence - chunk.first()) as usize)
    }

    /// How many lines stand before a place.
    pub(super) fn lines_before(&self, gap: Gap) -> usize {
        let (Some(first), Some(last)) = (self.chunks.front(), self.chunks.back()) else { return 0 };
        let begin = match self.chunks.get(gap.chunk) {
            Some(chunk) => chunk.first() + gap.line as i64,
            None => last.first() + last.len() as i64,
        };
        (begin - first.first()) as usize
    }
}
