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

impl Level {
    /// Reads a word that programs write for a level, in any case: `WRN`, `warning`, `Error`. None for any other word.
    pub fn from_word(word: &[u8]) -> Option<Self> {
        if !(3..=11).contains(&word.len()) {
            return None;
        }
        LEVEL_WORDS
            .iter()
            .find(|(known, _)| known.as_bytes().eq_ignore_ascii_case(word))
            .map(|(_, level)| *level)
    }

    /// Its word, in small letters.
    pub fn word(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Trace => "trace",
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Error => "error",
            Self::Fatal => "fatal",
        }
    }

    /// Reads the number that pino and bunyan write in JSON: 30 is information, 50 an error.
    pub fn from_number(number: u32) -> Self {
        match number {
            10..20 => Self::Trace,
            20..30 => Self::Debug,
            30..40 => Self::Info,
            40..50 => Self::Warn,
            50..60 => Self::Error,
            60..70 => Self::Fatal,
            _ => Self::Unknown,
        }
    }
}

/// The words for levels, of loggers, syslog and databases.
const LEVEL_WORDS: [(&str, Level); 27] = [
    ("info", Level::Info),
    ("inf", Level::Info),
    ("error", Level::Error),
    ("err", Level::Error),
    ("eror", Level::Error),
    ("warn", Level::Warn),
    ("warning", Level::Warn),
    ("wrn", Level::Warn),
    ("debug", Level::Debug),
    ("dbg", Level::Debug),
    ("debu", Level::Debug),
    ("trace", Level::Trace),
    ("trc", Level::Trace),
    ("verbose", Level::Debug),
    ("notice", Level::Info),
    ("information", Level::Info),
    ("log", Level::Info),
    ("fatal", Level::Fatal),
    ("ftl", Level::Fatal),
    ("panic", Level::Fatal),
    ("crit", Level::Fatal),
    ("critical", Level::Fatal),
    ("alert", Level::Fatal),
    ("emerg", Level::Fatal),
    ("emergency", Level::Fatal),
    ("severe", Level::Error),
    ("exception", Level::Error),
];

/// What to read of a container's log. The frames of a container without a terminal and the raw bytes of one with a
/// terminal are told apart by the reader.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogRequest {
    /// Whose.
    pub container: ContainerId,
    /// The number of this opening; it comes back with every batch and with the end.
    pub stream: u64,
    /// How many of the last lines; none for all.
    pub tail: Option<u32>,
    /// Only lines that the engine received at this moment or later.
    pub since: Option<Timestamp>,
    /// Only lines that the engine received at this moment or before.
    pub until: Option<Timestamp>,
    /// Whether to stay and wait for more until the container ends.
    pub follow: bool,
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
    /// It broke off, or nobody answered: why, in words for the person. What came is good, and the rest can be asked for.
    Broken(String),
    /// It cannot be read: why.
    Failed(String),
}
