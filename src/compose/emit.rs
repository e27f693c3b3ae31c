//! The canonical project as data: what `docker compose config` prints as JSON and as YAML, in the order and with the
//! omissions of the table. How the two are written out is [`json`]'s and [`yaml`]'s.

pub mod json;
pub mod yaml;

use serde::Serialize;
use serde_json::{Map, Number, Value};

use super::extensions::Extensions;
use super::model::{FileObject, Network, Project, Service, Volume};
use super::shape::{Field, Object, Omit, Shape, Short, Unique};
use super::table::{NETWORK, PROJECT, SERVICE, VOLUME};
use super::tree::Node;

/// Whose output is wanted. They differ in one attribute, `create_host_path` of bind mounts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Flavour {
    /// Docker Compose up to 2.40.
    #[default]
    Two,
    /// Docker Compose from 5.0 on.
    Five,
}

/// What JSON is arranged for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// For the typed model, which keeps what output would lose.
    Model,
    /// For JSON and the hashes.
    Output(Flavour),
    /// For YAML, which leaves out a little more.
    Yaml,
}

/// The order of the sections in YAML; JSON sorts them.
const SECTIONS: [&str; 8] =
    ["name", "services", "networks", "volumes", "secrets", "configs", "models", "version"];

/// The whole project as JSON has it, services in the order of their names.
pub fn project(project: &Project) -> Value {
    let mut shown = shown(project);
    // Compose 2.40 prints models in YAML alone.
    shown.models.clear();
    let Value::Object(mut map) = arranged(&shown, &PROJECT, Purpose::Output(Flavour::Two)) else {
        return Value::Null;
    };
    for (key, value) in project.extensions.own() {
        let mut value = value.clone();
        value.sort_all_objects();
        empty_to_null(&mut value, None);
        map.insert(key.to_owned(), value);
    }
    map.sort_keys();
    Value::Object(map)
}

/// The whole project as YAML has it: with models and the entries of the user's own, `x-…`, wherever they stand.
pub fn document(project: &Project) -> Value {
    // The model's types write plain maps with string keys, which cannot fail.
    let value = serde_json::to_value(shown(project)).unwrap_or_default();
    let Value::Object(mut map) = arrange_with(&value, &PROJECT, Purpose::Yaml, Some(&project.extensions))
    else {
        return Value::Null;
    };
    let sections = SECTIONS.iter().filter_map(|key| map.shift_remove_entry(*key));
    let mut document: Map<String, Value> = sections.collect();
    document.extend(map);
    Value::Object(document)
}

/// An order of keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// By their bytes, as JSON has them.
    Bytes,
    /// With numbers by their size, as YAML has them.
    Natural,
}

/// A tree whose variables are not filled in.
pub fn raw(tree: &Node, order: Order) -> Value {
    let mut value = tree.to_json();
    match order {
        Order::Bytes => {
            value.sort_all_objects();
            for (key, section) in value.as_object_mut().into_iter().flatten() {
                empty_to_null(section, PROJECT.field(key));
            }
        }
        Order::Natural => yaml::sort(&mut value),
    }
    value
}

/// Lists without items are `null` in Go's JSON, except those whose items Compose has compared with each other.
fn empty_to_null(value: &mut Value, field: Option<&Field>) {
    let below = |key: &str| match field.map(|field| field.shape) {
        Some(Shape::Object(object)) => object.field(key),
        Some(Shape::Map(item)) => Some(item),
        _ => None,
    };
    let is_compared =
        field.is_some_and(|field| field.unique != Unique::No && field.short != Short::Variables);
    match value {
        Value::Array(items) if items.is_empty() && is_compared => {}
        Value::Array(items) if items.is_empty() => *value = Value::Null,
        Value::Array(items) => items.iter_mut().for_each(|item| empty_to_null(item, None)),
        Value::Object(map) => map.iter_mut().for_each(|(key, value)| empty_to_null(value, below(key))),
        _ => {}
    }
}

/// A project without what is never shown: the contents of secrets and of what a config takes from a variable; and the
/// paths of label files, which only the hash of a container counts, where they were read.
fn shown(project: &Project) -> Project {
    let mut shown = project.clone();
    for service in shown.services.values_mut().filter(|service| service.is_on(&project.profiles)) {
        service.label_file.clear();
    }
    shown.secrets.values_mut().for_each(FileObject::forget_content);
    shown
        .configs
        .values_mut()
        .filter(|config| config.environment.is_some())
        .for_each(FileObject::forget_content);
    shown
}

