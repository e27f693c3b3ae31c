//! The logs: stores of lines by container, and views on them. PURE, and never a copy of what is stored.
//!
//! ```text
//!  LogBatch ──► Logs::apply ──► Store ──► Chunk, Chunk, … (Arc, full ones never change)
//!                                             ▲        ▲
//!  LogView (anchor, wrap, Sieve) ──► Cursor ──┘        └── SearchJob, run in a task
//!       └──► Screen: the visible rows, borrowed from the chunks ──► ui::log
//! ```
//!
//! A view's source is a replica of a service, not a container: when the container is recreated the replica gets another
//! life ([`Logs::assign`]) and the view goes on with its log. All stores together keep within a budget of bytes; the
//! oldest lines go first, and a rule says how many went.

mod attempt;
mod budget;
pub mod cells;
pub mod chunk;
pub mod cursor;
pub mod entry;
pub mod fold;
mod older;
mod packed;
mod reach;
pub mod rule;
pub mod screen;
pub mod search;
pub mod sieve;
pub mod store;
pub mod view;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use jiff::Timestamp;

use crate::observed::{ContainerId, LogBatch, LogEnd};
pub use budget::{Budget, DEFAULT_BUDGET};
use chunk::to_nanoseconds;
pub use chunk::{Chunk, Line};
pub use cursor::{Content, Cursor, Item, LogPosition, Narrow, Span};
pub use rule::{Rule, RuleKind};
pub use screen::{Columns, LogSource, Row, RowContent, Screen, Text, ViewSize};
pub use search::{Direction, Search, SearchJob, SearchOutcome, SearchResult};
pub use sieve::Sieve;
pub use store::{Reading, Store};
pub use view::{LogView, Quest, Reach, Selection, Showing, json_line};

/// How many of the last lines are asked for when a log is opened, unless settings say otherwise.
pub const TAIL: u32 = 2_000;
/// How many logs stay in memory after they were last shown.
const KEPT: usize = 8;
/// How many containers' logs a replica keeps: the current one and those before it.
const LIVES: usize = 5;
/// An event tells an end a little later than the container itself has it; in nanoseconds.
const SAME_END: u64 = 2_000_000_000;

/// All logs that are held.
#[derive(Clone, Debug)]
pub struct Logs {
    /// How many of the last lines are asked for when a log is opened.
    tail: u32,
    stores: BTreeMap<ContainerId, Store>,
    /// The containers that each replica has had, the current one last.
    lives: BTreeMap<LogSource, Vec<ContainerId>>,
    /// The containers whose logs were shown, the last shown first; those shown now among them.
    recent: VecDeque<ContainerId>,
    budget: Budget,
    /// What all stores take together, in bytes.
    taken: usize,
    streams: u64,
    /// The time on the monotonic clock, as last told.
    now: Duration,
    /// When lines were counted last.
    counted_at: Duration,
}

/// A log to be opened: what to ask the engine for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opening {
    /// Whose.
    pub container: ContainerId,
    /// The number of this opening: batches come back with it.
    pub stream: u64,
    /// How many of the last lines; none for all since `since`.
    pub tail: Option<u32>,
    /// The moment from which lines are asked for.
    pub since: Option<Timestamp>,
}

/// A page of older lines to be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OlderPage {
    /// Of whose log.
    pub container: ContainerId,
    /// The number of this reading: batches come back with it.
    pub stream: u64,
    /// How many of the log's last lines to ask for.
    pub tail: u32,
    /// Until which moment.
    pub until: Timestamp,
}

/// What changes about the open streams.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StreamChanges {
    /// To be opened.
    pub open: Vec<Opening>,
    /// To be closed.
    pub close: Vec<ContainerId>,
}

/// How a view stands, for its title.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ViewStatus {
    /// None of its sources has a container, or no stream was opened yet.
    Idle,
    /// It goes along with what comes.
    Following,
    /// It stands still; so many lines came since.
    Paused(usize),
    /// It stands still, and older lines are being read.
    ReadingOlder,
    /// All its containers have ended, and it shows the end.
    Ended,
    /// A log broke off and is opened again: why, and when, on the monotonic clock.
    Broken(String, Duration),
    /// A log cannot be read: why.
    Failed(String),
}

impl Default for Logs {
    fn default() -> Self {
        Self::new(DEFAULT_BUDGET)
    }
}

