//! The details of a service as lines to draw: its story (what state it is in and why, what it said last, what it waits
//! for), its variables, what the file says, what the engine says, what its containers use and do. Secret-looking values are
//! masked in all of them.

mod events;
mod json;
mod log;
mod processes;
mod story;
mod usage;

use jiff::Timestamp;

use super::App;
use super::layers::{Details, Tab};
use super::rows::{Drift, StateKind};
use crate::observed::{Container, Level};
use crate::plan;

/// One line of the details.
#[derive(Clone, Debug, PartialEq)]
pub enum Line {
    /// An empty line.
    Blank,
    /// The state in one sentence: `exited 137 · out of memory · 2 minutes ago, after 41 minutes`.
    Headline {
        /// Its sign and colour.
        kind: StateKind,
        /// In words.
        text: String,
    },
    /// The heading of a part.
    Heading(&'static str),
    /// The heading of what is about one container.
    Container {
        /// Its sign and colour.
        kind: StateKind,
        /// Its name.
        name: String,
    },
    /// A sentence, or a line of a text.
    Text(String),
    /// A curve after its label: memory before the end.
    Curve {
        /// What it shows.
        label: String,
        /// Its values, oldest first.
        values: Vec<f64>,
        /// What stands after it: `256M`.
        last: String,
    },
    /// A resource over time.
    Usage {
        /// Which.
        resource: Resource,
        /// Its values, oldest first.
        values: Vec<f64>,
        /// The newest in words: `64M / 256M`.
        last: String,
    },
    /// What happened at a time.
    Event {
        /// When.
        at: Timestamp,
        /// What it happened to.
        name: String,
        /// The engine's word: `die`.
        action: String,
        /// What it says besides: `exitCode=137`.
        more: String,
    },
    /// A row of a table: a cell a column.
    Row {
        /// The cells.
        cells: Vec<String>,
        /// The titles of the columns.
        is_title: bool,
    },
    /// A line of its log.
    Log {
        /// When.
        at: Timestamp,
        /// How grave.
        level: Level,
        /// The line without its colours.
        text: String,
    },
    /// A service that it depends on, or that needs it.
    Relation {
        /// Its name.
        service: String,
        /// Its sign and colour.
        kind: StateKind,
        /// Its state.
        state: String,
        /// `needed: healthy`.
        note: String,
        /// Where it no longer matches the file.
        drift: Option<Drift>,
    },
    /// A name with its value.
    Pair {
        /// The name.
        name: String,
        /// The value, masked where the name looks secret.
        value: String,
    },
}

/// What a curve is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resource {
    /// The processor.
    Cpu,
    /// Memory.
    Memory,
    /// Bytes received.
    Received,
    /// Bytes sent.
    Sent,
}

impl Resource {
    /// What stands before the curve.
    pub fn title(self) -> &'static str {
        match self {
            Self::Cpu => "cpu",
            Self::Memory => "memory",
            Self::Received => "received",
            Self::Sent => "sent",
        }
    }
}

/// The lines of the part that is shown.
pub fn lines(app: &App, details: &Details) -> Vec<Line> {
    match details.tab {
        Tab::Overview => story::lines(app, &details.service),
        Tab::Environment => environment(app, &details.service),
        Tab::Config => config(app, &details.service),
        Tab::Inspect => inspect(app, &details.service),
        Tab::Usage => usage::lines(app, &details.service),
        Tab::Processes => processes::lines(app, &details.service),
        Tab::Events => events::lines(app, &details.service),
        Tab::Log => log::lines(app, &details.service),
    }
}

/// The container that stands for a service: the one under the cursor if it is one of them, else the gravest, else none.
pub fn container<'a>(app: &'a App, service: &str) -> Option<&'a Container> {
    let containers = app.containers_of(service);
    let under_cursor =
        app.selected_container().filter(|one| containers.iter().any(|other| other.id == one.id));
    let gravest = || containers.iter().copied().min_by_key(|one| super::rows::of_container(app, one).kind);
    under_cursor.or_else(gravest)
}

/// The containers of a service, the one that stands for it first.
fn containers<'a>(app: &'a App, service: &str) -> Vec<&'a Container> {
    let mut all = app.containers_of(service);
    let first = container(app, service).map(|one| &one.id);
    all.sort_by_key(|one| Some(&one.id) != first);
    all
}

/// The heading of what is about one container.
fn heading(app: &App, container: &Container) -> Line {
    Line::Container { kind: super::rows::of_container(app, container).kind, name: container.name.clone() }
}

/// The lines, or that there are none.
fn or_nothing(lines: Vec<Line>) -> Vec<Line> {
    if lines.is_empty() { vec![Line::Text("Nothing runs.".to_owned())] } else { lines }
}

/// The variables of the running container; of the file where there is none.
fn environment(app: &App, service: &str) -> Vec<Line> {
    let pair =
        |name: &str, value: &str| Line::Pair { name: name.to_owned(), value: plan::masked(name, value) };
    let inspected = container(app, service).and_then(|one| one.inspect.as_ref());
    if let Some(list) =
        inspected.and_then(|inspect| inspect.pointer("/Config/Env")).and_then(|env| env.as_array())
    {
        let entries = list.iter().filter_map(|entry| entry.as_str());
        return entries
            .map(|entry| {
                entry.split_once('=').map_or_else(|| pair(entry, ""), |(name, value)| pair(name, value))
            })
            .collect();
    }
    let declared = app.shown_project().and_then(|project| project.service(service));
    let variables = declared.into_iter().flat_map(|service| &service.environment);
    variables.map(|(name, value)| pair(name, value.as_deref().unwrap_or_default())).collect()
}

fn config(app: &App, service: &str) -> Vec<Line> {
    let Some(declared) = app.shown_project().and_then(|project| project.service(service)) else {
        return vec![Line::Text("The file says nothing of it.".to_owned())];
    };
    match serde_json::to_value(declared) {
        Ok(value) => json::lines(&value, json::Keep::Given),
        Err(error) => vec![Line::Text(error.to_string())],
    }
}

fn inspect(app: &App, service: &str) -> Vec<Line> {
    match container(app, service).and_then(|container| container.inspect.as_ref()) {
        Some(inspect) => json::lines(inspect, json::Keep::All),
        None => vec![Line::Text("There is no container to inspect.".to_owned())],
    }
}
