//! Waiting until containers are as a dependent needs them.
//!
//! The engine's events wake it at once. What the engine does not push, the count of failed probes, is looked at every
//! half second, as Docker Compose does.

use std::time::Duration;

use futures::future::try_join_all;
use tokio::time::Instant;

use super::super::Error;
use super::super::events::Events;
use super::{Step, Trouble, failure};
use crate::observed::{Container, ContainerId, Health, HealthStatus, State};
use crate::plan::{Condition, ContainerRef, Detail};

/// How often it is looked at without an event.
const LOOK: Duration = Duration::from_millis(500);

/// Waits for all of `containers`. Where the wait is not `required`, a bad end is told and the plan goes on.
pub(super) async fn wait(
    step: Step<'_>,
    containers: &[ContainerRef],
    condition: Condition,
    required: bool,
) -> Result<(), Trouble> {
    let ids =
        containers.iter().map(|container| step.find(container).cloned()).collect::<Result<Vec<_>, _>>()?;
    match until(step, &ids, condition).await {
        Err(Trouble::Failure(failure)) if !required => {
            step.progress(format!("goes on without it: {}", failure.why), None);
            step.detail(Detail::Refused(failure.why));
            Ok(())
        }
        other => other,
    }
}

/// The wait, no longer than `limit`.
pub(super) async fn within(
    limit: Option<Duration>,
    step: Step<'_>,
    waiting: impl Future<Output = Result<(), Trouble>>,
) -> Result<(), Trouble> {
    let Some(limit) = limit else { return waiting.await };
    let Ok(outcome) = tokio::time::timeout(limit, waiting).await else {
        let why = format!("application not healthy after {}s", limit.as_secs());
        let hint = Some("`logs` says what it is doing; --wait-timeout gives it longer");
        return Err(Trouble::Failure(failure::because(step.op, why, hint)));
    };
    outcome
}

async fn until(step: Step<'_>, ids: &[ContainerId], condition: Condition) -> Result<(), Trouble> {
    // An empty filter would be one for all containers.
    if ids.is_empty() {
        return Ok(());
    }
    // Without events it still looks every half second.
    let mut events = Events::of(step.engine, ids).await.ok();
    let mut shown = String::new();
    // What merely runs may be about to fail, so it has to last until a second look.
    let lasts = condition == Condition::RunningOrHealthy;
    let begun = Instant::now();
    loop {
        match look(step, ids, condition).await? {
            Verdict::Ready if lasts && begun.elapsed() < LOOK => {}
            Verdict::Ready => return Ok(()),
            Verdict::Never { why, hint } => {
                return Err(Trouble::Failure(failure::because(step.op, why, hint)));
            }
            Verdict::NotYet { text, fraction } if text != shown => {
                step.progress(text.clone(), fraction);
                shown = text;
            }
            Verdict::NotYet { .. } => {}
        }
        tokio::select! {
            is_open = happened(&mut events) => if !is_open { events = None },
            () = tokio::time::sleep(LOOK) => {}
        }
    }
}

/// Returns when something happened; false when nothing more will.
async fn happened(events: &mut Option<Events>) -> bool {
    match events {
        Some(events) => matches!(events.next().await, Ok(Some(_))),
        None => std::future::pending().await,
    }
}

/// The worst of all: what cannot become ready, then what is not ready yet.
async fn look(step: Step<'_>, ids: &[ContainerId], condition: Condition) -> Result<Verdict, Error> {
    let containers = try_join_all(ids.iter().map(|id| step.engine.inspect(id))).await?;
    let mut worst = Verdict::Ready;
    for (id, container) in ids.iter().zip(&containers) {
        let verdict = match container {
            Some(container) => judge(container, condition),
            None => never(format!("container {} was removed", id.short()), None),
        };
        match (&worst, &verdict) {
            (_, Verdict::Never { .. }) => return Ok(verdict),
            (Verdict::Ready, Verdict::NotYet { .. }) => worst = verdict,
            _ => {}
        }
    }
    Ok(worst)
}

