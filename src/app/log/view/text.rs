//! What a view shows as plain text or as JSON, for a file.

use jiff::Timestamp;

use super::super::Logs;
use super::super::cells::strip;
use super::super::cursor::Content;
use super::super::entry::{Mark, MarkKind};
use super::LogView;
use crate::observed::Level;

impl LogView {
    /// All its lines, without colours, each with time and source where the view shows them; times in full and in UTC.
    /// `clock` says the time of day of a rule.
    pub fn text(&self, logs: &Logs, clock: impl Fn(Timestamp) -> String) -> String {
        let labels: Vec<String> = self.sources.iter().map(super::super::LogSource::label).collect();
        let (mut bytes, mut offsets) = (Vec::new(), Vec::new());
        let mut cursor = logs.cursor(self);
        while let Some(item) = cursor.forward() {
            let label = labels.get(item.source).map_or("", String::as_str);
            let line = match item.content {
                Content::Rule(kind) => {
                    let subject = if kind.is_of_container() { format!("{label} ") } else { String::new() };
                    bytes.extend_from_slice(
                        format!("-- {subject}{}\n", kind.words(&clock(item.at))).as_bytes(),
                    );
                    continue;
                }
                Content::Line(line) => line,
            };
            if self.times {
                bytes.extend_from_slice(format!("{:.9} ", item.at).as_bytes());
            }
            if labels.len() > 1 {
                bytes.extend_from_slice(format!("{label} ").as_bytes());
            }
            offsets.clear();
            strip(line.bytes, &mut bytes, &mut offsets);
            if self.once && line.again > 0 {
                bytes.extend_from_slice(format!(" (\u{d7}{})", line.again + 1).as_bytes());
            }
            bytes.push(b'\n');
        }
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// All its lines, each as an object of JSON in a line of its own: time, source, stream, level if it is known, message.
    pub fn json(&self, logs: &Logs) -> String {
        let labels: Vec<String> = self.sources.iter().map(super::super::LogSource::label).collect();
        let mut text = String::new();
        let mut cursor = logs.cursor(self);
        while let Some(item) = cursor.forward() {
            let Content::Line(line) = item.content else { continue };
            let label = labels.get(item.source).map_or("", String::as_str);
            let (level, gravity, stderr) = (line.level, line.gravity, line.stderr);
            let mark = Mark { level, gravity, stderr, kind: MarkKind::Begins };
            text.push_str(&json_line(item.at, label, mark, line.bytes));
            text.push('\n');
        }
        text
    }

    /// The same logs with nothing passed over.
    #[must_use]
    pub fn whole(&self) -> Self {
        Self { times: self.times, ..Self::new(self.sources.clone()) }
    }
}

/// A line as an object of JSON: time, source, stream, level if it is known, message without colours.
pub fn json_line(at: Timestamp, source: &str, mark: Mark, line: &[u8]) -> String {
    let (mut message, mut offsets) = (Vec::new(), Vec::new());
    strip(line, &mut message, &mut offsets);
    let message = String::from_utf8_lossy(&message);
    let json = |text: &str| serde_json::Value::from(text).to_string();
    let stream = if mark.stderr { "stderr" } else { "stdout" };
    let level = match mark.level {
        Level::Unknown => String::new(),
        level => format!(r#","level":"{}""#, level.word()),
    };
    let (source, message) = (json(source), json(&message));
    format!(r#"{{"time":"{at:.9}","source":{source},"stream":"{stream}"{level},"message":{message}}}"#)
}
