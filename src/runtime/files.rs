//! Watching the files that the project was read from. Their folders are watched, not they: editors put a new file in the
//! old one's place, and a file that is not there yet can be made. The system tells of changes; nothing is polled.
//!
//! A folder that nobody had watched before may have changed since it was read, so that is told at once (invariant 5).

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use notify::event::{AccessKind, AccessMode, Event, EventKind, RemoveKind};
use notify::{RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::mpsc;
use tokio::task;

use super::runs::send;
use crate::app::Msg;

/// The watch on the files of the project. It ends with its last copy.
#[derive(Clone)]
pub(super) struct FileWatch {
    watched: Arc<Mutex<Watched>>,
    wanted: Arc<Mutex<Wanted>>,
    results: mpsc::UnboundedSender<Msg>,
}

/// What the system watches for us.
#[derive(Default)]
struct Watched {
    /// None before the first files are known.
    watcher: Option<RecommendedWatcher>,
    folders: HashSet<PathBuf>,
    /// Whether a failure was told; it stays the same one.
    has_failed: bool,
}

/// Which changes are told.
#[derive(Default)]
struct Wanted {
    paths: HashSet<PathBuf>,
    /// Folders that went away since they were watched.
    lost: HashSet<PathBuf>,
}

impl FileWatch {
    pub(super) fn new(results: mpsc::UnboundedSender<Msg>) -> Self {
        Self { watched: Arc::default(), wanted: Arc::default(), results }
    }

    /// Watches these paths in place of those before, beside the loop: asking the disk may take its time.
    pub(super) fn turn_to(&self, paths: Vec<PathBuf>) {
        let own = self.clone();
        task::spawn_blocking(move || own.watch(paths));
    }

    fn watch(&self, paths: Vec<PathBuf>) {
        let mut watched = self.watched.lock().unwrap_or_else(PoisonError::into_inner);
        let paths = with_targets(paths);
        let folders: HashSet<PathBuf> = paths.iter().filter_map(|path| folder(path)).collect();
        let lost = {
            let mut wanted = self.wanted.lock().unwrap_or_else(PoisonError::into_inner);
            wanted.paths = paths;
            std::mem::take(&mut wanted.lost)
        };
        watched.folders.retain(|folder| !lost.contains(folder));
        if watched.folders == folders {
            return;
        }
        match self.turn(&mut watched, folders) {
            Ok(true) => send(&self.results, Msg::FilesChanged),
            Err(error) if !watched.has_failed => {
                watched.has_failed = true;
                let text = format!("changes of the compose files are not noticed: {error}");
                send(&self.results, Msg::Notice { failed: true, text });
            }
            Ok(false) | Err(_) => {}
        }
    }

    /// Turns the system's watch to these folders; whether there is a new one among them.
    fn turn(&self, watched: &mut Watched, folders: HashSet<PathBuf>) -> notify::Result<bool> {
        let watcher = match &mut watched.watcher {
            Some(watcher) => watcher,
            none => none.insert(self.watcher()?),
        };
        for folder in watched.folders.difference(&folders) {
            // One that is gone is watched no longer anyway.
            drop(watcher.unwatch(folder));
        }
        let new: Vec<PathBuf> = folders.difference(&watched.folders).cloned().collect();
        watched.folders = folders;
        for folder in &new {
            if let Err(error) = watcher.watch(folder, RecursiveMode::NonRecursive) {
                watched.folders.remove(folder);
                return Err(error);
            }
        }
        Ok(!new.is_empty())
    }

    fn watcher(&self) -> notify::Result<RecommendedWatcher> {
        let (wanted, results) = (Arc::clone(&self.wanted), self.results.clone());
        notify::recommended_watcher(move |event: notify::Result<Event>| {
            let mut wanted = wanted.lock().unwrap_or_else(PoisonError::into_inner);
            // Events that were missed, for one, come as an error: then anything may have changed.
            if event.as_ref().map_or(true, |event| wanted.takes(event)) {
                send(&results, Msg::FilesChanged);
            }
        })
    }
}

impl Wanted {
    /// Whether an event is about one of the paths, or a folder above one.
    fn takes(&mut self, event: &Event) -> bool {
        if !is_change(event.kind) {
            return false;
        }
        if event.kind == EventKind::Remove(RemoveKind::Folder) {
            self.lost.extend(event.paths.iter().cloned());
        }
        let concerns = |changed: &PathBuf| self.paths.iter().any(|path| path.starts_with(changed));
        event.need_rescan() || event.paths.iter().any(concerns)
    }
}

/// Whether something is different after an event. Opening and reading, as we do ourselves, changes nothing.
fn is_change(kind: EventKind) -> bool {
    !matches!(kind, EventKind::Access(access) if access != AccessKind::Close(AccessMode::Write))
}

/// The paths, and where they lead if they or their folders are links: those may be changed as well. Standard input is no
/// file.
fn with_targets(paths: Vec<PathBuf>) -> HashSet<PathBuf> {
    let files = paths.into_iter().filter(|path| path.is_absolute());
    files.flat_map(|path| target(&path).into_iter().chain([path])).collect()
}

/// A path with its links followed, as far as it is there.
fn target(path: &Path) -> Option<PathBuf> {
    path.ancestors().find_map(|there| {
        let rest = path.strip_prefix(there).ok()?;
        let there = there.canonicalize().ok()?;
        // Joining nothing would add a slash.
        Some(if rest.as_os_str().is_empty() { there } else { there.join(rest) })
    })
}

/// The folder that a path lies in, or the nearest one above that is there.
fn folder(path: &Path) -> Option<PathBuf> {
    path.ancestors().skip(1).find(|folder| folder.is_dir()).map(Path::to_path_buf)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::time::Duration;

    use super::*;

    /// A watch on these files of a folder, once it has said that the folder was new.
    async fn watch(folder: &Path, files: &[&str]) -> (FileWatch, mpsc::UnboundedReceiver<Msg>) {
        let (results, mut told) = mpsc::unbounded_channel();
        let watch = FileWatch::new(results);
        watch.turn_to(files.iter().map(|file| folder.join(file)).collect());
        changed(&mut told).await;
        (watch, told)
    }

    async fn changed(told: &mut mpsc::UnboundedReceiver<Msg>) {
        let msg = tokio::time::timeout(Duration::from_secs(20), told.recv()).await;
        assert!(matches!(msg, Ok(Some(Msg::FilesChanged))), "{msg:?}");
    }

    /// A change in a folder that holds `compose.yaml`, a link to it, and nothing else is told.
    async fn check(change: impl Fn(&Path) -> std::io::Result<()>) {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("real")).unwrap();
        fs::write(folder.path().join("real/linked.yaml"), "a").unwrap();
        fs::write(folder.path().join("compose.yaml"), "a").unwrap();
        std::os::unix::fs::symlink("real/linked.yaml", folder.path().join("link.yaml")).unwrap();
        let files = ["compose.yaml", "link.yaml", ".env", "sub/deeper/x.yaml"];
        let (_watch, mut told) = watch(folder.path(), &files).await;
        assert!(told.try_recv().is_err());
        change(folder.path()).unwrap();
        changed(&mut told).await;
    }

    #[tokio::test]
    async fn changes_are_told_however_they_are_made() {
        check(|folder| fs::write(folder.join("compose.yaml"), "b")).await;
        check(|folder| fs::rename(folder.join("real/linked.yaml"), folder.join("compose.yaml"))).await;
        check(|folder| fs::remove_file(folder.join("compose.yaml"))).await;
        check(|folder| fs::write(folder.join(".env"), "A=1")).await;
        check(|folder| fs::create_dir(folder.join("sub"))).await;
        check(|folder| fs::write(folder.join("real/linked.yaml"), "b")).await;
        check(|folder| fs::remove_dir_all(folder)).await;
    }

    #[test]
    fn only_changes_of_the_project_are_told() {
        let mut wanted = Wanted { paths: HashSet::from(["/p/compose.yaml".into()]), ..Wanted::default() };
        let mut check = |kind: EventKind, path: &str, expected: bool| {
            assert_eq!(wanted.takes(&Event::new(kind).add_path(path.into())), expected, "{kind:?} {path}");
        };
        let close = |mode| EventKind::Access(AccessKind::Close(mode));
        check(EventKind::Any, "/p/compose.yaml", true);
        check(EventKind::Any, "/p", true);
        check(EventKind::Any, "/p/other.log", false);
        check(close(AccessMode::Write), "/p/compose.yaml", true);
        check(close(AccessMode::Read), "/p/compose.yaml", false);
        check(EventKind::Access(AccessKind::Open(AccessMode::Any)), "/p/compose.yaml", false);
    }

    #[tokio::test]
    async fn a_folder_made_anew_is_watched_again() {
        let above = tempfile::tempdir().unwrap();
        let folder = above.path().join("project");
        fs::create_dir(&folder).unwrap();
        let (watch, mut told) = watch(&folder, &["compose.yaml"]).await;
        fs::remove_dir(&folder).unwrap();
        while !watch.wanted.lock().unwrap().lost.contains(&folder) {
            changed(&mut told).await;
        }
        fs::create_dir(&folder).unwrap();
        watch.watch(vec![folder.join("compose.yaml")]);
        while told.try_recv().is_ok() {}
        fs::write(folder.join("compose.yaml"), "b").unwrap();
        changed(&mut told).await;
    }
}
