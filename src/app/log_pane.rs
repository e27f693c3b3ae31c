//! The Logs pane: which views stand in it, which of them has the keys, and whose logs they show. The lines themselves
//! are in [`log`](super::log).

use std::sync::Arc;
use std::time::Duration;

use super::log::{LogSource, LogView, Logs};
use super::{App, rows};
use crate::observed::{Container, ContainerId};

/// How long the cursor has to rest on a service before its log is shown.
pub const REST: Duration = Duration::from_millis(75);

/// How the logs are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogMode {
    /// The selected service.
    #[default]
    Solo,
    /// Several services, merged by time: those that have a tile, else all.
    Merged,
    /// One tile for each replica of the services that have a tile; without any, of the selected one.
    Tiles,
}

impl LogMode {
    /// The one after it (`v`).
    #[must_use]
    pub fn next(self) -> Self {
        match self {
            Self::Solo => Self::Merged,
            Self::Merged => Self::Tiles,
            Self::Tiles => Self::Solo,
        }
    }

    /// Its word in the pane's title.
    pub fn title(self) -> &'static str {
        match self {
            Self::Solo => "solo",
            Self::Merged => "merged",
            Self::Tiles => "tiles",
        }
    }
}

/// The Logs pane.
#[derive(Clone, Debug)]
pub struct LogPane {
    /// The lines.
    pub store: Logs,
    /// How the logs are shown.
    pub mode: LogMode,
    /// The services that have a tile, in the order in which they were chosen.
    pub tiles: Vec<String>,
    /// What stands in the pane: one view in solo and merged, one a tile in tiles. Never empty.
    pub views: Vec<LogView>,
    /// The place of the view that has the keys.
    pub focused: usize,
    /// The service on which the cursor rested last: solo shows it.
    pub rested: Option<String>,
    /// Whether merged shows every service, whatever has a tile: a search through all logs does.
    pub merges_all: bool,
    /// Whether new views wrap long lines.
    pub wraps: bool,
    /// Whether new views show times.
    pub shows_times: bool,
}

impl LogPane {
    /// An empty pane whose lines may take so many bytes.
    pub fn new(budget: usize) -> Self {
        Self {
            store: Logs::new(budget),
            mode: LogMode::Solo,
            tiles: Vec::new(),
            views: vec![LogView::new(Vec::new())],
            focused: 0,
            rested: None,
            merges_all: false,
            wraps: false,
            shows_times: true,
        }
    }

    /// The view that has the keys.
    pub fn focused_view(&self) -> Option<&LogView> {
        self.views.get(self.focused)
    }

    /// The containers whose logs are on the screen: the current one of every source.
    pub fn shown_containers(&self) -> Vec<ContainerId> {
        let sources = self.views.iter().flat_map(|view| &view.sources);
        sources.filter_map(|source| self.store.current(source).cloned()).collect()
    }

    /// Puts views of these sources in place; those that are there already stay as they are.
    pub fn arrange(&mut self, wanted: Vec<Vec<LogSource>>) {
        if self.views.len() == wanted.len()
            && self.views.iter().zip(&wanted).all(|(view, one)| view.sources == *one)
        {
            return;
        }
        let focused = self.focused_view().map(|view| view.sources.clone());
        if let ([view], [sources]) = (&mut self.views[..], &wanted[..]) {
            // The one view of solo and merged keeps its search when it turns to other sources.
            view.show(sources.clone());
            return;
        }
        let mut old = std::mem::take(&mut self.views);
        for sources in wanted {
            let known = old.iter().position(|view| view.sources == sources);
            let view = known.map_or_else(|| self.fresh(sources), |place| old.swap_remove(place));
            self.views.push(view);
        }
        let same = focused.and_then(|sources| self.views.iter().position(|view| view.sources == sources));
        self.focused = same.unwrap_or(self.focused).min(self.views.len().saturating_sub(1));
    }

    fn fresh(&self, sources: Vec<LogSource>) -> LogView {
        let mut view = LogView::new(sources);
        view.wrap = self.wraps;
        view.times = self.shows_times;
        view
    }
}

/// The sources of each view that should stand in the pane now.
pub fn wanted_views(app: &App) -> Vec<Vec<LogSource>> {
    let rested: Vec<String> = app.logs.rested.iter().cloned().collect();
    let chosen = if app.logs.tiles.is_empty() { &rested } else { &app.logs.tiles };
    let flat =
        |services: &[String]| services.iter().flat_map(|name| sources_of(app, name)).collect::<Vec<_>>();
    match app.logs.mode {
        LogMode::Solo => vec![flat(&rested)],
        LogMode::Merged if app.logs.tiles.is_empty() || app.logs.merges_all => {
            vec![flat(&rows::all_service_names(app))]
        }
        LogMode::Merged => vec![flat(chosen)],
        LogMode::Tiles => {
            let tiles: Vec<Vec<LogSource>> = flat(chosen).into_iter().map(|source| vec![source]).collect();
            if tiles.is_empty() { vec![Vec::new()] } else { tiles }
        }
    }
}

/// The sources of a service: its replicas, then its one-offs; the first replica to be where there is nothing yet.
fn sources_of(app: &App, service: &str) -> Vec<LogSource> {
    let found: Vec<LogSource> = app.containers_of(service).into_iter().map(source_of).collect();
    if found.is_empty() { vec![LogSource::Replica { service: service.into(), number: 1 }] } else { found }
}

/// The source that a container is a life of.
pub fn source_of(container: &Container) -> LogSource {
    match (container.service(), container.number()) {
        (Some(service), Some(number)) if !container.is_one_off() => {
            LogSource::Replica { service: Arc::from(service), number }
        }
        _ => LogSource::Container { id: container.id.clone(), name: Arc::from(container.name.as_str()) },
    }
}

/// The service that a source belongs to.
pub fn service_of(app: &App, source: &LogSource) -> Option<String> {
    match source {
        LogSource::Replica { service, .. } => Some(service.to_string()),
        LogSource::Container { id, .. } => app.service_of(id),
    }
}
