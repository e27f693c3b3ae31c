//! The verbs that act, from outside: the program's own output and exit code, and what the engine has afterwards.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a helper of tests fails the test")]

mod support;

use std::io::Write as _;
use std::process::{Command, Output, Stdio};

use support::{Engine, Project};

/// Two services, of which one needs the other healthy.
const SHOP: &str = r#"
services:
  db:
    image: {busybox}
    command: [sh, -c, "echo db up; exec sleep 1000"]
    stop_signal: SIGKILL
    healthcheck: {test: [CMD, "true"], interval: 500ms}
    volumes: [data:/data]
  web:
    image: {busybox}
    command: [sh, -c, "echo web up; exec sleep 1000"]
    stop_signal: SIGKILL
    depends_on: {db: {condition: service_healthy}}
volumes: {data: {}}
"#;

/// One service that ends by itself with code 3, and one that goes on.
const ENDS: &str = r#"
services:
  db:
    image: {busybox}
    command: [sh, -c, "echo db up; trap 'exit 0' TERM; while :; do sleep 0.1; done"]
  job:
    image: {busybox}
    command: [sh, -c, "echo out; echo err >&2; exit 3"]
    depends_on: [db]
"#;

/// A project and the program on it.
struct Shop {
    engine: &'static Engine,
    project: Project,
}

/// What came of a run: the exit code and both outputs.
#[derive(Debug)]
struct Came {
    code: i32,
    out: String,
    err: String,
}

