//! The engine's events as a stream of [`Event`], filtered by the engine itself.
//!
//! Only what changes what a person sees is subscribed to: never `exec_*`, which a health check alone sends three times
//! a probe. What cannot be understood is passed over.

use std::collections::VecDeque;

use jiff::Timestamp;
use serde_json::json;

use super::call::Call;
use super::error::Error;
use super::json_stream::JsonStream;
use super::{Chunks, Engine, wire};
use crate::observed::{ContainerId, Event, label};

/// The kinds of things whose events are wanted.
const KINDS: &[&str] = &["container", "network", "volume", "image", "daemon"];

/// The actions that are wanted, of all kinds. `died` and `remove` are podman's words.
const ACTIONS: &[&str] = &[
    "create",
    "start",
    "restart",
    "stop",
    "die",
    "died",
    "kill",
    "oom",
    "pause",
    "unpause",
    "rename",
    "update",
    "health_status",
    "destroy",
    "remove",
    "prune",
    "connect",
    "disconnect",
    "pull",
    "tag",
    "untag",
    "delete",
    "load",
    "import",
    "reload",
];

/// Events as they come.
pub struct Events {
    chunks: Chunks,
    stream: JsonStream,
    waiting: VecDeque<Event>,
}

impl Events {
    /// Subscribes to everything, beginning with what happened at or after `since`.
    pub(super) async fn all(engine: &Engine, since: Timestamp) -> Result<Self, Error> {
        let filters = json!({ "type": KINDS, "event": ACTIONS });
        let call = Call::get("/events", "follow the engine's events").query("since", &engine_time(since));
        Self::open(engine, call.query("filters", &filters.to_string())).await
    }

    /// What happened to the containers of a project up to a moment that has passed, as far as the engine still knows it: its
    /// last 256 events, of whatever kind.
    pub(super) async fn past(engine: &Engine, project: &str, until: Timestamp) -> Result<Vec<Event>, Error> {
        let of_project = format!("{}={project}", label::PROJECT);
        let filters = json!({ "type": ["container"], "event": ACTIONS, "label": [of_project] });
        let call = Call::get("/events", "read what has happened")
            .query("since", "0")
            .query("until", &engine_time(until))
            .query("filters", &filters.to_string());
        let mut events = Self::open(engine, call).await?;
        let mut past = Vec::new();
        while let Some(event) = events.next().await? {
            past.push(event);
        }
        Ok(past)
    }

    /// Subscribes to what happens to these containers from now on.
    pub(super) async fn of(engine: &Engine, containers: &[ContainerId]) -> Result<Self, Error> {
        let ids: Vec<&str> = containers.iter().map(|id| &*id.0).collect();
        let filters = json!({ "type": ["container"], "event": ACTIONS, "container": ids });
        let call = Call::get("/events", "follow the events of containers");
        Self::open(engine, call.query("filters", &filters.to_string())).await
    }

    /// Subscribes to everything that happens to what carries these labels, of whatever kind, from a moment on and up to
    /// another, as [`engine_time`] writes them.
    ///
    /// # Errors
    /// As for [`Engine::stream`].
    pub async fn labelled(
        engine: &Engine,
        labels: &[String],
        since: Option<&str>,
        until: Option<&str>,
    ) -> Result<Self, Error> {
        let filters = json!({ "label": labels });
        let call = Call::get("/events", "follow the engine's events")
            .query_some("since", since)
            .query_some("until", until);
        Self::open(engine, call.query("filters", &filters.to_string())).await
    }

    async fn open(engine: &Engine, call: Call) -> Result<Self, Error> {
        let chunks = engine.stream(call).await?;
        Ok(Self { chunks, stream: JsonStream::default(), waiting: VecDeque::new() })
    }

    /// The next event; none when the engine ends the stream. Safe to drop half way.
    ///
    /// # Errors
    /// When the connection breaks.
    pub async fn next(&mut self) -> Result<Option<Event>, Error> {
        loop {
            if let Some(event) = self.waiting.pop_front() {
                return Ok(Some(event));
            }
            let Some(bytes) = self.chunks.next().await? else { return Ok(None) };
            self.waiting.extend(self.stream.push(&bytes).iter().filter_map(wire::event));
        }
    }
}

/// A time as the engine takes it in queries: seconds, a point, and nine digits.
pub fn engine_time(time: Timestamp) -> String {
    format!("{}.{:09}", time.as_second(), time.subsec_nanosecond())
}
