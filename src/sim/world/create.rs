//! Making, naming and removing containers.

use serde_json::{Map, Value};
use tokio::sync::watch;

use super::super::answer::Refusal;
use super::container::{Container, Endpoint, Life, Mount, Phase, Pulse, texts};
use super::log::Log;
use super::resource::Image;
use super::{World, check, signal};

/// `HostConfig` as the engine fills it in.
const HOST_DEFAULTS: &str = include_str!("host_config.json");

impl World {
    /// Makes a container from the body of `POST /containers/create`, and gives its id.
    pub(in super::super) fn create(&mut self, name: Option<&str>, body: &Value) -> Result<String, Refusal> {
        let image_name = body["Image"].as_str().unwrap_or_default();
        if body.as_object().is_none_or(Map::is_empty) {
            return Err(Refusal::bad("config cannot be empty in order to create a container"));
        }
        let image = match image_name {
            "" => Image::default(),
            name => self.image(name)?.clone(),
        };
        check::all(body)?;
        let id = self.next_id();
        let name = self.free_name(name, &id)?;
        let config = config(body, &image, &id)?;
        let mut host: Map<String, Value> = serde_json::from_str(HOST_DEFAULTS).unwrap_or_default();
        let wanted = body["HostConfig"].as_object().cloned().unwrap_or_default();
        host.extend(wanted.into_iter().filter(|(_, value)| !value.is_null()));
        if let Some(other) =
            host.get("NetworkMode").and_then(Value::as_str).and_then(|it| it.strip_prefix("container:"))
            && let Ok(id) = self.id_of(other)
        {
            host.insert("NetworkMode".to_owned(), Value::from(format!("container:{id}")));
        }
        let endpoints = self.endpoints(body, &host)?;
        let mounts = self.mounts(&config, &host);
        let number = self.next_number();
        let container = Container {
            id: id.clone(),
            name,
            number,
            created: self.now,
            image: image.id,
            config,
            host,
            endpoints,
            mounts,
            ports: Vec::new(),
            files: image.files,
            life: Life::default(),
            log: Log::new(self.containers.len()),
            pulse: watch::Sender::new(Pulse::default()),
        };
        self.containers.insert(id.clone(), container);
        self.tell(&id, "create", &[]);
        Ok(id)
    }

    /// Gives a container another name.
    pub(in super::super) fn rename(&mut self, id: &str, name: &str) -> Result<(), Refusal> {
        let old = self.find(id)?.name.clone();
        let name = name.trim_start_matches('/');
        if name.is_empty() {
            return Err(Refusal::bad("Neither old nor new names may be empty"));
        }
        if name == old {
            return Err(Refusal::bad("Renaming a container with the same name as its current name"));
        }
        let name = self.free_name(Some(name), id).map_err(|Refusal { status, message }| {
            let message = message.replace("container name (", "container name (/");
            Refusal { status, message: format!("Error when allocating new name: {message}") }
        })?;
        self.change(id, |container| {
            container.name = name;
            container.beat(|_| {});
        });
        self.tell(id, "rename", &[("oldName", format!("/{old}"))]);
        Ok(())
    }

    /// Removes a container; by force one that runs.
    pub(in super::super) fn remove(&mut self, id: &str, removal: Removal) -> Result<(), Refusal> {
        let container = self.find(id)?;
        let (phase, name) = (container.phase(), container.name.clone());
        if phase.is_running() && !removal.force {
            let why = match phase {
                Phase::Paused => "container is paused and must be unpaused first".to_owned(),
                phase => format!(
                    "container is {}: stop the container before removing or force remove",
                    phase.word()
                ),
            };
            return Err(Refusal::conflict(format!("cannot remove container \"{name}\": {why}")));
        }
        if phase.is_running() {
            self.kill(id, "SIGKILL")?;
        }
        // With `AutoRemove` it went with its end.
        if self.containers.contains_key(id) {
            self.destroy(id, removal.volumes);
        }
        Ok(())
    }

    /// Takes a container that does not run out of the world.
    pub(super) fn destroy(&mut self, id: &str, volumes: bool) {
        self.unplan(id);
        self.tell(id, "destroy", &[]);
        let Some(container) = self.containers.shift_remove(id) else { return };
        container.beat(|pulse| {
            (pulse.is_removed, pulse.is_running) = (true, false);
        });
        for mount in container.mounts.iter().filter(|mount| volumes && mount.anonymous) {
            let is_used = self
                .containers
                .values()
                .any(|other| other.mounts.iter().any(|one| one.volume == mount.volume));
            if !is_used && let Some(volume) = self.volumes.shift_remove(&mount.volume) {
                let attributes = vec![("driver".to_owned(), volume.driver)];
                self.events.tell(self.now, "volume", "destroy", &mount.volume, attributes);
            }
        }
    }

