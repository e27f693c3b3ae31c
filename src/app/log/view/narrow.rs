//! What a view is narrowed to: lines that match its search or do not, that are grave enough, that came within a span of
//! time; with the lines around them, and without those that say the same again.

use super::super::Logs;
use super::super::cursor::{Narrow, Span};
use super::super::sieve::{Scope, Sieve, Wanted};
use super::{LogView, Showing};
use crate::observed::Level;

/// How many lines around a wanted one are shown, in the order in which a key goes round.
const CONTEXTS: [usize; 3] = [0, 3, 10];

impl LogView {
    /// Which lines are shown as to the search.
    pub fn showing(&self) -> Showing {
        self.showing
    }

    /// Shows only the lines that match the search, or all.
    pub fn toggle_only_matches(&mut self) {
        let next = if self.showing == Showing::All { Showing::Matches } else { Showing::All };
        self.show_as_to_search(next);
    }

    /// Turns the filter round: only lines that do not match the search, or only those that do.
    pub fn invert_matches(&mut self) {
        let next = if self.showing == Showing::Others { Showing::Matches } else { Showing::Others };
        self.show_as_to_search(next);
    }

    fn show_as_to_search(&mut self, showing: Showing) {
        self.showing = if self.search.is_some() { showing } else { Showing::All };
        self.make_sieves();
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

    /// How many lines around each that is wanted are shown with it.
    pub fn context(&self) -> usize {
        self.context
    }

    /// Shows more lines around those that are wanted; after the most of them none again.
    pub fn turn_context(&mut self) {
        let place = CONTEXTS.iter().position(|lines| *lines == self.context);
        self.context = CONTEXTS[place.map_or(0, |place| place + 1) % CONTEXTS.len()];
        self.make_sieves();
    }

    /// Whether lines that repeat the one before them are shown as a count.
    pub fn shows_once(&self) -> bool {
        self.once
    }

    /// Shows lines that repeat the one before them as a count, or all of them.
    pub fn set_once(&mut self, once: bool) {
        self.once = once;
        self.make_sieves();
    }

    /// The span of time outside of which nothing is shown.
    pub fn span(&self) -> Span {
        self.span
    }

    /// Shows only what came within a span of time.
    pub fn set_span(&mut self, span: Span) {
        self.span = span;
    }

    /// Whether it shows less than all lines.
    pub fn is_narrowed(&self) -> bool {
        self.showing != Showing::All || self.threshold != Level::Unknown || self.span != Span::default()
    }

    /// Looks through lines that its sieves have not seen: those that came since, and older ones, newest first, until about
    /// `room` bytes have been looked at. Gives what is left of the room.
    pub fn sift(&mut self, logs: &Logs, room: usize) -> usize {
        let (mut hits, mut shown) = (self.hits.take(), self.shown.take());
        let mut left = room;
        for sieve in shown.iter_mut().chain(&mut hits) {
            left = sieve.sift(logs.stores(self).map(|(_, store)| store), left);
        }
        (self.hits, self.shown) = (hits, shown);
        left
    }

    /// Whether its sieves have seen all lines.
    pub fn is_sifted(&self, logs: &Logs) -> bool {
        let mut sieves = self.hits.iter().chain(&self.shown);
        sieves.all(|sieve| sieve.is_done(logs.stores(self).map(|(_, store)| store)))
    }

    /// Whether older lines are to be read for it as long as there is room: it looks for something.
    pub(in crate::app::log) fn reads_back(&self) -> bool {
        self.search.is_some() && self.span.since.is_none()
    }

    /// What its cursors pass over.
    pub(in crate::app::log) fn narrow(&self) -> Narrow<'_> {
        Narrow { sieve: self.shown.as_ref(), span: self.span }
    }

    pub(super) fn make_sieves(&mut self) {
        let regex = || self.search.as_ref().map(|search| search.regex().clone());
        let level = self.threshold;
        let hits = self.search.is_some().then(|| Wanted { regex: regex(), level, ..Wanted::default() });
        let by_search = self.showing != Showing::All;
        let is_sifted = by_search || level != Level::Unknown;
        let shown = (is_sifted || self.once).then(|| Wanted {
            regex: regex().filter(|_| by_search),
            inverted: self.showing == Showing::Others,
            level,
            scope: Scope::Entry,
            context: if is_sifted { self.context } else { 0 },
            once: self.once,
        });
        self.hits = hits.map(Sieve::new);
        self.shown = shown.map(Sieve::new);
    }
}
