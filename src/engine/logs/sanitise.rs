//! Makes what a container prints safe: out come text and SGR sequences, and nothing else that a terminal acts upon
//! (invariant 11).
//!
//! Bytes that are not UTF-8 become U+FFFD; tabs become spaces; a carriage return begins the line anew, so that of a
//! progress bar the last state stays. Every other control byte and sequence is left out, and so are the characters that
//! turn the direction of what follows, with which a text can pretend to be another.

use unicode_width::UnicodeWidthChar;
use vte::{Params, Parser, Perform};

/// How far apart tab stops are, in cells.
const TAB: usize = 8;
/// The parser is fed so many bytes at a time: after a byte that is not UTF-8 it looks through all that it was given.
const FEED: usize = 256;
/// After so many bytes without a sign of life the parser is inside an endless sequence, which is given up.
const ENDLESS: usize = 64 * 1024;
/// Ends any sequence and any unfinished character (CAN).
const CANCEL: &[u8] = b"\x18";
/// What stands for bytes that are not UTF-8: U+FFFD.
const REPLACEMENT: &[u8] = "\u{fffd}".as_bytes();

/// The state within one line.
#[derive(Default)]
pub struct Sanitiser {
    parser: Parser,
    output: Output,
    /// How many bytes went in since something last came out.
    silent: usize,
    /// Whether something of the line went in.
    used: bool,
    /// The first bytes of a character of which the rest has not come.
    character: Vec<u8>,
}

#[derive(Default)]
struct Output {
    text: Vec<u8>,
    /// The cell that the next character stands in.
    column: usize,
    /// Whether a carriage return came after the text.
    returned: bool,
    alive: bool,
}

impl Sanitiser {
    /// Takes bytes of the line, without its newline.
    pub fn feed(&mut self, bytes: &[u8]) {
        self.used |= !bytes.is_empty();
        let mut rest = self.complete_character(bytes);
        while !rest.is_empty() {
            let part = rest.get(..FEED).unwrap_or(rest);
            let whole = part.len() - unfinished(part);
            if whole == 0 {
                break;
            }
            self.advance(&rest[..whole]);
            rest = &rest[whole..];
        }
        self.character.extend_from_slice(rest);
    }

    /// The line ends: what is not whole yet is given up.
    pub fn finish(&mut self) {
        if !self.character.is_empty() {
            self.character.clear();
            self.advance(REPLACEMENT);
        }
        self.parser.advance(&mut self.output, CANCEL);
        self.silent = 0;
        self.used = false;
    }

    /// Goes on with a character whose first bytes came before; gives what comes after it. The parser is never left in the
    /// middle of a character: vte 0.15 loses the character after one that it was given in two parts.
    fn complete_character<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        let Some(length) = self.character.first().map(|lead| length_of(*lead)) else { return bytes };
        let missing = length.saturating_sub(self.character.len());
        let more = bytes.iter().take(missing).take_while(|byte| is_continuation(**byte)).count();
        let (more, rest) = bytes.split_at(more);
        self.character.extend_from_slice(more);
        if self.character.len() == length {
            let character = std::mem::take(&mut self.character);
            self.advance(&character);
        } else if !rest.is_empty() {
            self.character.clear();
            self.advance(REPLACEMENT);
        }
        rest
    }

    fn advance(&mut self, bytes: &[u8]) {
        self.output.alive = false;
        self.parser.advance(&mut self.output, bytes);
        self.silent = if self.output.alive { 0 } else { self.silent + bytes.len() };
        if self.silent > ENDLESS {
            self.parser = Parser::new();
            self.silent = 0;
        }
    }

    /// Whether nothing of a line went in yet.
    pub fn is_fresh(&self) -> bool {
        !self.used
    }

    /// The safe text so far.
    pub fn text(&self) -> &[u8] {
        &self.output.text
    }

    /// The safe text was taken.
    pub fn clear(&mut self) {
        self.output.text.clear();
        self.output.column = 0;
        self.output.returned = false;
    }
}

