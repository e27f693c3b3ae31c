//! The compose files were read, or there are none.

use std::sync::Arc;

use super::{facts, say};
use crate::app::layers::{Layer, Projects, Scroll};
use crate::app::{App, Grade, Lists, LogPane, ProjectFile, Ring, drift};
use crate::compose::Loaded;
use crate::compose::model::Service;

/// The files were read, though perhaps not without faults.
pub(super) fn loaded(app: &mut App, loaded: Loaded) {
    let file = ProjectFile::of(loaded);
    let had_faults = app.file.first_error().is_some();
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
    }
    if app.file.diagnostics.is_empty() {
        app.layers.retain(|layer| !matches!(layer, Layer::Diagnostics(_)));
    } else if app.file.first_error().is_some() && !had_faults && app.layers.is_empty() {
        app.layers.push(Layer::Diagnostics(Scroll::default()));
    }
    // What was shown for want of a file is in the way now.
    app.layers.retain(|layer| !matches!(layer, Layer::Projects(_)));
    drift::refresh(app);
    facts::assign_all(app);
}

/// A number that the file now says anew goes before one that was asked for earlier.
fn forget_scales(app: &mut App, file: &ProjectFile) {
    let count = |file: &ProjectFile, name: &str| {
        file.project.as_ref().and_then(|project| project.services.get(name)).map(Service::replicas)
    };
    let old = &app.file;
    app.scales.retain(|name, _| count(old, name) == count(file, name));
}

/// There is no file. The engine's projects are offered instead, unless one is shown already.
pub(super) fn not_loaded(app: &mut App, reason: String) {
    say(app, Grade::Neutral, reason.clone());
    app.file = ProjectFile { missing: Some(reason), ..ProjectFile::default() };
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
    fn of(loaded: Loaded) -> Self {
        Self {
            project: loaded.project.map(Arc::new),
            diagnostics: loaded.diagnostics,
            sources: loaded.sources,
            missing: loaded.error.map(|error| error.to_string()),
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
