//! The compose files, as far as they could be loaded.

use std::sync::Arc;

use crate::compose::diagnostic::{Diagnostic, Sources};
use crate::compose::model::Project;

/// What loading came to. A broken file still shows what of it could be read (invariant 9).
#[derive(Clone, Debug, Default)]
pub struct ProjectFile {
    /// The project; none before the first load, and where nothing could be read.
    pub project: Option<Arc<Project>>,
    /// What is wrong with the files.
    pub diagnostics: Vec<Diagnostic>,
    /// The texts that the diagnostics point into.
    pub sources: Sources,
    /// Why there is no file at all, if there is none.
    pub missing: Option<String>,
}

impl ProjectFile {
    /// The first error as one line, if the files have one: verbs that need them are refused with it.
    pub fn first_error(&self) -> Option<String> {
        let error = self.diagnostics.iter().find(|diagnostic| diagnostic.is_error())?;
        Some(error.one_line(&self.sources))
    }

    /// The project, if the files have no errors: only such files tell what is an orphan, what has drifted, and in which
    /// order things end. Without one, labels do.
    pub fn sound(&self) -> Option<&Arc<Project>> {
        self.project.as_ref().filter(|_| self.first_error().is_none())
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
