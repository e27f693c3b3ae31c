//! The typed project: what all passes of the loader end in and what planning and the screen read.
//!
//! Every field carries the name, and after loading the meaning, of the attribute in the Compose Specification; short forms,
//! relative paths and unset names are gone. Maps keep the order of the files. A field that is `None` or empty was not
//! given. The types hold data only: reading files, checking and hashing are done by the passes beside this module.
//!
//! They are made from, and turn back into, the canonical JSON that `docker compose config --format json` prints (`emit`),
//! so their order here is for the reader; the order of the hash is the table's (`table`).

mod build;
mod container;
mod deploy;
mod resource;
mod service;

use std::collections::BTreeMap;
use std::path::PathBuf;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

pub use self::build::Build;
pub use self::container::{
    BindOptions, Condition, Dependency, Device, FileReference, Healthcheck, Hook, ImageOptions, Logging,
    Mount, MountType, Port, ServiceModel, ServiceNetwork, TmpfsOptions, Ulimit, VolumeOptions,
};
pub use self::deploy::{
    Deploy, DeployUpdate, DeviceRequest, DiscreteResource, GenericResource, Placement, PlacementPreference,
    Resource, Resources, RestartPolicy,
};
pub use self::resource::{FileObject, Ipam, IpamPool, Model, Network, Volume};
pub use self::service::{
    BlockIo, CredentialSpec, Develop, Provider, PullPolicy, Service, ThrottleDevice, WatchTrigger,
    WeightDevice,
};

use super::extensions::Extensions;
use super::positions::Positions;

/// Names and values, in the order of the file.
pub type Labels = IndexMap<String, String>;
/// Variables of a container; `None` stands for a variable that has no value and is not passed.
pub type Environment = IndexMap<String, Option<String>>;

/// A compose project with everything resolved that its files say.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Project {
    /// The project's name, in its normal form.
    pub name: String,
    /// The absolute folder that relative paths were resolved from.
    #[serde(skip)]
    pub working_directory: PathBuf,
    /// The compose files in the order in which they were merged, absolute; `-` is standard input.
    #[serde(skip)]
    pub files: Vec<PathBuf>,
    /// Files given as `--env-file` or `COMPOSE_ENV_FILES`, absolute; the default `.env` is not among them.
    #[serde(skip)]
    pub environment_files: Vec<PathBuf>,
    /// The profiles that are active.
    #[serde(skip)]
    pub profiles: Vec<String>,
    /// The variables that interpolation used: the process's and the `.env` file's.
    #[serde(skip)]
    pub environment: BTreeMap<String, String>,
    /// Whether names are made with `_`, as Compose's first version made them: `--compatibility`.
    #[serde(skip)]
    pub is_compatible: bool,
    /// The services that are on, in file order.
    pub services: IndexMap<String, Service>,
    /// The services that no active profile turns on, in file order.
    #[serde(skip)]
    pub disabled_services: IndexMap<String, Service>,
    /// Networks by their key in the file.
    pub networks: IndexMap<String, Network>,
    /// Named volumes by their key in the file.
    pub volumes: IndexMap<String, Volume>,
    /// Secrets by their key in the file.
    pub secrets: IndexMap<String, FileObject>,
    /// Configs by their key in the file.
    pub configs: IndexMap<String, FileObject>,
    /// Language models by their key in the file.
    pub models: IndexMap<String, Model>,
    /// Entries of the user's own, `x-…`, wherever they stand.
    #[serde(skip)]
    pub extensions: Extensions,
    /// Where everything stands in the files.
    #[serde(skip)]
    pub positions: Positions,
}

impl Project {
    /// A service by name, on or off.
    pub fn service(&self, name: &str) -> Option<&Service> {
        self.services.get(name).or_else(|| self.disabled_services.get(name))
    }

    /// Adds to names of services all that those depend on, each once.
    pub fn add_dependencies(&self, names: &mut Vec<String>) {
        let mut place = 0;
        while let Some(name) = names.get(place).cloned() {
            let known = self.service(&name).into_iter().flat_map(|service| service.depends_on.keys());
            let new: Vec<String> = known.filter(|one| !names.contains(one)).cloned().collect();
            names.extend(new);
            place += 1;
        }
    }

    /// What stands between the parts of a name that is made up: the project, the service, the number.
    pub fn separator(&self) -> char {
        if self.is_compatible { '_' } else { '-' }
    }

    /// The name of a service's image: the given one, or the one that a built image gets.
    pub fn image_of(&self, service: &Service) -> String {
        service.image.clone().unwrap_or_else(|| format!("{}{}{}", self.name, self.separator(), service.name))
    }

    /// The engine's name of the network that the file calls `key`.
    pub fn network_name(&self, key: &str) -> Option<&str> {
        self.networks.get(key).map(|network| network.name.as_str())
    }

    /// The engine's name of the volume that the file calls `key`.
    pub fn volume_name(&self, key: &str) -> Option<&str> {
        self.volumes.get(key).map(|volume| volume.name.as_str())
    }
}
