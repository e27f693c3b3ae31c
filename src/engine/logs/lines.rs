//! Puts lines together from pieces, takes the engine's time stamps off, and fills batches.
//!
//! The engine sends one message of its log driver at a time: a line, or, of a line over 16 KiB, a part of it without a
//! newline. Each message has its own stamp, those inside a line too. In frames a message is a frame; from a terminal a
//! message can only be told by its size: a stamp that stands exactly after so many bytes is no text of the line.
//!
//! A line is held back until it ends, but never more than [`SEGMENT`] bytes of it: a longer one becomes several.

use jiff::Timestamp;

use super::framing::{Piece, Source};
use super::level::detect;
use super::sanitise::{Sanitiser, is_plain};
use super::stamp;
use crate::observed::{ContainerId, Level, LogBatch, LogLine};

/// The longest line that is kept whole, in bytes of safe text.
pub const SEGMENT: usize = 64 * 1024;
/// How large a batch grows, index included.
pub const BATCH: usize = 256 * 1024;
/// What one line costs in a batch beside its bytes.
const INDEX: usize = size_of::<LogLine>();
/// The size at which the engine cuts a line into messages (`defaultBufSize` of moby's daemon/logger/copier.go).
const MESSAGE: usize = 16 * 1024;

/// The lines of one stream of the container, while they come.
#[derive(Default)]
struct Open {
    sanitiser: Sanitiser,
    /// Whether something of a line has come and its end has not.
    begun: bool,
    /// When the line began.
    at: Timestamp,
    /// The level of the line's first segment, once that is known.
    level: Option<Level>,
}

/// What a raw stream is about to bring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Raw {
    /// A stamp, at the beginning of a line or of another message within it.
    Stamp { within: bool },
    /// So many bytes of the message have come.
    Text(usize),
}

/// The state between two pieces, and the batches that are ready.
pub struct Lines {
    container: ContainerId,
    stream: u64,
    output: Open,
    error: Open,
    raw: Raw,
    /// The beginning of a raw message, until it is long enough to hold a stamp.
    head: Vec<u8>,
    batch: LogBatch,
    ready: Vec<LogBatch>,
}

/// What a batch takes of the lane's budget, in bytes.
pub fn cost(batch: &LogBatch) -> usize {
    batch.bytes.len() + batch.lines.len() * INDEX
}

impl Lines {
    /// For the stream of this number.
    pub fn new(container: ContainerId, stream: u64) -> Self {
        let batch = LogBatch { container: container.clone(), stream, bytes: Vec::new(), lines: Vec::new() };
        Self {
            container,
            stream,
            output: Open::default(),
            error: Open::default(),
            raw: Raw::Stamp { within: false },
            head: Vec::new(),
            batch,
            ready: Vec::new(),
        }
    }

    /// Takes a piece.
    pub fn push(&mut self, piece: &Piece<'_>) {
        match piece.source {
            Source::Terminal => self.push_raw(piece.bytes),
            Source::Output => self.push_frame(piece, false),
            Source::Error => self.push_frame(piece, true),
        }
    }

    /// The stream has ended: what has no newline yet is a line too.
    pub fn finish(&mut self) {
        if !self.head.is_empty() {
            let head = std::mem::take(&mut self.head);
            self.begin_line(false, None);
            self.add(&head, false);
        }
        for stderr in [false, true] {
            if self.open(stderr).begun {
                self.end_line(&[], stderr);
            }
        }
    }

    /// The batches that are ready; with them what has come so far.
    pub fn take(&mut self) -> Vec<LogBatch> {
        self.close_batch();
        std::mem::take(&mut self.ready)
    }

    /// What stands ready, in bytes of the lane's budget.
    pub fn waiting(&self) -> usize {
        self.ready.iter().map(cost).sum::<usize>() + cost(&self.batch)
    }

    fn push_frame(&mut self, piece: &Piece<'_>, stderr: bool) {
        let mut rest = piece.bytes;
        let mut stamped = piece.begins;
        loop {
            if stamped {
                let at = stamp::parse(rest);
                rest = at.map_or(rest, |(_, length)| rest.get(length..).unwrap_or_default());
                if !self.open(stderr).begun {
                    self.begin_line(stderr, at.map(|(at, _)| at));
                }
            }
            let Some(newline) = rest.iter().position(|byte| *byte == b'\n') else { break };
            self.end_line(&rest[..newline], stderr);
            rest = &rest[newline + 1..];
            if rest.is_empty() {
                return;
            }
            stamped = true;
        }
        self.add(rest, stderr);
    }

