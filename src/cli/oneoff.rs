//! What `run`'s options change in a service, read as a compose file would be: the same short forms, the same faults.
//!
//! It reads env files and nothing else.

use std::io;
use std::path::{Path, PathBuf};

use color_eyre::eyre::{Result, ensure, eyre};
use serde_json::{Value, json};

use super::run::Args;
use super::surroundings;
use crate::compose::model::{Project, Service};
use crate::compose::source::Files;
use crate::compose::{self, LoadRequest};
use crate::disk::Disk;

/// The name of the file that never lies anywhere.
const FILE: &str = "run.options.json";

/// Changes a service as the options say, of which some are `given` as a service. `words` are the command in place of its
/// own.
pub fn apply(args: &Args, given: Service, service: &mut Service, words: &[String]) {
    if !args.service_ports {
        service.ports = given.ports;
    }
    for mount in given.volumes {
        service.volumes.retain(|own| own.target != mount.target);
        service.volumes.push(mount);
    }
    for (name, value) in given.environment {
        // A name without a value that nobody has given one changes nothing.
        if value.is_some() {
            service.environment.insert(name, value);
        }
    }
    service.labels.extend(given.labels);
    if !words.is_empty() {
        service.command = Some(words.to_vec());
    }
    if let Some(entrypoint) = given.entrypoint {
        service.entrypoint = Some(entrypoint);
        service.command = Some(words.to_vec());
    }
    let set = |to: &mut Option<String>, from: &Option<String>| {
        if from.is_some() {
            to.clone_from(from);
        }
    };
    set(&mut service.user, &args.user);
    set(&mut service.working_dir, &args.workdir);
    change(&mut service.cap_add, &mut service.cap_drop, &args.cap_add);
    change(&mut service.cap_drop, &mut service.cap_add, &args.cap_drop);
    service.restart = None;
    if let Some(deploy) = &mut service.deploy {
        deploy.restart_policy = None;
    }
}

/// Adds to one list what it lacks, and takes it from the other.
fn change(to: &mut Vec<String>, from: &mut Vec<String>, names: &[String]) {
    from.retain(|name| !names.contains(name));
    for name in names {
        if !to.contains(name) {
            to.push(name.clone());
        }
    }
}

/// The options as a service of a compose file.
///
/// # Errors
/// A value that makes no sense, or an env file that cannot be read.
pub fn read(args: &Args, project: &Project) -> Result<Service> {
    ensure!(args.publish.is_empty() || !args.service_ports, "--service-ports and --publish are incompatible");
    ensure!(args.label.iter().all(|label| label.contains('=')), "label must be set as KEY=VALUE");
    let literal =
        |texts: &[String]| -> Vec<String> { texts.iter().map(|text| text.replace('$', "$$")).collect() };
    let mut service = json!({
        "image": "none",
        "ports": literal(&args.publish),
        "volumes": literal(&args.volume),
        "environment": literal(&args.env),
        "labels": literal(&args.label),
    });
    if let Some(entrypoint) = &args.entrypoint {
        service["entrypoint"] = json!(entrypoint.replace('$', "$$"));
    }
    if !args.env_from_file.is_empty() {
        service["env_file"] = json!(literal(&args.env_from_file));
    }
    let volumes: serde_json::Map<String, Value> =
        args.volume.iter().filter_map(|text| named(text)).map(|name| (name, Value::Null)).collect();
    let text =
        json!({ "name": project.name, "services": { "run": service }, "volumes": volumes }).to_string();
    let working_directory = surroundings::working_directory()?;
    let request = LoadRequest {
        files: vec![FILE.to_owned()],
        environment: project.environment.clone(),
        home: surroundings::home(),
        working_directory: working_directory.clone(),
        ..LoadRequest::default()
    };
    let mut loaded = compose::load(&request, &With { path: working_directory.join(FILE), text });
    if let Some(fault) = loaded.diagnostics.iter().find(|finding| finding.is_error()) {
        return Err(eyre!("{}", fault.message));
    }
    let found = loaded.project.as_mut().and_then(|project| project.services.shift_remove("run"));
    found.ok_or_else(|| eyre!("the options of run cannot be read"))
}

/// The name of the volume that a mount's short form names, if it names one.
fn named(text: &str) -> Option<String> {
    let (source, _) = text.split_once(':')?;
    let is_path = source.starts_with(['/', '.', '~']) || source.is_empty();
    (!is_path).then(|| source.to_owned())
}

/// The disk, with one file more.
struct With {
    path: PathBuf,
    text: String,
}

impl Files for With {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        if path == self.path { Ok(self.text.clone().into_bytes()) } else { Disk.read(path) }
    }

    fn is_file(&self, path: &Path) -> bool {
        path == self.path || Disk.is_file(path)
    }

    fn is_directory(&self, path: &Path) -> bool {
        Disk.is_directory(path)
    }

    fn canonical(&self, path: &Path) -> PathBuf {
        Disk.canonical(path)
    }
}
