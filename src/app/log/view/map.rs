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
    let times = chunk.times();
    let (Some(first), Some(last)) = (times.first(), times.last()) else { return };
    let part_of = |time: i64| edges.partition_point(|edge| *edge <= time);
    let mut begin = 0;
    for part in part_of(*first)..=part_of(*last) {
        let end = edges.get(part).map_or(times.len(), |edge| times.partition_point(|time| time < edge));
        if let Some(gravest) = map.get_mut(part) {
            *gravest = chunk.gravest(begin..end).max(*gravest);
        }
        begin = end;
    }
}
