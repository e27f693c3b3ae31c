//! Where a view stands: at the end, or where it was moved to, with what has to stay visible whatever its size.

use super::super::Logs;
use super::super::cursor::{Cursor, Item, LogPosition};
use super::super::screen::ViewSize;
use super::LogView;

/// Where a view stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Anchor {
    /// At the end, going along with what comes.
    End,
    /// This row is the topmost.
    Top(Top),
    /// What is of this place or before it stands above the lower edge, whatever the size.
    Bottom(Bottom),
}

/// A topmost row, and what was the last item when the view stopped going along.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Top {
    position: LogPosition,
    /// How many rows of the wrapped line are above the view.
    pub(super) skip: usize,
    /// The last item when the view was paused.
    newest: Option<LogPosition>,
    /// What stays visible in an area that is too small for what lies between.
    kept: Option<LogPosition>,
}

/// Where the lower edge is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Bottom {
    position: LogPosition,
    /// The last item when the view was paused.
    newest: Option<LogPosition>,
}

impl LogView {
    /// Puts the cursor before the topmost visible item; gives how many of its rows are above the view. Where what follows
    /// would not fill the view, that is the topmost item of the end.
    pub(super) fn seek(&self, cursor: &mut Cursor<'_, '_>, size: ViewSize) -> usize {
        let skip = match &self.anchor {
            Anchor::End => return self.top_of_end(cursor, size).1,
            Anchor::Top(top) => self.seek_top(cursor, size, top),
            Anchor::Bottom(bottom) => self.seek_above(cursor, size, &bottom.position),
        };
        let Some(kept) = self.kept() else { return skip };
        let mut below = cursor.clone();
        self.rows_down(&mut below, self.columns(size.width).text, skip, usize::from(size.height));
        if below.peek().is_none_or(|below| *kept < below.position()) {
            return skip;
        }
        self.seek_above(cursor, size, kept)
    }

    /// What has to be visible whatever the size: the moving end of what is selected, else what the view was moved for.
    fn kept(&self) -> Option<&LogPosition> {
        let of_anchor = match &self.anchor {
            Anchor::Top(top) => top.kept.as_ref(),
            _ => None,
        };
        self.selection.as_ref().map(|selection| &selection.to).or(of_anchor)
    }

    /// The last item when the view was paused.
    pub(super) fn newest(&self) -> Option<&LogPosition> {
        match &self.anchor {
            Anchor::End => None,
            Anchor::Top(top) => top.newest.as_ref(),
            Anchor::Bottom(bottom) => bottom.newest.as_ref(),
        }
    }

    /// As [`LogView::seek`], for a view at whose lower edge this place is.
    fn seek_above(&self, cursor: &mut Cursor<'_, '_>, size: ViewSize, position: &LogPosition) -> usize {
        cursor.seek(position);
        if cursor.peek().is_some_and(|item| item.position() == *position) {
            cursor.forward();
        }
        self.rows_up(cursor, self.columns(size.width).text, 0, usize::from(size.height))
    }

    fn seek_top(&self, cursor: &mut Cursor<'_, '_>, size: ViewSize, top: &Top) -> usize {
        let width = self.columns(size.width).text;
        cursor.seek(&top.position);
        let skip = match cursor.peek() {
            Some(item) if item.position() == top.position => top.skip.min(self.count(&item, width) - 1),
            _ => 0,
        };
        if self.fills(cursor.clone(), width, skip + usize::from(size.height)) {
            return skip;
        }
        self.top_of_end(cursor, size).1
    }

    /// Whether so many rows follow the cursor.
    fn fills(&self, mut cursor: Cursor<'_, '_>, width: u16, rows: usize) -> bool {
        let mut left = rows;
        while left > 0 {
            let Some(item) = cursor.forward() else { return false };
            left = left.saturating_sub(self.count(&item, width));
        }
        true
    }

    /// Puts the cursor before the topmost item of a view at the end; gives it and how many of its rows are above.
    pub(super) fn top_of_end<'a>(
        &self,
        cursor: &mut Cursor<'a, '_>,
        size: ViewSize,
    ) -> (Option<Item<'a>>, usize) {
        cursor.seek_end();
        let skip = self.rows_up(cursor, self.columns(size.width).text, 0, usize::from(size.height));
        (cursor.peek(), skip)
    }

    /// Makes an item's row the topmost, for good.
    pub(super) fn pause(&mut self, logs: &Logs, item: Option<Item<'_>>, skip: usize) {
        if let Some(item) = item {
            self.stand(logs, item.position(), skip);
        }
    }

    /// Makes a place the topmost row, for good, whether or not a line stands there yet.
    pub(super) fn stand(&mut self, logs: &Logs, position: LogPosition, skip: usize) {
        let newest = self.newest_of(logs);
        self.anchor = Anchor::Top(Top { position, skip, newest, kept: None });
    }

    /// Makes a place the lower edge, for good, whether or not a line stands there yet.
    pub(super) fn stand_above(&mut self, logs: &Logs, position: LogPosition) {
        let newest = self.newest_of(logs);
        self.anchor = Anchor::Bottom(Bottom { position, newest });
    }

    /// A place stays visible for as long as the view stands as it does, in an area of any size.
    pub(super) fn keep(&mut self, position: LogPosition) {
        if let Anchor::Top(top) = &mut self.anchor {
            top.kept = Some(position);
        }
    }

    /// The last item when the view was paused, or now.
    fn newest_of(&self, logs: &Logs) -> Option<LogPosition> {
        if !self.is_following() {
            return self.newest().cloned();
        }
        let mut cursor = logs.cursor(self);
        cursor.seek_end();
        cursor.backward().map(|item| item.position())
    }
}
