//! The loop without its terminal: the app, the lanes on which things come, and the tasks. [`run`](super::run) puts the
//! person's terminal around it; tests put a screen in memory there.
//!
//! It never draws, and never looks at any clock but tokio's, which tests can hold.

use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::SharedFiles;
use super::perform::Tasks;
use crate::app::{App, Effect, Msg, update};
use crate::compose::LoadRequest;
use crate::engine::logs::{self, LogLane, LogNews};
use crate::engine::{Endpoint, Engine, Watcher};
use crate::observed::Fact;

/// Facts under way. A full lane makes the engine's task wait, never the loop.
const FACTS: usize = 1024;

/// The app and everything beside it but the terminal. Dropping it ends its tasks.
pub struct Core {
    /// The state.
    pub app: App,
    /// The zero of the monotonic clock.
    pub start: Instant,
    pub(super) tasks: Tasks,
    facts: mpsc::Receiver<Fact>,
    results: mpsc::UnboundedReceiver<Msg>,
    logs: LogLane,
    watcher: JoinHandle<()>,
}

impl Core {
    /// Begins to watch the engine and to read the files. Within a tokio runtime only.
    pub fn new(app: App, load: (LoadRequest, SharedFiles), endpoint: Endpoint) -> Self {
        let start = Instant::now();
        let (fact_sender, facts) = mpsc::channel(FACTS);
        let (result_sender, results) = mpsc::unbounded_channel();
        let (project_sender, project) = watch::channel(None);
        let (engine_sender, engine) = watch::channel(None::<Engine>);
        let watcher = Watcher { endpoint, project, engine: engine_sender, facts: fact_sender };
        let (sink, logs) = logs::lane(logs::LANE_BUDGET);
        let mut tasks = Tasks::new(load, engine, project_sender, result_sender, sink, start);
        tasks.load(None);
        Self { app, start, tasks, facts, results, logs, watcher: tokio::spawn(watcher.run()) }
    }

    /// Waits for what comes next: results, then facts, then log lines. Safe to drop half way.
    pub async fn next(&mut self) -> Msg {
        // The core holds a sender of each lane, or the watcher does for as long as it runs.
        tokio::select! {
            biased;
            Some(msg) = self.results.recv() => msg,
            Some(fact) = self.facts.recv() => Msg::Fact(fact),
            Some(news) = self.logs.next() => message(news),
            else => std::future::pending().await,
        }
    }

    /// The results and facts that have come.
    pub(super) fn at_hand(&mut self) -> Vec<Msg> {
        let mut batch = Vec::new();
        while let Ok(msg) = self.results.try_recv() {
            batch.push(msg);
        }
        while let Ok(fact) = self.facts.try_recv() {
            batch.push(Msg::Fact(fact));
        }
        batch
    }

    /// The next log lines that have come.
    pub(super) fn log_at_hand(&mut self) -> Option<Msg> {
        self.logs.try_next().map(message)
    }

    /// Takes a message in and begins what follows from it, but for what concerns the person's terminal, files and browser:
    /// that is handed back.
    #[must_use]
    pub fn update(&mut self, msg: Msg) -> Vec<Effect> {
        let mut outside = Vec::new();
        for effect in update(&mut self.app, msg) {
            self.tasks.project = self.app.file.sound().cloned();
            outside.extend(self.tasks.perform(effect));
        }
        outside
    }
}

impl Drop for Core {
    fn drop(&mut self) {
        self.watcher.abort();
    }
}

fn message(news: LogNews) -> Msg {
    match news {
        LogNews::Lines(batch) => Msg::Logs(batch),
        LogNews::Ended { container, stream, end } => Msg::LogsEnded { container, stream, end },
    }
}
