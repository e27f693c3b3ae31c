//! `dockside wait`: waits until the services' containers have ended, and ends with the code of the last, from labels.

use std::process::ExitCode;

use color_eyre::eyre::{Result, bail, ensure};
use futures::stream::{FuturesUnordered, StreamExt};

use super::containers::{Wanted, of_services};
use super::global::Global;
use super::headless::{INTERRUPTED, Session, Wants, block_on, exit_code};
use super::signals::Interrupts;
use super::{out, perform};
use crate::observed::{ContainerId, Listing};
use crate::plan::{Options, Request, Target, Verb};

/// Options of `wait`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Take the project down once they have ended
    #[arg(long)]
    pub down_project: bool,
    /// The services
    #[arg(value_name = "SERVICE")]
    pub services: Vec<String>,
}

/// What is said where no service is given.
const USAGE: &str = "docker: 'docker compose wait' requires at least 1 argument\n\n\
    Usage:  docker compose wait SERVICE [SERVICE...] [OPTIONS]\n\n\
    See 'docker compose wait --help' for more information";

/// Waits.
///
/// # Errors
/// Where no container of the services runs, or the engine is out of reach.
pub fn run(global: &Global, args: &Args) -> Result<ExitCode> {
    ensure!(!args.services.is_empty(), USAGE);
    block_on(async {
        let session = Session::open(global, Wants::FileOrName).await?;
        let wanted = Wanted { one_offs: true, ..Wanted::default() };
        let listings = of_services(&session.engine, &session.name, &args.services, wanted).await?;
        if listings.is_empty() {
            bail!("no containers for project {:?}", session.name);
        }
        let mut interrupts = Interrupts::listen();
        let code = tokio::select! {
            code = ended(&session, &listings) => code?,
            _ = interrupts.next() => return Ok(ExitCode::from(INTERRUPTED)),
        };
        if args.down_project {
            down(&session).await?;
        }
        Ok(exit_code(code))
    })
}

/// Waits for all, tells of each as it ends, and gives the code of the last.
async fn ended(session: &Session, listings: &[Listing]) -> Result<i64> {
    let mut waits: FuturesUnordered<_> = listings
        .iter()
        .map(async |listing| {
            let id = ContainerId::from(listing.id.as_str());
            session.engine.wait(&id).await.map(|code| (listing, code))
        })
        .collect();
    let mut last = 0;
    while let Some(ended) = waits.next().await {
        let (listing, code) = ended?;
        out::print(&format!("container {:?} exited with status code {code}\n", listing.id))?;
        last = code;
    }
    Ok(last)
}

async fn down(session: &Session) -> Result<()> {
    let options = Options { remove_orphans: true, ..Options::default() };
    let request =
        Request { project: session.name.clone(), verb: Verb::Down, target: Target::Project, options };
    perform::verb(session, &request).await.map(drop)
}
