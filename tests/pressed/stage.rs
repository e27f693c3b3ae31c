//! The dashboard on the embedded engine, without a terminal: the real loop's core, engine and screen, on clocks that only
//! the test moves. tokio's clock stands and goes on only when nothing else can happen, so that to wait is to wait for all
//! that follows, and takes no time. Nothing here looks at the machine's clock, disk or network.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crossterm::event::{KeyCode, KeyEvent};
use dockside::app::action::{Action, Context, entry, refusal};
use dockside::app::content::{self, MenuChoice};
use dockside::app::keymap::{Key, Meaning, show_sequence};
use dockside::app::{App, Effect, Keymap, Layer, Msg, Now, Options, Pane};
use dockside::compose::source::{Files, MemoryFiles};
use dockside::compose::{self, LoadRequest};
use dockside::engine::{Endpoint, Engine, cancellation, carry_out, make_plan};
use dockside::plan::{self, Request, Target, Verb};
use dockside::runtime::Core;
use dockside::sim::Sim;
use dockside::sim::clock::{Clock, Moment};
use dockside::ui;
use dockside::ui::theme::Theme;
use jiff::{SignedDuration, Timestamp};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use serde_json::json;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

/// A Monday in November, at noon: when the dashboard is opened.
const START: Moment = Moment(1_795_435_200_000_000_000);
/// How long the shop has been up by then.
const LIVED: Duration = Duration::from_secs(25);
/// Between two keys of a person: longer than a dialog is deaf.
const BETWEEN_KEYS: Duration = Duration::from_millis(250);
/// The longest step of the clocks: what begins to wait meanwhile is late by no more.
const STEP: Duration = Duration::from_millis(50);
/// The size of the terminal.
const SIZE: (u16, u16) = (120, 30);
/// Where the project lies, in a world without a disk.
const FOLDER: &str = "/shop";
const SHOP: &str = include_str!("shop.yaml");
/// The longest that anything is waited for, on the clock of the test.
const PATIENCE: Duration = Duration::from_mins(2);

/// A dashboard on an engine of its own.
pub struct Stage {
    pub core: Core,
    pub sim: Sim,
    /// What was asked of the person's terminal, files and browser.
    pub outside: Vec<String>,
    /// What keys have meant, in order: the keys and the name of the action.
    pub meant: Vec<String>,
    /// How far the wall clock is ahead of where the monotonic one puts it.
    pub jumped: SignedDuration,
    /// The size of the terminal.
    size: (u16, u16),
    disk: Arc<Disk>,
}

/// The files of the shop, with this compose file.
fn files_with(compose: &str) -> MemoryFiles {
    let file = |name: &str| Path::new(FOLDER).join(name);
    MemoryFiles::new([
        (file("compose.yaml"), compose.as_bytes().to_vec()),
        (file("api/Dockerfile"), b"FROM shop/base\nRUN echo installed\n".to_vec()),
    ])
}

/// The shop's own files.
fn files() -> Arc<MemoryFiles> {
    Arc::new(files_with(SHOP))
}

/// Files that somebody may edit.
struct Disk(Mutex<MemoryFiles>);

impl Files for Disk {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.0.lock().unwrap().read(path)
    }

    fn is_file(&self, path: &Path) -> bool {
        self.0.lock().unwrap().is_file(path)
    }

    fn is_directory(&self, path: &Path) -> bool {
        self.0.lock().unwrap().is_directory(path)
    }

    fn canonical(&self, path: &Path) -> PathBuf {
        self.0.lock().unwrap().canonical(path)
    }
}

fn load_request() -> LoadRequest {
    LoadRequest { working_directory: FOLDER.into(), ..LoadRequest::default() }
}

fn endpoint(sim: &Sim) -> Endpoint {
    Endpoint { contexts: Some(files()), ..sim.endpoint() }
}

impl Stage {
    /// The shop of `shop.yaml`, up for some seconds, and looked at for one.
    pub async fn shop() -> Self {
        Self::open(Self::world().await).await
    }

    /// An engine on which the shop has been brought up, that nobody looks at yet.
    pub async fn world() -> Sim {
        let sim = Self::engine();
        bring_up(&sim).await;
        sim.live_until(START);
        sim
    }

    /// An engine that has the shop's image and nothing else.
    pub fn engine() -> Sim {
        let sim = Sim::new(Clock::standing(START - LIVED), 1);
        sim.add_image("shop/base", &json!({ "Cmd": ["sh"], "Env": ["PATH=/bin"] }));
        sim.offer("shop/base");
        sim
    }

