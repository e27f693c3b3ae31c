//! What the engine reports: containers, events, readings.

use std::time::Duration;

use jiff::Timestamp;

use super::{load, past, say, settle};
use crate::app::log::{RuleKind, Store};
use crate::app::rows::PortState;
use crate::app::{
    App, Effect, Grade, Link, PortHolder, Rate, deaths, drift, events, images, lives, log_pane, rows,
    sampling,
};
use crate::observed::{Container, ContainerId, EngineInfo, Event, Fact, Sample};

/// Signals that ask a process to end: SIGINT, SIGQUIT, SIGKILL, SIGTERM. What ends after one did not fail.
const ENDING_SIGNALS: [&str; 8] = ["2", "3", "9", "15", "SIGINT", "SIGQUIT", "SIGKILL", "SIGTERM"];

/// How often it is looked who holds a port that is wanted.
const HOLDERS: Duration = Duration::from_secs(3);

/// Takes a fact in.
pub(super) fn take(app: &mut App, fact: Fact, effects: &mut Vec<Effect>) {
    if let Fact::Sample { id, sample } = fact {
        // Readings are drawn together at the next tick: a frame for each would be many.
        match sample {
            Ok(sample) => sampled(app, &id, sample),
            Err(_) => sampling::failed(app, &id, effects),
        }
        sampling::ask_next(app, effects);
        return;
    }
    match fact {
        Fact::Connecting { endpoint } => connecting(app, endpoint),
        Fact::Connected(info) => connected(app, info),
        Fact::Lost { endpoint, error, retry_in } => {
            let retry_at = app.now.mono + retry_in;
            if app.engine.info().is_some() {
                say(app, Grade::Bad, format!("the engine is gone: {error}"));
            }
            app.engine.link = Link::Lost { endpoint, error, retry_at };
            app.engine.is_listed = false;
            app.logs.store.disconnected();
            app.sampling.reset();
        }
        Fact::Listed(containers) => listed(app, containers),
        Fact::Resources { networks, volumes } => {
            app.engine.networks = networks;
            app.engine.volumes = volumes;
        }
        Fact::Changed(container) => changed(app, *container),
        Fact::Removed(id) => removed(app, &id),
        Fact::Event(event) => happened(app, &event),
        Fact::Past(events) => past::take(app, events),
        Fact::Sample { .. } => {}
    }
    app.revision += 1;
    settle(app, effects);
}

fn connecting(app: &mut App, endpoint: String) {
    // While it is tried again after a loss, why it was lost is worth more than that it is tried.
    if !matches!(app.engine.link, Link::Lost { .. }) {
        app.engine.link = Link::Connecting { endpoint };
    }
}

fn connected(app: &mut App, info: EngineInfo) {
    if matches!(app.engine.link, Link::Lost { .. }) {
        say(app, Grade::Good, format!("connected to Docker {} at {}", info.version, info.endpoint));
    }
    app.engine.link = Link::Connected(info);
    app.engine.is_listed = false;
}

fn listed(app: &mut App, containers: Vec<Container>) {
    let mut containers = containers;
    containers.retain(|container| !container.is_of_a_build());
    containers.sort_by_key(|container| container.created_at);
    let known = std::mem::take(&mut app.engine.containers);
    for mut container in containers {
        let before = known.get(&container.id);
        keep_inspected(&mut container, before);
        note_start(app, before, &container);
        app.engine.containers.insert(container);
    }
    for id in known.keys().filter(|id| !app.engine.containers.contains_key(*id)).cloned().collect::<Vec<_>>()
    {
        forget(app, &id);
    }
    app.engine.is_listed = true;
    app.images.mark_stale();
    drift::refresh(app);
    load::offer_projects(app);
}

/// A list says less than inspect: what is known already stays, as long as the container has not changed its state.
fn keep_inspected(container: &mut Container, before: Option<&Container>) {
    let Some(before) = before.filter(|before| before.state == container.state) else { return };
    if container.inspect.is_some() || before.inspect.is_none() {
        return;
    }
    let (state, health) =
        (container.state.clone(), container.health.clone().or_else(|| before.health.clone()));
    *container = Container { state, health, name: container.name.clone(), ..before.clone() };
}

fn changed(app: &mut App, container: Container) {
    if container.is_of_a_build() {
        return;
    }
    let before = app.engine.containers.get(&container.id).cloned();
    note_start(app, before.as_ref(), &container);
    let id = container.id.clone();
    let is_first = container.inspect.is_some() && before.is_none_or(|before| before.inspect.is_none());
    app.engine.containers.insert(container);
    if is_first {
        past::tell(app, &id);
    }
    drift::refresh_one(app, &id);
}

/// Tells the logs whose life a container is, and that it was started (again).
fn note_start(app: &mut App, before: Option<&Container>, container: &Container) {
    if container.project().is_none() || container.project() != app.project.as_deref() {
        return;
    }
    let created = container.created_at.unwrap_or(app.now.wall);
    app.logs.store.assign(&log_pane::source_of(container), &container.id, created);
    let Some(before) = before else { return };
    if let Some(started) = container.started_at.filter(|started| before.started_at != Some(*started)) {
        // A list tells no times: when one that was only listed was started is no news, unless lines from before are held.
        let last_line = app.logs.store.store(&container.id).and_then(Store::last_at);
        if before.inspect.is_none() && last_line.is_none_or(|last| last >= started) {
            return;
        }
        app.engine.ended_by_hand.remove(&container.id);
        let has_run = before.started_at.is_some() || before.inspect.is_none();
        let kind = if has_run { RuleKind::Restarted } else { RuleKind::Started };
        app.logs.store.started(&container.id, started, kind);
        // Counters of the process before are no base for a rate.
        app.histories.entry(container.id.clone()).or_default().last = None;
    }
}

