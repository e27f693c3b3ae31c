//! Runs `config` of Docker Compose and of Dockside beside each other and tells what differs.

#![allow(dead_code, reason = "each test takes its part")]

use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// What a command came to.
pub struct Outcome {
    pub is_ok: bool,
    pub out: String,
    pub errors: String,
}

/// How two outputs are compared.
#[derive(Clone, Copy, PartialEq)]
pub enum Form {
    /// To the byte.
    Bytes,
    /// Line by line in any order: Docker Compose prints several lists in random order.
    Lines,
    /// As JSON trees.
    Json,
}

/// Runs `PROGRAM ARGUMENTS… config OPTIONS…` in a folder with this environment and no other.
pub fn config(
    program: &Path,
    folder: &Path,
    environment: &[(String, String)],
    arguments: &[String],
    options: &[&str],
) -> Outcome {
    let mut command = Command::new(program);
    command.args(arguments).arg("config").args(options).current_dir(folder).env_clear();
    command.env("HOME", "/home/someone").env("PATH", "/usr/bin:/bin").env("PWD", folder);
    command.envs(environment.iter().map(|(name, value)| (name, value)));
    let output = command.output().unwrap();
    Outcome {
        is_ok: output.status.success(),
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        errors: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// What differs, if anything.
pub fn difference(ours: &Outcome, theirs: &Outcome, form: Form) -> Option<String> {
    match (ours.is_ok, theirs.is_ok) {
        (false, false) => None,
        (true, false) => Some(format!("theirs refuses: {}", first_lines(&theirs.errors))),
        (false, true) => Some(format!("ours refuses: {}", first_lines(&ours.errors))),
        (true, true) => match form {
            Form::Bytes => lines(&ours.out, &theirs.out),
            Form::Lines => lines(&sorted(&ours.out), &sorted(&theirs.out)),
            Form::Json => trees(&ours.out, &theirs.out),
        },
    }
}

fn first_lines(text: &str) -> String {
    let told = text.lines().filter(|line| !line.contains("level=warning"));
    told.take(4).collect::<Vec<_>>().join("\n    ")
}

fn sorted(text: &str) -> String {
    let mut lines: Vec<&str> = text.lines().collect();
    lines.sort_unstable();
    lines.join("\n")
}

/// The first lines that differ.
fn lines(ours: &str, theirs: &str) -> Option<String> {
    if ours == theirs {
        return None;
    }
    let (mut one, mut two) = (ours.lines(), theirs.lines());
    let pair = std::iter::from_fn(|| Some((one.next(), two.next()))).find(|(one, two)| one != two)?;
    Some(format!("ours   {:?}\n    theirs {:?}", pair.0, pair.1))
}

fn trees(ours: &str, theirs: &str) -> Option<String> {
    let read = |text: &str| serde_json::from_str::<Value>(text).unwrap_or_default();
    let mut found = Vec::new();
    differences(&read(ours), &read(theirs), "", &mut found);
    found.truncate(6);
    (!found.is_empty()).then(|| found.join("\n    "))
}

/// The paths at which two values differ.
pub fn differences(ours: &Value, theirs: &Value, path: &str, out: &mut Vec<String>) {
    match (ours, theirs) {
        (Value::Object(one), Value::Object(two)) => {
            for key in one.keys().chain(two.keys().filter(|key| !one.contains_key(*key))) {
                let absent = Value::String("(absent)".to_owned());
                let (one, two) = (one.get(key).unwrap_or(&absent), two.get(key).unwrap_or(&absent));
                differences(one, two, &format!("{path}.{key}"), out);
            }
        }
        (Value::Array(one), Value::Array(two)) if one.len() == two.len() => {
            for (index, (one, two)) in one.iter().zip(two).enumerate() {
                differences(one, two, &format!("{path}[{index}]"), out);
            }
        }
        (Value::Number(one), Value::Number(two)) if one.as_f64() == two.as_f64() => {}
        _ if ours != theirs => out.push(format!("{path}: ours {ours}, theirs {theirs}")),
        _ => {}
    }
}
