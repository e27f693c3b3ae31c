//! The top-level networks, volumes, configs, secrets and models.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use super::Labels;

/// A network of the project.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Network {
    /// The engine's name, `<project>_<key>` unless the file gives one.
    pub name: String,
    /// Driver; unset: the engine's default.
    pub driver: Option<String>,
    /// Options of the driver.
    pub driver_opts: IndexMap<String, String>,
    /// Addresses.
    pub ipam: Ipam,
    /// It exists already and is not ours to make or remove.
    pub external: bool,
    /// It has no way out.
    pub internal: bool,
    /// Containers outside the project may join.
    pub attachable: bool,
    /// Labels.
    pub labels: Labels,
    /// IPv4 on or off; unset: the engine's default.
    pub enable_ipv4: Option<bool>,
    /// IPv6 on or off; unset: the engine's default.
    pub enable_ipv6: Option<bool>,
}

/// How a network gives out addresses.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Ipam {
    /// Driver.
    pub driver: Option<String>,
    /// Pools.
    pub config: Vec<IpamPool>,
    /// Options of the driver.
    pub options: IndexMap<String, String>,
}

/// A pool of addresses.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct IpamPool {
    /// Subnet in CIDR notation.
    pub subnet: Option<String>,
    /// Gateway.
    pub gateway: Option<String>,
    /// Part of the subnet that containers get addresses from.
    pub ip_range: Option<String>,
    /// Reserved addresses by host name.
    pub aux_addresses: IndexMap<String, String>,
}

/// A named volume of the project.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Volume {
    /// The engine's name, `<project>_<key>` unless the file gives one.
    pub name: String,
    /// Driver; unset: `local`.
    pub driver: Option<String>,
    /// Options of the driver.
    pub driver_opts: IndexMap<String, String>,
    /// It exists already and is not ours to make or remove.
    pub external: bool,
    /// Labels.
    pub labels: Labels,
}

/// A config or a secret: where its contents come from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FileObject {
    /// The engine's name, `<project>_<key>` unless the file gives one.
    pub name: String,
    /// A file, absolute.
    pub file: Option<String>,
    /// A variable of the project's environment.
    pub environment: Option<String>,
    /// The contents themselves.
    pub content: Option<String>,
    /// It exists already.
    pub external: bool,
    /// Labels.
    pub labels: Labels,
    /// Driver.
    pub driver: Option<String>,
    /// Options of the driver.
    pub driver_opts: IndexMap<String, String>,
    /// Driver of templates.
    pub template_driver: Option<String>,
}

/// A language model of the project.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Model {
    /// Its name.
    pub name: Option<String>,
    /// OCI reference of the model.
    pub model: String,
    /// Number of tokens of the context; 0: not given.
    pub context_size: i64,
    /// Flags of the runtime.
    pub runtime_flags: Vec<String>,
}
