//! Volumes: those that are missing are made, external ones must be there. What is there is never made anew.

use crate::compose::hash;
use crate::compose::model::{MountType, Volume};
use crate::observed::label;

use super::super::{Cause, Change, OpKind, PlanNote, Refusal, body};
use super::Up;

/// Appends creations.
///
/// # Errors
/// An external volume that is missing.
pub(super) fn plan(up: &mut Up<'_, '_>) -> Result<(), Refusal> {
    let project = up.project;
    for (key, volume) in &project.volumes {
        if !is_used(up, key) {
            continue;
        }
        let there = up.scope.observed.volumes.iter().find(|there| there.name == volume.name);
        match there {
            Some(there) if !volume.external => {
                note(up, volume, &there.labels);
                if differs(volume, &there.labels) {
                    diverged(up, key, volume);
                }
            }
            Some(_) => {}
            None if volume.external => {
                return Err(Refusal::new(format!("external volume {:?} not found", volume.name))
                    .hint(format!("make it with: docker volume create {}", volume.name)));
            }
            None => {
                let kind = OpKind::CreateVolume { body: body::volume_body(project, key, volume) };
                let op = up.draft.add(kind, Cause::Missing, None, &volume.name, Vec::new());
                up.made.volumes.insert(key.clone(), op);
            }
        }
    }
    Ok(())
}

fn is_used(up: &Up<'_, '_>, key: &str) -> bool {
    let mut mounts = up.selection.services.iter().flat_map(|service| &service.volumes);
    up.scope.request.options.all_resources
        || mounts.any(|mount| mount.kind == MountType::Volume && mount.source.as_deref() == Some(key))
}

/// A volume without a hash is used as it is, as in Docker Compose.
fn differs(volume: &Volume, labels: &std::collections::BTreeMap<String, String>) -> bool {
    labels.get(label::CONFIG_HASH).is_some_and(|hash| *hash != hash::volume(volume))
}

/// Made anew where that was asked for: it is removed once its containers are.
fn diverged(up: &mut Up<'_, '_>, key: &str, volume: &Volume) {
    if up.scope.request.options.recreate_volumes {
        up.diverged_volumes.push(key.to_owned());
    } else {
        up.draft.note(PlanNote::VolumeDiffers { volume: volume.name.clone() });
    }
}

/// Why a volume is made anew.
pub(super) fn cause(up: &Up<'_, '_>, key: &str) -> Cause {
    let place = super::super::drift::place(up.project, &["volumes", key]);
    Cause::Drift(vec![Change { attribute: format!("volumes.{key}"), old: None, new: None, place }])
}

/// Docker Compose asks whether to throw the data away; a plan never does that unasked.
fn note(up: &mut Up<'_, '_>, volume: &Volume, labels: &std::collections::BTreeMap<String, String>) {
    let name = &volume.name;
    match labels.get(label::PROJECT) {
        None => up.draft.note(PlanNote::Warning(format!(
            "volume {name} was not made by Compose; set `external: true` to use it knowingly"
        ))),
        Some(other) if *other != up.project.name => up.draft.note(PlanNote::Warning(format!(
            "volume {name} was made for project {other}; set `external: true` to use it knowingly"
        ))),
        Some(_) => {}
    }
}
