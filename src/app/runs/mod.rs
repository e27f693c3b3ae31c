//! Verbs on their way: taken, planned, asked about, queued, carried out, and watched until what the person wanted has
//! come true or failed. Nothing here plans or acts: it asks for both by effects.

mod flow;
mod outcome;
mod progress;
mod settle;
mod take;

pub use self::flow::{change_options, confirm, ended, leave, planned, progressed, replanned};
pub use self::outcome::{title_of, unfinished};
pub use self::progress::{Standing, service_progress, standing, wanted_scale};
pub use self::settle::{failing, first_error, settle};
pub use self::take::{cancel_last, kill, scale, takes, takes_on};

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::RunId;
use crate::observed::ContainerId;
use crate::plan::{OpState, Plan, Request, RunFailure, Target};

/// The verbs on their way, oldest first.
#[derive(Clone, Debug, Default)]
pub struct Runs {
    /// By number, which is their order.
    pub all: BTreeMap<RunId, Run>,
    /// How many were taken so far.
    pub taken: u64,
    /// When the last verb on a service ended, on the monotonic clock: what the engine still reports of it is not news.
    pub ended: BTreeMap<String, Duration>,
    /// What failed when a verb last acted on a service: `up web: pull redis:9 from docker.io: manifest unknown`.
    pub failures: BTreeMap<String, String>,
}

/// One verb on its way.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// Its number.
    pub id: RunId,
    /// What was asked for.
    pub request: Request,
    /// The services that it is for, as far as one knows before the plan: rows show it at once.
    pub services: BTreeSet<String>,
    /// Where it stands.
    pub phase: Phase,
    /// When it was taken, on the monotonic clock.
    pub taken_at: Duration,
    /// When its execution began, on the monotonic clock.
    pub began_at: Option<Duration>,
    /// The plan; none while the first one is being made.
    pub plan: Option<Arc<Plan>>,
    /// How each op of the plan stands; as long as the plan's ops.
    pub progress: Vec<OpProgress>,
    /// Ops that were done by earlier plans of the run.
    pub ops_before: usize,
    /// When each container was last started before the execution began.
    pub started_before: StartedBefore,
    /// Why the plan is shown before it is carried out; none if it is not.
    pub asks: Option<Ask>,
    /// What failed, and the service that was waited for in vain: its first error line is still looked for.
    pub failed: Option<(String, RunFailure)>,
    /// Since when one of its containers has failed and the log is read for why, on the monotonic clock.
    pub failing_since: Option<Duration>,
}

/// When each container was last started.
pub type StartedBefore = BTreeMap<ContainerId, Option<Timestamp>>;

/// Why a plan is shown first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ask {
    /// It always is (`U`, `D`, or marks that are out of sight).
    Always,
    /// Only if it recreates, removes or scales down.
    IfItTakesAway,
}

/// Where a run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// A verb before it claims its services; it is planned when that one has ended.
    Queued,
    /// A plan is being made.
    Planning,
    /// The plan is shown; the person decides.
    Asking,
    /// Enter was pressed: the plan is being made again, from a fresh read.
    Confirming,
    /// It is being carried out.
    Running,
    /// It was cancelled; what had begun is let end.
    Cancelling,
    /// It was carried out; its services have yet to run or be healthy.
    Settling {
        /// Since when, on the monotonic clock.
        since: Duration,
    },
}

impl Phase {
    /// Whether the run holds its services: no other verb may touch them meanwhile.
    pub fn holds(self) -> bool {
        matches!(self, Self::Queued | Self::Planning | Self::Confirming | Self::Running | Self::Cancelling)
    }
}

/// How an op stands.
#[derive(Clone, Debug, PartialEq)]
pub struct OpProgress {
    /// None while it has not begun.
    pub state: Option<OpState>,
    /// When it began, on the monotonic clock.
    pub since: Duration,
}

impl Runs {
    /// A run by its number.
    pub fn get(&self, id: RunId) -> Option<&Run> {
        self.all.get(&id)
    }

    /// Whether a verb is being carried out, or soon will be: quitting asks first.
    pub fn is_busy(&self) -> bool {
        self.all.values().any(|run| run.phase.holds())
    }
}

impl Run {
    /// Whether its ops are being carried out.
    pub fn is_under_way(&self) -> bool {
        matches!(self.phase, Phase::Running | Phase::Cancelling)
    }

    /// Whether it claims a service: by its plan, and before there is one by what was asked for.
    pub fn claims(&self, service: &str) -> bool {
        let by_plan = self.plan.as_ref().is_some_and(|plan| plan.claims.contains(service));
        by_plan || self.services.contains(service)
    }

    /// Whether it claims one of these services.
    pub fn touches(&self, services: &BTreeSet<String>) -> bool {
        services.iter().any(|service| self.claims(service)) || self.request.target == Target::Project
    }

    fn clashes_with(&self, other: &Self) -> bool {
        let plan = self.plan.iter().flat_map(|plan| &plan.claims);
        self.request.target == Target::Project
            || other.request.target == Target::Project
            || self.services.iter().chain(plan).any(|service| other.claims(service))
    }
}

impl Runs {
    /// Whether another verb that came before, or is being carried out, claims a service of this one.
    pub fn is_blocked(&self, id: RunId) -> bool {
        let Some(run) = self.get(id) else { return false };
        let comes_first = |other: &Run| {
            let acts = matches!(other.phase, Phase::Running | Phase::Cancelling);
            acts || other.id < id && other.phase.holds()
        };
        self.all.values().any(|other| other.id != id && comes_first(other) && other.clashes_with(run))
    }
}
