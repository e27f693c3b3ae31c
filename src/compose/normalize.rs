//! The pass that spells out what a file only implies: the default network, dependencies that follow from links and shared
//! namespaces, the values of variables without one, and the engine's names of networks and volumes.

use super::canonical;
use super::tree::{Mapping, Node, Value};

/// Attributes that may say `service:<name>`.
const NAMESPACES: [&str; 5] = ["network_mode", "ipc", "pid", "uts", "cgroup"];

/// Resources whose engine names are made from the project's name and their key.
const NAMED: [&str; 4] = ["networks", "volumes", "configs", "secrets"];

/// Spells out a whole project in its canonical form. `variable` gives the value of a variable of the project's environment;
/// the project's name stands under `name`.
pub fn settle(root: &mut Node, variable: &dyn Fn(&str) -> Option<String>) {
    add_default_network(root);
    if let Some(services) = root.get_mut("services").and_then(Node::as_mapping_mut) {
        for (_, service) in services.iter_mut() {
            settle_service(service, variable);
        }
    }
    name_resources(root);
}

fn add_default_network(root: &mut Node) {
    let span = root.span;
    let services = root.get_mut("services").and_then(Node::as_mapping_mut);
    let mut used = false;
    for (_, service) in services.into_iter().flat_map(Mapping::iter_mut) {
        used |= joins_default_network(service);
    }
    let Some(map) = root.as_mapping_mut() else { return };
    if !used {
        return;
    }
    if map.get("networks").is_none_or(Node::is_null) {
        map.set("networks", Node::new(Value::Mapping(Mapping::default()), span));
    }
    if let Some(networks) = map.get_mut("networks").and_then(Node::as_mapping_mut)
        && !networks.contains_key("default")
    {
        networks.set("default", Node::new(Value::Null, span));
    }
}

/// A service that names no network joins the default one. Returns whether it is in it now.
fn joins_default_network(service: &mut Node) -> bool {
    let span = service.span;
    let Some(map) = service.as_mapping_mut() else { return false };
    if map.contains_key("provider") || map.contains_key("network_mode") {
        return false;
    }
    if map.get("networks").and_then(Node::as_mapping).is_none_or(Mapping::is_empty) {
        map.set("networks", Node::mapping([("default", Node::new(Value::Null, span))], span));
    }
    map.get("networks").is_some_and(|networks| networks.get("default").is_some())
}

fn settle_service(service: &mut Node, variable: &dyn Fn(&str) -> Option<String>) {
    if let Some(policy) = service.get_mut("pull_policy")
        && policy.as_str() == Some("if_not_present")
    {
        policy.value = Value::String("missing".to_owned());
    }
    if let Some(build) = service.get_mut("build") {
        settle_build(build, variable);
    }
    if let Some(environment) = service.get_mut("environment") {
        give_values(environment, variable);
    }
    for mount in service.get_mut("volumes").and_then(Node::as_sequence_mut).into_iter().flatten() {
        if let Some(Value::String(target)) = mount.get_mut("target").map(|target| &mut target.value) {
            *target = canonical::clean_target(target);
        }
    }
    add_dependencies(service);
}

fn settle_build(build: &mut Node, variable: &dyn Fn(&str) -> Option<String>) {
    let span = build.span;
    let Some(map) = build.as_mapping_mut() else { return };
    if !map.contains_key("dockerfile") && !map.contains_key("dockerfile_inline") {
        map.set("dockerfile", Node::string("Dockerfile", span));
    }
    if let Some(arguments) = map.get_mut("args") {
        give_values(arguments, variable);
        match &mut arguments.value {
            Value::Mapping(map) => map.retain(|_, value| !value.is_null()),
            Value::Sequence(items) => {
                items.retain(|item| item.as_str().is_none_or(|text| text.contains('=')));
            }
            _ => {}
        }
    }
}

/// A variable without a value has that of the project's environment, if there is one. It stands in a list only where
/// variables are not filled in.
fn give_values(variables: &mut Node, variable: &dyn Fn(&str) -> Option<String>) {
    match &mut variables.value {
        Value::Mapping(map) => {
            for (name, value) in map.iter_mut().filter(|(_, value)| value.is_null()) {
                if let Some(text) = variable(name) {
                    value.value = Value::String(text);
                }
            }
        }
        Value::Sequence(items) => {
            for item in items {
                let name = item.as_str().filter(|text| !text.contains('='));
                if let Some((name, value)) = name.and_then(|name| Some((name.to_owned(), variable(name)?))) {
                    item.value = Value::String(format!("{name}={value}"));
                }
            }
        }
        _ => {}
    }
}

