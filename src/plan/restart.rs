//! `restart`: containers stop and start again as they are; the file's changes are not applied.

use super::draft::{Draft, there};
use super::scope::{OneOffs, Scope};
use super::start_phase::{self, Begin, Member, Roster};
use super::{Cause, Plan, Target, hook};

/// Plans `restart`: what was asked for, then what depends on it with `restart: true`. Named containers go alone.
pub(super) fn plan(scope: &Scope<'_>) -> Plan {
    let mut draft = Draft::new(scope);
    let asked = scope.containers(OneOffs::Excluded);
    let mut restarted: Vec<_> = asked.iter().map(|container| (*container, Cause::Asked)).collect();
    if matches!(scope.request.target, Target::Services(_)) && !scope.request.options.no_dependencies {
        add_followers(scope, &mut restarted);
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
    start_phase::plan(&mut draft, &scope.graph, &roster, |name| scope.project?.service(name));
    draft.finish()
}

/// Adds the running containers of direct dependents that say `restart: true`.
fn add_followers<'a>(scope: &Scope<'a>, restarted: &mut Vec<(&'a crate::observed::Container, Cause)>) {
    for asked in scope.request.services() {
        for (dependent, how) in scope.graph.dependents(asked) {
            if !how.restart {
                continue;
            }
            for container in scope.containers_of(&[dependent].into()) {
                let known = restarted.iter().any(|(one, _)| one.id == container.id);
                if !known && container.state.is_alive() {
                    restarted.push((container, Cause::Follows(asked.to_owned())));
                }
            }
        }
    }
}
