//! The layouts of projects' logs, remembered from one time to the next: a small file for each project in the folder of
//! the program's state. It never decides what is remembered.

use std::path::{Path, PathBuf};
use std::{fs, io};

use crate::app::Msg;

/// The folder of the layouts.
#[derive(Clone, Debug)]
pub(super) struct Layouts {
    folder: PathBuf,
}

impl Layouts {
    /// Within the folder of the program's state.
    pub(super) fn within(state: &Path) -> Self {
        Self { folder: state.join("layouts") }
    }

    /// What was remembered of a project. A file that cannot be read is as good as none, and is told of.
    pub(super) fn recall(&self, project: String) -> Msg {
        match fs::read_to_string(self.path(&project)) {
            Ok(text) => Msg::LayoutRecalled { project, text: Some(text) },
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Msg::LayoutRecalled { project, text: None }
            }
            Err(error) => Msg::Notice { failed: true, text: format!("read the layout of the logs: {error}") },
        }
    }

    /// Remembers text of a project; says what went wrong, if anything did.
    pub(super) fn remember(&self, project: &str, text: &str) -> Option<Msg> {
        let path = self.path(project);
        let beside = path.with_extension("new");
        let written = fs::create_dir_all(&self.folder)
            .and_then(|()| fs::write(&beside, text))
            // In one step: a file that was half written would be read one day.
            .and_then(|()| fs::rename(&beside, &path));
        let error = written.err()?;
        Some(Msg::Notice {
            failed: true,
            text: format!("remember the layout of the logs in {}: {error}", path.display()),
        })
    }

    fn path(&self, project: &str) -> PathBuf {
        let safe = |c: char| if c.is_ascii_alphanumeric() || "_-".contains(c) { c } else { '-' };
        self.folder.join(project.chars().map(safe).collect::<String>()).with_extension("json")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_remembered_is_recalled() {
        let state = tempfile::tempdir().unwrap();
        let layouts = Layouts::within(state.path());
        let recalled = |project: &str| match layouts.recall(project.to_owned()) {
            Msg::LayoutRecalled { text, .. } => text,
            other => panic!("{other:?}"),
        };
        assert_eq!(recalled("shop"), None);
        for text in ["one", "two"] {
            assert!(layouts.remember("shop", text).is_none());
            assert_eq!(recalled("shop").as_deref(), Some(text));
        }
        assert_eq!(recalled("../shop"), None);
        fs::write(state.path().join("file"), "").unwrap();
        let nowhere = Layouts::within(&state.path().join("file"));
        assert!(matches!(nowhere.remember("shop", "x"), Some(Msg::Notice { failed: true, .. })));
    }
}
