//! A create body against inspect: the attributes whose values differ, as the person reads them.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::observed::Image;

use super::super::mask::masked;
use super::format::{self, Form};

/// One attribute that differs.
pub(super) struct Difference {
    /// `image`, `environment.LEVEL`, `ports` …
    pub(super) attribute: String,
    pub(super) old: Option<String>,
    pub(super) new: Option<String>,
}

/// Attributes that stand outside `HostConfig`, with what the image gives where the file says nothing.
const CONFIG: &[(&str, &str, Form)] = &[
    ("user", "User", Form::Plain),
    ("working_dir", "WorkingDir", Form::Plain),
    ("domainname", "Domainname", Form::Plain),
    ("stop_signal", "StopSignal", Form::Plain),
    ("stop_grace_period", "StopTimeout", Form::Seconds),
    ("tty", "Tty", Form::Plain),
    ("stdin_open", "OpenStdin", Form::Plain),
    ("entrypoint", "Entrypoint", Form::Words),
    ("healthcheck", "Healthcheck", Form::Health),
];

/// Attributes within `HostConfig`.
const HOST: &[(&str, &str, Form)] = &[
    ("restart", "RestartPolicy", Form::Restart),
    ("ports", "PortBindings", Form::Ports),
    ("privileged", "Privileged", Form::Plain),
    ("read_only", "ReadonlyRootfs", Form::Plain),
    ("init", "Init", Form::Plain),
    ("cap_add", "CapAdd", Form::List),
    ("cap_drop", "CapDrop", Form::List),
    ("security_opt", "SecurityOpt", Form::List),
    ("group_add", "GroupAdd", Form::List),
    ("dns", "Dns", Form::List),
    ("dns_opt", "DnsOptions", Form::List),
    ("dns_search", "DnsSearch", Form::List),
    ("extra_hosts", "ExtraHosts", Form::List),
    ("volumes_from", "VolumesFrom", Form::List),
    ("tmpfs", "Tmpfs", Form::Map),
    ("sysctls", "Sysctls", Form::Map),
    ("storage_opt", "StorageOpt", Form::Map),
    ("annotations", "Annotations", Form::Map),
    ("ulimits", "Ulimits", Form::Ulimits),
    ("devices", "Devices", Form::Devices),
    ("device_cgroup_rules", "DeviceCgroupRules", Form::List),
    ("logging", "LogConfig", Form::Logging),
    ("ipc", "IpcMode", Form::Plain),
    ("pid", "PidMode", Form::Plain),
    ("uts", "UTSMode", Form::Plain),
    ("userns_mode", "UsernsMode", Form::Plain),
    ("cgroup", "CgroupnsMode", Form::Plain),
    ("cgroup_parent", "CgroupParent", Form::Plain),
    ("runtime", "Runtime", Form::Plain),
    ("isolation", "Isolation", Form::Plain),
    ("mem_limit", "Memory", Form::Bytes),
    ("mem_reservation", "MemoryReservation", Form::Bytes),
    ("memswap_limit", "MemorySwap", Form::Bytes),
    ("mem_swappiness", "MemorySwappiness", Form::Plain),
    ("shm_size", "ShmSize", Form::Bytes),
    ("cpus", "NanoCpus", Form::Processors),
    ("cpu_shares", "CpuShares", Form::Plain),
    ("cpu_period", "CpuPeriod", Form::Plain),
    ("cpu_quota", "CpuQuota", Form::Plain),
    ("cpu_rt_period", "CpuRealtimePeriod", Form::Plain),
    ("cpu_rt_runtime", "CpuRealtimeRuntime", Form::Plain),
    ("cpuset", "CpusetCpus", Form::Plain),
    ("pids_limit", "PidsLimit", Form::Plain),
    ("oom_score_adj", "OomScoreAdj", Form::Plain),
    ("oom_kill_disable", "OomKillDisable", Form::Plain),
    ("blkio_config", "BlkioWeight", Form::Plain),
    ("gpus", "DeviceRequests", Form::Json),
];

/// Keys that the engine fills in by its own settings where the body says nothing: what it chose is no drift.
const CHOSEN_BY_THE_ENGINE: &[&str] =
    &["CgroupnsMode", "IpcMode", "Runtime", "LogConfig", "MemorySwap", "ShmSize", "Isolation", "UsernsMode"];

/// What stands for a volume without a name.
const ANONYMOUS: &str = "anonymous";

