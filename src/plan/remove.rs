//! `remove`: containers that do not run are removed; what runs is left alone.

use super::draft::{Draft, there};
use super::scope::{OneOffs, Scope};
use super::{Cause, OpKind, Plan};

/// Plans `remove`.
pub(super) fn plan(scope: &Scope<'_>) -> Plan {
    let mut draft = Draft::new(scope);
    let volumes = scope.request.options.remove_volumes;
    for container in scope.containers(OneOffs::Excluded) {
        if container.state.is_alive() {
            draft.unchanged(container);
        } else {
            let kind = OpKind::RemoveContainer { container: there(container), volumes };
            draft.on(container, kind, Cause::Asked, Vec::new());
        }
    }
    draft.finish()
}
