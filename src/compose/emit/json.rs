//! JSON as Go's encoder writes it, byte for byte.

use serde_json::Value;

/// Indented by two blanks, as `config --format json` prints it, without an end of line.
pub fn pretty(value: &Value) -> String {
    // A value that is in memory can always be written.
    escape(&serde_json::to_string_pretty(value).unwrap_or_default())
}

/// On one line, as what is hashed.
pub fn compact(value: &Value) -> String {
    escape(&value.to_string())
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
        check("\u{2028}é\n\t\u{1}", r#""\u2028é\n\t\u0001""#);
    }
}
