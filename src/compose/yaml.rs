//! YAML text → spanned trees, one for each document.
//!
//! Anchors are copied where they are named, within a budget; `<<` is merged; scalars become what Go's yaml.v3 makes of them.
//! Duplicate keys, unknown anchors and keys that are no text are reported and reading goes on; a syntax error ends the
//! file, and what stood before it is kept. Nothing here knows Compose, except that `!reset` and `!override` stay on nodes.

mod advice;
mod veil;

use std::collections::HashMap;

use granit_parser::{Event, Parser, ScalarStyle, StrInput};

use super::diagnostic::{Diagnostic, tell_error};
use super::scalar::{self, TIMESTAMP};
use super::tree::{FileId, Mapping, Node, Span, Style, Value};
use advice::syntax_error;
use veil::Veiled;

/// What a text holds.
#[derive(Debug, Default)]
pub struct Parsed {
    /// One tree for each document.
    pub documents: Vec<Node>,
    /// Everything that is wrong with the text as YAML.
    pub diagnostics: Vec<Diagnostic>,
    /// Whether the whole text was read. After a syntax error it was not, and what seems to be missing may well be there.
    pub complete: bool,
}

/// Nodes that copies of anchors may add up to in one file.
const COPY_BUDGET: usize = 250_000;
/// Levels of nesting, copies of anchors included: what a stack of 4 MB holds in every pass, without optimisation too, where
/// programs give the main thread 8 MB and threads of a library often 2 MB. Docker Compose goes to 1,000.
const DEPTH_LIMIT: usize = 500;

/// Reads every document of a text.
pub fn parse(text: &str, file: FileId) -> Parsed {
    // The parser reads ahead; its own limits come after ours, which says more.
    let options = granit_parser::options! {
        emit_unresolved_aliases: true,
        emit_anchor_events: true,
        emit_comments: false,
        flow_nesting_limit: 20 * DEPTH_LIMIT,
        block_nesting_limit: 20 * DEPTH_LIMIT,
    };
    let veiled = Veiled::of(text, &options);
    let shown = veiled.as_ref().map_or(text, |veiled| veiled.text.as_str());
    let reader = Reader {
        events: Parser::new_from_str_with_options(shown, options),
        file,
        text,
        veiled: veiled.as_ref(),
        anchors: HashMap::new(),
        open: HashMap::new(),
        copied: 0,
        parsed: Parsed { complete: true, ..Parsed::default() },
    };
    reader.documents()
}

struct Reader<'a> {
    events: Parser<'a, StrInput<'a>>,
    file: FileId,
    text: &'a str,
    /// What the parser reads in place of the text, where they differ.
    veiled: Option<&'a Veiled>,
    /// Finished anchored nodes.
    anchors: HashMap<usize, Built>,
    /// Where the anchored collections that are still being read begin.
    open: HashMap<usize, Span>,
    copied: usize,
    parsed: Parsed,
}

/// A finished node with its weight.
#[derive(Clone, Default)]
struct Built {
    node: Node,
    /// Nodes in it, itself included.
    count: usize,
    /// Levels in it, itself included.
    depth: usize,
}

/// An event with its place; `None` stands for the end, be it by the text's end or by a syntax error.
type Next<'a> = Option<(Event<'a>, Span)>;

impl<'a> Reader<'a> {
    fn documents(mut self) -> Parsed {
        while let Some((event, _)) = self.next() {
            if matches!(event, Event::DocumentStart(..)) {
                let next = self.next();
                let root = self.node(next, 0).node;
                self.parsed.documents.push(root);
                self.anchors.clear();
            }
        }
        self.parsed
    }

