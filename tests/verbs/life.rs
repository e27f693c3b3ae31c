//! What is there: stopped, started, restarted, paused, killed, removed, taken down.

use std::time::{Duration, Instant};

use dockside::observed::label;
use dockside::plan::Verb;

use crate::bench::Bench;

const TWO: &str = r"
services:
  db:
    image: {busybox}
    command: sleep 1000
    stop_signal: SIGKILL
    volumes: [data:/data, /scratch]
  web:
    image: {busybox}
    command: sleep 1000
    stop_signal: SIGKILL
    depends_on: [db]
    networks: [default, front]
networks: { front: }
volumes: { data: }
";

#[tokio::test(flavor = "multi_thread")]
async fn up_then_every_verb_on_what_is_there() {
    let Some(bench) = Bench::new("life", TWO).await else { return };
    bench.up().await.well();
    bench.is(&["db-1 running", "web-1 running"]);
    assert_eq!(bench.resources(), ["network default", "network front", "volume data"]);
    assert!(bench.started("db-1") < bench.started("web-1"), "what is depended on starts first");
    for (name, key, value) in [
        ("db-1", label::PROJECT, bench.project.name.as_str()),
        ("db-1", label::SERVICE, "db"),
        ("db-1", label::CONTAINER_NUMBER, "1"),
        ("db-1", label::ONE_OFF, "False"),
        ("web-1", "com.docker.compose.depends_on", "db:service_started:false"),
    ] {
        assert_eq!(bench.label(name, key), value, "{name} {key}");
    }
    assert_eq!(bench.hash("db-1").len(), 64);
    let ids = [bench.id("db-1"), bench.id("web-1")];
    let anonymous = anonymous_volume(&bench, "db-1");

    let again = bench.up().await.well();
    assert!(again.plan.is_empty(), "{}", again.plan);

    bench.verb(Verb::Stop, &["web"]).await.well();
    bench.is(&["db-1 running", "web-1 exited 137"]);
    bench.verb(Verb::Start, &["web"]).await.well();
    bench.is(&["db-1 running", "web-1 running"]);
    let before = bench.started("db-1");
    bench.verb(Verb::Restart, &["db"]).await.well();
    assert!(bench.started("db-1") > before);
    bench.verb(Verb::Pause, &[]).await.well();
    bench.is(&["db-1 paused", "web-1 paused"]);
    assert!(bench.verb(Verb::Pause, &[]).await.well().plan.is_empty(), "what is paused is no fault");
    bench.verb(Verb::Unpause, &["db"]).await.well();
    bench.is(&["db-1 running", "web-1 paused"]);
    // A frozen container can be stopped as well.
    bench.verb(Verb::Stop, &[]).await.well();
    bench.is(&["db-1 exited 137", "web-1 exited 137"]);
    bench.verb(Verb::Start, &[]).await.well();
    bench.is(&["db-1 running", "web-1 running"]);
    assert_eq!([bench.id("db-1"), bench.id("web-1")], ids, "none of these makes a new container");

    bench.verb_on(Verb::Stop, "web-1").await.well();
    bench.verb(Verb::Remove, &[]).await.well();
    bench.is(&["db-1 running"]);
    bench.up().await.well();
    bench.is(&["db-1 running", "web-1 running"]);
    assert_eq!(bench.id("db-1"), ids[0]);

    bench.verb(Verb::Down, &["web"]).await.well();
    bench.is(&["db-1 running"]);
    bench.verb(Verb::Down, &[]).await.well();
    bench.is(&[]);
    // It has no label by which the project's end would find it.
    bench.real.request("DELETE", &format!("/volumes/{anonymous}"), b"");
    assert_eq!(bench.resources(), ["volume data"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn stops_go_from_dependents_to_what_they_depend_on() {
    let Some(bench) = Bench::new("stops", TWO).await else { return };
    bench.up().await.well();
    bench.verb(Verb::Stop, &[]).await.well();
    let ended = |name: &str| -> jiff::Timestamp {
        bench.container(name)["State"]["FinishedAt"].as_str().unwrap().parse().unwrap()
    };
    assert!(ended("web-1") < ended("db-1"));
    // A service brings up what it depends on.
    bench.verb(Verb::Start, &["web"]).await.well();
    bench.is(&["db-1 running", "web-1 running"]);
    assert!(bench.started("db-1") < bench.started("web-1"));
}

#[tokio::test(flavor = "multi_thread")]
async fn signals_reach_the_process() {
    let traps = r"
services:
  web:
    image: {busybox}
    command:
      - |
        trap 'echo got HUP' HUP
        trap 'echo got USR1' USR1
        trap 'exit 7' INT
        echo ready
        while :; do sleep 0.1; done
    entrypoint: [sh, -c]
    stop_signal: SIGINT
";
    let Some(bench) = Bench::new("kill", traps).await else { return };
    bench.up().await.well();
    bench.says("web-1", "ready");
    for signal in ["SIGHUP", "SIGUSR1"] {
        bench.verb(Verb::Kill(signal.to_owned()), &["web"]).await.well();
        bench.says("web-1", &format!("got {}", signal.trim_start_matches("SIG")));
        bench.is(&["web-1 running"]);
    }
    bench.verb(Verb::Kill("SIGINT".to_owned()), &[]).await.well();
    bench.becomes(&["web-1 exited 7"]);
    assert!(bench.verb(Verb::Kill("SIGKILL".to_owned()), &[]).await.well().plan.is_empty());
    bench.verb(Verb::Start, &[]).await.well();
    bench.verb_on(Verb::Kill("SIGKILL".to_owned()), "web-1").await.well();
    bench.becomes(&["web-1 exited 137"]);
    bench.verb(Verb::Start, &[]).await.well();
    bench.says("web-1", "ready");
    // Its own stop signal, not TERM.
    bench.verb(Verb::Stop, &[]).await.well();
    bench.is(&["web-1 exited 7"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_takes_the_time_that_the_file_gives() {
    let slow = r#"
services:
  deaf:
    image: {busybox}
    command: ["sh", "-c", "trap '' TERM; echo ready; while :; do sleep 0.1; done"]
    stop_grace_period: 2s
  slow:
    image: {busybox}
    command: ["sh", "-c", "trap 'sleep 1; exit 5' TERM; echo ready; while :; do sleep 0.1; done"]
    stop_grace_period: 1m
"#;
    let Some(bench) = Bench::new("grace", slow).await else { return };
    bench.up().await.well();
    bench.says("deaf-1", "ready");
    bench.says("slow-1", "ready");
    let begun = Instant::now();
    let ran = bench.verb(Verb::Stop, &[]).await.well();
    let took = begun.elapsed();
    assert!(took >= Duration::from_secs(2) && took < Duration::from_secs(8), "{took:?}");
    bench.is(&["deaf-1 exited 137", "slow-1 exited 5"]);
    assert!(ran.told.iter().any(|told| told == "deaf-1: stopping 1s"), "{:?}", ran.told);
}

#[tokio::test(flavor = "multi_thread")]
async fn down_takes_what_was_asked_for() {
    let built = "services:\n  built: { build: ./built, command: sleep 1000, stop_signal: SIGKILL }\n";
    let Some(bench) = Bench::new("down", &TWO.replacen("services:\n", built, 1)).await else { return };
    bench.project.write("built/Dockerfile", "FROM dockside-test/busybox\nRUN echo x > /x\n");
    bench.up().await.well();
    let image = format!("{}-built", bench.project.name);
    assert!(bench.real.has_image(&image));
    let anonymous = anonymous_volume(&bench, "db-1");

    bench.verb(Verb::Down, &[]).await.well();
    bench.is(&[]);
    assert_eq!(bench.resources(), ["volume data"]);
    assert!(bench.real.has_image(&image));
    assert!(has_volume(&bench, &anonymous), "an anonymous volume stays without -v, as in Docker Compose");

    bench.up().await.well();
    let second = anonymous_volume(&bench, "db-1");
    bench.down_with_everything().await;
    assert!(!bench.real.has_image(&image));
    assert!(!has_volume(&bench, &second));
    bench.real.request("DELETE", &format!("/volumes/{anonymous}"), b"");
    let nothing = bench.verb(Verb::Down, &[]).await.well();
    assert!(nothing.plan.is_empty(), "{}", nothing.plan);
}

fn anonymous_volume(bench: &Bench, container: &str) -> String {
    let mounts = bench.container(container)["Mounts"].clone();
    let mount = mounts.as_array().unwrap().iter().find(|mount| mount["Destination"] == "/scratch").unwrap();
    mount["Name"].as_str().unwrap().to_owned()
}

fn has_volume(bench: &Bench, name: &str) -> bool {
    bench.real.request("GET", &format!("/volumes/{name}"), b"").status == 200
}