/// Tells the logs of every container of the project, after another one was chosen or became known.
pub(super) fn assign_all(app: &mut App) {
    let mut containers: Vec<Container> = app.engine.containers.values().cloned().collect();
    containers.sort_by_key(|container| container.created_at);
    for container in &containers {
        note_start(app, None, container);
    }
}

fn removed(app: &mut App, id: &ContainerId) {
    app.engine.containers.remove(id);
    forget(app, id);
}

fn forget(app: &mut App, id: &ContainerId) {
    app.histories.remove(id);
    app.drift.remove(id);
    app.drift_known.remove(id);
    app.engine.ended_by_hand.remove(id);
    app.sampling.forget(id);
}

/// An event: rules in the log, and the record of what happened.
fn happened(app: &mut App, event: &Event) {
    images::happened(app, event);
    events::happened(app, event);
    let Some(id) = event.container() else { return };
    let word = event.action.as_str();
    match word {
        "kill"
            if event
                .attributes
                .get("signal")
                .is_some_and(|signal| ENDING_SIGNALS.contains(&signal.as_str())) =>
        {
            app.engine.ended_by_hand.insert(id.clone());
        }
        "stop" => {
            app.engine.ended_by_hand.insert(id.clone());
        }
        "start" | "restart" => {
            app.engine.ended_by_hand.remove(&id);
        }
        "oom" => {
            app.oom.insert(id.clone());
        }
        "die" => deaths::died(app, &id, event),
        _ => {}
    }
    rule(app, &id, event);
}

fn rule(app: &mut App, id: &ContainerId, event: &Event) {
    let at: Timestamp = event.at;
    if event.action == "start" {
        // Whichever is told first, the event or how the container is since: its log tells the same of it.
        past::tell(app, id);
    }
    let Some(kind) = rule_of(event) else { return };
    if kind == RuleKind::Unhealthy {
        deaths::turned_unhealthy(app, id, event);
    }
    app.logs.store.rule(id, at, kind);
    if event.action == "die"
        && let Some(words) = app.engine.containers.get(id).and_then(|one| lives::with_last_line(app, one))
    {
        app.logs.store.rule_lives(id, at, words);
    }
}

/// The rule that an event is in its container's log; none where it changes nothing there, and for starts: the container
/// itself tells when it was started.
pub(super) fn rule_of(event: &Event) -> Option<RuleKind> {
    Some(match event.action.as_str() {
        "oom" => RuleKind::OutOfMemory,
        "die" => {
            let code = event.attributes.get("exitCode").and_then(|code| code.parse().ok());
            RuleKind::Exited(code.unwrap_or_default())
        }
        "pause" => RuleKind::Paused,
        "unpause" => RuleKind::Unpaused,
        "health_status: healthy" => RuleKind::Healthy,
        "health_status: unhealthy" => RuleKind::Unhealthy,
        _ => return None,
    })
}

/// All lines of a container have come: what its lives have in common is told with the last of them.
pub(super) fn retell_lives(app: &mut App, id: &ContainerId) {
    let container = app.engine.containers.get(id).filter(|_| app.logs.store.tells_lives(id));
    if let Some(words) = container.and_then(|one| lives::with_last_line(app, one)) {
        app.logs.store.retell_lives(id, &words);
    }
}

fn sampled(app: &mut App, id: &ContainerId, sample: Sample) {
    app.sampling.came(id);
    if !app.engine.containers.contains_key(id) {
        return;
    }
    app.histories.entry(id.clone()).or_default().take(sample);
    app.unshown_readings = Some(app.revision);
    add_total(app, &sample);
}

/// The whole project's figures, once a second at most: the newest of every container that runs.
fn add_total(app: &mut App, sample: &Sample) {
    let is_early =
        app.totals.last().is_some_and(|last| sample.at < last.at + std::time::Duration::from_secs(1));
    if is_early {
        return;
    }
    let Some(project) = &app.project else { return };
    let mut total = Rate { at: sample.at, ..Rate::default() };
    let mut is_known = false;
    for container in app.engine.containers.of_project(project).filter(|one| one.state.is_alive()) {
        if let Some(rate) = app.histories.get(&container.id).and_then(|history| history.rate()) {
            is_known = true;
            total.cpu += rate.cpu;
            total.memory += rate.memory;
            total.received += rate.received;
            total.sent += rate.sent;
        }
    }
    if is_known {
        app.totals.push(total);
    }
}

/// Who holds the ports that were asked for was found out; a port that is not among them is free.
pub(super) fn port_holders(app: &mut App, holders: Vec<PortHolder>) {
    let mut known = app.port_holders.clone();
    known.retain(|port, _| !app.asked_ports.contains(port));
    known.extend(holders.into_iter().map(|holder| ((holder.port, holder.protocol.clone()), holder)));
    if known != app.port_holders {
        app.port_holders = known;
        app.revision += 1;
    }
}

/// Asks who holds the ports of the selected service that are wanted and not bound, on a local engine: nobody tells when
/// they are let go.
pub(super) fn look_for_holders(app: &mut App, effects: &mut Vec<Effect>) {
    let is_local = app.engine.info().is_some_and(|info| info.local);
    let wanted: Vec<(u16, String)> = rows::ports(app)
        .into_iter()
        .filter(|row| is_local && matches!(row.state, PortState::NotBound | PortState::Taken(_)))
        .filter_map(|row| Some((row.key.published?, row.key.protocol)))
        .collect();
    if wanted == app.asked_ports && app.now.mono < app.ports_asked_at + HOLDERS {
        return;
    }
    app.asked_ports.clone_from(&wanted);
    app.ports_asked_at = app.now.mono;
    if !wanted.is_empty() {
        effects.push(Effect::FindPortHolders(wanted));
    }
}
