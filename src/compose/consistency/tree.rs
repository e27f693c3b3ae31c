//! What excludes or demands each other in the tree itself, where it shows whether an attribute was given at all. It holds for
//! services that are off too, and where variables are not filled in.

use std::net::IpAddr;

use super::super::diagnostic::{Diagnostic, tell_error};
use super::super::path::{Path, Segment};
use super::super::tree::{Mapping, Node, Span};

/// Everything of that kind that is wrong with a project.
pub fn attributes(tree: &Node) -> Vec<Diagnostic> {
    let mut pass = Pass { tree, found: Vec::new() };
    for (name, service) in entries(tree, "services") {
        let path = Path::of(["services", name]);
        pass.ports(service, &path.key("ports"));
        pass.requests(&path.key("gpus"));
        let reserved = ["deploy", "resources", "reservations", "devices"];
        pass.requests(&reserved.into_iter().fold(path, |path, key| path.key(key)));
    }
    for (name, volume) in entries(tree, "volumes") {
        pass.external(name, volume);
    }
    for kind in ["secrets", "configs"] {
        for (name, object) in entries(tree, kind) {
            pass.sources(kind, name, object);
        }
    }
    pass.found
}

fn entries<'a>(tree: &'a Node, section: &str) -> impl Iterator<Item = (&'a str, &'a Node)> {
    tree.get(section).and_then(Node::as_mapping).into_iter().flat_map(Mapping::iter)
}

struct Pass<'a> {
    tree: &'a Node,
    found: Vec<Diagnostic>,
}

impl Pass<'_> {
    fn error(&mut self, path: &Path, message: String, help: Option<&str>) {
        let place = place(self.tree, path);
        tell_error(&mut self.found, || {
            let finding = Diagnostic { span: place, ..Diagnostic::error(message).path(path) };
            help.map_or(finding.clone(), |help| finding.help(help))
        });
    }

    fn ports(&mut self, service: &Node, path: &Path) {
        let ports = service.get("ports").and_then(Node::as_sequence).unwrap_or_default();
        for (index, port) in ports.iter().enumerate() {
            let address = port.get("host_ip").and_then(Node::as_str);
            if let Some(address) = address.filter(|address| address.parse::<IpAddr>().is_err()) {
                self.error(&path.index(index), format!("`{address}` is no IP address"), None);
            }
        }
    }

    fn requests(&mut self, path: &Path) {
        let requests = self.tree.at(path).and_then(Node::as_sequence).unwrap_or_default();
        for (index, request) in requests.iter().enumerate() {
            if request.get("count").is_some() && request.get("device_ids").is_some() {
                let message = "a device request has both `count` and `device_ids`".to_owned();
                self.error(&path.index(index), message, Some("keep one of them"));
            }
        }
    }

    /// An external volume is not ours to configure.
    fn external(&mut self, name: &str, volume: &Node) {
        if volume.get("external").and_then(Node::as_bool) != Some(true) {
            return;
        }
        let keys = volume.as_mapping().into_iter().flat_map(Mapping::keys);
        for key in keys.filter(|key| !matches!(*key, "name" | "external") && !key.starts_with("x-")) {
            let message = format!("the volume `{name}` is external, so its `{key}` cannot be set here");
            let path = Path::of(["volumes", name, key]);
            self.error(&path, message, Some("remove `external` or this attribute"));
        }
    }

    /// Configs and secrets need exactly one source. Where `external` stands, even as `false`, Compose asks for none.
    fn sources(&mut self, kind: &str, name: &str, object: &Node) {
        let word = kind.trim_end_matches('s');
        let is_secret = word == "secret";
        let keys: &[&str] =
            if is_secret { &["file", "environment"] } else { &["file", "environment", "content"] };
        let count = keys.iter().filter(|key| object.get(key).is_some()).count();
        let names = if is_secret { "`file` or `environment`" } else { "`file`, `environment` or `content`" };
        let path = Path::of([kind, name]);
        if count > 1 {
            self.error(&path, format!("the {word} `{name}` must have only one of {names}"), None);
        } else if count == 0 && object.get("driver").is_none() && object.get("external").is_none() {
            self.error(&path, format!("the {word} `{name}` must have one of {names}"), None);
        }
    }
}

/// Where a key stands, or an item, or what is around it.
fn place(tree: &Node, path: &Path) -> Option<Span> {
    let parent = path.parent();
    let around = tree.at(&parent)?;
    let found = match path.segments().last() {
        Some(Segment::Key(key)) => around.as_mapping().and_then(|map| map.key_span(key)),
        Some(Segment::Index(index)) => {
            around.as_sequence().and_then(|items| items.get(*index)).map(|item| item.span)
        }
        None => None,
    };
    found.filter(|span| span.line > 0).or_else(|| if path.is_empty() { None } else { place(tree, &parent) })
}
