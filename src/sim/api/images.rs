//! Images: list and inspect.

use serde_json::{Value, json};

use super::super::VERSION;
use super::super::answer::{Answer, Reply};
use super::super::server::Ask;
use super::super::stamp::rfc3339;
use super::super::world::World;
use super::super::world::resource::{Image, with_tag};

/// `GET /images/json`
pub(in super::super) async fn list(ask: Ask) -> Reply {
    let filters = ask.query.filters();
    let list = ask.sim.with(|world| {
        let fits = |image: &&Image| {
            let is_named = |name: &str| image.names.contains(&with_tag(name));
            filters.labels_fit(&labels(image)) && filters.fits("reference", is_named)
        };
        world.images.values().rev().filter(fits).map(|image| listed(world, image)).collect::<Vec<_>>()
    });
    Ok(Answer::json(&Value::Array(list)))
}

/// `GET /images/{*}/json`
pub(in super::super) async fn inspect(ask: Ask) -> Reply {
    let value = ask.sim.with(|world| world.image(ask.name()).map(inspected))?;
    Ok(Answer::json(&value))
}

fn labels(image: &Image) -> Vec<(String, String)> {
    let labels = image.config.get("Labels").and_then(Value::as_object);
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    labels.into_iter().flatten().map(|(name, value)| (name.clone(), text(value))).collect()
}

fn listed(world: &World, image: &Image) -> Value {
    let users = world.containers.values().filter(|container| container.image == image.id).count();
    json!({
        "Containers": users, "Created": image.created.seconds(), "Id": image.id,
        "Labels": image.config.get("Labels").cloned().unwrap_or(Value::Null), "ParentId": "",
        "RepoDigests": [], "RepoTags": image.names, "SharedSize": -1, "Size": image.size,
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
        "Config": image.config,
    })
}
