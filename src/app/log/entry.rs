//! Tells which lines belong to the entry of the line before: stack traces and whatever else a program writes in several
//! lines. It knows the traces of Java, Python, Go, Rust and Node by how they look, and lines that are indented.

use crate::observed::Level;

/// What a line is within its log, besides its text and time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// How grave it is by its own words.
    pub level: Level,
    /// How grave its entry is.
    pub gravity: Level,
    /// Whether it came on standard error.
    pub stderr: bool,
    /// Whether it is the beginning of an entry, goes on with one, or says again what the line before said.
    pub kind: MarkKind,
}

/// How a line stands to the line before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MarkKind {
    /// It begins an entry.
    Begins,
    /// It belongs to the entry of the line before it.
    GoesOn,
    /// It begins an entry that says the same as the one before.
    Repeats,
}

/// Where a log stands in its entries.
#[derive(Clone, Copy, Debug, Default)]
pub struct Entries {
    state: State,
    gravity: Level,
}

/// What may follow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    /// There is no line yet.
    #[default]
    Empty,
    /// An entry that only its own further lines follow.
    Entry,
    /// A traceback of Python: indented lines, and one that says what was raised.
    Traceback,
    /// Behind what was raised: the traceback that led to it may follow.
    Raised,
    /// A panic of Go: its goroutines follow.
    GoPanic,
    /// The calls of a goroutine.
    Goroutine,
    /// Between two goroutines.
    BetweenGoroutines,
    /// A panic of Rust, whose words stand in the next line.
    RustPanic,
    /// Behind the words of a panic of Rust: notes and the backtrace.
    RustNotes,
}

const TRACEBACK: &[u8] = b"Traceback (most recent call last)";
/// Lines that go on with an entry wherever they stand, whatever words are in them.
const FURTHER: [&[u8]; 2] = [b"Caused by: ", b"Suppressed: "];
/// Lines that close what lines before them opened.
const CLOSING: [&[u8]; 6] = [b"}", b"]", b")", b"},", b"];", b"};"];
/// Between two tracebacks of Python of which one led to the other.
const CHAINED: [&[u8]; 3] =
    [TRACEBACK, b"During handling of the above exception", b"The above exception was the direct cause"];

impl Entries {
    /// How the next line stands: it is told once, in order.
    pub fn take(&mut self, line: &[u8], level: Level, stderr: bool) -> Mark {
        let text = without_colours(line);
        let next = self.further(text, level);
        let kind = if next.is_some() { MarkKind::GoesOn } else { MarkKind::Begins };
        self.state = next.unwrap_or_else(|| head(text));
        if kind == MarkKind::Begins {
            self.gravity = if level == Level::Unknown { implied(self.state) } else { level };
        }
        // A further line's own words are the entry's: an error within a trace is no second error.
        let level = if kind == MarkKind::GoesOn { Level::Unknown } else { level };
        Mark { level, gravity: self.gravity, stderr, kind }
    }

    /// What may follow the line if it goes on with the entry; none if it begins one.
    fn further(self, text: &[u8], level: Level) -> Option<State> {
        let blank = text.trim_ascii().is_empty();
        let indented = matches!(text.first(), Some(b' ' | b'\t')) && !blank;
        let is_any = |beginnings: &[&[u8]]| beginnings.iter().any(|each| text.starts_with(each));
        match self.state {
            State::Empty => return None,
            State::Traceback if indented => return Some(State::Traceback),
            State::Traceback if !blank => return Some(State::Raised),
            State::Raised if text.starts_with(TRACEBACK) => return Some(State::Traceback),
            State::Raised if is_any(&CHAINED) || blank => return Some(State::Raised),
            State::GoPanic if blank || is_any(&[b"[signal ", b"\tpanic: "]) => return Some(State::GoPanic),
            State::Goroutine if blank => return Some(State::BetweenGoroutines),
            State::Goroutine if indented || is_call(text) => return Some(State::Goroutine),
            State::BetweenGoroutines if text.starts_with(b"exit status ") => return Some(State::Entry),
            State::RustPanic if level == Level::Unknown && !blank => return Some(State::RustNotes),
            State::RustNotes if indented || is_any(&[b"stack backtrace:", b"note: "]) => {
                return Some(State::RustNotes);
            }
            _ => {}
        }
        if is_goroutine(text) {
            return Some(State::Goroutine);
        }
        if text.starts_with(TRACEBACK) && self.gravity >= Level::Error {
            return Some(State::Traceback);
        }
        let goes_on = is_any(&FURTHER)
            || (level == Level::Unknown && (indented || is_frame(text) || CLOSING.contains(&text)))
            || (self.gravity >= Level::Error && is_thrown(text, level));
        goes_on.then_some(State::Entry)
    }
}

