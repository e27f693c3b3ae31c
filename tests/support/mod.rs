//! What the tests on a real Docker Engine share: the engine itself, seen past Dockside over plain HTTP, its one image, and
//! projects with names of their own that leave nothing behind. Never uses the code under test to look at the engine.
//!
//! Such a test begins with `let Some(engine) = support::engine() else { return };`. Without an engine to test on it is
//! left out, and says so; `tests/run` brings one.
#![allow(dead_code, reason = "each test file uses a part of it")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a helper of tests fails the test")]

mod http;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::{env, fs, process, thread};

use serde_json::Value;
use tempfile::TempDir;

pub use http::Answer;

/// The image of the tests' containers: a static busybox with all its applets in `/bin`, and nothing else.
pub const BUSYBOX: &str = "dockside-test/busybox";

/// The image that every service of the sample project is built from.
pub const DEMO_BASE: &str = "dockside-demo/base";

/// The Docker Engine that the tests may use, with [`BUSYBOX`] in it.
pub struct Engine {
    host: String,
}

/// The engine, unless there is none to test on: then it says on the terminal that this test is left out.
pub fn engine() -> Option<&'static Engine> {
    static ENGINE: OnceLock<Option<Engine>> = OnceLock::new();
    let engine = ENGINE.get_or_init(|| env::var_os("DOCKSIDE_TEST_ENGINE").map(|_| Engine::ready())).as_ref();
    if engine.is_none() {
        say("left out: needs an engine (tests/run brings one)");
    }
    engine
}

/// Says something of the running test on the terminal, past the test runner, which keeps what a passing test prints.
pub fn say(what: &str) {
    let name = thread::current().name().unwrap_or("a test").to_owned();
    std::io::stderr().write_all(format!("{name}: {what}\n").as_bytes()).unwrap();
}

impl Engine {
    fn ready() -> Self {
        let host = env::var("DOCKER_HOST").unwrap_or_else(|_| "unix:///var/run/docker.sock".to_owned());
        let engine = Self { host };
        engine.provide(BUSYBOX, &[("Dockerfile", DOCKERFILE.as_bytes()), ("busybox", &busybox())]);
        engine
    }

    /// The endpoint, as `DOCKER_HOST` names it.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// One request, with its answer as it comes. `path` is that of the Engine API without a version: `/containers/json`.
    pub fn request(&self, method: &str, path: &str, body: &[u8]) -> Answer {
        http::request(&self.host, method, path, body)
            .unwrap_or_else(|error| panic!("{method} {path}: {error}"))
    }

    /// What a GET answers, which must be a success.
    #[track_caller]
    pub fn get(&self, path: &str) -> Value {
        let answer = self.request("GET", path, b"");
        assert_eq!(answer.status, 200, "GET {path}: {}", answer.text());
        serde_json::from_slice(&answer.body).unwrap()
    }

    /// A POST that must succeed: `/containers/shop-web-1/kill?signal=KILL`. Null is no body at all: an engine that closes
    /// with a body unread resets the connection, and its answer is lost.
    #[track_caller]
    pub fn post(&self, path: &str, body: &Value) -> Value {
        let sent = if body.is_null() { String::new() } else { body.to_string() };
        let answer = self.request("POST", path, sent.as_bytes());
        assert!(answer.status < 400, "POST {path}: {} {}", answer.status, answer.text());
        serde_json::from_slice(&answer.body).unwrap_or(Value::Null)
    }

    /// A container by name or id, unless there is none.
    pub fn container(&self, name: &str) -> Option<Value> {
        let answer = self.request("GET", &format!("/containers/{name}/json"), b"");
        (answer.status == 200).then(|| serde_json::from_slice(&answer.body).unwrap())
    }

    /// Whether the engine has such an image.
    pub fn has_image(&self, tag: &str) -> bool {
        self.request("GET", &format!("/images/{tag}/json"), b"").status == 200
    }

    /// What all containers of a project are: name, state and exit code, sorted by name. Stopped ones too.
    pub fn states(&self, project: &str) -> Vec<String> {
        let mut states: Vec<String> = self
            .labelled("/containers/json?all=true&", project)
            .iter()
            .filter_map(|container| self.container(container["Id"].as_str().unwrap()))
            .map(|container| {
                let name = container["Name"].as_str().unwrap().trim_start_matches('/').to_owned();
                let (state, code) = (&container["State"]["Status"], &container["State"]["ExitCode"]);
                match state.as_str().unwrap() {
                    state @ ("exited" | "dead") => format!("{name} {state} {code}"),
                    state => format!("{name} {state}"),
                }
            })
            .collect();
        states.sort();
        states
    }

    /// Builds the sample project's base image from the files of `assets/demo/base` and the busybox.
    pub fn provide_demo_base(&self) {
        let folder = demo().join("base");
        let read = |name: &str| fs::read(folder.join(name)).unwrap();
        let files =
            [("Dockerfile", read("Dockerfile")), ("shop.sh", read("shop.sh")), ("busybox", busybox())];
        self.build(DEMO_BASE, &files.each_ref().map(|(name, content)| (*name, content.as_slice())));
    }

    /// Builds the image unless the engine has it. Test binaries run one after the other, tests of one share the engine.
    fn provide(&self, tag: &str, files: &[(&str, &[u8])]) {
        if !self.has_image(tag) {
            self.build(tag, files);
        }
    }

    /// Builds an image from files, with the classic builder, which every engine has.
    pub fn build(&self, tag: &str, files: &[(&str, &[u8])]) {
        let path = format!("/build?t={tag}&forcerm=true");
        let answer = self.request("POST", &path, &context(files));
        assert!(self.has_image(tag), "building {tag}: {} {}", answer.status, answer.text());
    }

