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
mod extends;
pub mod hash;
mod include;
pub mod interpolate;
mod loader;
pub mod merge;
pub mod model;
pub mod nearest;
pub mod normalize;
pub mod path;
pub mod paths;
pub mod positions;
pub mod profiles;
pub mod reset;
mod resolve;
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

use indexmap::IndexMap;

use diagnostic::{Diagnostic, Sources};
use loader::{Loader, Scope};
use model::{Project, Service};
use positions::Positions;
use source::Files;
use tree::{Mapping, Node, Span, Value, ValueSource};
use variables::Variable;

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
        let below = path.strip_prefix(&self.working_directory).unwrap_or(path);
        if below.as_os_str().is_empty() { ".".to_owned() } else { below.display().to_string() }
    }
}

fn list(folders: &[PathBuf]) -> String {
    folders.iter().map(|folder| folder.display().to_string()).collect::<Vec<_>>().join(", ")
}

/// What came of loading.
#[derive(Debug, Default)]
pub struct Loaded {
    /// The project; with errors among the findings it is what could be made out. `None`: there is nothing to show.
    pub project: Option<Project>,
    /// Why there is no project at all.
    pub error: Option<LoadError>,
    /// Everything found wrong: errors before warnings, then in the files' order.
    pub diagnostics: Vec<Diagnostic>,
    /// The texts that the findings point into.
    pub sources: Sources,
    /// Every path that was looked for or read, there or not: when one of them changes, loading may come out otherwise.
    pub probed: Vec<PathBuf>,
}

impl Loaded {
    /// Whether the project can be brought up as it is written.
    pub fn is_sound(&self) -> bool {
        self.project.is_some() && !self.diagnostics.iter().any(Diagnostic::is_error)
    }
}

/// Loads the project that a request means. It always returns what it could make out, with everything that is wrong.
///
/// The passes, each over the whole tree: for every file YAML → variables → casts → `extends` → `!reset` → `include` →
/// merge → validation → canonical form (in `loader`); then for every project folder defaults → absolute paths →
/// variables of services; then, here, normal names → profiles → env files → the typed project → consistency.
pub fn load(request: &LoadRequest, files: &dyn Files) -> Loaded {
    let mut loader = Loader::new(request, files);
    let (project, error) = match load_project(&mut loader) {
        Ok(mut project) => {
            project.positions.name_files(loader.sources.iter().map(|(_, source)| source.name.clone()));
            (Some(project), None)
        }
        Err(error) => {
            let help = "change the folder, or name a file by -f";
            let finding = Diagnostic::error(error.to_string());
            let no_file = matches!(error, LoadError::NoFile { .. });
            loader.diagnostics.push(if no_file { finding.help(help) } else { finding });
            (None, Some(error))
        }
    };
    let diagnostics = loader.findings();
    let Loader { sources, probed, .. } = loader;
    Loaded { project, error, diagnostics, sources, probed }
}

fn load_project(loader: &mut Loader<'_>) -> Result<Project, LoadError> {
    let found = loader.discover()?;
    let mut scope = Scope { directory: found.directory.clone(), variables: found.variables };
    let name = loader.project_name(&found.files, &scope)?;
    if scope.variables.get("COMPOSE_PROJECT_NAME").is_none() {
        let variable = Variable { value: name.clone(), from: ValueSource::Loader };
        scope.variables.set("COMPOSE_PROJECT_NAME", variable);
    }

    let mut tree = loader.tree(&scope, &found.files, &[]);
    if let Some(root) = tree.as_mapping_mut() {
        root.set("name", Node::string(name, Span::default()));
    }
    normalize::settle(&mut tree, &|name| scope.variables.value(name).map(str::to_owned));
    let disabled = profiles::split(&mut tree, &found.profiles);
    if let Some(services) = tree.get_mut("services").and_then(Node::as_mapping_mut) {
        loader.files_of_services(services, &scope.variables);
    }

    let mut project = decode::project(&tree, &mut loader.diagnostics);
    project.disabled_services = decode_disabled(&disabled);
    if let Some(services) = tree.get_mut("services").and_then(Node::as_mapping_mut) {
        for (name, entry) in disabled {
            services.insert(name, entry.key, entry.value);
        }
    }
    project.positions = Positions::of(&tree);
    project.working_directory = found.directory;
    project.files = found.files;
    project.environment_files = found.environment_files;
    project.profiles = found.profiles;
    project.environment = scope.variables.to_map();
    loader.fill_contents(&mut project);
    if loader.complete {
        let found = consistency::check(&project);
        let found = found.into_iter().filter(|finding| !follows(finding, &loader.diagnostics, &tree));
        let found: Vec<Diagnostic> = found.collect();
        loader.diagnostics.extend(found);
    } else {
        loader.only_reading_faults();
    }
    share_scale(&mut project);
    unused::drop_unused(&mut project);
    Ok(project)
}

/// Whether a finding is about something that has a fault inside already, and may well follow from that.
fn follows(finding: &Diagnostic, earlier: &[Diagnostic], tree: &Node) -> bool {
    let Some(node) = finding.path.as_ref().and_then(|path| tree.at(path)) else { return false };
    let inside = |place: Span| {
        place.file == node.span.file
            && node.span.start <= place.start
            && place.end <= node.span.end
            && place.end > 0
    };
    let faults = earlier.iter().filter(|other| other.is_error());
    let mut places =
        faults.flat_map(|fault| fault.span.into_iter().chain(fault.related.iter().map(|other| other.span)));
    places.any(inside)
}

/// Compose copies `scale` into `deploy.replicas`.
fn share_scale(project: &mut Project) {
    for service in project.services.values_mut() {
        if let (Some(scale), Some(deploy)) = (service.scale, &mut service.deploy) {
            deploy.replicas = Some(scale);
        }
    }
}

/// The services that are off; what is wrong with them does not matter as long as they are.
fn decode_disabled(disabled: &Mapping) -> IndexMap<String, Service> {
    let services = Node::new(Value::Mapping(disabled.clone()), Span::default());
    decode::project(&Node::mapping([("services", services)], Span::default()), &mut Vec::new()).services
}
