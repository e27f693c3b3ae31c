//! Containers as things: list, create, inspect, rename, update, resize.

use hyper::StatusCode;
use serde_json::{Value, json};

use super::super::answer::{Answer, Refusal, Reply};
use super::super::query::Filters;
use super::super::server::Ask;
use super::super::world::World;
use super::super::world::container::{Container, Phase};
use super::inspect::{inspected, listed};

const FILTERS: &[&str] = &[
    "ancestor",
    "before",
    "exited",
    "expose",
    "health",
    "id",
    "isolation",
    "is-task",
    "label",
    "name",
    "network",
    "publish",
    "since",
    "status",
    "volume",
];
const STATES: &[&str] = &["created", "running", "paused", "restarting", "removing", "exited", "dead"];

/// `GET /containers/json`: the newest first.
pub(in super::super) async fn list(ask: Ask) -> Reply {
    let filters = ask.query.filters(FILTERS)?;
    check(&ask, &filters)?;
    let limit = ask.query.number::<usize>("limit").filter(|limit| *limit > 0);
    // A limit counts those that do not run, and so does a filter by state.
    let all = ask.query.flag("all") || limit.is_some() || !filters.values("status").is_empty();
    let list = ask.sim.with(|world| {
        let fitting =
            world.containers.values().rev().filter(|container| {
                (all || container.phase().is_running()) && fits(world, container, &filters)
            });
        fitting.take(limit.unwrap_or(usize::MAX)).map(|it| listed(world, it)).collect::<Vec<_>>()
    });
    Ok(Answer::json(&Value::Array(list)))
}

/// Whether the filters' values are such.
fn check(ask: &Ask, filters: &Filters) -> Result<(), Refusal> {
    if let Some(wrong) = filters.values("status").iter().find(|state| !STATES.contains(state)) {
        let known = STATES.join(", ");
        return Err(Refusal::bad(format!(
            "invalid filter 'status={wrong}': invalid value for state ({wrong}): must be one of {known}"
        )));
    }
    if let Some(wrong) = filters.values("exited").iter().find(|code| code.parse::<i64>().is_err()) {
        return Err(Refusal::bad(format!(
            "invalid filter 'exited={wrong}': strconv.Atoi: parsing \"{wrong}\": invalid syntax"
        )));
    }
    let named = [filters.values("before"), filters.values("since")].concat();
    named.iter().try_for_each(|name| ask.sim.with(|world| world.id_of(name).map(drop)))
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
        && filters.fits("before", |name| number(world, name).is_some_and(|other| container.number < other))
        && filters.fits("since", |name| number(world, name).is_some_and(|other| container.number > other))
        && filters.fits("expose", |port| is_exposed(container, port))
        && filters
            .fits("publish", |port| container.ports.iter().any(|binding| is_port(&binding.target, port)))
        && filters.labels_fit(&container.labels())
}

fn number(world: &World, name: &str) -> Option<u64> {
    world.find(name).ok().map(|container| container.number)
}

/// Only of what runs, as the engine knows the ports of nothing else.
fn is_exposed(container: &Container, port: &str) -> bool {
    let exposed = container.config.get("ExposedPorts").and_then(Value::as_object);
    container.phase().is_running() && exposed.into_iter().flatten().any(|(target, _)| is_port(target, port))
}

/// `80` is `80/tcp`.
fn is_port(target: &str, wanted: &str) -> bool {
    target == wanted || target.strip_suffix("/tcp") == Some(wanted)
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
    if body.is_null() {
        return Err(Refusal::bad("invalid JSON: got EOF while reading request body"));
    }
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
