//! The file changes: containers made anew, scaled, orphaned; what they keep.

use std::collections::BTreeMap;

use dockside::plan::{Options, Verb};
use serde_json::Value;

use crate::bench::Bench;

const KEEPS: &str = r"
services:
  db:
    image: {busybox}
    command: sleep 1000
    stop_signal: SIGKILL
    environment: { GREETING: hello }
    volumes: [data:/data, /scratch]
  other:
    image: {busybox}
    command: sleep 1000
    stop_signal: SIGKILL
volumes: { data: }
";

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_service_is_made_anew_and_keeps_its_volumes() {
    let Some(bench) = Bench::new("keeps", KEEPS).await else { return };
    bench.up().await.well();
    let (db, other, hash) = (bench.id("db-1"), bench.id("other-1"), bench.hash("db-1"));
    bench.shell("db-1", "echo named > /data/file; echo anonymous > /scratch/file");
    let written = || bench.shell("db-1", "cat /data/file /scratch/file 2>&1; echo $GREETING");

    bench.rewrite(&KEEPS.replace("hello", "good day"));
    let ran = bench.up().await.well();
    assert!(ran.plan.is_destructive());
    bench.is(&["db-1 running", "other-1 running"]);
    assert_ne!(bench.id("db-1"), db);
    assert_ne!(bench.hash("db-1"), hash);
    assert_eq!(bench.id("other-1"), other, "what did not change is left alone");
    assert_eq!(written(), "named\nanonymous\ngood day");

    let forced = Options { force_recreate: true, ..Options::default() };
    let db = bench.id("db-1");
    bench.verb_with(Verb::Up, &["db"], forced).await.well();
    assert_ne!(bench.id("db-1"), db);
    assert_eq!(bench.id("other-1"), other);
    assert_eq!(written(), "named\nanonymous\ngood day");

    let fresh = Options { renew_volumes: true, ..Options::default() };
    let old = anonymous(&bench);
    bench.verb_with(Verb::Up, &["db"], fresh).await.well();
    assert_eq!(written(), "named\ncat: can't open '/scratch/file': No such file or directory\ngood day");
    // The volume before has no owner left; Docker Compose leaves it as well.
    bench.real.request("DELETE", &format!("/volumes/{old}"), b"");
    let removed = Options { remove_volumes: true, ..Options::default() };
    bench.verb_with(Verb::Down, &[], removed).await.well();
    assert_eq!(bench.resources(), Vec::<String>::new());
}

fn anonymous(bench: &Bench) -> String {
    let mounts = bench.container("db-1")["Mounts"].clone();
    let mount = mounts.as_array().unwrap().iter().find(|mount| mount["Destination"] == "/scratch").unwrap();
    mount["Name"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn replicas_are_numbered_on_and_the_highest_go_first() {
    let three = r"
services:
  web:
    image: {busybox}
    command: sleep 1000
    stop_signal: SIGKILL
    scale: 3
";
    let Some(bench) = Bench::new("scale", three).await else { return };
    bench.up().await.well();
    bench.is(&["web-1 running", "web-2 running", "web-3 running"]);
    let scaled = |replicas: u32| Options {
        scale: BTreeMap::from([("web".to_owned(), replicas)]),
        ..Options::default()
    };
    let first = bench.id("web-1");
    bench.verb_with(Verb::Up, &["web"], scaled(1)).await.well();
    bench.is(&["web-1 running"]);
    assert_eq!(bench.id("web-1"), first);
    bench.verb_with(Verb::Up, &["web"], scaled(2)).await.well();
    bench.is(&["web-1 running", "web-2 running"]);
    bench.up().await.well();
    bench.verb_on(Verb::Kill("SIGKILL".to_owned()), "web-2").await.well();
    bench.becomes(&["web-1 running", "web-2 exited 137", "web-3 running"]);
    bench.verb(Verb::Remove, &["web"]).await.well();
    bench.is(&["web-1 running", "web-3 running"]);
    // A gap is not filled: numbers go on from the highest, as in Docker Compose.
    bench.up().await.well();
    bench.is(&["web-1 running", "web-3 running", "web-4 running"]);
    bench.verb_with(Verb::Up, &["web"], scaled(0)).await.well();
    bench.is(&[]);
}

#[tokio::test(flavor = "multi_thread")]
async fn orphans_are_named_and_go_when_asked() {
    let Some(bench) = Bench::new("orphans", KEEPS).await else { return };
    bench.up().await.well();
    let db = "services:\n  db: { image: '{busybox}', command: sleep 1000, stop_signal: SIGKILL }\n";
    bench.rewrite(db);
    let ran = bench.up().await.well();
    assert_eq!(ran.orphans(), ["other"]);
    bench.is(&["db-1 running", "other-1 running"]);
    // Verbs on the project leave them alone; by their own name they are reached.
    bench.verb(Verb::Stop, &[]).await.well();
    bench.is(&["db-1 exited 137", "other-1 running"]);
    bench.verb(Verb::Stop, &["other"]).await.well();
    bench.is(&["db-1 exited 137", "other-1 exited 137"]);
    let options = Options { remove_orphans: true, ..Options::default() };
    bench.verb_with(Verb::Up, &[], options).await.well();
    bench.is(&["db-1 running"]);
    let everything = Options { remove_orphans: true, remove_volumes: true, ..Options::default() };
    bench.verb_with(Verb::Down, &[], everything.clone()).await.well();
    // What the file no longer declares stays, as with Docker Compose.
    assert_eq!(bench.resources(), ["volume data"]);
    bench.rewrite(KEEPS);
    bench.verb_with(Verb::Down, &[], everything).await.well();
    assert_eq!(bench.resources(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_network_that_changes_is_made_anew_with_its_containers() {
    let networks = r"
services:
  web:
    image: {busybox}
    command: sleep 1000
    stop_signal: SIGKILL
    networks: { back: { aliases: [shop, store] } }
  alone:
    image: {busybox}
    command: sleep 1000
    stop_signal: SIGKILL
networks:
  back: { labels: { x: '1' } }
";
    let Some(bench) = Bench::new("networks", networks).await else { return };
    bench.up().await.well();
    let back = format!("{}_back", bench.project.name);
    let network = || bench.real.get(&format!("/networks/{back}"))["Id"].clone();
    let endpoint = || bench.container("web-1")["NetworkSettings"]["Networks"][&back].clone();
    assert_eq!(aliases(&endpoint()), ["shop", "store", "web"]);
    let (before, alone) = (network(), bench.id("alone-1"));
    bench.rewrite(&networks.replace("x: '1'", "x: '2'"));
    bench.up().await.well();
    bench.is(&["alone-1 running", "web-1 running"]);
    assert_ne!(network(), before);
    assert_eq!(endpoint()["NetworkID"], network());
    assert_eq!(bench.id("alone-1"), alone);
    assert!(bench.up().await.well().plan.is_empty());
}

/// What the file gives it, without what the engine and Compose add.
fn aliases(endpoint: &Value) -> Vec<String> {
    let all = endpoint["Aliases"].as_array().unwrap().iter().map(|alias| alias.as_str().unwrap().to_owned());
    let mut own: Vec<String> =
        all.filter(|alias| !alias.contains('-') && !alias.chars().all(|c| c.is_ascii_hexdigit())).collect();
    own.sort();
    own.dedup();
    own
}
