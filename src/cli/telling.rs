//! Ops as events in Docker Compose's words: which thing, by its own name, and what happens to it.
//!
//! Pure: a plan and a state in, events out.

use super::humane;
use super::progress::{Amount, Event, Mood};
use crate::observed::ContainerId;
use crate::plan::{
    Cause, Condition, ContainerRef, Detail, Layer, Op, OpId, OpKind, OpState, Plan, RunFailure,
};

/// The events of an op's new state; none where Docker Compose says nothing.
pub fn events(plan: &Plan, id: OpId, state: &OpState) -> Vec<Event> {
    let Some(op) = plan.op(id) else { return Vec::new() };
    let mood = match state {
        OpState::Started => Mood::Working,
        OpState::Done => Mood::Done,
        OpState::Failed(_) => Mood::Error,
        OpState::Detail(Detail::Layer(one)) => return vec![layer(op, one)],
        OpState::Detail(Detail::Refused(why)) => return refused(plan, id, op, why),
        OpState::Detail(_) | OpState::Progress { .. } | OpState::Cancelled | OpState::Skipped => {
            return Vec::new();
        }
    };
    let Some((working, done)) = words(op) else { return Vec::new() };
    let status = match mood {
        Mood::Working => working,
        Mood::Done => done,
        Mood::Warning | Mood::Error => "Error",
    };
    if status.is_empty() {
        return Vec::new();
    }
    things(plan, id, op).iter().map(|id| event(op, Event::of(id, status, mood), state)).collect()
}

/// An event of a pull has its word elsewhere, and says why it failed.
fn event(op: &Op, event: Event, state: &OpState) -> Event {
    if !matches!(op.kind, OpKind::PullImage { .. }) {
        return event;
    }
    let why = if let OpState::Failed(failure) = state { failure.why.clone() } else { String::new() };
    Event { text: event.status, status: why, ..event }
}

/// What is said of an image that cannot be pulled, where its service can be built, and of a dependency that can be done
/// without.
fn refused(plan: &Plan, id: OpId, op: &Op, why: &str) -> Vec<Event> {
    let OpKind::Wait { condition, .. } = op.kind else {
        return vec![Event { text: "Warning".to_owned(), ..Event::of(&name(op), why, Mood::Warning) }];
    };
    let status = format!(
        "Skipped: {}",
        match condition {
            Condition::Completed => optional(op, why),
            _ => format!("optional dependency {:?} failed to start", op.subject),
        }
    );
    things(plan, id, op).iter().map(|id| Event::of(id, &status, Mood::Warning)).collect()
}

/// Why a dependency is done without, in Docker Compose's words; none where that is not what the op waits for.
pub fn done_without(plan: &Plan, id: OpId, why: &str) -> Option<String> {
    let op = plan.op(id)?;
    matches!(op.kind, OpKind::Wait { .. }).then(|| optional(op, why))
}

fn optional(op: &Op, why: &str) -> String {
    match (&op.kind, why.split_once(" exited with code ")) {
        (OpKind::Wait { condition: Condition::Completed, .. }, Some((_, code))) => {
            format!("optional dependency {:?} didn't complete successfully: exit {code}", op.subject)
        }
        _ => format!("optional dependency {:?} failed to start: container {}", op.subject, in_short(why)),
    }
}

/// How a container exited, in Docker Compose's words.
fn in_short(why: &str) -> String {
    let Some((name, code)) = why.split_once(" exited with code ") else { return why.to_owned() };
    let (code, more) = code.split_once(' ').unwrap_or((code, ""));
    format!("{name} exited ({code}) {more}").trim_end().to_owned()
}

/// What was begun and then cancelled.
pub fn interrupted(plan: &Plan, id: OpId) -> Vec<Event> {
    let Some(op) = plan.op(id).filter(|op| words(op).is_some()) else { return Vec::new() };
    things(plan, id, op).iter().map(|id| Event::of(id, "Interrupted", Mood::Error)).collect()
}

/// The stop of a container that does not run and is not stopped: Docker Compose tells of one all the same, whether the
/// container stays or is removed.
pub fn idle_stop(plan: &Plan, container: &ContainerId) -> Vec<Event> {
    let stops = |op: &Op| matches!(&op.kind, OpKind::StopContainer { container: ContainerRef::Id(id), .. } if id == container);
    let Some(name) = plan.names.get(container).filter(|_| !plan.ops.iter().any(stops)) else {
        return Vec::new();
    };
    let id = format!("Container {name}");
    vec![Event::of(&id, "Stopping", Mood::Working), Event::of(&id, "Stopped", Mood::Done)]
}

/// The container that an op removes for its own sake, not for a successor's.
pub fn removed(plan: &Plan, id: OpId) -> Option<&ContainerId> {
    let op = plan.op(id).filter(|op| op.cause != Cause::Replacement)?;
    match &op.kind {
        OpKind::RemoveContainer { container: ContainerRef::Id(id), .. } => Some(id),
        _ => None,
    }
}

