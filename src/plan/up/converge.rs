//! What becomes of each replica: kept, started, replaced, made or removed. Decisions only; `emit` writes them down.

use std::collections::{BTreeMap, BTreeSet};

use crate::compose::model::{MountType, Project, Service};
use crate::observed::{Container, State};

use super::super::start_phase::{self, Begin};
use super::super::{Cause, Change, ContainerRef, Refusal, body, drift};
use super::select::Selection;
use super::{Up, networks, orphans, volumes};

/// What happens to a container.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Fate {
    /// It stays, and begins to run if it does not.
    Keep(Option<Begin>),
    /// It stays, but stops before what it follows is replaced and starts again afterwards.
    Follow(String),
    /// It stays, but stops, leaves the networks that are made anew, joins them again and starts.
    Rejoin,
    /// It is replaced.
    Recreate(Cause),
    /// There is none yet.
    Create(Cause),
    /// It goes.
    Remove(Cause),
}

/// One container that is or will be.
pub(super) struct Replica<'a> {
    /// Its service; none for an orphan.
    pub(super) service: Option<&'a Service>,
    pub(super) number: u32,
    /// Its name in the end.
    pub(super) name: String,
    /// The container that is there.
    pub(super) old: Option<&'a Container>,
    pub(super) fate: Fate,
}

impl Replica<'_> {
    pub(super) fn is_new(&self) -> bool {
        matches!(self.fate, Fate::Recreate(_) | Fate::Create(_))
    }

    pub(super) fn leaves(&self) -> bool {
        matches!(self.fate, Fate::Recreate(_) | Fate::Remove(_))
    }

    pub(super) fn belongs_to(&self, service: &str) -> bool {
        self.service.is_some_and(|own| own.name == service)
    }
}

/// Decides for every service of the selection, dependencies first, and for orphans. `pending` names images that will
/// be others once they are pulled or built.
///
/// # Errors
/// Several replicas of a service with one fixed name.
pub(super) fn decide<'a>(up: &Up<'_, 'a>, pending: &[String]) -> Result<Vec<Replica<'a>>, Refusal> {
    let mut replicas: Vec<Replica<'a>> = Vec::new();
    for service in &up.selection.services {
        let wanted = Selection::replicas(up.scope, service);
        if wanted > 1 && service.container_name.is_some() {
            let why = format!(
                "service {} has a container_name and can have one replica only, not {wanted}",
                service.name
            );
            return Err(Refusal::new(why).hint("remove container_name to scale the service"));
        }
        let of_service = of_service(up, service, wanted, &replicas, pending);
        replicas.extend(of_service);
    }
    networks::rejoin(up, &mut replicas);
    follow(&mut replicas);
    if up.scope.request.options.remove_orphans {
        replicas.extend(orphans(up.scope, up.project).into_iter().map(|container| Replica {
            service: None,
            number: container.number().unwrap_or(0),
            name: container.name.clone(),
            old: Some(container),
            fate: Fate::Remove(Cause::Orphan),
        }));
    }
    Ok(replicas)
}

