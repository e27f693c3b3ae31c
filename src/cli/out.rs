//! Standard output of headless verbs. A reader that has gone (`| head`) is no error to tell anybody of: the program just
//! ends, as others do.

use std::io::{self, Write};
use std::process::ExitCode;

use color_eyre::eyre::{Report, Result, WrapErr};

/// How a program ends that writes to a pipe which nobody reads: 128 and the number of SIGPIPE.
const BROKEN_PIPE: u8 = 141;

/// Prints text.
///
/// # Errors
/// Where it cannot be written.
pub fn print(text: &str) -> Result<()> {
    print_bytes(text.as_bytes())
}

/// Prints bytes as they are.
///
/// # Errors
/// Where they cannot be written.
pub fn print_bytes(bytes: &[u8]) -> Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(bytes).and_then(|()| out.flush()).wrap_err("write to standard output")
}

/// Prints bytes to standard error.
///
/// # Errors
/// Where they cannot be written.
pub fn complain(bytes: &[u8]) -> Result<()> {
    io::stderr().lock().write_all(bytes).wrap_err("write to standard error")
}

/// The exit code for an error that says only that nobody reads any more.
pub fn closed(report: &Report) -> Option<ExitCode> {
    let is_closed = |cause: &(dyn std::error::Error + 'static)| {
        cause.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
    };
    report.chain().any(is_closed).then(|| ExitCode::from(BROKEN_PIPE))
}
