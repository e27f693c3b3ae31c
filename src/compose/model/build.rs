//! How an image is built.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use super::super::units::Bytes;
use super::{Environment, FileReference, Labels, Ulimit};

/// The build of a service's image (Compose Build Specification).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Build {
    /// Folder, absolute, or a URL.
    pub context: String,
    /// Path of the Dockerfile, from the context; unset when it is given inline.
    pub dockerfile: Option<String>,
    /// The Dockerfile itself.
    pub dockerfile_inline: Option<String>,
    /// Extra privileges of the build.
    pub entitlements: Vec<String>,
    /// Build arguments; `None` without a value.
    pub args: Environment,
    /// Provenance attestation.
    pub provenance: Option<String>,
    /// Software bill of materials.
    pub sbom: Option<String>,
    /// SSH agents or keys, `id` or `id=path`.
    pub ssh: Vec<String>,
    /// Labels of the image.
    pub labels: Labels,
    /// Cache sources.
    pub cache_from: Vec<String>,
    /// Cache targets.
    pub cache_to: Vec<String>,
    /// The cache is not used.
    pub no_cache: bool,
    /// Named contexts beside the main one.
    pub additional_contexts: IndexMap<String, String>,
    /// Base images are always pulled.
    pub pull: bool,
    /// Lines of `/etc/hosts` during the build, `host=ip`.
    pub extra_hosts: Vec<String>,
    /// Isolation technology (Windows).
    pub isolation: Option<String>,
    /// Network of `RUN` steps.
    pub network: Option<String>,
    /// Stage to build.
    pub target: Option<String>,
    /// Secrets of the build.
    pub secrets: Vec<FileReference>,
    /// Size of `/dev/shm`.
    pub shm_size: Option<Bytes>,
    /// Tags beside the image's name.
    pub tags: Vec<String>,
    /// Limits of processes.
    pub ulimits: IndexMap<String, Ulimit>,
    /// Platforms to build for.
    pub platforms: Vec<String>,
    /// Runs with all privileges.
    pub privileged: bool,
}
