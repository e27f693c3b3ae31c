//! What is refused before anything is done, and what leaves the engine as it was.

use std::collections::BTreeMap;

use dockside::plan::{Options, Verb};
use serde_json::{Value, json};

use crate::bench::Bench;
use crate::support::{BUSYBOX, free_port};

const QUICK: &str = "image: {busybox}, command: sleep 1000, stop_signal: SIGKILL";

fn one(more: &str) -> String {
    format!("services:\n  first: {{ {QUICK} }}\n  web: {{ {QUICK}, depends_on: [first], {more} }}\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_port_that_another_holds_is_told_before_anything_is_done() {
    let port = free_port();
    let Some(holder) = Bench::new("holder", &one(&format!("ports: ['127.0.0.1:{port}:80']"))).await else {
        return;
    };
    holder.up().await.well();
    let bound = &holder.container("web-1")["NetworkSettings"]["Ports"]["80/tcp"];
    assert_eq!(*bound, json!([{ "HostIp": "127.0.0.1", "HostPort": port.to_string() }]));

    let bench = Bench::new("clash", &one(&format!("ports: ['{port}:80']"))).await.unwrap();
    let why = bench.up().await.failed();
    let (name, other) = (&bench.project.name, &holder.project.name);
    assert_eq!(
        why,
        format!(
            "up {name}: service web: port {port}/tcp is held by {other}-web-1 (stop {other}-web-1, or publish another port)"
        )
    );
    bench.is(&[]);
    assert_eq!(bench.resources(), Vec::<String>::new());
    holder.verb(Verb::Stop, &["web"]).await.well();
    bench.up().await.well();
    bench.is(&["first-1 running", "web-1 running"]);

    // A process outside the engine's sight is found by the engine alone, and the reason is told.
    bench.verb(Verb::Down, &[]).await.well();
    let Ok(listener) = std::net::TcpListener::bind(("0.0.0.0", 0)) else { return };
    let port = listener.local_addr().unwrap().port();
    bench.rewrite(&one(&format!("ports: ['{port}:80']")));
    let why = bench.up().await.failed();
    assert!(why.starts_with("start web-1: ") && why.contains("holds the port"), "{why}");
    drop(listener);
    bench.up().await.well();
    bench.is(&["first-1 running", "web-1 running"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn replicas_share_a_range_of_ports() {
    let range = "services:\n  web:\n    image: {busybox}\n    command: sleep 1000\n    stop_signal: SIGKILL\n    \
                 scale: 2\n    ports: ['127.0.0.1:PORTS:80', '127.0.0.1::81']\n";
    // Two free ports side by side.
    let first = loop {
        let port = free_port();
        if port < u16::MAX && std::net::TcpListener::bind(("127.0.0.1", port + 1)).is_ok() {
            break port;
        }
    };
    let ports = format!("{first}-{}", first + 1);
    let Some(bench) = Bench::new("range", &range.replace("PORTS", &ports)).await else { return };
    bench.up().await.well();
    let bound = |name: &str, port: &str| -> u16 {
        let bound = &bench.container(name)["NetworkSettings"]["Ports"][port][0]["HostPort"];
        bound.as_str().unwrap().parse().unwrap()
    };
    let mut both = ["web-1", "web-2"].map(|name| bound(name, "80/tcp"));
    both.sort_unstable();
    assert_eq!(both, [first, first + 1]);
    assert_ne!(bound("web-1", "81/tcp"), bound("web-2", "81/tcp"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_another_holds_is_told_before_anything_is_done() {
    let Some(bench) = Bench::new("named", "").await else { return };
    let wanted = format!("{}-the-one", bench.project.name);
    let labels = json!({ "com.docker.compose.project": bench.project.name });
    let body = json!({ "Image": BUSYBOX, "Labels": { "x": "y" }, "Cmd": ["true"] });
    let stranger = bench.real.post(&format!("/containers/create?name={wanted}"), &body);
    bench.rewrite(&one(&format!("container_name: {wanted}")));
    let why = bench.up().await.failed();
    // Removed before anything is looked at, so that nothing stays behind.
    bench.real.request("DELETE", &format!("/containers/{}", stranger["Id"].as_str().unwrap()), b"");
    assert!(
        why.contains(&format!("container name {wanted:?} is already in use by a container of no project")),
        "{why}"
    );
    bench.is(&[]);
    assert_eq!(bench.resources(), Vec::<String>::new());
    bench.up().await.well();
    assert_eq!(
        bench.container("the-one")["Config"]["Labels"]["com.docker.compose.project"],
        labels["com.docker.compose.project"]
    );

    let two = Options { scale: BTreeMap::from([("web".to_owned(), 2)]), ..Options::default() };
    let why = bench.verb_with(Verb::Up, &[], two).await.failed();
    assert!(why.contains("service web has a container_name and can have one replica only, not 2"), "{why}");
    let why = bench.verb(Verb::Stop, &["nobody"]).await.failed();
    assert_eq!(why, "stop nobody: no such service: nobody");
}

#[tokio::test(flavor = "multi_thread")]
async fn external_networks_and_volumes_must_be_there() {
    let external = r"
services:
  web:
    image: {busybox}
    command: sleep 1000
    stop_signal: SIGKILL
    networks: [outside]
    volumes: ['kept:/kept']
networks: { outside: { external: true, name: '${NAME}_outside' } }
volumes: { kept: { external: true, name: '${NAME}_kept' } }
";
    let Some(mut bench) = Bench::new("external", external).await else { return };
    let name = bench.project.name.clone();
    bench.environment.insert("NAME".to_owned(), name.clone());
    let why = bench.up().await.failed();
    assert_eq!(
        why,
        format!(
            "up {name}: network {name}_outside declared as external, but could not be found (make it with: docker network \
             create {name}_outside)"
        )
    );
    bench.is(&[]);
    // With the project's label, so that they go with it whatever happens here.
    let labels = json!({ "com.docker.compose.project": name });
    bench.real.post("/networks/create", &json!({ "Name": format!("{name}_outside"), "Labels": labels }));
    let why = bench.up().await.failed();
    assert!(why.contains(&format!("external volume \"{name}_kept\" not found")), "{why}");
    bench.is(&[]);
    bench.real.post("/volumes/create", &json!({ "Name": format!("{name}_kept"), "Labels": labels }));
    bench.up().await.well();
    bench.is(&["web-1 running"]);
    let networks = bench.container("web-1")["NetworkSettings"]["Networks"].clone();
    assert_eq!(networks.as_object().unwrap().keys().collect::<Vec<_>>(), [&format!("{name}_outside")]);
    bench.verb(Verb::Down, &[]).await.well();
    assert_eq!(bench.resources(), ["network outside", "volume kept"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_service_that_cannot_start_leaves_the_others_up() {
    let typo = "services:\n  bad: { image: '{busybox}', command: no-such-program, stop_signal: SIGKILL }\n  \
                good: { image: '{busybox}', command: sleep 1000, stop_signal: SIGKILL }\n";
    let Some(bench) = Bench::new("typo", typo).await else { return };
    let why = bench.up().await.failed();
    assert!(why.starts_with("start bad-1: "), "{why}");
    assert!(why.ends_with("(the image has no such program: correct command or entrypoint)"), "{why}");
    let states = bench.project.states();
    assert_eq!(states[1], "good-1 running");
    bench.rewrite(&typo.replace("no-such-program", "sleep 1000"));
    bench.up().await.well();
    bench.is(&["bad-1 running", "good-1 running"]);
    assert_eq!(bench.container("good-1")["State"]["Error"], Value::from(""));
}
