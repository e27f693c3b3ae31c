//! Lines of a container's log on their way from the reader to the store.
//!
//! The reader has already cut frames and lines, taken the engine's time stamp off, made the bytes safe (text and SGR
//! only: invariant 11) and told the level. Nothing here can move the cursor of a terminal.

use jiff::Timestamp;

use super::ContainerId;

/// How grave a line is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// No level was found in the line.
    #[default]
    Unknown,
    /// Trace.
    Trace,
    /// Debug.
    Debug,
    /// Information.
    Info,
    /// Warning.
    Warn,
    /// Error.
    Error,
    /// Fatal, panic, emergency.
    Fatal,
}

/// One line within the bytes of its batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogLine {
    /// Where it ends in [`LogBatch::bytes`], without a newline; it begins where the one before ended.
    pub end: u32,
    /// When the engine received it.
    pub at: Timestamp,
    /// How grave it is.
    pub level: Level,
    /// Whether it came on standard error; false for a container with a terminal.
    pub stderr: bool,
}

/// Some lines of one container, in order, bounded in bytes by the reader.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogBatch {
    /// Whose.
    pub container: ContainerId,
    /// Which opening of the stream this belongs to: the number given with the request. A batch of an older opening is
    /// dropped (invariant 8).
    pub stream: u64,
    /// The text of all lines, one after the other, made safe: valid UTF-8 with no control byte but those of SGR.
    pub bytes: Vec<u8>,
    /// The lines.
    pub lines: Vec<LogLine>,
}

/// Why a stream of log lines ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LogEnd {
    /// The container ended, or all that was asked for has come.
    Complete,
    /// It could not be read, or broke off: why, in words for the person.
    Failed(String),
}