fn of_service<'a>(
    up: &Up<'_, 'a>,
    service: &'a Service,
    wanted: usize,
    decided: &[Replica<'a>],
    pending: &[String],
) -> Vec<Replica<'a>> {
    let judge = Judge { up, service, decided, is_pending: pending.contains(&up.project.image_of(service)) };
    let mut judged = Vec::new();
    for container in up.scope.containers_of(&BTreeSet::from([service.name.as_str()])) {
        judged.push((judge.cause(container), container));
    }
    // What is as it should be is kept before what is not, and low numbers before high ones.
    judged.sort_by_key(|(cause, container)| (cause.is_some(), container.number(), container.created_at));
    let highest = judged.iter().filter_map(|(_, container)| container.number()).max().unwrap_or(0);
    // A replacement that was cancelled may have left two of a number: the one that is as it should be counts.
    let mut numbers = BTreeSet::new();
    let (mut counted, doubles): (Vec<_>, Vec<_>) =
        judged.into_iter().partition(|(_, container)| container.number().is_none_or(|it| numbers.insert(it)));
    let missing = wanted.saturating_sub(counted.len());
    let count = counted.len().min(wanted);
    counted.extend(doubles);
    let mut replicas: Vec<Replica<'a>> = Vec::new();
    for (place, (cause, container)) in counted.into_iter().enumerate() {
        let fate = match cause {
            _ if place >= count => Fate::Remove(Cause::ScaledDown),
            Some(cause) => Fate::Recreate(cause),
            None => Fate::Keep(start_phase::begin(container, &up.scope.request.options)),
        };
        let number = container.number().unwrap_or(1);
        let last = body::container_name(up.project, service, number);
        let name = match fate {
            Fate::Recreate(_) => last,
            Fate::Keep(_) if is_temporary(&container.name, &last) => last,
            _ => container.name.clone(),
        };
        replicas.push(Replica { service: Some(service), number, name, old: Some(container), fate });
    }
    for number in (highest + 1..).take(missing) {
        let name = body::container_name(up.project, service, number);
        replicas.push(Replica {
            service: Some(service),
            number,
            name,
            old: None,
            fate: Fate::Create(Cause::Missing),
        });
    }
    replicas.sort_by_key(|replica| replica.number);
    replicas
}

/// The one container that `run` makes.
pub(super) fn one_off<'a>(project: &Project, service: &'a Service) -> Replica<'a> {
    let name = body::container_name(project, service, 0);
    Replica { service: Some(service), number: 0, name, old: None, fate: Fate::Create(Cause::Missing) }
}

/// The name that a new container has until it gets that of the one it replaces.
pub(super) fn temporary_name(old: &Container, last: &str) -> String {
    format!("{}_{last}", old.id.short())
}

