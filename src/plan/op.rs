//! The ops of a plan, and what execution reports of them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::Duration;

use serde_json::Value;

use crate::observed::ContainerId;

use super::{Detail, Late};

/// The place of an op in [`Plan::ops`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OpId(pub usize);

impl std::fmt::Display for OpId {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "#{}", self.0 + 1)
    }
}

/// A container: one that is there, or the one that an earlier op makes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ContainerRef {
    /// It is there.
    Id(ContainerId),
    /// The result of a [`OpKind::CreateContainer`].
    Of(OpId),
}

/// A network to connect to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NetworkRef {
    /// By name, unique in this plan.
    Name(String),
    /// By id: there are several of that name, or it is another container's.
    Id(String),
}

/// An image: its name, and the digest that the label `com.docker.compose.image` records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageRef {
    /// The name as the file gives it, or the built image's.
    pub name: String,
    /// Its digest where the engine has it already; execution asks for it after a pull or build.
    pub digest: Option<String>,
}

/// What a dependent waits for (`depends_on.condition`, Compose Specification).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    /// `service_started`, or simply that it runs.
    Running,
    /// `service_healthy`; fails when it ends, turns unhealthy or has no health check.
    Healthy,
    /// `service_completed_successfully`; fails on a code other than 0.
    Completed,
    /// Healthy if it has a health check, else running.
    RunningOrHealthy,
}

/// What becomes of a plan where an image cannot be pulled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnFailure {
    /// The plan has failed, and the other pulls and builds are given up: nothing would come of them.
    Fail,
    /// This pull has failed, and the others go on: its service can be built as well.
    FailAlone,
    /// The plan goes on without it.
    GoOn,
}

/// One call of the Engine API, or one wait.
#[derive(Clone, Debug, PartialEq)]
pub enum OpKind {
    /// Pull an image.
    PullImage {
        /// Its name.
        image: String,
        /// `os/arch`, if the file asks for one.
        platform: Option<String>,
        /// What becomes of the plan without it.
        on_failure: OnFailure,
    },
    /// Build an image with the classic builder.
    BuildImage {
        /// The name it gets.
        image: String,
        /// The build element in canonical form, as `docker compose config` shows it, paths absolute.
        build: Value,
        /// The context's folder, absolute.
        context: PathBuf,
        /// Labels it gets besides those of `build.labels`.
        labels: Vec<(String, String)>,
    },
    /// Create a network.
    CreateNetwork {
        /// The body of `POST /networks/create`.
        body: Value,
    },
    /// Remove a network.
    RemoveNetwork {
        /// Its id or name.
        network: String,
        /// Its name.
        name: String,
    },
    /// Create a volume.
    CreateVolume {
        /// The body of `POST /volumes/create`.
        body: Value,
    },
    /// Remove a volume.
    RemoveVolume {
        /// Its name.
        name: String,
    },
    /// Create a container.
    CreateContainer {
        /// The name it gets (a temporary one where it replaces another).
        name: String,
        /// `os/arch`, if the file asks for one.
        platform: Option<String>,
        /// The image, for the label that records its digest.
        image: ImageRef,
        /// The body of `POST /containers/create` without that label.
        body: Value,
        /// Networks to connect after creation (API below 1.44), each with its endpoint settings.
        connect: Vec<(NetworkRef, Value)>,
        /// What the body needs of containers that earlier ops make; settle it into the body before it is sent.
        late: Option<Late>,
    },
    /// Give a container another name.
    RenameContainer {
        /// Which.
        container: ContainerRef,
        /// The new name.
        name: String,
    },
    /// Take a container out of a network.
    DisconnectNetwork {
        /// Which.
        container: ContainerRef,
        /// The network's id.
        network: String,
    },
    /// Put a container into a network.
    ConnectNetwork {
        /// Which.
        container: ContainerRef,
        /// The network.
        network: NetworkRef,
        /// How it is known there: `EndpointConfig` of `POST /networks/{id}/connect`.
        endpoint: Value,
    },
    /// Start a container.
    StartContainer {
        /// Which.
        container: ContainerRef,
        /// Whether no other start may go on at the same time, since it takes a port of a range.
        is_alone: bool,
    },
    /// Stop a container: its stop signal, then SIGKILL after `timeout` or its own stop timeout.
    StopContainer {
        /// Which.
        container: ContainerRef,
        /// Over the container's own.
        timeout: Option<Duration>,
    },
    /// Stop and start a container.
    RestartContainer {
        /// Which.
        container: ContainerRef,
        /// Over the container's own time to stop.
        timeout: Option<Duration>,
    },
    /// Freeze a container.
    PauseContainer {
        /// Which.
        container: ContainerRef,
    },
    /// Thaw a container.
    UnpauseContainer {
        /// Which.
        container: ContainerRef,
    },
    /// Send a signal.
    KillContainer {
        /// Which.
        container: ContainerRef,
        /// `SIGKILL` …
        signal: String,
    },
    /// Remove a container, by force.
    RemoveContainer {
        /// Which.
        container: ContainerRef,
        /// With its anonymous volumes.
        volumes: bool,
    },
    /// Copy a tar archive into a container before it starts (configs and secrets given inline or from the environment).
    PutArchive {
        /// Which.
        container: ContainerRef,
        /// Each file: absolute path inside, content, mode, owner and group.
        files: Vec<PutFile>,
    },
    /// Run a command in a container and await its end (`post_start`, `pre_stop`).
    RunHook {
        /// Which.
        container: ContainerRef,
        /// The body of `POST /containers/{id}/exec`.
        body: Value,
    },
    /// Wait until containers are as a dependent needs them.
    Wait {
        /// Which: all replicas of the service.
        containers: Vec<ContainerRef>,
        /// For what.
        condition: Condition,
        /// Whether the plan goes on with a warning when it fails (`required: false`).
        required: bool,
        /// The longest that it may last.
        limit: Option<Duration>,
    },
    /// Remove an image.
    RemoveImage {
        /// Its name.
        image: String,
    },
}

