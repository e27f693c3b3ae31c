//! Carries out a plan: what does not depend on each other at the same time, each op reported as it goes.
//!
//! Nothing is decided here; the plan says what, in which order, on what. A failed op skips what depends on it and
//! nothing else, but that a failed pull or build ends the other ones, since nothing is made without all images. A cancel ends interruptible ops at once, lets the others end, and begins no more.

mod archive;
mod build;
mod cancel;
mod container;
mod context;
mod failure;
mod hook;
mod layers;
mod pull;
mod resource;
mod wait;

use std::sync::OnceLock;
use std::time::Duration;

use futures::stream::{FuturesUnordered, StreamExt};
use tokio::sync::{Semaphore, mpsc};

use super::{Engine, Error};
use crate::observed::ContainerId;
use crate::plan::{ContainerRef, Detail, Op, OpId, OpKind, OpReport, OpState, Plan, RunFailure};

pub use cancel::{Cancel, Canceller, cancellation};
pub(super) use hook::create as create_exec;

/// Carries out `plan` and returns how every op ended, in the plan's order. Every change is reported as well; that
/// nobody listens to the reports stops nothing. Of a provisional plan only the images are seen to: the rest is left, and
/// not reported, since it is planned again.
pub async fn execute(
    engine: &Engine,
    plan: &Plan,
    reports: &mpsc::UnboundedSender<OpReport>,
    cancel: &Cancel,
) -> Vec<OpState> {
    let made: Vec<OnceLock<ContainerId>> = plan.ops.iter().map(|_| OnceLock::new()).collect();
    let is_left = |op: &Op| plan.is_provisional && !op.makes_image();
    let states = plan.ops.iter().map(|op| is_left(op).then_some(OpState::Skipped)).collect();
    let mut run = Run { plan, reports, states };
    let images = Semaphore::new(plan.images_at_once.unwrap_or(Semaphore::MAX_PERMITS));
    let images_given_up = cancellation();
    let mut running = FuturesUnordered::new();
    loop {
        if cancel.is_cancelled() {
            run.cancel_the_rest();
        }
        for id in run.settle_and_take_ready() {
            let op = &plan.ops[id.0];
            let images_given_up = &images_given_up;
            let step =
                Step { engine, op, id, made: &made, reports, cancel, images: &images, images_given_up };
            running.push(async move { (id, step.run().await) });
        }
        let Some((id, ending)) = (tokio::select! {
            ended = running.next() => ended,
            () = cancel.cancelled(), if !cancel.is_cancelled() => continue,
        }) else {
            break;
        };
        run.set(id, ending);
    }
    // Every op has ended unless the plan names ops that come later, which it must not.
    run.states.into_iter().map(|state| state.unwrap_or(OpState::Skipped)).collect()
}

/// How far the plan is.
struct Run<'a> {
    plan: &'a Plan,
    reports: &'a mpsc::UnboundedSender<OpReport>,
    /// None until begun; `Started` while it runs; then its end.
    states: Vec<Option<OpState>>,
}

impl Run<'_> {
    fn set(&mut self, op: OpId, state: OpState) {
        report(self.reports, op, state.clone());
        self.states[op.0] = Some(state);
    }

    fn cancel_the_rest(&mut self) {
        for id in (0..self.states.len()).filter(|id| self.states[*id].is_none()).collect::<Vec<_>>() {
            self.set(OpId(id), OpState::Cancelled);
        }
    }

    /// Skips what can no longer be begun, and begins what now can.
    fn settle_and_take_ready(&mut self) -> Vec<OpId> {
        let mut ready = Vec::new();
        for id in 0..self.states.len() {
            if self.states[id].is_some() {
                continue;
            }
            let before: Vec<_> =
                self.plan.ops[id].after.iter().map(|op| self.states.get(op.0).cloned().flatten()).collect();
            if before.iter().any(|state| {
                matches!(state, Some(OpState::Failed(_) | OpState::Skipped | OpState::Cancelled))
            }) {
                self.set(OpId(id), OpState::Skipped);
            } else if before.iter().all(|state| *state == Some(OpState::Done)) {
                self.set(OpId(id), OpState::Started);
                ready.push(OpId(id));
            }
        }
        ready
    }
}

fn report(reports: &mpsc::UnboundedSender<OpReport>, op: OpId, state: OpState) {
    // Nobody listening is the end of the program or of a test, and the work goes on.
    let _ = reports.send(OpReport { op, state });
}

/// One op under way.
#[derive(Clone, Copy)]
struct Step<'a> {
    engine: &'a Engine,
    op: &'a Op,
    id: OpId,
    made: &'a [OnceLock<ContainerId>],
    reports: &'a mpsc::UnboundedSender<OpReport>,
    cancel: &'a Cancel,
    /// Permits for pulls and builds.
    images: &'a Semaphore,
    /// Set once a pull or build has failed, so that the others are idle.
    images_given_up: &'a (Canceller, Cancel),
}

/// Why a step did not do what it should.
enum Trouble {
    /// It was cancelled before it began to act.
    Cancelled,
    /// The engine or this machine could not.
    Error(Error),
    /// What was waited for or run came to a bad end.
    Failure(RunFailure),
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

impl Step<'_> {
    async fn run(self) -> OpState {
        let work = self.act();
        let result = if self.op.is_interruptible() {
            tokio::select! {
                result = work => result,
                () = self.cancel.cancelled() => Err(Trouble::Cancelled),
                () = self.images_given_up.1.cancelled(), if self.op.makes_image() => Err(Trouble::Cancelled),
            }
        } else {
            work.await
        };
        match result {
            Ok(()) => OpState::Done,
            Err(Trouble::Cancelled) => OpState::Cancelled,
            Err(Trouble::Error(error)) => self.failed(failure::of(self.op, &error)),
            Err(Trouble::Failure(failure)) => self.failed(failure),
        }
    }

