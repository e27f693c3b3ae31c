//! The story of a service: its state in one sentence, why, its last lines, its probes, and whom it needs and who needs it.

use super::{Line, container, log};
use crate::app::rows::{self, StateKind, of_container};
use crate::app::{App, deaths, lives, runs, words};
use crate::compose::model::{Condition, Service};
use crate::compose::path::Path;
use crate::observed::Container;

/// How many of its last lines are told.
const LAST_LINES: usize = 10;
/// How many rates the memory curve shows.
const CURVE: usize = 40;

/// The story as lines.
pub(super) fn lines(app: &App, service: &str) -> Vec<Line> {
    let container = container(app, service);
    let mut parts = vec![headline(app, service, container), why(app, service, container)];
    if let Some(container) = container {
        parts.push(last_lines(app, container));
        parts.push(probes(container));
    }
    parts.push(drift(app, service));
    parts.push(depends_on(app, service));
    parts.push(needed_by(app, service));
    let mut lines = Vec::new();
    for part in parts.into_iter().filter(|part| !part.is_empty()) {
        lines.extend(part);
        lines.push(Line::Blank);
    }
    lines
}

/// `exited 137 · out of memory · 2 minutes ago, after 41 minutes · restart policy on-failure: 3 of 3 tries used`.
fn headline(app: &App, service: &str, container: Option<&Container>) -> Vec<Line> {
    let Some(container) = container else {
        let row = rows::service(app, service);
        let (kind, text) = row.map_or((StateKind::Absent, "gone".to_owned()), |row| (row.kind, row.state));
        return vec![Line::Headline { kind, text }];
    };
    let state = of_container(app, container);
    let mut parts = vec![state.text.trim_end_matches(" OOM").to_owned()];
    if container.oom_killed && !container.state.is_alive() {
        parts.push("out of memory".to_owned());
    }
    if let Some(since) = state.since {
        let ago = words::long_age(rows::elapsed(app, since));
        let life = deaths::lifetime(container).filter(|_| !container.state.is_alive());
        parts.push(match life {
            Some(life) => format!("{ago} ago, after {}", words::long_age(life)),
            None => format!("for {ago}"),
        });
    }
    parts.extend(
        deaths::restart_policy(container).filter(|_| container.has_failed() || container.restart_count > 0),
    );
    vec![Line::Headline { kind: state.kind, text: parts.join(" · ") }]
}

fn why(app: &App, service: &str, container: Option<&Container>) -> Vec<Line> {
    let failed = app.runs.failures.get(service).map(|text| Line::Text(text.clone()));
    let mut lines: Vec<Line> = failed.into_iter().collect();
    lines.extend(container.into_iter().flat_map(|container| why_it_ended(app, service, container)));
    headed("Why", lines)
}

fn why_it_ended(app: &App, service: &str, container: &Container) -> Vec<Line> {
    let mut lines = Vec::new();
    if container.oom_killed && !container.state.is_alive() {
        lines.push(Line::Text(killed_for_memory(app, service, container)));
    }
    if !container.error.is_empty() && !container.state.is_alive() {
        lines.push(Line::Text(words::reason(&container.error)));
    }
    lines.extend(memory(app, container));
    lines.extend(failure(app, container).into_iter().map(Line::Text));
    lines.extend(lives::summary(app, container).map(|words| Line::Text(format!("It {words}."))));
    lines
}

/// What an exit code says, and the first line in which it says itself what went wrong.
fn failure(app: &App, container: &Container) -> Vec<String> {
    if !container.has_failed() || container.oom_killed {
        return Vec::new();
    }
    let known = EXIT_CODES.iter().find(|(code, _)| container.exit_code == Some(*code));
    let meaning = known.map(|(code, words)| format!("{code} means: {words}."));
    let said = runs::first_error(app, container).map(|line| format!("It said: {line}"));
    meaning.into_iter().chain(said).collect()
}

/// What is commonly meant by exit codes: those of shells and of container runtimes, and 128 and the number of a signal.
const EXIT_CODES: [(i64, &str); 6] = [
    (126, "its command cannot be executed"),
    (127, "its command was not found"),
    (134, "it aborted (SIGABRT)"),
    (137, "it was killed (SIGKILL), and not for memory as far as the engine knows"),
    (139, "it touched memory that is not its own (SIGSEGV)"),
    (143, "it was asked to end (SIGTERM)"),
];

fn killed_for_memory(app: &App, service: &str, container: &Container) -> String {
    match deaths::memory_limit(container) {
        Some(limit) => {
            let place = limit_place(app, service).map_or_else(String::new, |place| format!(" ({place})"));
            format!("The kernel killed it at its limit of {}{place}.", words::long_bytes(limit))
        }
        None => "The kernel killed it for memory; it has no limit of its own.".to_owned(),
    }
}

