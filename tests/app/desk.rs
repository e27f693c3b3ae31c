//! A dashboard under test: messages in, effects as text out.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use crossterm::event::{KeyEvent, KeyModifiers};
use dockside::app::keymap::parse_sequence;
use dockside::app::log::Reading;
use dockside::app::{App, Effect, Keymap, Msg, Now, Options, ProjectFile, RunId, Size, rows, update};
use dockside::compose::model::Project;
use dockside::observed::{
    Container, ContainerId, EngineInfo, Event, EventKind, Fact, Health, HealthStatus, Level, LogBatch,
    LogEnd, LogLine, State, label,
};
use dockside::plan::{Cause, ContainerRef, OnFailure, Op, OpId, OpKind, Plan, RunFailure};
use jiff::{SignedDuration, Timestamp};

const FILE: &str = r#"
name: shop
services:
  web: {image: "nginx", scale: 2, ports: [{target: 80, published: "4444", protocol: tcp}]}
  api: {image: "api", depends_on: {db: {condition: service_healthy, required: true}}}
  db: {image: "postgres"}
"#;

/// The dashboard, its clock, and what it asked for since that was last read.
pub struct Desk {
    pub app: App,
    mono: Duration,
    effects: Vec<Effect>,
}

pub fn start() -> Timestamp {
    "2026-11-23T14:00:00Z".parse().unwrap()
}

pub fn project() -> Project {
    let value: serde_json::Value = serde_yaml::from_str(FILE).unwrap();
    let mut project: Project = serde_json::from_value(value).unwrap();
    for (name, service) in &mut project.services {
        service.name.clone_from(name);
    }
    project
}

/// A container of the shop, running for an hour, inspected.
pub fn container(service: &str, number: u32) -> Container {
    let name = format!("shop-{service}-{number}");
    let mut made = Container::new(ContainerId::from(name.as_str()), &name);
    made.labels = BTreeMap::from([
        (label::PROJECT.to_owned(), "shop".to_owned()),
        (label::SERVICE.to_owned(), service.to_owned()),
        (label::CONTAINER_NUMBER.to_owned(), number.to_string()),
        (label::ONE_OFF.to_owned(), "False".to_owned()),
    ]);
    made.state = State::Running;
    made.created_at = Some(start() - SignedDuration::from_hours(1));
    made.started_at = made.created_at;
    made
}

pub fn with_health(mut container: Container, status: HealthStatus, failing_streak: u32) -> Container {
    container.health = Some(Health { status, failing_streak, retries: 5, probes: Vec::new() });
    container
}

pub fn exited(mut container: Container, code: i64) -> Container {
    container.state = State::Exited;
    container.exit_code = Some(code);
    container.finished_at = Some(start() - SignedDuration::from_mins(2));
    container
}

/// One op on a container of a service.
pub fn op(kind: &str, service: &str, after: &[usize]) -> Op {
    let container = ContainerRef::Id(ContainerId::from(format!("shop-{service}-1").as_str()));
    let kind = match kind {
        "restart" => OpKind::RestartContainer { container, timeout: None },
        "start" => OpKind::StartContainer { container, is_alone: false },
        "stop" => OpKind::StopContainer { container, timeout: None },
        "remove" => OpKind::RemoveContainer { container, volumes: false },
        "pull" => {
            OpKind::PullImage { image: service.to_owned(), platform: None, on_failure: OnFailure::Fail }
        }
        "wait" => OpKind::Wait {
            containers: vec![container],
            condition: dockside::plan::Condition::Healthy,
            required: true,
            limit: None,
        },
        other => panic!("no op {other}"),
    };
    let subject = format!("{service}-1");
    Op {
        kind,
        cause: Cause::Asked,
        service: Some(service.to_owned()),
        subject,
        after: after.iter().copied().map(OpId).collect(),
    }
}

pub fn plan(ops: Vec<Op>) -> Arc<Plan> {
    let claims = ops.iter().filter_map(|op| op.service.clone()).collect();
    Arc::new(Plan { ops, claims, ..Plan::default() })
}

