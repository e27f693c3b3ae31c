//! What the engine reports to the loop. A fact says what is, never what to do or to show.

use std::time::Duration;

use super::{Container, ContainerId, Event, Network, Sample, Volume};

/// Who answers at the other end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EngineInfo {
    /// The endpoint as it was given: `unix:///var/run/docker.sock`.
    pub endpoint: String,
    /// Where the endpoint came from: `--host`, `DOCKER_HOST`, `context NAME` or `default`.
    pub source: String,
    /// The engine's version: `28.5.1`.
    pub version: String,
    /// The API version that is spoken, as (major, minor): the lower of the engine's and ours.
    pub api: (u32, u32),
    /// Whether the engine's host is this machine: only then can /proc tell who holds a port.
    pub local: bool,
}

/// One report of the engine.
#[derive(Clone, Debug)]
pub enum Fact {
    /// A connection is being tried.
    Connecting {
        /// The endpoint.
        endpoint: String,
    },
    /// The engine answers; a full list follows.
    Connected(EngineInfo),
    /// The engine is out of reach; it is tried again.
    Lost {
        /// The endpoint that was tried.
        endpoint: String,
        /// Why it failed, in words for the person.
        error: String,
        /// When it is tried again, counted from now.
        retry_in: Duration,
    },
    /// All containers of the engine. Replaces what was known; later events refer to what came after it.
    Listed(Vec<Container>),
    /// All networks and volumes of the engine. Replaces what was known.
    Resources {
        /// The networks.
        networks: Vec<Network>,
        /// The volumes.
        volumes: Vec<Volume>,
    },
    /// A container is new or has changed; inspected.
    Changed(Box<Container>),
    /// A container is gone.
    Removed(ContainerId),
    /// Something happened, in the order of the engine.
    Event(Event),
    /// What had happened to the project's containers before that was followed, as far as the engine still knows it, oldest
    /// first. Some of it may be told as [`Fact::Event`], too.
    Past(Vec<Event>),
    /// A reading of a container's resources, or why there is none.
    Sample {
        /// Whose.
        id: ContainerId,
        /// The reading.
        sample: Result<Sample, String>,
    },
}