impl Logs {
    /// No logs, within a budget.
    pub fn new(budget: Budget) -> Self {
        Self {
            tail: TAIL,
            stores: BTreeMap::new(),
            lives: BTreeMap::new(),
            recent: VecDeque::new(),
            budget,
            taken: 0,
            streams: 0,
            now: Duration::ZERO,
            counted_at: Duration::ZERO,
        }
    }

    /// So many of the last lines are asked for when a log is opened.
    #[must_use]
    pub fn with_tail(self, tail: u32) -> Self {
        Self { tail, ..self }
    }

    /// The log of a container, if it is held.
    pub fn store(&self, container: &ContainerId) -> Option<&Store> {
        self.stores.get(container)
    }

    /// What all stores take together, in bytes.
    pub fn size(&self) -> usize {
        self.stores.values().map(Store::size).sum()
    }

    /// A number for a search job, not used before.
    pub fn next_number(&mut self) -> u64 {
        self.streams += 1;
        self.streams
    }

    /// A replica has this container now. If it had another one before, a rule stands at `at`, when the new one was made.
    pub fn assign(&mut self, source: &LogSource, container: &ContainerId, at: Timestamp) {
        let lives = self.lives.entry(source.clone()).or_default();
        if lives.contains(container) {
            return;
        }
        let recreated = !lives.is_empty();
        lives.push(container.clone());
        if lives.len() > LIVES {
            lives.remove(0);
        }
        let store = self.stores.entry(container.clone()).or_insert_with(|| Store::new(container.clone()));
        if recreated {
            store.insert_rule(to_nanoseconds(at), RuleKind::Recreated);
        }
    }

    /// The container that a source has now.
    pub fn current<'a>(&'a self, source: &'a LogSource) -> Option<&'a ContainerId> {
        match source {
            LogSource::Container { id, .. } => Some(id),
            LogSource::Replica { .. } => self.lives.get(source)?.last(),
        }
    }

    /// The containers that a source had before the one that it has now.
    pub fn earlier(&self, source: &LogSource) -> &[ContainerId] {
        self.lives.get(source).and_then(|lives| lives.split_last()).map_or(&[], |(_, earlier)| earlier)
    }

    /// These containers' logs are to be shown, and no others: says which streams to open and close. A log that ended or
    /// failed is not opened again before [`Logs::started`] or [`Logs::disconnected`].
    pub fn show(&mut self, wanted: &[ContainerId]) -> StreamChanges {
        let mut changes = StreamChanges::default();
        let known: BTreeSet<&ContainerId> = wanted.iter().collect();
        for (container, store) in &mut self.stores {
            if known.contains(container) {
                continue;
            }
            if matches!(store.reading(), Reading::Live(_)) {
                changes.close.push(container.clone());
            }
            if *store.reading() != Reading::Complete {
                store.rest();
            }
        }
        changes.open.extend(wanted.iter().filter_map(|container| self.open(container)));
        if self.recent.iter().take(wanted.len()).eq(wanted) {
            return changes;
        }
        self.recent.retain(|each| !known.contains(each));
        for container in wanted.iter().rev() {
            self.recent.push_front(container.clone());
        }
        self.recent.truncate(wanted.len().max(KEPT));
        self.forget();
        changes
    }

    /// A container was started (again): its log goes on. `again` tells which rule stands there.
    pub fn started(&mut self, container: &ContainerId, at: Timestamp, kind: RuleKind) {
        let Some(store) = self.stores.get_mut(container) else { return };
        if !matches!(store.reading(), Reading::Live(_)) {
            store.rest();
        }
        store.insert_event(to_nanoseconds(at), kind);
    }

    /// Time goes on: logs that broke off may be opened again by [`Logs::show`] once they have rested. Says whether there are
    /// such.
    pub fn advance(&mut self, now: Duration) -> bool {
        self.now = now;
        // Every one of them, whatever the others say.
        self.stores.values_mut().filter_map(|store| store.mend(now).then_some(())).count() > 0
    }

    /// When [`Logs::advance`] has something to do, on the monotonic clock.
    pub fn next_wake(&self) -> Option<Duration> {
        self.stores.values().filter_map(Store::again_at).min()
    }

    /// Whether a log has broken off that is to be opened again.
    pub fn has_broken(&self) -> bool {
        self.stores.values().any(|store| matches!(store.reading(), Reading::Broken(..)))
    }

