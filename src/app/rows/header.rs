//! The header: the project with its counts, or several projects as a strip; and who answers.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::service::all_service_kinds;
use super::{StateKind, of_container};
use crate::app::{App, Link};
use crate::observed::{Container, label};

/// How many services are how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// They run, healthy where that is known.
    pub good: usize,
    /// They are on their way: starting, restarting.
    pub busy: usize,
    /// They are paused.
    pub paused: usize,
    /// They failed, or are unhealthy.
    pub bad: usize,
    /// All that are on, orphans not counted.
    pub of: usize,
}

impl Counts {
    /// Each count that is not 0, with a kind for its sign and colour.
    pub fn parts(&self) -> Vec<(StateKind, usize)> {
        let all = [
            (StateKind::Healthy, self.good),
            (StateKind::Starting, self.busy),
            (StateKind::Paused, self.paused),
            (StateKind::Failed, self.bad),
        ];
        all.into_iter().filter(|(_, count)| *count > 0).collect()
    }

    fn add(&mut self, kind: StateKind) {
        match kind {
            StateKind::Healthy | StateKind::Running => self.good += 1,
            StateKind::Starting | StateKind::Restarting | StateKind::Removing => self.busy += 1,
            StateKind::Paused => self.paused += 1,
            StateKind::Failed | StateKind::Unhealthy => self.bad += 1,
            _ => {}
        }
    }
}

/// What the first line says.
#[derive(Clone, Debug, PartialEq)]
pub struct Header {
    /// The project's name; empty while none is shown.
    pub project: String,
    /// `compose.yaml + override`; empty without files.
    pub files: String,
    /// The profiles that are on.
    pub profiles: Vec<String>,
    /// How many errors the files have.
    pub errors: usize,
    /// Its services by state.
    pub counts: Counts,
    /// CPU of the project; 1.0 is one core.
    pub cpu: Option<f64>,
    /// Memory of the project, in bytes.
    pub memory: Option<u64>,
    /// `local`, `tcp://…`, `connecting …`, `lost …: tried again in 3 s`.
    pub engine: String,
    /// Whether the engine answers.
    pub is_connected: bool,
    /// The other projects that run, with their counts.
    pub others: Vec<ProjectSummary>,
}

/// A project that the engine knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProjectSummary {
    /// Its name.
    pub name: String,
    /// Its containers by state.
    pub counts: Counts,
    /// Its folder, from its labels.
    pub folder: Option<PathBuf>,
    /// Its compose files, from its labels.
    pub files: Vec<PathBuf>,
    /// Whether it is the one that is shown.
    pub is_shown: bool,
}

/// The header now.
pub fn header(app: &App) -> Header {
    // What the last reading said holds no longer once nothing runs.
    let runs = |project: &String| app.engine.containers.of_project(project).any(|one| one.state.is_alive());
    let is_known = app.engine.info().is_some() && app.project.as_ref().is_some_and(runs);
    let rate = app.totals.last().filter(|_| is_known);
    Header {
        project: app.project.clone().unwrap_or_default(),
        files: app.file.title(),
        profiles: app.file.project.as_ref().map(|project| project.profiles.clone()).unwrap_or_default(),
        errors: app.file.error_count(),
        counts: counts(app),
        cpu: rate.map(|rate| rate.cpu),
        memory: rate.map(|rate| rate.memory),
        engine: engine(app),
        is_connected: app.engine.info().is_some(),
        others: projects(app).into_iter().filter(|one| !one.is_shown && one.counts.good > 0).collect(),
    }
}

/// The services of the project by state, whatever the filter.
pub fn counts(app: &App) -> Counts {
    let mut counts = Counts::default();
    for kind in all_service_kinds(app).into_iter().filter(|kind| *kind != StateKind::Orphan) {
        counts.of += 1;
        counts.add(kind);
    }
    counts
}

/// The projects that the engine knows by its containers' labels, by name.
pub fn projects(app: &App) -> Vec<ProjectSummary> {
    let mut found: BTreeMap<&str, ProjectSummary> = BTreeMap::new();
    for container in app.engine.containers.values() {
        let Some(name) = container.project() else { continue };
        let summary = found.entry(name).or_insert_with(|| summary(app, name, container));
        summary.counts.of += 1;
        summary.counts.add(of_container(app, container).kind);
    }
    found.into_values().collect()
}

fn summary(app: &App, name: &str, container: &Container) -> ProjectSummary {
    let files = container.label(label::CONFIG_FILES).unwrap_or_default();
    ProjectSummary {
        name: name.to_owned(),
        counts: Counts::default(),
        folder: container.label(label::WORKING_DIR).map(PathBuf::from),
        files: files.split(',').filter(|file| !file.is_empty()).map(PathBuf::from).collect(),
        is_shown: app.project.as_deref() == Some(name),
    }
}

fn engine(app: &App) -> String {
    match &app.engine.link {
        Link::Connecting { endpoint } if endpoint.is_empty() => "connecting".to_owned(),
        Link::Connecting { endpoint } => format!("connecting to {endpoint}"),
        Link::Connected(info) if info.local => "local".to_owned(),
        Link::Connected(info) => info.endpoint.clone(),
        Link::Lost { retry_at, .. } => {
            let seconds = retry_at.saturating_sub(app.now.mono).as_secs_f64().ceil();
            format!("no engine, next try in {seconds:.0} s")
        }
    }
}
