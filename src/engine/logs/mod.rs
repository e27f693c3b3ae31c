//! Reads a container's log from the engine and sends its lines, safe and in batches, to the loop.
//!
//! ```text
//! engine ──bytes──► Framing ──pieces──► Lines ──► Sanitiser ──► LogBatch ──► LogSink ═ budget of bytes ═► LogLane
//! ```
//!
//! A batch is sent as soon as nothing more has arrived; nothing waits for it to fill. The lane bounds the bytes that are
//! on their way: a reader waits until the loop has taken what came before, and the engine waits for the reader. Nothing
//! here knows how lines are stored or shown.
//!
//! A log that breaks off is told from one that ends. Where the connection is lost between two lines both look alike, so
//! that the engine is asked whether the container runs.

pub(super) mod framing;
mod level;
mod lines;
mod plain;
mod readers;
mod sanitise;
mod stamp;

use std::sync::Arc;

use bytes::Bytes;
use futures::{FutureExt, Stream, StreamExt};
use jiff::Timestamp;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

use super::{Call, Engine, Error, encode};
use crate::observed::{ContainerId, LogBatch, LogEnd, LogRequest, State};
use framing::{Framing, Piece};
pub use level::detect as detect_level;
use lines::{BATCH, Lines, cost};
pub use plain::{PlainLog, PlainRequest, Written};
pub use readers::{Readers, reading_runtime};
pub use stamp::parse as parse_stamp;

/// How many bytes of lines may be on their way to the loop, of all readers together, unless told otherwise.
pub const LANE_BUDGET: usize = 4 * 1024 * 1024;

/// What comes out of the lane.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LogNews {
    /// Lines.
    Lines(LogBatch),
    /// A stream ended.
    Ended {
        /// Whose.
        container: ContainerId,
        /// Which opening of it.
        stream: u64,
        /// Why.
        end: LogEnd,
    },
}

/// The readers' end of a lane. Cheap to clone.
#[derive(Clone, Debug)]
pub struct LogSink {
    sender: mpsc::UnboundedSender<Parcel>,
    budget: Arc<Semaphore>,
    whole: usize,
}

/// The loop's end of a lane.
#[derive(Debug)]
pub struct LogLane {
    receiver: mpsc::UnboundedReceiver<Parcel>,
}

#[derive(Debug)]
struct Parcel {
    news: LogNews,
    /// What it takes of the budget; given back when the loop takes the parcel.
    _permit: Option<OwnedSemaphorePermit>,
}

/// The loop has gone: there is nobody to read for.
struct Gone;

/// A lane on which so many bytes may be on their way.
pub fn lane(budget: usize) -> (LogSink, LogLane) {
    let whole = budget.clamp(1, Semaphore::MAX_PERMITS.min(u32::MAX as usize));
    let (sender, receiver) = mpsc::unbounded_channel();
    (LogSink { sender, budget: Arc::new(Semaphore::new(whole)), whole }, LogLane { receiver })
}

/// Reads a log to its end and reports that too. Dropping the future ends the reading at the engine as well, and nothing
/// is reported any more.
pub async fn read(engine: Engine, request: LogRequest, sink: LogSink) {
    let what = format!("read the log of {}", request.container.short());
    let call = Call::get(format!("/containers/{}/logs", encode(&request.container.0)), what)
        .query("stdout", "1")
        .query("stderr", "1")
        .query("timestamps", "1")
        .query("follow", if request.follow { "1" } else { "0" })
        .query("tail", &request.tail.map_or_else(|| "all".to_owned(), |lines| lines.to_string()))
        .query_some("since", request.since.map(seconds).as_deref())
        .query_some("until", request.until.map(seconds).as_deref())
        .unchunked();
    let chunks = match engine.stream(call).await {
        Ok(chunks) => chunks,
        Err(error) => return sink.end(&request, end_of(&error)),
    };
    let chunks = futures::stream::try_unfold(chunks, async |mut chunks| {
        let Some(bytes) = chunks.next().await? else {
            check_end(&engine, &request).await?;
            return Ok(None);
        };
        Ok::<_, Error>(Some((bytes, chunks)))
    });
    relay(Box::pin(chunks), &request, &sink).await;
}

