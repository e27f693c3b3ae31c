//! The pass that holds a tree against the table of attributes: unknown keys, wrong kinds, words and numbers out of range,
//! missing keys. It tells everything at once and takes out what is wrong, so that the later passes meet only what they know.

use std::collections::HashMap;

use super::diagnostic::{Diagnostic, tell_error};
use super::nearest;
use super::path::{Path, Trail};
use super::scalar::TIMESTAMP;
use super::shape::{Check, Field, Kinds, Object, Others, Shape};
use super::tree::{Mapping, Node, Span, Value};

/// Checks a map of this kind and everything below it.
pub fn validate(root: &mut Node, object: &'static Object, diagnostics: &mut Vec<Diagnostic>) {
    let span = root.span;
    let mut pass = Pass { diagnostics };
    if let Some(map) = root.as_mapping_mut() {
        let start = Path::root();
        pass.object(map, object, &Trail::Path(&start), span);
    }
}

struct Pass<'a> {
    diagnostics: &'a mut Vec<Diagnostic>,
}

impl Pass<'_> {
    fn object(&mut self, map: &mut Mapping, object: &'static Object, path: &Trail<'_>, around: Span) {
        for required in object.required {
            if !map.contains_key(required) {
                let message = format!("{} needs `{required}`", object.name);
                tell_error(self.diagnostics, || {
                    Diagnostic::error(message).at(around).label("is missing").path(path)
                });
            }
        }
        map.retain_entries(|key, span, node| match object.field(key) {
            Some(field) => self.value(node, field, &path.key(key), span),
            None if object.allows(key) => true,
            None => {
                tell_error(self.diagnostics, || {
                    let finding = unknown(key, span, object, path);
                    let is_service = node.get("image").or_else(|| node.get("build")).is_some();
                    let is_top = Path::from(path).is_empty();
                    if is_service && is_top { finding.help("write it below `services:`") } else { finding }
                });
                false
            }
        });
    }

    /// Checks a value; `false` where it cannot be kept.
    fn value(&mut self, node: &mut Node, field: &'static Field, path: &Trail<'_>, key: Span) -> bool {
        if self.is_date(node, path) {
            return false;
        }
        let place = if node.is_null() { key } else { node.span };
        if !field.accepts.has(kind(&node.value)) {
            tell_error(self.diagnostics, || wrong_kind(node, field, path, place));
            return false;
        }
        if let Some(message) = fault(node, field.check) {
            let message = format!("`{path}` {message}");
            tell_error(self.diagnostics, || Diagnostic::error(message).at(node.span).path(path));
            return false;
        }
        self.below(node, field, path);
        true
    }

    /// Whether a value is a date, which is an error.
    fn is_date(&mut self, node: &Node, path: &Trail<'_>) -> bool {
        let is_date = node.tag.as_deref() == Some(TIMESTAMP);
        if is_date {
            let message = format!("`{path}` is a date in YAML, which Compose refuses");
            let help = format!("write it in quotes: \"{}\"", node.as_str().unwrap_or_default());
            tell_error(self.diagnostics, || Diagnostic::error(message).at(node.span).path(path).help(help));
        }
        is_date
    }

    fn below(&mut self, node: &mut Node, field: &'static Field, path: &Trail<'_>) {
        let span = node.span;
        match (&mut node.value, field.shape) {
            (
                Value::Mapping(map),
                Shape::Object(object) | Shape::Ulimit(object) | Shape::External(object),
            ) => {
                self.object(map, object, path, span);
            }
            (Value::Mapping(map), Shape::Map(item)) => {
                if field.accepts.has(Kinds::LIST) || field.check == Check::NotBlank {
                    self.blank_keys(map, path);
                }
                self.map(map, item, field.check, path);
            }
            (Value::Sequence(items), Shape::List(item)) => {
                self.repeated(items, field.check, path);
                let mut index = 0;
                items.retain_mut(|node| {
                    index += 1;
                    let place = node.span;
                    self.value(node, item, &path.index(index - 1), place)
                });
            }
            // A list in place of a map, and a map in place of a list.
            (Value::Sequence(items), _) => {
                self.repeated(items, Check::Distinct, path);
                items.retain(|node| self.item(node, field.short.items(), path));
            }
            (Value::Mapping(map), _) => {
                self.blank_keys(map, path);
                map.retain(|key, node| self.item(node, field.short.items(), &path.key(key)));
            }
            _ => {}
        }
    }

    fn map(&mut self, map: &mut Mapping, item: &'static Field, check: Check, path: &Trail<'_>) {
        map.retain_entries(|key, span, node| {
            let path = path.key(key);
            if is_unchecked(key, check) {
                return true;
            }
            if check != Check::Names || is_name(key) {
                return self.value(node, item, &path, span);
            }
            let message =
                format!("`{key}` is no name: only letters, digits, `.`, `_` and `-` may stand in one");
            tell_error(self.diagnostics, || Diagnostic::error(message).at(span).path(&path));
            false
        });
    }

    /// What may be a list of `key=value` has a key in each entry as a map too.
    fn blank_keys(&mut self, map: &mut Mapping, path: &Trail<'_>) {
        let Some(entry) = map.remove_entry("") else { return };
        let message = format!("`{path}` has an entry without a name");
        self.diagnostics
            .push(Diagnostic::error(message).at(entry.key).path(path).help("give it one, or remove it"));
    }

    fn item(&mut self, node: &Node, accepts: Kinds, path: &Trail<'_>) -> bool {
        if self.is_date(node, path) {
            return false;
        }
        let inner = node.as_sequence().unwrap_or_default();
        if let Some(inner) = inner.iter().find(|inner| inner.as_str().is_none()) {
            return self.item(inner, Kinds::STRING, path);
        }
        let fits = accepts.has(kind(&node.value));
        if !fits {
            let message =
                format!("`{path}` holds {}, and only {} may stand here", node.kind(), accepts.describe());
            tell_error(self.diagnostics, || {
                let finding = Diagnostic::error(message).at(node.span).path(path);
                let pair = node.as_mapping().and_then(|map| map.iter().next());
                let pair = pair.and_then(|(key, value)| Some(format!("{key}={}", value.scalar_text()?)));
                match pair {
                    Some(pair) => {
                        finding.help(format!("write {pair}, or the whole as a map, without dashes"))
                    }
                    None => finding,
                }
            });
        }
        fits
    }

    /// Reports items of a list that stand there twice; the first is enough.
    fn repeated(&mut self, items: &mut Vec<Node>, check: Check, path: &Trail<'_>) {
        if check != Check::Distinct {
            return;
        }
        let mut first: HashMap<String, Span> = HashMap::with_capacity(items.len());
        items.retain(|item| {
            let Some(there) = first.insert(item.data_key(), item.span) else { return true };
            first.insert(item.data_key(), there);
            tell_error(self.diagnostics, || {
                let text =
                    item.scalar_text().map_or_else(|| "an item".to_owned(), |text| format!("`{text}`"));
                let finding = Diagnostic::error(format!("`{path}` holds {text} twice")).at(item.span);
                let finding = finding.label("again here").path(path).related(there, "first here");
                finding.help("remove one of them")
            });
            false
        });
    }
}

