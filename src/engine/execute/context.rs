//! The build context as a tar archive, made while it is sent: files are read on a blocking thread, a chunk at a time.
//!
//! It follows no symbolic link and sends nothing that `.dockerignore` keeps back; Dockerfile and `.dockerignore` always
//! go, since the engine reads them.

use std::fs::{self, File, Metadata};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use tokio::task::JoinHandle;

use super::super::dockerignore::Ignore;
use super::super::piped::{self, Chunked};
use super::super::transport::Body;
use crate::compose::source::MemoryFiles;

/// The name of a Dockerfile in the archive that is not a file of the context.
const OWN_DOCKERFILE: &str = ".dockside.Dockerfile";

/// What to send.
pub(super) struct Source {
    /// The folder.
    pub(super) folder: PathBuf,
    /// Where the Dockerfile comes from.
    pub(super) dockerfile: Dockerfile,
}

/// Where the Dockerfile comes from.
pub(super) enum Dockerfile {
    /// A path, relative to the context or absolute.
    At(PathBuf),
    /// The text itself (`dockerfile_inline`).
    Inline(String),
}

/// The archive under way.
pub(super) struct Archive {
    /// What to send.
    pub(super) body: Body,
    /// The Dockerfile's name in the archive.
    pub(super) dockerfile: String,
    /// Ends with the reason if a file could not be read.
    pub(super) writer: JoinHandle<Result<(), String>>,
}

/// The whole archive of a context that lies in memory; none if no file of it does.
pub(super) fn in_memory(files: &MemoryFiles, folder: &Path) -> Option<Vec<u8>> {
    let mut builder = tar::Builder::new(Vec::new());
    let mut count = 0;
    for (path, content) in files.within(folder) {
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        // Writing to memory does not fail, and a path that no archive can hold is left out.
        count += usize::from(builder.append_data(&mut header, path, content).is_ok());
    }
    builder.into_inner().ok().filter(|_| count > 0)
}

/// Begins the archive.
///
/// # Errors
/// When the folder, the Dockerfile or `.dockerignore` cannot be used.
pub(super) fn archive(source: Source) -> Result<Archive, String> {
    let folder = source.folder;
    if !folder.is_dir() {
        return Err(format!("the build context {} is not a folder", folder.display()));
    }
    let (name, own) = dockerfile(&folder, source.dockerfile)?;
    let ignore = read_ignore(&folder, &name)?;
    let walk = Walk { folder, ignore, dockerfile: name.clone() };
    let (body, writer) = piped::body(move |output| walk.write(output, own.as_deref()));
    Ok(Archive { body, dockerfile: name, writer })
}

/// The Dockerfile's name in the archive, and its text where it is no file of the context.
fn dockerfile(folder: &Path, dockerfile: Dockerfile) -> Result<(String, Option<Vec<u8>>), String> {
    let path = match dockerfile {
        Dockerfile::Inline(text) => return Ok((OWN_DOCKERFILE.to_owned(), Some(text.into_bytes()))),
        Dockerfile::At(path) => folder.join(path),
    };
    let unreadable = |error: io::Error| format!("cannot read the Dockerfile {}: {error}", path.display());
    let real = fs::canonicalize(&path).map_err(unreadable)?;
    let real_folder = fs::canonicalize(folder).map_err(unreadable)?;
    match real.strip_prefix(&real_folder) {
        Ok(inside) => Ok((slashes(inside), None)),
        Err(_) => Ok((OWN_DOCKERFILE.to_owned(), Some(fs::read(&real).map_err(unreadable)?))),
    }
}

