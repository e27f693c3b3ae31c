//! The lines of a log have the whole terminal for a while, in the person's pager. They go to it by its standard input: no
//! file is written.

use std::env;
use std::io;
use std::process::{ExitStatus, Stdio};

use color_eyre::eyre::Result;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use super::Runtime;
use crate::app::Msg;

/// What is run where `PAGER` names nothing.
const USUAL: &str = "less";

impl Runtime<'_> {
    /// Lends the terminal to the pager until that or the program is to end. Gives what came of it.
    pub(super) async fn lend_to_pager(&mut self, text: String) -> Result<Msg> {
        let pager = env::var("PAGER").ok().filter(|pager| !pager.trim().is_empty());
        let pager = pager.unwrap_or_else(|| USUAL.to_owned());
        self.give_back().await?;
        let ended = tokio::select! {
            ended = page(&pager, text) => Some(ended),
            () = self.input.terminated() => None,
        };
        self.take_back()?;
        let Some(ended) = ended else { return Ok(Msg::Terminate) };
        Ok(match ended {
            Ok(status) if status.success() => Msg::Notice { failed: false, text: format!("{pager} ended") },
            Ok(status) => {
                Msg::Notice { failed: true, text: format!("{pager}: {status}; PAGER names another") }
            }
            Err(error) => Msg::Notice { failed: true, text: format!("{pager}: {error}") },
        })
    }
}

async fn page(pager: &str, text: String) -> io::Result<ExitStatus> {
    // Ctrl-C is for the pager: this program only must not end by it.
    #[cfg(unix)]
    let _interrupts = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::interrupt())?;
    let mut child =
        Command::new("sh").args(["-c", pager]).stdin(Stdio::piped()).kill_on_drop(true).spawn()?;
    let input = child.stdin.take();
    let writing = async move {
        if let Some(mut input) = input {
            // A pager that is left before its end reads no further.
            drop(input.write_all(text.as_bytes()).await);
        }
    };
    let ((), status) = tokio::join!(writing, child.wait());
    status
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_pager_gets_the_text_and_may_leave_early() {
        let folder = tempfile::tempdir().unwrap();
        let kept = folder.path().join("kept");
        let pager = format!("cat > {}", kept.display());
        assert!(page(&pager, "one\ntwo\n".to_owned()).await.unwrap().success());
        assert_eq!(std::fs::read_to_string(&kept).unwrap(), "one\ntwo\n");
        let long = "x".repeat(1 << 20);
        assert!(page("true", long).await.unwrap().success());
        assert!(!page("false", String::new()).await.unwrap().success());
    }
}
