//! When to read what the engine does not push: resources of containers, and probe counts of those whose health is
//! starting. The selection each second, what is visible every three, the rest every fifteen; few at a time.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use super::{App, Effect, layout, rows};
use crate::observed::{Container, ContainerId, HealthStatus, State};

/// How many readings are under way at most.
const IN_FLIGHT: usize = 4;
/// A reading that has not come back by then is given up.
const GIVEN_UP: Duration = Duration::from_secs(10);
/// Readings a little early keep step with the whole second that the program wakes at.
const SLACK: Duration = Duration::from_millis(300);
/// How often each class is read, in seconds.
const SELECTED: Duration = Duration::from_secs(1);
const VISIBLE: Duration = Duration::from_secs(3);
const REST: Duration = Duration::from_secs(15);

/// What was read when.
#[derive(Clone, Debug, Default)]
pub struct Sampling {
    /// What was due when that was last looked for, the most urgent first.
    waiting: VecDeque<ContainerId>,
    /// Readings under way, and since when.
    in_flight: BTreeMap<ContainerId, Duration>,
    /// When each container was last asked for its resources.
    sampled: BTreeMap<ContainerId, Duration>,
    /// When each container was last inspected for its probe count.
    inspected: BTreeMap<ContainerId, Duration>,
}

impl Sampling {
    /// A reading came back, with or without a result.
    pub fn came(&mut self, container: &ContainerId) {
        self.in_flight.remove(container);
    }

    /// The engine is out of reach: nothing that is under way comes back.
    pub fn reset(&mut self) {
        *self = Self::default();
    }

    /// A container is gone.
    pub fn forget(&mut self, container: &ContainerId) {
        self.waiting.retain(|other| other != container);
        self.in_flight.remove(container);
        self.sampled.remove(container);
        self.inspected.remove(container);
    }
}

/// Looks for what is due and asks for it, as far as there is room.
pub fn ask(app: &mut App, effects: &mut Vec<Effect>) {
    if app.engine.info().is_none() || !app.engine.is_listed {
        return;
    }
    let now = app.now.mono;
    app.sampling.in_flight.retain(|_, since| now < *since + GIVEN_UP);
    app.sampling.waiting = due(app);
    ask_next(app, effects);
    for id in to_inspect(app) {
        app.sampling.inspected.insert(id.clone(), now);
        effects.push(Effect::Inspect(id));
    }
}

/// Asks for what was due already, as far as there is room: what is due is not looked for again for every reading.
pub fn ask_next(app: &mut App, effects: &mut Vec<Effect>) {
    while app.sampling.in_flight.len() < IN_FLIGHT {
        let Some(id) = app.sampling.waiting.pop_front() else { return };
        app.sampling.in_flight.insert(id.clone(), app.now.mono);
        app.sampling.sampled.insert(id.clone(), app.now.mono);
        effects.push(Effect::Sample(id));
    }
}

/// A reading of what is thought to run gave no figures: it is looked at, for its end may not have been told.
pub fn failed(app: &mut App, id: &ContainerId, effects: &mut Vec<Effect>) {
    app.sampling.came(id);
    if app.engine.containers.get(id).is_some_and(|one| one.state == State::Running) {
        effects.push(Effect::Inspect(id.clone()));
    }
}

/// Whether there is anything to read now and then.
pub fn is_needed(app: &App) -> bool {
    app.engine.info().is_some() && app.engine.is_listed && running(app).next().is_some()
}

fn running(app: &App) -> impl Iterator<Item = &Container> {
    let of_project = app.project.iter().flat_map(|project| app.engine.containers.of_project(project));
    of_project.filter(|one| one.state == State::Running)
}

/// The containers whose resources are due: the most urgent class first, in each the one that has waited longest.
fn due(app: &App) -> VecDeque<ContainerId> {
    let selected: BTreeSet<&ContainerId> = app.selected_containers().into_iter().map(|one| &one.id).collect();
    let visible: BTreeSet<String> = visible_services(app).into_iter().collect();
    let now = app.now.mono;
    let mut due: Vec<(Duration, Option<Duration>, ContainerId)> = Vec::new();
    for container in running(app).filter(|one| !app.sampling.in_flight.contains_key(&one.id)) {
        let has_rate = app.histories.get(&container.id).is_some_and(|history| history.rate().is_some());
        let period = match container.service() {
            _ if selected.contains(&container.id) => SELECTED,
            // Two readings make the first rate: nobody waits fifteen seconds for a figure.
            _ if !has_rate => SELECTED,
            Some(service) if visible.contains(service) => VISIBLE,
            _ => REST,
        };
        let last = app.sampling.sampled.get(&container.id).copied();
        if last.is_none_or(|last| now + SLACK >= last + period) {
            due.push((period, last, container.id.clone()));
        }
    }
    due.sort();
    due.into_iter().map(|(.., id)| id).collect()
}

/// The services whose rows are on the screen.
fn visible_services(app: &App) -> Vec<String> {
    let height = layout::list_height(app, super::Pane::Services);
    rows::service_names(app).into_iter().skip(app.lists.services.offset).take(height).collect()
}

/// Containers whose health is starting: the engine pushes the verdict, but not how many probes have failed so far.
fn to_inspect(app: &App) -> Vec<ContainerId> {
    let now = app.now.mono;
    let is_due = |id: &ContainerId| {
        app.sampling.inspected.get(id).is_none_or(|last| now + SLACK >= *last + Duration::from_secs(1))
    };
    let starting = running(app).filter(|one| {
        one.health.as_ref().is_some_and(|health| health.status == HealthStatus::Starting) && is_due(&one.id)
    });
    starting.take(IN_FLIGHT).map(|one| one.id.clone()).collect()
}
