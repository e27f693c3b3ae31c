//! The verbs that only look, as one list for [`super::arguments`].

use std::process::ExitCode;

use clap::Subcommand;
use color_eyre::eyre::Result;

use super::global::Global;
use super::{cp, events, images, logs, ls, port, ps, stats, top, version, volumes, wait};

/// A verb that looks and changes nothing on the engine, but for files that `cp` puts into containers.
#[derive(Debug, Subcommand)]
pub enum Observing {
    /// Copy files and folders out of a service's container or into its containers
    Cp(cp::Args),
    /// Tell what happens to the containers, as it happens
    Events(events::Args),
    /// List the images of the containers
    Images(images::Args),
    /// Print what the containers wrote
    Logs(logs::Args),
    /// List the compose projects of the engine
    Ls(ls::Args),
    /// Print where a port of a service is published
    Port(port::Args),
    /// List containers
    Ps(ps::Args),
    /// Tell what the containers use
    Stats(stats::Args),
    /// List the processes in the containers
    Top(top::Args),
    /// Print the version
    Version(version::Args),
    /// List the project's volumes
    Volumes(volumes::Args),
    /// Wait until the services' containers have ended
    Wait(wait::Args),
}

impl Observing {
    /// Does what is asked for.
    ///
    /// # Errors
    /// What a person has to read.
    pub fn run(&self, global: &Global) -> Result<ExitCode> {
        match self {
            Self::Cp(args) => cp::run(global, args),
            Self::Events(args) => events::run(global, args),
            Self::Images(args) => images::run(global, args),
            Self::Logs(args) => logs::run(global, args),
            Self::Ls(args) => ls::run(global, args),
            Self::Port(args) => port::run(global, args),
            Self::Ps(args) => ps::run(global, args),
            Self::Stats(args) => stats::run(global, args),
            Self::Top(args) => top::run(global, args),
            Self::Version(args) => version::run(args),
            Self::Volumes(args) => volumes::run(global, args),
            Self::Wait(args) => wait::run(global, args),
        }
    }
}
