//! What the engine has and says, as plain data.
//!
//! This module never talks to an engine, never reads a clock and knows no screen. `engine` fills these types from the
//! Engine API; `plan` compares them with the compose file; `app` shows them. Whatever a newer engine or podman says that
//! is not known here is kept as text ([`State::Other`], [`HealthStatus::Other`]) and never fails a list.

mod container;
mod event;
mod fact;
mod listing;
mod log;
mod processes;
mod reason;
mod resource;
mod sample;
mod span;

pub use container::{
    Attachment, Container, ContainerId, Health, HealthStatus, Mount, Probe, PublishedPort, State, label,
};
pub use event::{Event, EventKind};
pub use fact::{EngineInfo, Fact};
pub use listing::{ListedImage, ListedPort, ListedVolume, Listing};
pub use log::{Level, LogBatch, LogEnd, LogLine, LogRequest};
pub use processes::Processes;
pub use reason::plain_reason;
pub use resource::{Image, Network, Observed, Volume};
pub use sample::{Sample, Usage};
pub use span::span_in_words;
