//! The last pass: what no attribute shows alone. References to what is not there, attributes that exclude each other, names
//! taken twice, dependencies in a circle. It reads the typed project and changes nothing.

mod cycle;
mod references;
mod services;
mod tree;

pub use tree::attributes;

use std::collections::HashMap;

use super::diagnostic::{self, Diagnostic, tell_error};
use super::model::{Project, Service};
use super::path::Path;

/// What is wrong with how the services that are on fit together.
pub fn check(project: &Project, implied: Implied) -> Vec<Diagnostic> {
    let mut findings = Findings { project, found: Vec::new() };
    for service in project.services.values() {
        references::check(service, implied, &mut findings);
        services::check(service, &mut findings);
    }
    secrets(&mut findings);
    cycle::check(&mut findings);
    findings.found
}

/// Whether the dependencies that follow from links, namespaces and mounts were spelled out; what names a service there is only
/// looked at then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Implied {
    /// They were.
    SpelledOut,
    /// They were left out.
    LeftOut,
}

/// What was found in a project so far.
struct Findings<'a> {
    project: &'a Project,
    found: Vec<Diagnostic>,
}

impl Findings<'_> {
    /// Whether one more would tell nothing.
    fn is_enough(&self) -> bool {
        self.found.len() >= diagnostic::ENOUGH
    }

    /// Reports an error at an attribute.
    fn error(&mut self, path: &Path, message: impl Into<String>) {
        let finding = self.at(path, message);
        tell_error(&mut self.found, || finding);
    }

    /// Reports an error at an attribute, with what to do.
    fn error_with_help(&mut self, path: &Path, message: impl Into<String>, help: impl Into<String>) {
        let finding = self.at(path, message).help(help);
        tell_error(&mut self.found, || finding);
    }

    /// An error at an attribute.
    fn at(&self, path: &Path, message: impl Into<String>) -> Diagnostic {
        let finding = Diagnostic::error(message).path(path);
        match self.project.positions.find(path) {
            Some(span) => finding.at(span),
            None => finding,
        }
    }
}

/// A secret has a file or a variable, whatever its driver.
fn secrets(findings: &mut Findings<'_>) {
    let is_blank = |text: &Option<String>| text.as_ref().is_none_or(String::is_empty);
    for (name, secret) in &findings.project.secrets {
        if !secret.external && is_blank(&secret.file) && is_blank(&secret.environment) {
            let path = Path::of(["secrets", name.as_str()]);
            findings.error(&path, format!("the secret `{name}` must have one of `file` or `environment`"));
        }
    }
}

/// A container's name can be taken once.
pub fn container_names(project: &Project) -> Vec<Diagnostic> {
    let mut findings = Findings { project, found: Vec::new() };
    clashes(&mut findings);
    findings.found
}

fn clashes(findings: &mut Findings<'_>) {
    let mut taken: HashMap<&str, &Service> = HashMap::new();
    for service in findings.project.services.values() {
        let Some(name) = service.container_name.as_deref() else { continue };
        let Some(first) = taken.get(name) else {
            taken.insert(name, service);
            continue;
        };
        let path = |service: &str| Path::of(["services", service, "container_name"]);
        let message =
            format!("`{}` and `{}` both want the container name `{name}`", first.name, service.name);
        let mut finding = findings.at(&path(&service.name), message).label("again here");
        if let Some(span) = findings.project.positions.find(&path(&first.name)) {
            finding = finding.related(span, "first here");
        }
        tell_error(&mut findings.found, || finding);
    }
}
