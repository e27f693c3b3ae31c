//! Text that the person asked to keep: into a new file of the working folder, never over one that is there.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::app::Msg;

/// How many names are tried.
const NAMES: u32 = 1000;

/// Writes the text and says where, or why not.
pub(super) fn save(name: &str, text: &str) -> Msg {
    let folder = std::env::current_dir();
    match folder.and_then(|folder| write_new(&folder, name, text)) {
        Ok(path) => Msg::Notice { failed: false, text: format!("saved {}", path.display()) },
        Err(error) => Msg::Notice { failed: true, text: format!("save {name}: {error}") },
    }
}

/// Writes a new file; where its name is taken, numbered: `api-2.log`.
fn write_new(folder: &Path, name: &str, text: &str) -> io::Result<PathBuf> {
    for number in 1..=NAMES {
        let path = folder.join(numbered(name, number));
        match File::create_new(&path) {
            Ok(mut file) => {
                file.write_all(text.as_bytes())?;
                return Ok(path);
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::Error::new(io::ErrorKind::AlreadyExists, "every name that was tried is taken"))
}

fn numbered(name: &str, number: u32) -> String {
    match (number, name.rsplit_once('.')) {
        (1, _) => name.to_owned(),
        (_, Some((stem, extension))) => format!("{stem}-{number}.{extension}"),
        (_, None) => format!("{name}-{number}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let written: Vec<String> = ["one", "two", "three"]
            .into_iter()
            .map(|text| write_new(folder.path(), "shop-api-1.log", text).unwrap())
            .map(|path| path.file_name().unwrap().to_str().unwrap().to_owned())
            .collect();
        assert_eq!(written, ["shop-api-1.log", "shop-api-1-2.log", "shop-api-1-3.log"]);
        let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
        assert_eq!(written.iter().map(|name| read(name)).collect::<String>(), "onetwothree");
        assert!(write_new(&folder.path().join("gone"), "a", "").is_err());
    }
}