/// What a look at a container says.
#[derive(Debug, PartialEq)]
enum Verdict {
    Ready,
    NotYet { text: String, fraction: Option<f32> },
    Never { why: String, hint: Option<&'static str> },
}

fn never(why: String, hint: Option<&'static str>) -> Verdict {
    Verdict::Never { why, hint }
}

fn not_yet(text: &str) -> Verdict {
    Verdict::NotYet { text: text.to_owned(), fraction: None }
}

fn judge(container: &Container, condition: Condition) -> Verdict {
    match (&container.state, condition) {
        (State::Exited | State::Dead, Condition::Completed) if container.exit_code == Some(0) => {
            Verdict::Ready
        }
        (State::Exited | State::Dead | State::Removing, _) => ended(container),
        (State::Created, _) if !container.error.is_empty() => never(
            format!("{} could not be started: {}", container.name, failure::plain_text(&container.error)),
            None,
        ),
        (State::Restarting, Condition::Healthy | Condition::RunningOrHealthy) if crash_loops(container) => {
            never(crash_loop(container), Some("its log says more"))
        }
        (State::Restarting, _) => not_yet(&format!("restarting, {} so far", container.restart_count)),
        (State::Paused, _) => not_yet("paused"),
        (State::Created | State::Other(_), _) => not_yet("starting"),
        (State::Running, Condition::Completed) => not_yet("running"),
        (State::Running, Condition::Running) => Verdict::Ready,
        (State::Running, Condition::Healthy | Condition::RunningOrHealthy) => match &container.health {
            Some(health) => judge_health(container, health),
            None if condition == Condition::RunningOrHealthy => Verdict::Ready,
            None => never(
                format!("{} has no healthcheck configured, so it never becomes healthy", container.name),
                Some("give the service a healthcheck, or depend on it with condition: service_started"),
            ),
        },
    }
}

/// Docker Compose gives up on a container that it happens to see between two lives, when the engine calls it unhealthy.
/// Here chance has no part: it may die twice.
fn crash_loops(container: &Container) -> bool {
    let is_unhealthy =
        container.health.as_ref().is_some_and(|health| health.status == HealthStatus::Unhealthy);
    is_unhealthy && container.restart_count >= 2
}

fn crash_loop(container: &Container) -> String {
    let code = container.exit_code.map_or_else(String::new, |code| format!(" with code {code}"));
    let reason = if container.oom_killed { " (out of memory)" } else { "" };
    format!("{} is unhealthy: it ends again and again, last{code}{reason}", container.name)
}

fn ended(container: &Container) -> Verdict {
    let name = &container.name;
    let Some(code) = container.exit_code else { return never(format!("{name} has ended"), None) };
    let reason = if container.oom_killed { " (out of memory)" } else { "" };
    never(format!("{name} exited with code {code}{reason}"), Some("its log says more"))
}

fn judge_health(container: &Container, health: &Health) -> Verdict {
    match &health.status {
        HealthStatus::Healthy => Verdict::Ready,
        HealthStatus::Unhealthy => {
            never(unhealthy(container, health), Some("its health check or its log says more"))
        }
        HealthStatus::Starting | HealthStatus::Other(_) => Verdict::NotYet {
            text: format!("starting {}/{}", health.failing_streak, health.retries),
            fraction: None,
        },
    }
}

fn unhealthy(container: &Container, health: &Health) -> String {
    let name = &container.name;
    let Some(probe) = health.probes.last() else { return format!("{name} is unhealthy") };
    let output = failure::last_line(&probe.output);
    match (probe.exit_code, output.is_empty()) {
        (-1, true) => format!("{name} is unhealthy: the last probe did not end in time"),
        (code, true) => {
            format!("{name} is unhealthy: the last probe ended with code {code} and printed nothing")
        }
        (_, false) => format!("{name} is unhealthy: {output}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observed::Probe;

    fn container(state: State, exit_code: Option<i64>, health: Option<(HealthStatus, &str)>) -> Container {
        let mut container = Container::new("0123", "shop-db-1");
        container.state = state;
        container.exit_code = exit_code;
        container.health = health.map(|(status, output)| Health {
            status,
            failing_streak: 2,
            retries: 5,
            probes: vec![Probe { start: None, end: None, exit_code: 1, output: output.to_owned() }],
        });
        container
    }

    fn check(container: &Container, expected: [&str; 4]) {
        let conditions =
            [Condition::Running, Condition::Healthy, Condition::Completed, Condition::RunningOrHealthy];
        let said = conditions.map(|condition| match judge(container, condition) {
            Verdict::Ready => "ready".to_owned(),
            Verdict::NotYet { text, .. } => format!("wait: {text}"),
            Verdict::Never { why, .. } => format!("never: {why}"),
        });
        assert_eq!(said, expected);
    }

    #[test]
    fn each_condition_on_each_state() {
        let no_check = "never: shop-db-1 has no healthcheck configured, so it never becomes healthy";
        check(&container(State::Running, None, None), ["ready", no_check, "wait: running", "ready"]);
        let starting = container(State::Running, None, Some((HealthStatus::Starting, "")));
        check(&starting, ["ready", "wait: starting 2/5", "wait: running", "wait: starting 2/5"]);
        let healthy = container(State::Running, None, Some((HealthStatus::Healthy, "")));
        check(&healthy, ["ready", "ready", "wait: running", "ready"]);
        let sick =
            container(State::Running, None, Some((HealthStatus::Unhealthy, "a\nno \x1b[1manswer\n\n")));
        let why = "never: shop-db-1 is unhealthy: no [1manswer";
        check(&sick, ["ready", why, "wait: running", why]);
        let failed = "never: shop-db-1 exited with code 3";
        check(&container(State::Exited, Some(3), None), [failed; 4]);
        let done = "never: shop-db-1 exited with code 0";
        check(&container(State::Exited, Some(0), None), [done, done, "ready", done]);
        let mut killed = container(State::Exited, Some(137), None);
        killed.oom_killed = true;
        check(&killed, ["never: shop-db-1 exited with code 137 (out of memory)"; 4]);
        check(&container(State::Created, None, None), ["wait: starting"; 4]);
        let mut looping = container(State::Restarting, Some(2), Some((HealthStatus::Unhealthy, "")));
        looping.restart_count = 1;
        check(&looping, ["wait: restarting, 1 so far"; 4]);
        looping.restart_count = 2;
        let (why, waits) = (
            "never: shop-db-1 is unhealthy: it ends again and again, last with code 2",
            "wait: restarting, 2 so far",
        );
        check(&looping, [waits, why, waits, why]);
        looping.health = None;
        check(&looping, [waits; 4]);
    }
}
