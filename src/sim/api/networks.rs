//! Networks: list, inspect, create, connect, disconnect, remove.

use std::net::Ipv4Addr;

use hyper::StatusCode;
use serde_json::{Map, Value, json};

use super::super::answer::{Answer, Refusal, Reply};
use super::super::query::Filters;
use super::super::server::Ask;
use super::super::stamp::rfc3339;
use super::super::world::World;
use super::super::world::container::{Endpoint, Phase};
use super::super::world::resource::{Network, attached_to};
use super::super::world::subnet::Subnet;

const FILTERS: &[&str] = &["dangling", "driver", "id", "label", "name", "scope", "type", "idOrName"];
/// Those that every engine has.
const OWN: &[&str] = &["bridge", "host", "none"];
const DRIVERS: &[&str] = &["bridge", "host", "ipvlan", "macvlan", "null", "overlay"];

/// `GET /networks`: without the containers, as the engine's list.
pub(in super::super) async fn list(ask: Ask) -> Reply {
    let filters = ask.query.filters(FILTERS)?;
    let list = ask.sim.with(|world| {
        let fitting = world.networks.values().filter(|network| fits(world, network, &filters));
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
        check(world, name, &body)?;
        let driver = body["Driver"].as_str().filter(|driver| !driver.is_empty()).unwrap_or("bridge");
        let subnet = subnet(&body).transpose()?;
        if world.networks.values().any(|other| overlap(other.subnet, subnet)) {
            let why = "invalid pool request: Pool overlaps with other one on this address space";
            return Err(forbidden(why.to_owned()));
        }
        let id = world.add_network(name, driver, body.as_object().cloned().unwrap_or_default());
        if let (Some(network), Some(subnet)) = (world.networks.get_mut(&id), subnet) {
            network.subnet = Some(subnet);
        }
        tell(world, &id, name, driver, "create");
        Ok(id)
    })?;
    Ok(Answer::json_with(StatusCode::CREATED, &json!({ "Id": id, "Warning": "" })))
}

fn check(world: &World, name: &str, body: &Value) -> Result<(), Refusal> {
    if name.is_empty() {
        return Err(Refusal::bad("invalid name: name is empty"));
    }
    if OWN.contains(&name) {
        return Err(forbidden(format!("operation is not permitted on predefined {name} network ")));
    }
    if world.networks.values().any(|network| network.name == name) {
        return Err(Refusal::conflict(format!("network with name {name} already exists")));
    }
    let drivers = [(&body["Driver"], DRIVERS), (&body["IPAM"]["Driver"], &["default", "null"])];
    for (driver, known) in drivers {
        let driver = driver.as_str().unwrap_or_default();
        if !driver.is_empty() && !known.contains(&driver) {
            return Err(Refusal::missing(format!("plugin \"{driver}\" not found")));
        }
    }
    Ok(())
}

/// The addresses that a network is to have, if its body says.
fn subnet(body: &Value) -> Option<Result<Subnet, Refusal>> {
    let config = &body["IPAM"]["Config"][0];
    let text = config["Subnet"].as_str().filter(|text| !text.is_empty() && !text.contains("::"))?;
    let bad = |why: String| Refusal::bad(format!("invalid network config:\n{why}"));
    let Some(subnet) = Subnet::parse(text) else {
        return Some(Err(bad(format!("invalid subnet {text}: invalid CIDR block notation"))));
    };
    let gateway = config["Gateway"].as_str().unwrap_or_default();
    let is_outside = |address: Ipv4Addr| !subnet.contains(address);
    if gateway.parse().is_ok_and(is_outside) {
        let why = format!("invalid gateway {gateway}: parent subnet {subnet} doesn't contain this address");
        return Some(Err(bad(why)));
    }
    Some(Ok(subnet))
}

fn overlap(one: Option<Subnet>, other: Option<Subnet>) -> bool {
    one.zip(other).is_some_and(|(one, other)| one.overlaps(other))
}

/// `POST /networks/{}/connect`: at once if the container runs, else when it starts.
pub(in super::super) async fn connect(ask: Ask) -> Reply {
    let name = ask.name().to_owned();
    let (body, sim, _) = ask.json().await?;
    sim.with(|world| {
        let network = world.network(&name)?.name.clone();
        let id = world.id_of(body["Container"].as_str().unwrap_or_default())?;
        let container = world.find(&id)?;
        if container.endpoints.iter().any(|endpoint| endpoint.network == network) {
            let container = &container.name;
            let why = format!("endpoint with name {container} already exists in network {network}");
            return Err(forbidden(why));
        }
        let runs = matches!(container.phase(), Phase::Running | Phase::Paused);
        let settings = body["EndpointConfig"].as_object().cloned().unwrap_or_default();
        let endpoint = Endpoint { network: network.clone(), settings, ..Endpoint::default() };
        world.change(&id, |container| container.endpoints.push(endpoint));
        if runs { world.attach(&id, &network) } else { Ok(()) }
    })?;
    Ok(Answer::empty(StatusCode::OK))
}

