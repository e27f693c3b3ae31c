//! Answers as lines of text, in which nothing depends on the hour or the machine.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::sync::LazyLock;

use base64::Engine as _;
use regex::Regex;
use serde_json::{Deserializer, Value};

use super::http::Answer;

/// The longest text of a frame that is shown whole.
const SHOWN: usize = 200;

/// What differs from one run to the next, and what stands in its place.
static PLAIN: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
    let rules = [
        (r"(?:20[2-9]\d)-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)", "<time>"),
        (r"\b[0-9a-f]{64}\b", "<id>"),
        (r"\b[0-9a-f]{12}\b", "<short>"),
        // How wide a network's own range is depends on how many there are.
        (r"\b(?:172|10|192)\.\d+\.\d+\.\d+/(?:16|20)\b", "<ip>/<bits>"),
        (r"\b(?:172|10)\.\d+\.\d+\.\d+\b|\b192\.168\.\d+\.\d+\b", "<ip>"),
        (r"\b(?:[0-9a-f]{2}:){5}[0-9a-f]{2}\b", "<mac>"),
        (r"\bLess than a second\b|\b\d+ seconds?\b|\bAbout a minute\b", "<while>"),
    ];
    rules.iter().map(|(pattern, word)| (Regex::new(pattern).unwrap(), *word)).collect()
});

/// The names of a case and what they stand for.
pub struct Names {
    prefix: String,
    known: BTreeMap<String, String>,
}

static NAME: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\{([a-z][a-z0-9.]*)\}").unwrap());

impl Names {
    pub fn new(prefix: String) -> Self {
        Self { prefix, known: BTreeMap::new() }
    }

    /// What every name begins with that is made up.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    pub fn set(&mut self, name: &str, value: &str) {
        self.known.insert(name.to_owned(), value.to_owned());
    }

    /// The text with what its names stand for; a new name is made up, a name that begins with `port` is a free port.
    pub fn fill(&mut self, text: &str) -> String {
        for found in NAME.captures_iter(text) {
            let name = &found[1];
            if !self.known.contains_key(name) {
                let value = if name.starts_with("port") {
                    crate::support::free_port().to_string()
                } else {
                    format!("{}-{name}", self.prefix)
                };
                self.known.insert(name.to_owned(), value);
            }
        }
        NAME.replace_all(text, |found: &regex::Captures<'_>| self.known[&found[1]].clone()).into_owned()
    }

    /// The text with the names in place of what they stand for, and with nothing in it that differs each time.
    pub fn hide(&self, text: &str) -> String {
        let mut known: Vec<_> = self.known.iter().filter(|(_, value)| value.len() > 3).collect();
        known.sort_by_key(|(_, value)| std::cmp::Reverse(value.len()));
        let mut text = text.to_owned();
        for (name, value) in known {
            text = text.replace(value.as_str(), &format!("{{{name}}}"));
            if value.len() == 64 {
                text = text.replace(&value[..12], &format!("{{{name}}}<short>"));
            }
        }
        PLAIN.iter().fold(text, |text, (pattern, word)| pattern.replace_all(&text, *word).into_owned())
    }
}

/// An answer: its status, and its body as a whole or what the selectors pick.
pub fn answer(answer: &Answer, selectors: &[&str]) -> Vec<String> {
    let values = values(&answer.body);
    if answer.status >= 400 {
        let text = String::from_utf8_lossy(&answer.body).trim().to_owned();
        let message = values.first().and_then(|value| value["message"].as_str()).map_or(text, quoted);
        return vec![format!("{} {message}", answer.status)];
    }
    if !selectors.is_empty() {
        let mut lines = vec![answer.status.to_string()];
        let value = values.into_iter().next().unwrap_or_default();
        for selector in selectors {
            let shown = match selector.strip_prefix('@') {
                Some(name) => header(answer, name),
                None => selector
                    .strip_prefix('?')
                    .map_or_else(|| picked(&value, selector), |it| kinds(&value, it)),
            };
            lines.push(format!("{selector} {shown}"));
        }
        return lines;
    }
    let mut lines = vec![answer.status.to_string()];
    match values.as_slice() {
        _ if answer.header("content-type") == Some("application/x-tar") => {
            lines.extend(archive(&answer.body));
        }
        [] => lines.extend(String::from_utf8_lossy(&answer.body).lines().map(str::to_owned)),
        values => lines.extend(values.iter().filter(|value| !is_housekeeping(value)).map(Value::to_string)),
    }
    lines
}

/// What a builder tells of its own doings, each version in other words.
fn is_housekeeping(message: &Value) -> bool {
    let text = message["stream"].as_str().unwrap_or_default();
    ["Removing intermediate container", " ---> Removed intermediate container"]
        .iter()
        .any(|words| text.starts_with(words))
}

/// A header; that of an archive is JSON in base64, of which the times are left out.
fn header(answer: &Answer, name: &str) -> String {
    let value = answer.header(name).unwrap_or("-");
    let decoded = base64::engine::general_purpose::STANDARD.decode(value).ok();
    match decoded.and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok()) {
        Some(mut json) if json.is_object() => {
            json["mtime"] = Value::from("<time>");
            json.to_string()
        }
        _ => value.to_owned(),
    }
}

/// The JSON values of a body, which may be several; none if it is something else.
pub fn values(body: &[u8]) -> Vec<Value> {
    Deserializer::from_slice(body).into_iter::<Value>().collect::<Result<_, _>>().unwrap_or_default()
}

