//! The spanned tree: what a compose file says, with the place where it says it.
//!
//! Every pass of the loader reads and writes this tree, so that whatever is found wrong later can still be shown at the
//! line that a person wrote. It knows nothing of Compose: no attribute, no rule.

use std::ops::Range;
use std::sync::Arc;

use indexmap::IndexMap;

use super::path::{Path, Segment};

/// Names a text in [`Sources`](super::diagnostic::Sources).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileId(pub u32);

/// A place in a source text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Span {
    /// The text that the place is in.
    pub file: FileId,
    /// Line of the first character, from 1.
    pub line: u32,
    /// Column of the first character, from 1, counted in characters.
    pub column: u32,
    /// First byte.
    pub start: u32,
    /// Byte after the last.
    pub end: u32,
}

impl Span {
    /// The bytes that it spans.
    pub fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// How a scalar was written. Only a plain one can be anything but a string.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Style {
    /// Without quotes; also every mapping and sequence.
    #[default]
    Plain,
    /// `'…'`
    SingleQuoted,
    /// `"…"`
    DoubleQuoted,
    /// `|`
    Literal,
    /// `>`
    Folded,
}

/// Where the text of an interpolated scalar came from.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Origin {
    /// The scalar as it stands in the file, before interpolation.
    pub template: String,
    /// Every variable that was looked up for it, in order.
    pub variables: Vec<VariableUse>,
}

/// One variable that a template named.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct VariableUse {
    /// The variable's name.
    pub name: String,
    /// Who gave it its value.
    pub from: ValueSource,
}

/// Who gave a variable its value.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ValueSource {
    /// The process environment.
    Environment,
    /// An environment file, at this place.
    File(Span),
    /// The loader itself, e.g. `COMPOSE_PROJECT_NAME`.
    Loader,
    /// The default in the template.
    Default,
    /// Nobody: the variable is unset.
    Unset,
}

/// A value with its place.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Node {
    /// What it is.
    pub value: Value,
    /// Where it stands. A node that a pass made up has the span of what it was made from.
    pub span: Span,
    /// The text of a scalar as the parser gave it, where it was resolved to a number, boolean or null.
    pub raw: Option<Box<str>>,
    /// How it was written.
    pub style: Style,
    /// Its tag other than the core ones, e.g. `!reset`.
    pub tag: Option<Box<str>>,
    /// For an interpolated scalar: what it was made of.
    pub origin: Option<Arc<Origin>>,
}

/// The tag of a map that stands for a list in the file, as [`Node::tag`] has it.
pub const LISTED: &str = "!listed";

/// What a node is, as Go's yaml.v3 resolves it.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Value {
    /// `null`, `~` or nothing at all.
    #[default]
    Null,
    /// `true` or `false`; `yes` and `on` are strings.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Any other number.
    Float(f64),
    /// Text.
    String(String),
    /// A list.
    Sequence(Vec<Node>),
    /// A map.
    Mapping(Mapping),
}

/// A map in file order that knows where each key stands.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Mapping {
    // Boxed, for most nodes are scalars and should not be as large as a map.
    entries: Box<IndexMap<String, Entry>>,
}

/// One key's value, and where the key stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The key's place.
    pub key: Span,
    /// The value.
    pub value: Node,
}

impl Node {
    /// A node of this value at this place, as if it had been written there plainly.
    pub fn new(value: Value, span: Span) -> Node {
        Node { value, span, ..Node::default() }
    }

    /// A string.
    pub fn string(text: impl Into<String>, span: Span) -> Node {
        Node::new(Value::String(text.into()), span)
    }

    /// A map of these entries, each key at the place of its value.
    pub fn mapping<K: Into<String>>(entries: impl IntoIterator<Item = (K, Node)>, span: Span) -> Node {
        Node::new(Value::Mapping(entries.into_iter().collect()), span)
    }

    /// A list of these.
    pub fn sequence(items: impl IntoIterator<Item = Node>, span: Span) -> Node {
        Node::new(Value::Sequence(items.into_iter().collect()), span)
    }

    /// The same place with another value: style, tag and origin stay, the raw text goes.
    #[must_use]
    pub fn with_value(&self, value: Value) -> Node {
        Node { value, raw: None, ..self.clone_shell() }
    }

