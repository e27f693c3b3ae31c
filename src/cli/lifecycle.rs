//! `start`, `stop`, `restart`, `pause`, `unpause` and `kill`: verbs on containers that are there, from the file or from
//! labels.

use std::process::ExitCode;
use std::time::Duration;

use color_eyre::eyre::Result;

use super::global::Global;
use super::headless::{Session, Wants, block_on};
use super::perform;
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
    carry_out(global, verb, &args.services, Options::default())
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
        Box::pin(perform::verb(&session, &request)).await
    })
}
