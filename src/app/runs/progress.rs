//! What a service's row says while a verb is on its way to it.

use std::collections::BTreeMap;

use super::{OpProgress, Phase, Run};
use crate::app::{App, words};
use crate::plan::{Op, OpKind, OpState, Step};

/// How a step of a plan stands that is being carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It has not begun.
    Pending,
    /// It goes on: `pulling 43%`.
    Going(String),
    /// All of it is done.
    Done,
    /// One of its ops failed, and why.
    Failed(String),
    /// It was cancelled, or never begun because something before it failed.
    Left,
}

/// How a step stands; none while its run is not being carried out.
pub fn standing(app: &App, run: &Run, step: &Step) -> Option<Standing> {
    let plan = run.plan.as_ref().filter(|_| run.is_under_way())?;
    let ops: Vec<(&Op, &OpProgress)> =
        step.ops.iter().filter_map(|id| Some((plan.ops.get(id.0)?, run.progress.get(id.0)?))).collect();
    let states = || ops.iter().map(|(_, progress)| progress.state.as_ref());
    if let Some(OpState::Failed(failure)) =
        states().flatten().find(|state| matches!(state, OpState::Failed(_)))
    {
        return Some(Standing::Failed(failure.why.clone()));
    }
    if let Some((op, progress)) = ops.iter().find(|(_, progress)| is_going(progress)) {
        return Some(Standing::Going(of_op(app, op, progress)));
    }
    Some(match () {
        () if states().all(|state| state == Some(&OpState::Done)) => Standing::Done,
        () if states().flatten().any(|state| *state != OpState::Done) => Standing::Left,
        () if states().all(|state| state.is_none()) => Standing::Pending,
        () => Standing::Going(String::new()),
    })
}

/// What is being done to a service now, in place of its state: `pulling 43%`, `waits for db: starting 2/5`,
/// `stopping 4s`, `queued`. None while nothing is.
pub fn service_progress(app: &App, service: &str) -> Option<String> {
    let mut concerned = app.runs.all.values().filter(|run| concerns(run, service));
    concerned.find_map(|run| of_run(app, run, service))
}

/// The number of replicas of a service that a verb on its way asks for.
pub fn wanted_scale(app: &App, service: &str) -> Option<u32> {
    let mut scales = app.runs.all.values().rev().map(|run| &run.request.options.scale);
    scales.find_map(|scale: &BTreeMap<String, u32>| scale.get(service)).copied()
}

/// Whether a run is for a service, by its plan as soon as there is one.
fn concerns(run: &Run, service: &str) -> bool {
    run.services.contains(service) || run.plan.as_ref().is_some_and(|plan| plan.claims.contains(service))
}

fn of_run(app: &App, run: &Run, service: &str) -> Option<String> {
    let verb = run.request.verb.name();
    match run.phase {
        Phase::Queued => Some(format!("{verb} queued")),
        Phase::Planning | Phase::Confirming => run.services.contains(service).then(|| format!("{verb} …")),
        Phase::Asking | Phase::Settling { .. } => None,
        Phase::Running => of_ops(app, run, service),
        Phase::Cancelling => Some(of_ops(app, run, service).unwrap_or_else(|| "cancelling".to_owned())),
    }
}

/// The op that is being done for the service, or what the next one waits for.
fn of_ops(app: &App, run: &Run, service: &str) -> Option<String> {
    let plan = run.plan.as_ref()?;
    let own: Vec<(&Op, &OpProgress)> =
        plan.ops.iter().zip(&run.progress).filter(|(op, _)| op.service.as_deref() == Some(service)).collect();
    if let Some((op, progress)) = own.iter().find(|(_, progress)| is_going(progress)) {
        return Some(of_op(app, op, progress));
    }
    let (next, _) = own.iter().find(|(_, progress)| progress.state.is_none())?;
    let mut before = next.after.iter().filter_map(|id| Some((plan.ops.get(id.0)?, run.progress.get(id.0)?)));
    let wait = before.find(|(op, progress)| is_wait(op) && is_going(progress));
    Some(wait.map_or_else(|| "queued".to_owned(), |(op, progress)| of_op(app, op, progress)))
}

fn is_going(progress: &OpProgress) -> bool {
    matches!(progress.state, Some(OpState::Started | OpState::Progress { .. }))
}

fn is_wait(op: &Op) -> bool {
    matches!(op.kind, OpKind::Wait { .. })
}

fn of_op(app: &App, op: &Op, progress: &OpProgress) -> String {
    let told = match &progress.state {
        Some(OpState::Progress { text, .. }) => text.as_str(),
        _ => "",
    };
    let lasting = |word: &str| {
        let age = words::age(app.now.mono.saturating_sub(progress.since));
        format!("{word} {age}")
    };
    match &op.kind {
        OpKind::Wait { .. } if told.is_empty() => format!("waits for {}", op.subject),
        OpKind::Wait { .. } => format!("waits for {}: {told}", op.subject),
        _ if !told.is_empty() => told.to_owned(),
        OpKind::StopContainer { .. } => lasting("stopping"),
        OpKind::RestartContainer { .. } => lasting("restarting"),
        OpKind::PullImage { .. } => lasting("pulling"),
        OpKind::BuildImage { .. } => lasting("building"),
        OpKind::RunHook { .. } => lasting("hook"),
        kind => present(kind).to_owned(),
    }
}

/// What an op does, as a word of the present.
fn present(kind: &OpKind) -> &'static str {
    match kind {
        OpKind::CreateContainer { .. } | OpKind::CreateNetwork { .. } | OpKind::CreateVolume { .. } => {
            "creating"
        }
        OpKind::RenameContainer { .. } => "renaming",
        OpKind::DisconnectNetwork { .. } => "disconnecting",
        OpKind::ConnectNetwork { .. } => "connecting",
        OpKind::StartContainer { .. } => "starting",
        OpKind::PauseContainer { .. } => "pausing",
        OpKind::UnpauseContainer { .. } => "unpausing",
        OpKind::KillContainer { .. } => "killing",
        OpKind::PutArchive { .. } => "copying",
        OpKind::RemoveContainer { .. }
        | OpKind::RemoveNetwork { .. }
        | OpKind::RemoveVolume { .. }
        | OpKind::RemoveImage { .. } => "removing",
        OpKind::StopContainer { .. } => "stopping",
        OpKind::RestartContainer { .. } => "restarting",
        OpKind::PullImage { .. } => "pulling",
        OpKind::BuildImage { .. } => "building",
        OpKind::RunHook { .. } => "hook",
        OpKind::Wait { .. } => "waiting",
    }
}
