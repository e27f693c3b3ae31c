//! Which lines `dockside logs` prints, and how, beyond what Docker Compose's options say: by level, by an expression, as JSON.
//!
//! Pure: lines as the engine sends them in, bytes to print out.

use clap::ValueEnum;
use color_eyre::eyre::{Result, eyre};
use jiff::Timestamp;
use regex::bytes::Regex;

use crate::app::log::entry::Entries;
use crate::app::log::{Search, json_line};
use crate::engine::logs::{detect_level, parse_stamp};
use crate::observed::Level;

/// Options of `logs` that are Dockside's own.
#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "Beyond Docker Compose")]
pub struct SieveArgs {
    /// Only lines that are at least so grave; up to info, lines that tell no level too
    #[arg(long, value_name = "LEVEL")]
    pub level: Option<LeastLevel>,
    /// Only lines that match this regular expression, without regard to case unless it has a capital
    #[arg(long, value_name = "REGEX")]
    pub grep: Option<String>,
    /// Only lines that do not match it
    #[arg(long, requires = "grep")]
    pub invert: bool,
    /// Print each line as an object of JSON: time, source, stream, level, message
    #[arg(long)]
    pub json: bool,
}

/// The levels that can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[allow(missing_docs, reason = "each is the level of its name")]
pub enum LeastLevel {
    Trace,
    Debug,
    Info,
    Warn,
    Error,
    Fatal,
}

/// What decides about the lines of one container, in their order.
#[derive(Clone, Debug)]
pub struct LineSieve {
    level: Level,
    regex: Option<Regex>,
    wants_match: bool,
    as_json: bool,
    /// Whether lines begin with the engine's time, and whether that is to be printed.
    stamps: Stamps,
    entries: Entries,
}

/// What stands before a line as it comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stamps {
    /// Nothing.
    None,
    /// The engine's time, which belongs to what is printed.
    Printed,
    /// The engine's time, for JSON.
    Read,
}

impl SieveArgs {
    /// Whether the engine's time is needed before each line.
    pub fn needs_time(&self) -> bool {
        self.json
    }

    /// What decides about lines; `timestamps` tells whether times were asked for.
    ///
    /// # Errors
    /// Where the expression makes no sense.
    pub fn sieve(&self, timestamps: bool) -> Result<LineSieve> {
        let regex = self.grep.as_deref().map(|pattern| {
            let search = Search::new(pattern).map_err(|why| eyre!("invalid value for \"grep\": {why}"))?;
            Ok::<_, color_eyre::Report>(search.regex().clone())
        });
        let stamps = match (self.json, timestamps) {
            (true, _) => Stamps::Read,
            (false, true) => Stamps::Printed,
            (false, false) => Stamps::None,
        };
        Ok(LineSieve {
            level: self.level.map_or(Level::Unknown, LeastLevel::level),
            regex: regex.transpose()?,
            wants_match: !self.invert,
            as_json: self.json,
            stamps,
            entries: Entries::default(),
        })
    }
}

impl LeastLevel {
    fn level(self) -> Level {
        match self {
            Self::Trace => Level::Trace,
            Self::Debug => Level::Debug,
            Self::Info => Level::Info,
            Self::Warn => Level::Warn,
            Self::Error => Level::Error,
            Self::Fatal => Level::Fatal,
        }
    }
}

impl LineSieve {
    /// What goes on with a line without the time that the engine puts before each of its parts, where times are read: they
    /// are none of what was written. Printed as they come, they stay, as in Docker Compose.
    pub fn without_time<'a>(&self, part: &'a [u8]) -> &'a [u8] {
        let stamp = if self.stamps == Stamps::Read { parse_stamp(part) } else { None };
        part.get(stamp.map_or(0, |(_, length)| length)..).unwrap_or_default()
    }

    /// What to print for the next line of a container of this name, without a newline; none for nothing.
    pub fn take(&mut self, source: &str, line: Vec<u8>, is_error: bool) -> Option<Vec<u8>> {
        let stamp = if self.stamps == Stamps::None { None } else { parse_stamp(&line) };
        let (at, begin) = stamp.unwrap_or((Timestamp::UNIX_EPOCH, 0));
        let text = line.get(begin..).unwrap_or_default();
        let text = text.strip_suffix(b"\r").unwrap_or(text);
        let mark = self.entries.take(text, detect_level(text), is_error);
        let is_grave =
            mark.gravity >= self.level || (mark.gravity == Level::Unknown && self.level <= Level::Info);
        let fits = self.regex.as_ref().is_none_or(|regex| regex.is_match(text) == self.wants_match);
        if !is_grave || !fits {
            return None;
        }
        if self.as_json {
            return Some(json_line(at, source, mark, text).into_bytes());
        }
        Some(line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOG: [&str; 5] = [
        "2026-11-23T14:03:10.000000001Z INFO fine",
        "2026-11-23T14:03:11.000000000Z ERROR \u{1b}[31mbroken\u{1b}[0m",
        "2026-11-23T14:03:11.000000001Z     at Shop.pay",
        "2026-11-23T14:03:12.000000000Z no level",
        "2026-11-23T14:03:13.000000000Z WARN fine \"again\"",
    ];

    fn check(args: &SieveArgs, timestamps: bool, expected: &[&str]) {
        let mut sieve = args.sieve(timestamps).unwrap();
        let told = LOG.iter().filter_map(|line| {
            let line = if args.json || timestamps { line } else { &line[31..] };
            sieve.take("api-1", line.as_bytes().to_vec(), false)
        });
        let told: Vec<String> = told.map(|line| String::from_utf8(line).unwrap()).collect();
        assert_eq!(told, expected, "{args:?}");
    }

    #[test]
    fn a_line_in_parts_has_one_time() {
        let part = b"2026-11-23T14:03:10.000000001Z and on";
        for (json, expected) in [(true, &b"and on"[..]), (false, part)] {
            let args = SieveArgs { json, ..SieveArgs::default() };
            assert_eq!(args.sieve(true).unwrap().without_time(part), expected);
        }
    }

    #[test]
    fn lines_by_level_expression_and_as_json() {
        let none = SieveArgs::default();
        check(&none, true, &LOG);
        let warn = SieveArgs { level: Some(LeastLevel::Warn), ..SieveArgs::default() };
        check(&warn, true, &[LOG[1], LOG[2], LOG[4]]);
        let info = SieveArgs { level: Some(LeastLevel::Info), ..SieveArgs::default() };
        check(&info, true, &LOG);
        let grep = SieveArgs { grep: Some("^(info|warn) fine".to_owned()), ..SieveArgs::default() };
        check(&grep, false, &["INFO fine", "WARN fine \"again\""]);
        check(&grep, true, &[LOG[0], LOG[4]]);
        check(&SieveArgs { invert: true, ..grep }, true, &[LOG[1], LOG[2], LOG[3]]);
        let json = SieveArgs { json: true, level: Some(LeastLevel::Error), ..SieveArgs::default() };
        check(
            &json,
            false,
            &[
                r#"{"time":"2026-11-23T14:03:11.000000000Z","source":"api-1","stream":"stdout","level":"error","message":"ERROR broken"}"#,
                r#"{"time":"2026-11-23T14:03:11.000000001Z","source":"api-1","stream":"stdout","message":"    at Shop.pay"}"#,
            ],
        );
        let broken = SieveArgs { grep: Some("(".to_owned()), ..SieveArgs::default() };
        assert_eq!(
            broken.sieve(false).unwrap_err().to_string(),
            "invalid value for \"grep\": unclosed group"
        );
    }
}