/// A file for [`OpKind::PutArchive`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PutFile {
    /// Absolute path inside the container.
    pub path: String,
    /// The content.
    pub content: Vec<u8>,
    /// The permission bits.
    pub mode: u32,
    /// The owner.
    pub uid: u32,
    /// The group.
    pub gid: u32,
}

/// One difference that leads to an op, for the person: `image redis:4.0 → redis:7.2`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// The attribute: `image`, `environment`, `ports` …
    pub attribute: String,
    /// What the running container has; secret-looking values are masked already (invariant 11).
    pub old: Option<String>,
    /// What the file wants; masked likewise.
    pub new: Option<String>,
    /// Where the new value stands: `compose.yaml:12` or `.env:12`.
    pub place: Option<String>,
}

/// Why an op is in the plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// There is none yet.
    Missing,
    /// The file and the container differ; only the hash where `changes` is empty.
    Drift(Vec<Change>),
    /// The local image of that name is another one now.
    NewImage,
    /// It does not run.
    NotRunning,
    /// It was asked for.
    Asked,
    /// More replicas than wanted.
    ScaledDown,
    /// What it depends on is recreated, and `restart: true` or a shared namespace says to follow.
    Follows(String),
    /// What comes later needs it.
    NeededBy(String),
    /// No service of the file accounts for it.
    Orphan,
    /// It is part of replacing a container; the op that recreates says why.
    Replacement,
}

/// One step of a plan.
#[derive(Clone, Debug, PartialEq)]
pub struct Op {
    /// What.
    pub kind: OpKind,
    /// Why.
    pub cause: Cause,
    /// The service whose row shows it; none for networks, volumes and orphans' leftovers.
    pub service: Option<String>,
    /// What the person calls the thing it acts on: `redis-1`, `shop_search`.
    pub subject: String,
    /// The ops that must have succeeded before.
    pub after: Vec<OpId>,
}

impl Op {
    /// Whether it pulls or builds an image.
    pub fn makes_image(&self) -> bool {
        matches!(self.kind, OpKind::PullImage { .. } | OpKind::BuildImage { .. })
    }

    /// Whether its failure makes the other pulls and builds idle.
    pub fn decides_images(&self) -> bool {
        match self.kind {
            OpKind::PullImage { on_failure, .. } => on_failure == OnFailure::Fail,
            OpKind::BuildImage { .. } => true,
            _ => false,
        }
    }

    /// Whether a cancel may end it half way without harm. What is not interruptible is waited for.
    pub fn is_interruptible(&self) -> bool {
        matches!(
            self.kind,
            OpKind::PullImage { .. }
                | OpKind::BuildImage { .. }
                | OpKind::Wait { .. }
                | OpKind::StopContainer { .. }
                | OpKind::RestartContainer { .. }
                | OpKind::RunHook { .. }
        )
    }
}

