//! Why an op failed, for the person: what was tried on what, the engine's reason without its wrapping, and what to do.

use serde_json::Value;

use super::super::Error;
use super::pull::registry;
use crate::observed::plain_reason;
use crate::plan::{NetworkRef, Op, OpKind, RunFailure};

/// What an error of the engine means for the person.
pub(super) fn of(op: &Op, error: &Error) -> RunFailure {
    let why = match error {
        Error::Refused { message, .. } => plain_text(plain_reason(message)),
        other => other.why(),
    };
    let hint = hint(&why);
    RunFailure { what: what(op), why, hint, is_answer: matches!(error, Error::Refused { .. }) }
}

/// A failure with a reason of our own.
pub(super) fn because(op: &Op, why: String, hint: Option<&str>) -> RunFailure {
    RunFailure { what: what(op), why, hint: hint.map(str::to_owned), is_answer: false }
}

/// What an op does, on what: `start api-1`.
pub(super) fn what(op: &Op) -> String {
    let verb = match &op.kind {
        OpKind::PullImage { image, .. } => return format!("pull {image} from {}", registry(image)),
        OpKind::BuildImage { image, .. } => return format!("build {image}"),
        OpKind::CreateNetwork { .. } => "create network",
        OpKind::RemoveNetwork { .. } => "remove network",
        OpKind::CreateVolume { .. } => "create volume",
        OpKind::RemoveVolume { .. } => "remove volume",
        OpKind::CreateContainer { .. } => "create",
        OpKind::RenameContainer { .. } => "rename",
        OpKind::DisconnectNetwork { network, .. } => {
            return format!("disconnect {} from network {network}", op.subject);
        }
        OpKind::ConnectNetwork { network: NetworkRef::Name(network) | NetworkRef::Id(network), .. } => {
            return format!("connect {} to network {network}", op.subject);
        }
        OpKind::StartContainer { .. } => "start",
        OpKind::StopContainer { .. } => "stop",
        OpKind::RestartContainer { .. } => "restart",
        OpKind::PauseContainer { .. } => "pause",
        OpKind::UnpauseContainer { .. } => "unpause",
        OpKind::KillContainer { .. } => "kill",
        OpKind::RemoveContainer { .. } => "remove",
        OpKind::PutArchive { .. } => "copy configs and secrets into",
        OpKind::RunHook { .. } => "run the hook of",
        OpKind::Wait { .. } => "wait for",
        OpKind::RemoveImage { .. } => "remove image",
    };
    format!("{verb} {}", op.subject)
}

/// What a reason contains (in lower case), and what to do about it. The first match counts.
const HINTS: &[(&str, &str)] = &[
    ("port is already allocated", "another container holds the port: stop it, or publish another port"),
    ("address already in use", "another process holds the port: stop it, or publish another port"),
    ("failed to bind host port", "another process holds the port: stop it, or publish another port"),
    ("is already in use by container", "a container of another project has this name: remove or rename it"),
    ("bind source path does not exist", "create the path on the engine's host, or correct it in the file"),
    (
        "not a directory: unknown",
        "a file is mounted onto a folder, or a folder onto a file: correct the path",
    ),
    ("executable file not found", "the image has no such program: correct command or entrypoint"),
    ("no such image", "pull or build it first"),
    ("has active endpoints", "containers are still attached to it: stop or disconnect them first"),
    ("volume is in use", "remove the containers that use it first"),
    ("image is being used", "remove the containers that use it first"),
    ("could not select device driver", "the engine has no driver for the device that the service asks for"),
    ("no space left on device", "free some disk space on the engine's host"),
    ("toomanyrequests", "the registry's rate limit is reached: log in with `docker login`, or wait"),
    ("pull access denied", "check the image's name, or log in with `docker login`"),
    ("unauthorized", "log in with `docker login`"),
    ("no basic auth credentials", "log in with `docker login`"),
    ("docker-credential-", "install the helper, or correct credsStore and credHelpers in the file"),
    ("authentication required", "log in with `docker login`"),
    ("manifest unknown", "the registry has no such tag: check the image's name"),
    ("no matching manifest", "the image is not made for this platform: set `platform`"),
    ("no such host", "the engine cannot find the registry: is it online, or behind a proxy?"),
    ("i/o timeout", "the engine cannot reach the registry: is it online, or behind a proxy?"),
    ("network is unreachable", "the engine cannot reach the registry: is it online, or behind a proxy?"),
    ("connection refused", "nothing answers at that address: is the registry running, or a proxy needed?"),
    ("server misbehaving", "the engine cannot find the registry: is it online, or behind a proxy?"),
];

/// What to do about a reason, where that is known.
pub(super) fn hint(why: &str) -> Option<String> {
    let why = why.to_ascii_lowercase();
    HINTS.iter().find(|(needle, _)| why.contains(needle)).map(|(_, hint)| (*hint).to_owned())
}

/// The error among the messages of a pull or build, which comes with status 200: `errorDetail` or `error` alone.
pub(super) fn in_stream(message: &Value) -> Option<String> {
    let text = message["errorDetail"]["message"].as_str().or_else(|| message["error"].as_str())?;
    Some(plain_text(plain_reason(text)))
}

/// What a program printed, as text of one line: no control characters (invariant 11), line ends as spaces.
pub(super) fn plain_text(text: &str) -> String {
    let visible =
        text.trim().chars().map(|character| if matches!(character, '\n' | '\t') { ' ' } else { character });
    visible.filter(|character| !character.is_control()).collect()
}

/// The last line with something in it.
pub(super) fn last_line(text: &str) -> String {
    text.lines().rev().map(plain_text).find(|line| !line.is_empty()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_get_a_hint() {
        let plain = "unable to start container process: exec: \"x\": executable file not found in $PATH";
        assert_eq!(
            hint(plain).as_deref(),
            Some("the image has no such program: correct command or entrypoint")
        );
    }

    #[test]
    fn errors_in_a_stream_are_found_in_both_forms() {
        let only_error = serde_json::json!({ "error": "no\u{1b}[2J way" });
        assert_eq!(in_stream(&only_error).as_deref(), Some("no[2J way"));
        let detail = serde_json::json!({ "errorDetail": { "message": "a" }, "error": "b" });
        assert_eq!(in_stream(&detail).as_deref(), Some("a"));
        assert_eq!(in_stream(&serde_json::json!({ "status": "fine" })), None);
    }
}
