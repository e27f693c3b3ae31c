//! The sample project: what a look at its files tells, that it is at work on the embedded engine in a moment, and that its
//! scripts run on a real engine as they should.
#![allow(clippy::unwrap_used, reason = "a helper of tests fails the test")]

mod support;
#[path = "support/terminal.rs"]
mod terminal;

use std::fs;
use std::path::Path;
use std::time::Duration;

use terminal::Terminal;

/// A debug build on a busy machine is slow; one that waits for ever is broken.
const LONG: Duration = Duration::from_mins(1);

/// `dockside demo` without an engine in reach, in an empty home.
fn demo(home: &Path, arguments: &[&str]) -> Terminal {
    let variables = [
        ("HOME", home.to_str().unwrap()),
        ("DOCKER_HOST", "unix:///nowhere/docker.sock"),
        ("COMPOSE_FILE", "/nowhere/compose.yaml"),
    ];
    let arguments = [&["demo"], arguments].concat();
    Terminal::start(Path::new(env!("CARGO_BIN_EXE_dockside")), &arguments, home, &variables, (120, 40))
}

#[test]
fn the_demo_needs_no_engine_and_writes_nothing() {
    let home = tempfile::tempdir().unwrap();
    let mut terminal = demo(home.path(), &[]);
    terminal.wait_for("the shop at work", LONG, |screen| {
        let has = |text: &str| screen.contains(text);
        has("embedded engine") && has("2/2") && has("done 0") && has("exited 137 OOM") && has("\"GE")
    });
    terminal.press("jr");
    terminal.wait_for("web restarted", LONG, |screen| screen.contains("web healthy after"));
    terminal.press("D");
    terminal.wait_for("the dialog", LONG, |screen| screen.contains("what would go"));
    terminal.press_until("\r", "the dialog gone", |screen| !screen.contains("what would go"));
    terminal.wait_for("all gone", LONG, |screen| screen.matches("not created").count() >= 8);
    terminal.press("U");
    terminal.wait_for("the plan", LONG, |screen| screen.contains("what would change"));
    terminal.press_until("\r", "the dialog gone", |screen| !screen.contains("what would change"));
    terminal.press_until("\x1b", "the services", |screen| !screen.contains("what is being done"));
    terminal.wait_for("all up again", LONG, |screen| screen.contains("2/2") && screen.contains("done 0"));
    terminal.press("q");
    let written = fs::read_dir(home.path()).unwrap().count();
    assert_eq!(written, 0, "something was written into the home folder");
}

#[test]
fn a_made_up_project_has_as_many_services_as_asked_for() {
    let home = tempfile::tempdir().unwrap();
    let terminal = demo(home.path(), &["--services", "60", "--rate", "600"]);
    terminal.wait_for("sixty services", LONG, |screen| {
        screen.contains("60 services") && screen.contains("service-001")
    });
}

#[test]
fn every_service_is_built_from_the_base_and_pulls_nothing() {
    for entry in
        fs::read_dir(support::demo()).unwrap().map(Result::unwrap).filter(|entry| entry.path().is_dir())
    {
        let dockerfile = fs::read_to_string(entry.path().join("Dockerfile")).unwrap();
        let from = dockerfile.lines().find(|line| line.starts_with("FROM ")).unwrap();
        let expected = if entry.file_name() == "base" { "FROM scratch" } else { "FROM dockside-demo/base" };
        assert_eq!(from, expected, "{:?}", entry.file_name());
        for script in fs::read_dir(entry.path()).unwrap().map(|file| file.unwrap().file_name()) {
            let script = script.into_string().unwrap();
            // What the embedded engine plays needs no copy.
            let copied =
                ["Dockerfile", "simulation.toml"].contains(&script.as_str()) || dockerfile.contains(&script);
            assert!(copied, "{:?}: the Dockerfile does not copy {script}", entry.file_name());
        }
    }
}

#[test]
fn the_clock_of_the_scripts_is_right() {
    let Some(engine) = support::engine() else { return };
    engine.provide_demo_base();
    // The parts of the time by the shop's arithmetic, and by `date`, of the same second or the one after.
    let script = ". /lib/shop.sh; a=$(date -u +%Y-%m-%d-%b-%H-%M-%S); now; b=$(date -u +%Y-%m-%d-%b-%H-%M-%S); \
        t=$(printf %d-%02d-%02d-%s-%02d-%02d-%02d $year $month $day $month_name $hour $minute $second); \
        echo \"$a $t $b\"; [ $t = $a ] || [ $t = $b ]";
    let body = serde_json::json!({
        "Image": support::DEMO_BASE,
        "Cmd": ["sh", "-c", script],
        "HostConfig": {"NetworkMode": "none"},
    });
    let created = engine.post("/containers/create", &body);
    let id = created["Id"].as_str().unwrap();
    engine.post(&format!("/containers/{id}/start"), &serde_json::Value::Null);
    let ended = engine.post(&format!("/containers/{id}/wait"), &serde_json::Value::Null);
    let log = engine.request("GET", &format!("/containers/{id}/logs?stdout=true&stderr=true"), b"").text();
    engine.request("DELETE", &format!("/containers/{id}"), b"");
    assert_eq!(ended["StatusCode"], 0, "{log}");
}
