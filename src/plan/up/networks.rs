//! Networks: those that are missing are made, those that differ from the file are made anew, external ones must be there.

use crate::compose::hash;
use crate::compose::model::Network;
use crate::observed::{self, Container, label};

use super::super::{Cause, Change, OpId, OpKind, PlanNote, Refusal, body};
use super::Up;
use super::converge::{Fate, Replica};

/// Appends creations, and remembers which networks have to be made anew; those are removed once their containers are.
///
/// # Errors
/// An external network that is missing or ambiguous; a network of that name that is another's.
pub(super) fn plan(up: &mut Up<'_, '_>) -> Result<(), Refusal> {
    let project = up.project;
    for (key, network) in &project.networks {
        if !is_used(up, key) {
            continue;
        }
        if network.external {
            check_external(up, network)?;
            continue;
        }
        match find(up, key, network)? {
            None => {
                let kind = OpKind::CreateNetwork { body: body::network_body(project, key, network) };
                let op = up.draft.add(kind, Cause::Missing, None, &network.name, Vec::new());
                up.made.networks.insert(key.clone(), op);
            }
            Some(there) if differs(there, network) => {
                check_strangers(up, there)?;
                up.diverged_networks.push(key.clone());
            }
            Some(_) => {}
        }
    }
    Ok(())
}

