//! Tells how grave a line is from its first bytes: a word of a logger in text, logfmt or JSON. It guesses cheaply and
//! rather says nothing than something wrong.

use crate::observed::Level;

/// How much of a line is looked at, in bytes of text.
const HEAD: usize = 200;
/// How much of a line of JSON is looked at: its level may stand late.
const HEAD_JSON: usize = 400;
/// The keys under which JSON loggers write the level, with the quotation mark that ends them.
const JSON_KEYS: [&[u8]; 5] = [b"level\"", b"lvl\"", b"severity\"", b"log.level\"", b"loglevel\""];
/// The keys under which logfmt has it.
const LOGFMT_KEYS: [&[u8]; 4] = [b"level", b"lvl", b"severity", b"loglevel"];

/// How grave a line is. The line is safe already: text and SGR sequences.
pub fn detect(line: &[u8]) -> Level {
    let mut buffer = [0; HEAD_JSON];
    let head = head(line, &mut buffer);
    let begin = head.iter().position(|byte| *byte != b' ').unwrap_or(head.len());
    let trimmed = head.get(begin..).unwrap_or_default();
    if trimmed.first() == Some(&b'{') {
        return in_json(trimmed);
    }
    let text = trimmed.get(..HEAD).unwrap_or(trimmed);
    in_klog(text).or_else(|| in_text(text)).unwrap_or_default()
}

/// The first bytes of a line without its SGR sequences.
fn head<'a>(line: &'a [u8], buffer: &'a mut [u8; HEAD_JSON]) -> &'a [u8] {
    let raw = line.get(..HEAD_JSON).unwrap_or(line);
    if !raw.contains(&0x1b) {
        return raw;
    }
    let mut length = 0;
    let mut inside = false;
    for byte in line.iter().take(2 * HEAD_JSON) {
        match (inside, byte) {
            (false, 0x1b) => inside = true,
            (true, b'm') => inside = false,
            (true, _) => {}
            (false, byte) => {
                let Some(slot) = buffer.get_mut(length) else { break };
                *slot = *byte;
                length += 1;
            }
        }
    }
    buffer.get(..length).unwrap_or_default()
}

/// `{"level":"info"}`, `{"level":30}`.
fn in_json(text: &[u8]) -> Level {
    for (index, _) in text.iter().enumerate().filter(|(_, byte)| **byte == b'"') {
        let rest = text.get(index + 1..).unwrap_or_default();
        let Some(key) = JSON_KEYS.iter().find(|key| starts_with(rest, key)) else { continue };
        let value = rest.get(key.len()..).unwrap_or_default();
        let value = value.trim_ascii_start();
        let Some(value) = value.strip_prefix(b":") else { continue };
        return level_value(value.trim_ascii_start());
    }
    Level::Unknown
}

/// A word, quoted or not, or a number.
fn level_value(value: &[u8]) -> Level {
    let value = value.strip_prefix(b"\"").unwrap_or(value);
    let end = value.iter().position(|byte| !byte.is_ascii_alphanumeric()).unwrap_or(value.len());
    let word = value.get(..end).unwrap_or_default();
    if let Some(level) = Level::from_word(word) {
        return level;
    }
    let number = str::from_utf8(word).ok().and_then(|digits| digits.parse().ok());
    number.map_or(Level::Unknown, Level::from_number)
}

/// `E1123 14:03:10.123456 …`, the form of Kubernetes' loggers.
fn in_klog(text: &[u8]) -> Option<Level> {
    let [letter, digits @ ..] = text.first_chunk::<6>()?;
    if !digits[..4].iter().all(u8::is_ascii_digit) || digits[4] != b' ' {
        return None;
    }
    match letter {
        b'I' => Some(Level::Info),
        b'W' => Some(Level::Warn),
        b'E' => Some(Level::Error),
        b'F' => Some(Level::Fatal),
        _ => None,
    }
}