    fn push_raw(&mut self, bytes: &[u8]) {
        let mut rest = bytes;
        while !rest.is_empty() {
            rest = match self.raw {
                Raw::Stamp { within } => self.push_raw_head(rest, within),
                Raw::Text(length) => self.push_raw_text(rest, length),
            };
        }
    }

    /// The beginning of a message: waits until a stamp would be whole, then takes it off.
    fn push_raw_head<'a>(&mut self, bytes: &'a [u8], within: bool) -> &'a [u8] {
        let end =
            |bytes: &[u8]| bytes.iter().take(stamp::LONGEST).any(|byte| *byte == b' ' || *byte == b'\n');
        if self.head.is_empty() && (bytes.len() >= stamp::LONGEST || end(bytes)) {
            let at = stamp::parse(bytes);
            self.begin_message(at.map(|(at, _)| at), within);
            return bytes.get(at.map_or(0, |(_, length)| length)..).unwrap_or_default();
        }
        let (byte, rest) = bytes.split_at(1);
        self.head.extend_from_slice(byte);
        if self.head.len() >= stamp::LONGEST || end(&self.head) {
            let head = std::mem::take(&mut self.head);
            let at = stamp::parse(&head);
            self.begin_message(at.map(|(at, _)| at), within);
            self.push_raw(head.get(at.map_or(0, |(_, length)| length)..).unwrap_or_default());
        }
        rest
    }

    fn begin_message(&mut self, at: Option<Timestamp>, within: bool) {
        self.raw = Raw::Text(0);
        if !within {
            self.begin_line(false, at);
        }
    }

    fn push_raw_text<'a>(&mut self, bytes: &'a [u8], length: usize) -> &'a [u8] {
        let message = bytes.get(..MESSAGE - length).unwrap_or(bytes);
        if let Some(newline) = message.iter().position(|byte| *byte == b'\n') {
            self.end_line(&message[..newline], false);
            self.raw = Raw::Stamp { within: false };
            return &bytes[newline + 1..];
        }
        self.add(message, false);
        let length = length + message.len();
        self.raw = if length == MESSAGE { Raw::Stamp { within: true } } else { Raw::Text(length) };
        &bytes[message.len()..]
    }

    fn open(&mut self, stderr: bool) -> &mut Open {
        if stderr { &mut self.error } else { &mut self.output }
    }

    /// A line begins; without a stamp at the time of the one before.
    fn begin_line(&mut self, stderr: bool, at: Option<Timestamp>) {
        let open = self.open(stderr);
        open.at = at.unwrap_or(open.at);
        open.begun = true;
        open.level = None;
    }

    /// Some of a line has come.
    fn add(&mut self, bytes: &[u8], stderr: bool) {
        for part in bytes.chunks(SEGMENT / 4) {
            let open = self.open(stderr);
            open.sanitiser.feed(part);
            if open.sanitiser.text().len() >= SEGMENT {
                self.write_segment(stderr);
            }
        }
    }

    /// A line ends with these bytes.
    fn end_line(&mut self, bytes: &[u8], stderr: bool) {
        let bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
        let open = self.open(stderr);
        let whole = open.sanitiser.is_fresh();
        open.begun = false;
        if whole && bytes.len() <= SEGMENT && is_plain(bytes) {
            let at = open.at;
            self.write(bytes, at, detect(bytes), stderr);
            return;
        }
        self.add(bytes, stderr);
        let open = self.open(stderr);
        open.sanitiser.finish();
        if !open.sanitiser.text().is_empty() || open.level.is_none() {
            self.write_segment(stderr);
        }
    }

    /// Writes what is safe of a line as a line of its own.
    fn write_segment(&mut self, stderr: bool) {
        let mut sanitiser = std::mem::take(&mut self.open(stderr).sanitiser);
        let open = self.open(stderr);
        let level = *open.level.get_or_insert_with(|| detect(sanitiser.text()));
        let at = open.at;
        self.write(sanitiser.text(), at, level, stderr);
        sanitiser.clear();
        self.open(stderr).sanitiser = sanitiser;
    }

    fn write(&mut self, text: &[u8], at: Timestamp, level: Level, stderr: bool) {
        self.batch.bytes.extend_from_slice(text);
        self.batch.lines.push(LogLine { end: self.batch.bytes.len() as u32, at, level, stderr });
        if cost(&self.batch) >= BATCH {
            self.close_batch();
        }
    }

    fn close_batch(&mut self) {
        if self.batch.lines.is_empty() {
            return;
        }
        let (container, stream) = (self.container.clone(), self.stream);
        let next = LogBatch { container, stream, bytes: Vec::new(), lines: Vec::new() };
        self.ready.push(std::mem::replace(&mut self.batch, next));
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use super::super::framing::Framing;
    use super::*;

    const STAMP: &str = "2026-11-23T14:03:10.000000000Z ";
    const LATER: &str = "2026-11-23T14:03:11.000000000Z ";

    fn frame(stream: u8, text: &str) -> Vec<u8> {
        let mut bytes = vec![stream, 0, 0, 0];
        bytes.extend_from_slice(&(text.len() as u32).to_be_bytes());
        bytes.extend_from_slice(text.as_bytes());
        bytes
    }

    /// Reads the bytes in chunks of this size. A line each: second, level, `!` for standard error, text.
    fn read(bytes: &[u8], size: usize) -> String {
        let mut framing = Framing::default();
        let mut lines = Lines::new("c".into(), 1);
        for chunk in bytes.chunks(size) {
            framing.push(chunk, |piece| lines.push(&piece)).unwrap();
        }
        lines.finish();
        let mut text = String::new();
        for batch in lines.take() {
            let mut begin = 0;
            for line in &batch.lines {
                let bytes = &batch.bytes[begin..line.end as usize];
                begin = line.end as usize;
                let second = line.at.as_second() - 1_795_442_580;
                let mark = if line.stderr { "!" } else { "" };
                writeln!(text, "{second} {:?}{mark} {}", line.level, str::from_utf8(bytes).unwrap()).unwrap();
            }
        }
        text
    }

    fn check(bytes: &[u8], expected: &str) {
        for size in 1..=bytes.len() {
            assert_eq!(read(bytes, size), expected, "in chunks of {size}");
        }
    }

    #[test]
    fn frames_become_lines() {
        let bytes = [
            frame(1, &format!("{STAMP}INFO one\n")),
            frame(2, &format!("{STAMP}two\u{1b}[1m!\u{1b}[2J\n")),
            frame(1, &format!("{LATER}\n")),
            frame(1, &format!("{LATER}no newline")),
        ];
        let expected = "10 Info INFO one\n10 Unknown! two\u{1b}[1m!\n11 Unknown \n11 Unknown no newline\n";
        check(&bytes.concat(), expected);
    }

    #[test]
    fn raw_lines_of_a_terminal() {
        let bytes = format!("{STAMP}one\r\n{LATER}10%\r20%\r\n{LATER}\r\n{LATER}\u{e9} half");
        check(bytes.as_bytes(), "10 Unknown one\n11 Unknown 20%\n11 Unknown \n11 Unknown \u{e9} half\n");
    }

    #[test]
    fn parts_of_a_long_line_are_joined() {
        let part = "x".repeat(MESSAGE);
        let framed = [
            frame(1, &format!("{STAMP}{part}")),
            frame(2, &format!("{STAMP}between\n")),
            frame(1, &format!("{LATER}end\n")),
        ];
        let raw = format!("{STAMP}{part}{LATER}end\r\n{LATER}next\r\n");
        for size in [1, 7, 31, 1000, MESSAGE, 1 << 20] {
            assert_eq!(read(&framed.concat(), size), format!("10 Unknown! between\n10 Unknown {part}end\n"));
            assert_eq!(read(raw.as_bytes(), size), format!("10 Unknown {part}end\n11 Unknown next\n"));
        }
    }

    #[test]
    fn a_line_of_a_terminal_may_hold_a_stamp() {
        let raw = format!("{STAMP}seen at {LATER}by me\r\n");
        check(raw.as_bytes(), &format!("10 Unknown seen at {LATER}by me\n"));
    }

    #[test]
    fn an_endless_line_becomes_segments() {
        let parts: Vec<u8> =
            (0..700).flat_map(|_| frame(1, &format!("{STAMP}{}", "é\u{1b}[31m".repeat(1000)))).collect();
        let text = read(&parts, 5000);
        let longest = text.lines().map(str::len).max().unwrap();
        assert!(longest <= SEGMENT + SEGMENT / 2, "{longest}");
        assert_eq!(text.matches('é').count(), 700_000);
        let mut lines = Lines::new("c".into(), 1);
        let returns = vec![b'\r'; 1 << 20];
        for begins in [true, false, false] {
            lines.push(&Piece { source: Source::Output, begins, bytes: &returns });
        }
        lines.finish();
        assert_eq!(lines.take().iter().map(|batch| batch.bytes.len()).sum::<usize>(), 0);
    }

    #[test]
    fn batches_are_bounded() {
        let mut lines = Lines::new("c".into(), 1);
        let bytes = format!("{STAMP}{}\n", "x".repeat(1000));
        for _ in 0..1000 {
            lines.push(&Piece { source: Source::Output, begins: true, bytes: bytes.as_bytes() });
        }
        let batches = lines.take();
        assert_eq!(batches.len(), 4);
        assert!(batches.iter().all(|batch| cost(batch) < BATCH + 2000));
    }
}
