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
use super::{OneOff, OpId, Plan, PlanNote, Refusal};

use select::Selection;

/// Plans `up`.
///
/// # Errors
/// An unknown service, a missing external network or volume, a name or a port that another container holds, what the
/// engine cannot create.
pub(super) fn plan(scope: &Scope<'_>) -> Result<Plan, Refusal> {
    let project = file(scope)?;
    let selection = Selection::new(scope, project)?;
    names::check_project(&selection)?;
    let mut up = Up::new(scope, project, selection);
    let pending = images::plan(&mut up)?;
    networks::plan(&mut up)?;
    volumes::plan(&mut up)?;
    let replicas = converge::decide(&up, &pending)?;
    names::check_engine(&up, &replicas)?;
    let ports = ports::check(&mut up, &replicas)?;
    note_rest(&mut up);
    emit::all(&mut up, &replicas, &ports)?;
    Ok(if pending.is_empty() { up.draft.finish() } else { up.draft.finish_provisional() })
}

/// Plans `build`.
///
/// # Errors
/// An unknown service; an image that only `BuildKit` can build.
pub(super) fn build(scope: &Scope<'_>) -> Result<Plan, Refusal> {
    let project = file(scope)?;
    let mut up = Up::new(scope, project, Selection::alone(scope, project)?);
    images::builds(&mut up)?;
    Ok(up.draft.finish())
}

/// Plans `pull`.
///
/// # Errors
/// An unknown service.
pub(super) fn pull(scope: &Scope<'_>) -> Result<Plan, Refusal> {
    let project = file(scope)?;
    let mut up = Up::new(scope, project, Selection::alone(scope, project)?);
    images::pulls(&mut up)?;
    Ok(up.draft.finish())
}

/// Plans the creation of a one-off container: its image, networks and volumes, the waits for what its service depends on,
/// then the container.
///
/// # Errors
/// As for [`plan`].
pub(super) fn run(scope: &Scope<'_>, one_off: &OneOff) -> Result<Plan, Refusal> {
    let project = file(scope)?;
    let mut up = Up::new(scope, project, Selection::alone(scope, project)?);
    up.one_off = Some(one_off);
    let pending = images::plan(&mut up)?;
    networks::plan(&mut up)?;
    volumes::plan(&mut up)?;
    let Some(service) = up.selection.services.first().copied() else {
        return Err(Refusal::new("run needs a service"));
    };
    let waits = emit::waits(&mut up, service);
    let replica = converge::one_off(project, service);
    let ports = ports::check(&mut up, std::slice::from_ref(&replica))?;
    names::check_engine(&up, std::slice::from_ref(&replica))?;
    emit::one_off(&mut up, replica, &ports, waits)?;
    Ok(if pending.is_empty() { up.draft.finish() } else { up.draft.finish_provisional() })
}

fn file<'a>(scope: &Scope<'a>) -> Result<&'a Project, Refusal> {
    scope.project.ok_or_else(|| {
        Refusal::new(format!("{} needs a compose file", scope.request.verb.name()))
            .hint("start Dockside in the folder of the file, or name it with -f")
    })
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
    /// Keys of volumes that are made anew because the file's differ and that was asked for.
    diverged_volumes: Vec<String>,
    /// The one-off that is made, in place of replicas.
    one_off: Option<&'s OneOff>,
}

impl<'s, 'a> Up<'s, 'a> {
    fn new(scope: &'s Scope<'a>, project: &'a Project, selection: Selection<'a>) -> Self {
        Self {
            scope,
            project,
            selection,
            draft: Draft::new(scope),
            made: Made::default(),
            diverged_networks: Vec::new(),
            diverged_volumes: Vec::new(),
            one_off: None,
        }
    }
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
