//! Cuts what `GET /containers/{id}/logs` sends into pieces of standard output and standard error.
//!
//! A container without a terminal is sent in frames (Engine API, "Stream format" of attach): eight bytes of header, the
//! stream's number first, the length last, then so many bytes. The engine writes one frame for one message of its log
//! driver. A container with a terminal is sent raw. The two are told apart by the first byte: with `timestamps=1` a raw
//! stream begins with a digit, a frame with a number up to 3. (`Content-Type` tells them apart from API 1.42 only.)
//!
//! Chunks may end anywhere. Nothing here keeps more than [`PIECE`] bytes, whatever length a header claims.

/// The longest piece that is put together from several chunks, in bytes.
pub const PIECE: usize = 64 * 1024;
const HEADER: usize = 8;

/// Bytes of one stream of the container.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece<'a> {
    /// Where it came on.
    pub source: Source,
    /// Whether a frame begins here: with the engine's time stamp.
    pub begins: bool,
    /// The bytes.
    pub bytes: &'a [u8],
}

/// Where a container wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// Standard output, in frames.
    Output,
    /// Standard error, in frames.
    Error,
    /// The terminal, raw.
    Terminal,
}

/// Why a stream cannot be read on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FramingError {
    /// The engine broke off and said why: a frame of stream 3.
    #[error("the engine broke the log off: {0}")]
    Engine(String),
    /// The connection ended within a frame.
    #[error("the connection to the engine broke off")]
    Cut,
    /// What stands where a header should is none.
    #[error("the engine's log stream is out of step")]
    OutOfStep,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Unknown,
    Raw,
    Header,
    Body { source: Source, left: usize, begins: bool },
    Failure { left: usize },
}

/// The state between two chunks.
#[derive(Debug)]
pub struct Framing {
    mode: Mode,
    /// A header or piece that is not whole yet.
    pending: Vec<u8>,
}

impl Default for Framing {
    fn default() -> Self {
        Self { mode: Mode::Unknown, pending: Vec::new() }
    }
}

