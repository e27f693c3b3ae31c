//! What the engine has said so far, as the dashboard keeps it.

use std::collections::BTreeSet;
use std::time::Duration;

use super::Containers;
use crate::observed::{ContainerId, EngineInfo, Network, Volume};

/// The engine as last heard of.
#[derive(Clone, Debug, Default)]
pub struct Engine {
    /// Whether it answers.
    pub link: Link,
    /// Whether it has listed its containers since it was connected to.
    pub is_listed: bool,
    /// All its containers, of whatever project. They stay while it is out of reach.
    pub containers: Containers,
    /// All its networks.
    pub networks: Vec<Network>,
    /// All its volumes.
    pub volumes: Vec<Volume>,
    /// Containers that were asked to end (a `stop` or `kill` event came): that they ended is no failure.
    pub ended_by_hand: BTreeSet<ContainerId>,
}

/// Whether the engine answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Link {
    /// It is being tried.
    Connecting {
        /// The endpoint; empty before the first try.
        endpoint: String,
    },
    /// It answers.
    Connected(EngineInfo),
    /// It is out of reach.
    Lost {
        /// The endpoint that was tried.
        endpoint: String,
        /// Why it failed.
        error: String,
        /// When it is tried again, on the monotonic clock.
        retry_at: Duration,
    },
}

impl Default for Link {
    fn default() -> Self {
        Self::Connecting { endpoint: String::new() }
    }
}

impl Engine {
    /// Who answers, while it does.
    pub fn info(&self) -> Option<&EngineInfo> {
        match &self.link {
            Link::Connected(info) => Some(info),
            Link::Connecting { .. } | Link::Lost { .. } => None,
        }
    }
}
