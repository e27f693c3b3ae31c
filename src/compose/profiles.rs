//! Which services are on. A service without profiles always is; the others are when one of theirs is active. (Compose
//! Specification, section "Profiles".)

use super::tree::{Mapping, Node};

/// Takes the services that are off out of a tree.
pub fn split(tree: &mut Node, active: &[String]) -> Mapping {
    let mut off = Mapping::default();
    let Some(services) = tree.get_mut("services").and_then(Node::as_mapping_mut) else { return off };
    let names: Vec<String> = services
        .iter()
        .filter(|(_, service)| !is_on(service, active))
        .map(|(name, _)| name.to_owned())
        .collect();
    for name in names {
        if let Some(entry) = services.remove_entry(&name) {
            off.insert(name, entry.key, entry.value);
        }
    }
    off
}

fn is_on(service: &Node, active: &[String]) -> bool {
    let own = service.get("profiles").and_then(Node::as_sequence).unwrap_or_default();
    let matches = |profile: &str| active.iter().any(|other| other == profile || other == "*");
    own.is_empty() || own.iter().filter_map(Node::as_str).any(matches)
}
