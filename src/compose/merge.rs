//! How one tree is laid over another: each attribute by the merge rule that the table gives it.
//!
//! It serves several files, the documents of one, and `extends`. Either tree may hold short forms or canonical ones. What
//! cannot be merged is reported and stays as it was.

use super::diagnostic::Diagnostic;
use super::path::{Path, Trail};
use super::shape::{Field, Merge, Object, Shape, Short};
use super::tree::{Entry, LISTED, Mapping, Node, Span, Value};

/// Lays a map of this kind over another.
pub fn merge(
    base: &mut Node,
    over: Node,
    object: &'static Object,
    path: &Path,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let mut pass = Pass { diagnostics };
    let taken = std::mem::take(base);
    *base = pass.maps(taken, over, Below::Object(object), &Trail::Path(path));
}

struct Pass<'a> {
    diagnostics: &'a mut Vec<Diagnostic>,
}

/// What the entries of a map are.
#[derive(Clone, Copy)]
enum Below {
    /// The fields of an object.
    Object(&'static Object),
    /// Values of one kind.
    Value(&'static Field),
    /// Nothing that the table knows.
    Unknown,
}

impl Below {
    fn of(shape: Option<Shape>) -> Below {
        match shape {
            Some(Shape::Object(object) | Shape::Ulimit(object) | Shape::External(object)) => {
                Below::Object(object)
            }
            Some(Shape::Map(value) | Shape::List(value)) => Below::Value(value),
            _ => Below::Unknown,
        }
    }

    fn field(self, key: &str) -> Option<&'static Field> {
        match self {
            Below::Object(object) => object.field(key),
            Below::Value(field) => Some(field),
            Below::Unknown => None,
        }
    }
}

impl Pass<'_> {
    fn value(&mut self, base: Node, over: Node, field: Option<&'static Field>, path: &Trail<'_>) -> Node {
        let rule = field.map_or(Merge::Deep, |field| field.merge);
        if matches!(rule, Merge::Replace | Merge::Ulimit) {
            return over;
        }
        if over.is_null() {
            return base;
        }
        if base.is_null() {
            return over;
        }
        let below = Below::of(field.map(|field| field.shape));
        match rule {
            Merge::Replace | Merge::Ulimit => over,
            Merge::Append => append(base, over, |_, _| true),
            Merge::AppendMissing => {
                append(base, over, |there, new| !there.iter().any(|old| old.same_data(new)))
            }
            Merge::ByName => {
                let short = field.map_or(Short::None, |field| field.short);
                self.maps(by_name(base, short), by_name(over, short), below, path)
            }
            Merge::Build => self.deep(build(base), build(over), below, path),
            Merge::Logging if different_drivers(&base, &over) => over,
            Merge::Deep | Merge::Logging => self.deep(base, over, below, path),
            Merge::IpamConfig => self.pools(base, over, below, path),
        }
    }

    fn deep(&mut self, base: Node, over: Node, below: Below, path: &Trail<'_>) -> Node {
        if base.tag.as_deref() == Some(LISTED) {
            let span = base.span;
            return self.deep(Node::sequence(entries(base), span), over, below, path);
        }
        match (&base.value, &over.value) {
            (Value::Mapping(_), Value::Mapping(_)) => self.maps(base, over, below, path),
            (Value::Sequence(_), Value::Sequence(_)) => append(base, over, |_, _| true),
            (Value::Mapping(_) | Value::Sequence(_), _) => {
                let message = format!(
                    "`{path}` cannot be merged: it is {} here and {} there",
                    over.kind(),
                    base.kind()
                );
                let finding = Diagnostic::error(message).at(over.span).label(over.kind()).path(path);
                self.diagnostics
                    .push(finding.related(base.span, base.kind()).help("write both in the same form"));
                base
            }
            _ => over,
        }
    }

    fn maps(&mut self, mut base: Node, over: Node, below: Below, path: &Trail<'_>) -> Node {
        if base.is_null() {
            return over;
        }
        let over_span = over.span;
        let (Some(map), Value::Mapping(over)) = (base.as_mapping_mut(), over.value) else { return base };
        for (key, entry) in over {
            let there = map.remove_for_merge(&key);
            let Some((old_span, old)) = there else {
                map.insert(key, entry.key, entry.value);
                continue;
            };
            let kept = matches!(old.value, Value::Mapping(_) | Value::Sequence(_));
            let span = if kept || entry.value.is_null() { old_span } else { entry.key };
            let merged = self.value(old, entry.value, below.field(&key), &path.key(&key));
            map.insert(key, span, merged);
        }
        if base.span == Span::default() {
            base.span = over_span;
        }
        base
    }