/// One service.
pub fn service(service: &Service, flavour: Flavour) -> Value {
    arranged(service, &SERVICE, Purpose::Output(flavour))
}

/// One network.
pub fn network(network: &Network) -> Value {
    arranged(network, &NETWORK, Purpose::Output(Flavour::Two))
}

/// One volume.
pub fn volume(volume: &Volume) -> Value {
    arranged(volume, &VOLUME, Purpose::Output(Flavour::Two))
}

fn arranged(value: &impl Serialize, object: &Object, purpose: Purpose) -> Value {
    // The model's types write plain maps with string keys, which cannot fail.
    let value = serde_json::to_value(value).unwrap_or_default();
    arrange_object(&value, object, purpose)
}

/// The fields of an object in the table's order, without those that Compose leaves out.
pub fn arrange_object(value: &Value, object: &Object, purpose: Purpose) -> Value {
    arrange_with(value, object, purpose, None)
}

/// As above, followed by the entries of the user's own.
fn arrange_with(value: &Value, object: &Object, purpose: Purpose, own: Option<&Extensions>) -> Value {
    let field = |field: &Field| {
        let own = own.and_then(|own| own.below(field.name));
        let arranged = arrange_field(value.get(field.printed), field, purpose, own)?;
        let key = if purpose == Purpose::Yaml { field.name } else { field.printed };
        Some((key.to_owned(), arranged))
    };
    let mut map: Map<String, Value> = object.fields.iter().filter_map(field).collect();
    let mut extensions: Vec<_> = own.into_iter().flat_map(Extensions::own).collect();
    extensions.sort_by(|(one, _), (two, _)| yaml::by_key(one, two));
    for (key, value) in extensions {
        let mut value = value.clone();
        yaml::sort(&mut value);
        map.insert(key.to_owned(), value);
    }
    Value::Object(map)
}

fn arrange_field(
    value: Option<&Value>,
    field: &Field,
    purpose: Purpose,
    own: Option<&Extensions>,
) -> Option<Value> {
    let value = value.unwrap_or(&Value::Null);
    match field.omit {
        Omit::Always => None,
        Omit::WhenUnset if value.is_null() => None,
        Omit::WhenEmpty if is_empty(value, field.shape) => None,
        Omit::Never if purpose == Purpose::Yaml => never_but_in_yaml(value, field, own),
        Omit::Never | Omit::WhenUnset | Omit::WhenEmpty => Some(arrange(value, field, purpose, own)),
        Omit::WhenBlank if purpose == Purpose::Model => (!value.is_null()).then(|| value.clone()),
        Omit::WhenBlank => (!is_empty(value, field.shape)).then(|| value.clone()),
        Omit::InYaml => (purpose != Purpose::Yaml && !is_empty(value, field.shape)).then(|| value.clone()),
        Omit::OptOut => match purpose {
            Purpose::Model => (!value.is_null()).then(|| value.clone()),
            Purpose::Output(Flavour::Five) => (*value == Value::Bool(false)).then(|| value.clone()),
            Purpose::Output(Flavour::Two) | Purpose::Yaml => {
                (*value == Value::Bool(true)).then(|| value.clone())
            }
        },
    }
}

/// What JSON never leaves out; YAML does so with a command that was not given and an object that has nothing in it.
fn never_but_in_yaml(value: &Value, field: &Field, own: Option<&Extensions>) -> Option<Value> {
    if value.is_null() && matches!(field.shape, Shape::List(_)) {
        return None;
    }
    let arranged = arrange(value, field, Purpose::Yaml, own);
    let is_hollow = matches!(field.shape, Shape::Object(_)) && is_empty(&arranged, field.shape);
    (!is_hollow).then_some(arranged)
}

