//! The project that a headless verb works on, and the services of it that are named.

use std::io::{self, IsTerminal, Write};
use std::path::Path;

use color_eyre::eyre::{Result, WrapErr, ensure, eyre};

use super::global::Global;
use super::surroundings;
use crate::compose::diagnostic::Colour;
use crate::compose::model::Project;
use crate::compose::{self, LoadError, LoadRequest, Loaded};
use crate::disk::Disk;

/// Loads the project. Every finding is printed to standard error.
///
/// # Errors
/// Where there is no file, or it has faults.
pub fn project(global: &Global) -> Result<Project> {
    load(&surroundings::load_request(global)?)
}

/// The project's name with its file or, where `-p` gives the name and nothing a file, the name alone: Docker Compose then
/// works from labels.
///
/// # Errors
/// As for [`project()`]; with `COMPOSE_PROJECT_NAME` set a file that is missing or broken is none.
pub fn project_or_name(global: &Global) -> Result<(String, Option<Project>)> {
    let request = surroundings::load_request(global)?;
    if let Some(name) = request.project_name.clone().filter(|_| request.files.is_empty()) {
        return Ok((name, None));
    }
    match load(&request) {
        Ok(project) => Ok((project.name.clone(), Some(project))),
        Err(error) => match name_in_environment(&request) {
            Some(name) => Ok((name, None)),
            None => Err(error),
        },
    }
}

/// The project's name; the file is read only where nothing else gives it.
///
/// # Errors
/// As for [`project()`].
pub fn name(global: &Global) -> Result<String> {
    let request = surroundings::load_request(global)?;
    if let Some(name) = request.project_name.clone().or_else(|| name_in_environment(&request)) {
        return Ok(name);
    }
    Ok(load(&request)?.name)
}

/// Checks that the file has each of these services, on or off.
///
/// # Errors
/// The first that it does not have.
pub fn expect_services(project: &Project, names: &[String]) -> Result<()> {
    match names.iter().find(|name| project.service(name).is_none()) {
        Some(name) => Err(eyre!("no such service: {name}")),
        None => Ok(()),
    }
}

/// Prints the findings to standard error, coloured where somebody looks.
///
/// # Errors
/// Where standard error is closed.
pub fn report(loaded: &Loaded) -> Result<()> {
    let is_plain = std::env::var_os("NO_COLOR").is_some() || !io::stderr().is_terminal();
    let colour = if is_plain { Colour::Plain } else { Colour::Ansi };
    if loaded.diagnostics.is_empty() {
        return Ok(());
    }
    let text = loaded.sources.render(&loaded.diagnostics, colour) + "\n";
    io::stderr().lock().write_all(text.as_bytes()).wrap_err("print the diagnostics")
}

fn load(request: &LoadRequest) -> Result<Project> {
    expect_files(request)?;
    // Two services with one container's name are in each other's way only where both come up: the plan sees to that.
    let mut request = request.clone();
    request.skip.container_names = true;
    let mut loaded = compose::load(&request, &Disk);
    if let Some(LoadError::NoFile { .. }) = loaded.error {
        return Err(eyre!("no configuration file provided: not found"));
    }
    report(&loaded)?;
    let is_sound = loaded.is_sound();
    match loaded.project.take() {
        Some(project) if is_sound => Ok(project),
        _ => Err(eyre!("the compose file has faults; nothing was done")),
    }
}

/// Checks that the files that were named are there.
///
/// # Errors
/// The first that is not, in Docker Compose's words.
pub fn expect_files(request: &LoadRequest) -> Result<()> {
    let place = |path: &Path| request.working_directory.join(path);
    let files = request.files.iter().filter(|file| *file != "-").map(|file| place(Path::new(file)));
    for file in files {
        ensure!(file.exists(), "open {}: no such file or directory", file.display());
    }
    for file in request.env_files.iter().map(|file| place(file)) {
        ensure!(file.exists(), "couldn't find env file: {}", file.display());
    }
    Ok(())
}

fn name_in_environment(request: &LoadRequest) -> Option<String> {
    request.environment.get("COMPOSE_PROJECT_NAME").filter(|name| !name.is_empty()).cloned()
}
