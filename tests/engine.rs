//! The engine module on a real Docker Engine: plans carried out, the world kept, shells, and what a person is told when
//! something fails. Looks at the engine past the code under test.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a helper of tests fails the test")]

mod support;

use std::time::{Duration, Instant};

use dockside::engine::{
    Cancel, Endpoint, Engine, Error, Shell, TerminalSize, Watcher, cancellation, execute, observe,
};
use dockside::observed::{ContainerId, Fact, State, label};
use dockside::plan::{
    Cause, Condition, ContainerRef, ImageRef, NetworkRef, OnFailure, Op, OpId, OpKind, OpReport, OpState,
    Plan, PutFile,
};
use serde_json::{Value, json};
use support::{BUSYBOX, Project};
use tokio::sync::{mpsc, watch};

/// Longer than anything here takes, so that a test that waits in vain ends.
const PATIENCE: Duration = Duration::from_mins(1);

async fn connect(engine: &support::Engine) -> Engine {
    Engine::connect(&Endpoint::parse(engine.host(), "test").unwrap()).await.unwrap()
}

/// A plan under construction: each op after those named.
#[derive(Default)]
struct Ops(Plan);

impl Ops {
    fn add(&mut self, subject: &str, kind: OpKind, after: &[OpId]) -> OpId {
        let op = Op {
            kind,
            cause: Cause::Asked,
            service: None,
            subject: subject.to_owned(),
            after: after.to_vec(),
        };
        self.0.ops.push(op);
        OpId(self.0.ops.len() - 1)
    }

    /// Creates and starts a container of `project`; what `more` holds comes over the plain body.
    fn container(&mut self, project: &Project, service: &str, command: &str, more: &Value) -> (OpId, OpId) {
        let mut body = json!({
            "Image": BUSYBOX, "Cmd": ["sh", "-c", command], "HostConfig": { "NetworkMode": "none" }, "StopTimeout": 0,
            "Labels": {
                label::PROJECT: project.name, label::SERVICE: service, label::CONTAINER_NUMBER: "1",
                label::ONE_OFF: "False", label::CONFIG_HASH: "0",
            },
        });
        for (key, value) in more.as_object().into_iter().flatten() {
            body[key] = value.clone();
        }
        let kind = OpKind::CreateContainer {
            name: project.container(service, 1),
            platform: None,
            image: ImageRef { name: BUSYBOX.to_owned(), digest: None },
            body,
            connect: Vec::new(),
            late: None,
        };
        let subject = format!("{service}-1");
        let created = self.add(&subject, kind, &[]);
        let container = ContainerRef::Of(created);
        (created, self.add(&subject, OpKind::StartContainer { container, is_alone: false }, &[created]))
    }

    fn wait(&mut self, of: OpId, condition: Condition, after: OpId) -> OpId {
        let containers = vec![ContainerRef::Of(of)];
        self.add("db", OpKind::Wait { containers, condition, required: true, limit: None }, &[after])
    }
}

async fn run(engine: &Engine, plan: &Plan, cancel: &Cancel) -> (Vec<String>, Vec<OpReport>) {
    let (sender, mut receiver) = mpsc::unbounded_channel();
    let states = tokio::time::timeout(PATIENCE, execute(engine, plan, &sender, cancel)).await.unwrap();
    drop(sender);
    let mut reports = Vec::new();
    while let Some(report) = receiver.recv().await {
        reports.push(report);
    }
    let text = |state: &OpState| match state {
        OpState::Failed(failure) => format!("failed: {failure}"),
        state => format!("{state:?}").to_lowercase(),
    };
    (states.iter().map(text).collect(), reports)
}

async fn ends(engine: &Engine, plan: &Plan) -> Vec<String> {
    run(engine, plan, &cancellation().1).await.0
}

