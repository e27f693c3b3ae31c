//! A shell in a container has the whole terminal for a while.

use color_eyre::eyre::{Result, WrapErr};

use std::env;

use tokio::sync::mpsc;

use super::Runtime;
use crate::app::Msg;
use crate::engine::{Engine, Shell, TerminalSize};
use crate::observed::ContainerId;
use crate::terminal;

impl Runtime<'_> {
    /// Lends the terminal to a shell in a container until that or the program is to end. Gives what came of
    /// it.
    pub(super) async fn lend_to_shell(&mut self, container: &ContainerId, name: &str) -> Result<Msg> {
        let Some(engine) = self.core.tasks.engine.borrow().clone() else {
            return Ok(Msg::Notice { failed: true, text: "no shell: the engine is out of reach".to_owned() });
        };
        self.give_back().await?;
        let ended = tokio::select! {
            ended = run_shell(&engine, container) => Some(ended),
            () = self.input.terminated() => None,
        };
        self.take_back()?;
        let Some(ended) = ended else { return Ok(Msg::Terminate) };
        Ok(match ended {
            Ok(0) => Msg::Notice { failed: false, text: format!("shell in {name} ended") },
            Ok(code) => Msg::Notice { failed: false, text: format!("shell in {name} ended with {code}") },
            Err(error) => Msg::Notice { failed: true, text: format!("shell in {name}: {error:#}") },
        })
    }

    /// Stops as Ctrl-Z asks, and draws all anew when it goes on.
    pub(super) async fn suspend(&mut self) -> Result<()> {
        self.input.release();
        self.settle_frames().await.wrap_err("write to the terminal")?;
        terminal::suspend(self.guard).wrap_err("suspend")?;
        self.input.retake();
        self.redraw()?;
        self.ask_size().await
    }

    pub(super) async fn give_back(&mut self) -> Result<()> {
        self.input.release();
        self.settle_frames().await.wrap_err("write to the terminal")?;
        self.guard.release().wrap_err("give the terminal to the shell")
    }

    pub(super) fn take_back(&mut self) -> Result<()> {
        self.guard.retake().wrap_err("take the terminal back")?;
        self.input.retake();
        self.redraw()
    }
}

/// A slow shell may be told a few sizes late; only the last counts.
const SIZES: usize = 4;

async fn run_shell(engine: &Engine, container: &ContainerId) -> Result<i64> {
    let (columns, rows) = crossterm::terminal::size().wrap_err("ask the terminal for its size")?;
    let shell = Shell {
        container: container.clone(),
        command: None,
        term: env::var("TERM").unwrap_or_else(|_| "xterm".to_owned()),
        size: TerminalSize { columns, rows },
    };
    let (sender, sizes) = mpsc::channel(SIZES);
    let watching = tokio::spawn(terminal::report_sizes(move |columns, rows| {
        // A full channel holds a size already; the shell asks again with the next change.
        let _ = sender.try_send(TerminalSize { columns, rows });
    }));
    let input = terminal::input().wrap_err("read the terminal")?;
    let ended = {
        let _raw = terminal::RawMode::begin().wrap_err("give the terminal to the shell")?;
        shell.run(engine, input, tokio::io::stdout(), sizes).await
    };
    watching.abort();
    Ok(ended?)
}
