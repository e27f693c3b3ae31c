//! A program in a container with this process's standard streams: what `exec`, `run` and `attach` connect.
//!
//! The connection is taken over raw. Without a terminal the engine's output comes in frames, which tell standard output
//! from standard error; with one it is passed on as it is. Nothing is looked at.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::sync::mpsc;

use super::call::{Call, encode};
use super::error::Error;
use super::execute::create_exec;
use super::logs::framing::{Framing, Source};
use super::{Engine, TerminalSize};
use crate::observed::ContainerId;

/// What is read from a side at once.
const CHUNK: usize = 16 * 1024;
/// How often the first size of a terminal is tried, each time after a longer pause.
const FIRST_SIZE_ATTEMPTS: u32 = 10;
const FIRST_SIZE_PAUSE: Duration = Duration::from_millis(10);

/// This side of a connection.
pub struct Streams<I, O, E> {
    /// What is typed; none where nothing is passed in.
    pub input: Option<I>,
    /// Where standard output goes, and all of a terminal's.
    pub output: O,
    /// Where standard error goes.
    pub error: E,
    /// Sizes of the terminal, the first at once; closed where there is none.
    pub sizes: mpsc::Receiver<TerminalSize>,
}

/// A command to run in a container that runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Command {
    /// The words.
    pub words: Vec<String>,
    /// `NAME=value`.
    pub environment: Vec<String>,
    /// As whom; empty for the container's own user.
    pub user: String,
    /// Where; empty for the container's own folder.
    pub folder: String,
    /// With all privileges.
    pub privileged: bool,
    /// With a terminal.
    pub terminal: bool,
    /// With standard input.
    pub interactive: bool,
}

/// What is attached to of a container.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attachment {
    /// Whether standard input is passed in.
    pub input: bool,
    /// Whether it has a terminal.
    pub terminal: bool,
    /// The keys that let go of it; empty for the engine's own.
    pub detach_keys: String,
}

/// An open connection to a program in a container.
pub struct Connection {
    stream: Box<dyn Duplex>,
    what: String,
    endpoint: String,
    terminal: bool,
    resize: String,
}

/// Both directions.
trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Duplex for T {}

impl Engine {
    /// Runs a command in a container to its end and gives its exit code.
    ///
    /// # Errors
    /// When the container does not run, the command cannot be run, or the connection breaks.
    pub async fn exec<I, O, E>(
        &self,
        id: &ContainerId,
        command: &Command,
        streams: Streams<I, O, E>,
    ) -> Result<i64, Error>
    where
        I: AsyncRead + Unpin,
        O: AsyncWrite + Unpin,
        E: AsyncWrite + Unpin,
    {
        let what = format!("run a command in container {}", id.short());
        let exec = create_exec(self, id, &command.body(true), &what).await?;
        let start = Call::post(format!("/exec/{}/start", encode(&exec)), what.clone()).deadline(None);
        let body = json!({ "Detach": false, "Tty": command.terminal });
        let stream = Box::new(self.upgrade(start.json(&body)).await?);
        let connection = Connection {
            stream,
            what: what.clone(),
            endpoint: self.endpoint().to_owned(),
            terminal: command.terminal,
            resize: format!("/exec/{}/resize", encode(&exec)),
        };
        connection.pump(self, streams).await?;
        let state = self.json(Call::get(format!("/exec/{}/json", encode(&exec)), what)).await?;
        Ok(state["ExitCode"].as_i64().unwrap_or(0))
    }

    /// Starts a command in a container and leaves it to itself.
    ///
    /// # Errors
    /// As for [`Engine::exec`].
    pub async fn exec_detached(&self, id: &ContainerId, command: &Command) -> Result<(), Error> {
        let what = format!("run a command in container {}", id.short());
        let exec = create_exec(self, id, &command.body(false), &what).await?;
        let body = json!({ "Detach": true, "Tty": command.terminal });
        self.send(Call::post(format!("/exec/{}/start", encode(&exec)), what).json(&body)).await
    }

    /// Attaches to a container, before it starts or while it runs.
    ///
    /// # Errors
    /// When the engine refuses or is out of reach.
    pub async fn attach(&self, id: &ContainerId, attachment: &Attachment) -> Result<Connection, Error> {
        let what = format!("attach to container {}", id.short());
        let keys = Some(attachment.detach_keys.as_str()).filter(|keys| !keys.is_empty());
        let call = Call::post(format!("/containers/{}/attach", encode(&id.0)), what.clone())
            .query("stream", "1")
            .query("stdin", if attachment.input { "1" } else { "0" })
            .query("stdout", "1")
            .query("stderr", "1")
            .query_some("detachKeys", keys)
            .deadline(None);
        Ok(Connection {
            stream: Box::new(self.upgrade(call).await?),
            what,
            endpoint: self.endpoint().to_owned(),
            terminal: attachment.terminal,
            resize: format!("/containers/{}/resize", encode(&id.0)),
        })
    }

    /// Waits for a container's next end, and for its removal where it removes itself; gives its exit code. The wait is
    /// registered once this returns; the future that it gives is the wait itself.
    ///
    /// # Errors
    /// When the engine refuses or is out of reach.
    pub async fn next_exit(
        &self,
        id: &ContainerId,
        removed: bool,
    ) -> Result<impl Future<Output = Result<i64, Error>> + use<>, Error> {
        let what = format!("wait for container {}", id.short());
        let condition = if removed { "removed" } else { "next-exit" };
        let call = Call::post(format!("/containers/{}/wait", encode(&id.0)), what.clone())
            .query("condition", condition)
            .deadline(None);
        let mut chunks = self.stream(call).await?;
        let endpoint = self.endpoint().to_owned();
        Ok(async move {
            let mut bytes = Vec::new();
            while let Some(chunk) = chunks.next().await? {
                bytes.extend_from_slice(&chunk);
            }
            let answer: Value = serde_json::from_slice(&bytes).unwrap_or_default();
            answer["StatusCode"].as_i64().ok_or(Error::Unexpected {
                what,
                endpoint,
                cause: "it names no exit code".to_owned(),
            })
        })
    }

