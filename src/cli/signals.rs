//! Interrupts of a headless verb: the first cancels what can be cancelled, the second ends the program at once.

use tokio::sync::mpsc;

use super::headless::INTERRUPTED;
use crate::engine::Canceller;

/// The interrupts that reach this process: Ctrl-C, and what asks a process to end.
pub struct Interrupts {
    receiver: mpsc::UnboundedReceiver<&'static str>,
}

impl Interrupts {
    /// From here on interrupts no longer end the process by themselves.
    pub fn listen() -> Self {
        let (sender, receiver) = mpsc::unbounded_channel();
        // Caught from this moment on, and not once the task first runs.
        let signals = Signals::new();
        tokio::spawn(async move {
            let Some(mut signals) = signals else { return };
            while let Some(signal) = signals.next().await {
                if sender.send(signal).is_err() {
                    return;
                }
            }
        });
        Self { receiver }
    }

    /// The next interrupt, by its name; never, where signals cannot be heard.
    pub async fn next(&mut self) -> &'static str {
        match self.receiver.recv().await {
            Some(signal) => signal,
            None => std::future::pending().await,
        }
    }

    /// Runs `work`: the first interrupt cancels it, which it is expected to heed, the second ends the program.
    pub async fn cancelling<T>(&mut self, canceller: &Canceller, work: impl Future<Output = T>) -> T {
        tokio::pin!(work);
        let mut seen = 0;
        loop {
            tokio::select! {
                result = &mut work => return result,
                _ = self.next() => {
                    seen += 1;
                    canceller.cancel();
                    if seen > 1 {
                        std::process::exit(i32::from(INTERRUPTED));
                    }
                }
            }
        }
    }
}

#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> Option<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        let interrupt = signal(SignalKind::interrupt()).ok()?;
        Some(Self { interrupt, terminate: signal(SignalKind::terminate()).ok()? })
    }

    async fn next(&mut self) -> Option<&'static str> {
        tokio::select! {
            got = self.interrupt.recv() => got.map(|()| "SIGINT"),
            got = self.terminate.recv() => got.map(|()| "SIGTERM"),
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> Option<Self> {
        Some(Self)
    }

    async fn next(&mut self) -> Option<&'static str> {
        tokio::signal::ctrl_c().await.ok().map(|()| "SIGINT")
    }
}
