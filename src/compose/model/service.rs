//! One service: every attribute that its containers are created from.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::super::units::{Bytes, Duration};
use super::{
    Build, Dependency, Deploy, Device, DeviceRequest, Environment, FileReference, Healthcheck, Hook, Labels,
    Logging, Mount, Port, ServiceModel, ServiceNetwork, Ulimit,
};

/// A service of the project (Compose Specification, "services").
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Service {
    /// Its key under `services`.
    #[serde(skip)]
    pub name: String,
    /// Profiles that turn it on; none: always on.
    pub profiles: Vec<String>,

    // What runs.
    /// Image reference; `None` when only `build` is given.
    pub image: Option<String>,
    /// How its image is built.
    pub build: Option<Build>,
    /// When its image is pulled; read it through [`Service::pull_policy`].
    pub pull_policy: Option<String>,
    /// `os/arch[/variant]` of the image.
    pub platform: Option<String>,
    /// Arguments in place of the image's; an empty list clears them.
    pub command: Option<Vec<String>>,
    /// Entry point in place of the image's; an empty list clears it.
    pub entrypoint: Option<Vec<String>>,
    /// Variables, env files folded in.
    pub environment: Environment,
    /// Env files that were not folded in; empty after a full load.
    pub env_file: Vec<Value>,
    /// Folder that the command runs in.
    pub working_dir: Option<String>,
    /// User, or `user:group`.
    pub user: Option<String>,
    /// Groups beside the user's own.
    pub group_add: Vec<String>,
    /// Name of the one container, in place of `<project>-<service>-<n>`.
    pub container_name: Option<String>,
    /// Host name inside.
    pub hostname: Option<String>,
    /// Domain name inside.
    pub domainname: Option<String>,
    /// Labels of its containers.
    pub labels: Labels,
    /// Files whose labels were merged into `labels`, absolute.
    pub label_file: Vec<String>,
    /// OCI annotations.
    pub annotations: Labels,
    /// Whether `up` attaches to its output; unset: yes.
    pub attach: Option<bool>,
    /// Standard input is kept open.
    pub stdin_open: bool,
    /// A terminal is allocated.
    pub tty: bool,
    /// An init process reaps children.
    pub init: Option<bool>,
    /// Runtime of the engine, such as `runsc`.
    pub runtime: Option<String>,
    /// Isolation technology (Windows).
    pub isolation: Option<String>,

    // Its life.
    /// Wanted number of replicas; read it through [`Service::replicas`].
    pub scale: Option<i64>,
    /// Replicas, resources and policies.
    pub deploy: Option<Deploy>,
    /// Restart policy: `no`, `always`, `on-failure[:n]`, `unless-stopped`.
    pub restart: Option<String>,
    /// Services that must come first, implied ones included.
    pub depends_on: IndexMap<String, Dependency>,
    /// How health is probed.
    pub healthcheck: Option<Healthcheck>,
    /// Signal that asks it to stop.
    pub stop_signal: Option<String>,
    /// Time between that signal and SIGKILL; unset: the engine's 10 seconds.
    pub stop_grace_period: Option<Duration>,
    /// Commands run inside once it has started.
    pub post_start: Vec<Hook>,
    /// Commands run inside before it is stopped.
    pub pre_stop: Vec<Hook>,
    /// Something outside the engine that provides this service.
    pub provider: Option<Provider>,
    /// What watch mode does on file changes.
    pub develop: Option<Develop>,

    // How it is reached.
    /// Published ports.
    pub ports: Vec<Port>,
    /// Ports that only other containers reach.
    pub expose: Vec<String>,
    /// Networks it joins, by key; `None` without options of its own.
    pub networks: IndexMap<String, Option<ServiceNetwork>>,
    /// `bridge`, `host`, `none`, `service:<name>`, `container:<id>`; excludes `networks`.
    pub network_mode: Option<String>,
    /// MAC address on the primary network.
    pub mac_address: Option<String>,
    /// Services reachable by another name: `service[:alias]`.
    pub links: Vec<String>,
    /// Containers outside the project: `container[:alias]`.
    pub external_links: Vec<String>,
    /// Lines of `/etc/hosts`, as `host=ip`, sorted.
    pub extra_hosts: Vec<String>,
    /// Name servers.
    pub dns: Vec<String>,
    /// Resolver options.
    pub dns_opt: Vec<String>,
    /// Search domains.
    pub dns_search: Vec<String>,

    // What it sees of files.
    /// Mounts.
    pub volumes: Vec<Mount>,
    /// Mounts of other services or containers: `service[:ro]`, `container:<name>[:ro]`.
    pub volumes_from: Vec<String>,
    /// Memory file systems: `path[:options]`.
    pub tmpfs: Vec<String>,
    /// Config files.
    pub configs: Vec<FileReference>,
    /// Secret files.
    pub secrets: Vec<FileReference>,
    /// Devices of the host.
    pub devices: Vec<Device>,
    /// Rules of the device cgroup.
    pub device_cgroup_rules: Vec<String>,
    /// Graphics processors.
    pub gpus: Vec<DeviceRequest>,
    /// Options of the storage driver.
    pub storage_opt: IndexMap<String, String>,
    /// Its root file system is read-only.
    pub read_only: bool,
    /// The engine's socket is mounted.
    pub use_api_socket: bool,

    // What it may do.
    /// Capabilities added.
    pub cap_add: Vec<String>,
    /// Capabilities dropped.
    pub cap_drop: Vec<String>,
    /// Runs with all privileges.
    pub privileged: bool,
    /// Security options.
    pub security_opt: Vec<String>,
    /// Kernel parameters.
    pub sysctls: IndexMap<String, String>,
    /// Limits of processes.
    pub ulimits: IndexMap<String, Ulimit>,
    /// Credential specification (Windows).
    pub credential_spec: Option<CredentialSpec>,

    // Namespaces.
    /// Process namespace.
    pub pid: Option<String>,
    /// IPC namespace.
    pub ipc: Option<String>,
    /// Host name namespace.
    pub uts: Option<String>,
    /// User namespace.
    pub userns_mode: Option<String>,
    /// Cgroup namespace: `host` or `private`.
    pub cgroup: Option<String>,
    /// Parent cgroup.
    pub cgroup_parent: Option<String>,

    // What it may use.
    /// Block I/O weights and limits.
    pub blkio_config: Option<BlockIo>,
    /// Number of usable processors (Windows).
    pub cpu_count: i64,
    /// Usable part of the processors, in per cent (Windows).
    pub cpu_percent: f32,
    /// CFS period in microseconds.
    pub cpu_period: i64,
    /// CFS quota in microseconds.
    pub cpu_quota: i64,
    /// Real-time period in microseconds.
    pub cpu_rt_period: i64,
    /// Real-time runtime in microseconds.
    pub cpu_rt_runtime: i64,
    /// Number of processors, fractions allowed; 0: no limit.
    pub cpus: f32,
    /// Processors it may run on, such as `0-3`.
    pub cpuset: Option<String>,
    /// Relative weight.
    pub cpu_shares: i64,
    /// Memory limit.
    pub mem_limit: Option<Bytes>,
    /// Soft memory limit.
    pub mem_reservation: Option<Bytes>,
    /// Memory and swap together; -1: no limit.
    pub memswap_limit: Option<Bytes>,
    /// 0 to 100.
    pub mem_swappiness: Option<Bytes>,
    /// Size of `/dev/shm`.
    pub shm_size: Option<Bytes>,
    /// The kernel's out-of-memory killer leaves it alone.
    pub oom_kill_disable: bool,
    /// Preference of that killer, -1000 to 1000.
    pub oom_score_adj: i64,
    /// Number of processes; -1: no limit, 0: not given.
    pub pids_limit: i64,

    // What is done with its output, and the rest.
    /// Logging driver and its options.
    pub logging: Option<Logging>,
    /// Language models it uses, by key.
    pub models: IndexMap<String, Option<ServiceModel>>,
}