    fn failed(self, failure: RunFailure) -> OpState {
        if self.op.decides_images() {
            self.images_given_up.0.cancel();
        }
        OpState::Failed(failure)
    }

    async fn act(self) -> Result<(), Trouble> {
        // The semaphore is never closed; without a permit the op would only run at once.
        let _permit = if self.op.makes_image() { self.images.acquire().await.ok() } else { None };
        match &self.op.kind {
            OpKind::PullImage { image, platform, on_failure } => {
                pull::pull(self, image, platform.as_deref(), *on_failure).await
            }
            OpKind::BuildImage { image, build, context, labels } => {
                build::build(self, image, build, context, labels).await
            }
            OpKind::CreateNetwork { body } => resource::create(self, "/networks/create", body).await,
            OpKind::CreateVolume { body } => resource::create(self, "/volumes/create", body).await,
            OpKind::RemoveNetwork { network, .. } => gone(self.engine.remove_network(network).await),
            OpKind::RemoveVolume { name } => gone(self.engine.remove_volume(name).await),
            OpKind::RemoveImage { image } => gone(self.engine.remove_image(image).await),
            OpKind::Wait { containers, condition, required, limit } => {
                let waiting = wait::wait(self, containers, *condition, *required);
                wait::within(*limit, self, waiting).await
            }
            _ => self.act_on_container().await,
        }
    }

    async fn act_on_container(self) -> Result<(), Trouble> {
        let engine = self.engine;
        match &self.op.kind {
            OpKind::CreateContainer { name, platform, image, body, connect, late } => {
                let request =
                    container::Creation { name, platform: platform.as_deref(), image, body, connect, late };
                container::create(self, request).await
            }
            OpKind::StartContainer { container, is_alone } => {
                container::start(self, self.find(container)?, *is_alone).await
            }
            OpKind::StopContainer { container, timeout } => {
                let id = self.find(container)?;
                gone(container::in_turn(self, self.counting("stopping", engine.stop(id, *timeout))).await)
            }
            OpKind::RestartContainer { container, timeout } => {
                let id = self.find(container)?;
                container::in_turn(self, self.counting("restarting", engine.restart(id, *timeout))).await
            }
            OpKind::RemoveContainer { container, volumes } => {
                container::remove(engine, self.find(container)?, *volumes).await
            }
            OpKind::RenameContainer { container, name } => {
                Ok(engine.rename(self.find(container)?, name).await?)
            }
            OpKind::DisconnectNetwork { container, network } => {
                container::disconnect(engine, self.find(container)?, network).await
            }
            OpKind::ConnectNetwork { container, network, endpoint } => {
                Ok(container::connect(engine, self.find(container)?, network, endpoint).await?)
            }
            OpKind::PauseContainer { container } => Ok(engine.pause(self.find(container)?).await?),
            OpKind::UnpauseContainer { container } => Ok(engine.unpause(self.find(container)?).await?),
            OpKind::KillContainer { container, signal } => {
                Ok(engine.kill(self.find(container)?, signal).await?)
            }
            OpKind::PutArchive { container, files } => {
                archive::put(engine, self.find(container)?, files).await
            }
            OpKind::RunHook { container, body } => hook::run(self, self.find(container)?, body).await,
            // All others are dealt with in `act`.
            _ => Ok(()),
        }
    }

    /// The id that a reference stands for.
    fn find<'b>(&'b self, container: &'b ContainerRef) -> Result<&'b ContainerId, Trouble> {
        self.made_or_there(container).ok_or_else(|| self.not_made())
    }

    fn made_or_there<'b>(&'b self, container: &'b ContainerRef) -> Option<&'b ContainerId> {
        match container {
            ContainerRef::Id(id) => Some(id),
            ContainerRef::Of(op) => self.made.get(op.0).and_then(OnceLock::get),
        }
    }

    fn not_made(&self) -> Trouble {
        let cause = "a container that it needs was not made before it; the plan is wrong".to_owned();
        Trouble::Error(Error::Local { what: failure::what(self.op), cause })
    }

    fn progress(&self, text: String, fraction: Option<f32>) {
        report(self.reports, self.id, OpState::Progress { text, fraction });
    }

    fn detail(&self, detail: Detail) {
        report(self.reports, self.id, OpState::Detail(detail));
    }

    /// Awaits `work`, counting its seconds for the person: `stopping 4s`.
    async fn counting<T>(&self, word: &str, work: impl Future<Output = T>) -> T {
        tokio::pin!(work);
        let mut seconds = 0_u64;
        loop {
            tokio::select! {
                result = &mut work => return result,
                () = tokio::time::sleep(Duration::from_secs(1)) => {
                    seconds += 1;
                    self.progress(format!("{word} {seconds}s"), None);
                }
            }
        }
    }
}

/// What is gone already needs no removal and no stop.
fn gone(result: Result<(), impl Into<Trouble>>) -> Result<(), Trouble> {
    match result.map_err(Into::into) {
        Err(Trouble::Error(error)) if error.is_not_found() => Ok(()),
        other => other,
    }
}
