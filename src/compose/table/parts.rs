//! The objects that services are made of.

use super::super::shape::{Check, Field, Fill, Kinds, Merge, Object, Others, PathRule, Shape, Short, Unique};
use super::{TEXT, options, pairs, string_or_list, strings, variables};

/// A command line: a string, a list, or nothing. It is printed even where it is not given, since `null` (the image's) and `[]`
/// (none) differ.
pub const fn command(name: &'static str) -> Field {
    Field::list(name, &TEXT)
        .also(Kinds::STRING)
        .also(Kinds::NULL)
        .short(Short::Words)
        .merge(Merge::Replace)
        .always()
}

/// Lines of `/etc/hosts`.
pub const fn hosts(name: &'static str) -> Field {
    Field::list(name, &TEXT)
        .also(Kinds::MAP)
        .check(Check::Distinct)
        .short(Short::Hosts)
        .merge(Merge::AppendMissing)
}

/// Limits of processes.
pub const fn ulimits(name: &'static str) -> Field {
    Field::map(name, &ULIMIT).check(Check::OnlyLetters)
}

/// Limits of a build's processes, whose forms cannot override each other.
pub const fn build_ulimits(name: &'static str) -> Field {
    Field::map(name, &BUILD_ULIMIT).check(Check::OnlyLetters)
}

static ULIMIT: Field = limit(&ULIMIT_RANGE).also(Kinds::STRING).merge(Merge::Ulimit);
/// Compose casts no text here.
static BUILD_ULIMIT: Field = limit(&BUILD_ULIMIT_RANGE);

const fn limit(range: &'static Object) -> Field {
    Field::of("*", Shape::Ulimit(range), Kinds::INTEGER.or(Kinds::MAP)).pointer().short(Short::Limit)
}

/// The two numbers of a limit.
static ULIMIT_RANGE: Object = Object {
    name: "a limit",
    fields: &[Field::integer("soft"), Field::integer("hard")],
    others: Others::Extensions,
    required: &["soft", "hard"],
};

/// The two numbers of a limit of a build.
static BUILD_ULIMIT_RANGE: Object = Object {
    name: "a limit",
    fields: &[Field::integer("soft").cast_merged(), Field::integer("hard").cast_merged()],
    others: Others::Extensions,
    required: &["soft", "hard"],
};

/// A config or build secret in a service's list.
pub static FILE_REFERENCE_ITEM: Field =
    Field::object("*", &FILE_REFERENCE).also(Kinds::STRING).short(Short::FileReference);

/// A reference to a config or secret.
pub static FILE_REFERENCE: Object = Object {
    name: "a reference to a config or secret",
    fields: &[
        Field::text("source"),
        Field::text("target"),
        Field::text("uid"),
        Field::text("gid"),
        Field::of("mode", Shape::Mode, Kinds::NUMBER.or(Kinds::STRING)).pointer(),
    ],
    others: Others::Extensions,
    required: &[],
};

/// A published port in a service's list.
pub static PORT_ITEM: Field =
    Field::object("*", &PORT).also(Kinds::STRING).also(Kinds::NUMBER).fill(Fill::Port);

static PORT: Object = Object {
    name: "a port",
    fields: &[
        Field::text("name"),
        Field::text("mode"),
        Field::text("host_ip"),
        Field::unsigned("target", 32),
        Field::text("published").also(Kinds::INTEGER).check(Check::NoPoint),
        Field::text("protocol"),
        Field::text("app_protocol"),
    ],
    others: Others::Extensions,
    required: &["target"],
};

/// A mount in a service's list.
pub static MOUNT_ITEM: Field =
    Field::object("*", &MOUNT).also(Kinds::STRING).short(Short::Mount).path(PathRule::MountSource);

