//! What Docker Compose can do and Dockside cannot yet: named, and ended with a code that is not 0. Nothing is ignored.

use std::process::ExitCode;

use color_eyre::eyre::{Result, eyre};

/// Whatever follows such a command.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Not looked at
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, hide = true)]
    pub rest: Vec<String>,
}

/// Refuses a command.
///
/// # Errors
/// Always.
pub fn command(name: &str) -> Result<ExitCode> {
    Err(eyre!("{name} is not supported yet; nothing was done"))
}

/// The words that refuse an option.
pub fn flag(name: &str) -> String {
    format!("{name} is not supported yet; nothing was done")
}
