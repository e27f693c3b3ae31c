//! One container as the engine describes it, from `GET /containers/json` and, once read, `GET /containers/{id}/json`.

use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Value;

/// The labels by which Docker Compose v2 knows its own; the source is its `pkg/api/labels.go`.
pub mod label {
    /// The project's name.
    pub const PROJECT: &str = "com.docker.compose.project";
    /// The service's name.
    pub const SERVICE: &str = "com.docker.compose.service";
    /// The number of the replica, from 1; absent on one-offs.
    pub const CONTAINER_NUMBER: &str = "com.docker.compose.container-number";
    /// `True` on what `run` made, else `False`.
    pub const ONE_OFF: &str = "com.docker.compose.oneoff";
    /// What tells one-offs of a service apart: 64 hexadecimal digits.
    pub const SLUG: &str = "com.docker.compose.slug";
    /// The service's config hash. Compose does not see a container without it.
    pub const CONFIG_HASH: &str = "com.docker.compose.config-hash";
    /// The version of the tool that made it.
    pub const VERSION: &str = "com.docker.compose.version";
    /// The project's folder, absolute.
    pub const WORKING_DIR: &str = "com.docker.compose.project.working_dir";
    /// The compose files, absolute, joined by commas.
    pub const CONFIG_FILES: &str = "com.docker.compose.project.config_files";
    /// The files given by `--env-file`, absolute, joined by commas.
    pub const ENVIRONMENT_FILE: &str = "com.docker.compose.project.environment_file";
    /// `service:condition:restart` of each dependency, joined by commas.
    pub const DEPENDS_ON: &str = "com.docker.compose.depends_on";
    /// The digest of the image it was made from.
    pub const IMAGE: &str = "com.docker.compose.image";
    /// The name of what this container replaced.
    pub const REPLACE: &str = "com.docker.compose.replace";
    /// The key of a network in the file.
    pub const NETWORK: &str = "com.docker.compose.network";
    /// The key of a volume in the file.
    pub const VOLUME: &str = "com.docker.compose.volume";
}

/// The engine's id of a container: 64 hexadecimal digits on Docker. Cheap to clone.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ContainerId(pub Arc<str>);

impl ContainerId {
    /// The first twelve characters, as `docker ps` shows them.
    pub fn short(&self) -> &str {
        self.0.get(..12).unwrap_or(&self.0)
    }
}

impl From<&str> for ContainerId {
    fn from(id: &str) -> Self {
        Self(id.into())
    }
}

impl Borrow<str> for ContainerId {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ContainerId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl fmt::Debug for ContainerId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.short())
    }
}

/// What a container is doing (`State.Status` of inspect, `State` of list).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// Made, never started.
    #[default]
    Created,
    /// Its process runs.
    Running,
    /// Its processes are frozen.
    Paused,
    /// It ended and the engine starts it again by its restart policy.
    Restarting,
    /// It is being removed.
    Removing,
    /// Its process ended.
    Exited,
    /// It could not be removed in full.
    Dead,
    /// What a newer engine or podman calls it.
    Other(String),
}

impl State {
    /// Reads the engine's word; an unknown one is kept.
    pub fn from_word(word: &str) -> Self {
        match word {
            "created" => Self::Created,
            "running" => Self::Running,
            "paused" => Self::Paused,
            "restarting" => Self::Restarting,
            "removing" => Self::Removing,
            "exited" | "stopped" => Self::Exited,
            "dead" => Self::Dead,
            other => Self::Other(other.to_owned()),
        }
    }

    /// Whether a process of it exists: it runs, is paused or is between two restarts.
    pub fn is_alive(&self) -> bool {
        matches!(self, Self::Running | Self::Paused | Self::Restarting)
    }
}

/// What the health check says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HealthStatus {
    /// Within the start period, or not yet enough probes.
    Starting,
    /// The last probe passed.
    Healthy,
    /// As many probes in a row failed as `retries` allows.
    Unhealthy,
    /// What a newer engine calls it.
    Other(String),
}

/// The health of a container that has a health check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Health {
    /// The engine's verdict.
    pub status: HealthStatus,
    /// Probes that failed in a row.
    pub failing_streak: u32,
    /// How many failures in a row make it unhealthy (`Config.Healthcheck.Retries`; the engine's default is 3).
    pub retries: u32,
    /// The last probes, oldest first; the engine keeps five.
    pub probes: Vec<Probe>,
}

/// One run of the health check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probe {
    /// When it began.
    pub start: Option<Timestamp>,
    /// When it ended.
    pub end: Option<Timestamp>,
    /// 0 is a pass; -1 means that it did not end in time.
    pub exit_code: i64,
    /// What it printed, as the engine keeps it (4 KiB at most). Untrusted.
    pub output: String,
}

