//! The rules that one service has to keep.

use std::collections::HashMap;
use std::net::IpAddr;

use super::super::model::{DeviceRequest, MountType, Project, Resource, Service};
use super::super::path::Path;
use super::super::units::Bytes;
use super::Findings;

/// A rule looks at one service of a project.
type Rule = fn(&Project, &Service, &mut Findings<'_>);

const RULES: [Rule; 13] = [
    image_or_build,
    build,
    networks,
    healthcheck,
    dependencies,
    references,
    mounts,
    scale,
    container_name,
    limits,
    watch,
    device_requests,
    ports,
];

/// Applies every rule.
pub fn check(project: &Project, service: &Service, findings: &mut Findings<'_>) {
    for rule in RULES {
        rule(project, service, findings);
    }
}

fn at(service: &Service, attribute: &str) -> Path {
    Path::of(["services", service.name.as_str(), attribute])
}

fn image_or_build(_: &Project, service: &Service, findings: &mut Findings<'_>) {
    let name = &service.name;
    if service.build.is_none() && service.image.is_none() && service.provider.is_none() {
        let message = format!("service \"{name}\" has neither an image nor a build context specified");
        findings.add(&Path::of(["services", name]), message);
    }
}

fn build(project: &Project, service: &Service, findings: &mut Findings<'_>) {
    let (name, path) = (&service.name, at(service, "build"));
    let Some(build) = &service.build else { return };
    if build.dockerfile.is_some() && build.dockerfile_inline.is_some() {
        let message =
            format!("service \"{name}\" declares mutually exclusive dockerfile and dockerfile_inline");
        findings.add(&path.key("dockerfile_inline"), message);
    }
    for (context, value) in &build.additional_contexts {
        let Some(target) = value.strip_prefix("service:") else { continue };
        let path = path.key("additional_contexts").key(context.as_str());
        match project.service(target) {
            None => findings.add(
                &path,
                format!("service \"{name}\" declares unknown service \"{target}\" as additional contexts {context}"),
            ),
            Some(other) if other.build.is_none() => findings.add(
                &path,
                format!("service \"{name}\" declares non-buildable service \"{target}\" as additional contexts {context}"),
            ),
            Some(_) => {}
        }
    }
    if let Some(platform) = &service.platform
        && !build.platforms.is_empty()
        && !build.platforms.contains(platform)
    {
        findings.add(
            &path.key("platforms"),
            format!("build.platforms must include the service's platform \"{platform}\""),
        );
    }
    for secret in build.secrets.iter().filter(|secret| !project.secrets.contains_key(&secret.source)) {
        let message = format!("service \"{name}\" refers to undefined build secret {}", secret.source);
        findings.add(&path.key("secrets"), message);
    }
}

fn networks(project: &Project, service: &Service, findings: &mut Findings<'_>) {
    let (name, path) = (&service.name, at(service, "networks"));
    if service.network_mode.is_some() && !service.networks.is_empty() {
        let message = format!("service {name} declares mutually exclusive `network_mode` and `networks`");
        findings.add(&at(service, "network_mode"), message);
    }
    for key in service.networks.keys().filter(|key| !project.networks.contains_key(*key)) {
        findings
            .add(&path.key(key.as_str()), format!("service \"{name}\" refers to undefined network {key}"));
    }
}

fn healthcheck(_: &Project, service: &Service, findings: &mut Findings<'_>) {
    let Some(first) = service.healthcheck.as_ref().and_then(|healthcheck| healthcheck.test.first()) else {
        return;
    };
    if !["CMD", "CMD-SHELL", "NONE"].contains(&first.as_str()) {
        let message = "healthcheck.test must start either by \"CMD\", \"CMD-SHELL\" or \"NONE\"";
        findings.add(&at(service, "healthcheck").key("test"), message);
    }
}

/// A service that is off may be missing where it is not required; one that does not exist may not.
fn dependencies(project: &Project, service: &Service, findings: &mut Findings<'_>) {
    for (other, need) in &service.depends_on {
        let off = project.disabled_services.contains_key(other);
        if project.services.contains_key(other) || off && !need.required {
            continue;
        }
        let name = &service.name;
        let message = if off {
            format!("service \"{name}\" depends on \"{other}\", which no active profile turns on")
        } else {
            format!("service \"{name}\" depends on undefined service \"{other}\"")
        };
        findings.add(&at(service, "depends_on").key(other.as_str()), message);
    }
}

fn references(project: &Project, service: &Service, findings: &mut Findings<'_>) {
    let mut missing = |attribute: &str, position: usize, kind: &str, key: &str| {
        let message = format!("service \"{}\" refers to undefined {kind} {key}", service.name);
        findings.add(&at(service, attribute).index(position), message);
    };
    for (position, mount) in service.volumes.iter().enumerate() {
        let Some(source) = mount.source.as_ref().filter(|_| mount.kind == MountType::Volume) else {
            continue;
        };
        if !project.volumes.contains_key(source) {
            missing("volumes", position, "volume", source);
        }
    }
    for (position, config) in service.configs.iter().enumerate() {
        if !project.configs.contains_key(&config.source) {
            missing("configs", position, "config", &config.source);
        }
    }
    for (position, secret) in service.secrets.iter().enumerate() {
        if !project.secrets.contains_key(&secret.source) {
            missing("secrets", position, "secret", &secret.source);
        }
    }
    for (position, model) in service.models.keys().enumerate() {
        if !project.models.contains_key(model) {
            missing("models", position, "model", model);
        }
    }
}

/// Two mounts may not have one target.
fn mounts(_: &Project, service: &Service, findings: &mut Findings<'_>) {
    let memory = service.tmpfs.iter().enumerate().map(|(position, text)| {
        (at(service, "tmpfs").index(position), text.split(':').next().unwrap_or(text))
    });
    let mounts = service.volumes.iter().enumerate();
    let mounts =
        mounts.map(|(position, mount)| (at(service, "volumes").index(position), mount.target.as_str()));
    let mut targets: HashMap<&str, Path> = HashMap::new();
    for (path, target) in memory.chain(mounts) {
        if let Some(other) = targets.get(target) {
            findings.add(&path, format!("{path}: target {target} already mounted as {other}"));
        }
        targets.insert(target, path);
    }
}

fn scale(_: &Project, service: &Service, findings: &mut Findings<'_>) {
    let (name, path) = (&service.name, at(service, "scale"));
    let Some(scale) = service.scale else { return };
    if service.deploy.as_ref().and_then(|deploy| deploy.replicas).is_some_and(|replicas| replicas != scale) {
        findings.add(&path, distinct(name, "scale", "deploy.replicas"));
    }
    if scale < 0 {
        findings.add(&path, format!("services.{name}.scale: must be greater than or equal to 0"));
    }
}

fn container_name(_: &Project, service: &Service, findings: &mut Findings<'_>) {
    let attribute = if service.scale.is_some() { "scale" } else { "deploy.replicas" };
    if service.container_name.is_some() && service.replicas() > 1 {
        let name = &service.name;
        let message = format!(
            "services.{name}: can't set container_name and {attribute} as container name must be unique"
        );
        findings.add(&at(service, "container_name"), message);
    }
}

/// Limits may be given in the old attributes or under `deploy`, or in both if they are the same.
fn limits(_: &Project, service: &Service, findings: &mut Findings<'_>) {
    let Some(resources) = service.deploy.as_ref().map(|deploy| &deploy.resources) else { return };
    let mut compare = |attribute: &str, section: &str, twin: &str, differ: bool| {
        if differ {
            let twin = format!("deploy.resources.{section}.{twin}");
            findings.add(&at(service, attribute), distinct(&service.name, attribute, &twin));
        }
    };
    let memory = |resource: &Resource| resource.memory.unwrap_or(Bytes(0));
    let given = |size: Option<Bytes>| size.filter(|size| *size != Bytes(0));
    if let Some(limits) = &resources.limits {
        let cpus = service.cpus.to_bits() != limits.cpus.to_bits();
        compare("cpus", "limits", "cpus", service.cpus != 0.0 && cpus);
        let differ = given(service.mem_limit).is_some_and(|size| size != memory(limits));
        compare("mem_limit", "limits", "memory", differ);
        let differ = service.pids_limit != 0 && service.pids_limit != limits.pids;
        compare("pids_limit", "limits", "pids", differ);
    }
    if let Some(reservations) = &resources.reservations {
        let differ = given(service.mem_reservation).is_some_and(|size| size != memory(reservations));
        compare("mem_reservation", "reservations", "memory", differ);
    }
}

fn distinct(service: &str, one: &str, two: &str) -> String {
    format!("services.{service}: can't set distinct values on '{one}' and '{two}'")
}

fn watch(_: &Project, service: &Service, findings: &mut Findings<'_>) {
    let Some(develop) = &service.develop else { return };
    for (position, trigger) in develop.watch.iter().enumerate() {
        let path = at(service, "develop").key("watch").index(position);
        let copies = !matches!(trigger.action.as_str(), "rebuild" | "restart");
        if copies && trigger.target.is_none() {
            let message = format!(
                "services.{}.develop.watch: target is required for non-rebuild actions",
                service.name
            );
            findings.add(&path, message);
        }
    }
}

fn device_requests(_: &Project, service: &Service, findings: &mut Findings<'_>) {
    let mut compare = |path: Path, requests: &[DeviceRequest]| {
        for (position, request) in requests.iter().enumerate() {
            if request.count != 0 && !request.device_ids.is_empty() {
                let path = path.index(position);
                findings.add(&path, format!("{path}: \"count\" and \"device_ids\" attributes are exclusive"));
            }
        }
    };
    compare(at(service, "gpus"), &service.gpus);
    let reservations = service.deploy.as_ref().and_then(|deploy| deploy.resources.reservations.as_ref());
    if let Some(reservations) = reservations {
        let path = at(service, "deploy").key("resources").key("reservations").key("devices");
        compare(path, &reservations.devices);
    }
}

fn ports(_: &Project, service: &Service, findings: &mut Findings<'_>) {
    for (position, port) in service.ports.iter().enumerate() {
        let path = at(service, "ports").index(position);
        if let Some(address) = port.host_ip.as_ref().filter(|address| address.parse::<IpAddr>().is_err()) {
            findings.add(&path, format!("{path}: invalid ip address: {address}"));
        }
        if port.target == 0 {
            findings.add(&path, format!("{path}: a port needs a target"));
        }
    }
}
