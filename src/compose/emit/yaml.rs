//! YAML as Go's yaml.v3 writes it: which text needs quotes, and in which order the keys of a map stand.
//!
//! `docker compose config` prints it, people keep it, and tools compare it, so the text is the same to the byte.

use std::cmp::Ordering;

use serde_json::{Map, Value};

use crate::compose::scalar::{self, Scalar};
use crate::compose::tree::go_float;

/// A document whose nested levels stand `indent` blanks further in.
pub fn text(value: &Value, indent: usize) -> String {
    let mut writer = Writer { out: String::new(), indent };
    match value {
        Value::Object(map) if !map.is_empty() => writer.map(map, 0),
        Value::Array(items) if !items.is_empty() => writer.list(items, 0),
        scalar => {
            writer.scalar(scalar, 0);
            writer.out.push('\n');
        }
    }
    writer.out
}

/// Puts the keys of every map below into yaml.v3's order.
pub fn sort(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.values_mut().for_each(sort);
            sort_map(map);
        }
        Value::Array(items) => items.iter_mut().for_each(sort),
        _ => {}
    }
}

/// Puts the keys of one map into yaml.v3's order.
pub fn sort_map(map: &mut Map<String, Value>) {
    let mut entries: Vec<(String, Value)> = std::mem::take(map).into_iter().collect();
    entries.sort_by(|(one, _), (two, _)| by_key(one, two));
    map.extend(entries);
}

/// The order of keys: numbers in them by their size, letters after everything else.
pub fn by_key(one: &str, two: &str) -> Ordering {
    let (one, two): (Vec<char>, Vec<char>) = (one.chars().collect(), two.chars().collect());
    let Some(at) = one.iter().zip(&two).position(|(a, b)| a != b) else { return one.len().cmp(&two.len()) };
    let after_digit = at > 0 && one[at - 1].is_numeric();
    match (one[at].is_alphabetic(), two[at].is_alphabetic()) {
        (true, true) => one[at].cmp(&two[at]),
        (true, false) if after_digit => Ordering::Less,
        (true, false) => Ordering::Greater,
        (false, true) if after_digit => Ordering::Greater,
        (false, true) => Ordering::Less,
        (false, false) => by_number(&one, &two, at),
    }
}

/// Compares what differs from `at` on as numbers, then by their length, then by the first character.
fn by_number(one: &[char], two: &[char], at: usize) -> Ordering {
    let zero = one[at] == '0' || two[at] == '0';
    let before = one[..at].iter().rev().take_while(|c| c.is_ascii_digit());
    let lead = i64::from(zero && before.into_iter().any(|c| *c != '0'));
    let number = |text: &[char]| {
        let digits = text[at..].iter().map_while(|c| c.to_digit(10));
        digits.fold((lead, 0), |(value, length), digit| {
            (value.wrapping_mul(10).wrapping_add(digit.into()), length + 1)
        })
    };
    number(one).cmp(&number(two)).then(one[at].cmp(&two[at]))
}

struct Writer {
    out: String,
    indent: usize,
}

impl Writer {
    /// A map's lines, each at this depth. The first begins where the writer stands.
    fn map(&mut self, map: &Map<String, Value>, depth: usize) {
        for (index, (key, value)) in map.iter().enumerate() {
            if index > 0 {
                self.pad(depth);
            }
            let shown = key_text(key);
            if shown.len() > 128 {
                self.out.push_str(&format!("? {shown}\n"));
                self.pad(depth);
            } else {
                self.out.push_str(&shown);
            }
            self.out.push(':');
            self.value(value, depth, self.indent * (depth / self.indent + 1));
        }
    }

    /// What follows a key.
    fn value(&mut self, value: &Value, depth: usize, inner: usize) {
        match value {
            Value::Object(map) if !map.is_empty() => {
                self.out.push('\n');
                self.pad(inner);
                self.map(map, inner);
            }
            Value::Array(items) if !items.is_empty() => {
                self.out.push('\n');
                self.pad(inner);
                self.list(items, inner);
            }
            scalar => {
                self.out.push(' ');
                self.scalar(scalar, depth + self.indent);
                self.out.push('\n');
            }
        }
    }

