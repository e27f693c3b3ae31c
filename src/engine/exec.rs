//! A shell in a container: an exec with a terminal, its bytes pumped both ways, its size kept, its exit code told.
//!
//! The connection is taken over raw: a terminal's bytes have no frames, and bollard would take some of them for frames.
//! It never looks at the bytes; the caller's terminal shows them as `docker exec -it` would.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::sync::mpsc;

use super::Engine;
use super::call::{Call, encode};
use super::error::Error;
use super::execute::create_exec;
use crate::observed::ContainerId;

/// Takes bash where there is one.
const FIND_SHELL: &str = "if command -v bash >/dev/null 2>&1; then exec bash; else exec sh; fi";
/// What is read from a side at once.
const CHUNK: usize = 16 * 1024;
/// How often the first size is tried, each time after a longer pause.
const FIRST_SIZE_ATTEMPTS: u32 = 10;
const FIRST_SIZE_PAUSE: Duration = Duration::from_millis(10);

/// The size of a terminal in cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TerminalSize {
    /// Columns.
    pub columns: u16,
    /// Rows.
    pub rows: u16,
}

/// A shell about to be opened.
#[derive(Clone, Debug)]
pub struct Shell {
    /// Where.
    pub container: ContainerId,
    /// What to run; none for bash, or sh where there is no bash.
    pub command: Option<Vec<String>>,
    /// The value of `TERM` in it.
    pub term: String,
    /// The terminal's size at first.
    pub size: TerminalSize,
}

impl Shell {
    /// Runs it until it ends, and returns its exit code; 126 and 127 mean that it could not be run.
    ///
    /// `input` may end before (the shell then reads an end); `resizes` may close before.
    ///
    /// # Errors
    /// When the container does not run, the engine refuses, or the connection breaks.
    pub async fn run(
        self,
        engine: &Engine,
        input: impl AsyncRead + Unpin,
        mut output: impl AsyncWrite + Unpin,
        resizes: mpsc::Receiver<TerminalSize>,
    ) -> Result<i64, Error> {
        let what = format!("open a shell in container {}", self.container.short());
        let exec = create_exec(engine, &self.container, &self.body(), &what).await?;
        let start = Call::post(format!("/exec/{}/start", encode(&exec)), what.clone());
        let connection = engine.upgrade(start.json(&json!({ "Detach": false, "Tty": true }))).await?;
        let (mut from_shell, to_shell) = tokio::io::split(connection);
        let result = {
            let printing = print(&mut from_shell, &mut output);
            let typing = type_in(input, to_shell);
            let resizing = keep_size(engine, &exec, self.size, resizes);
            // The shell's own end is the end: the other two only serve it, and never return before.
            tokio::select! {
                result = printing => result,
                () = typing => Ok(()),
                () = resizing => Ok(()),
            }
        };
        result.map_err(|error| Error::Broken {
            what: what.clone(),
            endpoint: engine.endpoint().to_owned(),
            cause: error.to_string(),
        })?;
        let state = engine.json(Call::get(format!("/exec/{}/json", encode(&exec)), what)).await?;
        Ok(state["ExitCode"].as_i64().unwrap_or(0))
    }

    fn body(&self) -> Value {
        let find = || ["/bin/sh", "-c", FIND_SHELL].map(str::to_owned).to_vec();
        json!({
            "AttachStdin": true, "AttachStdout": true, "AttachStderr": true, "Tty": true,
            "Env": [format!("TERM={}", self.term)],
            "Cmd": self.command.clone().unwrap_or_else(find),
        })
    }
}

async fn print(
    from_shell: &mut (impl AsyncRead + Unpin),
    output: &mut (impl AsyncWrite + Unpin),
) -> std::io::Result<()> {
    let mut buffer = vec![0; CHUNK];
    loop {
        let read = from_shell.read(&mut buffer).await?;
        if read == 0 {
            return Ok(());
        }
        output.write_all(&buffer[..read]).await?;
        output.flush().await?;
    }
}

/// Passes on what is typed. Never returns: where the input has ended or the shell takes no more, its output goes on.
async fn type_in(mut input: impl AsyncRead + Unpin, mut to_shell: impl AsyncWrite + Unpin) {
    let mut buffer = vec![0; CHUNK];
    loop {
        let read = input.read(&mut buffer).await.unwrap_or(0);
        if read == 0 {
            break;
        }
        if to_shell.write_all(&buffer[..read]).await.is_err() || to_shell.flush().await.is_err() {
            break;
        }
    }
    // The half is closed, and kept, or the whole connection would be.
    let _ = to_shell.shutdown().await;
    std::future::pending::<()>().await;
}

/// Sets the size, and again with every change. Never returns. A size that the engine does not take is left at that: the
/// shell works all the same, and the next change sets it.
async fn keep_size(
    engine: &Engine,
    exec: &str,
    first: TerminalSize,
    mut resizes: mpsc::Receiver<TerminalSize>,
) {
    // The connection is handed over before the process runs, and the engine refuses to resize what does not run.
    for attempt in 1..=FIRST_SIZE_ATTEMPTS {
        if resize(engine, exec, first).await.is_ok() {
            break;
        }
        tokio::time::sleep(FIRST_SIZE_PAUSE * attempt).await;
    }
    while let Some(size) = resizes.recv().await {
        let _ = resize(engine, exec, size).await;
    }
    std::future::pending::<()>().await;
}

async fn resize(engine: &Engine, exec: &str, size: TerminalSize) -> Result<(), Error> {
    let call = Call::post(format!("/exec/{}/resize", encode(exec)), "resize the shell's terminal")
        .query("w", &size.columns.to_string())
        .query("h", &size.rows.to_string());
    engine.send(call).await
}
