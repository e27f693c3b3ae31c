//! JSON as Go's encoder writes it, byte for byte.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::Value;
use serde_json::ser::{CompactFormatter, Formatter, PrettyFormatter, Serializer};

/// Indented by two blanks, as `config --format json` prints it, without an end of line.
pub fn pretty(value: &Value) -> String {
    written(value, Numbers(PrettyFormatter::new()))
}

/// On one line, as what is hashed.
pub fn compact(value: &Value) -> String {
    written(value, Numbers(CompactFormatter))
}

fn written(value: &Value, formatter: impl Formatter) -> String {
    let mut text = Vec::new();
    // A value that is in memory can always be written.
    let _always_written = value.serialize(&mut Serializer::with_formatter(&mut text, formatter));
    escape(&String::from_utf8(text).unwrap_or_default())
}

/// A layout with Go's numbers: no point after a whole one, no exponent below 1e21.
struct Numbers<F>(F);

impl<F: Formatter> Formatter for Numbers<F> {
    fn write_f64<W: ?Sized + Write>(&mut self, out: &mut W, value: f64) -> io::Result<()> {
        let size = value.abs();
        if size == 0.0 || (1e-6..1e21).contains(&size) {
            return write!(out, "{value}");
        }
        let text = format!("{value:e}");
        let signed = if text.contains("e-") { text } else { text.replace('e', "e+") };
        out.write_all(signed.as_bytes())
    }

    fn begin_array<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.begin_array(out)
    }

    fn end_array<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_array(out)
    }

    fn begin_array_value<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_array_value(out, first)
    }

    fn end_array_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_array_value(out)
    }

    fn begin_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.begin_object(out)
    }

    fn end_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_object(out)
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_object_key(out, first)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.begin_object_value(out)
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.0.end_object_value(out)
    }
}

/// `<`, `>`, `&` and two line separators are escaped; everything else is as in any JSON. Outside strings none of these
/// characters occurs.
fn escape(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for character in json.chars() {
        match character {
            '<' => text.push_str("\\u003c"),
            '>' => text.push_str("\\u003e"),
            '&' => text.push_str("\\u0026"),
            '\u{2028}' => text.push_str("\\u2028"),
            '\u{2029}' => text.push_str("\\u2029"),
            other => text.push(other),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_escaped_as_go_does() {
        let check = |text: &str, expected: &str| assert_eq!(compact(&text.into()), expected);
        check("a<b>&\"\\", r#""a\u003cb\u003e\u0026\"\\""#);
        let number = |value: f64| compact(&value.into());
        let numbers = [1e7, 1e20, 1e21, 1.5, 1e-6, 2e-7, -0.0].map(number);
        assert_eq!(numbers.join(" "), "10000000 100000000000000000000 1e+21 1.5 0.000001 2e-7 -0");
        check("\u{2028}é\n\t\u{1}", r#""\u2028é\n\t\u0001""#);
    }
}