impl Desk {
    /// A dashboard of 160×45 that knows nothing.
    pub fn empty(options: Options) -> Self {
        let now = Now { wall: start(), mono: Duration::ZERO };
        let mut desk = Self {
            app: App::new(options, Keymap::default(), now),
            mono: Duration::ZERO,
            effects: Vec::new(),
        };
        desk.send(Msg::Resize { width: 160, height: 45 });
        desk
    }

    /// The shop, loaded, connected, with one container a service, two for web; the cursor has rested on web.
    pub fn shop() -> Self {
        let mut desk = Self::empty(Options::default());
        desk.app.file = ProjectFile { project: Some(Arc::new(project())), ..ProjectFile::default() };
        desk.app.project = Some("shop".to_owned());
        desk.connect(vec![container("web", 1), container("web", 2), container("api", 1), container("db", 1)]);
        desk.wait(100);
        desk.effects();
        desk
    }

    /// Lines of a container's log come, on the stream that is open for it, and the log ends.
    pub fn log_ends(&mut self, container: &str, text: &str, level: Level) {
        let id = ContainerId::from(container);
        let stream = match self.app.logs.store.store(&id).map(|store| store.reading().clone()) {
            Some(Reading::Live(stream)) => stream,
            other => panic!("{container}: {other:?}"),
        };
        let line = LogLine { end: text.len() as u32, at: self.now(), level, stderr: false };
        let bytes = text.as_bytes().to_vec();
        self.send(Msg::Logs(LogBatch { container: id.clone(), stream, bytes, lines: vec![line] }));
        self.send(Msg::LogsEnded { container: id, stream, end: LogEnd::Complete });
    }

    pub fn connect(&mut self, containers: Vec<Container>) {
        let info = EngineInfo {
            endpoint: "unix:///docker.sock".to_owned(),
            version: "28.5.2".to_owned(),
            local: true,
            ..EngineInfo::default()
        };
        self.fact(Fact::Connected(info));
        self.fact(Fact::Listed(containers));
    }

    pub fn send(&mut self, msg: Msg) {
        let effects = update(&mut self.app, msg);
        self.effects.extend(effects);
    }

    pub fn fact(&mut self, fact: Fact) {
        self.send(Msg::Fact(fact));
    }

    pub fn change(&mut self, container: Container) {
        self.fact(Fact::Changed(Box::new(container)));
    }

    /// Keys in text form, one after the other: `j j u`.
    pub fn press(&mut self, keys: &str) {
        for key in parse_sequence(keys).unwrap() {
            self.send(Msg::Key(KeyEvent::new(key.code, key.modifiers)));
        }
    }

    pub fn type_text(&mut self, text: &str) {
        for c in text.chars() {
            self.send(Msg::Key(KeyEvent::new(crossterm::event::KeyCode::Char(c), KeyModifiers::NONE)));
        }
    }

    pub fn wait(&mut self, milliseconds: u64) {
        self.mono += Duration::from_millis(milliseconds);
        let wall = start() + SignedDuration::try_from(self.mono).unwrap();
        self.send(Msg::Time(Now { wall, mono: self.mono }));
    }

    pub fn now(&self) -> Timestamp {
        self.app.now.wall
    }

    pub fn planned(&mut self, run: u64, ops: Vec<Op>) {
        self.send(Msg::Planned { run: RunId(run), result: Ok(plan(ops)) });
    }

    pub fn refused(&mut self, run: u64, why: &str) {
        let failure =
            RunFailure { what: "plan".to_owned(), why: why.to_owned(), hint: None, is_answer: false };
        self.send(Msg::Planned { run: RunId(run), result: Err(failure) });
    }

    pub fn event(&mut self, container: &str, action: &str, attributes: &[(&str, &str)]) {
        let event = event(container, action, self.now(), attributes);
        self.fact(Fact::Event(event));
    }

    /// What was asked for since this was last called, without readings of resources.
    pub fn effects(&mut self) -> String {
        let is_aside = |effect: &Effect| {
            matches!(
                effect,
                Effect::Sample(_)
                    | Effect::FindPortHolders(_)
                    | Effect::WatchFiles(_)
                    | Effect::RecallLayout { .. }
                    | Effect::RememberLayout { .. }
            )
        };
        let (aside, told): (Vec<Effect>, Vec<Effect>) = self.effects.drain(..).partition(is_aside);
        self.effects = aside;
        told.iter().map(tell).collect::<Vec<_>>().join("; ")
    }