/// When an image is pulled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PullPolicy {
    /// If the engine does not have it (the default).
    Missing,
    /// Every time.
    Always,
    /// Not at all.
    Never,
    /// Built, not pulled.
    Build,
    /// If the last pull is longer ago than this.
    Every(Duration),
}

impl Service {
    /// The number of replicas that the file asks for: `scale`, then `deploy.replicas`, then one.
    pub fn replicas(&self) -> i64 {
        self.scale.or_else(|| self.deploy.as_ref()?.replicas).unwrap_or(1)
    }

    /// Whether these active profiles turn it on, `*` being all.
    pub fn is_on(&self, active: &[String]) -> bool {
        let is_active = |profile: &String| active.iter().any(|other| other == profile || other == "*");
        self.profiles.is_empty() || self.profiles.iter().any(is_active)
    }

    /// `pull_policy`, understood. An unreadable `every_` means `missing`, for it has been reported by validation.
    pub fn pull_policy(&self) -> PullPolicy {
        match self.pull_policy.as_deref() {
            Some("always") => PullPolicy::Always,
            Some("never") => PullPolicy::Never,
            Some("build") => PullPolicy::Build,
            Some("daily") => PullPolicy::Every(Duration::DAY),
            Some("weekly") => PullPolicy::Every(Duration::WEEK),
            Some(other) => other
                .strip_prefix("every_")
                .and_then(|text| Duration::parse(text).ok())
                .map_or(PullPolicy::Missing, PullPolicy::Every),
            None => PullPolicy::Missing,
        }
    }

