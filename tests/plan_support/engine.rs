//! An engine as plain data: what a project's own plan would have made, then changed line by line.
//!
//! `web-1 exited 1`, `web-1 running`, `web-1 paused`, `db-1 healthy|unhealthy|starting`, `web-1 hash other`,
//! `web-1 gone`, `web-1 ports 8080:80`, `one-off job running`, `orphan old-1 running`, `other app-1 port 8080`,
//! `other shop-web-1`, `network default gone|other|labelled X`, `network NAME`, `volume data gone|other`, `volume NAME`,
//! `image nginx gone|new`, `image nginx tagged 25 hours ago`, `api 1.41`.

use std::collections::BTreeMap;
use std::sync::Arc;

use dockside::compose::model::Project;
use dockside::observed::{
    Attachment, Container, ContainerId, Health, HealthStatus, Image, Mount, Network, Observed, PublishedPort,
    State, Volume, label,
};
use dockside::plan::{self, ContainerRef, OpId, OpKind, Options, Request, Target, Verb};
use serde_json::{Value, json};

/// The engine that `before` was brought up on, with the images that `compose` names too, after these changes.
pub fn observed(before: Option<&Project>, compose: &Project, tweaks: &str) -> Observed {
    let mut engine = Observed { api: (1, 51), ..Observed::default() };
    for project in before.into_iter().chain([compose]) {
        for service in project.services.values().chain(project.disabled_services.values()) {
            let name = project.image_of(service);
            engine.images.insert(name.clone(), image(&name, "1"));
        }
        let externals = project.networks.values().filter(|network| network.external);
        engine.networks.extend(externals.map(|network| named_network(&network.name)));
        let externals = project.volumes.values().filter(|volume| volume.external);
        engine.volumes.extend(externals.map(|volume| named_volume(&volume.name)));
    }
    engine.networks.dedup_by(|one, other| one.name == other.name);
    engine.volumes.dedup_by(|one, other| one.name == other.name);
    if let Some(project) = before {
        bring_up(&mut engine, project);
    }
    for tweak in tweaks.lines().filter(|line| !line.trim().is_empty()) {
        change(&mut engine, &tweak.split_whitespace().collect::<Vec<_>>());
    }
    engine
}

/// An image with a volume where the name says so: `vol/data` has one at `/data`.
fn image(name: &str, digest: &str) -> Image {
    let volumes = name.strip_prefix("vol").map(|path| json!({ path: {} })).unwrap_or_default();
    Image {
        id: format!("sha256:{name}@{digest}"),
        platform: "linux/amd64".to_owned(),
        config: json!({"Cmd": ["run"], "Env": ["PATH=/bin"], "Volumes": volumes}),
        ..Image::default()
    }
}

fn named_network(name: &str) -> Network {
    Network { id: format!("id-of-{name}"), name: name.to_owned(), ..Network::default() }
}

fn named_volume(name: &str) -> Volume {
    Volume { name: name.to_owned(), ..Volume::default() }
}

fn bring_up(engine: &mut Observed, project: &Project) {
    let request = Request {
        project: project.name.clone(),
        verb: Verb::Up,
        target: Target::Project,
        options: Options::default(),
    };
    let plan = plan::make(Some(project), engine, &request).unwrap();
    let mut made: BTreeMap<OpId, ContainerId> = BTreeMap::new();
    for (index, op) in plan.ops.iter().enumerate() {
        match &op.kind {
            OpKind::CreateNetwork { body } => engine.networks.push(Network {
                id: format!("id-of-{}", op.subject),
                name: op.subject.clone(),
                driver: "bridge".to_owned(),
                labels: strings(&body["Labels"]),
            }),
            OpKind::CreateVolume { body } => engine.volumes.push(Volume {
                name: op.subject.clone(),
                driver: "local".to_owned(),
                labels: strings(&body["Labels"]),
            }),
            OpKind::CreateContainer { name, image, body, late, .. } => {
                let mut body = body.clone();
                let id_of = |container: &ContainerRef| match container {
                    ContainerRef::Of(op) => made.get(op).cloned(),
                    ContainerRef::Id(id) => Some(id.clone()),
                };
                if let Some(late) = late {
                    late.settle(&mut body, id_of).unwrap();
                }
                body["Labels"][label::IMAGE] = json!(image.digest);
                let id = format!("{:012x}{}", index + 0xc0, "0".repeat(52));
                made.insert(OpId(index), ContainerId::from(id.as_str()));
                engine.containers.push(container(&id, name, &body, image.digest.as_deref()));
            }
            _ => {}
        }
    }
}

