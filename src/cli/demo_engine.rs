//! `dockside demo --engine`: the sample project on the engine that is reached.
//!
//! Its files are written to the cache folder, and its base image is built from the machine's own static busybox: no
//! registry is asked for anything.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{env, fs};

use color_eyre::eyre::{Result, WrapErr, bail, eyre};
use serde_json::json;
use tokio::sync::mpsc;

use super::dashboard::{self, Project};
use super::demo_files::FILES;
use super::global::Global;
use super::{headless, surroundings};
use crate::compose::{self, LoadRequest};
use crate::disk::Disk;
use crate::engine::{self, Engine, cancellation};
use crate::plan::{Cause, Op, OpId, OpKind, OpReport, OpState, Options, Plan, Request, Target, Verb};

/// The image that every service of the sample project is built from.
const BASE: &str = "dockside-demo/base";

/// Opens the sample project, or takes it away.
///
/// # Errors
/// Where the files cannot be written, there is no engine, no busybox, or the base image cannot be built.
pub(super) fn run(global: &Global, removes: bool) -> Result<std::process::ExitCode> {
    let folder = surroundings::cache_folder()?.join("demo");
    write_files(&folder)?;
    let endpoint = surroundings::endpoint(global)?;
    let runtime = headless::runtime()?;
    let base = folder.join("base");
    let mut request = surroundings::load_request(global)?;
    request.files.clear();
    request.working_directory = folder;
    if removes {
        request.profiles = vec!["*".to_owned()];
        runtime.block_on(remove(&endpoint, &request))?;
        return Ok(std::process::ExitCode::SUCCESS);
    }
    runtime.block_on(provide_base(&endpoint, &base))?;
    dashboard::open(global, Project { request, files: Arc::new(Disk), state: None }, endpoint, &runtime)
}

/// Writes what differs from what is there: an unchanged file keeps its time, and so its layer.
fn write_files(folder: &Path) -> Result<()> {
    for (name, content) in FILES {
        let path = folder.join(name);
        if fs::read(&path).is_ok_and(|there| there == *content) {
            continue;
        }
        let parent = path.parent().unwrap_or(folder);
        fs::create_dir_all(parent)
            .and_then(|()| fs::write(&path, content))
            .wrap_err_with(|| format!("write the sample project's {}", path.display()))?;
    }
    Ok(())
}

/// Builds the base image. Where nothing has changed since the last time, the engine takes its layers from its cache.
async fn provide_base(endpoint: &engine::Endpoint, context: &Path) -> Result<()> {
    let engine = Engine::connect(endpoint).await.wrap_err("the sample project runs on a Docker Engine")?;
    let busybox = find_busybox()?;
    fs::copy(&busybox, context.join("busybox"))
        .wrap_err_with(|| format!("copy {} into {}", busybox.display(), context.display()))?;
    let kind = OpKind::BuildImage {
        image: BASE.to_owned(),
        build: json!({ "context": context, "dockerfile": "Dockerfile" }),
        context: context.to_owned(),
        labels: Vec::new(),
    };
    let op = Op { kind, cause: Cause::Missing, service: None, subject: BASE.to_owned(), after: Vec::new() };
    carry_out(&engine, &Plan { ops: vec![op], ..Plan::default() })
        .await
        .wrap_err("build the sample project's base image")
}

/// Takes down the sample project with its volumes and images.
async fn remove(endpoint: &engine::Endpoint, load: &LoadRequest) -> Result<()> {
    let project =
        compose::load(load, &Disk).project.ok_or_else(|| eyre!("the sample project cannot be read"))?;
    let engine = Engine::connect(endpoint).await.wrap_err("take the sample project away")?;
    let options = Options {
        remove_orphans: true,
        remove_volumes: true,
        remove_local_images: true,
        ..Options::default()
    };
    let request =
        Request { project: project.name.clone(), verb: Verb::Down, target: Target::Project, options };
    let made = engine::make_plan(&engine, Some(&project), &request).await;
    let mut plan = made.map_err(|failure| eyre!("{failure}"))?;
    if engine.image(BASE).await?.is_some() {
        let kind = OpKind::RemoveImage { image: BASE.to_owned() };
        let after = (0..plan.ops.len()).map(OpId).collect();
        plan.ops.push(Op { kind, cause: Cause::Asked, service: None, subject: BASE.to_owned(), after });
    }
    carry_out(&engine, &plan).await
}

/// Carries out a plan, telling its steps on standard error.
async fn carry_out(engine: &Engine, plan: &Plan) -> Result<()> {
    let (sender, mut reports) = mpsc::unbounded_channel::<OpReport>();
    let (_canceller, cancel) = cancellation();
    let tell = async {
        while let Some(report) = reports.recv().await {
            if let (Some(op), Some(words)) = (plan.ops.get(report.op.0), words(&report.state)) {
                writeln!(io::stderr(), "{} {}: {words}", op.kind.name(), op.subject)
                    .wrap_err("tell the progress")?;
            }
        }
        Ok::<(), color_eyre::Report>(())
    };
    let work = async {
        let states = engine::execute(engine, plan, &sender, &cancel).await;
        drop(sender);
        states
    };
    let (states, told) = futures::join!(work, tell);
    told?;
    match states
        .into_iter()
        .find_map(|state| if let OpState::Failed(failure) = state { Some(failure) } else { None })
    {
        Some(failure) => bail!("{failure}"),
        None => Ok(()),
    }
}

fn words(state: &OpState) -> Option<&str> {
    match state {
        OpState::Progress { text, .. } => Some(text),
        OpState::Done => Some("done"),
        _ => None,
    }
}

/// A busybox for Linux that needs no libraries: `BUSYBOX` names it, or it is the system's.
fn find_busybox() -> Result<PathBuf> {
    let places: Vec<PathBuf> = match env::var_os("BUSYBOX") {
        Some(place) => vec![place.into()],
        None => vec!["/bin/busybox".into(), "/usr/bin/busybox".into(), "/usr/local/bin/busybox".into()],
    };
    if let Some(found) = places.iter().find(|place| fs::read(place).is_ok_and(|program| is_static(&program)))
    {
        return Ok(found.clone());
    }
    let list: Vec<String> = places.iter().map(|place| place.display().to_string()).collect();
    bail!(
        "the sample project's images are made of a static busybox, and there is none at {}; install busybox-static (Debian, \
         Ubuntu), busybox (Fedora, Arch, Alpine: busybox-static), or name one with BUSYBOX=/path/to/busybox",
        list.join(", ")
    );
}

/// Whether a 64-bit little-endian ELF program needs no loader: none of its segments is of the type `PT_INTERP`.
fn is_static(program: &[u8]) -> bool {
    const INTERPRETER: usize = 3;
    let number = |at: usize, bytes: usize| -> Option<usize> {
        let field = program.get(at..at.checked_add(bytes)?)?;
        Some(field.iter().rev().fold(0, |sum, byte| sum << 8 | usize::from(*byte)))
    };
    let kinds = || -> Option<Vec<usize>> {
        let (table, size, count) = (number(32, 8)?, number(54, 2)?, number(56, 2)?);
        (0..count).map(|index| number(table.checked_add(index * size)?, 4)).collect()
    };
    program.starts_with(b"\x7fELF\x02\x01") && kinds().is_some_and(|kinds| !kinds.contains(&INTERPRETER))
}
