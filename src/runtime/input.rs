//! Keys, mouse, pastes, sizes and signals, as messages.

use std::future::poll_fn;
use std::io::{self, Write as _};
use std::task::Poll;
use std::time::Duration;

use crossterm::clipboard::CopyToClipboard;
use crossterm::event::{Event, EventStream, KeyEventKind};
use crossterm::queue;
use futures::StreamExt;
use tokio::time::Instant;

use crate::app::Msg;
use crate::terminal::EscapeJoiner;

/// The person's side of the loop.
pub(super) struct Input {
    start: Instant,
    events: Option<EventStream>,
    escapes: EscapeJoiner,
    waiting: Vec<Msg>,
    signals: Signals,
}

impl Input {
    /// Listens to the terminal and to signals. `start` is the zero of the monotonic clock.
    pub(super) fn new(start: Instant) -> Self {
        Self {
            start,
            events: Some(EventStream::new()),
            escapes: EscapeJoiner::default(),
            waiting: Vec::new(),
            signals: Signals::new(),
        }
    }

    /// The next message; none when only something was held back or let go.
    pub(super) async fn next(&mut self) -> io::Result<Option<Msg>> {
        if self.waiting.is_empty() {
            tokio::select! {
                biased;
                () = self.signals.terminate() => return Ok(Some(Msg::Terminate)),
                event = next_event(self.events.as_mut()) => self.feed(event)?,
            }
        }
        Ok((!self.waiting.is_empty()).then(|| self.waiting.remove(0)))
    }

    /// All that has come and needs no waiting.
    pub(super) async fn ready(&mut self) -> io::Result<Vec<Msg>> {
        while let Some(event) = event_at_hand(self.events.as_mut()).await {
            self.feed(event)?;
        }
        if self.escapes.deadline().is_some_and(|deadline| self.start.elapsed() >= deadline) {
            let events = self.escapes.flush();
            self.waiting.extend(events.into_iter().filter_map(message));
        }
        Ok(std::mem::take(&mut self.waiting))
    }

    /// When a held Escape is certain.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.escapes.deadline().map(|at| self.start + at)
    }

    /// Waits until a signal asks the program to end.
    pub(super) async fn terminated(&mut self) {
        self.signals.terminate().await;
    }

    /// Lets go of the terminal: a shell reads it now.
    pub(super) fn release(&mut self) {
        self.events = None;
    }

    /// Listens to the terminal again.
    pub(super) fn retake(&mut self) {
        self.events = Some(EventStream::new());
    }

    fn feed(&mut self, event: Option<io::Result<Event>>) -> io::Result<()> {
        let Some(event) = event else {
            self.waiting.push(Msg::Terminate);
            self.events = None;
            return Ok(());
        };
        let now: Duration = self.start.elapsed();
        let events = self.escapes.feed(event?, now);
        self.waiting.extend(events.into_iter().filter_map(message));
        Ok(())
    }
}

async fn next_event(events: Option<&mut EventStream>) -> Option<io::Result<Event>> {
    match events {
        Some(events) => events.next().await,
        None => std::future::pending().await,
    }
}

/// The next event if it is there. It is asked for with the loop's own waker: the stream keeps the first waker that it is
/// given until an event has come, and one that wakes nobody would leave the next key lying until something else happens.
async fn event_at_hand(events: Option<&mut EventStream>) -> Option<Option<io::Result<Event>>> {
    let events = events?;
    poll_fn(|context| match events.poll_next_unpin(context) {
        Poll::Ready(event) => Poll::Ready(Some(event)),
        Poll::Pending => Poll::Ready(None),
    })
    .await
}

fn message(event: Event) -> Option<Msg> {
    match event {
        Event::Key(key) if key.kind == KeyEventKind::Release => None,
        Event::Key(key) => Some(Msg::Key(key)),
        Event::Mouse(mouse) => Some(Msg::Mouse(mouse)),
        Event::Paste(text) => Some(Msg::Paste(text)),
        Event::Resize(width, height) => Some(Msg::Resize { width, height }),
        Event::FocusGained | Event::FocusLost => None,
    }
}

/// The bytes that put text on the clipboard of whoever shows the terminal (OSC 52).
pub(super) fn clipboard(text: &str) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    queue!(bytes, CopyToClipboard::to_clipboard_from(text))?;
    bytes.flush()?;
    Ok(bytes)
}

/// SIGTERM, SIGHUP and a SIGINT that was sent (Ctrl-C is a key here). Where they cannot be caught, their default still ends the program.
#[cfg(unix)]
struct Signals {
    caught: Vec<tokio::signal::unix::Signal>,
}

#[cfg(unix)]
impl Signals {
    fn new() -> Self {
        use tokio::signal::unix::{SignalKind, signal};
        let kinds = [SignalKind::terminate(), SignalKind::hangup(), SignalKind::interrupt()];
        Self { caught: kinds.into_iter().filter_map(|kind| signal(kind).ok()).collect() }
    }

    async fn terminate(&mut self) {
        if self.caught.is_empty() {
            return std::future::pending().await;
        }
        let waits = self.caught.iter_mut().map(|signal| Box::pin(signal.recv()));
        futures::future::select_all(waits).await;
    }
}

/// Other systems end the program by themselves.
#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> Self {
        Self
    }

    async fn terminate(&mut self) {
        std::future::pending().await
    }
}