    fn free_name(&mut self, name: Option<&str>, id: &str) -> Result<String, Refusal> {
        let Some(name) = name.map(|name| name.trim_start_matches('/')) else {
            return Ok(format!("quiet_{}", &id[..8]));
        };
        let is_good = name.len() > 1
            && name.starts_with(|first: char| first.is_ascii_alphanumeric())
            && name.chars().all(|one| one.is_ascii_alphanumeric() || "_.-".contains(one));
        if !is_good {
            return Err(Refusal::bad(format!(
                "Invalid container name ({name}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed"
            )));
        }
        match self.containers.values().find(|other| other.name == name) {
            Some(other) => Err(Refusal::conflict(format!(
                "Conflict. The container name \"/{name}\" is already in use by container \"{}\". You have to remove (or rename) that container to be able to reuse that name.",
                other.id
            ))),
            None => Ok(name.to_owned()),
        }
    }

    fn endpoints(&self, body: &Value, host: &Map<String, Value>) -> Result<Vec<Endpoint>, Refusal> {
        let mode = host.get("NetworkMode").and_then(Value::as_str).unwrap_or_default();
        let mode = if matches!(mode, "" | "default") { "bridge" } else { mode };
        if mode.starts_with("container:") {
            return Ok(Vec::new());
        }
        let wanted = body["NetworkingConfig"]["EndpointsConfig"].as_object();
        let mut endpoints: Vec<Endpoint> = Vec::new();
        for (name, settings) in wanted.into_iter().flatten() {
            let network = self.network(name)?.name.clone();
            let settings = settings.as_object().cloned().unwrap_or_default();
            endpoints.push(Endpoint { network, settings, ..Endpoint::default() });
        }
        if !endpoints.iter().any(|endpoint| endpoint.network == mode) {
            // One that is not there is found out at the start.
            let network = self.network(mode).map_or_else(|_| mode.to_owned(), |network| network.name.clone());
            endpoints.insert(0, Endpoint { network, ..Endpoint::default() });
        }
        Ok(endpoints)
    }

    /// What is mounted: binds, mounts, and the volumes of the image that neither covers. Volumes are made here.
    fn mounts(&mut self, config: &Map<String, Value>, host: &Map<String, Value>) -> Vec<Mount> {
        let mut mounts: Vec<Mount> =
            host.get("Binds").map(texts).unwrap_or_default().iter().map(|it| bind(it)).collect();
        let list = host.get("Mounts").and_then(Value::as_array);
        mounts.extend(list.into_iter().flatten().map(mount));
        let declared = config.get("Volumes").and_then(Value::as_object);
        for target in declared.into_iter().flatten().map(|(target, _)| target) {
            if !mounts.iter().any(|mount| mount.target == *target) {
                mounts.push(Mount { kind: "volume".to_owned(), anonymous: true, ..plain(target) });
            }
        }
        for mount in mounts.iter_mut().filter(|mount| mount.kind == "volume") {
            if mount.volume.is_empty() {
                (mount.volume, mount.anonymous) = (self.next_id(), true);
            }
            self.provide_volume(&mount.volume, "local", Map::new());
            if let Some(volume) = self.volumes.get_mut(&mount.volume) {
                volume.is_anonymous |= mount.anonymous;
                mount.source = volume.mountpoint();
            }
        }
        mounts
    }
}

/// How a container is removed.
#[derive(Clone, Copy, Debug, Default)]
pub(in super::super) struct Removal {
    /// Though it runs.
    pub(in super::super) force: bool,
    /// With its volumes that have no name.
    pub(in super::super) volumes: bool,
}

fn plain(target: &str) -> Mount {
    Mount {
        kind: "bind".to_owned(),
        volume: String::new(),
        source: String::new(),
        target: target.to_owned(),
        mode: String::new(),
        writable: true,
        anonymous: false,
    }
}

/// `SOURCE:TARGET[:MODE]` or `TARGET`; a source that is no path is a volume.
fn bind(text: &str) -> Mount {
    let mut parts = text.splitn(3, ':');
    let (first, second) = (parts.next().unwrap_or_default(), parts.next());
    let mode = parts.next().unwrap_or_default();
    let Some(target) = second else { return Mount { kind: "volume".to_owned(), ..plain(first) } };
    let writable = !mode.split(',').any(|word| word == "ro");
    let is_volume = !first.starts_with(['/', '.', '~']);
    let mut mount = Mount { mode: mode.to_owned(), writable, ..plain(target) };
    if is_volume {
        (mount.kind, mount.volume) = ("volume".to_owned(), first.to_owned());
        if mode.is_empty() {
            "z".clone_into(&mut mount.mode);
        }
    } else {
        first.clone_into(&mut mount.source);
    }
    mount
}

