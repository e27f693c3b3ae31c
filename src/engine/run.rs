//! A verb from a fresh read to its end: observe, plan, execute, and once more after images. The dashboard, the command
//! line and the tests go this one way. What to do is decided by `plan`.

use std::collections::BTreeSet;
use std::sync::Arc;

use tokio::sync::mpsc;

use super::{Cancel, Engine, Error, execute, observe};
use crate::compose::model::Project;
use crate::observed::{ContainerId, Observed};
use crate::plan::{self, OpReport, OpState, Plan, Request, RunFailure, Target};

/// How often images may be seen to: a pull that fails where the service can be built as well needs two rounds. A third
/// that wants images again is a fault, and would go on for ever.
const IMAGE_ROUNDS: usize = 2;

/// What a run tells while it goes.
#[derive(Clone, Debug, PartialEq)]
pub enum RunReport {
    /// An op of the plan last told of changed its state.
    Op(OpReport),
    /// After images: what is carried out from now on.
    Replanned(Arc<Plan>),
}

/// Reads the engine and plans `request`.
///
/// # Errors
/// When the engine cannot be read, or the plan is refused: nothing has been done.
pub async fn make_plan(
    engine: &Engine,
    project: Option<&Project>,
    request: &Request,
) -> Result<Plan, RunFailure> {
    let what = describe(request);
    let observed = read(engine, project, request).await.map_err(|error| RunFailure {
        what: what.clone(),
        why: error.to_string(),
        hint: None,
        is_answer: false,
    })?;
    plan::make(project, &observed, request).map_err(|refusal| RunFailure {
        what,
        why: refusal.why,
        hint: refusal.hint,
        is_answer: false,
    })
}

/// What the plan is made from. Images are named by the file; those that may be removed carry the project's label.
async fn read(engine: &Engine, project: Option<&Project>, request: &Request) -> Result<Observed, Error> {
    let mut images = project.map(image_names).unwrap_or_default();
    if request.options.remove_local_images || request.options.remove_images {
        images.extend(engine.built_images(&request.project).await?);
    }
    observe(engine, &request.project, &images.into_iter().collect::<Vec<_>>()).await
}

/// Carries out a plan of `request`. A provisional one is carried out as far as its images; the rest is planned anew from
/// what came of them. Returns how the ops of the last plan that was begun ended.
///
/// # Errors
/// When the plan after images is refused, or images are still missing after them.
pub async fn carry_out(
    engine: &Engine,
    project: Option<&Project>,
    request: &Request,
    mut plan: Arc<Plan>,
    reports: &mpsc::UnboundedSender<RunReport>,
    cancel: &Cancel,
) -> Result<Vec<OpState>, RunFailure> {
    for _ in 0..IMAGE_ROUNDS {
        let states = round(engine, &plan, reports, cancel).await;
        if !plan.is_provisional || !went_well(&states) {
            return Ok(states);
        }
        plan = Arc::new(make_plan(engine, project, &request.after_images()).await?);
        // That nobody listens stops nothing.
        let _ = reports.send(RunReport::Replanned(Arc::clone(&plan)));
    }
    if plan.is_provisional {
        return Err(RunFailure {
            what: describe(request),
            why: "its images were pulled and built, and the engine still lacks one".to_owned(),
            hint: Some("is it made for the platform that the service asks for?".to_owned()),
            is_answer: false,
        });
    }
    Ok(round(engine, &plan, reports, cancel).await)
}

/// What is asked for, on what: `up web, db`.
pub fn describe(request: &Request) -> String {
    let verb = request.verb.name();
    match &request.target {
        Target::Project => format!("{verb} {}", request.project),
        Target::Services(services) => format!("{verb} {}", services.join(", ")),
        Target::Containers(containers) => {
            format!("{verb} {}", containers.iter().map(ContainerId::short).collect::<Vec<_>>().join(", "))
        }
    }
}

/// Executes one plan and passes its reports on.
async fn round(
    engine: &Engine,
    plan: &Plan,
    reports: &mpsc::UnboundedSender<RunReport>,
    cancel: &Cancel,
) -> Vec<OpState> {
    let (sender, mut received) = mpsc::unbounded_channel::<OpReport>();
    let pass_on = async {
        while let Some(report) = received.recv().await {
            let _ = reports.send(RunReport::Op(report));
        }
    };
    let work = async {
        let states = execute(engine, plan, &sender, cancel).await;
        drop(sender);
        states
    };
    futures::join!(work, pass_on).0
}

/// Whether nothing failed and nothing was cancelled.
fn went_well(states: &[OpState]) -> bool {
    !states.iter().any(|state| matches!(state, OpState::Failed(_) | OpState::Cancelled))
}

/// The images that the services of a project run, those that are off included: a verb may name one.
fn image_names(project: &Project) -> BTreeSet<String> {
    let services = project.services.values().chain(project.disabled_services.values());
    services.map(|service| project.image_of(service)).collect()
}