    /// Everything of this node but its value.
    fn clone_shell(&self) -> Node {
        Node {
            value: Value::Null,
            span: self.span,
            raw: self.raw.clone(),
            style: self.style,
            tag: self.tag.clone(),
            origin: self.origin.clone(),
        }
    }

    /// Whether it is null.
    pub fn is_null(&self) -> bool {
        matches!(self.value, Value::Null)
    }

    /// The text, if it is a string.
    pub fn as_str(&self) -> Option<&str> {
        if let Value::String(text) = &self.value { Some(text) } else { None }
    }

    /// The boolean, if it is one.
    pub fn as_bool(&self) -> Option<bool> {
        if let Value::Bool(value) = self.value { Some(value) } else { None }
    }

    /// The map, if it is one.
    pub fn as_mapping(&self) -> Option<&Mapping> {
        if let Value::Mapping(map) = &self.value { Some(map) } else { None }
    }

    /// The map to change, if it is one.
    pub fn as_mapping_mut(&mut self) -> Option<&mut Mapping> {
        if let Value::Mapping(map) = &mut self.value { Some(map) } else { None }
    }

    /// The list, if it is one.
    pub fn as_sequence(&self) -> Option<&[Node]> {
        if let Value::Sequence(items) = &self.value { Some(items) } else { None }
    }

    /// The list to change, if it is one.
    pub fn as_sequence_mut(&mut self) -> Option<&mut Vec<Node>> {
        if let Value::Sequence(items) = &mut self.value { Some(items) } else { None }
    }

    /// A scalar as text, the way Go's `fmt.Sprint` writes it: `true`, `3`, `1.1`; null is `None`, so are lists and maps.
    pub fn scalar_text(&self) -> Option<String> {
        match &self.value {
            Value::Bool(value) => Some(value.to_string()),
            Value::Int(value) => Some(value.to_string()),
            Value::Float(value) => {
                Some(self.unsigned().map_or_else(|| go_float(*value), |number| number.to_string()))
            }
            Value::String(text) => Some(text.clone()),
            Value::Null | Value::Sequence(_) | Value::Mapping(_) => None,
        }
    }

    /// A whole number that only Go's unsigned ones hold.
    pub fn unsigned(&self) -> Option<u64> {
        self.raw.as_deref()?.parse().ok().filter(|number| *number > i64::MAX as u64)
    }

    /// The text of anything, the way Go's `fmt.Sprint` writes it: `map[a:1 b:[x y]]`, `<nil>`.
    pub fn go_text(&self) -> String {
        match &self.value {
            Value::Null => "<nil>".to_owned(),
            Value::Sequence(items) => {
                format!("[{}]", items.iter().map(Node::go_text).collect::<Vec<_>>().join(" "))
            }
            Value::Mapping(map) => {
                let mut entries: Vec<_> = map.iter().collect();
                entries.sort_unstable_by_key(|(key, _)| *key);
                let shown = entries.into_iter().map(|(key, node)| format!("{key}:{}", node.go_text()));
                format!("map[{}]", shown.collect::<Vec<_>>().join(" "))
            }
            _ => self.scalar_text().unwrap_or_default(),
        }
    }

