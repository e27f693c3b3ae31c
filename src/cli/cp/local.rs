//! The end of a copy that lies on this machine: where things go, what goes into an archive, what comes out of one.

use std::fs::{self, Metadata};
use std::io::{self, Read, Write};
use std::path::{Component, Path, PathBuf};

use tokio::sync::mpsc;

/// The place that a copy goes to, here or in a container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The path as it was given, links followed.
    pub path: String,
    /// What is there.
    pub there: There,
}

/// What is at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum There {
    /// Nothing.
    Nothing,
    /// A folder.
    Folder,
    /// Something else.
    File,
}

/// Where an archive is unpacked, and the name that its first part gets there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Landing {
    /// The folder.
    pub folder: String,
    /// The new name; none to keep the archive's.
    pub name: Option<String>,
}

/// Where a copy lands, by the rules of `docker cp`.
///
/// # Errors
/// Where a folder would have to replace a file, or a folder that is named is not there.
pub fn landing(to: &Place, is_folder: bool) -> Result<Landing, String> {
    let (parent, name) = split(&to.path);
    match to.there {
        There::Folder => Ok(Landing { folder: to.path.clone(), name: None }),
        There::File if is_folder => Err("cannot copy directory".to_owned()),
        There::Nothing if !is_folder && names_folder(&to.path) => Err("no such directory".to_owned()),
        There::File | There::Nothing => Ok(Landing { folder: parent, name: Some(name) }),
    }
}

/// Whether a path says that it is a folder: `x/`, `x/.`.
pub fn names_folder(path: &str) -> bool {
    path.ends_with('/') || path.ends_with("/.") || path == "."
}

/// The folder that a path lies in, and its last part.
pub fn split(path: &str) -> (String, String) {
    let clean = if path.ends_with("/.") { path } else { path.trim_end_matches('/') };
    match clean.rsplit_once('/') {
        Some(("", name)) => ("/".to_owned(), name.to_owned()),
        Some((folder, name)) => (folder.to_owned(), name.to_owned()),
        None => (".".to_owned(), clean.to_owned()),
    }
}

/// What is at a path here, links followed.
pub fn place(path: &str) -> Place {
    let there = match fs::metadata(path) {
        Ok(found) if found.is_dir() => There::Folder,
        Ok(_) => There::File,
        Err(_) => There::Nothing,
    };
    Place { path: path.to_owned(), there }
}

/// Writes an archive of a path here, under this name.
///
/// # Errors
/// Where something cannot be read.
pub fn pack(output: &mut dyn Write, path: &Path, name: &str, follow: bool) -> Result<(), String> {
    let mut builder = tar::Builder::new(output);
    builder.follow_symlinks(false);
    let packed = add(&mut builder, path, Path::new(name), follow).and_then(|()| builder.finish());
    packed.map_err(|error| format!("cannot read {}: {error}", path.display()))
}

fn add(builder: &mut tar::Builder<&mut dyn Write>, path: &Path, name: &Path, follow: bool) -> io::Result<()> {
    let found: Metadata = if follow { fs::metadata(path)? } else { fs::symlink_metadata(path)? };
    let mut header = tar::Header::new_gnu();
    header.set_metadata(&found);
    if found.is_dir() {
        header.set_entry_type(tar::EntryType::Directory);
        header.set_size(0);
        builder.append_data(&mut header, name, io::empty())?;
        let mut entries = fs::read_dir(path)?.collect::<Result<Vec<_>, _>>()?;
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            add(builder, &entry.path(), &name.join(entry.file_name()), false)?;
        }
        return Ok(());
    }
    if found.is_symlink() {
        header.set_entry_type(tar::EntryType::Symlink);
        header.set_size(0);
        return builder.append_link(&mut header, name, fs::read_link(path)?);
    }
    // Sockets, pipes and devices have no content that could be sent.
    if !found.is_file() {
        return Ok(());
    }
    header.set_size(found.len());
    // A file that grows meanwhile must not spoil the archive.
    builder.append_data(&mut header, name, fs::File::open(path)?.take(found.len()))
}

/// Unpacks an archive from a container. Nothing of it gets out of the folder, through `..` or links.
///
/// # Errors
/// Where something cannot be written.
pub fn unpack(input: impl Read, landing: &Landing) -> io::Result<()> {
    let folder = fs::canonicalize(&landing.folder)?;
    let mut archive = tar::Archive::new(input);
    let mut folders = Vec::new();
    for entry in archive.entries()? {
        let mut entry = entry?;
        let Some(name) = renamed(&entry.path()?, landing.name.as_deref()) else { continue };
        let target = folder.join(name);
        if !is_inside(&folder, &target) {
            return Err(io::Error::other(format!("{} leads out of {}", target.display(), folder.display())));
        }
        entry.set_preserve_permissions(true);
        entry.set_preserve_mtime(true);
        if entry.header().entry_type() == tar::EntryType::Directory {
            fs::create_dir_all(&target)?;
            // Their modes come last, or what belongs in a read-only folder could not be written.
            folders.push((target, entry.header().mode().unwrap_or(0o755)));
            continue;
        }
        if entry.header().entry_type() == tar::EntryType::Link {
            let Some(from) = entry.link_name()?.and_then(|from| renamed(&from, landing.name.as_deref()))
            else {
                continue;
            };
            fs::hard_link(folder.join(from), &target)?;
            continue;
        }
        entry.unpack(&target)?;
    }
    for (target, mode) in folders.into_iter().rev() {
        set_mode(&target, mode)?;
    }
    Ok(())
}

