//! The decisions of `up` as ops: creations, stops, removals, starts.

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;

use crate::compose::model::{MountType, Service};
use crate::observed::Container;

use super::super::body::{self, Context, Creation, Wanted};
use super::super::draft::{self, there};
use super::super::graph::Graph;
use super::super::hash;
use super::super::start_phase::{self, Begin, Member, Roster};
use super::super::stop::Stops;
use super::super::{Cause, Condition, ContainerRef, ImageRef, NetworkRef, OpId, OpKind, Refusal};
use super::converge::{Fate, Replica, outside, temporary_name};
use super::ports::Holders;
use super::{Up, images, networks, volumes};

/// Appends everything.
///
/// # Errors
/// What a body cannot be made of.
pub(super) fn all(up: &mut Up<'_, '_>, replicas: &[Replica<'_>], ports: &Holders) -> Result<(), Refusal> {
    networks::note_foreign(up);
    let mut emission = Emission::new(replicas);
    let early = emission.leave_early(up)?;
    emission.create(up, &early)?;
    emission.stop(up, &early);
    emission.remove(up, &early);
    emission.rename(up);
    if !up.scope.request.options.no_start {
        emission.start(up, ports);
    }
    Ok(())
}

/// Appends the waits for what a one-off's service depends on, as far as it runs. Returns what must precede the one-off.
pub(super) fn waits(up: &mut Up<'_, '_>, service: &Service) -> Vec<OpId> {
    if up.scope.request.options.no_dependencies {
        return Vec::new();
    }
    let mut roster = Roster::new();
    for name in service.depends_on.keys() {
        for container in up.scope.containers_of(&BTreeSet::from([name.as_str()])) {
            let subject = up.draft.subject(container);
            roster.entry(name.clone()).or_default().push(Member::there(container, subject, None));
        }
    }
    let project = up.project;
    let graph = Graph::of_services(project.services.iter().chain(&project.disabled_services));
    start_phase::dependencies(&mut up.draft, &graph, &roster, &IndexMap::new(), &service.name)
}

/// Appends the creation of a one-off after these ops.
///
/// # Errors
/// What a body cannot be made of.
pub(super) fn one_off(
    up: &mut Up<'_, '_>,
    replica: Replica<'_>,
    ports: &Holders,
    after: Vec<OpId>,
) -> Result<(), Refusal> {
    // A port that a container of the project holds was refused before.
    debug_assert!(ports.is_empty());
    let replicas = [replica];
    let mut emission = Emission::new(&replicas);
    emission.first = after;
    emission.create(up, &BTreeSet::new())
}

/// What has been written down so far, by the replica's place.
struct Emission<'e, 'a> {
    replicas: &'e [Replica<'a>],
    /// The creations.
    made: BTreeMap<usize, OpId>,
    /// The last op before a new container may start.
    settled: BTreeMap<usize, Vec<OpId>>,
    /// The stops.
    stops: BTreeMap<usize, OpId>,
    /// What precedes every creation.
    first: Vec<OpId>,
}

