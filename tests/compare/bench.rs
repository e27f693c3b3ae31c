//! One run of a script with one program: a fresh folder, the steps, what was seen, and everything removed.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{self, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};
use std::{env, thread};

use serde_json::Value;
use tempfile::TempDir;

use crate::script::{Action, Script, Step};
use crate::state::{State, images};
use crate::support::{BUSYBOX, Engine, free_port};
use crate::words::{Words, settled, settled_state};

/// How long a step may take, in seconds, before it is ended and the script differs.
const PATIENCE: &str = "60";
/// How long a container may take to come to a state; one that is not there, a sixth of that.
const WAIT: Duration = Duration::from_secs(30);
/// How many ports of its own a script may name.
const PORTS: usize = 9;

/// A program that is to do what Docker Compose does.
pub struct Tool {
    path: PathBuf,
}

impl Tool {
    /// The program under test.
    pub fn dockside() -> Self {
        Self { path: env!("CARGO_BIN_EXE_dockside").into() }
    }

    /// Docker Compose, where `DOCKSIDE_ORACLE` names it.
    pub fn oracle() -> Option<Self> {
        let path = env::var("DOCKSIDE_ORACLE").ok().filter(|path| !path.is_empty())?;
        Some(Self { path: path.into() })
    }

    /// A line for the shell, in which `compose` is this program, in an environment that says nothing else.
    pub fn shell(&self, line: &str, folder: &Path, host: &str) -> process::Output {
        let mut command = Command::new("timeout");
        command.args(["-k", "5", PATIENCE, "sh", "-c"]);
        command.arg(format!("compose() {{ \"$COMPOSE_UNDER_TEST\" \"$@\"; }}\n{line}"));
        command.current_dir(folder).stdin(Stdio::null()).env_clear();
        command.env("PATH", env::var_os("PATH").unwrap_or_default());
        command.env("HOME", folder.parent().unwrap()).env("DOCKER_CONFIG", folder.parent().unwrap());
        command.env("DOCKER_HOST", host).env("COMPOSE_UNDER_TEST", &self.path);
        // BuildKit, without the plugin that need not be there.
        command.env("COMPOSE_BAKE", "false");
        command.output().unwrap()
    }
}

/// What was seen after a step.
pub struct Seen {
    code: i32,
    output: String,
    state: String,
}

impl Seen {
    /// In full: for two runs under the same names.
    pub fn exact(&self) -> String {
        let mut text = String::new();
        if self.code != 0 {
            text.push_str(&format!("= {}\n", self.code));
        }
        for line in self.output.split_inclusive('\n') {
            let bar = if line == "\n" { "|" } else { "| " };
            text.push_str(&format!("{bar}{line}"));
        }
        if !text.is_empty() && !text.ends_with('\n') {
            text.push_str("\n|(no newline)\n");
        }
        for line in self.state.lines() {
            text.push_str(&format!(": {line}\n"));
        }
        text
    }

    /// As it is recorded: without what depends on the names of the run.
    pub fn recorded(&self) -> String {
        let exact = self.exact();
        let is_own = |line: &&str| OWN.iter().any(|own| line.starts_with(own));
        exact.lines().filter(|line| !is_own(line)).map(|line| format!("{line}\n")).collect()
    }
}

/// What two runs under the same names have in common, and no others.
const OWN: &[&str] = &[":   compose config-hash: ", ":   compose image: "];

/// A run of a project. Its end removes the project.
pub struct Run<'a> {
    bench: &'a Bench,
    words: Words,
    state: State,
}

impl Drop for Run<'_> {
    fn drop(&mut self) {
        self.bench.engine.remove_project(&self.bench.project);
        for volume in self.state.anonymous() {
            self.bench.engine.request("DELETE", &format!("/volumes/{volume}?force=true"), b"");
        }
        for image in images(self.bench.engine, &self.bench.project) {
            self.bench.engine.request("DELETE", &format!("/images/{image}?force=true"), b"");
        }
    }
}

impl Run<'_> {
    /// Reads the engine: all that there is now, and what changed since the last look.
    pub fn look(&mut self) -> (String, String) {
        let bench = self.bench;
        let next = State::read(bench.engine, &bench.project, &self.state, &mut self.words);
        let (all, changed) = (next.since(&State::default()), next.since(&self.state));
        self.state = next;
        (settled_state(&self.words.to_words(&all)), settled_state(&self.words.to_words(&changed)))
    }

    /// What a program printed, in the script's words.
    pub fn told(&self, output: &str) -> String {
        settled(&self.words.to_words(output))
    }

    /// Runs a line that must succeed, and gives its output.
    pub fn well(&self, tool: &Tool, line: &str) -> Result<String, String> {
        let (code, output) = self.bench.shell(&format!("{line} 2>&1"), tool);
        if code == 0 { Ok(self.told(&output)) } else { Err(format!("`{line}` ends with {code}:\n{output}")) }
    }
}

