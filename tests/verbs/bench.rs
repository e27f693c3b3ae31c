//! A project on an engine, and verbs on it.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a helper of tests fails the test")]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use dockside::compose::{self, LoadRequest};
use dockside::disk::Disk;
use dockside::engine::{self, Endpoint, Engine, RunReport, cancellation};
use dockside::observed::{ContainerId, label};
use dockside::plan::{OpReport, OpState, Options, Plan, PlanNote, Request, Target, Verb};
use serde_json::Value;
use tokio::sync::mpsc;

use crate::support::{self, Project};

/// Longer than anything here takes, so that a test that waits in vain ends.
pub const PATIENCE: Duration = Duration::from_secs(90);

/// A project and the engine that it runs on.
pub struct Bench {
    /// Its files, and its end: dropped with everything of the project.
    pub project: Project,
    /// The engine past the code under test.
    pub real: &'static support::Engine,
    /// The engine as Dockside has it.
    pub engine: Engine,
    /// The environment that the files are loaded in.
    pub environment: BTreeMap<String, String>,
    /// Volumes without a label by which the project's end would find them.
    anonymous: Mutex<BTreeSet<String>>,
}

impl Drop for Bench {
    fn drop(&mut self) {
        self.real.remove_project(&self.project.name);
        for volume in self.anonymous.lock().unwrap().iter() {
            self.real.request("DELETE", &format!("/volumes/{volume}"), b"");
        }
    }
}

/// What a verb came to.
pub struct Ran {
    /// The plan that was made first.
    pub plan: Plan,
    /// Every plan that was made after images.
    pub replanned: Vec<Arc<Plan>>,
    /// What was told meanwhile: the subject of an op and its progress.
    pub told: Vec<String>,
    /// How the ops of the last plan ended.
    pub states: Vec<OpState>,
    /// Why it failed.
    pub failure: Option<String>,
}

impl Ran {
    /// It must have done all of what it planned.
    #[track_caller]
    pub fn well(self) -> Self {
        assert_eq!(self.failure, None, "{}", self.plan);
        assert!(self.states.iter().all(|state| *state == OpState::Done), "{:?}", self.states);
        self
    }

    /// Why it failed, which it must have.
    #[track_caller]
    pub fn failed(self) -> String {
        self.failure.unwrap_or_else(|| panic!("it went well:\n{}", self.plan))
    }

    /// The warnings of the plan.
    pub fn warnings(&self) -> Vec<&str> {
        self.plan
            .notes
            .iter()
            .filter_map(|note| match note {
                PlanNote::Warning(text) => Some(text.as_str()),
                _ => None,
            })
            .collect()
    }

    /// The orphans that the plan names, by their service.
    pub fn orphans(&self) -> Vec<&str> {
        self.plan
            .notes
            .iter()
            .filter_map(|note| match note {
                PlanNote::Orphan { service, .. } => Some(service.as_str()),
                _ => None,
            })
            .collect()
    }
}

impl Bench {
    /// None where there is no engine to test on.
    pub async fn new(word: &str, compose: &str) -> Option<Self> {
        let real = support::engine()?;
        let engine = Engine::connect(&Endpoint::parse(real.host(), "test").unwrap()).await.unwrap();
        let project = Project::new(real, word, compose);
        Some(Self { project, real, engine, environment: BTreeMap::new(), anonymous: Mutex::default() })
    }

    /// Writes another compose file over the last.
    pub fn rewrite(&self, compose: &str) {
        self.project.write("compose.yaml", &compose.replace("{busybox}", support::BUSYBOX));
    }

    /// Loads the files as they are now.
    #[track_caller]
    pub fn load(&self) -> compose::model::Project {
        let request = LoadRequest {
            working_directory: self.project.folder(),
            project_name: Some(self.project.name.clone()),
            environment: self.environment.clone(),
            ..LoadRequest::default()
        };
        let loaded = compose::load(&request, &Disk);
        assert!(loaded.is_sound(), "{:?}", loaded.diagnostics);
        loaded.project.unwrap()
    }

    /// `up` of everything.
    pub async fn up(&self) -> Ran {
        self.verb(Verb::Up, &[]).await
    }

    /// A verb on services, or on the project if none are named.
    pub async fn verb(&self, verb: Verb, services: &[&str]) -> Ran {
        self.verb_with(verb, services, Options::default()).await
    }

    pub async fn verb_with(&self, verb: Verb, services: &[&str], options: Options) -> Ran {
        let target = match services {
            [] => Target::Project,
            services => Target::Services(services.iter().map(|name| (*name).to_owned()).collect()),
        };
        self.run(Request { project: self.project.name.clone(), verb, target, options }).await
    }

    /// Takes all of the project away, volumes, images and orphans included, and sees that nothing is left.
    pub async fn down_with_everything(&self) {
        let options = Options {
            remove_volumes: true,
            remove_local_images: true,
            remove_orphans: true,
            ..Options::default()
        };
        self.verb_with(Verb::Down, &[], options).await.well();
        self.is(&[]);
        assert_eq!(self.resources(), Vec::<String>::new());
    }

    /// A verb on one container.
    pub async fn verb_on(&self, verb: Verb, container: &str) -> Ran {
        let id = ContainerId::from(self.container(container)["Id"].as_str().unwrap());
        let target = Target::Containers(vec![id]);
        let options = Options::default();
        self.run(Request { project: self.project.name.clone(), verb, target, options }).await
    }

    async fn run(&self, request: Request) -> Ran {
        self.run_until(request, |_| false).await
    }

