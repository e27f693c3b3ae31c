//! The command line: what the arguments ask for, on the same loader, plans and engine as the dashboard. One file a
//! command family.

mod arguments;
mod config;
mod dashboard;
mod demo;
mod demo_files;
mod keys;
mod surroundings;

use std::process::ExitCode;

use clap::Parser;
use color_eyre::eyre::Result;

pub use arguments::{Arguments, Command, Global};

/// Reads the arguments and does what they ask.
///
/// # Errors
/// What a person has to read, with what to do next.
pub fn run() -> Result<ExitCode> {
    let arguments = Arguments::parse();
    match &arguments.command {
        None => dashboard::run(&arguments.global),
        Some(Command::Demo(demo)) => demo::run(&arguments.global, demo),
        Some(Command::Config(config)) => config::run(&arguments.global, config),
        Some(Command::Keys) => keys::run(&arguments.global),
    }
}
