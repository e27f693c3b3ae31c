//! Walks over the logs of several containers by time, forward and backward, without merging them into a copy.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

use jiff::Timestamp;

use super::chunk::{Line, from_nanoseconds, to_nanoseconds};
use super::rule::RuleKind;
use super::sieve::{Passing, Sieve};
use super::store::{Gap, Store};
use crate::observed::ContainerId;

/// The sequence number of a rule: at one moment it stands after the lines.
pub const RULE_SEQUENCE: i64 = i64::MAX;

/// A place in a log that means the same for as long as the line is held, whatever comes and goes around it, and that can
/// be compared across containers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LogPosition {
    /// When the engine received the line.
    pub at: Timestamp,
    /// Whose line it is.
    pub container: ContainerId,
    /// Its number within the container's log; [`RULE_SEQUENCE`] for a rule.
    pub sequence: i64,
}

/// What stands in a log: a line of the container, or a rule of the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content<'a> {
    /// A line.
    Line(Line<'a>),
    /// A rule.
    Rule(&'a RuleKind),
}

/// A line or rule that the cursor passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Item<'a> {
    /// Whose.
    pub container: &'a ContainerId,
    /// Which source of the view it belongs to: an index.
    pub source: usize,
    /// When.
    pub at: Timestamp,
    /// Its number within the container's log.
    pub sequence: i64,
    /// What it is.
    pub content: Content<'a>,
    /// Whether it is let pass only for standing beside a line that is wanted.
    pub is_aside: bool,
}

impl Item<'_> {
    /// Where it stands.
    pub fn position(&self) -> LogPosition {
        LogPosition { at: self.at, container: self.container.clone(), sequence: self.sequence }
    }
}

/// What a cursor passes over as if it were not there.
#[derive(Clone, Copy, Debug, Default)]
pub struct Narrow<'s> {
    /// Lines that this does not let pass.
    pub sieve: Option<&'s Sieve>,
    /// Lines and rules outside of this.
    pub span: Span,
}

/// A stretch of time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// Its beginning, where it has one.
    pub since: Option<Timestamp>,
    /// Its end, where it has one; what is of this very moment belongs to it.
    pub until: Option<Timestamp>,
}

/// One container's log within a cursor, with the cursor's place in it.
#[derive(Clone, Debug)]
struct Lane<'a, 's> {
    store: &'a Store,
    source: usize,
    passing: Option<Passing<'s>>,
    place: Place,
    /// The first place that the cursor comes to.
    floor: Place,
    /// The last one.
    ceiling: Place,
}

/// A place in one container's log.
#[derive(Clone, Copy, Debug)]
struct Place {
    gap: Gap,
    /// The place among the rules: before this one.
    rule: usize,
}

/// A place between two items of several logs. Items of one moment stand in the order of their containers' ids, always the
/// same. A step looks at the one log that it passes an item of, however many there are.
#[derive(Clone, Debug)]
pub struct Cursor<'a, 's> {
    lanes: Vec<Lane<'a, 's>>,
    /// The key after each lane's place, once steps go forward.
    after: Option<BinaryHeap<Reverse<Key>>>,
    /// The key before each lane's place, once steps go backward.
    before: Option<BinaryHeap<Key>>,
}

/// Time, lane and sequence: the order of positions, the lanes being in the order of the containers.
type Key = (i64, usize, i64);

