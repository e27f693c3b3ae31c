//! Which lines of some logs are wanted: worked out once for each chunk, newest first and a little at a time, so that what
//! is visible costs no more to find however rare a wanted line is. PURE: whoever owns a sieve says when, and how much.

use std::collections::{BTreeMap, VecDeque};
use std::ops::Range;

use regex::bytes::Regex;

use super::cells::strip;
use super::chunk::{CHUNK_LINES, Chunk, Line};
use super::store::{Gap, Store};
use crate::observed::{ContainerId, Level};

const _: () = assert!(CHUNK_LINES <= u16::MAX as usize, "the index of a line within its chunk fits 16 bits");

/// What makes a line wanted.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// It matches this.
    pub regex: Option<Regex>,
    /// Whether those are wanted that do not match.
    pub inverted: bool,
    /// It is at least so grave. Up to information, lines that tell no level are wanted too.
    pub level: Level,
    /// What is looked at as one.
    pub scope: Scope,
    /// How many lines around a wanted one are let pass with it.
    pub context: usize,
    /// Whether lines that repeat the one before them are passed over.
    pub once: bool,
}

/// What is looked at as one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scope {
    /// Each line for itself.
    #[default]
    Line,
    /// All lines of an entry: where one matches, all are let pass.
    Entry,
}

/// Room for lines without their SGR sequences, used again and again.
#[derive(Debug, Default)]
pub struct Scratch {
    text: Vec<u8>,
    offsets: Vec<usize>,
}

/// Room for whole chunks, and for a line of them.
#[derive(Debug, Default)]
pub struct Room {
    /// For the text of a chunk.
    pub chunk: Vec<u8>,
    /// For a line.
    pub line: Scratch,
}

/// The wanted lines of some logs, as far as they have been looked through.
#[derive(Clone, Debug, PartialEq)]
pub struct Sieve {
    wanted: Wanted,
    lanes: BTreeMap<ContainerId, Lane>,
}

/// The chunks that were looked through, which reach without a gap to the newest, oldest first.
type Lane = VecDeque<Sifted>;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Sifted {
    /// The sequence number of the chunk's first line.
    first: i64,
    /// How many of its lines were looked at.
    seen: usize,
    /// The wanted ones among them.
    wanted: Vec<u16>,
    /// Those and the lines around them, where such are let pass.
    around: Vec<u16>,
}

/// The wanted lines of one store. Chunks that were not looked through yet have none.
#[derive(Clone, Copy, Debug)]
pub(super) struct Passing<'a> {
    lane: Option<&'a Lane>,
    /// The index of the store's chunk that the lane's chunk `skipped` is.
    base: usize,
    /// How many of the lane's chunks the store let go since.
    skipped: usize,
    chunks: usize,
    has_context: bool,
}

impl PartialEq for Wanted {
    fn eq(&self, other: &Self) -> bool {
        let text = |wanted: &Self| wanted.regex.as_ref().map(|regex| regex.as_str().to_owned());
        let rest = |wanted: &Self| (wanted.inverted, wanted.scope, wanted.context, wanted.once);
        self.level == other.level && text(self) == text(other) && rest(self) == rest(other)
    }
}

impl Wanted {
    /// Whether a line is wanted for itself.
    pub fn is_met(&self, line: &Line<'_>, scratch: &mut Scratch) -> bool {
        self.is_grave(line.gravity)
            && self.regex.as_ref().is_none_or(|regex| scratch.is_match(regex, line) != self.inverted)
    }

    fn is_grave(&self, gravity: Level) -> bool {
        gravity >= self.level || (gravity == Level::Unknown && self.level <= Level::Info)
    }

    /// What looking through a chunk costs, in bytes of text: without an expression only its index is looked at.
    fn cost(&self, chunk: &Chunk) -> usize {
        if self.regex.is_some() { chunk.text_size() } else { chunk.len() }
    }
}

impl Scratch {
    fn is_match(&mut self, regex: &Regex, line: &Line<'_>) -> bool {
        if !line.is_styled() {
            return regex.is_match(line.bytes);
        }
        self.text.clear();
        self.offsets.clear();
        strip(line.bytes, &mut self.text, &mut self.offsets);
        regex.is_match(&self.text)
    }
}

impl Sieve {
    /// A sieve that has not looked at anything.
    pub fn new(wanted: Wanted) -> Self {
        Self { wanted, lanes: BTreeMap::new() }
    }

    /// Forgets what it has looked at.
    pub fn reset(&mut self) {
        self.lanes.clear();
    }

