//! The part of a plan in which containers begin to run: service by service, each after what it depends on.
//!
//! `up`, `start` and `restart` share it. Docker Compose waits for conditions per service; so there is one wait for each
//! dependent and dependency, which the dependent's row can show.

use std::time::Duration;

use indexmap::IndexMap;

use crate::compose::model::{self, Dependency, Service};
use crate::observed::{Container, HealthStatus, State};

use super::draft::{Draft, there};
use super::graph::Graph;
use super::{Cause, Condition, ContainerRef, OpId, OpKind, Options, hook};

/// How a container begins to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Begin {
    Start,
    Unpause,
    /// With this time to stop, over the container's own.
    Restart(Option<Duration>),
}

/// A container of a service that takes part.
pub(super) struct Member {
    pub(super) container: ContainerRef,
    /// What the person calls it.
    pub(super) subject: String,
    /// How it begins and why; none where it runs already.
    pub(super) begin: Option<(Begin, Cause)>,
    /// Ops that must have succeeded before it begins.
    pub(super) after: Vec<OpId>,
    /// Whether it meets this condition now and will go on to.
    pub(super) meets: Option<Condition>,
}

impl Member {
    /// A container that is there and may have to begin.
    pub(super) fn there(container: &Container, subject: String, begin: Option<(Begin, Cause)>) -> Self {
        let meets = if begin.is_none() { meets(container) } else { None };
        Self { container: there(container), subject, begin, after: Vec::new(), meets }
    }
}

/// The ops after which the members of each service run.
pub(super) type Begun = IndexMap<String, Vec<OpId>>;

/// The members of each service.
pub(super) type Roster = IndexMap<String, Vec<Member>>;

/// How a container that does not run is made to, and none if it runs. A strict request only ever starts: of what is paused
/// the engine then says that it cannot be.
pub(super) fn begin(container: &Container, options: &Options) -> Option<Begin> {
    match container.state {
        State::Created | State::Exited => Some(Begin::Start),
        State::Paused if options.strict => Some(Begin::Start),
        State::Paused => Some(Begin::Unpause),
        _ => None,
    }
}

/// Appends the ops that make the members of `roster` run. `service_of` finds a service's hooks and ports.
pub(super) fn plan<'p>(
    draft: &mut Draft<'_>,
    graph: &Graph,
    roster: &Roster,
    service_of: impl Fn(&str) -> Option<&'p Service>,
) -> Begun {
    let mut begun = Begun::new();
    for name in graph.order() {
        let Some(members) = roster.get(name) else { continue };
        // As in Docker Compose, what runs already waits as well: then all is as the file has it once the plan is done.
        let ready = dependencies(draft, graph, roster, &begun, name);
        if members.iter().all(|member| member.begin.is_none()) {
            // What others wait for may still be in the making: they come after its ops.
            let after = members.iter().flat_map(|member| member.after.clone());
            begun.insert(name.to_owned(), ready.into_iter().chain(after).collect());
            continue;
        }
        let ops = begin_members(draft, members, name, &ready, service_of(name));
        begun.insert(name.to_owned(), ops);
    }
    begun
}

/// Waits for what `name` depends on, and tells which ops must precede it.
pub(super) fn dependencies(
    draft: &mut Draft<'_>,
    graph: &Graph,
    roster: &Roster,
    begun: &Begun,
    name: &str,
) -> Vec<OpId> {
    let mut ready = Vec::new();
    for (dependency, how) in graph.dependencies(name) {
        let Some(members) = roster.get(dependency).filter(|members| !members.is_empty()) else { continue };
        let started = begun.get(dependency).cloned().unwrap_or_default();
        match awaited(how, members) {
            None => ready.extend(started),
            Some(condition) => ready.push(draft.add(
                OpKind::Wait {
                    containers: members.iter().map(|member| member.container.clone()).collect(),
                    condition,
                    required: how.required,
                    limit: draft.wait_limit,
                },
                Cause::NeededBy(name.to_owned()),
                Some(name),
                dependency,
                started,
            )),
        }
    }
    ready
}

/// The condition that still has to be awaited. That a service was started is a matter of order alone.
fn awaited(how: &Dependency, members: &[Member]) -> Option<Condition> {
    let condition = match how.condition {
        model::Condition::Started => return None,
        model::Condition::Healthy => Condition::Healthy,
        model::Condition::CompletedSuccessfully => Condition::Completed,
    };
    let met = members.iter().all(|member| member.meets == Some(condition));
    (!met).then_some(condition)
}

fn begin_members(
    draft: &mut Draft<'_>,
    members: &[Member],
    name: &str,
    ready: &[OpId],
    service: Option<&Service>,
) -> Vec<OpId> {
    // Replicas that choose from a range of ports start one after the other, or they would race for the same one.
    let in_turn = service.is_some_and(publishes_range);
    // Without a file nothing is known of ports.
    let is_alone = service.is_none_or(publishes_range);
    let mut ops: Vec<OpId> = Vec::new();
    for member in members {
        let Some((begin, cause)) = &member.begin else { continue };
        let mut after = [ready, &member.after].concat();
        if in_turn {
            after.extend(ops.last());
        }
        let container = member.container.clone();
        let kind = match begin {
            Begin::Start => OpKind::StartContainer { container, is_alone },
            Begin::Unpause => OpKind::UnpauseContainer { container },
            Begin::Restart(timeout) => OpKind::RestartContainer { container, timeout: *timeout },
        };
        let mut op = draft.add(kind, cause.clone(), Some(name), &member.subject, after);
        if *begin != Begin::Unpause {
            let hooks = service.map_or(&[][..], |service| &service.post_start);
            op = hook::plan(draft, hooks, &member.container, name, &member.subject, op);
        }
        ops.push(op);
    }
    ops
}

fn publishes_range(service: &Service) -> bool {
    service.ports.iter().any(|port| port.published.as_ref().is_some_and(|published| published.contains('-')))
}

/// The condition that a container meets now.
fn meets(container: &Container) -> Option<Condition> {
    match (&container.state, &container.health) {
        (State::Running, Some(health)) if health.status == HealthStatus::Healthy => Some(Condition::Healthy),
        (State::Running, None) => Some(Condition::Running),
        (State::Exited, _) if container.exit_code == Some(0) => Some(Condition::Completed),
        _ => None,
    }
}
