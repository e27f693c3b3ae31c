//! After a verb that starts something: waits until its services run or are healthy, so that the outcome says what the
//! person wanted to know; or until they fail, and then says with what.

use std::time::Duration;

use super::{Phase, Run, outcome};
use crate::app::log::{Line, Reading, Store};
use crate::app::{App, Grade, RunId, deaths, words};
use crate::observed::{Container, ContainerId, HealthStatus, Level, State};
use crate::plan::{ContainerRef, OpKind, OpState, Target, Verb};

/// A container without a health check has to run this long to count: what dies at once did not come up.
const STAYS: Duration = Duration::from_secs(1);
/// After this the outcome is told as it stands.
const PATIENCE: Duration = Duration::from_mins(5);
/// A change that the engine has not reported by then will not come.
const REPORTED: Duration = Duration::from_secs(5);

/// How long a failure is held back for its first error line.
const LINE: Duration = Duration::from_secs(1);

/// How the services of a run stand.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Verdict {
    /// Not there yet: in words for the footer.
    Waits(String),
    /// It is as wanted: `healthy`, `running`, `done`.
    Good(&'static str),
    /// It failed: how.
    Bad(String),
}

/// Whether a run is watched after its ops are done: it started something.
pub(super) fn is_awaited(run: &Run) -> bool {
    matches!(run.request.verb, Verb::Up | Verb::Start | Verb::Restart) && !started_services(run).is_empty()
}

/// The services that ops of the run started.
fn started_services(run: &Run) -> Vec<&str> {
    let Some(plan) = &run.plan else { return Vec::new() };
    let starts = plan
        .ops
        .iter()
        .filter(|op| matches!(op.kind, OpKind::StartContainer { .. } | OpKind::RestartContainer { .. }));
    let mut services: Vec<&str> = Vec::new();
    for service in starts.filter_map(|op| op.service.as_deref()) {
        if !services.contains(&service) {
            services.push(service);
        }
    }
    services
}

/// Looks at every run that settles, and tells those that have.
pub fn settle(app: &mut App) {
    let settling: Vec<(RunId, Duration)> = app
        .runs
        .all
        .values()
        .filter_map(|run| match run.phase {
            Phase::Settling { since } => Some((run.id, since)),
            _ => None,
        })
        .collect();
    for (id, since) in settling {
        let Some(verdict) = app.runs.get(id).map(|run| verdict(app, run, since)) else { continue };
        match verdict {
            Verdict::Waits(text) if app.now.mono < since + PATIENCE => outcome::tell_settling(app, id, &text),
            Verdict::Waits(text) => end(app, id, Grade::Neutral, text),
            Verdict::Good(state) => {
                let text = outcome::settled(app, id, state, took(app, id, since));
                end(app, id, Grade::Good, text);
            }
            Verdict::Bad(_) if awaits_its_line(app, id) => {}
            Verdict::Bad(text) => end(app, id, Grade::Bad, text),
        }
    }
}

/// The containers whose failure is about to be told: their logs are read for it, whether or not they are shown.
pub fn failing(app: &App) -> Vec<ContainerId> {
    let settling = app.runs.all.values().filter(|run| run.failing_since.is_some());
    settling.flat_map(|run| failed_containers(app, run)).map(|container| container.id.clone()).collect()
}

/// The service that a failed run waited for in vain.
pub(super) fn waited_for(run: &Run) -> Option<String> {
    let ops = run.plan.iter().flat_map(|plan| &plan.ops).zip(&run.progress);
    let mut failed = ops.filter(|(_, progress)| matches!(progress.state, Some(OpState::Failed(_))));
    let (op, _) = failed.next()?;
    matches!(op.kind, OpKind::Wait { .. }).then(|| op.subject.clone())
}