    /// Keys of its networks, the primary one first: by priority, then by name.
    pub fn networks_by_priority(&self) -> Vec<&str> {
        let priority =
            |key: &str| self.networks.get(key).and_then(Option::as_ref).map_or(0, |network| network.priority);
        let mut keys: Vec<&str> = self.networks.keys().map(String::as_str).collect();
        keys.sort_by_key(|key| (std::cmp::Reverse(priority(key)), *key));
        keys
    }
}

/// A service that something outside the engine provides.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Provider {
    /// Name of the provider, which names its program.
    #[serde(rename = "type")]
    pub kind: String,
    /// What it is told.
    pub options: IndexMap<String, Vec<String>>,
}

/// Credential specification of a Windows service account; one of the three is given.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CredentialSpec {
    /// Key of a config.
    pub config: Option<String>,
    /// A file.
    pub file: Option<String>,
    /// A registry entry.
    pub registry: Option<String>,
}

/// Weights and limits of block devices.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct BlockIo {
    /// Weight of the service, 10 to 1000.
    pub weight: u16,
    /// Weights by device.
    pub weight_device: Vec<WeightDevice>,
    /// Bytes read in a second.
    pub device_read_bps: Vec<ThrottleDevice>,
    /// Reads in a second.
    pub device_read_iops: Vec<ThrottleDevice>,
    /// Bytes written in a second.
    pub device_write_bps: Vec<ThrottleDevice>,
    /// Writes in a second.
    pub device_write_iops: Vec<ThrottleDevice>,
}

/// The weight of one block device. The capital letters are Compose's own output.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct WeightDevice {
    /// Path of the device.
    pub path: String,
    /// 10 to 1000.
    pub weight: u16,
}

/// The limit of one block device.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct ThrottleDevice {
    /// Path of the device.
    pub path: String,
    /// Bytes or operations in a second.
    pub rate: Bytes,
}

/// What watch mode does.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Develop {
    /// Watched paths, each with its action.
    pub watch: Vec<WatchTrigger>,
}

/// A watched path.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct WatchTrigger {
    /// The path, absolute.
    pub path: String,
    /// `rebuild`, `sync`, `restart`, `sync+restart` or `sync+exec`.
    pub action: String,
    /// Path in the container that changes are copied to.
    pub target: Option<String>,
    /// Command run after the copy.
    pub exec: Hook,
    /// Patterns of paths that count.
    pub include: Vec<String>,
    /// Patterns of paths that do not.
    pub ignore: Vec<String>,
    /// Everything is copied when watching begins.
    pub initial_sync: bool,
}
