//! `dockside config`: whether the compose files are sound, and what Dockside understands of them.

use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use color_eyre::eyre::{Result, WrapErr, eyre};

use super::arguments::{self, Format, Global};
use super::surroundings;
use crate::compose::diagnostic::Colour;
use crate::compose::emit::{self, Flavour};
use crate::compose::model::Project;
use crate::compose::{self, Loaded, hash};
use crate::disk::Disk;

/// Loads the files, prints every diagnostic to standard error, and the project to standard output.
///
/// # Errors
/// Where the output cannot be written, or a service is unknown.
pub(super) fn run(global: &Global, config: &arguments::Config) -> Result<ExitCode> {
    let loaded = compose::load(&surroundings::load_request(global)?, &Disk);
    report(&loaded)?;
    let Some(project) = loaded.project.as_ref().filter(|_| loaded.is_sound()) else {
        return Ok(ExitCode::FAILURE);
    };
    let text = text(project, config)?;
    io::stdout().lock().write_all(text.as_bytes()).wrap_err("print the project")?;
    Ok(ExitCode::SUCCESS)
}

/// Prints the diagnostics, coloured where somebody looks.
fn report(loaded: &Loaded) -> Result<()> {
    let is_plain = std::env::var_os("NO_COLOR").is_some() || !io::stderr().is_terminal();
    let colour = if is_plain { Colour::Plain } else { Colour::Ansi };
    if loaded.diagnostics.is_empty() {
        return Ok(());
    }
    let text = loaded.sources.render(&loaded.diagnostics, colour) + "\n";
    io::stderr().lock().write_all(text.as_bytes()).wrap_err("print the diagnostics")
}

fn text(project: &Project, config: &arguments::Config) -> Result<String> {
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
