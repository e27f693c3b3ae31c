//! The sample project: what a look at its files tells, and that its scripts run on an engine as they should. Docker Compose
//! brought it up by hand; the end-to-end test does with Dockside.

mod support;

use std::fs;

#[test]
fn every_service_is_built_from_the_base_and_pulls_nothing() {
    for entry in
        fs::read_dir(support::demo()).unwrap().map(Result::unwrap).filter(|entry| entry.path().is_dir())
    {
        let dockerfile = fs::read_to_string(entry.path().join("Dockerfile")).unwrap();
        let from = dockerfile.lines().find(|line| line.starts_with("FROM ")).unwrap();
        let expected = if entry.file_name() == "base" { "FROM scratch" } else { "FROM dockside-demo/base" };
        assert_eq!(from, expected, "{:?}", entry.file_name());
        for script in fs::read_dir(entry.path()).unwrap().map(|file| file.unwrap().file_name()) {
            let script = script.into_string().unwrap();
            let copied = script == "Dockerfile" || dockerfile.contains(&script);
            assert!(copied, "{:?}: the Dockerfile does not copy {script}", entry.file_name());
        }
    }
}

#[test]
fn the_clock_of_the_scripts_is_right() {
    let Some(engine) = support::engine() else { return };
    engine.provide_demo_base();
    // The parts of the time by the shop's arithmetic, and by `date`, of the same second or the one after.
    let script = ". /lib/shop.sh; a=$(date -u +%Y-%m-%d-%b-%H-%M-%S); now; b=$(date -u +%Y-%m-%d-%b-%H-%M-%S); \
        t=$(printf %d-%02d-%02d-%s-%02d-%02d-%02d $year $month $day $month_name $hour $minute $second); \
        echo \"$a $t $b\"; [ $t = $a ] || [ $t = $b ]";
    let body = serde_json::json!({
        "Image": support::DEMO_BASE,
        "Cmd": ["sh", "-c", script],
        "HostConfig": {"NetworkMode": "none"},
    });
    let created = engine.post("/containers/create", &body);
    let id = created["Id"].as_str().unwrap();
    engine.post(&format!("/containers/{id}/start"), &serde_json::Value::Null);
    let ended = engine.post(&format!("/containers/{id}/wait"), &serde_json::Value::Null);
    let log = engine.request("GET", &format!("/containers/{id}/logs?stdout=true&stderr=true"), b"").text();
    engine.request("DELETE", &format!("/containers/{id}"), b"");
    assert_eq!(ended["StatusCode"], 0, "{log}");
}
