//! What depends on what: conditions, their failures, what goes on without, hooks, shared namespaces, a cancel.

use dockside::plan::{OpKind, OpState, Options, Request, Target, Verb};

use crate::bench::Bench;

const CONDITIONS: &str = r"
x-quick: &quick
  image: {busybox}
  command: sleep 1000
  stop_signal: SIGKILL
services:
  web:
    <<: *quick
    depends_on:
      db: { condition: service_healthy }
      migrate: { condition: service_completed_successfully }
      cache: { condition: service_started }
      absent: { condition: service_started, required: false }
  cache: *quick
  migrate:
    image: {busybox}
    command: sh -c 'test -f /shared/db && touch /shared/migrated'
    volumes: [shared:/shared]
    depends_on: { db: { condition: service_healthy } }
  db:
    image: {busybox}
    stop_signal: SIGKILL
    command: sh -c 'sleep 1; touch /shared/db; sleep 1000'
    volumes: [shared:/shared]
    healthcheck: { test: test -f /shared/db, interval: 200ms, retries: 50 }
  absent:
    <<: *quick
    profiles: [extra]
volumes: { shared: }
";

#[tokio::test(flavor = "multi_thread")]
async fn conditions_are_awaited() {
    let Some(bench) = Bench::new("order", CONDITIONS).await else { return };
    let ran = bench.up().await.well();
    bench.is(&["cache-1 running", "db-1 running", "migrate-1 exited 0", "web-1 running"]);
    let order = ["db-1", "migrate-1", "web-1"].map(|name| bench.started(name));
    assert!(order.is_sorted(), "{order:?}");
    assert!(bench.started("cache-1") < bench.started("web-1"));
    let ended = &bench.container("migrate-1")["State"]["FinishedAt"];
    let ended: jiff::Timestamp = ended.as_str().unwrap().parse().unwrap();
    assert!(format!("{ended:.9}") < bench.started("web-1"));
    assert!(ran.told.iter().any(|told| told.starts_with("db: starting ")), "{:?}", ran.told);
    // As in Docker Compose, what has ended is started again.
    let again = bench.up().await.well();
    let started: Vec<_> =
        again.plan.ops.iter().filter(|op| matches!(op.kind, OpKind::StartContainer { .. })).collect();
    assert_eq!(started.iter().map(|op| op.subject.as_str()).collect::<Vec<_>>(), ["migrate-1"]);

    // A service that no profile turns on comes up when it is named.
    bench.verb(Verb::Up, &["absent"]).await.well();
    assert!(bench.project.states().contains(&"absent-1 running".to_owned()));
}

