//! A container's log as it was written, byte for byte, for standard output. The dashboard's own reading is [`super::read`],
//! which makes lines safe; whoever runs `logs` in a terminal gets what `docker logs` would give.

use super::super::{Call, Chunks, Engine, Error, encode};
use super::framing::{Framing, Source};
use crate::observed::ContainerId;

/// What to read. Times are as the Engine API takes them: seconds since 1970, with a fraction if need be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlainRequest {
    /// Whose.
    pub container: ContainerId,
    /// Stay and wait for more until the container ends.
    pub follow: bool,
    /// How many of the last lines, or `all`.
    pub tail: String,
    /// Only from this moment on.
    pub since: Option<String>,
    /// Only up to this moment.
    pub until: Option<String>,
    /// With the engine's time before each line.
    pub timestamps: bool,
}

/// A log being read.
pub struct PlainLog {
    chunks: Chunks,
    framing: Framing,
    what: String,
}

/// Bytes of a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// Whether they came on standard error; false for a terminal.
    pub is_error: bool,
    /// Whether a message of the log driver begins here, with its time where those were asked for: also within a line of
    /// more than 16 KiB. False for a terminal.
    pub begins: bool,
    /// The bytes; they end anywhere.
    pub bytes: Vec<u8>,
}

impl PlainLog {
    /// Begins to read.
    ///
    /// # Errors
    /// As for [`Engine::json`].
    pub async fn open(engine: &Engine, request: &PlainRequest) -> Result<Self, Error> {
        let what = format!("read the log of {}", request.container.short());
        let number = |truth: bool| if truth { "1" } else { "0" };
        let call = Call::get(format!("/containers/{}/logs", encode(&request.container.0)), what.clone())
            .query("stdout", "1")
            .query("stderr", "1")
            .query("timestamps", number(request.timestamps))
            .query("follow", number(request.follow))
            .query("tail", &request.tail)
            .query_some("since", request.since.as_deref())
            .query_some("until", request.until.as_deref())
            .unchunked();
        Ok(Self { chunks: engine.stream(call).await?, framing: Framing::default(), what })
    }

    /// What was written next; none at the end. Safe to drop half way.
    ///
    /// # Errors
    /// When the connection breaks, or the engine breaks the log off.
    pub async fn next(&mut self) -> Result<Option<Vec<Written>>, Error> {
        let broken = |what: &str, cause: String| Error::Local { what: what.to_owned(), cause };
        let Some(chunk) = self.chunks.next().await? else {
            self.framing.finish().map_err(|error| broken(&self.what, error.to_string()))?;
            return Ok(None);
        };
        let mut written = Vec::new();
        let pushed = self.framing.push(&chunk, |piece| {
            let (is_error, begins) = (piece.source == Source::Error, piece.begins);
            written.push(Written { is_error, begins, bytes: piece.bytes.to_vec() });
        });
        pushed.map_err(|error| broken(&self.what, error.to_string()))?;
        Ok(Some(written))
    }
}
