//! `extends`: a service begins as a copy of another one, of the same file or another, and lays its own attributes over it.
//!
//! It works on one document at a time, before it is merged with others. Relative paths of another file are meant from that
//! file's folder. (Compose Specification, section "extends".)

use std::path::{Path as FilePath, PathBuf};

use indexmap::IndexSet;

use super::diagnostic::{Cause, CauseKind, Diagnostic};
use super::include::remote;
use super::loader::{Document, Loader, Scope};
use super::nearest;
use super::path::Path;
use super::source::{absolute, is_remote, relative};
use super::table;
use super::tree::{Mapping, Node, Span, Value};
use super::{merge, reset, unique};

/// How deep services of several files may extend each other, and how long a circle is followed.
const DEEPEST: usize = 50;
/// Nodes that copies of extended services may add up to.
const MOST: usize = 250_000;

/// What `extends` names.
struct Reference {
    service: String,
    span: Span,
    file: Option<(String, Span)>,
}

/// A service that is being extended, to find circles.
struct Link {
    file: PathBuf,
    service: String,
    span: Span,
}

/// A file of which services are extended: its documents in one, in their canonical form, and what the last of them takes away
/// from a service that one of its own extends.
pub(super) struct ExtendedFile {
    tree: Node,
    resets: Vec<Path>,
}

/// Where a document's references are meant from.
struct Place {
    file: PathBuf,
    directory: PathBuf,
}

impl Loader<'_> {
    /// Extends every service of a document.
    pub(super) fn extend_services(&mut self, document: &mut Document, scope: &Scope) {
        let Some(services) = document.root.get_mut("services").and_then(Node::as_mapping_mut) else { return };
        let place = Place { file: document.file.clone(), directory: scope.directory.clone() };
        let names: Vec<String> = services.keys().map(str::to_owned).collect();
        for name in names {
            // The last of a chain first: then none is extended deep within another.
            for link in self.chain(&name, services).into_iter().rev() {
                self.extend_service(&link, services, &place, scope, &document.resets, &mut Vec::new());
            }
        }
    }

    /// The services of the same file that a service extends, itself first. Of a circle there is only the beginning.
    fn chain(&mut self, name: &str, services: &mut Mapping) -> Vec<String> {
        let mut chain = IndexSet::from([name.to_owned()]);
        let mut last = name.to_owned();
        while let Some(next) = next_here(services.get(&last)) {
            if !chain.insert(next.to_owned()) {
                return self.cut_circle(chain, services);
            }
            next.clone_into(&mut last);
        }
        chain.into_iter().collect()
    }

    /// A short circle is told with all its links when it is followed; one that is too long for that is told here.
    fn cut_circle(&mut self, chain: IndexSet<String>, services: &mut Mapping) -> Vec<String> {
        if chain.len() <= DEEPEST {
            return chain.into_iter().take(1).collect();
        }
        let message = format!("{} services extend each other in a circle", chain.len());
        let mut finding = Diagnostic::error(message).label("this is one of them");
        for name in &chain {
            let extends =
                services.get_mut(name).and_then(Node::as_mapping_mut).and_then(|map| map.remove("extends"));
            finding.span = finding.span.or(extends.map(|extends| extends.span));
        }
        self.report(finding);
        Vec::new()
    }

    /// Extends one service in place. The map is that of its file, where the services it names are looked for.
    fn extend_service(
        &mut self,
        name: &str,
        services: &mut Mapping,
        place: &Place,
        scope: &Scope,
        resets: &[Path],
        chain: &mut Vec<Link>,
    ) {
        let path = Path::of(["services", name]);
        let Some(service) = services.get_mut(name).and_then(Node::as_mapping_mut) else { return };
        let Some(extends) = service.remove("extends") else { return };
        let reference = match read(&extends, &path) {
            Ok(reference) => reference,
            Err(finding) => return self.report(*finding),
        };
        chain.push(Link { file: place.file.clone(), service: name.to_owned(), span: reference.span });
        let base = match &reference.file {
            Some((file, span)) if is_remote(file) => {
                self.report(remote(file, *span, "extended"));
                None
            }
            Some((file, span)) => {
                let file = absolute(&place.directory, FilePath::new(file));
                self.base_of_file(&reference, &file, *span, scope, chain)
            }
            None => self.base_here(&reference, services, place, scope, resets, chain),
        };
        chain.pop();
        let Some(mut base) = base else { return };
        let wrapped = resets.iter().filter(|reset| reset.starts_with(&path) && reset.len() > path.len());
        for reset in wrapped {
            let below = Path::parse(&reset.to_string()[path.to_string().len()..]);
            reset::apply(&mut base, &[below]);
        }
        let Some(own) = services.get_mut(name) else { return };
        let own_span = own.span;
        let over = std::mem::take(own);
        merge::merge(&mut base, over, &table::SERVICE, &path, &mut self.diagnostics);
        base.span = own_span;
        *own = base;
    }

    /// A service of the same file, extended itself.
    fn base_here(
        &mut self,
        reference: &Reference,
        services: &mut Mapping,
        place: &Place,
        scope: &Scope,
        resets: &[Path],
        chain: &mut Vec<Link>,
    ) -> Option<Node> {
        let name = &reference.service;
        if self.is_circle(reference, &place.file, chain) {
            return None;
        }
        if !services.contains_key(name) {
            self.report(missing(reference, services, None));
            return None;
        }
        self.extend_service(name, services, place, scope, resets, chain);
        self.copy(reference, services)
    }

    /// A service of another file, extended itself, with its paths meant from the project's folder.
    fn base_of_file(
        &mut self,
        reference: &Reference,
        file: &FilePath,
        span: Span,
        scope: &Scope,
        chain: &mut Vec<Link>,
    ) -> Option<Node> {
        if self.is_circle(reference, file, chain) {
            return None;
        }
        if chain.len() > DEEPEST {
            let message = format!("files extend each other more than {DEEPEST} deep");
            self.report(Diagnostic::error(message).at(reference.span).label("stopped here"));
            return None;
        }
        let known = self.extended.remove(file);
        let mut extended = known.unwrap_or_else(|| self.read_extended(file, span, scope));
        let base = self.base_of_services(reference, file, &mut extended, span, scope, chain);
        self.extended.insert(file.to_owned(), extended);
        base
    }

    fn base_of_services(
        &mut self,
        reference: &Reference,
        file: &FilePath,
        extended: &mut ExtendedFile,
        span: Span,
        scope: &Scope,
        chain: &mut Vec<Link>,
    ) -> Option<Node> {
        let shown = self.request.shown(file);
        let Some(services) = extended.tree.get_mut("services").and_then(Node::as_mapping_mut) else {
            if self.complete {
                let message = format!("{shown} has no services to extend");
                self.report(Diagnostic::error(message).at(span));
            }
            return None;
        };
        if !services.contains_key(&reference.service) {
            self.report(missing(reference, services, Some(&shown)));
            return None;
        }
        let place = Place { file: file.to_owned(), directory: file.parent().unwrap_or(file).to_owned() };
        self.extend_service(&reference.service, services, &place, scope, &extended.resets, chain);
        self.copy(reference, services)
    }

    /// Reads a file of which a service is extended. All of it is spelled out, and must be right, as in Docker Compose.
    fn read_extended(&mut self, file: &FilePath, span: Span, scope: &Scope) -> ExtendedFile {
        let mut tree = Node::new(Value::Mapping(Mapping::default()), span);
        let mut resets = Vec::new();
        for root in self.documents(file, Some(Cause { kind: CauseKind::Extended, span })) {
            let document = self.prepare(root, file, scope);
            reset::apply(&mut tree, &document.resets);
            merge::merge(&mut tree, document.root, &table::PROJECT, &Path::root(), &mut self.diagnostics);
            unique::unique(&mut tree, &table::PROJECT);
            self.expand(&mut tree);
            unique::unique(&mut tree, &table::PROJECT);
            resets = document.resets;
        }
        let directory = file.parent().unwrap_or(file);
        self.resolve_paths(&mut tree, &relative(&scope.directory, directory));
        ExtendedFile { tree, resets }
    }

    /// A copy of a service to be extended, as long as copies do not add up to too much.
    fn copy(&mut self, reference: &Reference, services: &Mapping) -> Option<Node> {
        let base = services.get(&reference.service).filter(|base| !base.is_null())?;
        self.copied += base.weight();
        if self.copied > MOST {
            let message = format!("extends blows this file up to more than {MOST} nodes");
            self.report(Diagnostic::error(message).at(reference.span).label("stopped here"));
            return None;
        }
        Some(base.clone())
    }

    /// Whether the service that is named is being extended already; then that is reported.
    fn is_circle(&mut self, reference: &Reference, file: &FilePath, chain: &[Link]) -> bool {
        let at = chain.iter().position(|link| link.service == reference.service && link.file == file);
        let Some(at) = at else { return false };
        let names: Vec<&str> = chain[at..].iter().map(|link| link.service.as_str()).collect();
        let message =
            format!("services extend each other in a circle: {} → {}", names.join(" → "), reference.service);
        let mut finding = Diagnostic::error(message).at(chain[at].span).label("the circle begins here");
        for link in &chain[at + 1..] {
            finding = finding.related(link.span, format!("{} goes on here", link.service));
        }
        self.report(finding);
        true
    }
}

