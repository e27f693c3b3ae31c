//! How far logs reach: the pages of older lines that views ask for, and how fast lines come.

use std::time::Duration;

use jiff::Timestamp;

use super::store::Store;
use super::{ContainerId, LogView, Logs, OlderPage, ViewSize, chunk};

/// From how many lines a second on their rate is told: nobody reads as fast.
const FAST: u64 = 200;

impl Logs {
    /// What to ask for because a view has come near the first lines held, or looks for something; nothing while it only
    /// follows the end.
    pub fn older(&mut self, view: &LogView, size: ViewSize) -> Vec<OlderPage> {
        let containers = if view.reads_back() {
            self.containers(view).map(|(_, container)| container.clone()).collect()
        } else {
            view.near_the_beginning(self, size)
        };
        let mut pages = Vec::new();
        for container in containers {
            let stream = self.next_number();
            if !self.has_room_for_older(&container) {
                continue;
            }
            let Some(store) = self.stores.get_mut(&container) else { continue };
            if let Some((tail, until)) = store.begin_older(stream) {
                pages.push(OlderPage { container, stream, tail, until: chunk::from_nanoseconds(until) });
            }
        }
        pages
    }

    /// Whether older lines are read, or can be, for what a view looks for.
    pub fn may_read_older(&self, view: &LogView) -> bool {
        view.reads_back()
            && self.stores(view).any(|(_, store)| {
                store.is_reading_older() || (store.has_older() && self.has_room_for_older(store.container()))
            })
    }

    /// How far back the lines of a view are held: a number that falls when older ones come.
    pub fn depth(&self, view: &LogView) -> i64 {
        let first = |store: &Store| store.chunks().front().map_or(0, |chunk| chunk.first());
        self.stores(view).map(|(_, store)| first(store)).sum()
    }

    /// The moment of the first line held of the logs of a view that older lines are being read of.
    pub fn read_back_to(&self, view: &LogView) -> Option<Timestamp> {
        let reading = self.stores(view).filter(|(_, store)| store.is_reading_older());
        reading.filter_map(|(_, store)| store.first_time()).max().map(chunk::from_nanoseconds)
    }

    /// Older lines take half of the budget at most: what comes needs room as well.
    fn has_room_for_older(&self, container: &ContainerId) -> bool {
        let size = self.stores.get(container).map_or(0, Store::size);
        self.size() < self.budget.all / 2 && size < self.budget.each / 2
    }

    /// Counts the lines that have come since this was last called: to be called about once a second.
    pub fn count(&mut self, now: Duration) {
        let elapsed = now.saturating_sub(self.counted_at).as_secs_f64();
        self.counted_at = now;
        for store in self.stores.values_mut() {
            store.count(elapsed);
        }
    }

    /// How many lines came in a second for a view, where they were many.
    pub fn rate(&self, view: &LogView) -> Option<u64> {
        let current = view.sources.iter().filter_map(|source| self.store(self.current(source)?));
        Some(current.map(Store::rate).sum()).filter(|rate| *rate >= FAST)
    }

    /// Whether lines come so fast that their rate is told.
    pub fn is_fast(&self) -> bool {
        self.stores.values().any(|store| store.rate() > 0)
    }
}
