//! `exec` and `attach`: a command in a service's container, and the container's own streams.

use std::process::ExitCode;

use color_eyre::eyre::{Result, bail, ensure, eyre};

use super::containers::{Wanted, one};
use super::global::Global;
use super::headless::{Session, Wants, block_on, exit_code};
use super::signals::Interrupts;
use super::streams::{self, Streaming};
use crate::engine::{Attachment, Command, Engine};
use crate::observed::{Container, ContainerId, State};

/// Options of `exec`.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Args {
    /// Leave it running in the background
    #[arg(short, long)]
    pub detach: bool,
    /// A variable, or the name of one of the environment; may be repeated
    #[arg(short, long, value_name = "NAME=VALUE")]
    pub env: Vec<String>,
    /// In which replica, by its number
    #[arg(long, value_name = "NUMBER", default_value_t = 0, hide_default_value = true)]
    pub index: u32,
    /// Keep standard input open
    #[arg(short, long, hide = true, num_args = 0..=1, require_equals = true, default_missing_value = "true",
          default_value = "true", action = clap::ArgAction::Set)]
    pub interactive: bool,
    /// No terminal, even where there is one
    #[arg(short = 'T', long = "no-tty", alias = "no-TTY")]
    pub no_terminal: bool,
    /// With all privileges
    #[arg(long)]
    pub privileged: bool,
    /// Of no use any more: a terminal is given where there is one
    #[arg(short, long, hide = true)]
    pub tty: bool,
    /// As whom
    #[arg(short, long)]
    pub user: Option<String>,
    /// In which folder
    #[arg(short, long, value_name = "FOLDER")]
    pub workdir: Option<String>,
    /// The service, and the command
    #[arg(value_name = "SERVICE COMMAND [ARGS...]", trailing_var_arg = true)]
    pub words: Vec<String>,
}

/// Options of `attach`.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct AttachArgs {
    /// The keys that let go of the container
    #[arg(long, value_name = "KEYS", default_value = "", hide_default_value = true)]
    pub detach_keys: String,
    /// To which replica, by its number
    #[arg(long, value_name = "NUMBER", default_value_t = 0, hide_default_value = true)]
    pub index: u32,
    /// Pass nothing in
    #[arg(long)]
    pub no_stdin: bool,
    /// Pass signals on
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value = "true",
          hide_default_value = true, action = clap::ArgAction::Set)]
    pub sig_proxy: bool,
    /// The service
    #[arg(value_name = "SERVICE")]
    pub services: Vec<String>,
}

/// Carries out `exec`; its exit code is the command's.
///
/// # Errors
/// Where the service does not run, or the command cannot be run.
pub fn run(global: &Global, args: &Args) -> Result<ExitCode> {
    let (service, words) = streams::split(&args.words, 2)?;
    block_on(async {
        let session = Session::open(global, Wants::Name).await?;
        let container = running(&session.engine, &session.name, service, args.index).await?;
        let terminal = !args.no_terminal && !args.detach && streams::has_terminal(args.interactive);
        let command = Command {
            words: words.to_vec(),
            environment: environment(&session, &args.env),
            user: args.user.clone().unwrap_or_default(),
            folder: args.workdir.clone().unwrap_or_default(),
            privileged: args.privileged,
            terminal,
            interactive: args.interactive,
        };
        if global.dry_run {
            ensure!(args.detach, "interactive exec is not supported in dry-run mode");
            let (id, words) = (&container.id, &command.words);
            session.progress.line(&format!(" Executing command {words:?} in {id} (detached mode)"));
            return Ok(ExitCode::SUCCESS);
        }
        if args.detach {
            session.engine.exec_detached(&container.id, &command).await?;
            return Ok(ExitCode::SUCCESS);
        }
        let mut ends = streams::ends(Streaming { input: args.interactive, terminal, signals: false })?;
        let mut interrupts = Interrupts::listen();
        let streams = ends.take();
        tokio::select! {
            code = session.engine.exec(&container.id, &command, streams) => Ok(exit_code(code?)),
            _ = interrupts.next() => Ok(ExitCode::from(super::headless::INTERRUPTED)),
        }
    })
}

/// Carries out `attach`; its exit code is the container's.
///
/// # Errors
/// Where the service does not run, or the connection breaks.
pub fn attach(global: &Global, args: &AttachArgs) -> Result<ExitCode> {
    let [service, ..] = args.services.as_slice() else {
        bail!("requires at least 1 arg(s), only received 0");
    };
    ensure!(!global.dry_run, "attach is not supported in dry-run mode");
    block_on(async {
        let session = Session::open(global, Wants::Name).await?;
        let engine = &session.engine;
        let container = running(engine, &session.name, service, args.index).await?;
        let config =
            container.inspect.as_deref().map(|inspect| inspect["Config"].clone()).unwrap_or_default();
        let terminal = config["Tty"].as_bool().unwrap_or_default();
        let input = !args.no_stdin && config["OpenStdin"].as_bool().unwrap_or_default();
        let attachment = Attachment { input, terminal, detach_keys: args.detach_keys.clone() };
        let connection = engine.attach(&container.id, &attachment).await?;
        let ended = engine.next_exit(&container.id, false).await?;
        // One that ended before the wait was registered has no next end.
        let found = engine.inspect(&container.id).await?;
        match found.map(|container| container.state) {
            Some(State::Running) => {}
            Some(State::Paused) => bail!("You cannot attach to a paused container, unpause it first"),
            _ => bail!("You cannot attach to a stopped container, start it first"),
        }
        let is_ours = terminal && streams::has_terminal(input);
        let streaming = Streaming { input, terminal: is_ours, signals: args.sig_proxy };
        let code = streams::until_exit(engine, &container.id, connection, ended, streaming).await?;
        code.map(exit_code).ok_or_else(|| eyre!("read escape sequence"))
    })
}

/// The container of a service that runs: the one of this number, or the first, one-offs last.
async fn running(engine: &Engine, project: &str, service: &str, index: u32) -> Result<Container> {
    let wanted = Wanted { stopped: false, one_offs: true };
    let listing = one(engine, project, service, index, wanted).await?;
    let found = engine.inspect(&ContainerId::from(listing.id.as_str())).await?;
    found.ok_or_else(|| eyre!("service {service:?} is not running"))
}

/// `NAME=value` as given, and bare names with the value that the environment has; without one the name alone, by which the
/// engine takes the variable away.
fn environment(session: &Session, given: &[String]) -> Vec<String> {
    let value = |text: &String| match (text.split_once('='), session.variables.0.get(text)) {
        (None, Some(value)) => format!("{text}={value}"),
        (Some(_), _) | (None, None) => text.clone(),
    };
    given.iter().map(value).collect()
}