/// Whether a name is a temporary one that a cancelled replacement left.
fn is_temporary(name: &str, last: &str) -> bool {
    let id = name.strip_suffix(last).and_then(|rest| rest.strip_suffix('_'));
    id.is_some_and(|id| id.len() == 12 && id.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// Marks running dependents that say `restart: true` of what is replaced, and those that live in the network namespace of
/// what rejoins its networks.
fn follow(replicas: &mut [Replica<'_>]) {
    let of_fate = |wanted: fn(&Fate) -> bool| -> BTreeSet<String> {
        let found = replicas.iter().filter(|replica| wanted(&replica.fate));
        found.filter_map(|replica| replica.service.map(|service| service.name.clone())).collect()
    };
    let replaced = of_fate(|fate| matches!(fate, Fate::Recreate(_)));
    let rejoining = of_fate(|fate| *fate == Fate::Rejoin);
    for replica in replicas {
        let Some(service) = replica.service else { continue };
        let runs = replica.old.is_some_and(|old| old.state.is_alive());
        if !runs || !matches!(replica.fate, Fate::Keep(_)) {
            continue;
        }
        let mut dependencies = service.depends_on.iter().filter(|(_, how)| how.restart);
        if let Some((name, _)) = dependencies.find(|(name, _)| replaced.contains(*name)) {
            replica.fate = Fate::Follow(name.clone());
            continue;
        }
        // The namespace of a container ends with its process, though the container stays.
        let host = service.network_mode.as_deref().and_then(|mode| mode.strip_prefix("service:"));
        if let Some(host) = host.filter(|host| rejoining.contains(*host)) {
            replica.fate = Fate::Follow(host.to_owned());
        }
    }
}

/// The first container of each service that the plan leaves alone.
pub(super) fn outside(up: &Up<'_, '_>) -> BTreeMap<String, ContainerRef> {
    let mut containers: Vec<&Container> = up.scope.observed.containers.iter().collect();
    containers.sort_by_key(|container| container.number());
    let mut outside = BTreeMap::new();
    for container in containers.into_iter().filter(|container| !container.is_one_off()) {
        let Some(service) = container.service().filter(|service| !up.selection.has(service)) else {
            continue;
        };
        outside.entry(service.to_owned()).or_insert_with(|| ContainerRef::Id(container.id.clone()));
    }
    outside
}

/// The first container of each service, as far as it stays as it is.
fn kept(up: &Up<'_, '_>, decided: &[Replica<'_>]) -> BTreeMap<String, ContainerRef> {
    let mut kept = outside(up);
    for replica in decided {
        let (Some(service), Some(old)) = (replica.service, replica.old) else { continue };
        if matches!(replica.fate, Fate::Keep(_) | Fate::Follow(_) | Fate::Rejoin) {
            kept.entry(service.name.clone()).or_insert_with(|| ContainerRef::Id(old.id.clone()));
        }
    }
    kept
}

/// Whether a container must be replaced, by the rules of Docker Compose in their order.
struct Judge<'j, 'a> {
    up: &'j Up<'j, 'a>,
    service: &'a Service,
    decided: &'j [Replica<'a>],
    /// Whether its image will be another one.
    is_pending: bool,
}

impl Judge<'_, '_> {
    fn cause(&self, container: &Container) -> Option<Cause> {
        let options = &self.up.scope.request.options;
        if options.no_recreate {
            return None;
        }
        let is_named = self.up.selection.named.contains(self.service.name.as_str());
        let is_asked = if is_named {
            options.force_recreate || options.renew_volumes
        } else {
            options.recreate_dependencies
        };
        if is_asked {
            return Some(Cause::Asked);
        }
        if let Some(parent) = self.replaced_parent() {
            return Some(Cause::Follows(parent.to_owned()));
        }
        if matches!(container.state, State::Dead) {
            return Some(Cause::NotRunning);
        }
        let image = self.up.scope.observed.images.get(&self.up.project.image_of(self.service));
        let image = image.filter(|_| !self.is_pending);
        let kept = kept(self.up, self.decided);
        if let Some(cause) = drift::cause(self.up.project, self.service, container, image, &kept) {
            return Some(cause);
        }
        let kept_from = |key: &&String| self.mounts(key);
        if let Some(key) = self.up.diverged_volumes.iter().find(kept_from) {
            return Some(volumes::cause(self.up, key));
        }
        self.lost_network(container).or_else(|| self.lost_volume(container))
    }

    /// A service whose namespace or volumes this one shares and whose first container will be another one.
    fn replaced_parent(&self) -> Option<&str> {
        let mut parents = body::shared_services(self.service).into_iter();
        parents.find(|parent| {
            let mut of_parent = self.decided.iter().filter(|replica| replica.belongs_to(parent));
            of_parent.next().is_some_and(Replica::is_new)
        })
    }

    /// A running container must be in every network of the service, by id.
    fn lost_network(&self, container: &Container) -> Option<Cause> {
        if container.state != State::Running {
            return None;
        }
        let lost = self.service.networks.keys().find(|key| {
            let Some(there) = networks::there(self.up, key) else { return true };
            !container.networks.values().any(|attachment| attachment.network_id == there.id)
        })?;
        Some(self.change("networks", lost))
    }

    /// Whether the service mounts a volume of the file.
    fn mounts(&self, key: &str) -> bool {
        let mut mounts = self.service.volumes.iter();
        mounts.any(|mount| mount.kind == MountType::Volume && mount.source.as_deref() == Some(key))
    }

    /// Every named volume of the service must be mounted.
    fn lost_volume(&self, container: &Container) -> Option<Cause> {
        let named = self.service.volumes.iter().filter(|mount| mount.kind == MountType::Volume);
        let lost = named
            .filter_map(|mount| mount.source.as_deref())
            .filter(|source| !source.is_empty())
            .find(|key| {
                let name = self.up.project.volume_name(key).unwrap_or(key);
                !container.mounts.iter().any(|mount| mount.kind == "volume" && mount.name == name)
            })?;
        Some(self.change("volumes", lost))
    }

    fn change(&self, attribute: &str, key: &str) -> Cause {
        let place = drift::place(self.up.project, &["services", &self.service.name, attribute]);
        Cause::Drift(vec![Change {
            attribute: attribute.to_owned(),
            old: None,
            new: Some(key.to_owned()),
            place,
        }])
    }
}
