//! The entries of the user's own, `x-…`, and where they stand. Nothing reads them but the output of `config`, which hands
//! them on; so the typed project does without them, and they are kept here beside it.

use std::collections::HashMap;

use indexmap::IndexMap;
use serde_json::Value;

use super::shape::{Object, Shape};
use super::tree::{Mapping, Node, Value as Tree};

/// The entries of an object, and those further down, by the key or the index that leads to them.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Extensions {
    own: IndexMap<String, Value>,
    below: HashMap<String, Extensions>,
}

impl Extensions {
    /// Those of a canonical tree of this kind.
    pub fn of(node: &Node, object: &Object) -> Extensions {
        let mut found = Extensions::default();
        for (key, value) in node.as_mapping().into_iter().flat_map(Mapping::iter) {
            if key.starts_with("x-") {
                found.own.insert(key.to_owned(), value.to_json());
            } else if let Some(field) = object.field(key) {
                found.add(key, below(value, field.shape));
            }
        }
        found
    }

    /// The object's own entries, in file order.
    pub fn own(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.own.iter().map(|(key, value)| (key.as_str(), value))
    }

    /// Those below a key.
    pub fn below(&self, key: &str) -> Option<&Extensions> {
        self.below.get(key)
    }

    /// Those below an item of a list.
    pub fn below_index(&self, index: usize) -> Option<&Extensions> {
        if self.below.is_empty() { None } else { self.below.get(&index.to_string()) }
    }

    fn add(&mut self, key: &str, found: Extensions) {
        if !found.own.is_empty() || !found.below.is_empty() {
            self.below.insert(key.to_owned(), found);
        }
    }
}

fn below(node: &Node, shape: Shape) -> Extensions {
    let mut found = Extensions::default();
    match (shape, &node.value) {
        (Shape::Object(object), Tree::Mapping(_)) => found = Extensions::of(node, object),
        (Shape::Map(item), Tree::Mapping(map)) => {
            for (key, value) in map.iter() {
                found.add(key, below(value, item.shape));
            }
        }
        (Shape::List(item), Tree::Sequence(items)) => {
            for (index, value) in items.iter().enumerate() {
                found.add(&index.to_string(), below(value, item.shape));
            }
        }
        _ => {}
    }
    found
}
