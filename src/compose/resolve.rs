//! The passes that look variables and files up for services: variables named without a value, `env_file`, `label_file`.
//!
//! They work on the canonical tree, so that a variable from an env file has that file's line for its place.

use std::path::Path as FilePath;

use super::diagnostic::{Cause, CauseKind, Diagnostic};
use super::dotenv;
use super::loader::Loader;
use super::path::Path;
use super::profiles::Selection;
use super::source::{is_missing, reason};
use super::tree::{LISTED, Mapping, Node, Origin, Span, Value, ValueSource, VariableUse};
use super::variables::{Variable, Variables};

/// Gives variables of services that are named without a value the value that they have outside, where they have one.
pub fn variables(tree: &mut Node, outside: &Variables) {
    let Some(services) = tree.get_mut("services").and_then(Node::as_mapping_mut) else { return };
    for (_, service) in services.iter_mut() {
        match service.get_mut("environment").map(|node| &mut node.value) {
            Some(Value::Mapping(map)) => values_of_map(map, outside),
            Some(Value::Sequence(items)) => values_of_list(items, outside),
            _ => {}
        }
    }
}

fn values_of_map(environment: &mut Mapping, outside: &Variables) {
    for (name, value) in environment.iter_mut().filter(|(_, value)| value.is_null()) {
        if let Some(variable) = outside.get(name) {
            let used = VariableUse { name: name.to_owned(), from: variable.from.clone() };
            let origin = Origin { template: name.to_owned(), variables: vec![used] };
            *value = Node {
                origin: Some(origin.into()),
                ..value.with_value(Value::String(variable.value.clone()))
            };
        }
    }
}

/// There is still a list where variables are not filled in.
fn values_of_list(environment: &mut [Node], outside: &Variables) {
    for item in environment {
        if let Value::String(name) = &mut item.value
            && let Some(value) = outside.value(name)
        {
            *name = format!("{name}={value}");
        }
    }
}

impl Loader<'_> {
    /// Folds env files into `environment` for the services that are on or asked for, and label files into `labels` for those
    /// that are on.
    pub(super) fn files_of_services(
        &mut self,
        services: &mut Mapping,
        outside: &Variables,
        selection: &Selection,
    ) {
        for (name, service) in services.iter_mut() {
            let path = Path::of(["services", name]);
            let Some(service) = service.as_mapping_mut() else { continue };
            let is_read = selection.on.contains(name) || selection.chosen.contains(name);
            if is_read && !self.request.skip.env_files {
                self.env_files_of(service, outside, &path);
            }
            if selection.on.contains(name) {
                self.label_files_of(service, &path);
            }
        }
    }

    fn env_files_of(&mut self, service: &mut Mapping, outside: &Variables, path: &Path) {
        let Some(files) = service.remove("env_file") else { return };
        let own = values(service.get("environment"));
        let mut all = Variables::default();
        for file in files.as_sequence().unwrap_or_default() {
            let required = file.get("required").and_then(Node::as_bool).unwrap_or(true);
            let raw = file.get("format").and_then(Node::as_str) == Some("raw");
            let Some(name) = file.get("path").unwrap_or(file).as_str() else { continue };
            let Some(text) = self.side_file(name, required, file.span, &path.key("env_file")) else {
                continue;
            };
            let cause = Some(Cause { kind: CauseKind::Named, span: file.span });
            let id = self.sources.add_from(self.request.shown(FilePath::new(name)), text.as_str(), cause);
            let lookup = |name: &str| outside.get(name).or_else(|| own.get(name)).cloned();
            let mut parsed = if raw {
                dotenv::parse_raw(&text, id, &lookup)
            } else {
                dotenv::parse(&text, id, &lookup, &all)
            };
            self.diagnostics.append(&mut parsed.diagnostics);
            all.overlay(parsed.variables);
        }
        fold(service, "environment", &all);
    }

    fn label_files_of(&mut self, service: &mut Mapping, path: &Path) {
        let files: Vec<(String, Span)> = match service.get("label_file").map(|node| &node.value) {
            Some(Value::Sequence(items)) => {
                items.iter().filter_map(|item| Some((item.as_str()?.to_owned(), item.span))).collect()
            }
            _ => return,
        };
        let mut all = Variables::default();
        for (name, span) in files {
            let Some(text) = self.side_file(&name, true, span, &path.key("label_file")) else { continue };
            let cause = Some(Cause { kind: CauseKind::Named, span });
            let id = self.sources.add_from(self.request.shown(FilePath::new(&name)), text.as_str(), cause);
            let earlier = |name: &str| all.get(name).cloned();
            let mut parsed = dotenv::parse(&text, id, &earlier, &Variables::default());
            self.diagnostics.append(&mut parsed.diagnostics);
            all.overlay(parsed.variables);
        }
        fold(service, "labels", &all);
    }

    /// The text of a file that a service names; one that need not be there may be missing.
    fn side_file(&mut self, name: &str, required: bool, span: Span, path: &Path) -> Option<String> {
        let file = FilePath::new(name);
        self.probed.insert(file.to_owned());
        match self.files.read(file) {
            Ok(bytes) => Some(String::from_utf8_lossy(&bytes).into_owned()),
            Err(error) if is_missing(&error) && !required => None,
            Err(error) => {
                let message = format!(
                    "`{path}` names {}, which cannot be read: {}",
                    self.request.shown(file),
                    reason(&error)
                );
                let finding = Diagnostic::error(message).at(span).path(path);
                let help = "create the file, or mark it with `required: false`";
                self.report(if path.last_key() == Some("env_file") { finding.help(help) } else { finding });
                None
            }
        }
    }
}

/// The entries of a map that have a value.
fn values(node: Option<&Node>) -> Variables {
    let mut values = Variables::default();
    for (name, key, value) in node.and_then(Node::as_mapping).into_iter().flat_map(Mapping::entries) {
        if let Some(text) = value.scalar_text() {
            values.set(name, Variable { value: text, from: ValueSource::File(key) });
        }
    }
    values
}

/// Lays a service's own entries over those of its files.
fn fold(service: &mut Mapping, key: &str, files: &Variables) {
    if files.iter().next().is_none() {
        return;
    }
    let own = service.remove_entry(key);
    let tag = own.as_ref().map_or_else(|| Some(LISTED.into()), |entry| entry.value.tag.clone());
    let mut map = Mapping::default();
    for (name, variable) in files.iter() {
        let span = if let ValueSource::File(span) = variable.from { span } else { Span::default() };
        map.insert(name, span, Node::string(variable.value.clone(), span));
    }
    let key_span = own.as_ref().map(|entry| entry.key).unwrap_or_default();
    let span = own.as_ref().map(|entry| entry.value.span).unwrap_or_default();
    if let Some(Value::Mapping(own)) = own.map(|entry| entry.value.value) {
        for (name, entry) in own {
            map.insert(name, entry.key, entry.value);
        }
    }
    service.insert(key, key_span, Node { tag, ..Node::new(Value::Mapping(map), span) });
}