fn id_of(engine: &support::Engine, name: &str) -> ContainerId {
    engine.container(name).unwrap()["Id"].as_str().unwrap().into()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_is_carried_out() {
    let Some(real) = support::engine() else { return };
    let project = Project::new(real, "plan", "");
    let engine = connect(real).await;
    let mut ops = Ops::default();
    let volume = format!("{}_data", project.name);
    let labels = json!({ label::PROJECT: project.name });
    let kind = OpKind::CreateVolume { body: json!({ "Name": volume, "Labels": labels }) };
    let made = ops.add("data", kind, &[]);
    let health =
        json!({ "Test": ["CMD-SHELL", "test -s /run/secrets/key"], "Interval": 100_000_000, "Retries": 3 });
    let (db, started) = ops.container(&project, "db", "sleep 1000", &json!({ "Healthcheck": health }));
    let file = PutFile {
        path: "/run/secrets/key".to_owned(),
        content: b"s3cret".to_vec(),
        mode: 0o440,
        uid: 0,
        gid: 0,
    };
    let put =
        ops.add("db-1", OpKind::PutArchive { container: ContainerRef::Of(db), files: vec![file] }, &[db]);
    ops.0.ops[started.0].after.extend([made, put]);
    let healthy = ops.wait(db, Condition::Healthy, started);
    let body = json!({ "Cmd": ["sh", "-c", "cat /run/secrets/key > /copy && test -f /copy"] });
    let hook = ops.add("db-1", OpKind::RunHook { container: ContainerRef::Of(db), body }, &[healthy]);
    let (web, web_started) = ops.container(&project, "web", "exit 0", &json!({}));
    ops.0.ops[web.0].after.push(hook);
    ops.wait(web, Condition::Completed, web_started);
    let name = project.container("db", 2);
    ops.add("db-1", OpKind::RenameContainer { container: ContainerRef::Of(db), name }, &[hook]);

    let (states, reports) = run(&engine, &ops.0, &cancellation().1).await;

    assert_eq!(states, vec!["done"; states.len()]);
    assert_eq!(project.states(), ["db-2 running", "web-1 exited 0"]);
    let started = reports.iter().filter(|report| report.state == OpState::Started).count();
    assert_eq!(started, ops.0.ops.len());
    let db = real.container(&project.container("db", 2)).unwrap();
    assert_eq!(db["Config"]["Labels"][label::IMAGE], db["Image"], "the label holds the image's digest");

    let observed =
        observe(&engine, &project.name, &[BUSYBOX.to_owned(), "no/such".to_owned()]).await.unwrap();
    let seen: Vec<_> =
        observed.containers.iter().map(|it| (it.service(), it.state.clone(), it.exit_code)).collect();
    assert!(seen.contains(&(Some("db"), State::Running, None)), "{seen:?}");
    assert!(seen.contains(&(Some("web"), State::Exited, Some(0))), "{seen:?}");
    assert_eq!(observed.images.keys().collect::<Vec<_>>(), [BUSYBOX]);
    assert!(observed.volumes.iter().any(|it| it.name == volume));
    takes_down_twice(real, &engine, &project, volume).await;
}

/// Stops and removes what is there, and what is no longer there.
async fn takes_down_twice(real: &support::Engine, engine: &Engine, project: &Project, volume: String) {
    let mut down = Ops::default();
    let db = ContainerRef::Id(id_of(real, &project.container("db", 2)));
    let stop = down.add("db-1", OpKind::StopContainer { container: db.clone(), timeout: None }, &[]);
    let again = down.add("db-1", OpKind::StopContainer { container: db.clone(), timeout: None }, &[stop]);
    let gone = down.add("db-1", OpKind::RemoveContainer { container: db.clone(), volumes: true }, &[again]);
    let twice = down.add("db-1", OpKind::RemoveContainer { container: db, volumes: true }, &[gone]);
    let volume = down.add("data", OpKind::RemoveVolume { name: volume }, &[twice]);
    let network = OpKind::RemoveNetwork { network: "no-such-network".to_owned(), name: "x".to_owned() };
    down.add("x", network, &[volume]);
    assert_eq!(ends(engine, &down.0).await, vec!["done"; 6], "what is done already is no failure");
    assert_eq!(project.states(), ["web-1 exited 0"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn networks_are_made_joined_and_removed_and_a_slow_stop_is_counted() {
    let Some(real) = support::engine() else { return };
    let project = Project::new(real, "net", "");
    let engine = connect(real).await;
    let mut ops = Ops::default();
    let names = ["front", "back"].map(|key| format!("{}_{key}", project.name));
    let made = names.each_ref().map(|name| {
        let body = json!({ "Name": name, "Driver": "bridge", "Labels": { label::PROJECT: project.name } });
        ops.add(name, OpKind::CreateNetwork { body }, &[])
    });
    let stubborn = "trap '' TERM; while :; do sleep 1; done";
    let host = json!({ "StopTimeout": 2, "HostConfig": { "NetworkMode": names[0] } });
    let (created, started) = ops.container(&project, "db", stubborn, &host);
    ops.0.ops[created.0].after.extend(made);
    if let OpKind::CreateContainer { connect, .. } = &mut ops.0.ops[created.0].kind {
        connect.push((NetworkRef::Name(names[1].clone()), json!({ "Aliases": ["data"] })));
    }
    let container = ContainerRef::Of(created);
    let stop = OpKind::StopContainer { container: container.clone(), timeout: None };
    let stopped = ops.add("db-1", stop, &[started]);
    assert_eq!(
        ends(&engine, &Plan { ops: ops.0.ops[..stopped.0].to_vec(), ..Plan::default() }).await,
        ["done"; 4]
    );
    let db = real.container(&project.container("db", 1)).unwrap();
    let networks = &db["NetworkSettings"]["Networks"];
    assert_eq!(networks.as_object().unwrap().len(), 2, "{networks}");
    let aliases = networks[&names[1]]["Aliases"].as_array().unwrap();
    assert!(aliases.contains(&json!("data")), "{aliases:?}");

    let mut down = Ops::default();
    let container = ContainerRef::Id(id_of(real, &project.container("db", 1)));
    let stop = OpKind::StopContainer { container: container.clone(), timeout: None };
    let stopped = down.add("db-1", stop, &[]);
    let in_use = OpKind::RemoveNetwork { network: names[0].clone(), name: names[0].clone() };
    down.add("front", in_use, &[]);
    let removed = down.add("db-1", OpKind::RemoveContainer { container, volumes: true }, &[stopped]);
    for name in &names {
        let kind = OpKind::RemoveNetwork { network: name.clone(), name: name.clone() };
        down.add(name, kind, &[removed]);
    }
    let (states, reports) = run(&engine, &down.0, &cancellation().1).await;
    assert_eq!([&states[0], &states[2], &states[3], &states[4]], ["done"; 4]);
    assert!(states[1].starts_with("failed: remove network front: "), "{}", states[1]);
    assert!(states[1].contains("has active endpoints"), "{}", states[1]);
    let counted = OpState::Progress { text: "stopping 1s".to_owned(), fraction: None };
    assert!(reports.iter().any(|report| report.op == stopped && report.state == counted), "{reports:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_skips_what_depends_on_it_and_nothing_else() {
    let Some(real) = support::engine() else { return };
    let project = Project::new(real, "fail", "");
    let engine = connect(real).await;
    let mut ops = Ops::default();
    let (_, bad) = ops.container(&project, "bad", "true", &json!({ "Image": "no/such:image" }));
    ops.container(&project, "good", "sleep 1000", &json!({}));
    let (no_program, _) = ops.container(&project, "typo", "", &json!({ "Cmd": ["no-such-program"] }));
    ops.wait(no_program, Condition::Running, bad);
    let states = ends(&engine, &ops.0).await;
    assert_eq!(states[0], "failed: create bad-1: No such image: no/such:image (pull or build it first)");
    assert_eq!(states[1..5], ["skipped", "done", "done", "done"]);
    assert!(states[5].starts_with("failed: start typo-1: "), "{}", states[5]);
    assert!(
        states[5].ends_with("(the image has no such program: correct command or entrypoint)"),
        "{}",
        states[5]
    );
    assert_eq!(states[6], "skipped");
}

#[tokio::test(flavor = "multi_thread")]
async fn waits_say_why_they_fail() {
    let Some(real) = support::engine() else { return };
    let project = Project::new(real, "wait", "");
    let engine = connect(real).await;
    let mut ops = Ops::default();
    let probe = |test: &str| json!({ "Healthcheck": { "Test": ["CMD-SHELL", test], "Interval": 100_000_000, "Retries": 2, "Timeout": 1_000_000_000_u64 } });
    let mut waits = Vec::new();
    for (service, command, more, condition) in [
        ("ended", "sleep 1; exit 3", json!({}), Condition::Completed),
        ("sick", "sleep 1000", probe("echo no answer from db; exit 1"), Condition::Healthy),
        ("plain", "sleep 1000", json!({}), Condition::Healthy),
        ("fine", "sleep 1000", json!({}), Condition::RunningOrHealthy),
    ] {
        let (created, started) = ops.container(&project, service, command, &more);
        waits.push(ops.wait(created, condition, started));
    }
    let optional = OpKind::Wait {
        containers: vec![ContainerRef::Of(OpId(0))],
        condition: Condition::Healthy,
        required: false,
        limit: None,
    };
    ops.add("ended", optional, &[OpId(1)]);
    let states = ends(&engine, &ops.0).await;
    let name = &project.name;
    let expected = [
        format!("failed: wait for db: {name}-ended-1 exited with code 3 (its log says more)"),
        format!(
            "failed: wait for db: {name}-sick-1 is unhealthy: no answer from db (its health check or its log says more)"
        ),
        format!(
            "failed: wait for db: {name}-plain-1 has no healthcheck configured, so it never becomes healthy (give the service a \
             healthcheck, or depend on it with condition: service_started)"
        ),
        "done".to_owned(),
    ];
    assert_eq!(waits.iter().map(|id| states[id.0].clone()).collect::<Vec<_>>(), expected);
    assert_eq!(states.last().unwrap(), "done");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancel_ends_a_wait_at_once() {
    let Some(real) = support::engine() else { return };
    let project = Project::new(real, "cancel", "");
    let engine = connect(real).await;
    let mut ops = Ops::default();
    let health =
        json!({ "Healthcheck": { "Test": ["CMD", "false"], "Interval": 100_000_000, "Retries": 1000 } });
    let (db, started) = ops.container(&project, "db", "sleep 1000", &health);
    let waited = ops.wait(db, Condition::Healthy, started);
    let (web, _) = ops.container(&project, "web", "sleep 1000", &json!({}));
    ops.0.ops[web.0].after.push(waited);
    let (canceller, cancel) = cancellation();
    let (sender, mut reports) = mpsc::unbounded_channel();
    let plan = ops.0;
    let running = tokio::spawn(async move { execute(&engine, &plan, &sender, &cancel).await });
    // The wait tells of failed probes, so it is under way.
    loop {
        let report = tokio::time::timeout(PATIENCE, reports.recv()).await.unwrap().unwrap();
        if matches!(report.state, OpState::Progress { ref text, .. } if text.ends_with("/1000")) {
            break;
        }
    }
    let begun = Instant::now();
    canceller.cancel();
    let states = running.await.unwrap();
    assert!(begun.elapsed() < Duration::from_millis(300), "{:?}", begun.elapsed());
    let cancelled = || OpState::Cancelled;
    assert_eq!(states, [OpState::Done, OpState::Done, cancelled(), cancelled(), cancelled()]);
    assert_eq!(project.states(), ["db-1 running"]);
}

fn build_op(project: &Project, build: Value) -> Plan {
    let mut ops = Ops::default();
    let kind = OpKind::BuildImage {
        image: format!("{}-web", project.name),
        context: project.folder(),
        build,
        labels: vec![(label::PROJECT.to_owned(), project.name.clone())],
    };
    ops.add("web", kind, &[]);
    ops.0
}

#[tokio::test(flavor = "multi_thread")]
async fn images_are_built_without_what_dockerignore_names() {
    let Some(real) = support::engine() else { return };
    let project = Project::new(real, "build", "");
    let engine = connect(real).await;
    project.write(".dockerignore", "*\n!kept\n!Dockerfile\nkept/*.tmp\n");
    project.write("secret", "x");
    project.write("kept/a", "x");
    project.write("kept/b.tmp", "x");
    project.write(
        "Dockerfile",
        &format!(
            "FROM {BUSYBOX} AS base\nARG WHO\nCOPY . /src\nRUN test \"$(cd /src && find . -type f | sort | tr '\\n' ' ')\" = \
             './Dockerfile ./kept/a '\nRUN test \"$WHO\" = me\nFROM base AS other\nRUN false\n"
        ),
    );
    let (states, reports) = run(
        &engine,
        &build_op(&project, json!({ "args": { "WHO": "me" }, "target": "base" })),
        &cancellation().1,
    )
    .await;
    assert_eq!(states, ["done"]);
    let progress: Vec<_> = reports
        .iter()
        .filter_map(|report| match &report.state {
            OpState::Progress { text, .. } => Some(text.as_str()),
            _ => None,
        })
        .collect();
    // BuildKit leaves out the stages that the target does not need; the classic builder counts them.
    assert_eq!(progress[..3], ["building", "building 1/6", "building 2/6"]);
    let image = real.get(&format!("/images/{}-web/json", project.name));
    assert_eq!(image["Config"]["Labels"][label::PROJECT], project.name.as_str());

    let inline = format!("FROM {BUSYBOX}\nRUN echo first; echo cannot find it; exit 3\n");
    let states = ends(&engine, &build_op(&project, json!({ "dockerfile_inline": inline }))).await;
    let name = &project.name;
    assert_eq!(
        states,
        [format!(
            "failed: build {name}-web: step 2/3 RUN echo first; echo cannot find it; exit 3: The command '/bin/sh -c echo \
             first; echo cannot find it; exit 3' returned a non-zero code: 3\nfirst\ncannot find it"
        )]
    );
    let states = ends(&engine, &build_op(&project, json!({ "dockerfile": "No.such" }))).await;
    let folder = project.folder();
    let expected = format!(
        "failed: build {name}-web: cannot read the Dockerfile {}: No such file or directory (os error 2)",
        folder.join("No.such").display()
    );
    assert_eq!(states, [expected]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pull_that_cannot_reach_its_registry_says_so() {
    let Some(real) = support::engine() else { return };
    let engine = connect(real).await;
    let mut ops = Ops::default();
    for on_failure in [OnFailure::FailAlone, OnFailure::GoOn] {
        let image = "127.0.0.1:1/shop/web:2".to_owned();
        ops.add("web", OpKind::PullImage { image, platform: None, on_failure }, &[]);
    }
    let states = ends(&engine, &ops.0).await;
    assert!(states[0].starts_with("failed: pull 127.0.0.1:1/shop/web:2 from 127.0.0.1:1: "), "{}", states[0]);
    assert!(states[0].contains("connection refused"), "{}", states[0]);
    assert!(
        states[0].ends_with("(nothing answers at that address: is the registry running, or a proxy needed?)")
    );
    assert_eq!(states[1], "done");
}

struct World {
    facts: mpsc::Receiver<Fact>,
    project: watch::Sender<Option<String>>,
}

fn watch_engine(endpoint: Endpoint) -> World {
    let (facts_sender, facts) = mpsc::channel(64);
    let (project, project_receiver) = watch::channel(None);
    let (engine, _) = watch::channel(None);
    tokio::spawn(Watcher { endpoint, project: project_receiver, engine, facts: facts_sender }.run());
    World { facts, project }
}

impl World {
    /// The first fact that `pick` takes; the others are passed over.
    async fn next<T>(&mut self, mut pick: impl FnMut(Fact) -> Option<T>) -> T {
        let found = async {
            loop {
                if let Some(picked) = pick(self.facts.recv().await.expect("the watcher goes on")) {
                    return picked;
                }
            }
        };
        tokio::time::timeout(PATIENCE, found).await.expect("the fact comes")
    }

    async fn changed(&mut self, id: &ContainerId, state: State) -> dockside::observed::Container {
        self.next(|fact| match fact {
            Fact::Changed(container) if container.id == *id && container.state == state => Some(*container),
            _ => None,
        })
        .await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_world_is_kept() {
    let Some(real) = support::engine() else { return };
    let project = Project::new(real, "watch", "");
    let engine = connect(real).await;
    let mut ops = Ops::default();
    ops.container(&project, "db", "sleep 1000", &json!({}));
    assert_eq!(ends(&engine, &ops.0).await, ["done", "done"]);
    let db = id_of(real, &project.container("db", 1));

    let mut world = watch_engine(Endpoint::parse(real.host(), "test").unwrap());
    let info = world.next(|fact| if let Fact::Connected(info) = fact { Some(info) } else { None }).await;
    assert!(info.api >= (1, 41) && info.api <= (1, 51), "{info:?}");
    let listed = world.next(|fact| if let Fact::Listed(listed) = fact { Some(listed) } else { None }).await;
    assert!(listed.iter().any(|container| container.id == db && container.inspect.is_none()));
    world.project.send_replace(Some(project.name.clone()));
    let inspected = world.changed(&db, State::Running).await;
    assert!(inspected.inspect.is_some() && inspected.started_at.is_some());

    real.post(&format!("/containers/{db}/kill?signal=KILL"), &Value::Null);
    let dead = world.changed(&db, State::Exited).await;
    assert_eq!(dead.exit_code, Some(137));

    real.request("DELETE", &format!("/containers/{db}"), b"");
    world.next(|fact| matches!(fact, Fact::Removed(id) if id == db).then_some(())).await;

    let volume = format!("{}_late", project.name);
    let body = json!({ "Name": volume, "Labels": { label::PROJECT: project.name } });
    real.post("/volumes/create", &body);
    world
        .next(|fact| match fact {
            Fact::Resources { volumes, .. } => volumes.iter().any(|it| it.name == volume).then_some(()),
            _ => None,
        })
        .await;
    let mut ops = Ops::default();
    ops.container(&project, "new", "echo hi", &json!({}));
    assert_eq!(ends(&engine, &ops.0).await, ["done", "done"]);
    let new = id_of(real, &project.container("new", 1));
    let died = world
        .next(|fact| match fact {
            Fact::Event(event) if event.action == "die" && event.container().as_ref() == Some(&new) => {
                Some(event)
            }
            _ => None,
        })
        .await;
    assert_eq!(died.attributes.get("exitCode").map(String::as_str), Some("0"));
    world.changed(&new, State::Exited).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happened_before_is_told_as_far_as_the_engine_knows_it() {
    let Some(real) = support::engine() else { return };
    let project = Project::new(real, "past", "");
    let engine = connect(real).await;
    let mut ops = Ops::default();
    let policy = json!({ "HostConfig": { "NetworkMode": "none", "RestartPolicy": { "Name": "on-failure", "MaximumRetryCount": 2 } } });
    ops.container(&project, "loop", "exit 3", &policy);
    assert_eq!(ends(&engine, &ops.0).await, ["done", "done"]);
    let id = id_of(real, &project.container("loop", 1));
    real.post(&format!("/containers/{id}/wait?condition=not-running"), &Value::Null);

    let mut world = watch_engine(Endpoint::parse(real.host(), "test").unwrap());
    world.project.send_replace(Some(project.name.clone()));
    let past = world.next(|fact| if let Fact::Past(events) = fact { Some(events) } else { None }).await;
    let of_it = past.iter().filter(|event| event.container().as_ref() == Some(&id));
    let told: Vec<&str> = of_it.map(|event| event.action.as_str()).collect();
    // The engine keeps 256 events, and others may have made as many since; the last second's are told as they come.
    let all = ["create", "start", "die", "start", "die", "start", "die"];
    assert!(all.join(" ").contains(&told.join(" ")), "{told:?}");
    let mut sorted = past.clone();
    sorted.sort_by_key(|event| event.at);
    assert_eq!(past, sorted);
}

/// A way to the engine that can be cut: a socket that passes everything on.
async fn pass_on(listener: tokio::net::UnixListener, host: String) {
    let path = host.strip_prefix("unix://").unwrap().to_owned();
    let mut connections = tokio::task::JoinSet::new();
    loop {
        let (mut from, _) = listener.accept().await.unwrap();
        let path = path.clone();
        connections.spawn(async move {
            let mut to = tokio::net::UnixStream::connect(path).await.unwrap();
            // Either side may go at any time here; that is what is tested.
            let _ = tokio::io::copy_bidirectional(&mut from, &mut to).await;
        });
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_engine_that_comes_back_is_found() {
    let Some(real) = support::engine() else { return };
    if !real.host().starts_with("unix://") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("docker.sock");
    let endpoint = Endpoint::parse(&format!("unix://{}", socket.display()), "test").unwrap();
    let mut world = watch_engine(endpoint);
    let lost = |fact| if let Fact::Lost { error, .. } = fact { Some(error) } else { None };
    let listed = |fact| matches!(fact, Fact::Listed(_)).then_some(());
    let error = world.next(lost).await;
    let expected = format!(
        "cannot reach the engine at unix://{}: No such file or directory (os error 2); is the engine running, and is this \
         the right address?",
        socket.display()
    );
    assert_eq!(error, expected);
    for _ in 0..2 {
        let listener = tokio::net::UnixListener::bind(&socket).unwrap();
        let passing = tokio::spawn(pass_on(listener, real.host().to_owned()));
        world.next(listed).await;
        passing.abort();
        assert!(passing.await.unwrap_err().is_cancelled());
        std::fs::remove_file(&socket).unwrap();
        world.next(lost).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shell_runs_in_its_terminal() {
    let Some(real) = support::engine() else { return };
    let project = Project::new(real, "shell", "");
    let engine = connect(real).await;
    let mut ops = Ops::default();
    ops.container(&project, "db", "sleep 1000", &json!({}));
    assert_eq!(ends(&engine, &ops.0).await, ["done", "done"]);
    let container = id_of(real, &project.container("db", 1));

    let shell = |command: Option<Vec<String>>| Shell {
        container: container.clone(),
        command,
        term: "xterm-256color".to_owned(),
        size: TerminalSize { columns: 101, rows: 33 },
    };
    let (mut keyboard, input) = tokio::io::duplex(1024);
    let (output, screen) = tokio::io::duplex(1024);
    let (_resizes, receiver) = mpsc::channel(1);
    // The first size comes as soon as the process runs; the shell waits for it.
    let typed = "until [ \"$(stty size)\" = '33 101' ]; do :; done; printf '\\000\\001\\002'; echo \"it is $TERM\"; exit 7\n";
    tokio::io::AsyncWriteExt::write_all(&mut keyboard, typed.as_bytes()).await.unwrap();
    let running = shell(None).run(&engine, input, output, receiver);
    let reading = async {
        let mut text = Vec::new();
        let mut screen = screen;
        tokio::io::AsyncReadExt::read_to_end(&mut screen, &mut text).await.unwrap();
        text
    };
    let (code, text) = tokio::time::timeout(PATIENCE, futures::future::join(running, reading)).await.unwrap();
    assert_eq!(code.unwrap(), 7);
    let text = String::from_utf8_lossy(&text).into_owned();
    assert!(text.contains("\0\u{1}\u{2}it is xterm-256color\r\n"), "{text:?}");

    let (_resizes, receiver) = mpsc::channel(1);
    let missing = shell(Some(vec!["no-such-shell".to_owned()]));
    let code = missing.run(&engine, tokio::io::empty(), tokio::io::sink(), receiver).await.unwrap();
    assert!(code == 126 || code == 127, "{code}");
    real.post(&format!("/containers/{container}/kill"), &Value::Null);
    let (_resizes, receiver) = mpsc::channel(1);
    let error = shell(None).run(&engine, tokio::io::empty(), tokio::io::sink(), receiver).await.unwrap_err();
    assert!(error.to_string().contains("is not running"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn samples_are_taken_of_what_runs() {
    let Some(real) = support::engine() else { return };
    let project = Project::new(real, "sample", "");
    let engine = connect(real).await;
    let mut ops = Ops::default();
    let limited = json!({ "HostConfig": { "NetworkMode": "none", "Memory": 64 << 20 } });
    ops.container(&project, "limited", "sleep 1000", &limited);
    ops.container(&project, "free", "sleep 1000", &json!({}));
    ops.container(&project, "ended", "true", &json!({}));
    ops.wait(OpId(4), Condition::Completed, OpId(5));
    assert_eq!(ends(&engine, &ops.0).await, vec!["done"; 7]);
    let epoch = tokio::time::Instant::now();
    let id = |service: &str| id_of(real, &project.container(service, 1));
    // An engine has no figures of what it started a moment ago.
    let figures = async |service: &str| {
        let id = id(service);
        let asked = async {
            loop {
                if let Ok(sample) = engine.sample(&id, epoch).await {
                    return sample;
                }
            }
        };
        tokio::time::timeout(PATIENCE, asked).await.unwrap()
    };
    let sample = figures("limited").await;
    assert_eq!(sample.memory_limit, Some(64 << 20));
    assert!(sample.memory > 0 && sample.cpu > Duration::ZERO && sample.at > Duration::ZERO, "{sample:?}");
    assert_eq!(figures("free").await.memory_limit, None);
    let error = engine.sample(&id("ended"), epoch).await.unwrap_err();
    assert!(matches!(error, Error::Local { .. }), "{error}");
}
