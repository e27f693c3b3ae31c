//! The loop: what happened goes into [`crate::app::update()`], what it asks for is carried out, and what changed is drawn.
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

mod core;
mod files;
mod input;
mod layouts;
mod pager;
mod perform;
mod port_holders;
mod projects;
mod run_once;
mod runs;
mod save;
mod shell;

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use color_eyre::eyre::{Result, WrapErr};
use jiff::Timestamp;
use ratatui::layout::Size;
use tokio::time::Instant;

pub use self::core::Core;
use crate::app::{App, Effect, Msg, Now};
use crate::compose::LoadRequest;
use crate::compose::model::Project;
use crate::compose::source::Files;
use crate::engine::{Address, Endpoint};
use crate::terminal::{Frames, Guard};
use crate::ui;
use crate::ui::theme::Theme;
use input::Input;
use layouts::Layouts;

/// The shortest time between two frames: sixty a second.
const FRAME: Duration = Duration::from_millis(16);
/// The longest that log lines may keep keys waiting.
const LOG_TURN: Duration = Duration::from_millis(4);

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
    /// The folder of the program's state; none where nothing is to be remembered.
    pub state: Option<PathBuf>,
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
    core: Core,
    theme: Theme,
    guard: &'a Guard,
    frames: Frames,
    drawn: Drawn,
    input: Input,
    /// The engine that `--host` names, for what is run with this program's own command line.
    host: Option<String>,
    /// Whether the engine is the one in this process.
    is_embedded: bool,
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
        let (width, height) = crossterm::terminal::size().wrap_err("ask the terminal for its size")?;
        let host = (setup.endpoint.source == "--host").then(|| setup.endpoint.address.to_string());
        let is_embedded = matches!(setup.endpoint.address, Address::Embedded(_));
        let mut core = Core::new(setup.app, (setup.request, setup.files), setup.endpoint);
        core.tasks.layouts = setup.state.as_deref().map(Layouts::within);
        Ok(Self {
            theme: setup.theme,
            guard,
            frames: Frames::new(Size { width, height }).wrap_err("start to draw")?,
            drawn: Drawn::default(),
            input: Input::new(core.start),
            core,
            host,
            is_embedded,
            is_over: false,
        })
    }

    async fn run(mut self) -> Result<()> {
        self.ask_size().await?;
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
        batch.extend(self.core.at_hand());
        for msg in batch {
            self.update(msg).await?;
        }
        let begin = Instant::now();
        while begin.elapsed() < LOG_TURN {
            let Some(lines) = self.core.log_at_hand() else { break };
            self.update(lines).await?;
        }
        Ok(())
    }

    async fn update(&mut self, msg: Msg) -> Result<()> {
        for effect in self.core.update(msg) {
            self.perform(effect).await?;
        }
        Ok(())
    }

    /// Carries out what concerns the person's terminal, files and browser.
    async fn perform(&mut self, effect: Effect) -> Result<()> {
        match effect {
            Effect::Quit => self.is_over = true,
            Effect::Redraw => self.redraw()?,
            Effect::Suspend => self.suspend().await?,
            Effect::Copy(text) => self.frames.write(&input::clipboard(&text)?),
            Effect::Shell { container, name } => {
                let notice = self.lend_to_shell(&container, &name).await?;
                self.core.tasks.report(notice);
            }
            Effect::RunOnce { service, command } => {
                let notice = self.lend_to_run(&service, &command).await?;
                self.core.tasks.report(notice);
            }
            Effect::Page { text } => {
                let notice = self.lend_to_pager(text).await?;
                self.core.tasks.report(notice);
            }
            Effect::Open(address) => self.core.tasks.open(address),
            Effect::SaveText { name, text } => self.core.tasks.save(name, text),
            // The core has begun all else.
            _ => {}
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
            msg = self.core.next() => Woken::Msg(msg),
            () = self.frames.written() => Woken::Nothing,
            () = sleep_until(deadline) => Woken::Nothing,
        };
        Ok(woken)
    }

    /// When something is due although nothing comes: the app's timers, a held Escape, a frame that came too early.
    fn deadline(&self) -> Option<Instant> {
        let wake = self.core.app.next_wake().map(|at| self.core.start + at);
        let frame = self.is_stale().then(|| self.drawn.at.map_or(self.core.start, |at| at + FRAME));
        [wake, frame, self.input.deadline()].into_iter().flatten().min()
    }

    fn is_stale(&self) -> bool {
        self.drawn.revision != Some(self.core.app.revision)
    }

    fn draw_if_due(&mut self) -> Result<()> {
        let is_ready = self.frames.is_ready().wrap_err("write to the terminal")?;
        let is_early = self.drawn.at.is_some_and(|at| at.elapsed() < FRAME);
        if !is_ready || is_early || !self.is_stale() {
            return Ok(());
        }
        let (app, theme) = (&self.core.app, &self.theme);
        let size = Size { width: app.size.width, height: app.size.height };
        self.frames.draw(size, |frame| ui::draw(frame, app, theme)).wrap_err("draw the screen")?;
        self.drawn = Drawn { revision: Some(self.core.app.revision), at: Some(Instant::now()) };
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
        Now { wall: Timestamp::now(), mono: self.core.start.elapsed() }
    }
}

/// Waits until then; for ever without a time.
async fn sleep_until(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at).await,
        None => std::future::pending().await,
    }
}

/// What tasks share of the project that is shown.
type SharedProject = Arc<Project>;
