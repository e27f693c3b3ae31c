//! The pass that lets a later item of a list take the place of an earlier one with the same key: the same variable, mount
//! target, port. What the key is, the table says; items may have their short or their canonical form.

use std::collections::HashMap;

use super::canonical::{mount_sections, parse_mount};
use super::shape::{Field, Object, Shape, Unique};
use super::tree::{Node, Span, Value};

/// Settles every list below a map of this kind.
pub fn unique(root: &mut Node, object: &'static Object) {
    let Some(map) = root.as_mapping_mut() else { return };
    for (key, node) in map.iter_mut() {
        if let Some(field) = object.field(key) {
            value(node, field);
        }
    }
}

fn value(node: &mut Node, field: &'static Field) {
    match (&mut node.value, field.shape) {
        (Value::Mapping(_), Shape::Object(object)) => unique(node, object),
        (Value::Mapping(map), Shape::Map(item)) => map.iter_mut().for_each(|(_, node)| value(node, item)),
        (Value::Sequence(items), shape) => {
            if let Shape::List(item) = shape {
                for node in items.iter_mut() {
                    value(node, item);
                }
            }
            settle(items, field.unique);
        }
        _ => {}
    }
}

/// Puts each later item in the place of the earlier one with its key.
fn settle(items: &mut Vec<Node>, rule: Unique) {
    if rule == Unique::No {
        return;
    }
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut kept: Vec<Node> = Vec::with_capacity(items.len());
    for item in items.drain(..) {
        let key = key(&item, rule);
        if let Some(at) = key.as_ref().and_then(|key| places.get(key)) {
            kept[*at] = item;
            continue;
        }
        places.extend(key.map(|key| (key, kept.len())));
        kept.push(item);
    }
    *items = kept;
}

/// An item's key; `None` where it has none, so that it stays whatever else is there.
fn key(item: &Node, rule: Unique) -> Option<String> {
    let text = item.scalar_text();
    let attribute = |name: &str| item.get(name).and_then(Node::scalar_text);
    match rule {
        Unique::No => None,
        Unique::Key => item.as_str().map(|text| text.split('=').next().unwrap_or_default().to_owned()),
        Unique::Text => text,
        // One that cannot be read stays, so that this is told.
        Unique::MountTarget => match item.as_str() {
            Some(text) => mount_target(text).map(str::to_owned),
            None => attribute("target"),
        },
        Unique::DeviceTarget => text.map(|text| device_target(&text)).or_else(|| attribute("target")),
        Unique::Port => text.or_else(|| port(item)),
        Unique::SecretTarget => file_target(item, "/run/secrets/"),
        Unique::ConfigTarget => file_target(item, "/"),
        Unique::FilePath => text.or_else(|| attribute("path")),
    }
}

/// The target of `[source:]target[:options]`, as it is written; `None` where that cannot be read.
fn mount_target(short: &str) -> Option<&str> {
    parse_mount(short, Span::default()).ok()?;
    let sections = mount_sections(short);
    sections.get(usize::from(sections.len() > 1)).copied()
}

/// `source[:target[:permissions]]`.
fn device_target(short: &str) -> String {
    let mut parts = short.split(':');
    let source = parts.next().unwrap_or_default();
    parts.next().unwrap_or(source).to_owned()
}

/// Address, published port, target and protocol of a long form. A published port that is written as a number is another
/// key than the same one written as text, which is what a short form gives.
fn port(item: &Node) -> Option<String> {
    item.as_mapping()?;
    let text = |name: &str| item.get(name).and_then(Node::scalar_text);
    let address = text("host_ip").unwrap_or_else(|| "0.0.0.0".to_owned());
    let protocol = text("protocol").unwrap_or_else(|| "tcp".to_owned());
    let published = match item.get("published").map(|node| &node.value) {
        None | Some(Value::Null) => "none".to_owned(),
        Some(Value::String(text)) => text.clone(),
        Some(_) => format!("number {}", text("published").unwrap_or_default()),
    };
    Some(format!("{address}:{published}:{}/{protocol}", text("target").unwrap_or_default()))
}

/// The target of a secret or config, or where it goes without one.
fn file_target(item: &Node, folder: &str) -> Option<String> {
    if let Some(target) = item.get("target").and_then(Node::scalar_text) {
        return Some(target);
    }
    let source = item.scalar_text().or_else(|| item.get("source").and_then(Node::scalar_text))?;
    Some(format!("{folder}{source}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_mounts_have_a_target() {
        let check = |short: &str, expected: &str| assert_eq!(mount_target(short), Some(expected));
        check("/data", "/data");
        check("./a:/data:ro", "/data");
        check("v:/v", "v:/v");
        check("ab", "ab");
        assert_eq!(mount_target("aa::/b"), None);
        check("C:\\a:/data", "/data");
        check("name:/data", "/data");
        assert_eq!(device_target("/dev/a:/dev/b:rw"), "/dev/b");
        assert_eq!(device_target("/dev/a"), "/dev/a");
    }
}