/// Marks what would be kept but is in a network that is made anew: it leaves the network and joins the new one, as in Docker
/// Compose. And what does not run and is out of a network, as such an `up` leaves it when it is cancelled half way.
pub(super) fn rejoin(up: &Up<'_, '_>, replicas: &mut [Replica<'_>]) {
    for replica in replicas.iter_mut().filter(|replica| matches!(replica.fate, Fate::Keep(_))) {
        if !to_join(up, replica).is_empty() {
            replica.fate = Fate::Rejoin;
        }
    }
}

/// The keys of the networks that a container which stays has to join.
pub(super) fn to_join(up: &Up<'_, '_>, replica: &Replica<'_>) -> Vec<String> {
    let (Some(old), Some(service)) = (replica.old, replica.service) else { return Vec::new() };
    let mut keys: Vec<String> = attached(up, old).map(|(key, _)| key.to_owned()).collect();
    if old.state.is_alive() || service.network_mode.is_some() {
        return keys;
    }
    for key in service.networks.keys().filter(|key| !keys.contains(key)).cloned().collect::<Vec<_>>() {
        let network = up.project.networks.get(&key).filter(|network| !network.external);
        if network.is_some_and(|network| !old.networks.contains_key(&network.name)) {
            keys.push(key);
        }
    }
    keys
}

/// The networks that are made anew and that a container is in: the key of each, and the network that is there.
pub(super) fn attached<'u, 'a>(
    up: &'u Up<'_, 'a>,
    container: &'u Container,
) -> impl Iterator<Item = (&'u str, &'a observed::Network)> {
    up.diverged_networks.iter().filter_map(move |key| {
        let there = there(up, key)?;
        let mut attachments = container.networks.iter();
        let is_in =
            attachments.any(|(name, attachment)| attachment.network_id == there.id || *name == there.name);
        is_in.then_some((key.as_str(), there))
    })
}

/// The engine's network for a key of the file.
pub(super) fn there<'a>(up: &Up<'_, 'a>, key: &str) -> Option<&'a observed::Network> {
    let network = up.project.networks.get(key)?;
    if network.external {
        let networks = &up.scope.observed.networks;
        return networks.iter().find(|there| there.name == network.name || there.id == network.name);
    }
    find(up, key, network).ok().flatten()
}

/// Why a network is made anew.
pub(super) fn cause(up: &Up<'_, '_>, key: &str) -> Cause {
    let place = super::super::drift::place(up.project, &["networks", key]);
    Cause::Drift(vec![Change { attribute: format!("networks.{key}"), old: None, new: None, place }])
}

/// Appends the removal of each network that differs, after these ops, and its creation.
pub(super) fn make_anew(up: &mut Up<'_, '_>, left: &[OpId]) {
    for key in up.diverged_networks.clone() {
        let (Some(network), Some(old)) = (up.project.networks.get(&key), there(up, &key)) else { continue };
        let cause = cause(up, &key);
        let kind = OpKind::RemoveNetwork { network: old.id.clone(), name: old.name.clone() };
        let removed = up.draft.add(kind, cause.clone(), None, &network.name, left.to_vec());
        let kind = OpKind::CreateNetwork { body: body::network_body(up.project, &key, network) };
        let op = up.draft.add(kind, cause, None, &network.name, vec![removed]);
        up.made.networks.insert(key, op);
    }
}

fn is_used(up: &Up<'_, '_>, key: &str) -> bool {
    up.scope.request.options.all_resources
        || up.selection.services.iter().any(|service| service.networks.contains_key(key))
}

fn check_external(up: &Up<'_, '_>, network: &Network) -> Result<(), Refusal> {
    let networks = up.scope.observed.networks.iter();
    match networks.filter(|there| there.name == network.name || there.id == network.name).count() {
        1 => Ok(()),
        0 => Err(Refusal::new(format!(
            "network {} declared as external, but could not be found",
            network.name
        ))
        .hint(format!("make it with: docker network create {}", network.name))),
        _ => Err(Refusal::new(format!("multiple networks with name {:?} were found", network.name))
            .hint("use the network's id as its name in the file")),
    }
}

/// The network of that name, preferring the one that was made for this key.
fn find<'a>(up: &Up<'_, 'a>, key: &str, network: &Network) -> Result<Option<&'a observed::Network>, Refusal> {
    let named: Vec<&observed::Network> =
        up.scope.observed.networks.iter().filter(|there| there.name == network.name).collect();
    let is_own = |there: &&&observed::Network| {
        there.labels.get(label::PROJECT) == Some(&up.project.name)
            && there.labels.get(label::NETWORK).is_some_and(|label| label == key)
    };
    if let Some(own) = named.iter().find(is_own) {
        return Ok(Some(own));
    }
    let Some(first) = named.first() else { return Ok(None) };
    let found = first.labels.get(label::NETWORK).map_or("", String::as_str);
    if found == key {
        return Ok(Some(first));
    }
    let why = format!(
        "network {} was found but has incorrect label {} set to {found:?} (expected: {key:?})",
        network.name,
        label::NETWORK
    );
    Err(Refusal::new(why).hint("set `external: true` to use a network that is there"))
}

/// A network without a hash is used as it is, as in Docker Compose.
fn differs(there: &observed::Network, network: &Network) -> bool {
    there.labels.get(label::CONFIG_HASH).is_some_and(|hash| *hash != hash::network(network))
}

/// A network cannot be made anew while containers are in it that the plan leaves alone: those of others, and of services
/// that were not named.
fn check_strangers(up: &mut Up<'_, '_>, there: &observed::Network) -> Result<(), Refusal> {
    let is_in = |container: &&Container| {
        container.networks.values().any(|attachment| attachment.network_id == there.id)
    };
    let observed = up.scope.observed;
    let own = observed.containers.iter().filter(|one| one.state.is_alive() && is_left_alone(up, one));
    match observed.others.iter().chain(own).find(is_in) {
        Some(stranger) => Err(Refusal::new(format!(
            "network {} differs from the file and would be made anew, but {} is in it",
            there.name, stranger.name
        ))
        .hint(format!("take {} out of it, or undo the change of the file", stranger.name))),
        None => Ok(()),
    }
}

/// Whether a container of the project is none of those that the plan decides on.
fn is_left_alone(up: &Up<'_, '_>, container: &Container) -> bool {
    let Some(service) = container.service() else { return true };
    if up.project.service(service).is_none() {
        return !up.scope.request.options.remove_orphans;
    }
    container.is_one_off() || !up.selection.has(service)
}

/// Notes a network of the right name that was made for another project.
pub(super) fn note_foreign(up: &mut Up<'_, '_>) {
    for (key, network) in &up.project.networks {
        let Some(there) = there(up, key).filter(|_| !network.external && is_used(up, key)) else { continue };
        let text = match there.labels.get(label::PROJECT) {
            Some(other) if *other == up.project.name => continue,
            Some(other) => format!("network {} was made for project {other}", network.name),
            None => format!("network {} was not made by Compose", network.name),
        };
        up.draft.note(PlanNote::Warning(format!("{text}; set `external: true` to use it knowingly")));
    }
}
