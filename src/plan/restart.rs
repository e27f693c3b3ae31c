//! `restart`: containers stop and start again as they are; the file's changes are not applied.
//!
//! As in Docker Compose, the only dependencies that count are those with `restart: true`: for the order, for what is waited
//! for, and for what follows.

use crate::observed::Container;

use super::draft::{Draft, there};
use super::graph::Graph;
use super::scope::{OneOffs, Scope};
use super::start_phase::{self, Begin, Member, Roster};
use super::{Cause, Plan, Target, hook};

/// Plans `restart`: what was asked for, then what depends on it, however far. Named containers go alone.
pub(super) fn plan(scope: &Scope<'_>) -> Plan {
    let mut draft = Draft::new(scope);
    let graph = scope.graph.of_restarts();
    let asked = scope.containers(OneOffs::Excluded);
    let mut restarted: Vec<_> = asked.iter().map(|container| (*container, Cause::Asked)).collect();
    if matches!(scope.request.target, Target::Services(_)) && !scope.request.options.no_dependencies {
        add_followers(scope, &graph, &mut restarted);
    }
    let timeout = scope.request.options.timeout;
    let mut roster = Roster::new();
    for (container, cause) in restarted {
        let Some(service) = container.service() else { continue };
        let subject = draft.subject(container);
        let mut member = Member::there(container, subject.clone(), Some((Begin::Restart(timeout), cause)));
        if container.state.is_alive() {
            let hooks = scope.service_of(container).map_or(&[][..], |service| &service.pre_stop);
            member.after =
                hook::plan_before(&mut draft, hooks, &there(container), service, &subject, Vec::new());
        }
        roster.entry(service.to_owned()).or_default().push(member);
    }
    start_phase::plan(&mut draft, &graph, &roster, |name| scope.project?.service(name));
    draft.finish()
}

/// Adds the containers of what depends on the named services.
fn add_followers<'a>(scope: &Scope<'a>, graph: &Graph, restarted: &mut Vec<(&'a Container, Cause)>) {
    let asked = scope.request.services();
    let names: Vec<&str> = asked.iter().copied().collect();
    for follower in graph.with_dependents(&names).into_iter().filter(|name| !asked.contains(name)) {
        let followed = graph.dependencies(follower).find(|(name, _)| scope.graph.knows(name));
        let cause = Cause::Follows(followed.map_or(follower, |(name, _)| name).to_owned());
        restarted.extend(scope.containers_of(&[follower].into()).into_iter().map(|one| (one, cause.clone())));
    }
}