/// The log of a container that runs has no end.
async fn check_end(engine: &Engine, request: &LogRequest) -> Result<(), Error> {
    let runs = request.follow
        && engine
            .inspect(&request.container)
            .await?
            .is_some_and(|container| matches!(container.state, State::Running | State::Paused));
    if !runs {
        return Ok(());
    }
    Err(Error::Broken {
        what: format!("read the log of {}", request.container.short()),
        endpoint: engine.endpoint().to_owned(),
        cause: "the stream ended while the container runs".to_owned(),
    })
}

/// Turns the bytes of a log, cut anywhere, into batches on a lane, until they end.
pub async fn relay(
    mut chunks: impl Stream<Item = Result<Bytes, Error>> + Unpin,
    request: &LogRequest,
    sink: &LogSink,
) {
    let mut framing = Framing::default();
    let mut lines = Lines::new(request.container.clone(), request.stream);
    let end = loop {
        let Some(first) = chunks.next().await else {
            break match framing.finish() {
                Ok(()) => {
                    lines.finish();
                    LogEnd::Complete
                }
                Err(error) => LogEnd::Broken(error.to_string()),
            };
        };
        let taken = take(first, &mut framing, &mut lines).and_then(|()| {
            // What is there already comes along, up to a full batch.
            while lines.waiting() < BATCH {
                let Some(Some(more)) = chunks.next().now_or_never() else { break };
                take(more, &mut framing, &mut lines)?;
            }
            Ok(())
        });
        if let Err(end) = taken {
            // Where it broke off, the line that has begun comes again as a whole.
            if let LogEnd::Failed(_) = end {
                lines.finish();
            }
            break end;
        }
        if sink.send_all(lines.take()).await.is_err() {
            return;
        }
    };
    if sink.send_all(lines.take()).await.is_ok() {
        sink.end(request, end);
    }
}

