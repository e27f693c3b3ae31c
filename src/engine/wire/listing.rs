//! What the engine lists for a person, word for word.

use serde_json::Value;

use super::{elements, port, text, text_map, time};
use crate::observed::{ListedImage, ListedPort, ListedVolume, Listing, Usage};

/// An element of `GET /containers/json`, word for word.
pub(in super::super) fn listing(value: &Value) -> Listing {
    let port_number = |value: &Value| port(value).unwrap_or(0);
    let listed_port = |value: &Value| ListedPort {
        address: text(&value["IP"]),
        private: port_number(&value["PrivatePort"]),
        public: port_number(&value["PublicPort"]),
        protocol: text(&value["Type"]),
    };
    let mount = |value: &Value| {
        let name = Some(text(&value["Name"])).filter(|name| !name.is_empty());
        (name.unwrap_or_else(|| text(&value["Source"])), text(&value["Driver"]))
    };
    let networks = value["NetworkSettings"]["Networks"].as_object();
    Listing {
        id: text(&value["Id"]),
        names: elements(&value["Names"]).map(text).collect(),
        image: text(&value["Image"]),
        command: text(&value["Command"]),
        created: value["Created"].as_i64().unwrap_or(0),
        ports: elements(&value["Ports"]).map(listed_port).collect(),
        labels: text_map(&value["Labels"]),
        state: text(&value["State"]),
        status: text(&value["Status"]),
        mounts: elements(&value["Mounts"]).map(mount).collect(),
        networks: networks.into_iter().flat_map(serde_json::Map::keys).cloned().collect(),
    }
}

/// The answer of `GET /images/{name}/json`, for a list.
pub(in super::super) fn listed_image(value: &Value) -> ListedImage {
    let parts = ["Os", "Architecture", "Variant"].map(|key| text(&value[key]));
    ListedImage {
        id: text(&value["Id"]),
        platform: parts.iter().filter(|part| !part.is_empty()).cloned().collect::<Vec<_>>().join("/"),
        size: value["Size"].as_u64().unwrap_or(0),
        tagged: time(&value["Metadata"]["LastTagTime"]),
    }
}

/// An element of `Volumes` in `GET /volumes`, for a list.
pub(in super::super) fn listed_volume(value: &Value) -> ListedVolume {
    ListedVolume {
        name: text(&value["Name"]),
        driver: text(&value["Driver"]),
        mountpoint: text(&value["Mountpoint"]),
        scope: text(&value["Scope"]),
        labels: text_map(&value["Labels"]),
    }
}

/// The answer of `GET /containers/{id}/stats?stream=false`, which holds two readings. All is 0 for what does not run.
pub(in super::super) fn usage(value: &Value) -> Usage {
    let number = |value: &Value| value.as_u64().unwrap_or(0);
    let memory = &value["memory_stats"];
    // cgroup 1 counts the whole tree in `total_…`; cgroup 2 has only the plain name (as in `docker stats`).
    let cache =
        ["total_inactive_file", "inactive_file"].iter().find_map(|key| memory["stats"][*key].as_u64());
    let used = number(&memory["usage"]);
    let interfaces = || value["networks"].as_object().into_iter().flat_map(serde_json::Map::values);
    let moved = |operation: char| {
        let entries = elements(&value["blkio_stats"]["io_service_bytes_recursive"]);
        let of = entries.filter(|it| text(&it["op"]).to_ascii_lowercase().starts_with(operation));
        of.map(|it| number(&it["value"])).sum()
    };
    Usage {
        cpu: cpu_share(value),
        memory: cache.and_then(|cache| used.checked_sub(cache)).unwrap_or(used),
        memory_limit: number(&memory["limit"]),
        received: interfaces().map(|it| number(&it["rx_bytes"])).sum(),
        sent: interfaces().map(|it| number(&it["tx_bytes"])).sum(),
        read: moved('r'),
        written: moved('w'),
        processes: number(&value["pids_stats"]["current"]),
    }
}

/// The time on the cores in proportion to the machine's, of what passed between two readings.
fn cpu_share(value: &Value) -> f64 {
    let number = |value: &Value| value.as_f64().unwrap_or(0.0);
    let (now, before) = (&value["cpu_stats"], &value["precpu_stats"]);
    let passed = |path: fn(&Value) -> &Value| number(path(now)) - number(path(before));
    let own = passed(|stats| &stats["cpu_usage"]["total_usage"]);
    let machine = passed(|stats| &stats["system_cpu_usage"]);
    let cores = match number(&now["online_cpus"]) {
        0.0 => elements(&now["cpu_usage"]["percpu_usage"]).count() as f64,
        cores => cores,
    };
    if own > 0.0 && machine > 0.0 { own / machine * cores * 100.0 } else { 0.0 }
}
