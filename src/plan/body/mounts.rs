//! What is mounted into a container, and by which of the engine's two ways.
//!
//! Plain mounts go to `HostConfig.Binds`, which makes missing folders of the host; what `Binds` cannot say goes to
//! `HostConfig.Mounts`. A container that replaces another takes over its anonymous volumes.

use indexmap::IndexMap;
use serde_json::{Map, Value, json};

use crate::compose::emit::Flavour;
use crate::compose::model::{self, BindOptions, MountType, VolumeOptions};
use crate::observed::{Container, Image};

use super::files::{self, Files};
use super::{Context, Refusal, Wanted};

/// Adds `Binds` and `Mounts`.
///
/// # Errors
/// A config or secret that no engine without swarm can give.
pub(super) fn add(
    host: &mut Map<String, Value>,
    context: &Context<'_>,
    wanted: &Wanted<'_>,
) -> Result<(), Refusal> {
    let mut binds: Vec<String> = Vec::new();
    // By target: what comes later replaces what came before, but files give way to mounts.
    let mut mounts: IndexMap<String, Value> = IndexMap::new();
    let inherited = wanted.heir_of.map(|old| inherited(old, wanted)).unwrap_or_default();
    mounts.extend(inherited.clone());
    for mount in &wanted.service.volumes {
        let is_anonymous = mount.source.as_deref().unwrap_or_default().is_empty();
        if is_anonymous && inherited.contains_key(&mount.target) {
            continue;
        }
        mounts.shift_remove(&mount.target);
        match bind(context, mount) {
            Some(bind) => binds.push(bind),
            None => {
                mounts.insert(mount.target.clone(), api_mount(context, mount));
            }
        }
    }
    let taken = |target: &str| wanted.service.volumes.iter().any(|mount| mount.target == target);
    for kind in [Files::Secrets, Files::Configs] {
        for (target, mount) in files::mounts(context.project, wanted.service, kind)? {
            if !taken(&target) {
                mounts.entry(target).or_insert(mount);
            }
        }
    }
    if !binds.is_empty() {
        host.insert("Binds".to_owned(), json!(binds));
    }
    if !mounts.is_empty() {
        host.insert("Mounts".to_owned(), Value::Array(mounts.into_values().collect()));
    }
    Ok(())
}

/// The anonymous volumes of the container before: those at a `VOLUME` of the image or at an entry without a source.
fn inherited(old: &Container, wanted: &Wanted<'_>) -> IndexMap<String, Value> {
    let anonymous = |target: &str| {
        let mut entries = wanted.service.volumes.iter();
        entries.any(|mount| mount.target == target && mount.source.as_deref().unwrap_or_default().is_empty())
    };
    let kept = old.mounts.iter().filter(|mount| mount.kind != "tmpfs");
    let kept = kept.filter(|mount| declares_volume(wanted.image, &mount.target) || anonymous(&mount.target));
    kept.map(|mount| {
        let source = if mount.kind == "volume" { &mount.name } else { &mount.source };
        let mut body = json!({"Type": mount.kind, "Source": source, "Target": mount.target});
        if !mount.writable {
            body["ReadOnly"] = json!(true);
        }
        (mount.target.clone(), body)
    })
    .collect()
}

/// Whether the image has a `VOLUME` at this path.
pub(super) fn declares_volume(image: Option<&Image>, target: &str) -> bool {
    image.is_some_and(|image| image.config["Volumes"].get(target).is_some())
}

/// The entry of `Binds` for a mount, if it can be said there: `name:/path:rw`.
fn bind(context: &Context<'_>, mount: &model::Mount) -> Option<String> {
    let source = mount.source.as_deref().filter(|source| !source.is_empty())?;
    let source = match mount.kind {
        MountType::Bind if !mount.bind.as_ref().is_some_and(|bind| needs_mounts(context, bind)) => {
            source.to_owned()
        }
        MountType::Volume if !mount.volume.as_ref().is_some_and(volume_needs_mounts) => {
            volume_name(context, source)
        }
        _ => return None,
    };
    let mut options = vec![if mount.read_only { "ro" } else { "rw" }];
    if let Some(label) = mount.bind.as_ref().and_then(|bind| bind.selinux.as_deref()) {
        options.push(label);
    }
    Some(format!("{source}:{}:{}", mount.target, options.join(",")))
}

