//! What the engine has of a project, as lines that can be compared: every container, network, volume and built image with
//! what it was made with. Left out is what goes without saying: what a container has that nothing was said about, and the
//! labels and the network that every service's container gets.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::process;
use std::sync::OnceLock;

use serde_json::{Map, Value, json};

use crate::support::{BUSYBOX, Engine};
use crate::words::Words;

const LABEL: &str = "com.docker.compose.";

/// A project on the engine.
#[derive(Clone, Default)]
pub struct State {
    things: BTreeMap<String, Thing>,
    /// Volumes without a name that its containers have or had: name, and where it was seen.
    anonymous: BTreeMap<String, String>,
}

/// One thing that the engine has.
#[derive(Clone, Default)]
struct Thing {
    /// The engine's id: another one means that it was made anew.
    id: String,
    /// When it was started.
    started: String,
    /// `running`, `exited 3`; empty for what is no container.
    word: String,
    details: BTreeMap<String, String>,
}

impl State {
    /// Reads what there is, and learns the names and ids of this run. `before` is what was there.
    pub fn read(engine: &Engine, project: &str, before: &Self, words: &mut Words) -> Self {
        let mut state = Self { anonymous: before.anonymous.clone(), ..Self::default() };
        let containers = engine.labelled("/containers/json?all=true&", project);
        let mut containers: Vec<Value> =
            containers.iter().filter_map(|it| engine.container(text(&it["Id"]))).collect();
        containers.sort_by_key(|it| it["Created"].to_string());
        for container in &containers {
            let (id, name) = (text(&container["Id"]), short_name(container, project));
            words.add(id, &format!("{{{name}}}"));
            words.add(&id[..12], &format!("{{{name}}}"));
        }
        for container in &containers {
            state.add_container(container, project, engine, words);
        }
        for network in engine.labelled("/networks?", project) {
            state.add_network(&network, project);
        }
        for volume in engine.labelled("/volumes?", project) {
            let key = format!("volume {}", text(&volume["Name"]).replace(project, "{project}"));
            state.add(key, &volume, &[("Driver", json!("local"))], &["Driver", "Labels", "Options"]);
        }
        for tag in images(engine, project) {
            let image = engine.get(&format!("/images/{tag}/json"));
            let labels = json!({ "Id": image["Id"], "Labels": image["Config"]["Labels"] });
            state.add(format!("image {tag}"), &labels, &[], &["Labels"]);
        }
        state.add_anonymous(engine);
        state
    }

    /// The names of the volumes without a name that were seen.
    pub fn anonymous(&self) -> impl Iterator<Item = &String> {
        self.anonymous.keys()
    }

    /// What has changed since, a line each.
    pub fn since(&self, before: &Self) -> String {
        let mut out = String::new();
        let keys: BTreeSet<&String> = before.things.keys().chain(self.things.keys()).collect();
        for key in keys {
            match (before.things.get(key), self.things.get(key)) {
                (None, Some(new)) => new.tell(&mut out, '+', key, &new.lines(&Thing::default())),
                (Some(_), None) => writeln!(out, "- {key}").unwrap(),
                (Some(old), Some(new)) => {
                    let lines = new.lines(old);
                    if old.word != new.word || !lines.is_empty() {
                        new.tell(&mut out, '~', key, &lines);
                    }
                }
                (None, None) => {}
            }
        }
        out
    }

    fn add_container(&mut self, container: &Value, project: &str, engine: &Engine, words: &Words) {
        let name = short_name(container, project);
        let (state, config) = (&container["State"], &container["Config"]);
        let word = match text(&state["Status"]) {
            ended @ ("exited" | "dead") => format!("{ended} {}", state["ExitCode"]),
            other => other.to_owned(),
        };
        let mut details = BTreeMap::new();
        let plain = baseline(engine);
        for part in ["Config", "HostConfig"] {
            for (key, value) in container[part].as_object().into_iter().flatten() {
                let is_own = ["Hostname", "Image", "Labels"].contains(&key.as_str());
                let told = in_order(key, settled(value));
                if !is_own && told != in_order(key, settled(&plain[part][key])) {
                    details.insert(key.clone(), told.to_string());
                }
            }
        }
        let id = text(&container["Id"]).to_owned();
        for (key, value) in [("Hostname", &id[..12]), ("Image", BUSYBOX)] {
            if config[key] != value {
                details.insert(key.to_owned(), config[key].to_string());
            }
        }
        labels(&config["Labels"], &mut details);
        // It is made of another container's id, or of a name that is made up.
        let host = &container["HostConfig"];
        let shares =
            text(&host["NetworkMode"]).starts_with("container:") || !array(&host["VolumesFrom"]).is_empty();
        if shares || config["Labels"][format!("{LABEL}oneoff")] == "True" {
            details.entry("compose config-hash".to_owned()).and_modify(|hash| "made up".clone_into(hash));
        }
        networks(container, &mut details);
        for mount in array(&container["Mounts"]) {
            let target = text(&mount["Destination"]);
            details.insert(format!("Mount {target}"), told_mount(mount));
            if text(&mount["Name"]).len() == 64 {
                self.anonymous.insert(text(&mount["Name"]).to_owned(), format!("{name} {target}"));
            }
        }
        leave_out_the_usual(&name, project, &words.to_own("{folder}"), &mut details);
        let started = text(&state["StartedAt"]).to_owned();
        self.things.insert(format!("container {name}"), Thing { id, started, word, details });
    }

