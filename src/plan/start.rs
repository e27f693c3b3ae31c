//! `start`: containers that do not run begin to, after what they depend on. It makes none and reads no configuration.

use crate::observed::Container;

use super::draft::Draft;
use super::scope::{OneOffs, Scope};
use super::start_phase::{self, Member, Roster};
use super::{Cause, Plan, PlanNote, Refusal, Target};

/// Plans `start`. Named services bring what they depend on, as in Docker Compose; named containers do not.
pub(super) fn plan(scope: &Scope<'_>) -> Result<Plan, Refusal> {
    let mut draft = Draft::new(scope);
    let asked = scope.containers(OneOffs::Excluded);
    let containers = with_dependencies(scope, asked.clone());
    note_missing(scope, &mut draft, &asked)?;
    let mut roster = Roster::new();
    for container in containers {
        let Some(service) = container.service() else { continue };
        let cause = if asked.iter().any(|one| one.id == container.id) {
            Cause::NotRunning
        } else {
            Cause::NeededBy(needer(scope, service))
        };
        let begin = start_phase::begin(container, &scope.request.options).map(|begin| (begin, cause));
        if begin.is_none() {
            draft.unchanged(container);
        }
        let member = Member::there(container, draft.subject(container), begin);
        roster.entry(service.to_owned()).or_default().push(member);
    }
    start_phase::plan(&mut draft, &scope.graph, &roster, |name| scope.project?.service(name));
    Ok(draft.finish())
}

fn with_dependencies<'a>(scope: &Scope<'a>, asked: Vec<&'a Container>) -> Vec<&'a Container> {
    let Target::Services(names) = &scope.request.target else { return asked };
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    scope.containers_of(&scope.graph.with_dependencies(&names))
}

/// A service asked for that depends on this one, for the cause.
fn needer(scope: &Scope<'_>, service: &str) -> String {
    let dependents = scope.graph.with_dependents(&[service]);
    scope.request.services().into_iter().find(|name| dependents.contains(name)).unwrap_or(service).to_owned()
}

/// A service without containers cannot be started: that refuses a request that names it, and is noted otherwise. A strict
/// request is refused only where the project has no container at all, as Docker Compose has it.
fn note_missing(scope: &Scope<'_>, draft: &mut Draft<'_>, asked: &[&Container]) -> Result<(), Refusal> {
    let is_strict = scope.request.options.strict;
    if is_strict && scope.observed.containers.iter().any(|container| !container.is_one_off()) {
        return Ok(());
    }
    let has = |name: &str| asked.iter().any(|container| container.service() == Some(name));
    if let Target::Services(names) = &scope.request.target {
        let Some(name) = names.iter().find(|name| !has(name)) else { return Ok(()) };
        return Err(none_to_start(name));
    }
    for (name, service) in scope.project.into_iter().flat_map(|project| &project.services) {
        if matches!(scope.request.target, Target::Project) && service.replicas() > 0 && !has(name) {
            if is_strict {
                return Err(none_to_start(name));
            }
            draft.note(PlanNote::Warning(format!("{name} has no container to start: make it with up")));
        }
    }
    Ok(())
}

fn none_to_start(name: &str) -> Refusal {
    Refusal::new(format!("service \"{name}\" has no container to start")).hint("make it with up")
}