impl<'e, 'a> Emission<'e, 'a> {
    fn new(replicas: &'e [Replica<'a>]) -> Self {
        Self {
            replicas,
            made: BTreeMap::new(),
            settled: BTreeMap::new(),
            stops: BTreeMap::new(),
            first: Vec::new(),
        }
    }

    /// Orphans go before anything is made, as in Docker Compose. And a network or volume can be made anew only once nobody is in it:
    /// its containers go first, and their successors come after; those that stay leave the network and join it again.
    /// Returns the places of the replicas that go.
    fn leave_early(&mut self, up: &mut Up<'_, '_>) -> Result<BTreeSet<usize>, Refusal> {
        let mut gone = BTreeSet::new();
        let mut stops = Stops::default();
        let mut removals: BTreeMap<usize, OpId> = BTreeMap::new();
        let mut left: Vec<OpId> = Vec::new();
        for (place, replica) in self.replicas.iter().enumerate().rev() {
            let Some(old) = replica.old else { continue };
            if replica.fate == Fate::Rejoin {
                left.extend(leave_networks(up, &mut stops, old));
                continue;
            }
            if !replica.leaves() || replica.service.is_some() && !uses_diverged(up, replica) {
                continue;
            }
            let cause = removal_cause(replica);
            let after = if old.state.is_alive() {
                vec![stops.add(&mut up.draft, up.scope, old, cause.clone())]
            } else {
                Vec::new()
            };
            removals.insert(place, remove(up, old, cause, after));
            gone.insert(place);
        }
        left.extend(removals.values());
        networks::make_anew(up, &left);
        self.rejoin_networks(up)?;
        for key in up.diverged_volumes.clone() {
            let Some(volume) = up.project.volumes.get(&key) else { continue };
            let cause = volumes::cause(up, &key);
            let kind = OpKind::RemoveVolume { name: volume.name.clone() };
            let after: Vec<OpId> = removals.values().copied().collect();
            let removed = up.draft.add(kind, cause.clone(), None, &volume.name, after);
            let kind = OpKind::CreateVolume { body: body::volume_body(up.project, &key, volume) };
            let op = up.draft.add(kind, cause, None, &volume.name, vec![removed]);
            up.made.volumes.insert(key, op);
        }
        Ok(gone)
    }

    /// What left the networks joins them again, by all its names.
    fn rejoin_networks(&mut self, up: &mut Up<'_, '_>) -> Result<(), Refusal> {
        let (names, nobody) = (final_names(self.replicas), BTreeMap::new());
        for (place, replica) in self.replicas.iter().enumerate() {
            let (Fate::Rejoin, Some(old), Some(service)) = (&replica.fate, replica.old, replica.service)
            else {
                continue;
            };
            for key in networks::to_join(up, replica) {
                let endpoint = body::endpoint(&context(up, &names, &nobody), service, replica.number, &key)?;
                let name = up.project.network_name(&key).unwrap_or(&key).to_owned();
                let kind = OpKind::ConnectNetwork {
                    container: there(old),
                    network: NetworkRef::Name(name),
                    endpoint,
                };
                let after = up.made.networks.get(&key).copied().into_iter().collect();
                let op = up.draft.on(old, kind, Cause::Replacement, after);
                self.settled.entry(place).or_default().push(op);
            }
        }
        Ok(())
    }

    fn create(&mut self, up: &mut Up<'_, '_>, early: &BTreeSet<usize>) -> Result<(), Refusal> {
        let names = final_names(self.replicas);
        for (place, replica) in self.replicas.iter().enumerate() {
            let Some(service) = replica.service.filter(|_| replica.is_new()) else { continue };
            let shared = self.shared(up);
            let made = make(up, replica, service, &names, &shared)?;
            let mut after = self.needed(up, service);
            after.extend(&self.first);
            if let Some(old) = replica.old.filter(|_| early.contains(&place)) {
                after.extend(up.made.removals.get(&old.id));
            }
            let namesake = up.scope.observed.containers.iter().find(|one| one.name == replica.name);
            after.extend(namesake.and_then(|one| up.made.removals.get(&one.id)));
            let temporary = replica.old.filter(|_| !early.contains(&place));
            let name = match temporary {
                Some(old) => temporary_name(old, &replica.name),
                None => replica.name.clone(),
            };
            let image = up.project.image_of(service);
            let digest = up.scope.observed.images.get(&image).map(|image| image.id.clone());
            let kind = OpKind::CreateContainer {
                name,
                platform: images::platform(up, service),
                image: ImageRef { name: image, digest },
                body: made.body,
                connect: made.connect,
                late: made.late,
            };
            let subject = draft::subject(&up.project.name, &replica.name);
            let mut op = up.draft.add(kind, cause(replica), Some(&service.name), &subject, after);
            self.made.insert(place, op);
            if !made.files.is_empty() {
                let kind = OpKind::PutArchive { container: ContainerRef::Of(op), files: made.files };
                op = up.draft.add(kind, Cause::Replacement, Some(&service.name), &subject, vec![op]);
            }
            self.settled.insert(place, vec![op]);
        }
        Ok(())
    }

    /// The ops that make what a new container refers to.
    fn needed(&self, up: &Up<'_, '_>, service: &Service) -> Vec<OpId> {
        let mut after: Vec<OpId> = up.made.images.get(&service.name).cloned().unwrap_or_default();
        after.extend(service.networks.keys().filter_map(|key| up.made.networks.get(key)));
        let volumes = service.volumes.iter().filter(|mount| mount.kind == MountType::Volume);
        after.extend(volumes.filter_map(|mount| up.made.volumes.get(mount.source.as_deref()?)));
        let linked = service.links.iter().map(|link| link.split(':').next().unwrap_or(link));
        for other in body::shared_services(service).into_iter().chain(linked) {
            let of_other = self.replicas.iter().enumerate().filter(|(_, replica)| replica.belongs_to(other));
            after.extend(of_other.filter_map(|(place, _)| self.made.get(&place)));
        }
        after
    }

    /// The first container of every service that has one now or in this plan.
    fn shared(&self, up: &Up<'_, '_>) -> BTreeMap<String, ContainerRef> {
        let mut shared = outside(up);
        for (place, replica) in self.replicas.iter().enumerate() {
            let Some(service) = replica.service.filter(|_| !matches!(replica.fate, Fate::Remove(_))) else {
                continue;
            };
            if let Some(container) = self.container(place, replica) {
                shared.entry(service.name.clone()).or_insert(container);
            }
        }
        shared
    }

    /// The container that a replica will be.
    fn container(&self, place: usize, replica: &Replica<'_>) -> Option<ContainerRef> {
        match (self.made.get(&place), replica.old) {
            (Some(op), _) => Some(ContainerRef::Of(*op)),
            (None, Some(old)) if !replica.is_new() => Some(there(old)),
            _ => None,
        }
    }

    /// Dependents stop before what they depend on, and nothing stops before its successor is made.
    fn stop(&mut self, up: &mut Up<'_, '_>, early: &BTreeSet<usize>) {
        for (place, replica) in self.replicas.iter().enumerate().rev() {
            let Some(old) = replica.old.filter(|old| old.state.is_alive() && !early.contains(&place)) else {
                continue;
            };
            let cause = match &replica.fate {
                Fate::Recreate(_) => Cause::Replacement,
                Fate::Remove(cause) => cause.clone(),
                Fate::Follow(other) => Cause::Follows(other.clone()),
                Fate::Keep(_) | Fate::Rejoin | Fate::Create(_) => continue,
            };
            let mut after: Vec<OpId> = self.settled.get(&place).cloned().unwrap_or_default();
            after.extend(self.stops_of_followers(replica));
            // What is replaced runs no hooks, as in Docker Compose 2.
            let is_replaced = matches!(replica.fate, Fate::Recreate(_));
            let leaving = replica.service.filter(|_| !is_replaced);
            let hooks = leaving.map_or(&[][..], |service| &service.pre_stop);
            let subject = subject(up, replica);
            let service = old.service().unwrap_or_default();
            let after =
                super::super::hook::plan_before(&mut up.draft, hooks, &there(old), service, &subject, after);
            let kind =
                OpKind::StopContainer { container: there(old), timeout: up.scope.request.options.timeout };
            let op = up.draft.add(kind, cause, old.service(), &subject, after);
            self.stops.insert(place, op);
        }
    }

    /// The stops of dependents that say `restart: true`.
    fn stops_of_followers(&self, replica: &Replica<'_>) -> Vec<OpId> {
        let Some(service) = replica.service.filter(|_| matches!(replica.fate, Fate::Recreate(_))) else {
            return Vec::new();
        };
        let follows = |other: &Replica<'_>| {
            other
                .service
                .is_some_and(|other| other.depends_on.get(&service.name).is_some_and(|how| how.restart))
        };
        let followers = self.replicas.iter().enumerate().filter(|(_, other)| follows(other));
        followers.filter_map(|(place, _)| self.stops.get(&place).copied()).collect()
    }

    fn remove(&mut self, up: &mut Up<'_, '_>, early: &BTreeSet<usize>) {
        for (place, replica) in self.replicas.iter().enumerate() {
            let Some(old) = replica.old.filter(|_| replica.leaves() && !early.contains(&place)) else {
                continue;
            };
            let mut after: Vec<OpId> = self.settled.get(&place).cloned().unwrap_or_default();
            after.extend(self.stops.get(&place));
            let removed = remove(up, old, removal_cause(replica), after);
            let (Some(made), Some(service)) = (self.made.get(&place), replica.service) else { continue };
            let kind =
                OpKind::RenameContainer { container: ContainerRef::Of(*made), name: replica.name.clone() };
            let subject = subject(up, replica);
            let renamed = up.draft.add(kind, Cause::Replacement, Some(&service.name), subject, vec![removed]);
            self.settled.insert(place, vec![renamed]);
        }
    }

    /// What a cancelled replacement left with its temporary name gets its own, unless somebody else has it and stays.
    fn rename(&mut self, up: &mut Up<'_, '_>) {
        for (place, replica) in self.replicas.iter().enumerate() {
            let Some(old) = replica.old.filter(|old| {
                matches!(replica.fate, Fate::Keep(_) | Fate::Follow(_)) && old.name != replica.name
            }) else {
                continue;
            };
            let observed = up.scope.observed;
            let holder =
                observed.containers.iter().chain(&observed.others).find(|one| one.name == replica.name);
            let removal = holder.map(|holder| up.made.removals.get(&holder.id).copied());
            let after = match removal {
                Some(None) => continue,
                Some(Some(removed)) => vec![removed],
                None => Vec::new(),
            };
            let kind = OpKind::RenameContainer { container: there(old), name: replica.name.clone() };
            let subject = subject(up, replica);
            let renamed = up.draft.add(kind, Cause::Replacement, old.service(), subject, after);
            self.settled.insert(place, vec![renamed]);
        }
    }

    /// Nothing starts before all is made: where a container cannot be made, what runs is what ran before.
    fn start(&self, up: &mut Up<'_, '_>, ports: &Holders) {
        let mut roster = Roster::new();
        for (place, replica) in self.replicas.iter().enumerate() {
            let Some(service) = replica.service.filter(|_| !matches!(replica.fate, Fate::Remove(_))) else {
                continue;
            };
            let Some(container) = self.container(place, replica) else { continue };
            let subject = subject(up, replica);
            let mut member = match replica.old.filter(|_| !replica.is_new()) {
                Some(old) => Member::there(old, subject, begin(replica)),
                None => Member { container, subject, begin: begin(replica), after: Vec::new(), meets: None },
            };
            member.after.extend(self.settled.values().flatten());
            member.after.extend(self.stops.get(&place).filter(|_| matches!(replica.fate, Fate::Follow(_))));
            let holders = ports.get(&replica.name).into_iter().flatten();
            member.after.extend(holders.filter_map(|holder| up.made.removals.get(holder)));
            if let (None, Some(old)) = (&member.begin, replica.old) {
                up.draft.unchanged(old);
            }
            roster.entry(service.name.clone()).or_default().push(member);
        }
        for service in &up.selection.services {
            up.draft.claim(&service.name);
        }
        let project = up.project;
        let graph = Graph::of_services(project.services.iter().chain(&project.disabled_services));
        let begun = start_phase::plan(&mut up.draft, &graph, &roster, |name| project.service(name));
        if up.scope.request.options.wait {
            wait_for_all(up, &graph, &roster, &begun);
        }
    }
}

