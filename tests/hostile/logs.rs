//! The inputs: kind, name, what the container printed, and the lines that are to be read where that can be said shortly.

/// The engine's time before each message.
pub const STAMP: &str = "2026-11-23T14:03:10.000000000Z ";
/// An earlier and a later one.
const EARLIER: &str = "2026-11-23T14:03:09.000000000Z ";
const LATER: &str = "2026-11-23T14:03:11.000000000Z ";
/// The size at which the engine cuts a line into messages.
const MESSAGE: usize = 16 * 1024;

/// What a container printed.
pub struct Input {
    pub kind: &'static str,
    pub name: &'static str,
    pub sent: Sent,
    pub expected: Option<Vec<String>>,
}

/// How it comes.
pub enum Sent {
    /// In frames, each line with its time.
    Lines(Vec<u8>),
    /// From a terminal, each line with its time.
    Terminal(Vec<u8>),
    /// As it stands here, frames and times included.
    Raw(Vec<u8>),
}

/// The header of a frame.
pub fn header(stream: u8, length: usize) -> Vec<u8> {
    [&[stream, 0, 0, 0][..], &(length as u32).to_be_bytes()].concat()
}

fn frame(stream: u8, parts: &[&[u8]]) -> Vec<u8> {
    let text = parts.concat();
    [header(stream, text.len()), text].concat()
}

/// A line as the engine's json-file driver sends it: in messages of 16 KiB, each with the time.
pub fn messages(line: &[u8]) -> Vec<u8> {
    line.chunks(MESSAGE).flat_map(|part| frame(1, &[STAMP.as_bytes(), part])).collect()
}

