//! What differs from run to run, made equal: names, folders, ids, times, sizes that move.

use std::sync::LazyLock;

use regex::{Captures, Regex};

/// What a run has of its own, and the word that stands for it in a script.
#[derive(Clone, Debug, Default)]
pub struct Words {
    pairs: Vec<(String, String)>,
}

impl Words {
    /// Adds one. Those that are parts of others must come after them.
    pub fn add(&mut self, own: &str, word: &str) {
        if !own.is_empty() && !self.pairs.iter().any(|(known, _)| known == own) {
            self.pairs.push((own.to_owned(), word.to_owned()));
        }
    }

    /// A script's text for this run.
    pub fn to_own(&self, text: &str) -> String {
        self.pairs.iter().fold(text.to_owned(), |text, (own, word)| text.replace(word, own))
    }

    /// What was seen in this run, in a script's words.
    pub fn to_words(&self, text: &str) -> String {
        self.pairs.iter().fold(text.to_owned(), |text, (own, word)| text.replace(own, word))
    }
}

/// What a program printed, without what moves: times, ids, and the order of Go's maps. A table in which the width of a column depends on it loses its spaces.
pub fn settled(text: &str) -> String {
    // What moves a cursor is shown, and not done, to whoever reads a script.
    let text = text.replace('\r', "\\r").replace('\x1b', "\\e");
    let ordered =
        LISTS.replace_all(&text, |found: &Captures<'_>| format!("{}{}\"", &found[1], in_order(&found[2])));
    let replaced =
        RULES.iter().fold(ordered.into_owned(), |text, (rule, by)| rule.replace_all(&text, *by).into_owned());
    if !replaced.contains("{time}") && !replaced.contains("{size}") {
        return replaced;
    }
    let lines = replaced.lines().map(|line| SPACES.replace_all(line, "  ").trim_end().to_owned() + "\n");
    lines.collect()
}

/// What the engine has, without names and ids that are made up. A config hash is not: it must be the same.
pub fn settled_state(text: &str) -> String {
    let line = |line: &str| {
        let line = &sorted(line);
        let is_hash = line.contains("compose config-hash: ");
        if is_hash { format!("{line}\n") } else { format!("{}\n", MADE_UP.replace_all(line, "{id}")) }
    };
    text.lines().map(line).collect()
}

/// A line that tells a list of Docker Compose's maps, in the order of what stands there now: names that are made up were put
/// in order before.
fn sorted(line: &str) -> String {
    let list =
        line.split_once(": ").filter(|(key, _)| ["Binds", "Mounts"].contains(&key.trim_matches([':', ' '])));
    let Some((key, Ok(serde_json::Value::Array(mut list)))) =
        list.map(|(key, list)| (key, serde_json::from_str(list)))
    else {
        return line.to_owned();
    };
    list.sort_by_key(ToString::to_string);
    format!("{key}: {}", serde_json::Value::Array(list))
}

static MADE_UP: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\b([0-9a-f]{12}|[0-9a-f]{64})\b").unwrap());

/// The parts of a list in order, without the label that each tool writes its own version in, and without paths that were
/// cut in the middle of a folder of their own.
fn in_order(list: &str) -> String {
    let mut parts: Vec<&str> =
        list.split(',').filter(|part| !part.starts_with("com.docker.compose.version=")).collect();
    for part in &mut parts {
        if part.starts_with("/tmp/") && part.ends_with('…') {
            *part = "{folder…}";
        }
        if part.ends_with('…') && part.chars().take(13).all(|digit| digit.is_ascii_hexdigit()) {
            *part = "{id…}";
        }
    }
    parts.sort_unstable();
    parts.join(",")
}

/// Lists that come from maps, in Docker's JSON.
static LISTS: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r#"("(?:Labels|Mounts|Networks)":")([^"]*)""#).unwrap());

static SPACES: LazyLock<Regex> = LazyLock::new(|| Regex::new(" {2,}").unwrap());

static RULES: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
    let rule = |pattern: &str, by| (Regex::new(pattern).unwrap(), by);
    vec![
        rule(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z| \+0000 UTC| UTC)?", "{stamp}"),
        rule(
            r"(Less than a second|About a minute|About an hour|\d+ (second|minute|hour|day|week|month|year)s?)( ago)?",
            "{time}",
        ),
        rule(r"\b(sha256:)?[0-9a-f]{64}\b", "{id}"),
        rule(r"\b[0-9a-f]{12}\b", "{id}"),
        rule(r"\d+(\.\d+)?([kMGT]i?)?B / \d+(\.\d+)?([kMGT]i?)?B", "{size}"),
        rule(r"\b\d+\.\d\d%", "{share}"),
    ]
});
