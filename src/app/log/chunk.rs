//! A stretch of a container's log: the bytes of its lines, one after the other, and a compact index of them.
//!
//! A chunk grows until it is full; then its text is compressed and never changes. It is shared by `Arc`, so that a search
//! reads the very chunks that the view shows, without a lock. It never holds an allocation per line.
//!
//! The index is packed into as few bytes as its numbers need, each of which can be read by itself: walking by time costs next
//! to nothing, and empty lines little. The text of a full chunk is unpacked when a line of it is
//! drawn, once, and kept until [`Chunk::rest`]; who reads whole chunks unpacks them into room of their own.

use std::sync::OnceLock;

use jiff::Timestamp;
use lz4_flex::block;

use super::entry::{Mark, MarkKind, is_same};
use super::packed::Packed;
use crate::observed::Level;

/// How large a chunk grows at most, index included, in bytes: smaller where many logs grow side by side.
pub const CHUNK_SIZE: usize = 256 * 1024;

/// What the index of one line costs while the chunk grows, in bytes.
const INDEX_SIZE: usize = size_of::<u32>() + size_of::<i64>() + size_of::<u8>();

/// Bits of the byte that the index keeps for each line beside the level, which has the lowest three.
const STDERR: u8 = 1 << 3;
const REPEATS: u8 = 1 << 4;
/// In place of the level of a line that goes on with an entry and has none of its own.
const GOES_ON: u8 = 7;
/// Where the bits of the line's gravity begin, which has the highest three.
const GRAVITY: u8 = 5;

/// Of how many lines the gravest level is kept.
const BLOCK: usize = 64;

/// The most lines that a chunk has: those of a long entry may go beyond its size.
pub const CHUNK_LINES: usize = 2 * CHUNK_SIZE / INDEX_SIZE + 1;

/// The text of all lines, one after the other.
#[derive(Clone, Debug)]
enum Text {
    /// As it is: the chunk grows, or is about to be compressed.
    Plain(Vec<u8>),
    /// Compressed.
    Packed {
        /// The bytes of LZ4.
        packed: Vec<u8>,
        /// How long the text is.
        size: usize,
        /// The text, once a line of it was asked for.
        unpacked: OnceLock<Vec<u8>>,
    },
}

/// Lines of one container that follow each other.
#[derive(Clone, Debug)]
pub struct Chunk {
    first: i64,
    text: Text,
    index: Index,
    /// How grave the gravest of each so many lines is.
    graves: Vec<Level>,
}

/// Of each line: where it ends in the text, beginning where the one before ended; when the engine received it, in nanoseconds
/// since 1970 and never falling; its level and bits.
#[derive(Clone, Debug)]
enum Index {
    /// As it is while the chunk grows.
    Plain { ends: Vec<u32>, times: Vec<i64>, marks: Vec<u8> },
    /// Of a chunk that never changes but for single bits.
    Packed { ends: Packed, times: Packed, marks: Vec<u8> },
}

/// What a chunk grows in: empty, but with the memory that the one before needed.
#[derive(Debug, Default)]
pub struct Room {
    text: Vec<u8>,
    ends: Vec<u32>,
    times: Vec<i64>,
    marks: Vec<u8>,
}

/// One stored line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line<'a> {
    /// Its text: valid UTF-8 with SGR sequences and no other control bytes.
    pub bytes: &'a [u8],
    /// When the engine received it.
    pub at: Timestamp,
    /// How grave it is.
    pub level: Level,
    /// How grave its entry is: a line of a stack trace is as grave as the line that it belongs to.
    pub gravity: Level,
    /// Whether it came on standard error.
    pub stderr: bool,
    /// How many lines after it say the same again; counted at the first of them only, and up to the end of its chunk.
    pub again: usize,
}

impl Room {
    /// The room itself, unless it is far more than a chunk of this size needs.
    #[must_use]
    pub fn within(self, limit: usize) -> Self {
        let lines = self.times.capacity() * INDEX_SIZE;
        if self.text.capacity() + lines > 4 * limit { Self::default() } else { self }
    }
}

