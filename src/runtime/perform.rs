//! Tasks: what the core asked for, done beside the loop. Every outcome comes back as a message.

use std::collections::HashMap;

use tokio::sync::{mpsc, watch};
use tokio::task::{self, JoinHandle};
use tokio::time::Instant;

use super::files::FileWatch;
use super::layouts::Layouts;
use super::runs::send;
use super::{SharedFiles, SharedProject, port_holders, save};
use crate::app::log::{OlderPage, SearchJob};
use crate::app::{Effect, Msg, RunId};
use crate::compose::LoadRequest;
use crate::engine::logs::{self, LogSink, Readers};
use crate::engine::{Canceller, Engine};
use crate::observed::{ContainerId, Fact, LogEnd, LogRequest};

/// The loop's tasks, by what they are for. Reads are "newest wins": a new one in a slot ends the old one.
pub(super) struct Tasks {
    pub(super) request: LoadRequest,
    pub(super) read_from: SharedFiles,
    /// The project on the screen, unless its files have errors; set before each effect.
    pub(super) project: Option<SharedProject>,
    pub(super) engine: watch::Receiver<Option<Engine>>,
    pub(super) watched: watch::Sender<Option<String>>,
    pub(super) results: mpsc::UnboundedSender<Msg>,
    pub(super) runs: HashMap<RunId, Canceller>,
    files: FileWatch,
    sink: LogSink,
    readers: Readers,
    slots: HashMap<Slot, JoinHandle<()>>,
    start: Instant,
    /// Where layouts are remembered; none where nothing is to be written.
    pub(super) layouts: Option<Layouts>,
    remembering: Option<JoinHandle<()>>,
}

/// What a read is for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Slot {
    Log(ContainerId),
    OlderLog(ContainerId),
    Search,
    PortHolders,
    Images,
    Processes,
    Load,
}

impl Tasks {
    pub(super) fn new(
        (request, read_from): (LoadRequest, SharedFiles),
        engine: watch::Receiver<Option<Engine>>,
        watched: watch::Sender<Option<String>>,
        results: mpsc::UnboundedSender<Msg>,
        sink: LogSink,
        start: Instant,
    ) -> Self {
        let (runs, slots, files) = (HashMap::new(), HashMap::new(), FileWatch::new(results.clone()));
        Self {
            request,
            read_from,
            project: None,
            engine,
            watched,
            results,
            runs,
            files,
            sink,
            readers: Readers::default(),
            slots,
            start,
            layouts: None,
            remembering: None,
        }
    }

    /// Starts what an effect asks for. One that concerns the person's terminal, files or browser is handed back.
    pub(super) fn perform(&mut self, effect: Effect) -> Option<Effect> {
        match effect {
            Effect::Load { profiles } => self.load(profiles),
            Effect::WatchFiles(paths) => self.files.turn_to(paths),
            Effect::OpenProject { name, folder, files } => self.open_project(name, folder, &files),
            Effect::OpenLog { container, stream, tail, since } => {
                self.open_log(LogRequest { container, stream, tail, since, until: None, follow: true });
            }
            Effect::ReadOlder(page) => self.read_older(page),
            Effect::CloseLog { container } => {
                self.end(&Slot::OlderLog(container.clone()));
                self.end(&Slot::Log(container));
            }
            Effect::Sample(container) => self.sample(container),
            Effect::ReadImages(names) => self.read_images(names),
            Effect::Inspect(container) => self.inspect(container),
            Effect::ReadProcesses(container) => self.read_processes(container),
            Effect::Plan { run, request } => self.plan(run, request),
            Effect::Execute { run, request, plan } => self.execute(run, request, plan),
            Effect::Cancel(run) => self.cancel(run),
            Effect::FindPortHolders(ports) => self.find_port_holders(ports),
            Effect::Search(job) => self.search(job),
            Effect::RecallLayout { project } => self.recall_layout(project),
            Effect::RememberLayout { project, text } => self.remember_layout(project, text),
            Effect::Quit
            | Effect::Suspend
            | Effect::Redraw
            | Effect::Shell { .. }
            | Effect::RunOnce { .. }
            | Effect::Page { .. }
            | Effect::Copy(_)
            | Effect::Open(_)
            | Effect::SaveText { .. } => return Some(effect),
        }
        None
    }

    /// Reports an outcome.
    pub(super) fn report(&self, msg: Msg) {
        send(&self.results, msg);
    }

    /// Runs a read in its slot; the one before it ends.
    pub(super) fn replace(&mut self, slot: Slot, work: impl Future<Output = ()> + Send + 'static) {
        self.put(slot, tokio::spawn(work));
    }

    fn put(&mut self, slot: Slot, task: JoinHandle<()>) {
        self.slots.retain(|_, task| !task.is_finished());
        if let Some(old) = self.slots.insert(slot, task) {
            old.abort();
        }
    }

    fn end(&mut self, slot: &Slot) {
        if let Some(task) = self.slots.remove(slot) {
            task.abort();
        }
    }

