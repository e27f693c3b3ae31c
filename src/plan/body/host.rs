//! `HostConfig` but for mounts, networks and resources.

use serde_json::{Map, Value, json};

use crate::compose::model::Service;

use super::{Context, Refusal, labels, port_key, resources};

/// Makes the object.
///
/// # Errors
/// Security options that no engine reads.
pub(super) fn config(
    context: &Context<'_>,
    service: &Service,
    links: &[String],
) -> Result<Map<String, Value>, Refusal> {
    let mut host = resources::of(service);
    texts(&mut host, service);
    lists(&mut host, service, links);
    maps(&mut host, service);
    let mut put = |key: &str, value: Value| host.insert(key.to_owned(), value);
    put("RestartPolicy", restart_policy(service));
    put("PortBindings", Value::Object(port_bindings(service)));
    put("Privileged", json!(service.privileged));
    put("ReadonlyRootfs", json!(service.read_only));
    if let Some(init) = service.init {
        put("Init", json!(init));
    }
    if service.oom_score_adj != 0 {
        put("OomScoreAdj", json!(service.oom_score_adj));
    }
    if let Some(size) = service.shm_size {
        put("ShmSize", json!(size.0));
    }
    if let Some(logging) = &service.logging {
        let driver = logging.driver.as_deref().unwrap_or_default();
        put("LogConfig", json!({"Type": driver, "Config": logging.options}));
    }
    security(&mut host, context, service)?;
    Ok(host)
}

fn texts(host: &mut Map<String, Value>, service: &Service) {
    let texts = [
        ("CgroupnsMode", &service.cgroup),
        ("IpcMode", &service.ipc),
        ("Isolation", &service.isolation),
        ("PidMode", &service.pid),
        ("Runtime", &service.runtime),
        ("UTSMode", &service.uts),
        ("UsernsMode", &service.userns_mode),
    ];
    let given = texts.into_iter().filter_map(|(key, text)| Some((key.to_owned(), json!(text.as_ref()?))));
    host.extend(given);
}

fn lists(host: &mut Map<String, Value>, service: &Service, links: &[String]) {
    // Docker Compose always sends this list, and inspect shows the difference between none and an empty one.
    let hosts: Vec<String> = service.extra_hosts.iter().map(|entry| entry.replacen('=', ":", 1)).collect();
    host.insert("ExtraHosts".to_owned(), json!(hosts));
    let lists = [
        ("CapAdd", capabilities(&service.cap_add)),
        ("CapDrop", capabilities(&service.cap_drop)),
        ("Dns", service.dns.clone()),
        ("DnsOptions", service.dns_opt.clone()),
        ("DnsSearch", service.dns_search.clone()),
        ("GroupAdd", service.group_add.clone()),
        ("Links", links.to_vec()),
        ("VolumesFrom", service.volumes_from.clone()),
    ];
    let given = lists.into_iter().filter(|(_, list)| !list.is_empty());
    host.extend(given.map(|(key, list)| (key.to_owned(), json!(list))));
}

fn maps(host: &mut Map<String, Value>, service: &Service) {
    let maps = [
        ("Annotations", labels::user(&service.annotations)),
        ("StorageOpt", labels::user(&service.storage_opt)),
        ("Sysctls", labels::user(&service.sysctls)),
        ("Tmpfs", tmpfs(service)),
    ];
    let given = maps.into_iter().filter(|(_, map)| !map.is_empty());
    host.extend(given.map(|(key, map)| (key.to_owned(), Value::Object(map))));
}

/// `path[:options]`
fn tmpfs(service: &Service) -> Map<String, Value> {
    let split = |entry: &String| {
        let (path, options) = entry.split_once(':').unwrap_or((entry, ""));
        (path.to_owned(), json!(options))
    };
    service.tmpfs.iter().map(split).collect()
}

/// In the form that Docker's client gives them: upper case, `CAP_` in front, sorted, each once, and `ALL` instead of all.
fn capabilities(names: &[String]) -> Vec<String> {
    let full = |name: &String| {
        let name = name.trim().to_uppercase();
        if name == "ALL" || name.starts_with("CAP_") { name } else { format!("CAP_{name}") }
    };
    let mut names: Vec<String> = names.iter().map(full).collect();
    if names.iter().any(|name| name == "ALL") {
        return vec!["ALL".to_owned()];
    }
    names.sort();
    names.dedup();
    names
}

fn port_bindings(service: &Service) -> Map<String, Value> {
    let mut bindings = Map::new();
    for port in &service.ports {
        let binding = json!({
            "HostIp": port.host_ip.as_deref().unwrap_or_default(),
            "HostPort": port.published.as_deref().unwrap_or_default(),
        });
        let list = bindings.entry(port_key(port)).or_insert_with(|| json!([]));
        if let Value::Array(list) = list {
            list.push(binding);
        }
    }
    bindings
}

/// `restart`, over which `deploy.restart_policy` goes, in the engine's words.
fn restart_policy(service: &Service) -> Value {
    let policy = |name: &str, attempts: u64| {
        let name = match name {
            "none" => "no",
            "any" => "always",
            other => other,
        };
        json!({"Name": name, "MaximumRetryCount": attempts})
    };
    if let Some(deployed) = service.deploy.as_ref().and_then(|deploy| deploy.restart_policy.as_ref()) {
        return policy(deployed.condition.as_deref().unwrap_or_default(), deployed.max_attempts.unwrap_or(0));
    }
    let restart = service.restart.as_deref().unwrap_or_default();
    let (name, attempts) = restart.split_once(':').unwrap_or((restart, "0"));
    policy(name, attempts.parse().unwrap_or(0))
}

/// `security_opt`. `systempaths=unconfined` is no option of the engine's: it lifts the two lists of hidden paths.
fn security(host: &mut Map<String, Value>, _: &Context<'_>, service: &Service) -> Result<(), Refusal> {
    const UNCONFINED: &str = "systempaths=unconfined";
    let mut options = Vec::new();
    for option in &service.security_opt {
        if option == UNCONFINED {
            host.insert("MaskedPaths".to_owned(), json!([]));
            host.insert("ReadonlyPaths".to_owned(), json!([]));
            continue;
        }
        let (name, value) = option.split_once(['=', ':']).unwrap_or((option, ""));
        if value.is_empty() && name != "no-new-privileges" {
            return Err(Refusal::new(format!("service {}: invalid security_opt {option:?}", service.name)));
        }
        if name == "seccomp" && !matches!(value, "unconfined" | "builtin") {
            let why = format!("service {}: a seccomp profile from a file is not supported", service.name);
            return Err(Refusal::new(why).hint("use seccomp=unconfined, seccomp=builtin or none"));
        }
        options.push(option.clone());
    }
    if !options.is_empty() {
        host.insert("SecurityOpt".to_owned(), json!(options));
    }
    Ok(())
}
