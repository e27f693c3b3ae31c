//! Names of containers: each is given once, and none that another container holds.

use std::collections::BTreeMap;

use super::super::Refusal;
use super::converge::{Fate, Replica};
use super::select::Selection;
use super::{Up, orphans};

/// Checks that no two services share a `container_name`.
pub(super) fn check_project(selection: &Selection<'_>) -> Result<(), Refusal> {
    let mut holders: BTreeMap<&str, &str> = BTreeMap::new();
    for service in &selection.services {
        let Some(name) = service.container_name.as_deref() else { continue };
        if let Some(other) = holders.insert(name, &service.name) {
            let why = format!(
                "container name {name:?} is already in use by service {other}, and service {} has the same",
                service.name
            );
            return Err(Refusal::new(why).hint("give one of them another container_name"));
        }
    }
    Ok(())
}

/// Checks that the names of new containers are free, or are those of orphans that the plan removes.
pub(super) fn check_engine(up: &Up<'_, '_>, replicas: &[Replica<'_>]) -> Result<(), Refusal> {
    if up.scope.request.options.leave_to_engine {
        return Ok(());
    }
    for replica in
        replicas.iter().filter(|replica| matches!(replica.fate, Fate::Create(_) | Fate::Recreate(_)))
    {
        let observed = up.scope.observed;
        let holder = observed.containers.iter().chain(&observed.others).find(|one| one.name == replica.name);
        let Some(holder) = holder.filter(|holder| replica.old.is_none_or(|old| old.id != holder.id)) else {
            continue;
        };
        // Orphans that are removed go before anything is made.
        let is_orphan = orphans(up.scope, up.project).iter().any(|orphan| orphan.id == holder.id);
        if up.scope.request.options.remove_orphans && is_orphan {
            continue;
        }
        let owner = match holder.project() {
            Some(project) => format!("a container of project {project}"),
            None => "a container of no project".to_owned(),
        };
        let why = format!("container name {:?} is already in use by {owner}", replica.name);
        return Err(
            Refusal::new(why).hint("remove or rename that container, or give the service another name")
        );
    }
    Ok(())
}
