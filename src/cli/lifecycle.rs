//! `start`, `stop`, `restart`, `pause`, `unpause` and `kill`: verbs on containers that are there, from the file or from
//! labels.

use std::process::ExitCode;
use std::time::Duration;

use color_eyre::eyre::{Result, bail, eyre};

use super::containers::{Wanted, of_services};
use super::global::Global;
use super::headless::{Session, Wants, block_on};
use super::{out, perform};
use crate::plan::{Options, Request, Target, Verb};

/// Options of `start`, `pause` and `unpause`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The services; all of them if none is named
    #[arg(value_name = "SERVICE")]
    pub services: Vec<String>,
}

/// Options of `stop`.
#[derive(Debug, clap::Args)]
pub struct StopArgs {
    /// Seconds that a container gets to end by itself, over its own
    #[arg(short, long, value_name = "SECONDS")]
    pub timeout: Option<i64>,
    /// The services; all of them if none is named
    #[arg(value_name = "SERVICE")]
    pub services: Vec<String>,
}

/// Options of `restart`.
#[derive(Debug, clap::Args)]
pub struct RestartArgs {
    /// Leave out what depends on the named services with `restart: true`
    #[arg(long)]
    pub no_deps: bool,
    /// Seconds that a container gets to end by itself, over its own
    #[arg(short, long, value_name = "SECONDS")]
    pub timeout: Option<i64>,
    /// The services; all of them if none is named
    #[arg(value_name = "SERVICE")]
    pub services: Vec<String>,
}

/// Options of `kill`.
#[derive(Debug, clap::Args)]
pub struct KillArgs {
    /// Send the signal to containers of services that the file does not have, too
    #[arg(long)]
    pub remove_orphans: bool,
    /// The signal
    #[arg(short, long, default_value = "SIGKILL")]
    pub signal: String,
    /// The services; all of them if none is named
    #[arg(value_name = "SERVICE")]
    pub services: Vec<String>,
}

/// Carries out `start`, `pause` or `unpause`.
///
/// # Errors
/// Where there is no plan.
pub fn run(global: &Global, verb: Verb, args: &Args) -> Result<ExitCode> {
    carry_out(global, verb, &args.services, Options { strict: true, ..Options::default() })
}

/// Carries out `stop`.
///
/// # Errors
/// Where there is no plan.
pub fn stop(global: &Global, args: &StopArgs) -> Result<ExitCode> {
    let options = Options { timeout: seconds(args.timeout), ..Options::default() };
    carry_out(global, Verb::Stop, &args.services, options)
}

/// Carries out `restart`.
///
/// # Errors
/// Where there is no plan.
pub fn restart(global: &Global, args: &RestartArgs) -> Result<ExitCode> {
    let options =
        Options { timeout: seconds(args.timeout), no_dependencies: args.no_deps, ..Options::default() };
    carry_out(global, Verb::Restart, &args.services, options)
}

/// Carries out `kill`.
///
/// # Errors
/// Where there is no plan.
pub fn kill(global: &Global, args: &KillArgs) -> Result<ExitCode> {
    let options = Options { remove_orphans: args.remove_orphans, ..Options::default() };
    carry_out(global, Verb::Kill(args.signal.clone()), &args.services, options)
}

/// A time to stop; below nothing it is the container's own.
pub fn seconds(given: Option<i64>) -> Option<Duration> {
    given.and_then(|seconds| u64::try_from(seconds).ok()).map(Duration::from_secs)
}

/// What services a verb acts on: those named, or the project.
pub fn target(services: &[String]) -> Target {
    if services.is_empty() { Target::Project } else { Target::Services(services.to_vec()) }
}

fn carry_out(global: &Global, verb: Verb, services: &[String], options: Options) -> Result<ExitCode> {
    block_on(async {
        let session = Session::open(global, Wants::FileOrName).await?;
        let request = Request { project: session.name.clone(), verb, target: target(services), options };
        let objection = objection(&session, &request.verb, services).await?;
        if let (None, Verb::Start, Some(text)) = (&session.project, &request.verb, &objection) {
            bail!("{text}");
        }
        let plan = perform::plan(&session, &request).await?;
        if plan.is_empty() && matches!(request.verb, Verb::Kill(_)) {
            out::complain(b"no container to kill\n")?;
        }
        let code = Box::pin(perform::planned(&session, &request, plan)).await?;
        match objection.filter(|_| code == ExitCode::SUCCESS && !global.dry_run) {
            Some(text) => Err(eyre!(text)),
            None => Ok(code),
        }
    })
}

/// What Docker Compose takes for a fault though there is nothing to do: a container that is paused already or is not
/// paused, a project without a file or a container. The rest is done all the same.
async fn objection(session: &Session, verb: &Verb, services: &[String]) -> Result<Option<String>> {
    if !matches!(verb, Verb::Pause | Verb::Unpause | Verb::Start) {
        return Ok(None);
    }
    let wanted = Wanted { stopped: *verb == Verb::Start, one_offs: false };
    let listings = of_services(&session.engine, &session.name, services, wanted).await?;
    let daemon = |id: &str, what: &str| Some(format!("Error response from daemon: Container {id} is {what}"));
    Ok(match verb {
        Verb::Pause => listings
            .iter()
            .find(|one| one.state == "paused")
            .and_then(|one| daemon(&one.id, "already paused")),
        Verb::Unpause => {
            listings.iter().find(|one| one.state != "paused").and_then(|one| daemon(&one.id, "not paused"))
        }
        _ if session.project.is_none() => {
            let missing = || format!("no container found for project {:?}: not found", session.name);
            listings.is_empty().then(missing)
        }
        _ => None,
    })
}
