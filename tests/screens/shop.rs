//! A shop with something of everything: healthy, starting, drifted, dead, done, paused, off and orphaned.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on ends here")]

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

use dockside::app::activity::{Activity, Entry};
use dockside::app::layers::{Details, DownDialog, PlanDialog, Tab};
use dockside::app::log::{LogSource, RuleKind};
use dockside::app::log_pane::wanted_views;
use dockside::app::runs::{Ask, OpProgress, Phase, Run};
use dockside::app::{
    App, Grade, History, Input, Keymap, Layer, LogMode, Msg, Now, Options, Outcome, PortHolder, Rate, RunId,
    update,
};
use dockside::compose::source::MemoryFiles;
use dockside::compose::{LoadRequest, Loaded, load};
use dockside::observed::{
    Container, ContainerId, EngineInfo, Event, EventKind, Fact, Health, HealthStatus, Level, LogBatch,
    LogEnd, LogLine, Probe, Processes, PublishedPort, Sample, State, label,
};
use dockside::plan::{
    Cause, Change, ContainerRef, ImageRef, Op, OpId, OpKind, OpState, Options as PlanOptions, Plan, PlanNote,
    Request, RunFailure, Target, Verb,
};
use jiff::{SignedDuration, Timestamp};

const FILE: &str = r#"
name: shop
services:
  web:
    image: nginx:1.27
    scale: 2
    ports: ["4444-4445:80"]
  api:
    image: shop-api
    ports: ["9000:9000", "9229:9229"]
    healthcheck: {test: curl -f localhost:9000, retries: 5}
  db:
    image: postgres:16
    healthcheck: {test: pg_isready}
  redis:
    image: redis:7.2
    volumes: ["redis-data:/data"]
  gateway:
    image: caddy:2
    ports: ["8080:8080"]
  worker:
    image: shop-worker
    restart: on-failure:3
    deploy:
      resources:
        limits:
          memory: 256M
    depends_on:
      db: {condition: service_healthy}
      redis: {condition: service_started}
      migrate: {condition: service_completed_successfully}
  search:
    image: opensearch:2
    ports: ["9200:9200"]
  migrate:
    image: shop-api
  mail:
    image: shop-mail
    profiles: [mail]
    depends_on: [worker]
volumes:
  redis-data:
"#;

const OVERRIDE: &str = r"
services:
  redis:
    environment: {REDIS_MAXMEM: 64mb}
";

/// What came of loading files of these texts.
fn loaded(file: &str) -> Loaded {
    let files =
        MemoryFiles::new([("/srv/shop/compose.yaml", file), ("/srv/shop/compose.override.yaml", OVERRIDE)]);
    let request = LoadRequest {
        working_directory: "/srv/shop".into(),
        profiles: vec!["dev".to_owned()],
        ..LoadRequest::default()
    };
    load(&request, &files)
}

/// The shop after its file was broken.
pub fn with_faults(mut app: App) -> App {
    let file = FILE.replace("image: nginx:1.27", "imagee: nginx:1.27").replace("scale: 2", "scale: two");
    update(&mut app, Msg::Loaded(Box::new(loaded(&file))));
    app
}

/// 14:03:20, when all of it is looked at.
pub fn now() -> Timestamp {
    "2026-11-23T14:03:20Z".parse().unwrap()
}

pub fn ago(seconds: i64) -> Timestamp {
    now() - SignedDuration::from_secs(seconds)
}

/// The dashboard of the shop, as messages make it. Drift, readings and the record are then put in as they would have
/// come to be over hours.
pub fn shop() -> App {
    let time = Now { wall: now(), mono: Duration::from_mins(10) };
    let mut app = App::new(Options::default(), Keymap::default(), time);
    let engine = EngineInfo { local: true, ..EngineInfo::default() };
    for msg in [
        Msg::Time(time),
        Msg::Resize { width: 160, height: 45 },
        Msg::Loaded(Box::new(loaded(FILE))),
        Msg::Fact(Fact::Connected(engine)),
        Msg::Fact(Fact::Listed(containers())),
    ] {
        update(&mut app, msg);
    }
    readings(&mut app);
    drift(&mut app);
    let node =
        PortHolder { port: 9229, protocol: "tcp".to_owned(), process: Some(("node".to_owned(), 4121)) };
    app.port_holders.insert((9229, "tcp".to_owned()), node);
    app.marks = ["web", "db"].map(str::to_owned).into();
    app.lists.services.key = Some("api".to_owned());
    app.lists.services.index = 1;
    activity(&mut app);
    app
}