    /// The engine is out of reach: no stream is open any more. After it is back, [`Logs::show`] opens them again.
    pub fn disconnected(&mut self) {
        for store in self.stores.values_mut() {
            store.rest();
        }
    }

    /// Lines came. Those of a stream that was closed or opened anew since are dropped.
    pub fn apply(&mut self, batch: &LogBatch) {
        let limit = self.chunk_size();
        let Some(store) = self.stores.get_mut(&batch.container) else { return };
        let before = store.size();
        store.append(batch, limit);
        while store.size() > self.budget.each && store.drop_oldest() {}
        self.taken = self.taken + store.size() - before;
        self.keep_budget();
    }

    /// Gives back the room that drawing took. To be called now and then.
    pub fn settle(&mut self) {
        for store in self.stores.values_mut() {
            store.settle();
        }
        self.taken = self.size();
    }

    /// A stream ended.
    pub fn ended(&mut self, container: &ContainerId, stream: u64, end: LogEnd) {
        if let Some(store) = self.stores.get_mut(container) {
            store.end(stream, end, self.now);
        }
        self.taken = self.size();
        self.keep_budget();
    }

    /// What to ask for to hold a container's log from this moment on; none where that was asked for already, or more is
    /// held. The lines held go: they come again.
    pub fn reach_back(&mut self, container: &ContainerId, since: Timestamp) -> Option<Opening> {
        let stream = self.next_number();
        let store = self.stores.get_mut(container)?;
        if store.reaches(to_nanoseconds(since)) {
            return None;
        }
        store.begin_again(stream, to_nanoseconds(since), self.now);
        self.taken = self.size();
        Some(Opening { container: container.clone(), stream, tail: None, since: Some(since) })
    }

    /// Draws the person's mark across what a view shows: after the last line, for the engine's clock may be ahead of
    /// ours. Says whether there was a log to mark.
    pub fn mark(&mut self, view: &LogView, now: Timestamp) -> bool {
        let last = self.stores(view).filter_map(|(_, store)| store.last_at()).map(to_nanoseconds).max();
        let time = last.map_or(i64::MIN, |last| last.saturating_add(1)).max(to_nanoseconds(now));
        let current = view.sources.iter().find_map(|source| self.current(source)).cloned();
        let Some(store) = current.and_then(|container| self.stores.get_mut(&container)) else { return false };
        store.insert_rule(time, RuleKind::Mark);
        true
    }

    /// Draws a rule across a container's log, if it is held. The same rule at the same moment is drawn once.
    pub fn rule(&mut self, container: &ContainerId, at: Timestamp, kind: RuleKind) {
        if let Some(store) = self.stores.get_mut(container) {
            store.insert_rule(to_nanoseconds(at), kind);
        }
    }

    /// These are the things that happened to a container, as far as that is known: its log shows no others.
    pub fn retell(&mut self, container: &ContainerId, told: Vec<(Timestamp, RuleKind)>) {
        if let Some(store) = self.stores.get_mut(container) {
            store.retell(told.into_iter().map(|(at, kind)| (to_nanoseconds(at), kind)));
        }
    }

    /// What the lives of a container have in common, as of now: in place of what was told before.
    pub fn rule_lives(&mut self, container: &ContainerId, at: Timestamp, words: String) {
        if let Some(store) = self.stores.get_mut(container) {
            store.insert_only(to_nanoseconds(at), RuleKind::Lives(words));
        }
    }

    /// Whether it is told of a container what its lives have in common.
    pub fn tells_lives(&self, container: &ContainerId) -> bool {
        let is_told = |rule: &Rule| matches!(rule.kind, RuleKind::Lives(_));
        self.store(container).is_some_and(|store| store.rules().iter().any(is_told))
    }

    /// What the lives of a container have in common is put in other words, where it stands.
    pub fn retell_lives(&mut self, container: &ContainerId, words: &str) {
        if let Some(store) = self.stores.get_mut(container) {
            store.retell_lives(words);
        }
    }

