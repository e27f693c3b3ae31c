//! The thread on which logs are read.
//!
//! The engine hands each line out by itself, as its log driver has it. Whoever waits for the next one sleeps and wakes once a
//! line, which costs more than all that is then done with the line: to read a million so takes 2.5 s of the kernel's time and
//! nothing else, and twice as long as when the engine is left alone for a moment. So this thread, which does nothing but read
//! logs, rests between two wake-ups when they follow each other closely. What comes meanwhile stays in the sockets.
//!
//! An engine in this process hands its lines over in memory, and is read wherever its tasks run. Nothing here knows what is
//! read.

use std::future::Future;
use std::io;
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use tokio::runtime::{Builder, Handle, Runtime};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::super::Engine;

/// The shortest time between two wake-ups. A Unix socket holds some 270 short messages, which the engine writes in no less than
/// a millisecond: it must not wait for room. A line that comes alone is read at once.
const PAUSE: Duration = Duration::from_micros(500);

/// The thread, from the first log on until this is dropped.
#[derive(Debug, Default)]
pub struct Readers {
    thread: Option<Reading>,
}

#[derive(Debug)]
struct Reading {
    handle: Handle,
    /// The thread ends when this is dropped.
    _until: oneshot::Sender<()>,
}

impl Readers {
    /// Begins work that reads a log of this engine. Within a tokio runtime only.
    pub fn spawn(
        &mut self,
        engine: &Engine,
        work: impl Future<Output = ()> + Send + 'static,
    ) -> JoinHandle<()> {
        if engine.is_embedded() {
            return tokio::spawn(work);
        }
        if self.thread.is_none() {
            // Where the system gives no thread, the tasks' own read as well.
            self.thread = begin().ok();
        }
        match &self.thread {
            Some(thread) => thread.handle.spawn(work),
            None => tokio::spawn(work),
        }
    }
}

/// What runs tasks that read logs: on the thread that waits for them, which rests between two wake-ups.
///
/// # Errors
/// Where the system gives no more descriptors.
pub fn reading_runtime() -> io::Result<Runtime> {
    let woken = Mutex::new(Instant::now());
    Builder::new_current_thread().enable_all().on_thread_park(move || rest(&woken)).build()
}

fn begin() -> io::Result<Reading> {
    let runtime = reading_runtime()?;
    let handle = runtime.handle().clone();
    let (until, end) = oneshot::channel();
    thread::Builder::new().name("logs".to_owned()).spawn(move || {
        // It ends when its sender goes.
        let _gone = runtime.block_on(end);
        runtime.shutdown_background();
    })?;
    Ok(Reading { handle, _until: until })
}

/// Before the thread waits for what comes next: not sooner than a pause after it did so last.
fn rest(woken: &Mutex<Instant>) {
    let mut woken = woken.lock().unwrap_or_else(PoisonError::into_inner);
    thread::sleep(PAUSE.saturating_sub(woken.elapsed()));
    *woken = Instant::now();
}