/// A service whose names, namespaces or mounts are used must come first.
fn add_dependencies(service: &mut Node) {
    let mut implied: Vec<(String, Node, bool)> = Vec::new();
    for link in texts(service, "links") {
        let name = link.as_str().map_or("", |text| text.split(':').next().unwrap_or(text));
        implied.push((name.to_owned(), link.clone(), true));
    }
    for node in NAMESPACES.iter().filter_map(|key| service.get(key)) {
        if let Some(name) = node.as_str().and_then(|text| text.strip_prefix("service:")) {
            implied.push((name.to_owned(), node.clone(), true));
        }
    }
    for mounts in texts(service, "volumes_from") {
        let Some(text) = mounts.as_str().filter(|text| !text.starts_with("container:")) else { continue };
        implied.push((text.split(':').next().unwrap_or(text).to_owned(), mounts.clone(), false));
    }
    let span = service.span;
    let Some(map) = service.as_mapping_mut().filter(|_| !implied.is_empty()) else { return };
    if !map.contains_key("depends_on") {
        map.set("depends_on", Node::new(Value::Mapping(Mapping::default()), span));
    }
    let Some(dependencies) = map.get_mut("depends_on").and_then(Node::as_mapping_mut) else { return };
    for (name, cause, restart) in implied {
        if !dependencies.contains_key(&name) {
            dependencies.set(name, dependency(&cause, restart));
        }
    }
}

fn texts<'a>(service: &'a Node, key: &str) -> &'a [Node] {
    service.get(key).and_then(Node::as_sequence).unwrap_or_default()
}

fn dependency(cause: &Node, restart: bool) -> Node {
    let flag = |value| Node::new(Value::Bool(value), cause.span);
    let condition = Node::string("service_started", cause.span);
    Node::mapping(
        [("condition", condition), ("restart", flag(restart)), ("required", flag(true))],
        cause.span,
    )
}

fn name_resources(root: &mut Node) {
    let project = root.get("name").and_then(Node::scalar_text).unwrap_or_default();
    for section in NAMED {
        let Some(resources) = root.get_mut(section).and_then(Node::as_mapping_mut) else { continue };
        for (key, resource) in resources.iter_mut() {
            let key = key.to_owned();
            if resource.is_null() {
                resource.value = Value::Mapping(Mapping::default());
            }
            let span = resource.span;
            let Some(map) = resource.as_mapping_mut() else { continue };
            if map.get("name").is_some_and(|name| !name.is_null()) {
                continue;
            }
            let external = map.get("external").and_then(Node::as_bool) == Some(true);
            let name = if external { key } else { format!("{project}_{key}") };
            map.set("name", Node::string(name, span));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compose::path::Path;
    use crate::compose::tree::Span;

    #[test]
    fn what_is_implied() {
        let span = Span::default();
        let text = |text: &str| Node::string(text, span);
        let service = Node::mapping(
            [
                ("network_mode", text("service:vpn")),
                ("links", Node::sequence([text("db:database")], span)),
                ("volumes_from", Node::sequence([text("data:ro"), text("container:x")], span)),
                ("environment", Node::mapping([("HOME", Node::default()), ("NO", Node::default())], span)),
            ],
            span,
        );
        let services =
            Node::mapping([("a", service), ("b", Node::mapping([("image", text("i"))], span))], span);
        let mut root = Node::mapping([("name", text("p")), ("services", services)], span);
        settle(&mut root, &|name| (name == "HOME").then(|| "/root".to_owned()));
        let at = |path: &str| root.at(&Path::parse(path)).unwrap().to_json().to_string();
        assert_eq!(
            at("services.a.depends_on"),
            concat!(
                r#"{"db":{"condition":"service_started","restart":true,"required":true},"#,
                r#""vpn":{"condition":"service_started","restart":true,"required":true},"#,
                r#""data":{"condition":"service_started","restart":false,"required":true}}"#
            )
        );
        assert_eq!(at("services.a.environment"), r#"{"HOME":"/root","NO":null}"#);
        assert_eq!(at("services.b.networks"), r#"{"default":null}"#);
        assert_eq!(at("networks"), r#"{"default":{"name":"p_default"}}"#);
    }
}
