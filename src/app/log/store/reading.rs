//! How a log is read: its stream and the pages of older lines, how they break off and go on, how fast lines come.

use std::time::Duration;

use jiff::Timestamp;

use super::super::attempt::LONGEST_PAUSE;
use super::super::chunk::from_nanoseconds;
use super::super::entry::Entries;
use super::super::older::{LARGEST, Older, PAGE};
use super::super::rule::RuleKind;
use super::{Arc, LogEnd, Overlap, Reading, Store};

impl Store {
    /// The stream of this number is being opened, with so many of the last lines; it sends lines from the last one held on.
    pub(in crate::app::log) fn begin(&mut self, stream: u64, tail: u32, now: Duration) {
        self.reading = Reading::Live(stream);
        self.opening = self.opening.again(now);
        self.tail = tail;
        self.overlap = self.newest.map(|(time, left)| Overlap { time, left, seen: false });
    }

    /// Whether it was opened a moment ago, and nothing has come yet.
    pub(in crate::app::log) fn is_opening(&self, now: Duration) -> bool {
        matches!(self.reading, Reading::Live(_)) && self.opening.is_opening(now)
    }

    /// Whether it was read back to this moment, as far as the budget allows: it need not be read anew.
    pub(in crate::app::log) fn reaches(&self, time: i64) -> bool {
        self.asked.is_some_and(|asked| asked <= time) || self.first_time().is_some_and(|first| first <= time)
    }

    /// It is to be read anew, from this moment on: the lines held go, the rules of the container stay.
    pub(in crate::app::log) fn begin_again(&mut self, stream: u64, time: i64, now: Duration) {
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
    pub(in crate::app::log) fn resumption(&self, tail: u32) -> (Option<Timestamp>, Option<u32>) {
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
    pub(in crate::app::log) fn has_older(&self) -> bool {
        let is_read = matches!(self.reading, Reading::Live(_) | Reading::Complete);
        let is_short = self.len() < self.tail as usize;
        is_read && !is_short && !self.is_whole && self.dropped == 0 && self.overlap.is_none()
    }

    /// What to ask for to hold a page of older lines: how many of the log's last lines, until when. None where one is on its
    /// way, the log's first line is held, or lines went to keep within the budget.
    pub(in crate::app::log) fn begin_older(&mut self, stream: u64) -> Option<(u32, i64)> {
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
    pub(in crate::app::log) fn rest(&mut self) {
        self.reading = Reading::Idle;
        self.older = None;
    }

    /// When it is to be looked at again: what broke off may be asked for then.
    pub(in crate::app::log) fn again_at(&self) -> Option<Duration> {
        let stream = match self.reading {
            Reading::Broken(_, at) => Some(at),
            _ => None,
        };
        [stream, self.page_again_at].into_iter().flatten().min()
    }

    /// What broke off and has rested long enough may be asked for again. Says whether there was such.
    pub(in crate::app::log) fn mend(&mut self, now: Duration) -> bool {
        let is_due = self.again_at().is_some_and(|at| at <= now);
        self.page_again_at = self.page_again_at.filter(|at| *at > now);
        if matches!(self.reading, Reading::Broken(_, at) if at <= now) {
            self.rest();
        }
        is_due
    }

    /// The stream has ended. Ends of older streams are ignored.
    pub(in crate::app::log) fn end(&mut self, stream: u64, end: LogEnd, now: Duration) {
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

    /// Counts the lines that have come in so many seconds.
    pub(in crate::app::log) fn count(&mut self, seconds: f64) {
        let came = self.counted.map_or(0, |counted| self.next - counted);
        self.counted = matches!(self.reading, Reading::Live(_)).then_some(self.next);
        self.rate = if seconds > 0.0 { (came as f64 / seconds) as u64 } else { 0 };
    }

    /// How many lines came in a second when they were counted last.
    pub(in crate::app::log) fn rate(&self) -> u64 {
        self.rate
    }
}
