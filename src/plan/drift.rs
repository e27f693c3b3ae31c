//! Whether a container still matches the file, and how it differs.
//!
//! Whether is Docker Compose's own rule: the label of the config hash, then the image. How is found by comparing the body
//! that would create the container now with what inspect says of it, less what the image gives by itself. The two need
//! not agree: a hash also covers what the engine never sees, and then there is no reason to show.

mod compare;
mod format;

use std::collections::BTreeMap;

use crate::compose::emit::Flavour;
use crate::compose::model::{Project, Service};
use crate::compose::path::Path;
use crate::observed::{Container, Image, label};

use super::body::{self, Context, Wanted};
use super::hash;
use super::{Cause, Change, ContainerRef};

/// How a container differs from the service that it was made for. None: it does not. An empty list: only the config hash
/// does, or it was not inspected. `image` is what the engine has now under the service's image name.
pub fn drift(
    project: &Project,
    service: &Service,
    container: &Container,
    image: Option<&Image>,
) -> Option<Vec<Change>> {
    let parents = parents(service, container)?;
    match cause(project, service, container, image, &parents)? {
        Cause::Drift(changes) => Some(changes),
        _ => Some(vec![Change {
            attribute: "image".to_owned(),
            old: Some(short_digest(&container.image_id)),
            new: image.map(|image| short_digest(&image.id)),
            place: place(project, &["services", &service.name, "image"]),
        }]),
    }
}

/// Why Docker Compose would replace a container for its own sake; `parents` are the containers whose namespaces or volumes
/// the service shares.
pub(super) fn cause(
    project: &Project,
    service: &Service,
    container: &Container,
    image: Option<&Image>,
    parents: &BTreeMap<String, ContainerRef>,
) -> Option<Cause> {
    let hash = container.config_hash().unwrap_or_default();
    let same = body::with_ids(service, parents).is_some_and(|service| hash::matches(&service, hash));
    if !same {
        return Some(Cause::Drift(changes(project, service, container, image, parents)));
    }
    let image = image?;
    let is_current = container.label(label::IMAGE) == Some(&image.id) || container.image_id == image.id;
    (!is_current).then_some(Cause::NewImage)
}

/// Where an attribute stands, as `compose.yaml:12`.
pub(super) fn place(project: &Project, keys: &[&str]) -> Option<String> {
    project.positions.show(&Path::of(keys.iter().copied()))
}

fn changes(
    project: &Project,
    service: &Service,
    container: &Container,
    image: Option<&Image>,
    parents: &BTreeMap<String, ContainerRef>,
) -> Vec<Change> {
    let Some(inspect) = container.inspect.as_deref() else { return Vec::new() };
    // Links are made of containers' names, which only the plan of the whole knows; they are not compared.
    let names = BTreeMap::new();
    let context = Context {
        project,
        api: (1, 44),
        flavour: Flavour::Two,
        one_off: None,
        named: None,
        shared: parents,
        names: &names,
    };
    let wanted = Wanted {
        service,
        number: container.number().unwrap_or(1),
        replaces: Some(container),
        heir_of: None,
        image,
    };
    // What cannot be made has a refusal of its own once somebody asks for it.
    let Ok(made) = body::container(&context, &wanted) else { return Vec::new() };
    let found = compare::all(&made.body, inspect, image);
    let change = |found: compare::Difference| {
        let mut keys = vec!["services", service.name.as_str()];
        keys.extend(found.attribute.split('.'));
        Change {
            place: place(project, &keys),
            attribute: found.attribute.clone(),
            old: found.old,
            new: found.new,
        }
    };
    found.into_iter().map(change).collect()
}

/// Takes for granted that a container shares with the right ones: the ids that inspect names. None without inspect where
/// ids are needed, for then nothing can be said.
fn parents(service: &Service, container: &Container) -> Option<BTreeMap<String, ContainerRef>> {
    let mut parents = BTreeMap::new();
    if body::shared_services(service).is_empty() {
        return Some(parents);
    }
    let host = &container.inspect.as_deref()?["HostConfig"];
    let modes =
        [(&service.network_mode, "NetworkMode"), (&service.ipc, "IpcMode"), (&service.pid, "PidMode")];
    for (mode, key) in modes {
        let Some(other) = mode.as_deref().and_then(|mode| mode.strip_prefix("service:")) else { continue };
        let id = host[key].as_str().and_then(|mode| mode.strip_prefix("container:")).unwrap_or_default();
        parents.insert(other.to_owned(), ContainerRef::Id(id.into()));
    }
    let actual = host["VolumesFrom"].as_array().into_iter().flatten().filter_map(|from| from.as_str());
    for (from, id) in service.volumes_from.iter().zip(actual) {
        let other = from.split(':').next().unwrap_or(from);
        parents.entry(other.to_owned()).or_insert_with(|| ContainerRef::Id(id.into()));
    }
    Some(parents)
}

/// `sha256:0123456789ab`
fn short_digest(digest: &str) -> String {
    digest.get(..19).unwrap_or(digest).to_owned()
}
