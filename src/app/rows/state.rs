//! The one word of state of a container, and of a service with several.

use std::time::Duration;

use jiff::Timestamp;

use super::StateKind;
use crate::app::{App, deaths, words};
use crate::observed::{Container, Health, HealthStatus, State};

/// A state as it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateText {
    /// Its sign and colour.
    pub kind: StateKind,
    /// `starting 3/5`, `exited 137 OOM`.
    pub text: String,
    /// The moment that its age counts from.
    pub since: Option<Timestamp>,
}

/// The state of a container.
pub fn of_container(app: &App, container: &Container) -> StateText {
    let state = |kind, text: &str| StateText { kind, text: text.to_owned(), since: container.started_at };
    match &container.state {
        State::Running => match &container.health {
            Some(health) => running(health, container),
            None => state(StateKind::Running, "running"),
        },
        State::Paused => state(StateKind::Paused, "paused"),
        State::Restarting => StateText { text: restarting(container), ..state(StateKind::Restarting, "") },
        State::Removing => state(StateKind::Removing, "removing"),
        State::Created if container.error.is_empty() => {
            StateText { since: container.created_at, ..state(StateKind::Created, "created") }
        }
        State::Created => {
            StateText { since: container.created_at, ..state(StateKind::Failed, "did not start") }
        }
        State::Exited => ended(container, was_stopped(app, container)),
        State::Dead => StateText { since: container.finished_at, ..state(StateKind::Failed, "dead") },
        State::Other(word) => state(StateKind::Other, word),
    }
}

fn running(health: &Health, container: &Container) -> StateText {
    let (kind, text) = match &health.status {
        HealthStatus::Healthy => (StateKind::Healthy, "healthy".to_owned()),
        HealthStatus::Unhealthy => (StateKind::Unhealthy, "unhealthy".to_owned()),
        HealthStatus::Starting => (StateKind::Starting, format!("starting {}", probes(health))),
        HealthStatus::Other(word) => (StateKind::Running, word.clone()),
    };
    StateText { kind, text, since: container.started_at }
}

/// Failed probes in a row of as many as make it unhealthy.
pub(super) fn probes(health: &Health) -> String {
    format!("{}/{}", health.failing_streak, health.retries)
}

fn restarting(container: &Container) -> String {
    match container.exit_code {
        Some(code) => format!("restarting {code}"),
        None => "restarting".to_owned(),
    }
}

/// Whether somebody asked it to end. What the engine always starts again ends for good in no other way, though that was
/// before this program looked.
fn was_stopped(app: &App, container: &Container) -> bool {
    app.engine.ended_by_hand.contains(&container.id) || deaths::is_always_restarted(container)
}

/// That a container ended is a failure unless its code is 0, or somebody asked it to.
fn ended(container: &Container, by_hand: bool) -> StateText {
    let code = container.exit_code.unwrap_or(0);
    let (kind, text) = match code {
        0 if !by_hand => (StateKind::Done, "done 0".to_owned()),
        _ if container.oom_killed => (StateKind::Failed, format!("exited {code} OOM")),
        _ if by_hand || is_asked_end(code) => (StateKind::Stopped, format!("exited {code}")),
        _ => (StateKind::Failed, format!("exited {code}")),
    };
    StateText { kind, text, since: container.finished_at }
}

/// Codes of processes that SIGINT or SIGTERM ended: nobody but a person or a shutdown sends those.
fn is_asked_end(code: i64) -> bool {
    matches!(code, 130 | 143)
}

/// How long ago a moment is; nothing if it is to come, since the engine's clock may be ahead of ours.
pub fn elapsed(app: &App, since: Timestamp) -> Duration {
    Duration::try_from(app.now.wall.duration_since(since)).unwrap_or_default()
}

/// The age of a state: `3h`; `2m ago` where it is an end.
pub(super) fn age(app: &App, state: &StateText) -> String {
    let Some(since) = state.since else { return String::new() };
    let age = words::age(elapsed(app, since));
    match state.kind {
        StateKind::Failed | StateKind::Done | StateKind::Stopped => format!("{age} ago"),
        _ => age,
    }
}

/// Whether the screen shows an age that is counted in seconds.
pub fn has_young_age(app: &App) -> bool {
    let Some(project) = &app.project else { return false };
    let containers = app.engine.containers.of_project(project);
    let mut ages = containers.filter_map(|container| of_container(app, container).since);
    ages.any(|since| elapsed(app, since) < Duration::from_secs(61))
}