    fn next(&mut self) -> Next<'a> {
        if !self.parsed.complete {
            return None;
        }
        match self.events.next_event()? {
            Ok((Event::Anchor(..), _)) => self.next(),
            Ok((event, span)) => Some((event, self.span(span))),
            Err(error) => {
                self.parsed.complete = false;
                let marker = *error.marker();
                let at = self.span(granit_parser::Span::empty(marker));
                self.parsed.diagnostics.push(syntax_error(&error.info(), at, self.text));
                None
            }
        }
    }

    fn span(&self, span: granit_parser::Span) -> Span {
        let range = span.byte_range().unwrap_or_default();
        let (line, column) = (span.start.line() as u32, span.start.col() as u32 + 1);
        Span { file: self.file, line, column, start: range.start as u32, end: range.end as u32 }
    }

    /// Go's yaml.v3 takes no tab where the first line of a block's text says how far in it stands.
    fn refuse_tab(&mut self, span: Span) {
        let start = span.start as usize;
        let begins_with_tab = self.text.get(start..).is_some_and(|text| text.starts_with('\t'));
        if !begins_with_tab || has_indentation(self.text.get(..start).unwrap_or_default()) {
            return;
        }
        let finding =
            Diagnostic::error("not valid YAML: a tab in the indentation of a block of text").at(span);
        tell_error(&mut self.parsed.diagnostics, || finding.help("indent with spaces"));
    }

    fn node(&mut self, next: Next<'a>, level: usize) -> Built {
        let Some((event, span)) = next else { return Built::default() };
        if level >= DEPTH_LIMIT {
            return self.too_deep(span);
        }
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let tag = tag.map(|tag| tag.original());
                let node = self.scalar(&text, style, tag.as_deref(), span);
                self.finish(anchor, Built { node, count: 1, depth: 1 })
            }
            Event::SequenceStart(_, anchor, tag) => {
                self.open.insert(anchor, span);
                let built = self.sequence(span, tag.and_then(|tag| kept(&tag.original())), level + 1);
                self.finish(anchor, built)
            }
            Event::MappingStart(_, anchor, tag) => {
                self.open.insert(anchor, span);
                let built = self.mapping(span, tag.and_then(|tag| kept(&tag.original())), level + 1);
                self.finish(anchor, built)
            }
            Event::Alias(anchor) => self.alias(anchor, span, level),
            Event::UnresolvedAlias(name) => {
                let message = format!("no anchor `&{name}` stands before this");
                tell_error(&mut self.parsed.diagnostics, || {
                    Diagnostic::error(message).at(span).label("unknown anchor")
                });
                faulty(span)
            }
            _ => Built { node: Node::new(Value::Null, span), count: 1, depth: 1 },
        }
    }

    fn scalar(&mut self, text: &str, style: ScalarStyle, tag: Option<&str>, span: Span) -> Node {
        let whole = self.veiled.filter(|_| style == ScalarStyle::Plain);
        let whole = whole.and_then(|veiled| veiled.lift(text, span.end as usize));
        let text = whole.as_deref().unwrap_or(text);
        let node = scalar_node(text, style, tag, span);
        if let Some(tag) = tag.filter(|tag| !fits(&node, text, tag)) {
            let message = format!("`{text}` is no value of the tag `{tag}`");
            tell_error(&mut self.parsed.diagnostics, || {
                Diagnostic::error(message).at(span).label("does not fit").help("remove the tag")
            });
        }
        if matches!(style, ScalarStyle::Literal | ScalarStyle::Folded) {
            self.refuse_tab(span);
        }
        node
    }

    fn too_deep(&mut self, span: Span) -> Built {
        let message = format!("this file is nested more than {DEPTH_LIMIT} levels deep");
        self.parsed.complete = false;
        self.parsed.diagnostics.push(Diagnostic::error(message).at(span).label("stopped here"));
        faulty(span)
    }

    fn finish(&mut self, anchor: usize, built: Built) -> Built {
        if anchor != 0 {
            self.open.remove(&anchor);
            self.anchors.insert(anchor, built.clone());
        }
        built
    }

    fn alias(&mut self, anchor: usize, span: Span, level: usize) -> Built {
        let refuse = |reader: &mut Self, diagnostic: Diagnostic| {
            reader.parsed.diagnostics.push(diagnostic);
            faulty(span)
        };
        let Some(built) = self.anchors.get(&anchor) else {
            let mut diagnostic = Diagnostic::error("this alias names the node that it stands in")
                .at(span)
                .label("would never end");
            if let Some(open) = self.open.get(&anchor) {
                diagnostic = diagnostic.related(*open, "the anchored node begins here");
            }
            return refuse(self, diagnostic);
        };
        if self.copied + built.count > COPY_BUDGET {
            let message = format!("aliases blow this file up to more than {COPY_BUDGET} nodes");
            self.parsed.complete = false;
            return refuse(self, Diagnostic::error(message).at(span).label("stopped here"));
        }
        if level + built.depth > DEPTH_LIMIT {
            let message = format!("aliases nest this file more than {DEPTH_LIMIT} levels deep");
            self.parsed.complete = false;
            return refuse(self, Diagnostic::error(message).at(span).label("stopped here"));
        }
        let built = built.clone();
        self.copied += built.count;
        built
    }

    fn sequence(&mut self, start: Span, tag: Option<Box<str>>, level: usize) -> Built {
        let mut items = Vec::new();
        let mut whole = Built { count: 1, ..Built::default() };
        let mut end = start;
        while let Some((event, span)) = self.next() {
            end = span;
            if matches!(event, Event::SequenceEnd) {
                break;
            }
            let item = self.node(Some((event, span)), level);
            whole.weigh(&item);
            end = item.node.span;
            if item.count > 0 {
                items.push(item.node);
            }
        }
        whole.close(Value::Sequence(items), start, end, tag)
    }

    fn mapping(&mut self, start: Span, tag: Option<Box<str>>, level: usize) -> Built {
        let mut map = Mapping::default();
        let mut merges = Vec::new();
        let mut whole = Built { count: 1, ..Built::default() };
        let mut end = start;
        while let Some((event, span)) = self.next() {
            end = span;
            if matches!(event, Event::MappingEnd) {
                break;
            }
            let key = self.key(event, span, level);
            let next = self.next();
            let value = self.node(next, level);
            whole.weigh(&value);
            end = value.node.span;
            match key.filter(|_| value.count > 0 || !self.parsed.complete) {
                Some((text, Style::Plain)) if text == "<<" => merges.push(value.node),
                Some((text, _)) => self.insert(&mut map, text, span, value.node),
                None => {}
            }
        }
        for merge in merges {
            self.merge(&mut map, merge);
        }
        whole.close(Value::Mapping(map), start, end, tag)
    }

    /// A key as text, or a finding where it is none.
    fn key(&mut self, event: Event<'a>, span: Span, level: usize) -> Option<(String, Style)> {
        let node = self.node(Some((event, span)), level).node;
        if is_split(self.text, span) {
            let message = "not valid YAML: a key in a flow collection stands on one line with its colon";
            tell_error(&mut self.parsed.diagnostics, || {
                Diagnostic::error(message).at(span).label("goes on below").help("write it on one line")
            });
        }
        if let (Some(text), true) = (node.as_str(), node.tag.is_none()) {
            return Some((text.to_owned(), node.style));
        }
        let message = match node.scalar_text().or_else(|| node.is_null().then(|| "null".to_owned())) {
            Some(text) => format!("the key `{text}` is {}, and keys must be text", node.kind()),
            None => format!("a key is {}, and keys must be text", node.kind()),
        };
        let mut diagnostic = Diagnostic::error(message).at(span).label("not text");
        if let Some(raw) = &node.raw {
            diagnostic = diagnostic.help(format!("write it in quotes: \"{raw}\""));
        }
        tell_error(&mut self.parsed.diagnostics, || diagnostic);
        None
    }

    /// Keeps the first of two equal keys and reports the second.
    fn insert(&mut self, map: &mut Mapping, key: String, span: Span, value: Node) {
        if let Some(first) = map.key_span(&key) {
            tell_error(&mut self.parsed.diagnostics, || {
                Diagnostic::error(format!("the key `{key}` stands here twice"))
                    .at(span)
                    .label("again here")
                    .related(first, "first here")
                    .help("remove one of them, or join them")
            });
            return;
        }
        map.insert(key, span, value);
    }

    /// `<<`: the keys of a map, or of several, the earlier before the later, for those that are not there yet.
    fn merge(&mut self, map: &mut Mapping, merge: Node) {
        let sources = match merge.value {
            Value::Mapping(source) => vec![source],
            Value::Sequence(items) => items
                .into_iter()
                .filter_map(|item| {
                    if let Value::Mapping(source) = item.value {
                        return Some(source);
                    }
                    self.bad_merge(item.span);
                    None
                })
                .collect(),
            _ => {
                self.bad_merge(merge.span);
                return;
            }
        };
        for (key, entry) in sources.into_iter().flatten() {
            if !map.contains_key(&key) {
                map.insert(key, entry.key, entry.value);
            }
        }
    }

    fn bad_merge(&mut self, span: Span) {
        let message = "`<<` merges a map or a list of maps";
        tell_error(&mut self.parsed.diagnostics, || Diagnostic::error(message).at(span).label("is neither"));
    }
}

