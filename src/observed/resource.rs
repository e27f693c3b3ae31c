//! Networks, volumes, images, and the whole that a plan is made from.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;

use super::Container;

/// A network of the engine.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Network {
    /// The engine's id.
    pub id: String,
    /// Its name; names need not be unique.
    pub name: String,
    /// Its driver.
    pub driver: String,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
}

/// A volume of the engine.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Volume {
    /// Its name, which is its identity.
    pub name: String,
    /// Its driver.
    pub driver: String,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
}

/// An image that the engine has.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Image {
    /// Its digest (`sha256:…`).
    pub id: String,
    /// Its names.
    pub tags: Vec<String>,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// `Config` of inspect: the defaults that containers inherit (`Cmd`, `Env`, `ExposedPorts`, `Healthcheck`, `Volumes` …).
    pub config: Value,
    /// `os/architecture`.
    pub platform: String,
    /// When it last got a name here: pulled, built, loaded or tagged.
    pub tagged: Option<Timestamp>,
}

/// What the engine has for a project at one moment, read in one go before a plan is made.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Observed {
    /// The containers of the project, inspected, one-offs included.
    pub containers: Vec<Container>,
    /// Containers outside the project, as listed: they may hold a port or a name that the project wants.
    pub others: Vec<Container>,
    /// All networks of the engine.
    pub networks: Vec<Network>,
    /// All volumes of the engine.
    pub volumes: Vec<Volume>,
    /// The images that the project's services name, by that name; absent if the engine lacks it.
    pub images: BTreeMap<String, Image>,
    /// The API version spoken with the engine, as (major, minor).
    pub api: (u32, u32),
    /// When it was read, by this machine's clock.
    pub read_at: Option<Timestamp>,
}
