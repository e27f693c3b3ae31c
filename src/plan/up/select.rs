//! The services that `up` is about: those named with all they depend on, or every service that is on.

use std::collections::BTreeSet;

use crate::compose::model::{Project, Service};

use super::super::graph::Graph;
use super::super::scope::Scope;
use super::super::{Refusal, Target};

/// What `up` acts on.
pub(super) struct Selection<'a> {
    /// Every service, after what it depends on.
    pub(super) services: Vec<&'a Service>,
    /// The names asked for; the others are only needed by them.
    pub(super) named: BTreeSet<&'a str>,
}

impl<'a> Selection<'a> {
    /// Selects. Naming a service that no profile turns on turns it on, but not what it depends on.
    ///
    /// # Errors
    /// A service that the file does not have; a needed service that no profile turns on.
    pub(super) fn new(scope: &Scope<'a>, project: &'a Project) -> Result<Self, Refusal> {
        let named = named(scope, project)?;
        let mut chosen = BTreeSet::new();
        let mut open: Vec<&str> = named.iter().copied().collect();
        while let Some(name) = open.pop() {
            if !chosen.insert(name) || scope.request.options.no_dependencies {
                continue;
            }
            open.extend(dependencies(project, name, &named)?);
        }
        let services = ordered(project, &chosen);
        Ok(Self { services, named })
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.services.iter().any(|service| service.name == name)
    }

    /// The services of the selection, each with what it depends on only where the request says so; for `build` and `pull`.
    ///
    /// # Errors
    /// A service that the file does not have.
    pub(super) fn alone(scope: &Scope<'a>, project: &'a Project) -> Result<Self, Refusal> {
        if scope.request.options.with_dependencies {
            return Self::new(scope, project);
        }
        let named = named(scope, project)?;
        Ok(Self { services: ordered(project, &named), named })
    }

    /// The wanted number of replicas.
    pub(super) fn replicas(scope: &Scope<'_>, service: &Service) -> usize {
        if service.provider.is_some() {
            return 0;
        }
        match scope.request.options.scale.get(&service.name) {
            Some(replicas) => *replicas as usize,
            None => usize::try_from(service.replicas()).unwrap_or(0),
        }
    }
}

fn named<'a>(scope: &Scope<'a>, project: &'a Project) -> Result<BTreeSet<&'a str>, Refusal> {
    let names: Vec<&str> = match &scope.request.target {
        Target::Project => return Ok(project.services.keys().map(String::as_str).collect()),
        Target::Services(names) => names.iter().map(String::as_str).collect(),
        Target::Containers(ids) => {
            let containers = scope.observed.containers.iter().filter(|container| ids.contains(&container.id));
            containers.filter_map(|container| container.service()).collect()
        }
    };
    names.into_iter().map(|name| declared(project, name)).collect()
}

fn declared<'a>(project: &'a Project, name: &str) -> Result<&'a str, Refusal> {
    match project.service(name) {
        Some(service) => Ok(&service.name),
        None => {
            Err(Refusal::new(format!("no such service: {name}")).hint("the compose file does not have it"))
        }
    }
}

fn dependencies<'a>(
    project: &'a Project,
    name: &str,
    named: &BTreeSet<&'a str>,
) -> Result<Vec<&'a str>, Refusal> {
    let mut found = Vec::new();
    for (dependency, how) in project.service(name).into_iter().flat_map(|service| &service.depends_on) {
        if project.services.contains_key(dependency) || named.contains(dependency.as_str()) {
            found.push(dependency.as_str());
        } else if how.required {
            let why = format!("service {name} depends on {dependency}, which no active profile turns on");
            return Err(Refusal::new(why).hint(format!("name {dependency} as well, or turn its profile on")));
        }
    }
    Ok(found)
}

/// In dependency order, otherwise as in the file.
fn ordered<'a>(project: &'a Project, chosen: &BTreeSet<&'a str>) -> Vec<&'a Service> {
    let graph = Graph::of_services(project.services.iter().chain(&project.disabled_services));
    graph
        .order()
        .into_iter()
        .filter(|name| chosen.contains(name))
        .filter_map(|name| project.service(name))
        .collect()
}