/// Everything that differs, most telling first.
pub(super) fn all(body: &Value, inspect: &Value, image: Option<&Image>) -> Vec<Difference> {
    let pair = Pair { body, inspect, image };
    let mut found = Vec::new();
    pair.image(&mut found);
    pair.command(&mut found);
    pair.environment(&mut found);
    for (attribute, key, form) in CONFIG {
        let given = &pair.body[*key];
        let wanted =
            if format::is_nothing(given) && !given.is_array() { pair.image_default(key) } else { given };
        note(&mut found, attribute, *form, &pair.inspect["Config"][*key], wanted);
    }
    for (attribute, key, form) in HOST {
        let (actual, wanted) = (&inspect["HostConfig"][*key], &body["HostConfig"][*key]);
        if format::is_nothing(wanted) && CHOSEN_BY_THE_ENGINE.contains(key) {
            continue;
        }
        note(&mut found, attribute, *form, actual, wanted);
    }
    pair.hostname(&mut found);
    pair.volumes(&mut found);
    pair.networks(&mut found);
    pair.labels(&mut found);
    found
}

struct Pair<'a> {
    body: &'a Value,
    inspect: &'a Value,
    image: Option<&'a Image>,
}

impl Pair<'_> {
    /// What the image gives for a key of `Config`.
    fn image_default(&self, key: &str) -> &Value {
        self.image.map_or(&Value::Null, |image| &image.config[key])
    }

    fn image(&self, found: &mut Vec<Difference>) {
        note(found, "image", Form::Plain, &self.inspect["Config"]["Image"], &self.body["Image"]);
    }

    /// An entry point of the file's own drops the command of the image.
    fn command(&self, found: &mut Vec<Difference>) {
        let own = &self.body["Cmd"];
        let wanted = if own.is_array() || self.body["Entrypoint"].is_array() {
            own
        } else {
            self.image_default("Cmd")
        };
        note(found, "command", Form::Words, &self.inspect["Config"]["Cmd"], wanted);
    }

    /// One difference for each variable, over those of the image.
    fn environment(&self, found: &mut Vec<Difference>) {
        let mut wanted = variables(self.image_default("Env"));
        for entry in texts(&self.body["Env"]) {
            match entry.split_once('=') {
                Some((name, value)) => wanted.insert(name.to_owned(), value.to_owned()),
                None => wanted.remove(entry),
            };
        }
        let actual = variables(&self.inspect["Config"]["Env"]);
        note_each(found, "environment", &actual, &wanted);
    }

    fn labels(&self, found: &mut Vec<Difference>) {
        let mut wanted = strings(self.image_default("Labels"));
        wanted.extend(strings(&self.body["Labels"]));
        let mut actual = strings(&self.inspect["Config"]["Labels"]);
        for labels in [&mut wanted, &mut actual] {
            labels.retain(|name, _| !name.starts_with("com.docker.compose."));
        }
        note_each(found, "labels", &actual, &wanted);
    }

    /// Without one, the engine takes the first characters of the id.
    fn hostname(&self, found: &mut Vec<Difference>) {
        let (actual, wanted) = (&self.inspect["Config"]["Hostname"], &self.body["Hostname"]);
        let id = self.inspect["Id"].as_str().unwrap_or_default();
        let is_own = actual.as_str().is_some_and(|name| id.starts_with(name));
        let is_given = !(format::is_nothing(wanted) && is_own);
        if is_given && !shares_network(self.body) {
            note(found, "hostname", Form::Plain, actual, wanted);
        }
    }

    /// Both ways of mounting together, by target.
    fn volumes(&self, found: &mut Vec<Difference>) {
        let (mut actual, wanted) = (mounts(&self.inspect["HostConfig"]), mounts(&self.body["HostConfig"]));
        // A volume of the image's own that was taken over is nothing that the file asked for.
        actual.retain(|target, source| source != ANONYMOUS || wanted.contains_key(target));
        note_each(found, "volumes", &actual, &wanted);
    }

    fn networks(&self, found: &mut Vec<Difference>) {
        let wanted = &self.body["NetworkingConfig"]["EndpointsConfig"];
        let actual = &self.inspect["NetworkSettings"]["Networks"];
        let (Some(wanted), Some(actual)) = (wanted.as_object(), actual.as_object()) else {
            let mode = |of: &Value| of["HostConfig"]["NetworkMode"].clone();
            return note(found, "network_mode", Form::Plain, &mode(self.inspect), &mode(self.body));
        };
        for name in actual.keys().filter(|name| !wanted.contains_key(*name)) {
            found.push(Difference { attribute: "networks".to_owned(), old: Some(name.clone()), new: None });
        }
        for (name, endpoint) in wanted {
            let Some(there) = actual.get(name) else {
                found.push(Difference {
                    attribute: "networks".to_owned(),
                    old: None,
                    new: Some(name.clone()),
                });
                continue;
            };
            let id = self.inspect["Id"].as_str().unwrap_or_default();
            let (old, new) = (aliases(&there["Aliases"], id), aliases(&endpoint["Aliases"], id));
            if old != new {
                let attribute = "networks.aliases".to_owned();
                found.push(Difference { attribute, old: Some(old.join(", ")), new: Some(new.join(", ")) });
            }
            let address = |endpoint: &Value| endpoint["IPAMConfig"]["IPv4Address"].clone();
            note(found, "networks.ipv4_address", Form::Plain, &address(there), &address(endpoint));
        }
    }
}

