//! Files in and out of containers, as tar archives.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper::StatusCode;
use hyper::header::{HeaderName, HeaderValue};
use serde_json::{Value, json};

use super::super::answer::{Answer, Refusal, Reply};
use super::super::program::Files;
use super::super::server::Ask;
use super::super::stamp::rfc3339;
use super::super::world::World;
use super::build::unpacked;

/// Folders that are there though nothing lies in them.
const FOLDERS: &[&str] =
    &["bin", "dev", "etc", "home", "mnt", "opt", "proc", "root", "run", "srv", "sys", "tmp", "usr", "var"];
/// Go's bit for a folder.
const FOLDER_BIT: u64 = 1 << 31;
const FILE_MODE: u32 = 0o644;
const FOLDER_MODE: u32 = 0o755;

/// What lies at a path.
enum Found {
    File(Vec<u8>),
    Folder(Files),
}

/// `GET` and `HEAD /containers/{}/archive`
pub(in super::super) async fn get(ask: Ask) -> Reply {
    let path = path_of(&ask)?;
    let (found, stat) = ask.sim.with(|world| {
        let id = world.id_of(ask.name())?;
        let found = found(&world.files(&id), &path).ok_or_else(|| missing(ask.name(), &path))?;
        Ok::<_, Refusal>((stat(world, &path, &found), found)).map(|(stat, found)| (found, stat))
    })?;
    let bytes = packed(&path, found).map_err(|error| Refusal::failed(error.to_string()))?;
    let mut answer = Answer::bytes("application/x-tar", bytes);
    let stat = HeaderValue::from_str(&STANDARD.encode(stat.to_string()));
    let stat = stat.map_err(|error| Refusal::failed(error.to_string()))?;
    answer.headers.insert(HeaderName::from_static("x-docker-container-path-stat"), stat);
    Ok(answer)
}

/// `PUT /containers/{}/archive`
pub(in super::super) async fn put(ask: Ask) -> Reply {
    let path = path_of(&ask)?;
    let (sim, name) = (ask.sim.clone(), ask.name().to_owned());
    sim.with(|world| check_target(world, &name, &path))?;
    let files = unpacked(&ask.bytes().await?)?;
    let folder = path.trim_end_matches('/');
    let files: Files = files.into_iter().map(|(name, bytes)| (format!("{folder}{name}"), bytes)).collect();
    sim.with(|world| {
        let id = world.id_of(&name)?;
        world.put_files(&id, files);
        Ok(())
    })?;
    Ok(Answer::empty(StatusCode::OK))
}

fn path_of(ask: &Ask) -> Result<String, Refusal> {
    ask.sim.with(|world| world.id_of(ask.name()))?;
    let path = ask.query.get("path").ok_or_else(|| Refusal::bad("bad parameter: pathcannot be empty"))?;
    Ok(format!("/{}", path.trim_start_matches('/')))
}

fn check_target(world: &World, name: &str, path: &str) -> Result<(), Refusal> {
    let id = world.id_of(name)?;
    match found(&world.files(&id), path) {
        None => return Err(missing(name, path)),
        Some(Found::File(_)) => return Err(Refusal::bad("extraction point is not a directory")),
        Some(Found::Folder(_)) => {}
    }
    let container = world.find(&id)?;
    let is_read_only = container.host.get("ReadonlyRootfs").and_then(Value::as_bool) == Some(true);
    let is_mounted = container.mounts.iter().any(|mount| path.starts_with(&mount.target) && mount.writable);
    if is_read_only && !is_mounted {
        return Err(Refusal::bad("container rootfs is marked read-only"));
    }
    Ok(())
}

fn found(files: &Files, path: &str) -> Option<Found> {
    let path = path.trim_end_matches('/');
    if let Some(content) = files.get(path) {
        return Some(Found::File(content.to_vec()));
    }
    let inside = format!("{path}/");
    let within = |(name, bytes): (&String, &std::sync::Arc<[u8]>)| {
        name.strip_prefix(&inside).map(|rest| (rest.to_owned(), bytes.clone()))
    };
    let within: Files = files.iter().filter_map(within).collect();
    let is_known = path.is_empty() || FOLDERS.contains(&path.trim_start_matches('/'));
    (is_known || !within.is_empty()).then_some(Found::Folder(within))
}

fn missing(container: &str, path: &str) -> Refusal {
    Refusal::missing(format!("Could not find the file {path} in container {container}"))
}

fn name_of(path: &str) -> &str {
    path.trim_end_matches('/').rsplit('/').next().filter(|name| !name.is_empty()).unwrap_or("/")
}

fn stat(world: &World, path: &str, found: &Found) -> Value {
    let (size, mode) = match found {
        Found::File(content) => (content.len(), u64::from(FILE_MODE)),
        Found::Folder(_) => (4096, FOLDER_BIT | u64::from(FOLDER_MODE)),
    };
    let mtime = rfc3339(world.now);
    json!({ "name": name_of(path), "size": size, "mode": mode, "mtime": mtime, "linkTarget": "" })
}

/// The archive of a file, or of a folder with all that lies in it.
fn packed(path: &str, found: Found) -> std::io::Result<Vec<u8>> {
    let mut builder = tar::Builder::new(Vec::new());
    let name = name_of(path).trim_matches('/').to_owned();
    let mut add = |name: &str, content: Option<&[u8]>| {
        let mut header = tar::Header::new_gnu();
        header.set_size(content.map_or(0, <[u8]>::len) as u64);
        header.set_uid(0);
        header.set_gid(0);
        header.set_mtime(0);
        header.set_mode(if content.is_some() { FILE_MODE } else { FOLDER_MODE });
        if content.is_none() {
            header.set_entry_type(tar::EntryType::Directory);
        }
        builder.append_data(&mut header, name, content.unwrap_or_default())
    };
    match found {
        Found::File(content) => add(&name, Some(&content))?,
        Found::Folder(files) => {
            let top = if name.is_empty() { "./".to_owned() } else { format!("{name}/") };
            add(&top, None)?;
            let mut told = std::collections::BTreeSet::new();
            for (path, content) in &files {
                for (end, _) in path.match_indices('/') {
                    if told.insert(&path[..=end]) {
                        add(&format!("{top}{}", &path[..=end]), None)?;
                    }
                }
                add(&format!("{top}{path}"), Some(content))?;
            }
        }
    }
    builder.into_inner()
}