/// What may follow a line that begins an entry.
fn head(text: &[u8]) -> State {
    if text.starts_with(TRACEBACK) {
        return State::Traceback;
    }
    if text.starts_with(b"panic: ") || text.starts_with(b"fatal error: ") {
        return State::GoPanic;
    }
    match find(text, b"' panicked at ").filter(|_| text.starts_with(b"thread '")) {
        // Rust before 1.73 has the words in the same line, in quotation marks.
        Some(b'\'') => State::RustNotes,
        Some(_) => State::RustPanic,
        None => State::Entry,
    }
}

/// How grave an entry is that names no level.
fn implied(state: State) -> Level {
    match state {
        State::Traceback | State::RustPanic | State::RustNotes => Level::Error,
        State::GoPanic => Level::Fatal,
        _ => Level::Unknown,
    }
}

/// The byte behind the first occurrence of some words.
fn find(text: &[u8], words: &[u8]) -> Option<u8> {
    let place = text.windows(words.len()).position(|window| window == words)?;
    text.get(place + words.len()).copied()
}

/// `goroutine 12 [running]:`
fn is_goroutine(text: &[u8]) -> bool {
    text.starts_with(b"goroutine ") && text.ends_with(b"]:")
}

/// `main.(*Server).run(0xc000010000, 0x2)`, `created by main.main`
fn is_call(text: &[u8]) -> bool {
    let name = text.iter().position(|byte| *byte == b'(').and_then(|end| text.get(..end));
    text.starts_with(b"created by ") || name.is_some_and(|name| !name.is_empty() && !name.contains(&b' '))
}

/// `at com.example.Shop.pay(Shop.java:12)`, `... 12 more`
fn is_frame(text: &[u8]) -> bool {
    let is_at = text.starts_with(b"at ") && (text.contains(&b'(') || text.contains(&b':'));
    is_at || (text.starts_with(b"... ") && text.ends_with(b" more"))
}

/// `java.lang.IllegalStateException: no such order`, `TypeError: x is no function`
fn is_thrown(text: &[u8], level: Level) -> bool {
    let end = text.iter().position(|byte| matches!(byte, b':' | b' ')).unwrap_or(text.len());
    let name = text.get(..end).unwrap_or_default();
    let is_plain = level == Level::Unknown && text.get(end) == Some(&b':');
    (name.ends_with(b"Exception") || name.ends_with(b"Error")) && (name.contains(&b'.') || is_plain)
}

/// The line behind the SGR sequences at its beginning.
fn without_colours(line: &[u8]) -> &[u8] {
    let mut rest = line;
    while rest.first() == Some(&0x1b) {
        let end = rest.iter().position(|byte| *byte == b'm').unwrap_or(rest.len() - 1);
        rest = rest.get(end + 1..).unwrap_or_default();
    }
    rest
}

/// Whether two lines say the same, but for the time at which each says it.
pub(super) fn is_same(one: &[u8], other: &[u8]) -> bool {
    one == other || (one.len() == other.len() && behind_stamp(one) == behind_stamp(other))
}

