//! Config hashes: which way of hashing to write, and whether a label was written in either.

use crate::compose::emit::Flavour;
use crate::compose::hash;
use crate::compose::model::Service;
use crate::observed::{Container, Observed, label};

/// The way of the newest Docker Compose that has left its version on this engine, so that what is brought up here is not
/// made anew by the Docker Compose that is in use beside it.
pub(super) fn flavour(observed: &Observed) -> Flavour {
    let containers = observed.containers.iter().chain(&observed.others);
    let major =
        |container: &Container| container.label(label::VERSION)?.split('.').next()?.parse::<u32>().ok();
    if containers.filter_map(major).max().is_some_and(|major| major >= 5) {
        Flavour::Five
    } else {
        Flavour::Two
    }
}

/// Whether `label` is this service's in either way.
pub(super) fn matches(service: &Service, label: &str) -> bool {
    [Flavour::Two, Flavour::Five].iter().any(|flavour| hash::service(service, *flavour) == label)
}
