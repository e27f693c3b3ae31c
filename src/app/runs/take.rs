//! Taking a verb: what a key means as a request, whom it cancels, and whether it is queued.

use std::collections::{BTreeMap, BTreeSet};

use super::flow;
use super::{Ask, Phase, Run};
use crate::app::action::Action;
use crate::app::{App, Effect, RunId};
use crate::observed::State;
use crate::plan::{Options, Request, Target, Verb};

/// Takes the verb that an action means, on what is selected. Says whether the action is a verb that is taken at once.
pub fn takes(app: &mut App, action: Action, effects: &mut Vec<Effect>) -> bool {
    let target = match action {
        Action::UpProject | Action::Down => Some(Target::Project),
        _ => app.target(),
    };
    target.is_some_and(|target| takes_on(app, action, target, effects))
}

/// Takes the verb that an action means, on a target that was fixed before.
pub fn takes_on(app: &mut App, action: Action, target: Target, effects: &mut Vec<Effect>) -> bool {
    let Some((verb, options)) = meaning(app, action, &target) else { return false };
    let target = match action {
        Action::UpProject | Action::Down => Target::Project,
        _ => target,
    };
    let asks = match action {
        Action::UpProject | Action::Down => Some(Ask::Always),
        Action::Up
        | Action::Recreate
        | Action::Rebuild
        | Action::PullNewer
        | Action::FreshVolumes
        | Action::Remove => Some(Ask::IfItTakesAway),
        _ => None,
    };
    take(app, verb, target, options, asks, effects);
    true
}

/// What an action asks for; none where it is no verb, or opens something first.
fn meaning(app: &App, action: Action, target: &Target) -> Option<(Verb, Options)> {
    let plain = |verb| Some((verb, Options::default()));
    let up = |options| Some((Verb::Up, options));
    match action {
        Action::Up | Action::UpProject => plain(Verb::Up),
        Action::Stop => plain(Verb::Stop),
        Action::Start => plain(Verb::Start),
        Action::Restart => plain(Verb::Restart),
        Action::Remove => plain(Verb::Remove),
        Action::Down => plain(Verb::Down),
        Action::Pause => plain(pause_or_not(app, target)),
        Action::Recreate => up(Options { force_recreate: true, ..Options::default() }),
        Action::Rebuild => up(Options { build: true, ..Options::default() }),
        Action::PullNewer => up(Options { pull: true, ..Options::default() }),
        Action::Build => plain(Verb::Build),
        Action::Pull => plain(Verb::Pull),
        Action::FreshVolumes => {
            up(Options { force_recreate: true, renew_volumes: true, ..Options::default() })
        }
        _ => None,
    }
}

/// Unpause where all that is alive is paused; else pause.
fn pause_or_not(app: &App, target: &Target) -> Verb {
    let containers = app.containers_in(target);
    let mut alive = containers.iter().filter(|container| container.state.is_alive()).peekable();
    let all_paused = alive.peek().is_some() && alive.all(|container| container.state == State::Paused);
    if all_paused { Verb::Unpause } else { Verb::Pause }
}

/// Sends a signal.
pub fn kill(app: &mut App, target: &Target, signal: &str, effects: &mut Vec<Effect>) {
    take(app, Verb::Kill(signal.to_owned()), target.clone(), Options::default(), None, effects);
}

/// Asks for another number of replicas: more at once, fewer by showing what goes.
pub fn scale(app: &mut App, service: &str, count: u32, effects: &mut Vec<Effect>) {
    let options = Options { scale: BTreeMap::from([(service.to_owned(), count)]), ..Options::default() };
    let target = Target::Services(vec![service.to_owned()]);
    take(app, Verb::Up, target, options, Some(Ask::IfItTakesAway), effects);
}

fn take(
    app: &mut App,
    verb: Verb,
    target: Target,
    options: Options,
    asks: Option<Ask>,
    effects: &mut Vec<Effect>,
) {
    let Some(project) = app.project.clone() else { return };
    let mut options = options;
    if let (Verb::Up, Target::Services(names)) = (&verb, &target) {
        // What was scaled here stays so while others are brought up that need it.
        let others = app.scales.iter().filter(|(name, _)| !names.contains(name));
        options.scale.extend(others.map(|(name, count)| (name.clone(), *count)));
    }
    let asks = if is_out_of_sight(app, &target) { Some(Ask::Always) } else { asks };
    let services = app.services_of(&target);
    app.runs.failures.retain(|service, _| !services.contains(service));
    let target = if verb == Verb::Up { of_services(app, target) } else { target };
    if matches!(verb, Verb::Stop | Verb::Kill(_) | Verb::Down) {
        cancel_ups(app, &services, effects);
    }
    // What settled there is told by the new verb from now on.
    app.runs.all.retain(|_, run| !(matches!(run.phase, Phase::Settling { .. }) && run.touches(&services)));
    app.runs.taken += 1;
    let id = RunId(app.runs.taken);
    let run = Run {
        id,
        request: Request { project, verb, target, options },
        services,
        phase: Phase::Planning,
        taken_at: app.now.mono,
        began_at: None,
        plan: None,
        progress: Vec::new(),
        ops_before: 0,
        started_before: BTreeMap::new(),
        asks,
        failed: None,
        failing_since: None,
    };
    app.runs.all.insert(id, run);
    if !app.marks.is_empty() {
        app.last_marks = std::mem::take(&mut app.marks);
    }
    flow::plan_or_queue(app, id, effects);
}

/// Whether marks that the filter hides are among what the verb acts on.
fn is_out_of_sight(app: &App, target: &Target) -> bool {
    let Target::Services(names) = target else { return false };
    app.hidden_marks().iter().any(|hidden| names.contains(hidden))
}

/// `up` brings services up, whichever of their containers was selected.
fn of_services(app: &App, target: Target) -> Target {
    match target {
        Target::Containers(_) => Target::Services(app.services_of(&target).into_iter().collect()),
        other => other,
    }
}

/// Stop, kill and down do not wait for an `up` of the same services: they cancel it.
fn cancel_ups(app: &mut App, services: &BTreeSet<String>, effects: &mut Vec<Effect>) {
    let ups: Vec<RunId> = app
        .runs
        .all
        .values()
        .filter(|run| run.request.verb == Verb::Up && run.phase.holds() && run.touches(services))
        .map(|run| run.id)
        .collect();
    for id in ups {
        flow::cancel(app, id, effects);
    }
}

/// Cancels the verb that was taken last and is still on its way.
pub fn cancel_last(app: &mut App, effects: &mut Vec<Effect>) {
    let last = app.runs.all.values().rev().find(|run| run.phase.holds() && run.phase != Phase::Cancelling);
    if let Some(id) = last.map(|run| run.id) {
        flow::cancel(app, id, effects);
    }
}