    fn list(&mut self, items: &[Value], depth: usize) {
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                self.pad(depth);
            }
            self.out.push_str("- ");
            match item {
                Value::Object(map) if !map.is_empty() => self.map(map, depth + 2),
                Value::Array(items) if !items.is_empty() => self.list(items, depth + 2),
                scalar => {
                    self.scalar(scalar, depth + 2);
                    self.out.push('\n');
                }
            }
        }
    }

    fn scalar(&mut self, value: &Value, depth: usize) {
        match value {
            Value::Null => self.out.push_str("null"),
            Value::Bool(value) => self.out.push_str(&value.to_string()),
            Value::Number(number) if number.is_f64() => {
                self.out.push_str(&go_float(number.as_f64().unwrap_or_default()));
            }
            Value::Number(number) => self.out.push_str(&number.to_string()),
            Value::String(text) if is_literal(text) => self.literal(text, depth),
            Value::String(text) => self.out.push_str(&one_line(text, depth)),
            Value::Array(_) => self.out.push_str("[]"),
            Value::Object(_) => self.out.push_str("{}"),
        }
    }

    /// `|` and the lines below it.
    fn literal(&mut self, text: &str, depth: usize) {
        self.out.push('|');
        if text.starts_with([' ', '\n']) {
            self.out.push_str(&self.indent.to_string());
        }
        let body = text.trim_end_matches('\n');
        self.out.push_str(match text.len() - body.len() {
            0 => "-",
            1 if !body.is_empty() => "",
            _ => "+",
        });
        for line in text.strip_suffix('\n').unwrap_or(text).split('\n') {
            self.out.push('\n');
            if !line.is_empty() {
                self.pad(depth);
                self.out.push_str(line);
            }
        }
    }

    fn pad(&mut self, depth: usize) {
        self.out.extend(std::iter::repeat_n(' ', depth));
    }
}

/// A key, which is always on one line.
fn key_text(key: &str) -> String {
    if key.contains('\n') { double_quoted(key) } else { one_line(key, 0) }
}

/// A text as it is, or in the quotes that it needs. `depth` is that of the lines which go on after a separator.
fn one_line(text: &str, depth: usize) -> String {
    if text.contains('\n') || !means_itself(text) {
        return double_quoted(text);
    }
    let shape = Shape::of(text);
    if shape.is_strange {
        double_quoted(text)
    } else if shape.needs_quotes {
        single_quoted(text, depth)
    } else {
        text.to_owned()
    }
}

/// In single quotes. After a separator of lines the text is indented anew.
fn single_quoted(text: &str, depth: usize) -> String {
    let mut out = String::from("'");
    let mut after_separator = false;
    for character in text.chars() {
        let is_separator = is_separator(character);
        if after_separator && !is_separator {
            out.extend(std::iter::repeat_n(' ', depth));
        }
        after_separator = is_separator;
        out.push(character);
        if character == '\'' {
            out.push(character);
        }
    }
    out.push('\'');
    out
}

/// Unicode's separators of lines and paragraphs.
fn is_separator(character: char) -> bool {
    matches!(character, '\u{2028}' | '\u{2029}')
}

/// Whether a plain scalar of this text is read as this text, by YAML 1.1 too.
fn means_itself(text: &str) -> bool {
    const OLD_BOOLEANS: [&str; 16] =
        ["y", "Y", "yes", "Yes", "YES", "on", "On", "ON", "n", "N", "no", "No", "NO", "off", "Off", "OFF"];
    scalar::plain(text) == Scalar::Text && !OLD_BOOLEANS.contains(&text) && !is_sexagesimal(text)
}

