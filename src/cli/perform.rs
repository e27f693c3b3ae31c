//! A request carried out headless: planned, told of as it goes, and what went wrong at its end.
//!
//! It decides nothing about containers; the plan does. A dry run prints the plan and ends there.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::Arc;

use color_eyre::eyre::{Result, WrapErr, eyre};
use tokio::sync::mpsc;

use super::global::says_yes;
use super::headless::{HookOutput, INTERRUPTED, Session};
use super::progress::{DRY, Event, FRAME, Mood};
use super::signals::Interrupts;
use super::telling;
use crate::engine::{self, Cancel, RunReport, cancellation};
use crate::plan::{
    Detail, OnFailure, Op, OpId, OpKind, OpReport, OpState, Plan, PlanNote, Request, RunFailure, Verb,
};

/// How a request ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended {
    /// As it should.
    Well,
    /// Some op failed; the person has been told.
    Failed,
    /// It was interrupted.
    Cancelled,
}

impl Ended {
    /// As an exit code.
    pub fn code(&self) -> ExitCode {
        match self {
            Self::Well => ExitCode::SUCCESS,
            Self::Failed => ExitCode::FAILURE,
            Self::Cancelled => ExitCode::from(INTERRUPTED),
        }
    }
}

/// A request to its end, with interrupts heard.
///
/// # Errors
/// Where there is no plan.
pub async fn verb(session: &Session, request: &Request) -> Result<ExitCode> {
    let plan = plan(session, request).await?;
    planned(session, request, plan).await
}

/// A request whose plan is made, to its end, with interrupts heard.
///
/// # Errors
/// As for [`carry_out`].
pub async fn planned(session: &Session, request: &Request, plan: Plan) -> Result<ExitCode> {
    let (canceller, cancel) = cancellation();
    let mut interrupts = Interrupts::listen();
    let work = Box::pin(carry_out(session, request, plan, &cancel));
    Ok(interrupts.cancelling(&canceller, work).await?.code())
}

/// Plans a request and carries it out.
///
/// # Errors
/// Where the engine cannot be read, or the plan is refused: nothing has been done then.
pub async fn perform(session: &Session, request: &Request, cancel: &Cancel) -> Result<Ended> {
    let plan = plan(session, request).await?;
    carry_out(session, request, plan, cancel).await
}

/// Plans a request.
///
/// # Errors
/// Where the engine cannot be read, or the plan is refused.
pub async fn plan(session: &Session, request: &Request) -> Result<Plan> {
    let made = engine::make_plan(&session.engine, session.project.as_ref(), request).await;
    made.map_err(|failure| refused(&failure))
}

/// Carries out the plan of a request; a dry run prints it.
///
/// # Errors
/// Where the plan after images is refused, or standard error is closed.
pub async fn carry_out(session: &Session, request: &Request, plan: Plan, cancel: &Cancel) -> Result<Ended> {
    let project = session.project.as_ref();
    let plan = Arc::new(plan);
    if !request.options.images_ready {
        tell_notes(session, &request.verb, &plan);
    }
    if session.global.dry_run {
        rehearse(session, request, &plan)?;
        return Ok(Ended::Well);
    }
    let (sender, reports) = mpsc::unbounded_channel();
    let work = async {
        let ended =
            engine::carry_out(&session.engine, project, request, Arc::clone(&plan), &sender, cancel).await;
        drop(sender);
        ended
    };
    let (ended, last) = futures::join!(work, tell(session, request, Arc::clone(&plan), reports));
    match ended {
        Ok(states) => conclude(&last, &states),
        Err(failure) => Err(refused(&failure)),
    }
}

/// Tells what would be done: each op as if it were done, as Docker Compose has it, then the plan with its causes.
fn rehearse(session: &Session, request: &Request, plan: &Plan) -> Result<()> {
    if request.verb == Verb::Up {
        for event in telling::unchanged(plan) {
            session.progress.tell(&event);
        }
    }
    for id in (0..plan.ops.len()).map(OpId) {
        for state in [OpState::Started, OpState::Done] {
            for event in telling::events(plan, id, &state) {
                session.progress.tell(&event);
            }
        }
    }
    session.progress.settle();
    let text = if plan.is_empty() { "nothing to do\n".to_owned() } else { plan.to_string() };
    let lines: String = text.lines().map(|line| format!("{DRY}{line}\n")).collect();
    io::stderr().lock().write_all(lines.as_bytes()).wrap_err("print the plan")
}

