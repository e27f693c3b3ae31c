//! Where in a log the grave lines stand: what is marked beside the scroll bar.

use super::super::Logs;
use super::super::cursor::Span;
use super::super::store::{Gap, Store};
use super::LogView;
use crate::observed::Level;

impl LogView {
    /// For each of so many equal parts of the lines, the gravest level in it. Where logs are merged they are the parts of the
    /// longest. Empty where lines are passed over: then what is left says it itself.
    pub(super) fn map(&self, logs: &Logs, parts: usize) -> Vec<Level> {
        if self.shown.is_some() || self.span != Span::default() {
            return Vec::new();
        }
        let stores: Vec<&Store> = logs.stores(self).map(|(_, store)| store).collect();
        let Some(longest) = stores.iter().max_by_key(|store| store.len()) else { return Vec::new() };
        let all = longest.len();
        let edge = |part: usize| longest.time_of((all * part) / parts.max(1));
        let mut map = Vec::with_capacity(parts);
        for part in 0..parts {
            // The first part has what is before the longest log, the last what is after it.
            let from = if part == 0 { None } else { edge(part) };
            let to = if part + 1 == parts { None } else { edge(part + 1) };
            let within = stores.iter().map(|store| {
                let begin = from.map_or(Gap { chunk: 0, line: 0 }, |from| store.gap(|at, _| at < from));
                let end = Gap { chunk: store.chunks().len(), line: 0 };
                let end = to.map_or(end, |to| store.gap(|at, _| at < to));
                store.gravest(begin, end)
            });
            map.push(within.max().unwrap_or_default());
        }
        map
    }
}