impl Built {
    fn weigh(&mut self, child: &Built) {
        self.count += child.count;
        self.depth = self.depth.max(child.depth);
    }

    fn close(mut self, value: Value, start: Span, end: Span, tag: Option<Box<str>>) -> Built {
        self.depth += 1;
        let end = if end.file == start.file { end.end.max(start.end) } else { start.end };
        self.node = Node { value, span: Span { end, ..start }, tag, ..Node::default() };
        self
    }
}

/// A scalar with what its text means.
fn scalar_node(text: &str, style: ScalarStyle, tag: Option<&str>, span: Span) -> Node {
    let style = match style {
        ScalarStyle::Plain => Style::Plain,
        ScalarStyle::SingleQuoted => Style::SingleQuoted,
        ScalarStyle::DoubleQuoted => Style::DoubleQuoted,
        ScalarStyle::Literal => Style::Literal,
        ScalarStyle::Folded => Style::Folded,
    };
    let resolved = match tag.filter(|tag| *tag != "!") {
        Some(tag) if is_own(tag) => scalar::tagged(text, tag),
        None if style == Style::Plain => scalar::plain(text),
        _ => scalar::Scalar::Text,
    };
    let mut node = Node { span, style, tag: tag.and_then(kept), ..Node::default() };
    node.value = match resolved {
        scalar::Scalar::Value(value) => value,
        scalar::Scalar::Text => Value::String(text.to_owned()),
        scalar::Scalar::Timestamp => {
            node.tag = Some(TIMESTAMP.into());
            Value::String(text.to_owned())
        }
    };
    if node.as_str() != Some(text) {
        node.raw = Some(text.into());
    }
    node
}

