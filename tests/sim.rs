//! The embedded engine, seen through the same `engine` code that talks to dockerd, on a clock that the tests step.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a helper of tests fails the test")]

use std::time::Duration;

use dockside::engine::{Call, Engine};
use dockside::sim::Sim;
use dockside::sim::clock::{Clock, Moment};
use serde_json::{Value, json};

/// A Monday in November.
const START: Moment = Moment(1_795_460_000_000_000_000);
const IMAGE: &str = "dockside-test/busybox";

/// An engine with one image, at [`START`], and a client of it.
async fn engine() -> (Sim, Engine) {
    let sim = Sim::new(Clock::standing(START), 1);
    sim.add_image(IMAGE, &json!({ "Cmd": ["sh"], "Env": ["PATH=/bin"] }));
    let engine = Engine::connect(&sim.endpoint()).await.unwrap();
    (sim, engine)
}

async fn post(engine: &Engine, path: &str, body: &Value) -> Value {
    engine.json(Call::post(path, path).json(body)).await.unwrap()
}

async fn get(engine: &Engine, path: &str) -> Value {
    engine.json(Call::get(path, path)).await.unwrap()
}

/// Creates and starts a container that runs a script.
async fn run(engine: &Engine, name: &str, script: &str, host: Value) {
    let body = json!({ "Image": IMAGE, "Cmd": ["sh", "-c", script], "HostConfig": host });
    post(engine, &format!("/containers/create?name={name}"), &body).await;
    post(engine, &format!("/containers/{name}/start"), &Value::Null).await;
}

/// `running`, `exited 3`, with the number of restarts if there were any.
async fn state(engine: &Engine, name: &str) -> String {
    let container = get(engine, &format!("/containers/{name}/json")).await;
    let state = &container["State"];
    let mut text = state["Status"].as_str().unwrap().to_owned();
    if text == "exited" {
        text += &format!(" {}", state["ExitCode"]);
    }
    if state["OOMKilled"] == true {
        text += " OOM";
    }
    match container["RestartCount"].as_u64().unwrap() {
        0 => text,
        count => format!("{text}, {count} restarts"),
    }
}

/// A container's log, without frames.
async fn log(engine: &Engine, name: &str, query: &str) -> String {
    let path = format!("/containers/{name}/logs?stdout=1&stderr=1&{query}");
    let mut chunks = engine.stream(Call::get(path, "log")).await.unwrap();
    let mut bytes = Vec::new();
    while let Some(chunk) = chunks.next().await.unwrap() {
        bytes.extend_from_slice(&chunk);
    }
    let mut text = String::new();
    let mut rest = bytes.as_slice();
    while let Some((header, after)) = rest.split_at_checked(8) {
        let length = u32::from_be_bytes(header[4..].try_into().unwrap()) as usize;
        text += if header[0] == 2 { "!" } else { "" };
        text += std::str::from_utf8(&after[..length]).unwrap();
        rest = &after[length..];
    }
    text
}

/// What happened since the start: the container's actions, with codes and signals.
async fn events(engine: &Engine, filter: &str) -> String {
    let until = START.0 / 1_000_000_000 + 1_000_000;
    let path = format!("/events?since=1&until={until}");
    let mut chunks = engine.stream(Call::get(path, "events").query("filters", filter)).await.unwrap();
    let bytes = chunks.next().await.unwrap().unwrap_or_default();
    let lines = std::str::from_utf8(&bytes).unwrap().lines();
    let told: Vec<String> = lines
        .map(|line| {
            let event: Value = serde_json::from_str(line).unwrap();
            let attributes = &event["Actor"]["Attributes"];
            let more = attributes["exitCode"].as_str().or(attributes["signal"].as_str());
            let action = event["Action"].as_str().unwrap();
            more.map_or_else(|| action.to_owned(), |more| format!("{action} {more}"))
        })
        .collect();
    told.join(", ")
}

const CONTAINERS: &str = r#"{"type":["container"]}"#;

/// bollard's methods that `engine` uses, and the operations behind them.
const OF_BOLLARD: &[(&str, &str)] = &[
    ("start_container", "POST /containers/{}/start"),
    ("stop_container", "POST /containers/{}/stop"),
    ("restart_container", "POST /containers/{}/restart"),
    ("pause_container", "POST /containers/{}/pause"),
    ("unpause_container", "POST /containers/{}/unpause"),
    ("kill_container", "POST /containers/{}/kill"),
    ("rename_container", "POST /containers/{}/rename"),
    ("remove_container", "DELETE /containers/{}"),
    ("remove_network", "DELETE /networks/{}"),
    ("remove_volume", "DELETE /volumes/{}"),
    ("remove_image", "DELETE /images/{}"),
];

