//! The containers that a verb other than `up` acts on, and the order among their services.

use std::collections::BTreeSet;

use crate::compose::model::{Project, Service};
use crate::observed::{Container, Observed};

use super::graph::Graph;
use super::{Refusal, Request, Target, Verb};

/// Whether containers that `run` made are among those of a service.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum OneOffs {
    Included,
    Excluded,
}

/// What a verb acts on.
pub(super) struct Scope<'a> {
    pub(super) project: Option<&'a Project>,
    pub(super) observed: &'a Observed,
    pub(super) request: &'a Request,
    pub(super) graph: Graph,
}

impl<'a> Scope<'a> {
    /// Reads the request's target.
    ///
    /// # Errors
    /// A service that neither the file nor a container knows; a container that is gone.
    pub(super) fn new(
        project: Option<&'a Project>,
        observed: &'a Observed,
        request: &'a Request,
    ) -> Result<Self, Refusal> {
        let scope = Self { project, observed, request, graph: Graph::new(project, observed) };
        match &request.target {
            Target::Services(names) => names.iter().try_for_each(|name| scope.expect_service(name))?,
            Target::Containers(ids)
                if !ids.iter().any(|id| observed.containers.iter().any(|c| c.id == *id)) =>
            {
                return Err(Refusal::new("the container is gone").hint("look at the list again"));
            }
            Target::Containers(_) | Target::Project => {}
        }
        Ok(scope)
    }

    /// The containers asked for, service by service in dependency order, replicas by number, one-offs last. Of the whole
    /// project, those of services that the file does not know or whose profiles are off are left alone, as Docker Compose
    /// leaves them.
    pub(super) fn containers(&self, one_offs: OneOffs) -> Vec<&'a Container> {
        if let Target::Containers(ids) = &self.request.target {
            return self.sorted(|container| ids.contains(&container.id));
        }
        let named = self.request.services();
        self.sorted(|container| {
            let service = container.service().unwrap_or_default();
            let wanted = if named.is_empty() {
                self.takes_orphans() || self.is_on(service)
            } else {
                named.contains(service)
            };
            wanted && (one_offs == OneOffs::Included || !container.is_one_off())
        })
    }

    /// `kill --remove-orphans` sends its signal to orphans as well, and removes nothing.
    fn takes_orphans(&self) -> bool {
        matches!(self.request.verb, Verb::Kill(_)) && self.request.options.remove_orphans
    }

    /// All containers of these services, in the same order.
    pub(super) fn containers_of(&self, services: &BTreeSet<&str>) -> Vec<&'a Container> {
        self.sorted(|container| {
            !container.is_one_off() && container.service().is_some_and(|service| services.contains(service))
        })
    }

    /// Whether the file has this service and it is on; without a file every service counts.
    pub(super) fn is_on(&self, service: &str) -> bool {
        self.project.is_none_or(|project| project.services.contains_key(service))
    }

    /// Whether a profile keeps this service off.
    pub(super) fn is_off(&self, service: &str) -> bool {
        self.project.is_some_and(|project| project.disabled_services.contains_key(service))
    }

    /// The service of a container, as the file describes it.
    pub(super) fn service_of(&self, container: &Container) -> Option<&'a Service> {
        self.project?.service(container.service()?)
    }

    fn expect_service(&self, name: &str) -> Result<(), Refusal> {
        let declared = self.project.is_some_and(|project| project.service(name).is_some());
        if declared || self.graph.knows(name) {
            return Ok(());
        }
        Err(Refusal::new(format!("no such service: {name}")))
    }

    fn sorted(&self, wanted: impl Fn(&Container) -> bool) -> Vec<&'a Container> {
        let order = self.graph.order();
        let mut containers: Vec<&Container> = self.observed.containers.iter().filter(|c| wanted(c)).collect();
        containers.sort_by_key(|container| {
            let place = order.iter().position(|name| Some(*name) == container.service());
            (place, container.is_one_off(), container.number(), &container.name)
        });
        containers
    }
}