impl Line<'_> {
    /// Whether it holds SGR sequences.
    pub fn is_styled(&self) -> bool {
        self.bytes.contains(&0x1b)
    }
}

impl Chunk {
    /// An empty chunk whose first line will have this sequence number, to grow in this room.
    pub fn new(first: i64, room: Room) -> Self {
        let Room { text, ends, times, marks } = room;
        let index = Index::Plain { ends, times, marks };
        Self { first, text: Text::Plain(text), index, graves: Vec::new() }
    }

    /// Adds a line. Its time is not before that of the line before it. A chunk that was sealed stays as it is.
    pub fn push(&mut self, line: &[u8], time: i64, mark: Mark) {
        let (Text::Plain(text), Index::Plain { ends, times, marks }) = (&mut self.text, &mut self.index)
        else {
            return;
        };
        text.extend_from_slice(line);
        ends.push(text.len() as u32);
        times.push(time);
        if marks.len().is_multiple_of(BLOCK) {
            self.graves.push(Level::Unknown);
        }
        if let Some(gravest) = self.graves.last_mut() {
            *gravest = mark.gravity.max(*gravest);
        }
        let level = if mark.kind == MarkKind::GoesOn { GOES_ON } else { level_to_bits(mark.level) };
        let repeats = if mark.kind == MarkKind::Repeats { REPEATS } else { 0 };
        let stderr = if mark.stderr { STDERR } else { 0 };
        marks.push(level | stderr | repeats | level_to_bits(mark.gravity) << GRAVITY);
    }

    /// Whether a line would say what the last one of a chunk that still grows says.
    pub(super) fn ends_like(&self, line: &[u8]) -> bool {
        let Text::Plain(text) = &self.text else { return false };
        let begin = self.len().checked_sub(2).and_then(|before| self.index.end(before)).unwrap_or(0);
        !self.is_empty() && text.get(begin..).is_some_and(|last| is_same(last, line))
    }

    /// The line of this index does not repeat the one before it: something happened between them.
    pub(super) fn part(&mut self, index: usize) {
        let (Index::Plain { marks, .. } | Index::Packed { marks, .. }) = &mut self.index;
        if let Some(mark) = marks.get_mut(index) {
            *mark &= !REPEATS;
        }
    }

    /// Compresses the text, once the chunk is full, into as little memory as that takes, and gives the room in which it
    /// grew to the chunk that follows: given back in pieces between what stays, it would be lost to whoever asks for
    /// larger ones.
    pub fn seal(&mut self) -> Room {
        let (Text::Plain(text), Index::Plain { ends, times, marks }) = (&mut self.text, &mut self.index)
        else {
            return Room::default();
        };
        let packed = block::compress(text).as_slice().to_vec();
        let size = text.len();
        let index = Index::Packed {
            ends: Packed::new(ends.iter().map(|end| i64::from(*end))),
            times: Packed::new(times.iter().copied()),
            marks: marks.as_slice().to_vec(),
        };
        let room =
            Room { text: emptied(text), ends: emptied(ends), times: emptied(times), marks: emptied(marks) };
        self.graves.shrink_to_fit();
        self.index = index;
        self.text = Text::Packed { packed, size, unpacked: OnceLock::new() };
        room
    }

    /// Lets go of the text that was unpacked to be drawn.
    pub fn rest(&mut self) {
        if let Text::Packed { unpacked, .. } = &mut self.text {
            unpacked.take();
        }
    }

    /// Whether nothing is to be gained by [`Chunk::seal`] or [`Chunk::rest`].
    pub fn is_at_rest(&self) -> bool {
        matches!(&self.text, Text::Packed { unpacked, .. } if unpacked.get().is_none())
    }

    /// How many lines it has.
    pub fn len(&self) -> usize {
        self.index.marks().len()
    }

    /// Whether it has no line.
    pub fn is_empty(&self) -> bool {
        self.index.marks().is_empty()
    }

