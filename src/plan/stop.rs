//! `stop`: containers that run end, each after what depends on it. Each has its own stop signal and time.

use indexmap::IndexMap;

use crate::observed::Container;

use super::draft::{Draft, there};
use super::graph::Graph;
use super::scope::{OneOffs, Scope};
use super::{Cause, OpId, OpKind, Plan, hook};

/// Plans `stop`. One-offs go on, as in Docker Compose, unless they are named by id.
pub(super) fn plan(scope: &Scope<'_>) -> Plan {
    let mut draft = Draft::new(scope);
    let mut stops = Stops::default();
    for container in scope.containers(OneOffs::Excluded).into_iter().rev() {
        if container.state.is_alive() {
            stops.add(&mut draft, scope, container, Cause::Asked);
        } else {
            draft.unchanged(container);
        }
    }
    draft.finish()
}

/// The stops of a plan so far, so that what is stopped later can come after its dependents.
#[derive(Default)]
pub(super) struct Stops {
    by_service: IndexMap<String, Vec<OpId>>,
}

impl Stops {
    /// Appends the stop of a container, its `pre_stop` hooks first, after the stops of what depends on it.
    pub(super) fn add(
        &mut self,
        draft: &mut Draft<'_>,
        scope: &Scope<'_>,
        container: &Container,
        cause: Cause,
    ) -> OpId {
        let service = container.service().unwrap_or_default().to_owned();
        let after = self.of_dependents(&scope.graph, &service);
        let hooks = scope.service_of(container).map_or(&[][..], |service| &service.pre_stop);
        let subject = draft.subject(container);
        let after = hook::plan_before(draft, hooks, &there(container), &service, &subject, after);
        let kind =
            OpKind::StopContainer { container: there(container), timeout: scope.request.options.timeout };
        let op = draft.on(container, kind, cause, after);
        self.by_service.entry(service).or_default().push(op);
        op
    }

    fn of_dependents(&self, graph: &Graph, service: &str) -> Vec<OpId> {
        let dependents = graph.with_dependents(&[service]);
        let others =
            self.by_service.iter().filter(|(name, _)| *name != service && dependents.contains(name.as_str()));
        others.flat_map(|(_, ops)| ops.clone()).collect()
    }
}