    /// The dashboard in the shop's folder, at rest.
    pub async fn open(sim: Sim) -> Self {
        sim.live_until(START);
        let now = Now { wall: START.timestamp(), mono: Duration::ZERO };
        let app = App::new(Options::default(), Keymap::default(), now);
        let disk = Arc::new(Disk(Mutex::new(files_with(SHOP))));
        let core = Core::new(app, (load_request(), disk.clone()), endpoint(&sim));
        let (outside, meant, jumped) = (Vec::new(), Vec::new(), SignedDuration::ZERO);
        let mut stage = Self { core, sim, outside, meant, jumped, size: SIZE, disk };
        stage.resize(SIZE);
        stage.wait(Duration::from_secs(1)).await;
        stage
    }

    /// Presses keys as the settings write them, one after the other as a person does. `'text` types, `+5` waits 5 seconds,
    /// `80x24` gives the terminal that size.
    pub async fn press(&mut self, keys: &str) {
        for word in keys.split_whitespace() {
            if let Some(seconds) = word.strip_prefix('+').and_then(|text| text.parse().ok()) {
                self.wait(Duration::from_secs(seconds)).await;
                continue;
            }
            if let Some((width, height)) = word.split_once('x')
                && let (Ok(width), Ok(height)) = (width.parse(), height.parse())
            {
                self.resize((width, height));
                self.wait(BETWEEN_KEYS).await;
                continue;
            }
            if let Some(text) = word.strip_prefix('\'').filter(|text| !text.is_empty()) {
                for letter in text.chars() {
                    self.key(KeyCode::Char(letter).into());
                }
            } else {
                let key = Key::parse(word).unwrap();
                self.note(key);
                self.key(KeyEvent::new(key.code, key.modifiers));
            }
            self.wait(BETWEEN_KEYS).await;
        }
    }

    fn resize(&mut self, size: (u16, u16)) {
        self.size = size;
        self.take(Msg::Resize { width: size.0, height: size.1 });
    }

    /// Somebody writes the compose file anew, with some text in place of another.
    pub fn edit(&self, text: &str, other: &str) {
        assert!(SHOP.contains(text), "{text:?}");
        *self.disk.0.lock().unwrap() = files_with(&SHOP.replace(text, other));
    }

    /// Lets so much time pass, with everything that happens in it.
    pub async fn wait(&mut self, time: Duration) {
        let end = Instant::now() + time;
        while Instant::now() < end {
            self.step(end).await;
        }
    }

    /// Waits until the screen shows a text.
    pub async fn until(&mut self, text: &str) {
        let end = Instant::now() + PATIENCE;
        while !self.screen().contains(text) {
            assert!(Instant::now() < end, "{text:?} never showed:\n{}", self.screen());
            self.wait(Duration::from_millis(100)).await;
        }
    }

    /// What the terminal shows, and below it what was asked of the person's machine.
    pub fn screen(&self) -> String {
        let mut terminal = Terminal::new(TestBackend::new(self.size.0, self.size.1)).unwrap();
        terminal.draw(|frame| ui::draw(frame, &self.core.app, &Theme::terminal())).unwrap();
        let buffer = terminal.backend().buffer();
        let rows = buffer.content().chunks(usize::from(self.size.0));
        let lines = rows.map(|row| row.iter().map(ratatui::buffer::Cell::symbol).collect::<String>());
        let asked = self.outside.iter().map(|asked| format!("→ {asked}"));
        lines.map(|line| line.trim_end().to_owned()).chain(asked).collect::<Vec<_>>().join("\n")
    }

    /// The line of the screen in which a text stands; empty without one.
    pub fn line(&self, text: &str) -> String {
        self.screen().lines().find(|line| line.contains(text)).unwrap_or_default().to_owned()
    }

    fn key(&mut self, event: KeyEvent) {
        self.take(Msg::Key(event));
    }

    fn take(&mut self, msg: Msg) {
        let outside = self.core.update(Msg::Time(self.now()));
        let outside = outside.into_iter().chain(self.core.update(msg));
        self.outside.extend(outside.map(|effect| told(&effect)));
    }

    /// Takes what comes next, or puts the clocks forward to when something is due; not beyond `end`.
    async fn step(&mut self, end: Instant) {
        let next = self.next_wake(end);
        tokio::select! {
            biased;
            msg = self.core.next() => self.take(msg),
            () = sleep_until(next) => {
                self.sim.step_to(START + self.core.start.elapsed()).await;
                self.take(Msg::Time(self.now()));
            }
        }
    }

