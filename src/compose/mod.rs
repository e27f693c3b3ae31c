//! Compose files → spanned tree → passes → canonical tree → typed project, with diagnostics. Pure: files come in through
//! [`source::Files`], and nothing here opens, waits or prints.

pub mod canonical;
pub mod cast;
pub mod consistency;
pub mod decode;
pub mod defaults;
pub mod diagnostic;
pub mod discover;
pub mod dotenv;
pub mod emit;
pub mod hash;
pub mod interpolate;
pub mod merge;
pub mod model;
pub mod nearest;
pub mod normalize;
pub mod path;
pub mod paths;
pub mod positions;
pub mod scalar;
pub mod shape;
pub mod source;
pub mod table;
pub mod template;
pub mod tree;
pub mod unique;
pub mod units;
pub mod unused;
pub mod validate;
pub mod variables;
pub mod walk;
pub mod yaml;

pub use nearest::nearest;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What to load. Paths may be relative to `working_directory`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LoadRequest {
    /// The folder that we stand in, absolute.
    pub working_directory: PathBuf,
    /// `-f`, in order; empty: `COMPOSE_FILE` or a walk up the folders. `-` is standard input.
    pub files: Vec<String>,
    /// `-p`.
    pub project_name: Option<String>,
    /// `--project-directory`.
    pub project_directory: Option<PathBuf>,
    /// `--profile`; `*` is every profile.
    pub profiles: Vec<String>,
    /// `--env-file`, in order.
    pub env_files: Vec<PathBuf>,
    /// The process environment.
    pub environment: BTreeMap<String, String>,
    /// The user's home folder, for `~` in paths.
    pub home: Option<PathBuf>,
}

/// Why there is no project at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LoadError {
    /// No compose file in any of the folders that were searched, the nearest first.
    #[error("no compose file found in {}", list(searched))]
    NoFile {
        /// The folders.
        searched: Vec<PathBuf>,
    },
    /// A name given by `-p` or `COMPOSE_PROJECT_NAME` that is not in its normal form.
    #[error(
        "`{name}` is no project name: only lower-case letters, digits, hyphens and underscores, beginning with a letter or digit"
    )]
    BadName {
        /// The name as given.
        name: String,
    },
    /// Nothing of the folder's name is left once it is made a project name.
    #[error("this folder's name makes no project name; give one by `name:` in the file or by -p")]
    NoName,
}

impl LoadRequest {
    /// A path as a person reads it best: relative to the folder that we stand in where it lies below it.
    pub fn shown(&self, path: &Path) -> String {
        path.strip_prefix(&self.working_directory).unwrap_or(path).display().to_string()
    }
}

fn list(folders: &[PathBuf]) -> String {
    folders.iter().map(|folder| folder.display().to_string()).collect::<Vec<_>>().join(", ")
}
