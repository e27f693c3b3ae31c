//! Volumes: list, inspect, create, remove.

use hyper::StatusCode;
use serde_json::{Value, json};

use super::super::answer::{Answer, Refusal, Reply};
use super::super::server::Ask;
use super::super::stamp::rfc3339;
use super::super::world::World;
use super::super::world::resource::Volume;

/// `GET /volumes`
pub(in super::super) async fn list(ask: Ask) -> Reply {
    let filters = ask.query.filters(&["dangling", "driver", "label", "name"])?;
    let list = ask.sim.with(|world| {
        let fits = |volume: &&Volume| {
            filters.fits("name", |name| volume.name.contains(name))
                && filters.fits("driver", |driver| volume.driver == driver)
                && filters.fits("dangling", |dangling| {
                    matches!(dangling, "1" | "true") != is_used(world, &volume.name)
                })
                && filters.labels_fit(&labels(volume))
        };
        world.volumes.values().filter(fits).map(json_of).collect::<Vec<_>>()
    });
    Ok(Answer::json(&json!({ "Volumes": list, "Warnings": null })))
}

/// `GET /volumes/{}`
pub(in super::super) async fn inspect(ask: Ask) -> Reply {
    let value = ask.sim.with(|world| world.volumes.get(ask.name()).map(json_of));
    value.map(|value| Answer::json(&value)).ok_or_else(|| missing(ask.name()))
}

/// `POST /volumes/create`: one that is there already is given as it is.
pub(in super::super) async fn create(ask: Ask) -> Reply {
    let (body, sim, _) = ask.json().await?;
    let value = sim.with(|world| {
        let name = body["Name"].as_str().filter(|name| !name.is_empty()).map(str::to_owned);
        let name = name.unwrap_or_else(|| world.next_id());
        let driver = body["Driver"].as_str().unwrap_or_default();
        check(&name, driver)?;
        world.provide_volume(&name, driver, body.as_object().cloned().unwrap_or_default());
        Ok::<_, Refusal>(world.volumes.get(&name).map(json_of))
    })?;
    Ok(Answer::json_with(StatusCode::CREATED, &value.unwrap_or_default()))
}

fn check(name: &str, driver: &str) -> Result<(), Refusal> {
    if !matches!(driver, "" | "local") {
        let why = format!("error looking up volume plugin {driver}: plugin \"{driver}\" not found");
        return Err(Refusal::missing(format!("create {name}: {why}")));
    }
    let is_good = |one: char| one.is_ascii_alphanumeric() || "_.-".contains(one);
    if name.starts_with(|first: char| first.is_ascii_alphanumeric()) && name.chars().all(is_good) {
        return Ok(());
    }
    Err(Refusal::bad(format!(
        "create {name}: \"{name}\" includes invalid characters for a local volume name, only \"[a-zA-Z0-9][a-zA-Z0-9_.-]\" are allowed. If you intended to pass a host directory, use absolute path"
    )))
}

/// `DELETE /volumes/{}`
pub(in super::super) async fn remove(ask: Ask) -> Reply {
    let force = ask.query.flag("force");
    ask.sim.with(|world| {
        let name = ask.name();
        if !world.volumes.contains_key(name) {
            return if force { Ok(()) } else { Err(missing(name)) };
        }
        let users: Vec<&str> = users(world, name).collect();
        if !users.is_empty() {
            let list = users.join(", ");
            return Err(Refusal::conflict(format!("remove {name}: volume is in use - [{list}]")));
        }
        if let Some(volume) = world.volumes.shift_remove(name) {
            let attributes = vec![("driver".to_owned(), volume.driver)];
            world.events.tell(world.now, "volume", "destroy", name, attributes);
        }
        Ok(())
    })?;
    Ok(Answer::done())
}

fn users<'a>(world: &'a World, name: &'a str) -> impl Iterator<Item = &'a str> {
    let uses = move |container: &&super::super::world::container::Container| {
        container.mounts.iter().any(|mount| mount.volume == name)
    };
    world.containers.values().filter(uses).map(|container| container.id.as_str())
}

fn is_used(world: &World, name: &str) -> bool {
    users(world, name).next().is_some()
}

fn missing(name: &str) -> Refusal {
    Refusal::missing(format!("get {name}: no such volume"))
}

fn labels(volume: &Volume) -> Vec<(String, String)> {
    let labels = volume.body.get("Labels").and_then(Value::as_object);
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    labels.into_iter().flatten().map(|(name, value)| (name.clone(), text(value))).collect()
}

fn json_of(volume: &Volume) -> Value {
    json!({
        "CreatedAt": rfc3339(volume.created),
        "Driver": volume.driver,
        "Labels": volume.body.get("Labels").cloned().unwrap_or(Value::Null),
        "Mountpoint": volume.mountpoint(),
        "Name": volume.name,
        "Options": volume.body.get("DriverOpts").cloned().unwrap_or(Value::Null),
        "Scope": "local",
    })
}
