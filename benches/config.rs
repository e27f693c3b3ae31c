//! How long the compose loader takes, and how much memory at most: `cargo bench --bench config`. Plain timing of the
//! program itself, `dockside config -q`, in a process of its own for each run.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a bench prints, and fails on the spot")]

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const RUNS: usize = 7;

fn main() {
    let folder = std::env::temp_dir().join(format!("dockside-bench-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    for count in [1, 10, 100, 1_000, 10_000] {
        fs::write(folder.join("compose.yaml"), services(count)).unwrap();
        report(&format!("{count} services"), &folder);
    }
    report("the sample project", &Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/demo"));
    fs::remove_dir_all(&folder).unwrap();
}

/// Services with ports, volumes, dependencies and an anchor each.
fn services(count: usize) -> String {
    let mut text = "x-base: &base\n  restart: unless-stopped\n  logging:\n    driver: json-file\n    options: {max-size: 10m}\n  \
                    environment:\n    A: one\n    B: two\nservices:\n"
        .to_owned();
    for number in 0..count {
        let port = 10_000 + number % 50_000;
        text.push_str(&format!(
            "  s{number}:\n    <<: *base\n    image: registry/app{number}:1.2\n    ports:\n      - \"{port}:80\"\n      \
             - 127.0.0.1:{port}:8080\n    volumes:\n      - data{}:/data\n      - ./src{number}:/src:ro\n",
            number % 10
        ));
        if number > 0 {
            text.push_str(&format!("    depends_on:\n      - s{}\n", number - 1));
        }
    }
    text + "volumes:\n" + &(0..10).map(|number| format!("  data{number}:\n")).collect::<String>()
}

fn report(name: &str, folder: &Path) {
    let mut runs: Vec<(Duration, u64)> = (0..RUNS).map(|_| run(folder)).collect();
    runs.sort_unstable();
    let (took, memory) = runs[RUNS / 2];
    println!("{name:20} {:7.1} ms  {:5.1} MB at most", took.as_secs_f64() * 1e3, memory as f64 / 1024.0);
}

/// The time that one run took, and the most memory that it had, in KiB.
fn run(folder: &Path) -> (Duration, u64) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dockside"));
    command.args(["config", "-q"]).current_dir(folder).stdin(Stdio::null());
    let start = Instant::now();
    let mut child = command.spawn().unwrap();
    let status = format!("/proc/{}/status", child.id());
    let mut memory = 0;
    // The figure can be read only while it runs; the last one that is read is the most it had, or nearly.
    while child.try_wait().unwrap().is_none() {
        let text = fs::read_to_string(&status).unwrap_or_default();
        let peak = text.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB"));
        memory = memory.max(peak.and_then(|number| number.trim().parse().ok()).unwrap_or_default());
    }
    let took = start.elapsed();
    assert!(child.wait().unwrap().success(), "{} is refused", folder.display());
    (took, memory)
}