/// `<Dockerfile>.dockerignore` if there is one, else `.dockerignore` (as `BuildKit` does).
fn read_ignore(folder: &Path, dockerfile: &str) -> Result<Ignore, String> {
    for name in [format!("{dockerfile}.dockerignore"), ".dockerignore".to_owned()] {
        let file = folder.join(&name);
        match fs::read_to_string(&file) {
            Ok(text) => return Ignore::parse(&text).map_err(|cause| format!("{}: {cause}", file.display())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(format!("cannot read {}: {error}", file.display())),
        }
    }
    Ok(Ignore::default())
}

fn slashes(path: &Path) -> String {
    path.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}

/// The walk over the context's folder.
struct Walk {
    folder: PathBuf,
    ignore: Ignore,
    dockerfile: String,
}

impl Walk {
    fn write(&self, output: &mut Chunked, own_dockerfile: Option<&[u8]>) -> Result<(), String> {
        let mut builder = tar::Builder::new(output);
        self.write_folder(&mut builder, "")?;
        let unsent = |error: io::Error| format!("cannot send the build context: {error}");
        if let Some(text) = own_dockerfile {
            let mut header = tar::Header::new_gnu();
            header.set_size(text.len() as u64);
            header.set_mode(0o644);
            builder.append_data(&mut header, OWN_DOCKERFILE, text).map_err(unsent)?;
        }
        let output = builder.into_inner().map_err(unsent)?;
        output.flush().map_err(unsent)
    }

    fn write_folder(&self, builder: &mut tar::Builder<&mut Chunked>, within: &str) -> Result<(), String> {
        let folder = self.folder.join(within);
        let unreadable = |error: io::Error| format!("cannot read {}: {error}", folder.display());
        let mut entries =
            fs::read_dir(&folder).map_err(unreadable)?.collect::<Result<Vec<_>, _>>().map_err(unreadable)?;
        // Sorted, so that the same folder gives the same archive.
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            let path = if within.is_empty() { name.into_owned() } else { format!("{within}/{name}") };
            self.write_entry(builder, &entry.path(), &path)?;
        }
        Ok(())
    }

    fn write_entry(
        &self,
        builder: &mut tar::Builder<&mut Chunked>,
        file: &Path,
        path: &str,
    ) -> Result<(), String> {
        let fault = |error: io::Error| format!("cannot read {}: {error}", file.display());
        let metadata = fs::symlink_metadata(file).map_err(fault)?;
        let is_kept_back = self.ignore.is_ignored(path) && path != self.dockerfile && path != ".dockerignore";
        let mut header = header(&metadata);
        if metadata.is_dir() {
            if !is_kept_back {
                header.set_entry_type(tar::EntryType::Directory);
                builder.append_data(&mut header, path, io::empty()).map_err(fault)?;
            }
            let holds_dockerfile = self.dockerfile.starts_with(&format!("{path}/"));
            if !is_kept_back || self.ignore.has_exceptions() || holds_dockerfile {
                self.write_folder(builder, path)?;
            }
            return Ok(());
        }
        if is_kept_back {
            return Ok(());
        }
        if metadata.is_symlink() {
            header.set_entry_type(tar::EntryType::Symlink);
            let target = fs::read_link(file).map_err(fault)?;
            return builder.append_link(&mut header, path, target).map_err(fault);
        }
        // Sockets, pipes and devices have no content that could be sent.
        if !metadata.is_file() {
            return Ok(());
        }
        header.set_size(metadata.len());
        let content = Exactly { file: File::open(file).map_err(fault)?, left: metadata.len() };
        builder.append_data(&mut header, path, content).map_err(fault)
    }
}

/// The owner is root, as with the Docker CLI; the modification time has no part in the classic builder's cache.
fn header(metadata: &Metadata) -> tar::Header {
    let mut header = tar::Header::new_gnu();
    header.set_metadata_in_mode(metadata, tar::HeaderMode::Complete);
    header.set_uid(0);
    header.set_gid(0);
    header.set_size(0);
    header
}

/// A file's content, exactly as long as its header says, though it may be written to meanwhile.
struct Exactly {
    file: File,
    left: u64,
}

impl Read for Exactly {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 || buffer.is_empty() {
            return Ok(0);
        }
        let most = buffer.len().min(usize::try_from(self.left).unwrap_or(usize::MAX));
        let read = self.file.read(&mut buffer[..most])?;
        if read == 0 {
            return Err(io::Error::other("it became shorter while it was read"));
        }
        self.left -= read as u64;
        Ok(read)
    }
}
