//! The state of the embedded engine, behind one lock, and what happens in it by itself.
//!
//! It is plain data that is changed by calls and by time: [`World::settle`] lets everything happen that is due, in order,
//! each at its own moment, before any call looks at it. So what is seen does not depend on when anybody looked. Nothing
//! here waits, and nothing here knows HTTP.

mod check;
pub(super) mod container;
pub(super) mod create;
pub(super) mod event;
pub(super) mod exec;
mod files;
pub(super) mod health;
pub(super) mod image;
pub(super) mod lifecycle;
pub(super) mod log;
pub(super) mod resource;
pub(super) mod signal;
pub(super) mod subnet;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use indexmap::IndexMap;

use super::answer::Refusal;
use super::clock::Moment;
use super::random;
use container::Container;
use event::Events;
use exec::Exec;
use resource::{Image, Network, Volume};

/// Everything that the engine has.
pub(super) struct World {
    /// The present, which no call and no event is before.
    pub(super) now: Moment,
    pub(super) seed: u64,
    /// By id, the oldest first.
    pub(super) containers: IndexMap<String, Container>,
    /// By id.
    pub(super) images: IndexMap<String, Image>,
    /// What steps of builds have made, by what they were made from.
    pub(super) layers: HashMap<String, Image>,
    /// What can be pulled, by name and tag.
    pub(super) registry: BTreeMap<String, Image>,
    /// By id, the oldest first.
    pub(super) networks: IndexMap<String, Network>,
    /// By name.
    pub(super) volumes: IndexMap<String, Volume>,
    /// By id.
    pub(super) execs: HashMap<String, Exec>,
    pub(super) events: Events,
    /// What is to be started when the daemon comes back.
    asleep: Vec<String>,
    /// What is due when: containers and execs by the moment and their id.
    agenda: BTreeSet<(Moment, String)>,
    made: u64,
}

impl World {
    /// A world with nothing in it but the three networks that every engine has.
    pub(super) fn new(seed: u64, now: Moment) -> Self {
        let mut world = Self {
            now,
            seed,
            containers: IndexMap::new(),
            images: IndexMap::new(),
            layers: HashMap::new(),
            registry: BTreeMap::new(),
            networks: IndexMap::new(),
            volumes: IndexMap::new(),
            execs: HashMap::new(),
            events: Events::default(),
            asleep: Vec::new(),
            agenda: BTreeSet::new(),
            made: 0,
        };
        world.add_own_networks();
        world
    }

    /// A number that nothing else in this world has.
    pub(super) fn next_number(&mut self) -> u64 {
        self.made += 1;
        self.made
    }

    /// An id that nothing else in this world has: 64 hexadecimal digits.
    pub(super) fn next_id(&mut self) -> String {
        let number = self.next_number();
        random::hex(random::mix(self.seed, number), 64)
    }

    /// When something next happens by itself.
    pub(super) fn next_due(&self) -> Option<Moment> {
        self.agenda.first().map(|(moment, _)| *moment)
    }

    /// Lets everything happen that is due at `now` or before.
    pub(super) fn settle(&mut self, now: Moment) {
        while let Some((moment, id)) = self.agenda.first().filter(|(moment, _)| *moment <= now).cloned() {
            self.agenda.remove(&(moment, id.clone()));
            self.now = self.now.max(moment);
            if self.execs.contains_key(&id) {
                self.act_exec(&id);
            } else {
                self.happen(&id);
            }
            self.plan(&id);
        }
        self.now = self.now.max(now);
    }

    /// A container by id, the beginning of one, or name.
    pub(super) fn find(&self, name: &str) -> Result<&Container, Refusal> {
        let id = self.id_of(name)?;
        self.containers.get(&id).ok_or_else(|| no_such_container(name))
    }

    /// The id of a container by id, the beginning of one, or name.
    pub(super) fn id_of(&self, name: &str) -> Result<String, Refusal> {
        let wanted = name.trim_start_matches('/');
        if self.containers.contains_key(wanted) {
            return Ok(wanted.to_owned());
        }
        if let Some(found) = self.containers.values().find(|one| one.name == wanted) {
            return Ok(found.id.clone());
        }
        let mut matching = self.containers.keys().filter(|id| !wanted.is_empty() && id.starts_with(wanted));
        match (matching.next(), matching.next()) {
            (Some(id), None) => Ok(id.clone()),
            (Some(_), Some(_)) => {
                Err(Refusal::bad(format!("Multiple IDs found with provided prefix: {wanted}")))
            }
            _ => Err(no_such_container(name)),
        }
    }

    /// Changes a container, and notes when something is next due in it.
    pub(super) fn change<T>(&mut self, id: &str, change: impl FnOnce(&mut Container) -> T) -> Option<T> {
        let container = self.containers.get_mut(id)?;
        let before = container.next_due();
        let result = change(container);
        if let Some(before) = before {
            self.agenda.remove(&(before, id.to_owned()));
        }
        self.plan(id);
        Some(result)
    }

    /// Tells an event of a container.
    pub(super) fn tell(&mut self, id: &str, action: &str, more: &[(&str, String)]) {
        let Some(container) = self.containers.get(id) else { return };
        let mut attributes = container.labels();
        attributes.push(("image".to_owned(), container.image_name().to_owned()));
        attributes.push(("name".to_owned(), container.name.clone()));
        attributes.extend(more.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
        self.events.tell(self.now, "container", action, id, attributes);
    }

    fn plan(&mut self, id: &str) {
        let of_exec = || self.execs.get(id).and_then(Exec::next_due);
        if let Some(due) = self.containers.get(id).and_then(Container::next_due).or_else(of_exec) {
            self.agenda.insert((due, id.to_owned()));
        }
    }

    fn unplan(&mut self, id: &str) {
        self.agenda.retain(|(_, other)| other != id);
    }
}

/// The engine's answer for a container that is not there.
pub(super) fn no_such_container(name: &str) -> Refusal {
    Refusal::missing(format!("No such container: {name}"))
}