    fn now(&self) -> Now {
        let mono = self.core.start.elapsed();
        let wall: Timestamp = START.timestamp() + SignedDuration::try_from(mono).unwrap() + self.jumped;
        Now { wall, mono }
    }

    /// When something is due by itself: in the app, in the engine, or the end of the wait.
    fn next_wake(&self, end: Instant) -> Instant {
        let of_app = self.core.app.next_wake();
        let of_engine = self.sim.next_due().map(|due| due.since(START));
        let next = [of_app, of_engine].into_iter().flatten().map(|at| self.core.start + at).min();
        let now = Instant::now();
        next.unwrap_or(end).min(end).clamp(now + Duration::from_millis(1), now + STEP)
    }

    /// Writes down what a key is about to mean.
    fn note(&mut self, key: Key) {
        let app = &self.core.app;
        if let Some((keys, action)) = meaning(app, key) {
            let refused = app.layer().is_none() && refusal(action, app).is_some();
            let mark = if refused { " (refused)" } else { "" };
            self.meant.push(format!("{keys} {}{mark}", entry(action).unwrap().name));
        }
    }
}

/// What a key means now, with those before it that it goes on with.
fn meaning(app: &App, key: Key) -> Option<(String, Action)> {
    let is_enter = key.code == KeyCode::Enter;
    match app.layer() {
        Some(Layer::Palette(palette)) if is_enter => {
            let entries = content::palette(app, &palette.input.text);
            return Some((":".to_owned(), entries.get(palette.cursor)?.action));
        }
        // Keys edit what is typed.
        Some(Layer::Prompt(_) | Layer::Palette(_)) if key.code != KeyCode::Esc => return None,
        Some(Layer::Down(dialog)) if content::name_to_type(app, dialog.run).is_some() && !is_enter => {
            return None;
        }
        Some(Layer::Menu(menu)) => {
            let entries = content::menu(app, menu);
            let chosen = if is_enter { entries.get(menu.cursor) } else { None };
            let chosen = chosen.or_else(|| entries.iter().find(|entry| entry.key == key.to_string()));
            if let Some(MenuChoice::Act(action)) = chosen.map(|entry| entry.choice) {
                return Some(("menu".to_owned(), action));
            }
        }
        _ => {}
    }
    let contexts = match (app.layer(), app.focus) {
        (Some(_), _) => vec![Context::Layer, Context::Everywhere],
        (None, Pane::Logs) => vec![Context::Logs, Context::Home, Context::Everywhere],
        (None, _) => vec![Context::Lists, Context::Home, Context::Everywhere],
    };
    let keys = [app.pending_keys.as_slice(), &[key]].concat();
    match app.keymap.meaning(&contexts, &keys) {
        Meaning::Act(action) => Some((show_sequence(&keys), action)),
        Meaning::Prefix | Meaning::Nothing => None,
    }
}

/// Brings the shop up, and lets it live until [`START`].
async fn bring_up(sim: &Sim) {
    let project = compose::load(&load_request(), files().as_ref()).project.unwrap();
    let (name, verb, target) = (project.name.clone(), Verb::Up, Target::Project);
    let request = Request { project: name, verb, target, options: plan::Options::default() };
    let upping = async {
        let engine = Engine::connect(&endpoint(sim)).await.unwrap();
        let plan = make_plan(&engine, Some(&project), &request).await.unwrap();
        let (reports, _) = mpsc::unbounded_channel();
        let (_canceller, cancel) = cancellation();
        carry_out(&engine, Some(&project), &request, Arc::new(plan), &reports, &cancel).await.unwrap();
    };
    let stepping = async {
        loop {
            match sim.next_due().filter(|next| *next < START) {
                Some(next) => sim.step_to(next).await,
                None => tokio::task::yield_now().await,
            }
        }
    };
    tokio::select! {
        () = upping => {}
        () = stepping => {}
    }
}

fn told(effect: &Effect) -> String {
    match effect {
        Effect::Shell { name, .. } => format!("a shell in {name}"),
        Effect::RunOnce { service, command } => format!("run {command:?} in a new container of {service}"),
        Effect::SaveText { name, text } => format!("save {} lines as {name}", text.lines().count()),
        Effect::Copy(text) => format!("copy {text}"),
        Effect::Open(address) => format!("open {address}"),
        other => format!("{other:?}").to_lowercase(),
    }
}
