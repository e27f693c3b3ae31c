//! The pass that turns every short form into the long one: ports, mounts, lists of `key=value`, command lines and the rest.
//!
//! Which attribute has which short form says the table. A text that cannot be read is reported and stays as it is.
//! The pass may run again over its own output, as it does when another file is merged in.

mod mount;
mod names;
mod port;
mod words;

pub use self::mount::{clean as clean_target, parse as parse_mount, sections as mount_sections};

pub use self::words::split as split_words;

use super::diagnostic::{Diagnostic, tell_error};
use super::path::{Path, Segment, Trail};
use super::shape::{Field, Short};
use super::table::PROJECT;
use super::tree::{Node, Span, Value};
use super::walk;

/// What is wrong with a short form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What is wrong; read after the attribute's path.
    pub what: String,
    /// What would be right.
    pub expected: &'static str,
    /// Which item of a list or entry of a map it is about, and where that stands.
    item: Option<(Segment, Span)>,
}

impl Fault {
    fn new(what: impl Into<String>, expected: &'static str) -> Fault {
        Fault { what: what.into(), expected, item: None }
    }

    fn of_item(mut self, index: usize, item: &Node) -> Fault {
        self.item = Some((Segment::Index(index), item.span));
        self
    }

    fn of_entry(mut self, key: &str, value: &Node) -> Fault {
        self.item = Some((Segment::Key(key.to_owned()), value.span));
        self
    }

    /// The finding about the attribute at this path and place.
    pub fn finding(self, path: &Trail<'_>, span: Span) -> Diagnostic {
        let (path, span) = match self.item {
            Some((segment, span)) => (Path::from(path).with(segment), span),
            None => (Path::from(path), span),
        };
        let finding = Diagnostic::error(format!("`{path}`: {}", self.what)).at(span).path(&path);
        finding.label(format!("expected {}", self.expected))
    }
}

/// A form that was turned, without the items that could not be, and what is wrong with those.
#[derive(Debug)]
pub struct Turned {
    /// The long form.
    pub node: Node,
    /// What is wrong with each item that was left out.
    pub faults: Vec<Fault>,
}

impl From<Node> for Turned {
    fn from(node: Node) -> Turned {
        Turned { node, faults: Vec::new() }
    }
}

/// Turns the short forms of a whole file into long ones.
pub fn expand(root: &mut Node, diagnostics: &mut Vec<Diagnostic>) {
    walk::each(root, &PROJECT, &mut |node, field, path| {
        let span = node.span;
        if let Some(finding) = external_name(node, field) {
            diagnostics.push(finding.at(span).path(path));
            return;
        }
        let faults = expand_one(node, field).unwrap_or_else(|fault| vec![fault]);
        if !faults.is_empty() && field.short == Short::EnvFiles {
            // Nothing of it can be merged.
            *node = Node::sequence([], span);
        }
        if !faults.is_empty() && field.short == Short::Limit {
            // One fault is enough to tell.
            *node = Node::new(Value::Int(0), span);
        }
        for fault in faults {
            tell_error(diagnostics, || fault.finding(path, span));
        }
    });
}

/// As [`expand`] where variables are not filled in: what cannot be read may hold one and stays, and what Compose spells out
/// only once it knows the values stays as well.
pub fn expand_raw(root: &mut Node, diagnostics: &mut Vec<Diagnostic>) {
    walk::each(root, &PROJECT, &mut |node, field, path| {
        let span = node.span;
        let finding = external_name(node, field);
        diagnostics.extend(finding.map(|finding| finding.at(span).path(path)));
        if let (Short::Ssh, Value::Sequence(items)) = (field.short, &node.value) {
            let Turned { node: map, faults } = names::ssh_map(items, span);
            diagnostics.extend(faults.into_iter().map(|fault| fault.finding(path, span)));
            *node = map;
        }
        if LATE.contains(&field.short) {
            return;
        }
        if let (Short::Ports, Value::Sequence(items)) = (field.short, &node.value)
            && let Some(fault) = port::zero(items)
        {
            diagnostics.push(fault.finding(path, span));
        }
        let written = node.clone();
        match expand_one(node, field) {
            // Compose compares the targets of mounts even so, and takes no variable for a limit.
            Err(fault) if matches!(field.short, Short::Mount | Short::Limit) => {
                diagnostics.push(fault.finding(path, span));
            }
            Ok(faults) if faults.is_empty() => {}
            _ => *node = written,
        }
    });
}

/// What an extended file may not leave empty, which nothing else would notice.
const NEVER_NULL: [Short; 7] = [
    Short::Dependencies,
    Short::EnvFiles,
    Short::Build,
    Short::Gpus,
    Short::Ports,
    Short::Contexts,
    Short::Ssh,
];

