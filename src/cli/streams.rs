//! This process's standard streams and terminal, connected to a program in a container.

use std::future::Future;
use std::io::{self, IsTerminal};
use std::time::Duration;

use color_eyre::eyre::{Result, WrapErr, bail};
use tokio::io::AsyncRead;
use tokio::sync::mpsc;

use super::signals::Interrupts;
use crate::engine::{Connection, Engine, Error, Streams, TerminalSize};
use crate::observed::{ContainerId, State};
use crate::terminal;

/// How long the end of a program whose output has ended is waited for, before it counts as let go of.
const LET_GO: Duration = Duration::from_secs(1);
/// Sizes that may wait; only the last counts.
const SIZES: usize = 4;

/// What is connected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Streaming {
    /// Standard input.
    pub input: bool,
    /// A terminal.
    pub terminal: bool,
    /// Whether signals go to the program in the container.
    pub signals: bool,
}

/// What one side of a pump is made of; while it lives the terminal is raw.
pub struct Ends {
    /// The streams.
    pub streams: Streams<Box<dyn AsyncRead + Unpin + Send>, tokio::io::Stdout, tokio::io::Stderr>,
    _raw: Option<terminal::RawMode>,
    watching: Option<tokio::task::JoinHandle<()>>,
}

impl Drop for Ends {
    fn drop(&mut self) {
        if let Some(watching) = &self.watching {
            watching.abort();
        }
    }
}

/// Whether a terminal can be given: one reads the output and, where input is passed, one gives it.
pub fn has_terminal(input: bool) -> bool {
    io::stdout().is_terminal() && (!input || io::stdin().is_terminal())
}

/// Splits `SERVICE COMMAND ARGS...`, of which at least `least` words must be there.
///
/// # Errors
/// Too few words.
pub fn split(words: &[String], least: usize) -> Result<(&String, &[String])> {
    match words {
        [service, rest @ ..] if words.len() >= least => Ok((service, rest)),
        _ => bail!("requires at least {least} arg(s), only received {}", words.len()),
    }
}

/// This process's ends.
///
/// # Errors
/// Where the terminal refuses.
pub fn ends(streaming: Streaming) -> Result<Ends> {
    let input = if streaming.input { Some(input(streaming.terminal)?) } else { None };
    let (sender, sizes) = mpsc::channel(SIZES);
    let (mut raw, mut watching) = (None, None);
    if streaming.terminal {
        if let Ok((columns, rows)) = crossterm::terminal::size() {
            // The channel is empty and takes it.
            let _ = sender.try_send(TerminalSize { columns, rows });
        }
        watching = Some(tokio::spawn(terminal::report_sizes(move |columns, rows| {
            // A full channel holds a size already; the program is told again with the next change.
            let _ = sender.try_send(TerminalSize { columns, rows });
        })));
        raw = Some(terminal::RawMode::begin().wrap_err("give the terminal to the program")?);
    }
    let streams = Streams { input, output: tokio::io::stdout(), error: tokio::io::stderr(), sizes };
    Ok(Ends { streams, _raw: raw, watching })
}

/// Stays with a container until it ends, and gives its exit code; none where it was let go of.
///
/// # Errors
/// When the connection breaks.
pub async fn until_exit(
    engine: &Engine,
    id: &ContainerId,
    connection: Connection,
    ended: impl Future<Output = Result<i64, Error>>,
    streaming: Streaming,
) -> Result<Option<i64>> {
    let mut ends = ends(streaming)?;
    let streams = ends.take();
    let pumping = connection.pump(engine, streams);
    let mut interrupts = Interrupts::listen();
    let passing = async {
        loop {
            let signal = interrupts.next().await;
            if streaming.signals {
                // A program that has just ended takes no signal; its end is about to be told.
                let _ = engine.signal(id, signal).await;
            }
        }
    };
    tokio::pin!(ended, pumping, passing);
    let early = tokio::select! {
        result = &mut pumping => { result?; None }
        code = &mut ended => Some(code?),
        () = &mut passing => None,
    };
    if let Some(code) = early {
        // What it printed last is still on its way.
        let _ = tokio::time::timeout(LET_GO, pumping).await;
        return Ok(Some(code));
    }
    loop {
        tokio::select! {
            code = &mut ended => return Ok(Some(code?)),
            () = &mut passing => {}
            () = tokio::time::sleep(LET_GO) => {
                let still = engine.inspect(id).await?;
                if streaming.terminal && still.is_some_and(|container| container.state == State::Running) {
                    return Ok(None);
                }
            }
        }
    }
}

impl Ends {
    /// The streams, once.
    pub fn take(
        &mut self,
    ) -> Streams<Box<dyn AsyncRead + Unpin + Send>, tokio::io::Stdout, tokio::io::Stderr> {
        let (_, closed) = mpsc::channel(1);
        let empty =
            Streams { input: None, output: tokio::io::stdout(), error: tokio::io::stderr(), sizes: closed };
        std::mem::replace(&mut self.streams, empty)
    }
}

/// A terminal is read so that it can be let go of; anything else by a thread that the program's end ends.
#[cfg(unix)]
fn input(is_terminal: bool) -> Result<Box<dyn AsyncRead + Unpin + Send>> {
    if is_terminal {
        return Ok(Box::new(terminal::input().wrap_err("read the terminal")?));
    }
    Ok(Box::new(tokio::io::stdin()))
}

#[cfg(not(unix))]
fn input(_is_terminal: bool) -> Result<Box<dyn AsyncRead + Unpin + Send>> {
    Ok(Box::new(tokio::io::stdin()))
}
