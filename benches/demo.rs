//! What the dashboard costs on the embedded engine, in a pseudo-terminal of 160×45.
//!
//! `cargo bench --bench demo` prints the time from the start of `dockside demo` to its first complete screen. Then, with
//! the engine in a process of its own and 100,000 lines a second in all: frames, CPU, memory and the time from a key to the
//! screen, with 500 services, with all their logs merged, and with 16 that all have a tile. `-- start`, `-- solo`,
//! `-- merged` and `-- tiles` do one of these. `-- long` keeps the 16 tiles for ten minutes and prints the memory every 30
//! seconds. Figures are printed, not judged. It needs no Docker Engine.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a bench prints, and fails on the spot")]

mod process;
#[path = "../tests/support/terminal.rs"]
mod terminal;

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, thread};

use process::{spent, status};
use terminal::Terminal;

const PROGRAM: &str = env!("CARGO_BIN_EXE_dockside");
const RUNS: usize = 9;
const LINES_A_SECOND: &str = "100000";
const PATIENCE: Duration = Duration::from_mins(1);
const LOOK: Duration = Duration::from_secs(20);
/// Until what is there at the start has been read.
const SETTLED: Duration = Duration::from_secs(5);
const STAY: Duration = Duration::from_mins(10);
const SAMPLE: Duration = Duration::from_secs(30);
const KEYS: usize = 100;
/// Between two keys, so that each meets the frames at another moment.
const PAUSE: Duration = Duration::from_millis(113);

/// What is on the screen of so many services.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shown {
    /// The log of the first.
    Solo,
    /// All of them, by time.
    Merged,
    /// A tile for each.
    Tiles,
}

fn main() {
    let chosen: Vec<String> = env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    let is_chosen = |word: &str| chosen.is_empty() || chosen.iter().any(|one| one == word);
    if is_chosen("start") {
        start();
    }
    let folder = tempfile::tempdir().unwrap();
    for (word, services, shown) in
        [("solo", 500, Shown::Solo), ("merged", 500, Shown::Merged), ("tiles", 16, Shown::Tiles)]
    {
        if is_chosen(word) {
            let mut crowd = Crowd::new(folder.path(), services, shown);
            crowd.look();
        }
    }
    if chosen.iter().any(|word| word == "long") {
        let mut crowd = Crowd::new(folder.path(), 16, Shown::Tiles);
        crowd.stay();
        crowd.look();
    }
}

fn start() {
    let folder = tempfile::tempdir().unwrap();
    let mut times: Vec<f64> = (0..RUNS)
        .map(|_| {
            let begin = Instant::now();
            let screen = Terminal::start(Path::new(PROGRAM), &["demo"], folder.path(), &[], (160, 45));
            screen.wait_for("states, ports and a log", PATIENCE, |screen| {
                screen.contains("healthy") && screen.contains("4444") && screen.contains("HTTP/1.1")
            });
            begin.elapsed().as_secs_f64()
        })
        .collect();
    times.sort_by(f64::total_cmp);
    println!(
        "demo, first screen: {:.3} s (median of {RUNS}; at most {:.3})",
        times[RUNS / 2],
        times[RUNS - 1]
    );
}

/// The dashboard on an engine with so many services.
struct Crowd {
    name: String,
    screen: Terminal,
    engine: Engine,
}

impl Crowd {
    fn new(folder: &Path, services: usize, shown: Shown) -> Self {
        let engine = Engine::start(folder, services);
        let host = format!("unix://{}", folder.join("engine.sock").display());
        // What is remembered of the project's layout is none of the bench's.
        let state = folder.join(format!("state-{shown:?}")).display().to_string();
        let variables = [("DOCKER_HOST", host.as_str()), ("XDG_STATE_HOME", state.as_str())];
        let mut screen = Terminal::start(Path::new(PROGRAM), &["-p", "many"], folder, &variables, (160, 45));
        screen.wait_for("the services", PATIENCE, |screen| screen.matches("running").count() >= 15);
        let wanted = match shown {
            Shown::Solo => "solo".to_owned(),
            Shown::Merged => "merged".to_owned(),
            Shown::Tiles => format!("tiles  {services}"),
        };
        match shown {
            Shown::Solo => {}
            Shown::Merged => screen.press("v"),
            Shown::Tiles => screen.press(&"lj".repeat(services)),
        }
        screen.wait_for("the logs", PATIENCE, |screen| screen.contains(&wanted));
        thread::sleep(SETTLED);
        Self { name: format!("{services} services, {shown:?}"), screen, engine }
    }

    fn look(&mut self) {
        let frames = self.screen.frames();
        let used = spent(&[self.screen.process_id(), self.engine.0.id()], || thread::sleep(LOOK));
        let frames = (self.screen.frames() - frames) as f64 / LOOK.as_secs_f64();
        println!("{}, {LINES_A_SECOND} lines a second in all:", self.name);
        println!("  {frames:.1} frames a second; cpu: dockside {:.1} %, engine {:.1} %", used[0], used[1]);
        let times = keys(&mut self.screen);
        println!(
            "  key to screen: {:.1} ms at the 50th percentile, {:.1} at the 99th",
            times[KEYS / 2],
            times[KEYS * 99 / 100]
        );
        println!("  memory: {}", self.memory());
    }

    /// Prints the memory for ten minutes.
    fn stay(&self) {
        println!("{}, {LINES_A_SECOND} lines a second in all, for {STAY:?}:", self.name);
        let begin = Instant::now();
        while begin.elapsed() < STAY {
            println!("  {:3.0} s: {}", begin.elapsed().as_secs_f64(), self.memory());
            thread::sleep(SAMPLE);
        }
    }

    fn memory(&self) -> String {
        let id = self.screen.process_id();
        format!("{} kB resident, {} kB at most", status(id, "VmRSS"), status(id, "VmHWM"))
    }
}

/// Milliseconds from each key to the screen that shows what it did: the cursor goes up and down.
fn keys(screen: &mut Terminal) -> Vec<f64> {
    screen.press("1gg");
    screen.wait_for("the cursor at the top", PATIENCE, |screen| cursor(screen) == Some(1));
    let mut times: Vec<f64> = (0..KEYS)
        .map(|place| {
            thread::sleep(PAUSE);
            let (key, row) = if place % 2 == 0 { ("j", 2) } else { ("k", 1) };
            let begin = Instant::now();
            screen.press(key);
            screen.wait_for("the cursor to move", PATIENCE, |screen| cursor(screen) == Some(row));
            begin.elapsed().as_secs_f64() * 1000.0
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times
}

/// The line below the pane's frame in which the cursor's mark stands.
fn cursor(screen: &str) -> Option<usize> {
    screen.lines().skip(1).position(|line| line.chars().nth(1) == Some('▌'))
}

/// The embedded engine, serving a socket.
struct Engine(Child);

impl Engine {
    fn start(folder: &Path, services: usize) -> Self {
        let socket = folder.join("engine.sock");
        let mut command = Command::new(PROGRAM);
        command.args(["demo", "--services", &services.to_string(), "--rate", LINES_A_SECOND, "--listen"]);
        let child = command.arg(&socket).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let end = Instant::now() + PATIENCE;
        while std::os::unix::net::UnixStream::connect(&socket).is_err() {
            assert!(Instant::now() < end, "the engine does not listen");
            thread::sleep(Duration::from_millis(20));
        }
        Self(child)
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}
