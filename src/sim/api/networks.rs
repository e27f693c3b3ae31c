//! Networks: list, inspect, create, remove.

use hyper::StatusCode;
use serde_json::{Map, Value, json};

use super::super::answer::{Answer, Refusal, Reply};
use super::super::query::Filters;
use super::super::server::Ask;
use super::super::stamp::rfc3339;
use super::super::world::World;
use super::super::world::resource::{Network, attached_to};

/// `GET /networks`: without the containers, as the engine's list.
pub(in super::super) async fn list(ask: Ask) -> Reply {
    let filters = ask.query.filters();
    let list = ask.sim.with(|world| {
        let fitting = world.networks.values().filter(|network| fits(network, &filters));
        fitting.map(|network| json_of(network, &Map::new())).collect::<Vec<_>>()
    });
    Ok(Answer::json(&Value::Array(list)))
}

/// `GET /networks/{}`
pub(in super::super) async fn inspect(ask: Ask) -> Reply {
    let value = ask.sim.with(|world| {
        let network = world.network(ask.name())?;
        Ok::<_, Refusal>(json_of(network, &containers(world, network)))
    })?;
    Ok(Answer::json(&value))
}

/// `POST /networks/create`
pub(in super::super) async fn create(ask: Ask) -> Reply {
    let (body, sim, _) = ask.json().await?;
    let id = sim.with(|world| {
        let name = body["Name"].as_str().unwrap_or_default();
        if world.networks.values().any(|network| network.name == name) {
            return Err(Refusal::conflict(format!("network with name {name} already exists")));
        }
        let driver = body["Driver"].as_str().filter(|driver| !driver.is_empty()).unwrap_or("bridge");
        let id = world.add_network(name, driver, body.as_object().cloned().unwrap_or_default());
        tell(world, &id, name, driver, "create");
        Ok(id)
    })?;
    Ok(Answer::json_with(StatusCode::CREATED, &json!({ "Id": id, "Warning": "" })))
}

/// `DELETE /networks/{}`
pub(in super::super) async fn remove(ask: Ask) -> Reply {
    ask.sim.with(|world| {
        let network = world.network(ask.name())?;
        let (id, name, driver) = (network.id.clone(), network.name.clone(), network.driver.clone());
        if matches!(name.as_str(), "bridge" | "host" | "none") {
            let status = StatusCode::FORBIDDEN;
            let message = format!("{name} is a pre-defined network and cannot be removed");
            return Err(Refusal { status, message });
        }
        if attached_to(&world.containers, &name).next().is_some() {
            let (status, message) = (StatusCode::FORBIDDEN, in_use(world, &id, &name));
            return Err(Refusal { status, message });
        }
        world.networks.shift_remove(&id);
        tell(world, &id, &name, &driver, "destroy");
        Ok(())
    })?;
    Ok(Answer::done())
}

fn in_use(world: &World, id: &str, name: &str) -> String {
    let users: Vec<String> = attached_to(&world.containers, name)
        .map(|(container, attached)| {
            let endpoint = attached.id.get(..12).unwrap_or_default();
            format!("name:\"{}\" id:\"{endpoint}\"", container.name)
        })
        .collect();
    format!("error while removing network: network {name} has active endpoints ({}) {id}", users.join(", "))
        .trim_end_matches(&format!(" {id}"))
        .to_owned()
}

fn tell(world: &mut World, id: &str, name: &str, driver: &str, action: &'static str) {
    let attributes = vec![("name".to_owned(), name.to_owned()), ("type".to_owned(), driver.to_owned())];
    world.events.tell(world.now, "network", action, id, attributes);
}

fn fits(network: &Network, filters: &Filters) -> bool {
    let labels = network.body.get("Labels").and_then(Value::as_object);
    let labels: Vec<(String, String)> = labels
        .into_iter()
        .flatten()
        .map(|(name, value)| (name.clone(), value.as_str().unwrap_or_default().to_owned()))
        .collect();
    filters.fits("name", |name| network.name.contains(name))
        && filters.fits("id", |id| network.id.starts_with(id))
        && filters.fits("driver", |driver| network.driver == driver)
        && filters.labels_fit(&labels)
}

fn containers(world: &World, network: &Network) -> Map<String, Value> {
    let attached = attached_to(&world.containers, &network.name);
    let entry = |(container, attached): (
        &super::super::world::container::Container,
        &super::super::world::container::Attached,
    )| {
        let value = json!({
            "Name": container.name, "EndpointID": attached.id, "MacAddress": attached.mac,
            "IPv4Address": format!("{}/16", attached.address), "IPv6Address": "",
        });
        (container.id.clone(), value)
    };
    attached.map(entry).collect()
}

fn json_of(network: &Network, containers: &Map<String, Value>) -> Value {
    let of = |key: &str, default: Value| {
        network.body.get(key).filter(|it| !it.is_null()).cloned().unwrap_or(default)
    };
    let config = network.prefix.map_or(Value::Null, |[first, second]| {
        json!([{ "Subnet": format!("{first}.{second}.0.0/16"), "Gateway": format!("{first}.{second}.0.1") }])
    });
    let mut ipam = of("IPAM", json!({ "Driver": "default", "Options": null }));
    if ipam["Config"].as_array().is_none_or(Vec::is_empty) {
        ipam["Config"] = config;
    }
    json!({
        "Name": network.name,
        "Id": network.id,
        "Created": rfc3339(network.created),
        "Scope": "local",
        "Driver": network.driver,
        "EnableIPv4": true,
        "EnableIPv6": of("EnableIPv6", json!(false)),
        "IPAM": ipam,
        "Internal": of("Internal", json!(false)),
        "Attachable": of("Attachable", json!(false)),
        "Ingress": false,
        "ConfigFrom": { "Network": "" },
        "ConfigOnly": false,
        "Containers": containers,
        "Options": of("Options", json!({})),
        "Labels": of("Labels", json!({})),
    })
}
