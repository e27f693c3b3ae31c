//! Reads files and makes one tree of them: the passes that work file by file, and those that work on the tree of one
//! project folder, the main one or an included one. What it must know of files it asks of [`Files`].

use std::collections::{HashMap, HashSet};
use std::path::{Path as FilePath, PathBuf};

use indexmap::IndexSet;

use super::diagnostic::{Cause, Diagnostic, Sources};
use super::discover::{Discovered, Discovery};
use super::extends::ExtendedFile;
use super::interpolate::Origins;
use super::model::Project;
use super::path::Path;
use super::source::{self, Files, reason, relative};
use super::tree::{FileId, Mapping, Node, Span, Value};
use super::variables::Variables;
use super::{
    LoadError, LoadRequest, canonical, cast, defaults, diagnostic, discover, interpolate, merge, paths,
    reset, resolve, table, template, unique, validate, yaml,
};

/// What loading needs and gathers.
pub(super) struct Loader<'a> {
    pub request: &'a LoadRequest,
    pub files: &'a dyn Files,
    pub sources: Sources,
    pub diagnostics: Vec<Diagnostic>,
    /// Every path that was asked for.
    pub probed: IndexSet<PathBuf>,
    /// What texts were made of that variables went into.
    pub origins: Origins,
    /// Whether every file was read to its end.
    pub complete: bool,
    /// Whether variables stay as they are written.
    pub is_raw: bool,
    /// The files that were read.
    read: HashMap<PathBuf, Read>,
    /// The files of which services were extended, as one project folder sees them.
    pub extended: HashMap<PathBuf, ExtendedFile>,
    /// Nodes that `extends` has copied.
    pub copied: usize,
    /// The contents of secrets and configs that come from variables, by `secrets` or `configs` and name.
    contents: HashMap<(&'static str, String), String>,
}

/// A project folder with its variables.
#[derive(Clone)]
pub(super) struct Scope {
    pub directory: PathBuf,
    /// The folder of the project that includes this one.
    pub around: Option<PathBuf>,
    pub variables: Variables,
}

/// A file that was read.
#[derive(Default)]
struct Read {
    text: Option<FileId>,
    /// Its documents as they stand there, while they are kept.
    documents: Vec<Node>,
    /// How often they were asked for.
    uses: usize,
}

/// A document on its way into the tree.
pub(super) struct Document {
    pub root: Node,
    /// The file that it stands in.
    pub file: PathBuf,
    /// What it takes away from the documents before it.
    pub resets: Vec<Path>,
}

