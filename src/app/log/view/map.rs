//! Where in a log the grave lines stand: what is marked beside the scroll bar.

use super::super::Logs;
use super::super::chunk::Chunk;
use super::super::cursor::Span;
use super::LogView;
use crate::observed::Level;

impl LogView {
    /// For each of so many equal parts of the lines, the gravest level in it. Where logs are merged they are the parts of the
    /// longest. Empty where lines are passed over: then what is left says it itself.
    pub(super) fn map(&self, logs: &Logs, parts: usize) -> Vec<Level> {
        if self.shown.is_some() || self.span != Span::default() {
            return Vec::new();
        }
        let stores = || logs.stores(self).map(|(_, store)| store);
        let Some(longest) = stores().max_by_key(|store| store.len()) else { return Vec::new() };
        // The first part has what is before the longest log, the last what is after it.
        let edges = (1..parts).filter_map(|part| longest.time_of((longest.len() * part) / parts.max(1)));
        let edges: Vec<i64> = edges.collect();
        let mut map = vec![Level::Unknown; edges.len() + 1];
        map.resize(parts, Level::Unknown);
        for store in stores() {
            for chunk in store.chunks() {
                add(chunk, &edges, &mut map);
            }
        }
        map
    }
}

/// Adds the lines of a chunk to the parts that they belong to: those before the first edge to the first one, and so on.
fn add(chunk: &Chunk, edges: &[i64], map: &mut [Level]) {
    let (Some(first), Some(last)) = (chunk.time(0), chunk.last_time()) else { return };
    let part_of = |time: i64| edges.partition_point(|edge| *edge <= time);
    let (first, last) = (part_of(first), part_of(last));
    let all = chunk.gravest(0..chunk.len());
    // Of thousands of chunks most say nothing that others have not said.
    if map.get(first..=last).is_some_and(|parts| parts.iter().all(|known| *known >= all)) {
        return;
    }
    let mut begin = 0;
    for part in first..=last {
        let end = match edges.get(part).filter(|_| part < last) {
            Some(edge) => chunk.count_while(|time| time < *edge),
            None => chunk.len(),
        };
        if let Some(gravest) = map.get_mut(part) {
            *gravest = chunk.gravest(begin..end).max(*gravest);
        }
        begin = end;
    }
}
