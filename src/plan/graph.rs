//! Which service depends on which: from the file, and from the label `depends_on` for what the file does not know.

use std::collections::BTreeSet;

use indexmap::IndexMap;

use crate::compose::model::{Condition, Dependency, Project, Service};
use crate::observed::{Container, Observed, label};

/// The dependencies of every known service.
pub(super) struct Graph {
    edges: IndexMap<String, IndexMap<String, Dependency>>,
}

impl Graph {
    /// The services of the file, then those that only containers tell of.
    pub(super) fn new(project: Option<&Project>, observed: &Observed) -> Self {
        let mut edges = IndexMap::new();
        for (name, service) in project.into_iter().flat_map(|project| &project.services) {
            edges.insert(name.clone(), service.depends_on.clone());
        }
        for container in &observed.containers {
            let Some(service) = container.service() else { continue };
            if !edges.contains_key(service) {
                edges.insert(service.to_owned(), labelled(container));
            }
        }
        Self { edges }
    }

    /// These services of a file alone.
    pub(super) fn of_services<'a>(services: impl Iterator<Item = (&'a String, &'a Service)>) -> Self {
        Self { edges: services.map(|(name, service)| (name.clone(), service.depends_on.clone())).collect() }
    }

    /// The dependencies with `restart: true` alone: `restart` knows no others.
    pub(super) fn of_restarts(&self) -> Self {
        let edges = self.edges.iter().map(|(name, edges)| {
            let kept = edges.iter().filter(|(_, how)| how.restart);
            (name.clone(), kept.map(|(name, how)| (name.clone(), how.clone())).collect())
        });
        Self { edges: edges.collect() }
    }

    /// Whether a service is known from the file or from a container.
    pub(super) fn knows(&self, service: &str) -> bool {
        self.edges.contains_key(service)
    }

    /// What a service depends on, in file order.
    pub(super) fn dependencies(&self, service: &str) -> impl Iterator<Item = (&str, &Dependency)> {
        self.edges.get(service).into_iter().flatten().map(|(name, dependency)| (name.as_str(), dependency))
    }

    /// What depends on a service, and how.
    pub(super) fn dependents(&self, service: &str) -> impl Iterator<Item = (&str, &Dependency)> {
        self.edges
            .iter()
            .filter_map(move |(name, edges)| edges.get(service).map(|dependency| (name.as_str(), dependency)))
    }

    /// Every service after what it depends on; a circle is broken where it is met.
    pub(super) fn order(&self) -> Vec<&str> {
        let (mut order, mut seen) = (Vec::new(), BTreeSet::new());
        for name in self.edges.keys() {
            self.visit(name, &mut seen, &mut order);
        }
        order
    }

    /// These services and all that depend on them, however far.
    pub(super) fn with_dependents<'a>(&'a self, services: &[&'a str]) -> BTreeSet<&'a str> {
        closure(services, |name| self.dependents(name).map(|(dependent, _)| dependent).collect())
    }

    /// These services and all that they depend on, however far.
    pub(super) fn with_dependencies<'a>(&'a self, services: &[&'a str]) -> BTreeSet<&'a str> {
        closure(services, |name| self.dependencies(name).map(|(dependency, _)| dependency).collect())
    }

    fn visit<'a>(&'a self, name: &'a str, seen: &mut BTreeSet<&'a str>, order: &mut Vec<&'a str>) {
        if !self.knows(name) || !seen.insert(name) {
            return;
        }
        for (dependency, _) in self.dependencies(name) {
            self.visit(dependency, seen, order);
        }
        order.push(name);
    }
}

fn closure<'a>(start: &[&'a str], next: impl Fn(&'a str) -> Vec<&'a str>) -> BTreeSet<&'a str> {
    let mut found = BTreeSet::new();
    let mut open: Vec<&str> = start.to_vec();
    while let Some(name) = open.pop() {
        if found.insert(name) {
            open.extend(next(name));
        }
    }
    found
}

/// The dependencies that a container's label records: `db:service_healthy:true,cache:service_started:false`.
fn labelled(container: &Container) -> IndexMap<String, Dependency> {
    let text = container.label(label::DEPENDS_ON).unwrap_or_default();
    text.split(',').filter(|entry| !entry.is_empty()).map(entry).collect()
}

fn entry(text: &str) -> (String, Dependency) {
    let mut parts = text.split(':');
    let name = parts.next().unwrap_or_default().to_owned();
    let condition = match parts.next() {
        Some("service_healthy") => Condition::Healthy,
        Some("service_completed_successfully") => Condition::CompletedSuccessfully,
        _ => Condition::Started,
    };
    let restart = parts.next() == Some("true");
    (name, Dependency { condition, restart, required: true })
}
