//! The pass that fills in what Compose takes for granted, as the table says: a build's context, a secret's target, a
//! port's protocol.

use super::shape::Fill;
use super::table::PROJECT;
use super::tree::{Mapping, Node, Value};
use super::walk;

/// Fills in the defaults of a whole file in its canonical form.
pub fn fill(root: &mut Node) {
    walk::each(root, &PROJECT, &mut |node, field, _| {
        let span = node.span;
        if let (Fill::NoEmptyItems, Some(items)) = (field.fill, node.as_sequence_mut()) {
            items.retain(|item| item.as_str() != Some(""));
        }
        let Some(map) = node.as_mapping_mut() else { return };
        let text = |text: &str| Node::string(text, span);
        match field.fill {
            Fill::Nothing | Fill::NoEmptyItems => {}
            Fill::Text(key, value) => set(map, key, text(value)),
            Fill::True(key) => set(map, key, Node::new(Value::Bool(true), span)),
            Fill::SecretTarget => {
                let source = map.get("source").and_then(Node::scalar_text).unwrap_or_default();
                set(map, "target", text(&format!("/run/secrets/{source}")));
            }
            Fill::Port => {
                set(map, "mode", text("ingress"));
                set(map, "protocol", text("tcp"));
            }
            Fill::AllDevices if map.contains_key("device_ids") => {}
            Fill::AllDevices => set(map, "count", text("all")),
        }
    });
}

fn set(map: &mut Mapping, key: &str, value: Node) {
    if !map.contains_key(key) {
        map.set(key, value);
    }
}
