//! `down` and `rm`: containers go, and with `down` what was made for them.

use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use color_eyre::eyre::{Result, WrapErr, bail};

use super::global::Global;
use super::headless::{Session, Wants, block_on};
use super::lifecycle::{seconds, target};
use super::{out, perform, progress, prompt};
use crate::engine;
use crate::plan::{Op, OpKind, Options, Plan, Request, Verb};

/// Options of `down`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Remove containers of services that the file does not have
    #[arg(long)]
    pub remove_orphans: bool,
    /// Remove images: local for those without a name of their own, or all
    #[arg(long, value_name = "WHICH")]
    pub rmi: Option<String>,
    /// Seconds that a container gets to end by itself, over its own
    #[arg(short, long, value_name = "SECONDS")]
    pub timeout: Option<i64>,
    /// Remove the project's volumes, named and anonymous
    #[arg(short, long)]
    pub volumes: bool,
    /// The services; all of them if none is named
    #[arg(value_name = "SERVICE")]
    pub services: Vec<String>,
}

/// Options of `rm`.
#[derive(Debug, clap::Args)]
pub struct RemoveArgs {
    /// Do not ask
    #[arg(short, long)]
    pub force: bool,
    /// Stop first what runs
    #[arg(short, long)]
    pub stop: bool,
    /// Remove anonymous volumes with their containers
    #[arg(short, long)]
    pub volumes: bool,
    /// Of no use any more: all is what it means anyway
    #[arg(short, long, hide = true)]
    pub all: bool,
    /// The services; all of them if none is named
    #[arg(value_name = "SERVICE")]
    pub services: Vec<String>,
}

/// Carries out `down`.
///
/// # Errors
/// Where there is no plan.
pub fn run(global: &Global, args: &Args) -> Result<ExitCode> {
    let (local, all) = match args.rmi.as_deref() {
        None | Some("") => (false, false),
        Some("local") => (true, false),
        Some("all") => (false, true),
        Some(other) => bail!("invalid value for --rmi: {other:?}"),
    };
    block_on(async {
        let session = Session::open(global, Wants::FileOrName).await?;
        let options = Options {
            remove_orphans: args.remove_orphans || session.variables.is_on("COMPOSE_REMOVE_ORPHANS"),
            remove_volumes: args.volumes,
            remove_local_images: local,
            remove_images: all,
            timeout: seconds(args.timeout),
            ..Options::default()
        };
        let request = Request {
            project: session.name.clone(),
            verb: Verb::Down,
            target: target(&args.services),
            options,
        };
        let plan = perform::plan(&session, &request).await?;
        if plan.is_empty() && session.project.is_none() {
            progress::warn(&format!("Warning: No resource found to remove for project {:?}.", session.name));
        }
        Box::pin(perform::planned(&session, &request, plan)).await
    })
}

/// Carries out `rm`: says what goes, asks unless told not to, and removes it.
///
/// # Errors
/// Where there is no plan, or nobody can be asked.
pub fn remove(global: &Global, args: &RemoveArgs) -> Result<ExitCode> {
    block_on(async {
        let session = Session::open(global, Wants::FileOrName).await?;
        let options = Options { stop: args.stop, remove_volumes: args.volumes, ..Options::default() };
        let request = Request {
            project: session.name.clone(),
            verb: Verb::Remove,
            target: target(&args.services),
            options,
        };
        let plan = engine::make_plan(&session.engine, session.project.as_ref(), &request).await;
        let names = plan.map(|plan| removed(&plan)).unwrap_or_default();
        if !names.is_empty() {
            let text = format!("Going to remove {}", names.join(", "));
            if args.force || global.dry_run {
                out::print(&format!("{text}\n"))?;
            } else if !prompt::confirm(&question(&text))? {
                return Ok(ExitCode::SUCCESS);
            }
        }
        let code = Box::pin(perform::verb(&session, &request)).await?;
        if names.is_empty() && code == ExitCode::SUCCESS {
            io::stderr().lock().write_all(b"No stopped containers\n").wrap_err("say that there are none")?;
        }
        Ok(code)
    })
}

/// Where no terminal answers, Docker Compose asks by saying what would go.
fn question(text: &str) -> String {
    if io::stdin().is_terminal() { format!("{text}\nAre you sure? [yN] ") } else { text.to_owned() }
}

/// The names of the containers that a plan removes.
fn removed(plan: &Plan) -> Vec<String> {
    let name = |op: &Op| match &op.kind {
        OpKind::RemoveContainer { container, .. } => plan.name_of(container).map(str::to_owned),
        _ => None,
    };
    plan.ops.iter().filter_map(name).collect()
}
