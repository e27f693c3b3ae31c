//! Services, networks and volumes → the bodies that create them, as Docker Compose 2.40.3 sends them.
//!
//! The rules were read off Compose's own requests, so that what one tool makes the other finds unchanged. Fields that are
//! at the engine's default are left out where that leaves no trace in inspect. Nothing here looks at what runs, but for the
//! anonymous volumes of the container that is replaced.

mod files;
mod host;
mod labels;
mod mounts;
mod network;
mod resource;
mod resources;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use crate::compose::emit::Flavour;
use crate::compose::hash;
use crate::compose::model::{Environment, Healthcheck, Project, Service};
use crate::observed::{Container, Image, label};

use super::{ContainerRef, Late, NetworkRef, OneOff, PutFile, Refusal, late};

pub(super) use resource::{network as network_body, volume as volume_body};

/// What a body depends on besides the service.
pub(super) struct Context<'a> {
    pub(super) project: &'a Project,
    /// The API version spoken with the engine.
    pub(super) api: (u32, u32),
    /// Which way of hashing is written.
    pub(super) flavour: Flavour,
    /// What makes it a one-off, if it is one.
    pub(super) one_off: Option<&'a OneOff>,
    /// With `--no-deps` the services that are named: dependencies on others are not recorded.
    pub(super) named: Option<BTreeSet<&'a str>>,
    /// The first container of each service whose namespace or volumes another shares.
    pub(super) shared: &'a BTreeMap<String, ContainerRef>,
    /// The names of each service's containers as they will be, for `links`.
    pub(super) names: &'a BTreeMap<String, Vec<String>>,
}

/// One container to make.
pub(super) struct Wanted<'a> {
    pub(super) service: &'a Service,
    /// The number of the replica, from 1.
    pub(super) number: u32,
    /// The container that it replaces and that is there until then; the label says so.
    pub(super) replaces: Option<&'a Container>,
    /// The container whose anonymous volumes it takes over.
    pub(super) heir_of: Option<&'a Container>,
    /// The image, where the engine has it already.
    pub(super) image: Option<&'a Image>,
}

/// What creates a container.
pub(super) struct Creation {
    /// The body of `POST /containers/create`, without the label that records the image's digest.
    pub(super) body: Value,
    /// Networks to connect afterwards (API below 1.44).
    pub(super) connect: Vec<(NetworkRef, Value)>,
    /// What is settled when it is sent.
    pub(super) late: Option<Late>,
    /// Files to copy in before it starts.
    pub(super) files: Vec<PutFile>,
}

/// The API version from which one create call attaches several networks, a MAC address belongs to a network, and
/// `start_interval` is known.
const API_1_44: (u32, u32) = (1, 44);

/// Makes the body of a container.
///
/// # Errors
/// What the engine or Docker Compose cannot do: external secrets, a health check option that the engine is too old for, …
pub(super) fn container(context: &Context<'_>, wanted: &Wanted<'_>) -> Result<Creation, Refusal> {
    let shared = resolve(context.shared, wanted.service)?;
    let service = &shared.service;
    let links = links(context, service, wanted.number);
    let network = network::plan(context, service, wanted.number, &links)?;
    let mut labels = labels::of_container(context, wanted);
    let hashed = hash::service_text(service, context.flavour);
    labels.insert(label::CONFIG_HASH.to_owned(), json!(late::sha256(&hashed)));
    let mut body = config(context, service)?;
    body.insert("Labels".to_owned(), Value::Object(labels));
    if let Some(address) = &network.container_mac {
        body.insert("MacAddress".to_owned(), json!(address));
    }
    let mut host = host::config(context, service, &links)?;
    host.insert("NetworkMode".to_owned(), json!(network.mode));
    if context.one_off.is_some_and(|one_off| one_off.auto_remove) {
        host.insert("AutoRemove".to_owned(), json!(true));
    }
    mounts::add(&mut host, context, wanted)?;
    body.insert("HostConfig".to_owned(), Value::Object(host));
    if let Some(endpoints) = network.endpoints {
        body.insert("NetworkingConfig".to_owned(), json!({ "EndpointsConfig": endpoints }));
    }
    let late = (!shared.ids.is_empty()).then_some(Late { ids: shared.ids, hashed });
    let files = files::inline(context.project, service)?;
    Ok(Creation { body: Value::Object(body), connect: network.connect, late, files })
}

