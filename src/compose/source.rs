//! Where compose files come from: the one door through which the loader asks for files.
//!
//! The loader is pure. Whoever calls it hands in a [`Files`]: the disk, or a map in memory.

use std::collections::BTreeMap;
use std::io;
use std::path::{Component, Path, PathBuf};

/// Reads files for the loader. Paths are absolute.
pub trait Files {
    /// The bytes of a file. Errors are those of the file system.
    fn read(&self, path: &Path) -> io::Result<Vec<u8>>;
    /// Whether a file is there.
    fn is_file(&self, path: &Path) -> bool;
    /// Whether a folder is there.
    fn is_directory(&self, path: &Path) -> bool;
    /// The path with every symbolic link followed, or as it was where that fails.
    fn canonical(&self, path: &Path) -> PathBuf;
}

/// Files that lie in memory: a project that the program carries, or a test's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MemoryFiles {
    files: BTreeMap<PathBuf, Vec<u8>>,
}

impl MemoryFiles {
    /// Files of these absolute paths and contents.
    pub fn new<P: Into<PathBuf>, C: Into<Vec<u8>>>(files: impl IntoIterator<Item = (P, C)>) -> MemoryFiles {
        MemoryFiles { files: files.into_iter().map(|(path, text)| (path.into(), text.into())).collect() }
    }

    /// The files in a folder and below it, with their paths from there.
    pub fn within<'a>(&'a self, folder: &'a Path) -> impl Iterator<Item = (&'a Path, &'a [u8])> {
        self.files
            .iter()
            .filter_map(move |(path, text)| Some((path.strip_prefix(folder).ok()?, text.as_slice())))
    }
}

impl Files for MemoryFiles {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        self.files.get(&clean(path)).cloned().ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn is_file(&self, path: &Path) -> bool {
        self.files.contains_key(&clean(path))
    }

    fn is_directory(&self, path: &Path) -> bool {
        let folder = clean(path);
        self.files.keys().any(|file| file.starts_with(&folder) && *file != folder)
    }

    fn canonical(&self, path: &Path) -> PathBuf {
        clean(path)
    }
}

/// Why a file cannot be read, in the same words wherever it lies.
pub fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "there is no such file".to_owned(),
        io::ErrorKind::IsADirectory => "it is a folder".to_owned(),
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        _ => error.to_string(),
    }
}

/// Whether reading failed because there is no such file.
pub fn is_missing(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::NotFound
}

/// The text of a compose file: UTF-8, or UTF-16 behind its byte order mark. Otherwise what can be made out, and the first
/// byte that is no text.
///
/// To Go's yaml.v3 U+0085 ends a line as well: what ends a line in YAML 1.2 and is as long takes its place.
pub fn text(bytes: Vec<u8>) -> Result<String, (String, usize)> {
    let text = decoded(bytes)?;
    Ok(if text.contains('\u{85}') { text.replace('\u{85}', "\r\n") } else { text })
}

fn decoded(bytes: Vec<u8>) -> Result<String, (String, usize)> {
    let units = |from: fn([u8; 2]) -> u16| -> Vec<u16> {
        bytes[2..].chunks_exact(2).map(|pair| from([pair[0], pair[1]])).collect()
    };
    match bytes.as_slice() {
        [0xff, 0xfe, ..] => return Ok(String::from_utf16_lossy(&units(u16::from_le_bytes))),
        [0xfe, 0xff, ..] => return Ok(String::from_utf16_lossy(&units(u16::from_be_bytes))),
        _ => {}
    }
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        (String::from_utf8_lossy(error.as_bytes()).into_owned(), at)
    })
}

/// The path without `.` and `..`, by its text alone, as Go's `filepath.Clean` makes it.
pub fn clean(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => match out.components().next_back() {
                Some(Component::Normal(_)) => {
                    out.pop();
                }
                Some(Component::RootDir | Component::Prefix(_)) => {}
                Some(Component::ParentDir | Component::CurDir) | None => out.push(".."),
            },
            other => out.push(other),
        }
    }
    if out.as_os_str().is_empty() { PathBuf::from(".") } else { out }
}

/// A path that is absolute already, or is meant from `base`; cleaned.
pub fn absolute(base: &Path, path: &Path) -> PathBuf {
    clean(&base.join(path))
}

/// The way from one absolute folder to another path.
pub fn relative(base: &Path, path: &Path) -> PathBuf {
    let common = base.components().zip(path.components()).take_while(|(one, two)| one == two).count();
    let up = base.components().skip(common).map(|_| Component::ParentDir);
    let way: PathBuf = up.chain(path.components().skip(common)).collect();
    if way.as_os_str().is_empty() { PathBuf::from(".") } else { way }
}

/// Whether what a file names lies elsewhere: in a Git repository or a registry.
pub fn is_remote(path: &str) -> bool {
    path.contains("://") || path.starts_with("git@") || path.starts_with("github.com/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_cleaned_by_their_text() {
        let check = |path: &str, expected: &str| assert_eq!(clean(Path::new(path)), Path::new(expected));
        check("/a/./b/../c", "/a/c");
        check("/..", "/");
        check("../x/..", "..");
        check("./", ".");
        assert_eq!(absolute(Path::new("/p"), Path::new("./x")), Path::new("/p/x"));
        assert_eq!(absolute(Path::new("/p"), Path::new("/x")), Path::new("/x"));
        assert_eq!(relative(Path::new("/p/a"), Path::new("/p/b/c")), Path::new("../b/c"));
        assert_eq!(relative(Path::new("/p"), Path::new("/p")), Path::new("."));
    }
}