/// Short forms that need values.
const LATE: [Short; 8] = [
    Short::Words,
    Short::Lone,
    Short::Probe,
    Short::Variables,
    Short::Pairs,
    Short::Hosts,
    Short::Options,
    Short::Ssh,
];

/// The last form of what is merged in another one: hosts, a build's keys and the options of providers.
pub fn last(node: &Node, field: &Field) -> Option<Turned> {
    match (field.short, &node.value) {
        (Short::Hosts, Value::Sequence(_) | Value::Mapping(_)) => Some(names::hosts(node)),
        (Short::Ssh, Value::Mapping(map)) => Some(names::ssh(map, node.span).into()),
        (Short::Options, value) if is_scalar(value) => Some(Node::sequence([node.clone()], node.span).into()),
        _ => None,
    }
}

/// Puts the long form in the node's place and tells what was left out of it. A form that cannot be read at all stays.
fn expand_one(node: &mut Node, field: &Field) -> Result<Vec<Fault>, Fault> {
    let mut faults = Vec::new();
    let mut whole = |turned: Turned| {
        faults = turned.faults;
        turned.node
    };
    let expanded = match (field.short, &node.value) {
        (short, Value::Null) if NEVER_NULL.contains(&short) => {
            return Err(Fault::new("it is empty", "a value"));
        }
        (Short::Words, Value::String(text)) => strings(words::split(text)?, node),
        (Short::Single | Short::Lone, value) if is_scalar(value) => Node::sequence([node.clone()], node.span),
        (Short::Probe, Value::String(text)) => strings(["CMD-SHELL".to_owned(), text.clone()], node),
        (Short::Variables | Short::Pairs, Value::Sequence(items)) => names::pairs(items, node.span),
        (Short::Dependencies, Value::Sequence(items)) => names::dependencies(items, node.span),
        (Short::Names, Value::Sequence(items)) => names::keys(items, node.span),
        (Short::Contexts, Value::Sequence(items)) => whole(names::valued_pairs(items, node.span)),
        (Short::Ssh, Value::Sequence(items)) => whole(names::ssh_map(items, node.span)),
        (Short::Build, Value::String(_)) => wrapped("context", node),
        (Short::Limit, Value::Mapping(_) | Value::Int(_) | Value::Float(_)) => return Ok(Vec::new()),
        (Short::Limit, _) => return Err(Fault::new(format!("it is {}", node.kind()), "a whole number")),
        (Short::Extends, Value::String(_)) => wrapped("service", node),
        (Short::FileReference, Value::String(_)) => wrapped("source", node),
        (Short::Include, Value::String(_)) => wrapped("path", node),
        (Short::Mount, Value::String(text)) => mount::parse(text, node.span)?,
        (Short::Ports, Value::Sequence(items)) => whole(port::expand(items, node.span)),
        (Short::Device, Value::String(text)) => device(text, node)?,
        (Short::EnvFiles, Value::Mapping(_)) => return Err(Fault::new("it is a map", "a string or a list")),
        (Short::EnvFiles, _) => env_files(node),
        (Short::Gpus, Value::String(text)) if text == "all" => all_devices(node),
        (Short::Watch, Value::Sequence(items)) => triggers(items, node.span),
        (Short::Text, value) if is_scalar(value) => {
            node.with_value(Value::String(node.scalar_text().unwrap_or_default()))
        }
        _ => return Ok(Vec::new()),
    };
    *node = expanded;
    Ok(faults)
}

fn is_scalar(value: &Value) -> bool {
    !matches!(value, Value::Null | Value::Sequence(_) | Value::Mapping(_))
}

fn strings(texts: impl IntoIterator<Item = String>, from: &Node) -> Node {
    Node::sequence(texts.into_iter().map(|text| Node::string(text, from.span)), from.span)
}

fn wrapped(key: &str, node: &Node) -> Node {
    Node::mapping([(key, node.clone())], node.span)
}

/// `source[:target[:permissions]]`.
fn device(text: &str, node: &Node) -> Result<Node, Fault> {
    let parts: Vec<&str> = text.split(':').collect();
    let (source, target, permissions) = match parts[..] {
        [one] => (one, one, "rwm"),
        [source, target] => (source, target, "rwm"),
        [source, target, permissions] => (source, target, permissions),
        _ => {
            let what = format!("`{text}` has too many colons");
            return Err(Fault::new(what, "`SOURCE[:TARGET[:PERMISSIONS]]`"));
        }
    };
    let fields = [("source", source), ("target", target), ("permissions", permissions)];
    Ok(Node::mapping(fields.map(|(key, text)| (key, Node::string(text, node.span))), node.span))
}

