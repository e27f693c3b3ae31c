//! Where containers and the file differ, computed when either changes and kept until then.

use std::sync::Arc;

use serde_json::Value;

use super::{App, Images};
use crate::compose::model::Project;
use crate::observed::{Container, ContainerId, State};
use crate::plan::{self, Change};

/// What a drift was computed from.
#[derive(Clone, Debug)]
pub struct DriftKey {
    inspect: Option<Arc<Value>>,
    project: Arc<Project>,
    /// The digest of its service's image; none while it was not read, empty where the engine has none.
    image: Option<String>,
}

impl DriftKey {
    fn of(container: &Container, project: &Arc<Project>, images: &Images) -> Self {
        let image = container.service().and_then(|name| project.services.get(name));
        let image = image.and_then(|service| images.get(&project.image_of(service)));
        Self {
            inspect: container.inspect.clone(),
            project: Arc::clone(project),
            image: image.map(|image| image.map(|image| image.id.clone()).unwrap_or_default()),
        }
    }

    /// Whether both are the very same data; what is read again counts as new.
    fn is(&self, other: &Self) -> bool {
        let same_inspect = match (&self.inspect, &other.inspect) {
            (Some(one), Some(other)) => Arc::ptr_eq(one, other),
            (None, None) => true,
            _ => false,
        };
        same_inspect && self.image == other.image && Arc::ptr_eq(&self.project, &other.project)
    }
}

/// Looks at every container of the project, after a load, a list, or a reading of images.
pub fn refresh(app: &mut App) {
    let ids: Vec<ContainerId> = app.engine.containers.keys().cloned().collect();
    for id in ids {
        refresh_one(app, &id);
    }
}

/// Looks at one container.
pub fn refresh_one(app: &mut App, id: &ContainerId) {
    let Some(container) = app.engine.containers.get(id) else { return };
    let Some((project, key)) =
        shared_project(app).map(|project| (project, DriftKey::of(container, project, &app.images)))
    else {
        app.drift.remove(id);
        app.drift_known.remove(id);
        return;
    };
    if app.drift_known.get(id).is_some_and(|known| known.is(&key)) {
        return;
    }
    match changes(project, container, &app.images) {
        Some(changes) => app.drift.insert(id.clone(), changes),
        None => app.drift.remove(id),
    };
    app.drift_known.insert(id.clone(), key);
}

fn shared_project(app: &App) -> Option<&Arc<Project>> {
    app.sound_project()?;
    app.file.project.as_ref()
}

/// The differences of a container that stands for a service of the file. One-offs are nobody's replicas, and one that was
/// not inspected yet, or whose image was not read yet, cannot be compared.
fn changes(project: &Project, container: &Container, images: &Images) -> Option<Vec<Change>> {
    let service = project.services.get(container.service()?)?;
    let is_replica = container.project() == Some(project.name.as_str()) && !container.is_one_off();
    if !is_replica || container.inspect.is_none() || container.state == State::Removing {
        return None;
    }
    let image = images.get(&project.image_of(service))?;
    plan::drift(project, service, container, image)
}
