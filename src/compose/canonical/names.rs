//! Lists that stand for maps: `key=value`, names alone, hosts.

use super::super::tree::{LISTED, Mapping, Node, Span, Value};
use super::{Fault, Turned};

/// The form of a host, for those who miss it.
const HOST: &str = "`HOST=ADDRESS`";

/// `key=value`; a key alone has no value.
pub fn pairs(items: &[Node], span: Span) -> Node {
    let pair = |item: &Node| {
        let text = item.scalar_text().unwrap_or_default();
        match text.split_once('=') {
            Some((key, value)) => {
                (key.to_owned(), Node { origin: item.origin.clone(), ..Node::string(value, item.span) })
            }
            None => (text, Node::new(Value::Null, item.span)),
        }
    };
    let map = Node::new(Value::Mapping(items.iter().map(pair).collect()), span);
    Node { tag: Some(LISTED.into()), ..map }
}

/// `key=value`, where a key alone is an error.
pub fn valued_pairs(items: &[Node], span: Span) -> Turned {
    let (good, faults) = sift(items, |text| {
        let fault = || Fault::new(format!("`{text}` has no value"), "`KEY=VALUE`");
        (!text.contains('=')).then(fault)
    });
    Turned { node: pairs(&good, span), faults }
}

/// Names alone.
pub fn keys(items: &[Node], span: Span) -> Node {
    let key = |item: &Node| Some((item.scalar_text()?, Node::new(Value::Null, item.span)));
    Node::new(Value::Mapping(items.iter().filter_map(key).collect()), span)
}

/// Names of services that must have been started.
pub fn dependencies(items: &[Node], span: Span) -> Node {
    let dependency = |item: &Node| {
        let condition = Node::string("service_started", item.span);
        let required = Node::new(Value::Bool(true), item.span);
        let need = Node::mapping([("condition", condition), ("required", required)], item.span);
        Some((item.scalar_text()?, need))
    };
    Node::new(Value::Mapping(items.iter().filter_map(dependency).collect()), span)
}

/// `id=path` as a map from id to path; only `default` may stand without a path.
pub fn ssh_map(items: &[Node], span: Span) -> Turned {
    let (good, faults) = sift(items, |text| {
        let fault = || Fault::new(format!("the key `{text}` has no path"), "`default` or `ID=PATH`");
        (text != "default" && !text.contains('=')).then(fault)
    });
    Turned { node: Node { tag: None, ..pairs(&good, span) }, faults }
}

/// The items without those texts that have a fault, and the faults.
fn sift(items: &[Node], fault: impl Fn(&str) -> Option<Fault>) -> (Vec<Node>, Vec<Fault>) {
    let (mut good, mut faults) = (Vec::with_capacity(items.len()), Vec::new());
    for (index, item) in items.iter().enumerate() {
        match item.as_str().and_then(&fault) {
            Some(fault) => faults.push(fault.of_item(index, item)),
            None => good.push(item.clone()),
        }
    }
    (good, faults)
}

/// `{id: path}` as `id=path`; without a path `id` alone.
pub fn ssh(map: &Mapping, span: Span) -> Node {
    let key = |(id, path): (&str, &Node)| match path.scalar_text() {
        Some(path) if !path.is_empty() => Node::string(format!("{id}={path}"), span),
        _ => Node::string(id, span),
    };
    Node::sequence(map.iter().map(key), span)
}

/// A map, or a list of `host=ip` or `host:ip`, becomes the sorted list of `host=ip`. Several addresses are separated by
/// commas; brackets around an address go.
pub fn hosts(node: &Node) -> Turned {
    let (mut lines, mut faults) = (Vec::new(), Vec::new());
    match &node.value {
        Value::Mapping(map) => {
            for (host, addresses) in map.iter() {
                let several = addresses.as_sequence().unwrap_or(std::slice::from_ref(addresses));
                for address in several {
                    match line(host, &address.scalar_text().unwrap_or_default(), address.span) {
                        Ok(line) => lines.push(line),
                        Err(fault) => faults.push(fault.of_entry(host, address)),
                    }
                }
            }
        }
        Value::Sequence(items) => {
            for (index, item) in items.iter().enumerate() {
                match lines_of(item) {
                    Ok(found) => lines.extend(found),
                    Err(fault) => faults.push(fault.of_item(index, item)),
                }
            }
        }
        _ => {}
    }
    lines.sort_by(|one: &Node, two| one.as_str().cmp(&two.as_str()));
    Turned { node: Node::sequence(lines, node.span), faults }
}

/// The lines of one item, which may hold several addresses.
fn lines_of(item: &Node) -> Result<Vec<Node>, Fault> {
    let text = item.scalar_text().unwrap_or_default();
    let parts = text.split_once('=').or_else(|| text.split_once(':'));
    let (host, addresses) = parts.ok_or_else(|| Fault::new(format!("`{text}` has no address"), HOST))?;
    addresses.split(',').map(|address| line(host, address, item.span)).collect()
}

fn line(host: &str, address: &str, span: Span) -> Result<Node, Fault> {
    if host.is_empty() || host.contains([':', '=']) {
        return Err(Fault::new(format!("`{host}` is no host's name"), HOST));
    }
    let bare = address.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let address = bare.filter(|inner| !inner.is_empty()).unwrap_or(address);
    Ok(Node::string(format!("{host}={address}"), span))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_become_sorted_lines() {
        let text = |text: &str| Node::string(text, Span::default());
        let check = |items: &[&str], expected: &str| {
            let list = Node::sequence(items.iter().map(|item| text(item)), Span::default());
            let Turned { node, faults } = hosts(&list);
            let faults = faults.iter().map(|fault| format!(" {}", fault.what));
            let found = node.to_json().to_string() + &faults.collect::<String>();
            assert_eq!(found, expected);
        };
        check(&["b:::1", "a=1.2.3.4,[::2]"], r#"["a=1.2.3.4","a=::2","b=::1"]"#);
        check(&["a", "b=1", "=1"], r#"["b=1"] `a` has no address `` is no host's name"#);
    }
}
