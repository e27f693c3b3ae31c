//! What the dashboard costs on a real engine, as a person meets it: in a pseudo-terminal of 160×45.
//!
//! `DOCKER_HOST=… DOCKSIDE_TEST_ENGINE=1 cargo bench --bench dashboard` prints, with 40 containers that log a line a
//! second each: the time from start to the first screen with states, ports and the tail of the visible log; the CPU of
//! Dockside and the extra CPU of the engine over 20 idle seconds; resident memory. Then, with one container that has
//! logged a million lines (97 MB): the time until its last line shows, and peak memory. Figures are printed, not judged.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a bench prints, and fails on the spot")]

mod process;
#[path = "../tests/support/mod.rs"]
mod support;
#[path = "../tests/support/terminal.rs"]
mod terminal;

use std::path::Path;
use std::time::{Duration, Instant};
use std::{fs, thread};

use process::{spent, status};
use serde_json::{Value, json};
use support::Engine;
use terminal::Terminal;

const CONTAINERS: usize = 40;
const IDLE: Duration = Duration::from_secs(20);
const PATIENCE: Duration = Duration::from_mins(3);
const RUNS: usize = 9;
const PROJECT: &str = "dockside-bench";
const BIG: &str = "dockside-bench-big";

fn main() {
    let Some(engine) = support::engine() else { return };
    clean(engine);
    forty(engine);
    million(engine);
    clean(engine);
}

fn forty(engine: &Engine) {
    let folder = project_of_forty(engine);
    let mut times: Vec<Duration> = (0..RUNS).map(|_| first_screen(engine, folder.path()).0).collect();
    times.sort();
    println!(
        "first screen: {:.3} s (median of {RUNS}; {:.3} to {:.3})",
        times[RUNS / 2].as_secs_f64(),
        times[0].as_secs_f64(),
        times[RUNS - 1].as_secs_f64()
    );

    let daemon = daemon(engine);
    let alone = spent(&[daemon], || thread::sleep(IDLE))[0];
    let (_, screen) = first_screen(engine, folder.path());
    // The inspections and the first readings of all forty are over after this.
    thread::sleep(Duration::from_secs(5));
    let with = spent(&[daemon, screen.process_id()], || thread::sleep(IDLE));
    println!(
        "cpu over {IDLE:?}: dockside {:.2} %, engine {:.2} % more ({:.2} % alone)",
        with[1],
        with[0] - alone,
        alone
    );
    println!(
        "memory: {} kB resident, {} kB at most",
        status(screen.process_id(), "VmRSS"),
        status(screen.process_id(), "VmHWM")
    );
}

fn million(engine: &Engine) {
    let script = "i=0; while [ $i -lt 1000000 ]; do i=$((i+1)); echo \"$i a line of a log that is as long as the lines of \
        real programs are, ninety-odd characters\"; done";
    let folder = tempfile::tempdir().unwrap();
    fs::write(
        folder.path().join("compose.yaml"),
        "name: dockside-bench-big\nservices:\n  big:\n    image: dockside-test/busybox\n",
    )
    .unwrap();
    create(engine, BIG, "big", script, &Value::Null);
    let end = Instant::now() + PATIENCE * 3;
    while engine.container("dockside-bench-big-big-1").unwrap()["State"]["Status"] != "exited" {
        assert!(Instant::now() < end, "the million lines were not written in time");
        thread::sleep(Duration::from_millis(500));
    }
    let mut times = Vec::new();
    let mut peak = 0;
    for _ in 0..RUNS {
        let begin = Instant::now();
        let screen = start(engine, folder.path());
        screen.wait_for("the last line", PATIENCE, |screen| screen.contains("1000000 a line"));
        times.push(begin.elapsed());
        peak = peak.max(status(screen.process_id(), "VmHWM"));
    }
    times.sort();
    println!(
        "a million lines: the last one after {:.3} s (median of {RUNS}), {peak} kB at most",
        times[RUNS / 2].as_secs_f64()
    );
}

/// Starts Dockside and waits for states, ports and the end of the first service's log.
fn first_screen(engine: &Engine, folder: &Path) -> (Duration, Terminal) {
    let begin = Instant::now();
    let screen = start(engine, folder);
    screen.wait_for("states, ports and a log", PATIENCE, |screen| {
        screen.matches("running").count() >= 30 && screen.contains("21000") && screen.contains("tick")
    });
    (begin.elapsed(), screen)
}

fn start(engine: &Engine, folder: &Path) -> Terminal {
    let program = Path::new(env!("CARGO_BIN_EXE_dockside"));
    Terminal::start(program, &[], folder, &[("DOCKER_HOST", engine.host())], (160, 45))
}

fn project_of_forty(engine: &Engine) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let mut compose = format!("name: {PROJECT}\nservices:\n");
    for number in 0..CONTAINERS {
        let port = 21000 + number;
        compose.push_str(&format!(
            "  service-{number:02}:\n    image: dockside-test/busybox\n    ports: [\"127.0.0.1:{port}:80\"]\n"
        ));
        let ports = json!({ "80/tcp": [{ "HostIp": "127.0.0.1", "HostPort": port.to_string() }] });
        create(
            engine,
            PROJECT,
            &format!("service-{number:02}"),
            "while :; do echo \"tick $((n=n+1))\"; sleep 1; done",
            &ports,
        );
    }
    fs::write(folder.path().join("compose.yaml"), compose).unwrap();
    folder
}

fn create(engine: &Engine, project: &str, service: &str, script: &str, ports: &Value) {
    let name = format!("{project}-{service}-1");
    let body = json!({
        "Image": support::BUSYBOX,
        "Cmd": ["sh", "-c", script],
        "StopSignal": "SIGKILL",
        "ExposedPorts": { "80/tcp": {} },
        "Labels": {
            "com.docker.compose.project": project,
            "com.docker.compose.service": service,
            "com.docker.compose.container-number": "1",
            "com.docker.compose.oneoff": "False",
            "com.docker.compose.config-hash": "bench",
        },
        "HostConfig": { "PortBindings": ports },
    });
    engine.post(&format!("/containers/create?name={name}"), &body);
    engine.post(&format!("/containers/{name}/start"), &Value::Null);
}

fn clean(engine: &Engine) {
    for project in [PROJECT, BIG] {
        engine.remove_project(project);
    }
}

/// The process that listens on the engine's socket: dockerd, by its command line.
fn daemon(engine: &Engine) -> u32 {
    let processes = fs::read_dir("/proc").unwrap().flatten();
    let id = processes.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok()).find(|id| {
        let line = fs::read_to_string(format!("/proc/{id}/cmdline")).unwrap_or_default();
        line.contains("dockerd")
            && (line.contains(engine.host()) || engine.host().ends_with("/var/run/docker.sock"))
    });
    id.unwrap()
}