    /// Sends a signal to a container.
    ///
    /// # Errors
    /// When it does not run.
    pub async fn signal(&self, id: &ContainerId, signal: &str) -> Result<(), Error> {
        self.kill(id, signal).await
    }

    /// Removes a container by force.
    ///
    /// # Errors
    /// When the engine refuses.
    pub async fn discard(&self, id: &ContainerId) -> Result<(), Error> {
        self.remove_container(id, true).await
    }

    /// Starts a container.
    ///
    /// # Errors
    /// When it cannot be started.
    pub async fn begin(&self, id: &ContainerId) -> Result<(), Error> {
        self.start(id).await
    }
}

impl Command {
    /// The body of `POST /containers/{id}/exec`.
    fn body(&self, attached: bool) -> Value {
        json!({
            "AttachStdin": attached && self.interactive,
            "AttachStdout": attached,
            "AttachStderr": attached,
            "Tty": self.terminal,
            "Cmd": self.words,
            "Env": self.environment,
            "User": self.user,
            "WorkingDir": self.folder,
            "Privileged": self.privileged,
        })
    }
}

impl Connection {
    /// Passes bytes both ways until the program's output ends. That the input ends is passed on, and ends nothing.
    ///
    /// # Errors
    /// When the connection breaks, or this side can no longer be written to.
    pub async fn pump<I, O, E>(self, engine: &Engine, streams: Streams<I, O, E>) -> Result<(), Error>
    where
        I: AsyncRead + Unpin,
        O: AsyncWrite + Unpin,
        E: AsyncWrite + Unpin,
    {
        let Self { stream, what, endpoint, terminal, resize } = self;
        let Streams { input, mut output, mut error, sizes } = streams;
        let (mut from, to) = tokio::io::split(stream);
        let printing = async {
            if terminal {
                copy(&mut from, &mut output).await
            } else {
                sort(&mut from, &mut output, &mut error).await
            }
        };
        tokio::select! {
            result = printing => result,
            () = pass_in(input, to) => Ok(()),
            () = keep_size(engine, &resize, sizes) => Ok(()),
        }
        .map_err(|error| Error::Broken { what, endpoint, cause: error.to_string() })
    }
}

async fn copy(
    from: &mut (impl AsyncRead + Unpin),
    output: &mut (impl AsyncWrite + Unpin),
) -> std::io::Result<()> {
    let mut buffer = vec![0; CHUNK];
    loop {
        let read = from.read(&mut buffer).await?;
        if read == 0 {
            return Ok(());
        }
        output.write_all(&buffer[..read]).await?;
        output.flush().await?;
    }
}

/// Sorts frames into standard output and standard error.
async fn sort(
    from: &mut (impl AsyncRead + Unpin),
    output: &mut (impl AsyncWrite + Unpin),
    error: &mut (impl AsyncWrite + Unpin),
) -> std::io::Result<()> {
    let mut framing = Framing::default();
    let mut buffer = vec![0; CHUNK];
    loop {
        let read = from.read(&mut buffer).await?;
        if read == 0 {
            return framing.finish().map_err(std::io::Error::other);
        }
        let mut pieces: Vec<(bool, Vec<u8>)> = Vec::new();
        let pushed = framing.push(&buffer[..read], |piece| {
            pieces.push((piece.source == Source::Error, piece.bytes.to_vec()));
        });
        for (is_error, bytes) in pieces {
            if is_error {
                error.write_all(&bytes).await?;
                error.flush().await?;
            } else {
                output.write_all(&bytes).await?;
                output.flush().await?;
            }
        }
        pushed.map_err(std::io::Error::other)?;
    }
}

/// Passes the input on and closes that direction at its end; never returns, since the program's output goes on.
async fn pass_in(input: Option<impl AsyncRead + Unpin>, mut to: impl AsyncWrite + Unpin) {
    if let Some(mut input) = input {
        // A program that takes no more input has ended or will; its output tells.
        let _ = copy(&mut input, &mut to).await;
        let _ = to.shutdown().await;
    }
    std::future::pending::<()>().await;
}

/// Tells the engine the terminal's size, now and when it changes. A size that the engine does not take is left at that.
async fn keep_size(engine: &Engine, path: &str, mut sizes: mpsc::Receiver<TerminalSize>) {
    if let Some(first) = sizes.recv().await {
        // The connection is handed over before the program runs, and the engine refuses to resize what does not run.
        for attempt in 1..=FIRST_SIZE_ATTEMPTS {
            if resize(engine, path, first).await.is_ok() {
                break;
            }
            tokio::time::sleep(FIRST_SIZE_PAUSE * attempt).await;
        }
        while let Some(size) = sizes.recv().await {
            let _ = resize(engine, path, size).await;
        }
    }
    std::future::pending::<()>().await;
}

async fn resize(engine: &Engine, path: &str, size: TerminalSize) -> Result<(), Error> {
    let call = Call::post(path, "resize the terminal")
        .query("w", &size.columns.to_string())
        .query("h", &size.rows.to_string());
    engine.send(call).await
}
