//! What a container has printed: messages with their time and stream, the oldest given up when there are too many bytes.
//!
//! A message is what the engine's json-file driver makes of the output: a line with its newline, 16 KiB of a longer one, or
//! what is left at the end without a newline.

use std::collections::VecDeque;

use bytes::Bytes;
use tokio::sync::mpsc;

use super::super::clock::Moment;

/// How many bytes of a container's output are kept at most.
const KEPT: usize = 1024 * 1024;
/// How many of all containers' output together, roughly: each gets a part of it by how many there were before it.
const KEPT_IN_ALL: usize = 32 * 1024 * 1024;
/// The bytes of a block: the oldest block goes as a whole.
const BLOCK: usize = 64 * 1024;
/// The longest message; the engine cuts longer lines.
const LONGEST: usize = 16 * 1024;

/// Where a program wrote.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Source {
    /// Standard output.
    #[default]
    Output,
    /// Standard error.
    Error,
}

/// One message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Message<'a> {
    /// Its number; the next message has the next.
    pub(crate) number: u64,
    /// When it was printed.
    pub(crate) at: Moment,
    /// Where.
    pub(crate) source: Source,
    /// The bytes, with the newline if there was one.
    pub(crate) bytes: &'a [u8],
}

/// A container's output.
#[derive(Debug)]
pub(crate) struct Log {
    blocks: VecDeque<Block>,
    /// How many bytes are kept.
    kept: usize,
    /// The number of the next message.
    next: u64,
    bytes: usize,
    /// A line that has not ended, of each stream.
    open: [Vec<u8>; 2],
    /// Who is attached: they are given the bytes as they come.
    taps: Vec<mpsc::UnboundedSender<(Source, Bytes)>>,
}

#[derive(Debug, Default)]
struct Block {
    first: u64,
    entries: Vec<Entry>,
    bytes: Vec<u8>,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    at: Moment,
    source: Source,
    end: u32,
}

impl Log {
    /// The log of a container beside so many others.
    pub(crate) fn new(others: usize) -> Self {
        let kept = (KEPT_IN_ALL / (others + 1)).clamp(BLOCK, KEPT);
        Self { blocks: VecDeque::new(), kept, next: 0, bytes: 0, open: Default::default(), taps: Vec::new() }
    }

    /// Takes what a program printed.
    pub(crate) fn print(&mut self, at: Moment, source: Source, bytes: &[u8]) {
        if !self.taps.is_empty() {
            self.taps.retain(|tap| tap.send((source, Bytes::copy_from_slice(bytes))).is_ok());
        }
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            let open = &mut self.open[source as usize];
            if open.is_empty() && piece.ends_with(b"\n") && piece.len() <= LONGEST {
                self.push(at, source, piece);
                continue;
            }
            open.extend_from_slice(piece);
            while self.open[source as usize].len() > LONGEST {
                let rest = self.open[source as usize].split_off(LONGEST);
                let full = std::mem::replace(&mut self.open[source as usize], rest);
                self.push(at, source, &full);
            }
            if piece.ends_with(b"\n") {
                self.end_line(at, source);
            }
        }
    }

    /// From now on gives what is printed, as it comes, until the program ends.
    pub(crate) fn tap(&mut self) -> mpsc::UnboundedReceiver<(Source, Bytes)> {
        let (sender, receiver) = mpsc::unbounded_channel();
        self.taps.push(sender);
        receiver
    }

    /// The program has ended: what has no newline is a message as it is, and nobody is attached any more.
    pub(crate) fn finish(&mut self, at: Moment) {
        self.taps.clear();
        for source in [Source::Output, Source::Error] {
            if !self.open[source as usize].is_empty() {
                self.end_line(at, source);
            }
        }
    }

    /// The number that the next message will have.
    pub(crate) fn next(&self) -> u64 {
        self.next
    }

    /// The number of the oldest message that is kept.
    pub(crate) fn first(&self) -> u64 {
        self.blocks.front().map_or(self.next, |block| block.first)
    }

    /// The messages from this number on, or from the oldest that is kept.
    pub(crate) fn from(&self, number: u64) -> impl DoubleEndedIterator<Item = Message<'_>> {
        let skipped = self.blocks.partition_point(|block| block.end() <= number);
        self.blocks.range(skipped..).flat_map(move |block| block.from(number))
    }

    fn end_line(&mut self, at: Moment, source: Source) {
        let line = std::mem::take(&mut self.open[source as usize]);
        self.push(at, source, &line);
    }

    fn push(&mut self, at: Moment, source: Source, bytes: &[u8]) {
        let is_full = self.blocks.back().is_none_or(|block| block.bytes.len() + bytes.len() > BLOCK);
        if is_full {
            self.blocks.push_back(Block { first: self.next, ..Block::default() });
        }
        self.bytes += bytes.len();
        while self.bytes > self.kept && self.blocks.len() > 1 {
            self.bytes -= self.blocks.pop_front().map_or(0, |block| block.bytes.len());
        }
        let Some(block) = self.blocks.back_mut() else { return };
        block.bytes.extend_from_slice(bytes);
        block.entries.push(Entry { at, source, end: block.bytes.len() as u32 });
        self.next += 1;
    }
}

impl Block {
    fn end(&self) -> u64 {
        self.first + self.entries.len() as u64
    }

    fn from(&self, number: u64) -> impl DoubleEndedIterator<Item = Message<'_>> {
        let skipped = number.saturating_sub(self.first) as usize;
        (skipped..self.entries.len()).map(move |index| {
            let Entry { at, source, end } = self.entries[index];
            let start = index.checked_sub(1).map_or(0, |before| self.entries[before].end);
            let bytes = &self.bytes[start as usize..end as usize];
            Message { number: self.first + index as u64, at, source, bytes }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(log: &Log, from: u64) -> Vec<String> {
        log.from(from).map(|one| format!("{:?} {}", one.source, String::from_utf8_lossy(one.bytes))).collect()
    }

    #[test]
    fn lines_are_messages_and_the_rest_waits() {
        let mut log = Log::new(0);
        log.print(Moment(1), Source::Output, b"one\ntw");
        log.print(Moment(2), Source::Error, b"oops\n");
        log.print(Moment(3), Source::Output, b"o\nrest");
        assert_eq!(texts(&log, 0), ["Output one\n", "Error oops\n", "Output two\n"]);
        assert_eq!(texts(&log, 2), ["Output two\n"]);
        log.finish(Moment(4));
        assert_eq!(texts(&log, 3), ["Output rest"]);
    }

    #[test]
    fn long_lines_are_cut_and_the_oldest_go() {
        let mut log = Log::new(0);
        log.print(Moment(1), Source::Output, &vec![b'x'; LONGEST * 2 + 5]);
        assert_eq!(log.from(0).map(|one| one.bytes.len()).collect::<Vec<_>>(), [LONGEST, LONGEST]);
        for _ in 0..3 * KEPT / LONGEST {
            let mut line = vec![b'y'; LONGEST - 1];
            line.push(b'\n');
            log.print(Moment(2), Source::Output, &line);
        }
        assert!(log.first() > 0 && log.bytes <= KEPT + BLOCK);
        assert_eq!(log.from(0).next().unwrap().number, log.first());
        assert_eq!(log.from(0).next_back().unwrap().number + 1, log.next());
    }
}
