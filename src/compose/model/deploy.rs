//! `deploy`: replicas, resources and policies.

use serde::{Deserialize, Serialize};

use super::super::units::{Bytes, Duration};
use super::Labels;

/// Deployment of a service (Compose Deploy Specification).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Deploy {
    /// `replicated`, `global`, or a job of either kind.
    pub mode: Option<String>,
    /// Wanted number of replicas.
    pub replicas: Option<i64>,
    /// Labels of the service, which its containers do not get.
    pub labels: Labels,
    /// How updates go on.
    pub update_config: Option<DeployUpdate>,
    /// How going back goes on.
    pub rollback_config: Option<DeployUpdate>,
    /// Limits and reservations.
    pub resources: Resources,
    /// When containers are restarted.
    pub restart_policy: Option<RestartPolicy>,
    /// On which nodes.
    pub placement: Placement,
    /// `vip` or `dnsrr`.
    pub endpoint_mode: Option<String>,
}

/// How replicas are replaced.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct DeployUpdate {
    /// How many at a time.
    pub parallelism: Option<u64>,
    /// Pause between two groups.
    pub delay: Option<Duration>,
    /// `continue`, `pause` or `rollback`.
    pub failure_action: Option<String>,
    /// Time after each in which a failure counts.
    pub monitor: Option<Duration>,
    /// Part of failures that is tolerated.
    pub max_failure_ratio: f32,
    /// `stop-first` or `start-first`.
    pub order: Option<String>,
}

/// Limits and reservations.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Resources {
    /// What it may use at most.
    pub limits: Option<Resource>,
    /// What is kept for it.
    pub reservations: Option<Resource>,
}

/// An amount of each resource.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Resource {
    /// Number of processors, fractions allowed; 0: not given.
    pub cpus: f32,
    /// Memory.
    pub memory: Option<Bytes>,
    /// Number of processes; 0: not given.
    pub pids: i64,
    /// Devices.
    pub devices: Vec<DeviceRequest>,
    /// Resources that the user defines.
    pub generic_resources: Vec<GenericResource>,
}

/// A request for devices such as graphics processors.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DeviceRequest {
    /// What the devices must be able to do.
    pub capabilities: Vec<String>,
    /// Driver.
    pub driver: Option<String>,
    /// How many; -1: all, 0: not given.
    pub count: i64,
    /// Which ones.
    pub device_ids: Vec<String>,
    /// Options of the driver.
    pub options: Labels,
}

/// A resource that the user defines.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct GenericResource {
    /// Its kind and number.
    pub discrete_resource_spec: Option<DiscreteResource>,
}

/// A countable resource.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DiscreteResource {
    /// What.
    pub kind: String,
    /// How many.
    pub value: i64,
}

/// When containers are restarted; maps onto the engine's restart policy.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RestartPolicy {
    /// `none`, `on-failure` or `any`.
    pub condition: Option<String>,
    /// Pause before it.
    pub delay: Option<Duration>,
    /// How often.
    pub max_attempts: Option<u64>,
    /// Time after which a start counts as a success.
    pub window: Option<Duration>,
}

/// On which nodes replicas run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Placement {
    /// Conditions on nodes.
    pub constraints: Vec<String>,
    /// Preferences.
    pub preferences: Vec<PlacementPreference>,
    /// Replicas on one node at most; 0: not given.
    pub max_replicas_per_node: u64,
}

/// A preference of placement.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PlacementPreference {
    /// Label to spread over.
    pub spread: Option<String>,
}
