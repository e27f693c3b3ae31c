//! Folds a line of JSON or logfmt to what a person reads: level, message, then the other fields as `key=value`. The time is
//! left out, for the engine's stands beside the line. What is stored stays as it is; a line is folded when it is drawn.

use std::borrow::Cow;

use serde_json::{Map, Value};

use crate::observed::Level;

/// The longest line that is folded, in bytes: a longer one is shown as it is.
const LONGEST: usize = 16 * 1024;
/// The keys of the message, of the level and of the time, as loggers write them.
const MESSAGE: [&str; 4] = ["msg", "message", "event", "text"];
const LEVEL: [&str; 5] = ["level", "lvl", "severity", "log.level", "loglevel"];
const TIME: [&str; 8] = ["time", "ts", "timestamp", "@timestamp", "t", "date", "datetime", "asctime"];

/// The line folded; none where it is neither JSON nor logfmt with a message.
pub fn fold(line: &[u8], level: Level) -> Option<String> {
    let text = str::from_utf8(line).ok().filter(|text| text.len() <= LONGEST)?.trim();
    let folded = if text.starts_with('{') { json(text, level)? } else { logfmt(text, level)? };
    // A value may hold escaped control characters: no byte of it may reach the terminal as one.
    Some(folded.replace(char::is_control, " "))
}

fn json(text: &str, level: Level) -> Option<String> {
    let fields: Map<String, Value> = serde_json::from_str(text).ok()?;
    let fields: Vec<(&str, Cow<'_, str>)> =
        fields.iter().map(|(key, value)| (key.as_str(), shown(value))).collect();
    Some(join(&fields, level))
}

fn logfmt(text: &str, level: Level) -> Option<String> {
    let mut fields = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (key, value) = rest.split_once('=')?;
        if key.is_empty() || key.contains(|letter: char| letter.is_whitespace() || letter == '"') {
            return None;
        }
        let (value, behind) = split_value(value);
        fields.push((key, value));
        rest = behind.trim_start();
    }
    fields.iter().any(|(key, _)| MESSAGE.contains(key)).then(|| join(&fields, level))
}

/// The value at the beginning, without its quotation marks, and what stands behind it.
fn split_value(text: &str) -> (Cow<'_, str>, &str) {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find(char::is_whitespace).unwrap_or(text.len());
        return (Cow::Borrowed(&text[..end]), &text[end..]);
    };
    let mut escaped = false;
    let end = quoted.find(|letter| {
        let closes = letter == '"' && !escaped;
        escaped = letter == '\\' && !escaped;
        closes
    });
    let end = end.unwrap_or(quoted.len());
    let value = &quoted[..end];
    let value = if value.contains('\\') {
        Cow::Owned(value.replace("\\\"", "\"").replace("\\n", " ").replace("\\\\", "\\"))
    } else {
        Cow::Borrowed(value)
    };
    (value, quoted.get(end + 1..).unwrap_or_default())
}

fn join(fields: &[(&str, Cow<'_, str>)], level: Level) -> String {
    let is = |keys: &[&str], key: &str| keys.iter().any(|known| known.eq_ignore_ascii_case(key));
    let message = fields.iter().position(|(key, _)| is(&MESSAGE, key));
    let mut words = vec![tag(level).to_owned()];
    words.extend(message.map(|place| fields[place].1.trim().to_owned()));
    for (place, (key, value)) in fields.iter().enumerate() {
        let is_told =
            Some(place) == message || is(&TIME, key) || (is(&LEVEL, key) && level != Level::Unknown);
        if !is_told {
            words.push(pair(key, value));
        }
    }
    words.retain(|word| !word.is_empty());
    words.join(" ")
}

/// A level as it stands in a folded line.
fn tag(level: Level) -> &'static str {
    match level {
        Level::Unknown => "",
        Level::Trace => "TRC",
        Level::Debug => "DBG",
        Level::Info => "INF",
        Level::Warn => "WRN",
        Level::Error => "ERR",
        Level::Fatal => "FTL",
    }
}

fn pair(key: &str, value: &str) -> String {
    if value.is_empty() || value.contains(|letter: char| letter.is_whitespace() || letter == '"') {
        format!("{key}=\"{}\"", value.replace('"', "'"))
    } else {
        format!("{key}={value}")
    }
}

fn shown(value: &Value) -> Cow<'_, str> {
    match value {
        Value::String(text) => Cow::Borrowed(text),
        other => Cow::Owned(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, level: Level, expected: &str) {
        assert_eq!(fold(line.as_bytes(), level).as_deref().unwrap_or("-"), expected, "{line}");
    }

    #[test]
    fn json_of_several_loggers() {
        check(
            r#"{"time":"2026-11-23T14:03:10Z","level":"info","msg":"order placed","id":8800,"user":"a b"}"#,
            Level::Info,
            r#"INF order placed id=8800 user="a b""#,
        );
        check(
            r#"{"severity":"ERROR","message":"no","error":{"code":7}}"#,
            Level::Error,
            r#"ERR no error="{'code':7}""#,
        );
        check(r#"{"lvl":"odd","a":null,"b":[1,2]}"#, Level::Unknown, "lvl=odd a=null b=[1,2]");
        check(r#"{"msg":"\u001b[2J\nboo","empty":""}"#, Level::Unknown, r#" [2J boo empty="""#);
        check("{}", Level::Unknown, "");
    }

    #[test]
    fn logfmt_with_a_message() {
        check(r#"time=1 level=warn msg="slow \"query\"" ms=120"#, Level::Warn, r#"WRN slow "query" ms=120"#);
        check("level=info ms=3", Level::Info, "-");
        check("see msg=1 here", Level::Unknown, "-");
        check(r#"msg="never closed"#, Level::Unknown, "never closed");
    }

    #[test]
    fn other_lines_stay() {
        for line in ["", "GET / 200", "{not json}", "[1,2]", "a = b", "=", "\"=\""] {
            check(line, Level::Info, "-");
        }
        check(&format!("{{\"msg\":\"{}\"}}", "x".repeat(LONGEST)), Level::Info, "-");
    }
}