    fn open_log(&mut self, request: LogRequest) {
        let Some(engine) = self.engine.borrow().clone() else {
            let LogRequest { container, stream, .. } = request;
            let end = LogEnd::Broken("the engine is out of reach".to_owned());
            return self.report(Msg::LogsEnded { container, stream, end });
        };
        self.read_log(Slot::Log(request.container.clone()), &engine, request);
    }

    fn read_older(&mut self, page: OlderPage) {
        let OlderPage { container, stream, tail, until } = page;
        let slot = Slot::OlderLog(container.clone());
        let request = LogRequest {
            container,
            stream,
            tail: Some(tail),
            since: None,
            until: Some(until),
            follow: false,
        };
        // Without an engine nothing is told: the logs rest until it is back, and with them what was asked for.
        let Some(engine) = self.engine.borrow().clone() else { return };
        self.read_log(slot, &engine, request);
    }

    fn read_log(&mut self, slot: Slot, engine: &Engine, request: LogRequest) {
        let reading = logs::read(engine.clone(), request, self.sink.clone());
        let task = self.readers.spawn(engine, reading);
        self.put(slot, task);
    }

    fn sample(&self, id: ContainerId) {
        let (engine, results, start) = (self.engine.borrow().clone(), self.results.clone(), self.start);
        tokio::spawn(async move {
            let sample = match engine {
                Some(engine) => engine.sample(&id, start).await.map_err(|error| error.to_string()),
                None => Err("the engine is out of reach".to_owned()),
            };
            send(&results, Msg::Fact(Fact::Sample { id, sample }));
        });
    }

    fn inspect(&self, id: ContainerId) {
        let Some(engine) = self.engine.borrow().clone() else { return };
        let results = self.results.clone();
        tokio::spawn(async move {
            let fact = match engine.inspect(&id).await {
                Ok(Some(container)) => Fact::Changed(Box::new(container)),
                Ok(None) => Fact::Removed(id),
                // The watch on the engine tells when it is out of reach; a single failed reading is made up by the next.
                Err(_) => return,
            };
            send(&results, Msg::Fact(fact));
        });
    }

    fn read_processes(&mut self, id: ContainerId) {
        let (engine, results) = (self.engine.borrow().clone(), self.results.clone());
        self.replace(Slot::Processes, async move {
            let result = match engine {
                Some(engine) => engine.processes(&id).await.map_err(|error| error.to_string()),
                None => Err("the engine is out of reach".to_owned()),
            };
            send(&results, Msg::Processes { id, result });
        });
    }

    fn read_images(&mut self, names: Vec<String>) {
        // Once the engine answers again, they are asked for again.
        let Some(engine) = self.engine.borrow().clone() else { return };
        let results = self.results.clone();
        self.replace(Slot::Images, async move {
            send(&results, Msg::Images(engine.images(names).await));
        });
    }

    /// Opens an address in the browser.
    pub(super) fn open(&self, address: String) {
        let results = self.results.clone();
        task::spawn_blocking(move || {
            let (failed, text) = match open::that_detached(&address) {
                Ok(()) => (false, format!("opened {address}")),
                Err(error) => (true, format!("open {address}: {error}")),
            };
            send(&results, Msg::Notice { failed, text });
        });
    }

    /// Writes text to a new file.
    pub(super) fn save(&self, name: String, text: String) {
        let results = self.results.clone();
        task::spawn_blocking(move || send(&results, save::save(&name, &text)));
    }

    fn find_port_holders(&mut self, ports: Vec<(u16, String)>) {
        let results = self.results.clone();
        self.replace(Slot::PortHolders, async move {
            if let Ok(holders) = task::spawn_blocking(move || port_holders::find(&ports)).await {
                send(&results, Msg::PortHolders(holders));
            }
        });
    }

    fn recall_layout(&self, project: String) {
        let (layouts, results) = (self.layouts.clone(), self.results.clone());
        let Some(layouts) = layouts else { return };
        task::spawn_blocking(move || send(&results, layouts.recall(project)));
    }

    fn remember_layout(&mut self, project: String, text: String) {
        let (layouts, results) = (self.layouts.clone(), self.results.clone());
        let Some(layouts) = layouts else { return };
        // One after the other: the last is what is remembered.
        let before = self.remembering.take();
        self.remembering = Some(tokio::spawn(async move {
            if let Some(before) = before {
                drop(before.await);
            }
            let written = task::spawn_blocking(move || layouts.remember(&project, &text)).await;
            if let Ok(Some(notice)) = written {
                send(&results, notice);
            }
        }));
    }

    fn search(&mut self, job: SearchJob) {
        let results = self.results.clone();
        self.replace(Slot::Search, async move {
            if let Ok(found) = task::spawn_blocking(move || job.run()).await {
                send(&results, Msg::Found(found));
            }
        });
    }
}

impl Drop for Tasks {
    fn drop(&mut self) {
        for task in self.slots.values() {
            task.abort();
        }
    }
}
