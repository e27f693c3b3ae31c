//! What the helpers of the engine tests promise: a project that is dropped leaves nothing on the engine.

mod support;

use serde_json::json;

#[test]
fn a_dropped_project_leaves_nothing() {
    let Some(engine) = support::engine() else { return };
    let project = support::Project::new(engine, "drop", "services: {web: {image: '{busybox}'}}");
    let name = project.name.clone();
    let labels = json!({ "com.docker.compose.project": name });
    let (network, volume, web) =
        (format!("{name}_default"), format!("{name}_data"), project.container("web", 1));
    engine.post("/networks/create", &json!({ "Name": network, "Labels": labels }));
    engine.post("/volumes/create", &json!({ "Name": volume, "Labels": labels }));
    let body = json!({
        "Image": support::BUSYBOX,
        "Cmd": ["sleep", "60"],
        "Labels": labels,
        "HostConfig": { "NetworkMode": network, "Binds": [format!("{volume}:/data")] },
    });
    engine.post(&format!("/containers/create?name={web}"), &body);
    engine.post(&format!("/containers/{web}/start"), &json!(null));
    assert_eq!(project.states(), ["web-1 running"]);

    drop(project);
    assert!(engine.container(&web).is_none());
    assert_eq!(engine.request("GET", &format!("/networks/{network}"), b"").status, 404);
    assert_eq!(engine.request("GET", &format!("/volumes/{volume}"), b"").status, 404);
}
