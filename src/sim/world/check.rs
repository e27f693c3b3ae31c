//! What a container cannot be made from, in the engine's words (moby, `daemon/container.go` and `runconfig`).

use serde_json::Value;

use super::super::answer::Refusal;
use super::container::texts;

/// The folders at the top of the host that is not there. What lies below them is taken to be there.
const HOST_FOLDERS: &[&str] = &[
    "bin",
    "boot",
    "data",
    "dev",
    "etc",
    "home",
    "lib",
    "lib64",
    "media",
    "mnt",
    "opt",
    "private",
    "proc",
    "root",
    "run",
    "sbin",
    "srv",
    "sys",
    "tmp",
    "usr",
    "var",
    "work",
    "workspace",
    "Users",
];
/// The shortest time of a health check, in nanoseconds.
const SHORTEST: u64 = 1_000_000;

type Check = fn(&Value) -> Result<(), Refusal>;

/// Refuses a body of `POST /containers/create` that no container can be made from.
pub(super) fn all(body: &Value) -> Result<(), Refusal> {
    let checks: [Check; 6] = [restart_policy, health_check, log_driver, ports, binds, mounts];
    checks.iter().try_for_each(|check| check(body))
}

fn restart_policy(body: &Value) -> Result<(), Refusal> {
    let host = &body["HostConfig"];
    let policy = &host["RestartPolicy"];
    let (name, count) =
        (policy["Name"].as_str().unwrap_or_default(), policy["MaximumRetryCount"].as_i64().unwrap_or(0));
    let invalid = |why: String| Err(Refusal::bad(format!("invalid restart policy: {why}")));
    match name {
        "always" | "unless-stopped" | "no" if count != 0 => {
            return invalid("maximum retry count can only be used with 'on-failure'".to_owned());
        }
        "on-failure" if count < 0 => return invalid("maximum retry count cannot be negative".to_owned()),
        "" | "no" | "always" | "unless-stopped" | "on-failure" => {}
        other => {
            let known = "use one of 'no', 'always', 'on-failure', or 'unless-stopped'";
            return invalid(format!("unknown policy '{other}'; {known}"));
        }
    }
    if host["AutoRemove"].as_bool() == Some(true) && !matches!(name, "" | "no") {
        return Err(Refusal::bad("can't create 'AutoRemove' container with restart policy"));
    }
    Ok(())
}

fn health_check(body: &Value) -> Result<(), Refusal> {
    let check = &body["Healthcheck"];
    for key in ["Interval", "Timeout", "StartPeriod", "StartInterval"] {
        if check[key].as_u64().is_some_and(|span| span != 0 && span < SHORTEST) {
            return Err(Refusal::bad(format!("{key} in Healthcheck cannot be less than 1ms")));
        }
    }
    match check["Retries"].as_i64() {
        Some(retries) if retries < 0 => Err(Refusal::bad("Retries in Healthcheck cannot be negative")),
        _ => Ok(()),
    }
}

fn log_driver(body: &Value) -> Result<(), Refusal> {
    match body["HostConfig"]["LogConfig"]["Type"].as_str().unwrap_or_default() {
        "" | "json-file" | "local" | "none" | "journald" | "syslog" => Ok(()),
        other => {
            let why = format!("error looking up logging plugin {other}: plugin \"{other}\" not found");
            Err(Refusal::bad(why))
        }
    }
}

fn ports(body: &Value) -> Result<(), Refusal> {
    let bindings = body["HostConfig"]["PortBindings"].as_object();
    let is_port = |text: &str| text.is_empty() || text.split('-').all(|part| part.parse::<u16>().is_ok());
    for (target, list) in bindings.into_iter().flatten() {
        let port = target.split('/').next().unwrap_or_default();
        let of_host =
            list.as_array().into_iter().flatten().filter_map(|binding| binding["HostPort"].as_str());
        if let Some(wrong) = std::iter::once(port).chain(of_host).find(|text| !is_port(text)) {
            return Err(Refusal::bad(format!("invalid port specification: \"{wrong}\"")));
        }
    }
    Ok(())
}

fn binds(body: &Value) -> Result<(), Refusal> {
    let mut targets: Vec<String> = Vec::new();
    for bind in texts(&body["HostConfig"]["Binds"]) {
        let Some(target) = bind.split(':').nth(1) else { continue };
        if !target.starts_with('/') {
            let why = format!("invalid mount path: '{target}' mount path must be absolute");
            return Err(Refusal::failed(format!(
                "invalid volume specification: '{bind}': invalid mount config for type \"bind\": {why}"
            )));
        }
        if targets.iter().any(|known| known == target) {
            return Err(Refusal::bad(format!("Duplicate mount point: {target}")));
        }
        targets.push(target.to_owned());
    }
    Ok(())
}

fn mounts(body: &Value) -> Result<(), Refusal> {
    let mounts = body["HostConfig"]["Mounts"].as_array();
    for mount in mounts.into_iter().flatten().filter(|mount| mount["Type"] == "bind") {
        let source = mount["Source"].as_str().unwrap_or_default();
        let top = source.trim_start_matches('/').split('/').next().unwrap_or_default();
        let is_made = mount["BindOptions"]["CreateMountpoint"].as_bool() == Some(true);
        if !is_made && !top.is_empty() && !HOST_FOLDERS.contains(&top) {
            return Err(Refusal::bad(format!(
                "invalid mount config for type \"bind\": bind source path does not exist: {source}"
            )));
        }
    }
    Ok(())
}