/// `--wait`: every service is waited for, as completed where another needs it so, else as running or healthy.
fn wait_for_all(up: &mut Up<'_, '_>, graph: &Graph, roster: &Roster, begun: &start_phase::Begun) {
    for (name, members) in roster {
        let is_completed = graph
            .dependents(name)
            .any(|(_, how)| how.condition == crate::compose::model::Condition::CompletedSuccessfully);
        let condition = if is_completed { Condition::Completed } else { Condition::RunningOrHealthy };
        let kind = OpKind::Wait {
            containers: members.iter().map(|member| member.container.clone()).collect(),
            condition,
            required: true,
            limit: up.draft.wait_limit,
        };
        let after = begun.get(name).cloned().unwrap_or_default();
        up.draft.add(kind, Cause::Asked, Some(name), name, after);
    }
}

/// Makes a replica's body.
fn make(
    up: &Up<'_, '_>,
    replica: &Replica<'_>,
    service: &Service,
    names: &BTreeMap<String, Vec<String>>,
    shared: &BTreeMap<String, ContainerRef>,
) -> Result<Creation, Refusal> {
    let context = context(up, names, shared);
    let wanted = Wanted {
        service,
        number: replica.number,
        // Docker Compose takes away what uses such a volume and then finds nothing to replace.
        replaces: replica.old.filter(|old| !loses_volume(up, old)),
        heir_of: replica.old.filter(|_| !up.scope.request.options.renew_volumes),
        image: up.scope.observed.images.get(&up.project.image_of(service)),
    };
    body::container(&context, &wanted)
}

