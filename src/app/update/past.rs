//! What happened to containers before anybody looked: it stands in their logs as what happens now does, and is no news.
//!
//! The engine keeps its last few hundred events, those of other projects and of every health probe among them. What it has
//! forgotten a container still tells in part: when it was started last, when and how it ended last.

use std::time::Duration;

use jiff::Timestamp;

use super::facts::rule_of;
use crate::app::log::RuleKind;
use crate::app::{App, events, lives};
use crate::observed::{Container, ContainerId, Event, State};

/// An event comes a little later than the moment that the container tells.
const SAME: Duration = Duration::from_secs(2);

/// A moment, and what happened then.
type Told = (Timestamp, RuleKind);

/// The engine has told what it still knows of the project.
pub(super) fn take(app: &mut App, past: Vec<Event>) {
    events::remember(app, past);
    let Some(project) = app.project.clone() else { return };
    let ids: Vec<ContainerId> =
        app.engine.containers.of_project(&project).map(|one| one.id.clone()).collect();
    for id in ids {
        tell(app, &id);
    }
}

/// Draws all that is known to have happened to a container across its log, in place of what stands there of it.
pub(super) fn tell(app: &mut App, id: &ContainerId) {
    let Some(container) = app.engine.containers.get(id) else { return };
    let events: Vec<&Event> = app.events.of_container(id).collect();
    let mut told = of_events(&events);
    of_state(container, &mut told);
    told.sort_by_key(|(at, _)| *at);
    let died = told.iter().rev().find(|(_, kind)| matches!(kind, RuleKind::Exited(_))).map(|(at, _)| *at);
    let lives = lives::with_last_line(app, container);
    app.logs.store.retell(id, told);
    if let (Some(at), Some(words)) = (died, lives) {
        app.logs.store.rule_lives(id, at, words);
    }
}

fn of_events(events: &[&Event]) -> Vec<Told> {
    let mut has_run = false;
    let mut told = Vec::new();
    for event in events {
        let kind = match event.action.as_str() {
            "start" if has_run => Some(RuleKind::Restarted),
            "start" => Some(RuleKind::Started),
            _ => rule_of(event),
        };
        has_run |= matches!(event.action.as_str(), "start" | "die");
        told.extend(kind.map(|kind| (event.at, kind)));
    }
    told
}

/// Adds the last end as the container itself tells it, and the start after it, where no event does. Of the only start that it
/// has had nothing is told: its log begins with that.
fn of_state(container: &Container, told: &mut Vec<Told>) {
    let (started, finished) = (container.started_at, container.finished_at);
    let again = finished.is_some_and(|ended| started.is_some_and(|started| ended < started));
    let is_over = container.state == State::Exited;
    let end = match container.exit_code {
        Some(code) if is_over => RuleKind::Exited(code),
        // It was started since, and the code is not told any more.
        _ => RuleKind::Ended,
    };
    let is_start = |kind: &RuleKind| matches!(kind, RuleKind::Started | RuleKind::Restarted);
    let is_end = |kind: &RuleKind| matches!(kind, RuleKind::Exited(_));
    let is_memory = |kind: &RuleKind| *kind == RuleKind::OutOfMemory;
    // Of the two moments the container's own is nearer to what it printed first.
    let near = |at: Timestamp| started.filter(|started| at.duration_since(*started).unsigned_abs() < SAME);
    if let Some((at, _)) = told.iter_mut().rev().find(|(_, kind)| is_start(kind)) {
        *at = near(*at).unwrap_or(*at);
    }
    if again {
        add(told, started, RuleKind::Restarted, is_start);
    }
    if is_over && container.oom_killed {
        add(told, finished, RuleKind::OutOfMemory, is_memory);
    }
    if again || is_over {
        add(told, finished, end, is_end);
    }
}

/// Adds what happened at a moment, unless something of its kind is told of about then.
fn add(told: &mut Vec<Told>, at: Option<Timestamp>, kind: RuleKind, is_alike: impl Fn(&RuleKind) -> bool) {
    let Some(at) = at else { return };
    let is_near = |other: Timestamp| other.duration_since(at).unsigned_abs() < SAME;
    if !told.iter().any(|(other, kind)| is_alike(kind) && is_near(*other)) {
        told.push((at, kind));
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::observed::EventKind;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    /// Events as `SECOND ACTION`; the container's start and end, in seconds, and its code where it does not run.
    fn check(events: &[(i64, &str)], state: (Option<i64>, Option<i64>, Option<i64>), expected: &[&str]) {
        let event = |(second, action): &(i64, &str)| Event {
            kind: EventKind::Container,
            action: (*action).to_owned(),
            actor: "c".to_owned(),
            at: at(*second),
            attributes: BTreeMap::from([("exitCode".to_owned(), "1".to_owned())]),
        };
        let events: Vec<Event> = events.iter().map(event).collect();
        let (started, finished, code) = state;
        let mut container = Container::new("c", "c");
        container.state = if code.is_some() { State::Exited } else { State::Running };
        container.oom_killed = code == Some(137);
        (container.started_at, container.finished_at, container.exit_code) =
            (started.map(at), finished.map(at), code);
        let mut told = of_events(&events.iter().collect::<Vec<_>>());
        of_state(&container, &mut told);
        told.sort_by_key(|(at, _)| *at);
        let told: Vec<String> =
            told.iter().map(|(at, kind)| format!("{} {kind:?}", at.as_second())).collect();
        assert_eq!(told, expected, "{events:?}");
    }

    #[test]
    fn what_the_engine_knows_of_the_past() {
        let twice = [(10, "start"), (12, "health_status: healthy"), (20, "die"), (30, "start")];
        let all = ["10 Started", "12 Healthy", "20 Exited(1)", "30 Restarted"];
        check(&twice, (Some(30), Some(20), None), &all);
        check(&[], (Some(30), Some(20), None), &["20 Ended", "30 Restarted"]);
        check(&[], (Some(30), None, None), &[]);
        check(&[], (Some(30), Some(40), Some(3)), &["40 Exited(3)"]);
        check(&[], (Some(30), Some(40), Some(137)), &["40 OutOfMemory", "40 Exited(137)"]);
        check(&twice[..1], (Some(9), None, None), &["9 Started"]);
        check(&twice[2..], (Some(30), Some(20), None), &["20 Exited(1)", "30 Restarted"]);
        check(&[], (None, None, None), &[]);
    }
}