/// Inputs whose lines can be told: kind, name, what is printed, what is read.
const TOLD: &[(&str, &str, &[u8], &[&str])] = &[
    ("title", "OSC 0 with BEL", b"a\x1b]0;owned\x07b\n", &["ab"]),
    ("title", "OSC 2 with ST", b"a\x1b]2;owned\x1b\\b\n", &["ab"]),
    ("title", "title stack", b"\x1b[22;0ta\x1b[23;0tb\n", &["ab"]),
    ("clipboard", "OSC 52 set", b"a\x1b]52;c;cm0gLXJmIC8=\x07b\n", &["ab"]),
    ("clipboard", "OSC 52 ask", b"a\x1b]52;c;?\x1b\\b\n", &["ab"]),
    ("clipboard", "OSC 1337 copy", b"a\x1b]1337;CopyToClipboard=\x07b\n", &["ab"]),
    ("hyperlink", "OSC 8", b"\x1b]8;;http://evil\x1b\\good\x1b]8;;\x1b\\ x\n", &["good x"]),
    ("hyperlink", "OSC 8 left open", b"\x1b]8;id=1;file:///etc\x07good\n", &["good"]),
    ("OSC", "colours asked for", b"a\x1b]10;?\x07\x1b]11;?\x07\x1b]4;1;?\x07b\n", &["ab"]),
    ("OSC", "a notification", b"a\x1b]9;hello\x07\x1b]777;notify;a;b\x07b\n", &["ab"]),
    ("DCS", "a report", b"a\x1bP$qm\x1b\\b\n", &["ab"]),
    ("DCS", "sixel", b"a\x1bPq#0;2;0;0;0~~@@\x1b\\b\n", &["ab"]),
    ("DCS", "termcap", b"a\x1bP+q544e\x1b\\b\n", &["ab"]),
    ("APC, PM, SOS", "APC of kitty", b"a\x1b_Gf=100;AAAA\x1b\\b\n", &["ab"]),
    ("APC, PM, SOS", "PM", b"a\x1b^private\x1b\\b\n", &["ab"]),
    ("APC, PM, SOS", "SOS", b"a\x1bXstring\x1b\\b\n", &["ab"]),
    ("CSI", "the cursor moves", b"a\x1b[10;10Hb\x1b[5Ac\x1b[sd\x1b[ue\n", &["abcde"]),
    ("CSI", "the screen is cleared", b"a\x1b[2J\x1b[3J\x1b[Kb\n", &["ab"]),
    ("CSI", "the other screen", b"a\x1b[?1049hb\x1b[?1049lc\n", &["abc"]),
    ("CSI", "mouse and paste", b"a\x1b[?1000h\x1b[?1006h\x1b[?2004hb\n", &["ab"]),
    ("CSI", "questions", b"a\x1b[6n\x1b[c\x1b[>0q\x1b[?ub\n", &["ab"]),
    ("CSI", "the window", b"a\x1b[8;1;1t\x1b[2tb\n", &["ab"]),
    ("CSI", "a private m", b"a\x1b[>4;2mb\x1b[?4mc\n", &["abc"]),
    ("CSI", "a frame is held", b"a\x1b[?2026hb\n", &["ab"]),
    ("CSI", "scrolling", b"a\x1b[1;5r\x1b[99Sb\x1bMc\x1bDd\n", &["abcd"]),
    ("CSI", "huge numbers", b"a\x1b[99999999999999999999;1Hb\n", &["ab"]),
    ("ESC", "reset", b"a\x1bcb\n", &["ab"]),
    ("ESC", "character sets", b"a\x1b(0b\x0ec\x0fd\x1bne\n", &["abcde"]),
    ("ESC", "8-bit CSI and OSC", "a\u{9b}2Jb\u{9d}0;x\u{9c}c\n".as_bytes(), &["a2Jb0;xc"]),
    ("ESC", "C1 as bytes", b"a\x9b2Jb\n", &["a2Jb"]),
    ("unterminated", "ESC at the end", b"a\x1b\nb\n", &["a", "b"]),
    ("unterminated", "CSI at the end", b"a\x1b[31\nb\n", &["a", "b"]),
    ("unterminated", "OSC at the end", b"a\x1b]0;never\nb\n", &["a", "b"]),
    ("unterminated", "DCS at the end", b"a\x1bPnever\nb\n", &["a", "b"]),
    ("unterminated", "no newline either", b"a\x1b]52;c;AAAA", &["a"]),
    ("invalid UTF-8", "lone continuations", b"a\xbf\xbfb\n", &["a\u{fffd}\u{fffd}b"]),
    ("invalid UTF-8", "a character cut off", b"\xe6\xbc\nb\n", &["\u{fffd}", "b"]),
    ("invalid UTF-8", "a character cut off by another", b"\xf0\x9f\x98a\n", &["\u{fffd}a"]),
    ("invalid UTF-8", "Latin 1", b"gr\xfcn\n", &["gr\u{fffd}n"]),
    ("wide", "CJK", "漢字かな交じり文\n".as_bytes(), &["漢字かな交じり文"]),
    ("wide", "emoji", "😀👍🏽🇩🇪\n".as_bytes(), &["😀👍🏽🇩🇪"]),
    ("zero width", "a family", "👨\u{200d}👩\u{200d}👧\n".as_bytes(), &["👨\u{200d}👩\u{200d}👧"]),
    ("zero width", "a byte order mark", "\u{feff}a\n".as_bytes(), &["a"]),
    ("zero width", "tags", "a\u{e0001}\u{e0041}b\n".as_bytes(), &["ab"]),
    ("right to left", "Hebrew and Arabic", "שלום مرحبا\n".as_bytes(), &["שלום مرحبا"]),
    ("right to left", "an override", "a\u{202e}cba\u{202c}\n".as_bytes(), &["acba"]),
    ("right to left", "isolates", "a\u{2066}b\u{2069}\u{200f}c\n".as_bytes(), &["abc"]),
    ("right to left", "line separators", "a\u{2028}b\u{2029}c\n".as_bytes(), &["abc"]),
    ("combining", "a mark alone", "\u{301}\n".as_bytes(), &["\u{301}"]),
    ("empty", "lines", b"\n\n\n", &["", "", ""]),
    ("empty", "only a return", b"\r\n", &[""]),
    ("NUL", "within a line", b"a\x00b\x00\n", &["ab"]),
    ("NUL", "nothing else", b"\x00\x00\x00\n", &[""]),
    ("control", "bell, back, delete", b"a\x07\x07b\x08\x7fc\x0b\x0cd\n", &["abcd"]),
    ("tabs", "stops", b"a\tb\n\t\tc\n", &["a       b", "                c"]),
    ("returns", "progress", b"10%\r50%\r100%\n", &["100%"]),
    ("returns", "CRLF", b"one\r\ntwo\r\n", &["one", "two"]),
    ("returns", "many before CRLF", b"one\r\r\r\n", &["one"]),
];

/// A generator of numbers without any library: xorshift.
struct Random(u64);

impl Random {
    fn byte(&mut self) -> u8 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 as u8
    }

    fn bytes(&mut self, count: usize) -> Vec<u8> {
        (0..count).map(|_| self.byte()).collect()
    }
}

/// All of them.
pub fn all() -> Vec<Input> {
    let told = TOLD.iter().map(|(kind, name, printed, read)| Input {
        kind,
        name,
        sent: Sent::Lines(printed.to_vec()),
        expected: Some(read.iter().map(|line| (*line).to_owned()).collect()),
    });
    // A terminal turns newlines into CRLF; otherwise it is read the same.
    let in_terminal = TOLD.iter().filter(|(_, _, printed, _)| printed.ends_with(b"\n")).map(
        |(kind, name, printed, read)| Input {
            kind,
            name,
            sent: Sent::Terminal(printed.to_vec()),
            expected: Some(read.iter().map(|line| (*line).to_owned()).collect()),
        },
    );
    told.chain(in_terminal).chain(large()).chain(stamps()).collect()
}