impl<'a> Loader<'a> {
    pub(super) fn new(request: &'a LoadRequest, files: &'a dyn Files) -> Loader<'a> {
        Loader {
            request,
            files,
            sources: Sources::default(),
            diagnostics: Vec::new(),
            probed: IndexSet::new(),
            origins: Origins::default(),
            complete: true,
            is_raw: false,
            read: HashMap::new(),
            extended: HashMap::new(),
            copied: 0,
            contents: HashMap::new(),
        }
    }

    pub(super) fn report(&mut self, diagnostic: Diagnostic) {
        diagnostic::tell(&mut self.diagnostics, diagnostic.severity, || diagnostic);
    }

    /// Everything that was found wrong, once each, with where faulty texts came from; errors first.
    pub(super) fn findings(&mut self) -> Vec<Diagnostic> {
        let mut told = HashSet::new();
        let mut findings = std::mem::take(&mut self.diagnostics);
        findings.retain(|finding| told.insert(finding.clone()));
        for finding in findings.iter_mut().filter(|finding| finding.is_error()) {
            finding.origin = finding.span.and_then(|span| self.origins.of(span)).or(finding.origin.take());
        }
        findings.sort_by(diagnostic::by_place);
        findings
    }

    /// Finds the files and reads the env files.
    pub(super) fn discover(&mut self) -> Result<Discovered, LoadError> {
        let mut discovery = Discovery {
            request: self.request,
            files: self.files,
            sources: &mut self.sources,
            diagnostics: &mut self.diagnostics,
            probed: &mut self.probed,
        };
        discovery.run()
    }

    /// The project's name. The last document that has one names it.
    pub(super) fn project_name(&mut self, files: &[PathBuf], scope: &Scope) -> Result<String, LoadError> {
        for file in files {
            self.read_documents(file, None);
        }
        let read = files.iter().filter_map(|file| self.read.get(file));
        let documents = read.flat_map(|read| &read.documents);
        let names: Vec<&str> = documents.filter_map(|root| root.get("name")?.as_str()).collect();
        let named = names.last().copied();
        let is_raw = self.is_raw || self.request.skip.interpolation;
        let filled = named.filter(|_| !is_raw).and_then(|name| {
            template::substitute(name, &|variable| scope.variables.get(variable).cloned()).ok()
        });
        let name = filled.as_ref().map(|filled| filled.text.as_str()).or(named.filter(|_| is_raw));
        // Without the pass that settles names, that of the file stays as it is.
        let given = discover::given_name(self.request, &scope.variables);
        let stays = self.request.skip.normalization && given.is_none();
        match name.filter(|name| stays && !name.is_empty()) {
            Some(name) => Ok(name.to_owned()),
            None => discover::project_name(self.request, &scope.variables, name, &scope.directory),
        }
    }

    /// The tree of one project folder: its files merged, short forms gone, paths absolute, variables taken over.
    pub(super) fn tree(&mut self, scope: &Scope, files: &[PathBuf], included: &[PathBuf]) -> Node {
        let mut tree = Node::new(Value::Mapping(Mapping::default()), Span::default());
        let around = std::mem::take(&mut self.extended);
        for file in files {
            for root in self.documents(file, None) {
                let document = self.prepare(root, file, scope);
                self.lay_over(&mut tree, document, scope, included);
            }
        }
        self.extended = around;
        defaults::fill(&mut tree);
        // The paths of an included folder become those of the folder that includes it, which makes them absolute in the end.
        match &scope.around {
            Some(around) => self.resolve_paths(&mut tree, &relative(around, &scope.directory)),
            None if self.request.skip.paths => {}
            None => self.resolve_paths(&mut tree, &scope.directory),
        }
        resolve::variables(&mut tree, &scope.variables);
        if self.is_raw {
            show_contents(&mut tree, scope);
        } else {
            self.remember_contents(&tree, scope);
        }
        tree
    }

    /// Fills in variables and casts; takes the tags off.
    pub(super) fn prepare(&mut self, mut root: Node, file: &FilePath, scope: &Scope) -> Document {
        let resets = reset::take(&mut root);
        if !self.is_raw && !self.request.skip.interpolation {
            let mut pass = interpolate::Pass {
                variables: &scope.variables,
                sources: &self.sources,
                origins: &mut self.origins,
                diagnostics: &mut self.diagnostics,
            };
            pass.run(&mut root);
            cast::cast(&mut root, &table::PROJECT, &mut self.diagnostics);
        }
        Document { root, file: file.to_owned(), resets }
    }

    /// Lays a document over the tree so far.
    fn lay_over(&mut self, tree: &mut Node, mut document: Document, scope: &Scope, included: &[PathBuf]) {
        self.extend_services(&mut document, scope);
        reset::apply(tree, &document.resets);
        self.include(&mut document, scope, included);
        merge::merge(tree, document.root, &table::PROJECT, &Path::root(), &mut self.diagnostics);
        unique::unique(tree, &table::PROJECT);
        validate::validate(tree, &table::PROJECT, &mut self.diagnostics);
        self.drop_version(tree);
        self.expand(tree);
        unique::unique(tree, &table::PROJECT);
    }

    /// Turns short forms into long ones.
    pub(super) fn expand(&mut self, tree: &mut Node) {
        let expand = if self.is_raw { canonical::expand_raw } else { canonical::expand };
        expand(tree, &mut self.diagnostics);
    }

    fn drop_version(&mut self, tree: &mut Node) {
        let Some(entry) = tree.as_mapping_mut().and_then(|map| map.remove_entry("version")) else { return };
        let warning = Diagnostic::warning("the attribute `version` is obsolete and ignored");
        self.report(warning.at(entry.key).help("remove it"));
    }

    /// The documents of a file as they stand there. `cause` is what named the file.
    pub(super) fn documents(&mut self, file: &FilePath, cause: Option<Cause>) -> Vec<Node> {
        self.read_documents(file, cause);
        let Some(read) = self.read.get_mut(file) else { return Vec::new() };
        read.uses += 1;
        // Most files are asked for once, and copies of large ones cost much.
        if read.uses == 1 {
            return std::mem::take(&mut read.documents);
        }
        if read.uses == 2
            && let Some(source) = read.text.and_then(|id| self.sources.get(id).zip(Some(id)))
        {
            read.documents = maps(yaml::parse(&source.0.text, source.1).documents);
        }
        read.documents.clone()
    }

    /// Reads a file, unless it was read before.
    pub(super) fn read_documents(&mut self, file: &FilePath, cause: Option<Cause>) {
        if !self.read.contains_key(file) {
            let text = self.text(file, cause);
            let read = text.map(|text| self.parse(file, &text, cause)).unwrap_or_default();
            self.read.insert(file.to_owned(), read);
        }
    }

    /// Lets go of the files as they were read; what is made of them remains.
    pub(super) fn forget_documents(&mut self) {
        self.read = HashMap::new();
    }

    fn parse(&mut self, file: &FilePath, text: &str, cause: Option<Cause>) -> Read {
        let id = self.sources.add_from(self.request.shown(file), text, cause);
        let mut parsed = yaml::parse(text, id);
        self.complete &= parsed.complete;
        self.diagnostics.append(&mut parsed.diagnostics);
        let start = Span { file: id, line: 1, column: 1, ..Span::default() };
        if parsed.documents.iter().all(Node::is_null) && self.complete {
            self.report(
                Diagnostic::error("this compose file is empty")
                    .at(start)
                    .help("it needs at least `services:`"),
            );
        }
        for root in parsed.documents.iter().filter(|root| root.as_mapping().is_none() && !root.is_null()) {
            let message = format!("a compose file must be a map at its top, not {}", root.kind());
            self.diagnostics.push(Diagnostic::error(message).at(root.span).help("begin with `services:`"));
        }
        Read { text: Some(id), documents: maps(parsed.documents), uses: 0 }
    }

    /// The text of a file; `None`, and a finding, where it cannot be read.
    pub(super) fn text(&mut self, file: &FilePath, cause: Option<Cause>) -> Option<String> {
        self.probed.insert(file.to_owned());
        match self.files.read(file) {
            Ok(bytes) => source::text(bytes).map_err(|(text, at)| self.no_text(file, text, at, cause)).ok(),
            Err(error) => {
                let message = format!("cannot read {}: {}", self.request.shown(file), reason(&error));
                let finding = Diagnostic::error(message);
                self.report(match cause {
                    Some(cause) => finding.at(cause.span).label("names this file"),
                    None => finding.help("it is named by -f or by COMPOSE_FILE"),
                });
                self.complete = false;
                None
            }
        }
    }

    /// Reports a file that is no text.
    fn no_text(&mut self, file: &FilePath, text: String, at: usize, cause: Option<Cause>) {
        let id = self.sources.add_from(self.request.shown(file), text, cause);
        let finding = Diagnostic::error("this is no UTF-8 text").at(self.sources.span(id, at, at + 1));
        self.report(finding.label("no character").help("save the file as UTF-8"));
        self.complete = false;
    }

    /// Makes the paths of a canonical tree absolute, or relative to another folder.
    pub(super) fn resolve_paths(&mut self, tree: &mut Node, folder: &FilePath) {
        let base = paths::Base { folder, home: self.request.home.as_deref(), files: self.files };
        paths::resolve(tree, base, &mut self.diagnostics);
    }

    /// Looks up the variables that secrets and configs take their contents from, while those of this folder are at hand.
    fn remember_contents(&mut self, tree: &Node, scope: &Scope) {
        for kind in ["secrets", "configs"] {
            let objects = tree.get(kind).and_then(Node::as_mapping);
            for (name, object) in objects.into_iter().flat_map(Mapping::iter) {
                let variable = object.get("environment");
                let text = variable.and_then(Node::as_str);
                let Some(value) = text.and_then(|text| scope.variables.value(text)) else { continue };
                self.contents.entry((kind, name.to_owned())).or_insert_with(|| value.to_owned());
                if kind == "configs" && scope.around.is_some() {
                    let span = variable.map(|node| node.span).unwrap_or_default();
                    self.diagnostics.push(included_variable(name, span));
                }
            }
        }
    }

    /// Fills in the contents that come from variables.
    pub(super) fn fill_contents(&self, project: &mut Project) {
        for ((kind, name), content) in &self.contents {
            let objects = if *kind == "secrets" { &mut project.secrets } else { &mut project.configs };
            if let Some(object) = objects.get_mut(name) {
                object.content = Some(content.clone());
            }
        }
    }

    /// After a syntax error, or where a file is missing, what seems wrong elsewhere may be right: only what is wrong with
    /// reading, and warnings about nothing else, are worth telling.
    pub(super) fn only_reading_faults(&mut self) {
        self.diagnostics.retain(|finding| finding.is_error() && finding.path.is_none());
    }
}

