//! The way of a verb from its plan to its end. A plan is carried out only as it was shown: on Enter it is made again, and
//! if it is another one, that one is shown.

use std::sync::Arc;

use super::{Ask, OpProgress, Phase, Run, outcome, settle};
use crate::app::layers::{Details, DownDialog, Layer, PlanDialog, Tab};
use crate::app::{App, Effect, Grade, Input, RunEnd, RunId};
use crate::plan::{OpReport, OpState, Options, Plan, RunFailure, Verb};

/// Asks for the plan of a run, unless an earlier verb claims its services: then it waits.
pub(super) fn plan_or_queue(app: &mut App, id: RunId, effects: &mut Vec<Effect>) {
    let is_blocked = app.runs.is_blocked(id);
    let Some(run) = app.runs.all.get_mut(&id) else { return };
    if is_blocked {
        run.phase = Phase::Queued;
    } else {
        // A plan that was agreed to and then had to wait is compared with the one that is made now.
        run.phase = if run.plan.is_some() { Phase::Confirming } else { Phase::Planning };
        effects.push(Effect::Plan { run: id, request: run.request.clone() });
    }
    outcome::tell(app, id);
}

/// A plan was made, or could not be.
pub fn planned(app: &mut App, id: RunId, result: Result<Arc<Plan>, RunFailure>, effects: &mut Vec<Effect>) {
    // A plan for a run that was left or cancelled meanwhile is of no use.
    let Some(run) = app.runs.all.get_mut(&id) else { return };
    let plan = match result {
        Ok(plan) => plan,
        Err(failure) => return finish(app, id, Grade::Bad, failure.to_string(), effects),
    };
    match run.phase {
        Phase::Planning => {
            let shows = asks(run, &plan);
            run.plan = Some(plan);
            if shows {
                show(app, id, false, effects);
            } else {
                go(app, id, effects);
            }
        }
        Phase::Confirming => {
            let is_same = run.plan.as_ref().is_some_and(|shown| shown.ops == plan.ops);
            let shows = !is_same && run.asks.is_some();
            run.plan = Some(plan);
            if shows {
                show(app, id, true, effects);
            } else {
                go(app, id, effects);
                follow(app, id);
            }
        }
        Phase::Queued | Phase::Asking | Phase::Running | Phase::Cancelling | Phase::Settling { .. } => {}
    }
}

/// The dialog of a plan that was agreed to shows from now on how its steps get on. One that has to wait is told in the rows.
fn follow(app: &mut App, id: RunId) {
    if !app.runs.get(id).is_some_and(Run::is_under_way) {
        return close_dialog(app, id);
    }
    for layer in app.layers.iter_mut().filter(|layer| layer.run() == Some(id)) {
        let opened_at = layer.opened_at().unwrap_or_default();
        *layer = Layer::Plan(PlanDialog { run: id, opened_at, offset: 0, has_changed: false });
    }
}

/// Whether a plan is shown before it is carried out.
fn asks(run: &Run, plan: &Plan) -> bool {
    match run.asks {
        None => false,
        Some(Ask::Always) => true,
        Some(Ask::IfItTakesAway) => plan.is_destructive(),
    }
}

/// Shows the plan in its dialog, opening it where it is not open yet. With nothing to do there is nothing to ask.
fn show(app: &mut App, id: RunId, has_changed: bool, effects: &mut Vec<Effect>) {
    let Some(run) = app.runs.all.get_mut(&id) else { return };
    let is_open = app.layers.iter().any(|layer| layer.run() == Some(id));
    if run.plan.as_ref().is_some_and(|plan| plan.is_empty()) && !is_open {
        return finish(app, id, Grade::Good, outcome::nothing_to_do(app, id), effects);
    }
    run.phase = Phase::Asking;
    let opened_at = app.now.mono;
    let layer = app.layers.iter_mut().find(|layer| layer.run() == Some(id));
    match layer {
        Some(Layer::Plan(dialog)) => {
            dialog.has_changed = has_changed;
            dialog.opened_at = if has_changed { opened_at } else { dialog.opened_at };
        }
        Some(Layer::Down(dialog)) => {
            dialog.has_changed = has_changed;
            dialog.opened_at = if has_changed { opened_at } else { dialog.opened_at };
        }
        _ if run.request.verb == Verb::Down => {
            let dialog = DownDialog { run: id, opened_at, cursor: 0, typed: Input::default(), has_changed };
            app.layers.push(Layer::Down(dialog));
        }
        _ => app.layers.push(Layer::Plan(PlanDialog { run: id, opened_at, offset: 0, has_changed })),
    }
    outcome::tell(app, id);
}

