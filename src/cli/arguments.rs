//! The command line, as Docker Compose's users know it.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

/// A terminal dashboard for Docker Compose projects.
///
/// Without a command it opens the dashboard of the project in this folder or the nearest one above that has a compose
/// file. It talks to the Docker Engine API itself and needs no docker command.
#[derive(Debug, Parser)]
#[command(name = "dockside", version, max_term_width = 100)]
pub struct Arguments {
    /// What holds for every command.
    #[command(flatten)]
    pub global: Global,
    /// The command; none for the dashboard.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// Options that every command takes.
#[derive(Clone, Debug, Default, Args)]
pub struct Global {
    /// Compose files, in the order in which they override each other; - is standard input [env: `COMPOSE_FILE`]
    #[arg(short = 'f', long = "file", value_name = "FILE", global = true)]
    pub files: Vec<String>,
    /// The project's name [env: `COMPOSE_PROJECT_NAME`]
    #[arg(short = 'p', long, value_name = "NAME", global = true)]
    pub project_name: Option<String>,
    /// The folder that relative paths start from [default: that of the first file]
    #[arg(long, value_name = "FOLDER", global = true)]
    pub project_directory: Option<PathBuf>,
    /// A profile to turn on; may be repeated [env: `COMPOSE_PROFILES`]
    #[arg(long = "profile", value_name = "NAME", global = true)]
    pub profiles: Vec<String>,
    /// A file with variables, in place of .env; may be repeated [env: `COMPOSE_ENV_FILES`]
    #[arg(long = "env-file", value_name = "FILE", global = true)]
    pub env_files: Vec<PathBuf>,
    /// The engine, such as `unix:///var/run/docker.sock` or `tcp://127.0.0.1:2375` [env: `DOCKER_HOST`, `DOCKER_CONTEXT`]
    #[arg(short = 'H', long, value_name = "ADDRESS", global = true)]
    pub host: Option<String>,
    /// The settings file [default: dockside/config.toml in the configuration folder]
    #[arg(long, value_name = "FILE", global = true)]
    pub config: Option<PathBuf>,
    /// Only look: no verbs
    #[arg(long, global = true)]
    pub read_only: bool,
}

/// What to do besides opening the dashboard.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Show the dashboard at work on the sample project, on the engine that is reached
    Demo(Demo),
    /// Check the compose files and print the project as Dockside reads it
    Config(Config),
    /// Print every action with its keys, as the settings file names them
    Keys,
}

/// Options of `demo`.
#[derive(Debug, Args)]
pub struct Demo {
    /// Take the sample project's containers, networks, volumes and images away again, and end
    #[arg(long)]
    pub remove: bool,
}

/// Options of `config`.
#[derive(Debug, Args)]
pub struct Config {
    /// The form of the output
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
    /// Print the names of the services only
    #[arg(long, group = "what")]
    pub services: bool,
    /// Print the config hash of one service, or of all with `*`
    #[arg(long, value_name = "SERVICE", group = "what")]
    pub hash: Option<String>,
    /// Print nothing, only check
    #[arg(short, long, group = "what")]
    pub quiet: bool,
}

/// A form of output.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// YAML.
    #[default]
    Yaml,
    /// JSON.
    Json,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_definition_is_sound() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn global_options_stand_before_or_after_the_command() {
        let arguments = Arguments::parse_from(["dockside", "-f", "a.yaml", "config", "-p", "shop"]);
        assert_eq!(arguments.global.files, ["a.yaml"]);
        assert_eq!(arguments.global.project_name.as_deref(), Some("shop"));
    }
}