/// Tells of every report; returns the plan that was carried out last.
async fn tell(
    session: &Session,
    request: &Request,
    plan: Arc<Plan>,
    mut reports: mpsc::UnboundedReceiver<RunReport>,
) -> Arc<Plan> {
    let mut teller = Teller { session, request, plan, begun: BTreeSet::new(), refused: BTreeSet::new() };
    teller.tell_unchanged();
    while let Some(report) = next(session, &mut reports).await {
        match report {
            RunReport::Op(report) => teller.tell_op(&report),
            RunReport::Replanned(next) => {
                teller = Teller { plan: next, begun: BTreeSet::new(), refused: BTreeSet::new(), ..teller };
                teller.tell_unchanged();
            }
        }
    }
    session.progress.settle();
    teller.plan
}

/// What is told of one plan, and what was.
struct Teller<'a> {
    session: &'a Session,
    request: &'a Request,
    plan: Arc<Plan>,
    /// What goes on.
    begun: BTreeSet<OpId>,
    /// Images that could not be pulled and dependencies that are not ready, though the plan goes on.
    refused: BTreeSet<OpId>,
}

impl Teller<'_> {
    fn say(&self, events: Vec<Event>) {
        for event in events {
            self.session.progress.tell(&event);
        }
    }

    /// What is as it was asked to be already.
    fn tell_unchanged(&self) {
        match &self.request.verb {
            Verb::Up if !self.request.options.images_ready => self.say(telling::unchanged(&self.plan)),
            Verb::Stop => {
                self.plan.kept.iter().for_each(|id| self.say(telling::idle_stop(&self.plan, id)));
            }
            _ => {}
        }
    }

    fn tell_op(&mut self, report: &OpReport) {
        let OpReport { op, state } = report;
        self.tell_hook(*op, state);
        if is_silent(self.session, self.request, &self.plan, *op) {
            return;
        }
        match state {
            OpState::Started => {
                self.begun.insert(*op);
                let stops = matches!(self.request.verb, Verb::Up | Verb::Down);
                if let Some(id) = telling::removed(&self.plan, *op).filter(|_| stops) {
                    self.say(telling::idle_stop(&self.plan, id));
                }
            }
            OpState::Detail(Detail::Output(line)) if !self.is_hook(*op) => {
                // Where nobody reads it, the build goes on all the same.
                let _ = self.session.progress.pass_on(line);
            }
            OpState::Detail(Detail::Refused(why)) => {
                self.refused.insert(*op);
                if let Some(text) = telling::done_without(&self.plan, *op, why) {
                    super::progress::warn(&text);
                }
            }
            OpState::Done if self.refused.contains(op) => return,
            OpState::Cancelled if self.begun.contains(op) => self.say(telling::interrupted(&self.plan, *op)),
            OpState::Failed(failure) if self.fails_alone(*op) => {
                let refused = OpState::Detail(Detail::Refused(failure.why.clone()));
                return self.say(telling::events(&self.plan, *op, &refused));
            }
            _ => {}
        }
        self.say(telling::events(&self.plan, *op, state));
    }

    fn is_hook(&self, op: OpId) -> bool {
        self.plan.op(op).is_some_and(|op| matches!(op.kind, OpKind::RunHook { .. }))
    }

    /// Passes the output of a hook to whoever wants it.
    fn tell_hook(&self, op: OpId, state: &OpState) {
        let (Some(hooks), Some(hook)) = (self.session.hooks.get(), self.plan.op(op)) else { return };
        let text = match state {
            OpState::Detail(Detail::Output(text)) => Some(text.clone()),
            OpState::Done | OpState::Failed(_) => None,
            _ => return,
        };
        if self.is_hook(op) {
            // Whoever wanted it may be gone.
            let _ = hooks.send(HookOutput { container: hook.subject.clone(), text });
        }
    }

    fn fails_alone(&self, op: OpId) -> bool {
        let pull = self.plan.op(op).map(|op| &op.kind);
        matches!(pull, Some(OpKind::PullImage { on_failure: OnFailure::FailAlone, .. }))
    }
}

/// The next report; until there is one, what stands on a terminal goes with the time.
async fn next(session: &Session, reports: &mut mpsc::UnboundedReceiver<RunReport>) -> Option<RunReport> {
    if !session.progress.is_live() {
        return reports.recv().await;
    }
    loop {
        tokio::select! {
            report = reports.recv() => return report,
            () = tokio::time::sleep(FRAME) => session.progress.refresh(),
        }
    }
}

