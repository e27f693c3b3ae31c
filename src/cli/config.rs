//! `dockside config`: whether the compose files are sound, and what they come to, as `docker compose config` prints it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use color_eyre::eyre::{Report, Result, WrapErr, bail, eyre};
use serde_json::Value;

use super::global::Global;
use super::{loading, surroundings};
use crate::compose::emit::{self, Flavour, json, yaml};
use crate::compose::listing::{self, Listed};
use crate::compose::model::{Project, Service};
use crate::compose::tree::{Mapping, Node};
use crate::compose::{self, LoadRequest, Skip, hash};
use crate::disk::Disk;

/// Options of `config`.
#[derive(Debug, Default, clap::Args)]
pub struct Args {
    /// Print these services only, with what they depend on
    #[arg(value_name = "SERVICE")]
    pub wanted: Vec<String>,
    /// The form of the output: yaml or json
    #[arg(long, value_name = "FORM")]
    pub format: Option<String>,
    /// Print the names of the services
    #[arg(long)]
    pub services: bool,
    /// Print the names of the volumes
    #[arg(long)]
    pub volumes: bool,
    /// Print the names of the networks
    #[arg(long)]
    pub networks: bool,
    /// Print the names of the language models
    #[arg(long)]
    pub models: bool,
    /// Print the profiles
    #[arg(long)]
    pub profiles: bool,
    /// Print the images
    #[arg(long)]
    pub images: bool,
    /// Print the config hash of one service, of several (a,b) or of all (*)
    #[arg(long, value_name = "SERVICES")]
    pub hash: Option<String>,
    /// Print the variables that the files name, with their defaults
    #[arg(long)]
    pub variables: bool,
    /// Print the environment that variables are filled in from
    #[arg(long)]
    pub environment: bool,
    /// Leave variables as they are written
    #[arg(long)]
    pub no_interpolate: bool,
    /// Leave out what files only imply: names, the default network, dependencies
    #[arg(long)]
    pub no_normalize: bool,
    /// Leave paths as they are written
    #[arg(long)]
    pub no_path_resolution: bool,
    /// Leave out the check whether everything fits together
    #[arg(long)]
    pub no_consistency: bool,
    /// Taken, and without effect, as in Docker Compose 2.40
    #[arg(long)]
    pub no_env_resolution: bool,
    /// Not to be had: it would ask a registry
    #[arg(long)]
    pub resolve_image_digests: bool,
    /// Not to be had: it would ask a registry
    #[arg(long)]
    pub lock_image_digests: bool,
    /// Write to this file
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Print nothing, only check
    #[arg(short, long)]
    pub quiet: bool,
}

/// Loads the files, prints every diagnostic to standard error, and what was asked for to standard output.
///
/// # Errors
/// Where the output cannot be written, or what was asked for is not to be had.
pub(super) fn run(global: &Global, config: &Args) -> Result<ExitCode> {
    let request = surroundings::load_request(global)?;
    let asked = Asked::of(config);
    let Some(text) = asked.text(request, config)? else { return Ok(ExitCode::FAILURE) };
    match &config.output {
        Some(path) if asked == Asked::Project => {
            if !text.is_empty() {
                fs::write(path, text).wrap_err_with(|| format!("write {}", path.display()))?;
            }
        }
        _ => io::stdout().lock().write_all(text.as_bytes()).wrap_err("print the project")?,
    }
    Ok(ExitCode::SUCCESS)
}

/// What is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asked {
    Services,
    Volumes,
    Networks,
    Models,
    Hash,
    Profiles,
    Images,
    Variables,
    Environment,
    Project,
}

impl Asked {
    /// The first option that is given counts, in the order in which Docker Compose looks at them.
    fn of(config: &Args) -> Asked {
        let options = [
            (config.services, Asked::Services),
            (config.volumes, Asked::Volumes),
            (config.networks, Asked::Networks),
            (config.models, Asked::Models),
            (config.hash.as_ref().is_some_and(|wanted| !wanted.is_empty()), Asked::Hash),
            (config.profiles, Asked::Profiles),
            (config.images, Asked::Images),
            (config.variables, Asked::Variables),
            (config.environment, Asked::Environment),
        ];
        options.into_iter().find(|(given, _)| *given).map_or(Asked::Project, |(_, asked)| asked)
    }

