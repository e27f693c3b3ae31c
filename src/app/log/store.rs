//! The log of one container: chunks, rules and the state of its reading.
//!
//! Lines are numbered from 0 at the first that came; older lines that a later page brings would have negative numbers.
//! Times never fall within a store (a clock that was set back does not reorder a log), so that positions are ordered by
//! time first in every store alike.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::attempt::{Attempt, LONGEST_PAUSE};
use super::chunk::{Chunk, Line, from_nanoseconds, to_nanoseconds};
use super::entry::{Entries, MarkKind};
use super::older::{LARGEST, Older, PAGE};
use super::rule::{Rule, RuleKind};
use crate::observed::{ContainerId, Level, LogBatch, LogEnd};

/// How many rules a store keeps; the oldest go first.
const RULES: usize = 512;

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
    /// The sequence number of the next line.
    next: i64,
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
            next: 0,
            newest: None,
            overlap: None,
            asked: None,
            tail: 0,
            entries: Entries::default(),
            older: None,
            is_whole: false,
            page_again_at: None,
            opening: Attempt::default(),
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

    /// The chunks, oldest first; all but the last are full.
    pub fn chunks(&self) -> &VecDeque<Arc<Chunk>> {
        &self.chunks
    }

    /// The rules, oldest first.
    pub fn rules(&self) -> &VecDeque<Rule> {
        &self.rules
    }

    /// How many lines it holds.
    pub fn len(&self) -> usize {
        self.chunks.iter().map(|chunk| chunk.len()).sum()
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
        self.chunks.front()?.times().first().copied()
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

    /// The stream of this number is being opened, with so many of the last lines; it sends lines from the last one held on.
    pub(super) fn begin(&mut self, stream: u64, tail: u32, now: Duration) {
        self.reading = Reading::Live(stream);
        self.opening = self.opening.again(now);
        self.tail = tail;
        self.overlap = self.newest.map(|(time, left)| Overlap { time, left, seen: false });
    }

    /// Whether it was opened a moment ago, and nothing has come yet.
    pub(super) fn is_opening(&self, now: Duration) -> bool {
        matches!(self.reading, Reading::Live(_)) && self.opening.is_opening(now)
    }

    /// Whether it was read back to this moment, as far as the budget allows: it need not be read anew.
    pub(super) fn reaches(&self, time: i64) -> bool {
        self.asked.is_some_and(|asked| asked <= time) || self.first_time().is_some_and(|first| first <= time)
    }

    /// It is to be read anew, from this moment on: the lines held go, the rules of the container stay.
    pub(super) fn begin_again(&mut self, stream: u64, time: i64, now: Duration) {
        self.chunks.clear();
        self.sealed = 0;
        self.dropped = 0;
        self.newest = None;
        self.entries = Entries::default();
        self.older = None;
        self.is_whole = false;
        self.asked = Some(time);
        self.rules
            .retain(|rule| !matches!(rule.kind, RuleKind::Dropped(_) | RuleKind::Gap | RuleKind::Failed(_)));
        self.begin(stream, 0, now);
    }

    /// What to ask for when it is opened: from which moment on, and how many lines at most, of which `tail` are usual. What
    /// goes on after it broke off is to lose nothing; what was asked for from a moment on is asked for so again.
    pub(super) fn resumption(&self, tail: u32) -> (Option<Timestamp>, Option<u32>) {
        match (self.last_at(), self.asked) {
            (Some(last), _) if self.opening.has_broken() => (Some(last), Some(tail.max(LARGEST as u32))),
            (Some(last), _) => (Some(last), Some(tail)),
            (None, Some(asked)) => (Some(from_nanoseconds(asked)), None),
            (None, None) => (None, Some(tail)),
        }
    }

    /// Whether a page of older lines is on its way.
    pub fn is_reading_older(&self) -> bool {
        self.older.is_some()
    }

    /// Whether there may be older lines than those held that can be read.
    pub(super) fn has_older(&self) -> bool {
        let is_read = matches!(self.reading, Reading::Live(_) | Reading::Complete);
        let is_short = self.len() < self.tail as usize;
        is_read && !is_short && !self.is_whole && self.dropped == 0 && self.overlap.is_none()
    }

    /// What to ask for to hold a page of older lines: how many of the log's last lines, until when. None where one is on its
    /// way, the log's first line is held, or lines went to keep within the budget.
    pub(super) fn begin_older(&mut self, stream: u64) -> Option<(u32, i64)> {
        if self.older.is_some() || self.page_again_at.is_some() || !self.has_older() {
            return None;
        }
        let until = self.first_time()?;
        let held = self.gap(|time, _| time <= until);
        let wanted = self.len().clamp(PAGE, LARGEST);
        self.older = Some(Older::new(stream, wanted, until, self.lines_before(held)));
        // Some lines may have been written that have not come yet: a page too many costs nothing.
        Some(((self.len() + wanted + PAGE) as u32, until))
    }

    /// A page of older lines has ended. Where it failed, it is asked for again only after the log was read anew; where it
    /// broke off, after a while.
    fn end_older(&mut self, end: &LogEnd, now: Duration) {
        let Some(older) = self.older.take() else { return };
        match end {
            LogEnd::Complete => {}
            LogEnd::Broken(_) => return self.page_again_at = Some(now + LONGEST_PAUSE),
            LogEnd::Failed(_) => return self.is_whole = true,
        }
        if self.dropped > 0 {
            // What it would join went meanwhile.
            return;
        }
        let (chunks, is_whole) = older.finish(self.chunks.front().map_or(self.next, |chunk| chunk.first()));
        self.is_whole = is_whole;
        for chunk in chunks.into_iter().rev() {
            self.sealed += chunk.size();
            self.chunks.push_front(Arc::new(chunk));
        }
    }

    /// Its stream is not read any more.
    pub(super) fn rest(&mut self) {
        self.reading = Reading::Idle;
        self.older = None;
    }

    /// When it is to be looked at again: what broke off may be asked for then.
    pub(super) fn again_at(&self) -> Option<Duration> {
        let stream = match self.reading {
            Reading::Broken(_, at) => Some(at),
            _ => None,
        };
        [stream, self.page_again_at].into_iter().flatten().min()
    }

    /// What broke off and has rested long enough may be asked for again. Says whether there was such.
    pub(super) fn mend(&mut self, now: Duration) -> bool {
        let is_due = self.again_at().is_some_and(|at| at <= now);
        self.page_again_at = self.page_again_at.filter(|at| *at > now);
        if matches!(self.reading, Reading::Broken(_, at) if at <= now) {
            self.rest();
        }
        is_due
    }

    /// The stream has ended. Ends of older streams are ignored.
    pub(super) fn end(&mut self, stream: u64, end: LogEnd, now: Duration) {
        if self.older.as_ref().is_some_and(|older| older.stream == stream) {
            return self.end_older(&end, now);
        }
        if self.reading != Reading::Live(stream) {
            return;
        }
        self.reading = match end {
            LogEnd::Complete => Reading::Complete,
            LogEnd::Broken(why) => Reading::Broken(why, self.opening.breaks_off(now)),
            LogEnd::Failed(why) => {
                let time = self.newest.map_or(0, |(time, _)| time.saturating_add(1));
                self.insert_rule(time, RuleKind::Failed(why.clone()));
                Reading::Failed(why)
            }
        };
    }

    /// Adds the lines of a batch, but for those of an older stream and those that are held already.
    pub(super) fn append(&mut self, batch: &LogBatch) {
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
        let Some(until) = chunk.times().last().copied() else { return true };
        while self.rules.front().is_some_and(|rule| rule.time <= until) {
            self.rules.pop_front();
        }
        self.insert_rule(until, RuleKind::Dropped(self.dropped));
        true
    }

    /// Compresses full chunks that could not be when they became full, and lets go of what was unpacked to be drawn.
    pub(super) fn settle(&mut self) {
        let full = self.chunks.len().saturating_sub(1);
        for chunk in self.chunks.iter_mut().take(full).filter(|chunk| !chunk.is_at_rest()) {
            // One that a search reads is left for the next time.
            let Some(chunk) = Arc::get_mut(chunk) else { continue };
            self.sealed -= chunk.size();
            drop(chunk.seal());
            chunk.rest();
            self.sealed += chunk.size();
        }
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
        if self.chunks.back().is_none_or(|chunk| !chunk.takes(kind)) {
            // A search may hold the full chunk: then it stays as it is rather than being copied to be shrunk.
            let full = self.chunks.back_mut().and_then(Arc::get_mut);
            let room = full.map(Chunk::seal).unwrap_or_default();
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
            chunk.times().get(line).is_some_and(|time| before(*time, chunk.first() + line as i64))
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

    /// How many lines stand before a place.
    pub(super) fn lines_before(&self, gap: Gap) -> usize {
        self.chunks.iter().take(gap.chunk).map(|chunk| chunk.len()).sum::<usize>() + gap.line
    }
}
