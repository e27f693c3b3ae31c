//! What happened: verbs and their outcomes, deaths and their causes; and what of it the person has not seen.

use std::collections::VecDeque;

use jiff::Timestamp;

use super::{Grade, RunId};

/// How many entries are kept.
const KEPT: usize = 500;

/// The project's record, newest first.
#[derive(Clone, Debug, Default)]
pub struct Activity {
    entries: VecDeque<Entry>,
    /// How many of the newest entries came since the keyboard was last touched.
    pub unseen: usize,
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// When, by the wall clock.
    pub at: Timestamp,
    /// How good it is; decides its sign and colour.
    pub grade: Grade,
    /// `restart api`, `worker died`.
    pub subject: String,
    /// `health 3/5`, `out of memory at 256 MiB, exit 137`.
    pub text: String,
    /// Lines that belong to it: `restart policy on-failure: 3 of 3 tries used`.
    pub more: Vec<String>,
    /// The run that it tells of; the entry changes as the run goes on.
    pub run: Option<RunId>,
}

impl Activity {
    /// Adds what just happened.
    pub fn push(&mut self, entry: Entry) {
        self.entries.push_front(entry);
        self.entries.truncate(KEPT);
        self.unseen = (self.unseen + 1).min(self.entries.len());
    }

    /// Tells the entry of a run anew; adds it if there is none yet.
    pub fn tell_run(&mut self, entry: Entry) {
        match self.entries.iter_mut().find(|known| known.run.is_some() && known.run == entry.run) {
            Some(known) => *known = Entry { at: known.at, ..entry },
            None => self.push(entry),
        }
    }

    /// Takes the entry of a run away: it was asked about and left, so nothing happened.
    pub fn forget_run(&mut self, run: RunId) {
        self.entries.retain(|entry| entry.run != Some(run));
        self.unseen = self.unseen.min(self.entries.len());
    }

    /// All, newest first.
    pub fn entries(&self) -> impl ExactSizeIterator<Item = &Entry> {
        self.entries.iter()
    }

    /// The keyboard was touched: everything so far has been seen.
    pub fn mark_seen(&mut self) {
        self.unseen = 0;
    }

    /// What went wrong unseen, for the title: `worker died`; the newest first.
    pub fn unseen_failures(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter().take(self.unseen).filter(|entry| entry.grade == Grade::Bad)
    }
}
