//! Finding lines in a view: matches of a search, errors, and the counts of them.

use super::super::Logs;
use super::super::cursor::{Cursor, LogPosition, Narrow};
use super::super::screen::ViewSize;
use super::super::search::{Direction, Search, SearchJob, SearchOutcome, SearchResult};
use super::super::sieve::Wanted;
use super::{LogView, Quest};
use crate::observed::Level;

/// How many lines match a search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Matches {
    /// Which of them was found last, from 1.
    pub place: Option<usize>,
    /// How many there are, as far as lines have been looked at.
    pub all: usize,
    /// Whether all lines have been looked at.
    pub is_complete: bool,
}

impl LogView {
    /// Looks for an expression, marking what matches. An error says in one line what is wrong with it.
    pub fn search(&mut self, pattern: &str) -> Result<(), String> {
        self.search = Some(Search::new(pattern)?);
        self.pending = None;
        self.make_sieves();
        Ok(())
    }

    /// What is looked for.
    pub fn searching(&self) -> Option<&Search> {
        self.search.as_ref()
    }

    /// Looks for nothing any more; all lines are shown again.
    pub fn clear_search(&mut self) {
        self.search = None;
        self.current = None;
        self.pending = None;
        self.only_matches = false;
        self.make_sieves();
    }

    /// How many lines match the search.
    pub fn matches(&self, logs: &Logs) -> Option<Matches> {
        let sieve = self.hits.as_ref()?;
        let mut cursor = Cursor::new(logs.stores(self), Narrow { sieve: Some(sieve), since: self.since });
        let all = cursor.lines_around().1;
        let is_current = |found: &&LogPosition| {
            cursor.seek(found);
            cursor.peek().is_some_and(|item| item.position() == **found)
        };
        let current = self.current.as_ref().filter(is_current);
        let place = current.map(|_| cursor.lines_around().0 + 1);
        Some(Matches { place, all, is_complete: sieve.is_done(logs.stores(self).map(|(_, store)| store)) })
    }

    /// A job that finds the next match or error in a direction: from the line that was found last where that is still
    /// visible, else from the visible end that the direction leads away from. None where nothing is looked for. Its
    /// result goes to [`LogView::found`].
    pub fn find(
        &mut self,
        logs: &Logs,
        size: ViewSize,
        (quest, direction): (Quest, Direction),
        id: u64,
    ) -> Option<SearchJob> {
        let regex = self.search.as_ref().map(|search| search.regex().clone());
        let wanted = match quest {
            Quest::Match => Wanted { regex: Some(regex?), level: self.threshold },
            Quest::Error => {
                let regex = regex.filter(|_| self.only_matches);
                Wanted { regex, level: self.threshold.max(Level::Error) }
            }
        };
        let found = self.current.clone().filter(|found| self.shows(logs, size, found));
        let from = found.or_else(|| self.edge(logs, size, direction));
        let lanes = logs.stores(self).map(|(_, store)| {
            (store.container().clone(), store.chunks().iter().cloned().collect::<Vec<_>>())
        });
        let job = SearchJob { id, lanes: lanes.collect(), wanted, from, since: self.since, direction };
        self.pending = Some((id, quest));
        Some(job)
    }

    /// Goes to what a job of this view found; says what it was about. A result of an older job, or of another view's,
    /// changes nothing: none.
    pub fn found(&mut self, logs: &Logs, size: ViewSize, result: &SearchResult) -> Option<Quest> {
        let (_, quest) = self.pending.take_if(|(id, _)| *id == result.id)?;
        if let (Quest::Match, Some(search)) = (quest, &mut self.search) {
            search.outcome = Some(match (&result.position, result.wrapped) {
                (None, _) => SearchOutcome::Nothing,
                (Some(_), true) => SearchOutcome::Wrapped,
                (Some(_), false) => SearchOutcome::Found,
            });
        }
        if let Some(position) = &result.position {
            self.current = Some(position.clone());
            self.reveal(logs, size, position);
        }
        Some(quest)
    }

    /// Goes to a place in time, which may be another container's: what stands there is made visible, in the middle where
    /// it is not yet.
    pub fn reveal(&mut self, logs: &Logs, size: ViewSize, position: &LogPosition) {
        let mut cursor = logs.cursor(self);
        let skip = self.seek(&mut cursor, size);
        if self.is_within(cursor.clone(), size, skip, position) {
            return self.pause(logs, cursor.peek(), skip);
        }
        cursor.seek(position);
        let width = self.columns(size.width).text;
        let skip = self.rows_up(&mut cursor, width, 0, usize::from(size.height / 2));
        self.pause(logs, cursor.peek(), skip);
    }

    /// Whether a place is visible.
    fn shows(&self, logs: &Logs, size: ViewSize, position: &LogPosition) -> bool {
        let mut cursor = logs.cursor(self);
        let skip = self.seek(&mut cursor, size);
        self.is_within(cursor, size, skip, position)
    }

    /// Whether a place is visible below the row `skip` of the item after the cursor.
    fn is_within(
        &self,
        mut cursor: Cursor<'_, '_>,
        size: ViewSize,
        skip: usize,
        position: &LogPosition,
    ) -> bool {
        let top = cursor.peek().map(|item| item.position());
        self.rows_down(&mut cursor, self.columns(size.width).text, skip, usize::from(size.height));
        let below = cursor.peek().map(|item| item.position());
        top.is_some_and(|top| *position > top || (*position == top && skip == 0))
            && below.is_none_or(|below| *position < below)
    }

    /// Where a search without a line to begin from begins: past the last visible line upwards, before the first one
    /// downwards. None at an end.
    fn edge(&self, logs: &Logs, size: ViewSize, direction: Direction) -> Option<LogPosition> {
        let mut cursor = logs.cursor(self);
        let skip = self.seek(&mut cursor, size);
        if direction == Direction::Newer {
            return cursor.backward().map(|item| item.position());
        }
        self.rows_down(&mut cursor, self.columns(size.width).text, skip, usize::from(size.height));
        cursor.peek().map(|item| item.position())
    }
}
