//! The pass that holds the attributes of a project against each other: references to what is not there, limits given twice
//! and differently, resources that are two things at once, services that wait for each other in a circle.
//!
//! Only services that are on are checked; so are all resources, used or not. Nothing is changed but one thing: `scale`, which
//! Compose copies into `deploy.replicas`.

mod cycle;
mod service;

use super::diagnostic::Diagnostic;
use super::model::{FileObject, Project, Volume};
use super::path::Path;
use super::positions::Positions;

/// Checks a project whose profiles are settled, and reports everything at once.
pub fn check(project: &mut Project, diagnostics: &mut Vec<Diagnostic>) {
    let mut findings = Findings { positions: &project.positions, diagnostics };
    for (key, volume) in &project.volumes {
        check_volume(key, volume, &mut findings);
    }
    for (key, secret) in &project.secrets {
        check_sources("secrets", key, secret, &mut findings);
    }
    for (key, config) in &project.configs {
        check_sources("configs", key, config, &mut findings);
    }
    for service in project.services.values() {
        service::check(project, service, &mut findings);
    }
    cycle::check(project, &mut findings);
    for service in project.services.values_mut() {
        if let (Some(scale), Some(deploy)) = (service.scale, &mut service.deploy) {
            deploy.replicas = Some(scale);
        }
    }
}

/// Where findings go, with the places that they need.
struct Findings<'a> {
    positions: &'a Positions,
    diagnostics: &'a mut Vec<Diagnostic>,
}

impl Findings<'_> {
    fn add(&mut self, path: &Path, message: impl Into<String>) {
        let mut finding = Diagnostic::error(message).path(path);
        finding.span = self.positions.find(path);
        self.diagnostics.push(finding);
    }
}

fn check_volume(key: &str, volume: &Volume, findings: &mut Findings<'_>) {
    if !volume.external {
        return;
    }
    let given = [
        ("driver", volume.driver.is_some()),
        ("driver_opts", !volume.driver_opts.is_empty()),
        ("labels", !volume.labels.is_empty()),
    ];
    for (attribute, _) in given.iter().filter(|(_, given)| *given) {
        let message =
            format!("volumes.{key}: conflicting parameters \"external\" and \"{attribute}\" specified");
        findings.add(&Path::of(["volumes", key, attribute]), message);
    }
}

/// A config or secret has exactly one source.
fn check_sources(section: &str, key: &str, object: &FileObject, findings: &mut Findings<'_>) {
    if object.external {
        return;
    }
    let sources = [&object.file, &object.environment, &object.content];
    let names = if section == "secrets" { "file|environment" } else { "file|environment|content" };
    let path = Path::of([section, key]);
    match sources.iter().filter(|source| source.is_some()).count() {
        0 if object.driver.is_some() => {}
        0 => findings.add(&path, format!("{section}.{key}: one of {names} must be set")),
        1 => {}
        _ => findings.add(&path, format!("{section}.{key}: {names} attributes are mutually exclusive")),
    }
}