/// Carries a plan out, or lets it wait for an earlier verb that claims one of its services.
fn go(app: &mut App, id: RunId, effects: &mut Vec<Effect>) {
    if app.runs.is_blocked(id) {
        if let Some(run) = app.runs.all.get_mut(&id) {
            run.phase = Phase::Queued;
        }
        return outcome::tell(app, id);
    }
    let before = started_now(app);
    let now = app.now.mono;
    let Some(run) = app.runs.all.get_mut(&id) else { return };
    let Some(plan) = run.plan.clone() else { return };
    if plan.is_empty() {
        return finish(app, id, Grade::Good, outcome::nothing_to_do(app, id), effects);
    }
    run.phase = Phase::Running;
    run.began_at = Some(now);
    run.started_before = before;
    run.progress = vec![OpProgress { state: None, since: now }; plan.ops.len()];
    effects.push(Effect::Execute { run: id, request: run.request.clone(), plan });
    outcome::tell(app, id);
}

/// When each container was last started, as known now: what is started by the run is told by the difference.
fn started_now(app: &App) -> super::StartedBefore {
    app.engine.containers.values().map(|one| (one.id.clone(), one.started_at)).collect()
}

/// Enter in a dialog: the plan is made again, from a fresh read.
pub fn confirm(app: &mut App, id: RunId, effects: &mut Vec<Effect>) {
    let Some(run) = app.runs.all.get_mut(&id).filter(|run| run.phase == Phase::Asking) else { return };
    if run.plan.as_ref().is_some_and(|plan| plan.is_empty()) {
        close_dialog(app, id);
        return finish(app, id, Grade::Good, outcome::nothing_to_do(app, id), effects);
    }
    run.phase = Phase::Confirming;
    effects.push(Effect::Plan { run: id, request: run.request.clone() });
}

/// An option in a dialog was turned: the plan is made anew.
pub fn change_options(app: &mut App, id: RunId, turn: impl Fn(&mut Options), effects: &mut Vec<Effect>) {
    let Some(run) = app.runs.all.get_mut(&id) else { return };
    if !matches!(run.phase, Phase::Asking | Phase::Planning) {
        return;
    }
    turn(&mut run.request.options);
    run.phase = Phase::Planning;
    run.asks = Some(Ask::Always);
    effects.push(Effect::Plan { run: id, request: run.request.clone() });
}

/// The dialog was left: nothing is done.
pub fn leave(app: &mut App, id: RunId, effects: &mut Vec<Effect>) {
    app.runs.all.remove(&id);
    app.activity.forget_run(id);
    app.outcome = None;
    release(app, effects);
}

/// Cancels a run: at once while nothing has begun, else by asking execution to stop.
pub(super) fn cancel(app: &mut App, id: RunId, effects: &mut Vec<Effect>) {
    let Some(run) = app.runs.all.get_mut(&id) else { return };
    if run.phase == Phase::Running {
        run.phase = Phase::Cancelling;
        effects.push(Effect::Cancel(id));
        return outcome::tell(app, id);
    }
    if run.phase != Phase::Cancelling {
        close_dialog(app, id);
        let text = format!("{} cancelled", outcome::title(app, id));
        finish(app, id, Grade::Neutral, text, effects);
    }
}

/// The run goes on with another plan: images are there, the convergence was planned anew.
pub fn replanned(app: &mut App, id: RunId, plan: Arc<Plan>) {
    let now = app.now.mono;
    let Some(run) = app.runs.all.get_mut(&id) else { return };
    run.ops_before += run.progress.iter().filter(|op| op.state == Some(OpState::Done)).count();
    run.progress = vec![OpProgress { state: None, since: now }; plan.ops.len()];
    run.plan = Some(plan);
}

/// An op changed its state.
pub fn progressed(app: &mut App, id: RunId, report: OpReport) {
    // The row shows the whole, not its parts.
    if matches!(report.state, OpState::Detail(_)) {
        return;
    }
    let now = app.now.mono;
    let Some(op) = app.runs.all.get_mut(&id).and_then(|run| run.progress.get_mut(report.op.0)) else {
        return;
    };
    if op.state.is_none() {
        op.since = now;
    }
    let is_done = report.state == OpState::Done;
    op.state = Some(report.state);
    if is_done {
        outcome::tell_progress(app, id);
    }
}

