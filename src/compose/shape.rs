//! The language of the table of attributes: what a field looks like, what files may write for it, how an override meets
//! it, which defaults and paths it has, and when Compose leaves it out.
//!
//! The passes (casts, validation, merging, the canonical form, paths, output, the hash) walk the tree beside this data and
//! know no attribute by name. The data itself is in [`table`](super::table).

mod row;

use super::path::{Path, Segment};

/// One kind of map with known keys.
#[derive(Debug)]
pub struct Object {
    /// What a person calls it, with an article where one fits: `a service`.
    pub name: &'static str,
    /// Its fields, in the order in which Compose prints and hashes them.
    pub fields: &'static [Field],
    /// What other keys it may have.
    pub others: Others,
    /// Fields that must be there when the long form is written.
    pub required: &'static [&'static str],
}

/// Which keys beside the known ones an object may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Others {
    /// None.
    Forbidden,
    /// `x-…` only.
    Extensions,
    /// Any; they are ignored.
    Ignored,
}

/// One attribute, or the pattern of a list's items or a map's values.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Its key; `*` for items and values.
    pub name: &'static str,
    /// Its key in the canonical JSON.
    pub printed: &'static str,
    /// What it is in the canonical form.
    pub shape: Shape,
    /// Which kinds of values a file may write for it.
    pub accepts: Kinds,
    /// When a text becomes the boolean or number that the shape wants.
    pub cast: Cast,
    /// What is checked beside the kind.
    pub check: Check,
    /// How an override meets it.
    pub merge: Merge,
    /// For a list: what makes two items the same, so that the later one takes the place of the earlier.
    pub unique: Unique,
    /// How its short forms become the canonical one.
    pub short: Short,
    /// What is filled in where the file says nothing.
    pub fill: Fill,
    /// What about it is a path.
    pub path: PathRule,
    /// When it is left out of the canonical JSON.
    pub omit: Omit,
}

/// The canonical form of a value.
#[derive(Clone, Copy, Debug)]
pub enum Shape {
    /// A string; other scalars are printed as Go prints them.
    Text,
    /// A boolean.
    Flag,
    /// A whole number.
    Integer,
    /// A whole number of so many bits, without a sign in Go: one that is larger loses its upper bits.
    Unsigned(u32),
    /// A number of Go's `float32`.
    Float,
    /// A size, a decimal string in JSON.
    Bytes,
    /// A duration, Go's text in JSON.
    Duration,
    /// A file mode, an octal string in JSON.
    Mode,
    /// A number of devices: `all` is -1.
    Count,
    /// A boolean, or in its legacy form this object with a name.
    External(&'static Object),
    /// A limit: one number, or this object of `soft` and `hard`.
    Ulimit(&'static Object),
    /// Whatever the file says.
    Any,
    /// Items in order.
    List(&'static Field),
    /// Values by name; sorted by name in JSON.
    Map(&'static Field),
    /// Known fields.
    Object(&'static Object),
}

/// A set of kinds of values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kinds(u8);

/// What is checked beside the kind of a value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Check {
    /// Nothing.
    None,
    /// A string must be one of these.
    Word(&'static [&'static str]),
    /// A string must hold a character that may begin a container's name and one more that may go on with it.
    ContainerName,
    /// A string must hold a word of the pull policies.
    PullPolicy,
    /// A string may not be empty, nor a key of a map.
    NotBlank,
    /// A number must lie between these.
    Range(i64, i64),
    /// A list may not hold the same twice.
    Distinct,
    /// A number may not be written with a point or an exponent.
    NoPoint,
    /// A map may have no key `x-…`.
    NoOwnKeys,
    /// A map's keys must consist of letters, digits, `.`, `_` and `-`.
    Names,
    /// Of a map only the entries with such keys are checked: the schema's pattern lets the others pass.
    OnlyNames,
    /// Of a map only the entries are checked whose keys are lower-case letters alone.
    OnlyLetters,
    /// Of a map only the entries are checked whose keys are one line of text.
    OnlyLines,
}

/// When a text becomes the boolean or number that a shape wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cast {
    /// Once variables are filled in: what is none is an error, whatever another file says instead.
    Read,
    /// Once all files are merged.
    Merged,
}

/// How an override meets what is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Merge {
    /// Maps are merged, lists are appended, anything else is replaced; `null` changes nothing.
    Deep,
    /// Replaced, by `null` too.
    Replace,
    /// Both become lists of strings (a map's entries as `key=value`, a string alone as a list) and are appended;
    /// `unique` then lets the later entry of a key win.
    Append,
    /// As `Append`, but an entry that is there already is not added.
    AppendMissing,
    /// Both become maps from name to object (a list's items get [`Short`]'s object), which are merged.
    ByName,
    /// A string alone is the context; then as `Deep`.
    Build,
    /// As `Deep` when both name the same driver or one names none; otherwise replaced.
    Logging,
    /// Replaced, by `null` too, for one number and two are different forms of the same.
    Ulimit,
    /// The override's items, merged with those that have the same subnet; items that no override repeats are dropped.
    IpamConfig,
}

/// What makes two items of a list the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unique {
    /// Nothing does.
    No,
    /// The text before `=`.
    Key,
    /// The number or text.
    Text,
    /// The target of a mount, short form or long.
    MountTarget,
    /// The target of a device, short form or long.
    DeviceTarget,
    /// Address, published port, target and protocol, short form (as it is written) or long.
    Port,
    /// The target of a secret, `/run/secrets/<source>` if it has none.
    SecretTarget,
    /// The target of a config, `/<source>` if it has none.
    ConfigTarget,
    /// The path of an env file, short form or long.
    FilePath,
}

