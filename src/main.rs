//! The program: arguments in, exit code out. The only place that prints a fatal error.
#![allow(clippy::print_stderr, reason = "the one place that prints a fatal error")]

use std::process::ExitCode;

fn main() -> ExitCode {
    let result = color_eyre::install().and_then(|()| {
        dockside::terminal::restore_on_panic();
        dockside::cli::run()
    });
    match result {
        Ok(code) => code,
        Err(report) => {
            eprintln!("{report:#}");
            ExitCode::FAILURE
        }
    }
}
