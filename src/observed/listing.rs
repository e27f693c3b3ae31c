//! Containers as the engine lists them for a person, word for word: what `ps`, `images`, `ls` and `port` print comes from
//! here, where [`super::Container`] is what plans are made from.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::label;

/// An element of `GET /containers/json`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// The engine's id, in full.
    pub id: String,
    /// Its names with their leading slash; links add more.
    pub names: Vec<String>,
    /// The image by the name that it was created with.
    pub image: String,
    /// The command line, its words joined as the engine joins them.
    pub command: String,
    /// Seconds since 1970.
    pub created: i64,
    /// Its ports, in the engine's order.
    pub ports: Vec<ListedPort>,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// `running`, `exited` …: the engine's word.
    pub state: String,
    /// `Up 2 minutes (healthy)`: the engine's words.
    pub status: String,
    /// Its mounts: the name of the volume, or the path of what is bound, and the volume's driver.
    pub mounts: Vec<(String, String)>,
    /// The names of its networks.
    pub networks: Vec<String>,
}

/// A port in a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListedPort {
    /// The address on the host; empty where it is only exposed.
    pub address: String,
    /// The port inside.
    pub private: u16,
    /// The port on the host; 0 where it is only exposed.
    pub public: u16,
    /// `tcp`, `udp` or `sctp`.
    pub protocol: String,
}

/// What `GET /images/{name}/json` tells for a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListedImage {
    /// Its digest (`sha256:…`).
    pub id: String,
    /// `os/architecture`, with the variant if there is one.
    pub platform: String,
    /// In bytes.
    pub size: u64,
    /// When it last got a name.
    pub tagged: Option<Timestamp>,
}

/// An element of `Volumes` in `GET /volumes`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListedVolume {
    /// Its name.
    pub name: String,
    /// Its driver.
    pub driver: String,
    /// Where it lies on the engine's host.
    pub mountpoint: String,
    /// `local` or `global`.
    pub scope: String,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
}

impl Listing {
    /// Its own name, without the slash.
    pub fn name(&self) -> &str {
        let mut names = self.names.iter().map(|name| name.trim_start_matches('/'));
        let own = names.clone().find(|name| !name.contains('/'));
        own.or_else(|| names.next()).unwrap_or_default()
    }

    /// The value of a label; empty if it has none.
    pub fn label(&self, key: &str) -> &str {
        self.labels.get(key).map(String::as_str).unwrap_or_default()
    }

    /// The service that it is a container of.
    pub fn service(&self) -> &str {
        self.label(label::SERVICE)
    }

    /// The number of the replica; 0 on one-offs.
    pub fn number(&self) -> u32 {
        self.label(label::CONTAINER_NUMBER).parse().unwrap_or(0)
    }

    /// Whether `run` made it.
    pub fn is_one_off(&self) -> bool {
        self.label(label::ONE_OFF) == "True"
    }

    /// Its name as logs give it: without the project's.
    pub fn short_name(&self) -> &str {
        let project = self.label(label::PROJECT);
        let name = self.name();
        match name.strip_prefix(project).and_then(|rest| rest.strip_prefix(['-', '_'])) {
            // A `container_name` keeps all of its letters.
            Some(rest) if rest.starts_with(self.service()) => rest,
            _ => name,
        }
    }
}
