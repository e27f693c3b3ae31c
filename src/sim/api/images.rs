//! Images: list, inspect, tag, remove.

use hyper::StatusCode;
use serde_json::{Map, Value, json};

use super::super::VERSION;
use super::super::answer::{Answer, Reply};
use super::super::query::Filters;
use super::super::server::Ask;
use super::super::stamp::rfc3339;
use super::super::world::World;
use super::super::world::image::check_name;
use super::super::world::resource::{Image, with_tag};

const FILTERS: &[&str] = &["dangling", "label", "before", "since", "reference", "until"];

/// `GET /images/json`: the newest first.
pub(in super::super) async fn list(ask: Ask) -> Reply {
    let filters = ask.query.filters(FILTERS)?;
    let list = ask.sim.with(|world| {
        let fitting = world.images.values().rev().filter_map(|image| {
            let names = fitting_names(image, &filters)?;
            filters.labels_fit(&image.labels()).then(|| listed(world, image, &names))
        });
        fitting.collect::<Vec<_>>()
    });
    Ok(Answer::json(&Value::Array(list)))
}

/// The names of an image that a list shows; none if the filters leave it out.
fn fitting_names(image: &Image, filters: &Filters) -> Option<Vec<String>> {
    let is_dangling = image.names.is_empty();
    let wants = |value: &str| matches!(value, "1" | "true");
    if !filters.fits("dangling", |value| wants(value) == is_dangling) {
        return None;
    }
    let names = image.names.iter().filter(|name| filters.fits("reference", |pattern| is_like(name, pattern)));
    let names: Vec<String> = names.cloned().collect();
    (!names.is_empty() || filters.values("reference").is_empty()).then_some(names)
}

/// Whether a name fits a pattern: with its tag, or without one if the pattern has none.
fn is_like(name: &str, pattern: &str) -> bool {
    let bare = name.rsplit_once(':').map_or(name, |(bare, _)| bare);
    let escaped = regex::escape(pattern).replace("\\*", "[^/]*").replace("\\?", "[^/]");
    let pattern = regex::Regex::new(&format!("^{escaped}$"));
    pattern.is_ok_and(|pattern| pattern.is_match(name) || pattern.is_match(bare))
}

/// `GET /images/{*}/json`
pub(in super::super) async fn inspect(ask: Ask) -> Reply {
    check_name(ask.name())?;
    let value = ask.sim.with(|world| world.image(ask.name()).map(inspected))?;
    Ok(Answer::json(&value))
}

/// `POST /images/{*}/tag`
pub(in super::super) async fn tag(ask: Ask) -> Reply {
    let repository = ask.query.get("repo").unwrap_or_default();
    check_name(repository)?;
    let name = match ask.query.get("tag") {
        Some(tag) => format!("{repository}:{tag}"),
        None => with_tag(repository),
    };
    ask.sim.with(|world| {
        let id = world.image(ask.name())?.id.clone();
        world.tag(&id, &name);
        Ok(())
    })?;
    Ok(Answer::empty(StatusCode::CREATED))
}

/// `DELETE /images/{*}`
pub(in super::super) async fn remove(ask: Ask) -> Reply {
    let force = ask.query.flag("force");
    let records = ask.sim.with(|world| world.remove_image(ask.name(), force))?;
    Ok(Answer::json(&records))
}

fn listed(world: &World, image: &Image, names: &[String]) -> Value {
    let users = world.containers.values().filter(|container| container.image == image.id).count();
    json!({
        "Containers": users, "Created": image.created.seconds(), "Id": image.id,
        "Labels": image.config.get("Labels").cloned().unwrap_or(Value::Null), "ParentId": "",
        "RepoDigests": [], "RepoTags": names, "SharedSize": -1, "Size": image.size,
    })
}

fn inspected(image: &Image) -> Value {
    json!({
        "Id": image.id,
        "RepoTags": image.names,
        "RepoDigests": [],
        "Parent": "",
        "Comment": "",
        "Created": rfc3339(image.created),
        "DockerVersion": VERSION,
        "Author": "",
        "Architecture": "amd64",
        "Os": "linux",
        "Size": image.size,
        "GraphDriver": { "Data": null, "Name": "overlay2" },
        "RootFS": { "Type": "layers", "Layers": [image.id] },
        "Metadata": { "LastTagTime": rfc3339(image.created) },
        "Config": config(image),
    })
}

/// `Config` with what the engine writes even where there is none.
fn config(image: &Image) -> Map<String, Value> {
    let empty = json!({
        "Hostname": "", "Domainname": "", "User": "", "AttachStdin": false, "AttachStdout": false,
        "AttachStderr": false, "Tty": false, "OpenStdin": false, "StdinOnce": false, "Env": null, "Cmd": null,
        "Image": "", "Volumes": null, "WorkingDir": "", "Entrypoint": null, "OnBuild": null, "Labels": null,
    });
    let mut config = empty.as_object().cloned().unwrap_or_default();
    config.extend(image.config.clone());
    config
}