/// The settings with which a replica joins one network of the file, which is there already.
///
/// # Errors
/// As for [`container`].
pub(super) fn endpoint(
    context: &Context<'_>,
    service: &Service,
    number: u32,
    key: &str,
) -> Result<Value, Refusal> {
    network::endpoint(context, service, number, &links(context, service, number), key)
}

/// The name that a container of this number gets.
pub(super) fn container_name(project: &Project, service: &Service, number: u32) -> String {
    let between = project.separator();
    let made = || format!("{}{between}{}{between}{number}", project.name, service.name);
    service.container_name.clone().unwrap_or_else(made)
}

/// `NAME=value` for each variable, and the bare name for one that has no value, which removes the image's.
pub(super) fn environment(variables: &Environment) -> Vec<String> {
    let entry = |(name, value): (&String, &Option<String>)| match value {
        Some(value) => format!("{name}={value}"),
        None => name.clone(),
    };
    variables.iter().map(entry).collect()
}

/// A service whose references to other services are ids of containers, or placeholders for them.
struct Shared {
    service: Service,
    ids: Vec<(String, ContainerRef)>,
}

/// A service with the ids of the containers that it shares with in place; none while one of them is not there.
pub(super) fn with_ids(service: &Service, shared: &BTreeMap<String, ContainerRef>) -> Option<Service> {
    let shared = resolve(shared, service).ok()?;
    shared.ids.is_empty().then_some(shared.service)
}

/// The services whose namespaces or volumes this one shares.
pub(super) fn shared_services(service: &Service) -> Vec<&str> {
    let modes = [&service.network_mode, &service.ipc, &service.pid];
    let namespaces = modes.into_iter().flatten().filter_map(|mode| mode.strip_prefix("service:"));
    let volumes = service.volumes_from.iter().filter(|from| !from.starts_with("container:"));
    namespaces.chain(volumes.map(|from| from.split(':').next().unwrap_or(from))).collect()
}

/// Docker Compose puts ids in before it hashes, and drops the access mode of `volumes_from`.
fn resolve(containers: &BTreeMap<String, ContainerRef>, service: &Service) -> Result<Shared, Refusal> {
    let mut shared = Shared { service: service.clone(), ids: Vec::new() };
    let modes = [
        (&mut shared.service.network_mode, "network namespace"),
        (&mut shared.service.ipc, "IPC namespace"),
        (&mut shared.service.pid, "PID namespace"),
    ];
    for (mode, what) in modes {
        let Some(other) = mode.as_deref().and_then(|mode| mode.strip_prefix("service:")) else { continue };
        let id = id_of(containers, other, what, &mut shared.ids)?;
        *mode = Some(format!("container:{id}"));
    }
    for from in &mut shared.service.volumes_from {
        let mut parts = from.split(':');
        let first = parts.next().unwrap_or_default();
        *from = match (first, parts.next()) {
            ("container", Some(name)) => name.to_owned(),
            (other, _) => id_of(containers, other, "volume", &mut shared.ids)?,
        };
    }
    Ok(shared)
}

fn id_of(
    containers: &BTreeMap<String, ContainerRef>,
    service: &str,
    what: &str,
    late: &mut Vec<(String, ContainerRef)>,
) -> Result<String, Refusal> {
    match containers.get(service) {
        Some(ContainerRef::Id(id)) => Ok(id.to_string()),
        Some(made) => {
            let placeholder = late::placeholder(service);
            if !late.iter().any(|(known, _)| *known == placeholder) {
                late.push((placeholder.clone(), made.clone()));
            }
            Ok(placeholder)
        }
        None => Err(Refusal::new(format!("cannot share {what} with service {service}: container missing"))
            .hint(format!("bring {service} up as well"))),
    }
}

