//! Config hashes: which way of hashing to write, and whether a label was written in either.

use crate::compose::model::{Network, Service, Volume};
use crate::observed::{Container, Observed, label};

use super::late::sha256;

/// The two ways in which Docker Compose hashes a service; they differ for bind mounts that create the host's folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flavour {
    /// Docker Compose 2.
    Two,
    /// Docker Compose 5 and later.
    Five,
}

impl Flavour {
    /// The way of the newest Docker Compose that has left its version on this engine.
    pub(super) fn of(observed: &Observed) -> Self {
        let containers = observed.containers.iter().chain(&observed.others);
        let major = |container: &Container| container.label(label::VERSION)?.split('.').next()?.parse::<u32>().ok();
        if containers.filter_map(major).max().is_some_and(|major| major >= 5) { Self::Five } else { Self::Two }
    }
}

/// The text whose SHA-256 is a service's config hash.
pub(super) fn text(service: &Service, _flavour: Flavour) -> String {
    serde_json::to_string(service).unwrap_or_default()
}

/// Whether `hash` is this service's in either way.
pub(super) fn matches(service: &Service, hash: &str) -> bool {
    [Flavour::Two, Flavour::Five].iter().any(|flavour| sha256(&text(service, *flavour)) == hash)
}

/// The config hash of a network.
pub(super) fn network(network: &Network) -> String {
    sha256(&serde_json::to_string(network).unwrap_or_default())
}

/// The config hash of a volume.
pub(super) fn volume(volume: &Volume) -> String {
    sha256(&serde_json::to_string(volume).unwrap_or_default())
}
