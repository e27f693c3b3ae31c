//! `dockside demo`: the sample project on the embedded engine. It needs no Docker, reads and writes no file, and starts with
//! a project that is up and has some minutes of life behind it.
//!
//! Those minutes are made by the ordinary plan and its execution, on the engine's clock while that is stepped; then the
//! clock runs. `--engine` is another matter ([`super::demo_engine`]): the same project on a real engine.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use color_eyre::eyre::{Result, WrapErr, eyre};
use jiff::Timestamp;
use serde_json::json;
use tokio::runtime::Builder;
use tokio::sync::mpsc;

use super::dashboard::{self, Project};
use super::demo_files::FILES;
use super::global::Global;
use super::{demo_engine, headless, surroundings};
use crate::compose::source::MemoryFiles;
use crate::compose::{self, LoadRequest};
use crate::engine::{self, Endpoint, Engine, cancellation};
use crate::plan::{OpState, Options, Request, Target, Verb};
use crate::sim::Sim;
use crate::sim::clock::{Clock, Moment};

/// Options of `demo`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Use the engine that is reached, and not the one in the program; its images are built without a network
    #[arg(long)]
    pub engine: bool,
    /// Take the sample project that --engine made away again, and end
    #[arg(long)]
    pub remove: bool,
    /// Serve the embedded engine on a Unix socket until Ctrl-C, and show nothing
    #[arg(long, value_name = "SOCKET", conflicts_with_all = ["engine", "remove"])]
    pub listen: Option<PathBuf>,
    /// A made-up project of so many services in place of the sample
    #[arg(long, value_name = "N", conflicts_with_all = ["engine", "remove"])]
    pub services: Option<u32>,
    /// How many lines a second the made-up services print in all
    #[arg(long, value_name = "LINES", default_value_t = 100, requires = "services")]
    pub rate: u32,
    /// What chance in the embedded engine begins from
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    pub seed: u64,
}

/// Where the sample project lies, in a world without a disk.
const FOLDER: &str = "/dockside-demo";
/// The image that every service of the sample project is built from.
const BASE: &str = "dockside-demo/base";
/// The image of a made-up service.
const MADE_UP: &str = "dockside-demo/service";
/// How long the project has been up when it is first seen.
const LIVED: Duration = Duration::from_mins(6);
/// Variables that name files and profiles of another project.
const NOT_OURS: &[&str] = &["COMPOSE_FILE", "COMPOSE_PROFILES", "COMPOSE_ENV_FILES", "COMPOSE_PROJECT_NAME"];

/// Opens the sample project, serves its engine, or takes it away from a real one.
///
/// # Errors
/// Where there is no terminal, or the socket cannot be made.
pub(super) fn run(global: &Global, demo: &Args) -> Result<ExitCode> {
    if demo.engine || demo.remove {
        return demo_engine::run(global, demo.remove);
    }
    let world = Prepared::new(global, demo)?;
    let runtime = headless::runtime()?;
    let sim = world.sim.clone();
    let driver = runtime.spawn(async move { sim.run().await });
    let result = match &demo.listen {
        Some(socket) => runtime.block_on(world.listen(socket)),
        None => dashboard::open(global, world.project(), world.endpoint(), &runtime),
    };
    driver.abort();
    result
}

/// The embedded engine with a project that is up.
struct Prepared {
    sim: Sim,
    files: Arc<MemoryFiles>,
    request: LoadRequest,
}

impl Prepared {
    fn new(global: &Global, demo: &Args) -> Result<Self> {
        let now = Moment::from(Timestamp::now());
        let sim = Sim::new(Clock::standing(now - LIVED), demo.seed);
        let files = match demo.services {
            Some(count) => made_up(&sim, count, demo.rate)?,
            None => sample(&sim),
        };
        let mut request = surroundings::load_request(global)?;
        request.files.clear();
        request.env_files.clear();
        request.working_directory = FOLDER.into();
        request.environment.retain(|name, _| !NOT_OURS.contains(&name.as_str()));
        let prepared = Self { sim, files: Arc::new(files), request };
        // One thread and a clock that stands: the same seed gives the same world.
        let runtime =
            Builder::new_current_thread().enable_time().build().wrap_err("start the embedded engine")?;
        runtime.block_on(prepared.live(now))?;
        Ok(prepared)
    }

