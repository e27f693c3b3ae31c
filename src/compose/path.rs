//! Paths into the tree, such as `services.web.ports[0]`, and patterns over them, such as `services.*.ports`.
//!
//! Tables of rules are keyed by pattern. A pattern's `*` stands for exactly one segment, a key or an index.

use std::fmt;

/// The way from the root of a tree to one of its nodes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Path {
    segments: Vec<Segment>,
}

/// One step of a path.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Segment {
    /// A key of a map.
    Key(String),
    /// An item of a list, from 0.
    Index(usize),
}

/// The way to a node that is being looked at, which costs nothing until somebody asks for its [`Path`].
#[derive(Clone, Copy, Debug)]
pub enum Trail<'a> {
    /// From here on.
    Path(&'a Path),
    /// A key below.
    Key(&'a Trail<'a>, &'a str),
    /// An item below.
    Index(&'a Trail<'a>, usize),
}

/// A pattern over paths, written with dots: `services.*.build.args`. It is as long as the paths that it matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Pattern(pub &'static str);

impl Path {
    /// The root.
    pub fn root() -> Path {
        Path::default()
    }

    /// The path of these keys.
    pub fn of<K: Into<String>>(keys: impl IntoIterator<Item = K>) -> Path {
        Path { segments: keys.into_iter().map(|key| Segment::Key(key.into())).collect() }
    }

    /// Reads what [`Display`](fmt::Display) writes, for paths whose keys hold neither dots nor brackets.
    pub fn parse(text: &str) -> Path {
        let mut segments = Vec::new();
        for part in text.split('.').filter(|part| !part.is_empty()) {
            let (key, indices) = part.split_once('[').unwrap_or((part, ""));
            if !key.is_empty() {
                segments.push(Segment::Key(key.to_owned()));
            }
            let indices = indices.split('[').filter_map(|index| index.trim_end_matches(']').parse().ok());
            segments.extend(indices.map(Segment::Index));
        }
        Path { segments }
    }

    /// Its steps.
    pub fn segments(&self) -> &[Segment] {
        &self.segments
    }

    /// How many steps it has.
    pub fn len(&self) -> usize {
        self.segments.len()
    }

    /// Whether it is the root.
    pub fn is_empty(&self) -> bool {
        self.segments.is_empty()
    }

    /// This path and one key more.
    #[must_use]
    pub fn key(&self, key: impl Into<String>) -> Path {
        self.with(Segment::Key(key.into()))
    }

    /// This path and one index more.
    #[must_use]
    pub fn index(&self, index: usize) -> Path {
        self.with(Segment::Index(index))
    }

    /// The path without its last step; the root's is the root.
    #[must_use]
    pub fn parent(&self) -> Path {
        let count = self.segments.len().saturating_sub(1);
        Path { segments: self.segments.iter().take(count).cloned().collect() }
    }

    /// The last step, if it is a key.
    pub fn last_key(&self) -> Option<&str> {
        self.key_at(self.segments.len().checked_sub(1)?)
    }

    /// The key at a depth from 0, if that step is a key.
    pub fn key_at(&self, depth: usize) -> Option<&str> {
        match self.segments.get(depth)? {
            Segment::Key(key) => Some(key),
            Segment::Index(_) => None,
        }
    }

    /// Whether `self` is `other` or lies below it.
    pub fn starts_with(&self, other: &Path) -> bool {
        self.segments.starts_with(&other.segments)
    }

    /// This path and one step more.
    #[must_use]
    pub fn with(&self, segment: Segment) -> Path {
        let mut segments = Vec::with_capacity(self.segments.len() + 1);
        segments.extend(self.segments.iter().cloned());
        segments.push(segment);
        Path { segments }
    }
}

impl Trail<'_> {
    /// One key further.
    pub fn key<'b>(&'b self, key: &'b str) -> Trail<'b> {
        Trail::Key(self, key)
    }

    /// One item further.
    pub fn index(&self, index: usize) -> Trail<'_> {
        Trail::Index(self, index)
    }

    /// The last step, if it is a key.
    pub fn last_key(&self) -> Option<&str> {
        match self {
            Trail::Path(path) => path.last_key(),
            Trail::Key(_, key) => Some(key),
            Trail::Index(..) => None,
        }
    }
}

impl From<&Path> for Path {
    fn from(path: &Path) -> Path {
        path.clone()
    }
}

impl From<&Trail<'_>> for Path {
    fn from(trail: &Trail<'_>) -> Path {
        let (mut steps, mut at) = (Vec::new(), trail);
        loop {
            match at {
                Trail::Path(path) => {
                    let steps = steps.into_iter().rev();
                    return Path { segments: path.segments.iter().cloned().chain(steps).collect() };
                }
                Trail::Key(before, key) => {
                    steps.push(Segment::Key((*key).to_owned()));
                    at = before;
                }
                Trail::Index(before, index) => {
                    steps.push(Segment::Index(*index));
                    at = before;
                }
            }
        }
    }
}

impl fmt::Display for Trail<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        Path::from(self).fmt(formatter)
    }
}

impl fmt::Display for Path {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, segment) in self.segments.iter().enumerate() {
            match segment {
                Segment::Key(key) if position == 0 => formatter.write_str(key)?,
                Segment::Key(key) => write!(formatter, ".{key}")?,
                Segment::Index(index) => write!(formatter, "[{index}]")?,
            }
        }
        Ok(())
    }
}

impl Pattern {
    /// Whether the whole path matches.
    pub fn matches(self, path: &Path) -> bool {
        self.0.split('.').count() == path.len() && self.matches_start(path)
    }

    /// Whether the path or the beginning of it matches.
    pub fn matches_start(self, path: &Path) -> bool {
        let mut segments = path.segments().iter();
        self.0.split('.').all(|part| match segments.next() {
            Some(_) if part == "*" => true,
            Some(Segment::Key(key)) => key == part,
            Some(Segment::Index(_)) | None => false,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_reads_as_it_is_written() {
        for text in ["", "services", "services.web.ports[0]", "a[1][2].b"] {
            assert_eq!(Path::parse(text).to_string(), text);
        }
        assert_eq!(Path::root().key("x").index(3).to_string(), "x[3]");
        assert_eq!(Path::parse("a.b[1]").parent().to_string(), "a.b");
        let root = Path::parse("a.b");
        let start = Trail::Path(&root);
        let key = start.key("c");
        assert_eq!((key.index(2).to_string(), key.last_key()), ("a.b.c[2]".to_owned(), Some("c")));
    }

    #[test]
    fn a_star_is_one_step() {
        let check =
            |pattern, path, expected| assert_eq!(Pattern(pattern).matches(&Path::parse(path)), expected);
        check("services.*.ports", "services.web.ports", true);
        check("services.*.ports", "services.web.ports[0]", false);
        check("services.*.ports.*", "services.web.ports[0]", true);
        check("services.*", "networks.web", false);
        assert!(Pattern("services.*").matches_start(&Path::parse("services.web.ports")));
    }
}