/// Whether a failure is held back because its first error line may still come: a moment at most.
fn awaits_its_line(app: &mut App, id: RunId) -> bool {
    let now = app.now.mono;
    let Some(run) = app.runs.all.get_mut(&id) else { return false };
    let since = *run.failing_since.get_or_insert(now);
    let Some(run) = app.runs.get(id).filter(|_| now < since + LINE) else { return false };
    let failed = failed_containers(app, run);
    let is_reported = !failed.is_empty() || run.failed.is_none();
    !is_reported || !failed.iter().all(|container| is_read(app, container))
}

/// Whether a container's log was read to its end; what was never started has none.
fn is_read(app: &App, container: &Container) -> bool {
    let reading = app.logs.store.store(&container.id).map(Store::reading);
    container.started_at.is_none() || matches!(reading, Some(Reading::Complete | Reading::Failed(_)))
}

/// The containers of a run that ended in failure.
fn failed_containers<'a>(app: &'a App, run: &Run) -> Vec<&'a Container> {
    let of_run = match &run.failed {
        Some((service, _)) => app.engine.containers.of_service(&run.request.project, service),
        None => watched(app, run),
    };
    let has_failed = |container: &&Container| {
        let is_over = matches!(container.state, State::Exited | State::Dead | State::Restarting);
        is_over && container.exit_code.unwrap_or(0) != 0
    };
    of_run.into_iter().filter(has_failed).collect()
}

fn end(app: &mut App, id: RunId, grade: Grade, text: String) {
    outcome::tell_end(app, id, grade, text);
    app.runs.all.remove(&id);
}

/// How long it took: until now where health was waited for, else until execution ended.
fn took(app: &App, id: RunId, since: Duration) -> Duration {
    let Some(run) = app.runs.get(id) else { return Duration::ZERO };
    let waited = watched(app, run).iter().any(|container| container.health.is_some());
    let until = if waited { app.now.mono } else { since };
    until.saturating_sub(run.began_at.unwrap_or(since))
}

fn verdict(app: &App, run: &Run, since: Duration) -> Verdict {
    if let Some((_, failure)) = &run.failed {
        let failed = failed_containers(app, run);
        let words = failed.first().map(|container| failed_words(app, &app.short_name(container), container));
        return Verdict::Bad(words.unwrap_or_else(|| failure.to_string()));
    }
    let containers = watched(app, run);
    let verdicts: Vec<Verdict> = containers.iter().map(|one| of_container(app, run, one, since)).collect();
    let is_one = containers.len() == 1;
    let told = |(container, verdict): (&&Container, &Verdict)| match verdict {
        Verdict::Waits(text) if !is_one => Verdict::Waits(format!("{} {text}", app.short_name(container))),
        verdict => verdict.clone(),
    };
    // One that failed is told at once, whatever the others still wait for.
    let gravest = |wanted: fn(&Verdict) -> bool| {
        containers.iter().zip(&verdicts).find(|(_, verdict)| wanted(verdict)).map(told)
    };
    let not_good = gravest(|one| matches!(one, Verdict::Bad(_)))
        .or_else(|| gravest(|one| matches!(one, Verdict::Waits(_))));
    if let Some(verdict) = not_good {
        return verdict;
    }
    let good = verdicts.iter().fold("done", |good, verdict| match verdict {
        Verdict::Good(state) => weaker(good, state),
        _ => good,
    });
    if containers.is_empty() || has_more_to_come(run, &containers) && app.now.mono < since + REPORTED {
        return if app.now.mono < since + REPORTED {
            Verdict::Waits("starting".to_owned())
        } else {
            Verdict::Good("done")
        };
    }
    Verdict::Good(good)
}

/// What can be said of two: that they run, if one of them has no health check; `done` says least.
fn weaker(one: &'static str, other: &'static str) -> &'static str {
    match (one, other) {
        ("running", _) | (_, "running") => "running",
        ("done", state) | (state, _) => state,
    }
}

/// The containers of the services that were started; of a request for containers, only those.
fn watched<'a>(app: &'a App, run: &Run) -> Vec<&'a Container> {
    if let Target::Containers(ids) = &run.request.target {
        return ids.iter().filter_map(|id| app.engine.containers.get(id)).collect();
    }
    let project = &run.request.project;
    let services = started_services(run);
    let of_services = services.into_iter().flat_map(|name| app.engine.containers.of_service(project, name));
    of_services.filter(|container| !container.is_one_off()).collect()
}