    /// What is to be printed; `None` where the files have errors, which were printed then.
    fn text(self, request: LoadRequest, config: &Args) -> Result<Option<String>> {
        let request = self.request(request, config);
        if self == Asked::Variables {
            return variables(&request, config);
        }
        if config.no_interpolate && matches!(self, Asked::Services | Asked::Project) {
            let Some(tree) = raw(&request)? else { return Ok(None) };
            return if self == Asked::Services {
                Ok(Some(raw_services(&tree)))
            } else {
                raw_text(&tree, config).map(Some)
            };
        }
        let loaded = compose::load(&request, &Disk);
        loading::report(&loaded)?;
        let Some(project) = loaded.project.as_ref().filter(|_| loaded.is_sound()) else { return Ok(None) };
        match self {
            Asked::Hash => hashes(project, config.hash.as_deref().unwrap_or_default()).map(Some),
            Asked::Project => project_text(project, config).map(Some),
            _ => Ok(Some(lines(self.list(project, config)))),
        }
    }

    /// What to load for it, and which passes to leave out: the lists need no env files.
    fn request(self, request: LoadRequest, config: &Args) -> LoadRequest {
        let heeds_services =
            matches!(self, Asked::Profiles | Asked::Images | Asked::Environment | Asked::Project);
        let skip = Skip {
            normalization: config.no_normalize,
            paths: config.no_path_resolution,
            consistency: config.no_consistency,
            container_names: self != Asked::Project,
            env_files: !matches!(self, Asked::Project | Asked::Environment),
            interpolation: config.no_interpolate,
        };
        let services = if heeds_services { config.wanted.clone() } else { Vec::new() };
        LoadRequest { services, skip, ..request }
    }

    fn list(self, project: &Project, config: &Args) -> Vec<String> {
        match self {
            Asked::Services => project.services.keys().cloned().collect(),
            Asked::Volumes => project.volumes.keys().cloned().collect(),
            Asked::Networks => project.networks.keys().cloned().collect(),
            Asked::Models => project.models.values().map(|model| model.model.clone()).collect(),
            Asked::Profiles => profiles(project),
            Asked::Images => images(project),
            Asked::Environment if !config.quiet => {
                project.environment.iter().map(|(name, value)| format!("{name}={value}")).collect()
            }
            _ => Vec::new(),
        }
    }
}

/// Names, each on its line, in their order.
fn lines(mut names: Vec<String>) -> String {
    names.sort();
    names.iter().map(|name| format!("{name}\n")).collect()
}

/// The profiles of all services, on or off.
fn profiles(project: &Project) -> Vec<String> {
    let services = project.services.values().chain(project.disabled_services.values());
    let names: BTreeSet<&String> = services.flat_map(|service| &service.profiles).collect();
    names.into_iter().cloned().collect()
}

fn images(project: &Project) -> Vec<String> {
    project.services.values().map(|service| project.image_of(service)).collect()
}

/// `service hash` a line, as Docker Compose prints them; `*` is all.
fn hashes(project: &Project, wanted: &str) -> Result<String> {
    let mut names: Vec<&str> = match wanted {
        "*" => project.services.keys().map(String::as_str).collect(),
        names => names.split(',').collect(),
    };
    names.sort_unstable();
    let platform = project.environment.get("DOCKER_DEFAULT_PLATFORM").filter(|platform| !platform.is_empty());
    let line = |name: &str| {
        let mut service = project.services.get(name).cloned().ok_or_else(|| no_service(project, name))?;
        service.label_file.clear();
        if service.build.is_some() && service.platform.is_none() {
            service.platform = platform.cloned();
        }
        Ok(format!("{name} {}\n", hash::service(&service, Flavour::Two)))
    };
    // What stands before a name that is not there is printed, as Docker Compose does.
    let mut text = String::new();
    for name in names {
        match line(name) {
            Ok(line) => text.push_str(&line),
            Err(error) => {
                io::stdout().lock().write_all(text.as_bytes()).wrap_err("print the hashes")?;
                return Err(error);
            }
        }
    }
    Ok(text)
}

fn no_service(project: &Project, name: &str) -> Report {
    let reason = if project.disabled_services.contains_key(name) {
        "no active profile turns it on"
    } else {
        "not found"
    };
    eyre!("no such service: {name}: {reason}")
}

fn project_text(project: &Project, config: &Args) -> Result<String> {
    refuse_digests(config)?;
    let form = form(config)?;
    if let Form::Json = form {
        refuse_key_paths(project)?;
    }
    if config.quiet {
        return Ok(String::new());
    }
    let text = match form {
        Form::Json => json::pretty(&emit::project(project)),
        Form::Yaml => yaml::text(&emit::document(project), 2),
    };
    // The output may be read in again.
    Ok(if text.contains('$') { text.replace('$', "$$") } else { text })
}

