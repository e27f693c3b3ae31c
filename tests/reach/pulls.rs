//! Pulls from the command line: what is told of each layer, in every form, and what an interrupt in the middle leaves.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

use crate::registry::{Desk, Image, Registry};
use crate::support::Project;
use crate::terminal::Terminal;

const PATIENCE: Duration = Duration::from_mins(1);

/// A project with one service of each image of a registry that wants a login.
struct Shop {
    registry: Registry,
    desk: Desk,
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
    fn new(word: &str, images: &[&str]) -> Option<Self> {
        let registry = Registry::start();
        let desk = Desk::new(&json!({ "auths": { &registry.host: Registry::entry() } }))?;
        let service = |name: &&str| {
            format!("  {name}: {{ image: '{}', command: /nothing }}\n", registry.image(&own(word, name)))
        };
        let services: String = images.iter().map(service).collect();
        let project = Project::new(desk.engine, word, &format!("services:\n{services}"));
        Some(Self { registry, desk, project })
    }

    /// The image of a service, which goes when the test is over.
    fn image(&self, word: &str, name: &str) -> Image<'_> {
        Image(self.desk.engine, self.registry.image(&own(word, name)))
    }

    fn path(&self) -> String {
        format!("{}:/usr/bin:/bin", self.desk.folder.path().display())
    }

    fn start(&self, arguments: &[&str]) -> Child {
        // What hangs ends, and so fails instead of keeping the tests waiting. Signals are passed on.
        let mut command = Command::new("timeout");
        command.args(["--foreground", "-s", "KILL"]).arg(PATIENCE.as_secs().to_string());
        command.arg(env!("CARGO_BIN_EXE_dockside"));
        command.args(arguments).current_dir(self.project.folder());
        command.env("DOCKER_HOST", self.desk.engine.host()).env("DOCKER_CONFIG", self.desk.folder.path());
        command.env("PATH", self.path());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().unwrap()
    }

    fn run(&self, arguments: &[&str]) -> Came {
        let output = self.start(arguments).wait_with_output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Came { code: output.status.code().unwrap(), out: text(&output.stdout), err: text(&output.stderr) }
    }
}

/// A repository of the test's own, whose name says how it behaves.
fn own(word: &str, name: &str) -> String {
    format!("{word}/{name}")
}

/// Reads lines until one contains the words; gives them all.
fn read_until(source: &mut impl BufRead, wanted: &str) -> Vec<String> {
    let mut seen = Vec::new();
    loop {
        let mut line = String::new();
        assert_ne!(source.read_line(&mut line).unwrap(), 0, "no {wanted:?} in {seen:#?}");
        seen.push(line.trim_end_matches('\n').to_owned());
        if line.contains(wanted) {
            return seen;
        }
    }
}

fn rest(source: &mut impl Read) -> String {
    let mut text = String::new();
    source.read_to_string(&mut text).unwrap();
    text
}

fn interrupt(child: &Child) {
    let pid = rustix::process::Pid::from_child(child);
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
}

#[test]
fn a_pull_tells_of_every_layer() {
    let Some(shop) = Shop::new("layers", &["slow"]) else { return };
    let image = shop.image("layers", "slow");
    let mut child = shop.start(&["pull"]);
    let mut err = BufReader::new(child.stderr.take().unwrap());
    // One layer is there to the end while half of the other is.
    let mut lines = read_until(&mut err, " Pull complete");
    assert!(!shop.desk.engine.has_image(&image.1));
    shop.registry.open();
    lines.extend(rest(&mut err).lines().map(str::to_owned));
    assert_eq!(child.wait().unwrap().code(), Some(0), "{lines:#?}");
    assert!(shop.desk.engine.has_image(&image.1));
    assert_eq!(lines.first().map(String::as_str), Some(" slow Pulling "));
    assert_eq!(lines.last().map(String::as_str), Some(" slow Pulled "));
    let ending = |end: &str| lines.iter().filter(|line| line.ends_with(end)).count();
    assert_eq!((ending(" Pulling fs layer "), ending(" Pull complete ")), (2, 2), "{lines:#?}");
    let is_bar =
        |line: &&String| line.contains(" Downloading [=") && line.contains("kB/") && line.ends_with("kB");
    assert!(lines.iter().any(|line| is_bar(&line)), "{lines:#?}");
}

#[test]
fn a_pull_is_told_as_json_and_not_at_all() {
    let Some(shop) = Shop::new("forms", &["web"]) else { return };
    let image = shop.image("forms", "web");
    let came = shop.run(&["--progress", "json", "pull"]);
    assert_eq!((came.code, came.out.as_str()), (0, ""), "{came:?}");
    let told: Vec<Value> = came.err.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(told.first().unwrap(), &json!({ "id": "web", "text": "Pulling" }));
    assert_eq!(told.last().unwrap(), &json!({ "id": "web", "text": "Pulled" }));
    let layers: Vec<&Value> = told.iter().filter(|event| event["parent_id"] == "web").collect();
    let complete = |event: &&&Value| event["text"] == "Pull complete" && event["percent"] == 100;
    assert_eq!(layers.iter().filter(complete).count(), 2, "{told:#?}");
    let counted = |event: &&Value| {
        event["total"].as_u64() > Some(0) && event["current"].as_u64() <= event["total"].as_u64()
    };
    assert!(layers.iter().filter(|event| event["text"] == "Extracting").all(counted), "{told:#?}");
    for (quiet, words) in [(1, ["--progress", "quiet", "pull"]), (2, ["pull", "-q", "web"])] {
        shop.desk.engine.request("DELETE", &format!("/images/{}?force=true", image.1), b"");
        let came = shop.run(&words);
        assert_eq!((came.code, came.out.as_str(), came.err.as_str()), (0, "", ""), "{quiet}");
        assert!(shop.desk.engine.has_image(&image.1));
    }
    // With --quiet-pull the layers are left out, and what follows is told.
    shop.desk.engine.request("DELETE", &format!("/images/{}?force=true", image.1), b"");
    let came = shop.run(&["create", "--quiet-pull"]);
    assert!(came.code == 0 && !came.err.contains("layer") && came.err.contains("web-1  Created"), "{came:?}");
}

