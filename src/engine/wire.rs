//! The Engine API's JSON as `observed` types, field by field.
//!
//! Every field is looked up by itself and an odd one becomes its default, so that an unknown state, a null, a missing
//! field or podman's spelling never fails a list. Only in a reading of figures an odd one fails, and that reading alone.
//! Nothing here asks the engine.

pub(super) mod listing;

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use crate::observed::{
    Attachment, Container, ContainerId, Event, EventKind, Health, HealthStatus, Image, Mount, Network, Probe,
    Processes, PublishedPort, Sample, State, Volume,
};

/// The engine's default for `Healthcheck.Retries`.
const DEFAULT_RETRIES: u32 = 3;

/// An element of `GET /containers/json`; none without an id.
pub(super) fn listed_container(value: &Value) -> Option<Container> {
    let id = value["Id"].as_str().filter(|id| !id.is_empty())?;
    let status = text(&value["Status"]);
    let mut container = Container::new(id, &listed_name(value));
    container.image = text(&value["Image"]);
    container.image_id = text(&value["ImageID"]);
    container.labels = text_map(&value["Labels"]);
    container.state = State::from_word(&text(&value["State"]).to_ascii_lowercase());
    container.health = health_in_words(&status);
    container.exit_code = code_in_words(&status);
    container.created_at = seconds(&value["Created"]);
    container.ports = elements(&value["Ports"]).filter_map(listed_port).collect();
    sort_ports(&mut container.ports);
    container.networks = networks_of(&value["NetworkSettings"]["Networks"]);
    container.mounts = mounts_of(&value["Mounts"]);
    Some(container)
}

/// The answer of `GET /containers/{id}/json`; none without an id.
pub(super) fn inspected_container(value: Value) -> Option<Container> {
    let id = value["Id"].as_str().filter(|id| !id.is_empty())?;
    let state = &value["State"];
    let config = &value["Config"];
    let mut container = Container::new(id, text(&value["Name"]).trim_start_matches('/'));
    container.image = text(&config["Image"]);
    container.image_id = text(&value["Image"]);
    container.labels = text_map(&config["Labels"]);
    container.state = State::from_word(&text(&state["Status"]).to_ascii_lowercase());
    container.health = health_of(state, config);
    container.exit_code = exit_code(&container.state, state["ExitCode"].as_i64());
    container.oom_killed = state["OOMKilled"].as_bool().unwrap_or(false);
    container.error = text(&state["Error"]);
    container.created_at = time(&value["Created"]);
    container.started_at = time(&state["StartedAt"]);
    container.finished_at = time(&state["FinishedAt"]);
    container.restart_count = number(&value["RestartCount"]);
    container.tty = config["Tty"].as_bool().unwrap_or(false);
    container.ports = inspected_ports(&value["NetworkSettings"]["Ports"]);
    container.networks = networks_of(&value["NetworkSettings"]["Networks"]);
    container.mounts = mounts_of(&value["Mounts"]);
    container.inspect = Some(Arc::new(value));
    Some(container)
}

/// An element of `GET /networks`.
pub(super) fn network(value: &Value) -> Network {
    Network {
        id: text(&value["Id"]),
        name: text(&value["Name"]),
        driver: text(&value["Driver"]),
        labels: text_map(&value["Labels"]),
    }
}

/// An element of `Volumes` in `GET /volumes`.
pub(super) fn volume(value: &Value) -> Volume {
    Volume { name: text(&value["Name"]), driver: text(&value["Driver"]), labels: text_map(&value["Labels"]) }
}

/// The answer of `GET /images/{name}/json`.
pub(super) fn image(value: &Value) -> Image {
    Image {
        id: text(&value["Id"]),
        tags: elements(&value["RepoTags"]).map(text).collect(),
        labels: text_map(&value["Config"]["Labels"]),
        config: value["Config"].clone(),
        platform: format!("{}/{}", text(&value["Os"]), text(&value["Architecture"])),
        tagged: time(&value["Metadata"]["LastTagTime"]),
    }
}

