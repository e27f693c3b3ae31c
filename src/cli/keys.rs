//! `dockside keys`: every action with its keys, by the names that the settings file uses.

use std::io::{self, Write};
use std::process::ExitCode;

use color_eyre::eyre::{Result, WrapErr};

use super::global::Global;
use super::surroundings;
use crate::app::action::ENTRIES;

/// Prints the keymap as the settings leave it, one action a line.
///
/// # Errors
/// Where the settings have faults.
pub(super) fn run(global: &Global) -> Result<ExitCode> {
    let (_, keymap) = surroundings::settings(global)?;
    let mut out = io::stdout().lock();
    for entry in ENTRIES {
        let keys = keymap.keys_of(entry.action).join(", ");
        writeln!(out, "{:<24} {:<24} {}", entry.name, keys, entry.help).wrap_err("print the keys")?;
    }
    Ok(ExitCode::SUCCESS)
}