/// Each linked container under its alias and under the two names that Compose v1 gave it.
fn links(context: &Context<'_>, service: &Service, number: u32) -> Vec<String> {
    let mut links = Vec::new();
    let between = context.project.separator();
    for link in &service.links {
        let (other, alias) = link.split_once(':').unwrap_or((link, link));
        for name in context.names.get(other).into_iter().flatten() {
            links.push(format!("{name}:{alias}"));
            links.push(format!("{name}:{other}{between}{number}"));
            links.push(format!("{name}:{}{between}{other}{between}{number}", context.project.name));
        }
    }
    for link in &service.external_links {
        let (container, alias) = link.split_once(':').unwrap_or((link, link));
        links.push(format!("{container}:{alias}"));
    }
    links
}

/// The part of the body that stands outside `HostConfig` and concerns neither labels nor networks.
fn config(context: &Context<'_>, service: &Service) -> Result<Map<String, Value>, Refusal> {
    let text = |value: &Option<String>| value.as_deref().unwrap_or_default().to_owned();
    let mut body = Map::new();
    let mut put = |key: &str, value: Value| body.insert(key.to_owned(), value);
    put("Image", json!(context.project.image_of(service)));
    put("Hostname", json!(text(&service.hostname)));
    put("Domainname", json!(text(&service.domainname)));
    put("User", json!(text(&service.user)));
    put("WorkingDir", json!(text(&service.working_dir)));
    put("AttachStdout", json!(true));
    put("AttachStderr", json!(true));
    if context.one_off.is_some_and(|one_off| one_off.interactive) {
        put("AttachStdin", json!(true));
        put("StdinOnce", json!(service.stdin_open));
    }
    put("Tty", json!(service.tty));
    put("OpenStdin", json!(service.stdin_open));
    put("Cmd", json!(service.command));
    put("Entrypoint", json!(service.entrypoint));
    if !service.environment.is_empty() {
        put("Env", json!(environment(&service.environment)));
    }
    if service.network_mode.as_deref() == Some("disabled") {
        put("NetworkDisabled", json!(true));
    }
    let ports = exposed(service);
    if !ports.is_empty() {
        put("ExposedPorts", Value::Object(ports));
    }
    if let Some(signal) = &service.stop_signal {
        put("StopSignal", json!(signal));
    }
    if let Some(period) = service.stop_grace_period {
        put("StopTimeout", json!(period.0 / 1_000_000_000));
    }
    if let Some(check) = &service.healthcheck {
        put("Healthcheck", healthcheck(context, service, check)?);
    }
    Ok(body)
}

/// `expose` as it is written, and the target of every published port.
fn exposed(service: &Service) -> Map<String, Value> {
    let exposed = service.expose.iter().cloned();
    let published = service.ports.iter().map(port_key);
    exposed.chain(published).map(|port| (port, json!({}))).collect()
}

/// `80/tcp`
fn port_key(port: &crate::compose::model::Port) -> String {
    format!("{}/{}", port.target, port.protocol.as_deref().unwrap_or("tcp"))
}

fn healthcheck(context: &Context<'_>, service: &Service, check: &Healthcheck) -> Result<Value, Refusal> {
    let mut body = Map::new();
    let test = if check.disable { vec!["NONE".to_owned()] } else { check.test.clone() };
    if !test.is_empty() {
        body.insert("Test".to_owned(), json!(test));
    }
    let durations = [
        ("Interval", check.interval),
        ("Timeout", check.timeout),
        ("StartPeriod", check.start_period),
        ("StartInterval", check.start_interval),
    ];
    if check.start_interval.is_some() && context.api < API_1_44 {
        let why =
            format!("service {}: healthcheck.start_interval needs Docker Engine 25 or later", service.name);
        return Err(Refusal::new(why).hint("take start_interval out of the file"));
    }
    // The engine takes it and then never probes (moby issue 48874); Docker Compose refuses it as well.
    if check.start_interval.is_some() && check.start_period.is_none() {
        let why = format!(
            "service {}: healthcheck.start_interval requires healthcheck.start_period to be set",
            service.name
        );
        return Err(Refusal::new(why).hint("set start_period, or take start_interval out of the file"));
    }
    for (key, duration) in durations {
        if let Some(duration) = duration {
            body.insert(key.to_owned(), json!(duration.0));
        }
    }
    if let Some(retries) = check.retries {
        body.insert("Retries".to_owned(), json!(retries));
    }
    Ok(Value::Object(body))
}