fn needs_mounts(context: &Context<'_>, bind: &BindOptions) -> bool {
    !creates_host_path(context, bind) || bind.propagation.is_some() || bind.recursive.is_some()
}

/// What is not said means no up to Docker Compose 2.40 and yes from 5 on.
fn creates_host_path(context: &Context<'_>, bind: &BindOptions) -> bool {
    bind.create_host_path.unwrap_or(context.flavour == Flavour::Five)
}

fn volume_needs_mounts(volume: &VolumeOptions) -> bool {
    volume.nocopy || !volume.labels.is_empty() || volume.subpath.as_ref().is_some_and(|path| !path.is_empty())
}

/// The engine's name of a volume of the file; what the file does not know is a name already.
fn volume_name(context: &Context<'_>, key: &str) -> String {
    context.project.volume_name(key).unwrap_or(key).to_owned()
}

/// The entry of `Mounts` for a mount.
fn api_mount(context: &Context<'_>, mount: &model::Mount) -> Value {
    let mut body = Map::new();
    let mut put = |key: &str, value: Value| body.insert(key.to_owned(), value);
    put("Type", json!(mount.kind));
    if let Some(source) = mount.source.as_deref().filter(|source| !source.is_empty()) {
        let is_volume = mount.kind == MountType::Volume;
        put("Source", json!(if is_volume { volume_name(context, source) } else { source.to_owned() }));
    }
    put("Target", json!(mount.target));
    if mount.read_only {
        put("ReadOnly", json!(true));
    }
    if let Some(consistency) = &mount.consistency {
        put("Consistency", json!(consistency));
    }
    match mount.kind {
        MountType::Bind => mount.bind.as_ref().map(|bind| put("BindOptions", bind_options(context, bind))),
        MountType::Volume => mount.volume.as_ref().map(|volume| put("VolumeOptions", volume_options(volume))),
        MountType::Tmpfs => mount.tmpfs.as_ref().map(|tmpfs| put("TmpfsOptions", tmpfs_options(tmpfs))),
        MountType::Image => mount.image.as_ref().map(|image| {
            let subpath = image.subpath.iter().map(|path| ("Subpath".to_owned(), json!(path))).collect();
            put("ImageOptions", Value::Object(subpath))
        }),
        MountType::Npipe | MountType::Cluster => None,
    };
    Value::Object(body)
}

fn bind_options(context: &Context<'_>, bind: &BindOptions) -> Value {
    let mut options = Map::new();
    if let Some(propagation) = &bind.propagation {
        options.insert("Propagation".to_owned(), json!(propagation));
    }
    if creates_host_path(context, bind) {
        options.insert("CreateMountpoint".to_owned(), json!(true));
    }
    let recursive = match bind.recursive.as_deref() {
        Some("disabled") => Some("NonRecursive"),
        Some("writable") => Some("ReadOnlyNonRecursive"),
        Some("readonly") => Some("ReadOnlyForceRecursive"),
        _ => None,
    };
    options.extend(recursive.map(|key| (key.to_owned(), json!(true))));
    Value::Object(options)
}

fn volume_options(volume: &VolumeOptions) -> Value {
    let mut options = Map::new();
    if volume.nocopy {
        options.insert("NoCopy".to_owned(), json!(true));
    }
    if !volume.labels.is_empty() {
        options.insert("Labels".to_owned(), json!(volume.labels));
    }
    if let Some(subpath) = volume.subpath.as_deref().filter(|path| !path.is_empty()) {
        options.insert("Subpath".to_owned(), json!(subpath));
    }
    Value::Object(options)
}

fn tmpfs_options(tmpfs: &model::TmpfsOptions) -> Value {
    let mut options = Map::new();
    if let Some(size) = tmpfs.size {
        options.insert("SizeBytes".to_owned(), json!(size.0));
    }
    if tmpfs.mode != 0 {
        options.insert("Mode".to_owned(), json!(tmpfs.mode));
    }
    Value::Object(options)
}
