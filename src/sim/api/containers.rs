//! Containers as things: list, create, inspect, rename, update, resize.

use hyper::StatusCode;
use serde_json::{Value, json};

use super::super::answer::{Answer, Refusal, Reply};
use super::super::query::Filters;
use super::super::server::Ask;
use super::super::world::World;
use super::super::world::container::{Container, Phase};
use super::inspect::{inspected, listed};

/// `GET /containers/json`: the newest first.
pub(in super::super) async fn list(ask: Ask) -> Reply {
    let filters = ask.query.filters();
    let limit = ask.query.number::<usize>("limit").filter(|limit| *limit > 0);
    // A limit counts those that do not run, and so does a filter by state.
    let all = ask.query.flag("all") || limit.is_some() || !filters.values("status").is_empty();
    let list = ask.sim.with(|world| {
        let now = world.now;
        let fitting =
            world.containers.values().rev().filter(|container| {
                (all || container.phase().is_running()) && fits(world, container, &filters)
            });
        let _ = now;
        fitting.take(limit.unwrap_or(usize::MAX)).map(|it| listed(world, it)).collect::<Vec<_>>()
    });
    Ok(Answer::json(&Value::Array(list)))
}

fn fits(world: &World, container: &Container, filters: &Filters) -> bool {
    let health = container.life.health.as_ref().map_or("none", super::super::world::health::Health::status);
    let code =
        |code: &str| container.phase() == Phase::Exited && code.parse() == Ok(container.life.exit_code);
    let is_on = |network: &str| {
        let id = |name: &str| world.network(name).is_ok_and(|found| found.id == network);
        container.endpoints.iter().any(|endpoint| endpoint.network == network || id(&endpoint.network))
    };
    filters.fits("id", |id| container.id.starts_with(id))
        && filters.fits("name", |name| name_fits(&container.name, name))
        && filters.fits("status", |status| container.phase().word() == status)
        && filters.fits("health", |wanted| health == wanted)
        && filters.fits("exited", code)
        && filters.fits("ancestor", |image| world.image(image).is_ok_and(|image| image.id == container.image))
        && filters.fits("network", is_on)
        && filters.fits("volume", |wanted| {
            container.mounts.iter().any(|mount| mount.volume == wanted || mount.target == wanted)
        })
        && filters.labels_fit(&container.labels())
}

/// A name is a pattern to the engine, which is tried with the name's slash before it too.
fn name_fits(name: &str, pattern: &str) -> bool {
    match regex::Regex::new(pattern) {
        Ok(pattern) => pattern.is_match(name) || pattern.is_match(&format!("/{name}")),
        Err(_) => name.contains(pattern),
    }
}

/// `POST /containers/create`
pub(in super::super) async fn create(ask: Ask) -> Reply {
    let (body, sim, query) = ask.json().await?;
    let id = sim.with(|world| world.create(query.get("name"), &body))?;
    Ok(Answer::json_with(StatusCode::CREATED, &json!({ "Id": id, "Warnings": [] })))
}

/// `GET /containers/{}/json`
pub(in super::super) async fn inspect(ask: Ask) -> Reply {
    let value = ask.sim.with(|world| world.find(ask.name()).map(|container| inspected(world, container)))?;
    Ok(Answer::json(&value))
}

/// `POST /containers/{}/rename`
pub(in super::super) async fn rename(ask: Ask) -> Reply {
    let name = ask.query.get("name").unwrap_or_default().to_owned();
    ask.sim.with(|world| {
        let id = world.id_of(ask.name())?;
        world.rename(&id, &name)
    })?;
    Ok(Answer::done())
}

/// `POST /containers/{}/update`: limits and the restart policy, taken as they are.
pub(in super::super) async fn update(ask: Ask) -> Reply {
    let name = ask.name().to_owned();
    let (body, sim, _) = ask.json().await?;
    sim.with(|world| {
        let id = world.id_of(&name)?;
        let changes = body.as_object().cloned().unwrap_or_default();
        world.change(&id, |container| {
            container.host.extend(changes.into_iter().filter(|(_, value)| !value.is_null()));
        });
        world.tell(&id, "update", &[]);
        Ok(())
    })?;
    Ok(Answer::json(&json!({ "Warnings": null })))
}

/// `POST /containers/{}/resize`
pub(in super::super) async fn resize(ask: Ask) -> Reply {
    let (height, width) = (ask.query.number::<u16>("h"), ask.query.number::<u16>("w"));
    let (Some(height), Some(width)) = (height, width) else {
        return Err(Refusal::bad("invalid resize height or width"));
    };
    ask.sim.with(|world| {
        let container = world.find(ask.name())?;
        let id = container.id.clone();
        if !container.phase().is_running() {
            return Err(Refusal::conflict(format!("Container {id} is not running")));
        }
        world.tell(&id, "resize", &[("height", height.to_string()), ("width", width.to_string())]);
        Ok(())
    })?;
    Ok(Answer::empty(StatusCode::OK))
}