/// Whether a scalar is what its tag says.
fn fits(node: &Node, text: &str, tag: &str) -> bool {
    let name = if is_own(tag) { scalar::tag_name(tag) } else { "" };
    match name {
        "int" => matches!(node.value, Value::Int(_)),
        "float" => matches!(node.value, Value::Float(_)),
        "bool" => matches!(node.value, Value::Bool(_)),
        "null" => matches!(node.value, Value::Null),
        "timestamp" => node.tag.as_deref() == Some(TIMESTAMP),
        "binary" => scalar::binary(text).is_some(),
        _ => true,
    }
}

/// What stands in place of an alias that leads nowhere: it weighs nothing, and its entry is left out.
fn faulty(span: Span) -> Built {
    Built { node: Node::new(Value::Null, span), ..Built::default() }
}

/// Whether a tag is one of YAML's own.
fn is_own(tag: &str) -> bool {
    tag.starts_with("!!") || tag.contains("tag:yaml.org,2002:")
}

/// A tag that means something to whoever reads the tree.
fn kept(tag: &str) -> Option<Box<str>> {
    matches!(tag, "!reset" | "!override").then(|| tag.into())
}

/// Whether a key or what is between it and its colon goes over an end of line, which it may only after `?`.
fn is_split(text: &str, key: Span) -> bool {
    let (before, inside) = (text.get(..key.start as usize), text.get(key.range()));
    let (Some(before), Some(inside)) = (before, inside) else { return false };
    if before.trim_end().ends_with('?') {
        return false;
    }
    let after = text.get(key.end as usize..).unwrap_or_default();
    let blanks = &after[..after.len() - after.trim_start().len()];
    let is_before_colon = after.trim_start().starts_with(':');
    is_before_colon && (inside.contains('\n') || blanks.contains('\n'))
}