/// The service of the same file that a service extends.
fn next_here(service: Option<&Node>) -> Option<&str> {
    let extends = service?.get("extends")?;
    if extends.get("file").is_some() {
        return None;
    }
    extends.as_str().or_else(|| extends.get("service")?.as_str())
}

fn read(extends: &Node, path: &Path) -> Result<Reference, Box<Diagnostic>> {
    let fault = |message: &str, span: Span| {
        let finding = Diagnostic::error(format!("`{path}.extends` {message}")).at(span).path(path);
        Err(Box::new(finding.help("write `extends: {service: NAME}`, with `file:` for another file")))
    };
    let service = match &extends.value {
        Value::String(_) => extends,
        Value::Mapping(map) => match map.get("service") {
            Some(service) => service,
            None => return fault("must name a service", extends.span),
        },
        _ => return fault("must be a string or a map", extends.span),
    };
    let Some(name) = service.as_str() else {
        return fault("must name the service by a string", service.span);
    };
    let file = match extends.get("file") {
        None => None,
        Some(file) if file.is_null() => None,
        Some(file) => match file.as_str() {
            Some(text) => Some((text.to_owned(), file.span)),
            None => return fault("must name the file by a string", file.span),
        },
    };
    Ok(Reference { service: name.to_owned(), span: service.span, file })
}

fn missing(reference: &Reference, services: &Mapping, file: Option<&str>) -> Diagnostic {
    let place = file.map_or_else(|| "this file".to_owned(), str::to_owned);
    let finding = Diagnostic::error(format!("no service `{}` in {place} to extend", reference.service));
    let near = nearest(&reference.service, services.keys());
    finding
        .at(reference.span)
        .label(near.map_or_else(|| "unknown".to_owned(), |name| format!("did you mean `{name}`?")))
}
