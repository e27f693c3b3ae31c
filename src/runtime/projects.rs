//! Which project is shown: its files are read here, and the engine's task is told whose containers matter.

use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::watch;
use tokio::task;

use super::SharedProject;
use super::perform::{Slot, Tasks};
use super::runs::send;
use crate::app::Msg;
use crate::compose::{self, LoadError, LoadRequest, Loaded};
use crate::plan::RunFailure;

impl Tasks {
    /// Reads the compose files. The result becomes a message.
    pub(super) fn load(&mut self, profiles: Option<Vec<String>>) {
        if let Some(profiles) = profiles {
            // Those of the environment and of `.env` would come back where none is chosen.
            self.request.environment.insert("COMPOSE_PROFILES".to_owned(), String::new());
            self.request.profiles = profiles;
        }
        let reading = self.read_files();
        self.replace(Slot::Load, async move {
            // The message that the reading sent says it all.
            drop(reading.await);
        });
    }

    /// Turns to another project of the engine.
    pub(super) fn open_project(&mut self, name: String, folder: Option<PathBuf>, files: &[PathBuf]) {
        self.watched.send_replace(Some(name.clone()));
        self.project = None;
        self.request = LoadRequest {
            working_directory: folder.clone().unwrap_or_else(|| self.request.working_directory.clone()),
            files: files.iter().map(|file| file.display().to_string()).collect(),
            project_name: Some(name),
            project_directory: folder,
            profiles: Vec::new(),
            env_files: Vec::new(),
            ..self.request.clone()
        };
        self.load(None);
    }

    /// Reads the files beside the loop and tells the screen what came of it. Gives the project, or its first fault.
    pub(super) fn read_files(
        &self,
    ) -> impl Future<Output = Result<SharedProject, RunFailure>> + Send + use<> {
        let (request, results, watched) = (self.request.clone(), self.results.clone(), self.watched.clone());
        let files = Arc::clone(&self.read_from);
        async move {
            let read = task::spawn_blocking(move || compose::load(&request, files.as_ref())).await;
            let loaded = read.map_err(|error| failure(error.to_string()))?;
            let project = project_of(&loaded);
            let is_first = watched.borrow().is_none();
            if let Some(project) = loaded.project.as_ref().filter(|one| is_first || !one.services.is_empty())
            {
                watch(&watched, &project.name);
            }
            send(&results, message(loaded));
            project
        }
    }
}

/// Tells the engine's task whose containers matter, if that is news.
fn watch(watched: &watch::Sender<Option<String>>, project: &str) {
    watched.send_if_modified(|name| {
        let is_new = name.as_deref() != Some(project);
        *name = Some(project.to_owned());
        is_new
    });
}

fn message(loaded: Loaded) -> Msg {
    match &loaded.error {
        Some(error @ LoadError::NoFile { .. }) => {
            Msg::NotLoaded { reason: error.to_string(), probed: loaded.probed }
        }
        _ => Msg::Loaded(Box::new(loaded)),
    }
}

/// The project, if verbs may build on it.
fn project_of(loaded: &Loaded) -> Result<SharedProject, RunFailure> {
    if let (true, Some(project)) = (loaded.is_sound(), &loaded.project) {
        return Ok(Arc::new(project.clone()));
    }
    let first = loaded.diagnostics.iter().find(|finding| finding.is_error());
    Err(failure(
        first.map_or_else(|| "there is no project".to_owned(), |error| error.one_line(&loaded.sources)),
    ))
}

fn failure(why: String) -> RunFailure {
    RunFailure { what: "read the compose files".to_owned(), why, hint: None, is_answer: false }
}
