//! The command line: the options before the command, and the list of commands. Each command's own options stand in the
//! file that carries it out.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use color_eyre::eyre::Result;

pub use super::global::Global;
use super::global::Variables;
use super::observing::Observing;
use super::{
    building, config, dashboard, demo, down, exec, keys, lifecycle, run, surroundings, unsupported, up,
};
use crate::plan::Verb;

/// Its own version, and in Docker Compose's words that of which it takes the place ([`crate::plan::COMPOSE_VERSION`]).
pub(super) const VERSION: &str =
    concat!(env!("CARGO_PKG_VERSION"), " (in the place of Docker Compose version ", "2.40.3", ")");

/// A terminal dashboard for Docker Compose projects.
///
/// Without a command it opens the dashboard of the project in this folder or the nearest one above that has a compose
/// file. It talks to the Docker Engine API itself and needs no docker command.
#[derive(Debug, Parser)]
#[command(name = "dockside", version = VERSION, disable_version_flag = true, max_term_width = 100,
    subcommand_negates_reqs = true)]
pub struct Arguments {
    /// What holds for every command.
    #[command(flatten)]
    pub global: Global,
    /// Print the version
    #[arg(short = 'v', short_alias = 'V', long, action = clap::ArgAction::Version)]
    pub version: Option<bool>,
    /// The command; none for the dashboard.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What to do besides opening the dashboard.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Attach to a service's container
    Attach(exec::AttachArgs),
    /// Build the services' images
    Build(building::BuildArgs),
    /// Make the services' containers, and start none
    Create(up::CreateArgs),
    /// Show the dashboard at work on the sample project, on the engine that is reached
    Demo(demo::Args),
    /// Check the compose files and print the project as Dockside reads it
    #[command(alias = "convert")]
    Config(config::Args),
    /// Stop and remove the project's containers and networks
    Down(down::Args),
    /// Run a command in a service's container
    Exec(exec::Args),
    /// Print every action with its keys, as the settings file names them
    Keys,
    /// Send a signal to the services' containers
    Kill(lifecycle::KillArgs),
    /// Freeze the services' containers
    Pause(lifecycle::Args),
    /// Pull the services' images
    Pull(building::PullArgs),
    /// Stop the services' containers and start them again as they are
    Restart(lifecycle::RestartArgs),
    /// Remove the services' stopped containers
    Rm(down::RemoveArgs),
    /// Run a command in a one-off container of a service
    Run(Box<run::Args>),
    /// Set how many replicas services have
    Scale(up::ScaleArgs),
    /// Start the services' containers that are there
    Start(lifecycle::Args),
    /// Stop the services' containers
    Stop(lifecycle::StopArgs),
    /// Thaw the services' containers
    Unpause(lifecycle::Args),
    /// What only looks.
    #[command(flatten)]
    Observing(Observing),
    /// Make what runs match the file
    Up(Box<up::Args>),
    /// What Docker Compose tries out: not there yet
    #[command(hide = true)]
    Alpha(unsupported::Args),
    /// Convert the file into another model: not there yet
    #[command(hide = true)]
    Bridge(unsupported::Args),
    /// Make an image of a container: not there yet
    #[command(hide = true)]
    Commit(unsupported::Args),
    /// Pack a container's files: not there yet
    #[command(hide = true)]
    Export(unsupported::Args),
    /// Publish the project: not there yet
    #[command(hide = true)]
    Publish(unsupported::Args),
    /// Push the services' images: not there yet
    #[command(hide = true)]
    Push(unsupported::Args),
    /// Follow changes of the source: not there yet
    #[command(hide = true)]
    Watch(unsupported::Args),
}

impl Arguments {
    /// Does what they ask for.
    ///
    /// # Errors
    /// What a person has to read.
    pub fn run(&self) -> Result<ExitCode> {
        let global = &self.global;
        if self.command.is_none() {
            return dashboard::run(global);
        }
        let global = &global.settled(&Variables(surroundings::environment()))?;
        match &self.command {
            None => dashboard::run(global),
            Some(Command::Attach(args)) => exec::attach(global, args),
            Some(Command::Exec(args)) => exec::run(global, args),
            Some(Command::Run(args)) => run::run(global, args),
            Some(Command::Build(args)) => building::build(global, args),
            Some(Command::Create(args)) => up::create(global, args),
            Some(Command::Down(args)) => down::run(global, args),
            Some(Command::Pull(args)) => building::pull(global, args),
            Some(Command::Rm(args)) => down::remove(global, args),
            Some(Command::Scale(args)) => up::scale(global, args),
            Some(Command::Up(args)) => up::run(global, args),
            Some(Command::Alpha(_)) => unsupported::command("alpha"),
            Some(Command::Bridge(_)) => unsupported::command("bridge"),
            Some(Command::Commit(_)) => unsupported::command("commit"),
            Some(Command::Export(_)) => unsupported::command("export"),
            Some(Command::Publish(_)) => unsupported::command("publish"),
            Some(Command::Push(_)) => unsupported::command("push"),
            Some(Command::Watch(_)) => unsupported::command("watch"),
            Some(Command::Demo(args)) => demo::run(global, args),
            Some(Command::Config(args)) => config::run(global, args),
            Some(Command::Keys) => keys::run(global),
            Some(Command::Kill(args)) => lifecycle::kill(global, args),
            Some(Command::Pause(args)) => lifecycle::run(global, Verb::Pause, args),
            Some(Command::Observing(verb)) => verb.run(global),
            Some(Command::Restart(args)) => lifecycle::restart(global, args),
            Some(Command::Start(args)) => lifecycle::run(global, Verb::Start, args),
            Some(Command::Stop(args)) => lifecycle::stop(global, args),
            Some(Command::Unpause(args)) => lifecycle::run(global, Verb::Unpause, args),
        }
    }
}