static MOUNT: Object = Object {
    name: "a mount",
    fields: &[
        Field::text("type").check(Check::Word(&["bind", "volume", "tmpfs", "cluster", "npipe", "image"])),
        Field::text("source"),
        Field::text("target"),
        Field::flag("read_only"),
        Field::text("consistency"),
        Field::object("bind", &BIND_OPTIONS),
        Field::object("volume", &VOLUME_OPTIONS),
        Field::object("tmpfs", &TMPFS_OPTIONS),
        Field::object("image", &IMAGE_OPTIONS),
    ],
    others: Others::Extensions,
    required: &["type", "target"],
};

static BIND_OPTIONS: Object = Object {
    name: "options of a bind mount",
    fields: &[
        Field::text("selinux").check(Check::Word(&["z", "Z"])),
        Field::text("propagation"),
        Field::flag("create_host_path").cast_merged().opt_out(),
        Field::text("recursive").check(Check::Word(&["enabled", "disabled", "writable", "readonly"])),
    ],
    others: Others::Extensions,
    required: &[],
};

static VOLUME_OPTIONS: Object = Object {
    name: "options of a volume mount",
    fields: &[pairs("labels").unique(Unique::No), Field::flag("nocopy"), Field::text("subpath")],
    others: Others::Extensions,
    required: &[],
};

static TMPFS_OPTIONS: Object = Object {
    name: "options of a memory mount",
    fields: &[
        Field::bytes("size").accepts(Kinds::INTEGER.or(Kinds::STRING)).check(Check::Range(0, i64::MAX)),
        Field::unsigned("mode", 32).also(Kinds::NUMBER).cast_merged(),
    ],
    others: Others::Extensions,
    required: &[],
};

static IMAGE_OPTIONS: Object = Object {
    name: "options of an image mount",
    fields: &[Field::text("subpath")],
    others: Others::Extensions,
    required: &[],
};

/// How a service joins a network.
pub static SERVICE_NETWORK_VALUE: Field = Field::object("*", &SERVICE_NETWORK).also(Kinds::NULL).pointer();

static SERVICE_NETWORK: Object = Object {
    name: "a service's network",
    fields: &[
        strings("aliases").check(Check::Distinct).unique(Unique::Key),
        options("driver_opts"),
        Field::integer("gw_priority").accepts(Kinds::NUMBER),
        Field::text("interface_name"),
        Field::text("ipv4_address"),
        Field::text("ipv6_address"),
        strings("link_local_ips").check(Check::Distinct).unique(Unique::Key),
        Field::text("mac_address"),
        Field::integer("priority").accepts(Kinds::NUMBER),
    ],
    others: Others::Extensions,
    required: &[],
};

/// How a service uses a model.
pub static SERVICE_MODEL_VALUE: Field = Field::object("*", &SERVICE_MODEL).also(Kinds::NULL).pointer();

static SERVICE_MODEL: Object = Object {
    name: "a service's model",
    fields: &[Field::text("endpoint_var"), Field::text("model_var")],
    others: Others::Extensions,
    required: &[],
};

/// What a service needs of another.
pub static DEPENDENCY_VALUE: Field = Field::object("*", &DEPENDENCY).fill(Fill::True("required"));

static DEPENDENCY: Object = Object {
    name: "a dependency",
    fields: &[
        Field::text("condition").check(Check::Word(&[
            "service_started",
            "service_healthy",
            "service_completed_successfully",
        ])),
        Field::flag("restart").cast_merged(),
        Field::flag("required").accepts(Kinds::BOOLEAN).always(),
    ],
    others: Others::Extensions,
    required: &["condition"],
};

/// A health check.
pub static HEALTHCHECK: Object = Object {
    name: "a health check",
    fields: &[
        Field::list("test", &TEXT).also(Kinds::STRING).short(Short::Probe).merge(Merge::Replace),
        Field::duration("timeout"),
        Field::duration("interval"),
        Field::unsigned("retries", 64).also(Kinds::NUMBER).pointer(),
        Field::duration("start_period"),
        Field::duration("start_interval"),
        Field::flag("disable"),
    ],
    others: Others::Extensions,
    required: &[],
};

