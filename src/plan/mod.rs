//! (Project, Observed, Request) → Plan. Planning never asks, never acts and reads no clock.
//!
//! A [`Plan`] is made before anything is changed, from one fresh reading of the engine. Its ops carry typed inputs: an id,
//! or the result of an earlier op. `engine::execute` carries them out and decides nothing. [`Plan`]'s `Display` is the
//! text that tests compare and `--dry-run` prints. Each verb has its file; `body` makes what is sent to create
//! containers, networks and volumes; `drift` tells how a container and the file differ.

mod body;
mod detail;
mod display;
mod down;
mod draft;
mod drift;
mod equivalent;
mod graph;
mod hash;
mod hook;
mod kill;
mod late;
mod mask;
mod op;
mod pause;
mod remove;
mod request;
mod restart;
mod scope;
mod start;
mod start_phase;
mod steps;
mod stop;
mod unpause;
mod up;

use std::fmt;

use crate::compose::model::Project;
use crate::observed::Observed;

pub use detail::{Detail, Layer};
pub use drift::drift;
pub use equivalent::equivalent;
pub use late::Late;
pub use mask::{MASK, is_secret, masked};
pub use op::{
    Cause, Change, Condition, ContainerRef, ImageRef, NetworkRef, OnFailure, Op, OpId, OpKind, OpReport,
    OpState, Plan, PlanNote, PutFile, RunFailure,
};
pub use request::{BuildOptions, OneOff, Options, Request, Target, Verb};
pub use steps::{Step, StepKind, steps};

use scope::Scope;

/// The version of Docker Compose whose manner is followed, as the label `version` says it.
pub const COMPOSE_VERSION: &str = "2.40.3";

/// Why there is no plan: what is wrong, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What is wrong.
    pub why: String,
    /// What to do next, where there is something.
    pub hint: Option<String>,
}

impl Refusal {
    pub(crate) fn new(why: impl Into<String>) -> Self {
        Self { why: why.into(), hint: None }
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.why)?;
        match &self.hint {
            Some(hint) => write!(out, " ({hint})"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Refusal {}

/// Plans a verb. All but `up` work without a project, from the labels of what the engine has.
///
/// # Errors
/// What forbids the verb as a whole: an unknown service, a port or a name that another container holds, an external
/// network or volume that is missing, …
pub fn make(project: Option<&Project>, observed: &Observed, request: &Request) -> Result<Plan, Refusal> {
    let scope = Scope::new(project, observed, request)?;
    match &request.verb {
        Verb::Up => up::plan(&scope),
        Verb::Down => Ok(down::plan(&scope)),
        Verb::Start => start::plan(&scope),
        Verb::Stop => Ok(stop::plan(&scope)),
        Verb::Restart => Ok(restart::plan(&scope)),
        Verb::Pause => Ok(pause::plan(&scope)),
        Verb::Unpause => Ok(unpause::plan(&scope)),
        Verb::Kill(signal) => Ok(kill::plan(&scope, signal)),
        Verb::Remove => Ok(remove::plan(&scope)),
        Verb::Build => up::build(&scope),
        Verb::Pull => up::pull(&scope),
        Verb::Run(one_off) => up::run(&scope, one_off),
    }
}