/// The first word of the text that stands as a level does.
fn in_text(text: &[u8]) -> Option<Level> {
    let mut index = 0;
    while index < text.len() {
        if !text[index].is_ascii_alphabetic() {
            index += 1;
            continue;
        }
        let rest = &text[index..];
        let length =
            rest.iter().position(|byte| !byte.is_ascii_alphanumeric() && *byte != b'_').unwrap_or(rest.len());
        let word = &rest[..length];
        if (3..=11).contains(&length) {
            let before = index.checked_sub(1).and_then(|index| text.get(index)).copied();
            if let Some(level) = word_as_level(word, before, &rest[length..], index == 0) {
                return Some(level);
            }
        }
        index += length;
    }
    None
}

/// Whether a word stands as a level does: in capitals, in brackets, before a colon at the line's start, or as the value
/// of a logfmt key. "no error" and "/info" do not.
fn word_as_level(word: &[u8], before: Option<u8>, after: &[u8], first: bool) -> Option<Level> {
    let next = after.first().copied();
    if next == Some(b'=') && LOGFMT_KEYS.iter().any(|key| key.eq_ignore_ascii_case(word)) {
        return Some(level_value(&after[1..]));
    }
    let opened = matches!(before, Some(b'[' | b'<' | b'('));
    let closed = matches!(next, Some(b']' | b'>' | b')'));
    let stands = match before {
        None | Some(b' ' | b'|' | b'.' | b':' | b'"') => {
            matches!(next, None | Some(b' ' | b'|' | b':' | b'"' | b',' | b']'))
        }
        _ => opened && matches!(next, Some(b']' | b'>' | b')' | b' ' | b':')),
    };
    let capitals = word.iter().all(u8::is_ascii_uppercase);
    let leads = first && next == Some(b':');
    if stands && (capitals || leads) || opened && closed { Level::from_word(word) } else { None }
}

fn starts_with(text: &[u8], start: &[u8]) -> bool {
    text.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_as_programs_write_them() {
        let cases = [
            ("INFO  started", Level::Info),
            ("2026-11-23 14:03:10,123 WARNING root: disk", Level::Warn),
            ("ERROR:  duplicate key", Level::Error),
            ("2026-11-23 14:03:10 UTC [71] LOG:  duration: 4.8 ms", Level::Info),
            ("2026/11/23 14:03:10 [error] 29#29: *1 open() failed", Level::Error),
            ("14:03:10 \u{1b}[32mINF\u{1b}[0m order placed", Level::Info),
            ("time=2026 level=warn msg=\"slow\"", Level::Warn),
            ("level=\"error\" msg=x", Level::Error),
            ("{\"level\":\"info\",\"msg\":\"x\"}", Level::Info),
            ("{\"time\":1, \"severity\" : \"ERROR\"}", Level::Error),
            ("{\"level\":50,\"msg\":\"x\"}", Level::Error),
            ("{\"level\":30}", Level::Info),
            ("{\"msg\":\"no level here\"}", Level::Unknown),
            ("panic: runtime error: index out of range", Level::Fatal),
            ("Error: Cannot find module", Level::Error),
            ("[2026-11-23T14:03:10] app.CRITICAL: out", Level::Fatal),
            ("[2026-11-23T14:03:10Z WARN  hyper] x", Level::Warn),
            ("E1123 14:03:10.123456       1 reflector.go] failed", Level::Error),
            ("<debug> x", Level::Debug),
            ("GET /error 200 no error, information about it", Level::Unknown),
            ("    at Client.request (search.js:12)", Level::Unknown),
            ("the log of an alert", Level::Unknown),
            ("", Level::Unknown),
        ];
        for (line, expected) in cases {
            assert_eq!(detect(line.as_bytes()), expected, "{line}");
        }
    }

    #[test]
    fn only_the_beginning_is_looked_at() {
        assert_eq!(detect(format!("{} ERROR", "x".repeat(HEAD)).as_bytes()), Level::Unknown);
    }
}