/// Whether nothing is told of an op: a pull or build that was to be quiet, the container that `run` makes, and the start of
/// what is then attached to.
fn is_silent(session: &Session, request: &Request, plan: &Plan, id: OpId) -> bool {
    if request.verb == Verb::Up && request.options.images_ready {
        return true;
    }
    match plan.op(id).map(|op| &op.kind) {
        Some(OpKind::PullImage { .. }) => session.silence.pulls,
        Some(OpKind::BuildImage { .. }) => session.silence.builds,
        Some(OpKind::CreateContainer { .. }) => matches!(request.verb, Verb::Run(_)),
        _ => false,
    }
}

/// Says what failed, why, and what was done and what not.
fn conclude(plan: &Plan, states: &[OpState]) -> Result<Ended> {
    let failed = states.iter().enumerate().filter_map(|(place, state)| match state {
        OpState::Failed(failure) => Some(telling::failure(plan, OpId(place), failure)),
        _ => None,
    });
    let failures: Vec<String> = failed.collect();
    let was_cancelled = states.contains(&OpState::Cancelled);
    if failures.is_empty() && !was_cancelled {
        return Ok(Ended::Well);
    }
    let mut text = to_build(plan, states);
    text.extend(failures.iter().map(|failure| format!("{failure}\n")));
    if failures.is_empty() {
        text.push_str("interrupted\n");
    }
    text.push_str(&account(plan, states));
    io::stderr().lock().write_all(text.as_bytes()).wrap_err("print the failure")?;
    Ok(if was_cancelled && failures.is_empty() { Ended::Cancelled } else { Ended::Failed })
}

/// The services whose images were not pulled and can be built, in Docker Compose's words.
fn to_build(plan: &Plan, states: &[OpState]) -> String {
    let failed = |place: &usize| matches!(states.get(*place), Some(OpState::Failed(_)));
    let services: Vec<&str> = (0..plan.ops.len())
        .filter(failed)
        .filter_map(|place| match &plan.ops[place] {
            Op { kind: OpKind::PullImage { on_failure: OnFailure::FailAlone, .. }, service, .. } => {
                service.as_deref()
            }
            _ => None,
        })
        .collect();
    if services.is_empty() {
        return String::new();
    }
    let command = format!("docker compose build {}", services.join(" "));
    format!("WARNING: Some service image(s) must be built from source by running:\n    {command}\n")
}

/// Which ops were done and which were not, where there is something to tell of both.
fn account(plan: &Plan, states: &[OpState]) -> String {
    let name = |id: usize| plan.op(OpId(id)).map(|op| format!("{} {}", op.kind.name(), op.subject));
    let of = |wanted: fn(&OpState) -> bool| -> Vec<String> {
        let ids = states.iter().enumerate().filter(|(_, state)| wanted(state));
        ids.filter_map(|(id, _)| name(id)).collect()
    };
    let done = of(|state| *state == OpState::Done);
    let left = of(|state| matches!(state, OpState::Skipped | OpState::Cancelled));
    let mut text = String::new();
    if !left.is_empty() {
        if !done.is_empty() {
            text.push_str(&format!("done: {}\n", done.join(", ")));
        }
        text.push_str(&format!("not done: {}\n", left.join(", ")));
    }
    text
}

fn refused(failure: &RunFailure) -> color_eyre::Report {
    match &failure.hint {
        Some(hint) => eyre!("{} ({hint})", failure.why),
        None => eyre!("{}", failure.why),
    }
}

/// Warnings of a plan, and the orphans that it leaves alone: of those Docker Compose has nothing to say in `down`.
fn tell_notes(session: &Session, verb: &Verb, plan: &Plan) {
    let mut orphans = Vec::new();
    for note in &plan.notes {
        match note {
            PlanNote::Orphan { container, .. } => orphans.push(container.as_str()),
            PlanNote::Warning(text) => super::progress::warn(text),
            PlanNote::VolumeDiffers { .. } | PlanNote::PortTaken { .. } => {
                super::progress::warn(&note.to_string());
            }
            PlanNote::NotPulled { service, why } => {
                let text = if why.is_empty() { "Skipped".to_owned() } else { format!("Skipped - {why}") };
                session.progress.tell(&Event { text, ..Event::of(service, "", Mood::Done) });
            }
            PlanNote::KeepsVolume { .. } | PlanNote::KeepsContainer { .. } => {}
        }
    }
    let ignores = session.project.as_ref().is_some_and(|project| says_yes(project, "COMPOSE_IGNORE_ORPHANS"));
    if !orphans.is_empty() && !ignores && *verb != Verb::Down {
        super::progress::warn(&format!(
            "Found orphan containers ([{}]) for this project. If you removed or renamed this service in your compose file, \
             you can run this command with the --remove-orphans flag to clean it up.",
            orphans.join(" ")
        ));
    }
}
