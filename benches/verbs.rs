//! What `up -d` and `down` cost for forty containers on a real engine, beside Docker Compose.
//!
//! `DOCKER_HOST=… DOCKSIDE_TEST_ENGINE=1 DOCKSIDE_ORACLE=/path/to/docker-compose cargo bench --bench verbs` runs both in
//! turn and prints each one's wall time (median, least and most) and peak memory. Without `DOCKSIDE_ORACLE` only Dockside
//! runs. Figures are printed, not judged.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a bench prints, and fails on the spot")]

#[path = "../tests/support/mod.rs"]
mod support;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, fs, thread};

use support::Engine;

const CONTAINERS: usize = 40;
/// Rounds that count; one before them warms the engine up.
const ROUNDS: usize = 9;
const PROJECT: &str = "dockside-bench-verbs";
/// How often a running program's memory is looked at.
const LOOK: Duration = Duration::from_millis(2);

struct Tool {
    name: &'static str,
    path: PathBuf,
    up: Vec<Duration>,
    down: Vec<Duration>,
    peak: u64,
}

fn main() {
    let Some(engine) = support::engine() else { return };
    let folder = project();
    let mut tools = vec![Tool::new("dockside", env!("CARGO_BIN_EXE_dockside").into())];
    if let Some(oracle) = env::var_os("DOCKSIDE_ORACLE").filter(|path| !path.is_empty()) {
        tools.push(Tool::new("docker compose", oracle.into()));
    }
    engine.remove_project(PROJECT);
    for round in 0..=ROUNDS {
        for tool in &mut tools {
            let up = tool.run(engine, folder.path(), &["up", "-d"]);
            let down = tool.run(engine, folder.path(), &["down"]);
            if round > 0 {
                tool.up.push(up);
                tool.down.push(down);
            }
        }
    }
    for tool in &mut tools {
        println!(
            "{}: up {}, down {}, {} kB at most",
            tool.name,
            spread(&mut tool.up),
            spread(&mut tool.down),
            tool.peak
        );
    }
}

impl Tool {
    fn new(name: &'static str, path: PathBuf) -> Self {
        Self { name, path, up: Vec::new(), down: Vec::new(), peak: 0 }
    }

    fn run(&mut self, engine: &Engine, folder: &Path, arguments: &[&str]) -> Duration {
        let begin = Instant::now();
        let mut child = Command::new(&self.path)
            .args(arguments)
            .current_dir(folder)
            .env("DOCKER_HOST", engine.host())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let status = loop {
            self.peak = self.peak.max(peak(child.id()));
            if let Some(status) = child.try_wait().unwrap() {
                break status;
            }
            thread::sleep(LOOK);
        };
        assert!(status.success(), "{} {arguments:?} ended with {status}", self.name);
        begin.elapsed()
    }
}

/// Containers that end at once when told to, on one network.
fn project() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let mut compose = format!("name: {PROJECT}\nservices:\n");
    for number in 0..CONTAINERS {
        compose.push_str(&format!(
            "  service-{number:02}:\n    image: {}\n    command: [sleep, infinity]\n    stop_signal: SIGKILL\n",
            support::BUSYBOX
        ));
    }
    fs::write(folder.path().join("compose.yaml"), compose).unwrap();
    folder
}

/// The most memory that a process has had so far, in kB; 0 once it has ended.
fn peak(process: u32) -> u64 {
    let text = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB"));
    line.map_or(0, |kilobytes| kilobytes.parse().unwrap())
}

fn spread(times: &mut [Duration]) -> String {
    times.sort();
    let (least, most) = (times[0].as_secs_f64(), times[times.len() - 1].as_secs_f64());
    format!("{:.2} s ({least:.2} to {most:.2})", times[times.len() / 2].as_secs_f64())
}
