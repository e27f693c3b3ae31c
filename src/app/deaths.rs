//! Deaths and failing health in the record of what happened, each with its cause.

use std::time::Duration;

use serde_json::Value;

use super::activity::Entry;
use super::{App, Grade, words};
use crate::observed::{Container, ContainerId, Event};

/// The engine's word of what a verb did may come so much after the verb's end.
const LATE: Duration = Duration::from_secs(2);

/// A container died. What a verb of ours ended is told by the verb's outcome.
pub fn died(app: &mut App, id: &ContainerId, event: &Event) {
    let was_oom = app.oom.remove(id);
    let Some(container) = app.engine.containers.get(id) else { return };
    if container.project() != app.project.as_deref() || app.project.is_none() || is_our_doing(app, container)
    {
        return;
    }
    let code: i64 = event.attributes.get("exitCode").and_then(|code| code.parse().ok()).unwrap_or_default();
    let by_hand = app.engine.ended_by_hand.contains(id);
    if by_hand && was_our_doing(app, container) {
        return;
    }
    let name = app.short_name(container);
    let (grade, subject, text) = match code {
        _ if was_oom => {
            (Grade::Bad, format!("{name} died"), format!("{}, exit {code}", out_of_memory(container)))
        }
        _ if by_hand => (Grade::Neutral, format!("{name} was stopped"), format!("exit {code}")),
        0 => (Grade::Neutral, format!("{name} done"), "exit 0".to_owned()),
        _ => (Grade::Bad, format!("{name} died"), format!("exit {code}")),
    };
    let more = if grade == Grade::Bad { restart_policy(container).into_iter().collect() } else { Vec::new() };
    app.activity.push(Entry { at: event.at, grade, subject, text, more, run: None });
}

/// A health check fails now.
pub fn turned_unhealthy(app: &mut App, id: &ContainerId, event: &Event) {
    let Some(container) = app.engine.containers.get(id) else { return };
    if container.project() != app.project.as_deref() || app.project.is_none() {
        return;
    }
    let text = last_probe(container).unwrap_or_default();
    let subject = format!("{} unhealthy", app.short_name(container));
    app.activity.push(Entry { at: event.at, grade: Grade::Bad, subject, text, more: Vec::new(), run: None });
}

/// Whether a verb on its way holds the service: it stops what it has to.
fn is_our_doing(app: &App, container: &Container) -> bool {
    let service = container.service().unwrap_or_default();
    app.runs.all.values().any(|run| run.began_at.is_some() && run.phase.holds() && run.claims(service))
}

/// Whether a verb on the service has just ended: that something was stopped is its doing, told late.
fn was_our_doing(app: &App, container: &Container) -> bool {
    let ended = app.runs.ended.get(container.service().unwrap_or_default());
    ended.is_some_and(|at| app.now.mono < *at + LATE)
}

fn out_of_memory(container: &Container) -> String {
    match memory_limit(container) {
        Some(limit) => format!("out of memory at {}", words::long_bytes(limit)),
        None => "out of memory".to_owned(),
    }
}

/// The memory limit that a container was created with, in bytes.
pub fn memory_limit(container: &Container) -> Option<u64> {
    host_config(container)?.get("Memory")?.as_u64().filter(|limit| *limit > 0)
}

/// `restart policy on-failure: 3 of 3 tries used`; none without a policy.
pub fn restart_policy(container: &Container) -> Option<String> {
    let policy = host_config(container)?.get("RestartPolicy")?;
    let name = policy.get("Name")?.as_str().filter(|name| !name.is_empty() && *name != "no")?;
    let count = container.restart_count;
    Some(match policy.get("MaximumRetryCount").and_then(Value::as_u64).filter(|most| *most > 0) {
        Some(most) => format!("restart policy {name}: {count} of {most} tries used"),
        None => format!("restart policy {name}: started again {}", words::counted(count as usize, "time")),
    })
}

/// Whether the engine starts it again however it ends.
pub fn is_always_restarted(container: &Container) -> bool {
    let name = host_config(container).and_then(|host| host.get("RestartPolicy")?.get("Name")?.as_str());
    matches!(name, Some("always" | "unless-stopped"))
}

fn host_config(container: &Container) -> Option<&Value> {
    container.inspect.as_ref()?.get("HostConfig")
}

/// What the last failed probe said, in one line without control characters.
pub fn last_probe(container: &Container) -> Option<String> {
    let health = container.health.as_ref()?;
    let probe = health.probes.iter().rev().find(|probe| probe.exit_code != 0)?;
    let line = words::first_line(&probe.output);
    Some(if line.is_empty() { format!("probe ended with {}", probe.exit_code) } else { line })
}

/// How long a container ran before it ended.
pub fn lifetime(container: &Container) -> Option<Duration> {
    let life = container.finished_at?.duration_since(container.started_at?);
    Duration::try_from(life).ok()
}
