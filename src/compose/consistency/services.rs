//! Attributes of one service that exclude or demand each other.

use std::collections::HashSet;

use super::super::model::Service;
use super::super::path::Path;
use super::super::units::Bytes;
use super::Findings;

pub(super) fn check(service: &Service, findings: &mut Findings<'_>) {
    let path = Path::of(["services", service.name.as_str()]);
    for rule in RULES {
        rule(service, &path, findings);
    }
}

type Rule = fn(&Service, &Path, &mut Findings<'_>);

const RULES: [Rule; 9] = [source, dockerfile, platform, networks, probe, replicas, limits, watch, mounts];

fn source(service: &Service, path: &Path, findings: &mut Findings<'_>) {
    if service.build.is_none() && service.image.is_none() && service.provider.is_none() {
        let message = format!("the service `{}` has neither an image nor a build", service.name);
        findings.error_with_help(path, message, "add `image:` or `build:`");
    }
}

fn dockerfile(service: &Service, path: &Path, findings: &mut Findings<'_>) {
    let Some(build) = &service.build else { return };
    if build.dockerfile_inline.is_some() && build.dockerfile.is_some() {
        let message = format!("the service `{}` has both `dockerfile` and `dockerfile_inline`", service.name);
        findings.error_with_help(&path.key("build").key("dockerfile_inline"), message, "keep one of them");
    }
}

fn platform(service: &Service, path: &Path, findings: &mut Findings<'_>) {
    let (Some(build), Some(platform)) = (&service.build, &service.platform) else { return };
    if !build.platforms.is_empty() && !build.platforms.contains(platform) {
        let message =
            format!("`build.platforms` of `{}` must include its platform `{platform}`", service.name);
        findings.error(&path.key("build").key("platforms"), message);
    }
}

fn networks(service: &Service, path: &Path, findings: &mut Findings<'_>) {
    if service.network_mode.is_some() && !service.networks.is_empty() {
        let message = format!("the service `{}` has both `network_mode` and `networks`", service.name);
        findings.error_with_help(&path.key("network_mode"), message, "keep one of them");
    }
}

fn probe(service: &Service, path: &Path, findings: &mut Findings<'_>) {
    let Some(first) = service.healthcheck.as_ref().and_then(|check| check.test.first()) else { return };
    if !matches!(first.as_str(), "CMD" | "CMD-SHELL" | "NONE") {
        let message =
            format!("a list in `healthcheck.test` must begin with CMD, CMD-SHELL or NONE, not `{first}`");
        let help = "begin with \"CMD\", or write one string for a shell";
        findings.error_with_help(&path.key("healthcheck").key("test"), message, help);
    }
}

fn replicas(service: &Service, path: &Path, findings: &mut Findings<'_>) {
    let deployed = service.deploy.as_ref().and_then(|deploy| deploy.replicas);
    if let (Some(scale), Some(replicas)) = (service.scale, deployed)
        && scale != replicas
    {
        let message = format!("`scale` is {scale} and `deploy.replicas` is {replicas}");
        findings.error_with_help(&path.key("scale"), message, "keep one of them");
    }
    if service.replicas() < 0 {
        findings.error(&path.key("scale"), format!("`{}` cannot have fewer than 0 replicas", service.name));
    }
    if let Some(name) = &service.container_name
        && service.replicas() > 1
    {
        let message =
            format!("{} replicas of `{}` cannot all be called `{name}`", service.replicas(), service.name);
        findings.error_with_help(&path.key("container_name"), message, "remove `container_name`");
    }
}

/// The same limit may stand in two places, but not with two values; a section of `deploy` that leaves it out means none.
fn limits(service: &Service, path: &Path, findings: &mut Findings<'_>) {
    let Some(resources) = service.deploy.as_ref().map(|deploy| &deploy.resources) else { return };
    let mut compare = |attribute: &str, other: &str, differ: bool| {
        if differ {
            let message =
                format!("`{attribute}` and `deploy.resources.{other}` of `{}` differ", service.name);
            findings.error_with_help(
                &path.key(attribute),
                message,
                "give the same value in both, or keep one of them",
            );
        }
    };
    let given = |size: Option<Bytes>| size.filter(|size| size.0 != 0);
    if let Some(limits) = &resources.limits {
        let cpus = service.cpus.to_bits() != limits.cpus.to_bits();
        compare("cpus", "limits.cpus", service.cpus != 0.0 && cpus);
        let memory = given(service.mem_limit);
        compare("mem_limit", "limits.memory", memory.is_some() && memory != given(limits.memory));
        compare("pids_limit", "limits.pids", service.pids_limit != 0 && service.pids_limit != limits.pids);
    }
    if let Some(reservations) = &resources.reservations {
        let memory = given(service.mem_reservation);
        compare(
            "mem_reservation",
            "reservations.memory",
            memory.is_some() && memory != given(reservations.memory),
        );
    }
}

fn watch(service: &Service, path: &Path, findings: &mut Findings<'_>) {
    let triggers = service.develop.iter().flat_map(|develop| &develop.watch);
    for (index, trigger) in triggers.enumerate() {
        if trigger.target.is_none() && !matches!(trigger.action.as_str(), "rebuild" | "restart") {
            let path = path.key("develop").key("watch").index(index);
            let message = format!("the action `{}` needs a `target`", trigger.action);
            findings.error(&path, message);
        }
    }
}

/// Two mounts cannot have one target; the later of two `volumes` has won already.
fn mounts(service: &Service, path: &Path, findings: &mut Findings<'_>) {
    let targets = service.tmpfs.iter().map(|mount| mount.split(':').next().unwrap_or_default());
    let mut seen: HashSet<&str> = HashSet::new();
    for (index, target) in targets.enumerate() {
        if !seen.insert(target) {
            findings
                .error(&path.key("tmpfs").index(index), format!("`{target}` is a target of `tmpfs` twice"));
        }
    }
    for (index, mount) in service.volumes.iter().enumerate() {
        if seen.contains(mount.target.as_str()) {
            let message = format!("`{}` is a target of `tmpfs` and of `volumes`", mount.target);
            findings.error(&path.key("volumes").index(index), message);
        }
    }
}
