//! A plan as text: one op a line, then what is unchanged, then the notes. Tests compare it and `--dry-run` prints it.

use std::fmt;

use super::{Cause, Change, Condition, NetworkRef, OnFailure, Op, OpId, OpKind, Plan, PlanNote};

impl fmt::Display for Plan {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, op) in self.ops.iter().enumerate() {
            writeln!(out, "{} {op}", OpId(index))?;
        }
        if self.is_provisional {
            writeln!(out, "then planned again with the images at hand")?;
        }
        if !self.unchanged.is_empty() {
            writeln!(out, "unchanged: {}", self.unchanged.join(", "))?;
        }
        self.notes.iter().try_for_each(|note| writeln!(out, "note: {note}"))
    }
}

/// `recreate redis-1: image redis:4.0 → redis:7.2  after #1`
impl fmt::Display for Op {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} {}", self.kind.name(), self.subject)?;
        write_details(out, &self.kind)?;
        let cause = self.cause.to_string();
        if !cause.is_empty() {
            write!(out, ": {cause}")?;
        }
        if !self.after.is_empty() {
            let after: Vec<String> = self.after.iter().map(OpId::to_string).collect();
            write!(out, "  after {}", after.join(" "))?;
        }
        Ok(())
    }
}

impl OpKind {
    /// What it does, in a word or two.
    pub fn name(&self) -> &'static str {
        match self {
            Self::PullImage { .. } => "pull",
            Self::BuildImage { .. } => "build",
            Self::CreateNetwork { .. } => "create network",
            Self::RemoveNetwork { .. } => "remove network",
            Self::CreateVolume { .. } => "create volume",
            Self::RemoveVolume { .. } => "remove volume",
            Self::CreateContainer { .. } => "create",
            Self::RenameContainer { .. } => "rename",
            Self::DisconnectNetwork { .. } => "disconnect",
            Self::ConnectNetwork { .. } => "connect",
            Self::StartContainer { .. } => "start",
            Self::StopContainer { .. } => "stop",
            Self::RestartContainer { .. } => "restart",
            Self::PauseContainer { .. } => "pause",
            Self::UnpauseContainer { .. } => "unpause",
            Self::KillContainer { .. } => "kill",
            Self::RemoveContainer { .. } => "remove",
            Self::PutArchive { .. } => "copy into",
            Self::RunHook { .. } => "run hook in",
            Self::Wait { .. } => "wait for",
            Self::RemoveImage { .. } => "remove image",
        }
    }
}

fn write_details(out: &mut fmt::Formatter<'_>, kind: &OpKind) -> fmt::Result {
    match kind {
        OpKind::CreateContainer { name, .. } => write!(out, " as {name}"),
        OpKind::RenameContainer { name, .. } => write!(out, " to {name}"),
        OpKind::DisconnectNetwork { network, .. } => write!(out, " from {network}"),
        OpKind::ConnectNetwork { network: NetworkRef::Name(network) | NetworkRef::Id(network), .. } => {
            write!(out, " to {network}")
        }
        OpKind::KillContainer { signal, .. } => write!(out, " with {signal}"),
        OpKind::RemoveContainer { volumes: true, .. } => out.write_str(" with its volumes"),
        OpKind::PullImage { on_failure: OnFailure::GoOn, .. } => out.write_str(" (else build)"),
        OpKind::PutArchive { files, .. } => {
            let paths: Vec<&str> = files.iter().map(|file| file.path.as_str()).collect();
            write!(out, " {}", paths.join(", "))
        }
        OpKind::Wait { condition, required, .. } => {
            write!(out, " {}{}", condition, if *required { "" } else { " (optional)" })
        }
        _ => Ok(()),
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Running => "running",
            Self::Healthy => "healthy",
            Self::Completed => "completed",
            Self::RunningOrHealthy => "running or healthy",
        })
    }
}

/// The reason, and nothing for what explains itself.
impl fmt::Display for Cause {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Asked | Self::Replacement => Ok(()),
            Self::Missing => out.write_str("missing"),
            Self::Drift(changes) if changes.is_empty() => out.write_str("config hash"),
            Self::Drift(changes) => {
                let changes: Vec<String> = changes.iter().map(Change::to_string).collect();
                out.write_str(&changes.join("; "))
            }
            Self::NewImage => out.write_str("new image"),
            Self::NotRunning => out.write_str("not running"),
            Self::ScaledDown => out.write_str("scaled down"),
            Self::Follows(other) => write!(out, "follows {other}"),
            Self::NeededBy(other) => write!(out, "needed by {other}"),
            Self::Orphan => out.write_str("orphan"),
        }
    }
}

/// `image redis:4.0 → redis:7.2`, `environment.LEVEL debug`, `ports 80:80 removed`.
impl fmt::Display for Change {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.attribute)?;
        match (&self.old, &self.new) {
            (Some(old), Some(new)) => write!(out, " {old} → {new}")?,
            (Some(old), None) => write!(out, " {old} removed")?,
            (None, Some(new)) => write!(out, " {new} added")?,
            (None, None) => {}
        }
        match &self.place {
            Some(place) => write!(out, " ({place})"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for PlanNote {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Orphan { container, service } if service.is_empty() => {
                write!(out, "orphan {container} stays")
            }
            Self::Orphan { container, service } => write!(out, "orphan {container} of {service} stays"),
            Self::PortTaken { service, port, holder } => {
                write!(out, "{service}: port {port} is held by {holder}")
            }
            Self::KeepsContainer { container } => write!(out, "{container} stays: its profile is off"),
            Self::KeepsVolume { volume } => write!(out, "volume {volume} stays"),
            Self::VolumeDiffers { volume } => write!(
                out,
                "volume {volume} differs from the file and stays as it is; down with volumes, then up, makes it anew"
            ),
            Self::NotPulled { service, why: "" } => write!(out, "{service} is not pulled: its policy"),
            Self::NotPulled { service, why } => write!(out, "{service} is not pulled: {why}"),
            Self::Warning(text) => out.write_str(text),
        }
    }
}
