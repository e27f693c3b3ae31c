//! The disk, as the compose loader asks for it. It reads and never writes.
//!
//! `-` is standard input, which can be read but once: its text is kept, for every verb reads the files anew.

use std::fs;
use std::io::{self, IsTerminal, Read};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use crate::compose::source::Files;

/// The files of this machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct Disk;

impl Files for Disk {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        if path == Path::new("-") {
            return standard_input();
        }
        fs::read(path)
    }

    fn is_file(&self, path: &Path) -> bool {
        path.is_file()
    }

    fn is_directory(&self, path: &Path) -> bool {
        path.is_dir()
    }

    fn canonical(&self, path: &Path) -> PathBuf {
        fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
    }
}

/// What came on standard input, or why it could not be read.
fn standard_input() -> io::Result<Vec<u8>> {
    static TEXT: OnceLock<Result<Vec<u8>, (io::ErrorKind, String)>> = OnceLock::new();
    let read = || {
        if io::stdin().is_terminal() {
            let why = "standard input is the terminal; pipe a compose file into it".to_owned();
            return Err((io::ErrorKind::InvalidInput, why));
        }
        let mut text = Vec::new();
        match io::stdin().lock().read_to_end(&mut text) {
            Ok(_) => Ok(text),
            Err(error) => Err((error.kind(), error.to_string())),
        }
    };
    TEXT.get_or_init(read).clone().map_err(|(kind, why)| io::Error::new(kind, why))
}