    /// The value under a key of a map.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.as_mapping()?.get(key)
    }

    /// The value under a key of a map, to change.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Node> {
        self.as_mapping_mut()?.get_mut(key)
    }

    /// The node at this path below this one.
    pub fn at(&self, path: &Path) -> Option<&Node> {
        path.segments().iter().try_fold(self, |node, segment| match segment {
            Segment::Key(key) => node.get(key),
            Segment::Index(index) => node.as_sequence()?.get(*index),
        })
    }

    /// The node at this path below this one, to change.
    pub fn at_mut(&mut self, path: &Path) -> Option<&mut Node> {
        path.segments().iter().try_fold(self, |node, segment| match segment {
            Segment::Key(key) => node.get_mut(key),
            Segment::Index(index) => node.as_sequence_mut()?.get_mut(*index),
        })
    }

    /// What kind of value this is, in a person's words: `a list`, `a map`, `a string` …
    pub fn kind(&self) -> &'static str {
        match self.value {
            Value::Null => "nothing",
            Value::Bool(_) => "a boolean",
            Value::Int(_) | Value::Float(_) => "a number",
            Value::String(_) => "a string",
            Value::Sequence(_) => "a list",
            Value::Mapping(_) => "a map",
        }
    }

    /// The same data without places. Numbers that JSON cannot write become null.
    pub fn to_json(&self) -> serde_json::Value {
        match &self.value {
            Value::Null => serde_json::Value::Null,
            Value::Bool(value) => (*value).into(),
            Value::Int(value) => (*value).into(),
            // Go writes a whole number without a point, whatever it was.
            Value::Float(value) if value.fract() == 0.0 && value.abs() < 1e6 => (*value as i64).into(),
            Value::Float(value) => self.unsigned().map_or_else(|| (*value).into(), serde_json::Value::from),
            Value::String(text) => text.as_str().into(),
            Value::Sequence(items) => items.iter().map(Node::to_json).collect(),
            Value::Mapping(map) => map.iter().map(|(key, node)| (key.to_owned(), node.to_json())).collect(),
        }
    }

    /// A text that nodes of the same data have in common, and no others.
    pub fn data_key(&self) -> String {
        match &self.value {
            Value::Sequence(items) => {
                let items: Vec<String> = items.iter().map(Node::data_key).collect();
                format!("[{}]", items.join(","))
            }
            Value::Mapping(map) => {
                let mut entries: Vec<String> =
                    map.iter().map(|(key, value)| format!("{key:?}:{}", value.data_key())).collect();
                entries.sort_unstable();
                format!("{{{}}}", entries.join(","))
            }
            scalar => format!("{scalar:?}"),
        }
    }

    /// How many nodes there are, this one included.
    pub fn weight(&self) -> usize {
        match &self.value {
            Value::Sequence(items) => 1 + items.iter().map(Node::weight).sum::<usize>(),
            Value::Mapping(map) => 1 + map.values().map(Node::weight).sum::<usize>(),
            _ => 1,
        }
    }

    /// Whether both hold the same data, wherever they stand and however they were written.
    pub fn same_data(&self, other: &Node) -> bool {
        match (&self.value, &other.value) {
            (Value::Sequence(one), Value::Sequence(two)) => {
                one.len() == two.len() && one.iter().zip(two).all(|(a, b)| a.same_data(b))
            }
            (Value::Mapping(one), Value::Mapping(two)) => {
                one.len() == two.len()
                    && one.iter().all(|(key, node)| two.get(key).is_some_and(|other| node.same_data(other)))
            }
            (one, two) => one == two,
        }
    }
}

impl Mapping {
    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Whether the key is there.
    pub fn contains_key(&self, key: &str) -> bool {
        self.entries.contains_key(key)
    }