/// What the person should know of a plan besides its ops.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PlanNote {
    /// A container of the project that no service of the file accounts for; it stays unless asked otherwise.
    Orphan {
        /// Its name.
        container: String,
        /// The service of its label.
        service: String,
    },
    /// A published port is held by somebody else; the op that binds it would fail.
    PortTaken {
        /// The service that wants it.
        service: String,
        /// `8080/tcp`, with the address where one was given.
        port: String,
        /// The name of the container that holds it.
        holder: String,
    },
    /// `down`: a container that stays, since a profile keeps its service off.
    KeepsContainer {
        /// Its name.
        container: String,
    },
    /// A volume that stays.
    KeepsVolume {
        /// Its name.
        volume: String,
    },
    /// A volume that differs from the file and stays as it is, since making it anew would lose its data.
    VolumeDiffers {
        /// Its name.
        volume: String,
    },
    /// `pull`: a service whose image is not pulled.
    NotPulled {
        /// Its name.
        service: String,
        /// Why, in Docker Compose's words; empty where the policy says so.
        why: &'static str,
    },
    /// Something else worth a line.
    Warning(String),
}

/// What would be done, and why.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    /// The steps. `after` refers to places in this list, always earlier ones.
    pub ops: Vec<Op>,
    /// Containers that are as they should be, by the person's name for them.
    pub unchanged: Vec<String>,
    /// The same containers by id.
    pub kept: Vec<ContainerId>,
    /// The full name of every container that the project has now.
    pub names: BTreeMap<ContainerId, String>,
    /// What else to know.
    pub notes: Vec<PlanNote>,
    /// Every service that the plan touches: what a verb claims.
    pub claims: BTreeSet<String>,
    /// How many images may be pulled or built at once; none for no limit.
    pub images_at_once: Option<usize>,
    /// True where images must be pulled or built first: the convergence is then planned again from what came of that.
    pub is_provisional: bool,
}

impl Plan {
    /// An op of it.
    pub fn op(&self, id: OpId) -> Option<&Op> {
        self.ops.get(id.0)
    }

    /// The full name of a container, which for one that replaces another is the one it has in the end.
    pub fn name_of(&self, container: &ContainerRef) -> Option<&str> {
        match container {
            ContainerRef::Id(id) => self.names.get(id).map(String::as_str),
            ContainerRef::Of(op) => match &self.op(*op)?.kind {
                OpKind::CreateContainer { name, .. } => Some(final_name(name)),
                _ => None,
            },
        }
    }

    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.ops.is_empty()
    }

    /// Whether it takes something away that was there: a container recreated or removed, a volume, network or image removed.
    pub fn is_destructive(&self) -> bool {
        self.ops.iter().any(|op| {
            matches!(
                op.kind,
                OpKind::RemoveContainer { .. }
                    | OpKind::RemoveVolume { .. }
                    | OpKind::RemoveNetwork { .. }
                    | OpKind::RemoveImage { .. }
            )
        })
    }
}

/// A name without the id of the container that its bearer replaces: `0123456789ab_shop-web-1`.
fn final_name(name: &str) -> &str {
    match name.split_once('_') {
        Some((id, last)) if id.len() == 12 && id.bytes().all(|byte| byte.is_ascii_hexdigit()) => last,
        _ => name,
    }
}

/// How an op stands.
#[derive(Clone, Debug, PartialEq)]
pub enum OpState {
    /// It has begun.
    Started,
    /// It goes on: what the row shows (`pulling 43%`, `building 3/7`, `starting 2/5`), and a fraction from 0 to 1 if known.
    Progress {
        /// In words.
        text: String,
        /// How far.
        fraction: Option<f32>,
    },
    /// It goes on as before, and tells of a part.
    Detail(Detail),
    /// It succeeded.
    Done,
    /// It failed.
    Failed(RunFailure),
    /// It was cancelled, or never begun because the run was.
    Cancelled,
    /// It was never begun because an op before it failed.
    Skipped,
}

/// A report of execution: one op changed its state.
#[derive(Clone, Debug, PartialEq)]
pub struct OpReport {
    /// Which.
    pub op: OpId,
    /// To what.
    pub state: OpState,
}

/// Why something failed, in words for the person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunFailure {
    /// What was tried on what: `start api-1`.
    pub what: String,
    /// Why it failed: the engine's message or the cause.
    pub why: String,
    /// What to do next, where there is something.
    pub hint: Option<String>,
    /// Whether the reason is the engine's own answer.
    pub is_answer: bool,
}

impl std::fmt::Display for RunFailure {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{}: {}", self.what, self.why)?;
        if let Some(hint) = &self.hint {
            write!(out, " ({hint})")?;
        }
        Ok(())
    }
}
