//! The pass that turns every short form into the long one: ports, mounts, lists of `key=value`, command lines and the rest.
//!
//! Which attribute has which short form says the table. A text that cannot be read is reported and stays as it is.
//! The pass may run again over its own output, as it does when another file is merged in.

mod mount;
mod names;
mod port;
mod words;

pub use self::mount::clean as clean_target;

use super::diagnostic::Diagnostic;
use super::path::Path;
use super::shape::{Field, Short};
use super::table::PROJECT;
use super::tree::{Node, Value};
use super::walk;

/// What is wrong with a short form; read after the attribute's name.
type Fault = String;

/// Turns the short forms of a whole file into long ones.
pub fn expand(root: &mut Node, diagnostics: &mut Vec<Diagnostic>) {
    walk::each(root, &PROJECT, &Path::root(), &mut |node, field, path| {
        let span = node.span;
        let finding = external_name(node, field).or_else(|| {
            expand_one(node, field).err().map(|fault| Diagnostic::error(format!("{path}: {fault}")))
        });
        diagnostics.extend(finding.map(|finding| finding.at(span).path(path)));
    });
}

/// The long form of what is merged in its short form and so turned last of all: hosts and the options of providers.
pub fn last(node: &Node, field: &Field) -> Option<Result<Node, String>> {
    match (field.short, &node.value) {
        (Short::Hosts, Value::Sequence(_) | Value::Mapping(_)) => Some(names::hosts(node)),
        (Short::Options, value) if is_scalar(value) => Some(Ok(Node::sequence([node.clone()], node.span))),
        _ => None,
    }
}

fn expand_one(node: &mut Node, field: &Field) -> Result<(), Fault> {
    let expanded = match (field.short, &node.value) {
        (Short::Words, Value::String(text)) => strings(words::split(text)?, node),
        (Short::Single, value) if is_scalar(value) => Node::sequence([node.clone()], node.span),
        (Short::Probe, Value::String(text)) => strings(["CMD-SHELL".to_owned(), text.clone()], node),
        (Short::Variables, Value::Sequence(items)) => names::pairs(items, node.span),
        (Short::Pairs, Value::Sequence(items)) => names::filled_pairs(items, node.span),
        (Short::Dependencies, Value::Sequence(items)) => names::dependencies(items, node.span),
        (Short::Names, Value::Sequence(items)) => names::keys(items, node.span),
        (Short::Contexts, Value::Sequence(items)) => names::valued_pairs(items, node.span)?,
        (Short::Ssh, Value::Sequence(items)) => names::checked_ssh(items, node)?,
        (Short::Ssh, Value::Mapping(map)) => names::ssh(map, node.span),
        (Short::Build, Value::String(_)) => wrapped("context", node),
        (Short::Extends, Value::String(_)) => wrapped("service", node),
        (Short::FileReference, Value::String(_)) => wrapped("source", node),
        (Short::Include, Value::String(_)) => wrapped("path", node),
        (Short::Mount, Value::String(text)) => mount::parse(text, node.span)?,
        (Short::Ports, Value::Sequence(items)) => port::expand(items, node.span)?,
        (Short::Device, Value::String(text)) => device(text, node)?,
        (Short::EnvFiles, _) => env_files(node),
        (Short::Gpus, Value::String(text)) if text == "all" => all_devices(node),
        (Short::Watch, Value::Sequence(items)) => triggers(items, node.span),
        _ => return Ok(()),
    };
    *node = expanded;
    Ok(())
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
        _ => return Err(format!("confusing device mapping, please use long syntax: {text}")),
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
    let request = Node::mapping([("count", Node::new(Value::Int(-1), node.span))], node.span);
    Node::sequence([request], node.span)
}

/// A trigger whose path is a list becomes one trigger for each path.
fn triggers(items: &[Node], span: super::tree::Span) -> Node {
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
        return Some(Diagnostic::error("name and external.name conflict; only use name"));
    }
    map.set("name", name.clone());
    Some(Diagnostic::warning("external.name is deprecated; please set name and external: true"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compose::tree::Span;

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
        check("labels", list(&["a=b=c", "d"]), r#"{"a":"b=c","d":""}"#);
        check("networks", list(&["x"]), r#"{"x":null}"#);
        check("depends_on", list(&["db"]), r#"{"db":{"condition":"service_started","required":true}}"#);
    }

    #[test]
    fn strings_become_objects_and_lists() {
        check("build", text("./x"), r#"{"context":"./x"}"#);
        check("dns", text("8.8.8.8"), r#"["8.8.8.8"]"#);
        check("command", text("echo 'a b'"), r#"["echo","a b"]"#);
        check("devices", list(&["/a:/b:r"]), r#"[{"source":"/a","target":"/b","permissions":"r"}]"#);
        check(
            "devices",
            list(&["1:2:3:4"]),
            "services.a.devices[0]: confusing device mapping, please use long syntax: 1:2:3:4",
        );
        check("env_file", text("x.env"), r#"[{"path":"x.env","required":true}]"#);
        check("gpus", text("all"), r#"[{"count":-1}]"#);
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