    /// The value under a key.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entries.get(key).map(|entry| &entry.value)
    }

    /// The value under a key, to change.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Node> {
        self.entries.get_mut(key).map(|entry| &mut entry.value)
    }

    /// Where a key stands.
    pub fn key_span(&self, key: &str) -> Option<Span> {
        self.entries.get(key).map(|entry| entry.key)
    }

    /// Sets a key's value. A new key goes to the end and stands at `key_span`; a known one keeps its position in the order
    /// and takes the new span.
    pub fn insert(&mut self, key: impl Into<String>, key_span: Span, value: Node) -> Option<Node> {
        self.entries.insert(key.into(), Entry { key: key_span, value }).map(|entry| entry.value)
    }

    /// Sets a key that a pass makes up; it stands where its value stands.
    pub fn set(&mut self, key: impl Into<String>, value: Node) {
        let span = value.span;
        self.insert(key, span, value);
    }

    /// Takes a key out; the others keep their order.
    pub fn remove(&mut self, key: &str) -> Option<Node> {
        self.entries.shift_remove(key).map(|entry| entry.value)
    }

    /// Takes a key out with its place.
    pub fn remove_entry(&mut self, key: &str) -> Option<Entry> {
        self.entries.shift_remove(key)
    }

    /// Keys and values in file order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&str, &Node)> {
        self.entries.iter().map(|(key, entry)| (key.as_str(), &entry.value))
    }

    /// Keys, their places, and values, in file order.
    pub fn entries(&self) -> impl DoubleEndedIterator<Item = (&str, Span, &Node)> {
        self.entries.iter().map(|(key, entry)| (key.as_str(), entry.key, &entry.value))
    }

    /// Keys and values to change, in file order.
    pub fn iter_mut(&mut self) -> impl DoubleEndedIterator<Item = (&str, &mut Node)> {
        self.entries.iter_mut().map(|(key, entry)| (key.as_str(), &mut entry.value))
    }

    /// Keys, their places, and values to change, in file order.
    pub fn entries_mut(&mut self) -> impl DoubleEndedIterator<Item = (&str, Span, &mut Node)> {
        self.entries.iter_mut().map(|(key, entry)| (key.as_str(), entry.key, &mut entry.value))
    }

    /// Keys in file order.
    pub fn keys(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.entries.keys().map(String::as_str)
    }

    /// Values in file order.
    pub fn values(&self) -> impl DoubleEndedIterator<Item = &Node> {
        self.entries.values().map(|entry| &entry.value)
    }

    /// Keeps only the entries that pass; what is asked gets keys, their places and values.
    pub fn retain_entries(&mut self, mut keep: impl FnMut(&str, Span, &mut Node) -> bool) {
        self.entries.retain(|key, entry| keep(key, entry.key, &mut entry.value));
    }

    /// Keeps only the entries that pass.
    pub fn retain(&mut self, mut keep: impl FnMut(&str, &mut Node) -> bool) {
        self.entries.retain(|key, entry| keep(key, &mut entry.value));
    }
}

impl<K: Into<String>> FromIterator<(K, Node)> for Mapping {
    fn from_iter<I: IntoIterator<Item = (K, Node)>>(entries: I) -> Mapping {
        let entries = entries.into_iter().map(|(key, value)| (key.into(), Entry { key: value.span, value }));
        Mapping { entries: Box::new(entries.collect()) }
    }
}

impl IntoIterator for Mapping {
    type Item = (String, Entry);
    type IntoIter = indexmap::map::IntoIter<String, Entry>;

    fn into_iter(self) -> Self::IntoIter {
        (*self.entries).into_iter()
    }
}

/// A float as Go's `%v` writes it: the shortest digits that read back, with an exponent below 1e-4 and from 1e6.
pub fn go_float(value: f64) -> String {
    if value.is_nan() {
        return "NaN".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "+Inf" } else { "-Inf" }.to_owned();
    }
    let size = value.abs();
    if size != 0.0 && !(1e-4..1e6).contains(&size) {
        let text = format!("{value:e}");
        let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let (sign, exponent) = exponent.strip_prefix('-').map_or(('+', exponent), |rest| ('-', rest));
        return format!("{digits}e{sign}{exponent:0>2}");
    }
    format!("{value}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_read_as_go_writes_them() {
        let check = |value: f64, expected: &str| assert_eq!(go_float(value), expected);
        check(1.10, "1.1");
        check(1000.0, "1000");
        check(0.5, "0.5");
        check(12_345_678.9, "1.23456789e+07");
        check(999_999.5, "999999.5");
        check(1e21, "1e+21");
        check(0.000_01, "1e-05");
        check(f64::INFINITY, "+Inf");
    }

    #[test]
    fn paths_lead_to_nodes() {
        let span = Span::default();
        let tree = Node::mapping([("a", Node::sequence([Node::string("x", span)], span))], span);
        assert_eq!(tree.at(&Path::parse("a[0]")).and_then(Node::as_str), Some("x"));
        assert_eq!(tree.at(&Path::parse("a[1]")), None);
        assert_eq!(tree.at(&Path::parse("a.b")), None);
    }

    #[test]
    fn data_is_the_same_wherever_it_stands() {
        let here = Span { line: 1, ..Span::default() };
        let there = Span { line: 9, ..Span::default() };
        let one = Node::mapping([("a", Node::string("x", here)), ("b", Node::default())], here);
        let two = Node::mapping([("b", Node::default()), ("a", Node::string("x", there))], there);
        assert!(one.same_data(&two));
    }
}
