//! A one-off container has the whole terminal for a while: `dockside run --rm`, with the files, profiles and engine of this
//! dashboard. Its last lines stay until Enter is pressed.

use std::ffi::OsString;
use std::process::ExitStatus;
use std::{env, io};

use color_eyre::eyre::{Result, WrapErr};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::Command;

use super::Runtime;
use crate::app::Msg;
use crate::compose::LoadRequest;
use crate::terminal;

impl Runtime<'_> {
    /// Lends the terminal to a command in a new container of a service, until that or the program is to end. Gives what
    /// came of it.
    pub(super) async fn lend_to_run(&mut self, service: &str, command: &[String]) -> Result<Msg> {
        if self.is_embedded {
            let text =
                "the embedded engine is reached by this dashboard alone: run needs a real one".to_owned();
            return Ok(Msg::Notice { failed: true, text });
        }
        let request = &self.core.tasks.request;
        let arguments = arguments(request, self.host.as_deref(), service, command);
        let mut child = Command::new(env::current_exe().wrap_err("find this program's own file")?);
        child.args(arguments).envs(&request.environment).current_dir(&request.working_directory);
        child.kill_on_drop(true);
        self.give_back().await?;
        let ended = tokio::select! {
            ended = run(child) => Some(ended),
            () = self.input.terminated() => None,
        };
        self.take_back()?;
        let Some(ended) = ended else { return Ok(Msg::Terminate) };
        Ok(match ended {
            Ok(status) if status.success() => {
                Msg::Notice { failed: false, text: format!("run in {service} ended") }
            }
            Ok(status) => Msg::Notice { failed: true, text: format!("run in {service}: {status}") },
            Err(error) => Msg::Notice { failed: true, text: format!("run in {service}: {error}") },
        })
    }
}

/// `-f compose.yaml run --rm api psql`, with all that says which project and engine are meant.
fn arguments(request: &LoadRequest, host: Option<&str>, service: &str, command: &[String]) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = Vec::new();
    let mut option = |name: &str, value: OsString| arguments.extend([name.into(), value]);
    if let Some(host) = host {
        option("--host", host.into());
    }
    for file in &request.files {
        option("--file", file.into());
    }
    if let Some(name) = &request.project_name {
        option("--project-name", name.into());
    }
    if let Some(folder) = &request.project_directory {
        option("--project-directory", folder.into());
    }
    for profile in &request.profiles {
        option("--profile", profile.into());
    }
    for file in &request.env_files {
        option("--env-file", file.into());
    }
    arguments.extend(["run", "--rm", service].map(OsString::from));
    arguments.extend(command.iter().map(OsString::from));
    arguments
}

async fn run(mut command: Command) -> io::Result<ExitStatus> {
    // Ctrl-C is for the command: this program only must not end by it.
    #[cfg(unix)]
    let _interrupts = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::interrupt())?;
    let status = command.status().await?;
    let told = format!("\n{status}. Enter goes back to the dashboard.");
    let mut output = tokio::io::stdout();
    output.write_all(told.as_bytes()).await?;
    output.flush().await?;
    // Cooked mode gives the keys when Enter is pressed; the end of the terminal is the end of this as well.
    drop(terminal::input()?.read_u8().await);
    Ok(status)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_project_on_the_same_engine() {
        let request = LoadRequest {
            files: vec!["a.yaml".to_owned(), "b.yaml".to_owned()],
            project_name: Some("shop".to_owned()),
            project_directory: Some("/srv/shop".into()),
            profiles: vec!["dev".to_owned()],
            env_files: vec![".env.local".into()],
            ..LoadRequest::default()
        };
        let words = ["psql", "-c", "select 1"].map(str::to_owned);
        let all = arguments(&request, Some("unix:///x.sock"), "db", &words);
        assert_eq!(
            all.join("|".as_ref()),
            "--host|unix:///x.sock|--file|a.yaml|--file|b.yaml|--project-name|shop|--project-directory|/srv/shop|--profile|\
             dev|--env-file|.env.local|run|--rm|db|psql|-c|select 1"
        );
        let plain = arguments(&LoadRequest::default(), None, "db", &[]);
        assert_eq!(plain.join("|".as_ref()), "run|--rm|db");
    }
}
