//! The program in a real pseudo-terminal, as a person meets it: keys in, screen out, and the terminal as it was.
#![allow(clippy::expect_used, clippy::panic, reason = "a helper of tests fails the test")]

mod support;
#[path = "support/terminal.rs"]
mod terminal;

use std::path::Path;
use std::time::Duration;

use support::Project;
use terminal::Terminal;

const SOON: Duration = Duration::from_secs(20);
/// Building eight images and waiting for health takes a slow machine a while.
const LONG: Duration = Duration::from_mins(4);

fn dockside(arguments: &[&str], folder: &Path, variables: &[(&str, &str)]) -> Terminal {
    let home = folder.to_str().expect("a test folder has a plain name");
    let all: Vec<(&str, &str)> =
        [("HOME", home), ("XDG_CONFIG_HOME", home)].into_iter().chain(variables.iter().copied()).collect();
    Terminal::start(Path::new(env!("CARGO_BIN_EXE_dockside")), arguments, folder, &all, (160, 45))
}

/// What the program must have undone, whatever ended it: the alternate screen, mouse, paste marks, the hidden cursor.
fn assert_restored(terminal: &Terminal, raw: &[u8]) {
    let raw = String::from_utf8_lossy(raw);
    for (set, reset) in
        [("\x1b[?1049h", "\x1b[?1049l"), ("\x1b[?2004h", "\x1b[?2004l"), ("\x1b[?25l", "\x1b[?25h")]
    {
        let (on, off) = (raw.rfind(set), raw.rfind(reset));
        assert!(on < off, "{set:?} was left on");
    }
    assert!(raw.rfind("\x1b[?1000h") < raw.rfind("\x1b[?1000l"), "the mouse was left on");
    assert!(terminal.is_restored(), "the terminal's modes are not those it began with");
}

/// A folder with one service, and no engine behind the socket that is named.
fn without_engine() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(
        folder.path().join("compose.yaml"),
        "name: quiet\nservices:\n  web:\n    image: nowhere/web\n",
    )
    .expect("a file");
    folder
}

#[test]
fn without_an_engine_the_file_shows_and_quitting_restores_the_terminal() {
    let folder = without_engine();
    let mut terminal = dockside(&["-H", "unix:///nowhere/docker.sock"], folder.path(), &[]);
    let screen = terminal.wait_for("the service and the endpoint", SOON, |screen| {
        screen.contains("web") && screen.contains("unix:///nowhere/docker.sock")
    });
    assert!(screen.contains("quiet"), "{screen}");
    terminal.press("q");
    let (code, raw) = terminal.wait_for_end(SOON);
    assert_eq!(code, 0);
    assert_restored(&terminal, &raw);
}

#[test]
fn signals_restore_the_terminal() {
    for signal in ["TERM", "HUP"] {
        let folder = without_engine();
        let mut terminal = dockside(&["-H", "unix:///nowhere/docker.sock"], folder.path(), &[]);
        terminal.wait_for("the service", SOON, |screen| screen.contains("web"));
        let sent = std::process::Command::new("kill")
            .args([format!("-{signal}"), terminal.process_id().to_string()])
            .status();
        assert!(sent.expect("kill runs").success());
        let (_, raw) = terminal.wait_for_end(SOON);
        assert_restored(&terminal, &raw);
    }
}

#[test]
fn every_size_is_drawn_and_survived() {
    let folder = without_engine();
    let mut terminal = dockside(&["-H", "unix:///nowhere/docker.sock"], folder.path(), &[]);
    terminal.wait_for("the service", SOON, |screen| screen.contains("web"));
    for (columns, rows) in [(1, 1), (80, 2), (20, 9), (100, 30)] {
        terminal.resize(columns, rows);
    }
    terminal.wait_for("the service again", SOON, |screen| screen.contains("web"));
    terminal.press("q");
    assert_eq!(terminal.wait_for_end(SOON).0, 0);
}

#[test]
fn a_broken_file_is_shown_with_its_place() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("compose.yaml"), "services:\n  web:\n    enviroment: {}\n")
        .expect("a file");
    let mut terminal = dockside(&["-H", "unix:///nowhere/docker.sock"], folder.path(), &[]);
    terminal.wait_for("the diagnostic", SOON, |screen| {
        screen.contains("compose.yaml:3") && screen.contains("environment")
    });
    terminal.press("\x03");
    assert_eq!(terminal.wait_for_end(SOON).0, 0);
}

/// The whole way of a person through the sample project.
#[test]
fn the_sample_project_from_up_to_down() {
    let Some(engine) = support::engine() else { return };
    let project = Project::demo(engine);
    let port = support::free_port().to_string();
    let variables = [
        ("DOCKER_HOST", engine.host()),
        ("COMPOSE_PROJECT_NAME", project.name.as_str()),
        ("SHOP_PORT", port.as_str()),
    ];
    let mut terminal = dockside(&[], &project.folder(), &variables);
    terminal.wait_for("the services, none of them created", SOON, |screen| screen.contains("not created"));

    terminal.press("U");
    terminal.wait_for("the plan", SOON, |screen| screen.contains("what would change"));
    // Dialogs take keys after 200 ms; the key is offered until the dialog has gone.
    terminal.press_until("\r", "the dialog gone", |screen| !screen.contains("what would change"));
    terminal.wait_for("a healthy gateway", LONG, |screen| row(screen, "gateway").contains("running"));
    terminal.wait_for("two healthy webs", LONG, |screen| {
        row(screen, "web").contains("2/2") && row(screen, "web").contains("healthy")
    });

    let before = engine.container(&project.container("cache", 1)).expect("the cache runs");
    move_to(&mut terminal, "cache");
    terminal.press("r");
    terminal.wait_for("how the restart ended", LONG, |screen| footer(screen).contains("cache"));
    let after = engine.container(&project.container("cache", 1)).expect("the cache runs");
    assert_eq!(before["Id"], after["Id"], "a restart keeps the container");
    assert_ne!(before["State"]["StartedAt"], after["State"]["StartedAt"]);
    terminal.wait_for("the log of the cache's new life", SOON, |screen| {
        screen.contains("started") || screen.contains("ready")
    });

    terminal.press("D");
    terminal.wait_for("what goes", SOON, |screen| screen.contains("Down"));
    terminal.press_until("\r", "the question gone", |screen| !screen.contains("Esc leave"));
    terminal.wait_for("no containers", LONG, |screen| row(screen, "gateway").contains("not created"));
    assert_eq!(project.states(), Vec::<String>::new());

    terminal.press("q");
    let (code, raw) = terminal.wait_for_end(SOON);
    assert_eq!(code, 0);
    assert_restored(&terminal, &raw);
}

/// The row of a service in the list, by its name.
fn row(screen: &str, service: &str) -> String {
    let named = |line: &&str| {
        line.get(..line.len().min(60)).is_some_and(|row| row.split_whitespace().any(|word| word == service))
    };
    screen.lines().find(|line| named(line)).unwrap_or_default().to_owned()
}

fn footer(screen: &str) -> String {
    screen.lines().last().unwrap_or_default().to_owned()
}

/// Moves the cursor down until the logs and containers are those of the service.
fn move_to(terminal: &mut Terminal, service: &str) {
    terminal.press("g");
    terminal.press("g");
    let wanted = format!("of {service} ");
    for _ in 0..20 {
        if terminal.screen().contains(&wanted) {
            return;
        }
        let before = terminal.screen();
        terminal.press("j");
        terminal.wait_for("the cursor to move", SOON, |screen| screen != before);
    }
    panic!("never came to {service}:\n{}", terminal.screen());
}