/// A running container as inspect would show it.
fn container(id: &str, name: &str, body: &Value, digest: Option<&str>) -> Container {
    let mut container = Container::new(id, name);
    body["Image"].as_str().unwrap_or_default().clone_into(&mut container.image);
    digest.unwrap_or_default().clone_into(&mut container.image_id);
    container.labels = strings(&body["Labels"]);
    container.state = State::Running;
    let has_check = body["Healthcheck"]["Test"].is_array();
    container.health = has_check.then(|| health(HealthStatus::Healthy));
    let endpoints = &body["NetworkingConfig"]["EndpointsConfig"];
    for network in endpoints.as_object().into_iter().flatten().map(|(name, _)| name) {
        let network_id = format!("id-of-{network}");
        container.networks.insert(network.clone(), Attachment { network_id, ..Attachment::default() });
    }
    container.ports = ports(&body["HostConfig"]["PortBindings"]);
    container.mounts = mounts(&body["HostConfig"], digest);
    container.inspect = Some(Arc::new(inspect(id, body)));
    container
}

fn inspect(id: &str, body: &Value) -> Value {
    let mut config = body.clone();
    for key in ["HostConfig", "NetworkingConfig"] {
        config.as_object_mut().unwrap().shift_remove(key);
    }
    if config["Hostname"] == "" {
        config["Hostname"] = json!(&id[..12]);
    }
    let mut environment = config["Env"].as_array().cloned().unwrap_or_default();
    environment.insert(0, json!("PATH=/bin"));
    config["Env"] = json!(environment);
    if config["Cmd"].is_null() && config["Entrypoint"].is_null() {
        config["Cmd"] = json!(["run"]);
    }
    json!({
        "Id": id,
        "Config": config,
        "HostConfig": body["HostConfig"],
        "NetworkSettings": {"Networks": body["NetworkingConfig"]["EndpointsConfig"]},
    })
}

fn health(status: HealthStatus) -> Health {
    Health { status, failing_streak: 0, retries: 3, probes: Vec::new() }
}

fn ports(bindings: &Value) -> Vec<PublishedPort> {
    let mut ports = Vec::new();
    for (target, bindings) in bindings.as_object().into_iter().flatten() {
        let (target, protocol) = target.split_once('/').unwrap();
        for binding in bindings.as_array().unwrap() {
            ports.push(PublishedPort {
                target: target.parse().unwrap(),
                protocol: protocol.to_owned(),
                host_ip: "0.0.0.0".parse().ok(),
                published: binding["HostPort"].as_str().unwrap().parse().ok(),
            });
        }
    }
    ports
}

/// Binds of volumes, anonymous mounts, and the image's own volumes.
fn mounts(host: &Value, digest: Option<&str>) -> Vec<Mount> {
    let volume = |name: &str, target: &str| Mount {
        kind: "volume".to_owned(),
        name: name.to_owned(),
        target: target.to_owned(),
        writable: true,
        ..Mount::default()
    };
    let mut mounts = Vec::new();
    for bind in host["Binds"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        let mut parts = bind.split(':');
        let (source, target) = (parts.next().unwrap(), parts.next().unwrap());
        if !source.starts_with('/') {
            mounts.push(volume(source, target));
        }
    }
    for mount in host["Mounts"].as_array().into_iter().flatten().filter(|mount| mount["Type"] == "volume") {
        let name = mount["Source"].as_str().map_or("ab".repeat(32), str::to_owned);
        mounts.push(volume(&name, mount["Target"].as_str().unwrap()));
    }
    if let Some(path) = digest.and_then(|digest| digest.strip_prefix("sha256:vol")) {
        mounts.push(volume(&"cd".repeat(32), path.split('@').next().unwrap()));
    }
    mounts
}

fn strings(map: &Value) -> BTreeMap<String, String> {
    let entries = map.as_object().into_iter().flatten();
    entries.filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned()))).collect()
}