fn drift(app: &mut App) {
    let change = |attribute: &str, old: Option<&str>, new: Option<&str>, place: Option<&str>| Change {
        attribute: attribute.to_owned(),
        old: old.map(str::to_owned),
        new: new.map(str::to_owned),
        place: place.map(str::to_owned),
    };
    let changes = vec![
        change("image", Some("redis:4.0"), Some("redis:7.2"), Some("compose.yaml:15")),
        change("environment", None, Some("REDIS_MAXMEM=64mb"), Some("compose.override.yaml:4")),
    ];
    app.drift = BTreeMap::from([(id("redis", 1), changes)]);
}

pub fn id(service: &str, number: u32) -> ContainerId {
    ContainerId::from(format!("{service}{number}").as_str())
}

fn container(service: &str, number: u32, state: State, started: i64) -> Container {
    let mut one = Container::new(format!("{service}{number}").as_str(), &format!("shop-{service}-{number}"));
    one.labels = BTreeMap::from([
        (label::PROJECT.to_owned(), "shop".to_owned()),
        (label::SERVICE.to_owned(), service.to_owned()),
        (label::CONTAINER_NUMBER.to_owned(), number.to_string()),
    ]);
    one.state = state;
    one.started_at = Some(ago(started));
    one
}

fn published(mut one: Container, target: u16, port: u16) -> Container {
    let host_ip = Some(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
    one.ports.push(PublishedPort { target, protocol: "tcp".to_owned(), host_ip, published: Some(port) });
    one
}

fn with_health(mut one: Container, status: HealthStatus, streak: u32, output: &str) -> Container {
    let probe = Probe { start: None, end: None, exit_code: i64::from(streak > 0), output: output.to_owned() };
    one.health = Some(Health { status, failing_streak: streak, retries: 5, probes: vec![probe] });
    one
}

fn ended(mut one: Container, code: i64, seconds: i64) -> Container {
    one.exit_code = Some(code);
    one.oom_killed = code == 137;
    one.finished_at = Some(ago(seconds));
    one
}

/// Its restart policy is used up and its limit was reached.
fn killed(mut one: Container) -> Container {
    one.restart_count = 3;
    one.inspect = Some(Arc::new(serde_json::json!({"HostConfig": {
        "Memory": 256 << 20,
        "RestartPolicy": {"Name": "on-failure", "MaximumRetryCount": 3},
    }})));
    one
}

fn containers() -> Vec<Container> {
    const HOURS: i64 = 3 * 3600 + 60;
    let healthy = |service, number| {
        with_health(container(service, number, State::Running, HOURS), HealthStatus::Healthy, 0, "")
    };
    let refused = "curl: (7) Failed to connect to localhost port 9000";
    vec![
        published(healthy("web", 1), 80, 4444),
        published(healthy("web", 2), 80, 4445),
        published(
            with_health(container("api", 1, State::Running, 12), HealthStatus::Starting, 3, refused),
            9000,
            9000,
        ),
        healthy("db", 1),
        container("redis", 1, State::Running, HOURS),
        published(container("gateway", 1, State::Running, HOURS), 8080, 8080),
        killed(ended(container("worker", 1, State::Exited, 2600), 137, 149)),
        ended(container("migrate", 1, State::Exited, HOURS + 9), 0, HOURS),
        published(container("search", 1, State::Paused, HOURS), 9200, 9200),
        container("old-api", 1, State::Running, 6 * 86_400),
    ]
}

/// CPU in thousandths of a core and memory in MiB, by container.
const USE: [(&str, u32, u64, u64); 9] = [
    ("web", 1, 16, 41),
    ("web", 2, 15, 41),
    ("api", 1, 98, 64),
    ("db", 1, 4, 120),
    ("redis", 1, 1, 8),
    ("gateway", 1, 12, 31),
    ("search", 1, 0, 412),
    ("worker", 1, 9, 90),
    ("old-api", 1, 2, 44),
];

fn readings(app: &mut App) {
    for (service, number, cpu, memory) in USE {
        let mut history = History::default();
        let mut used = 0;
        for second in 0..40_u64 {
            used += if second == 39 { cpu } else { cpu * (second * 7 % 11 + 1) / 8 };
            history.take(Sample {
                at: Duration::from_secs(second),
                cpu: Duration::from_millis(used),
                // The worker grew until it was killed.
                memory: (memory + if service == "worker" { second * 4 } else { 0 }) << 20,
                memory_limit: (service == "api").then_some(256 << 20),
                received: second * 2000,
                sent: second * 9000,
            });
        }
        app.histories.insert(id(service, number), history);
    }
    for second in 0..90_u32 {
        app.totals.push(Rate {
            at: Duration::from_secs(second.into()),
            cpu: 0.14 * f64::from(second * 5 % 9 + 1) / 6.0,
            memory: (1000 + u64::from(second)) << 20,
            memory_limit: None,
            received: f64::from(second * 13 % 17) * 900.0,
            sent: f64::from(second * 7 % 5) * 500.0,
        });
    }
}

fn activity(app: &mut App) {
    app.activity = Activity::default();
    let mut tell = |seconds, grade, subject: &str, text: &str, more: &[&str]| {
        app.activity.push(Entry {
            at: ago(seconds),
            grade,
            subject: subject.to_owned(),
            text: text.to_owned(),
            more: more.iter().map(ToString::to_string).collect(),
            run: None,
        });
    };
    tell(9793, Grade::Good, "up", "7 services, 31 ops, all healthy after 6.2 s", &[]);
    tell(
        29,
        Grade::Bad,
        "worker died",
        "out of memory at 256 MiB, exit 137",
        &["restart policy on-failure: 3 of 3 tries used"],
    );
    tell(10, Grade::Busy, "restart api", "0.8 s, health 3/5", &[]);
    app.activity.unseen = 2;
    let at = app.now;
    app.outcome = Some(Outcome { grade: Grade::Busy, text: "api restarted, health 3/5".to_owned(), at });
}

fn op(kind: OpKind, cause: Cause, service: Option<&str>, subject: &str) -> Op {
    let service = service.map(str::to_owned);
    Op { kind, cause, service, subject: subject.to_owned(), after: Vec::new() }
}

fn is(container: &str) -> ContainerRef {
    ContainerRef::Id(ContainerId::from(container))
}

fn of(op: usize) -> ContainerRef {
    ContainerRef::Of(OpId(op))
}

fn run(verb: Verb, ops: Vec<Op>, plan: Plan, target: Target) -> Run {
    let request = Request { project: "shop".to_owned(), verb, target, options: PlanOptions::default() };
    Run {
        id: RunId(1),
        request,
        services: BTreeSet::new(),
        phase: Phase::Asking,
        taken_at: Duration::from_secs(599),
        began_at: None,
        progress: Vec::new(),
        plan: Some(Arc::new(Plan { ops, ..plan })),
        ops_before: 0,
        started_before: BTreeMap::new(),
        asks: Some(Ask::Always),
        failed: None,
        failing_since: None,
    }
}

/// The dialog of `U`.
pub fn with_plan(mut app: App) -> App {
    let changes = app.drift[&id("redis", 1)].clone();
    let create = OpKind::CreateContainer {
        name: "new_shop-redis-1".to_owned(),
        platform: None,
        image: ImageRef { name: "redis:7.2".to_owned(), digest: None },
        body: serde_json::Value::Null,
        connect: Vec::new(),
        late: None,
    };
    let again = Cause::Replacement;
    let ops = vec![
        op(OpKind::CreateNetwork { body: serde_json::Value::Null }, Cause::Missing, None, "shop_search"),
        op(create, Cause::Drift(changes), Some("redis"), "redis-1"),
        op(
            OpKind::StopContainer { container: is("redis1"), timeout: None },
            again.clone(),
            Some("redis"),
            "redis-1",
        ),
        op(
            OpKind::RemoveContainer { container: is("redis1"), volumes: false },
            again.clone(),
            Some("redis"),
            "redis-1",
        ),
        op(OpKind::StartContainer { container: of(1), is_alone: false }, again, Some("redis"), "redis-1"),
        op(
            OpKind::RestartContainer { container: is("api1"), timeout: None },
            Cause::Follows("redis".to_owned()),
            Some("api"),
            "api-1",
        ),
        op(
            OpKind::StartContainer { container: is("worker1"), is_alone: false },
            Cause::NotRunning,
            Some("worker"),
            "worker-1",
        ),
    ];
    let plan = Plan {
        unchanged: ["web-1", "web-2", "db-1", "gateway-1", "migrate-1", "search-1"]
            .map(str::to_owned)
            .to_vec(),
        notes: vec![
            PlanNote::Orphan { container: "shop-old-api-1".to_owned(), service: "old-api".to_owned() },
            PlanNote::KeepsVolume { volume: "shop_redis-data".to_owned() },
        ],
        ..Plan::default()
    };
    app.runs.all.insert(RunId(1), run(Verb::Up, ops, plan, Target::Project));
    let dialog = PlanDialog { run: RunId(1), opened_at: Duration::ZERO, offset: 0, has_changed: false };
    app.layers.push(Layer::Plan(dialog));
    app
}

/// The same while it is carried out: two steps are done, one goes on, one has failed.
pub fn with_plan_under_way(app: App) -> App {
    let mut app = with_plan(app);
    let run = app.runs.all.get_mut(&RunId(1)).unwrap();
    run.phase = Phase::Running;
    let failure = RunFailure {
        what: String::new(),
        why: "no space left on device".to_owned(),
        hint: None,
        is_answer: false,
    };
    let going = OpState::Progress { text: "restarting 2s".to_owned(), fraction: None };
    let done = || Some(OpState::Done);
    let states = [done(), done(), done(), done(), done(), Some(going), Some(OpState::Failed(failure))];
    run.progress = states.map(|state| OpProgress { state, since: Duration::ZERO }).to_vec();
    app
}

pub fn down_dialog() -> DownDialog {
    let typed = Input::of("sho");
    DownDialog { run: RunId(1), opened_at: Duration::ZERO, cursor: 1, typed, has_changed: false }
}

/// The dialog of `D`, with volumes chosen.
pub fn with_down(mut app: App) -> App {
    let remove = |service: &str, number: u32| {
        let kind = OpKind::RemoveContainer { container: is(service), volumes: false };
        op(kind, Cause::Asked, Some(service), &format!("{service}-{number}"))
    };
    let network = OpKind::RemoveNetwork { network: "n1".to_owned(), name: "shop_default".to_owned() };
    let volume = OpKind::RemoveVolume { name: "shop_redis-data".to_owned() };
    let mut ops: Vec<Op> = [("web", 1), ("web", 2), ("api", 1), ("db", 1), ("redis", 1)]
        .into_iter()
        .map(|(service, number)| remove(service, number))
        .collect();
    ops.push(op(network, Cause::Asked, None, "shop_default"));
    ops.push(op(volume, Cause::Asked, None, "shop_redis-data"));
    let orphan = PlanNote::Orphan { container: "shop-old-api-1".to_owned(), service: "old-api".to_owned() };
    let plan = Plan { notes: vec![orphan], ..Plan::default() };
    let mut run = run(Verb::Down, ops, plan, Target::Project);
    run.request.options.remove_volumes = true;
    app.runs.all.insert(RunId(1), run);
    app.layers.push(Layer::Down(down_dialog()));
    app
}

/// Lines of one service: level, text; two seconds apart, the last one just now.
type Said = (Level, &'static str);

const GATEWAY: [Said; 6] = [
    (Level::Unknown, "GET /orders           200  15 ms"),
    (Level::Unknown, "GET /static/app.css   200  22 ms"),
    (Level::Unknown, "GET /orders/8812      200  31 ms"),
    (Level::Unknown, "\u{1b}[32mGET\u{1b}[0m /login            \u{1b}[1;33m304\u{1b}[0m  42 ms"),
    (Level::Unknown, "GET /                 200  25 ms"),
    (Level::Unknown, "GET /cart             200  47 ms"),
];
const API: [Said; 6] = [
    (Level::Info, "INF order placed id=8800 total=64.50"),
    (Level::Debug, "DBG pool 4/16 in use"),
    (Level::Info, "INF cache hit key=cart:37"),
    (Level::Error, "ERR upstream timeout host=search:9200 after=5s"),
    (Level::Unknown, "    at Client.request (search.js:88)"),
    (Level::Debug, "DBG pool 4/16 in use"),
];
const DB: [Said; 3] = [
    (Level::Info, "LOG  duration: 1.1 ms SELECT"),
    (Level::Warn, "WARN autovacuum: long transaction since 14:01"),
    (Level::Info, "LOG  checkpoint complete"),
];
const WORKER: [Said; 2] =
    [(Level::Info, "INF job done queue=mail ms=56"), (Level::Warn, "WRN heap 241 MiB of 256 MiB")];

/// The shop with logs in four tiles.
pub fn with_logs(mut app: App, mode: LogMode) -> App {
    app.logs.mode = mode;
    app.logs.rested = Some("api".to_owned());
    app.logs.tiles = ["gateway", "api", "db", "worker"].map(str::to_owned).to_vec();
    let all = [("gateway", &GATEWAY[..]), ("api", &API), ("db", &DB), ("worker", &WORKER)];
    for (service, _) in all {
        let source = LogSource::Replica { service: service.into(), number: 1 };
        app.logs.store.assign(&source, &id(service, 1), ago(600));
    }
    let opened = app.logs.store.show(&all.map(|(service, _)| id(service, 1))).open;
    for ((_, lines), opening) in all.iter().zip(&opened) {
        let (container, stream) = (opening.container.clone(), opening.stream);
        app.logs
            .store
            .apply(&said(LogBatch { container, stream, bytes: Vec::new(), lines: Vec::new() }, lines));
    }
    let at = ago(10);
    app.logs.store.rule(&id("api", 1), at, RuleKind::Restarted);
    app.logs.store.rule(&id("worker", 1), ago(0), RuleKind::OutOfMemory);
    app.logs.store.ended(&id("worker", 1), opened[3].stream, LogEnd::Complete);
    let views = wanted_views(&app);
    app.logs.arrange(views);
    app
}

fn said(mut batch: LogBatch, lines: &[Said]) -> LogBatch {
    for (place, (level, text)) in lines.iter().cycle().take(40).enumerate() {
        batch.bytes.extend(text.as_bytes());
        let end = batch.bytes.len() as u32;
        batch.lines.push(LogLine { end, at: ago(80 - 2 * place as i64), level: *level, stderr: false });
    }
    batch
}

/// With the details of a service, its processes listed and some of its events told.
pub fn with_details(app: App, service: &str, tab: Tab) -> App {
    let mut app = with_logs(app, LogMode::Tiles);
    for (seconds, action, code) in
        [(40, "start", None), (30, "oom", None), (30, "die", Some("137")), (20, "start", None)]
    {
        update(&mut app, Msg::Fact(Fact::Event(event(service, ago(seconds), action, code))));
    }
    app.layers.push(Layer::Details(Details { service: service.to_owned(), tab, offset: 0 }));
    let size = app.size;
    update(&mut app, Msg::Resize { width: size.width, height: size.height });
    if let Some(listing) = &mut app.processes {
        let texts = |cells: [&str; 4]| cells.map(str::to_owned).to_vec();
        let rows = vec![
            texts(["root", "4121", "00:00:01", "node server.js"]),
            texts(["root", "4177", "00:00:00", "sh"]),
        ];
        listing.result = Some(Ok(Processes { titles: texts(["UID", "PID", "TIME", "CMD"]), rows }));
    }
    app
}

fn event(service: &str, at: Timestamp, action: &str, code: Option<&str>) -> Event {
    let name = format!("shop-{service}-1");
    let mut attributes = BTreeMap::from([
        (label::PROJECT.to_owned(), "shop".to_owned()),
        (label::SERVICE.to_owned(), service.to_owned()),
        ("name".to_owned(), name.clone()),
    ]);
    attributes.extend(code.map(|code| ("exitCode".to_owned(), code.to_owned())));
    Event { kind: EventKind::Container, action: action.to_owned(), actor: name, at, attributes }
}