/// A hook.
pub static HOOK: Object = Object {
    name: "a hook",
    fields: &[
        command("command").merge(Merge::Deep),
        Field::text("user"),
        Field::flag("privileged").cast_merged(),
        Field::text("working_dir"),
        variables("environment").merge(Merge::Deep).unique(Unique::No),
    ],
    others: Others::Extensions,
    required: &["command"],
};

/// A device.
pub static DEVICE: Object = Object {
    name: "a device",
    fields: &[Field::text("source"), Field::text("target"), Field::text("permissions")],
    others: Others::Extensions,
    required: &["source", "target"],
};

/// Logging.
pub static LOGGING: Object = Object {
    name: "logging",
    fields: &[Field::text("driver"), Field::map("options", &LOGGING_OPTION).check(Check::OnlyLines)],
    others: Others::Extensions,
    required: &[],
};

static LOGGING_OPTION: Field = Field::text("*").also(Kinds::NUMBER).also(Kinds::NULL);

/// A provider.
pub static PROVIDER: Object = Object {
    name: "a provider",
    fields: &[Field::text("type"), Field::map("options", &PROVIDER_OPTION)],
    others: Others::Extensions,
    required: &["type"],
};

static PROVIDER_VALUE: Field = Field::text("*").also(Kinds::NUMBER).also(Kinds::BOOLEAN);
static PROVIDER_OPTION: Field = Field::list("*", &PROVIDER_VALUE)
    .also(Kinds::STRING)
    .also(Kinds::NUMBER)
    .also(Kinds::BOOLEAN)
    .short(Short::Options);

/// A credential specification.
pub static CREDENTIAL_SPEC: Object = Object {
    name: "a credential specification",
    fields: &[Field::text("config"), Field::text("file"), Field::text("registry")],
    others: Others::Extensions,
    required: &[],
};

/// Block I/O.
pub static BLOCK_IO: Object = Object {
    name: "block I/O limits",
    fields: &[
        Field::unsigned("weight", 16).cast_merged(),
        Field::list("weight_device", &WEIGHT_ITEM),
        Field::list("device_read_bps", &THROTTLE_ITEM),
        Field::list("device_read_iops", &THROTTLE_ITEM),
        Field::list("device_write_bps", &THROTTLE_ITEM),
        Field::list("device_write_iops", &THROTTLE_ITEM),
    ],
    others: Others::Forbidden,
    required: &[],
};

static WEIGHT_ITEM: Field = Field::object("*", &WEIGHT);
static THROTTLE_ITEM: Field = Field::object("*", &THROTTLE);

static WEIGHT: Object = Object {
    name: "a device's weight",
    fields: &[
        Field::text("path").printed("Path").always(),
        Field::unsigned("weight", 16).cast_merged().printed("Weight").always(),
    ],
    others: Others::Forbidden,
    required: &[],
};

static THROTTLE: Object = Object {
    name: "a device's limit",
    fields: &[
        Field::text("path").printed("Path").always(),
        Field::bytes("rate").printed("Rate").accepts(Kinds::INTEGER.or(Kinds::STRING)).always(),
    ],
    others: Others::Forbidden,
    required: &[],
};

/// Development.
pub static DEVELOP: Object = Object {
    name: "a development configuration",
    fields: &[Field::list("watch", &WATCH_ITEM).short(Short::Watch)],
    others: Others::Extensions,
    required: &[],
};

static WATCH_ITEM: Field = Field::object("*", &WATCH);

static WATCH: Object = Object {
    name: "a watched path",
    fields: &[
        Field::text("path").check(Check::NotBlank).path(PathRule::Followed).always(),
        Field::text("action")
            .check(Check::Word(&["rebuild", "sync", "restart", "sync+restart", "sync+exec"]))
            .always(),
        Field::text("target"),
        Field::object("exec", &HOOK).always(),
        string_or_list("include").short(Short::Single),
        string_or_list("ignore").short(Short::Single),
        Field::flag("initial_sync").accepts(Kinds::BOOLEAN),
    ],
    others: Others::Extensions,
    required: &["path", "action"],
};