/// `POST /networks/{}/disconnect`
pub(in super::super) async fn disconnect(ask: Ask) -> Reply {
    let name = ask.name().to_owned();
    let (body, sim, _) = ask.json().await?;
    sim.with(|world| {
        let network = world.network(&name)?.name.clone();
        let wanted = body["Container"].as_str().unwrap_or_default();
        let force = body["Force"].as_bool() == Some(true);
        let gone = || Refusal::missing(format!("endpoint {wanted} not found"));
        let id = world.id_of(wanted).map_err(|refusal| if force { gone() } else { refusal })?;
        let endpoint = world.find(&id)?.endpoints.iter().find(|endpoint| endpoint.network == network);
        let Some(endpoint) = endpoint else {
            return Err(Refusal::failed(format!("container {id} is not connected to network {network}")));
        };
        if endpoint.attached.is_some() {
            world.detach(&id, &network);
        }
        world.change(&id, |container| container.endpoints.retain(|one| one.network != network));
        Ok(())
    })?;
    Ok(Answer::empty(StatusCode::OK))
}

/// `DELETE /networks/{}`
pub(in super::super) async fn remove(ask: Ask) -> Reply {
    ask.sim.with(|world| {
        let network = world.network(ask.name())?;
        let (id, name, driver) = (network.id.clone(), network.name.clone(), network.driver.clone());
        if OWN.contains(&name.as_str()) {
            return Err(forbidden(format!("{name} is a pre-defined network and cannot be removed")));
        }
        if attached_to(&world.containers, &name).next().is_some() {
            return Err(forbidden(in_use(world, &name)));
        }
        world.networks.shift_remove(&id);
        tell(world, &id, &name, &driver, "destroy");
        Ok(())
    })?;
    Ok(Answer::done())
}

fn forbidden(message: String) -> Refusal {
    Refusal { status: StatusCode::FORBIDDEN, message }
}

fn in_use(world: &World, name: &str) -> String {
    let users = attached_to(&world.containers, name).map(|(container, attached)| {
        let endpoint = attached.id.get(..12).unwrap_or_default();
        format!("name:\"{}\" id:\"{endpoint}\"", container.name)
    });
    let users = users.collect::<Vec<_>>().join(", ");
    format!("error while removing network: network {name} has active endpoints ({users})")
}

fn tell(world: &mut World, id: &str, name: &str, driver: &str, action: &'static str) {
    let attributes = vec![("name".to_owned(), name.to_owned()), ("type".to_owned(), driver.to_owned())];
    world.events.tell(world.now, "network", action, id, attributes);
}

fn fits(world: &World, network: &Network, filters: &Filters) -> bool {
    let labels = network.body.get("Labels").and_then(Value::as_object);
    let labels: Vec<(String, String)> = labels
        .into_iter()
        .flatten()
        .map(|(name, value)| (name.clone(), value.as_str().unwrap_or_default().to_owned()))
        .collect();
    let is_own = OWN.contains(&network.name.as_str());
    let is_unused = || !is_own && attached_to(&world.containers, &network.name).next().is_none();
    filters.fits("name", |name| network.name.contains(name))
        && filters.fits("id", |id| network.id.starts_with(id))
        && filters.fits("driver", |driver| network.driver == driver)
        && filters.fits("scope", |scope| scope == "local")
        && filters.fits("type", |kind| if is_own { kind == "builtin" } else { kind == "custom" })
        && filters.fits("dangling", |dangling| matches!(dangling, "1" | "true") == is_unused())
        && filters.labels_fit(&labels)
}

fn containers(world: &World, network: &Network) -> Map<String, Value> {
    let bits = network.subnet.map_or(0, Subnet::bits);
    let attached = attached_to(&world.containers, &network.name);
    let entries = attached.map(|(container, attached)| {
        let value = json!({
            "Name": container.name, "EndpointID": attached.id, "MacAddress": attached.mac,
            "IPv4Address": format!("{}/{bits}", attached.address), "IPv6Address": "",
        });
        (container.id.clone(), value)
    });
    entries.collect()
}

fn json_of(network: &Network, containers: &Map<String, Value>) -> Value {
    let of = |key: &str, default: Value| {
        network.body.get(key).filter(|it| !it.is_null()).cloned().unwrap_or(default)
    };
    let mut ipam = of("IPAM", json!({ "Driver": "default", "Options": null }));
    if ipam["Driver"].as_str().is_none_or(str::is_empty) {
        ipam["Driver"] = json!("default");
    }
    if ipam["Config"].as_array().is_none_or(Vec::is_empty) {
        ipam["Config"] = network.subnet.map_or(
            Value::Null,
            |subnet| json!([{ "Subnet": subnet.to_string(), "Gateway": subnet.address(1).to_string() }]),
        );
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
