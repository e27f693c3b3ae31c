//! The compose files were read, or there are none; or they have changed and are to be read again.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::{facts, say};
use crate::app::file::REST;
use crate::app::layers::{Layer, Projects, Scroll};
use crate::app::{App, Effect, Grade, Lists, LogPane, ProjectFile, Ring, drift};
use crate::compose::Loaded;
use crate::compose::model::Service;

/// Whether reading came to what is shown already, as it does for most verbs.
pub(super) fn is_known(app: &App, loaded: &Loaded) -> bool {
    let file = &app.file;
    file.missing.is_none()
        && loaded.error.is_none()
        && !file.is_partial
        && file.project.as_deref() == loaded.project.as_ref()
        && file.diagnostics == loaded.diagnostics
}

/// The files were read, though perhaps not without faults.
pub(super) fn loaded(app: &mut App, loaded: Loaded, effects: &mut Vec<Effect>) {
    let mut file = ProjectFile::of(loaded, app.file.changed_at);
    let had_faults = app.file.first_error().is_some();
    watch(app, std::mem::take(&mut file.probed), effects);
    file.probed.clone_from(&app.file.probed);
    keep_sound(app, &mut file);
    let name = file.project.as_ref().map(|project| project.name.clone()).filter(|name| !name.is_empty());
    if app.options.project.is_none() && app.chosen_project.is_none() {
        // A file that can no longer be read does not even tell the project's name; what was shown stays.
        let is_read = file.project.as_ref().is_some_and(|project| !project.services.is_empty());
        let shown = app.project.take();
        app.project = if is_read { name.or(shown) } else { shown.or(name) };
    }
    forget_scales(app, &file);
    app.file = file;
    if let Some(error) = app.file.first_error().or_else(|| app.file.missing.clone()) {
        say(app, Grade::Bad, error);
    } else if had_faults {
        say(app, Grade::Good, "the compose files are sound again");
    }
    if app.file.diagnostics.is_empty() {
        app.layers.retain(|layer| !matches!(layer, Layer::Diagnostics(_)));
    } else if app.file.first_error().is_some()
        && !had_faults
        && app.layers.is_empty()
        && app.file.sound().is_none()
    {
        app.layers.push(Layer::Diagnostics(Scroll::default()));
    }
    // What was shown for want of a file is in the way now.
    app.layers.retain(|layer| !matches!(layer, Layer::Projects(_)));
    drift::refresh(app);
    facts::assign_all(app);
}

/// Keeps what was sound before while the files have errors: a half-written line changes nothing that is running.
fn keep_sound(app: &App, file: &mut ProjectFile) {
    if let Some(sound) = app.file.sound().filter(|_| file.is_partial) {
        file.project = Some(Arc::clone(sound));
        file.is_partial = false;
    }
}

/// Has the paths watched that this reading looked at.
pub(super) fn watch(app: &mut App, probed: Vec<PathBuf>, effects: &mut Vec<Effect>) {
    app.file.probed.clone_from(&probed);
    effects.push(Effect::WatchFiles(probed));
}

/// Has the files read again once a change has rested.
pub(super) fn read_again(app: &mut App, effects: &mut Vec<Effect>) {
    if app.file.changed_at.is_some_and(|at| app.now.mono >= at + REST) {
        app.file.changed_at = None;
        effects.push(Effect::Load { profiles: None });
    }
}

/// A number that the file now says anew goes before one that was asked for earlier.
fn forget_scales(app: &mut App, file: &ProjectFile) {
    let count = |file: &ProjectFile, name: &str| {
        file.project.as_ref().and_then(|project| project.services.get(name)).map(Service::replicas)
    };
    let old = &app.file;
    app.scales.retain(|name, _| count(old, name) == count(file, name));
}

/// There is no file, or none any longer: then what it said stays. Otherwise the engine's projects are offered instead,
/// unless one is shown already.
pub(super) fn not_loaded(app: &mut App, reason: String, probed: Vec<PathBuf>, effects: &mut Vec<Effect>) {
    say(app, Grade::Neutral, reason.clone());
    let changed_at = app.file.changed_at;
    watch(app, probed.clone(), effects);
    let mut file = ProjectFile { missing: Some(reason), probed, changed_at, ..ProjectFile::default() };
    file.is_partial = true;
    keep_sound(app, &mut file);
    app.file = file;
    app.layers.retain(|layer| !matches!(layer, Layer::Diagnostics(_)));
    offer_projects(app);
}

/// Opens the list of projects where there is neither a file nor a choice.
pub(super) fn offer_projects(app: &mut App) {
    let is_lost = app.project.is_none() && app.file.missing.is_some();
    if is_lost && app.layers.is_empty() {
        app.layers.push(Layer::Projects(Projects::default()));
    }
}

impl ProjectFile {
    /// What loading came to, shared with whoever plans and compares.
    fn of(loaded: Loaded, changed_at: Option<Duration>) -> Self {
        Self {
            is_partial: !loaded.is_sound(),
            project: loaded.project.map(Arc::new),
            diagnostics: loaded.diagnostics,
            sources: loaded.sources,
            missing: loaded.error.map(|error| error.to_string()),
            probed: loaded.probed,
            changed_at,
        }
    }
}

/// The person turns to another project: what belongs to the one before is let go.
pub(super) fn choose_project(app: &mut App, name: &str) {
    if app.project.as_deref() == Some(name) {
        return;
    }
    app.project = Some(name.to_owned());
    app.chosen_project = Some(name.to_owned());
    app.file = ProjectFile::default();
    app.scales.clear();
    app.marks.clear();
    app.last_marks.clear();
    app.filter.clear();
    app.problems_only = false;
    app.totals = Ring::default();
    app.events.clear();
    app.logs = LogPane::new(&app.options);
    app.lists = Lists::default();
    app.drift.clear();
    app.drift_known.clear();
    facts::assign_all(app);
}
