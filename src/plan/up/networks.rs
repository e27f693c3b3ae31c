//! Networks: those that are missing are made, those that differ from the file are made anew, external ones must be there.

use crate::compose::hash;
use crate::compose::model::Network;
use crate::observed::{self, label};

use super::super::{Cause, Change, OpKind, PlanNote, Refusal, body};
use super::Up;

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

/// A network cannot be made anew while containers of others are in it.
fn check_strangers(up: &mut Up<'_, '_>, there: &observed::Network) -> Result<(), Refusal> {
    let stranger =
        up.scope.observed.others.iter().find(|container| {
            container.networks.values().any(|attachment| attachment.network_id == there.id)
        });
    match stranger {
        Some(stranger) => Err(Refusal::new(format!(
            "network {} differs from the file and would be made anew, but {} is in it",
            there.name, stranger.name
        ))
        .hint(format!("take {} out of it, or undo the change of the file", stranger.name))),
        None => Ok(()),
    }
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