/// A value that is printed.
fn arrange(value: &Value, field: &Field, purpose: Purpose, own: Option<&Extensions>) -> Value {
    match (field.shape, value) {
        (Shape::Object(_) | Shape::Ulimit(_), Value::Null) if field.omit == Omit::WhenUnset => Value::Null,
        // A limit of 0 counts as none.
        (Shape::Ulimit(object), _) if purpose != Purpose::Model && value.as_i64() == Some(0) => {
            let none = Value::Object(Map::new());
            if purpose == Purpose::Yaml { both_limits(&none, object) } else { none }
        }
        (Shape::Ulimit(object), Value::Object(_)) if purpose == Purpose::Yaml => both_limits(value, object),
        (Shape::Object(object), _) | (Shape::Ulimit(object), Value::Object(_)) => {
            arrange_with(value, object, purpose, own)
        }
        (Shape::Map(item), Value::Object(map)) => {
            let entry = |(key, value): (&String, &Value)| {
                (key.clone(), arrange(value, item, purpose, own.and_then(|own| own.below(key))))
            };
            let mut map: Map<String, Value> = map.iter().map(entry).collect();
            if purpose == Purpose::Yaml {
                yaml::sort_map(&mut map);
            } else {
                map.sort_keys();
            }
            Value::Object(map)
        }
        (Shape::List(_), Value::Array(keys)) if field.short == Short::Ssh && purpose == Purpose::Yaml => {
            keys.iter().map(key_with_path).collect()
        }
        (Shape::List(item), Value::Array(items)) => {
            let item = |(index, value): (usize, &Value)| {
                let path = (field.short == Short::EnvFiles).then(|| lone_path(value, purpose)).flatten();
                let own = own.and_then(|own| own.below_index(index));
                path.unwrap_or_else(|| arrange(value, item, purpose, own))
            };
            items.iter().enumerate().map(item).collect()
        }
        (Shape::Float, Value::Number(number)) => {
            number.as_f64().map_or(Value::Null, |number| float(number, purpose))
        }
        (_, Value::Null) => zero(field),
        _ => value.clone(),
    }
}

/// The path of an env file that must be there, which is shown for the whole.
fn lone_path(file: &Value, purpose: Purpose) -> Option<Value> {
    let is_required = file.get("required") == Some(&Value::Bool(true));
    (is_required && purpose != Purpose::Model).then(|| file.get("path").cloned()).flatten()
}

/// A build's key, which Docker Compose 2 writes in YAML as a text with a colon where the file has `id=path`.
fn key_with_path(key: &Value) -> Value {
    let parts = key.as_str().and_then(|key| key.split_once('='));
    parts.map_or_else(|| key.clone(), |(id, path)| format!("{id}: {path}").into())
}

/// In YAML both limits stand there, given or not.
fn both_limits(value: &Value, object: &Object) -> Value {
    let limit =
        |field: &Field| (field.name.to_owned(), value.get(field.name).cloned().unwrap_or_else(|| 0.into()));
    Value::Object(object.fields.iter().map(limit).collect())
}

/// What Go prints for a value that was not given and is not left out.
fn zero(field: &Field) -> Value {
    match field.shape {
        Shape::Text | Shape::Bytes | Shape::Mode if field.omit == Omit::WhenUnset => Value::Null,
        Shape::Text => "".into(),
        Shape::Bytes => "0".into(),
        Shape::Integer | Shape::Unsigned(_) | Shape::Count | Shape::Float => 0.into(),
        Shape::Flag => false.into(),
        Shape::Map(_) => Value::Object(Map::new()),
        _ => Value::Null,
    }
}

fn is_empty(value: &Value, shape: Shape) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::Bool(true) => false,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => match shape {
            Shape::Bytes => text == "0",
            Shape::Duration => text == "0s",
            _ => text.is_empty(),
        },
        Value::Array(items) => items.is_empty(),
        Value::Object(map) => map.is_empty(),
    }
}

/// A number as Go prints its `float32`: the shortest digits that read back as that. In JSON a whole number has no point; what
/// YAML makes of it is [`yaml`]'s.
fn float(value: f64, purpose: Purpose) -> Value {
    let text = (value as f32).to_string();
    let whole = || text.parse().map(i64::into).or_else(|_| text.parse().map(u64::into)).ok();
    match purpose {
        Purpose::Yaml => None,
        Purpose::Model | Purpose::Output(_) => whole(),
    }
    .or_else(|| Number::from_f64(text.parse().unwrap_or_default()).map(Value::Number))
    .unwrap_or_default()
}

impl FileObject {
    fn forget_content(&mut self) {
        self.content = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_float_is_printed_as_go_prints_it() {
        let check = |value: f64, expected: &str| {
            assert_eq!(float(value, Purpose::Output(Flavour::Two)).to_string(), expected);
        };
        check(0.1, "0.1");
        check(f64::from(0.1_f32), "0.1");
        check(10.0, "10");
        check(1.5, "1.5");
        check(2_147_483_648.0, "2147483600");
        check(1e19, "10000000000000000000");
        check(-9_223_372_036_854_775_808.0, "-9223372000000000000");
    }

    #[test]
    fn an_empty_service_has_what_is_never_left_out() {
        let text = service(&Service::default(), Flavour::Two).to_string();
        assert_eq!(text, r#"{"command":null,"entrypoint":null}"#);
    }
}
