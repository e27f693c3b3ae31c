//! Finding lines in a view: matches of a search, errors, and the counts of them.

use jiff::Timestamp;

use super::super::Logs;
use super::super::cursor::{Cursor, LogPosition, Narrow, RULE_SEQUENCE};
use super::super::screen::ViewSize;
use super::super::search::{Direction, Search, SearchJob, SearchOutcome, SearchResult};
use super::super::sieve::Wanted;
use super::super::store::Store;
use super::{Awaited, LogView, Pending, Quest, Showing};
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
        self.awaited = None;
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
        self.awaited = None;
        self.showing = Showing::All;
        self.make_sieves();
    }

    /// How many lines match the search.
    pub fn matches(&self, logs: &Logs) -> Option<Matches> {
        let sieve = self.hits.as_ref()?;
        let mut cursor = Cursor::new(logs.stores(self), Narrow { sieve: Some(sieve), span: self.span });
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
            Quest::Match => Wanted { regex: Some(regex?), level: self.threshold, ..Wanted::default() },
            Quest::Error => Wanted {
                regex: regex.filter(|_| self.showing != Showing::All),
                inverted: self.showing == Showing::Others,
                level: self.threshold.max(Level::Error),
                ..Wanted::default()
            },
        };
        let found = self.current.clone().filter(|found| self.shows(logs, size, found));
        let from = found.or_else(|| self.edge(logs, size, direction));
        let lane = |(_, store): (usize, &Store)| {
            (store.container().clone(), store.chunks().iter().cloned().collect::<Vec<_>>())
        };
        let lanes = logs.stores(self).map(lane).collect();
        // Before coming round past the oldest line, what may be older is waited for.
        let has_older = direction == Direction::Older && logs.may_read_older(self);
        self.awaited = None;
        self.pending = Some(Pending { id, quest, direction, has_older });
        let (span, comes_round) = (self.span, !has_older);
        Some(SearchJob { id, lanes, wanted, from, span, direction, comes_round })
    }

    /// What is to be looked for again, now that older lines have come or none are to come.
    pub fn take_awaited(&mut self, logs: &Logs) -> Option<(Quest, Direction)> {
        let is_due = |awaited: &Awaited| logs.depth(self) != awaited.depth || !logs.may_read_older(self);
        let awaited = self.awaited.filter(is_due)?;
        self.awaited = None;
        Some((awaited.quest, awaited.direction))
    }

    /// Whether what is looked for was not found yet, and older lines are being read for it.
    pub fn is_awaiting(&self) -> bool {
        self.awaited.is_some()
    }

    /// Goes to what a job of this view found; says what it was about. A result of an older job, or of another view's,
    /// changes nothing: none.
    pub fn found(&mut self, logs: &Logs, size: ViewSize, result: &SearchResult) -> Option<Quest> {
        let Pending { quest, direction, has_older, .. } =
            self.pending.take_if(|pending| pending.id == result.id)?;
        if result.position.is_none() && has_older {
            self.awaited = Some(Awaited { quest, direction, depth: logs.depth(self) });
            return Some(quest);
        }
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
            self.pause(logs, cursor.peek(), skip);
            return self.keep(position.clone());
        }
        cursor.seek(position);
        let width = self.columns(size.width).text;
        let skip = self.rows_up(&mut cursor, width, 0, usize::from(size.height / 2));
        self.pause(logs, cursor.peek(), skip);
        self.keep(position.clone());
    }

    /// Goes to a moment: the first line from then on is the topmost.
    pub fn go_to(&mut self, logs: &Logs, at: Timestamp) {
        let Some(container) = logs.stores(self).map(|(_, store)| store.container()).min() else { return };
        let position = LogPosition { at, container: container.clone(), sequence: i64::MIN };
        self.stand(logs, position, 0);
    }

    /// The moment at which it stands: that of its last visible row, which stays visible from now on; none while it goes
    /// along, or shows nothing.
    pub fn moment(&mut self, logs: &Logs, size: ViewSize) -> Option<Timestamp> {
        if self.is_following() {
            return None;
        }
        let mut cursor = logs.cursor(self);
        let skip = self.seek(&mut cursor, size);
        self.rows_down(&mut cursor, self.columns(size.width).text, skip, usize::from(size.height));
        let last = cursor.backward()?.position();
        let at = last.at;
        self.keep(last);
        Some(at)
    }

    /// Stands as it stood at a moment: what came later lies below, in an area of any size.
    pub fn stand_at(&mut self, logs: &Logs, at: Timestamp) {
        let Some(container) = logs.stores(self).map(|(_, store)| store.container()).max() else { return };
        // Behind everything of that very moment: a rule has the largest number.
        let position = LogPosition { at, container: container.clone(), sequence: RULE_SEQUENCE };
        self.stand_above(logs, position);
    }

    /// Goes to what was found for another view, and marks it.
    pub fn land(&mut self, logs: &Logs, size: ViewSize, position: &LogPosition) {
        self.current = Some(position.clone());
        self.reveal(logs, size, position);
    }

    /// Whether a place is visible.
    pub(super) fn shows(&self, logs: &Logs, size: ViewSize, position: &LogPosition) -> bool {
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
