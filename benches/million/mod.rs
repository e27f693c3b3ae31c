//! A container that has logged a million lines (97 MB), on a real engine: how soon its last line shows, how fast the whole log
//! is read, what is held of it, what that costs, and how fast it is searched.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a bench prints, and fails on the spot")]

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};
use std::{env, fs, thread};

use dockside::app::log::{DEFAULT_BUDGET, Direction, LogSource, LogView, Logs, Quest, ViewSize};
use dockside::engine::logs::{LANE_BUDGET, LogNews, Readers, lane, read};
use dockside::engine::{Endpoint, Engine};
use dockside::observed::{ContainerId, LogRequest};
use serde_json::{Value, json};

use crate::process::{seconds_used, status};
use crate::support::{self, BUSYBOX};
use crate::terminal::Terminal;

const PROJECT: &str = "dst-bench-million";
const NAME: &str = "dst-bench-million-big-1";
const SCRIPT: &str = "i=0; while [ $i -lt 1000000 ]; do i=$((i+1)); echo \"$i a line of a log that is as long as the lines of \
    real programs are, ninety-odd characters\"; done";
const LINES: usize = 1_000_000;
const RUNS: usize = 5;
const PATIENCE: Duration = Duration::from_mins(10);
/// What this bench is started with to read the log alone, so that what it costs can be told.
const ALONE: &str = "read-alone";

/// Whether this process was started to read the log; then it has.
pub fn is_alone() -> bool {
    let mut words = env::args().skip_while(|word| word != ALONE).skip(1);
    let (Some(host), Some(id)) = (words.next(), words.next()) else { return false };
    read_alone(&host, &ContainerId::from(id.as_str()));
    true
}

/// Prints the figures, where there is an engine.
pub fn measure() {
    let Some(engine) = support::engine() else { return };
    engine.remove_project(PROJECT);
    let id = provide(engine);
    let folder = tempfile::tempdir().unwrap();
    let file = format!("name: {PROJECT}\nservices:\n  big:\n    image: {BUSYBOX}\n");
    fs::write(folder.path().join("compose.yaml"), file).unwrap();
    println!("a container with {LINES} lines:");
    for _ in 0..2 {
        let arguments = [ALONE, engine.host(), &id];
        let told = Command::new(env::current_exe().unwrap()).args(arguments).output().unwrap();
        print!("{}", String::from_utf8_lossy(&told.stdout));
    }
    let mut times: Vec<f64> = (0..RUNS).map(|_| last_line(engine, folder.path()).0).collect();
    times.sort_by(f64::total_cmp);
    println!("  in the dashboard, the last line after {:.3} s (median of {RUNS})", times[RUNS / 2]);
    whole(engine, folder.path());
    engine.remove_project(PROJECT);
}

/// The container, once it has written everything.
fn provide(engine: &support::Engine) -> String {
    let body = json!({
        "Image": BUSYBOX,
        "Cmd": ["sh", "-c", SCRIPT],
        "Labels": {
            "com.docker.compose.project": PROJECT,
            "com.docker.compose.service": "big",
            "com.docker.compose.container-number": "1",
            "com.docker.compose.oneoff": "False",
            "com.docker.compose.config-hash": "bench",
        },
    });
    let id =
        engine.post(&format!("/containers/create?name={NAME}"), &body)["Id"].as_str().unwrap().to_owned();
    engine.post(&format!("/containers/{NAME}/start"), &Value::Null);
    let end = Instant::now() + PATIENCE;
    while engine.container(NAME).unwrap()["State"]["Status"] != "exited" {
        assert!(Instant::now() < end, "the lines were not written in time");
        thread::sleep(Duration::from_millis(500));
    }
    id
}

/// Reads the whole log into a store of the default budget, and searches it.
fn read_alone(host: &str, id: &ContainerId) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let mut logs = Logs::new(DEFAULT_BUDGET);
    let stream = logs.show(std::slice::from_ref(id)).open.remove(0).stream;
    let container = id.clone();
    let request = LogRequest { container, stream, tail: None, since: None, until: None, follow: false };
    let (begin, used) = (Instant::now(), seconds_used());
    runtime.block_on(async {
        let engine = Engine::connect(&Endpoint::parse(host, "the bench").unwrap()).await.unwrap();
        let (sink, mut lane) = lane(LANE_BUDGET);
        let mut readers = Readers::default();
        let _reading = readers.spawn(&engine, read(engine.clone(), request, sink));
        while let Some(news) = lane.next().await {
            match news {
                LogNews::Lines(batch) => logs.apply(&batch),
                LogNews::Ended { container, stream, end } => logs.ended(&container, stream, end),
            }
        }
    });
    let (took, used) = (begin.elapsed().as_secs_f64(), seconds_used() - used);
    let store = logs.store(id).unwrap();
    println!(
        "  read alone: {took:.2} s, {used:.2} s of cpu; held: {} lines in {} kB",
        store.len(),
        logs.size() >> 10
    );
    let mut view = LogView::new(vec![LogSource::Container { id: id.clone(), name: NAME.into() }]);
    view.search("no(where|body) [a-z]+ found$").unwrap();
    let size = ViewSize { width: 80, height: 24 };
    let job = view.find(&logs, size, (Quest::Match, Direction::Older), 1).unwrap();
    let begin = Instant::now();
    assert_eq!(job.run().position, None);
    println!("  search over all that is held: {:.3} s", begin.elapsed().as_secs_f64());
    println!("  memory: {} kB at most", status(std::process::id(), "VmHWM"));
}

/// Seconds until the last line shows.
fn last_line(engine: &support::Engine, folder: &Path) -> (f64, Terminal) {
    let begin = Instant::now();
    let variables = [("DOCKER_HOST", engine.host())];
    let program = Path::new(env!("CARGO_BIN_EXE_dockside"));
    let screen = Terminal::start(program, &[], folder, &variables, (160, 45));
    screen.wait_for("the last line", PATIENCE, |screen| screen.contains("1000000 a line"));
    (begin.elapsed().as_secs_f64(), screen)
}

/// Has the dashboard read the whole log anew, from a moment on, and look for what is not there.
fn whole(engine: &support::Engine, folder: &Path) {
    let (_, mut screen) = last_line(engine, folder);
    let id = screen.process_id();
    screen.press("4T");
    screen.wait_for("the prompt", PATIENCE, |screen| screen.contains("since"));
    let (begin, used) = (Instant::now(), crate::process::used_by(id));
    screen.press("2020-01-01\r");
    screen.wait_for("the first lines", PATIENCE, |screen| !screen.contains("1000000 a line"));
    screen.wait_for("the last line", PATIENCE, |screen| screen.contains("1000000 a line"));
    let (took, used) = (begin.elapsed().as_secs_f64(), crate::process::used_by(id) - used);
    println!("  in the dashboard, all since 2020: {took:.2} s, {used:.2} s of cpu");
    let begin = Instant::now();
    screen.press("/nowhere to be found\r");
    screen.wait_for("the answer", PATIENCE, |screen| screen.contains("is not in the lines held"));
    println!("  in the dashboard, searched in {:.3} s", begin.elapsed().as_secs_f64());
    println!(
        "  in the dashboard, memory: {} kB resident, {} kB at most",
        status(id, "VmRSS"),
        status(id, "VmHWM")
    );
}