    /// Looks through lines that came since, and then through older chunks, newest first, until about `room` bytes have
    /// been looked at. Gives what is left of the room.
    pub fn sift<'a>(&mut self, stores: impl Iterator<Item = &'a Store>, room: usize) -> usize {
        let mut space = Room::default();
        let mut left = room;
        for store in stores {
            if !self.lanes.contains_key(store.container()) {
                self.lanes.insert(store.container().clone(), Lane::new());
            }
            let Some(lane) = self.lanes.get_mut(store.container()) else { continue };
            let_go(lane, store);
            sift_newer(lane, store, &self.wanted, &mut space);
            while let Some(chunk) = next_older(lane, store).filter(|_| left > 0) {
                lane.push_front(Sifted::new(chunk, &self.wanted, &mut space));
                surround(lane, 0..2, self.wanted.context);
                left = left.saturating_sub(self.wanted.cost(chunk));
            }
        }
        left
    }

    /// Whether all lines of these stores have been looked at.
    pub fn is_done<'a>(&self, mut stores: impl Iterator<Item = &'a Store>) -> bool {
        stores.all(|store| match (store.chunks().front(), self.lanes.get(store.container())) {
            (None, _) => true,
            (Some(first), Some(lane)) => lane.front().is_some_and(|sifted| sifted.first <= first.first()),
            (Some(_), None) => false,
        })
    }

    /// The wanted lines of a store.
    pub(super) fn passing(&self, store: &Store) -> Passing<'_> {
        let lane = self.lanes.get(store.container());
        let oldest = store.chunks().front().map_or(i64::MAX, |chunk| chunk.first());
        let skipped = lane.map_or(0, |lane| lane.partition_point(|sifted| sifted.first < oldest));
        let begin = lane.and_then(|lane| lane.get(skipped)).map_or(i64::MAX, |sifted| sifted.first);
        let base = store.chunks().partition_point(|chunk| chunk.first() < begin);
        let has_context = self.wanted.context > 0;
        Passing { lane, base, skipped, chunks: store.chunks().len(), has_context }
    }
}

impl Sifted {
    fn new(chunk: &Chunk, wanted: &Wanted, space: &mut Room) -> Self {
        let mut sifted = Self { first: chunk.first(), ..Self::default() };
        sifted.go_on(chunk, wanted, space);
        sifted
    }

    /// Looks at the lines that the chunk got since, and again at the entry that they may belong to. Says whether there
    /// were any.
    fn go_on(&mut self, chunk: &Chunk, wanted: &Wanted, space: &mut Room) -> bool {
        if self.seen == chunk.len() {
            return false;
        }
        let mut begin = self.seen;
        if wanted.scope == Scope::Entry {
            while begin > 0 && chunk.goes_on(begin) {
                begin -= 1;
            }
            self.wanted.truncate(self.wanted.partition_point(|line| usize::from(*line) < begin));
        }
        self.seen = chunk.len();
        if let Some(regex) = &wanted.regex {
            let reader = chunk.reader(&mut space.chunk);
            let scratch = &mut space.line;
            self.look(chunk, begin, wanted, |index| {
                reader.line(index).is_some_and(|line| scratch.is_match(regex, &line)) != wanted.inverted
            });
        } else {
            self.look(chunk, begin, wanted, |_| true);
        }
        true
    }

    /// Looks at each entry, or each line, from a line on.
    fn look(&mut self, chunk: &Chunk, begin: usize, wanted: &Wanted, mut fits: impl FnMut(usize) -> bool) {
        let mut head = begin;
        while head < chunk.len() {
            let mut end = head + 1;
            while wanted.scope == Scope::Entry && end < chunk.len() && chunk.goes_on(end) {
                end += 1;
            }
            // Of an entry one line that matches is enough; turned round, none may match.
            let passes =
                if wanted.inverted { (head..end).all(&mut fits) } else { (head..end).any(&mut fits) };
            if passes {
                let lets = |line: &usize| {
                    wanted.is_grave(chunk.gravity(*line)) && !(wanted.once && chunk.repeats(*line))
                };
                self.wanted.extend((head..end).filter(lets).map(|line| line as u16));
            }
            head = end;
        }
    }

    /// The lines that pass.
    fn passing(&self, has_context: bool) -> &[u16] {
        if has_context { &self.around } else { &self.wanted }
    }
}

