//! A container: what it was made from, how it is, and what it has printed.

use serde_json::{Map, Value};
use tokio::sync::watch;

use super::super::clock::Moment;
use super::super::program::{Files, Process};
use super::event::Attributes;
use super::health::Health;
use super::log::Log;

/// The state that the API names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Never started, or it could not be.
    Created,
    /// It runs.
    Running,
    /// It runs, and stands still.
    Paused,
    /// It has ended and is started again after a pause.
    Restarting,
    /// It has ended.
    Exited,
}

impl Phase {
    /// The API's word.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Restarting => "restarting",
            Self::Exited => "exited",
        }
    }

    /// Whether the engine calls it running: a paused or restarting one is.
    pub(crate) fn is_running(self) -> bool {
        matches!(self, Self::Running | Self::Paused | Self::Restarting)
    }
}

/// A container.
pub(crate) struct Container {
    /// 64 hexadecimal digits.
    pub(crate) id: String,
    /// Without the slash.
    pub(crate) name: String,
    /// The how-manieth of the world: what chance in it depends on.
    pub(crate) number: u64,
    pub(crate) created: Moment,
    /// The image's id.
    pub(crate) image: String,
    /// `Config` of inspect, with what the image gives.
    pub(crate) config: Map<String, Value>,
    /// `HostConfig` of inspect.
    pub(crate) host: Map<String, Value>,
    /// How it joins networks, in order.
    pub(crate) endpoints: Vec<Endpoint>,
    pub(crate) mounts: Vec<Mount>,
    /// Ports that are bound while it runs.
    pub(crate) ports: Vec<Binding>,
    /// What lies in it besides what its shell makes up.
    pub(crate) files: Files,
    pub(crate) life: Life,
    pub(crate) log: Log,
    /// Told with every change.
    pub(crate) pulse: watch::Sender<Pulse>,
}

/// How a container joins a network.
#[derive(Clone, Debug, Default)]
pub(crate) struct Endpoint {
    /// The network's name.
    pub(crate) network: String,
    /// What was asked for.
    pub(crate) settings: Map<String, Value>,
    /// The network's id, from when it was first attached.
    pub(crate) network_id: String,
    /// Set while it is attached.
    pub(crate) attached: Option<Attached>,
}

/// An endpoint's place in its network.
#[derive(Clone, Debug)]
pub(crate) struct Attached {
    pub(crate) id: String,
    pub(crate) address: String,
    pub(crate) mac: String,
}

/// Something mounted.
#[derive(Clone, Debug)]
pub(crate) struct Mount {
    /// `volume`, `bind` or `tmpfs`.
    pub(crate) kind: String,
    /// The volume's name; empty for the others.
    pub(crate) volume: String,
    pub(crate) source: String,
    pub(crate) target: String,
    pub(crate) mode: String,
    pub(crate) writable: bool,
    /// Whether the volume has no name of its own and goes with the container.
    pub(crate) anonymous: bool,
}

/// A port of the container on the host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Binding {
    /// `80/tcp`.
    pub(crate) target: String,
    pub(crate) host_ip: String,
    pub(crate) host_port: u16,
}

/// What changes in a container as it lives.
#[derive(Default)]
pub(crate) struct Life {
    pub(crate) phase: Option<Phase>,
    pub(crate) exit_code: i64,
    pub(crate) oom_killed: bool,
    /// Why it could not be started.
    pub(crate) error: String,
    pub(crate) pid: u32,
    pub(crate) started: Option<Moment>,
    pub(crate) finished: Option<Moment>,
    pub(crate) restarts: u32,
    /// The pause before the next restart.
    pub(crate) pause: std::time::Duration,
    pub(crate) restart_at: Option<Moment>,
    /// A person stopped it: its restart policy does nothing more.
    pub(crate) stopped_by_hand: bool,
    pub(crate) stopping: Option<Stopping>,
    pub(crate) process: Option<Process>,
    pub(crate) health: Option<Health>,
    /// When it was paused: its time stands still.
    pub(crate) paused: Option<Moment>,
}

/// A stop under way.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stopping {
    /// When it is killed; never, with a negative timeout.
    pub(crate) kill_at: Option<Moment>,
    /// Whether it is started again.
    pub(crate) restarts: bool,
}