/// Forms that are shorter than the canonical one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Short {
    /// There is none.
    None,
    /// A string is split into words as a shell splits it.
    Words,
    /// A string is a list of one.
    Single,
    /// A string is a list of one; Compose sees to it later than to the others, which shows where variables are not filled in.
    Lone,
    /// Another scalar is a string.
    Text,
    /// A string is the command of a shell: `["CMD-SHELL", …]`.
    Probe,
    /// A list of `key=value`; a key alone has no value.
    Variables,
    /// A list of `key=value`; a key alone, or `null`, has the value `""` in the end.
    Pairs,
    /// A map of hosts, or a list of `host=ip` or `host:ip`, becomes the sorted list of `host=ip`.
    Hosts,
    /// A list of names becomes a map of `{condition: service_started, required: true}`.
    Dependencies,
    /// A list of names becomes a map of `null`.
    Names,
    /// A string is the build's context.
    Build,
    /// A string is the extended service of the same file.
    Extends,
    /// A string is `[source:]target[:options]`.
    Mount,
    /// Numbers and strings `[[ip:]published:]target[/protocol]`, with ranges, each making one or several items.
    Ports,
    /// A string is `source[:target[:permissions]]`.
    Device,
    /// A string is the source.
    FileReference,
    /// A string or a list of strings and objects becomes a list of objects with `path` and `required`.
    EnvFiles,
    /// `all` is every graphics processor.
    Gpus,
    /// A list of `id[=path]` is a map from id to path until all is merged, and a map such a list in the end.
    Ssh,
    /// A list of `key=value`, each with its value.
    Contexts,
    /// A map `{name: …}` is `true`, and its name goes beside it.
    External,
    /// A string is the path.
    Include,
    /// A trigger with several paths becomes several triggers.
    Watch,
    /// A scalar is a list of one string.
    Options,
    /// There is none, and a text that is no number yet is refused.
    Limit,
}

/// What is filled in where the file says nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fill {
    /// Nothing.
    Nothing,
    /// A map gets this key with this text.
    Text(&'static str, &'static str),
    /// A map gets this key with `true`.
    True(&'static str),
    /// Nothing; on the contrary, empty texts are taken out of the list.
    NoEmptyItems,
    /// A secret's target is `/run/secrets/<source>`.
    SecretTarget,
    /// A published port is of mode `ingress` and of protocol `tcp`.
    Port,
    /// A device request without number and ids asks for all.
    AllDevices,
}

