//! A failure in words, ready to be pasted: what ended and how, what its probe said, its image, and its last lines.

use std::fmt::Write;

use super::{App, deaths, lives, words};
use crate::observed::{Container, HealthStatus, State};

/// How many of the last lines are told.
const LINES: usize = 30;

/// The report of a service whose container has failed; none where nothing has.
pub fn of_service(app: &App, service: &str) -> Option<String> {
    let failed = app.containers_of(service).into_iter().find(|container| is_failure(container))?;
    Some(of(app, failed))
}

/// Whether there is something to report of a container.
pub fn is_failure(container: &Container) -> bool {
    let is_unhealthy = container.health.as_ref().is_some_and(|it| it.status == HealthStatus::Unhealthy);
    container.has_failed()
        || (container.oom_killed && !container.state.is_alive())
        || container.state == State::Restarting
        || (is_unhealthy && container.state.is_alive())
}

/// The report of a container.
pub fn of(app: &App, container: &Container) -> String {
    let project = container.project().unwrap_or_default();
    let mut report = format!("{} of {project}: {}\n", app.short_name(container), how(container));
    let mut line = |name: &str, value: &str| {
        if !value.is_empty() {
            // Writing to a string cannot fail.
            let _ = writeln!(report, "{name}: {value}");
        }
    };
    line("image", &container.image);
    line("container", &container.id.to_string());
    line("started", &container.started_at.map_or_else(String::new, |at| at.to_string()));
    if !container.state.is_alive() {
        line("ended", &container.finished_at.map_or_else(String::new, |at| at.to_string()));
        line("ran for", &deaths::lifetime(container).map_or_else(String::new, words::long_age));
    }
    line("engine's error", &words::reason(&container.error));
    line("policy", &deaths::restart_policy(container).unwrap_or_default());
    line("lives", &lives::summary(app, container).unwrap_or_default());
    line("probe", &deaths::last_probe(container).unwrap_or_default());
    report.push_str(&last_lines(app, container));
    report
}

/// `exited 137, out of memory`, `unhealthy`.
fn how(container: &Container) -> String {
    let code = container.exit_code.unwrap_or_default();
    match container.state {
        State::Exited | State::Dead if container.oom_killed => format!("exited {code}, out of memory"),
        State::Exited | State::Dead => format!("exited {code}"),
        State::Restarting => format!("restarting, exited {code}"),
        _ => "unhealthy".to_owned(),
    }
}

fn last_lines(app: &App, container: &Container) -> String {
    let Some(store) = app.logs.store.store(&container.id).filter(|store| !store.is_empty()) else {
        return "its log is not read\n".to_owned();
    };
    let chunks = store.chunks().iter().rev();
    let lines = chunks.flat_map(|chunk| (0..chunk.len()).rev().filter_map(|index| chunk.line(index)));
    let mut last: Vec<String> = lines
        .take(LINES)
        .map(|line| format!("  {:.3} {}\n", line.at, words::plain_line(line.bytes)))
        .collect();
    last.reverse();
    format!("last {}:\n{}", words::counted(last.len(), "line"), last.concat())
}
