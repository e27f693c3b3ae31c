//! What a view is narrowed to: lines that match its search, that are grave enough, that came since a moment.

use jiff::Timestamp;

use super::super::Logs;
use super::super::cursor::Narrow;
use super::super::sieve::{Sieve, Wanted};
use super::LogView;
use crate::observed::Level;

impl LogView {
    /// Whether only lines that match the search are shown.
    pub fn shows_only_matches(&self) -> bool {
        self.only_matches
    }

    /// Shows only the lines that match the search, or all.
    pub fn toggle_only_matches(&mut self) {
        self.only_matches = !self.only_matches && self.search.is_some();
    }

    /// The level below which lines are not shown; [`Level::Unknown`] where all are. Up to information, lines that tell no
    /// level are shown too.
    pub fn threshold(&self) -> Level {
        self.threshold
    }

    /// Shows only lines that are so grave.
    pub fn set_threshold(&mut self, level: Level) {
        self.threshold = level;
        self.make_sieves();
    }

    /// The moment before which nothing is shown.
    pub fn since(&self) -> Option<Timestamp> {
        self.since
    }

    /// Shows only what came from this moment on.
    pub fn set_since(&mut self, since: Option<Timestamp>) {
        self.since = since;
    }

    /// Looks through lines that its sieves have not seen: those that came since, and older ones, newest first, until about
    /// `room` bytes have been looked at. Gives what is left of the room.
    pub fn sift(&mut self, logs: &Logs, room: usize) -> usize {
        let (mut hits, mut graded) = (self.hits.take(), self.graded.take());
        let mut left = room;
        for sieve in hits.iter_mut().chain(&mut graded) {
            left = sieve.sift(logs.stores(self).map(|(_, store)| store), left);
        }
        (self.hits, self.graded) = (hits, graded);
        left
    }

    /// Whether its sieves have seen all lines.
    pub fn is_sifted(&self, logs: &Logs) -> bool {
        let mut sieves = self.hits.iter().chain(&self.graded);
        sieves.all(|sieve| sieve.is_done(logs.stores(self).map(|(_, store)| store)))
    }

    /// What its cursors pass over.
    pub(in crate::app::log) fn narrow(&self) -> Narrow<'_> {
        let matching = self.hits.as_ref().filter(|_| self.only_matches);
        Narrow { sieve: matching.or(self.graded.as_ref()), since: self.since }
    }

    pub(super) fn make_sieves(&mut self) {
        let level = self.threshold;
        let matching =
            self.search.as_ref().map(|search| Wanted { regex: Some(search.regex().clone()), level });
        self.hits = matching.map(Sieve::new);
        self.graded = (level != Level::Unknown).then(|| Sieve::new(Wanted { regex: None, level }));
    }
}
