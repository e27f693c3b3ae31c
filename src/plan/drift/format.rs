//! Values of the Engine API as a person reads them. Two values differ if they read differently.

use serde_json::Value;

/// How a value reads.
#[derive(Clone, Copy)]
pub(super) enum Form {
    Plain,
    /// Arguments, joined as on a command line.
    Words,
    /// A list whose order says nothing.
    List,
    Map,
    Bytes,
    Seconds,
    /// Billionths of a processor.
    Processors,
    Restart,
    Ports,
    Health,
    Ulimits,
    Devices,
    Logging,
    Json,
}

/// Whether a value is the same as none: null, false, 0, empty.
pub(super) fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        Value::Bool(true) => false,
    }
}

/// A value in its form; none for nothing.
pub(super) fn show(form: Form, value: &Value) -> Option<String> {
    if is_nothing(value) {
        return None;
    }
    let text = match form {
        Form::Plain => plain(value),
        Form::Words => words(value),
        Form::List => sorted(items(value).map(plain).collect()),
        Form::Map => sorted(fields(value).map(|(name, value)| pair(name, &plain(value))).collect()),
        Form::Bytes => bytes(value.as_i64()?),
        Form::Seconds => format!("{}s", value.as_i64()?),
        Form::Processors => format!("{}", value.as_f64()? / 1e9),
        Form::Restart => restart(value)?,
        Form::Ports => ports(value),
        Form::Health => health(value)?,
        Form::Ulimits => sorted(items(value).map(ulimit).collect()),
        Form::Devices => sorted(items(value).map(device).collect()),
        Form::Logging => logging(value),
        Form::Json => without_nothing(value).to_string(),
    };
    (!text.is_empty()).then_some(text)
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn fields(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

fn sorted(mut items: Vec<String>) -> String {
    items.sort();
    items.join(", ")
}

fn pair(name: &str, value: &str) -> String {
    if value.is_empty() {
        name.to_owned()
    } else {
        format!("{name}={}", super::super::mask::masked(name, value))
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn words(value: &Value) -> String {
    let word = |value: &Value| {
        let word = plain(value);
        if word.is_empty() || word.contains(char::is_whitespace) { format!("{word:?}") } else { word }
    };
    items(value).map(word).collect::<Vec<_>>().join(" ")
}

/// In the largest unit that divides it: `64m`.
fn bytes(amount: i64) -> String {
    let units = [(1 << 30, "g"), (1 << 20, "m"), (1 << 10, "k")];
    match units.iter().find(|(size, _)| amount > 0 && amount % size == 0) {
        Some((size, unit)) => format!("{}{unit}", amount / size),
        None => amount.to_string(),
    }
}

/// No policy and `no` are the same.
fn restart(value: &Value) -> Option<String> {
    let name = value["Name"].as_str().filter(|name| !matches!(*name, "" | "no"))?;
    let count = value["MaximumRetryCount"].as_i64().filter(|count| *count > 0);
    Some(count.map_or_else(|| name.to_owned(), |count| format!("{name}:{count}")))
}

/// `8080:80, 127.0.0.1:9000:9000/udp`
fn ports(value: &Value) -> String {
    let mut all = Vec::new();
    for (target, bindings) in fields(value) {
        let target = target.strip_suffix("/tcp").unwrap_or(target);
        for binding in items(bindings) {
            let part = |key: &str| binding[key].as_str().unwrap_or_default();
            let parts = [part("HostIp"), part("HostPort"), target];
            all.push(parts.iter().filter(|part| !part.is_empty()).copied().collect::<Vec<_>>().join(":"));
        }
    }
    sorted(all)
}

/// `curl -f localhost every 10s, timeout 3s, retries 5`
fn health(value: &Value) -> Option<String> {
    let test: Vec<String> = items(&value["Test"]).map(plain).collect();
    let mut parts = match test.split_first() {
        Some((kind, _)) if kind == "NONE" => return Some("disabled".to_owned()),
        Some((_, arguments)) => vec![arguments.join(" ")],
        None => Vec::new(),
    };
    let durations = [
        ("interval", "Interval"),
        ("timeout", "Timeout"),
        ("start_period", "StartPeriod"),
        ("start_interval", "StartInterval"),
    ];
    for (name, key) in durations {
        if let Some(duration) = value[key].as_i64().filter(|duration| *duration != 0) {
            parts.push(format!("{name} {}", crate::compose::units::Duration(duration)));
        }
    }
    if let Some(retries) = value["Retries"].as_i64().filter(|retries| *retries != 0) {
        parts.push(format!("retries {retries}"));
    }
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// `nofile=100:200`
fn ulimit(value: &Value) -> String {
    format!("{}={}:{}", plain(&value["Name"]), value["Soft"], value["Hard"])
}

/// `/dev/a:/dev/b:rwm`
fn device(value: &Value) -> String {
    let parts = ["PathOnHost", "PathInContainer", "CgroupPermissions"].map(|key| plain(&value[key]));
    parts.join(":")
}

/// `json-file max-size=1m`
fn logging(value: &Value) -> String {
    let options = fields(&value["Config"]).map(|(name, value)| pair(name, &plain(value))).collect();
    [plain(&value["Type"]), sorted(options)].join(" ").trim().to_owned()
}

/// The same without fields that say nothing, so that two spellings of a default compare equal.
fn without_nothing(value: &Value) -> Value {
    match value {
        Value::Array(items) => Value::Array(items.iter().map(without_nothing).collect()),
        Value::Object(fields) => {
            let kept = fields.iter().filter(|(_, value)| !is_nothing(value));
            Value::Object(kept.map(|(name, value)| (name.clone(), without_nothing(value))).collect())
        }
        other => other.clone(),
    }
}
