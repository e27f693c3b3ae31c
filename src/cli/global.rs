//! The options that stand before the command, by Docker Compose's names, and what of the environment stands in for them.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Args;
use color_eyre::eyre::{Result, eyre};

use super::progress;
use crate::compose::model::Project;

/// Options that every command takes. As in Docker Compose, those with a short form stand before the command.
#[derive(Clone, Debug, Default, Args)]
pub struct Global {
    /// Compose files, in the order in which they override each other; - is standard input [env: `COMPOSE_FILE`]
    #[arg(short = 'f', long = "file", value_name = "FILE")]
    pub files: Vec<String>,
    /// The project's name [env: `COMPOSE_PROJECT_NAME`]
    #[arg(short = 'p', long, value_name = "NAME")]
    pub project_name: Option<String>,
    /// The folder that relative paths start from [default: that of the first file]
    #[arg(long, value_name = "FOLDER", alias = "workdir")]
    pub project_directory: Option<PathBuf>,
    /// A profile to turn on; may be repeated [env: `COMPOSE_PROFILES`]
    #[arg(long = "profile", value_name = "NAME")]
    pub profiles: Vec<String>,
    /// A file with variables, in place of .env; may be repeated [env: `COMPOSE_ENV_FILES`]
    #[arg(long = "env-file", value_name = "FILE")]
    pub env_files: Vec<PathBuf>,
    /// Name containers with _ in place of - [env: `COMPOSE_COMPATIBILITY`]
    #[arg(long)]
    pub compatibility: bool,
    /// Keep networks, volumes, configs and secrets that no service uses
    #[arg(long)]
    pub all_resources: bool,
    /// When to colour: never, always, auto [env: `COMPOSE_ANSI`]
    #[arg(long, value_name = "WHEN")]
    pub ansi: Option<String>,
    /// How to tell of progress: auto, tty, plain, json, quiet [env: `COMPOSE_PROGRESS`]
    #[arg(long, value_name = "FORM", value_parser = progress::Form::parse)]
    pub progress: Option<progress::Form>,
    /// How many images may be pulled or built at once; -1 for no limit [env: `COMPOSE_PARALLEL_LIMIT`]
    #[arg(long, value_name = "NUMBER")]
    pub parallel: Option<i64>,
    /// Print what would be done and why, and do nothing
    #[arg(long, global = true)]
    pub dry_run: bool,
    /// Of no use any more, as in Docker Compose
    #[arg(long, hide = true)]
    pub verbose: bool,
    /// `--ansi never`, as it was called before
    #[arg(long, hide = true)]
    pub no_ansi: bool,
    /// The engine, such as `unix:///var/run/docker.sock` or `tcp://127.0.0.1:2375` [env: `DOCKER_HOST`, `DOCKER_CONTEXT`]
    #[arg(short = 'H', long, value_name = "ADDRESS", global = true)]
    pub host: Option<String>,
    /// The settings file [default: dockside/config.toml in the configuration folder]
    #[arg(long, value_name = "FILE", global = true)]
    pub config: Option<PathBuf>,
    /// Only look: no verbs in the dashboard
    #[arg(long, global = true)]
    pub read_only: bool,
}

impl Global {
    /// What stands in the environment, and options that are no longer called so, in their places.
    ///
    /// # Errors
    /// A value of the environment's that makes no sense, in Docker Compose's words.
    pub fn settled(&self, variables: &Variables) -> Result<Self> {
        let mut settled = self.clone();
        if self.no_ansi && self.ansi.is_none() {
            progress::warn("option '--no-ansi' is DEPRECATED ! Please use '--ansi' instead.");
            settled.ansi = Some("never".to_owned());
        }
        if let (None, Some(form)) = (self.progress, variables.text("COMPOSE_PROGRESS")) {
            settled.progress = Some(progress::Form::parse(form).map_err(|why| eyre!(why))?);
        }
        let ansi = settled.ansi.as_deref().or_else(|| variables.text("COMPOSE_ANSI"));
        match (settled.progress, ansi) {
            (Some(progress::Form::Terminal), Some("never")) => {
                return Err(eyre!("can't use --progress tty while ANSI support is disabled"));
            }
            (Some(progress::Form::Plain), Some("always")) => {
                return Err(eyre!("can't use --progress plain while ANSI support is forced"));
            }
            _ => {}
        }
        if let (None, Some(limit)) = (self.parallel, variables.0.get("COMPOSE_PARALLEL_LIMIT")) {
            let number = limit.parse();
            settled.parallel = Some(
                number.map_err(|_| eyre!("COMPOSE_PARALLEL_LIMIT must be an integer (found: {limit:?})"))?,
            );
        }
        Ok(settled)
    }
}

/// The environment's variables that Docker Compose reads besides those of loading.
#[derive(Clone, Debug, Default)]
pub struct Variables(pub BTreeMap<String, String>);

impl Variables {
    /// A variable that is set to something.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// Whether a variable says yes: `1`, `t`, `true`, as Go reads it.
    pub fn is_on(&self, name: &str) -> bool {
        self.text(name).is_some_and(|value| truth(value) == Some(true))
    }
}

/// Whether a variable of the project's, from the environment or `.env`, says yes.
pub fn says_yes(project: &Project, name: &str) -> bool {
    project.environment.get(name).is_some_and(|text| truth(text) == Some(true))
}

/// A truth value as Go's `strconv.ParseBool` takes it.
pub fn truth(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Some(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Some(false),
        _ => None,
    }
}
