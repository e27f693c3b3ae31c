//! `down`: containers stop and are removed, dependents first; then the networks, and on request volumes, images and orphans.
//!
//! What somebody else still uses stays, with a note: Docker Compose would try and warn.

use std::collections::BTreeSet;

use crate::compose::model::Project;
use crate::observed::{Container, ContainerId, Image, Network, Volume, label};

use super::draft::{Draft, there};
use super::scope::{OneOffs, Scope};
use super::stop::Stops;
use super::{Cause, OpId, OpKind, Plan, PlanNote, Target};

/// Plans `down` from the file or, without one, from labels alone.
pub(super) fn plan(scope: &Scope<'_>) -> Plan {
    let mut down = Down {
        scope,
        draft: Draft::new(scope),
        stops: Stops::default(),
        removed: BTreeSet::new(),
        removals: Vec::new(),
    };
    for container in scope.containers(OneOffs::Excluded).into_iter().rev() {
        down.remove(container, &Cause::Asked);
    }
    down.orphans();
    down.networks();
    down.volumes();
    if scope.request.options.remove_local_images || scope.request.options.remove_images {
        down.images();
    }
    down.draft.finish()
}

struct Down<'s, 'a> {
    scope: &'s Scope<'a>,
    draft: Draft<'s>,
    stops: Stops,
    /// Containers that the plan removes.
    removed: BTreeSet<ContainerId>,
    /// The ops that do.
    removals: Vec<OpId>,
}

impl Down<'_, '_> {
    fn remove(&mut self, container: &Container, cause: &Cause) {
        let mut after = Vec::new();
        if container.state.is_alive() {
            after.push(self.stops.add(&mut self.draft, self.scope, container, cause.clone()));
        }
        let volumes = self.scope.request.options.remove_volumes;
        let kind = OpKind::RemoveContainer { container: there(container), volumes };
        let op = self.draft.on(container, kind, cause.clone(), after);
        self.removals.push(op);
        self.removed.insert(container.id.clone());
    }

    /// Containers of services that the file does not have, and one-offs. Those of services that are off stay, as in Docker
    /// Compose: `--profile` says that they are meant.
    fn orphans(&mut self) {
        if !matches!(self.scope.request.target, Target::Project) {
            return;
        }
        for container in &self.scope.observed.containers {
            if self.removed.contains(&container.id) {
                continue;
            }
            if !container.is_one_off() && self.scope.is_off(container.service().unwrap_or_default()) {
                self.draft.note(PlanNote::KeepsContainer { container: container.name.clone() });
                continue;
            }
            if self.scope.request.options.remove_orphans {
                self.remove(container, &Cause::Orphan);
            } else {
                self.draft.note(PlanNote::Orphan {
                    container: container.name.clone(),
                    service: container.service().unwrap_or_default().to_owned(),
                });
            }
        }
    }

    fn networks(&mut self) {
        let networks: Vec<&Network> =
            self.scope.observed.networks.iter().filter(|network| self.is_ours(network)).collect();
        for network in networks {
            // A container that does not run keeps no network, as in Docker Compose.
            let holds =
                |container: &Container| container.state.is_alive() && uses_network(container, network);
            if let Some(user) = self.user(holds) {
                if matches!(self.scope.request.target, Target::Project) {
                    let text = format!("network {} stays: {user} uses it", network.name);
                    self.draft.note(PlanNote::Warning(text));
                }
                continue;
            }
            let kind = OpKind::RemoveNetwork { network: network.id.clone(), name: network.name.clone() };
            self.draft.add(kind, Cause::Asked, None, &network.name, self.removals.clone());
        }
    }

    /// Whether a network was made for this project and is not of an older file, which Docker Compose leaves alone.
    fn is_ours(&self, network: &Network) -> bool {
        if network.labels.get(label::PROJECT) != Some(&self.scope.request.project) {
            return false;
        }
        let Some(project) = self.scope.project else { return true };
        let key = network.labels.get(label::NETWORK).map_or("", String::as_str);
        project.networks.get(key).is_some_and(|network| !network.external)
    }

    fn volumes(&mut self) {
        let volumes: Vec<&Volume> = self.scope.observed.volumes.iter().collect();
        for volume in volumes {
            if !self.is_our_volume(volume) {
                continue;
            }
            let wanted = self.scope.request.options.remove_volumes;
            let user = self.user(|container| uses_volume(container, volume));
            if wanted && user.is_none() {
                let kind = OpKind::RemoveVolume { name: volume.name.clone() };
                self.draft.add(kind, Cause::Asked, None, &volume.name, self.removals.clone());
                continue;
            }
            if let (true, Some(user)) = (wanted, user) {
                let text = format!("volume {} stays: {user} uses it", volume.name);
                self.draft.note(PlanNote::Warning(text));
            }
            self.draft.note(PlanNote::KeepsVolume { volume: volume.name.clone() });
        }
    }

    /// Whether a volume was made for this project and is not of an older file, which Docker Compose leaves alone.
    fn is_our_volume(&self, volume: &Volume) -> bool {
        if volume.labels.get(label::PROJECT) != Some(&self.scope.request.project) {
            return false;
        }
        let Some(project) = self.scope.project else { return true };
        project.volumes.values().any(|declared| declared.name == volume.name && !declared.external)
    }

    /// Images that were built for the services taken down.
    fn images(&mut self) {
        let named = self.scope.request.services();
        for (name, image) in &self.scope.observed.images {
            let used = || self.used_by(name).filter(|_| self.scope.request.options.remove_images);
            let Some(service) = self.built_for(name, image).or_else(used) else { continue };
            if named.is_empty() || named.contains(service.as_str()) {
                let kind = OpKind::RemoveImage { image: name.clone() };
                self.draft.add(kind, Cause::Asked, None, name, self.removals.clone());
            }
        }
    }

    /// A service of the file that names this image.
    fn used_by(&self, name: &str) -> Option<String> {
        let services = &self.scope.project?.services;
        services.values().find(|service| service.image.as_deref() == Some(name)).map(|one| one.name.clone())
    }

    /// The service that an image was built for: by its labels, or by the name that a built image gets.
    fn built_for(&self, name: &str, image: &Image) -> Option<String> {
        let project = &self.scope.request.project;
        if image.labels.get(label::PROJECT) == Some(project) {
            let service = image.labels.get(label::SERVICE).cloned().unwrap_or_default();
            return self.scope.is_on(&service).then_some(service);
        }
        let between = self.scope.project.map_or('-', Project::separator);
        let service = name.strip_prefix(project)?.strip_prefix(between)?;
        let service = service.strip_suffix(":latest").unwrap_or(service);
        self.scope.graph.knows(service).then(|| service.to_owned())
    }

    /// A container that will still be there and for which this holds.
    fn user(&self, holds: impl Fn(&Container) -> bool) -> Option<String> {
        let all = self.scope.observed.containers.iter().chain(&self.scope.observed.others);
        let mut left = all.filter(|container| !self.removed.contains(&container.id));
        left.find(|container| holds(container)).map(|container| container.name.clone())
    }
}

fn uses_network(container: &Container, network: &Network) -> bool {
    container.networks.iter().any(|(name, attachment)| {
        attachment.network_id == network.id || attachment.network_id.is_empty() && *name == network.name
    })
}

fn uses_volume(container: &Container, volume: &Volume) -> bool {
    container.mounts.iter().any(|mount| mount.kind == "volume" && mount.name == volume.name)
}
