//! `remove`: containers that do not run are removed; what runs is left alone, or stopped first where that is asked for.

use super::draft::{Draft, there};
use super::scope::{OneOffs, Scope};
use super::stop::Stops;
use super::{Cause, OpKind, Plan};

/// Plans `remove`. With `stop`, dependents go before what they depend on.
pub(super) fn plan(scope: &Scope<'_>) -> Plan {
    let mut draft = Draft::new(scope);
    let options = &scope.request.options;
    let mut stops = Stops::default();
    let mut containers = scope.containers(OneOffs::Excluded);
    if options.stop {
        containers.reverse();
    }
    for container in containers {
        let is_alive = container.state.is_alive();
        if is_alive && !options.stop {
            draft.unchanged(container);
            continue;
        }
        let after =
            if is_alive { vec![stops.add(&mut draft, scope, container, Cause::Asked)] } else { Vec::new() };
        let volumes = options.remove_volumes;
        let kind = OpKind::RemoveContainer { container: there(container), volumes };
        draft.on(container, kind, Cause::Asked, after);
    }
    draft.finish()
}
