//! The program in a real pseudo-terminal, as a person meets it: keys in, screen out, and the terminal as it was.
#![allow(clippy::expect_used, clippy::panic, reason = "a helper of tests fails the test")]

mod support;
#[path = "support/terminal.rs"]
mod terminal;

use std::io::Read as _;
use std::path::Path;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use portable_pty::{CommandBuilder, PtySize, native_pty_system};

use support::Project;
use terminal::Terminal;

const SOON: Duration = Duration::from_secs(20);
/// A frame, on a machine that is busy with other tests.
const AT_ONCE: Duration = Duration::from_secs(5);
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
    for (set, reset) in [
        ("\x1b[?1049h", "\x1b[?1049l"),
        ("\x1b[?2004h", "\x1b[?2004l"),
        ("\x1b[?25l", "\x1b[?25h"),
        ("\x1b[22;0t", "\x1b[23;0t"),
    ] {
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
    let asked = raw.windows(4).any(|bytes| bytes == b"\x1b[6n");
    assert!(!asked, "the terminal was asked where its cursor is, and not every one answers");
    assert_restored(&terminal, &raw);
}

#[test]
fn signals_restore_the_terminal() {
    for signal in ["TERM", "HUP", "INT"] {
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

/// The engine takes connections and never answers, so that nothing but keys wakes the program.
#[test]
fn keys_are_taken_though_nothing_else_happens() {
    let folder = without_engine();
    let socket = folder.path().join("docker.sock");
    let _silent = std::os::unix::net::UnixListener::bind(&socket).expect("a socket");
    let mut terminal = dockside(&["-H", &format!("unix://{}", socket.display())], folder.path(), &[]);
    terminal.wait_for("the service", SOON, |screen| screen.contains("web"));
    for _ in 0..3 {
        terminal.press("?");
        terminal.wait_for("the keys", AT_ONCE, |screen| screen.contains("Move and mark"));
        terminal.press("?");
        terminal.wait_for("no keys", AT_ONCE, |screen| !screen.contains("Move and mark"));
    }
    terminal.press("q");
    assert_eq!(terminal.wait_for_end(SOON).0, 0);
}

#[test]
fn a_terminal_that_is_gone_ends_the_program() {
    let folder = without_engine();
    let size = PtySize { rows: 24, cols: 80, pixel_width: 0, pixel_height: 0 };
    let pair = native_pty_system().openpty(size).expect("a pseudo-terminal");
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_dockside"));
    command.args(["-H", "unix:///nowhere/docker.sock"]);
    command.cwd(folder.path());
    let mut child = pair.slave.spawn_command(command).expect("the program starts");
    drop(pair.slave);
    let mut reader = pair.master.try_clone_reader().expect("the terminal's output");
    let mut seen = Vec::new();
    while !String::from_utf8_lossy(&seen).contains("web") {
        let mut buffer = [0; 4096];
        let count = reader.read(&mut buffer).expect("the program draws");
        seen.extend_from_slice(&buffer[..count]);
    }
    drop(reader);
    drop(pair.master);
    let mut killer = child.clone_killer();
    let (sender, ended) = mpsc::channel();
    thread::spawn(move || sender.send(child.wait().is_ok()));
    let result = ended.recv_timeout(SOON);
    drop(killer.kill());
    assert_eq!(result, Ok(true), "the program lives on without a terminal");
}

/// Nothing else wakes the loop while an engine takes a connection and says nothing: each key must do so by itself.
#[test]
#[cfg(unix)]
fn keys_act_at_once_while_an_engine_is_silent() {
    let folder = without_engine();
    std::fs::write(folder.path().join("more.yaml"), "services:\n  last:\n    image: nowhere/last\n")
        .expect("a file");
    let socket = folder.path().join("engine.sock");
    let listener = std::os::unix::net::UnixListener::bind(&socket).expect("a socket");
    thread::spawn(move || listener.incoming().collect::<Vec<_>>());
    let host = format!("unix://{}", socket.display());
    let mut terminal = dockside(&["-H", &host, "-f", "compose.yaml", "-f", "more.yaml"], folder.path(), &[]);
    terminal.wait_for("the services", SOON, |screen| screen.contains("last"));
    for _ in 0..10 {
        for (key, service) in [("j", "of last"), ("k", "of web")] {
            // To draw anew asks the terminal nothing, and waits for nothing.
            terminal.press("\x0c");
            terminal.press(key);
            terminal.wait_for(service, Duration::from_secs(3), |screen| screen.contains(service));
        }
    }
    terminal.press("q");
    assert_eq!(terminal.wait_for_end(SOON).0, 0);
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

const NAPS: &str = "services:\n  naps:\n    image: {busybox}\n    command: [sleep, '1000']\n    init: true\n";

#[test]
fn a_shell_has_the_terminal_and_gives_it_back() {
    let Some(engine) = support::engine() else { return };
    let project = Project::new(engine, "shell", NAPS);
    let mut terminal = dockside(&[], &project.folder(), &[("DOCKER_HOST", engine.host())]);
    terminal.wait_for("the service", SOON, |screen| screen.contains("not created"));
    terminal.press("u");
    terminal.wait_for("the container", LONG, |screen| footer(screen).contains("naps running after"));

    terminal.press("e");
    terminal.wait_for("a shell", SOON, |screen| screen.contains("# ") && !screen.contains("Services"));
    terminal.resize(150, 40);
    terminal.press_until("stty size\r", "the new size", |screen| screen.contains("40 150"));
    terminal.press("exit 3\r");
    terminal.wait_for("how the shell ended", SOON, |screen| footer(screen).contains("ended with 3"));
    terminal.press("?");
    terminal.wait_for("that the first key after it acts", SOON, |screen| screen.contains("Keys"));
    terminal.press("q");

    terminal.press("e");
    terminal.wait_for("a shell", SOON, |screen| screen.contains("# ") && !screen.contains("Services"));
    let sent =
        std::process::Command::new("kill").args(["-TERM", &terminal.process_id().to_string()]).status();
    assert!(sent.expect("kill runs").success());
    let (_, raw) = terminal.wait_for_end(SOON);
    assert_restored(&terminal, &raw);
}

/// A service with a shell on a terminal of its own.
const SHELL: &str = "services:\n  shell:\n    image: {busybox}\n    command: sh\n    tty: true\n    stdin_open: true\n    stop_signal: SIGKILL\n";

#[test]
fn run_exec_and_attach_have_the_terminal_and_give_it_back() {
    let Some(engine) = support::engine() else { return };
    let project = Project::new(engine, "tty", SHELL);
    let start =
        |arguments: &[&str]| dockside(arguments, &project.folder(), &[("DOCKER_HOST", engine.host())]);
    let end = |mut terminal: Terminal, code: u32| {
        assert_eq!(terminal.wait_for_end(LONG).0, code, "{}", terminal.screen());
        assert!(terminal.is_restored(), "the terminal's modes are not those it began with");
    };

    let mut terminal = start(&["run", "--rm", "shell"]);
    terminal.wait_for("a shell", LONG, |screen| screen.contains("# "));
    terminal.resize(150, 40);
    terminal.press_until("stty size\r", "the new size", |screen| screen.contains("40 150"));
    // An interrupt is the shell's, and ends nothing.
    terminal.press("\x03");
    terminal.press_until("echo $((6*7))\r", "that the shell goes on", |screen| screen.contains("42"));
    terminal.press("exit 5\r");
    end(terminal, 5);
    assert_eq!(project.states(), Vec::<String>::new());

    end(start(&["up", "-d"]), 0);
    let mut terminal = start(&["exec", "shell", "sh"]);
    terminal.wait_for("a shell", LONG, |screen| screen.contains("# "));
    terminal.press("\x03");
    terminal.press_until("echo $((6*7))\r", "that the shell goes on", |screen| screen.contains("42"));
    terminal.press("exit 4\r");
    end(terminal, 4);

    let mut terminal = start(&["attach", "--detach-keys", "ctrl-x,q", "shell"]);
    terminal.press_until("echo $((7*9))\r", "the shell's answer", |screen| screen.contains("63"));
    terminal.press("\x18q");
    end(terminal, 1);
    assert_eq!(project.states(), ["shell-1 running"]);
}

#[test]
fn a_broken_file_leaves_stop_alone() {
    let Some(engine) = support::engine() else { return };
    let project = Project::new(engine, "broken", NAPS);
    let variables = [("DOCKER_HOST", engine.host())];
    let mut terminal = dockside(&[], &project.folder(), &variables);
    terminal.wait_for("the service", SOON, |screen| screen.contains("not created"));
    terminal.press("u");
    terminal.wait_for("the container", LONG, |screen| row(screen, "naps").contains("running"));
    wait_for_outcome(&terminal);
    terminal.press("q");
    assert_eq!(terminal.wait_for_end(SOON).0, 0);

    project.write("compose.yaml", "services:\n  naps:\n    image: ${NOWHERE:?is not set}\n    imagee: no\n");
    let mut terminal = dockside(&[], &project.folder(), &variables);
    terminal.wait_for("both faults", SOON, |screen| screen.contains("NOWHERE") && screen.contains("imagee"));
    terminal.press_until("\x1b", "the services", |screen| row(screen, "naps").contains("running"));
    terminal.press("s");
    terminal.wait_for("the end of it", LONG, |screen| row(screen, "naps").contains("exited"));
    assert_eq!(project.states(), ["naps-1 exited 143"]);
    wait_for_outcome(&terminal);
    terminal.press("q");
    assert_eq!(terminal.wait_for_end(SOON).0, 0);
}

#[test]
#[ignore = "panics: the test below runs it in a terminal of its own"]
fn panics_while_it_has_the_terminal() {
    dockside::terminal::restore_on_panic();
    let _guard = dockside::terminal::Guard::take(true).expect("a terminal");
    panic!("on purpose");
}

#[test]
fn a_panic_restores_the_terminal_before_it_is_told() {
    let tests = std::env::current_exe().expect("this program");
    let arguments = ["--exact", "panics_while_it_has_the_terminal", "--ignored", "--nocapture"];
    let folder = tempfile::tempdir().expect("a folder");
    let mut terminal = Terminal::start(&tests, &arguments, folder.path(), &[], (80, 24));
    let (code, raw) = terminal.wait_for_end(SOON);
    assert_eq!(code, 101, "a task's panic ends the program, not only the task");
    assert_restored(&terminal, &raw);
    let text = String::from_utf8_lossy(&raw);
    assert!(text.rfind("\x1b[?1049l") < text.find("on purpose"), "told on the screen that is left: {text}");
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
    terminal.wait_for("how the restart ended", LONG, |screen| footer(screen).contains("cache running after"));
    let after = engine.container(&project.container("cache", 1)).expect("the cache runs");
    assert_eq!(before["Id"], after["Id"], "a restart keeps the container");
    assert_ne!(before["State"]["StartedAt"], after["State"]["StartedAt"]);
    terminal.wait_for("the log of the cache's new life", SOON, |screen| {
        screen.contains("started") || screen.contains("ready")
    });

    terminal.press("D");
    terminal.wait_for("what goes", SOON, |screen| screen.contains("Down"));
    // A container that died meanwhile changes the plan, and the dialog shows the new one: it is agreed to again.
    for _ in 0..20 {
        if terminal.screen().contains("Esc leave") {
            terminal.press("\r");
        }
        if terminal.has_become(SOON / 10, |screen| footer(screen).contains("is down")) {
            break;
        }
    }
    terminal.wait_for("no containers", LONG, |screen| screen.matches("not created").count() == 8);
    terminal.wait_for("that it is down", LONG, |screen| footer(screen).contains("is down"));
    assert_eq!(project.states(), Vec::<String>::new());

    terminal.press("q");
    let (code, raw) = terminal.wait_for_end(SOON);
    assert_eq!(code, 0);
    assert_restored(&terminal, &raw);
}

/// The engine tells of a container before the verb ends; until then quitting asks.
fn wait_for_outcome(terminal: &Terminal) {
    terminal.wait_for("how it ended", LONG, |screen| footer(screen).contains('✔'));
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
    // Other things change on the screen as well; only another selection is a move.
    let selected = |screen: &str| {
        let title = screen.lines().find(|line| line.contains("2 Containers"))?;
        Some(title.chars().take(40).collect::<String>())
    };
    let wanted = format!("of {service} ");
    for _ in 0..20 {
        let before = selected(&terminal.screen());
        if before.as_ref().is_some_and(|title| title.contains(&wanted)) {
            return;
        }
        terminal.press("j");
        terminal.wait_for("the cursor to move", SOON, |screen| selected(screen) != before);
    }
    panic!("never came to {service}:\n{}", terminal.screen());
}
