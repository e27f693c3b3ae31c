//! Commands that run inside a container after its start or before its stop (`post_start`, `pre_stop`).

use serde_json::{Value, json};

use crate::compose::model::Hook;

use super::draft::Draft;
use super::{Cause, ContainerRef, OpId, OpKind, body};

/// Appends the hooks of a container, each after the one before, the first after `op`; returns the last op.
pub(super) fn plan(
    draft: &mut Draft<'_>,
    hooks: &[Hook],
    container: &ContainerRef,
    service: &str,
    subject: &str,
    op: OpId,
) -> OpId {
    hooks.iter().fold(op, |last, hook| {
        let kind = OpKind::RunHook { container: container.clone(), body: exec(hook) };
        draft.add(kind, Cause::NeededBy(service.to_owned()), Some(service), subject, vec![last])
    })
}

/// Appends the hooks that come before a stop; returns what the stop must come after.
pub(super) fn plan_before(
    draft: &mut Draft<'_>,
    hooks: &[Hook],
    container: &ContainerRef,
    service: &str,
    subject: &str,
    after: Vec<OpId>,
) -> Vec<OpId> {
    hooks.iter().fold(after, |after, hook| {
        let kind = OpKind::RunHook { container: container.clone(), body: exec(hook) };
        vec![draft.add(kind, Cause::NeededBy(service.to_owned()), Some(service), subject, after)]
    })
}

/// The body of `POST /containers/{id}/exec`.
fn exec(hook: &Hook) -> Value {
    json!({
        "AttachStdout": true,
        "AttachStderr": true,
        "Cmd": hook.command,
        "Env": body::environment(&hook.environment),
        "Privileged": hook.privileged,
        "User": hook.user.as_deref().unwrap_or_default(),
        "WorkingDir": hook.working_dir.as_deref().unwrap_or_default(),
    })
}