    /// Draws the end of a container that may have been seen by no event, unless it stands there already.
    pub fn rule_end(&mut self, container: &ContainerId, at: Timestamp, code: i64) {
        let Some(store) = self.stores.get_mut(container) else { return };
        let time = to_nanoseconds(at);
        let is_end =
            |rule: &Rule| matches!(rule.kind, RuleKind::Exited(_)) && rule.time.abs_diff(time) < SAME_END;
        if !store.rules().iter().any(is_end) {
            store.insert_rule(time, RuleKind::Exited(code));
        }
    }

    /// Forgets the lines that a view shows; what comes afterwards is shown.
    pub fn clear(&mut self, view: &LogView) {
        let containers: Vec<ContainerId> = self.containers(view).map(|(_, id)| id.clone()).collect();
        for container in containers {
            if let Some(store) = self.stores.get_mut(&container) {
                store.clear();
            }
        }
        self.taken = self.size();
    }

    /// How a view stands.
    pub fn status(&self, view: &LogView) -> ViewStatus {
        let current = || view.sources.iter().filter_map(|source| self.store(self.current(source)?));
        let failed = current().find_map(|store| match store.reading() {
            Reading::Failed(why) => Some(ViewStatus::Failed(why.clone())),
            Reading::Broken(why, again_at) => Some(ViewStatus::Broken(why.clone(), *again_at)),
            _ => None,
        });
        if let Some(failed) = failed {
            return failed;
        }
        if !view.is_following() && current().any(Store::is_reading_older) {
            return ViewStatus::ReadingOlder;
        }
        if !view.is_following() {
            return ViewStatus::Paused(view.count_new(self));
        }
        if current().any(|store| matches!(store.reading(), Reading::Live(_))) {
            return ViewStatus::Following;
        }
        if current().any(|store| *store.reading() == Reading::Complete) {
            ViewStatus::Ended
        } else {
            ViewStatus::Idle
        }
    }

    /// Whether a log of a view was opened a moment ago, and its lines are still to come.
    pub fn is_opening(&self, view: &LogView) -> bool {
        self.stores(view).any(|(_, store)| store.is_opening(self.now))
    }

    /// The stores that a view shows, each with the index of its source.
    pub fn stores<'a: 'v, 'v>(
        &'a self,
        view: &'v LogView,
    ) -> impl Iterator<Item = (usize, &'a Store)> + use<'a, 'v> {
        self.containers(view).filter_map(|(source, container)| Some((source, self.stores.get(container)?)))
    }

    /// The containers whose logs these views show.
    pub fn visible(&self, views: &[LogView]) -> BTreeSet<ContainerId> {
        views.iter().flat_map(|view| self.containers(view).map(|(_, id)| id.clone())).collect()
    }

    /// A cursor over what a view shows.
    pub fn cursor<'a: 'v, 'v>(&'a self, view: &'v LogView) -> Cursor<'a, 'v> {
        Cursor::new(self.stores(view), view.narrow())
    }

    fn containers<'a: 'v, 'v>(
        &'a self,
        view: &'v LogView,
    ) -> impl Iterator<Item = (usize, &'v ContainerId)> + use<'a, 'v> {
        view.sources.iter().enumerate().flat_map(|(index, source)| {
            let containers = match source {
                LogSource::Container { id, .. } => std::slice::from_ref(id),
                LogSource::Replica { .. } => self.lives.get(source).map_or(&[][..], Vec::as_slice),
            };
            containers.iter().map(move |container| (index, container))
        })
    }

    /// What to ask for to open a log, unless it is open or has ended.
    fn open(&mut self, container: &ContainerId) -> Option<Opening> {
        let stream = self.next_number();
        let store = self.stores.entry(container.clone()).or_insert_with(|| Store::new(container.clone()));
        if *store.reading() != Reading::Idle {
            return None;
        }
        let (since, tail) = store.resumption(self.tail);
        store.begin(stream, self.tail, self.now);
        Some(Opening { container: container.clone(), stream, tail, since })
    }

    /// Lets go of the stores that were not shown of late and are no earlier life of one that was.
    fn forget(&mut self) {
        let mut kept: BTreeSet<&ContainerId> = self.recent.iter().collect();
        for lives in self.lives.values() {
            if lives.iter().any(|life| self.recent.contains(life)) {
                kept.extend(lives);
            }
        }
        let gone: Vec<ContainerId> = self.stores.keys().filter(|id| !kept.contains(id)).cloned().collect();
        for container in gone {
            self.stores.remove(&container);
        }
        self.taken = self.size();
    }
}