fn env_files(node: &Node) -> Node {
    let items = node.as_sequence().unwrap_or(std::slice::from_ref(node));
    let file = |item: &Node| {
        let mut file = if item.as_str().is_some() { wrapped("path", item) } else { item.clone() };
        if let Some(map) = file.as_mapping_mut()
            && !map.contains_key("required")
        {
            map.set("required", Node::new(Value::Bool(true), item.span));
        }
        file
    };
    Node::sequence(items.iter().map(file), node.span)
}

fn all_devices(node: &Node) -> Node {
    let request = Node::mapping([("count", Node::string("all", node.span))], node.span);
    Node::sequence([request], node.span)
}

/// A trigger whose path is a list becomes one trigger for each path.
fn triggers(items: &[Node], span: Span) -> Node {
    let split = |item: &Node| match item.get("path").and_then(Node::as_sequence) {
        None => vec![item.clone()],
        Some(paths) => paths.iter().map(|path| with(item, "path", path)).collect(),
    };
    Node::sequence(items.iter().flat_map(split), span)
}

fn with(node: &Node, key: &str, value: &Node) -> Node {
    let mut node = node.clone();
    if let Some(map) = node.as_mapping_mut() {
        map.set(key, value.clone());
    }
    node
}

/// The legacy `external: {name: …}` becomes `external: true` and a name. Returns what is to be said about it.
fn external_name(node: &mut Node, field: &Field) -> Option<Diagnostic> {
    if field.short != Short::External {
        return None;
    }
    let map = node.as_mapping_mut()?;
    let external = map.get("external").filter(|external| external.as_mapping().is_some())?.clone();
    map.set("external", Node::new(Value::Bool(true), external.span));
    let name = external.get("name")?;
    if map.get("name").is_some_and(|own| !own.same_data(name)) {
        let finding = Diagnostic::error("`name` and `external.name` differ").label("two names");
        return Some(finding.help("keep `name`, and write `external: true`"));
    }
    map.set("name", name.clone());
    let finding = Diagnostic::warning("`external.name` is an old form");
    Some(finding.help("write `name:` and `external: true`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The canonical form of one attribute of a service, as JSON.
    fn check(attribute: &str, value: Node, expected: &str) {
        let span = Span::default();
        let service = Node::mapping([(attribute, value)], span);
        let services = Node::mapping([("a", service)], span);
        let mut root = Node::mapping([("services", services)], span);
        let mut diagnostics = Vec::new();
        expand(&mut root, &mut diagnostics);
        let found = match diagnostics.first() {
            Some(diagnostic) => diagnostic.message.clone(),
            None => root.at(&Path::of(["services", "a", attribute])).unwrap().to_json().to_string(),
        };
        assert_eq!(found, expected);
    }

    fn text(text: &str) -> Node {
        Node::string(text, Span::default())
    }

    fn list(texts: &[&str]) -> Node {
        Node::sequence(texts.iter().map(|item| text(item)), Span::default())
    }

    #[test]
    fn lists_become_maps() {
        check("environment", list(&["A=1", "B", "C="]), r#"{"A":"1","B":null,"C":""}"#);
        check("labels", list(&["a=b=c", "d"]), r#"{"a":"b=c","d":null}"#);
        check("networks", list(&["x"]), r#"{"x":null}"#);
        check("depends_on", list(&["db"]), r#"{"db":{"condition":"service_started","required":true}}"#);
    }

    #[test]
    fn strings_become_objects_and_lists() {
        check("build", text("./x"), r#"{"context":"./x"}"#);
        check("dns", text("8.8.8.8"), r#"["8.8.8.8"]"#);
        check("command", text("echo 'a b'"), r#"["echo","a b"]"#);
        check("devices", list(&["/a:/b:r"]), r#"[{"source":"/a","target":"/b","permissions":"r"}]"#);
        check("devices", list(&["1:2:3:4"]), "`services.a.devices[0]`: `1:2:3:4` has too many colons");
        check("env_file", text("x.env"), r#"[{"path":"x.env","required":true}]"#);
        check("gpus", text("all"), r#"[{"count":"all"}]"#);
    }

    #[test]
    fn the_canonical_form_stays() {
        check("command", list(&["a"]), r#"["a"]"#);
        check(
            "volumes",
            list(&["db:/data:ro"]),
            r#"[{"type":"volume","source":"db","target":"/data","read_only":true,"volume":{}}]"#,
        );
    }
}
