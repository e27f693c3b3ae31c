//! Published ports: a clash is found before anything is done.
//!
//! A port that a container of this plan gives up is no clash: whoever takes it over starts after that.

use std::collections::BTreeMap;
use std::net::IpAddr;

use crate::compose::model::Port;
use crate::observed::{Container, ContainerId};

use super::super::{PlanNote, Refusal};
use super::Up;
use super::converge::{Fate, Replica};

/// For each replica, by its name, the containers that must be gone before it starts.
pub(super) type Holders = BTreeMap<String, Vec<ContainerId>>;

/// Looks at every port of a container that will be started.
///
/// # Errors
/// A port that a container holds which stays: the first one, with its holder.
pub(super) fn check(up: &mut Up<'_, '_>, replicas: &[Replica<'_>]) -> Result<Holders, Refusal> {
    let mut holders = Holders::new();
    for replica in replicas.iter().filter(|replica| starts(replica)) {
        let Some(service) = replica.service else { continue };
        for port in &service.ports {
            for holder in holders_of(up, replica, port) {
                if leaves(replicas, holder) {
                    holders.entry(replica.name.clone()).or_default().push(holder.id.clone());
                    continue;
                }
                let published = port.published.as_deref().unwrap_or_default();
                let port = format!("{published}/{}", port.protocol.as_deref().unwrap_or("tcp"));
                if up.scope.request.options.leave_to_engine {
                    let (service, holder) = (service.name.clone(), holder.name.clone());
                    up.draft.note(PlanNote::PortTaken { service, port, holder });
                    continue;
                }
                let why = format!("service {}: port {port} is held by {}", service.name, holder.name);
                return Err(Refusal::new(why).hint(format!("stop {}, or publish another port", holder.name)));
            }
        }
    }
    Ok(holders)
}

fn starts(replica: &Replica<'_>) -> bool {
    matches!(replica.fate, Fate::Recreate(_) | Fate::Create(_) | Fate::Keep(Some(_)))
}

fn leaves(replicas: &[Replica<'_>], holder: &Container) -> bool {
    replicas.iter().any(|replica| replica.leaves() && replica.old.is_some_and(|old| old.id == holder.id))
}

/// The running containers, other than the one replaced, that hold a single published port.
fn holders_of<'a>(up: &Up<'_, 'a>, replica: &Replica<'_>, port: &Port) -> Vec<&'a Container> {
    let Some(published) = port.published.as_deref().and_then(|text| text.parse::<u16>().ok()) else {
        return Vec::new();
    };
    let protocol = port.protocol.as_deref().unwrap_or("tcp");
    let address: Option<IpAddr> = port.host_ip.as_deref().and_then(|text| text.parse().ok());
    let holds = |container: &&Container| {
        container.ports.iter().any(|held| {
            held.published == Some(published) && held.protocol == protocol && overlap(address, held.host_ip)
        })
    };
    let own = replica.old.map(|old| &old.id);
    let all = up.scope.observed.containers.iter().chain(&up.scope.observed.others);
    all.filter(|container| Some(&container.id) != own && container.state.is_alive()).filter(holds).collect()
}

/// Whether two addresses of the host cannot both have a port: they are the same, or one of them means all.
fn overlap(one: Option<IpAddr>, other: Option<IpAddr>) -> bool {
    let (Some(one), Some(other)) = (one, other) else { return true };
    one == other || (one.is_unspecified() || other.is_unspecified()) && one.is_ipv4() == other.is_ipv4()
}
