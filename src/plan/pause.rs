//! `pause`: running containers are frozen, all at once.

use crate::observed::State;

use super::draft::{Draft, there};
use super::scope::{OneOffs, Scope};
use super::{Cause, OpKind, Plan};

/// Plans `pause`. What is paused already is no error, unless the request is strict: then the engine says so.
pub(super) fn plan(scope: &Scope<'_>) -> Plan {
    let mut draft = Draft::new(scope);
    for container in scope.containers(OneOffs::Excluded) {
        let is_wanted = scope.request.options.strict && container.state.is_alive();
        if container.state == State::Running || is_wanted {
            let kind = OpKind::PauseContainer { container: there(container) };
            draft.on(container, kind, Cause::Asked, Vec::new());
        } else {
            draft.unchanged(container);
        }
    }
    draft.finish()
}
