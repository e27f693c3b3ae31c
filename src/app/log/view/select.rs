//! Lines that are selected in a view, by keys or by the mouse, to be copied.

use super::super::Logs;
use super::super::cells::strip;
use super::super::cursor::{Content, Item, LogPosition};
use super::super::screen::ViewSize;
use super::LogView;

/// What is selected: from one line to another, both of them too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selection {
    /// Where it began.
    pub from: LogPosition,
    /// Where it has come to: what keys move.
    pub to: LogPosition,
}

/// How far what is selected goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// By lines, down if positive.
    Lines(i64),
    /// To the first line held.
    First,
    /// To the last line held.
    Last,
}

impl Selection {
    fn has(&self, position: &LogPosition) -> bool {
        let (first, last) =
            if self.from <= self.to { (&self.from, &self.to) } else { (&self.to, &self.from) };
        position >= first && position <= last
    }
}

impl LogView {
    /// What is selected.
    pub fn selection(&self) -> Option<&Selection> {
        self.selection.as_ref()
    }

    /// Begins to select at the line that was found last, where that is visible, else at the last visible one; or ends it.
    pub fn toggle_selection(&mut self, logs: &Logs, size: ViewSize) {
        if self.selection.take().is_some() {
            return;
        }
        let found = self.current.clone().filter(|found| self.shows(logs, size, found));
        let last = usize::from(size.height.saturating_sub(1));
        let Some(place) = found.or_else(|| self.position_of_row(logs, size, last)) else { return };
        self.select(logs, size, &place, &place);
    }

    /// Selects from one place to another.
    pub fn select(&mut self, logs: &Logs, size: ViewSize, from: &LogPosition, to: &LogPosition) {
        if self.is_following() {
            self.toggle_follow(logs, size);
        }
        self.selection = Some(Selection { from: from.clone(), to: to.clone() });
    }

    /// Selects nothing. Says whether something was selected.
    pub fn clear_selection(&mut self) -> bool {
        self.selection.take().is_some()
    }

    /// What is selected goes on to another line, which is made visible.
    pub fn extend_selection(&mut self, logs: &Logs, size: ViewSize, reach: Reach) {
        let Some(selection) = &self.selection else { return };
        let mut cursor = logs.cursor(self);
        cursor.seek(&selection.to);
        match reach {
            Reach::First => while cursor.backward().is_some() {},
            Reach::Last => {
                cursor.seek_end();
                cursor.backward();
            }
            Reach::Lines(lines) => {
                for _ in 0..lines.unsigned_abs() {
                    let step = if lines < 0 { cursor.backward() } else { cursor.forward() };
                    if step.is_none() {
                        break;
                    }
                }
                if cursor.peek().is_none() {
                    cursor.backward();
                }
            }
        }
        let Some(to) = cursor.peek().map(|item| item.position()) else { return };
        if let Some(selection) = &mut self.selection {
            selection.to = to.clone();
        }
        self.bring_in(logs, size, &to);
    }

    /// Scrolls as little as makes a place visible.
    fn bring_in(&mut self, logs: &Logs, size: ViewSize, place: &LogPosition) {
        if self.shows(logs, size, place) {
            return;
        }
        let mut cursor = logs.cursor(self);
        self.seek(&mut cursor, size);
        let is_above = cursor.peek().is_some_and(|top| *place <= top.position());
        cursor.seek(place);
        if is_above {
            return self.pause(logs, cursor.peek(), 0);
        }
        cursor.forward();
        let skip = self.rows_up(&mut cursor, self.columns(size.width).text, 0, usize::from(size.height));
        self.pause(logs, cursor.peek(), skip);
    }

    /// The place of the line or rule in a visible row; of the last one below them.
    pub fn position_of_row(&self, logs: &Logs, size: ViewSize, row: usize) -> Option<LogPosition> {
        let mut cursor = logs.cursor(self);
        let skip = self.seek(&mut cursor, size);
        self.rows_down(&mut cursor, self.columns(size.width).text, skip, row);
        if cursor.peek().is_none() {
            cursor.backward();
        }
        cursor.peek().map(|item| item.position())
    }

    /// What is selected as text without colours, each line with its source where the view shows several; and how many lines
    /// that are.
    pub fn selected_text(&self, logs: &Logs) -> Option<(String, usize)> {
        let Selection { from, to } = self.selection.clone()?;
        let mut cursor = logs.cursor(self);
        cursor.seek(if from <= to { &from } else { &to });
        let last = from.max(to);
        let (mut bytes, mut offsets, mut count) = (Vec::new(), Vec::new(), 0);
        while let Some(item) = cursor.forward().filter(|item| item.position() <= last) {
            let Content::Line(line) = item.content else { continue };
            if self.sources.len() > 1 {
                let label = self.sources.get(item.source).map(super::super::LogSource::label);
                bytes.extend_from_slice(label.unwrap_or_default().as_bytes());
                bytes.push(b' ');
            }
            offsets.clear();
            strip(line.bytes, &mut bytes, &mut offsets);
            bytes.push(b'\n');
            count += 1;
        }
        Some((String::from_utf8_lossy(&bytes).into_owned(), count))
    }

    /// Whether an item is selected.
    pub(super) fn has_selected(&self, item: &Item<'_>) -> bool {
        self.selection.as_ref().is_some_and(|selection| selection.has(&item.position()))
    }
}