fn layer(op: &Op, layer: &Layer) -> Event {
    let mood = if layer.is_done() { Mood::Done } else { Mood::Working };
    Event {
        parent: Some(name(op)),
        text: layer.status.clone(),
        amount: Some(Amount { current: layer.current, total: layer.total, percent: layer.percent() }),
        ..Event::of(&layer.id, &bar(layer), mood)
    }
}

/// How far a layer is, as Docker draws it where no terminal tells how much room there is.
fn bar(layer: &Layer) -> String {
    let size = |bytes: u64| humane::four_digits(bytes as f64);
    if layer.current == 0 && layer.total == 0 {
        return String::new();
    }
    if layer.total == 0 {
        let count = || format!("{} {}", layer.current, layer.units);
        return if layer.units.is_empty() { format!("{:>8}", size(layer.current)) } else { count() };
    }
    let full = (layer.current as f64 / layer.total as f64 * 100.0) as usize / 2;
    let full = full.min(50);
    let numbers = if layer.current > layer.total {
        format!("{:>8}", size(layer.current))
    } else {
        format!("{:>8}/{}", size(layer.current), size(layer.total))
    };
    format!("[{}>{}] {numbers}", "=".repeat(full), " ".repeat(50 - full))
}

/// What an image is pulled or built for.
fn name(op: &Op) -> String {
    op.service.clone().unwrap_or_else(|| op.subject.clone())
}

/// What runs already and stays as it is.
pub fn unchanged(plan: &Plan) -> Vec<Event> {
    let names = plan.kept.iter().filter_map(|id| plan.names.get(id));
    names.map(|name| Event::of(&format!("Container {name}"), "Running", Mood::Done)).collect()
}

/// A failure, in Docker Compose's words where scripts look for them.
pub fn failure(plan: &Plan, id: OpId, failure: &RunFailure) -> String {
    let (condition, cause, subject) = match plan.op(id) {
        Some(Op { kind: OpKind::Wait { condition, .. }, cause, subject, .. }) => (condition, cause, subject),
        Some(Op { kind: OpKind::RunHook { .. }, service: Some(service), .. }) => {
            return hook(service, failure).unwrap_or_else(|| answered(failure));
        }
        _ => return answered(failure),
    };
    let why = in_short(&failure.why);
    let text = match (condition, cause) {
        (Condition::Completed, _) => {
            let exit = failure.why.split_once(" exited with code ").map(|(_, code)| format!("exit {code}"));
            format!("service {subject:?} didn't complete successfully: {}", exit.unwrap_or(why))
        }
        (_, Cause::NeededBy(_)) => format!("dependency failed to start: container {why}"),
        _ => format!("container {why}"),
    };
    match &failure.hint {
        Some(hint) => format!("{text} ({hint})"),
        None => text,
    }
}

/// A hook that ended badly; none where it did not get as far.
fn hook(service: &str, failure: &RunFailure) -> Option<String> {
    let (command, code) = failure.why.split_once(" ended with code ")?;
    let (code, output) = code.split_once(": ").unwrap_or((code, ""));
    Some(format!("{service} hook exited with status {code}: {command} {output}").trim_end().to_owned())
}

/// A failure with the words before the engine's own that scripts look for.
fn answered(failure: &RunFailure) -> String {
    if !failure.is_answer {
        return failure.to_string();
    }
    RunFailure { why: format!("Error response from daemon: {}", failure.why), ..failure.clone() }.to_string()
}

/// What an op acts on.
fn things(plan: &Plan, id: OpId, op: &Op) -> Vec<String> {
    let container =
        |container: &ContainerRef| format!("Container {}", plan.name_of(container).unwrap_or(&op.subject));
    match &op.kind {
        OpKind::CreateNetwork { .. } | OpKind::RemoveNetwork { .. } => {
            vec![format!("Network {}", op.subject)]
        }
        OpKind::CreateVolume { .. } | OpKind::RemoveVolume { .. } => vec![format!("Volume {}", op.subject)],
        OpKind::RemoveImage { image } => {
            let is_tagged = image.rsplit('/').next().is_some_and(|name| name.contains([':', '@']));
            vec![format!("Image {image}{}", if is_tagged { "" } else { ":latest" })]
        }
        OpKind::PullImage { .. } | OpKind::BuildImage { .. } => {
            vec![name(op)]
        }
        OpKind::Wait { containers, .. } => containers.iter().map(container).collect(),
        OpKind::CreateContainer { .. } => vec![container(&ContainerRef::Of(id))],
        OpKind::RenameContainer { container: one, .. }
        | OpKind::DisconnectNetwork { container: one, .. }
        | OpKind::ConnectNetwork { container: one, .. }
        | OpKind::StartContainer { container: one, .. }
        | OpKind::StopContainer { container: one, .. }
        | OpKind::RestartContainer { container: one, .. }
        | OpKind::PauseContainer { container: one }
        | OpKind::UnpauseContainer { container: one }
        | OpKind::KillContainer { container: one, .. }
        | OpKind::RemoveContainer { container: one, .. }
        | OpKind::PutArchive { container: one, .. }
        | OpKind::RunHook { container: one, .. } => vec![container(one)],
    }
}

