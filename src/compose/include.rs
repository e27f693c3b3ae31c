//! `include`: other compose files, each with its own project folder and variables, whose services, networks and so on come
//! into this one as if they had been written here.
//!
//! What is there under the same name must be the same. Only local files are known. (Compose Specification, "include".)

use std::path::{Path as FilePath, PathBuf};

use super::diagnostic::{Cause, CauseKind, Diagnostic};
use super::discover::Discovery;
use super::loader::{Document, Loader, Scope};
use super::path::Path;
use super::source::{absolute, is_remote};
use super::tree::{Node, Span, Value};

/// The top-level maps that are taken over.
const TAKEN: [&str; 6] = ["services", "volumes", "networks", "secrets", "configs", "models"];

/// How deep files may include each other.
const DEEPEST: usize = 50;

/// One entry of `include`.
struct Entry {
    paths: Vec<(String, Span)>,
    directory: Option<String>,
    env_files: Vec<(String, Span)>,
    span: Span,
}

impl Loader<'_> {
    /// Brings in what a document includes. `included` are the files that led here, to find circles.
    pub(super) fn include(&mut self, document: &mut Document, scope: &Scope, included: &[PathBuf]) {
        let Some(node) = document.root.as_mapping_mut().and_then(|map| map.remove("include")) else { return };
        if node.is_null() {
            return;
        }
        let Some(items) = node.as_sequence() else {
            let message = format!("`include` must be a list, not {}", node.kind());
            return self.report(Diagnostic::error(message).at(node.span).label("expected a list"));
        };
        if included.len() >= DEEPEST {
            let message = format!("files include each other more than {DEEPEST} deep");
            return self.report(Diagnostic::error(message).at(node.span).label("stopped here"));
        }
        let mut chain = included.to_vec();
        chain.push(document.file.clone());
        for (index, item) in items.iter().enumerate() {
            if let Some(entry) = read(item) {
                self.include_entry(&entry, &mut document.root, scope, &chain);
                continue;
            }
            let path = Path::of(["include"]).index(index);
            let message = format!("`{path}` must be a string, or a map with `path`");
            self.report(Diagnostic::error(message).at(item.span).path(&path));
        }
    }

    fn include_entry(&mut self, entry: &Entry, root: &mut Node, scope: &Scope, chain: &[PathBuf]) {
        let files: Vec<PathBuf> =
            entry.paths.iter().map(|(path, _)| absolute(&scope.directory, FilePath::new(path))).collect();
        let Some(first) = files.first() else { return };
        if let Some((path, span)) = entry.paths.iter().find(|(path, _)| is_remote(path)) {
            return self.report(remote(path, *span, "included"));
        }
        if chain.contains(first) {
            let names: Vec<String> =
                chain.iter().chain([first]).map(|file| self.request.shown(file)).collect();
            let message = format!("files include each other in a circle: {}", names.join(" → "));
            return self.report(Diagnostic::error(message).at(entry.span));
        }
        for (file, (_, span)) in files.iter().zip(&entry.paths) {
            self.read_documents(file, Some(Cause { kind: CauseKind::Included, span: *span }));
        }
        let directory = match &entry.directory {
            Some(directory) => absolute(&scope.directory, FilePath::new(directory)),
            None => first.parent().unwrap_or(first).to_owned(),
        };
        let around = Some(scope.directory.clone());
        let inner = Scope { variables: scope.variables.clone(), around, directory };
        let mut inner = self.with_own_variables(entry, inner, scope);
        // Compose takes a relative folder that is not there for a file, and the folder around it for the project's.
        let is_relative = entry.directory.as_ref().is_some_and(|folder| FilePath::new(folder).is_relative());
        if is_relative && !self.files.is_directory(&inner.directory) {
            inner.directory.pop();
        }
        let tree = self.tree(&inner, &files, chain);
        self.take_over(tree, root, entry.span);
    }

    /// The variables of the env files that an entry names, or of the `.env` in its folder, below those that are set.
    fn with_own_variables(&mut self, entry: &Entry, mut inner: Scope, scope: &Scope) -> Scope {
        let cause = |span: Span| Some(Cause { kind: CauseKind::Included, span });
        let named = entry.env_files.iter();
        let named = named.map(|(file, span)| (absolute(&scope.directory, FilePath::new(file)), cause(*span)));
        let mut files: Vec<(PathBuf, Option<Cause>)> = named.collect();
        if files.is_empty() {
            let own = inner.directory.join(".env");
            self.probed.insert(own.clone());
            files.extend(self.files.is_file(&own).then_some((own, cause(entry.span))));
        }
        let mut discovery = Discovery {
            request: self.request,
            files: self.files,
            sources: &mut self.sources,
            diagnostics: &mut self.diagnostics,
            probed: &mut self.probed,
        };
        let read = discovery.read_env_files(&files, &inner.variables);
        inner.variables.fill(&read);
        inner
    }

    fn take_over(&mut self, mut tree: Node, root: &mut Node, span: Span) {
        for kind in TAKEN {
            let Some(Value::Mapping(new)) =
                tree.as_mapping_mut().and_then(|map| map.remove(kind)).map(|node| node.value)
            else {
                continue;
            };
            let Some(map) = root.as_mapping_mut() else { return };
            if map.get(kind).is_none_or(Node::is_null) {
                map.insert(kind, span, Node::new(Value::Mapping(new), span));
                continue;
            }
            let Some(there) = map.get_mut(kind).and_then(Node::as_mapping_mut) else { continue };
            for (name, entry) in new {
                let Some(old) = there.get(&name) else {
                    there.insert(name, entry.key, entry.value);
                    continue;
                };
                if old.same_data(&entry.value) {
                    continue;
                }
                let message = format!("`{kind}.{name}` stands here and, differently, in an included file");
                let here = there.key_span(&name).unwrap_or_default();
                let finding =
                    Diagnostic::error(message).at(here).label("here").related(entry.key, "and here");
                let help = "give one of them another name, or change the included one in a file listed after it in `path`";
                if !self.diagnostics.iter().any(|other| other.message == finding.message) {
                    self.diagnostics.push(finding.help(help));
                }
            }
        }
    }
}

/// The error for a file that lies elsewhere.
pub(super) fn remote(path: &str, span: Span, what: &str) -> Diagnostic {
    let message = format!("`{path}` is in a repository or a registry, and only local files can be {what}");
    Diagnostic::error(message).at(span).help("fetch it, and name the file")
}

fn read(item: &Node) -> Option<Entry> {
    let span = item.span;
    if let Some(path) = item.as_str() {
        return Some(Entry {
            paths: vec![(path.to_owned(), span)],
            directory: None,
            env_files: Vec::new(),
            span,
        });
    }
    item.as_mapping()?;
    let paths = item.get("path").map_or(Some(Vec::new()), strings)?;
    let env_files = item.get("env_file").map_or(Some(Vec::new()), strings)?;
    let directory = item.get("project_directory").and_then(Node::as_str).map(str::to_owned);
    Some(Entry { paths, directory, env_files, span })
}

/// A string or a list of strings.
fn strings(node: &Node) -> Option<Vec<(String, Span)>> {
    let text = |node: &Node| Some((node.as_str()?.to_owned(), node.span));
    match &node.value {
        Value::Sequence(items) => items.iter().map(text).collect(),
        _ => Some(vec![text(node)?]),
    }
}
