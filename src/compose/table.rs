//! The table of attributes: every object of a compose file with its fields, in the order of compose-go's structs, which is
//! the order of the config hash.
//!
//! Kinds, required keys and checks are those of the Compose Specification's schema; merge rules, short forms, defaults and
//! paths are those of compose-go 2.9. Data only: see [`shape`](super::shape) for its language.

mod build;
mod deploy;
mod parts;
mod resource;
mod service;

use super::shape::{Check, Field, Kinds, Merge, Object, Others, PathRule, Short, Unique};

pub use self::resource::{FILE_OBJECT, NETWORK, VOLUME};
pub use self::service::SERVICE;

/// A compose file.
pub static PROJECT: Object = Object {
    name: "a compose file",
    fields: &[
        Field::text("version"),
        Field::text("name"),
        Field::map("configs", &CONFIG).check(Check::Names),
        Field::list("include", &INCLUDE_ITEM),
        Field::map("models", &MODEL).check(Check::OnlyNames),
        Field::map("networks", &NETWORK_VALUE).check(Check::OnlyNames),
        Field::map("secrets", &SECRET).check(Check::Names),
        Field::map("services", &SERVICE_VALUE).check(Check::Names).always(),
        Field::map("volumes", &VOLUME_VALUE).check(Check::Names),
    ],
    others: Others::Extensions,
    required: &[],
};

static SERVICE_VALUE: Field = Field::object("*", &SERVICE);
static NETWORK_VALUE: Field = Field::object("*", &NETWORK).also(Kinds::NULL).short(Short::External);
static VOLUME_VALUE: Field =
    Field::object("*", &VOLUME).also(Kinds::NULL).short(Short::External).path(PathRule::VolumeDevice);
static SECRET: Field = Field::object("*", &FILE_OBJECT).short(Short::External);
static CONFIG: Field = Field::object("*", &resource::CONFIG_OBJECT).short(Short::External);
static MODEL: Field = Field::object("*", &resource::MODEL);

static INCLUDE_ITEM: Field = Field::object("*", &INCLUDE).also(Kinds::STRING).short(Short::Include);

/// An included file, or several with an own project folder.
pub static INCLUDE: Object = Object {
    name: "an include",
    fields: &[
        Field::list("path", &TEXT).also(Kinds::STRING).short(Short::Single),
        Field::text("project_directory"),
        Field::list("env_file", &TEXT).also(Kinds::STRING).short(Short::Single),
    ],
    others: Others::Forbidden,
    required: &[],
};

/// A string in a list or map.
static TEXT: Field = Field::text("*");
/// A string in a list, or a number that stands for one.
static TEXT_OR_NUMBER: Field = Field::text("*").also(Kinds::NUMBER);
/// The value of a label or of anything else that may be a string, a number, a boolean or nothing.
static SCALAR: Field = Field::text("*").accepts(Kinds::SCALAR);
/// The value of a variable, which may be absent.
static VARIABLE: Field = Field::text("*").accepts(Kinds::SCALAR).pointer();
/// An option of a driver.
static OPTION: Field = Field::text("*").also(Kinds::NUMBER);

/// A list of strings.
const fn strings(name: &'static str) -> Field {
    Field::list(name, &TEXT)
}

/// A string or a list of different strings.
const fn string_or_list(name: &'static str) -> Field {
    Field::list(name, &TEXT).also(Kinds::STRING).check(Check::Distinct).short(Short::Lone)
}

/// Labels and the like: a map, or a list of `key=value`.
const fn pairs(name: &'static str) -> Field {
    Field::map(name, &SCALAR).also(Kinds::LIST).short(Short::Pairs).merge(Merge::Append).unique(Unique::Key)
}

/// Variables: as [`pairs`], but one may have no value.
const fn variables(name: &'static str) -> Field {
    Field::map(name, &VARIABLE)
        .also(Kinds::LIST)
        .short(Short::Variables)
        .merge(Merge::Append)
        .unique(Unique::Key)
}

/// Options of a driver.
const fn options(name: &'static str) -> Field {
    Field::map(name, &OPTION).check(Check::OnlyLines)
}