/// A run ended.
pub fn ended(app: &mut App, id: RunId, end: RunEnd, effects: &mut Vec<Effect>) {
    let now = app.now.mono;
    let Some(run) = app.runs.all.get_mut(&id) else { return };
    if !matches!(run.request.verb, Verb::Kill(_)) {
        let claims = run.services.iter().chain(run.plan.iter().flat_map(|plan| &plan.claims));
        app.runs.ended.extend(claims.cloned().map(|service| (service, now)).collect::<Vec<_>>());
    }
    if end == RunEnd::Done {
        keep_scale(app, id);
    }
    if let RunEnd::Failed(failure) = &end {
        remember(app, id, failure);
    }
    let Some(run) = app.runs.all.get_mut(&id) else { return };
    match end {
        RunEnd::Done if settle::is_awaited(run) => {
            run.phase = Phase::Settling { since: now };
            close_dialog(app, id);
            outcome::tell(app, id);
            release(app, effects);
        }
        RunEnd::Done => finish(app, id, Grade::Good, outcome::done(app, id), effects),
        RunEnd::Cancelled => {
            let text = format!("{} cancelled", outcome::title(app, id));
            finish(app, id, Grade::Neutral, text, effects);
        }
        RunEnd::Failed(failure) if settle::waited_for(run).is_some() => {
            // Why the other one failed stands in its log.
            run.failed = settle::waited_for(run).map(|service| (service, failure));
            run.phase = Phase::Settling { since: now };
            release(app, effects);
        }
        RunEnd::Failed(failure) => finish(app, id, Grade::Bad, failure.to_string(), effects),
    }
}

/// The numbers of replicas that were asked for hold from now on; without a number asked for, the file's does.
fn keep_scale(app: &mut App, id: RunId) {
    let Some(run) = app.runs.get(id) else { return };
    let (verb, target, asked) =
        (run.request.verb.clone(), run.request.target.clone(), run.request.options.scale.clone());
    match verb {
        Verb::Up => {
            let services = app.services_of(&target);
            app.scales.retain(|service, _| !services.contains(service));
            app.scales.extend(asked);
        }
        Verb::Down => app.scales.clear(),
        _ => {}
    }
}

/// The run is over: its outcome is told, and those that waited for it go on.
pub(super) fn finish(app: &mut App, id: RunId, grade: Grade, text: String, effects: &mut Vec<Effect>) {
    let is_watched = app.layer().is_some_and(|layer| layer.run() == Some(id));
    let failed = app.runs.get(id).and_then(failed_service).filter(|_| is_watched && grade == Grade::Bad);
    close_dialog(app, id);
    outcome::tell_end(app, id, grade, text);
    app.runs.all.remove(&id);
    // Who watched it fail wants to know why.
    if let Some(service) = failed {
        app.layers.push(Layer::Details(Details { service, tab: Tab::default(), offset: 0 }));
    }
    release(app, effects);
}

/// The service whose op failed; of a wait the one that was waited for.
fn failed_service(run: &Run) -> Option<String> {
    let ops = run.plan.iter().flat_map(|plan| &plan.ops).zip(&run.progress);
    let mut failed = ops.filter(|(_, progress)| matches!(progress.state, Some(OpState::Failed(_))));
    let (op, _) = failed.next()?;
    settle::waited_for(run).or_else(|| op.service.clone())
}

/// What failed is told in the story of its service until a verb takes that on again.
fn remember(app: &mut App, id: RunId, failure: &RunFailure) {
    let Some(run) = app.runs.get(id) else { return };
    if let Some(service) = failed_service(run) {
        let text = format!("{}: {failure}", outcome::title_of(app, run));
        app.runs.failures.insert(service, text);
    }
}

/// Verbs that waited are planned now, as far as nothing before them claims their services.
fn release(app: &mut App, effects: &mut Vec<Effect>) {
    let queued: Vec<RunId> =
        app.runs.all.values().filter(|run| run.phase == Phase::Queued).map(|run| run.id).collect();
    for id in queued {
        if !app.runs.is_blocked(id) {
            plan_or_queue(app, id, effects);
        }
    }
}

fn close_dialog(app: &mut App, id: RunId) {
    app.layers.retain(|layer| layer.run() != Some(id));
}