    fn endpoint(&self) -> Endpoint {
        Endpoint { contexts: Some(Arc::clone(&self.files)), ..self.sim.endpoint() }
    }

    fn project(&self) -> Project {
        Project { request: self.request.clone(), files: self.files.clone(), state: None }
    }

    /// Brings the project up, lets it live until now, and lets the clock run.
    async fn live(&self, now: Moment) -> Result<()> {
        let stepping = async {
            loop {
                match self.sim.next_due().filter(|next| *next < now) {
                    Some(next) => self.sim.step_to(next).await,
                    None => tokio::task::yield_now().await,
                }
            }
        };
        tokio::select! {
            result = self.bring_up() => result?,
            () = stepping => {}
        }
        self.sim.live_until(now);
        self.sim.clock().run();
        Ok(())
    }

    async fn bring_up(&self) -> Result<()> {
        let loaded = compose::load(&self.request, self.files.as_ref());
        let project = loaded.project.ok_or_else(|| eyre!("the sample project cannot be read"))?;
        let engine = Engine::connect(&self.endpoint()).await?;
        let request = Request {
            project: project.name.clone(),
            verb: Verb::Up,
            target: Target::Project,
            options: Options::default(),
        };
        let failed = |failure| eyre!("bring the sample project up: {failure}");
        let plan = engine::make_plan(&engine, Some(&project), &request).await.map_err(failed)?;
        let (reports, _) = mpsc::unbounded_channel();
        let (_canceller, cancel) = cancellation();
        let carried =
            engine::carry_out(&engine, Some(&project), &request, Arc::new(plan), &reports, &cancel).await;
        let states = carried.map_err(failed)?;
        match states.into_iter().find_map(|state| match state {
            OpState::Failed(failure) => Some(failure),
            _ => None,
        }) {
            Some(failure) => Err(failed(failure)),
            None => Ok(()),
        }
    }

    async fn listen(&self, socket: &Path) -> Result<ExitCode> {
        let text = format!("the embedded engine listens: DOCKER_HOST=unix://{}\n", socket.display());
        io::stdout().write_all(text.as_bytes()).wrap_err("say where the engine listens")?;
        let ended = tokio::select! {
            ended = self.sim.listen(socket) => ended,
            ended = tokio::signal::ctrl_c() => ended,
        };
        ended.wrap_err_with(|| format!("serve the embedded engine on {}", socket.display()))?;
        // What was ours to make is ours to take away; that it is gone is as good.
        let _ = std::fs::remove_file(socket);
        Ok(ExitCode::SUCCESS)
    }
}

/// The sample project, and the image that its own are built from.
fn sample(sim: &Sim) -> MemoryFiles {
    sim.add_image(BASE, &json!({ "Cmd": ["sh"], "Env": ["PATH=/bin"] }));
    MemoryFiles::new(FILES.iter().map(|(name, content)| (Path::new(FOLDER).join(name), *content)))
}

/// A project of many services that all run one program.
fn made_up(sim: &Sim, count: u32, rate: u32) -> Result<MemoryFiles> {
    let every = f64::from(count.max(1)) / f64::from(rate.max(1));
    let program = include_str!("../../assets/demo-service.toml").replace("EVERY", &format!("{every:.9}"));
    let config = json!({ "Cmd": ["serve"], "Env": ["PATH=/bin"], "ExposedPorts": { "8080/tcp": {} } });
    sim.add_program(MADE_UP, &config, &program).map_err(|why| eyre!("the made-up services: {why}"))?;
    let services: BTreeMap<String, serde_json::Value> = (1..=count)
        .map(|number| {
            let service = json!({ "image": MADE_UP, "restart": "unless-stopped", "ports": [format!("{}:8080", 20_000 + number)] });
            (format!("service-{number:03}"), service)
        })
        .collect();
    let file = json!({ "name": "many", "services": services }).to_string();
    Ok(MemoryFiles::new([(Path::new(FOLDER).join("compose.yaml"), file.into_bytes())]))
}
