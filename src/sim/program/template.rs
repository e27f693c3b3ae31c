//! Lines with parts that change: `{n}`, `{int:1-9}`, `{pick:a|b}`, `{time:%H:%M:%S}` and others, put together fast.

use serde::{Deserialize, Deserializer, de};

use super::super::clock::Moment;
use super::super::random;

/// A text with parts to fill in.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Template {
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq)]
enum Part {
    Text(String),
    /// The how-manieth.
    Number,
    /// A number from and to, both included.
    Between(u64, u64),
    /// Milliseconds as requests take them: mostly few.
    Millis,
    /// One of these.
    Pick(Vec<String>),
    /// An address of the documentation's range.
    Address,
    Uuid,
    Hex(usize),
    /// The time in the form of `strftime`.
    Time(String),
    /// The thousandths of its second.
    Milli,
    Host,
    /// A variable of the environment.
    Variable(String),
}

/// What parts are filled in with.
pub(super) struct Context<'a> {
    pub(super) at: Moment,
    pub(super) number: u64,
    /// What chance depends on.
    pub(super) word: u64,
    pub(super) hostname: &'a str,
    pub(super) environment: &'a [String],
    pub(super) times: &'a mut Times,
}

/// The times that were last written: of many lines in a second the date is worked out once.
#[derive(Clone, Debug, Default)]
pub(super) struct Times {
    known: Vec<(String, i64, String)>,
}

impl Times {
    fn text(&mut self, format: &str, at: Moment) -> &str {
        let second = at.seconds();
        let found = self.known.iter().position(|(known, ..)| known == format);
        let index = found.unwrap_or_else(|| {
            self.known.push((format.to_owned(), i64::MIN, String::new()));
            self.known.len() - 1
        });
        let (_, known, text) = &mut self.known[index];
        if *known != second {
            *known = second;
            *text = at.timestamp().strftime(format).to_string();
        }
        text
    }
}

impl Template {
    /// Reads a text.
    ///
    /// # Errors
    /// A part that is not known.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            push_text(&mut parts, before);
            if let Some(after) = after.strip_prefix('{') {
                push_text(&mut parts, "{");
                rest = after;
                continue;
            }
            let (name, after) = after.split_once('}').ok_or_else(|| format!("no }} after {{{after}"))?;
            parts.push(part(name)?);
            rest = after;
        }
        push_text(&mut parts, &rest.replace("}}", "}"));
        Ok(Self { parts })
    }

    /// Appends the text, with a newline at its end.
    pub(super) fn write(&self, context: &mut Context<'_>, out: &mut Vec<u8>) {
        for (index, part) in self.parts.iter().enumerate() {
            let word = random::mix(context.word, index as u64);
            write_part(part, word, context, out);
        }
        out.push(b'\n');
    }
}

impl<'de> Deserialize<'de> for Template {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        let text = String::deserialize(input)?;
        Self::parse(text.trim_end_matches('\n')).map_err(de::Error::custom)
    }
}

fn push_text(parts: &mut Vec<Part>, text: &str) {
    let text = text.replace("}}", "}");
    match parts.last_mut() {
        _ if text.is_empty() => {}
        Some(Part::Text(last)) => last.push_str(&text),
        _ => parts.push(Part::Text(text)),
    }
}

fn part(text: &str) -> Result<Part, String> {
    let (name, value) = text.split_once(':').unwrap_or((text, ""));
    let range = || {
        let (low, high) = value.split_once('-')?;
        Some((low.parse().ok()?, high.parse().ok()?))
    };
    match name {
        "n" => Ok(Part::Number),
        "ms" => Ok(Part::Millis),
        "ip" => Ok(Part::Address),
        "uuid" => Ok(Part::Uuid),
        "milli" => Ok(Part::Milli),
        "host" => Ok(Part::Host),
        "env" => Ok(Part::Variable(value.to_owned())),
        "time" => Ok(Part::Time(value.to_owned())),
        "pick" => Ok(Part::Pick(value.split('|').map(str::to_owned).collect())),
        "hex" => value.parse().map(Part::Hex).map_err(|_| format!("{{{text}}}: how many digits?")),
        "int" => range()
            .filter(|(low, high)| low <= high)
            .map(|(low, high)| Part::Between(low, high))
            .ok_or_else(|| format!("{{{text}}}: from where to where?")),
        _ => Err(format!("{{{text}}} is nothing that can be filled in")),
    }
}

fn write_part(part: &Part, word: u64, context: &mut Context<'_>, out: &mut Vec<u8>) {
    match part {
        Part::Text(text) => out.extend_from_slice(text.as_bytes()),
        Part::Number => number(context.number, 1, out),
        Part::Between(low, high) => number(low + word % (high - low + 1), 1, out),
        Part::Millis => {
            let tail = if word.is_multiple_of(19) { word >> 8 & 511 } else { 0 };
            number(1 + (word >> 20) % 24 + tail, 1, out);
        }
        Part::Pick(texts) => out.extend_from_slice(texts[word as usize % texts.len()].as_bytes()),
        Part::Address => {
            out.extend_from_slice(b"203.0.113.");
            number(2 + word % 250, 1, out);
        }
        Part::Uuid => {
            let digits = random::hex(word, 32);
            let groups = [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]];
            out.extend_from_slice(groups.join("-").as_bytes());
        }
        Part::Hex(digits) => out.extend_from_slice(random::hex(word, *digits).as_bytes()),
        Part::Time(format) => out.extend_from_slice(context.times.text(format, context.at).as_bytes()),
        Part::Milli => number(context.at.0.rem_euclid(1_000_000_000) as u64 / 1_000_000, 3, out),
        Part::Host => out.extend_from_slice(context.hostname.as_bytes()),
        Part::Variable(name) => {
            let entries = context.environment.iter().filter_map(|entry| entry.split_once('='));
            let value = entries.filter(|(known, _)| known == name).map(|(_, value)| value).next();
            out.extend_from_slice(value.unwrap_or_default().as_bytes());
        }
    }
}

/// Appends a number of at least so many digits.
fn number(mut value: u64, digits: usize, out: &mut Vec<u8>) {
    let mut text = [b'0'; 20];
    let mut start = text.len();
    while value > 0 || text.len() - start < digits {
        start -= 1;
        text[start] = b'0' + (value % 10) as u8;
        value /= 10;
    }
    out.extend_from_slice(&text[start..]);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str, number: u64) -> String {
        let mut out = Vec::new();
        let environment = ["QUEUE=default".to_owned()];
        let mut times = Times::default();
        let at = Moment(1_795_460_000_042_000_000);
        let mut context =
            Context { at, number, word: 5, hostname: "h", environment: &environment, times: &mut times };
        Template::parse(text).unwrap().write(&mut context, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn parts_are_filled_in() {
        assert_eq!(written("{n} {{x}} {host} {env:QUEUE}", 7), "7 {x} h default\n");
        assert_eq!(written("{time:%Y-%m-%dT%H:%M:%S}.{milli}Z", 0), "2026-11-23T18:53:20.042Z\n");
        let line = written("{int:3-3} {pick:a|a} {hex:4}", 0);
        assert!(line.starts_with("3 a ") && line.len() == 9, "{line}");
        assert_eq!(written("{uuid}", 1).len(), 37);
        assert!(Template::parse("{int:9-3}").is_err() && Template::parse("{n").is_err());
    }
}