/// The path of an entry with another first part; none for what is nowhere.
fn renamed(path: &Path, name: Option<&str>) -> Option<PathBuf> {
    let mut parts = path.components().filter_map(|part| match part {
        Component::Normal(part) => Some(part.to_owned()),
        _ => None,
    });
    // The archive of `folder/.` names everything below `.`, which has no part to be replaced.
    let is_bare = matches!(path.components().next(), Some(Component::CurDir)) || path.as_os_str().is_empty();
    let mut target = PathBuf::new();
    if let Some(name) = name {
        if !is_bare {
            parts.next()?;
        }
        target.push(name);
    }
    target.extend(parts);
    (!target.as_os_str().is_empty()).then_some(target)
}

/// Whether the folder that a thing would lie in is inside of `folder`, links followed.
fn is_inside(folder: &Path, target: &Path) -> bool {
    let Some(parent) = target.parent() else { return false };
    fs::canonicalize(parent).is_ok_and(|real| real.starts_with(folder))
}

#[cfg(unix)]
fn set_mode(path: &Path, mode: u32) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode & 0o7777))
}

#[cfg(not(unix))]
fn set_mode(_path: &Path, _mode: u32) -> io::Result<()> {
    Ok(())
}

/// Bytes that come from a task, read on a blocking thread.
pub struct Arriving {
    receiver: mpsc::Receiver<bytes::Bytes>,
    chunk: bytes::Bytes,
}

impl Arriving {
    /// Reads what is sent until the sender goes.
    pub fn new(receiver: mpsc::Receiver<bytes::Bytes>) -> Self {
        Self { receiver, chunk: bytes::Bytes::new() }
    }
}

impl Read for Arriving {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.chunk.is_empty() {
            match self.receiver.blocking_recv() {
                Some(chunk) => self.chunk = chunk,
                None => return Ok(0),
            }
        }
        let read = self.chunk.len().min(buffer.len());
        buffer[..read].copy_from_slice(&self.chunk.split_to(read));
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_copies_land() {
        let check = |path: &str, there, is_folder, expected: &str| {
            let landing = landing(&Place { path: path.to_owned(), there }, is_folder);
            let told =
                landing.map(|it| format!("{} as {}", it.folder, it.name.as_deref().unwrap_or("itself")));
            assert_eq!(told.unwrap_or_else(|why| why), expected, "{path}");
        };
        check("/a/b", There::Folder, true, "/a/b as itself");
        check("/a/b", There::Folder, false, "/a/b as itself");
        check("/a/b", There::File, false, "/a as b");
        check("/a/b", There::File, true, "cannot copy directory");
        check("/a/b/", There::Nothing, true, "/a as b");
        check("/b", There::Nothing, false, "/ as b");
        check("b", There::Nothing, false, ". as b");
        check("/a/b/", There::Nothing, false, "no such directory");
    }

    #[test]
    fn first_parts_are_replaced() {
        let check = |path: &str, name: Option<&str>, expected: Option<&str>| {
            assert_eq!(renamed(Path::new(path), name), expected.map(PathBuf::from), "{path}");
        };
        check("dir/a", Some("new"), Some("new/a"));
        check("dir/", Some("new"), Some("new"));
        check("./a", Some("new"), Some("new/a"));
        check("./", Some("new"), Some("new"));
        check("./a", None, Some("a"));
        check("dir/../../a", None, Some("dir/a"));
        check("./", None, None);
    }

    #[test]
    fn nothing_gets_out_of_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        let outside = tempfile::tempdir().unwrap();
        let mut builder = tar::Builder::new(Vec::new());
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(tar::EntryType::Symlink);
        header.set_size(0);
        builder.append_link(&mut header, "link", outside.path()).unwrap();
        let mut header = tar::Header::new_gnu();
        header.set_size(1);
        header.set_mode(0o644);
        builder.append_data(&mut header, "link/a", &b"x"[..]).unwrap();
        let bytes = builder.into_inner().unwrap();
        let landing = Landing { folder: folder.path().to_str().unwrap().to_owned(), name: None };
        assert!(unpack(bytes.as_slice(), &landing).unwrap_err().to_string().contains("leads out of"));
        assert!(!outside.path().join("a").exists());
    }

    #[test]
    fn what_was_packed_is_unpacked() {
        let folder = tempfile::tempdir().unwrap();
        let source = folder.path().join("source");
        fs::create_dir_all(source.join("deep")).unwrap();
        fs::write(source.join("deep/file"), "text").unwrap();
        let mut bytes = Vec::new();
        pack(&mut bytes, &source, "source", false).unwrap();
        let landing =
            Landing { folder: folder.path().to_str().unwrap().to_owned(), name: Some("copy".to_owned()) };
        unpack(bytes.as_slice(), &landing).unwrap();
        assert_eq!(fs::read_to_string(folder.path().join("copy/deep/file")).unwrap(), "text");
    }
}