/// Whether the head of a block of text, with which this text ends, says how far in the block stands: `|2`.
fn has_indentation(before: &str) -> bool {
    let head = before.trim_end().lines().next_back().unwrap_or_default();
    let head = head.split(" #").next().unwrap_or_default().trim_end();
    head.chars().rev().take_while(|c| !matches!(c, '|' | '>')).any(|c| c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The documents as JSON, then the findings, each on a line.
    fn check(text: &str, expected: &str) {
        let parsed = parse(text, FileId(0));
        let mut out: Vec<String> = parsed.documents.iter().map(|node| node.to_json().to_string()).collect();
        let place = |finding: &Diagnostic| finding.span.map_or((0, 0), |span| (span.line, span.column));
        out.extend(parsed.diagnostics.iter().map(|finding| {
            let (line, column) = place(finding);
            format!("{line}:{column} {}", finding.message)
        }));
        assert_eq!(out.join("\n"), expected);
    }

    #[test]
    fn a_tab_is_no_indentation_of_a_block() {
        check(
            "k: |\n \tx\n",
            "{\"k\":\"\\tx\\n\"}\n2:2 not valid YAML: a tab in the indentation of a block of text",
        );
        check(
            "- - >-\n\n    \tx",
            "[[\"\\n\\tx\"]]\n3:5 not valid YAML: a tab in the indentation of a block of text",
        );
        check("k: |1\n \tx\n", "{\"k\":\"\\tx\\n\"}");
        check("k: |\n x\n \ty\n", "{\"k\":\"x\\n\\ty\\n\"}");
    }

    #[test]
    fn maps_lists_and_scalars() {
        check("a: [1, \"2\", yes]\nb:\n  c: ~\n", r#"{"a":[1,"2","yes"],"b":{"c":null}}"#);
        check("a: 1\n---\nb: 2\n", "{\"a\":1}\n{\"b\":2}");
        check("", "");
    }

    #[test]
    fn merge_keys_are_shallow_and_the_first_map_wins() {
        check(
            "x: &x {a: 1, m: {p: 1}}\ny: &y {a: 2, b: 2}\nz:\n  <<: [*x, *y]\n  m: {q: 1}\n",
            r#"{"x":{"a":1,"m":{"p":1}},"y":{"a":2,"b":2},"z":{"m":{"q":1},"a":1,"b":2}}"#,
        );
        check("z:\n  <<: 3\n  a: 1\n", "{\"z\":{\"a\":1}}\n2:7 `<<` merges a map or a list of maps");
    }

    #[test]
    fn everything_wrong_is_told_at_once() {
        check(
            "a: 1\nb: *none\na: 2\n3: x\n",
            "{\"a\":1}\n2:4 no anchor `&none` stands before this\n3:1 the key `a` stands here twice\n\
             4:1 the key `3` is a number, and keys must be text",
        );
    }

    #[test]
    fn a_syntax_error_keeps_what_stood_before() {
        let parsed = parse("a: 1\nb: [1, 2\nc: }\n", FileId(0));
        assert!(!parsed.complete);
        assert_eq!(parsed.documents[0].get("a").map(|node| &node.value), Some(&Value::Int(1)));
        assert_eq!(parsed.diagnostics.len(), 1);
    }

    #[test]
    fn aliases_cannot_blow_up() {
        check("a: &a [*a]\n", "{\"a\":[]}\n1:8 this alias names the node that it stands in");
        let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..9 {
            let items = vec![format!("*a{}", level - 1); 10].join(", ");
            bomb.push_str(&format!("a{level}: &a{level} [{items}]\n"));
        }
        let parsed = parse(&bomb, FileId(0));
        assert_eq!(parsed.diagnostics.len(), 1);
        assert!(parsed.diagnostics[0].message.contains("250000 nodes"));
        let half = |inner: &str| format!("{}{inner}{}", "[".repeat(600), "]".repeat(600));
        let tower = format!("a: &a {}\nb: {}\n", half("x"), half("*a"));
        assert!(parse(&tower, FileId(0)).diagnostics[0].message.contains("levels deep"));
        assert!(!parse(&"[".repeat(100_000), FileId(0)).complete);
    }

    #[test]
    fn tags_of_compose_stay() {
        let parsed = parse("a: !reset null\nb: !override [1]\n", FileId(0));
        let tag = |key: &str| parsed.documents[0].get(key).and_then(|node| node.tag.as_deref());
        assert_eq!((tag("a"), tag("b")), (Some("!reset"), Some("!override")));
    }
}