fn context<'c>(
    up: &'c Up<'_, '_>,
    names: &'c BTreeMap<String, Vec<String>>,
    shared: &'c BTreeMap<String, ContainerRef>,
) -> Context<'c> {
    let observed = up.scope.observed;
    Context {
        project: up.project,
        api: observed.api,
        flavour: hash::flavour(observed),
        one_off: up.one_off,
        named: up.scope.request.options.no_dependencies.then(|| up.scope.request.services()),
        shared,
        names,
    }
}

/// What stays stops and leaves the networks that are made anew. Returns the op after which it is out of them.
fn leave_networks(up: &mut Up<'_, '_>, stops: &mut Stops, old: &Container) -> Option<OpId> {
    let networks: Vec<(String, String)> =
        networks::attached(up, old).map(|(key, there)| (key.to_owned(), there.id.clone())).collect();
    let mut last = None;
    if let Some((key, _)) = networks.first().filter(|_| old.state.is_alive()) {
        let cause = networks::cause(up, key);
        last = Some(stops.add(&mut up.draft, up.scope, old, cause));
    }
    for (_, network) in networks {
        let kind = OpKind::DisconnectNetwork { container: there(old), network };
        last = Some(up.draft.on(old, kind, Cause::Replacement, last.into_iter().collect()));
    }
    last
}

