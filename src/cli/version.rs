//! `dockside version`: which Docker Compose it stands in for, and its own.

use std::process::ExitCode;

use color_eyre::eyre::Result;
use serde_json::json;

use super::out;
use crate::plan::COMPOSE_VERSION;

/// Options of `version`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// pretty or json
    #[arg(short, long, default_value = "")]
    pub format: String,
    /// Print the number only
    #[arg(long)]
    pub short: bool,
}

/// Prints the version of Docker Compose whose verbs, labels and hashes these are: scripts ask for it to know what they may
/// use.
///
/// # Errors
/// Where it cannot be printed.
pub fn run(args: &Args) -> Result<ExitCode> {
    let text = match args.format.as_str() {
        _ if args.short => format!("{COMPOSE_VERSION}\n"),
        "json" => format!("{}\n", json!({ "version": COMPOSE_VERSION })),
        _ => format!("Docker Compose version {COMPOSE_VERSION} (Dockside {})\n", env!("CARGO_PKG_VERSION")),
    };
    out::print(&text)?;
    Ok(ExitCode::SUCCESS)
}
