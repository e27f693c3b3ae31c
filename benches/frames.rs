//! What a frame costs: allocations and time at 160×45, with 16 tiles full of lines that go on, and with 500 logs merged.
//!
//! `cargo bench --bench frames` prints the figures and how they differ from those recorded in `frames.txt` beside this file;
//! `cargo bench --bench frames -- --renew` records them. Allocations are the same on every machine, times are not.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a bench prints, and fails on the spot")]

use std::alloc::System;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;
use std::time::{Duration, Instant};
use std::{env, fs};

use crossterm::event::KeyEvent;
use dockside::app::keymap::parse_sequence;
use dockside::app::log::Reading;
use dockside::app::{App, Effect, Keymap, LogMode, Msg, Now, Options, update};
use dockside::observed::{Container, ContainerId, EngineInfo, Fact, Level, LogBatch, LogLine, State, label};
use dockside::ui;
use dockside::ui::theme::Theme;
use jiff::{SignedDuration, Timestamp};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static COUNTING: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Frames of which the median is told.
const FRAMES: usize = 300;
/// Lines that each log holds before.
const HELD: usize = 2_000;
/// Lines that come to each log between two frames.
const FRESH: usize = 3;

fn main() {
    let mut figures = BTreeMap::new();
    for (name, services, mode) in [("16 tiles", 16, LogMode::Tiles), ("500 merged", 500, LogMode::Merged)] {
        let mut desk = Desk::new(services, mode);
        desk.measure(name, &mut figures);
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/frames.txt");
    let recorded = fs::read_to_string(&path).unwrap_or_default();
    let recorded: BTreeMap<&str, f64> = recorded.lines().filter_map(parse).collect();
    let mut text = String::new();
    for (name, figure) in &figures {
        let before = recorded.get(name.as_str());
        let change = before.map_or_else(String::new, |before| {
            format!("  ({:+.1} % from {before})", (figure - before) / before * 100.0)
        });
        println!("{name}: {figure:.0}{change}");
        writeln!(text, "{name}: {figure:.0}").unwrap();
    }
    if env::args().any(|word| word == "--renew") {
        fs::write(path, text).unwrap();
    }
}

fn parse(line: &str) -> Option<(&str, f64)> {
    let (name, figure) = line.rsplit_once(": ")?;
    Some((name, figure.parse().ok()?))
}

/// A dashboard whose services all log.
struct Desk {
    app: App,
    theme: Theme,
    terminal: Terminal<TestBackend>,
    streams: Vec<(ContainerId, u64)>,
    mono: Duration,
    lines: usize,
}

fn start() -> Timestamp {
    "2026-11-23T14:00:00Z".parse().unwrap()
}

impl Desk {
    fn new(services: usize, mode: LogMode) -> Self {
        let now = Now { wall: start(), mono: Duration::ZERO };
        let terminal = Terminal::new(TestBackend::new(160, 45)).unwrap();
        let app = App::new(Options::default(), Keymap::default(), now);
        let theme = Theme::terminal();
        let mut desk = Self { app, theme, terminal, streams: Vec::new(), mono: Duration::ZERO, lines: 0 };
        desk.send(Msg::Resize { width: 160, height: 45 });
        desk.app.project = Some("bench".to_owned());
        desk.send(Msg::Fact(Fact::Connected(EngineInfo { local: true, ..EngineInfo::default() })));
        desk.send(Msg::Fact(Fact::Listed((0..services).map(container).collect())));
        desk.wait(100);
        let keys = match mode {
            LogMode::Tiles => "l j ".repeat(services),
            _ => "v".to_owned(),
        };
        for key in parse_sequence(&keys).unwrap() {
            desk.send(Msg::Key(KeyEvent::new(key.code, key.modifiers)));
        }
        assert_eq!(desk.app.logs.mode, mode);
        desk.streams = (0..services).map(|number| desk.stream(number)).collect();
        desk.print(HELD);
        desk
    }

    fn stream(&self, service: usize) -> (ContainerId, u64) {
        let id = id(service);
        match self.app.logs.store.store(&id).map(|store| store.reading().clone()) {
            Some(Reading::Live(stream)) => (id, stream),
            other => unreachable!("service {service}: {other:?}"),
        }
    }

    fn send(&mut self, msg: Msg) -> Vec<Effect> {
        update(&mut self.app, msg)
    }

    fn wait(&mut self, milliseconds: u64) {
        self.mono += Duration::from_millis(milliseconds);
        let wall = start() + SignedDuration::try_from(self.mono).unwrap();
        self.send(Msg::Time(Now { wall, mono: self.mono }));
    }

    /// So many lines come to each log.
    fn print(&mut self, count: usize) {
        for (container, stream) in self.streams.clone() {
            let mut batch = LogBatch { container, stream, bytes: Vec::new(), lines: Vec::new() };
            for line in 0..count {
                let number = self.lines + line;
                let text =
                    format!("INFO 203.0.113.{} GET /items/{number} 200 {}ms", number % 255, number % 97);
                batch.bytes.extend_from_slice(text.as_bytes());
                let (end, at) =
                    (batch.bytes.len() as u32, start() + SignedDuration::from_millis(number as i64));
                batch.lines.push(LogLine { end, at, level: Level::Info, stderr: false });
            }
            self.send(Msg::Logs(batch));
        }
        self.lines += count;
    }

    fn draw(&mut self) {
        let (app, theme) = (&self.app, &self.theme);
        self.terminal.draw(|frame| ui::draw(frame, app, theme)).unwrap();
    }

    fn measure(&mut self, name: &str, figures: &mut BTreeMap<String, f64>) {
        let (mut times, mut counts, mut sizes) = (Vec::new(), Vec::new(), Vec::new());
        self.draw();
        for _ in 0..FRAMES {
            self.wait(16);
            self.print(FRESH);
            let region = Region::new(COUNTING);
            let begin = Instant::now();
            self.draw();
            times.push(begin.elapsed().as_nanos() as usize / 1000);
            let change = region.change();
            counts.push(change.allocations + change.reallocations);
            sizes.push(change.bytes_allocated);
        }
        let all = [("microseconds", times), ("allocations", counts), ("bytes allocated", sizes)];
        for (what, mut values) in all {
            values.sort_unstable();
            figures.insert(format!("{name}, {what} a frame"), values[FRAMES / 2] as f64);
        }
    }
}

fn id(service: usize) -> ContainerId {
    ContainerId::from(format!("bench-service-{service:03}-1").as_str())
}

fn container(service: usize) -> Container {
    let id = id(service);
    let mut made = Container::new(id.clone(), &id.0);
    made.labels = BTreeMap::from([
        (label::PROJECT.to_owned(), "bench".to_owned()),
        (label::SERVICE.to_owned(), format!("service-{service:03}")),
        (label::CONTAINER_NUMBER.to_owned(), "1".to_owned()),
        (label::ONE_OFF.to_owned(), "False".to_owned()),
    ]);
    made.state = State::Running;
    made.created_at = Some(start() - SignedDuration::from_hours(1));
    made.started_at = made.created_at;
    made
}