/// Names for the runs of one script, the same for every program.
pub struct Bench {
    engine: &'static Engine,
    project: String,
    root: TempDir,
    words: Words,
}

impl Drop for Bench {
    fn drop(&mut self) {
        self.engine.remove_project(&self.project);
    }
}

impl Bench {
    /// Takes a name of its own. All names are equally long, since they set the widths of columns.
    pub fn new(engine: &'static Engine) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let project = format!("dst-{:05x}{number:03x}", process::id() & 0xf_ffff);
        let root = TempDir::new().unwrap();
        let mut words = Words::default();
        words.add(root.path().join(&project).to_str().unwrap(), "{folder}");
        words.add(&project, "{project}");
        words.add(BUSYBOX, "{busybox}");
        for number in 1..=PORTS {
            words.add(&free_port().to_string(), &format!("{{port{number}}}"));
        }
        Self { engine, project, root, words }
    }

    /// The project's folder.
    fn folder(&self) -> PathBuf {
        self.root.path().join(&self.project)
    }

    /// The project's folder, new, with the script's files in it.
    fn provide(&self, files: &[(String, String)]) {
        let folder = self.folder();
        let _none_yet = fs::remove_dir_all(&folder);
        fs::create_dir(&folder).unwrap();
        for (path, content) in files {
            let path = folder.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, self.words.to_own(content)).unwrap();
        }
    }

    /// Begins a run: the folder is new, and nothing of the project is there.
    pub fn begin(&self, script: &Script) -> Run<'_> {
        self.provide(&script.files);
        Run { bench: self, words: self.words.clone(), state: State::default() }
    }

    /// Runs the steps, and removes what they made.
    pub fn run(&self, script: &Script, tool: &Tool) -> Vec<Seen> {
        let mut run = self.begin(script);
        let mut steps = Vec::new();
        for (index, step) in script.steps.iter().enumerate() {
            let (code, output) = self.act(&step.action, tool);
            // Before a wait, what the engine has is still on its way.
            let is_settling =
                matches!(script.steps.get(index + 1), Some(Step { action: Action::Wait(..), .. }));
            let state = if is_settling { String::new() } else { run.look().1 };
            steps.push(Seen { code, output: run.told(&output), state });
        }
        steps
    }

    fn act(&self, action: &Action, tool: &Tool) -> (i32, String) {
        match action {
            Action::Shell(line) => self.shell(line, tool),
            Action::Request(method, path, body) => {
                let (path, body) = (self.words.to_own(path), self.words.to_own(body));
                let status = self.engine.request(method, &path, body.as_bytes()).status;
                (if status < 400 { 0 } else { i32::from(status) }, String::new())
            }
            Action::Wait(container, state) => {
                let has_come = self.wait(container, state);
                (if has_come { 0 } else { 124 }, String::new())
            }
        }
    }

    fn shell(&self, line: &str, tool: &Tool) -> (i32, String) {
        let (line, has_errors) = match line.strip_suffix(" 2>&1") {
            Some(line) => (line, true),
            None => (line, false),
        };
        let output = tool.shell(&self.words.to_own(line), &self.folder(), self.engine.host());
        let mut text = String::from_utf8_lossy(&output.stdout).into_owned();
        if has_errors {
            text.push_str(&String::from_utf8_lossy(&output.stderr));
        }
        (output.status.code().unwrap_or(-1), text)
    }

    /// Asks until a container is in a state, `healthy` among them. False where it does not come to that.
    fn wait(&self, container: &str, wanted: &str) -> bool {
        let name = format!("{}-{container}", self.project);
        let begun = Instant::now();
        loop {
            let found = self.engine.container(&name);
            let limit = if found.is_some() { WAIT } else { WAIT / 6 };
            let state = found.unwrap_or(Value::Null)["State"].take();
            if state["Status"] == wanted || state["Health"]["Status"] == wanted {
                return true;
            }
            if begun.elapsed() > limit {
                return false;
            }
            thread::sleep(Duration::from_millis(20));
        }
    }
}