fn kind(value: &Value) -> Kinds {
    match value {
        Value::Null => Kinds::NULL,
        Value::Bool(_) => Kinds::BOOLEAN,
        Value::Int(_) => Kinds::INTEGER,
        // JSON Schema takes 1.0 for a whole number.
        Value::Float(number) if number.fract() == 0.0 => Kinds::INTEGER,
        Value::Float(_) => Kinds::NUMBER,
        Value::String(_) => Kinds::STRING,
        Value::Sequence(_) => Kinds::LIST,
        Value::Mapping(_) => Kinds::MAP,
    }
}

fn unknown(key: &str, span: Span, object: &'static Object, path: &Trail<'_>) -> Diagnostic {
    let message = format!("`{key}` is no attribute of {}", object.name);
    let finding = Diagnostic::error(message).at(span).path(&path.key(key));
    let known = object.fields.iter().map(|field| field.name);
    match nearest(key, known.clone()).or_else(|| familiar(key, known)) {
        Some(name) => finding.label(format!("did you mean `{name}`?")),
        None if object.others == Others::Extensions => {
            finding.label("unknown").help(format!("to keep data of your own here, call it `x-{key}`"))
        }
        None => finding.label("unknown"),
    }
}

/// What Dockerfiles and `docker run` call otherwise.
const FAMILIAR: [(&str, &str); 8] = [
    ("env", "environment"),
    ("envs", "environment"),
    ("cmd", "command"),
    ("workdir", "working_dir"),
    ("publish", "ports"),
    ("mounts", "volumes"),
    ("memory", "mem_limit"),
    ("name", "container_name"),
];