/// `deploy.resources.limits.memory, compose.yaml:64`.
fn limit_place(app: &App, service: &str) -> Option<String> {
    let project = app.shown_project()?;
    let declared = project.service(service)?;
    let attribute = if declared.mem_limit.is_some() { "mem_limit" } else { "deploy.resources.limits.memory" };
    let path = Path::parse(&format!("services.{service}.{attribute}"));
    let span = project.positions.find(&path)?;
    let source = app.file.sources.get(span.file)?;
    Some(format!("{attribute}, {}:{}", source.name, span.line))
}

/// How memory went before the end: `Memory rose from 90 MiB to 256 MiB in the last 70 s:`.
fn memory(app: &App, container: &Container) -> Option<Line> {
    let ring = &app.histories.get(&container.id).filter(|_| container.oom_killed)?.ring;
    let skipped = ring.iter().len().saturating_sub(CURVE);
    let (first, last) = (ring.iter().nth(skipped)?, ring.last()?);
    let values: Vec<f64> = ring.iter().skip(skipped).map(|rate| rate.memory as f64).collect();
    let [from, to] = [first, last].map(|rate| words::long_bytes(rate.memory));
    let label = if last.memory > first.memory && values.len() > 1 {
        let span = words::span(last.at.saturating_sub(first.at));
        format!("Memory rose from {from} to {to} in the last {span}:")
    } else {
        "Memory before the end:".to_owned()
    };
    Some(Line::Curve { label, values, last: words::bytes(last.memory) })
}

fn last_lines(app: &App, container: &Container) -> Vec<Line> {
    headed("Last lines", log::last(app, container, LAST_LINES))
}

/// Probes that failed, oldest first.
fn probes(container: &Container) -> Vec<Line> {
    let Some(health) = container.health.as_ref().filter(|health| health.failing_streak > 0) else {
        return Vec::new();
    };
    let failed = health.probes.iter().filter(|probe| probe.exit_code != 0);
    let texts = failed.map(|probe| {
        let output = words::first_line(&probe.output);
        Line::Text(format!("exit {}  {output}", probe.exit_code))
    });
    let count = Line::Text(format!("{} of {} failures in a row", health.failing_streak, health.retries));
    [Line::Heading("Health"), count].into_iter().chain(texts).collect()
}

/// Where it no longer matches the file.
fn drift(app: &App, service: &str) -> Vec<Line> {
    let Some(changes) = rows::changes(app, service) else { return Vec::new() };
    let mut lines = vec![Line::Heading("Differs from the file")];
    if changes.is_empty() {
        lines.push(Line::Text("only the configuration's hash: nothing that can be named".to_owned()));
    }
    for change in changes {
        let side = |value: &Option<String>| value.clone().unwrap_or_else(|| "–".to_owned());
        let place = change.place.as_ref().map_or_else(String::new, |place| format!("   {place}"));
        let value = format!("{}  →  {}{place}", side(&change.old), side(&change.new));
        lines.push(Line::Pair { name: change.attribute.clone(), value });
    }
    lines
}

fn depends_on(app: &App, service: &str) -> Vec<Line> {
    let Some(declared) = app.shown_project().and_then(|project| project.service(service)) else {
        return Vec::new();
    };
    let relations = declared.depends_on.iter().map(|(name, need)| {
        let optional = if need.required { "" } else { ", if it is there" };
        relation(app, name, format!("needed: {}{optional}", condition(need.condition)))
    });
    headed("Depends on", relations.collect())
}

fn needed_by(app: &App, service: &str) -> Vec<Line> {
    let Some(project) = app.shown_project() else { return Vec::new() };
    let all = project.services.iter().chain(&project.disabled_services);
    let needing =
        all.filter_map(|(name, other): (&String, &Service)| Some((name, other.depends_on.get(service)?)));
    let relations =
        needing.map(|(name, need)| relation(app, name, format!("needs it: {}", condition(need.condition))));
    headed("Needed by", relations.collect())
}

fn headed(heading: &'static str, lines: Vec<Line>) -> Vec<Line> {
    if lines.is_empty() { lines } else { std::iter::once(Line::Heading(heading)).chain(lines).collect() }
}

fn relation(app: &App, name: &str, note: String) -> Line {
    let row = rows::service(app, name);
    let (kind, state, drift) =
        row.map_or((StateKind::Absent, "not there".to_owned(), None), |row| (row.kind, row.state, row.drift));
    Line::Relation { service: name.to_owned(), kind, state, note, drift }
}

fn condition(condition: Condition) -> &'static str {
    match condition {
        Condition::Started => "started",
        Condition::Healthy => "healthy",
        Condition::CompletedSuccessfully => "completed",
    }
}
