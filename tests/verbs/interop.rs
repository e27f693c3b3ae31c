//! With the real Docker Compose, where `DOCKSIDE_ORACLE` names its program: each finds what the other brought up unchanged.

use std::process::Command;
use std::{env, io::Write as _};

use crate::bench::Bench;

const WIDE: &str = r#"
name: ignored
services:
  db:
    image: {busybox}
    command: ["sh", "-c", "sleep 1000"]
    stop_signal: SIGKILL
    environment: { A: "1", B: "two words", EMPTY: "" }
    volumes: ["data:/data", "/scratch", "./conf:/conf:ro"]
    networks: { back: { aliases: [data] }, default: { priority: 5 } }
    healthcheck: { test: ["CMD", "true"], interval: 300ms, timeout: 2s, retries: 3, start_period: 1s }
    labels: { team: shop }
    ulimits: { nofile: { soft: 100, hard: 200 } }
    cap_drop: [NET_RAW]
    deploy: { resources: { limits: { memory: 64M, cpus: "0.5" } } }
  web:
    build: { context: web }
    command: sleep 1000
    stop_signal: SIGKILL
    scale: 2
    ports: ["127.0.0.1::8080"]
    depends_on: { db: { condition: service_healthy, restart: true } }
    configs: [{ source: inline, target: /inline }]
    secrets: [key]
    restart: unless-stopped
    logging: { driver: json-file, options: { max-size: 1m } }
    tmpfs: [/tmp/x]
    extra_hosts: ["somewhere:10.0.0.1"]
  side:
    image: {busybox}
    command: sleep 1000
    stop_signal: SIGKILL
    network_mode: service:db
    depends_on: [db]
networks:
  back: { labels: { x: y } }
volumes:
  data: { labels: { keep: "yes" } }
configs:
  inline: { content: "hello\n" }
secrets:
  key: { file: ./key.txt }
"#;

const STATES: [&str; 4] = ["db-1 running", "side-1 running", "web-1 running", "web-2 running"];

/// The project, where Docker Compose is there as well.
async fn bench(word: &str) -> Option<(Bench, String)> {
    let bench = Bench::new(word, WIDE).await?;
    let Some(program) = env::var("DOCKSIDE_ORACLE").ok().filter(|program| !program.is_empty()) else {
        let name = std::thread::current().name().unwrap_or("a test").to_owned();
        let said = format!("{name}: left out: DOCKSIDE_ORACLE names no docker-compose\n");
        std::io::stderr().write_all(said.as_bytes()).unwrap();
        return None;
    };
    bench.project.write("web/Dockerfile", "FROM dockside-test/busybox\nENV SHOP=web\n");
    bench.project.write("key.txt", "secret");
    bench.project.write("conf/app.conf", "x");
    Some((bench, program))
}

/// Runs Docker Compose on the project.
#[track_caller]
fn compose(bench: &Bench, program: &str, arguments: &[&str]) {
    let mut command = Command::new(program);
    command.args(["-p", &bench.project.name]).args(arguments).current_dir(bench.project.folder());
    command.env("DOCKER_HOST", bench.real.host()).env_remove("DOCKER_CONTEXT");
    // It asks for a builder that need not be there.
    command.env("DOCKER_BUILDKIT", "0").env("COMPOSE_BAKE", "false");
    let output = command.output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

fn ids(bench: &Bench) -> Vec<String> {
    ["db-1", "side-1", "web-1", "web-2"].iter().map(|name| bench.id(name)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn docker_compose_finds_ours_unchanged() {
    let Some((bench, program)) = bench("ours").await else { return };
    bench.up().await.well();
    bench.is(&STATES);
    let (before, started) = (ids(&bench), bench.started("db-1"));
    compose(&bench, &program, &["up", "-d"]);
    bench.is(&STATES);
    assert_eq!(ids(&bench), before);
    assert_eq!(bench.started("db-1"), started);
    // And takes it down to the last.
    compose(&bench, &program, &["down", "-v", "--rmi", "local"]);
    bench.is(&[]);
    assert_eq!(bench.resources(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn we_find_what_docker_compose_brought_up_unchanged() {
    let Some((bench, program)) = bench("theirs").await else { return };
    compose(&bench, &program, &["up", "-d"]);
    bench.is(&STATES);
    let hash = bench.hash("db-1");
    let ran = bench.up().await.well();
    assert!(ran.plan.is_empty(), "{}", ran.plan);
    // What we change, it takes for its own.
    bench.rewrite(&WIDE.replace("two words", "three words here"));
    bench.up().await.well();
    assert_ne!(bench.hash("db-1"), hash);
    let before = ids(&bench);
    compose(&bench, &program, &["up", "-d"]);
    assert_eq!(ids(&bench), before);
    bench.down_with_everything().await;
}
