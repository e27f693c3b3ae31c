//! Verbs: a plan from a fresh read, and its execution. What to do is decided by `plan`, when by `app`.

use std::collections::HashMap;
use std::sync::Arc;

use tokio::sync::mpsc;

use super::SharedProject;
use super::perform::Tasks;
use crate::app::{Msg, RunEnd, RunId};
use crate::compose::model::Project;
use crate::engine::{self, Cancel, Engine, cancellation};
use crate::plan::{self, Op, OpId, OpKind, OpReport, OpState, Options, Plan, Request, RunFailure, Target};

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
            let result = match project {
                Ok(project) => make(engine.as_ref(), project.as_deref(), &request).await.map(Arc::new),
                Err(failure) => Err(failure),
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

/// Observes and plans.
async fn make(
    engine: Option<&Engine>,
    project: Option<&Project>,
    request: &Request,
) -> Result<Plan, RunFailure> {
    let what = describe(request);
    let Some(engine) = engine else {
        let why = "the engine is out of reach".to_owned();
        return Err(RunFailure { what, why, hint: Some("it is tried again by itself".to_owned()) });
    };
    let images: Vec<String> = project.map(image_names).unwrap_or_default();
    let observed = engine::observe(engine, &request.project, &images).await.map_err(|error| RunFailure {
        what: what.clone(),
        why: error.to_string(),
        hint: None,
    })?;
    plan::make(project, &observed, request).map_err(|refusal| RunFailure {
        what,
        why: refusal.why,
        hint: refusal.hint,
    })
}

/// The images that the services of a project run, each once.
fn image_names(project: &Project) -> Vec<String> {
    let mut names: Vec<String> =
        project.services.values().map(|service| service.image_name(&project.name)).collect();
    names.sort();
    names.dedup();
    names
}

fn describe(request: &Request) -> String {
    let verb = request.verb.name();
    match &request.target {
        Target::Project => format!("{verb} {}", request.project),
        Target::Services(services) => format!("{verb} {}", services.join(", ")),
        Target::Containers(containers) => {
            format!("{verb} {}", containers.iter().map(|id| id.short()).collect::<Vec<_>>().join(", "))
        }
    }
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
        match self.stages(plan).await {
            Ok(states) => end_of(&states),
            Err(failure) => RunEnd::Failed(failure),
        }
    }

    /// A provisional plan is carried out as far as its images; the rest is planned anew from what came of them.
    async fn stages(&self, mut plan: Arc<Plan>) -> Result<Vec<OpState>, RunFailure> {
        let engine = self.engine.as_ref().ok_or_else(|| RunFailure {
            what: describe(&self.request),
            why: "the engine is out of reach".to_owned(),
            hint: None,
        })?;
        if plan.is_provisional {
            let (images, places) = image_stage(&plan);
            let states = self.execute(engine, &images, &places).await;
            if end_of(&states) != RunEnd::Done {
                return Ok(states);
            }
            let options = Options { build: false, pull: false, ..self.request.options.clone() };
            let request = Request { options, ..self.request.clone() };
            plan = Arc::new(make(Some(engine), self.project.as_deref(), &request).await?);
            send(&self.results, Msg::Replanned { run: self.id, plan: Arc::clone(&plan) });
        }
        let places: HashMap<OpId, OpId> = HashMap::new();
        Ok(self.execute(engine, &plan, &places).await)
    }

    /// Executes, and passes the reports on with each op's place in the plan that the screen knows.
    async fn execute(&self, engine: &Engine, plan: &Plan, places: &HashMap<OpId, OpId>) -> Vec<OpState> {
        let (sender, mut reports) = mpsc::unbounded_channel::<OpReport>();
        let pass_on = async {
            while let Some(report) = reports.recv().await {
                let op = places.get(&report.op).copied().unwrap_or(report.op);
                send(&self.results, Msg::Progress { run: self.id, report: OpReport { op, ..report } });
            }
        };
        let work = async {
            let states = engine::execute(engine, plan, &sender, &self.cancel).await;
            drop(sender);
            states
        };
        futures::join!(work, pass_on).0
    }
}

/// The ops that pull and build, as a plan of their own, and their places in the whole.
fn image_stage(plan: &Plan) -> (Plan, HashMap<OpId, OpId>) {
    let is_image = |op: &Op| matches!(op.kind, OpKind::PullImage { .. } | OpKind::BuildImage { .. });
    let chosen: Vec<usize> = (0..plan.ops.len()).filter(|index| is_image(&plan.ops[*index])).collect();
    let place = |op: &OpId| chosen.iter().position(|index| *index == op.0).map(OpId);
    let ops = chosen.iter().map(|index| {
        let op = plan.ops[*index].clone();
        Op { after: op.after.iter().filter_map(place).collect(), ..op }
    });
    let places = chosen.iter().enumerate().map(|(new, old)| (OpId(new), OpId(*old))).collect();
    (Plan { ops: ops.collect(), ..Plan::default() }, places)
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
