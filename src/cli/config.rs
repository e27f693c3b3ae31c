//! `dockside config`: whether the compose files are sound, and what Dockside understands of them.

use std::io::{self, Write};
use std::process::ExitCode;

use color_eyre::eyre::{Result, WrapErr, eyre};

use super::global::Global;
use super::{loading, surroundings};
use crate::compose::emit::{self, Flavour};
use crate::compose::model::Project;
use crate::compose::{self, hash};
use crate::disk::Disk;

/// Options of `config`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The form of the output
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
    /// Print the names of the services only
    #[arg(long)]
    pub services: bool,
    /// Print the config hash of one service, or of all with `*`
    #[arg(long, value_name = "SERVICE")]
    pub hash: Option<String>,
    /// Print nothing, only check
    #[arg(short, long)]
    pub quiet: bool,
}

/// A form of output.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// YAML.
    #[default]
    Yaml,
    /// JSON.
    Json,
}

/// Loads the files, prints every diagnostic to standard error, and the project to standard output.
///
/// # Errors
/// Where the output cannot be written, or a service is unknown.
pub(super) fn run(global: &Global, config: &Args) -> Result<ExitCode> {
    let loaded = compose::load(&surroundings::load_request(global)?, &Disk);
    loading::report(&loaded)?;
    let Some(project) = loaded.project.as_ref().filter(|_| loaded.is_sound()) else {
        return Ok(ExitCode::FAILURE);
    };
    let text = text(project, config)?;
    io::stdout().lock().write_all(text.as_bytes()).wrap_err("print the project")?;
    Ok(ExitCode::SUCCESS)
}

fn text(project: &Project, config: &Args) -> Result<String> {
    if config.quiet {
        return Ok(String::new());
    }
    if config.services {
        return Ok(project.services.keys().map(|name| format!("{name}\n")).collect());
    }
    if let Some(wanted) = &config.hash {
        return hashes(project, wanted);
    }
    let value = emit::project(project);
    match config.format {
        Format::Json => Ok(serde_json::to_string_pretty(&value).wrap_err("write JSON")? + "\n"),
        Format::Yaml => serde_yaml::to_string(&value).wrap_err("write YAML"),
    }
}

/// `service hash` a line, as Docker Compose prints them; `*` is all.
fn hashes(project: &Project, wanted: &str) -> Result<String> {
    let names: Vec<&str> = if wanted == "*" { sorted(project) } else { wanted.split(',').collect() };
    let lines = names.into_iter().map(|name| {
        let service = project.services.get(name).ok_or_else(|| eyre!("no such service: {name}"))?;
        Ok(format!("{name} {}\n", hash::service(service, Flavour::Two)))
    });
    lines.collect()
}

fn sorted(project: &Project) -> Vec<&str> {
    let mut names: Vec<&str> = project.services.keys().map(String::as_str).collect();
    names.sort_unstable();
    names
}