/// The line behind a time stamp at its beginning: digits and what stands between them, a time of day among them.
fn behind_stamp(line: &[u8]) -> &[u8] {
    let is_part = |byte: &u8| byte.is_ascii_digit() || b"-:.,/+TZ[] ".contains(byte);
    let end = line.iter().position(|byte| !is_part(byte)).unwrap_or(line.len());
    let stamp = line.get(..end).unwrap_or_default();
    if stamp.iter().filter(|byte| **byte == b':').nth(1).is_none() {
        return line;
    }
    line.get(end..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lines, each after `+` where it goes on with the entry before and after `-` where it begins one.
    fn check(lines: &[&str]) {
        let mut entries = Entries::default();
        for marked in lines {
            let (mark, line) = marked.split_at(1);
            let level = if line.contains("ERROR") { Level::Error } else { Level::Unknown };
            let expected = if mark == "+" { MarkKind::GoesOn } else { MarkKind::Begins };
            assert_eq!(entries.take(line.as_bytes(), level, false).kind, expected, "{line:?} of {lines:#?}");
        }
    }

    #[test]
    fn traces_of_several_languages() {
        check(&[
            "-12:00:00 ERROR payment failed",
            "+java.lang.IllegalStateException: no such ERROR order",
            "+\tat com.example.Shop.pay(Shop.java:12)",
            "+Caused by: java.io.IOException: ERROR",
            "+at com.example.Net.read(Net.java:1)",
            "+... 12 more",
            "-12:00:01 next",
        ]);
        check(&[
            "-Traceback (most recent call last):",
            "+  File \"a.py\", line 1, in <module>",
            "+    raise ValueError(1)",
            "+ValueError: 1",
            "+",
            "+During handling of the above exception, another exception occurred:",
            "+",
            "+Traceback (most recent call last):",
            "+  File \"a.py\", line 3",
            "+KeyError: 'x'",
            "-started again",
        ]);
        check(&[
            "-ERROR in view",
            "+Traceback (most recent call last):",
            "+  File \"a.py\"",
            "+KeyError",
            "-x",
        ]);
        check(&[
            "-fine",
            "-Traceback (most recent call last):",
            "+  File \"a.py\"",
            "+KeyError: ERROR",
            "-x",
        ]);
        check(&[
            "-panic: runtime error: index out of range",
            "+",
            "+goroutine 1 [running]:",
            "+main.(*Server).run(0xc000010000, 0x2)",
            "+\t/src/main.go:12 +0x1d",
            "+created by main.main",
            "+\t/src/main.go:3 +0x1d",
            "+",
            "+goroutine 18 [select]:",
            "+main.main()",
            "+\t/src/main.go:4",
            "-2026/11/23 next line",
        ]);
        check(&[
            "-thread 'main' panicked at src/main.rs:2:5:",
            "+no such order",
            "+stack backtrace:",
            "+   0: rust_begin_unwind",
            "+             at /rustc/x/library/std/src/panicking.rs:597:5",
            "+note: Some details are omitted",
            "-next",
        ]);
        check(&[
            "-ERROR request failed",
            "+TypeError: x",
            "+    at f (a.js:1:2) {",
            "+  code: 1",
            "+}",
            "-next",
        ]);
        check(&["-thread 'main' panicked at 'boom', src/main.rs:2:5", "+note: run with", "-next"]);
        check(&["-\u{1b}[31mError: boom\u{1b}[0m", "+\u{1b}[2m    at f (a.js:1:2)", "-"]);
    }

    #[test]
    fn other_lines_stand_alone() {
        check(&[
            "- indented first",
            "-one",
            "-",
            "-two",
            "-at last",
            "-   ERROR of its own",
            "-... and more of it",
        ]);
        check(&["-fine", "-java.lang.NoError: said without an error before it"]);
    }

    #[test]
    fn an_entry_is_as_grave_as_its_first_line() {
        let mut entries = Entries::default();
        let mut gravity = |line: &str, level| entries.take(line.as_bytes(), level, false).gravity;
        assert_eq!(gravity("WARN slow", Level::Warn), Level::Warn);
        assert_eq!(gravity("  of it", Level::Unknown), Level::Warn);
        assert_eq!(gravity("panic: x", Level::Unknown), Level::Fatal);
        assert_eq!(gravity("goroutine 1 [running]:", Level::Unknown), Level::Fatal);
        assert_eq!(gravity("next", Level::Unknown), Level::Unknown);
    }

    #[test]
    fn the_same_but_for_the_time() {
        for (one, other, expected) in [
            ("a", "a", true),
            ("a", "b", false),
            ("2026-11-23 14:03:10,123 no", "2026-11-23 14:03:11,001 no", true),
            ("[14:03:10] no", "[14:03:11] yes", false),
            ("12 apples", "13 apples", false),
        ] {
            assert_eq!(is_same(one.as_bytes(), other.as_bytes()), expected, "{one:?} {other:?}");
        }
    }
}