/// What about a value is a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathRule {
    /// Nothing.
    None,
    /// It is one.
    Absolute,
    /// It is one, unless it is a URL or names an image or a service.
    Context,
    /// The source of a bind mount is one.
    MountSource,
    /// It is one, of the host, unless it is a Windows path.
    HostPath,
    /// The device of a local volume that is a bind mount is one.
    VolumeDevice,
    /// It is one, and symbolic links on it are followed.
    Followed,
}

/// When a value is left out of the canonical JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Omit {
    /// Where it is nothing, `""`, `0`, `false`, or an empty list or map.
    WhenEmpty,
    /// Where it was not given.
    WhenUnset,
    /// Never: `null`, `""`, `0`, `false` or `{}` in its place.
    Never,
    /// Always: Compose checks the attribute and then forgets it.
    Always,
    /// Where it is nothing or `""`; but the model keeps `""`, which is not the same as not given.
    WhenBlank,
    /// Where it is empty, and always in YAML.
    InYaml,
    /// A boolean that Compose 2 leaves out where it is false and Compose 5 where it is true.
    OptOut,
}

impl Object {
    /// The field of a key.
    pub fn field(&self, key: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.name == key)
    }

    /// Whether a key that is not in the table may stand here.
    pub fn allows(&self, key: &str) -> bool {
        match self.others {
            Others::Forbidden => false,
            Others::Extensions => key.starts_with("x-"),
            Others::Ignored => true,
        }
    }

    /// The field that a path below this object leads to; `None` for extensions and unknown keys.
    pub fn find(&'static self, path: &Path) -> Option<&'static Field> {
        let mut segments = path.segments().iter();
        let Segment::Key(key) = segments.next()? else { return None };
        segments.try_fold(self.field(key)?, Field::below)
    }
}

impl Field {
    /// The field one step further.
    pub fn below(&self, segment: &Segment) -> Option<&'static Field> {
        match (self.shape, segment) {
            (Shape::Object(object), Segment::Key(key)) => object.field(key),
            (Shape::Map(value), Segment::Key(_)) => Some(value),
            (Shape::List(item), Segment::Index(_)) => Some(item),
            _ => None,
        }
    }
}

impl Short {
    /// What the items may be of a list that stands in place of a map, or the values of a map in place of a list.
    pub const fn items(self) -> Kinds {
        match self {
            Self::Hosts => Kinds::STRING.or(Kinds::LIST),
            Self::Ssh => Kinds::SCALAR,
            _ => Kinds::STRING,
        }
    }
}

impl Kinds {
    /// A string.
    pub const STRING: Self = Self(1);
    /// A whole number.
    pub const INTEGER: Self = Self(2);
    /// Any number.
    pub const NUMBER: Self = Self(2 | 4);
    /// A boolean.
    pub const BOOLEAN: Self = Self(8);
    /// `null`.
    pub const NULL: Self = Self(16);
    /// A list.
    pub const LIST: Self = Self(32);
    /// A map.
    pub const MAP: Self = Self(64);
    /// A string, number, boolean or `null`.
    pub const SCALAR: Self = Self(1 | 2 | 4 | 8 | 16);

    /// Both sets.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether all of `other` is in it.
    pub const fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// The names of the kinds, as a sentence lists them: `a number or a string`.
    pub fn describe(self) -> String {
        const NAMES: [(Kinds, &str); 7] = [
            (Kinds::STRING, "a string"),
            (Kinds::NUMBER, "a number"),
            (Kinds::INTEGER, "a whole number"),
            (Kinds::BOOLEAN, "a boolean"),
            (Kinds::LIST, "a list"),
            (Kinds::MAP, "a map"),
            (Kinds::NULL, "nothing"),
        ];
        let whole = !self.has(Self::NUMBER);
        let names: Vec<&str> = NAMES
            .iter()
            .filter(|(kind, _)| self.has(*kind) && (*kind != Self::INTEGER || whole))
            .map(|(_, name)| *name)
            .collect();
        match names.split_last() {
            Some((last, [])) => (*last).to_owned(),
            Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
            None => "nothing".to_owned(),
        }
    }
}