fn with_db(db: &str, more: &str) -> String {
    format!(
        r"
services:
  db:
    image: {{busybox}}
    stop_signal: SIGKILL
{db}
  web:
    image: {{busybox}}
    command: sleep 1000
    stop_signal: SIGKILL
    depends_on: {{ db: {more} }}
"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dependency_that_fails_stops_its_dependents_and_says_why() {
    let failing = "    command: sh -c 'exit 3'";
    let Some(bench) =
        Bench::new("fails", &with_db(failing, "{ condition: service_completed_successfully }")).await
    else {
        return;
    };
    let name = bench.project.name.clone();
    let why = bench.up().await.failed();
    assert_eq!(why, format!("wait for db: {name}-db-1 exited with code 3 (its log says more)"));
    bench.is(&["db-1 exited 3", "web-1 created"]);

    let unhealthy = "    command: sleep 1000\n    healthcheck: { test: echo no answer; exit 1, interval: 100ms, retries: 2 }";
    bench.rewrite(&with_db(
        &unhealthy.replace("echo no answer; exit 1", "'echo no answer; exit 1'"),
        "{ condition: service_healthy }",
    ));
    let why = bench.up().await.failed();
    let expected =
        format!("wait for db: {name}-db-1 is unhealthy: no answer (its health check or its log says more)");
    assert_eq!(why, expected);
    bench.is(&["db-1 running", "web-1 created"]);

    let no_check = "    command: sleep 1000";
    bench.rewrite(&with_db(no_check, "{ condition: service_healthy }"));
    let why = bench.up().await.failed();
    assert!(why.contains("has no healthcheck configured"), "{why}");

    // Not required: it goes on, and says so.
    bench.rewrite(&with_db(failing, "{ condition: service_completed_successfully, required: false }"));
    let ran = bench.up().await.well();
    bench.is(&["db-1 exited 3", "web-1 running"]);
    let told = format!("db: goes on without it: {name}-db-1 exited with code 3");
    assert!(ran.told.contains(&told), "{:?}", ran.told);
}

const HOOKS: &str = r#"
services:
  web:
    image: {busybox}
    command: sleep 1000
    stop_signal: SIGKILL
    volumes: [notes:/notes]
    post_start:
      - command: sh -c 'echo "started $$WHO" >> /notes/all'
        environment: [WHO=web]
      - command: [sh, -c, echo second >> /notes/all]
    pre_stop:
      - command: sh -c 'echo stopping >> /notes/all'
  after:
    image: {busybox}
    command: sh -c 'cat /notes/all'
    volumes: [notes:/notes]
    depends_on: [web]
volumes: { notes: }
"#;

#[tokio::test(flavor = "multi_thread")]
async fn hooks_run_after_the_start_and_before_the_stop() {
    let Some(bench) = Bench::new("hooks", HOOKS).await else { return };
    bench.up().await.well();
    bench.says("after-1", "second");
    assert_eq!(bench.shell("web-1", "cat /notes/all"), "started web\nsecond");
    bench.verb(Verb::Restart, &["web"]).await.well();
    bench.verb(Verb::Stop, &["web"]).await.well();
    bench.verb(Verb::Start, &["web"]).await.well();
    let notes = bench.shell("web-1", "cat /notes/all");
    let expected = "started web\nsecond\nstopping\nstarted web\nsecond\nstopping\nstarted web\nsecond";
    assert_eq!(notes, expected);
    bench.rewrite(&HOOKS.replace("echo second >> /notes/all", "echo sorry; exit 4"));
    let why = bench.up().await.failed();
    assert_eq!(why, "run the hook of web-1: `sh -c echo sorry; exit 4` ended with code 4: sorry");
}

const SHARED: &str = r"
services:
  main:
    image: {busybox}
    command: sleep 1000
    stop_signal: SIGKILL
    environment: { X: '1' }
  side:
    image: {busybox}
    command: sleep 1000
    stop_signal: SIGKILL
    network_mode: service:main
    volumes_from: [main]
";

#[tokio::test(flavor = "multi_thread")]
async fn a_shared_namespace_follows_its_owner() {
    let Some(bench) = Bench::new("shared", SHARED).await else { return };
    bench.up().await.well();
    let mode = |name: &str| bench.container(name)["HostConfig"]["NetworkMode"].as_str().unwrap().to_owned();
    assert_eq!(mode("side-1"), format!("container:{}", bench.id("main-1")));
    assert!(bench.up().await.well().plan.is_empty());
    let side = bench.id("side-1");
    bench.rewrite(&SHARED.replace("X: '1'", "X: '2'"));
    bench.up().await.well();
    bench.is(&["main-1 running", "side-1 running"]);
    assert_ne!(bench.id("side-1"), side);
    assert_eq!(mode("side-1"), format!("container:{}", bench.id("main-1")));
    assert!(bench.up().await.well().plan.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn restart_true_follows_what_is_made_anew() {
    let dependent = with_db(
        "    command: sleep 1000\n    environment: { X: '1' }",
        "{ condition: service_started, restart: true }",
    );
    let Some(bench) = Bench::new("follows", &dependent).await else { return };
    bench.up().await.well();
    let (web, started) = (bench.id("web-1"), bench.started("web-1"));
    bench.verb(Verb::Restart, &["db"]).await.well();
    assert!(bench.started("web-1") > started);
    let started = bench.started("web-1");
    bench.rewrite(&dependent.replace("X: '1'", "X: '2'"));
    bench.up().await.well();
    assert_eq!(bench.id("web-1"), web, "it is the same one");
    assert!(bench.started("web-1") > started, "started again");
    assert!(bench.started("db-1") < bench.started("web-1"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_up_after_a_cancelled_one_ends_what_that_began() {
    let gated = r"
services:
  db:
    image: {busybox}
    command: sleep 1000
    stop_signal: SIGKILL
    environment: { X: '1' }
    healthcheck: { test: test -f /gate/open, interval: 100ms, retries: 1000 }
    volumes: [gate:/gate]
  web:
    image: {busybox}
    command: sleep 1000
    stop_signal: SIGKILL
    environment: { X: '1' }
    depends_on: { db: { condition: service_healthy } }
volumes: { gate: }
";
    let Some(bench) = Bench::new("cancel", gated).await else { return };
    let request = || Request {
        project: bench.project.name.clone(),
        verb: Verb::Up,
        target: Target::Project,
        options: Options::default(),
    };
    let waits = |report: &dockside::plan::OpReport| matches!(&report.state, OpState::Progress { text, .. } if text.ends_with("/1000"));
    let ran = bench.run_until(request(), waits).await;
    assert!(ran.states.contains(&OpState::Cancelled), "{:?}", ran.states);
    bench.is(&["db-1 running", "web-1 created"]);
    bench.shell("db-1", "touch /gate/open");
    bench.up().await.well();
    bench.is(&["db-1 running", "web-1 running"]);

    // In the middle of a replacement: between the new container's making and the old one's end.
    bench.shell("db-1", "rm /gate/open");
    bench.rewrite(&gated.replace("X: '1'", "X: '2'"));
    for wanted in 0..4 {
        let done = std::cell::Cell::new(0);
        let after_some = |report: &dockside::plan::OpReport| {
            done.set(done.get() + u32::from(report.state == OpState::Done));
            done.get() > wanted || waits(report)
        };
        bench.run_until(request(), after_some).await;
    }
    bench.run_until(request(), waits).await;
    bench.shell("db-1", "touch /gate/open");
    bench.up().await.well();
    bench.is(&["db-1 running", "web-1 running"]);
    assert_eq!(bench.shell("web-1", "echo $X"), "2");
    assert!(bench.up().await.well().plan.is_empty());
}