fn familiar(key: &str, mut known: impl Iterator<Item = &'static str>) -> Option<&'static str> {
    let (_, name) = FAMILIAR.iter().find(|(other, _)| *other == key)?;
    known.find(|known| known == name)
}

fn wrong_kind(node: &Node, field: &'static Field, path: &Trail<'_>, place: Span) -> Diagnostic {
    let is_flag = matches!(field.shape, Shape::Flag);
    let expected = if is_flag { "true or false".to_owned() } else { field.accepts.describe() };
    let message = match node.value {
        Value::Null => format!("`{path}` is empty, and must be {expected}"),
        _ => format!("`{path}` must be {expected}, not {}", node.kind()),
    };
    let finding = Diagnostic::error(message).at(place).label(format!("expected {expected}")).path(path);
    match (&node.value, field.shape) {
        (Value::Null, _) => finding.help("give it a value, or remove the line"),
        (Value::Int(number), Shape::Duration) => finding.help(format!("a duration needs a unit: {number}s")),
        (Value::Int(number @ 0..=1), Shape::Flag) => finding.help(format!("write {}", *number == 1)),
        (Value::Int(_) | Value::Float(_) | Value::Bool(_), shape)
            if field.accepts.has(Kinds::STRING) && !matches!(shape, Shape::Flag) =>
        {
            let raw = node.raw.as_deref().unwrap_or_default();
            finding.help(format!("write it in quotes: \"{raw}\""))
        }
        (Value::Int(number), Shape::List(_)) => finding.help(format!("write it as a list: [{number}]")),
        (Value::String(text), Shape::List(_)) => finding.help(format!("write it as a list: [{text:?}]")),
        (Value::Sequence(_), Shape::Object(_)) if Path::from(path).len() == 2 => {
            finding.help("write its attributes below it, without dashes")
        }
        _ => finding,
    }
}

/// What is wrong with a value beside its kind, to be read after its path.
fn fault(node: &Node, check: Check) -> Option<String> {
    match (check, &node.value) {
        (Check::Word(words), Value::String(text)) if !words.contains(&text.as_str()) => {
            Some(format!("must be one of {}, not `{text}`{}", words.join(", "), meant(text, words)))
        }
        (Check::ContainerName, Value::String(text)) if !is_container_name(text) => Some(format!(
            "must begin with a letter or digit and go on with letters, digits, `_`, `.` or `-`, and `{text}` does not"
        )),
        (Check::PullPolicy, Value::String(text)) if !is_pull_policy(text) => Some(format!(
            "must be one of {}, every_<duration>, not `{text}`{}",
            PULL_POLICIES.join(", "),
            meant(text, &PULL_POLICIES)
        )),
        (Check::NotBlank, Value::String(text)) if text.is_empty() => Some("may not be empty".to_owned()),
        (Check::NoPoint, Value::Float(_)) => Some("must be a whole number or a string".to_owned()),
        (Check::Range(least, most), Value::Int(number)) if !(least..=most).contains(number) => {
            let most = if most == i64::MAX { String::new() } else { format!(" and at most {most}") };
            Some(format!("must be at least {least}{most}, not {number}"))
        }
        (Check::Range(least, most), Value::Float(number))
            if number.fract() == 0.0 && !(least as f64..=most as f64).contains(number) =>
        {
            Some(format!("must be at least {least} and at most {most}, not {number}"))
        }
        _ => None,
    }
}

/// The word that is probably meant, as the end of a sentence: the nearest, or one that ends with the text.
fn meant(text: &str, words: &[&'static str]) -> String {
    let ending = || words.iter().copied().find(|word| text.len() > 3 && word.ends_with(text));
    let word = nearest(text, words.iter().copied()).or_else(ending);
    word.map_or_else(String::new, |word| format!("; did you mean `{word}`?"))
}

const PULL_POLICIES: [&str; 8] =
    ["always", "never", "build", "if_not_present", "missing", "refresh", "daily", "weekly"];

/// Whether the schema's pattern for the keys of a map leaves this entry out.
fn is_unchecked(key: &str, check: Check) -> bool {
    match check {
        Check::OnlyNames => !is_name(key),
        Check::OnlyLetters => key.is_empty() || !key.bytes().all(|c| c.is_ascii_lowercase()),
        Check::OnlyLines => key.is_empty() || key.contains('\n'),
        _ => false,
    }
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'))
}

/// The schema's pattern is not anchored: somewhere in the text one character of each class must follow the other.
fn is_container_name(text: &str) -> bool {
    let first = |c: char| c.is_ascii_alphanumeric();
    let next = |c: char| first(c) || matches!(c, '_' | '.' | '-');
    text.chars().zip(text.chars().skip(1)).any(|(one, two)| first(one) && next(two))
}

fn is_pull_policy(text: &str) -> bool {
    let every = text.strip_prefix("every_").is_some_and(|span| {
        !span.is_empty() && span.chars().all(|c| c.is_ascii_digit() || "wdhms".contains(c))
    });
    PULL_POLICIES.contains(&text) || every
}
