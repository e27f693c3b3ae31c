//! The Containers pane: the replicas and one-offs of the selected service.

use super::service::drift_of;
use super::state::{age, of_container, probes};
use super::{ContainerNote, ContainerRow, StateKind};
use crate::app::{App, words};
use crate::observed::{Container, HealthStatus};

/// The rows of the pane.
pub fn containers(app: &App) -> Vec<ContainerRow> {
    app.selected_containers().into_iter().map(|container| row(app, container)).collect()
}

fn row(app: &App, container: &Container) -> ContainerRow {
    let state = of_container(app, container);
    let history = app.histories.get(&container.id).filter(|_| container.state.is_alive());
    let rate = history.and_then(|history| history.rate());
    let note = note(container);
    let age = age(app, &state);
    let uptime = match state.kind {
        _ if age.is_empty() => state.text.clone(),
        StateKind::Healthy | StateKind::Running | StateKind::Starting | StateKind::Unhealthy => {
            format!("up {age}")
        }
        _ => format!("{} {age}", state.text),
    };
    ContainerRow {
        id: container.id.clone(),
        name: container.name.clone(),
        short_name: app.short_name(container),
        is_one_off: container.is_one_off(),
        kind: state.kind,
        state: state.text,
        uptime,
        cpu_history: history
            .map(|known| known.ring.iter().map(|rate| rate.cpu).collect())
            .unwrap_or_default(),
        cpu: rate.map(|rate| rate.cpu),
        memory: rate.map(|rate| rate.memory),
        memory_limit: rate.and_then(|rate| rate.memory_limit),
        received: rate.map(|rate| rate.received),
        sent: rate.map(|rate| rate.sent),
        drift: app.drift.get(&container.id).map(|changes| drift_of(changes)),
        height: 1 + u16::from(note.is_some()),
        note,
    }
}

/// A failing probe's count and output, or why the container could not be started.
fn note(container: &Container) -> Option<ContainerNote> {
    if !container.error.is_empty() && !container.state.is_alive() {
        return Some(ContainerNote { label: "error".to_owned(), text: words::reason(&container.error) });
    }
    let health = container.health.as_ref().filter(|_| container.state.is_alive())?;
    let failed = health.probes.iter().rev().find(|probe| probe.exit_code != 0);
    match (&health.status, failed) {
        // The count alone stands in the state already.
        (HealthStatus::Healthy, _) | (_, None) if health.failing_streak == 0 => None,
        (HealthStatus::Starting, None) => None,
        (_, probe) => Some(ContainerNote {
            label: format!("health {}", probes(health)),
            text: probe.map(|probe| words::first_line(&probe.output)).unwrap_or_default(),
        }),
    }
}
