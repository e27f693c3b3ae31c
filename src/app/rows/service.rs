//! The Services pane: what the file declares, in file order, joined with what the engine runs.
//!
//! Services that others wait for to complete stand after those that stay; then come those that are off, then orphans. That
//! is decided by the file and not by what runs, so that no row moves when a container ends.

use std::collections::BTreeSet;

use super::state::{StateText, age, of_container};
use super::{Drift, PortLabel, ServiceRow, StateKind};
use crate::app::{App, runs};
use crate::compose::model::{Condition, Project, Service};
use crate::observed::Container;
use crate::plan::Change;

/// The rows of the pane, filtered, of which each is made when it is asked for: of hundreds few are in sight.
pub struct Services<'a> {
    app: &'a App,
    sources: Vec<Source<'a>>,
}

/// The rows of the pane, filtered.
pub fn services(app: &App) -> Services<'_> {
    Services { app, sources: shown(app) }
}

impl<'a> Services<'a> {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.sources.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.sources.is_empty()
    }

    /// How many of them the file declares.
    pub fn declared(&self) -> usize {
        self.sources.iter().filter(|source| !is_orphan(self.app, source)).count()
    }

    /// The names of all.
    pub fn names(&self) -> impl Iterator<Item = &'a str> {
        self.sources.iter().map(|source| source.name)
    }

    /// The rows from a place on.
    pub fn rows_from(&self, place: usize) -> impl Iterator<Item = ServiceRow> {
        self.sources.iter().skip(place).map(|source| row(self.app, source))
    }
}

/// The names of the rows, without making them.
pub fn service_names(app: &App) -> Vec<String> {
    shown(app).into_iter().map(|source| source.name.to_owned()).collect()
}

/// How many rows there are, without making them.
pub fn service_count(app: &App) -> usize {
    shown(app).len()
}

/// The names of all services, whatever the filter.
pub fn all_service_names(app: &App) -> Vec<String> {
    declared_and_orphans(app).into_iter().map(|(name, ..)| name.to_owned()).collect()
}

/// The place of a service among all of them, whatever the filter.
pub fn place_of(app: &App, service: &str) -> Option<usize> {
    declared_and_orphans(app).iter().position(|(name, ..)| *name == service)
}

/// The state of every service, whatever the filter.
pub(super) fn all_service_kinds(app: &App) -> Vec<StateKind> {
    sources(app).iter().map(|source| kind_and_state(app, source, &replicas(app, source)).0).collect()
}

/// The row of one service, whatever the filter.
pub fn service(app: &App, name: &str) -> Option<ServiceRow> {
    let found = sources(app).into_iter().find(|source| source.name == name)?;
    Some(row(app, &found))
}

/// Where what runs of a service no longer matches the file; none where it matches.
pub fn changes<'a>(app: &'a App, name: &str) -> Option<&'a [Change]> {
    let found = sources(app).into_iter().find(|source| source.name == name)?;
    changes_of(app, &replicas(app, &found))
}

/// What a row is made from.
struct Source<'a> {
    name: &'a str,
    declared: Option<&'a Service>,
    is_on: bool,
}

fn shown(app: &App) -> Vec<Source<'_>> {
    let mut sources = sources(app);
    if !app.filter.is_empty() {
        let filter = app.filter.to_lowercase();
        sources.retain(|source| source.name.to_lowercase().contains(&filter));
    }
    if app.problems_only {
        sources.retain(|source| needs_attention(app, source));
    }
    sources
}

fn sources(app: &App) -> Vec<Source<'_>> {
    let all = declared_and_orphans(app).into_iter();
    all.map(|(name, declared, is_on)| Source { name, declared, is_on }).collect()
}

/// All services in the order of their rows: with what the file declares, and whether a profile has it on.
fn declared_and_orphans(app: &App) -> Vec<(&str, Option<&Service>, bool)> {
    let mut services = Vec::new();
    if let Some(project) = app.shown_project() {
        let passing = awaited_to_complete(project);
        let (last, first): (Vec<_>, Vec<_>) =
            project.services.iter().partition(|(name, _)| passing.contains(name.as_str()));
        let on = first.into_iter().chain(last).map(|(name, service)| (name.as_str(), Some(service), true));
        let off = project.disabled_services.iter();
        services.extend(on.chain(off.map(|(name, service)| (name.as_str(), Some(service), false))));
    }
    services.extend(orphans(app).map(|name| (name, None, false)));
    services
}

/// The services that containers name and the file does not.
fn orphans(app: &App) -> impl Iterator<Item = &str> {
    let services = app.project.iter().flat_map(|project| app.engine.containers.services_of(project));
    let file = app.shown_project();
    let is_declared = move |name: &str| file.is_some_and(|project| project.service(name).is_some());
    services.filter(move |name| !name.is_empty() && !is_declared(name))
}

fn awaited_to_complete(project: &Project) -> BTreeSet<&str> {
    let needs = project.services.values().flat_map(|service| &service.depends_on);
    needs
        .filter(|(_, need)| need.condition == Condition::CompletedSuccessfully)
        .map(|(name, _)| name.as_str())
        .collect()
}