/// Works out which lines pass for standing around wanted ones, in these chunks of a lane; wanted lines of the chunks beside
/// them reach into them.
fn surround(lane: &mut Lane, places: Range<usize>, context: usize) {
    if context == 0 {
        return;
    }
    for place in places.start..places.end.min(lane.len()) {
        let Some(sifted) = lane.get(place) else { continue };
        let mut around: Vec<u16> = Vec::with_capacity(sifted.wanted.len() * 2);
        let mut let_pass = |lines: Range<usize>| {
            let from = around.last().map_or(0, |last| usize::from(*last) + 1).max(lines.start);
            around.extend((from..lines.end.min(sifted.seen)).map(|line| line as u16));
        };
        if let Some(before) = place.checked_sub(1).and_then(|before| lane.get(before))
            && let Some(last) = before.wanted.last()
        {
            let_pass(0..(usize::from(*last) + 1 + context).saturating_sub(before.seen));
        }
        for line in &sifted.wanted {
            let line = usize::from(*line);
            let_pass(line.saturating_sub(context)..line + 1 + context);
        }
        if let Some(first) = lane.get(place + 1).and_then(|after| after.wanted.first()) {
            let reach = context.saturating_sub(usize::from(*first));
            let_pass(sifted.seen.saturating_sub(reach)..sifted.seen);
        }
        if let Some(sifted) = lane.get_mut(place) {
            sifted.around = around;
        }
    }
}

/// Forgets chunks that the store has let go.
fn let_go(lane: &mut Lane, store: &Store) {
    let oldest = store.chunks().front().map_or(i64::MAX, |chunk| chunk.first());
    while lane.front().is_some_and(|sifted| sifted.first < oldest) {
        lane.pop_front();
    }
}

fn sift_newer(lane: &mut Lane, store: &Store, wanted: &Wanted, space: &mut Room) {
    let chunks = store.chunks();
    let mut next = chunks.len().saturating_sub(1);
    let mut changed = lane.len();
    if let Some(last) = lane.back_mut() {
        next = chunks.partition_point(|chunk| chunk.first() <= last.first);
        if let Some(chunk) = next.checked_sub(1).and_then(|place| chunks.get(place))
            && last.go_on(chunk, wanted, space)
        {
            changed -= 1;
        }
    }
    lane.extend(chunks.iter().skip(next).map(|chunk| Sifted::new(chunk, wanted, space)));
    if changed < lane.len() {
        surround(lane, changed.saturating_sub(1)..lane.len(), wanted.context);
    }
}

/// The newest chunk that was not looked through.
fn next_older<'a>(lane: &Lane, store: &'a Store) -> Option<&'a Chunk> {
    let first = lane.front()?.first;
    let before = store.chunks().partition_point(|chunk| chunk.first() < first).checked_sub(1)?;
    store.chunks().get(before).map(AsRef::as_ref)
}

impl Passing<'_> {
    /// The place of the first wanted line at or after a place; the end where there is none.
    pub(super) fn at_or_after(&self, gap: Gap) -> Gap {
        let begin = Gap { chunk: self.base, line: 0 }.max(gap);
        (begin.chunk..self.chunks)
            .find_map(|chunk| {
                let lines = self.lines(chunk)?;
                let from = if chunk == begin.chunk { begin.line } else { 0 };
                let place = lines.partition_point(|line| usize::from(*line) < from);
                lines.get(place).map(|line| Gap { chunk, line: usize::from(*line) })
            })
            .unwrap_or(Gap { chunk: self.chunks, line: 0 })
    }

    /// The place of the last wanted line before a place.
    pub(super) fn before(&self, gap: Gap) -> Option<Gap> {
        (self.base..self.chunks.min(gap.chunk + 1)).rev().find_map(|chunk| {
            let lines = self.lines(chunk)?;
            let end = if chunk == gap.chunk { gap.line } else { usize::MAX };
            let place = lines.partition_point(|line| usize::from(*line) < end);
            place.checked_sub(1).map(|place| Gap { chunk, line: usize::from(lines[place]) })
        })
    }

    /// How many wanted lines stand before a place.
    pub(super) fn count_before(&self, gap: Gap) -> usize {
        let whole = (self.base..self.chunks.min(gap.chunk)).filter_map(|chunk| self.lines(chunk));
        let part = self.lines(gap.chunk).unwrap_or_default();
        whole.map(<[u16]>::len).sum::<usize>() + part.partition_point(|line| usize::from(*line) < gap.line)
    }

    /// The wanted lines of one of the store's chunks.
    fn lines(&self, chunk: usize) -> Option<&[u16]> {
        let place = chunk.checked_sub(self.base)? + self.skipped;
        self.lane?.get(place).map(|sifted| sifted.passing(self.has_context))
    }

    /// Whether a line passes only for standing beside a wanted one.
    pub(super) fn is_aside(&self, gap: Gap) -> bool {
        let sifted = gap.chunk.checked_sub(self.base).and_then(|place| self.lane?.get(place + self.skipped));
        self.has_context
            && sifted.is_some_and(|sifted| sifted.wanted.binary_search(&(gap.line as u16)).is_err())
    }
}