/// An object of `GET /events`; none if it has no kind, no action or no time.
pub(super) fn event(value: &Value) -> Option<Event> {
    let kind = match value["Type"].as_str()? {
        "container" => EventKind::Container,
        "network" => EventKind::Network,
        "volume" => EventKind::Volume,
        "image" => EventKind::Image,
        "daemon" => EventKind::Daemon,
        other => EventKind::Other(other.to_owned()),
    };
    let nanoseconds = value["timeNano"].as_i64().filter(|nanoseconds| *nanoseconds > 0);
    let at = match nanoseconds {
        Some(nanoseconds) => Timestamp::from_nanosecond(nanoseconds.into()).ok(),
        None => seconds(&value["time"]),
    };
    Some(Event {
        kind,
        action: value["Action"].as_str().or_else(|| value["status"].as_str())?.to_owned(),
        actor: value["Actor"]["ID"].as_str().or_else(|| value["id"].as_str()).unwrap_or_default().to_owned(),
        at: at?,
        attributes: text_map(&value["Actor"]["Attributes"]),
    })
}

/// What is wanted of the answer of `GET /containers/{id}/stats`. Readings are most of what an idle dashboard reads, so they
/// are the one answer that is parsed into fields, and the rest of it skipped.
#[derive(Deserialize)]
pub(super) struct Stats {
    #[serde(rename = "cpu_stats")]
    cpu: CpuStats,
    #[serde(rename = "memory_stats")]
    memory: MemoryStats,
    networks: Option<BTreeMap<String, Traffic>>,
}

#[derive(Deserialize)]
struct CpuStats {
    cpu_usage: CpuUsage,
}

#[derive(Deserialize)]
struct CpuUsage {
    total_usage: u64,
}

#[derive(Deserialize)]
struct MemoryStats {
    usage: Option<u64>,
    limit: Option<u64>,
    stats: Option<MemoryDetails>,
}

#[derive(Deserialize)]
struct MemoryDetails {
    total_inactive_file: Option<u64>,
    inactive_file: Option<u64>,
}

#[derive(Deserialize)]
struct Traffic {
    rx_bytes: Option<u64>,
    tx_bytes: Option<u64>,
}

/// None where the engine took no reading, as of a container that does not run. `machine_memory` tells a limit from none:
/// Docker gives the machine's memory where there is no limit.
pub(super) fn sample(stats: &Stats, at: Duration, machine_memory: Option<u64>) -> Option<Sample> {
    let memory = &stats.memory;
    let usage = memory.usage?;
    // cgroup 1 counts the whole tree in `total_…`; cgroup 2 has only the plain name (as in `docker stats`).
    let cache =
        memory.stats.as_ref().and_then(|details| details.total_inactive_file.or(details.inactive_file));
    let limit = memory.limit.filter(|limit| *limit > 0);
    let interfaces = || stats.networks.iter().flat_map(BTreeMap::values);
    Some(Sample {
        at,
        cpu: Duration::from_nanos(stats.cpu.cpu_usage.total_usage),
        memory: usage.checked_sub(cache.unwrap_or(0)).unwrap_or(usage),
        memory_limit: limit.filter(|limit| machine_memory.is_none_or(|machine| *limit < machine)),
        received: interfaces().filter_map(|interface| interface.rx_bytes).sum(),
        sent: interfaces().filter_map(|interface| interface.tx_bytes).sum(),
    })
}

/// A table of `GET /containers/{id}/top`.
pub(super) fn processes(value: &Value) -> Processes {
    let texts = |cells: &Value| elements(cells).map(text).collect();
    Processes { titles: texts(&value["Titles"]), rows: elements(&value["Processes"]).map(texts).collect() }
}

/// The code of the last end, which the engine sets to 0 while the container runs and before it ever ran.
fn exit_code(state: &State, code: Option<i64>) -> Option<i64> {
    match state {
        State::Running | State::Paused => None,
        // A container that could not be started stays `created`, with the code of the failure.
        State::Created => code.filter(|code| *code != 0),
        _ => code,
    }
}

fn listed_name(value: &Value) -> String {
    // Links add names of the form `/other/alias`; the container's own has one slash.
    let mut names = elements(&value["Names"]).map(|name| text(name).trim_start_matches('/').to_owned());
    let own = names.clone().find(|name| !name.contains('/'));
    own.or_else(|| names.next()).unwrap_or_default()
}

fn listed_port(value: &Value) -> Option<PublishedPort> {
    let published = port(&value["PublicPort"]);
    Some(PublishedPort {
        target: port(&value["PrivatePort"])?,
        protocol: value["Type"].as_str().unwrap_or("tcp").to_owned(),
        host_ip: published.map(|_| host_address(&value["IP"])),
        published,
    })
}

