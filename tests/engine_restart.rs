//! The engine is restarted while a log is shown: nothing of it is lost or doubled, whether containers go on meanwhile or not.
//! Only on the tests' own engine, which `tests/run` starts anew; it is the only test of its file, since others would miss it.
#![allow(clippy::unwrap_used, reason = "a helper of tests fails the test")]

mod support;

use std::env;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use dockside::app::log::Store;
use dockside::app::log_pane::status_words;
use dockside::app::{App, Keymap, Msg, Now, Options};
use dockside::compose::LoadRequest;
use dockside::compose::source::MemoryFiles;
use dockside::engine::Endpoint;
use dockside::observed::ContainerId;
use dockside::runtime::Core;
use jiff::Timestamp;

/// The longest that anything is waited for.
const PATIENCE: Duration = Duration::from_mins(3);
/// More than this many lines are waited for each time.
const LINES: usize = 20;
const COMPOSE: &str = "services:
  count:
    image: {busybox}
    network_mode: none
    restart: always
    stop_grace_period: 1s
    command: [sh, -c, 'i=0; while true; do i=$$((i+1)); echo line $$i; sleep 0.05; done']
";

/// The dashboard's loop without its terminal, on the real engine.
struct Dashboard(Core);

impl Dashboard {
    fn open(engine: &support::Engine, project: &support::Project) -> Self {
        let now = Now { wall: Timestamp::now(), mono: Duration::ZERO };
        let options = Options { project: Some(project.name.clone()), ..Options::default() };
        let files = MemoryFiles::new([(
            "/count/compose.yaml",
            COMPOSE.replace("{busybox}", support::BUSYBOX).into_bytes(),
        )]);
        let request = LoadRequest {
            working_directory: "/count".into(),
            project_name: Some(project.name.clone()),
            ..LoadRequest::default()
        };
        let endpoint = Endpoint::parse(engine.host(), "the test").unwrap();
        let core = Core::new(App::new(options, Keymap::default(), now), (request, Arc::new(files)), endpoint);
        let mut dashboard = Self(core);
        dashboard.take(Msg::Resize { width: 120, height: 40 });
        dashboard
    }

    fn take(&mut self, msg: Msg) {
        // Nothing is asked of the person's terminal here.
        drop(self.0.update(msg));
    }

    /// Goes on until something holds.
    async fn until(&mut self, what: &str, holds: impl Fn(&App) -> bool) {
        let going = async {
            while !holds(&self.0.app) {
                let mono = self.0.start.elapsed();
                self.take(Msg::Time(Now { wall: Timestamp::now(), mono }));
                let wake = self.0.app.next_wake().map(|at| self.0.start + at);
                let timer = async {
                    match wake {
                        Some(at) => tokio::time::sleep_until(at).await,
                        None => std::future::pending().await,
                    }
                };
                tokio::select! {
                    msg = self.0.next() => self.take(msg),
                    () = timer => {}
                }
            }
        };
        let in_time = tokio::time::timeout(PATIENCE, going).await.is_ok();
        assert!(in_time, "{what} within {PATIENCE:?}");
    }
}

/// The lines that are held of a container's log.
fn lines(app: &App, id: &ContainerId) -> Vec<String> {
    let chunks = app.logs.store.store(id).into_iter().flat_map(Store::chunks);
    let lines = chunks.flat_map(|chunk| (0..chunk.len()).filter_map(|index| chunk.line(index)));
    lines.map(|line| String::from_utf8_lossy(line.bytes).into_owned()).collect()
}

/// The lines that the engine has of it.
fn engines_lines(engine: &support::Engine, id: &ContainerId) -> Vec<String> {
    let answer = engine.request("GET", &format!("/containers/{id}/logs?stdout=1"), b"");
    let text = answer.text();
    // Each line stands behind the eight bytes of its frame.
    text.lines().filter_map(|line| Some(line[line.find("line")?..].to_owned())).collect()
}

/// What the view of the log says of itself.
fn status(app: &App) -> String {
    app.logs.focused_view().map(|view| status_words(app, view)).unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_goes_on_where_it_was_when_the_engine_is_restarted() {
    let Some(engine) = support::engine() else { return };
    let Some(folder) = env::var_os("DOCKSIDE_TEST_ENGINE_FOLDER") else {
        return support::say("left out: restarts the engine, and so needs the tests' own (tests/run)");
    };
    let project = support::Project::new(engine, "count", COMPOSE);
    let mut up = Command::new(env!("CARGO_BIN_EXE_dockside"));
    let up = up.args(["-p", &project.name, "up", "-d"]).current_dir(project.folder());
    assert!(up.env("DOCKER_HOST", engine.host()).status().unwrap().success());
    let id = engine.container(&project.container("count", 1)).unwrap()["Id"].as_str().unwrap().into();
    let mut dashboard = Dashboard::open(engine, &project);
    dashboard.until("the first lines", |app| lines(app, &id).len() > LINES).await;
    // The first ends the container, which the new engine starts again; the second leaves it alone; the third is as the first.
    for options in [&["--live-restore"][..], &["--live-restore"], &[]] {
        let before = lines(&dashboard.0.app, &id).len();
        let mut again = Command::new("tests/run");
        let mut again = again.arg("--restart").arg(&folder).args(options).spawn().unwrap();
        dashboard.until("the tile says that it does not go on", |app| status(app) != "following").await;
        dashboard.until("the log goes on", |app| lines(app, &id).len() > before + LINES).await;
        assert!(again.wait().unwrap().success());
        dashboard.until("the tile follows", |app| status(app).starts_with("following")).await;
        let (held, all) = (lines(&dashboard.0.app, &id), engines_lines(engine, &id));
        assert!(held.len() > before && all.starts_with(&held), "{options:?}:\n{held:?}\n{all:?}");
    }
}