impl Shop {
    fn new(word: &str, compose: &str) -> Option<Self> {
        let engine = support::engine()?;
        Some(Self { engine, project: Project::new(engine, word, compose) })
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dockside"));
        command.args(arguments).current_dir(self.project.folder()).env("DOCKER_HOST", self.engine.host());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    fn run(&self, arguments: &[&str]) -> Came {
        came(&self.command(arguments).output().unwrap())
    }

    /// Runs with something on standard input.
    fn feed(&self, arguments: &[&str], input: &str) -> Came {
        let mut child = self.command(arguments).stdin(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        came(&child.wait_with_output().unwrap())
    }

    /// Runs and expects it to go well; gives standard output.
    #[track_caller]
    fn well(&self, arguments: &[&str]) -> String {
        let came = self.run(arguments);
        assert_eq!(came.code, 0, "{arguments:?}: {came:?}");
        came.out
    }

    #[track_caller]
    fn is(&self, states: &[&str]) {
        assert_eq!(self.project.states(), states);
    }
}

fn came(output: &Output) -> Came {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Came { code: output.status.code().unwrap_or(-1), out: text(&output.stdout), err: text(&output.stderr) }
}

#[test]
fn up_and_down_tell_their_steps_on_standard_error() {
    let Some(shop) = Shop::new("act", SHOP) else { return };
    let up = shop.run(&["up", "-d"]);
    assert_eq!((up.code, up.out.as_str()), (0, ""), "{up:?}");
    let name = &shop.project.name;
    for line in [
        format!(" Network {name}_default  Created\n"),
        format!(" Volume {name}_data  Created\n"),
        format!(" Container {name}-db-1  Started\n"),
        format!(" Container {name}-db-1  Healthy\n"),
        format!(" Container {name}-web-1  Started\n"),
    ] {
        assert!(up.err.contains(&line), "{line:?} is missing:\n{}", up.err);
    }
    shop.is(&["db-1 running", "web-1 running"]);

    shop.well(&["pause", "web"]);
    let twice = shop.run(&["pause", "web"]);
    assert_eq!(twice.code, 1);
    assert!(twice.err.contains("is already paused"), "{twice:?}");
    shop.is(&["db-1 running", "web-1 paused"]);
    shop.well(&["unpause", "web"]);
    let again = shop.run(&["--progress", "json", "up", "-d"]);
    let running = format!("{{\"id\":\"Container {name}-web-1\",\"status\":\"Running\"}}\n");
    assert!(again.err.contains(&running), "{again:?}");
    assert_eq!(shop.run(&["--progress", "quiet", "stop"]).err, "");
    shop.is(&["db-1 exited 137", "web-1 exited 137"]);
    shop.well(&["start", "web"]);
    shop.is(&["db-1 running", "web-1 running"]);

    assert_eq!(shop.well(&["down", "-v"]), "");
    shop.is(&[]);
    assert!(shop.engine.labelled("/volumes?", name).is_empty());
    assert_eq!(shop.well(&["down"]), "");
}

#[test]
fn what_makes_no_sense_is_refused_in_docker_composes_words() {
    let Some(shop) = Shop::new("refuse", SHOP) else { return };
    let check = |arguments: &[&str], expected: &str| {
        let came = shop.run(arguments);
        assert_eq!((came.code, came.out.as_str()), (1, ""), "{arguments:?}");
        // What to do about it may follow.
        assert!(came.err.starts_with(expected), "{arguments:?}: {}", came.err);
    };
    check(&["up", "nope"], "no such service: nope");
    check(&["stop", "nope"], "no such service: nope");
    check(&["run", "nope"], "no such service: nope");
    check(&["exec", "-T", "web", "true"], "service \"web\" is not running");
    check(
        &["up", "--force-recreate", "--no-recreate"],
        "--force-recreate and --no-recreate are incompatible",
    );
    check(&["up", "--wait-timeout"], "flag needs an argument: --wait-timeout");
    check(&["up", "-d", "--scale", "nope=2"], "no such service: nope: not found");
    check(&["start", "web"], "service \"web\" has no container to start");
    check(&["scale", "web"], "invalid scale specifier: web");
    check(&["exec", "web"], "requires at least 2 arg(s), only received 1");
    check(&["watch"], "watch is not supported yet; nothing was done");
    check(&["build", "--ssh", "default"], "build --ssh is not supported yet; nothing was done");
    shop.is(&[]);
}

#[test]
fn a_dry_run_prints_the_plan_and_does_nothing() {
    let Some(shop) = Shop::new("dry", SHOP) else { return };
    let Came { code, out, err } = shop.run(&["--dry-run", "up", "-d"]);
    assert_eq!((code, out.as_str()), (0, ""), "{err}");
    assert!(err.lines().all(|line| line.starts_with(" DRY-RUN MODE - ")), "{err}");
    let name = shop.project.container("web", 1);
    for word in ["Creating", "Created", "Starting", "Started"] {
        assert!(err.contains(&format!(" DRY-RUN MODE -  Container {name}  {word}\n")), "{err}");
    }
    assert!(err.contains("create web-1 as "), "{err}");
    assert!(err.contains("wait for db healthy: needed by web"), "{err}");
    shop.is(&[]);
    shop.well(&["create"]);
    shop.is(&["db-1 created", "web-1 created"]);
    assert!(shop.run(&["stop", "--dry-run"]).err.contains("nothing to do"));
    let came = shop.run(&["--dry-run", "exec", "web", "true"]);
    assert_eq!((came.code, came.err.as_str()), (1, "service \"web\" is not running\n"), "{came:?}");
    shop.well(&["rm", "-f", "web"]);
    shop.is(&["db-1 created"]);
}

#[test]
fn scale_and_recreate() {
    let Some(shop) = Shop::new("scale", SHOP) else { return };
    shop.well(&["up", "-d", "--scale", "web=2", "--wait"]);
    shop.is(&["db-1 running", "web-1 running", "web-2 running"]);
    let id = |name: &str| shop.engine.container(&shop.project.container(name, 1)).unwrap()["Id"].clone();
    let (db, web) = (id("db"), id("web"));
    shop.well(&["up", "-d", "--force-recreate", "--no-deps", "web"]);
    assert_eq!(id("db"), db);
    assert_ne!(id("web"), web);
    shop.is(&["db-1 running", "web-1 running"]);
    shop.well(&["scale", "web=0"]);
    shop.is(&["db-1 running"]);
    assert_eq!(id("db"), db);
}

#[test]
fn run_and_exec_connect_the_streams_and_give_the_code() {
    let Some(shop) = Shop::new("run", SHOP) else { return };
    let came = shop.run(&["run", "--rm", "-e", "A=b", "web", "sh", "-c", "echo $A; echo err >&2; exit 4"]);
    assert_eq!((came.code, came.out.as_str()), (4, "b\n"), "{came:?}");
    assert!(came.err.ends_with("err\n"), "{came:?}");
    shop.is(&["db-1 running"]);

    let fed = shop.feed(&["run", "--rm", "-T", "--no-deps", "web", "cat"], "one\ntwo\n");
    assert_eq!((fed.code, fed.out.as_str()), (0, "one\ntwo\n"), "{fed:?}");

    let name = format!("{}-mine", shop.project.name);
    let id = shop.well(&["run", "-d", "--no-deps", "--name", &name, "-l", "x=y", "web", "sleep", "1000"]);
    let made = shop.engine.container(&name).unwrap();
    assert_eq!(made["Id"].as_str(), Some(id.trim_end()));
    let labels = &made["Config"]["Labels"];
    assert_eq!(labels["com.docker.compose.oneoff"], "True");
    assert_eq!(labels["x"], "y");
    assert!(labels["com.docker.compose.container-number"].is_null());

    let exec = shop.run(&["exec", "-T", "-e", "B=c", "-w", "/tmp", "db", "sh", "-c", "echo $B; pwd; exit 5"]);
    assert_eq!((exec.code, exec.out.as_str()), (5, "c\n/tmp\n"), "{exec:?}");
    let fed = shop.feed(&["exec", "-T", "db", "cat"], "typed\n");
    assert_eq!((fed.code, fed.out.as_str()), (0, "typed\n"), "{fed:?}");
    // Docker 20.10 gives the one, later engines the other.
    let missing = shop.run(&["exec", "-T", "db", "no-such-program"]).code;
    assert!([126, 127].contains(&missing), "{missing}");
    // Options after the service are the command's.
    assert_eq!(shop.well(&["exec", "-T", "db", "echo", "-T", "--detach"]), "-T --detach\n");
}

#[test]
fn up_in_the_foreground_shows_the_output_and_gives_the_code() {
    let Some(shop) = Shop::new("front", ENDS) else { return };
    let came = shop.run(&["up", "--no-color", "--exit-code-from", "job"]);
    assert_eq!(came.code, 3, "{came:?}");
    for line in
        ["Attaching to db-1, job-1\n", "db-1   | db up\n", "job-1  | out\n", "job-1 exited with code 3\n"]
    {
        let is_there = came.out.contains(line) || came.out.contains(&line.replace("db-1   |", "db-1  |"));
        assert!(is_there, "{line:?} is missing:\n{}", came.out);
    }
    assert!(came.err.contains("job-1  | err\n"), "{}", came.err);
    assert!(came.out.ends_with("db-1 exited with code 0\n"), "{}", came.out);
    shop.is(&["db-1 exited 0", "job-1 exited 3"]);

    let alone = shop.run(&["up", "--no-log-prefix", "job"]);
    assert_eq!(alone.code, 0, "{alone:?}");
    assert!(alone.out.contains("\nout\n"), "{alone:?}");
    shop.is(&["db-1 running", "job-1 exited 3"]);
}

#[test]
fn an_interrupt_stops_what_up_brought_up() {
    let Some(shop) = Shop::new("ctrlc", ENDS) else { return };
    let mut child = shop.command(&["up", "--no-color", "db"]).spawn().unwrap();
    let mut out = std::io::BufReader::new(child.stdout.take().unwrap());
    let mut seen = String::new();
    while !seen.contains("db up") {
        let mut line = String::new();
        assert_ne!(std::io::BufRead::read_line(&mut out, &mut line).unwrap(), 0, "{seen}");
        seen.push_str(&line);
    }
    let pid = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    shop.is(&["db-1 exited 0"]);
}

/// Reads until a line contains `wanted`; gives all that was read.
fn read_until(source: &mut impl std::io::BufRead, wanted: &str) -> String {
    let mut seen = String::new();
    while !seen.contains(wanted) {
        let mut line = String::new();
        assert_ne!(source.read_line(&mut line).unwrap(), 0, "no {wanted:?} in:\n{seen}");
        seen.push_str(&line);
    }
    seen
}

fn interrupt(child: &std::process::Child) {
    let pid = rustix::process::Pid::from_child(child);
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
}

#[test]
fn a_second_interrupt_kills_what_does_not_stop() {
    let deaf = "services:\n  deaf:\n    image: {busybox}\n    stop_grace_period: 10m\n    command: [sh, -c, \"trap '' \
                TERM; echo deaf up; while :; do sleep 0.1; done\"]\n";
    let Some(shop) = Shop::new("deaf", deaf) else { return };
    let mut child = shop.command(&["up", "--no-color"]).spawn().unwrap();
    let mut out = std::io::BufReader::new(child.stdout.take().unwrap());
    read_until(&mut out, "deaf up");
    interrupt(&child);
    read_until(&mut out, "Gracefully Stopping... press Ctrl+C again to force");
    interrupt(&child);
    assert_eq!(child.wait().unwrap().code(), Some(130));
    shop.is(&["deaf-1 exited 137"]);
}

#[test]
fn an_interrupt_ends_a_wait_and_a_build_and_the_next_up_goes_on() {
    let never =
        SHOP.replace("CMD, \"true\"", "CMD, \"false\"").replace("interval: 500ms", "start_period: 10m");
    let Some(shop) = Shop::new("cut", &never) else { return };
    let cut = |arguments: &[&str], at: &str| {
        let mut child =
            shop.command(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut err = std::io::BufReader::new(child.stderr.take().unwrap());
        read_until(&mut err, at);
        interrupt(&child);
        assert_eq!(child.wait().unwrap().code(), Some(130), "{arguments:?}");
    };
    cut(&["up", "-d"], "db-1  Waiting");
    shop.is(&["db-1 running", "web-1 created"]);
    shop.project.write("compose.yaml", &SHOP.replace("{busybox}", support::BUSYBOX));
    shop.well(&["up", "-d"]);
    shop.is(&["db-1 running", "web-1 running"]);

    let long = format!("FROM {}\nRUN echo {} && sleep 1000\n", support::BUSYBOX, shop.project.name);
    shop.project.write("Dockerfile", &long);
    let built = "services:\n  web: {build: ., command: sleep 1000, stop_signal: SIGKILL}\n";
    shop.project.write("compose.yaml", built);
    cut(&["up", "-d", "--remove-orphans"], "web  Building");
    shop.is(&["db-1 running", "web-1 running"]);
    shop.project.write("Dockerfile", &long.replace("sleep 1000", "true"));
    shop.well(&["up", "-d", "--remove-orphans"]);
    shop.is(&["web-1 running"]);
    shop.well(&["down", "--rmi", "local"]);
    shop.is(&[]);
}

#[test]
fn an_interrupt_ends_a_stop_and_a_down_that_take_long() {
    let deaf = "services:\n  deaf:\n    image: {busybox}\n    stop_grace_period: 10m\n    command: [sh, -c, \"trap '' \
                TERM; touch /deaf; while :; do sleep 0.1; done\"]\n    healthcheck: {test: test -f /deaf, interval: \
                200ms}\n";
    let Some(shop) = Shop::new("long", deaf) else { return };
    shop.well(&["up", "-d", "--wait"]);
    let name = shop.project.container("deaf", 1);
    let cut = |arguments: &[&str], at: &str| {
        let mut child = shop.command(arguments).spawn().unwrap();
        let mut err = std::io::BufReader::new(child.stderr.take().unwrap());
        read_until(&mut err, &format!(" Container {name}  {at}"));
        interrupt(&child);
        let mut told = String::new();
        std::io::Read::read_to_string(&mut err, &mut told).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(130), "{arguments:?}: {told}");
        assert!(told.contains("interrupted\n") && told.contains("not done: "), "{arguments:?}: {told}");
        assert!(shop.project.states().contains(&"deaf-1 running".to_owned()), "{:?}", shop.project.states());
    };
    cut(&["stop"], "Stopping");
    cut(&["down"], "Stopping");
    // The new container is there, and the old one does not end.
    cut(&["up", "-d", "--force-recreate"], "Recreated");
    shop.well(&["kill"]);
    shop.well(&["up", "-d", "--wait"]);
    shop.is(&["deaf-1 running"]);
    cut(&["restart"], "Restarting");
}

#[test]
fn a_dependency_that_fails_is_told_with_what_was_done_and_what_not() {
    let failing = SHOP.replace("\"true\"], interval: 500ms}", "\"false\"], interval: 200ms, retries: 1}");
    let Some(shop) = Shop::new("fails", &failing) else { return };
    let name = &shop.project.name;
    let came = shop.run(&["up", "-d"]);
    assert_eq!(came.code, 1, "{came:?}");
    let told = format!("dependency failed to start: container {name}-db-1 is unhealthy");
    assert!(came.err.contains(&told), "{came:?}");
    assert!(came.err.contains("\nnot done: start web-1\n"), "{came:?}");
    shop.is(&["db-1 running", "web-1 created"]);
    // The next one goes on from there once the file is right.
    shop.project.write("compose.yaml", &SHOP.replace("{busybox}", support::BUSYBOX));
    shop.well(&["up", "-d"]);
    shop.is(&["db-1 running", "web-1 running"]);
}

#[test]
fn a_dependency_that_dies_again_and_again_is_not_waited_for() {
    let looping = SHOP
        .replace("echo db up; exec sleep 1000", "exit 3")
        .replace("interval: 500ms}", "interval: 10m}\n    restart: always");
    let Some(shop) = Shop::new("loops", &looping) else { return };
    let came = shop.run(&["up", "-d"]);
    assert_eq!(came.code, 1, "{came:?}");
    let name = &shop.project.name;
    let told = format!(
        "dependency failed to start: container {name}-db-1 is unhealthy: it ends again and again, last with code 3"
    );
    assert!(came.err.contains(&told), "{came:?}");
    assert!(shop.project.states().contains(&"web-1 created".to_owned()), "{:?}", shop.project.states());
}

#[test]
fn rm_asks_unless_told_not_to() {
    let Some(shop) = Shop::new("rm", SHOP) else { return };
    shop.well(&["create"]);
    let name = &shop.project.name;
    let question = format!("Going to remove {name}-web-1");
    assert_eq!(shop.feed(&["rm", "web"], "n\n").out, question);
    shop.is(&["db-1 created", "web-1 created"]);
    assert_eq!(shop.feed(&["rm", "web"], "y\n").out, question);
    shop.is(&["db-1 created"]);
    assert!(shop.run(&["rm", "-f", "web"]).err.contains("No stopped containers\n"));
}

#[test]
fn from_labels_alone_where_only_the_name_is_given() {
    let Some(shop) = Shop::new("labels", SHOP) else { return };
    shop.well(&["up", "-d"]);
    let name = shop.project.name.clone();
    let elsewhere = |arguments: &[&str]| {
        let mut command = shop.command(&[&["-p", &name], arguments].concat());
        came(&command.current_dir("/").output().unwrap())
    };
    assert_eq!(elsewhere(&["stop", "web"]).code, 0);
    shop.is(&["db-1 running", "web-1 exited 137"]);
    assert_eq!(elsewhere(&["kill", "-s", "KILL"]).code, 0);
    assert_eq!(elsewhere(&["down", "-v"]).code, 0);
    shop.is(&[]);
}
