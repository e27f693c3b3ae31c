//! Verbs: a plan from a fresh read, and its execution. What to do is decided by `plan`, when by `app`.

use std::sync::Arc;

use tokio::sync::mpsc;

use super::SharedProject;
use super::perform::Tasks;
use crate::app::{Msg, RunEnd, RunId};
use crate::engine::{self, Cancel, Engine, RunReport, cancellation};
use crate::plan::{OpReport, OpState, Plan, Request, RunFailure};

impl Tasks {
    /// Makes a plan from a fresh read: of the files, where the verb needs them, and of the engine.
    pub(super) fn plan(&mut self, run: RunId, request: Request) {
        let reading = request.verb.needs_file().then(|| self.read_files());
        let known = self.project.clone();
        let engine = self.engine.borrow().clone();
        let results = self.results.clone();
        tokio::spawn(async move {
            let project = match reading {
                Some(reading) => reading.await.map(Some),
                None => Ok(known),
            };
            let result = match (project, reached(engine.as_ref(), &request)) {
                (Ok(project), Ok(engine)) => {
                    engine::make_plan(engine, project.as_deref(), &request).await.map(Arc::new)
                }
                (Err(failure), _) | (_, Err(failure)) => Err(failure),
            };
            send(&results, Msg::Planned { run, result });
        });
    }

    /// Carries out a plan.
    pub(super) fn execute(&mut self, run: RunId, request: Request, plan: Arc<Plan>) {
        let (canceller, cancel) = cancellation();
        self.runs.insert(run, canceller);
        let task = Run {
            id: run,
            request,
            engine: self.engine.borrow().clone(),
            project: self.project.clone(),
            results: self.results.clone(),
            cancel,
        };
        tokio::spawn(async move {
            let end = task.carry_out(plan).await;
            send(&task.results, Msg::Ended { run, end });
        });
    }

    /// Cancels a run that is carried out. One that is not, or no longer, is none of ours.
    pub(super) fn cancel(&mut self, run: RunId) {
        if let Some(canceller) = self.runs.remove(&run) {
            canceller.cancel();
        }
    }
}

/// What the loop takes; only after its end does nobody take it.
pub(super) fn send(results: &mpsc::UnboundedSender<Msg>, msg: Msg) {
    drop(results.send(msg));
}

/// The engine, if it is in reach.
fn reached<'a>(engine: Option<&'a Engine>, request: &Request) -> Result<&'a Engine, RunFailure> {
    engine.ok_or_else(|| RunFailure {
        what: engine::describe(request),
        why: "the engine is out of reach".to_owned(),
        hint: Some("it is tried again by itself".to_owned()),
        is_answer: false,
    })
}

/// A run that is carried out.
struct Run {
    id: RunId,
    request: Request,
    engine: Option<Engine>,
    project: Option<SharedProject>,
    results: mpsc::UnboundedSender<Msg>,
    cancel: Cancel,
}

impl Run {
    async fn carry_out(&self, plan: Arc<Plan>) -> RunEnd {
        let engine = match reached(self.engine.as_ref(), &self.request) {
            Ok(engine) => engine,
            Err(failure) => return RunEnd::Failed(failure),
        };
        let (sender, mut reports) = mpsc::unbounded_channel::<RunReport>();
        let pass_on = async {
            while let Some(report) = reports.recv().await {
                // The dashboard shows the whole of a pull or build; each message is a turn of the loop.
                if !matches!(report, RunReport::Op(OpReport { state: OpState::Detail(_), .. })) {
                    send(&self.results, self.message(report));
                }
            }
        };
        let work = async {
            let project = self.project.as_deref();
            let end = engine::carry_out(engine, project, &self.request, plan, &sender, &self.cancel).await;
            drop(sender);
            end
        };
        match futures::join!(work, pass_on).0 {
            Ok(states) => end_of(&states),
            Err(failure) => RunEnd::Failed(failure),
        }
    }

    fn message(&self, report: RunReport) -> Msg {
        match report {
            RunReport::Op(report) => Msg::Progress { run: self.id, report },
            RunReport::Replanned(plan) => Msg::Replanned { run: self.id, plan },
        }
    }
}

/// How a run ended: its first failure, or a cancel, or well.
fn end_of(states: &[OpState]) -> RunEnd {
    let failure = states.iter().find_map(|state| match state {
        OpState::Failed(failure) => Some(failure.clone()),
        _ => None,
    });
    match failure {
        Some(failure) => RunEnd::Failed(failure),
        None if states.contains(&OpState::Cancelled) => RunEnd::Cancelled,
        None => RunEnd::Done,
    }
}
