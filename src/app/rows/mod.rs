//! What the panes show, derived from `&App`: one type a row, no drawing. Everything that a row says is decided here, so
//! that the screen only places and colours it.

mod container;
mod header;
mod port;
mod service;
mod state;

use crate::observed::ContainerId;

pub use self::container::containers;
pub use self::header::{Counts, Header, ProjectSummary, counts, header, projects};
pub use self::port::{WEB_PORTS, ports};
pub use self::service::{
    Services, all_service_names, changes, place_of, service, service_count, service_names, services,
};
pub use self::state::{StateText, elapsed, has_young_age, of_container};

/// Which signs tell states.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Symbols {
    /// `● ◐ ✖ ‖ ○ · ?`
    #[default]
    Unicode,
    /// `* ~ x = o . ?`
    Ascii,
}

/// What a service or container is doing, as its sign and colour tell it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum StateKind {
    /// It ended in failure, or could not be started.
    Failed,
    /// Its health check fails.
    Unhealthy,
    /// The engine starts it again and again.
    Restarting,
    /// It runs and its health is not known yet.
    Starting,
    /// It is frozen.
    Paused,
    /// It is being removed.
    Removing,
    /// It runs and its health check passes.
    Healthy,
    /// It runs.
    Running,
    /// It was made and never started.
    Created,
    /// It was stopped.
    Stopped,
    /// It ended with code 0.
    Done,
    /// There is none.
    Absent,
    /// No active profile turns it on.
    Disabled,
    /// No service of the file accounts for it.
    Orphan,
    /// A newer engine's word.
    Other,
}

impl StateKind {
    /// Its sign: with the colour, never the colour alone, it tells the state.
    pub fn sign(self, symbols: Symbols) -> &'static str {
        let (unicode, ascii) = match self {
            Self::Healthy | Self::Running => ("●", "*"),
            Self::Starting | Self::Restarting | Self::Removing => ("◐", "~"),
            Self::Failed | Self::Unhealthy => ("✖", "x"),
            Self::Paused => ("‖", "="),
            Self::Created | Self::Stopped | Self::Done => ("○", "o"),
            Self::Absent | Self::Disabled => ("·", "."),
            Self::Orphan | Self::Other => ("?", "?"),
        };
        match symbols {
            Symbols::Unicode => unicode,
            Symbols::Ascii => ascii,
        }
    }

    /// Whether `!` lists it.
    pub fn needs_attention(self) -> bool {
        matches!(
            self,
            Self::Failed | Self::Unhealthy | Self::Restarting | Self::Orphan | Self::Other | Self::Starting
        )
    }
}

/// How far the running containers of a service are from the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drift {
    /// The first difference's attribute: `image`; `configuration` where only the hash differs.
    pub reason: String,
    /// How many further ones there are.
    pub more: usize,
}

/// A line of the Services pane.
#[derive(Clone, Debug, PartialEq)]
pub struct ServiceRow {
    /// The service; an orphan's is that of its label.
    pub name: String,
    /// Its sign and colour.
    pub kind: StateKind,
    /// Replicas that run, paused and restarting ones included.
    pub running: usize,
    /// Replicas that the file wants; none for orphans, and for services that are off.
    pub wanted: Option<usize>,
    /// One word of state, with its figures: `starting 3/5`, `exited 137 OOM`.
    pub state: String,
    /// What a verb is doing to it, in place of the state: `pulling 43%`.
    pub progress: Option<String>,
    /// How long it has been so: `3h`, `2m ago`; empty where there is nothing to count from.
    pub age: String,
    /// CPU of its replicas together; 1.0 is one core. None before the second reading.
    pub cpu: Option<f64>,
    /// Memory of its replicas together, in bytes.
    pub memory: Option<u64>,
    /// Published ports on the host, each once, in order; wanted ones too while nothing runs.
    pub ports: Vec<PortLabel>,
    /// Where what runs no longer matches the file.
    pub drift: Option<Drift>,
    /// It is marked.
    pub is_marked: bool,
    /// The place of its tile, which its colour goes by; none without a tile.
    pub tile: Option<usize>,
    /// It is done or off: shown weakly.
    pub is_dimmed: bool,
    /// `!` lists it.
    pub needs_attention: bool,
}

/// A port as a row names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PortLabel {
    /// `4444`, or `4444/udp`.
    pub text: String,
    /// Whether something holds it for the service.
    pub is_bound: bool,
}

/// A container of the Containers pane.
#[derive(Clone, Debug, PartialEq)]
pub struct ContainerRow {
    /// Its identity.
    pub id: ContainerId,
    /// Its name: `shop-api-1`.
    pub name: String,
    /// Without the project: `api-1`.
    pub short_name: String,
    /// Whether `run` made it.
    pub is_one_off: bool,
    /// Its sign and colour.
    pub kind: StateKind,
    /// One word of state, with its figures.
    pub state: String,
    /// `up 12s`, `exited 2m ago`.
    pub uptime: String,
    /// CPU over time, oldest first; 1.0 is one core.
    pub cpu_history: Vec<f64>,
    /// CPU; 1.0 is one core.
    pub cpu: Option<f64>,
    /// Memory in bytes.
    pub memory: Option<u64>,
    /// Its limit in bytes.
    pub memory_limit: Option<u64>,
    /// Bytes received in a second.
    pub received: Option<f64>,
    /// Bytes sent in a second.
    pub sent: Option<f64>,
    /// Where it no longer matches the file.
    pub drift: Option<Drift>,
    /// What is worth a second line: the last failed probe's output (`health 3/5`, `curl: (7) …`), why it could not start.
    pub note: Option<ContainerNote>,
    /// How many lines of the pane the row takes: 1 or 2.
    pub height: u16,
}

/// The second line of a container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContainerNote {
    /// `health 3/5`.
    pub label: String,
    /// The first line of the probe's output. Untrusted.
    pub text: String,
}

/// The identity of a port row.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PortKey {
    /// The container's name, or the service's where nothing runs.
    pub owner: String,
    /// The port inside.
    pub target: u16,
    /// `tcp`, `udp` or `sctp`.
    pub protocol: String,
    /// The port on the host.
    pub published: Option<u16>,
    /// The address on the host, as text; empty for all.
    pub host_ip: String,
}

/// How a published port stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PortState {
    /// The engine has bound it.
    Listening,
    /// It is wanted and somebody else holds it: `container shop-web-1`, `node (pid 4121)`, `another process`.
    Taken(String),
    /// It is wanted and not bound.
    NotBound,
    /// It is only exposed to other containers.
    Exposed,
}

impl PortState {
    /// In words.
    pub fn words(&self) -> String {
        match self {
            Self::Listening => "listening".to_owned(),
            Self::Taken(by) => format!("taken by {by}"),
            Self::NotBound => "not bound".to_owned(),
            Self::Exposed => "inside only".to_owned(),
        }
    }
}

/// A line of the Ports pane.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PortRow {
    /// Its identity.
    pub key: PortKey,
    /// What one can open or copy: `http://localhost:9000`, `localhost:9229`; empty where it is only exposed.
    pub address: String,
    /// Whether the address is a link to open: only known web ports are.
    pub is_link: bool,
    /// `api-1`.
    pub container: String,
    /// `9000/tcp`.
    pub target: String,
    /// How it stands.
    pub state: PortState,
}