impl Perform for Output {
    fn print(&mut self, character: char) {
        self.alive = true;
        if is_deceptive(character) {
            return;
        }
        self.begin_anew_if_returned();
        let mut buffer = [0; 4];
        self.text.extend_from_slice(character.encode_utf8(&mut buffer).as_bytes());
        self.column += character.width().unwrap_or(0);
    }

    fn execute(&mut self, byte: u8) {
        self.alive = true;
        match byte {
            b'\r' => self.returned = true,
            b'\t' => {
                self.begin_anew_if_returned();
                let spaces = TAB - self.column % TAB;
                self.text.resize(self.text.len() + spaces, b' ');
                self.column += spaces;
            }
            _ => {}
        }
    }

    fn csi_dispatch(&mut self, params: &Params, intermediates: &[u8], ignore: bool, action: char) {
        self.alive = true;
        if action != 'm' || ignore || !intermediates.is_empty() {
            return;
        }
        self.begin_anew_if_returned();
        self.text.extend_from_slice(b"\x1b[");
        for (index, values) in params.iter().enumerate() {
            for (inner, value) in values.iter().enumerate() {
                match (index, inner) {
                    (0, 0) => {}
                    (_, 0) => self.text.push(b';'),
                    _ => self.text.push(b':'),
                }
                push_number(&mut self.text, *value);
            }
        }
        self.text.push(b'm');
    }

    fn esc_dispatch(&mut self, _intermediates: &[u8], _ignore: bool, _byte: u8) {
        self.alive = true;
    }

    fn osc_dispatch(&mut self, _params: &[&[u8]], _bell_terminated: bool) {
        self.alive = true;
    }
}

impl Output {
    fn begin_anew_if_returned(&mut self) {
        if self.returned {
            self.text.clear();
            self.column = 0;
            self.returned = false;
        }
    }
}

/// Whether all bytes are printable ASCII: then there is nothing to make safe.
pub fn is_plain(bytes: &[u8]) -> bool {
    // Without an early end, so that the compiler can look at many bytes at once.
    !bytes.iter().fold(false, |strange, byte| strange | (byte.wrapping_sub(0x20) > 0x5e))
}

/// How many bytes at the end begin a character that is not whole.
fn unfinished(bytes: &[u8]) -> usize {
    for (index, byte) in bytes.iter().rev().take(3).enumerate() {
        if !is_continuation(*byte) {
            return if length_of(*byte) > index + 1 { index + 1 } else { 0 };
        }
    }
    0
}

/// How many bytes a character has that begins with this one.
fn length_of(lead: u8) -> usize {
    match lead {
        0xc2..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf4 => 4,
        _ => 1,
    }
}

fn is_continuation(byte: u8) -> bool {
    byte & 0xc0 == 0x80
}