/// What an op of the run started.
fn started(run: &Run) -> impl Iterator<Item = &ContainerRef> {
    run.plan.iter().flat_map(|plan| &plan.ops).filter_map(|op| match &op.kind {
        OpKind::StartContainer { container, .. } | OpKind::RestartContainer { container, .. } => {
            Some(container)
        }
        _ => None,
    })
}

/// Whether a container that was there before was to be started; others of its service were left as they are.
fn is_to_start(run: &Run, id: &ContainerId) -> bool {
    started(run).any(|container| matches!(container, ContainerRef::Id(other) if other == id))
}

/// Whether the run made containers that the engine has not reported yet.
fn has_more_to_come(run: &Run, containers: &[&Container]) -> bool {
    let made = started(run).filter(|container| matches!(container, ContainerRef::Of(_))).count();
    let new = containers.iter().filter(|one| !run.started_before.contains_key(&one.id)).count();
    matches!(run.request.target, Target::Services(_) | Target::Project) && new < made
}

fn of_container(app: &App, run: &Run, container: &Container, since: Duration) -> Verdict {
    let name = app.short_name(container);
    let before = run.started_before.get(&container.id);
    let is_touched = before.is_none() || is_to_start(run, &container.id);
    if is_touched && before == Some(&container.started_at) && app.now.mono < since + REPORTED {
        return Verdict::Waits("starting".to_owned());
    }
    let has_yet_to_stay = is_touched && app.now.mono < since + STAYS;
    match (&container.state, container.health.as_ref().map(|health| &health.status)) {
        (State::Running, Some(HealthStatus::Starting)) => Verdict::Waits(health_words(container)),
        (State::Running, Some(HealthStatus::Unhealthy)) => Verdict::Bad(unhealthy(&name, container)),
        (State::Running, Some(_)) => Verdict::Good("healthy"),
        (State::Running, None) if has_yet_to_stay => Verdict::Waits("running".to_owned()),
        (State::Running | State::Paused, _) => Verdict::Good("running"),
        (State::Exited | State::Dead, _) if container.exit_code.unwrap_or(0) == 0 => Verdict::Good("done"),
        (State::Exited | State::Dead | State::Restarting, _) => {
            Verdict::Bad(failed_words(app, &name, container))
        }
        _ if !container.error.is_empty() => {
            Verdict::Bad(format!("{name}: {}", words::reason(&container.error)))
        }
        _ => Verdict::Waits("starting".to_owned()),
    }
}

fn health_words(container: &Container) -> String {
    let counts =
        container.health.as_ref().map(|health| format!("{}/{}", health.failing_streak, health.retries));
    format!("health {}", counts.unwrap_or_default())
}

fn unhealthy(name: &str, container: &Container) -> String {
    match deaths::last_probe(container) {
        Some(probe) => format!("{name} unhealthy: {probe}"),
        None => format!("{name} unhealthy"),
    }
}

/// How a container failed: its first error line, and its code.
fn failed_words(app: &App, name: &str, container: &Container) -> String {
    let code = container.exit_code.unwrap_or_default();
    let how =
        if container.oom_killed { format!("out of memory, exited {code}") } else { format!("exited {code}") };
    match first_error(app, container) {
        Some(line) => format!("{name} {how}: {line}"),
        None => format!("{name} {how}"),
    }
}

/// The first line of its last life that is an error; else its last line; none where its log is not held.
pub fn first_error(app: &App, container: &Container) -> Option<String> {
    let store = app.logs.store.store(&container.id)?;
    let is_of_life = |line: &Line<'_>| container.started_at.is_none_or(|start| line.at >= start);
    let last = || store.last_line().filter(is_of_life);
    let chosen = store.first_since(container.started_at, Level::Error).or_else(last)?;
    Some(words::plain_line(chosen.bytes)).filter(|line| !line.is_empty())
}