    fn add_network(&mut self, network: &Value, project: &str) {
        let usual = [
            ("Driver", json!("bridge")),
            ("EnableIPv4", json!(true)),
            ("EnableIPv6", json!(false)),
            ("Internal", json!(false)),
            ("Attachable", json!(false)),
            ("IPAM", json!({ "Driver": "default" })),
        ];
        let mut network = network.clone();
        // Networks that say nothing get a subnet of the engine's own pools, each another one.
        let is_pool = |subnet: &str| subnet.starts_with("172.") || subnet.starts_with("192.168.");
        if array(&network["IPAM"]["Config"]).iter().all(|config| is_pool(text(&config["Subnet"]))) {
            network["IPAM"]["Config"] = Value::Null;
        }
        let key = format!("network {}", text(&network["Name"]).replace(project, "{project}"));
        let keys =
            ["Driver", "EnableIPv4", "EnableIPv6", "Internal", "Attachable", "IPAM", "Options", "Labels"];
        self.add(key, &network, &usual, &keys);
    }

    /// A thing of which these keys are told unless they are as usual.
    fn add(&mut self, key: String, value: &Value, usual: &[(&str, Value)], keys: &[&str]) {
        let mut details = BTreeMap::new();
        for key in keys.iter().filter(|key| **key != "Labels") {
            let told = settled(&value[*key]);
            let usual =
                usual.iter().find(|(name, _)| name == key).map_or(Value::Null, |(_, usual)| usual.clone());
            if told != usual {
                details.insert((*key).to_owned(), told.to_string());
            }
        }
        labels(&value["Labels"], &mut details);
        details.retain(|key, _| key != &format!("label {LABEL}project"));
        let id = text(&value["Id"]).to_owned();
        self.things.insert(key, Thing { id, details, ..Thing::default() });
    }

    /// Volumes without a name that were left behind.
    fn add_anonymous(&mut self, engine: &Engine) {
        for (name, place) in &self.anonymous {
            if engine.request("GET", &format!("/volumes/{name}"), b"").status == 200 {
                self.things.insert(format!("volume without a name of {place}"), Thing::default());
            }
        }
    }
}

impl Thing {
    fn tell(&self, out: &mut String, mark: char, key: &str, lines: &[String]) {
        writeln!(out, "{}", format!("{mark} {key} {}", self.word).trim_end()).unwrap();
        for line in lines {
            writeln!(out, "  {line}").unwrap();
        }
    }

    fn lines(&self, old: &Self) -> Vec<String> {
        let mut lines = Vec::new();
        match () {
            () if old.id.is_empty() => {}
            () if old.id != self.id => lines.push("made anew".to_owned()),
            () if old.started != self.started => lines.push("started again".to_owned()),
            () => {}
        }
        for (key, value) in self.details.iter().filter(|(key, value)| old.details.get(*key) != Some(value)) {
            lines.push(format!("{key}: {value}"));
        }
        let gone = old.details.keys().filter(|key| !self.details.contains_key(*key));
        lines.extend(gone.map(|key| format!("{key}: none")));
        lines
    }
}

/// The names of the images that begin with the project's.
pub fn images(engine: &Engine, project: &str) -> Vec<String> {
    let filter = format!("filters=%7B%22reference%22%3A%5B%22{project}-%2A%22%5D%7D");
    let listed = engine.get(&format!("/images/json?{filter}"));
    let tags = array(&listed).iter().flat_map(|image| array(&image["RepoTags"]).iter().map(text));
    let own = tags.filter(|tag| tag.starts_with(&format!("{project}-")));
    own.map(str::to_owned).collect()
}

/// A container that nothing was said about but its image.
fn baseline(engine: &Engine) -> &'static Value {
    static BASELINE: OnceLock<Value> = OnceLock::new();
    BASELINE.get_or_init(|| {
        let name = format!("dst-plain-{}", process::id());
        engine.post(&format!("/containers/create?name={name}"), &json!({ "Image": BUSYBOX }));
        let container = engine.container(&name).unwrap();
        engine.request("DELETE", &format!("/containers/{name}?force=true&v=true"), b"");
        container
    })
}

