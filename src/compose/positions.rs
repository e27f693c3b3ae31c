//! Where each attribute of the loaded project stands in the files, so that a screen can say `compose.yaml:64`.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use super::path::{Path, Segment};
use super::tree::{Node, Span, Value};

/// Places by path. What a pass made up stands where its cause does.
///
/// A path is kept as its hash: a project has very many, and what is asked for are the places of a few.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Positions {
    places: HashMap<u64, Span>,
    /// The names of the texts that the places are in, by their number.
    files: Vec<String>,
}

impl Positions {
    /// Notes every place of a tree: the key's for an entry of a map, the value's for an item of a list.
    pub fn of(root: &Node) -> Self {
        let mut positions = Self::default();
        positions.note_below(root, &DefaultHasher::new());
        positions
    }

    /// The place of an attribute, or of the nearest one around it that has a place.
    pub fn find(&self, path: &Path) -> Option<Span> {
        let mut hasher = DefaultHasher::new();
        let mut found = self.places.get(&hasher.finish());
        for segment in path.segments() {
            match segment {
                Segment::Key(key) => step(&mut hasher, key),
                Segment::Index(index) => step(&mut hasher, *index),
            }
            found = self.places.get(&hasher.finish()).or(found);
        }
        found.copied()
    }

    /// Names the texts, in the order of their numbers, so that places can be shown.
    pub fn name_files(&mut self, names: impl IntoIterator<Item = String>) {
        self.files = names.into_iter().collect();
    }

    /// The place of an attribute as a person reads it, `compose.yaml:64`, or that of the nearest one around it.
    pub fn show(&self, path: &Path) -> Option<String> {
        let span = self.find(path)?;
        Some(format!("{}:{}", self.files.get(span.file.0 as usize)?, span.line))
    }

    /// The place of a service's name.
    pub fn service(&self, name: &str) -> Option<Span> {
        let mut hasher = DefaultHasher::new();
        step(&mut hasher, "services");
        step(&mut hasher, name);
        self.places.get(&hasher.finish()).copied()
    }

    fn note_below(&mut self, node: &Node, hasher: &DefaultHasher) {
        match &node.value {
            Value::Mapping(map) => {
                for (key, span, value) in map.entries() {
                    let mut hasher = hasher.clone();
                    step(&mut hasher, key);
                    self.note(&hasher, span, value);
                }
            }
            Value::Sequence(items) => {
                for (index, item) in items.iter().enumerate() {
                    let mut hasher = hasher.clone();
                    step(&mut hasher, index);
                    self.note(&hasher, item.span, item);
                }
            }
            _ => {}
        }
    }

    fn note(&mut self, hasher: &DefaultHasher, span: Span, node: &Node) {
        self.note_below(node, hasher);
        // A made-up node has the default span, which is no line at all.
        if span.line > 0 {
            self.places.insert(hasher.finish(), span);
        }
    }
}

/// One step further on a path. Keys and numbers are hashed in different ways.
fn step(hasher: &mut DefaultHasher, segment: impl Hash) {
    segment.hash(hasher);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_place_is_that_of_what_is_around_it() {
        let at = |line| Span { line, ..Span::default() };
        let web = Node::mapping([("image", Node::string("nginx", at(3)))], at(2));
        let root = Node::mapping([("services", Node::mapping([("web", web)], at(2)))], at(1));
        let positions = Positions::of(&root);
        assert_eq!(positions.service("web"), Some(at(2)));
        assert_eq!(positions.find(&Path::parse("services.web.image")), Some(at(3)));
        assert_eq!(positions.find(&Path::parse("services.web.networks.default")), Some(at(2)));
        assert_eq!(positions.find(&Path::parse("volumes.db")), None);
    }
}