fn raw_text(tree: &Node, config: &Args) -> Result<String> {
    refuse_digests(config)?;
    let text = match form(config)? {
        Form::Json => json::pretty(&emit::raw(tree, emit::Order::Bytes)),
        Form::Yaml => yaml::text(&emit::raw(tree, emit::Order::Natural), 2),
    };
    Ok(if config.quiet { String::new() } else { text })
}

fn raw_services(tree: &Node) -> String {
    let services = tree.get("services").and_then(Node::as_mapping);
    lines(services.into_iter().flat_map(Mapping::keys).map(str::to_owned).collect())
}

/// The form of the project's output.
enum Form {
    Json,
    Yaml,
}

fn form(config: &Args) -> Result<Form> {
    match config.format.as_deref() {
        None | Some("" | "yaml") => Ok(Form::Yaml),
        Some("json") => Ok(Form::Json),
        Some(other) => Err(eyre!("unsupported format \"{other}\": there are yaml and json")),
    }
}

fn refuse_digests(config: &Args) -> Result<()> {
    let option = match (config.resolve_image_digests, config.lock_image_digests) {
        (true, _) => "--resolve-image-digests",
        (_, true) => "--lock-image-digests",
        _ => return Ok(()),
    };
    bail!("{option} asks a registry, which dockside config does not do; use docker compose config {option}")
}

/// Docker Compose 2.40 has no JSON for a build's key with its path, and ends with an error of its encoder.
fn refuse_key_paths(project: &Project) -> Result<()> {
    let has_path =
        |service: &&Service| service.build.iter().flat_map(|build| &build.ssh).any(|key| key.contains('='));
    match project.services.values().find(has_path) {
        Some(service) => bail!(
            "`services.{}.build.ssh` has a key with a path, for which Docker Compose has no JSON; print YAML instead",
            service.name
        ),
        None => Ok(()),
    }
}

/// The project's tree without variables filled in.
fn raw(request: &LoadRequest) -> Result<Option<Node>> {
    let (tree, loaded) = compose::load_raw(request, &Disk);
    loading::report(&loaded)?;
    Ok(tree.filter(|_| !loaded.has_errors()))
}

fn variables(request: &LoadRequest, config: &Args) -> Result<Option<String>> {
    let Some(tree) = raw(request)? else { return Ok(None) };
    let found = listing::variables(&tree);
    let form = config.format.as_deref().unwrap_or_default();
    Ok(Some(match form {
        "yaml" if config.quiet => String::new(),
        "yaml" => {
            let mut record = record(&found, ["name", "defaultvalue", "presencevalue", "required"]);
            record.as_object_mut().into_iter().for_each(yaml::sort_map);
            yaml::text(&record, 4)
        }
        "json" => {
            let names = ["Name", "DefaultValue", "PresenceValue", "Required"];
            json::pretty(&record(&found, names)).replace("  ", "    ") + "\n\n"
        }
        "" | "table" | "pretty" => table(&found),
        other => bail!("format value \"{other}\" could not be parsed: there are table, json and yaml"),
    }))
}

fn record(found: &BTreeMap<String, Listed>, names: [&str; 4]) -> Value {
    let entry = |(name, listed): (&String, &Listed)| {
        let values: [Value; 4] = [
            name.as_str().into(),
            listed.default.as_str().into(),
            listed.presence.as_str().into(),
            listed.is_required.into(),
        ];
        let fields = names.iter().map(|name| (*name).to_owned()).zip(values);
        (name.clone(), Value::Object(fields.collect()))
    };
    Value::Object(found.iter().map(entry).collect())
}

/// Columns of 20 characters at least, three apart.
fn table(found: &BTreeMap<String, Listed>) -> String {
    let head = ["NAME", "REQUIRED", "DEFAULT VALUE", "ALTERNATE VALUE"].map(str::to_owned);
    let row = |(name, listed): (&String, &Listed)| {
        [name.clone(), listed.is_required.to_string(), listed.default.clone(), listed.presence.clone()]
    };
    let rows: Vec<[String; 4]> = std::iter::once(head).chain(found.iter().map(row)).collect();
    let width = |column: usize| {
        rows.iter().map(|row| row[column].chars().count() + 3).max().unwrap_or_default().max(20)
    };
    let widths = [width(0), width(1), width(2)];
    let line = |row: &[String; 4]| {
        let cells = row.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}"));
        cells.collect::<String>() + &row[3] + "\n"
    };
    rows.iter().map(line).collect()
}
