//! References of a service to other services, networks, volumes, secrets, configs and models.

use std::collections::HashSet;

use super::super::model::{MountType, Project, Service};
use super::super::nearest;
use super::super::path::Path;
use super::{Findings, Implied};

/// One reference: where it stands, the kind of what it names, and the name.
struct Reference {
    path: Path,
    kind: Kind,
    name: String,
}

impl Reference {
    /// Whether it counts only for the dependency that follows from it.
    fn is_implied(&self) -> bool {
        matches!(self.path.key_at(2), Some("links" | "volumes_from" | "ipc" | "pid"))
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Service,
    Network,
    Volume,
    Secret,
    Config,
    Model,
}

impl Kind {
    fn word(self) -> &'static str {
        match self {
            Kind::Service => "service",
            Kind::Network => "network",
            Kind::Volume => "volume",
            Kind::Secret => "secret",
            Kind::Config => "config",
            Kind::Model => "model",
        }
    }

    /// Whether the name is there.
    fn has(self, project: &Project, name: &str) -> bool {
        match self {
            Kind::Service => project.service(name).is_some(),
            Kind::Network => project.networks.contains_key(name),
            Kind::Volume => project.volumes.contains_key(name),
            Kind::Secret => project.secrets.contains_key(name),
            Kind::Config => project.configs.contains_key(name),
            Kind::Model => project.models.contains_key(name),
        }
    }

    /// The names that are there.
    fn known(self, project: &Project) -> Vec<&str> {
        let keys: Vec<&String> = match self {
            Kind::Service => project.services.keys().chain(project.disabled_services.keys()).collect(),
            Kind::Network => project.networks.keys().collect(),
            Kind::Volume => project.volumes.keys().collect(),
            Kind::Secret => project.secrets.keys().collect(),
            Kind::Config => project.configs.keys().collect(),
            Kind::Model => project.models.keys().collect(),
        };
        keys.into_iter().map(String::as_str).collect()
    }
}

pub(super) fn check(service: &Service, implied: Implied, findings: &mut Findings<'_>) {
    let mut told: HashSet<String> = HashSet::new();
    let looks = |reference: &Reference| implied == Implied::SpelledOut || !reference.is_implied();
    for reference in references(service).into_iter().filter(looks) {
        let is_service = reference.kind == Kind::Service;
        if reference.kind.has(findings.project, &reference.name) {
            let off = findings.project.disabled_services.contains_key(&reference.name);
            let needed = service.depends_on.get(&reference.name).is_none_or(|dependency| dependency.required);
            if is_service && off && needed && !told.contains(&reference.name) {
                told.insert(reference.name.clone());
                disabled(service, &reference, findings);
            }
            if reference.path.key_at(3) == Some("additional_contexts") {
                not_built(service, &reference, findings);
            }
            continue;
        }
        // Dependencies that follow from other attributes stand in `depends_on` too; once is enough.
        if is_service && told.contains(&reference.name) {
            continue;
        }
        if is_service {
            told.insert(reference.name.clone());
        }
        undefined(service, &reference, findings);
    }
}

fn undefined(service: &Service, reference: &Reference, findings: &mut Findings<'_>) {
    let (word, name) = (reference.kind.word(), &reference.name);
    let message =
        format!("the service `{}` names the {word} `{name}`, which is defined nowhere", service.name);
    if findings.is_enough() {
        return;
    }
    let help = match nearest(name, reference.kind.known(findings.project)) {
        Some(near) => format!("did you mean `{near}`?"),
        None if reference.kind == Kind::Volume => {
            format!("define it under `volumes:`, or write `./{name}` for a folder beside the file")
        }
        None => format!("define it under `{word}s:`"),
    };
    findings.error_with_help(&reference.path, message, help);
}

/// A service that is a build context must be built itself.
fn not_built(service: &Service, reference: &Reference, findings: &mut Findings<'_>) {
    let name = &reference.name;
    if findings.project.service(name).is_some_and(|other| other.build.is_none()) {
        let message = format!("the build of `{}` needs that of `{name}`, which has none", service.name);
        findings.error(&reference.path, message);
    }
}