fn take(chunk: Result<Bytes, Error>, framing: &mut Framing, lines: &mut Lines) -> Result<(), LogEnd> {
    let chunk = chunk.map_err(|error| end_of(&error))?;
    framing
        .push(&chunk, |piece: Piece<'_>| lines.push(&piece))
        .map_err(|error| LogEnd::Failed(error.to_string()))
}

/// What the engine refuses it refuses again; what a connection spoiled goes on with the next.
fn end_of(error: &Error) -> LogEnd {
    match error {
        Error::Unreachable { .. } | Error::Broken { .. } | Error::Timeout { .. } => {
            LogEnd::Broken(error.why())
        }
        // Short enough for the head of a small tile; the engine's words are "configured logging driver does not support
        // reading".
        Error::Refused { status: 501, .. } => LogEnd::Failed("driver keeps no log".to_owned()),
        _ => LogEnd::Failed(error.why()),
    }
}

/// A time as the API takes it: seconds and nanoseconds since 1970.
fn seconds(at: Timestamp) -> String {
    format!("{}.{:09}", at.as_second(), at.subsec_nanosecond())
}

impl LogSink {
    /// Sends batches, each as soon as there is room for it.
    async fn send_all(&self, batches: Vec<LogBatch>) -> Result<(), Gone> {
        for batch in batches {
            // A batch that alone is more than the budget takes all of it.
            let bytes = cost(&batch).min(self.whole) as u32;
            let permit = self.budget.clone().acquire_many_owned(bytes).await.map_err(|_| Gone)?;
            let parcel = Parcel { news: LogNews::Lines(batch), _permit: Some(permit) };
            self.sender.send(parcel).map_err(|_| Gone)?;
        }
        Ok(())
    }

    fn end(&self, request: &LogRequest, end: LogEnd) {
        let news = LogNews::Ended { container: request.container.clone(), stream: request.stream, end };
        // If the loop has gone, nobody is left to be told.
        let _gone = self.sender.send(Parcel { news, _permit: None });
    }
}

impl LogLane {
    /// The next news, once there is some; none when no reader is left. Safe to drop half way.
    pub async fn next(&mut self) -> Option<LogNews> {
        Some(self.receiver.recv().await?.news)
    }

    /// The next news, if there is some now.
    pub fn try_next(&mut self) -> Option<LogNews> {
        Some(self.receiver.try_recv().ok()?.news)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request() -> LogRequest {
        LogRequest { container: "c".into(), stream: 7, tail: None, since: None, until: None, follow: true }
    }

    fn frame(stream: u8, text: &str) -> Bytes {
        let mut bytes = vec![stream, 0, 0, 0];
        bytes.extend_from_slice(&(text.len() as u32).to_be_bytes());
        bytes.extend_from_slice(text.as_bytes());
        bytes.into()
    }

    fn line(number: usize) -> Bytes {
        frame(1, &format!("2026-11-23T14:03:10.000000000Z line {number}\n"))
    }

    fn describe(news: &LogNews) -> String {
        match news {
            LogNews::Lines(batch) => format!("{} {}", batch.stream, String::from_utf8_lossy(&batch.bytes)),
            LogNews::Ended { end, .. } => format!("{end:?}"),
        }
    }

    async fn check(chunks: Vec<Result<Bytes, Error>>, expected: &[&str]) {
        let (sink, mut lane) = lane(LANE_BUDGET);
        relay(futures::stream::iter(chunks), &request(), &sink).await;
        drop(sink);
        let mut seen = Vec::new();
        while let Some(news) = lane.next().await {
            seen.push(describe(&news));
        }
        assert_eq!(seen, expected);
    }

    #[tokio::test]
    async fn what_is_there_comes_in_one_batch() {
        check(vec![Ok(line(1)), Ok(line(2))], &["7 line 1line 2", "Complete"]).await;
        check(vec![], &["Complete"]).await;
    }

    #[tokio::test]
    async fn failures_come_after_the_lines_before_them() {
        let broken =
            Error::Broken { what: "read".into(), endpoint: "unix:///x".into(), cause: "reset".into() };
        let told = "Broken(\"the connection to unix:///x broke: reset\")";
        check(vec![Ok(line(1)), Err(broken)], &["7 line 1", told]).await;
        let half = line(2).slice(..20);
        let told = "Broken(\"the connection to the engine broke off\")";
        check(vec![Ok(line(1)), Ok(half)], &["7 line 1", told]).await;
        let told = "Failed(\"the engine broke the log off: gone\")";
        check(vec![Ok(line(1)), Ok(frame(3, "gone\n"))], &["7 line 1", told]).await;
    }

    #[tokio::test]
    async fn a_reader_waits_for_the_loop() {
        let (sink, mut lane) = lane(BATCH);
        let many: Vec<Result<Bytes, Error>> = (0..40_000).map(|number| Ok(line(number))).collect();
        let chunks = futures::stream::iter(many);
        let request = request();
        let mut reading = Box::pin(relay(chunks, &request, &sink));
        assert!((&mut reading).now_or_never().is_none(), "it waits for room");
        let mut batches = 0;
        let mut waiting = 0;
        while lane.try_next().is_some() {
            waiting += 1;
        }
        assert_eq!(waiting, 1, "no more than the budget is on its way");
        let mut done = false;
        while !done {
            done = (&mut reading).now_or_never().is_some();
            while lane.try_next().is_some() {
                batches += 1;
            }
        }
        assert!(batches > 3);
    }

    #[tokio::test]
    async fn reading_ends_when_the_loop_has_gone() {
        let (sink, lane) = lane(BATCH);
        drop(lane);
        let endless = futures::stream::repeat_with(|| Ok(line(1)));
        relay(endless, &request(), &sink).await;
    }

    #[test]
    fn since_has_nanoseconds() {
        let at: Timestamp = "2026-11-23T14:03:10.000000042Z".parse().unwrap();
        assert_eq!(seconds(at), "1795442590.000000042");
    }
}
