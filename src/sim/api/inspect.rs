//! Containers as JSON: an element of the list, and inspect.

use serde_json::{Map, Value, json};

use super::super::clock::Moment;
use super::super::stamp::{or_never, rfc3339};
use super::super::world::World;
use super::super::world::container::{Container, Endpoint, Mount, Phase};
use super::super::world::subnet::Subnet;
use crate::observed::span_in_words;

/// The answer of `GET /containers/{id}/json`.
pub(super) fn inspected(world: &World, container: &Container) -> Value {
    let argv = container.argv();
    let (path, arguments) = argv.split_first().map_or(("", &[][..]), |(first, rest)| (first.as_str(), rest));
    let folder = format!("/var/lib/docker/containers/{}", container.id);
    let was_started = container.life.started.is_some();
    let file = |name: &str| if was_started { format!("{folder}/{name}") } else { String::new() };
    json!({
        "Id": container.id,
        "Created": rfc3339(container.created),
        "Path": path,
        "Args": arguments,
        "State": state(container),
        "Image": container.image,
        "ResolvConfPath": file("resolv.conf"),
        "HostnamePath": file("hostname"),
        "HostsPath": file("hosts"),
        "LogPath": file(&format!("{}-json.log", container.id)),
        "Name": format!("/{}", container.name),
        "RestartCount": container.life.restarts,
        "Driver": "overlay2",
        "Platform": "linux",
        "MountLabel": "",
        "ProcessLabel": "",
        "AppArmorProfile": "",
        "ExecIDs": world.running_execs(&container.id),
        "HostConfig": container.host,
        "GraphDriver": { "Data": null, "Name": "overlay2" },
        "Mounts": container.mounts.iter().map(mount).collect::<Vec<_>>(),
        "Config": container.config,
        "NetworkSettings": {
            "Bridge": "", "SandboxID": "", "SandboxKey": "", "Ports": ports(container),
            "HairpinMode": false, "LinkLocalIPv6Address": "", "LinkLocalIPv6PrefixLen": 0,
            "SecondaryIPAddresses": null, "SecondaryIPv6Addresses": null, "EndpointID": "", "Gateway": "",
            "GlobalIPv6Address": "", "GlobalIPv6PrefixLen": 0, "IPAddress": "", "IPPrefixLen": 0,
            "IPv6Gateway": "", "MacAddress": "", "Networks": networks(world, container),
        },
    })
}

/// An element of `GET /containers/json`.
pub(super) fn listed(world: &World, container: &Container) -> Value {
    let networks = networks(world, container);
    json!({
        "Id": container.id,
        "Names": [format!("/{}", container.name)],
        "Image": if is_named(world, container) { container.image_name() } else { &container.image },
        "ImageID": container.image,
        "Command": command(&container.argv()),
        "Created": container.created.seconds(),
        "Ports": listed_ports(container),
        "Labels": container.config.get("Labels"),
        "State": container.phase().word(),
        "Status": status(container, world.now),
        "HostConfig": { "NetworkMode": container.network_mode() },
        "NetworkSettings": { "Networks": networks },
        "Mounts": container.mounts.iter().map(mount).collect::<Vec<_>>(),
    })
}

/// Whether the image still goes by the name that the container was made with.
fn is_named(world: &World, container: &Container) -> bool {
    world.image(container.image_name()).is_ok_and(|image| image.id == container.image)
}

fn state(container: &Container) -> Value {
    let (life, phase) = (&container.life, container.phase());
    let mut state = json!({
        "Status": phase.word(),
        "Running": phase.is_running(),
        "Paused": phase == Phase::Paused,
        "Restarting": phase == Phase::Restarting,
        "OOMKilled": life.oom_killed,
        "Dead": false,
        "Pid": life.pid,
        "ExitCode": life.exit_code,
        "Error": life.error,
        "StartedAt": or_never(life.started),
        "FinishedAt": or_never(life.finished),
    });
    if let Some(health) = &life.health {
        state["Health"] = health.json();
    }
    state
}

fn mount(mount: &Mount) -> Value {
    let mut value = Map::new();
    value.insert("Type".to_owned(), json!(mount.kind));
    if mount.kind == "volume" {
        value.insert("Name".to_owned(), json!(mount.volume));
    }
    value.insert("Source".to_owned(), json!(mount.source));
    value.insert("Destination".to_owned(), json!(mount.target));
    if mount.kind == "volume" {
        value.insert("Driver".to_owned(), json!("local"));
    }
    value.insert("Mode".to_owned(), json!(mount.mode));
    value.insert("RW".to_owned(), json!(mount.writable));
    value.insert("Propagation".to_owned(), json!(if mount.kind == "bind" { "rprivate" } else { "" }));
    Value::Object(value)
}

/// The addresses that a binding listens on: all of IPv4 and of IPv6 where none is named.
fn addresses(host_ip: &str) -> Vec<&str> {
    if host_ip.is_empty() { vec!["0.0.0.0", "::"] } else { vec![host_ip] }
}