/// Docker Compose puts the value beside the variable, and takes that for a second source once the file is included.
fn included_variable(name: &str, span: Span) -> Diagnostic {
    let path = Path::of(["configs", name, "environment"]);
    let message = format!("`{path}`: a config of an included file cannot come from a variable that is set");
    let help = "write `content: ${NAME}`, or take it from a file";
    Diagnostic::error(message).at(span).path(&path).help(help)
}

/// The documents that are maps.
fn maps(documents: Vec<Node>) -> Vec<Node> {
    documents.into_iter().filter(|root| root.as_mapping().is_some()).collect()
}

/// Puts the contents that come from variables into the tree, where Docker Compose prints them.
fn show_contents(tree: &mut Node, scope: &Scope) {
    for (kind, key) in [("secrets", "x-#value"), ("configs", "content")] {
        let objects = tree.get_mut(kind).and_then(Node::as_mapping_mut);
        for (_, object) in objects.into_iter().flat_map(Mapping::iter_mut) {
            let variable = object.get("environment").and_then(Node::as_str);
            let value = variable.and_then(|variable| scope.variables.value(variable)).map(str::to_owned);
            if let (Some(value), Some(map)) = (value, object.as_mapping_mut()) {
                map.set(key, Node::string(value, Span::default()));
            }
        }
    }
}
