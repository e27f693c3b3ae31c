//! Create bodies against those that Docker Compose 2.40.3 sent for the same project, recorded on its way to the engine.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test ends where something is not as it should be")]

use std::collections::BTreeMap;
use std::path::Path;

use dockside::compose::model::Project;
use dockside::observed::{ContainerId, Image, Observed};
use dockside::plan::{self, ContainerRef, OpKind, Options, Plan, Request, Target, Verb};
use serde_json::{Value, json};

#[test]
fn every_attribute() {
    check("wide");
}

/// Plans `up` for the recorded project on an empty engine and compares every body, but for order and for what says nothing.
fn check(name: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/plan/bodies").join(format!("{name}.json"));
    let record: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let project = project(&record);
    let plan = plan(&project, &record);
    let made = bodies(&plan, &record);
    for (kind, expected) in record["expected"].as_object().unwrap() {
        for (name, expected) in expected.as_object().unwrap() {
            let made = made.get(&format!("{kind}/{name}")).unwrap_or_else(|| panic!("no {kind}/{name}"));
            let (made, expected) = (normal(made), normal(expected));
            assert!(made == expected, "{kind}/{name}\n{}", differences("", &made, &expected).join("\n"));
        }
    }
}

fn project(record: &Value) -> Project {
    let mut project: Project = serde_json::from_value(record["project"].clone()).unwrap();
    for (name, service) in &mut project.services {
        service.name.clone_from(name);
    }
    project.working_directory = record["working_directory"].as_str().unwrap().into();
    project.files = serde_json::from_value(record["files"].clone()).unwrap();
    project.environment = serde_json::from_value(record["environment"].clone()).unwrap();
    project
}

fn plan(project: &Project, record: &Value) -> Plan {
    let images = record["images"].as_object().unwrap().iter().map(|(name, image)| {
        let id = image["id"].as_str().unwrap().to_owned();
        (name.clone(), Image { id, config: image["config"].clone(), ..Image::default() })
    });
    let observed = Observed { images: images.collect(), api: (1, 51), ..Observed::default() };
    let request = Request {
        project: project.name.clone(),
        verb: Verb::Up,
        target: Target::Project,
        options: Options::default(),
    };
    plan::make(Some(project), &observed, &request).unwrap()
}

/// The bodies of a plan, the ids that the recording had in place.
fn bodies(plan: &Plan, record: &Value) -> BTreeMap<String, Value> {
    let mut bodies = BTreeMap::new();
    for op in &plan.ops {
        match &op.kind {
            OpKind::CreateNetwork { body } => bodies.insert(format!("networks/{}", op.subject), body.clone()),
            OpKind::CreateVolume { body } => bodies.insert(format!("volumes/{}", op.subject), body.clone()),
            OpKind::CreateContainer { name, image, body, late, .. } => {
                let mut body = body.clone();
                let id_of = |made: &ContainerRef| {
                    let ContainerRef::Of(op) = made else { return None };
                    let service = plan.op(*op)?.service.clone()?;
                    record["ids"][service].as_str().map(ContainerId::from)
                };
                if let Some(late) = late {
                    late.settle(&mut body, id_of).unwrap();
                }
                body["Labels"]["com.docker.compose.image"] = json!(image.digest);
                bodies.insert(format!("containers/{name}"), body)
            }
            _ => None,
        };
    }
    bodies
}

/// Without what says nothing, and lists sorted whose order Go leaves to chance.
fn normal(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let kept = fields.iter().filter(|(_, value)| !says_nothing(value));
            Value::Object(kept.map(|(key, value)| (key.clone(), normal_field(key, value))).collect())
        }
        Value::Array(items) => Value::Array(items.iter().map(normal).collect()),
        other => other.clone(),
    }
}

fn normal_field(key: &str, value: &Value) -> Value {
    let mut value = normal(value);
    if let ("Mounts" | "Ulimits" | "Env" | "Binds", Value::Array(items)) = (key, &mut value) {
        items.sort_by_key(Value::to_string);
    }
    if let ("com.docker.compose.depends_on", Some(text)) = (key, value.as_str()) {
        let mut parts: Vec<&str> = text.split(',').collect();
        parts.sort_unstable();
        value = json!(parts.join(","));
    }
    value
}

/// An empty `Entrypoint` clears the image's; it says something.
fn says_nothing(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::Number(number) => number.as_i64() == Some(0),
        Value::String(text) => text.is_empty(),
        Value::Object(fields) => {
            fields.values().all(says_nothing) && fields.keys().all(|key| !key.contains('/'))
        }
        Value::Array(items) => !items.is_empty() && items.iter().all(says_nothing),
        Value::Bool(true) => false,
    }
}

fn differences(path: &str, made: &Value, expected: &Value) -> Vec<String> {
    match (made, expected) {
        (Value::Object(made), Value::Object(expected)) => {
            let keys = made.keys().chain(expected.keys().filter(|key| !made.contains_key(*key)));
            let field = |fields: &serde_json::Map<String, Value>, key: &str| {
                fields.get(key).cloned().unwrap_or_default()
            };
            keys.flat_map(|key| {
                differences(&format!("{path}.{key}"), &field(made, key), &field(expected, key))
            })
            .collect()
        }
        _ if made == expected => Vec::new(),
        _ => vec![format!("{path}\n  made     {made}\n  expected {expected}")],
    }
}
