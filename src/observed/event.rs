//! An event of the engine (`GET /events`), as far as Dockside acts on it or shows it.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::ContainerId;

/// What an event is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventKind {
    /// A container; the id is in [`Event::container`].
    Container,
    /// A network.
    Network,
    /// A volume.
    Volume,
    /// An image.
    Image,
    /// The engine itself (`reload`, …).
    Daemon,
    /// What a newer engine or podman sends (`pod`, …); passed on, never an error.
    Other(String),
}

/// One event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// What it is about.
    pub kind: EventKind,
    /// `start`, `die`, `oom`, `health_status: healthy` …: the engine's own words, untouched.
    pub action: String,
    /// The id of what it is about.
    pub actor: String,
    /// When it happened, by the engine's clock.
    pub at: Timestamp,
    /// `exitCode`, `name`, `signal` and the labels.
    pub attributes: BTreeMap<String, String>,
}

impl Event {
    /// The container it is about, if it is about one.
    pub fn container(&self) -> Option<ContainerId> {
        (self.kind == EventKind::Container).then(|| ContainerId::from(self.actor.as_str()))
    }
}