impl<'a, 's> Cursor<'a, 's> {
    /// A cursor before the first item of these stores, each given with the index of the view's source it belongs to.
    pub fn new(stores: impl IntoIterator<Item = (usize, &'a Store)>, narrow: Narrow<'s>) -> Self {
        let lane = |(source, store)| Lane::new(source, store, narrow);
        let mut lanes: Vec<Lane<'a, 's>> = stores.into_iter().map(lane).collect();
        lanes.sort_by(|a, b| a.store.container().cmp(b.store.container()));
        Self { lanes, after: None, before: None }
    }

    /// Goes behind the last item.
    pub fn seek_end(&mut self) {
        (self.after, self.before) = (None, None);
        for lane in &mut self.lanes {
            lane.place = lane.ceiling;
        }
    }

    /// Goes before the item of this position, or before the first one after it where that is gone.
    pub fn seek(&mut self, position: &LogPosition) {
        let time = to_nanoseconds(position.at);
        (self.after, self.before) = (None, None);
        for lane in &mut self.lanes {
            let order = lane.store.container().cmp(&position.container);
            let gap = lane.store.gap(|at, sequence| match order {
                Ordering::Less => at <= time,
                Ordering::Equal => (at, sequence) < (time, position.sequence),
                Ordering::Greater => at < time,
            });
            let passes = order == Ordering::Less;
            let rule =
                lane.store.rules().partition_point(|rule| rule.time < time || (passes && rule.time == time));
            lane.place = Place {
                gap: gap.clamp(lane.floor.gap, lane.ceiling.gap),
                rule: rule.clamp(lane.floor.rule, lane.ceiling.rule),
            };
        }
    }

    /// The item after the cursor.
    pub fn peek(&self) -> Option<Item<'a>> {
        let key = match &self.after {
            Some(after) => after.peek().map(|Reverse(key)| *key),
            None => self.keys_after().map(|Reverse(key)| key).min(),
        }?;
        self.lanes.get(key.1)?.item_after(key)
    }

    /// The item after the cursor; the cursor passes it.
    pub fn forward(&mut self) -> Option<Item<'a>> {
        let mut after = self.after.take().unwrap_or_else(|| self.keys_after().collect());
        self.before = None;
        let passed = after.pop();
        let item = passed.and_then(|Reverse(key)| {
            let lane = self.lanes.get_mut(key.1)?;
            let item = lane.item_after(key);
            lane.step_forward(key);
            after.extend(lane.key_after(key.1).map(Reverse));
            item
        });
        self.after = Some(after);
        item
    }

    /// The item before the cursor; the cursor goes before it.
    pub fn backward(&mut self) -> Option<Item<'a>> {
        let mut before = self.before.take().unwrap_or_else(|| self.keys_before().collect());
        self.after = None;
        let passed = before.pop();
        let item = passed.and_then(|key| {
            let lane = self.lanes.get_mut(key.1)?;
            lane.step_backward(key);
            before.extend(lane.key_before(key.1));
            lane.item_after(key)
        });
        self.before = Some(before);
        item
    }

    /// How many lines stand before the cursor and after it; rules do not count, nor what it passes over.
    pub fn lines_around(&self) -> (usize, usize) {
        let mut around = (0, 0);
        for lane in &self.lanes {
            let (floor, place, end) =
                (lane.count(lane.floor), lane.count(lane.place), lane.count(lane.ceiling));
            around.0 += place - floor;
            around.1 += end - place;
        }
        around
    }

    /// The containers of which fewer lines than so many stand before the cursor.
    pub fn with_few_before(&self, lines: usize) -> Vec<ContainerId> {
        let few = self.lanes.iter().filter(|lane| lane.count(lane.place) < lines);
        few.map(|lane| lane.store.container().clone()).collect()
    }

    fn keys_after(&self) -> impl Iterator<Item = Reverse<Key>> {
        self.lanes.iter().enumerate().filter_map(|(index, lane)| lane.key_after(index).map(Reverse))
    }

    fn keys_before(&self) -> impl Iterator<Item = Key> {
        self.lanes.iter().enumerate().filter_map(|(index, lane)| lane.key_before(index))
    }
}

impl<'a, 's> Lane<'a, 's> {
    fn new(source: usize, store: &'a Store, narrow: Narrow<'s>) -> Self {
        let since = narrow.span.since.map_or(i64::MIN, to_nanoseconds);
        let floor = Place {
            gap: store.gap(|at, _| at < since),
            rule: store.rules().partition_point(|rule| rule.time < since),
        };
        let end = Gap { chunk: store.chunks().len(), line: 0 };
        let mut ceiling = Place { gap: end, rule: store.rules().len() };
        if let Some(until) = narrow.span.until.map(to_nanoseconds) {
            ceiling.gap = store.gap(|at, _| at <= until).max(floor.gap);
            ceiling.rule = store.rules().partition_point(|rule| rule.time <= until).max(floor.rule);
        }
        let passing = narrow.sieve.map(|sieve| sieve.passing(store));
        Self { store, source, passing, place: floor, floor, ceiling }
    }