fn mount(value: &Value) -> Mount {
    let text = |key: &str| value[key].as_str().unwrap_or_default().to_owned();
    let kind = text("Type");
    let mode = if kind == "volume" { "z" } else { "" };
    Mount {
        volume: if kind == "volume" { text("Source") } else { String::new() },
        source: if kind == "bind" { text("Source") } else { String::new() },
        mode: mode.to_owned(),
        writable: !value["ReadOnly"].as_bool().unwrap_or(false),
        kind,
        ..plain(&text("Target"))
    }
}

/// `Config`: what was asked for over what the image gives (moby, `daemon/commit.go`, `merge`).
fn config(body: &Value, image: &Image, id: &str) -> Result<Map<String, Value>, Refusal> {
    let given = |key: &str| body.get(key).filter(|value| !value.is_null()).cloned();
    let of_image = |key: &str| image.config.get(key).filter(|value| !value.is_null()).cloned();
    let either = |key: &str| {
        given(key).filter(|value| !is_empty(value)).or_else(|| of_image(key)).unwrap_or(Value::Null)
    };
    let text =
        |key: &str| Some(either(key)).filter(|value| !value.is_null()).unwrap_or_else(|| Value::from(""));
    let both = |key: &str| {
        let mut all = of_image(key).and_then(|value| value.as_object().cloned()).unwrap_or_default();
        all.extend(given(key).and_then(|value| value.as_object().cloned()).unwrap_or_default());
        all
    };
    let flag = |key: &str| Value::Bool(body[key].as_bool().unwrap_or(false));
    let entrypoint = given("Entrypoint").filter(|value| !is_empty(value));
    let command = match (&entrypoint, given("Cmd").filter(|value| !is_empty(value))) {
        (_, Some(command)) => Some(command),
        (None, None) => of_image("Cmd"),
        (Some(_), None) => None,
    };
    let mut config = Map::new();
    let mut set = |key: &str, value: Value| config.insert(key.to_owned(), value);
    set(
        "Hostname",
        given("Hostname").filter(|value| !is_empty(value)).unwrap_or_else(|| Value::from(&id[..12])),
    );
    set("Domainname", given("Domainname").unwrap_or_else(|| Value::from("")));
    set("User", text("User"));
    for key in ["AttachStdin", "AttachStdout", "AttachStderr", "Tty", "OpenStdin", "StdinOnce"] {
        set(key, flag(key));
    }
    set("Env", Value::from(environment(of_image("Env").as_ref(), given("Env").as_ref())));
    set("Cmd", listed(command));
    set("Image", Value::from(body["Image"].as_str().unwrap_or_default()));
    set("WorkingDir", text("WorkingDir"));
    set("Entrypoint", listed(entrypoint.or_else(|| of_image("Entrypoint"))));
    set("OnBuild", Value::Null);
    set("Labels", Value::Object(both("Labels")));
    for key in ["ExposedPorts", "Volumes"] {
        let all = both(key);
        if !all.is_empty() || key == "Volumes" {
            set(key, if all.is_empty() { Value::Null } else { Value::Object(all) });
        }
    }
    for key in ["StopSignal", "StopTimeout", "Healthcheck", "MacAddress"] {
        let value = either(key);
        if !value.is_null() {
            set(key, value);
        }
    }
    check(&config)?;
    Ok(config)
}

fn check(config: &Map<String, Value>) -> Result<(), Refusal> {
    let empty = |key: &str| config.get(key).is_none_or(is_empty);
    if empty("Cmd") && empty("Entrypoint") {
        return Err(Refusal::bad("no command specified"));
    }
    match config.get("StopSignal").and_then(Value::as_str) {
        Some(name) if signal::number(name).is_none() => Err(Refusal::bad(format!("invalid signal: {name}"))),
        _ => Ok(()),
    }
}

/// A command as a list; one text is a list of one.
fn listed(value: Option<Value>) -> Value {
    match value {
        Some(Value::String(text)) => Value::from(vec![text]),
        other => other.unwrap_or(Value::Null),
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::Object(map) => map.is_empty(),
        _ => false,
    }
}

/// The image's variables after those asked for, as the engine puts them; one without `=` takes the image's away.
fn environment(image: Option<&Value>, given: Option<&Value>) -> Vec<String> {
    let all = |value: Option<&Value>| value.map(texts).unwrap_or_default();
    let name = |entry: &str| entry.split('=').next().unwrap_or_default().to_owned();
    let given = all(given);
    let mut entries: Vec<String> = given.iter().filter(|entry| entry.contains('=')).cloned().collect();
    let named: Vec<String> = given.iter().map(|entry| name(entry)).collect();
    entries.extend(all(image).into_iter().filter(|entry| !named.contains(&name(entry))));
    entries
}
