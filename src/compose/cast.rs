//! The pass that turns text into booleans and numbers where the table of attributes wants them, since what a variable gives
//! is always text. A text that is none is reported and its attribute taken out, unless another file may still replace it.

use super::diagnostic::Diagnostic;
use super::path::{Path, Trail};
use super::scalar::go_float;
use super::shape::{self, Field, Kinds, Object, Shape};
use super::tree::{Node, Value};

/// Casts every string below a map of this kind.
pub fn cast(root: &mut Node, object: &'static Object, diagnostics: &mut Vec<Diagnostic>) {
    let start = Path::root();
    below(root, object, &Trail::Path(&start), diagnostics);
}

fn below(root: &mut Node, object: &'static Object, path: &Trail<'_>, diagnostics: &mut Vec<Diagnostic>) {
    let Some(map) = root.as_mapping_mut() else { return };
    map.retain(|key, node| {
        object.field(key).is_none_or(|field| value(node, field, &path.key(key), diagnostics))
    });
}

/// Casts one value and what is below it; `false` where it cannot be kept.
fn value(
    node: &mut Node,
    field: &'static Field,
    path: &Trail<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) -> bool {
    match (&mut node.value, field.shape) {
        // What Go has no cast for stays a text, and is refused in the end.
        (Value::String(_), Shape::Unsigned(_)) if field.cast == shape::Cast::Merged => true,
        (Value::String(text), _) if field.accepts.has(Kinds::STRING) => {
            let Some(cast) = scalar(text, field.shape) else { return true };
            match cast {
                Ok((value, warning)) => {
                    diagnostics.extend(warning.map(|text| {
                        let warning = Diagnostic::warning(text).at(node.span).path(path);
                        warning.made_of(node.origin.as_ref())
                    }));
                    node.value = value;
                    true
                }
                Err(_) if field.cast == shape::Cast::Merged => true,
                Err(expected) => {
                    let message = format!("`{path}` is {expected}, and {} is none", quoted(text));
                    diagnostics.push(
                        Diagnostic::error(message)
                            .at(node.span)
                            .label(format!("expected {expected}"))
                            .path(path),
                    );
                    false
                }
            }
        }
        (Value::Mapping(_), Shape::Object(object) | Shape::Ulimit(object) | Shape::External(object)) => {
            below(node, object, path, diagnostics);
            true
        }
        (Value::Mapping(map), Shape::Map(item)) => {
            map.retain(|key, node| value(node, item, &path.key(key), diagnostics));
            true
        }
        (Value::Sequence(items), Shape::List(item)) => {
            let mut index = 0;
            items.retain_mut(|node| {
                index += 1;
                value(node, item, &path.index(index - 1), diagnostics)
            });
            true
        }
        _ => true,
    }
}

fn quoted(text: &str) -> String {
    if text.is_empty() { "an empty text".to_owned() } else { format!("`{text}`") }
}

/// A cast value with what to warn of, or what was expected.
type Cast = Result<(Value, Option<String>), &'static str>;

/// The cast of a text, where the shape has one.
fn scalar(text: &str, shape: Shape) -> Option<Cast> {
    match shape {
        Shape::Flag | Shape::External(_) => Some(flag(text)),
        Shape::Integer | Shape::Unsigned(_) | Shape::Ulimit(_) => {
            Some(text.parse().map(|number| (Value::Int(number), None)).map_err(|_| "a whole number"))
        }
        Shape::Float => Some(go_float(text).map(|number| (Value::Float(number), None)).ok_or("a number")),
        _ => None,
    }
}

/// A boolean, by any of YAML 1.1's words.
fn flag(text: &str) -> Cast {
    let value = match text.to_lowercase().as_str() {
        "true" => return Ok((Value::Bool(true), None)),
        "false" => return Ok((Value::Bool(false), None)),
        "y" | "yes" | "on" => true,
        "n" | "no" | "off" => false,
        _ => return Err("a boolean"),
    };
    let warning = format!("`{text}` is no boolean of YAML 1.2; write `{value}`");
    Ok((Value::Bool(value), Some(warning)))
}
