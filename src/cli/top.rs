//! `dockside top`: the processes in the project's containers, from labels.

use std::process::ExitCode;

use color_eyre::eyre::Result;
use futures::future::try_join_all;

use super::containers::{Wanted, of_services};
use super::global::Global;
use super::headless::{Session, Wants, block_on};
use super::out;
use super::table::{TOP, table};
use crate::observed::{ContainerId, Listing, Processes, label};

/// Options of `top`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The services; all of them if none is named
    #[arg(value_name = "SERVICE")]
    pub services: Vec<String>,
}

/// Lists the processes.
///
/// # Errors
/// Where the project has no name, or the engine is out of reach or refuses.
pub fn run(global: &Global, args: &Args) -> Result<ExitCode> {
    block_on(async {
        let session = Session::open(global, Wants::Name).await?;
        let wanted = Wanted { one_offs: true, ..Wanted::default() };
        let mut listings = of_services(&session.engine, &session.name, &args.services, wanted).await?;
        listings.sort_by(|one, other| one.name().cmp(other.name()));
        let reads = listings.iter().map(async |listing| {
            let id = ContainerId::from(listing.id.as_str());
            session.engine.processes(&id).await.map(|processes| (listing, processes))
        });
        let found = try_join_all(reads).await?;
        out::print(&text(&found))?;
        Ok(ExitCode::SUCCESS)
    })
}

/// One table of all, with the columns of each container's system, the command last; `-` where a container has no such
/// column.
fn text(found: &[(&Listing, Processes)]) -> String {
    let mut titles: Vec<&str> = vec!["SERVICE", "#"];
    for title in found.iter().filter(|(_, it)| !it.rows.is_empty()).flat_map(|(_, it)| &it.titles) {
        if !titles.contains(&title.as_str()) {
            titles.push(title);
        }
    }
    if let Some(at) = titles.iter().position(|title| *title == "CMD") {
        let command = titles.remove(at);
        titles.push(command);
    }
    let mut rows = Vec::new();
    for (listing, processes) in found {
        for cells in &processes.rows {
            rows.push(titles.iter().map(|title| cell(title, listing, processes, cells)).collect::<Vec<_>>());
        }
    }
    if rows.is_empty() { String::new() } else { table(&titles, &rows, TOP) }
}

fn cell(title: &str, listing: &Listing, processes: &Processes, cells: &[String]) -> String {
    match title {
        "SERVICE" => listing.service().to_owned(),
        "#" => listing.label(label::CONTAINER_NUMBER).to_owned(),
        _ => {
            let at = processes.titles.iter().position(|known| known == title);
            at.and_then(|at| cells.get(at)).cloned().unwrap_or_else(|| "-".to_owned())
        }
    }
}