    /// The search that was asked for last.
    pub fn search(&mut self) -> dockside::app::log::SearchJob {
        let mut searches = self.effects.drain(..).filter_map(|effect| match effect {
            Effect::Search(job) => Some(job),
            _ => None,
        });
        searches.next_back().unwrap()
    }

    /// The layouts that were to be remembered since this was last called.
    pub fn remembered(&mut self) -> Vec<String> {
        let effects = std::mem::take(&mut self.effects);
        let texts = effects.into_iter().filter_map(|effect| match effect {
            Effect::RememberLayout { text, .. } => Some(text.split_whitespace().collect::<String>()),
            _ => None,
        });
        texts.collect()
    }

    /// The page of older lines that was asked for last.
    pub fn older(&self) -> dockside::app::log::OlderPage {
        let mut pages = self.effects.iter().filter_map(|effect| match effect {
            Effect::ReadOlder(page) => Some(page.clone()),
            _ => None,
        });
        pages.next_back().unwrap()
    }

    /// The readings that were asked for since the effects were last read.
    pub fn samples(&mut self) -> Vec<String> {
        let effects = std::mem::take(&mut self.effects);
        let samples = effects.into_iter().filter_map(|effect| match effect {
            Effect::Sample(id) => Some(id.to_string()),
            _ => None,
        });
        samples.collect()
    }

    /// The Services pane as text: sign, name, count, state or progress.
    pub fn services(&self) -> String {
        let mut text = String::new();
        for row in rows::services(&self.app).rows_from(0) {
            let count =
                row.wanted.map_or(format!("{}", row.running), |wanted| format!("{}/{wanted}", row.running));
            let mark = if row.is_marked { "+" } else { "" };
            let state = row.progress.unwrap_or(row.state);
            let sign = row.kind.sign(rows::Symbols::Unicode);
            writeln!(text, "{sign} {mark}{} {count} {state}", row.name).unwrap();
        }
        text
    }

    pub fn outcome(&self) -> String {
        self.app.outcome.as_ref().map(|outcome| outcome.text.clone()).unwrap_or_default()
    }

    /// The name of the layer that has the keys.
    pub fn layer(&self) -> String {
        let debug = self.app.layer().map_or_else(|| "home".to_owned(), |layer| format!("{layer:?}"));
        debug.split('(').next().unwrap_or_default().to_owned()
    }

    pub fn resize(&mut self, width: u16, height: u16) {
        self.send(Msg::Resize { width, height });
        assert_eq!(self.app.size, Size { width, height });
    }
}

fn tell(effect: &Effect) -> String {
    match effect {
        Effect::Plan { run, request } => {
            format!("plan {} {} {:?}", run.0, request.verb.name(), request.target)
        }
        Effect::Execute { run, plan, .. } => format!("execute {} {} ops", run.0, plan.ops.len()),
        Effect::Cancel(run) => format!("cancel {}", run.0),
        Effect::OpenLog { container, tail, since, .. } => {
            let since = if since.is_some() { " since" } else { "" };
            format!("open {container} {}{since}", tail.unwrap_or_default())
        }
        Effect::CloseLog { container } => format!("close {container}"),
        Effect::Inspect(container) => format!("inspect {container}"),
        Effect::ReadOlder(page) => format!("read {} older lines of {}", page.tail, page.container),
        Effect::ReadProcesses(container) => format!("list processes of {container}"),
        Effect::Shell { name, .. } => format!("shell {name}"),
        Effect::Search(_) => "search".to_owned(),
        other => format!("{other:?}"),
    }
}

/// An event of a container, with names and values.
pub fn event(container: &str, action: &str, at: Timestamp, attributes: &[(&str, &str)]) -> Event {
    let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    let (kind, attributes) = (EventKind::Container, attributes.iter().map(own).collect());
    Event { kind, action: action.to_owned(), actor: container.to_owned(), at, attributes }
}
