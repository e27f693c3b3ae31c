//! `kill`: a signal to every container that has a process, one-offs included, all at once.

use super::draft::{Draft, there};
use super::scope::{OneOffs, Scope};
use super::{Cause, OpKind, Plan};

/// Plans `kill` with this signal.
pub(super) fn plan(scope: &Scope<'_>, signal: &str) -> Plan {
    let mut draft = Draft::new(scope);
    for container in scope.containers(OneOffs::Included) {
        if container.state.is_alive() {
            let kind = OpKind::KillContainer { container: there(container), signal: signal.to_owned() };
            draft.on(container, kind, Cause::Asked, Vec::new());
        } else {
            draft.unchanged(container);
        }
    }
    draft.finish()
}