/// A number of base 60 in YAML 1.1, such as `12:30:00.5`.
fn is_sexagesimal(text: &str) -> bool {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (digits, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let mut parts = digits.split(':');
    let first = parts.next().unwrap_or_default();
    let is_part = |part: &str| match part.as_bytes() {
        [one] => one.is_ascii_digit(),
        [b'0'..=b'5', two] => two.is_ascii_digit(),
        _ => false,
    };
    let number = |c: char| c.is_ascii_digit() || c == '_';
    digits.contains(':')
        && first.starts_with(|c: char| c.is_ascii_digit())
        && first.chars().all(number)
        && parts.all(is_part)
        && fraction.chars().all(number)
}

/// Whether a text of several lines can stand below `|`.
fn is_literal(text: &str) -> bool {
    let printable = |c: char| c == '\n' || c == '\t' || is_printable(c);
    text.contains('\n') && !text.contains(" \n") && !text.ends_with(' ') && text.chars().all(printable)
}

/// What about a text of one line keeps it from standing plainly.
struct Shape {
    /// It must be quoted.
    needs_quotes: bool,
    /// It has characters that only double quotes can hold.
    is_strange: bool,
}

impl Shape {
    fn of(text: &str) -> Shape {
        let is_blank = |c: Option<char>| c.is_none_or(|c| matches!(c, ' ' | '\t'));
        let first = text.starts_with(|c| "#,[]{}&*!|>'\"%@` ".contains(c));
        let indicator = text.strip_prefix(['?', '-']).is_some_and(|rest| is_blank(rest.chars().next()));
        let mut needs_quotes =
            first || indicator || text.starts_with("---") || text.starts_with("...") || text.ends_with(' ');
        let mut is_strange = false;
        for (at, character) in text.char_indices() {
            is_strange |= !is_printable(character) && !is_separator(character);
            is_strange |= is_separator(character) && text[..at].ends_with(' ');
            needs_quotes |= match character {
                separator if is_separator(separator) => true,
                ':' => is_blank(text[at + 1..].chars().next()),
                '#' => is_blank(text[..at].chars().next_back()),
                _ => false,
            };
        }
        Shape { needs_quotes, is_strange }
    }
}

/// What yaml.v3 takes for printable: nothing beyond the basic plane, no control character, no byte order mark.
fn is_printable(character: char) -> bool {
    matches!(character, ' '..='~' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fefe}' | '\u{ff00}'..='\u{fffd}')
        && !matches!(character, '\u{2028}' | '\u{2029}')
}

fn double_quoted(text: &str) -> String {
    let mut out = String::from('"');
    // After a byte order mark yaml.v3 takes every character for one.
    let is_marked = text.starts_with('\u{feff}');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\0' => out.push_str("\\0"),
            '\u{7}' => out.push_str("\\a"),
            '\u{8}' => out.push_str("\\b"),
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\u{b}' => out.push_str("\\v"),
            '\u{c}' => out.push_str("\\f"),
            '\r' => out.push_str("\\r"),
            '\u{1b}' => out.push_str("\\e"),
            '\u{85}' => out.push_str("\\N"),
            '\u{2028}' => out.push_str("\\L"),
            '\u{2029}' => out.push_str("\\P"),
            other if is_printable(other) && !is_marked => out.push(other),
            other => out.push_str(&match u32::from(other) {
                code @ ..=0xff => format!("\\x{code:02X}"),
                code @ ..=0xffff => format!("\\u{code:04X}"),
                code => format!("\\U{code:08X}"),
            }),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn texts_get_the_quotes_that_they_need() {
        let check = |text: &str, expected: &str| assert_eq!(one_line(text, 2), expected, "{text:?}");
        for plain in ["a", "a b", "a:b", "a#b", "-x", "?x", ":x", "http://x/y?z=[1]", "1.2.3", "a,b", "é"] {
            check(plain, plain);
        }
        for double in ["", "n", "Yes", "1", "1.5", "null", "~", "true", "0o7", "2020-01-01", "12:30"] {
            check(double, &format!("\"{double}\""));
        }
        for single in
            ["- x", "a: b", "a #b", "a:", " a", "a ", "#a", "[a]", "{a}", "@a", "*a", "-", "? a", "--- a"]
        {
            check(single, &format!("'{single}'"));
        }
        check("it's: x", "'it''s: x'");
        check("<<", "<<");
        check("a\u{2028}b", "'a\u{2028}  b'");
        check("a\tb", "\"a\\tb\"");
        check("\u{feff}a\t", "\"\\uFEFF\\x61\\t\"");
        check("\u{1f600}", "\"\\U0001F600\"");
        check("a\rb\u{1}", "\"a\\rb\\x01\"");
    }

    #[test]
    fn a_document_is_laid_out_as_compose_lays_out_its_own() {
        let document = json!({
            "a": {"b": [], "c": {}, "d": null, "n": 1.5},
            "list": ["x", {"k": "v", "l": [1, 2]}, ["y", "z"]],
            "text": "one\ntwo\n",
            "more": ["p\nq"],
            "x": "tail \nz",
        });
        let expected = "\
a:
  b: []
  c: {}
  d: null
  \"n\": 1.5
list:
  - x
  - k: v
    l:
      - 1
      - 2
  - - 'y'
    - z
text: |
  one
  two
more:
  - |-
    p
    q
x: \"tail \\nz\"
"
        .replace("'y'", "\"y\"");
        assert_eq!(text(&document, 2), expected);
    }

    #[test]
    fn keys_are_in_natural_order() {
        let mut keys = ["b", "a10", "a9", "a", "A", "_", "a-1", "a01", "1", "10", "9"];
        keys.sort_by(|one, two| by_key(one, two));
        assert_eq!(keys, ["_", "1", "9", "10", "A", "a", "a-1", "a01", "a9", "a10", "b"]);
    }
}