    /// The containers, volumes … that a list answers for a project. `path` ends where its query goes on.
    pub fn labelled(&self, path: &str, project: &str) -> Vec<Value> {
        let filter =
            format!("filters=%7B%22label%22%3A%5B%22com.docker.compose.project%3D{project}%22%5D%7D");
        match self.get(&format!("{path}{filter}")) {
            Value::Array(found) => found,
            // Volumes come in an object, with null for none.
            mut object => object["Volumes"].as_array_mut().map(std::mem::take).unwrap_or_default(),
        }
    }

    /// Removes whatever carries the project's label: containers, networks, volumes, the images it built.
    pub fn remove_project(&self, project: &str) {
        let remove = |kind: &str, found: Vec<Value>, name: &str, query: &str| {
            for item in found {
                let name = item[name].as_str().unwrap();
                // What is gone already, or used by somebody else, is not ours to complain about.
                self.request("DELETE", &format!("/{kind}/{name}{query}"), b"");
            }
        };
        remove(
            "containers",
            self.labelled("/containers/json?all=true&", project),
            "Id",
            "?force=true&v=true",
        );
        remove("networks", self.labelled("/networks?", project), "Id", "");
        remove("volumes", self.labelled("/volumes?", project), "Name", "?force=true");
        remove("images", self.labelled("/images/json?", project), "Id", "?force=true");
    }
}

/// A project in a folder of its own, under a name that no other test has. Dropping it removes all of it from the engine.
pub struct Project {
    /// The project's name, which is also that of its folder.
    pub name: String,
    engine: &'static Engine,
    root: TempDir,
}

impl Project {
    /// A project of one compose file. `{busybox}` in its text stands for the image of the tests.
    pub fn new(engine: &'static Engine, word: &str, compose: &str) -> Self {
        let project = Self::empty(engine, word);
        project.write("compose.yaml", &compose.replace("{busybox}", BUSYBOX));
        project
    }

    /// A copy of the sample project, with its base image in the engine. It goes by the name that its own file gives, so
    /// run it with `COMPOSE_PROJECT_NAME` or `-p` set to [`Project::name`], and with `SHOP_PORT` set.
    pub fn demo(engine: &'static Engine) -> Self {
        let project = Self::empty(engine, "demo");
        copy(&demo(), &project.folder());
        engine.provide_demo_base();
        project
    }

    fn empty(engine: &'static Engine, word: &str) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let name = format!("dst-{word}-{}-{}", process::id(), NUMBER.fetch_add(1, Ordering::Relaxed));
        let root = TempDir::new().unwrap();
        fs::create_dir(root.path().join(&name)).unwrap();
        Self { name, engine, root }
    }

    /// The project's folder.
    pub fn folder(&self) -> PathBuf {
        self.root.path().join(&self.name)
    }

    /// Writes a file of the project, over what was there.
    pub fn write(&self, name: &str, text: &str) {
        let path = self.folder().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// The name of a service's container: `container("web", 1)`.
    pub fn container(&self, service: &str, number: u32) -> String {
        format!("{}-{service}-{number}", self.name)
    }

    /// [`Engine::states`] of this project, without the project's name before each: `web-1 running`.
    pub fn states(&self) -> Vec<String> {
        let prefix = format!("{}-", self.name);
        let states = self.engine.states(&self.name).into_iter();
        states.map(|state| state.strip_prefix(&prefix).unwrap_or(&state).to_owned()).collect()
    }
}

impl Drop for Project {
    fn drop(&mut self) {
        self.engine.remove_project(&self.name);
    }
}

/// The sample project's folder in the repository.
pub fn demo() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/demo")
}

/// A port of the loopback that nothing listened on a moment ago.
pub fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// A build context of these files.
pub fn context(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut context = tar::Builder::new(Vec::new());
    for (name, content) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(0o755);
        context.append_data(&mut header, name, *content).unwrap();
    }
    context.into_inner().unwrap()
}

/// What [`BUSYBOX`] is built from, with a static busybox beside it.
pub const DOCKERFILE: &str = "\
FROM scratch
COPY busybox /bin/busybox
RUN [\"/bin/busybox\", \"sh\", \"-c\", \"/bin/busybox --install -s /bin && mkdir -m 1777 /tmp\"]
ENV PATH=/bin
CMD [\"sh\"]
";

/// The static busybox that `BUSYBOX` names, or the system's.
fn busybox() -> Vec<u8> {
    let places = env::var_os("BUSYBOX")
        .map_or_else(|| vec!["/bin/busybox".into(), "/usr/bin/busybox".into()], |it| vec![it]);
    let found = places.iter().filter_map(|place| fs::read(place).ok()).find(|program| is_static(program));
    found.unwrap_or_else(|| {
        panic!("no static busybox among {places:?}: install busybox-static, or set BUSYBOX")
    })
}

/// Whether a 64-bit little-endian ELF program needs no loader: none of its segments is of the type `PT_INTERP`.
fn is_static(program: &[u8]) -> bool {
    let number = |at: usize, bytes: usize| -> Option<usize> {
        let field = program.get(at..at + bytes)?;
        Some(field.iter().rev().fold(0, |sum, byte| sum << 8 | usize::from(*byte)))
    };
    let interpreted = || -> Option<bool> {
        let (table, size, count) = (number(32, 8)?, number(54, 2)?, number(56, 2)?);
        let kinds: Option<Vec<usize>> = (0..count).map(|index| number(table + index * size, 4)).collect();
        Some(kinds?.contains(&3))
    };
    program.starts_with(b"\x7fELF\x02\x01") && interpreted() == Some(false)
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}
