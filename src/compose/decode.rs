//! The canonical tree becomes the typed project: texts become numbers, booleans, sizes and durations as the table says.
//!
//! Kinds of values were checked before; what does not fit is left out here without another word. What is reported is a
//! text that cannot be read as what it should be.

use serde::de::DeserializeOwned;
use serde_json::Value as Json;

use super::canonical;
use super::diagnostic::Diagnostic;
use super::emit::{self, Purpose};
use super::extensions::Extensions;
use super::model::Project;
use super::path::{Path, Trail};
use super::scalar::{go_float, go_integer, go_unsigned};
use super::shape::{Check, Field, Object, Shape, Short};
use super::table::PROJECT;
use super::tree::{LISTED, Mapping, Node, Span, Value};
use super::units::{Bytes, Duration, FileMode, UnitError};

/// The typed project of a canonical tree. Folders, files, profiles and the environment are the caller's to fill in; all
/// services are on.
pub fn project(root: &Node, diagnostics: &mut Vec<Diagnostic>) -> Project {
    let mut decoder = Decoder { diagnostics };
    let mut project = Project {
        name: root.get("name").and_then(Node::scalar_text).unwrap_or_default(),
        services: decoder.section(root, "services"),
        networks: decoder.section(root, "networks"),
        volumes: decoder.section(root, "volumes"),
        secrets: decoder.section(root, "secrets"),
        configs: decoder.section(root, "configs"),
        models: decoder.section(root, "models"),
        ..Project::default()
    };
    for (name, service) in &mut project.services {
        service.name.clone_from(name);
    }
    project.extensions = Extensions::of(root, &PROJECT);
    project
}

/// The key that Compose gives entries of the user's own in a map of any keys.
const OWN: &str = "#extensions";

struct Decoder<'a> {
    diagnostics: &'a mut Vec<Diagnostic>,
}

