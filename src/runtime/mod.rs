//! The loop: what happened goes into [`update`], what it asks for is carried out, and what changed is drawn.
//!
//! ```text
//! terminal ──► keys ─┐
//! engine ───► facts ─┼─► Msg ─► update ─► Effect ─► perform ─► task ─► Msg
//! readers ──► logs ──┤
//! clock ─────────────┘   then one frame, if anything changed and the last one is out
//! ```
//!
//! Keys come first, then facts and results, then logs for 4 ms at most. The loop never waits on a send, decides nothing
//! and knows no pane. It owns every task: dropping it ends them.

mod files;
mod input;
mod perform;
mod port_holders;
mod projects;
mod runs;
mod save;
mod shell;

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use color_eyre::eyre::{Result, WrapErr};
use jiff::Timestamp;
use ratatui::layout::Size;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

use crate::app::{App, Effect, Msg, Now, update};
use crate::compose::LoadRequest;
use crate::compose::model::Project;
use crate::compose::source::Files;
use crate::engine::logs::{self, LogLane, LogNews};
use crate::engine::{Endpoint, Engine, Watcher};
use crate::observed::Fact;
use crate::terminal::{Frames, Guard};
use crate::ui;
use crate::ui::theme::Theme;
use input::Input;
use perform::Tasks;

/// The shortest time between two frames: sixty a second.
const FRAME: Duration = Duration::from_millis(16);
/// The longest that log lines may keep keys waiting.
const LOG_TURN: Duration = Duration::from_millis(4);
/// Facts under way. A full lane makes the engine's task wait, never the loop.
const FACTS: usize = 1024;

/// Where compose files lie, as tasks share it.
pub type SharedFiles = Arc<dyn Files + Send + Sync>;

/// What the dashboard begins with.
pub struct Setup {
    /// Which files to load.
    pub request: LoadRequest,
    /// Where they lie.
    pub files: SharedFiles,
    /// Which engine to talk to.
    pub endpoint: Endpoint,
    /// The state before anything has happened.
    pub app: App,
    /// The colours.
    pub theme: Theme,
    /// Whether the mouse is used.
    pub mouse: bool,
}

/// Shows the dashboard until the person quits.
///
/// # Errors
/// When there is no terminal, or it is lost.
pub async fn run(setup: Setup) -> Result<()> {
    let guard = Guard::take(setup.mouse).wrap_err("open the dashboard, which needs a terminal")?;
    let result = Runtime::new(setup, &guard)?.run().await;
    drop(guard);
    result
}

struct Runtime<'a> {
    app: App,
    theme: Theme,
    start: Instant,
    guard: &'a Guard,
    frames: Frames,
    drawn: Drawn,
    input: Input,
    facts: mpsc::Receiver<Fact>,
    results: mpsc::UnboundedReceiver<Msg>,
    logs: LogLane,
    tasks: Tasks,
    watcher: JoinHandle<()>,
    is_over: bool,
}

/// What the last frame showed, and when it was drawn.
#[derive(Default)]
struct Drawn {
    revision: Option<u64>,
    at: Option<Instant>,
}

/// What ended a wait.
enum Woken {
    Msg(Msg),
    /// Something was written, or a time has come.
    Nothing,
}

impl<'a> Runtime<'a> {
    fn new(setup: Setup, guard: &'a Guard) -> Result<Self> {
        let start = Instant::now();
        let (width, height) = crossterm::terminal::size().wrap_err("ask the terminal for its size")?;
        let (fact_sender, facts) = mpsc::channel(FACTS);
        let (result_sender, results) = mpsc::unbounded_channel();
        let (project_sender, project) = watch::channel(None);
        let (engine_sender, engine) = watch::channel(None::<Engine>);
        let watcher =
            Watcher { endpoint: setup.endpoint, project, engine: engine_sender, facts: fact_sender };
        let (sink, logs) = logs::lane(logs::LANE_BUDGET);
        let tasks =
            Tasks::new((setup.request, setup.files), engine, project_sender, result_sender, sink, start);
        Ok(Self {
            app: setup.app,
            theme: setup.theme,
            start,
            guard,
            frames: Frames::new(Size { width, height }).wrap_err("start to draw")?,
            drawn: Drawn::default(),
            input: Input::new(start),
            facts,
            results,
            logs,
            tasks,
            watcher: tokio::spawn(watcher.run()),
            is_over: false,
        })
    }

    async fn run(mut self) -> Result<()> {
        self.ask_size().await?;
        self.tasks.load(None);
        while !self.is_over {
            self.draw_if_due()?;
            let batch = match self.wait().await? {
                Woken::Msg(msg) => vec![msg],
                Woken::Nothing => Vec::new(),
            };
            self.take(batch).await?;
        }
        Ok(())
    }

