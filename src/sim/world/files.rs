//! The files of containers, of the volumes that they share, and what their programs are sent.
//!
//! A program has its own copy while it runs. What it wrote is the container's when it has ended, and a volume's for the
//! containers that are started after it.

use super::super::program::{Files, Process};
use super::World;
use super::container::{Container, Mount};

impl Container {
    /// Its files as they are now.
    pub(crate) fn files(&self) -> &Files {
        self.life.process.as_ref().map_or(&self.files, Process::files)
    }

    fn volumes(&self) -> impl Iterator<Item = &Mount> {
        self.mounts.iter().filter(|mount| mount.kind == "volume")
    }
}

impl World {
    /// The files of a container, with those of its volumes.
    pub(in super::super) fn files(&self, id: &str) -> Files {
        let Some(container) = self.containers.get(id) else { return Files::new() };
        let mut files = container.files().clone();
        if container.life.process.is_some() {
            return files;
        }
        for mount in container.volumes() {
            let Some(volume) = self.volumes.get(&mount.volume) else { continue };
            files.extend(
                volume.files.iter().map(|(rest, bytes)| (format!("{}{rest}", mount.target), bytes.clone())),
            );
        }
        files
    }

    /// Lays files into a container.
    pub(in super::super) fn put_files(&mut self, id: &str, more: Files) {
        let mut files = self.files(id);
        files.extend(more);
        self.keep_files(id, &files);
    }

    /// The files of a container are these from now on, and those of its volumes likewise.
    pub(super) fn keep_files(&mut self, id: &str, files: &Files) {
        self.change(id, |container| {
            container.files.clone_from(files);
            if let Some(process) = &mut container.life.process {
                process.keep_files(files);
            }
        });
        let Some(container) = self.containers.get(id) else { return };
        for mount in container.volumes() {
            let Some(volume) = self.volumes.get_mut(&mount.volume) else { continue };
            let inside = format!("{}/", mount.target.trim_end_matches('/'));
            let within = files.iter().filter(|(path, _)| path.starts_with(&inside));
            volume.files =
                within.map(|(path, bytes)| (path[inside.len() - 1..].to_owned(), bytes.clone())).collect();
        }
    }

    /// Sends a container's program what is typed; none is the end of it.
    pub(in super::super) fn feed(&mut self, id: &str, bytes: Option<&[u8]>) {
        let now = self.now;
        let ending = self.change(id, |container| {
            let (process, log) = (&mut container.life.process, &mut container.log);
            let ending = process.as_mut().and_then(|process| {
                process.feed(bytes, now, &mut |at, source, bytes| log.print(at, source, bytes))
            });
            container.beat(|_| {});
            ending
        });
        if let Some(ending) = ending.flatten() {
            self.end(id, ending);
        }
    }
}