fn row(app: &App, source: &Source<'_>) -> ServiceRow {
    let replicas: Vec<&Container> = replicas(app, source);
    let (kind, state) = kind_and_state(app, source, &replicas);
    let running = replicas.iter().filter(|container| container.state.is_alive()).count();
    ServiceRow {
        name: source.name.to_owned(),
        kind,
        running,
        wanted: wanted(app, source),
        progress: runs::service_progress(app, source.name),
        age: age(app, &state),
        cpu: total(app, &replicas, |rate| rate.cpu),
        memory: total(app, &replicas, |rate| rate.memory as f64).map(|bytes| bytes as u64),
        ports: ports(source, &replicas),
        drift: drift(app, &replicas),
        is_marked: app.marks.contains(source.name),
        tile: app.tile_of(source.name),
        is_dimmed: matches!(kind, StateKind::Done | StateKind::Disabled),
        needs_attention: needs_attention(app, source),
        state: if kind == StateKind::Orphan { "orphan".to_owned() } else { state.text },
    }
}

/// Its containers without one-offs; those too where it has nothing else and is no service of the file.
fn replicas<'a>(app: &'a App, source: &Source<'_>) -> Vec<&'a Container> {
    let all = app.containers_of(source.name);
    if all.iter().all(|one| !one.is_one_off()) {
        return all;
    }
    let own: Vec<&Container> = all.iter().copied().filter(|one| !one.is_one_off()).collect();
    if own.is_empty() && source.declared.is_none() { all } else { own }
}

fn is_orphan(app: &App, source: &Source<'_>) -> bool {
    source.declared.is_none() && app.sound_project().is_some()
}

fn wanted(app: &App, source: &Source<'_>) -> Option<usize> {
    let declared = source.declared.filter(|_| source.is_on)?;
    let asked = runs::wanted_scale(app, source.name).or_else(|| app.scales.get(source.name).copied());
    Some(asked.map_or(declared.replicas().max(0) as usize, |count| count as usize))
}

fn kind_and_state(app: &App, source: &Source<'_>, replicas: &[&Container]) -> (StateKind, StateText) {
    let state = state(app, source, replicas);
    (if is_orphan(app, source) { StateKind::Orphan } else { state.kind }, state)
}

/// The gravest state of its replicas; where they are equal, that of the first.
fn state(app: &App, source: &Source<'_>, replicas: &[&Container]) -> StateText {
    let states = replicas.iter().map(|container| of_container(app, container));
    if let Some(gravest) = states.min_by_key(|state| state.kind) {
        return gravest;
    }
    let nothing = |kind, text: String| StateText { kind, text, since: None };
    match source.declared {
        Some(service) if !source.is_on => {
            nothing(StateKind::Disabled, format!("profile {}", service.profiles.join(", ")))
        }
        _ if app.engine.is_listed => nothing(StateKind::Absent, "not created".to_owned()),
        _ => nothing(StateKind::Absent, "unknown".to_owned()),
    }
}

fn needs_attention(app: &App, source: &Source<'_>) -> bool {
    let replicas = replicas(app, source);
    let is_missing = source.is_on
        && app.engine.is_listed
        && wanted(app, source).is_some_and(|wanted| replicas.len() < wanted);
    is_missing
        || is_orphan(app, source)
        || drift(app, &replicas).is_some()
        || replicas.iter().any(|container| of_container(app, container).kind.needs_attention())
}

fn total(app: &App, replicas: &[&Container], of: impl Fn(&crate::app::Rate) -> f64) -> Option<f64> {
    let alive = replicas.iter().filter(|container| container.state.is_alive());
    let rates: Vec<f64> =
        alive.filter_map(|container| app.histories.get(&container.id)?.rate().map(&of)).collect();
    (!rates.is_empty()).then(|| rates.iter().sum())
}

fn ports(source: &Source<'_>, replicas: &[&Container]) -> Vec<PortLabel> {
    let mut labels: Vec<PortLabel> = Vec::new();
    let mut add = |number: &str, protocol: &str, is_bound: bool| {
        let text = if protocol == "tcp" { number.to_owned() } else { format!("{number}/{protocol}") };
        if !labels.iter().any(|label| label.text == text) {
            labels.push(PortLabel { text, is_bound });
        }
    };
    for port in replicas.iter().filter(|one| one.state.is_alive()).flat_map(|one| &one.ports) {
        if let Some(published) = port.published {
            add(&published.to_string(), &port.protocol, true);
        }
    }
    let is_running = replicas.iter().any(|container| container.state.is_alive());
    for port in
        source.declared.filter(|_| source.is_on && is_running).iter().flat_map(|service| &service.ports)
    {
        // A range is spread over the replicas by the engine: what of it is bound stands above.
        if let Some(published) = port.published.as_deref().filter(|published| !published.contains('-')) {
            add(published, port.protocol.as_deref().unwrap_or("tcp"), false);
        }
    }
    labels
}

fn drift(app: &App, replicas: &[&Container]) -> Option<Drift> {
    changes_of(app, replicas).map(drift_of)
}

fn changes_of<'a>(app: &'a App, replicas: &[&Container]) -> Option<&'a [Change]> {
    replicas.iter().find_map(|container| app.drift.get(&container.id)).map(Vec::as_slice)
}

/// Differences as a row tells them; where only the hash differs there are none to name.
pub(super) fn drift_of(changes: &[Change]) -> Drift {
    let mut attributes: Vec<&str> = Vec::new();
    for change in changes {
        if !attributes.contains(&change.attribute.as_str()) {
            attributes.push(&change.attribute);
        }
    }
    let reason = attributes.first().copied().unwrap_or("configuration").to_owned();
    Drift { reason, more: attributes.len().saturating_sub(1) }
}
