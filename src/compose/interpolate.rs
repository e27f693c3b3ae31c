//! The pass that fills in variables: every string of the tree that is a value, never a key.
//!
//! What a filled-in scalar was made of is kept on its node. A template that cannot be filled in is reported at the
//! reference itself and stays as it stands.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use super::diagnostic::{Diagnostic, Severity, Sources, tell, tell_error};
use super::dotenv;
use super::path::{Path, Trail};
use super::template::{self, TemplateError};
use super::tree::{FileId, Node, Origin, Span, Value};
use super::variables::Variables;

/// What filled-in scalars were made of, by the places where they and their keys begin. Whatever is found wrong with one
/// later, the variables can be named.
#[derive(Debug, Default)]
pub struct Origins {
    by_start: HashMap<(FileId, u32), Arc<Origin>>,
    /// The bytes of all filled-in texts.
    filled: usize,
}

/// The most that all filled-in texts together may hold.
const MOST: usize = 4 * template::LONGEST;

impl Origins {
    /// What stands at a place was made of this.
    pub fn of(&self, span: Span) -> Option<Arc<Origin>> {
        self.by_start.get(&(span.file, span.start)).cloned()
    }

    fn note(&mut self, span: Span, origin: &Arc<Origin>) {
        self.by_start.insert((span.file, span.start), Arc::clone(origin));
    }
}

/// The pass over one tree.
pub struct Pass<'a> {
    /// What names are looked up in.
    pub variables: &'a Variables,
    /// The texts that the tree was read from.
    pub sources: &'a Sources,
    /// Takes what scalars were made of.
    pub origins: &'a mut Origins,
    /// Takes what is wrong.
    pub diagnostics: &'a mut Vec<Diagnostic>,
}

impl Pass<'_> {
    /// Fills in every string below a node.
    pub fn run(&mut self, root: &mut Node) {
        let start = Path::root();
        self.node(root, &Trail::Path(&start));
    }

    fn node(&mut self, node: &mut Node, path: &Trail<'_>) {
        match &mut node.value {
            Value::Mapping(map) => {
                for (key, span, value) in map.entries_mut() {
                    let path = path.key(key);
                    self.node(value, &path);
                    if let Some(origin) = &value.origin {
                        self.origins.note(span, origin);
                    }
                }
            }
            Value::Sequence(items) => {
                for (index, item) in items.iter_mut().enumerate() {
                    self.node(item, &path.index(index));
                }
            }
            Value::String(text) if text.contains('$') => self.string(node, path),
            _ => {}
        }
    }

    fn string(&mut self, node: &mut Node, path: &Trail<'_>) {
        let Value::String(text) = &mut node.value else { return };
        let (sources, span) = (self.sources, node.span);
        let place = |at: &Range<usize>| place(sources, span, text, at.clone());
        match template::substitute(text, &|name| self.variables.get(name).cloned()) {
            Ok(substituted) => {
                self.origins.filled += substituted.text.len();
                if self.origins.filled > MOST {
                    let at = 0..text.len();
                    let error = TemplateError::Long { at: at.clone() };
                    tell_error(self.diagnostics, || dotenv::fault(&error, place(&at)).path(path));
                    return;
                }
                for (name, at) in &substituted.unset {
                    tell(self.diagnostics, Severity::Warning, || dotenv::unset(name, place(at)).path(path));
                }
                let template = std::mem::replace(text, substituted.text);
                if !substituted.uses.is_empty() {
                    let origin = Arc::new(Origin { template, variables: substituted.uses });
                    self.origins.note(span, &origin);
                    node.origin = Some(origin);
                }
            }
            Err(error) => {
                tell_error(self.diagnostics, || dotenv::fault(&error, place(error.at())).path(path));
            }
        }
    }
}

/// The place of a part of a scalar. Escapes and folded lines move text about, so the part is looked for where the
/// scalar stands; where it does not stand there literally, the place is that of the scalar.
fn place(sources: &Sources, span: Span, text: &str, at: Range<usize>) -> Span {
    let Some(source) = sources.get(span.file) else { return span };
    let Some(written) = source.text.get(span.range()) else { return span };
    let part = &text[at.clone()];
    let before = text[..at.start].matches(part).count();
    let found = written.match_indices(part).nth(before).map(|(found, _)| span.range().start + found);
    found.map_or(span, |start| sources.span(span.file, start, start + part.len()))
}

#[cfg(test)]
mod tests {
    use super::super::diagnostic::Colour;
    use super::super::tree::ValueSource;
    use super::super::variables::Variable;
    use super::super::yaml;
    use super::*;

    fn run(text: &str) -> (Node, String) {
        let mut sources = Sources::default();
        let file = sources.add("compose.yaml", text);
        let mut root = yaml::parse(text, file).documents.remove(0);
        let mut variables = Variables::default();
        variables.set("TAG", Variable { value: "3.1".to_owned(), from: ValueSource::Environment });
        let mut diagnostics = Vec::new();
        let mut origins = Origins::default();
        let (variables, sources, found) = (&variables, &sources, &mut diagnostics);
        Pass { variables, sources, origins: &mut origins, diagnostics: found }.run(&mut root);
        let text = sources.render(&diagnostics, Colour::Plain);
        (root, text)
    }

    #[test]
    fn values_are_filled_in_and_keys_are_not() {
        let (root, text) = run("$TAG: [\"a:${TAG}\", 3]\n");
        assert_eq!(root.to_json().to_string(), r#"{"$TAG":["a:3.1",3]}"#);
        assert_eq!(text, "");
        let origin = root.at(&Path::root().key("$TAG").index(0)).and_then(|node| node.origin.clone());
        assert_eq!(origin.map(|origin| origin.template.clone()), Some("a:${TAG}".to_owned()));
    }

    #[test]
    fn faults_point_at_the_reference() {
        let (_, text) = run("image: web:${TAG}-${VARIANT:?pick one}\nx: \"$UNSET\"\n");
        let expected = "\
error: the variable `VARIANT` is required: pick one
 --> compose.yaml:1:19
  |
1 | image: web:${TAG}-${VARIANT:?pick one}
  |                   ^^^^^^^^^^^^^^^^^^^^
  |
  = note: this is `image`
  = help: set `VARIANT` in the environment or in .env

warning: the variable `UNSET` is not set; an empty text takes its place
 --> compose.yaml:2:5
  |
2 | x: \"$UNSET\"
  |     ^^^^^^
  |
  = help: set it in the environment or in .env, or give a default: ${UNSET:-default}";
        assert_eq!(text, expected);
    }
}
