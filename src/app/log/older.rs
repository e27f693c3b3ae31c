//! Older lines of a log, read page by page while what came since goes on.
//!
//! The engine counts a tail from the log's end and cuts at a moment afterwards. So a page is asked for as the tail of all
//! lines that are held and the page's own, up to the first line held; what is held already is left out by time and, at the
//! very time of the first line held, by number.

use super::chunk::{CHUNK_SIZE, Chunk, Room};
use super::entry::{Entries, MarkKind};
use crate::observed::{Level, LogBatch};

/// The lines of the first page; the following are as many as are held already.
pub const PAGE: usize = 2_000;
/// The lines of the largest page.
pub const LARGEST: usize = 100_000;

/// A page on its way.
#[derive(Clone, Debug)]
pub(super) struct Older {
    /// The number of its stream.
    pub(super) stream: u64,
    /// How many lines before the first one held were asked for.
    wanted: usize,
    /// The time of the first line held.
    until: i64,
    /// How many lines at the beginning of what is held have that time.
    held: usize,
    chunks: Vec<Chunk>,
    count: usize,
    entries: Entries,
    /// Lines of the time of the first line held: the last of them are held.
    edge: Vec<(Vec<u8>, Level, bool)>,
}

impl Older {
    /// A page of so many lines before those of the time `until`, of which `held` are held.
    pub(super) fn new(stream: u64, wanted: usize, until: i64, held: usize) -> Self {
        Self {
            stream,
            wanted,
            until,
            held,
            chunks: Vec::new(),
            count: 0,
            entries: Entries::default(),
            edge: Vec::new(),
        }
    }

    /// Takes lines of the page.
    pub(super) fn take(&mut self, batch: &LogBatch) {
        let mut begin = 0;
        for line in &batch.lines {
            let bytes = batch.bytes.get(begin..line.end as usize).unwrap_or_default();
            begin = line.end as usize;
            let time = super::to_nanoseconds(line.at);
            if time < self.until {
                self.push(bytes, time, line.level, line.stderr);
            } else if time == self.until {
                self.edge.push((bytes.to_vec(), line.level, line.stderr));
            }
        }
    }

    /// The page has come as a whole: its chunks, whose lines are numbered up to `next`, and whether the log begins there.
    pub(super) fn finish(mut self, next: i64) -> (Vec<Chunk>, bool) {
        let edge = std::mem::take(&mut self.edge);
        let missing = edge.len().saturating_sub(self.held);
        for (bytes, level, stderr) in edge.iter().take(missing) {
            self.push(bytes, self.until, *level, *stderr);
        }
        let first = next - self.count as i64;
        for chunk in &mut self.chunks {
            chunk.number_from(first);
            drop(chunk.seal());
        }
        (self.chunks, self.count < self.wanted)
    }

    fn push(&mut self, bytes: &[u8], time: i64, level: Level, stderr: bool) {
        // A clock that was set back does not reorder a log.
        let time = self.chunks.last().and_then(Chunk::last_time).map_or(time, |last| time.max(last));
        let count = self.count as i64;
        self.count += 1;
        let mut mark = self.entries.take(bytes, level, stderr);
        let mut room = Room::default();
        if let Some(open) = self.chunks.last_mut() {
            if open.takes(mark.kind, CHUNK_SIZE) {
                if mark.kind == MarkKind::Begins && open.ends_like(bytes) {
                    mark.kind = MarkKind::Repeats;
                }
                return open.push(bytes, time, mark);
            }
            room = open.seal();
        }
        let mut chunk = Chunk::new(count, room);
        chunk.push(bytes, time, mark);
        self.chunks.push(chunk);
    }
}