    /// How many lines that are not passed over stand before a place, those before the floor among them.
    fn count(&self, place: Place) -> usize {
        match &self.passing {
            Some(passing) => passing.count_before(place.gap),
            None => self.store.lines_before(place.gap),
        }
    }

    /// The key of the line or rule after the lane's place.
    fn key_after(&self, index: usize) -> Option<Key> {
        let line = Some(self.normalised()).filter(|gap| *gap < self.ceiling.gap);
        let line = line.and_then(|gap| self.line_key(gap, index));
        let rule = Some(self.place.rule).filter(|rule| *rule < self.ceiling.rule);
        let rule = rule.and_then(|rule| self.store.rules().get(rule));
        let rule = rule.map(|rule| (rule.time, index, RULE_SEQUENCE));
        match (line, rule) {
            (Some(line), Some(rule)) => Some(line.min(rule)),
            (line, rule) => line.or(rule),
        }
    }

    /// The key of the line or rule before the lane's place.
    fn key_before(&self, index: usize) -> Option<Key> {
        let line = self.gap_before().and_then(|gap| self.line_key(gap, index));
        let rule = self.place.rule.checked_sub(1).filter(|before| *before >= self.floor.rule);
        let rule = rule.and_then(|before| self.store.rules().get(before));
        let rule = rule.map(|rule| (rule.time, index, RULE_SEQUENCE));
        match (line, rule) {
            (Some(line), Some(rule)) => Some(line.max(rule)),
            (line, rule) => line.or(rule),
        }
    }

    fn line_key(&self, gap: Gap, index: usize) -> Option<Key> {
        let chunk = self.store.chunks().get(gap.chunk)?;
        Some((chunk.time(gap.line)?, index, chunk.first() + gap.line as i64))
    }

    /// The item after the lane's place, which has this key.
    fn item_after(&self, key: Key) -> Option<Item<'a>> {
        let store = self.store;
        let mut is_aside = false;
        let content = if key.2 == RULE_SEQUENCE {
            Content::Rule(&store.rules().get(self.place.rule)?.kind)
        } else {
            let gap = self.normalised();
            is_aside = self.passing.is_some_and(|passing| passing.is_aside(gap));
            Content::Line(store.chunks().get(gap.chunk)?.line(gap.line)?)
        };
        let at = from_nanoseconds(key.0);
        Some(Item {
            container: store.container(),
            source: self.source,
            at,
            sequence: key.2,
            content,
            is_aside,
        })
    }

    fn step_forward(&mut self, key: Key) {
        if key.2 == RULE_SEQUENCE {
            self.place.rule += 1;
            return;
        }
        self.place.gap = self.normalised();
        self.place.gap.line += 1;
    }

    fn step_backward(&mut self, key: Key) {
        if key.2 == RULE_SEQUENCE {
            self.place.rule -= 1;
            return;
        }
        if let Some(gap) = self.gap_before() {
            self.place.gap = gap;
        }
    }

    /// The lane's place, told as that before the next line which is not passed over: in the next chunk at the end of one.
    fn normalised(&self) -> Gap {
        let gap = self.place.gap;
        match (&self.passing, self.store.chunks().get(gap.chunk)) {
            (Some(passing), _) => passing.at_or_after(gap),
            (None, Some(chunk)) if gap.line >= chunk.len() => Gap { chunk: gap.chunk + 1, line: 0 },
            _ => gap,
        }
    }

    /// The place before the line that stands before the lane's place.
    fn gap_before(&self) -> Option<Gap> {
        let before = match &self.passing {
            Some(passing) => passing.before(self.place.gap),
            None => self.line_before(),
        };
        before.filter(|gap| *gap >= self.floor.gap)
    }

    fn line_before(&self) -> Option<Gap> {
        let gap = self.place.gap;
        if let Some(line) = gap.line.checked_sub(1) {
            return Some(Gap { chunk: gap.chunk, line });
        }
        let chunk = gap.chunk.checked_sub(1)?;
        let line = self.store.chunks().get(chunk)?.len().checked_sub(1)?;
        Some(Gap { chunk, line })
    }
}