    /// Whether the next line, standing so to the one before, belongs into this chunk, which is to grow to this size, in
    /// bytes: an entry is not torn apart for being a little long.
    pub fn takes(&self, kind: MarkKind, limit: usize) -> bool {
        let size = self.text.len() + self.len() * INDEX_SIZE;
        let limit = if kind == MarkKind::GoesOn { 2 * limit } else { limit };
        self.grows() && size < limit
    }

    /// Whether lines can be added: it was not sealed.
    pub fn grows(&self) -> bool {
        matches!(self.text, Text::Plain(_))
    }

    /// How long the text of all lines is, in bytes.
    pub fn text_size(&self) -> usize {
        self.text.len()
    }

    /// What it takes of the memory at rest, in bytes.
    pub fn size(&self) -> usize {
        self.text.size() + self.index.size() + self.graves.capacity()
    }

    /// The sequence number of its first line.
    pub fn first(&self) -> i64 {
        self.first
    }

    /// The time of the line of this index, in nanoseconds since 1970; never falling from one to the next.
    pub fn time(&self, index: usize) -> Option<i64> {
        self.index.time(index)
    }

    /// The time of its last line.
    pub fn last_time(&self) -> Option<i64> {
        self.time(self.len().checked_sub(1)?)
    }

    /// How many lines there are before the first whose time does not fit, those after it not fitting either.
    pub fn count_while(&self, fits: impl Fn(i64) -> bool) -> usize {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = low.midpoint(high);
            if self.time(middle).is_some_and(&fits) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }

    /// Numbers its lines from so much further on.
    pub(super) fn number_from(&mut self, first: i64) {
        self.first += first;
    }

    /// How grave the line of this index is. Unpacks nothing.
    pub fn level(&self, index: usize) -> Option<Level> {
        self.index.marks().get(index).map(|mark| level_from_bits(*mark))
    }

    /// How grave the entry of the line of this index is. Unpacks nothing.
    pub fn gravity(&self, index: usize) -> Level {
        self.index.marks().get(index).map_or(Level::Unknown, |mark| level_from_bits(mark >> GRAVITY))
    }

    /// The gravest level among these lines, taken a little too wide where they are many.
    pub(super) fn gravest(&self, lines: std::ops::Range<usize>) -> Level {
        if lines.is_empty() {
            return Level::Unknown;
        }
        if lines.len() < BLOCK {
            return lines.map(|line| self.gravity(line)).max().unwrap_or_default();
        }
        let blocks = self.graves.get(lines.start / BLOCK..lines.end.div_ceil(BLOCK));
        blocks.and_then(|blocks| blocks.iter().max()).copied().unwrap_or_default()
    }

    /// Whether the line of this index goes on with the entry of the line before it. Unpacks nothing.
    pub fn goes_on(&self, index: usize) -> bool {
        self.index.marks().get(index).is_some_and(|mark| mark & GOES_ON == GOES_ON)
    }

    /// Whether the line of this index says what the one before it says. Unpacks nothing.
    pub fn repeats(&self, index: usize) -> bool {
        self.index.marks().get(index).is_some_and(|mark| mark & REPEATS != 0)
    }

    /// The line of this index, counted from 0. Unpacks the text, which is kept until [`Chunk::rest`].
    pub fn line(&self, index: usize) -> Option<Line<'_>> {
        self.line_in(self.text.bytes(), index)
    }

    /// To read many lines: the text is unpacked into `room`, where it is not at hand.
    pub fn reader<'a>(&'a self, room: &'a mut Vec<u8>) -> Reader<'a> {
        Reader { chunk: self, text: self.text.bytes_in(room) }
    }

    fn line_in<'a>(&self, text: &'a [u8], index: usize) -> Option<Line<'a>> {
        let end = self.index.end(index)?;
        let begin = index.checked_sub(1).and_then(|before| self.index.end(before)).unwrap_or(0);
        let mark = *self.index.marks().get(index)?;
        let again = if mark & REPEATS == 0 { self.count_repeats(index + 1) } else { 0 };
        Some(Line {
            bytes: text.get(begin..end)?,
            at: from_nanoseconds(self.time(index)?),
            level: level_from_bits(mark),
            gravity: level_from_bits(mark >> GRAVITY),
            stderr: mark & STDERR != 0,
            again,
        })
    }

    /// How many lines from this one on repeat the line before it.
    fn count_repeats(&self, from: usize) -> usize {
        let rest = self.index.marks().get(from..).unwrap_or_default();
        rest.iter().position(|mark| mark & REPEATS == 0).unwrap_or(rest.len())
    }
}

