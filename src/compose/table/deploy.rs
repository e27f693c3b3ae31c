//! The fields of `deploy`, and device requests.

use super::super::shape::{Check, Field, Fill, Kinds, Object, Others, Shape, Unique};
use super::{pairs, strings};

/// A deployment.
pub static DEPLOY: Object = Object {
    name: "a deployment",
    fields: &[
        Field::text("mode"),
        Field::integer("replicas").pointer(),
        pairs("labels"),
        Field::object("update_config", &UPDATE),
        Field::object("rollback_config", &UPDATE),
        Field::object("resources", &RESOURCES).always(),
        Field::object("restart_policy", &RESTART_POLICY),
        Field::object("placement", &PLACEMENT).always(),
        Field::text("endpoint_mode"),
    ],
    others: Others::Extensions,
    required: &[],
};

static UPDATE: Object = Object {
    name: "an update configuration",
    fields: &[
        Field::unsigned("parallelism", 64).pointer(),
        Field::duration("delay").or_empty(),
        Field::text("failure_action"),
        Field::duration("monitor").or_empty(),
        Field::float("max_failure_ratio"),
        Field::text("order").check(Check::Word(&["start-first", "stop-first"])),
    ],
    others: Others::Extensions,
    required: &[],
};

static RESOURCES: Object = Object {
    name: "resources",
    fields: &[Field::object("limits", &LIMITS), Field::object("reservations", &RESERVATIONS)],
    others: Others::Extensions,
    required: &[],
};

static LIMITS: Object = Object {
    name: "limits",
    fields: &[
        Field::float("cpus").cast_merged(),
        Field::bytes("memory").accepts(Kinds::STRING),
        Field::integer("pids").cast_merged(),
    ],
    others: Others::Extensions,
    required: &[],
};

static RESERVATIONS: Object = Object {
    name: "reservations",
    fields: &[
        Field::float("cpus").cast_merged(),
        Field::bytes("memory").accepts(Kinds::STRING),
        Field::list("devices", &DEVICE_REQUEST_ITEM),
        Field::list("generic_resources", &GENERIC_RESOURCE_ITEM),
    ],
    others: Others::Extensions,
    required: &[],
};

static DEVICE_REQUEST_ITEM: Field = Field::object("*", &DEVICE_REQUEST).fill(Fill::AllDevices);
static GENERIC_RESOURCE_ITEM: Field = Field::object("*", &GENERIC_RESOURCE);

const DEVICE_REQUEST_FIELDS: &[Field] = &[
    strings("capabilities").check(Check::Distinct),
    Field::text("driver"),
    Field::of("count", Shape::Count, Kinds::STRING.or(Kinds::INTEGER)),
    strings("device_ids").check(Check::Distinct),
    pairs("options").unique(Unique::No),
];

static DEVICE_REQUEST: Object = Object {
    name: "a device request",
    fields: DEVICE_REQUEST_FIELDS,
    others: Others::Extensions,
    required: &["capabilities"],
};

/// As a device request, but the schema lets any key pass.
pub static DEVICE_REQUEST_OPEN: Object = Object {
    name: "a device request",
    fields: DEVICE_REQUEST_FIELDS,
    others: Others::Ignored,
    required: &[],
};

static GENERIC_RESOURCE: Object = Object {
    name: "a generic resource",
    fields: &[Field::object("discrete_resource_spec", &DISCRETE_RESOURCE)],
    others: Others::Extensions,
    required: &[],
};

static DISCRETE_RESOURCE: Object = Object {
    name: "a discrete resource",
    fields: &[Field::text("kind").always(), Field::integer("value").also(Kinds::NUMBER).always()],
    others: Others::Extensions,
    required: &[],
};

static RESTART_POLICY: Object = Object {
    name: "a restart policy",
    fields: &[
        Field::text("condition"),
        Field::duration("delay"),
        Field::unsigned("max_attempts", 64).pointer(),
        Field::duration("window"),
    ],
    others: Others::Extensions,
    required: &[],
};

static PLACEMENT: Object = Object {
    name: "a placement",
    fields: &[
        strings("constraints"),
        Field::list("preferences", &PREFERENCE_ITEM),
        Field::unsigned("max_replicas_per_node", 64),
    ],
    others: Others::Extensions,
    required: &[],
};

static PREFERENCE_ITEM: Field = Field::object("*", &PREFERENCE);

static PREFERENCE: Object = Object {
    name: "a placement preference",
    fields: &[Field::text("spread")],
    others: Others::Extensions,
    required: &[],
};
