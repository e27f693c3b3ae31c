//! JSON as Go's encoder writes it, byte for byte.

use serde_json::Value;

/// Indented by two blanks, as `config --format json` prints it, without an end of line.
pub fn pretty(value: &Value) -> String {
    // A value that is in memory can always be written.
    as_go(&serde_json::to_string_pretty(value).unwrap_or_default())
}

/// On one line, as what is hashed.
pub fn compact(value: &Value) -> String {
    as_go(&value.to_string())
}

/// In strings `<`, `>`, `&` and two line separators are escaped; elsewhere numbers are written as Go writes them, and the
/// rest is as in any JSON.
fn as_go(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    let mut is_string = false;
    let mut rest = json;
    while let Some(character) = rest.chars().next() {
        let is_number = !is_string && matches!(character, '-' | '0'..='9');
        let length = if is_number { number_length(rest) } else { character.len_utf8() };
        let (token, after) = rest.split_at(length);
        rest = after;
        match character {
            _ if is_number => text.push_str(&number(token)),
            '"' => {
                is_string = !is_string;
                text.push('"');
            }
            // What is escaped ends no string.
            '\\' => {
                let escaped = rest.chars().next().map_or(0, char::len_utf8);
                let (escaped, after) = rest.split_at(escaped);
                rest = after;
                text.push('\\');
                text.push_str(escaped);
            }
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

fn number_length(text: &str) -> usize {
    let is_part = |c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.' | 'e' | 'E');
    text.find(|c| !is_part(c)).unwrap_or(text.len())
}

/// A number with Go's digits: no point after a whole one, no exponent from 1e-6 up to 1e21.
fn number(text: &str) -> String {
    let Some(value) = text.contains(['.', 'e']).then(|| text.parse::<f64>().ok()).flatten() else {
        return text.to_owned();
    };
    let size = value.abs();
    if size == 0.0 || (1e-6..1e21).contains(&size) {
        return value.to_string();
    }
    let text = format!("{value:e}");
    if text.contains("e-") { text } else { text.replace('e', "e+") }
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
