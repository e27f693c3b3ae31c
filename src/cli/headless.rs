//! What a headless verb works with: the project's name and file, the engine, the signals, the way to tell of progress.
//!
//! A verb gets a [`Session`] and returns an exit code. Errors that it returns are printed as they are and end with code 1.

use std::process::ExitCode;
use std::sync::OnceLock;

use color_eyre::eyre::{Result, WrapErr};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::mpsc;

use super::global::{Global, Variables};
use super::loading;
use super::progress::Progress;
use super::surroundings;
use crate::compose::model::Project;
use crate::engine::Engine;

/// How a person's interrupt ends a verb, as in a shell: 128 and the signal's number.
pub const INTERRUPTED: u8 = 130;

/// What holds for one headless verb.
pub struct Session {
    /// The options before the command.
    pub global: Global,
    /// The environment.
    pub variables: Variables,
    /// The project's name.
    pub name: String,
    /// The project, unless only its name was given.
    pub project: Option<Project>,
    /// The engine.
    pub engine: Engine,
    /// How progress is told.
    pub progress: Progress,
    /// What is not told.
    pub silence: Silence,
    /// Where the output of hooks goes; nowhere until somebody wants it.
    pub hooks: OnceLock<mpsc::UnboundedSender<HookOutput>>,
}

/// What a hook prints: a piece of text, or that it has ended.
#[derive(Clone, Debug)]
pub struct HookOutput {
    /// Its container, as the person calls it.
    pub container: String,
    /// The piece; none at the end.
    pub text: Option<String>,
}

/// Of what nothing is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Silence {
    /// Pulls.
    pub pulls: bool,
    /// Builds.
    pub builds: bool,
}

/// Which project a verb wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wants {
    /// Its file.
    File,
    /// Its file, or nothing but its name where `-p` gives that: then labels tell the rest.
    FileOrName,
    /// Its name alone: the file is read only where nothing else gives that.
    Name,
}

impl Session {
    /// Loads what is wanted and connects.
    ///
    /// # Errors
    /// Where the file is missing or broken, or the engine is out of reach.
    pub async fn open(global: &Global, wants: Wants) -> Result<Self> {
        let variables = Variables(surroundings::environment());
        let (name, project) = match wants {
            Wants::File => {
                let project = loading::project(global)?;
                (project.name.clone(), Some(project))
            }
            Wants::FileOrName => loading::project_or_name(global)?,
            Wants::Name => (loading::name(global)?, None),
        };
        let progress = Progress::of(global, &variables);
        let engine = connect(global).await?;
        let silence = Silence::default();
        Ok(Self {
            global: global.clone(),
            variables,
            name,
            project,
            engine,
            progress,
            silence,
            hooks: OnceLock::new(),
        })
    }

    /// The project.
    ///
    /// # Errors
    /// Where only the name was given.
    pub fn project(&self) -> Result<&Project> {
        self.project
            .as_ref()
            .ok_or_else(|| color_eyre::eyre::eyre!("no configuration file provided: not found"))
    }
}

/// Connects to the engine that the arguments and the environment name.
///
/// # Errors
/// Where it is out of reach.
pub async fn connect(global: &Global) -> Result<Engine> {
    Ok(Engine::connect(&surroundings::endpoint(global)?).await?)
}

/// Runs a headless verb to its end.
///
/// # Errors
/// Those of the verb.
pub fn block_on(work: impl Future<Output = Result<ExitCode>>) -> Result<ExitCode> {
    let runtime = runtime()?;
    let result = runtime.block_on(work);
    // A thread that waits for standard input would keep the program from ending.
    runtime.shutdown_background();
    result
}

/// What tasks run on: two threads serve an engine that is one stream of events and a few of log lines.
///
/// # Errors
/// Where the system gives no threads.
pub fn runtime() -> Result<Runtime> {
    // Files are read on these threads too, and may be nested deep.
    let mut builder = Builder::new_multi_thread();
    builder.worker_threads(2).thread_stack_size(8 << 20).enable_all();
    builder.build().wrap_err("start the tasks' threads")
}

/// A container's exit code as this program's.
pub fn exit_code(code: i64) -> ExitCode {
    ExitCode::from((code & 0xff) as u8)
}