impl Decoder<'_> {
    /// One top-level map, in file order.
    fn section<T: DeserializeOwned + Default>(
        &mut self,
        root: &Node,
        key: &str,
    ) -> indexmap::IndexMap<String, T> {
        let Some(Field { shape: Shape::Map(value), .. }) = PROJECT.field(key) else {
            return indexmap::IndexMap::new();
        };
        let Some(map) = root.get(key).and_then(Node::as_mapping) else { return indexmap::IndexMap::new() };
        let start = Path::of([key]);
        let path = Trail::Path(&start);
        let is_own = |name: &str| key == "models" && name.starts_with("x-");
        let entries = map.iter().filter(|(name, _)| !is_own(name));
        let mut entries: indexmap::IndexMap<String, T> =
            entries.map(|(name, node)| (name.to_owned(), self.entry(node, value, &path.key(name)))).collect();
        if map.keys().any(is_own) {
            entries.insert(OWN.to_owned(), T::default());
        }
        entries
    }

    fn entry<T: DeserializeOwned + Default>(&mut self, node: &Node, field: &Field, path: &Trail<'_>) -> T {
        let Shape::Object(object) = field.shape else { return T::default() };
        let json = self.object(node, object, path);
        match serde_json::from_value(emit::arrange_object(&json, object, Purpose::Model)) {
            Ok(entry) => entry,
            Err(error) => {
                let message = format!("`{path}` cannot be read: {error}");
                self.diagnostics.push(Diagnostic::error(message).at(node.span).path(path));
                T::default()
            }
        }
    }

    fn object(&mut self, node: &Node, object: &Object, path: &Trail<'_>) -> Json {
        let Some(map) = node.as_mapping() else { return Json::Object(serde_json::Map::new()) };
        let entry = |(key, node): (&str, &Node)| {
            let field = object.field(key)?;
            Some((field.printed.to_owned(), self.value(node, field, &path.key(key))?))
        };
        Json::Object(map.iter().filter_map(entry).collect())
    }

    fn value(&mut self, node: &Node, field: &Field, path: &Trail<'_>) -> Option<Json> {
        if node.is_null() {
            return Some(Json::Null);
        }
        let span = node.span;
        let turned = canonical::last(node, field).map(|turned| {
            self.diagnostics.extend(turned.faults.into_iter().map(|fault| fault.finding(path, span)));
            turned.node
        });
        let node = turned.as_ref().unwrap_or(node);
        match (field.shape, &node.value) {
            (Shape::Object(object) | Shape::Ulimit(object), Value::Mapping(_)) => {
                Some(self.object(node, object, path))
            }
            (Shape::Map(item), Value::Mapping(map)) if node.tag.as_deref() == Some(LISTED) => {
                if field.short == Short::Variables {
                    self.refuse_blanks(map, path);
                }
                let entry = |(key, node): (&str, &Node)| {
                    Some((key.to_owned(), self.value(node, item, &path.key(key))?))
                };
                Some(Json::Object(map.iter().filter_map(entry).collect()))
            }
            (Shape::Map(item), Value::Mapping(map)) => {
                if field.check == Check::NoOwnKeys {
                    self.refuse_own_keys(map, path);
                }
                Some(self.map(map, item, path))
            }
            (Shape::List(_), Value::Sequence(items)) if items.is_empty() && field.short == Short::Options => {
                None
            }
            (Shape::List(item), Value::Sequence(items)) => {
                let items = items.iter().enumerate();
                Some(items.filter_map(|(index, node)| self.value(node, item, &path.index(index))).collect())
            }
            (Shape::Any, _) => Some(node.to_json()),
            (shape, _) => match scalar(node, shape)? {
                Ok(value) => Some(value),
                Err((what, expected)) => {
                    let finding = Diagnostic::error(format!("`{path}`: {what}")).at(node.span).path(path);
                    self.diagnostics.push(finding.label(format!("expected {expected}")));
                    None
                }
            },
        }
    }

    /// A list's `NAME =value` means no variable of that name.
    fn refuse_blanks(&mut self, map: &Mapping, path: &Trail<'_>) {
        for (key, span, _) in map.entries().filter(|(key, ..)| key.ends_with(char::is_whitespace)) {
            let message = format!("the variable `{key}` has a blank at its end");
            let finding = Diagnostic::error(message).at(span).path(&path.key(key));
            self.diagnostics.push(finding.help("write NAME=value without blanks around `=`"));
        }
    }

    fn refuse_own_keys(&mut self, map: &Mapping, path: &Trail<'_>) {
        for (key, span, _) in map.entries().filter(|(key, ..)| key.starts_with("x-")) {
            let message = format!("`{key}` cannot stand here: Compose takes it for data of your own");
            self.diagnostics.push(Diagnostic::error(message).at(span).path(&path.key(key)));
        }
    }

    /// A map with keys of any kind. Those that begin with `x-` Compose puts together under one that nobody gave, except where
    /// keys name services; odd as that is, it is what the containers get.
    fn map(&mut self, map: &Mapping, item: &Field, path: &Trail<'_>) -> Json {
        let names_services = path.last_key() == Some("depends_on");
        let (own, plain): (Vec<_>, Vec<_>) =
            map.iter().partition(|(key, _)| !names_services && key.starts_with("x-"));
        let entry = |(key, node): (&str, &Node)| {
            let is_whole = matches!(node.value, Value::Sequence(_) | Value::Mapping(_));
            // Only what nothing has checked can be more than a scalar.
            let value = match item.shape {
                Shape::Text if is_whole => node.go_text().into(),
                _ => self.value(node, item, &path.key(key))?,
            };
            Some((key.to_owned(), value))
        };
        let mut entries: serde_json::Map<String, Json> = plain.into_iter().filter_map(entry).collect();
        if !own.is_empty() {
            let own = own.into_iter().map(|(key, node)| (key.to_owned(), node.clone()));
            let own = Node::new(Value::Mapping(own.collect()), Span::default());
            let shown = match item.shape {
                Shape::Text => Some(own.go_text().into()),
                Shape::List(_) => Some(vec![own.go_text()].into()),
                _ => self.value(&own, item, &path.key(OWN)),
            };
            entries.extend(shown.map(|shown| (OWN.to_owned(), shown)));
        }
        Json::Object(entries)
    }
}

