//! What a person asks for: a verb, on what, with which options.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::compose::model::PullPolicy;
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
    /// Build the images of services that are built.
    Build,
    /// Pull the images of services.
    Pull,
    /// Make a one-off container of a service, as `run` does; whoever asks starts it.
    Run(Box<OneOff>),
}

/// What of a one-off container does not stand in its service. The service itself is changed before it is planned: its
/// command, ports, name and so on are the one-off's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OneOff {
    /// 64 random hexadecimal digits, for the label `slug`.
    pub slug: String,
    /// Whether the engine removes it when it ends.
    pub auto_remove: bool,
    /// Whether it goes by the service's names in its networks.
    pub use_aliases: bool,
    /// Whether its standard input will be attached to.
    pub interactive: bool,
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
            Self::Build => "build",
            Self::Pull => "pull",
            Self::Run(_) => "run",
        }
    }

    /// Whether it needs a loaded file. The others work from labels (invariant 9).
    pub fn needs_file(&self) -> bool {
        matches!(self, Self::Up | Self::Build | Self::Pull | Self::Run(_))
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
    /// `up`: in place of every service's own policy.
    pub pull_policy: Option<PullPolicy>,
    /// `up`: build nothing, though an image is missing.
    pub no_build: bool,
    /// How images are built, over what the file says.
    pub build_with: BuildOptions,
    /// `build`, `pull`: with what the named services depend on.
    pub with_dependencies: bool,
    /// `pull`: leave out what can be built.
    pub ignore_buildable: bool,
    /// `pull`: a pull that fails stops nothing.
    pub ignore_failures: bool,
    /// How many images may be pulled or built at once; none for no limit.
    pub images_at_once: Option<usize>,
    /// `up`: images have just been pulled and built; plan the convergence alone ([`Request::after_images`]).
    pub images_ready: bool,
    /// `up`: recreate the named services though nothing changed.
    pub force_recreate: bool,
    /// `up`: recreate nothing, whatever has changed.
    pub no_recreate: bool,
    /// `up`: recreate what the named services depend on, though nothing changed.
    pub recreate_dependencies: bool,
    /// `up`: make volumes anew that differ from the file, with all that is in them.
    pub recreate_volumes: bool,
    /// `up`: a name or port that is taken and an image that is missing are left to the engine to refuse, as on Docker
    /// Compose's command line: by then the rest is made. Without it the plan is refused and nothing is made.
    pub leave_to_engine: bool,
    /// `up`: make networks and volumes that no service uses, too.
    pub all_resources: bool,
    /// `up`: make everything, start nothing.
    pub no_start: bool,
    /// `up`: afterwards wait until all is running or healthy.
    pub wait: bool,
    /// `up`: the longest that each wait may last, those for dependencies included. No limit without it.
    pub wait_timeout: Option<Duration>,
    /// `pause`, `unpause`, `start`, `up`: what cannot be done to a container is an error, as on Docker Compose's command line.
    pub strict: bool,
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
    /// `down`: remove the images of all services.
    pub remove_images: bool,
    /// `remove`: stop first what runs.
    pub stop: bool,
}

/// How images are built, over what the file says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BuildOptions {
    /// Use no layer of an earlier build.
    pub no_cache: bool,
    /// Pull base images though they are there.
    pub pull: bool,
    /// Arguments; those without a value come from the environment.
    pub arguments: BTreeMap<String, Option<String>>,
    /// The memory that a step may take, in bytes.
    pub memory: Option<u64>,
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