    /// Carries a verb out and cancels it as soon as a report is as wanted.
    pub async fn run_until(&self, request: Request, is_enough: impl Fn(&OpReport) -> bool) -> Ran {
        let project = self.load();
        let mut ran = Ran {
            plan: Plan::default(),
            replanned: Vec::new(),
            told: Vec::new(),
            states: Vec::new(),
            failure: None,
        };
        match engine::make_plan(&self.engine, Some(&project), &request).await {
            Ok(plan) => ran.plan = plan,
            Err(failure) => {
                ran.failure = Some(failure.to_string());
                return ran;
            }
        }
        let (canceller, cancel) = cancellation();
        let (sender, mut reports) = mpsc::unbounded_channel();
        let plan = Arc::new(ran.plan.clone());
        let mut current = Arc::clone(&plan);
        let mut canceller = Some(canceller);
        let listen = async {
            while let Some(report) = reports.recv().await {
                match report {
                    RunReport::Replanned(plan) => {
                        current = Arc::clone(&plan);
                        ran.replanned.push(plan);
                    }
                    RunReport::Op(report) => {
                        if is_enough(&report)
                            && let Some(canceller) = canceller.take()
                        {
                            canceller.cancel();
                        }
                        if let OpState::Progress { text, .. } = report.state {
                            ran.told.push(format!("{}: {text}", current.op(report.op).unwrap().subject));
                        }
                    }
                }
            }
        };
        let work = async {
            let end = engine::carry_out(&self.engine, Some(&project), &request, plan, &sender, &cancel).await;
            drop(sender);
            end
        };
        let both = futures::future::join(work, listen);
        match tokio::time::timeout(PATIENCE, both).await.unwrap().0 {
            Ok(states) => {
                let failure = states.iter().find_map(|state| match state {
                    OpState::Failed(failure) => Some(failure.to_string()),
                    _ => None,
                });
                (ran.states, ran.failure) = (states, failure);
            }
            Err(failure) => ran.failure = Some(failure.to_string()),
        }
        self.note_anonymous_volumes();
        ran
    }

    fn note_anonymous_volumes(&self) {
        for container in self.real.labelled("/containers/json?all=true&", &self.project.name) {
            let mounts = container["Mounts"].as_array().into_iter().flatten();
            let names = mounts.filter_map(|mount| mount["Name"].as_str());
            let anonymous = names.filter(|name| name.len() == 64 && !name.contains('_'));
            self.anonymous.lock().unwrap().extend(anonymous.map(str::to_owned));
        }
    }

    /// What the project's containers are: `web-1 running`.
    #[track_caller]
    pub fn is(&self, expected: &[&str]) {
        assert_eq!(self.project.states(), expected);
    }

    /// A container of the project as the engine describes it: `container("web-1")`.
    #[track_caller]
    pub fn container(&self, name: &str) -> Value {
        let name = format!("{}-{name}", self.project.name);
        self.real.container(&name).unwrap_or_else(|| panic!("there is no container {name}"))
    }

    /// Its id, which tells whether it is still the same one.
    #[track_caller]
    pub fn id(&self, name: &str) -> String {
        self.container(name)["Id"].as_str().unwrap().to_owned()
    }

    /// A label of it.
    pub fn label(&self, name: &str, label: &str) -> String {
        self.container(name)["Config"]["Labels"][label].as_str().unwrap_or_default().to_owned()
    }

    /// The hash that Docker Compose would compare.
    pub fn hash(&self, name: &str) -> String {
        self.label(name, label::CONFIG_HASH)
    }

    /// When it was started, as text that sorts by time.
    pub fn started(&self, name: &str) -> String {
        let time: jiff::Timestamp =
            self.container(name)["State"]["StartedAt"].as_str().unwrap().parse().unwrap();
        format!("{time:.9}")
    }

    /// What the engine has of the project besides containers: `network default`, `volume data`.
    pub fn resources(&self) -> Vec<String> {
        let prefix = format!("{}_", self.project.name);
        let name = |kind: &str, it: &Value| {
            let name = it["Name"].as_str().unwrap();
            format!("{kind} {}", name.strip_prefix(&prefix).unwrap_or("anonymous"))
        };
        let networks = self.real.labelled("/networks?", &self.project.name);
        let volumes = self.real.labelled("/volumes?", &self.project.name);
        let mut all: Vec<String> = networks.iter().map(|it| name("network", it)).collect();
        all.extend(volumes.iter().map(|it| name("volume", it)));
        all.sort();
        all
    }

    /// Runs a shell command in a container and returns what it printed.
    #[track_caller]
    pub fn shell(&self, container: &str, command: &str) -> String {
        let path = format!("/containers/{}-{container}/exec", self.project.name);
        let body = serde_json::json!({
            "AttachStdout": true, "AttachStderr": true, "Tty": true, "Cmd": ["sh", "-c", command],
        });
        let exec = self.real.post(&path, &body);
        let start = format!("/exec/{}/start", exec["Id"].as_str().unwrap());
        let body = serde_json::json!({ "Detach": false, "Tty": true }).to_string();
        let answer = self.real.request("POST", &start, body.as_bytes());
        answer.text().replace("\r\n", "\n").trim_end().to_owned()
    }

    /// Waits until the project's containers are so.
    #[track_caller]
    pub fn becomes(&self, expected: &[&str]) {
        let begun = Instant::now();
        let mut states = self.project.states();
        while states != expected {
            assert!(begun.elapsed() < PATIENCE, "still {states:?}");
            states = self.project.states();
        }
    }

    /// The first line of a container's log that is there.
    #[track_caller]
    pub fn says(&self, container: &str, line: &str) {
        let path = format!("/containers/{}-{container}/logs?stdout=1&stderr=1", self.project.name);
        let begun = Instant::now();
        loop {
            let log = self.real.request("GET", &path, b"").text();
            if log.contains(line) {
                return;
            }
            assert!(begun.elapsed() < PATIENCE, "it says {log:?}");
        }
    }
}
