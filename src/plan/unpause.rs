//! `unpause`: frozen containers go on, all at once.

use crate::observed::State;

use super::draft::{Draft, there};
use super::scope::{OneOffs, Scope};
use super::{Cause, OpKind, Plan};

/// Plans `unpause`. What is not paused is no error, unless the request is strict: then the engine says so.
pub(super) fn plan(scope: &Scope<'_>) -> Plan {
    let mut draft = Draft::new(scope);
    for container in scope.containers(OneOffs::Excluded) {
        let is_wanted = scope.request.options.strict && container.state.is_alive();
        if container.state == State::Paused || is_wanted {
            let kind = OpKind::UnpauseContainer { container: there(container) };
            draft.on(container, kind, Cause::Asked, Vec::new());
        } else {
            draft.unchanged(container);
        }
    }
    draft.finish()
}