fn shares_network(body: &Value) -> bool {
    body["HostConfig"]["NetworkMode"]
        .as_str()
        .is_some_and(|mode| mode == "host" || mode.starts_with("container:"))
}

fn note(found: &mut Vec<Difference>, attribute: &str, form: Form, actual: &Value, wanted: &Value) {
    let (old, new) = (format::show(form, actual), format::show(form, wanted));
    if old != new {
        found.push(Difference { attribute: attribute.to_owned(), old, new });
    }
}

/// One difference for each name; secrets are masked, and a masked value that changed still shows as a change.
fn note_each(
    found: &mut Vec<Difference>,
    attribute: &str,
    actual: &BTreeMap<String, String>,
    wanted: &BTreeMap<String, String>,
) {
    let names = actual.keys().chain(wanted.keys().filter(|name| !actual.contains_key(*name)));
    for name in names {
        let (old, new) = (actual.get(name), wanted.get(name));
        if old != new {
            found.push(Difference {
                attribute: format!("{attribute}.{name}"),
                old: old.map(|value| masked(name, value)),
                new: new.map(|value| masked(name, value)),
            });
        }
    }
}

fn texts(list: &Value) -> impl Iterator<Item = &str> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str)
}

fn variables(list: &Value) -> BTreeMap<String, String> {
    texts(list).map(|entry| entry.split_once('=').unwrap_or((entry, ""))).map(owned).collect()
}

fn strings(map: &Value) -> BTreeMap<String, String> {
    let entries = map.as_object().into_iter().flatten();
    entries.filter_map(|(name, value)| Some((name.as_str(), value.as_str()?))).map(owned).collect()
}

fn owned((name, value): (&str, &str)) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

/// The names of an endpoint without the container's id, which older engines add.
fn aliases(list: &Value, id: &str) -> Vec<String> {
    let mut names: Vec<String> =
        texts(list).filter(|name| !id.starts_with(*name)).map(str::to_owned).collect();
    names.sort();
    names.dedup();
    names
}

/// `Binds` and `Mounts` by target: what is mounted there, and how.
fn mounts(host: &Value) -> BTreeMap<String, String> {
    let mut mounts = BTreeMap::new();
    for bind in texts(&host["Binds"]) {
        let mut parts = bind.splitn(3, ':');
        let (Some(source), Some(target)) = (parts.next(), parts.next()) else { continue };
        let mode = parts.next().unwrap_or("rw");
        mounts.insert(target.to_owned(), with_mode(source, mode == "ro" || mode.starts_with("ro,")));
    }
    for mount in host["Mounts"].as_array().into_iter().flatten() {
        let Some(target) = mount["Target"].as_str() else { continue };
        let kind = mount["Type"].as_str().unwrap_or_default();
        let source = match mount["Source"].as_str() {
            Some(source) if !source.is_empty() => source,
            _ if kind == "volume" => ANONYMOUS,
            _ => kind,
        };
        // A container takes over anonymous volumes by name; the first of the line had none to name.
        let is_anonymous =
            kind == "volume" && source.len() == 64 && source.chars().all(|c| c.is_ascii_hexdigit());
        let source = if is_anonymous { ANONYMOUS } else { source };
        mounts.insert(target.to_owned(), with_mode(source, mount["ReadOnly"].as_bool().unwrap_or(false)));
    }
    mounts
}

fn with_mode(source: &str, read_only: bool) -> String {
    if read_only { format!("{source}:ro") } else { source.to_owned() }
}
