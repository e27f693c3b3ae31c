//! The fields of the top-level networks, volumes, configs, secrets and models.

use super::super::shape::{Check, Field, Kinds, Merge, Object, Others, PathRule, Shape, Unique};
use super::{TEXT, options, pairs, strings};

/// `external`, which in its legacy form holds a name.
const fn external(legacy: &'static Object) -> Field {
    Field::of("external", Shape::External(legacy), Kinds::BOOLEAN.or(Kinds::STRING).or(Kinds::MAP))
}

static EXTERNAL: Object = Object {
    name: "an external resource",
    fields: &[Field::text("name")],
    others: Others::Extensions,
    required: &[],
};

/// As above, but the schema lets any key pass.
static EXTERNAL_OPEN: Object = Object {
    name: "an external resource",
    fields: &[Field::text("name")],
    others: Others::Ignored,
    required: &[],
};

/// A network.
pub static NETWORK: Object = Object {
    name: "a network",
    fields: &[
        Field::text("name"),
        Field::text("driver"),
        options("driver_opts"),
        Field::object("ipam", &IPAM).always(),
        external(&EXTERNAL),
        Field::flag("internal"),
        Field::flag("attachable"),
        pairs("labels"),
        Field::flag("enable_ipv4").pointer(),
        Field::flag("enable_ipv6").pointer(),
    ],
    others: Others::Extensions,
    required: &[],
};

static IPAM: Object = Object {
    name: "address management",
    fields: &[
        Field::text("driver"),
        Field::list("config", &POOL_ITEM).merge(Merge::IpamConfig),
        // The schema knows it and compose-go does not: it is checked and then dropped.
        Field::map("options", &TEXT).check(Check::NotBlank).dropped(),
    ],
    others: Others::Extensions,
    required: &[],
};

static POOL_ITEM: Field = Field::object("*", &POOL);

static POOL: Object = Object {
    name: "an address pool",
    fields: &[
        Field::text("subnet"),
        Field::text("gateway"),
        Field::text("ip_range"),
        Field::map("aux_addresses", &TEXT).check(Check::NotBlank),
    ],
    others: Others::Extensions,
    required: &[],
};

/// A volume.
pub static VOLUME: Object = Object {
    name: "a volume",
    fields: &[
        Field::text("name"),
        Field::text("driver"),
        options("driver_opts"),
        external(&EXTERNAL),
        pairs("labels").unique(Unique::No),
    ],
    others: Others::Extensions,
    required: &[],
};

/// An option of a secret's driver, which Compose does not write out where it has a point.
static SECRET_OPTION: Field = Field::text("*").also(Kinds::NUMBER).check(Check::NoPoint);

/// A secret. Its contents are never printed; the schema lets no file write them either.
pub static FILE_OBJECT: Object = Object {
    name: "a secret",
    fields: &[
        Field::text("name"),
        Field::text("file").blank_counts().path(PathRule::HostPath),
        Field::text("environment").blank_counts(),
        external(&EXTERNAL_OPEN),
        pairs("labels").unique(Unique::No).merge(Merge::Deep),
        Field::text("driver"),
        Field::map("driver_opts", &SECRET_OPTION).check(Check::NoOwnKeys),
        Field::text("template_driver"),
    ],
    others: Others::Extensions,
    required: &[],
};

/// A config.
pub static CONFIG_OBJECT: Object = Object {
    name: "a config",
    fields: &[
        Field::text("name"),
        Field::text("file").blank_counts().path(PathRule::HostPath),
        Field::text("environment").blank_counts(),
        Field::text("content").blank_counts(),
        external(&EXTERNAL_OPEN),
        pairs("labels").unique(Unique::No).merge(Merge::Deep),
        Field::text("template_driver"),
    ],
    others: Others::Extensions,
    required: &[],
};

/// A language model.
pub static MODEL: Object = Object {
    name: "a model",
    fields: &[
        Field::text("name"),
        Field::text("model"),
        Field::integer("context_size").accepts(Kinds::INTEGER),
        strings("runtime_flags"),
    ],
    others: Others::Extensions,
    required: &["model"],
};
