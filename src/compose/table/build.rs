//! The fields of a build.

use super::super::shape::{Check, Field, Kinds, Merge, Object, Others, PathRule, Short, Unique};
use super::{pairs, parts, strings, variables};

/// A build.
pub static BUILD: Object = Object {
    name: "a build",
    fields: &[
        Field::text("context").path(PathRule::Context),
        Field::text("dockerfile"),
        Field::text("dockerfile_inline"),
        strings("entitlements"),
        variables("args"),
        Field::text("provenance").also(Kinds::BOOLEAN).short(Short::Text),
        Field::text("sbom").also(Kinds::BOOLEAN).short(Short::Text),
        Field::list("ssh", &SSH_KEY).also(Kinds::MAP).check(Check::Distinct).short(Short::Ssh),
        pairs("labels"),
        strings("cache_from"),
        strings("cache_to"),
        Field::flag("no_cache").cast_merged(),
        Field::map("additional_contexts", &ADDITIONAL_CONTEXT)
            .also(Kinds::LIST)
            .short(Short::Contexts)
            .merge(Merge::Append)
            .unique(Unique::Key),
        Field::flag("pull").cast_merged(),
        parts::hosts("extra_hosts"),
        Field::text("isolation"),
        Field::text("network"),
        Field::text("target"),
        Field::list("secrets", &parts::FILE_REFERENCE_ITEM),
        Field::bytes("shm_size").accepts(Kinds::INTEGER.or(Kinds::STRING)),
        strings("tags").unique(Unique::Key),
        parts::build_ulimits("ulimits"),
        strings("platforms"),
        Field::flag("privileged").cast_merged(),
    ],
    others: Others::Extensions,
    required: &[],
};

static SSH_KEY: Field = Field::text("*");
static ADDITIONAL_CONTEXT: Field = Field::text("*").accepts(Kinds::SCALAR).path(PathRule::Context);