fn inspected_ports(ports: &Value) -> Vec<PublishedPort> {
    let mut found = Vec::new();
    for (key, bindings) in ports.as_object().into_iter().flatten() {
        let (target, protocol) = key.split_once('/').unwrap_or((key, "tcp"));
        let Ok(target) = target.parse() else { continue };
        let exposed = PublishedPort { target, protocol: protocol.to_owned(), host_ip: None, published: None };
        let before = found.len();
        found.extend(elements(bindings).filter_map(|binding| {
            let published = port(&binding["HostPort"])?;
            let host_ip = Some(host_address(&binding["HostIp"]));
            Some(PublishedPort { host_ip, published: Some(published), ..exposed.clone() })
        }));
        if found.len() == before {
            found.push(exposed);
        }
    }
    sort_ports(&mut found);
    found
}

fn sort_ports(ports: &mut Vec<PublishedPort>) {
    ports.sort();
    ports.dedup();
}

/// The address that a port is bound to; podman leaves it empty for all.
fn host_address(value: &Value) -> IpAddr {
    value.as_str().and_then(|text| text.parse().ok()).unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED))
}

fn networks_of(value: &Value) -> BTreeMap<String, Attachment> {
    let attachment = |value: &Value| Attachment {
        network_id: text(&value["NetworkID"]),
        address: match text(&value["IPAddress"]) {
            address if address.is_empty() => text(&value["GlobalIPv6Address"]),
            address => address,
        },
        aliases: elements(&value["Aliases"]).map(text).collect(),
    };
    let networks = value.as_object().into_iter().flatten();
    networks.map(|(name, value)| (name.clone(), attachment(value))).collect()
}

fn mounts_of(value: &Value) -> Vec<Mount> {
    let mut mounts: Vec<Mount> = elements(value)
        .map(|value| Mount {
            kind: text(&value["Type"]),
            name: text(&value["Name"]),
            source: text(&value["Source"]),
            target: text(&value["Destination"]),
            writable: value["RW"].as_bool().unwrap_or(true),
        })
        .collect();
    mounts.sort_by(|left, right| left.target.cmp(&right.target));
    mounts
}

fn health_of(state: &Value, config: &Value) -> Option<Health> {
    // Older podman writes `Healthcheck`.
    let health = [&state["Health"], &state["Healthcheck"]].into_iter().find(|health| health.is_object())?;
    let status = health_status(health["Status"].as_str()?)?;
    let retries = number(&config["Healthcheck"]["Retries"]);
    let probe = |value: &Value| Probe {
        start: time(&value["Start"]),
        end: time(&value["End"]),
        exit_code: value["ExitCode"].as_i64().unwrap_or(0),
        output: text(&value["Output"]),
    };
    Some(Health {
        status,
        failing_streak: number(&health["FailingStreak"]),
        retries: if retries == 0 { DEFAULT_RETRIES } else { retries },
        probes: elements(&health["Log"]).map(probe).collect(),
    })
}

/// The engine's word for health; none without a health check.
fn health_status(word: &str) -> Option<HealthStatus> {
    match word {
        "" | "none" => None,
        "starting" => Some(HealthStatus::Starting),
        "healthy" => Some(HealthStatus::Healthy),
        "unhealthy" => Some(HealthStatus::Unhealthy),
        other => Some(HealthStatus::Other(other.to_owned())),
    }
}

/// Health from the words of a list: `Up 2 minutes (healthy)`, `Up 1 second (health: starting)`.
fn health_in_words(status: &str) -> Option<Health> {
    let (_, rest) = status.strip_suffix(')')?.rsplit_once('(')?;
    let status = match rest.trim_start_matches("health: ") {
        word @ ("starting" | "healthy" | "unhealthy") => health_status(word)?,
        _ => return None,
    };
    Some(Health { status, failing_streak: 0, retries: DEFAULT_RETRIES, probes: Vec::new() })
}

/// The exit code from the words of a list: `Exited (137) 5 minutes ago`, `Restarting (1) 3 seconds ago`.
fn code_in_words(status: &str) -> Option<i64> {
    let rest = status.strip_prefix("Exited (").or_else(|| status.strip_prefix("Restarting ("))?;
    rest.split_once(')')?.0.parse().ok()
}