/// Control characters, those that turn the direction of the text, and line separators.
fn is_deceptive(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

fn push_number(text: &mut Vec<u8>, number: u16) {
    let mut divisor = 10_000;
    while divisor > 1 && number < divisor {
        divisor /= 10;
    }
    while divisor > 0 {
        text.push(b'0' + (number / divisor % 10) as u8);
        divisor /= 10;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &[u8], expected: &str) {
        for size in 1..=line.len().max(1) {
            let mut sanitiser = Sanitiser::default();
            for part in line.chunks(size) {
                sanitiser.feed(part);
            }
            sanitiser.finish();
            let text = String::from_utf8_lossy(sanitiser.text()).into_owned();
            assert_eq!(text, expected, "{:?} in parts of {size}", String::from_utf8_lossy(line));
        }
    }

    #[test]
    fn keeps_text_and_colours_only() {
        check(b"plain", "plain");
        check("gr\u{fc}n 漢字 e\u{301}".as_bytes(), "gr\u{fc}n 漢字 e\u{301}");
        check(
            b"\x1b[1;31mred\x1b[m \x1b[38;2;1;20;65535mx\x1b[38:5:208my",
            "\u{1b}[1;31mred\u{1b}[0m \u{1b}[38;2;1;20;65535mx\u{1b}[38:5:208my",
        );
        check(b"a\x1b[2Jb\x1b[10;10Hc\x1b[?1049hd\x1b[>4me\x1b[6nf", "abcdef");
        check(b"\x1b]0;title\x07a\x1b]52;c;aGk=\x1b\\b\x1b]8;;http://x\x1b\\c\x1b]8;;\x1b\\", "abc");
        check(b"a\x1bP1$r0m\x1b\\b\x1b_x\x1b\\c\x1bcd\x1b(0e", "abcde");
        check(b"a\x07b\x00c\x08d\x7fe\x0bf\x0eg", "abcdefg");
        check("a\u{9b}31mb\u{85}c\u{202e}d\u{2028}e".as_bytes(), "a31mbcde");
        check(b"\x1b[31", "");
        check(b"a\xff\xfeb\xe6\xbcc\xe6", "a\u{fffd}\u{fffd}b\u{fffd}c\u{fffd}");
    }

    #[test]
    fn tabs_and_returns() {
        check(b"a\tb\tc", "a       b       c");
        check("漢\tx".as_bytes(), "漢      x");
        check(b"10%\r20%\r100%\r", "100%");
        check(b"10%\r\x1b[K", "10%");
        check(b"10%\r\x1b[K\x1b[32m20%\x1b[0m", "\u{1b}[32m20%\u{1b}[0m");
    }

    /// A generator of numbers without any library: xorshift.
    struct Random(u64);

    impl Random {
        fn next(&mut self, below: usize) -> usize {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            (self.0 % below as u64) as usize
        }
    }

    /// Whether only text and SGR sequences are left.
    fn is_safe(text: &str) -> bool {
        let mut rest = text;
        while let Some(index) = rest.find(|c: char| c.is_control()) {
            let Some(sequence) = rest[index..].strip_prefix("\u{1b}[") else { return false };
            let Some(end) = sequence.find(|c: char| !c.is_ascii_digit() && c != ';' && c != ':') else {
                return false;
            };
            if !sequence[end..].starts_with('m') {
                return false;
            }
            rest = &sequence[end + 1..];
        }
        true
    }

    #[test]
    fn whatever_goes_in_only_text_and_colours_come_out() {
        const PARTS: [&[u8]; 22] = [
            b"\x1b[",
            b"\x1b]",
            b"\x1bP",
            b"\x1b",
            b"m",
            b"31;1",
            b":",
            b";",
            b"\x07",
            b"\x1b\\",
            b"\r",
            b"\t",
            b"text ",
            b"\xe6\xbc",
            b"\xa2",
            b"\xc2\x9b",
            b"\xff",
            b"?",
            b"$",
            b"\x18",
            b"\x9c",
            b"\xf0\x9f\x98\x80",
        ];
        let mut random = Random(0x5eed);
        let mut sanitiser = Sanitiser::default();
        for _ in 0..20_000 {
            sanitiser.clear();
            for _ in 0..random.next(24) {
                match random.next(4) {
                    0 => sanitiser.feed(&[random.next(256) as u8]),
                    _ => sanitiser.feed(PARTS[random.next(PARTS.len())]),
                }
            }
            sanitiser.finish();
            let text = str::from_utf8(sanitiser.text()).expect("valid UTF-8");
            assert!(is_safe(text), "{text:?}");
            sanitiser.clear();
            sanitiser.feed(b"next");
            sanitiser.finish();
            assert_eq!(sanitiser.text(), b"next", "one line does not reach into the next");
        }
    }

    #[test]
    fn an_endless_sequence_is_given_up() {
        let mut sanitiser = Sanitiser::default();
        sanitiser.feed(b"\x1b]0;");
        for _ in 0..1000 {
            sanitiser.feed(&[b'x'; 1000]);
        }
        sanitiser.finish();
        assert!(sanitiser.text().len() > 800_000);
    }

    #[test]
    fn plain_is_printable_ascii() {
        assert!(is_plain(b"") && is_plain(b"a ~"));
        assert!(![&b"\x1f"[..], b"\x7f", b"\x80", b"aaaa\xff"].iter().any(|bytes| is_plain(bytes)));
    }
}