fn ports(container: &Container) -> Value {
    let mut ports = Map::new();
    if !container.phase().is_running() || container.phase() == Phase::Restarting {
        return Value::Object(ports);
    }
    for target in exposed(container) {
        ports.insert(target, Value::Null);
    }
    for binding in &container.ports {
        let list = addresses(&binding.host_ip)
            .into_iter()
            .map(|ip| json!({ "HostIp": ip, "HostPort": binding.host_port.to_string() }));
        let entry = ports.entry(binding.target.clone()).or_insert(Value::Null);
        let mut all = entry.as_array().cloned().unwrap_or_default();
        all.extend(list);
        *entry = Value::Array(all);
    }
    Value::Object(ports)
}

fn exposed(container: &Container) -> Vec<String> {
    let exposed = container.config.get("ExposedPorts").and_then(Value::as_object);
    exposed.into_iter().flatten().map(|(target, _)| target.clone()).collect()
}

fn listed_ports(container: &Container) -> Vec<Value> {
    if !container.phase().is_running() || container.phase() == Phase::Restarting {
        return Vec::new();
    }
    let parts = |target: &str| {
        let (port, kind) = target.split_once('/').unwrap_or((target, "tcp"));
        (port.parse::<u16>().unwrap_or(0), kind.to_owned())
    };
    let is_bound = |target: &String| container.ports.iter().any(|binding| binding.target == *target);
    let mut list = Vec::new();
    for target in exposed(container).into_iter().filter(|target| !is_bound(target)) {
        let (port, kind) = parts(&target);
        list.push(json!({ "PrivatePort": port, "Type": kind }));
    }
    for binding in &container.ports {
        let (port, kind) = parts(&binding.target);
        for ip in addresses(&binding.host_ip) {
            let public = binding.host_port;
            list.push(json!({ "IP": ip, "PrivatePort": port, "PublicPort": public, "Type": kind }));
        }
    }
    list
}

fn networks(world: &World, container: &Container) -> Value {
    let all = container.endpoints.iter();
    Value::Object(all.map(|it| (it.network.clone(), endpoint(world, container, it))).collect())
}

fn endpoint(world: &World, container: &Container, endpoint: &Endpoint) -> Value {
    let network = world.network(&endpoint.network).ok();
    let attached = endpoint.attached.as_ref();
    let of = |key: &str| endpoint.settings.get(key).cloned().unwrap_or(Value::Null);
    let subnet = network.and_then(|network| network.subnet).filter(|_| attached.is_some());
    let aliases = of("Aliases");
    let names: Vec<Value> = match network.map(|network| network.name.as_str()) {
        None | Some("bridge" | "host" | "none") => Vec::new(),
        Some(_) => {
            let own = std::iter::once(json!(container.name));
            let short = json!(container.id[..12]);
            let others = aliases.as_array().cloned().unwrap_or_default();
            let mut names: Vec<Value> = own.chain(others).chain(std::iter::once(short)).collect();
            let mut seen = Vec::new();
            names.retain(|name| {
                !seen.contains(name) && {
                    seen.push(name.clone());
                    true
                }
            });
            names
        }
    };
    json!({
        "IPAMConfig": of("IPAMConfig"),
        "Links": of("Links"),
        "Aliases": aliases,
        "MacAddress": attached.map_or("", |it| &it.mac),
        "DriverOpts": of("DriverOpts"),
        "GwPriority": endpoint.settings.get("GwPriority").cloned().unwrap_or(json!(0)),
        "NetworkID": endpoint.network_id,
        "EndpointID": attached.map_or("", |it| &it.id),
        "Gateway": subnet.map_or_else(String::new, |subnet| subnet.address(1).to_string()),
        "IPAddress": attached.map_or("", |it| &it.address),
        "IPPrefixLen": subnet.map_or(0, Subnet::bits),
        "IPv6Gateway": "",
        "GlobalIPv6Address": "",
        "GlobalIPv6PrefixLen": 0,
        "DNSNames": if names.is_empty() { Value::Null } else { Value::Array(names) },
    })
}

/// A command as the list shows it: words with blanks or quotes in quotes.
fn command(argv: &[String]) -> String {
    let quoted = |word: &String| {
        if word.contains([' ', '"', '\n', ';']) { format!("'{word}'") } else { word.clone() }
    };
    argv.iter().map(quoted).collect::<Vec<_>>().join(" ")
}

/// `Up 2 minutes (healthy)`, `Exited (137) 3 hours ago` (moby, `container/state.go`).
fn status(container: &Container, now: Moment) -> String {
    let life = &container.life;
    let since = |moment: Option<Moment>| {
        span_in_words(moment.map_or(0, |moment| now.since(moment).as_secs().cast_signed()))
    };
    match container.phase() {
        Phase::Created => "Created".to_owned(),
        Phase::Paused => format!("Up {} (Paused)", since(life.started)),
        Phase::Restarting => format!("Restarting ({}) {} ago", life.exit_code, since(life.finished)),
        Phase::Exited => format!("Exited ({}) {} ago", life.exit_code, since(life.finished)),
        Phase::Running => {
            let health = match life.health.as_ref().map(super::super::world::health::Health::status) {
                None => String::new(),
                Some("starting") => " (health: starting)".to_owned(),
                Some(status) => format!(" ({status})"),
            };
            format!("Up {}{health}", since(life.started))
        }
    }
}