fn remove(up: &mut Up<'_, '_>, old: &Container, cause: Cause, after: Vec<OpId>) -> OpId {
    let kind = OpKind::RemoveContainer { container: there(old), volumes: false };
    let op = up.draft.on(old, kind, cause, after);
    up.made.removals.insert(old.id.clone(), op);
    op
}

/// The names of each service's containers in the end.
fn final_names(replicas: &[Replica<'_>]) -> BTreeMap<String, Vec<String>> {
    let mut names: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for replica in replicas.iter().filter(|replica| !matches!(replica.fate, Fate::Remove(_))) {
        let Some(service) = replica.service else { continue };
        names.entry(service.name.clone()).or_default().push(replica.name.clone());
    }
    names
}

fn uses_diverged(up: &Up<'_, '_>, replica: &Replica<'_>) -> bool {
    replica.old.is_some_and(|old| loses_volume(up, old) || networks::attached(up, old).next().is_some())
}

/// Whether a volume of a container is made anew.
fn loses_volume(up: &Up<'_, '_>, old: &Container) -> bool {
    let mut volumes = up.diverged_volumes.iter().filter_map(|key| up.project.volume_name(key));
    volumes.any(|name| old.mounts.iter().any(|mount| mount.kind == "volume" && mount.name == name))
}

fn subject(up: &Up<'_, '_>, replica: &Replica<'_>) -> String {
    draft::subject(&up.project.name, &replica.name)
}

/// Why a container goes. What is replaced explains itself by its successor's creation.
fn removal_cause(replica: &Replica<'_>) -> Cause {
    match &replica.fate {
        Fate::Remove(cause) => cause.clone(),
        _ => Cause::Replacement,
    }
}

fn cause(replica: &Replica<'_>) -> Cause {
    match &replica.fate {
        Fate::Recreate(cause) | Fate::Create(cause) | Fate::Remove(cause) => cause.clone(),
        Fate::Keep(_) => Cause::NotRunning,
        Fate::Follow(other) => Cause::Follows(other.clone()),
        Fate::Rejoin => Cause::Replacement,
    }
}

/// How a replica begins to run. What was made explains itself by its creation.
fn begin(replica: &Replica<'_>) -> Option<(Begin, Cause)> {
    match &replica.fate {
        Fate::Recreate(_) | Fate::Create(_) | Fate::Rejoin => Some((Begin::Start, Cause::Replacement)),
        Fate::Keep(begin) => begin.map(|begin| (begin, Cause::NotRunning)),
        Fate::Follow(other) => Some((Begin::Start, Cause::Follows(other.clone()))),
        Fate::Remove(_) => None,
    }
}