/// What is said when an op begins and when it is done; empty is nothing.
fn words(op: &Op) -> Option<(&'static str, &'static str)> {
    // The parts of a replacement are told of as one: by the creation, and by the start.
    let is_part = op.cause == Cause::Replacement;
    Some(match &op.kind {
        OpKind::PullImage { .. } => ("Pulling", "Pulled"),
        OpKind::BuildImage { .. } => ("Building", "Built"),
        OpKind::CreateNetwork { .. } | OpKind::CreateVolume { .. } => ("Creating", "Created"),
        OpKind::CreateContainer { .. } if op.cause == Cause::Missing => ("Creating", "Created"),
        OpKind::CreateContainer { .. } => ("Recreate", "Recreated"),
        OpKind::StartContainer { .. } => ("Starting", "Started"),
        OpKind::StopContainer { .. } | OpKind::RemoveContainer { .. } if is_part => return None,
        OpKind::StopContainer { .. } => ("Stopping", "Stopped"),
        OpKind::RestartContainer { .. } => ("Restarting", "Started"),
        OpKind::PauseContainer { .. } => ("", "Paused"),
        OpKind::UnpauseContainer { .. } => ("", "Unpaused"),
        OpKind::KillContainer { .. } => ("Killing", "Killed"),
        OpKind::RemoveContainer { .. }
        | OpKind::RemoveNetwork { .. }
        | OpKind::RemoveVolume { .. }
        | OpKind::RemoveImage { .. } => ("Removing", "Removed"),
        OpKind::Wait { condition: Condition::Completed, .. } => ("Waiting", "Exited"),
        OpKind::Wait { .. } => ("Waiting", "Healthy"),
        OpKind::RenameContainer { .. }
        | OpKind::DisconnectNetwork { .. }
        | OpKind::ConnectNetwork { .. }
        | OpKind::PutArchive { .. }
        | OpKind::RunHook { .. } => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layers_are_drawn_as_docker_draws_them() {
        let bar = |status: &str, current: u64, total: u64, units: &str| {
            let (id, status, units) = ("a".to_owned(), status.to_owned(), units.to_owned());
            super::bar(&Layer { id, status, current, total, units })
        };
        let space = " ".repeat(35);
        assert_eq!(
            bar("Downloading", 1_534_979, 5_007_360, ""),
            format!("[===============>{space}]  1.535MB/5.007MB")
        );
        assert_eq!(
            bar("Extracting", 204_800, 204_800, ""),
            format!("[{}>]  204.8kB/204.8kB", "=".repeat(50))
        );
        assert_eq!(bar("Extracting", 3, 0, "s"), "3 s");
        assert_eq!(bar("Downloading", 3_070_000, 0, ""), "  3.07MB");
        assert_eq!(bar("Pull complete", 0, 0, ""), "");
    }

    #[test]
    fn failed_waits_are_told_as_scripts_look_for_them() {
        let said = |condition: Condition, cause: Cause, why: &str| {
            let kind = OpKind::Wait { containers: Vec::new(), condition, required: true, limit: None };
            let op = Op { kind, cause, service: None, subject: "db".to_owned(), after: Vec::new() };
            let plan = Plan { ops: vec![op], ..Plan::default() };
            failure(
                &plan,
                OpId(0),
                &RunFailure {
                    what: "wait for db".to_owned(),
                    why: why.to_owned(),
                    hint: None,
                    is_answer: false,
                },
            )
        };
        let needed = || Cause::NeededBy("web".to_owned());
        assert_eq!(
            said(Condition::Healthy, needed(), "shop-db-1 exited with code 137 (out of memory)"),
            "dependency failed to start: container shop-db-1 exited (137) (out of memory)"
        );
        assert_eq!(
            said(Condition::Healthy, needed(), "shop-db-1 is unhealthy: no answer"),
            "dependency failed to start: container shop-db-1 is unhealthy: no answer"
        );
        assert_eq!(
            said(Condition::Completed, needed(), "shop-db-1 exited with code 3"),
            "service \"db\" didn't complete successfully: exit 3"
        );
        assert_eq!(
            said(Condition::RunningOrHealthy, Cause::Asked, "shop-db-1 exited with code 0"),
            "container shop-db-1 exited (0)"
        );
    }
}