fn elements(value: &Value) -> impl Iterator<Item = &Value> + Clone {
    value.as_array().map(Vec::as_slice).unwrap_or_default().iter()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// A map of texts; a number or a boolean among them is written out, anything else becomes empty.
fn text_map(value: &Value) -> BTreeMap<String, String> {
    let plain = |value: &Value| match value {
        Value::Number(number) => number.to_string(),
        Value::Bool(truth) => truth.to_string(),
        other => text(other),
    };
    value.as_object().into_iter().flatten().map(|(key, value)| (key.clone(), plain(value))).collect()
}

fn number(value: &Value) -> u32 {
    value.as_u64().and_then(|number| number.try_into().ok()).unwrap_or(0)
}

/// A port, as a number or as text; 0 is none.
fn port(value: &Value) -> Option<u16> {
    let number = value.as_u64().or_else(|| value.as_str()?.parse().ok())?;
    u16::try_from(number).ok().filter(|port| *port != 0)
}

/// An RFC 3339 time; Go's zero time (year 1) is none.
fn time(value: &Value) -> Option<Timestamp> {
    let time: Timestamp = value.as_str()?.parse().ok()?;
    (time > Timestamp::UNIX_EPOCH).then_some(time)
}

/// Seconds since 1970, or, from some versions of podman, an RFC 3339 time.
fn seconds(value: &Value) -> Option<Timestamp> {
    match value.as_i64() {
        Some(seconds) => Timestamp::from_second(seconds).ok().filter(|time| *time > Timestamp::UNIX_EPOCH),
        None => time(value),
    }
}

/// A container's id for the events that are about something else: `network connect` names it among the attributes.
pub(super) fn container_of(event: &Event) -> Option<ContainerId> {
    match event.kind {
        EventKind::Container => event.container(),
        EventKind::Network => event.attributes.get("container").map(|id| ContainerId::from(id.as_str())),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(text: &str) -> Value {
        serde_json::from_str(text).unwrap()
    }

    /// What matters of a container, one line each.
    fn describe(container: &Container) -> String {
        let health = container.health.as_ref().map(|health| {
            let probe = health.probes.last().map(|probe| (probe.exit_code, probe.output.as_str()));
            format!("{:?} {}/{} {probe:?}", health.status, health.failing_streak, health.retries)
        });
        let ports: Vec<_> = container
            .ports
            .iter()
            .map(|port| format!("{:?}:{:?}->{}/{}", port.host_ip, port.published, port.target, port.protocol))
            .collect();
        let times = [container.created_at, container.started_at, container.finished_at];
        let times = times.map(|time| time.map_or("-".to_owned(), |time| time.to_string()));
        let networks: Vec<_> = container
            .networks
            .iter()
            .map(|(name, at)| format!("{name}={} {:?}", at.address, at.aliases))
            .collect();
        let mounts: Vec<_> = container
            .mounts
            .iter()
            .map(|mount| format!("{}:{} {}", mount.kind, mount.target, mount.writable))
            .collect();
        format!(
            "{} {} {:?} {:?} tty={} {health:?}\n  {:?} {:?}\n  {}\n  {ports:?} {networks:?} {mounts:?}\n",
            container.name,
            container.image,
            container.state,
            container.exit_code,
            container.tty,
            container.project(),
            container.number(),
            times.join(" "),
        )
    }

    fn list(text: &str) -> String {
        json(text).as_array().unwrap().iter().filter_map(listed_container).map(|it| describe(&it)).collect()
    }

    fn inspect(text: &str) -> String {
        describe(&inspected_container(json(text)).unwrap())
    }

    const ENDED: &str = "\
engine-fx-exit dockside-test/busybox Exited Some(3) tty=false None
  None None
  TIME - -
  [] [\"none= []\"] []
";

    #[test]
    fn lists_of_three_engines() {
        let sick = "\
engine-fx-health dockside-test/busybox Running None tty=false Some(\"Unhealthy 0/3 None\")
  Some(\"shop\") Some(2)
  TIME - -
  [] [\"none= []\"] [\"volume:/data true\"]
";
        for (text, first, second) in [
            (
                include_str!("../../tests/engine/list-28.5.json"),
                "2026-11-23T16:22:13Z",
                "2026-11-23T16:22:13Z",
            ),
            (
                include_str!("../../tests/engine/list-20.10.json"),
                "2026-11-23T16:22:14Z",
                "2026-11-23T16:22:13Z",
            ),
        ] {
            assert_eq!(
                list(text),
                format!("{}{}", ENDED.replace("TIME", first), sick.replace("TIME", second))
            );
        }
        assert_eq!(
            list(include_str!("../../tests/engine/list-podman.json")),
            "\
shop_web_1 docker.io/library/nginx:1 Exited Some(0) tty=false None
  None None
  2026-11-23T10:00:00Z - -
  [\"Some(0.0.0.0):Some(8080)->80/tcp\", \"None:None->443/tcp\"] [] [\": true\", \"bind:/etc/x false\"]
  Other(\"initialized\") None tty=false None
  None None
  - - -
  [] [] []
"
        );
    }

    #[test]
    fn inspections_of_three_engines() {
        for (text, created, started, streak) in [
            (
                include_str!("../../tests/engine/inspect-28.5.json"),
                "2026-11-23T16:22:13.086583055Z",
                "2026-11-23T16:22:13.246688587Z",
                10,
            ),
            (
                include_str!("../../tests/engine/inspect-20.10.json"),
                "2026-11-23T16:22:13.76904582Z",
                "2026-11-23T16:22:14.357198223Z",
                9,
            ),
        ] {
            let expected = format!(
                "\
engine-fx-health dockside-test/busybox Running None tty=true Some(\"Unhealthy {streak}/4 Some((1, \\\"not yet\\\\n\\\"))\")
  Some(\"shop\") Some(2)
  {created} {started} -
  [] [\"none= []\"] [\"volume:/data true\"]
"
            );
            assert_eq!(inspect(text), expected);
        }
        assert_eq!(
            inspect(include_str!("../../tests/engine/inspect-podman.json")),
            "\
shop_web_1 docker.io/library/nginx:1 Other(\"stopping\") Some(0) tty=false Some(\"Starting 1/3 None\")
  Some(\"shop\") None
  2026-11-23T09:00:00.5Z 2026-11-23T09:00:01.123456789Z -
  [\"Some(0.0.0.0):Some(8080)->80/tcp\", \"Some(::1):Some(8081)->80/tcp\", \"None:None->443/tcp\"] [\"podman=10.88.0.2 [\\\"aa0000000000\\\", \\\"\\\"]\"] []
"
        );
    }

    #[test]
    fn events_of_docker_and_podman() {
        let of = |text: &str| event(&json(text)).map(|event| format!("{event:?}"));
        let docker = r#"{"status":"die","id":"aa","from":"x","Type":"container","Action":"die","Actor":{"ID":"aa",
            "Attributes":{"exitCode":"137","name":"db"}},"scope":"local","time":1700000000,"timeNano":1700000000000000007}"#;
        assert_eq!(
            of(docker).unwrap(),
            "Event { kind: Container, action: \"die\", actor: \"aa\", at: 2023-11-14T22:13:20.000000007Z, \
             attributes: {\"exitCode\": \"137\", \"name\": \"db\"} }"
        );
        let podman =
            r#"{"Type":"pod","Action":"create","Actor":{"ID":"bb","Attributes":null},"time":1700000000}"#;
        assert_eq!(
            of(podman).unwrap(),
            "Event { kind: Other(\"pod\"), action: \"create\", actor: \"bb\", at: 2023-11-14T22:13:20Z, attributes: {} }"
        );
        assert_eq!(
            of(r#"{"Type":"container","Action":"die"}"#),
            None,
            "without a time nothing can be ordered"
        );
        assert_eq!(of(r#"{"message":"no event"}"#), None);
    }

    #[test]
    fn samples_of_both_cgroup_versions() {
        let check = |text: &str, machine, expected: Option<(u64, Option<u64>, u64, u64)>| {
            let sample = sample(&serde_json::from_str(text).unwrap(), Duration::ZERO, machine);
            let figures = sample.map(|it| (it.memory, it.memory_limit, it.received, it.sent));
            assert_eq!(figures, expected, "{text}");
        };
        let first = r#"{"cpu_stats":{"cpu_usage":{"total_usage":5}},"memory_stats":{"usage":100,"limit":1000,
            "stats":{"inactive_file":1,"total_inactive_file":30}},"networks":{"eth0":{"rx_bytes":1,"tx_bytes":2},
            "eth1":{"rx_bytes":10,"tx_bytes":20}}}"#;
        check(first, Some(1000), Some((70, None, 11, 22)));
        check(first, Some(2000), Some((70, Some(1000), 11, 22)));
        let second = r#"{"cpu_stats":{"cpu_usage":{"total_usage":5}},
            "memory_stats":{"usage":100,"limit":1000,"stats":{"inactive_file":40}},"networks":null}"#;
        check(second, None, Some((60, Some(1000), 0, 0)));
        check(r#"{"cpu_stats":{"cpu_usage":{"total_usage":0}},"memory_stats":{}}"#, None, None);
    }
}