/// What those need to know who wait for a container.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Pulse {
    /// Whether it runs, as the engine sees it.
    pub(crate) is_running: bool,
    /// How often it has ended.
    pub(crate) ends: u64,
    /// Its last exit code.
    pub(crate) exit_code: i64,
    /// The number after the last message before its last end.
    pub(crate) last: u64,
    /// Whether it is gone.
    pub(crate) is_removed: bool,
    /// Counts everything else: a message in its log, a change of its state.
    pub(crate) changes: u64,
}

impl Container {
    pub(crate) fn phase(&self) -> Phase {
        self.life.phase.unwrap_or(Phase::Created)
    }

    /// Whether it has a terminal.
    pub(crate) fn has_terminal(&self) -> bool {
        self.config.get("Tty").and_then(Value::as_bool).unwrap_or(false)
    }

    /// The labels.
    pub(crate) fn labels(&self) -> Attributes {
        let labels = self.config.get("Labels").and_then(Value::as_object);
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        labels.into_iter().flatten().map(|(name, value)| (name.clone(), text(value))).collect()
    }

    /// The image's name, as it was asked for.
    pub(crate) fn image_name(&self) -> &str {
        self.config.get("Image").and_then(Value::as_str).unwrap_or_default()
    }

    /// A text of `Config`.
    pub(crate) fn text(&self, key: &str) -> &str {
        self.config.get(key).and_then(Value::as_str).unwrap_or_default()
    }

    /// A list of texts of `Config`.
    pub(crate) fn texts(&self, key: &str) -> Vec<String> {
        texts(self.config.get(key).unwrap_or(&Value::Null))
    }

    /// The folder that its program starts in.
    pub(crate) fn folder(&self) -> &str {
        Some(self.text("WorkingDir")).filter(|folder| !folder.is_empty()).unwrap_or("/")
    }

    /// What it runs: the entrypoint and the command after it.
    pub(crate) fn argv(&self) -> Vec<String> {
        [self.texts("Entrypoint"), self.texts("Cmd")].concat()
    }

    /// The network namespace: a network's name, `host`, `none`, `container:ID`.
    pub(crate) fn network_mode(&self) -> &str {
        self.host.get("NetworkMode").and_then(Value::as_str).unwrap_or("default")
    }

    /// The restart policy's name, and how often it tries.
    pub(crate) fn restart_policy(&self) -> (&str, u64) {
        let policy = self.host.get("RestartPolicy").unwrap_or(&Value::Null);
        (policy["Name"].as_str().unwrap_or("no"), policy["MaximumRetryCount"].as_u64().unwrap_or(0))
    }

    /// Whether it goes when it ends.
    pub(crate) fn is_removed_at_end(&self) -> bool {
        self.host.get("AutoRemove").and_then(Value::as_bool).unwrap_or(false)
    }

    /// The memory that it may have, in bytes.
    pub(crate) fn memory_limit(&self) -> Option<u64> {
        self.host.get("Memory").and_then(Value::as_u64).filter(|limit| *limit > 0)
    }

    /// The signal that stops it.
    pub(crate) fn stop_signal(&self) -> &str {
        Some(self.text("StopSignal")).filter(|signal| !signal.is_empty()).unwrap_or("SIGTERM")
    }

    /// When something happens to it by itself.
    pub(crate) fn next_due(&self) -> Option<Moment> {
        let life = &self.life;
        let kill_at = life.stopping.and_then(|stopping| stopping.kill_at);
        let lives = self.phase() == Phase::Running;
        let process = life.process.as_ref().filter(|_| lives).and_then(Process::next);
        let health = life.health.as_ref().filter(|_| lives).and_then(Health::next);
        [kill_at, life.restart_at, process, health].into_iter().flatten().min()
    }

    /// Prints what its program has printed until now.
    pub(crate) fn catch_up(&mut self, now: Moment) {
        if self.phase() != Phase::Running {
            return;
        }
        let (process, log) = (&mut self.life.process, &mut self.log);
        if let Some(process) = process {
            process.catch_up(now, &mut |at, source, bytes| log.print(at, source, bytes));
        }
    }

    /// When it next prints by itself what [`Container::catch_up`] prints.
    pub(crate) fn next_line(&self) -> Option<Moment> {
        self.life.process.as_ref().filter(|_| self.phase() == Phase::Running).and_then(Process::next_line)
    }

    /// Wakes those who wait for it.
    pub(crate) fn beat(&self, change: impl FnOnce(&mut Pulse)) {
        self.pulse.send_modify(|pulse| {
            pulse.changes += 1;
            change(pulse);
        });
    }
}

/// A list of texts; a single text is one of itself, as `Cmd` may be.
pub(crate) fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(list) => list.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}
