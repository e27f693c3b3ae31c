//! Questions with yes or no, on standard output and input, as Docker Compose asks them.

use std::io::{self, BufRead, Write};

use color_eyre::eyre::{Result, WrapErr};

use super::global::truth;

/// Asks; anything but a yes is a no, the end of the input too.
///
/// # Errors
/// Where standard output or input is closed.
pub fn confirm(question: &str) -> Result<bool> {
    let mut out = io::stdout().lock();
    out.write_all(question.as_bytes()).and_then(|()| out.flush()).wrap_err("ask")?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer).wrap_err("read the answer")?;
    let answer = answer.trim().to_lowercase();
    Ok(matches!(answer.as_str(), "y" | "yes") || truth(&answer) == Some(true))
}