impl Framing {
    /// Takes a chunk and hands out its pieces.
    ///
    /// # Errors
    /// When the engine reports a failure or sends no frames; the stream is of no use afterwards.
    pub fn push(&mut self, chunk: &[u8], mut piece: impl FnMut(Piece<'_>)) -> Result<(), FramingError> {
        let mut rest = chunk;
        while let Some(first) = rest.first() {
            rest = match self.mode {
                Mode::Unknown => {
                    self.mode = if *first <= 3 { Mode::Header } else { Mode::Raw };
                    rest
                }
                Mode::Raw => {
                    piece(Piece { source: Source::Terminal, begins: false, bytes: rest });
                    &[]
                }
                Mode::Header => self.header(rest)?,
                Mode::Body { source, left, begins } => self.body(rest, source, left, begins, &mut piece),
                Mode::Failure { left } => self.failure(rest, left)?,
            };
        }
        Ok(())
    }

    /// The stream has ended.
    ///
    /// # Errors
    /// When it ended within a frame, or the engine's own failure was cut off.
    pub fn finish(&mut self) -> Result<(), FramingError> {
        match self.mode {
            Mode::Failure { .. } => Err(self.engine_failure()),
            Mode::Body { .. } => Err(FramingError::Cut),
            Mode::Header if !self.pending.is_empty() => Err(FramingError::Cut),
            _ => Ok(()),
        }
    }

    fn header<'a>(&mut self, rest: &'a [u8]) -> Result<&'a [u8], FramingError> {
        let (taken, rest) = rest.split_at(rest.len().min(HEADER - self.pending.len()));
        self.pending.extend_from_slice(taken);
        let Ok([stream, 0, 0, 0, length @ ..]) = <[u8; HEADER]>::try_from(self.pending.as_slice()) else {
            let wrong = self.pending.iter().skip(1).take(3).any(|byte| *byte != 0);
            return if wrong { Err(FramingError::OutOfStep) } else { Ok(rest) };
        };
        self.pending.clear();
        let left = u32::from_be_bytes(length) as usize;
        self.mode = match stream {
            0 | 1 => Mode::Body { source: Source::Output, left, begins: true },
            2 => Mode::Body { source: Source::Error, left, begins: true },
            3 => Mode::Failure { left },
            _ => return Err(FramingError::OutOfStep),
        };
        if left == 0 {
            self.mode = Mode::Header;
        }
        Ok(rest)
    }

    fn body<'a>(
        &mut self,
        rest: &'a [u8],
        source: Source,
        left: usize,
        begins: bool,
        piece: &mut impl FnMut(Piece<'_>),
    ) -> &'a [u8] {
        if self.pending.is_empty() && rest.len() >= left {
            let (bytes, rest) = rest.split_at(left);
            piece(Piece { source, begins, bytes });
            self.mode = Mode::Header;
            return rest;
        }
        let (taken, rest) = rest.split_at(rest.len().min(left).min(PIECE - self.pending.len()));
        self.pending.extend_from_slice(taken);
        let left = left - taken.len();
        self.mode = Mode::Body { source, left, begins };
        if left == 0 || self.pending.len() == PIECE {
            piece(Piece { source, begins, bytes: &self.pending });
            self.pending.clear();
            self.mode = if left == 0 { Mode::Header } else { Mode::Body { source, left, begins: false } };
        }
        rest
    }

    fn failure<'a>(&mut self, rest: &'a [u8], left: usize) -> Result<&'a [u8], FramingError> {
        let (taken, rest) = rest.split_at(rest.len().min(left).min(PIECE - self.pending.len()));
        self.pending.extend_from_slice(taken);
        let left = left - taken.len();
        self.mode = Mode::Failure { left };
        if left == 0 || self.pending.len() == PIECE { Err(self.engine_failure()) } else { Ok(rest) }
    }

    fn engine_failure(&self) -> FramingError {
        let text = String::from_utf8_lossy(&self.pending);
        FramingError::Engine(
            text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect::<String>().trim().to_owned(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(stream: u8, text: &str) -> Vec<u8> {
        let mut bytes = vec![stream, 0, 0, 0];
        bytes.extend_from_slice(&(text.len() as u32).to_be_bytes());
        bytes.extend_from_slice(text.as_bytes());
        bytes
    }

    /// Feeds the bytes in chunks of this size; gives each frame or raw run as text.
    fn cut(bytes: &[u8], size: usize) -> (Vec<String>, Result<(), FramingError>) {
        let mut framing = Framing::default();
        let mut seen: Vec<String> = Vec::new();
        let mut outcome = Ok(());
        for chunk in bytes.chunks(size) {
            outcome = framing.push(chunk, |piece| {
                let text = String::from_utf8_lossy(piece.bytes).into_owned();
                match seen.last_mut().filter(|_| !piece.begins) {
                    Some(last) => last.push_str(&text),
                    None => seen.push(format!("{:?} {text}", piece.source)),
                }
            });
            if outcome.is_err() {
                return (seen, outcome);
            }
        }
        outcome = outcome.and_then(|()| framing.finish());
        (seen, outcome)
    }

    #[test]
    fn frames_are_whole_wherever_chunks_end() {
        let bytes = [frame(1, "one"), frame(2, "two\n"), frame(1, ""), frame(0, "three")].concat();
        for size in 1..=bytes.len() {
            let (seen, outcome) = cut(&bytes, size);
            assert_eq!(seen, ["Output one", "Error two\n", "Output three"], "chunks of {size}");
            assert_eq!(outcome, Ok(()));
        }
    }

    #[test]
    fn a_raw_stream_is_known_by_its_first_byte() {
        assert_eq!(cut(b"2026-11-23T\x01\x00\x00\x00", 4).0, ["Terminal 2026-11-23T\u{1}\0\0\0"]);
    }

    #[test]
    fn the_engines_failure_is_told() {
        let bytes = [frame(1, "one"), frame(3, "Error grabbing logs: \x1b[2Jno such file\n")].concat();
        for size in 1..=bytes.len() {
            let (seen, outcome) = cut(&bytes, size);
            assert_eq!(seen, ["Output one"]);
            let told = FramingError::Engine("Error grabbing logs:  [2Jno such file".to_owned());
            assert_eq!(outcome, Err(told), "chunks of {size}");
        }
    }

    #[test]
    fn a_stream_out_of_step_is_refused() {
        assert_eq!(
            cut(b"\x01\x00\x00\x00\x00\x00\x00\x01x\x01\x02\x03\x04\x05\x06\x07\x08", 3).1,
            Err(FramingError::OutOfStep)
        );
        assert_eq!(
            cut(b"\x01\x00\x00\x00\x00\x00\x00\x01x\x09\x00\x00\x00\x00\x00\x00\x01x", 100).1,
            Err(FramingError::OutOfStep)
        );
    }

    #[test]
    fn a_frame_of_any_length_is_handed_out_in_pieces() {
        let text = "x".repeat(3 * PIECE + 5);
        let (seen, _) = cut(&frame(1, &text), 7000);
        assert_eq!(seen, [format!("Output {text}")]);
    }
}
