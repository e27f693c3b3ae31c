//! Who answers: `/_ping`, `/version`, `/info`.

use hyper::header::{CACHE_CONTROL, HeaderName};
use serde_json::{Value, json};

use super::super::VERSION;
use super::super::answer::{Answer, Reply};
use super::super::server::Ask;
use super::super::stamp::rfc3339;
use super::super::world::container::Phase;

/// The memory of a machine that is not there.
pub(in super::super) const MACHINE_MEMORY: u64 = 16 * 1024 * 1024 * 1024;
/// Its processors.
pub(in super::super) const PROCESSORS: u64 = 8;

/// `GET /_ping`
pub(in super::super) async fn ping(_: Ask) -> Reply {
    Ok(Answer::bytes("text/plain; charset=utf-8", "OK")
        .header(HeaderName::from_static("builder-version"), "1")
        .header(HeaderName::from_static("swarm"), "inactive")
        .header(CACHE_CONTROL, "no-cache, no-store, must-revalidate"))
}

/// `GET /version`
pub(in super::super) async fn version(_: Ask) -> Reply {
    let details = json!({
        "ApiVersion": "1.51", "Arch": "amd64", "Experimental": "false", "GitCommit": "embedded",
        "GoVersion": "none", "KernelVersion": "none", "MinAPIVersion": "1.24", "Os": "linux",
    });
    Ok(Answer::json(&json!({
        "Platform": { "Name": "Dockside's embedded engine" },
        "Components": [{ "Name": "Engine", "Version": VERSION, "Details": details }],
        "Version": VERSION, "ApiVersion": "1.51", "MinAPIVersion": "1.24", "GitCommit": "embedded",
        "GoVersion": "none", "Os": "linux", "Arch": "amd64", "KernelVersion": "none",
    })))
}

/// `GET /info`
pub(in super::super) async fn info(ask: Ask) -> Reply {
    let value = ask.sim.with(|world| {
        let count = |phase| world.containers.values().filter(|one| one.phase() == phase).count();
        let (running, paused) = (count(Phase::Running) + count(Phase::Restarting), count(Phase::Paused));
        json!({
            "ID": "dockside-embedded-engine", "Containers": world.containers.len(),
            "ContainersRunning": running, "ContainersPaused": paused,
            "ContainersStopped": world.containers.len() - running - paused,
            "Images": world.images.len(), "SystemTime": rfc3339(world.now),
        })
    });
    Ok(Answer::json(&with_constants(value)))
}

fn with_constants(mut value: Value) -> Value {
    let constants = json!({
        "Driver": "overlay2", "DriverStatus": [],
        "Plugins": { "Volume": ["local"], "Network": ["bridge", "host", "null"], "Authorization": null, "Log": ["json-file"] },
        "MemoryLimit": true, "SwapLimit": true, "CpuCfsPeriod": true, "CpuCfsQuota": true, "CPUShares": true,
        "CPUSet": true, "PidsLimit": true, "IPv4Forwarding": true, "Debug": false, "OomKillDisable": true,
        "LoggingDriver": "json-file", "CgroupDriver": "cgroupfs", "CgroupVersion": "2", "NEventsListener": 0,
        "KernelVersion": "none", "OperatingSystem": "Dockside's embedded engine", "OSVersion": VERSION,
        "OSType": "linux", "Architecture": "x86_64", "IndexServerAddress": "https://index.docker.io/v1/",
        "NCPU": PROCESSORS, "MemTotal": MACHINE_MEMORY, "DockerRootDir": "/var/lib/docker", "Name": "embedded",
        "Labels": [], "ExperimentalBuild": false, "ServerVersion": VERSION, "DefaultRuntime": "runc",
        "Swarm": { "LocalNodeState": "inactive", "ControlAvailable": false }, "LiveRestoreEnabled": false,
        "SecurityOptions": [], "Warnings": null,
    });
    if let (Value::Object(value), Value::Object(constants)) = (&mut value, constants) {
        value.extend(constants);
    }
    value
}
