//! Walking a tree beside the table of attributes.

use super::path::{Path, Trail};
use super::shape::{Field, Object, Shape};
use super::tree::{Node, Value};

/// Visits every known value below an object, outer ones first, so that a visit may rewrite what is then walked into.
/// Extensions and unknown keys are passed by.
pub fn each(
    node: &mut Node,
    object: &'static Object,
    visit: &mut impl FnMut(&mut Node, &'static Field, &Trail<'_>),
) {
    let root = Path::root();
    object_below(node, object, &Trail::Path(&root), visit);
}

fn object_below(
    node: &mut Node,
    object: &'static Object,
    path: &Trail<'_>,
    visit: &mut impl FnMut(&mut Node, &'static Field, &Trail<'_>),
) {
    let Some(map) = node.as_mapping_mut() else { return };
    for (key, value) in map.iter_mut() {
        if let Some(field) = object.field(key) {
            descend(value, field, &path.key(key), visit);
        }
    }
}

fn descend(
    node: &mut Node,
    field: &'static Field,
    path: &Trail<'_>,
    visit: &mut impl FnMut(&mut Node, &'static Field, &Trail<'_>),
) {
    visit(node, field, path);
    match (field.shape, &mut node.value) {
        (Shape::Object(object) | Shape::Ulimit(object) | Shape::External(object), Value::Mapping(_)) => {
            object_below(node, object, path, visit);
        }
        (Shape::Map(value), Value::Mapping(map)) => {
            for (key, node) in map.iter_mut() {
                descend(node, value, &path.key(key), visit);
            }
        }
        (Shape::List(item), Value::Sequence(items)) => {
            for (index, node) in items.iter_mut().enumerate() {
                descend(node, item, &path.index(index), visit);
            }
        }
        _ => {}
    }
}
