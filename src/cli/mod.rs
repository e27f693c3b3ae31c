//! The command line: what the arguments ask for, on the same loader, plans and engine as the dashboard. One file a
//! command family, with its options and what it does; what they share stands in `global`, `loading`, `headless`,
//! `progress` and `signals`.

mod arguments;
mod config;
mod containers;
mod dashboard;
mod demo;
mod demo_files;
pub mod global;
pub mod headless;
mod humane;
mod keys;
mod lifecycle;
pub mod loading;
mod out;
pub mod perform;
mod ports;
pub mod progress;
mod ps;
mod rows;
pub mod signals;
mod surroundings;
mod table;
mod telling;
mod template;
mod usage;

use std::io::{self, Write};
use std::process::ExitCode;

use color_eyre::eyre::{Result, WrapErr};

pub use arguments::{Arguments, Command, Global};

/// Reads the arguments and does what they ask.
///
/// # Errors
/// What a person has to read, with what to do next.
pub fn run() -> Result<ExitCode> {
    match usage::parse(std::env::args_os()) {
        Ok(arguments) => arguments.run(),
        Err(usage::Stop::Told(text)) => {
            io::stdout().lock().write_all(text.as_bytes()).wrap_err("print the help")?;
            Ok(ExitCode::SUCCESS)
        }
        Err(usage::Stop::Fault(text)) => {
            io::stderr().lock().write_all(format!("{text}\n").as_bytes()).wrap_err("print the fault")?;
            Ok(ExitCode::FAILURE)
        }
    }
}
