//! A cursor in a list, by identity: rows that come and go around it never move it to another thing.

/// Which row is selected, and how far the list is scrolled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selection<K> {
    /// What is selected.
    pub key: Option<K>,
    /// Where it stood last: when it goes, the cursor stays at this place.
    pub index: usize,
    /// The first row that is shown.
    pub offset: usize,
}

impl<K> Default for Selection<K> {
    fn default() -> Self {
        Self { key: None, index: 0, offset: 0 }
    }
}

impl<K: Clone + PartialEq> Selection<K> {
    /// Fits the cursor to the rows there are now, and the scroll to `height` rows of room.
    pub fn settle(&mut self, rows: &[K], height: usize) {
        let found = self.key.as_ref().and_then(|key| rows.iter().position(|row| row == key));
        self.index = found.unwrap_or(self.index).min(rows.len().saturating_sub(1));
        self.key = rows.get(self.index).cloned();
        self.scroll_to(self.index, rows.len(), height);
    }

    /// Moves the cursor by a number of rows; it stops at the ends.
    pub fn step(&mut self, rows: &[K], by: isize) {
        self.select(rows, self.index.saturating_add_signed(by));
    }

    /// Moves the cursor to a row; beyond the end it is the last.
    pub fn select(&mut self, rows: &[K], index: usize) {
        self.index = index.min(rows.len().saturating_sub(1));
        self.key = rows.get(self.index).cloned();
    }

    fn scroll_to(&mut self, index: usize, count: usize, height: usize) {
        let height = height.max(1);
        let lowest = (index + 1).saturating_sub(height);
        self.offset = self.offset.clamp(lowest, index).min(count.saturating_sub(height));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cursor_stays_on_its_thing() {
        let mut selection = Selection::default();
        selection.settle(&["api", "db"], 5);
        selection.step(&["api", "db"], 1);
        selection.settle(&["aa", "api", "db"], 2);
        assert_eq!(selection, Selection { key: Some("db"), index: 2, offset: 1 });
        selection.settle(&["aa", "api"], 2);
        assert_eq!(selection, Selection { key: Some("api"), index: 1, offset: 0 });
        selection.settle(&[], 2);
        assert_eq!(selection, Selection { key: None, index: 0, offset: 0 });
        selection.step(&[], 9);
        assert_eq!(selection.key, None);
    }
}