/// Takes the vector away with its room.
fn emptied<T>(vector: &mut Vec<T>) -> Vec<T> {
    let mut room = std::mem::take(vector);
    room.clear();
    room
}

impl Index {
    fn end(&self, line: usize) -> Option<usize> {
        match self {
            Self::Plain { ends, .. } => ends.get(line).map(|end| *end as usize),
            Self::Packed { ends, .. } => ends.get(line).map(|end| end as usize),
        }
    }

    fn time(&self, line: usize) -> Option<i64> {
        match self {
            Self::Plain { times, .. } => times.get(line).copied(),
            Self::Packed { times, .. } => times.get(line),
        }
    }

    fn marks(&self) -> &[u8] {
        let (Self::Plain { marks, .. } | Self::Packed { marks, .. }) = self;
        marks
    }

    fn size(&self) -> usize {
        match self {
            Self::Plain { ends, times, marks } => {
                ends.capacity() * size_of::<u32>() + times.capacity() * size_of::<i64>() + marks.capacity()
            }
            Self::Packed { ends, times, marks } => ends.size() + times.size() + marks.capacity(),
        }
    }
}

impl Text {
    fn len(&self) -> usize {
        match self {
            Self::Plain(text) => text.len(),
            Self::Packed { size, .. } => *size,
        }
    }

    fn size(&self) -> usize {
        match self {
            Self::Plain(text) => text.capacity(),
            Self::Packed { packed, .. } => packed.capacity(),
        }
    }

    fn bytes(&self) -> &[u8] {
        match self {
            Self::Plain(text) => text,
            // What was packed here can be unpacked; were it not so, the lines would be empty.
            Self::Packed { packed, size, unpacked } => {
                unpacked.get_or_init(|| block::decompress(packed, *size).unwrap_or_default())
            }
        }
    }

    fn bytes_in<'a>(&'a self, room: &'a mut Vec<u8>) -> &'a [u8] {
        match self {
            Self::Packed { packed, size, unpacked } if unpacked.get().is_none() => {
                room.resize(*size, 0);
                let length = block::decompress_into(packed, room).unwrap_or_default();
                room.get(..length).unwrap_or_default()
            }
            _ => self.bytes(),
        }
    }
}

/// A chunk whose text is at hand.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a> {
    chunk: &'a Chunk,
    text: &'a [u8],
}

impl<'a> Reader<'a> {
    /// The line of this index, counted from 0.
    pub fn line(&self, index: usize) -> Option<Line<'a>> {
        self.chunk.line_in(self.text, index)
    }
}

/// A time as the index keeps it. Years before 1678 and after 2262 are cut off.
pub fn to_nanoseconds(at: Timestamp) -> i64 {
    let clamped = at.as_nanosecond().clamp(i128::from(i64::MIN), i128::from(i64::MAX));
    i64::try_from(clamped).unwrap_or_default()
}

/// The time that the index keeps.
pub fn from_nanoseconds(nanoseconds: i64) -> Timestamp {
    Timestamp::from_nanosecond(i128::from(nanoseconds)).unwrap_or(Timestamp::UNIX_EPOCH)
}

fn level_to_bits(level: Level) -> u8 {
    match level {
        Level::Unknown => 0,
        Level::Trace => 1,
        Level::Debug => 2,
        Level::Info => 3,
        Level::Warn => 4,
        Level::Error => 5,
        Level::Fatal => 6,
    }
}

fn level_from_bits(mark: u8) -> Level {
    match mark & 0b111 {
        1 => Level::Trace,
        2 => Level::Debug,
        3 => Level::Info,
        4 => Level::Warn,
        5 => Level::Error,
        6 => Level::Fatal,
        _ => Level::Unknown,
    }
}