fn change(engine: &mut Observed, words: &[&str]) {
    match words {
        ["api", version] => {
            let (major, minor) = version.split_once('.').unwrap();
            engine.api = (major.parse().unwrap(), minor.parse().unwrap());
        }
        ["image", name, "gone"] => drop(engine.images.remove(*name)),
        ["image", name, "new"] => drop(engine.images.insert((*name).to_owned(), image(name, "2"))),
        ["image", name, "tagged", hours, "hours", "ago"] => {
            let now = jiff::Timestamp::UNIX_EPOCH + jiff::SignedDuration::from_hours(100_000);
            let ago = jiff::SignedDuration::from_hours(hours.parse().unwrap());
            engine.images.get_mut(*name).unwrap().tagged = Some(now - ago);
            engine.read_at = Some(now);
        }
        ["image", name, "built", service] => {
            let image = engine.images.get_mut(*name).unwrap();
            image.labels.insert(label::PROJECT.to_owned(), "shop".to_owned());
            image.labels.insert(label::SERVICE.to_owned(), (*service).to_owned());
        }
        ["network", name] => engine.networks.push(named_network(name)),
        ["network", key, how @ ..] => change_network(engine, &format!("shop_{key}"), how),
        ["volume", name] => engine.volumes.push(named_volume(name)),
        ["volume", key, "gone"] => {
            engine.volumes.retain(|volume| volume.name != format!("shop_{key}") && volume.name != *key);
        }
        ["volume", key, "other"] => {
            let volume =
                engine.volumes.iter_mut().find(|volume| volume.name == format!("shop_{key}")).unwrap();
            volume.labels.insert(label::CONFIG_HASH.to_owned(), "other".to_owned());
        }
        ["other", name, rest @ ..] => other(engine, name, rest),
        ["orphan", name, state @ ..] => labelled(engine, name, state, "False"),
        ["one-off", name, state @ ..] => labelled(engine, name, state, "True"),
        [name, how @ ..] => change_container(engine, &format!("shop-{name}"), how),
        [] => {}
    }
}

fn change_network(engine: &mut Observed, name: &str, how: &[&str]) {
    if how == ["gone"] {
        let full = name.strip_prefix("shop_");
        engine.networks.retain(|network| network.name != name && Some(network.name.as_str()) != full);
        return;
    }
    let network = engine.networks.iter_mut().find(|network| network.name == name).unwrap();
    match how {
        ["other"] => network.labels.insert(label::CONFIG_HASH.to_owned(), "other".to_owned()),
        ["anew"] => {
            network.id = format!("new-id-of-{name}");
            None
        }
        ["labelled", key, value] => {
            network.labels.insert(format!("com.docker.compose.{key}"), (*value).to_owned())
        }
        _ => panic!("unknown {how:?}"),
    };
}

/// A container of nobody, or of project `app`.
fn other(engine: &mut Observed, name: &str, rest: &[&str]) {
    let mut container = Container::new(format!("{name:0<64}").as_str(), name);
    container.state = State::Running;
    match rest {
        ["port", port] => {
            let (address, port) = port.split_once(':').unwrap_or(("0.0.0.0", port));
            container.ports.push(PublishedPort {
                target: 80,
                protocol: "tcp".to_owned(),
                host_ip: address.parse().ok(),
                published: port.parse().ok(),
            });
        }
        ["in", network] => {
            let network_id = format!("id-of-{network}");
            container
                .networks
                .insert((*network).to_owned(), Attachment { network_id, ..Attachment::default() });
        }
        ["of", project] => drop(container.labels.insert(label::PROJECT.to_owned(), (*project).to_owned())),
        ["version", version] => {
            drop(container.labels.insert(label::VERSION.to_owned(), (*version).to_owned()));
        }
        _ => {}
    }
    engine.others.push(container);
}

fn labelled(engine: &mut Observed, name: &str, state: &[&str], one_off: &str) {
    let mut container = Container::new(format!("{name:0<64}").as_str(), &format!("shop-{name}"));
    let service = name.rsplit_once('-').map_or(name, |(service, _)| service);
    let labels = [(label::PROJECT, "shop"), (label::SERVICE, service), (label::ONE_OFF, one_off)];
    container.labels = labels.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    let network_id = "id-of-shop_default".to_owned();
    container.networks.insert("shop_default".to_owned(), Attachment { network_id, ..Attachment::default() });
    set_state(&mut container, state);
    engine.containers.push(container);
}

fn change_container(engine: &mut Observed, name: &str, how: &[&str]) {
    if how == ["gone"] {
        engine.containers.retain(|container| container.name != name);
        return;
    }
    let found = engine.containers.iter_mut().find(|container| container.name == name);
    let container = found.unwrap_or_else(|| panic!("no container {name}"));
    match how {
        ["hash", hash] => drop(container.labels.insert(label::CONFIG_HASH.to_owned(), (*hash).to_owned())),
        ["label", key, value] => {
            container.labels.insert(format!("com.docker.compose.{key}"), (*value).to_owned());
        }
        ["uninspected"] => container.inspect = None,
        ["unmounted"] => container.mounts.clear(),
        state => set_state(container, state),
    }
}

fn set_state(container: &mut Container, state: &[&str]) {
    match state {
        [] => container.state = State::Running,
        ["healthy"] => container.health = Some(health(HealthStatus::Healthy)),
        ["unhealthy"] => container.health = Some(health(HealthStatus::Unhealthy)),
        ["starting"] => container.health = Some(health(HealthStatus::Starting)),
        [word, code @ ..] => {
            container.state = State::from_word(word);
            container.exit_code = code.first().and_then(|code| code.parse().ok());
            container.ports.clear();
        }
    }
}