/// The text of every source of `engine`, without its tests.
fn engine_sources(folder: &std::path::Path, text: &mut String) {
    for entry in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if entry.is_dir() {
            engine_sources(&entry, text);
        } else {
            let source = std::fs::read_to_string(&entry).unwrap();
            text.push_str(source.split("#[cfg(test)]").next().unwrap());
        }
    }
}

#[test]
fn every_operation_that_the_engine_module_calls_is_served() {
    let mut text = String::new();
    engine_sources(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/engine"), &mut text);
    let served: Vec<String> = dockside::sim::operations().collect();
    let call =
        regex::Regex::new(r#"Call::(get|post|put|delete|head)\(\s*(?:format!\(\s*)?"(/[^"?]*)"#).unwrap();
    let other =
        regex::Regex::new(r#""(/(?:containers|networks|volumes|images|exec|build)/[a-z{}/]*)"#).unwrap();
    let bollard = regex::Regex::new(r"\.docker\(\)\s*\.(\w+)\(").unwrap();
    let mut called: Vec<String> = call
        .captures_iter(&text)
        .map(|found| format!("{} {}", found[1].to_uppercase(), found[2].trim_end_matches('/')))
        .collect();
    for found in bollard.captures_iter(&text) {
        let known = OF_BOLLARD.iter().find(|(method, _)| *method == &found[1]);
        called.push(known.unwrap_or_else(|| panic!("which operation is {}?", &found[1])).1.to_owned());
    }
    called.sort();
    called.dedup();
    let missing: Vec<&String> = called.iter().filter(|operation| !served.contains(operation)).collect();
    assert!(missing.is_empty(), "not served: {missing:?}");
    // What is called by a path that a variable holds has no method beside it.
    for found in other.captures_iter(&text) {
        let path = &found[1];
        let is_served = served.iter().any(|operation| operation.split(' ').nth(1) == Some(path));
        assert!(is_served, "{path} is not served");
    }
    println!("{} operations are called by engine, and all are served", called.len());
    assert!(called.len() >= 30, "only {} operations were found in engine: {called:#?}", called.len());
}

#[tokio::test]
async fn a_container_prints_and_ends_at_its_time() {
    let (sim, engine) = engine().await;
    run(&engine, "aa", "echo one; sleep 2; echo two >&2; exit 3", json!({})).await;
    assert_eq!(state(&engine, "aa").await, "running");
    sim.advance(Duration::from_millis(1900)).await;
    assert_eq!(log(&engine, "aa", "").await, "one\n");
    sim.advance(Duration::from_millis(200)).await;
    assert_eq!(state(&engine, "aa").await, "exited 3");
    assert_eq!(
        log(&engine, "aa", "timestamps=1").await,
        "2026-11-23T18:53:20.000000000Z one\n!2026-11-23T18:53:22.000000000Z two\n"
    );
    assert_eq!(log(&engine, "aa", "tail=1").await, "!two\n");
    assert_eq!(log(&engine, "aa", "until=1795460001").await, "one\n");
    assert_eq!(events(&engine, CONTAINERS).await, "create, start, die 3");
}

#[tokio::test]
async fn a_stop_waits_for_the_trap_and_kills_without_one() {
    let (sim, engine) = engine().await;
    run(&engine, "good", "trap 'echo bye; exit 7' TERM; while :; do sleep 1; done", json!({})).await;
    run(&engine, "deaf", "sleep 1000", json!({})).await;
    let stops = async {
        (
            post(&engine, "/containers/good/stop", &Value::Null).await,
            post(&engine, "/containers/deaf/stop?t=4", &Value::Null).await,
        )
    };
    let steps = async {
        tokio::task::yield_now().await;
        sim.advance(Duration::from_secs(20)).await;
    };
    futures::join!(stops, steps);
    sim.advance(Duration::from_secs(20)).await;
    assert_eq!(state(&engine, "good").await, "exited 7");
    assert_eq!(log(&engine, "good", "").await, "bye\n");
    assert_eq!(state(&engine, "deaf").await, "exited 137");
    let deaf = events(&engine, r#"{"container":["deaf"]}"#).await;
    assert_eq!(deaf, "create, start, kill 15, kill 9, die 137, stop");
}

#[tokio::test]
async fn restart_policies_and_out_of_memory() {
    let (sim, engine) = engine().await;
    let failing = json!({ "RestartPolicy": { "Name": "on-failure", "MaximumRetryCount": 2 } });
    run(&engine, "failing", "exit 1", failing).await;
    run(&engine, "hungry", "tail /dev/zero", json!({ "Memory": 8_000_000 })).await;
    run(&engine, "steady", "sleep 1", json!({ "RestartPolicy": { "Name": "always" } })).await;
    sim.advance(Duration::from_secs(30)).await;
    assert_eq!(state(&engine, "failing").await, "exited 1, 2 restarts");
    assert_eq!(state(&engine, "hungry").await, "exited 137 OOM");
    let steady = state(&engine, "steady").await;
    assert!(steady.ends_with("restarts") && !steady.starts_with("exited"), "{steady}");
}

#[tokio::test]
async fn health_becomes_known_by_probes() {
    let (sim, engine) = engine().await;
    let body = json!({ "Image": IMAGE, "Cmd": ["sleep", "100"], "Healthcheck": {
        "Test": ["CMD-SHELL", "echo looking; test -e /tmp/ready"], "Interval": 1_000_000_000, "Retries": 2 } });
    post(&engine, "/containers/create?name=aa", &body).await;
    post(&engine, "/containers/aa/start", &Value::Null).await;
    sim.advance(Duration::from_millis(2500)).await;
    let exec = post(&engine, "/containers/aa/exec", &json!({ "Cmd": ["touch", "/tmp/ready"] })).await;
    let start = format!("/exec/{}/start", exec["Id"].as_str().unwrap());
    post(&engine, &start, &json!({ "Detach": true })).await;
    sim.advance(Duration::from_secs(1)).await;
    assert_eq!(
        events(&engine, r#"{"event":["health_status"]}"#).await,
        "health_status: unhealthy, health_status: healthy"
    );
    let health = &get(&engine, "/containers/aa/json").await["State"]["Health"];
    assert_eq!((&health["Status"], &health["Log"][0]["Output"]), (&json!("healthy"), &json!("looking\n")));
}

#[tokio::test]
async fn two_containers_do_not_share_a_port() {
    let (_sim, engine) = engine().await;
    let ports = json!({ "PortBindings": { "80/tcp": [{ "HostPort": "4444" }] } });
    let exposed = json!({ "80/tcp": {} });
    let body =
        json!({ "Image": IMAGE, "Cmd": ["sleep", "100"], "ExposedPorts": exposed, "HostConfig": ports });
    for name in ["one", "two"] {
        post(&engine, &format!("/containers/create?name={name}"), &body).await;
    }
    post(&engine, "/containers/one/start", &Value::Null).await;
    let refused = engine.json(Call::post("/containers/two/start", "start")).await.unwrap_err().to_string();
    assert!(refused.contains("Bind for 0.0.0.0:4444 failed: port is already allocated"), "{refused}");
    let list = get(&engine, "/containers/json").await;
    assert_eq!(
        list[0]["Ports"][0],
        json!({ "IP": "0.0.0.0", "PrivatePort": 80, "PublicPort": 4444, "Type": "tcp" })
    );
}

#[tokio::test]
async fn the_log_of_a_container_that_runs_is_followed_to_its_end() {
    let (sim, engine) = engine().await;
    run(&engine, "aa", "for n in 1 2 3; do echo $n; sleep 1; done", json!({})).await;
    let (text, ()) = futures::join!(log(&engine, "aa", "follow=1"), sim.advance(Duration::from_secs(10)));
    assert_eq!(text, "1\n2\n3\n");
}

/// A program as an image's data says, with a memory limit, for four minutes; what it printed and how it ended.
async fn played(seed: u64) -> (String, String) {
    let sim = Sim::new(Clock::standing(START), seed);
    let program = r#"
        [[print]]
        every = 0.5
        spread = 0.9
        text = "{n} {int:1-9999} {uuid}"
        [[end]]
        at = 30.0
        code = 4
        text = "bad job"
        error = true
        [[end]]
        [memory]
        base = 10.0
        growth = 1.0
    "#;
    sim.add_program(IMAGE, &json!({ "Cmd": ["serve"] }), program).unwrap();
    let engine = Engine::connect(&sim.endpoint()).await.unwrap();
    let host =
        json!({ "Memory": 64 << 20, "RestartPolicy": { "Name": "on-failure", "MaximumRetryCount": 1 } });
    post(&engine, "/containers/create?name=aa", &json!({ "Image": IMAGE, "HostConfig": host })).await;
    post(&engine, "/containers/aa/start", &Value::Null).await;
    sim.advance(Duration::from_mins(4)).await;
    (log(&engine, "aa", "timestamps=1").await, state(&engine, "aa").await)
}

#[tokio::test]
async fn a_program_is_a_function_of_its_seed() {
    let (text, end) = played(1).await;
    // Thirty seconds of two lines a second, and then fifty-four until its memory is full.
    assert_eq!(end, "exited 137 OOM, 1 restarts");
    assert_eq!(text.lines().count(), 60 + 1 + 108);
    assert!(text.contains("!2026-11-23T18:53:50.000000000Z bad job\n"), "{text}");
    assert_eq!(played(1).await.0, text);
    assert_ne!(played(2).await.0, text);
}