/// Inputs that are made.
fn large() -> Vec<Input> {
    let lines =
        |kind, name, printed: Vec<u8>| Input { kind, name, sent: Sent::Lines(printed), expected: None };
    let zalgo = format!("{}\n", ["z", &"\u{301}\u{334}\u{35c}".repeat(300)].concat().repeat(20));
    let mut rubbish = Random(0x5eed).bytes(1 << 20);
    rubbish.push(b'\n');
    let pieces = |text: &str, size: usize| -> Vec<String> {
        text.as_bytes().chunks(size).map(|part| String::from_utf8_lossy(part).into_owned()).collect()
    };
    let ten = "0123456789abcdef".repeat(10 * (1 << 20) / 16);
    let mut of_ten = lines("long", "10 MB in one line", format!("{ten}\n").into_bytes());
    of_ten.expected = Some(pieces(&ten, 64 * 1024));
    vec![
        of_ten,
        lines("long", "1 MB of wide characters", format!("{}\n", "漢".repeat(350_000)).into_bytes()),
        lines("long", "1 MB of colours", b"\x1b[1;31m".repeat(150_000)),
        lines("binary", "1 MB of rubbish", rubbish),
        lines("binary", "rubbish in lines", Random(7).bytes(100_000).into_iter().map(|b| b & 0x9f).collect()),
        lines("binary", "a program", [&b"\x7fELF\x02\x01\x01\0"[..], &Random(9).bytes(50_000)].concat()),
        lines("invalid UTF-8", "1 MB of it", vec![0xff; 1 << 20]),
        lines("combining", "zalgo", zalgo.into_bytes()),
        lines("combining", "a mark 100,000 times", format!("a{}\n", "\u{301}".repeat(100_000)).into_bytes()),
        lines("zero width", "joiners 100,000 times", "\u{200d}".repeat(100_000).into_bytes()),
        lines("wide", "flags without end", "🇩".repeat(20_000).into_bytes()),
        lines("tabs", "100,000 of them", vec![b'\t'; 100_000]),
        lines("NUL", "1 MB of it", vec![0; 1 << 20]),
        lines("empty", "100,000 lines", vec![b'\n'; 100_000]),
        lines("returns", "text and returns", b"loading\r".repeat(100_000)),
        lines("unterminated", "OSC over 1 MB", [&b"\x1b]0;"[..], &vec![b'x'; 1 << 20]].concat()),
        lines("unterminated", "DCS over 1 MB", [&b"\x1bP"[..], &vec![b'x'; 1 << 20]].concat()),
        lines("unterminated", "CSI over 1 MB", [&b"\x1b["[..], &vec![b'1'; 1 << 20]].concat()),
        lines("unterminated", "ESC over and over", vec![0x1b; 1 << 18]),
    ]
}

/// Inputs about the engine's own times and messages.
fn stamps() -> Vec<Input> {
    let part = "x".repeat(MESSAGE);
    let raw = |kind, name, bytes: Vec<u8>, expected: &[String]| Input {
        kind,
        name,
        sent: Sent::Raw(bytes),
        expected: Some(expected.to_vec()),
    };
    let of = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    let line = |stamp: &str, text: &str| frame(1, &[stamp.as_bytes(), text.as_bytes(), b"\n"]);
    let whole = format!("{part}{part}end");
    let framed = [
        frame(1, &[STAMP.as_bytes(), part.as_bytes()]),
        frame(1, &[LATER.as_bytes(), part.as_bytes()]),
        frame(1, &[LATER.as_bytes(), b"end\n"]),
    ];
    let in_terminal = format!("{STAMP}{part}{LATER}{part}{LATER}end\r\n{LATER}next\r\n");
    vec![
        raw("split lines", "three frames", framed.concat(), std::slice::from_ref(&whole)),
        raw("split lines", "a terminal", in_terminal.into_bytes(), &[whole, "next".to_owned()]),
        raw(
            "split lines",
            "an escape over two messages",
            [
                frame(1, &[STAMP.as_bytes(), &[b'y'; MESSAGE - 4], b"\x1b]0;"]),
                frame(1, &[STAMP.as_bytes(), b"evil\x07z\n"]),
            ]
            .concat(),
            &[format!("{}z", "y".repeat(MESSAGE - 4))],
        ),
        raw(
            "times",
            "out of order",
            [line(LATER, "one"), line(EARLIER, "two"), line(STAMP, "three")].concat(),
            &of(&["one", "two", "three"]),
        ),
        raw("times", "none", [frame(1, &[b"no time\n"]), line(STAMP, "x")].concat(), &of(&["no time", "x"])),
        raw(
            "times",
            "no times",
            [
                line("2026-13-45T99:99:99.000000000Z ", "month 13"),
                line("9999-12-01T23:59:59.999999999Z ", "the last day"),
                line("0001-01-01T00:00:00Z ", "the first"),
            ]
            .concat(),
            &of(&["2026-13-45T99:99:99.000000000Z month 13", "the last day", "the first"]),
        ),
    ]
}
