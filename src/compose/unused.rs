//! The pass that drops the networks, volumes, secrets, configs and models that no service uses, so that they are not made.

use std::collections::HashSet;

use super::model::{MountType, Project};

/// Keeps what the services that are on use.
pub fn drop_unused(project: &mut Project) {
    let services = || project.services.values();
    let networks: HashSet<String> = services().flat_map(|service| service.networks.keys().cloned()).collect();
    let mounts = services().flat_map(|service| &service.volumes);
    let volumes: HashSet<String> = mounts
        .filter(|mount| mount.kind == MountType::Volume)
        .filter_map(|mount| mount.source.clone())
        .collect();
    let build_secrets =
        services().filter_map(|service| service.build.as_ref()).flat_map(|build| &build.secrets);
    let secrets: HashSet<String> = services()
        .flat_map(|service| &service.secrets)
        .chain(build_secrets)
        .map(|secret| secret.source.clone())
        .collect();
    let configs: HashSet<String> =
        services().flat_map(|service| &service.configs).map(|config| config.source.clone()).collect();
    let models: HashSet<String> = services().flat_map(|service| service.models.keys().cloned()).collect();
    project.networks.retain(|key, _| networks.contains(key));
    project.volumes.retain(|key, _| volumes.contains(key));
    project.secrets.retain(|key, _| secrets.contains(key));
    project.configs.retain(|key, _| configs.contains(key));
    project.models.retain(|key, _| models.contains(key));
}