fn labels(labels: &Value, details: &mut BTreeMap<String, String>) {
    for (key, value) in labels.as_object().into_iter().flatten() {
        // Each tool writes its own version.
        if *key == format!("{LABEL}version") {
            continue;
        }
        let mut value = text(value).to_owned();
        if *key == format!("{LABEL}depends_on") {
            let mut parts: Vec<&str> = value.split(',').collect();
            parts.sort_unstable();
            value = parts.join(",");
        }
        let key =
            key.strip_prefix(LABEL).map_or_else(|| format!("label {key}"), |key| format!("compose {key}"));
        details.insert(key, value);
    }
}

fn networks(container: &Value, details: &mut BTreeMap<String, String>) {
    for (name, network) in container["NetworkSettings"]["Networks"].as_object().into_iter().flatten() {
        let mut told = Map::new();
        for key in ["Aliases", "DNSNames", "DriverOpts", "GwPriority", "IPAMConfig", "Links"] {
            let value = settled(&network[key]);
            if !value.is_null() && value != 0 {
                told.insert(key.to_owned(), value);
            }
        }
        details.insert(format!("Network {name}"), Value::Object(told).to_string());
    }
}

fn told_mount(mount: &Value) -> String {
    let mut told = Map::new();
    // Where the engine keeps a volume is its own affair.
    let keys: &[&str] = match text(&mount["Type"]) {
        "volume" => &["Type", "Name", "Driver", "Mode", "RW", "Propagation"],
        _ => &["Type", "Source", "Mode", "RW", "Propagation"],
    };
    for key in keys {
        let value = match text(&mount[*key]) {
            name if *key == "Name" && name.len() == 64 => json!("none"),
            _ => settled(&mount[*key]),
        };
        if !value.is_null() {
            told.insert((*key).to_owned(), value);
        }
    }
    Value::Object(told).to_string()
}

/// Takes out what every container of a service gets.
fn leave_out_the_usual(name: &str, project: &str, folder: &str, details: &mut BTreeMap<String, String>) {
    let Some((service, number)) = name.rsplit_once('-') else { return };
    let network = format!("{project}_default");
    let usual = [
        ("compose project", project.to_owned()),
        ("compose service", service.to_owned()),
        ("compose container-number", number.to_owned()),
        ("compose oneoff", "False".to_owned()),
        ("compose depends_on", String::new()),
        ("compose project.working_dir", folder.to_owned()),
        ("compose project.config_files", format!("{folder}/compose.yaml")),
        ("NetworkMode", format!("{network:?}")),
        ("AttachStdout", "true".to_owned()),
        ("AttachStderr", "true".to_owned()),
    ];
    for (key, value) in usual {
        if details.get(key) == Some(&value) {
            details.remove(key);
        } else {
            details.entry(key.to_owned()).or_insert_with(|| "none".to_owned());
        }
    }
    let aliases = [format!("{project}-{name}"), service.to_owned()];
    let key = format!("Network {network}");
    if let Some(told) = details.get(&key) {
        let told: Value = serde_json::from_str(told).unwrap();
        if told["Aliases"] == json!(aliases) && told.as_object().is_some_and(|told| told.len() <= 2) {
            details.remove(&key);
        }
    }
}

/// Lists that Docker Compose makes from maps, in any order.
fn in_order(key: &str, value: Value) -> Value {
    match value {
        Value::Array(mut list) if ["Binds", "Env", "ExtraHosts", "Mounts", "Ulimits"].contains(&key) => {
            list.sort_by_key(ToString::to_string);
            Value::Array(list)
        }
        other => other,
    }
}

/// A value without what is empty in it.
fn settled(value: &Value) -> Value {
    let is_something = |value: &Value| match value {
        Value::Null => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(list) => !list.is_empty(),
        Value::Object(map) => !map.is_empty(),
        Value::Bool(_) | Value::Number(_) => true,
    };
    let value = match value {
        Value::Array(list) => Value::Array(list.iter().map(settled).collect()),
        Value::Object(map) => {
            let mut sorted: Vec<_> = map.iter().map(|(key, value)| (key.clone(), settled(value))).collect();
            sorted.retain(|(_, value)| is_something(value));
            sorted.sort_by(|one, other| one.0.cmp(&other.0));
            Value::Object(sorted.into_iter().collect())
        }
        other => other.clone(),
    };
    if is_something(&value) { value } else { Value::Null }
}

/// The container's name without the project's.
fn short_name(container: &Value, project: &str) -> String {
    let name = text(&container["Name"]).trim_start_matches('/');
    let rest = name.strip_prefix(project).and_then(|rest| rest.strip_prefix(['-', '_']));
    rest.unwrap_or(name).to_owned()
}

fn array(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
