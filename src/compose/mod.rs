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
mod extensions;
pub mod hash;
mod include;
pub mod interpolate;
pub mod listing;
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

use diagnostic::{Diagnostic, Sources};
use discover::Discovered;
use loader::{Loader, Scope};
use model::Project;
use positions::Positions;
use source::Files;
use tree::{Node, Span, ValueSource};
use variables::{Variable, Variables};

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
    /// Services to keep, with what they depend on; empty: all.
    pub services: Vec<String>,
    /// `--all-resources`: networks, volumes and so on stay that no service uses.
    pub all_resources: bool,
    /// `--compatibility`: names are made with `_`.
    pub is_compatible: bool,
    /// What to leave undone.
    pub skip: Skip,
}

/// Passes that `config` can leave out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Skip {
    /// Names, the default network, implied dependencies and values of variables are not spelled out.
    pub normalization: bool,
    /// Paths stay as they are written, those of included and extended files relative to the project's folder.
    pub paths: bool,
    /// References and attributes that exclude each other are not checked.
    pub consistency: bool,
    /// Containers may have the same name.
    pub container_names: bool,
    /// Env files are not read.
    pub env_files: bool,
    /// Variables stay as they are written.
    pub interpolation: bool,
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
    /// A service that was asked for is not there.
    #[error("no such service: {name}")]
    NoService {
        /// Its name, or that of one that it depends on.
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
    /// Whether anything is wrong.
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(Diagnostic::is_error)
    }

    /// Whether the project can be brought up as it is written.
    pub fn is_sound(&self) -> bool {
        self.project.is_some() && !self.has_errors()
    }
}

/// Loads the project that a request means. It always returns what it could make out, with everything that is wrong.
///
/// The passes, each over the whole tree: for every file YAML → variables → casts → `extends` → `!reset` → `include` →
/// merge → validation → canonical form (in `loader`); then for every project folder defaults → absolute paths →
/// variables of services; then, here, normal names → profiles → env files → the typed project → consistency.
pub fn load(request: &LoadRequest, files: &dyn Files) -> Loaded {
    let mut loader = Loader::new(request, files);
    match load_project(&mut loader) {
        Ok(mut project) => {
            project.positions.name_files(loader.sources.iter().map(|(_, source)| source.name.clone()));
            Loaded { project: Some(project), ..loaded(loader) }
        }
        Err(error) => refused(loader, error),
    }
}

/// Merges the files and spells them out as far as that goes without filling in variables.
///
/// There is no project then but a tree, of all services and with everything that no service uses.
pub fn load_raw(request: &LoadRequest, files: &dyn Files) -> (Option<Node>, Loaded) {
    let mut loader = Loader::new(request, files);
    loader.is_raw = true;
    match draft(&mut loader) {
        Ok(drafted) => {
            if loader.complete {
                loader.diagnostics.extend(consistency::attributes(&drafted.tree));
            }
            (Some(drafted.tree), loaded(loader))
        }
        Err(error) => (None, refused(loader, error)),
    }
}

/// What a loader has gathered.
fn loaded(mut loader: Loader<'_>) -> Loaded {
    let diagnostics = loader.findings();
    let Loader { sources, probed, .. } = loader;
    Loaded { project: None, error: None, diagnostics, sources, probed: probed.into_iter().collect() }
}

fn refused(mut loader: Loader<'_>, error: LoadError) -> Loaded {
    let finding = Diagnostic::error(error.to_string());
    let no_file = matches!(error, LoadError::NoFile { .. });
    let help = "change the folder, or name a file by -f";
    loader.report(if no_file { finding.help(help) } else { finding });
    Loaded { error: Some(error), ..loaded(loader) }
}

/// A tree with everything of the files in it, and what it took to make it.
struct Drafted {
    found: Discovered,
    variables: Variables,
    tree: Node,
}

/// The tree of the project, in its normal form unless that is left out.
fn draft(loader: &mut Loader<'_>) -> Result<Drafted, LoadError> {
    let found = loader.discover()?;
    let mut scope =
        Scope { directory: found.directory.clone(), around: None, variables: found.variables.clone() };
    let name = loader.project_name(&found.files, &scope)?;
    if loader.is_raw {
        // Docker Compose knows no environment then but what an include names.
        scope.variables = Variables::default();
    }
    // What the environment says of it counts for less than `-p`.
    if scope.variables.value("COMPOSE_PROJECT_NAME") != Some(&name) {
        let variable = Variable { value: name.clone(), from: ValueSource::Loader };
        scope.variables.set("COMPOSE_PROJECT_NAME", variable);
    }
    let mut tree = loader.tree(&scope, &found.files, &[]);
    loader.forget_documents();
    let keeps_name = loader.is_raw && loader.request.skip.normalization;
    if let Some(root) = tree.as_mapping_mut().filter(|_| !keeps_name) {
        root.set("name", Node::string(name, Span::default()));
    }
    if !loader.request.skip.normalization {
        normalize::settle(&mut tree, &|name| scope.variables.value(name).map(str::to_owned));
    }
    Ok(Drafted { found, variables: scope.variables, tree })
}

fn load_project(loader: &mut Loader<'_>) -> Result<Project, LoadError> {
    let Drafted { found, variables, mut tree } = draft(loader)?;
    let request = loader.request;
    let selection = profiles::select(&tree, &found.profiles, &request.services)
        .map_err(|name| LoadError::NoService { name })?;
    if let Some(services) = tree.get_mut("services").and_then(Node::as_mapping_mut) {
        loader.files_of_services(services, &variables, &selection);
    }

    let mut project = decode::project(&tree, &mut loader.diagnostics);
    let order: Vec<String> = project.services.keys().cloned().collect();
    profiles::keep(&mut project, &order, &selection.on);
    project.positions = Positions::of(&tree);
    project.working_directory = found.directory;
    project.files = found.files;
    project.environment_files = found.environment_files;
    project.profiles = found.profiles.into_iter().filter(|profile| !profile.is_empty()).collect();
    project.environment = variables.to_map();
    let says_yes = |text: &str| matches!(text.trim().to_lowercase().as_str(), "1" | "true" | "y");
    project.is_compatible = request.is_compatible
        || project.environment.get("COMPOSE_COMPATIBILITY").is_some_and(|text| says_yes(text));
    loader.fill_contents(&mut project);
    check(loader, &mut project, &tree);
    if !request.services.is_empty() {
        profiles::keep(&mut project, &order, &selection.chosen);
        profiles::drop_edges(&mut project);
    }
    if !request.all_resources {
        unused::drop_unused(&mut project);
    }
    Ok(project)
}

/// Adds what is wrong with a project that was read to its end.
fn check(loader: &mut Loader<'_>, project: &mut Project, tree: &Node) {
    if !loader.complete {
        return loader.only_reading_faults();
    }
    let skip = loader.request.skip;
    let mut found = consistency::attributes(tree);
    if !skip.consistency {
        let left_out = skip.normalization;
        let implied = if left_out { consistency::Implied::LeftOut } else { consistency::Implied::SpelledOut };
        found.extend(consistency::check(project, implied));
        share_scale(project);
    }
    if !skip.consistency && !skip.container_names {
        found.extend(consistency::container_names(project));
    }
    found.retain(|finding| !follows(finding, &loader.diagnostics, tree));
    loader.diagnostics.extend(found);
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
