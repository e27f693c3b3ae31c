//! How the rows of the table are written: a constructor for the shape, then what differs from its usual rules.

use super::{Cast, Check, Field, Fill, Kinds, Merge, Object, Omit, PathRule, Shape, Short, Unique};

impl Field {
    const fn new(name: &'static str, shape: Shape, accepts: Kinds, omit: Omit) -> Self {
        Self {
            name,
            printed: name,
            shape,
            accepts,
            cast: Cast::Read,
            check: Check::None,
            merge: Merge::Deep,
            unique: Unique::No,
            short: Short::None,
            fill: Fill::Nothing,
            path: PathRule::None,
            omit,
        }
    }

    /// A string.
    pub const fn text(name: &'static str) -> Self {
        Self::new(name, Shape::Text, Kinds::STRING, Omit::WhenEmpty)
    }

    /// A boolean or a text that reads as one.
    pub const fn flag(name: &'static str) -> Self {
        Self::new(name, Shape::Flag, Kinds::BOOLEAN.or(Kinds::STRING), Omit::WhenEmpty)
    }

    /// A whole number or a text that reads as one.
    pub const fn integer(name: &'static str) -> Self {
        Self::new(name, Shape::Integer, Kinds::INTEGER.or(Kinds::STRING), Omit::WhenEmpty)
    }

    /// A whole number without a sign, of so many bits, or a text that reads as one.
    pub const fn unsigned(name: &'static str, bits: u32) -> Self {
        Self::new(name, Shape::Unsigned(bits), Kinds::INTEGER.or(Kinds::STRING), Omit::WhenEmpty)
    }

    /// A number or a text that reads as one.
    pub const fn float(name: &'static str) -> Self {
        Self::new(name, Shape::Float, Kinds::NUMBER.or(Kinds::STRING), Omit::WhenEmpty)
    }

    /// A size.
    pub const fn bytes(name: &'static str) -> Self {
        Self::new(name, Shape::Bytes, Kinds::NUMBER.or(Kinds::STRING), Omit::WhenEmpty)
    }

    /// A duration.
    pub const fn duration(name: &'static str) -> Self {
        Self::new(name, Shape::Duration, Kinds::STRING, Omit::WhenUnset)
    }

    /// Any of the shapes that have no constructor of their own.
    pub const fn of(name: &'static str, shape: Shape, accepts: Kinds) -> Self {
        Self::new(name, shape, accepts, Omit::WhenEmpty)
    }

    /// A list.
    pub const fn list(name: &'static str, item: &'static Field) -> Self {
        Self::new(name, Shape::List(item), Kinds::LIST, Omit::WhenEmpty)
    }

    /// A map with any keys.
    pub const fn map(name: &'static str, value: &'static Field) -> Self {
        Self::new(name, Shape::Map(value), Kinds::MAP, Omit::WhenEmpty)
    }

    /// A map with known keys.
    pub const fn object(name: &'static str, object: &'static Object) -> Self {
        Self::new(name, Shape::Object(object), Kinds::MAP, Omit::WhenUnset)
    }

    /// Other kinds of values than the shape's usual ones.
    #[must_use]
    pub const fn accepts(mut self, kinds: Kinds) -> Self {
        self.accepts = kinds;
        self
    }

    /// These kinds too.
    #[must_use]
    pub const fn also(mut self, kinds: Kinds) -> Self {
        self.accepts = self.accepts.or(kinds);
        self
    }

    /// A check beside the kind.
    #[must_use]
    pub const fn check(mut self, check: Check) -> Self {
        self.check = check;
        self
    }

    /// Read as what it should be only once all files are merged.
    #[must_use]
    pub const fn cast_merged(mut self) -> Self {
        self.cast = Cast::Merged;
        self
    }

    /// Another way to meet an override.
    #[must_use]
    pub const fn merge(mut self, merge: Merge) -> Self {
        self.merge = merge;
        self
    }

    /// Items that are the same replace each other.
    #[must_use]
    pub const fn unique(mut self, unique: Unique) -> Self {
        self.unique = unique;
        self
    }

    /// A short form.
    #[must_use]
    pub const fn short(mut self, short: Short) -> Self {
        self.short = short;
        self
    }

    /// A default.
    #[must_use]
    pub const fn fill(mut self, fill: Fill) -> Self {
        self.fill = fill;
        self
    }

    /// A path.
    #[must_use]
    pub const fn path(mut self, path: PathRule) -> Self {
        self.path = path;
        self
    }

    /// Left out only where it was not given: a pointer in Go.
    #[must_use]
    pub const fn pointer(mut self) -> Self {
        self.omit = Omit::WhenUnset;
        self
    }

    /// Left out where it is empty.
    #[must_use]
    pub const fn or_empty(mut self) -> Self {
        self.omit = Omit::WhenEmpty;
        self
    }

    /// Another key in the canonical JSON.
    #[must_use]
    pub const fn printed(mut self, key: &'static str) -> Self {
        self.printed = key;
        self
    }

    /// Checked, and then dropped.
    #[must_use]
    pub const fn dropped(mut self) -> Self {
        self.omit = Omit::Always;
        self
    }

    /// A boolean that is true unless the file says otherwise, from Compose 5 on.
    #[must_use]
    pub const fn opt_out(mut self) -> Self {
        self.omit = Omit::OptOut;
        self
    }

    /// An empty text is kept in the model.
    #[must_use]
    pub const fn blank_counts(mut self) -> Self {
        self.omit = Omit::WhenBlank;
        self
    }

    /// Left out where it is empty, and always in YAML.
    #[must_use]
    pub const fn not_in_yaml(mut self) -> Self {
        self.omit = Omit::InYaml;
        self
    }

    /// Never left out.
    #[must_use]
    pub const fn always(mut self) -> Self {
        self.omit = Omit::Never;
        self
    }
}