/// What a pointer picks; every element's where it has a star, in sorted order where it has a tilde.
fn picked(value: &Value, selector: &str) -> String {
    let mut found = Vec::new();
    pick(value, selector.trim_start_matches('/'), &mut found);
    let mut texts: Vec<String> =
        found.iter().map(|value| value.as_ref().map_or("-".to_owned(), plain)).collect();
    if selector.contains('~') {
        texts.sort();
    }
    if texts.is_empty() { "(none)".to_owned() } else { texts.join(", ") }
}

/// What kinds of values a pointer picks, for figures that nobody can know.
fn kinds(value: &Value, selector: &str) -> String {
    let mut found = Vec::new();
    pick(value, selector.trim_start_matches('/'), &mut found);
    let kind = |value: &Option<Value>| match value {
        None => "-",
        Some(Value::Null) => "null",
        Some(Value::Number(number)) if number.as_f64() == Some(0.0) => "0",
        Some(Value::Number(_)) => "number",
        Some(Value::String(_)) => "text",
        Some(Value::Bool(_)) => "truth",
        Some(Value::Array(_)) => "list",
        Some(Value::Object(_)) => "object",
    };
    found.iter().map(kind).collect::<Vec<_>>().join(", ")
}

/// A value as text; the keys of an object, which engines order each in their way, are sorted.
fn plain(value: &Value) -> String {
    sorted(value).to_string()
}

fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let map: BTreeMap<_, _> = map.iter().map(|(key, value)| (key.clone(), sorted(value))).collect();
            map.into_iter().collect()
        }
        Value::Array(values) => values.iter().map(sorted).collect(),
        other => other.clone(),
    }
}

fn pick(value: &Value, pointer: &str, found: &mut Vec<Option<Value>>) {
    if pointer.is_empty() {
        return found.push(Some(value.clone()));
    }
    let (first, rest) = pointer.split_once('/').unwrap_or((pointer, ""));
    if matches!(first, "*" | "~") {
        match value {
            Value::Array(values) => values.iter().for_each(|value| pick(value, rest, found)),
            Value::Object(map) => map.values().for_each(|value| pick(value, rest, found)),
            _ => found.push(None),
        }
        return;
    }
    let first = first.replace("%2F", "/");
    let inner = match value {
        Value::Array(values) => first.parse::<usize>().ok().and_then(|index| values.get(index)),
        other => other.get(&first),
    };
    match inner {
        Some(inner) => pick(inner, rest, found),
        None => found.push(None),
    }
}

/// An event: kind, action, of whom, and its attributes in order.
pub fn event(event: &Value) -> String {
    let word = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let mut attributes: BTreeMap<_, _> =
        event["Actor"]["Attributes"].as_object().into_iter().flatten().collect();
    // Newer than the oldest engine, and never the same.
    attributes.retain(|key, _| *key != "execDuration");
    let attributes: String =
        attributes.iter().map(|(key, value)| format!(" {key}={}", value.as_str().unwrap_or("?"))).collect();
    format!("{} {} {}{attributes}", word(&event["Type"]), word(&event["Action"]), word(&event["Actor"]["ID"]))
}

/// The frames of a multiplexed stream, each with its stream's number; all of it as one frame if it has none.
pub fn frames(bytes: &[u8]) -> Vec<(u8, Vec<u8>)> {
    let mut frames = Vec::new();
    let mut rest = bytes;
    while let [kind @ 0..=3, 0, 0, 0, a, b, c, d, payload @ ..] = rest {
        let length = u32::from_be_bytes([*a, *b, *c, *d]) as usize;
        let Some((frame, after)) = payload.split_at_checked(length) else { break };
        frames.push((*kind, frame.to_vec()));
        rest = after;
    }
    if rest.is_empty() || (frames.is_empty() && bytes.is_empty()) {
        return frames;
    }
    vec![(b'-', bytes.to_vec())]
}

/// Frames of the same stream that follow each other, as one.
pub fn joined(frames: Vec<(u8, Vec<u8>)>) -> Vec<(u8, Vec<u8>)> {
    let mut joined: Vec<(u8, Vec<u8>)> = Vec::new();
    for (kind, bytes) in frames {
        match joined.last_mut() {
            Some((last, text)) if *last == kind => text.extend(bytes),
            _ => joined.push((kind, bytes)),
        }
    }
    joined
}

/// A frame on a line: the stream's number, or `-` where there are no frames, and the text.
pub fn frame((kind, bytes): &(u8, Vec<u8>)) -> String {
    let kind = if *kind == b'-' { "-".to_owned() } else { kind.to_string() };
    if bytes.len() > SHOWN {
        let (first, last) = (&bytes[..SHOWN], &bytes[bytes.len() - 8..]);
        let (first, last) = (String::from_utf8_lossy(first), String::from_utf8_lossy(last));
        // A time in front is as long as any other, and not the same.
        let first: String = PLAIN[0].0.replace(&first, PLAIN[0].1).chars().take(15).collect();
        return format!("{kind} {} bytes {} … {}", bytes.len(), quoted(&first), quoted(&last));
    }
    format!("{kind} {}", quoted(&String::from_utf8_lossy(bytes)))
}

pub fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

/// What an archive holds, a line for each member: kind, mode, owner, name, and a file's content.
fn archive(bytes: &[u8]) -> Vec<String> {
    let mut archive = tar::Archive::new(bytes);
    let members = archive.entries().unwrap().map(|member| {
        let mut member = member.unwrap();
        let mut content = String::new();
        member.read_to_string(&mut content).unwrap();
        let header = member.header();
        let (mode, owner) = (header.mode().unwrap(), header.uid().unwrap());
        let kind = header.entry_type();
        let name = member.path().unwrap().display().to_string();
        format!("{kind:?} {mode:o} {owner} {name} {}", quoted(&content))
    });
    members.collect()
}