fn disabled(service: &Service, reference: &Reference, findings: &mut Findings<'_>) {
    let name = &reference.name;
    let message = format!("the service `{}` needs `{name}`, which no active profile turns on", service.name);
    let profiles = findings.project.disabled_services.get(name).map(|other| other.profiles.join(" or "));
    let help = format!("activate the profile {}, or mark it `required: false`", profiles.unwrap_or_default());
    findings.error_with_help(&reference.path, message, help);
}

/// Every reference of a service. Those that make a dependency come before `depends_on`, so that they are told where they stand.
fn references(service: &Service) -> Vec<Reference> {
    let path = Path::of(["services", service.name.as_str()]);
    let mut all = namespaces(service, &path);
    let named = |key: &str, kind: Kind, names: Vec<&String>| {
        let path = path.key(key);
        names
            .into_iter()
            .map(|name| Reference { path: path.key(name), kind, name: name.clone() })
            .collect::<Vec<_>>()
    };
    all.extend(named("depends_on", Kind::Service, service.depends_on.keys().collect()));
    all.extend(named("networks", Kind::Network, service.networks.keys().collect()));
    all.extend(named("models", Kind::Model, service.models.keys().collect()));
    let listed = |key: &str, kind: Kind, names: Vec<&String>| {
        let path = path.key(key);
        let item =
            |(index, name): (usize, &String)| Reference { path: path.index(index), kind, name: name.clone() };
        names.into_iter().enumerate().map(item).collect::<Vec<_>>()
    };
    let sources = |files: &'_ [super::super::model::FileReference]| -> Vec<String> {
        files.iter().map(|file| file.source.clone()).collect()
    };
    all.extend(listed("secrets", Kind::Secret, sources(&service.secrets).iter().collect()));
    all.extend(listed("configs", Kind::Config, sources(&service.configs).iter().collect()));
    if let Some(build) = &service.build {
        let path = path.key("build").key("secrets");
        let secrets = sources(&build.secrets).into_iter().enumerate();
        all.extend(secrets.map(|(index, name)| Reference {
            path: path.index(index),
            kind: Kind::Secret,
            name,
        }));
    }
    for (index, mount) in service.volumes.iter().enumerate() {
        let source = mount.source.as_ref().filter(|source| !source.is_empty());
        if let (MountType::Volume, Some(name)) = (&mount.kind, source) {
            let path = path.key("volumes").index(index);
            all.push(Reference { path, kind: Kind::Volume, name: name.clone() });
        }
    }
    all
}

/// Services whose namespaces, volumes or names are shared.
fn namespaces(service: &Service, path: &Path) -> Vec<Reference> {
    let reference = |path: Path, name: &str| Reference { path, kind: Kind::Service, name: name.to_owned() };
    let modes = [("network_mode", &service.network_mode), ("ipc", &service.ipc), ("pid", &service.pid)];
    let modes =
        modes.into_iter().filter_map(|(key, mode)| Some((key, mode.as_deref()?.strip_prefix("service:")?)));
    let mut all: Vec<Reference> = modes.map(|(key, name)| reference(path.key(key), name)).collect();
    for (index, from) in service.volumes_from.iter().enumerate() {
        if !from.starts_with("container:") {
            let name = from.split(':').next().unwrap_or_default();
            all.push(reference(path.key("volumes_from").index(index), name));
        }
    }
    for (index, link) in service.links.iter().enumerate() {
        let name = link.split(':').next().unwrap_or_default();
        all.push(reference(path.key("links").index(index), name));
    }
    let contexts = service.build.iter().flat_map(|build| &build.additional_contexts);
    for (key, context) in contexts {
        if let Some(name) = context.strip_prefix("service:") {
            all.push(reference(path.key("build").key("additional_contexts").key(key), name));
        }
    }
    all
}
