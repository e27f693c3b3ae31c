//! The compose files, as far as they could be loaded.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::compose::diagnostic::{Diagnostic, Sources};
use crate::compose::model::Project;

/// How long a change of a file is let rest before the files are read again, since editors write in several steps.
pub(super) const REST: Duration = Duration::from_millis(50);

/// What loading came to. A broken file still shows what of it could be read, or the last project that was sound
/// (invariant 9).
#[derive(Clone, Debug, Default)]
pub struct ProjectFile {
    /// The project: of files with errors the last one that had none, else what could be made out. None before the first
    /// load, and where nothing could ever be read.
    pub project: Option<Arc<Project>>,
    /// Whether the project is only what could be made out of files with errors.
    pub is_partial: bool,
    /// What is wrong with the files as they are now.
    pub diagnostics: Vec<Diagnostic>,
    /// The texts that the diagnostics point into.
    pub sources: Sources,
    /// Why there is no file at all, if there is none.
    pub missing: Option<String>,
    /// Every path that loading looked at, there or not.
    pub probed: Vec<PathBuf>,
    /// When one of them was changed, on the monotonic clock; none once they are being read again.
    pub changed_at: Option<Duration>,
}

impl ProjectFile {
    /// The first error as one line, if the files have one: verbs that need them are refused with it.
    pub fn first_error(&self) -> Option<String> {
        let error = self.diagnostics.iter().find(|diagnostic| diagnostic.is_error())?;
        Some(error.one_line(&self.sources))
    }

    /// The last project whose files had no errors: only such files tell what is an orphan, what has drifted, and in which
    /// order things end. Without one, labels do.
    pub fn sound(&self) -> Option<&Arc<Project>> {
        self.project.as_ref().filter(|_| !self.is_partial)
    }

    /// How many errors the files have.
    pub fn error_count(&self) -> usize {
        self.diagnostics.iter().filter(|finding| finding.is_error()).count()
    }

    /// `compose.yaml + override`: the first file's name, and what was merged over it, shortened.
    pub fn title(&self) -> String {
        let Some(project) = &self.project else { return String::new() };
        let names = project.files.iter().map(|path| {
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
            name.filter(|name| name != "-").unwrap_or_else(|| "standard input".to_owned())
        });
        let mut title = String::new();
        for (place, name) in names.enumerate() {
            if place > 0 {
                title.push_str(" + ");
            }
            title.push_str(if place > 0 { without_stem(&name) } else { &name });
        }
        title
    }
}

/// `compose.override.yaml` beside another file is `override`; other names stay as they are.
fn without_stem(name: &str) -> &str {
    let stem = name.strip_suffix(".yaml").or_else(|| name.strip_suffix(".yml")).unwrap_or(name);
    let short = stem.strip_prefix("compose.").or_else(|| stem.strip_prefix("docker-compose."));
    short.unwrap_or(name)
}
