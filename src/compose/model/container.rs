//! The parts that a service's containers are made of: ports, mounts, networks, health, dependencies and the like.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::super::units::{Bytes, Duration, FileMode};
use super::{Environment, Labels};

/// A published port.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Port {
    /// What people call it.
    pub name: Option<String>,
    /// `ingress` or `host`.
    pub mode: Option<String>,
    /// Address of the host; unset: all.
    pub host_ip: Option<String>,
    /// Port in the container.
    pub target: u32,
    /// Port of the host or a range `a-b`; unset: the engine chooses.
    pub published: Option<String>,
    /// `tcp`, `udp` or `sctp`.
    pub protocol: Option<String>,
    /// What is spoken there, such as `http`.
    pub app_protocol: Option<String>,
}

/// Something mounted into a container.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Mount {
    /// What kind.
    #[serde(rename = "type")]
    pub kind: MountType,
    /// Absolute path, key of a volume, or image; unset: anonymous.
    pub source: Option<String>,
    /// Path in the container.
    pub target: String,
    /// It cannot be written.
    pub read_only: bool,
    /// `consistent`, `cached` or `delegated`.
    pub consistency: Option<String>,
    /// Options of a bind mount.
    pub bind: Option<BindOptions>,
    /// Options of a volume.
    pub volume: Option<VolumeOptions>,
    /// Options of a memory file system.
    pub tmpfs: Option<TmpfsOptions>,
    /// Options of an image mount.
    pub image: Option<ImageOptions>,
}

/// Kinds of mounts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MountType {
    /// A path of the host.
    Bind,
    /// A named or anonymous volume.
    #[default]
    Volume,
    /// Memory.
    Tmpfs,
    /// The contents of an image.
    Image,
    /// A named pipe (Windows).
    Npipe,
    /// A volume of a cluster.
    Cluster,
}

/// Options of a bind mount.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct BindOptions {
    /// `z` or `Z`.
    pub selinux: Option<String>,
    /// Propagation, such as `rshared`.
    pub propagation: Option<String>,
    /// A missing path of the host is made as a folder. The short form says yes; Docker Compose takes nothing for no up to
    /// 2.40 and for yes from 5 on.
    pub create_host_path: Option<bool>,
    /// `enabled`, `disabled`, `writable` or `readonly`.
    pub recursive: Option<String>,
}

/// Options of a volume mount.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct VolumeOptions {
    /// Labels of an anonymous volume.
    pub labels: Labels,
    /// The image's files are not copied into a new volume.
    pub nocopy: bool,
    /// Path inside the volume.
    pub subpath: Option<String>,
}

/// Options of a memory file system.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TmpfsOptions {
    /// Size.
    pub size: Option<Bytes>,
    /// Permission bits; 0: not given.
    pub mode: u32,
}

/// Options of an image mount.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ImageOptions {
    /// Path inside the image.
    pub subpath: Option<String>,
}

/// How a service joins a network.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ServiceNetwork {
    /// Further names there.
    pub aliases: Vec<String>,
    /// Options of the driver.
    pub driver_opts: Labels,
    /// The highest one gives the default gateway.
    pub gw_priority: i64,
    /// Name of the interface inside.
    pub interface_name: Option<String>,
    /// Fixed IPv4 address.
    pub ipv4_address: Option<String>,
    /// Fixed IPv6 address.
    pub ipv6_address: Option<String>,
    /// Link-local addresses.
    pub link_local_ips: Vec<String>,
    /// MAC address.
    pub mac_address: Option<String>,
    /// The highest one is joined first.
    pub priority: i64,
}

/// One service's need for another.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Dependency {
    /// What to wait for.
    pub condition: Condition,
    /// It is restarted when the other one is.
    pub restart: bool,
    /// Without the other one nothing works; otherwise it is only warned about.
    pub required: bool,
}

/// What a dependency waits for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Condition {
    /// The other one was started.
    #[default]
    #[serde(rename = "service_started")]
    Started,
    /// Its probe succeeds.
    #[serde(rename = "service_healthy")]
    Healthy,
    /// It has exited with code 0.
    #[serde(rename = "service_completed_successfully")]
    CompletedSuccessfully,
}

impl Condition {
    /// The specification's word, which the `depends_on` label holds too.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Started => "service_started",
            Self::Healthy => "service_healthy",
            Self::CompletedSuccessfully => "service_completed_successfully",
        }
    }
}

/// How health is probed. Unset values are the image's or the engine's.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Healthcheck {
    /// `CMD`, `CMD-SHELL` or `NONE`, then its arguments.
    pub test: Vec<String>,
    /// Time after which a probe has failed.
    pub timeout: Option<Duration>,
    /// Time between probes.
    pub interval: Option<Duration>,
    /// Failures in a row that make it unhealthy.
    pub retries: Option<u64>,
    /// Time at the beginning in which failures do not count.
    pub start_period: Option<Duration>,
    /// Time between probes in that time.
    pub start_interval: Option<Duration>,
    /// The image's probe is off.
    pub disable: bool,
}

/// A command of a moment in a container's life.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Hook {
    /// The command.
    pub command: Option<Vec<String>>,
    /// User that runs it.
    pub user: Option<String>,
    /// Runs with all privileges.
    pub privileged: bool,
    /// Folder it runs in.
    pub working_dir: Option<String>,
    /// Its variables.
    pub environment: Environment,
}

/// A config or secret that a service sees.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FileReference {
    /// Key of the config or secret.
    pub source: String,
    /// Path in the container.
    pub target: Option<String>,
    /// Owner.
    pub uid: Option<String>,
    /// Group.
    pub gid: Option<String>,
    /// Permission bits.
    pub mode: Option<FileMode>,
}

/// A device of the host.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Device {
    /// Path on the host, or a CDI name.
    pub source: String,
    /// Path in the container.
    pub target: Option<String>,
    /// Of `r`, `w` and `m`.
    pub permissions: Option<String>,
}

/// Where output goes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Logging {
    /// Driver; unset: the engine's default.
    pub driver: Option<String>,
    /// Options of the driver.
    pub options: Labels,
}

/// How a service uses a language model.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ServiceModel {
    /// Variable that gets the address.
    pub endpoint_var: Option<String>,
    /// Variable that gets the model's name.
    pub model_var: Option<String>,
}

/// A limit of processes. One number stands for both.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Ulimit {
    /// What a process may change up to `hard`.
    pub soft: i64,
    /// What it may never pass.
    pub hard: i64,
    /// It was given as one number, and is printed so.
    single: bool,
}

impl Ulimit {
    /// Both limits at once. A single 0 is to Docker Compose as if neither had been given.
    pub fn both(limit: i64) -> Self {
        Self { soft: limit, hard: limit, single: limit != 0 }
    }

    /// The two limits apart.
    pub fn range(soft: i64, hard: i64) -> Self {
        Self { soft, hard, single: false }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum UlimitForm {
    Single(i64),
    Range {
        #[serde(default)]
        soft: i64,
        #[serde(default)]
        hard: i64,
    },
}

impl Serialize for Ulimit {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let form = if self.single {
            UlimitForm::Single(self.soft)
        } else {
            UlimitForm::Range { soft: self.soft, hard: self.hard }
        };
        form.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Ulimit {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match UlimitForm::deserialize(deserializer)? {
            UlimitForm::Single(limit) => Self::both(limit),
            UlimitForm::Range { soft, hard } => Self::range(soft, hard),
        })
    }
}
