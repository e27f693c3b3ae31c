//! What a person asks for: a verb, on what, with which options.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::observed::ContainerId;

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verb {
    /// Make what runs match the file.
    Up,
    /// Stop and remove containers and networks.
    Down,
    /// Start stopped containers.
    Start,
    /// Stop running containers.
    Stop,
    /// Stop and start, without reading the file.
    Restart,
    /// Freeze.
    Pause,
    /// Thaw.
    Unpause,
    /// Send a signal, by name (`SIGKILL`).
    Kill(String),
    /// Remove stopped containers.
    Remove,
}

impl Verb {
    /// The verb as the footer and the activity name it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Down => "down",
            Self::Start => "start",
            Self::Stop => "stop",
            Self::Restart => "restart",
            Self::Pause => "pause",
            Self::Unpause => "unpause",
            Self::Kill(_) => "kill",
            Self::Remove => "remove",
        }
    }

    /// Whether it needs a loaded file. The others work from labels (invariant 9).
    pub fn needs_file(&self) -> bool {
        matches!(self, Self::Up)
    }
}

/// What it acts on, fixed by identity when the key was pressed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// The whole project.
    Project,
    /// These services, in file order. For `up`, with what they depend on.
    Services(Vec<String>),
    /// These containers.
    Containers(Vec<ContainerId>),
}

/// The options of `up` and `down`, and of the recreate menu. All off by default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// `up`: build images first, even those that are there.
    pub build: bool,
    /// `up`: pull images first, even those that are there.
    pub pull: bool,
    /// `up`: images have just been pulled and built; plan the convergence alone ([`Request::after_images`]).
    pub images_ready: bool,
    /// `up`: recreate the named services though nothing changed.
    pub force_recreate: bool,
    /// `up`: leave out what the named services depend on. `restart`: leave out what depends on them.
    pub no_dependencies: bool,
    /// `up`: new anonymous volumes in place of those of the container before; forces recreation.
    pub renew_volumes: bool,
    /// `up`, `down`: remove orphans as well. `kill`: send them the signal too.
    pub remove_orphans: bool,
    /// `up`: wanted replicas by service, over what the file says.
    pub scale: BTreeMap<String, u32>,
    /// `down`: remove the project's volumes, named and anonymous. `remove`: anonymous ones.
    pub remove_volumes: bool,
    /// Over each container's own time to stop.
    pub timeout: Option<Duration>,
    /// `down`: remove images that were built for services and have no name of their own.
    pub remove_local_images: bool,
}

/// A verb on a target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The project's name, as in the labels.
    pub project: String,
    /// What.
    pub verb: Verb,
    /// On what.
    pub target: Target,
    /// How.
    pub options: Options,
}

impl Request {
    /// The same request once the images of a provisional plan are there.
    #[must_use]
    pub fn after_images(&self) -> Self {
        let mut request = self.clone();
        request.options.images_ready = true;
        request
    }

    /// The services that the request names; empty for the project and for containers.
    pub fn services(&self) -> BTreeSet<&str> {
        match &self.target {
            Target::Services(names) => names.iter().map(String::as_str).collect(),
            Target::Project | Target::Containers(_) => BTreeSet::new(),
        }
    }
}
