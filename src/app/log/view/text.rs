//! What a view shows as plain text, for a file.

use jiff::Timestamp;

use super::super::Logs;
use super::super::cells::strip;
use super::super::cursor::Content;
use super::LogView;

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
            bytes.push(b'\n');
        }
        String::from_utf8_lossy(&bytes).into_owned()
    }
}
