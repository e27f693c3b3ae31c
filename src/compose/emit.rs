//! The canonical project as JSON: what `docker compose config --format json` prints, in the order and with the omissions of
//! the table.

use serde::Serialize;
use serde_json::{Map, Number, Value};

use super::model::{FileObject, Network, Project, Service, Volume};
use super::shape::{Field, Object, Omit, Shape};
use super::table::{NETWORK, PROJECT, SERVICE, VOLUME};

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
    /// For output.
    Output(Flavour),
}

/// The whole project, services in the order of their names.
pub fn project(project: &Project) -> Value {
    let mut shown = project.clone();
    // Compose 2.40 prints no models and never the contents of secrets, nor those that a config takes from a variable.
    shown.models.clear();
    // The hash of a container counts the paths of label files; what is printed leaves them out.
    shown.services.values_mut().for_each(|service| service.label_file.clear());
    shown.secrets.values_mut().for_each(FileObject::forget_content);
    shown
        .configs
        .values_mut()
        .filter(|config| config.environment.is_some())
        .for_each(FileObject::forget_content);
    let Value::Object(mut map) = arranged(&shown, &PROJECT, Purpose::Output(Flavour::Two)) else {
        return Value::Null;
    };
    map.extend(project.extensions.iter().map(|(key, value)| (key.clone(), value.clone())));
    map.sort_keys();
    Value::Object(map)
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
    let field = |field: &Field| {
        let arranged = arrange_field(value.get(field.printed), field, purpose)?;
        Some((field.printed.to_owned(), arranged))
    };
    Value::Object(object.fields.iter().filter_map(field).collect())
}

fn arrange_field(value: Option<&Value>, field: &Field, purpose: Purpose) -> Option<Value> {
    let value = value.unwrap_or(&Value::Null);
    match field.omit {
        Omit::Always => None,
        Omit::WhenUnset if value.is_null() => None,
        Omit::WhenEmpty if is_empty(value, field.shape) => None,
        Omit::Never | Omit::WhenUnset | Omit::WhenEmpty => Some(arrange(value, field, purpose)),
        Omit::WhenBlank if purpose == Purpose::Model => (!value.is_null()).then(|| value.clone()),
        Omit::WhenBlank => (!is_empty(value, field.shape)).then(|| value.clone()),
        Omit::OptOut => match purpose {
            Purpose::Model => (!value.is_null()).then(|| value.clone()),
            Purpose::Output(flavour) => {
                let shown = Value::Bool(flavour == Flavour::Two);
                (*value == shown).then_some(shown)
            }
        },
    }
}

/// A value that is printed.
fn arrange(value: &Value, field: &Field, purpose: Purpose) -> Value {
    match (field.shape, value) {
        (Shape::Object(_) | Shape::Ulimit(_), Value::Null) if field.omit == Omit::WhenUnset => Value::Null,
        (Shape::Object(object), _) | (Shape::Ulimit(object), Value::Object(_)) => {
            arrange_object(value, object, purpose)
        }
        (Shape::Map(item), Value::Object(map)) => {
            let entry = |(key, value): (&String, &Value)| (key.clone(), arrange(value, item, purpose));
            let mut map: Map<String, Value> = map.iter().map(entry).collect();
            map.sort_keys();
            Value::Object(map)
        }
        (Shape::List(item), Value::Array(items)) => {
            items.iter().map(|value| arrange(value, item, purpose)).collect()
        }
        (Shape::Float, Value::Number(number)) => number.as_f64().map_or(Value::Null, float),
        (_, Value::Null) => zero(field),
        _ => value.clone(),
    }
}

/// What Go prints for a value that was not given and is not left out.
fn zero(field: &Field) -> Value {
    match field.shape {
        Shape::Text | Shape::Bytes | Shape::Mode if field.omit == Omit::WhenUnset => Value::Null,
        Shape::Text => "".into(),
        Shape::Bytes => "0".into(),
        Shape::Integer | Shape::Count | Shape::Float => 0.into(),
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

/// A number as Go prints its `float32`: the shortest digits that read back as that, a whole number without a point.
fn float(value: f64) -> Value {
    let value = value as f32;
    if value.fract() == 0.0 && value.abs() < 1e15 {
        return (value as i64).into();
    }
    let shortest: f64 = value.to_string().parse().unwrap_or_default();
    Number::from_f64(shortest).map_or(Value::Null, Value::Number)
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
        let check = |value: f64, expected: &str| assert_eq!(float(value).to_string(), expected);
        check(0.1, "0.1");
        check(f64::from(0.1_f32), "0.1");
        check(10.0, "10");
        check(1.5, "1.5");
    }

    #[test]
    fn an_empty_service_has_what_is_never_left_out() {
        let text = service(&Service::default(), Flavour::Two).to_string();
        assert_eq!(text, r#"{"command":null,"entrypoint":null}"#);
    }
}
