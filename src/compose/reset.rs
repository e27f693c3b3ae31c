//! The tags `!reset` and `!override`: what an override takes away from the files before it.
//!
//! A node tagged `!reset` disappears; one tagged `!override` stays and is not merged. In both cases what earlier files (or an
//! extended service) say at the same path is dropped before the merge.

use std::collections::{HashMap, HashSet};

use super::path::{Path, Segment, Trail};
use super::tree::{Node, Value};

/// Takes the tags off a document and tells the paths that they were on; nodes tagged `!reset` go.
pub fn take(root: &mut Node) -> Vec<Path> {
    let mut paths = Vec::new();
    let start = Path::root();
    collect(root, &Trail::Path(&start), &mut paths);
    paths
}

/// Whether a node stays.
fn collect(node: &mut Node, path: &Trail<'_>, paths: &mut Vec<Path>) -> bool {
    match node.tag.as_deref() {
        Some("!reset") => {
            paths.push(path.into());
            return false;
        }
        Some("!override") => {
            paths.push(path.into());
            node.tag = None;
            // A tag that YAML does not know makes a scalar text, whatever it looks like.
            if let Some(raw) = node.raw.take() {
                node.value = Value::String(raw.into());
            }
            return true;
        }
        _ => {}
    }
    match &mut node.value {
        Value::Mapping(map) => map.retain(|key, value| collect(value, &path.key(key), paths)),
        Value::Sequence(items) => {
            let mut index = 0;
            items.retain_mut(|item| {
                index += 1;
                collect(item, &path.index(index - 1), paths)
            });
        }
        _ => {}
    }
    true
}

/// Drops what stands at these paths. Only entries of maps can be dropped, and none below a list, whose items Docker Compose
/// does not find again.
pub fn apply(root: &mut Node, paths: &[Path]) {
    let mut keys: HashMap<Path, HashSet<&str>> = HashMap::new();
    let is_item = |segment: &Segment| matches!(segment, Segment::Index(_));
    for path in paths.iter().filter(|path| !path.segments().iter().any(is_item)) {
        keys.entry(path.parent()).or_default().extend(path.last_key());
    }
    for (parent, keys) in keys {
        if let Some(map) = root.at_mut(&parent).and_then(Node::as_mapping_mut) {
            map.retain(|key, _| !keys.contains(key));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tree::FileId;
    use super::super::yaml;
    use super::*;

    #[test]
    fn tagged_paths_are_taken_and_dropped() {
        let read = |text: &str| yaml::parse(text, FileId(0)).documents.remove(0);
        let mut over = read("a: {b: !reset null, c: !override [9], d: [1, !reset 2], f: [{g: !reset 1}]}\n");
        let paths = take(&mut over);
        assert_eq!(over.to_json().to_string(), r#"{"a":{"c":[9],"d":[1],"f":[{}]}}"#);
        let mut base = read("a: {b: 1, c: [1], d: [5, 6], e: 2, f: [{g: 3}]}\n");
        apply(&mut base, &paths);
        assert_eq!(base.to_json().to_string(), r#"{"a":{"d":[5,6],"e":2,"f":[{"g":3}]}}"#);
    }
}
