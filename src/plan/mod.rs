//! (Project, Observed, Request) → Plan. Planning never asks, never acts and reads no clock.
//!
//! A [`Plan`] is made before anything is changed, from one fresh reading of the engine. Its ops carry typed inputs: an id,
//! or the result of an earlier op. `engine::execute` carries them out and decides nothing. [`Plan`]'s `Display` is the
//! text that tests compare and `--dry-run` prints.

mod op;
mod request;

pub use op::{
    Cause, Change, Condition, ContainerRef, ImageRef, NetworkRef, Op, OpId, OpKind, OpReport, OpState, Plan,
    PlanNote, PutFile, RunFailure,
};
pub use request::{Options, Request, Target, Verb};