    /// Asks the terminal for its size: nobody tells of a change that came while it was not ours.
    async fn ask_size(&mut self) -> Result<()> {
        let (width, height) = crossterm::terminal::size().wrap_err("ask the terminal for its size")?;
        Box::pin(self.update(Msg::Resize { width, height })).await
    }

    /// Takes what has come, keys first, and carries out what follows from it.
    async fn take(&mut self, mut batch: Vec<Msg>) -> Result<()> {
        batch.insert(0, Msg::Time(self.now()));
        batch.extend(self.input.ready().await.wrap_err("read the terminal")?);
        while let Ok(msg) = self.results.try_recv() {
            batch.push(msg);
        }
        while let Ok(fact) = self.facts.try_recv() {
            batch.push(Msg::Fact(fact));
        }
        for msg in batch {
            self.update(msg).await?;
        }
        let begin = Instant::now();
        while begin.elapsed() < LOG_TURN {
            let Some(news) = self.logs.try_next() else { break };
            self.update(message(news)).await?;
        }
        Ok(())
    }

    async fn update(&mut self, msg: Msg) -> Result<()> {
        for effect in update(&mut self.app, msg) {
            self.perform(effect).await?;
        }
        Ok(())
    }

    /// Carries out what concerns the terminal here and hands the rest to tasks.
    async fn perform(&mut self, effect: Effect) -> Result<()> {
        match effect {
            Effect::Quit => self.is_over = true,
            Effect::Redraw => self.redraw()?,
            Effect::Suspend => self.suspend().await?,
            Effect::Copy(text) => self.frames.write(&input::clipboard(&text)?),
            Effect::Shell { container, name } => {
                let notice = self.lend_to_shell(&container, &name).await?;
                self.tasks.report(notice);
            }
            other => {
                self.tasks.project = self.app.file.sound().cloned();
                self.tasks.perform(other);
            }
        }
        Ok(())
    }

    /// Waits for whatever comes first. Keys win.
    async fn wait(&mut self) -> Result<Woken> {
        let deadline = self.deadline();
        let woken = tokio::select! {
            biased;
            event = self.input.next() => match event.wrap_err("read the terminal")? {
                Some(msg) => Woken::Msg(msg),
                None => Woken::Nothing,
            },
            Some(msg) = self.results.recv() => Woken::Msg(msg),
            Some(fact) = self.facts.recv() => Woken::Msg(Msg::Fact(fact)),
            Some(news) = self.logs.next() => Woken::Msg(message(news)),
            () = self.frames.written() => Woken::Nothing,
            () = sleep_until(deadline) => Woken::Nothing,
        };
        Ok(woken)
    }

    /// When something is due although nothing comes: the app's timers, a held Escape, a frame that came too early.
    fn deadline(&self) -> Option<Instant> {
        let wake = self.app.next_wake().map(|at| self.start + at);
        let frame = self.is_stale().then(|| self.drawn.at.map_or(self.start, |at| at + FRAME));
        [wake, frame, self.input.deadline()].into_iter().flatten().min()
    }

    fn is_stale(&self) -> bool {
        self.drawn.revision != Some(self.app.revision)
    }

    fn draw_if_due(&mut self) -> Result<()> {
        let is_ready = self.frames.is_ready().wrap_err("write to the terminal")?;
        let is_early = self.drawn.at.is_some_and(|at| at.elapsed() < FRAME);
        if !is_ready || is_early || !self.is_stale() {
            return Ok(());
        }
        let size = Size { width: self.app.size.width, height: self.app.size.height };
        let (app, theme) = (&self.app, &self.theme);
        self.frames.draw(size, |frame| ui::draw(frame, app, theme)).wrap_err("draw the screen")?;
        self.drawn = Drawn { revision: Some(self.app.revision), at: Some(Instant::now()) };
        Ok(())
    }

    fn redraw(&mut self) -> Result<()> {
        self.frames.forget().wrap_err("clear the screen")?;
        self.drawn.revision = None;
        Ok(())
    }

    /// Lets the last frame out, so that nothing is written while the terminal is somebody else's.
    async fn settle_frames(&mut self) -> io::Result<()> {
        while !self.frames.is_ready()? {
            self.frames.written().await;
        }
        Ok(())
    }

    fn now(&self) -> Now {
        Now { wall: Timestamp::now(), mono: self.start.elapsed() }
    }
}

impl Drop for Runtime<'_> {
    fn drop(&mut self) {
        self.watcher.abort();
    }
}

/// Waits until then; for ever without a time.
async fn sleep_until(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at.into()).await,
        None => std::future::pending().await,
    }
}

fn message(news: LogNews) -> Msg {
    match news {
        LogNews::Lines(batch) => Msg::Logs(batch),
        LogNews::Ended { container, stream, end } => Msg::LogsEnded { container, stream, end },
    }
}

/// What tasks share of the project that is shown.
type SharedProject = Arc<Project>;
