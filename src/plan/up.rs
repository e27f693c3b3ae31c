//! `up`: what runs is made to match the file.
//!
//! First the whole is decided, then the ops are written down: images, networks, volumes; all creations, dependencies
//! first; the stops of what is replaced or leaves, dependents first; removals and renames; then the starts with their
//! waits. Docker Compose 2.40.3 is the model for what is recreated, numbered and removed.

mod converge;
mod emit;
mod images;
mod names;
mod networks;
mod ports;
mod select;
mod volumes;

use std::collections::BTreeMap;

use crate::compose::model::Project;
use crate::observed::ContainerId;

use super::draft::Draft;
use super::scope::Scope;
use super::{OpId, Plan, PlanNote, Refusal};

use select::Selection;

/// Plans `up`.
///
/// # Errors
/// An unknown service, a missing external network or volume, a name or a port that another container holds, what the
/// engine cannot create.
pub(super) fn plan(scope: &Scope<'_>) -> Result<Plan, Refusal> {
    let Some(project) = scope.project else {
        return Err(Refusal::new("up needs a compose file")
            .hint("start Dockside in the folder of the file, or name it with -f"));
    };
    let selection = Selection::new(scope, project)?;
    names::check_project(&selection)?;
    let mut up = Up {
        scope,
        project,
        selection,
        draft: Draft::new(scope),
        made: Made::default(),
        diverged_networks: Vec::new(),
    };
    let pending = images::plan(&mut up)?;
    networks::plan(&mut up)?;
    volumes::plan(&mut up)?;
    let replicas = converge::decide(&up, &pending)?;
    names::check_engine(&up, &replicas)?;
    let ports = ports::check(&up, &replicas)?;
    note_rest(&mut up);
    emit::all(&mut up, &replicas, &ports)?;
    Ok(if pending.is_empty() { up.draft.finish() } else { up.draft.finish_provisional() })
}

/// What the parts of `up` work on.
pub(super) struct Up<'s, 'a> {
    scope: &'s Scope<'a>,
    project: &'a Project,
    selection: Selection<'a>,
    draft: Draft<'s>,
    made: Made,
    /// Keys of networks that are made anew because the file's differ.
    diverged_networks: Vec<String>,
}

/// The ops that make what containers need.
#[derive(Default)]
struct Made {
    /// By service.
    images: BTreeMap<String, Vec<OpId>>,
    /// By key.
    networks: BTreeMap<String, OpId>,
    /// By key.
    volumes: BTreeMap<String, OpId>,
    /// The ops that remove containers, by container.
    removals: BTreeMap<ContainerId, OpId>,
}

/// Services of the selection that are no containers, orphans, and what is silently left out.
fn note_rest(up: &mut Up<'_, '_>) {
    for service in up.selection.services.clone() {
        let mut warn = |text: String| up.draft.note(PlanNote::Warning(text));
        if let Some(provider) = &service.provider {
            warn(format!("{}: the provider {} is not run", service.name, provider.kind));
        }
        if service.use_api_socket {
            warn(format!("{}: use_api_socket is not supported", service.name));
        }
        if !service.models.is_empty() {
            warn(format!("{}: models are not supported", service.name));
        }
    }
    if up.scope.request.options.remove_orphans {
        return;
    }
    for container in orphans(up.scope, up.project) {
        up.draft.note(PlanNote::Orphan {
            container: container.name.clone(),
            service: container.service().unwrap_or_default().to_owned(),
        });
    }
}

/// Containers of services that the file does not have, on or off, and one-offs that have ended.
fn orphans<'a>(scope: &Scope<'a>, project: &Project) -> Vec<&'a crate::observed::Container> {
    let is_orphan = |container: &&crate::observed::Container| {
        let known = container.service().is_some_and(|service| project.service(service).is_some());
        !known || container.is_one_off() && !container.state.is_alive()
    };
    scope.observed.containers.iter().filter(is_orphan).collect()
}