#[test]
fn a_pull_on_a_terminal_changes_its_lines_in_place() {
    let Some(shop) = Shop::new("tty", &["slow"]) else { return };
    let _image = shop.image("tty", "slow");
    let folder = shop.desk.folder.path().to_str().unwrap().to_owned();
    let path = shop.path();
    let variables = [
        ("DOCKER_HOST", shop.desk.engine.host()),
        ("DOCKER_CONFIG", folder.as_str()),
        ("PATH", path.as_str()),
    ];
    let program = Path::new(env!("CARGO_BIN_EXE_dockside"));
    let mut terminal = Terminal::start(program, &["pull"], &shop.project.folder(), &variables, (80, 24));
    // Two layers of which one is full, the bytes of both, and a line for each.
    let screen = terminal.wait_for("a full layer", PATIENCE, |screen| {
        screen.contains("[+] Running 0/1")
            && screen.contains("Pull complete")
            && screen.contains("Downloading")
    });
    let line = screen.lines().find(|line| line.contains(" slow [")).unwrap_or_default();
    assert!(line.contains('⣿') && line.contains("kB/") && line.contains("] "), "{screen}");
    shop.registry.open();
    terminal.wait_for("the end", PATIENCE, |screen| {
        screen.contains("[+] Running 1/1") && screen.contains(" ✔ slow") && screen.matches("[+]").count() == 1
    });
    assert_eq!(terminal.wait_for_end(PATIENCE).0, 0);
}

#[test]
fn a_pull_of_what_the_registry_does_not_have_names_image_registry_and_cause() {
    let Some(shop) = Shop::new("gone", &["web", "missing"]) else { return };
    let (host, _image) = (&shop.registry.host, shop.image("gone", "web"));
    let came = shop.run(&["up", "-d"]);
    assert_eq!((came.code, came.out.as_str()), (1, ""), "{came:?}");
    let told = |line: &&str| {
        line.starts_with(&format!(
            "pull {host}/dst-reach/gone/missing:1 from {host}: Error response from daemon: "
        )) && line.ends_with("manifest unknown (the registry has no such tag: check the image's name)")
    };
    assert!(came.err.lines().any(|line| told(&line)), "{came:?}");
    assert!(came.err.contains("\n missing Error "), "{came:?}");
    // Nothing is made where an image is missing, and what a pull may leave out is left out.
    assert_eq!(shop.project.states(), Vec::<String>::new());
    assert_eq!(shop.desk.engine.labelled("/networks?", &shop.project.name), Vec::<Value>::new());
    let came = shop.run(&["pull", "--ignore-pull-failures"]);
    assert_eq!(came.code, 0, "{came:?}");
}

#[test]
fn an_interrupt_in_the_middle_of_a_pull_leaves_nothing_half_made() {
    let Some(shop) = Shop::new("cut", &["slow"]) else { return };
    let image = shop.image("cut", "slow");
    for arguments in [&["pull"][..], &["up", "-d"], &["up"], &["run", "slow"]] {
        let mut child = shop.start(arguments);
        let mut err = BufReader::new(child.stderr.take().unwrap());
        read_until(&mut err, " Downloading ");
        interrupt(&child);
        let told = rest(&mut err);
        assert_eq!(child.wait().unwrap().code(), Some(130), "{arguments:?}: {told}");
        let left = format!("interrupted\nnot done: pull {}", image.1);
        assert!(told.contains(&left), "{arguments:?}: {told}");
        assert!(!shop.desk.engine.has_image(&image.1));
        assert_eq!(shop.project.states(), Vec::<String>::new());
        assert_eq!(shop.desk.engine.labelled("/networks?", &shop.project.name), Vec::<Value>::new());
    }
    shop.registry.open();
    assert_eq!(shop.run(&["create"]).code, 0);
    assert_eq!(shop.project.states(), ["slow-1 created"]);
}

#[test]
fn a_pull_asks_the_helpers_that_the_config_file_names() {
    let Some(shop) = Shop::new("helpers", &["web"]) else { return };
    let image = shop.image("helpers", "web");
    let host = &shop.registry.host;
    for (word, config) in
        [("store", json!({ "credsStore": "ours" })), ("helper", json!({ "credHelpers": { host: "ours" } }))]
    {
        std::fs::write(shop.desk.folder.path().join("config.json"), config.to_string()).unwrap();
        shop.desk.helper("ours", "echo credentials not found in native keychain; exit 1");
        let came = shop.run(&["pull"]);
        assert!(came.code == 1 && came.err.contains("log in with `docker login`"), "{word}: {came:?}");
        shop.desk.helper("ours", &Registry::answer());
        assert_eq!(shop.run(&["pull"]).code, 0, "{word}");
        assert!(shop.desk.engine.has_image(&image.1));
        shop.desk.engine.request("DELETE", &format!("/images/{}?force=true", image.1), b"");
    }
}