/// A decoded scalar, or what is wrong with it and what was expected.
type Decoded<T> = Result<T, (String, &'static str)>;

fn unit(fault: &UnitError) -> (String, &'static str) {
    (fault.to_string(), fault.expected())
}

/// A scalar as its shape wants it; `None` where there is no scalar at all.
fn scalar(node: &Node, shape: Shape) -> Option<Decoded<Json>> {
    let text = node.scalar_text()?;
    Some(match shape {
        Shape::Flag | Shape::External(_) => flag(node, &text),
        Shape::Count if text.eq_ignore_ascii_case("all") => Ok((-1).into()),
        // Compose takes a number with a point or an exponent for whole ones only where nothing reads the value itself.
        Shape::Ulimit(_) | Shape::Count | Shape::Mode if matches!(node.value, Value::Float(_)) => {
            let text = node.raw.as_deref().unwrap_or(&text);
            Err((format!("`{text}` has a point or an exponent"), "a whole number"))
        }
        Shape::Integer | Shape::Ulimit(_) | Shape::Count => integer(node, &text).map(Json::from),
        Shape::Unsigned(bits) => unsigned(node, bits),
        Shape::Float => go_float(&text)
            .map(|number| Json::from(number as f32))
            .ok_or_else(|| (format!("`{text}` is no number"), "a number")),
        Shape::Bytes => bytes(node, &text),
        Shape::Duration => {
            Duration::parse(&text).map(|time| time.to_string().into()).map_err(|fault| unit(&fault))
        }
        Shape::Mode => mode(node, &text),
        Shape::Text | Shape::Any => Ok(text.into()),
        Shape::List(_) | Shape::Map(_) | Shape::Object(_) => return None,
    })
}

/// YAML 1.1's words are booleans where one is wanted.
fn flag(node: &Node, text: &str) -> Decoded<Json> {
    if let Some(value) = node.as_bool() {
        return Ok(value.into());
    }
    match text.to_lowercase().as_str() {
        "true" | "y" | "yes" | "on" => Ok(true.into()),
        "false" | "n" | "no" | "off" => Ok(false.into()),
        _ => Err((format!("`{text}` is no boolean"), "true or false")),
    }
}

/// A number that has a fraction loses it, as Go's conversion does; a text may have none.
fn integer(node: &Node, text: &str) -> Decoded<i64> {
    match node.value {
        Value::Float(value) => Ok(node.unsigned().map_or_else(|| go_integer(value), |number| number as i64)),
        _ => text.parse().map_err(|_| (format!("`{text}` is no whole number"), "a whole number")),
    }
}

/// What no number has become by now is none. One below zero is told by the type that takes it.
fn unsigned(node: &Node, bits: u32) -> Decoded<Json> {
    let number = match &node.value {
        Value::Int(number) if *number < 0 => return Ok((*number).into()),
        Value::Int(number) => *number as u64,
        Value::Float(number) if *number < 0.0 => return Ok(go_integer(*number).into()),
        Value::Float(number) => node.unsigned().unwrap_or_else(|| go_unsigned(*number)),
        _ => {
            let text = node.scalar_text().unwrap_or_default();
            return Err((format!("`{text}` is a text"), "a whole number"));
        }
    };
    Ok((number & (u64::MAX >> (64 - bits))).into())
}

/// A whole number is the size itself, -1 included. A number with a fraction counts as none, since Compose loses it.
fn bytes(node: &Node, text: &str) -> Decoded<Json> {
    let size = match node.value {
        Value::Int(size) => Ok(Bytes(size)),
        Value::Float(_) => Ok(Bytes(0)),
        _ => Bytes::parse(text),
    };
    size.map(|size| size.to_string().into()).map_err(|fault| unit(&fault))
}

/// A number is the mode itself, for YAML has read its octal form; a text is octal.
fn mode(node: &Node, text: &str) -> Decoded<Json> {
    let mode = match node.value {
        Value::Int(mode) => Ok(FileMode(mode)),
        _ => FileMode::parse(text),
    };
    mode.map(|mode| mode.to_string().into()).map_err(|fault| unit(&fault))
}
