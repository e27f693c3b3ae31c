//! The command line: the options before the command, and the list of commands. Each command's own options stand in the
//! file that carries it out.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use color_eyre::eyre::Result;

pub use super::global::Global;
use super::observing::Observing;
use super::{config, dashboard, demo, keys, lifecycle};
use crate::plan::Verb;

/// A terminal dashboard for Docker Compose projects.
///
/// Without a command it opens the dashboard of the project in this folder or the nearest one above that has a compose
/// file. It talks to the Docker Engine API itself and needs no docker command.
#[derive(Debug, Parser)]
#[command(name = "dockside", version, max_term_width = 100, subcommand_negates_reqs = true)]
pub struct Arguments {
    /// What holds for every command.
    #[command(flatten)]
    pub global: Global,
    /// The command; none for the dashboard.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What to do besides opening the dashboard.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Show the dashboard at work on the sample project, on the engine that is reached
    Demo(demo::Args),
    /// Check the compose files and print the project as Dockside reads it
    Config(config::Args),
    /// Print every action with its keys, as the settings file names them
    Keys,
    /// Send a signal to the services' containers
    Kill(lifecycle::KillArgs),
    /// Freeze the services' containers
    Pause(lifecycle::Args),
    /// Stop the services' containers and start them again as they are
    Restart(lifecycle::RestartArgs),
    /// Start the services' containers that are there
    Start(lifecycle::Args),
    /// Stop the services' containers
    Stop(lifecycle::StopArgs),
    /// Thaw the services' containers
    Unpause(lifecycle::Args),
    /// What only looks.
    #[command(flatten)]
    Observing(Observing),
}

impl Arguments {
    /// Does what they ask for.
    ///
    /// # Errors
    /// What a person has to read.
    pub fn run(&self) -> Result<ExitCode> {
        let global = &self.global;
        match &self.command {
            None => dashboard::run(global),
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
