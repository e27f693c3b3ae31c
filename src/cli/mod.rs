//! The command line: what the arguments ask for, on the same loader, plans and engine as the dashboard. One file a
//! command family, with its options and what it does; what they share stands in `global`, `loading`, `headless`,
//! `progress` and `signals`.

mod arguments;
mod attached;
mod bake;
mod building;
mod config;
mod containers;
mod cp;
mod dashboard;
mod demo;
mod demo_engine;
mod demo_files;
mod down;
mod events;
mod exec;
pub mod global;
pub mod headless;
mod humane;
mod images;
mod keys;
mod lifecycle;
mod listening;
mod live;
pub mod loading;
mod log_sieve;
mod logs;
mod ls;
mod moment;
mod observing;
mod oneoff;
mod out;
pub mod perform;
mod port;
mod ports;
mod printer;
pub mod progress;
mod prompt;
mod ps;
mod rows;
mod run;
pub mod signals;
mod stats;
mod streams;
mod surroundings;
mod table;
mod telling;
mod template;
mod top;
mod unsupported;
mod up;
mod usage;
mod version;
mod volumes;
mod wait;

use std::io::{self, Write};
use std::process::ExitCode;

use color_eyre::eyre::{Report, Result, WrapErr, eyre};

use crate::engine::Error;

pub use arguments::{Arguments, Command, Global};

/// Reads the arguments and does what they ask.
///
/// # Errors
/// What a person has to read, with what to do next.
pub fn run() -> Result<ExitCode> {
    match usage::parse(std::env::args_os()) {
        Ok(arguments) => {
            arguments.run().or_else(|error| out::closed(&error).ok_or_else(|| as_docker_says(error)))
        }
        Err(usage::Stop::Told(text)) => {
            io::stdout().lock().write_all(text.as_bytes()).wrap_err("print the help")?;
            Ok(ExitCode::SUCCESS)
        }
        Err(usage::Stop::Unknown { help, fault }) => {
            io::stdout().lock().write_all(help.as_bytes()).wrap_err("print the help")?;
            io::stderr().lock().write_all(format!("{fault}\n").as_bytes()).wrap_err("print the fault")?;
            Ok(ExitCode::FAILURE)
        }
        Err(usage::Stop::Fault(text)) => {
            io::stderr().lock().write_all(format!("{text}\n").as_bytes()).wrap_err("print the fault")?;
            Ok(ExitCode::FAILURE)
        }
    }
}

/// An answer of the engine's that ends a command, with the words before it that scripts look for.
fn as_docker_says(report: Report) -> Report {
    match report.downcast::<Error>() {
        Ok(Error::Refused { message, .. }) => eyre!("Error response from daemon: {message}"),
        Ok(other) => other.into(),
        Err(report) => report,
    }
}

/// Whether a verb that knows `json` besides is asked for a table.
///
/// # Errors
/// Any other form, in Docker Compose's words.
fn table_only(format: &str) -> Result<()> {
    match format {
        "table" | "pretty" | "" => Ok(()),
        other => Err(eyre!("format value {other:?} could not be parsed: parsing failed")),
    }
}