/// A port of a container, published on the engine's host or only exposed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PublishedPort {
    /// The port inside the container.
    pub target: u16,
    /// `tcp`, `udp` or `sctp`.
    pub protocol: String,
    /// The address on the engine's host; none where the port is only exposed.
    pub host_ip: Option<IpAddr>,
    /// The port on the engine's host; none where the port is only exposed.
    pub published: Option<u16>,
}

/// A container's place in a network.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attachment {
    /// The network's id; empty until the container was started once on some engines.
    pub network_id: String,
    /// The container's address there, as text; empty when it is not running.
    pub address: String,
    /// Its names there.
    pub aliases: Vec<String>,
}

/// A mount of a container.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mount {
    /// `bind`, `volume`, `tmpfs`, …
    pub kind: String,
    /// The volume's name; empty for the others.
    pub name: String,
    /// The path on the host.
    pub source: String,
    /// The path inside.
    pub target: String,
    /// Whether it may be written.
    pub writable: bool,
}

/// A container of the engine, of whatever project.
#[derive(Clone, Debug, PartialEq)]
pub struct Container {
    /// The engine's id.
    pub id: ContainerId,
    /// Its name, without the API's leading slash.
    pub name: String,
    /// The image by the name that it was created with.
    pub image: String,
    /// The digest of the image that it runs.
    pub image_id: String,
    /// Its labels, Compose's among them ([`label`]).
    pub labels: BTreeMap<String, String>,
    /// What it is doing.
    pub state: State,
    /// None without a health check.
    pub health: Option<Health>,
    /// The code of its last end; none while it has never ended.
    pub exit_code: Option<i64>,
    /// Whether the kernel killed it for memory (known once inspected).
    pub oom_killed: bool,
    /// Why it could not be started; empty if it could.
    pub error: String,
    /// When it was made.
    pub created_at: Option<Timestamp>,
    /// When it was last started.
    pub started_at: Option<Timestamp>,
    /// When it last ended.
    pub finished_at: Option<Timestamp>,
    /// How often the restart policy started it again.
    pub restart_count: u32,
    /// Whether it has a terminal: its log then has no stream frames.
    pub tty: bool,
    /// Its ports, sorted.
    pub ports: Vec<PublishedPort>,
    /// Its networks, by name.
    pub networks: BTreeMap<String, Attachment>,
    /// Its mounts, sorted by target.
    pub mounts: Vec<Mount>,
    /// The whole answer of inspect; none while only listed. What is not typed above (create body, limits, restart
    /// policy) is read from here by `plan` for the drift and by the details layer.
    pub inspect: Option<Arc<Value>>,
}

impl Container {
    /// A container of which only the identity is known.
    pub fn new(id: impl Into<ContainerId>, name: &str) -> Self {
        Self {
            id: id.into(),
            name: name.to_owned(),
            image: String::new(),
            image_id: String::new(),
            labels: BTreeMap::new(),
            state: State::default(),
            health: None,
            exit_code: None,
            oom_killed: false,
            error: String::new(),
            created_at: None,
            started_at: None,
            finished_at: None,
            restart_count: 0,
            tty: false,
            ports: Vec::new(),
            networks: BTreeMap::new(),
            mounts: Vec::new(),
            inspect: None,
        }
    }

    /// The value of a label.
    pub fn label(&self, key: &str) -> Option<&str> {
        self.labels.get(key).map(String::as_str)
    }

    /// The compose project that it belongs to.
    pub fn project(&self) -> Option<&str> {
        self.label(label::PROJECT)
    }

    /// The service that it is a container of.
    pub fn service(&self) -> Option<&str> {
        self.label(label::SERVICE)
    }

    /// The number of the replica; none on one-offs and on what Compose did not make.
    pub fn number(&self) -> Option<u32> {
        self.label(label::CONTAINER_NUMBER)?.parse().ok()
    }

    /// Whether `run` made it.
    pub fn is_one_off(&self) -> bool {
        self.label(label::ONE_OFF).is_some_and(|value| value.eq_ignore_ascii_case("true"))
    }

    /// The config hash that it was made with.
    pub fn config_hash(&self) -> Option<&str> {
        self.label(label::CONFIG_HASH)
    }

    /// Whether the classic builder makes an image in it: it has the labels that Compose gives to images, and none of those
    /// that only containers get.
    pub fn is_of_a_build(&self) -> bool {
        let own = [label::CONTAINER_NUMBER, label::ONE_OFF, label::CONFIG_HASH];
        self.project().is_some() && own.iter().all(|name| self.label(name).is_none())
    }

    /// Whether the kernel or a signal ended it, or it ended with a code other than 0.
    pub fn has_failed(&self) -> bool {
        matches!(self.state, State::Exited | State::Dead) && self.exit_code.unwrap_or(0) != 0
    }
}