    /// The override's pools, each merged with the base's of the same subnet. A pool that two of the base meet takes from
    /// both: that is what Docker Compose does, wanted or not.
    fn pools(&mut self, base: Node, over: Node, below: Below, path: &Trail<'_>) -> Node {
        let (span, Value::Sequence(pools), Value::Sequence(new)) = (base.span, base.value, over.value) else {
            return Node::default();
        };
        let item = below.field("*").map_or(Below::Unknown, |field| Below::of(Some(field.shape)));
        let mut merged: Vec<Node> = Vec::new();
        for pool in &pools {
            for other in &new {
                let place = merged.iter().position(|old| subnet(old) == subnet(other));
                let both = match place {
                    None if subnet(pool) != subnet(other) => other.clone(),
                    _ => self.maps(pool.clone(), other.clone(), item, path),
                };
                match place {
                    Some(at) => merged[at] = both,
                    None => merged.push(both),
                }
            }
        }
        Node::sequence(merged, span)
    }
}

fn subnet(pool: &Node) -> Option<&str> {
    pool.get("subnet").and_then(Node::as_str)
}

impl Mapping {
    /// Takes a value out for merging while its key keeps its position in the order.
    fn remove_for_merge(&mut self, key: &str) -> Option<(Span, Node)> {
        let span = self.key_span(key)?;
        self.get_mut(key).map(|node| (span, std::mem::take(node)))
    }
}

/// Both as lists, one after the other; an entry of the second only where it may be added.
fn append(base: Node, over: Node, add: impl Fn(&[Node], &Node) -> bool) -> Node {
    let span = base.span;
    let mut items = entries(base);
    let new: Vec<Node> = entries(over).into_iter().filter(|item| add(&items, item)).collect();
    items.extend(new);
    Node::sequence(items, span)
}

/// A list's items; a map's entries as `key=value`, once for each value of a list, or the key alone for `null`; a text as the only
/// item. Any other scalar is lost, as in Docker Compose. What comes of a map is in the order of its text.
fn entries(node: Node) -> Vec<Node> {
    match node.value {
        Value::Sequence(items) => items,
        Value::Mapping(map) => {
            let mut items: Vec<Node> = map.into_iter().flat_map(|(key, entry)| pairs(&key, &entry)).collect();
            items.sort_by(|one, two| one.as_str().cmp(&two.as_str()));
            items
        }
        Value::String(_) => vec![node],
        _ => Vec::new(),
    }
}

/// One entry of a map as `key=value`, in whatever text Go makes of the value.
fn pairs(key: &str, entry: &Entry) -> Vec<Node> {
    let pair = |text: String, value: &Node| {
        let same_file = value.span.file == entry.key.file;
        let end = if same_file { value.span.end.max(entry.key.end) } else { entry.key.end };
        Node { origin: value.origin.clone(), ..Node::string(text, Span { end, ..entry.key }) }
    };
    let with_value = |value: &Node| pair(format!("{key}={}", value.go_text()), value);
    match &entry.value.value {
        Value::Null => vec![pair(key.to_owned(), &entry.value)],
        Value::Sequence(items) => items.iter().map(with_value).collect(),
        _ => vec![with_value(&entry.value)],
    }
}

/// A list of names as a map from name to what a bare name stands for.
fn by_name(node: Node, short: Short) -> Node {
    let Value::Sequence(items) = node.value else { return node };
    let mut map = Mapping::default();
    for item in items {
        let Some(name) = item.as_str().map(str::to_owned) else { continue };
        map.insert(name, item.span, named(short, item.span));
    }
    Node::new(Value::Mapping(map), node.span)
}

/// What a bare name in a list stands for.
fn named(short: Short, span: Span) -> Node {
    if short != Short::Dependencies {
        return Node::new(Value::Null, span);
    }
    let started = Node::string("service_started", span);
    let required = Node::new(Value::Bool(true), span);
    Node::mapping([("condition", started), ("required", required)], span)
}

/// A text alone is the context; what is neither that nor a map says nothing to Docker Compose here.
fn build(node: Node) -> Node {
    let span = node.span;
    match node.value {
        Value::Mapping(_) => node,
        Value::String(_) => Node::mapping([("context", node)], span),
        _ => Node::new(Value::Mapping(Mapping::default()), span),
    }
}

/// Whether both name a driver, and not the same.
fn different_drivers(base: &Node, over: &Node) -> bool {
    match (base.get("driver"), over.get("driver")) {
        (Some(one), Some(two)) => !one.same_data(two),
        _ => false,
    }
}
