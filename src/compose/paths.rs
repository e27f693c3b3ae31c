//! The pass that makes relative paths absolute. Which attributes are paths, and which of them may also be a URL, a service
//! or a volume, says the table.

use std::path::{Path as FilePath, PathBuf};

use super::diagnostic::Diagnostic;
use super::path::Trail;
use super::shape::{PathRule, Short};
use super::source::{Files, clean};
use super::table::PROJECT;
use super::tree::{Mapping, Node, Value};
use super::walk;

/// What relative paths are resolved with.
#[derive(Clone, Copy)]
pub struct Base<'a> {
    /// The folder that they are relative to, absolute.
    pub folder: &'a FilePath,
    /// What `~` stands for.
    pub home: Option<&'a FilePath>,
    /// Follows symbolic links, where that is asked for.
    pub files: &'a dyn Files,
}

/// Resolves every path of a whole file in its canonical form.
pub fn resolve(root: &mut Node, base: Base<'_>, diagnostics: &mut Vec<Diagnostic>) {
    walk::each(root, &PROJECT, &mut |node, field, path| match field.path {
        PathRule::None if field.short == Short::Ssh => {
            for (_, path) in node.as_mapping_mut().into_iter().flat_map(Mapping::iter_mut) {
                rewrite(path, |text| base.host_path(text));
            }
        }
        // A list of them is left only where variables are not filled in.
        PathRule::None if field.short == Short::Contexts => {
            for context in node.as_sequence_mut().into_iter().flatten() {
                rewrite(context, |text| base.apply(PathRule::Context, text));
            }
        }
        PathRule::None => {}
        PathRule::MountSource => mount_source(node, base, path, diagnostics),
        PathRule::VolumeDevice => volume_device(node, base),
        PathRule::Context if node.as_str().is_none() => {
            let message = format!("`{path}` must be a string, not {}", node.kind());
            diagnostics.push(Diagnostic::error(message).at(node.span).path(path).label("expected a string"));
        }
        rule => rewrite(node, |text| base.apply(rule, text)),
    });
}

impl Base<'_> {
    /// A path as [`PathRule::Absolute`] has it: `~` is the home folder, anything else relative is below the folder.
    pub fn absolute(&self, text: &str) -> String {
        let expanded = self.expand(text);
        if expanded.starts_with('/') { expanded } else { self.below(&expanded) }
    }

    /// An empty text stays so; whoever needs a path there says that it is missing.
    fn apply(&self, rule: PathRule, text: &str) -> String {
        match rule {
            PathRule::Absolute | PathRule::Context if text.is_empty() => String::new(),
            PathRule::Context if is_remote(text) => text.to_owned(),
            PathRule::HostPath => self.host_path(text),
            PathRule::Followed => {
                let path = PathBuf::from(self.absolute(text));
                let path = if path.is_absolute() { self.files.canonical(&path) } else { path };
                path.to_string_lossy().into_owned()
            }
            _ => self.absolute(text),
        }
    }

    /// A path of the host, which may be a Windows one although this is none.
    fn host_path(&self, text: &str) -> String {
        let expanded = self.expand(text);
        if expanded.starts_with('/') || is_windows(&expanded) { expanded } else { self.below(&expanded) }
    }

    fn expand(&self, text: &str) -> String {
        match (text.strip_prefix('~'), self.home) {
            (Some(rest), Some(home)) => {
                clean(&home.join(rest.trim_start_matches('/'))).to_string_lossy().into_owned()
            }
            _ => text.to_owned(),
        }
    }

    fn below(&self, relative: &str) -> String {
        clean(&self.folder.join(relative)).to_string_lossy().into_owned()
    }
}

/// A build context that is no folder: a URL, a Git repository, an image or a service.
pub fn is_remote(context: &str) -> bool {
    const PREFIXES: [&str; 4] = ["service:", "github.com/", "git@", "git://"];
    context.contains("://") || PREFIXES.iter().any(|prefix| context.starts_with(prefix))
}

fn is_windows(path: &str) -> bool {
    let drive = match path.as_bytes() {
        [letter, b':', b'/' | b'\\', ..] => letter.is_ascii_alphabetic(),
        _ => false,
    };
    drive || path.starts_with(r"\\")
}

fn rewrite(node: &mut Node, change: impl Fn(&str) -> String) {
    if let Value::String(text) = &mut node.value {
        *text = change(text);
    }
}

fn mount_source(node: &mut Node, base: Base<'_>, path: &Trail<'_>, diagnostics: &mut Vec<Diagnostic>) {
    if node.get("type").and_then(Node::as_str) != Some("bind") {
        return;
    }
    if let Some(source) = node.get_mut("source") {
        rewrite(source, |text| base.host_path(text));
        return;
    }
    let message = format!("`{path}` is a bind mount and needs `source`");
    diagnostics.push(Diagnostic::error(message).at(node.span).label("is missing").path(path));
}

/// A volume of the local driver that is a bind mount in truth has a path as its device.
fn volume_device(node: &mut Node, base: Base<'_>) {
    if node.get("driver").and_then(Node::as_str) != Some("local") {
        return;
    }
    let Some(options) = node.get_mut("driver_opts") else { return };
    if options.get("o").and_then(Node::as_str) != Some("bind") {
        return;
    }
    if let Some(device) = options.get_mut("device") {
        rewrite(device, |text| base.host_path(text));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compose::source::MemoryFiles;

    #[test]
    fn paths_of_every_rule() {
        let files = MemoryFiles::default();
        let base =
            Base { folder: FilePath::new("/p/q"), home: Some(FilePath::new("/home/me")), files: &files };
        let check = |rule, text: &str, expected: &str| assert_eq!(base.apply(rule, text), expected, "{text}");
        check(PathRule::Absolute, "./a/../b", "/p/q/b");
        check(PathRule::Absolute, "../x", "/p/x");
        check(PathRule::Absolute, "~/x", "/home/me/x");
        check(PathRule::Absolute, "~", "/home/me");
        check(PathRule::Absolute, "/a/../b", "/a/../b");
        check(PathRule::Context, ".", "/p/q");
        check(PathRule::Context, "https://x.y/z.git", "https://x.y/z.git");
        check(PathRule::Context, "service:base", "service:base");
        check(PathRule::Context, "docker-image://alpine", "docker-image://alpine");
        check(PathRule::HostPath, r"C:\x", r"C:\x");
        check(PathRule::HostPath, "v:/b", "v:/b");
    }
}
