//! A plan in the making: ops are appended, never changed, and every service they name is claimed.

use std::time::Duration;

use crate::observed::Container;

use super::scope::Scope;
use super::{Cause, ContainerRef, Op, OpId, OpKind, Options, Plan, PlanNote};

/// A plan to which ops are appended.
pub(super) struct Draft<'a> {
    project: &'a str,
    plan: Plan,
    /// The longest that a wait may last.
    pub(super) wait_limit: Option<Duration>,
}

impl<'a> Draft<'a> {
    pub(super) fn new(scope: &Scope<'a>) -> Self {
        let names = scope.observed.containers.iter().map(|one| (one.id.clone(), one.name.clone())).collect();
        let Options { images_at_once, wait_timeout, .. } = scope.request.options;
        let plan = Plan { names, images_at_once, ..Plan::default() };
        Self { project: &scope.request.project, plan, wait_limit: wait_timeout }
    }

    /// Appends an op on a container of `service` that the person knows by `subject`.
    pub(super) fn add(
        &mut self,
        kind: OpKind,
        cause: Cause,
        service: Option<&str>,
        subject: impl Into<String>,
        after: Vec<OpId>,
    ) -> OpId {
        let id = OpId(self.plan.ops.len());
        if let Some(service) = service {
            self.claim(service);
        }
        let mut after = after;
        after.sort_unstable();
        after.dedup();
        let service = service.map(str::to_owned);
        self.plan.ops.push(Op { kind, cause, service, subject: subject.into(), after });
        id
    }

    /// Appends an op on a container that is there.
    pub(super) fn on(&mut self, container: &Container, kind: OpKind, cause: Cause, after: Vec<OpId>) -> OpId {
        let subject = self.subject(container);
        self.add(kind, cause, container.service(), subject, after)
    }

    /// Notes that a container is as it should be.
    pub(super) fn unchanged(&mut self, container: &Container) {
        let subject = self.subject(container);
        self.plan.unchanged.push(subject);
        self.plan.kept.push(container.id.clone());
    }

    pub(super) fn note(&mut self, note: PlanNote) {
        if !self.plan.notes.contains(&note) {
            self.plan.notes.push(note);
        }
    }

    pub(super) fn claim(&mut self, service: &str) {
        if !self.plan.claims.contains(service) {
            self.plan.claims.insert(service.to_owned());
        }
    }

    /// What the person calls a container: `redis-1`, or its own name where that is not made from the project's.
    pub(super) fn subject(&self, container: &Container) -> String {
        subject(self.project, &container.name)
    }

    pub(super) fn finish(self) -> Plan {
        self.plan
    }

    /// The plan as it will have images pulled or built first.
    pub(super) fn finish_provisional(mut self) -> Plan {
        self.plan.is_provisional = true;
        self.plan
    }
}

/// A container's name without the project's in front.
pub(super) fn subject(project: &str, name: &str) -> String {
    name.strip_prefix(project).and_then(|rest| rest.strip_prefix(['-', '_'])).unwrap_or(name).to_owned()
}

/// A container that is there, for an op.
pub(super) fn there(container: &Container) -> ContainerRef {
    ContainerRef::Id(container.id.clone())
}
