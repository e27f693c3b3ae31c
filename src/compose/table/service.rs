//! The fields of a service.

use super::super::shape::{Check, Field, Fill, Kinds, Merge, Object, Others, PathRule, Short, Unique};
use super::build::BUILD;
use super::deploy::{DEPLOY, DEVICE_REQUEST_OPEN};
use super::parts;
use super::{TEXT_OR_NUMBER, pairs, string_or_list, strings, variables};

/// A service.
pub static SERVICE: Object = Object {
    name: "a service",
    fields: &[
        strings("profiles").check(Check::Distinct).unique(Unique::Key),
        pairs("annotations"),
        Field::flag("attach").cast_merged().pointer(),
        Field::object("build", &BUILD)
            .also(Kinds::STRING)
            .short(Short::Build)
            .merge(Merge::Build)
            .fill(Fill::Text("context", ".")),
        Field::object("develop", &parts::DEVELOP).also(Kinds::NULL),
        Field::object("blkio_config", &parts::BLOCK_IO),
        strings("cap_add").check(Check::Distinct).unique(Unique::Key),
        strings("cap_drop").check(Check::Distinct).unique(Unique::Key),
        Field::text("cgroup_parent"),
        Field::text("cgroup").check(Check::Word(&["host", "private"])),
        Field::integer("cpu_count").check(Check::Range(0, i64::MAX)),
        Field::float("cpu_percent").accepts(Kinds::INTEGER.or(Kinds::STRING)).check(Check::Range(0, 100)),
        Field::integer("cpu_period").also(Kinds::NUMBER),
        Field::integer("cpu_quota").also(Kinds::NUMBER),
        Field::integer("cpu_rt_period").also(Kinds::NUMBER),
        Field::integer("cpu_rt_runtime").also(Kinds::NUMBER),
        Field::float("cpus"),
        Field::text("cpuset"),
        Field::integer("cpu_shares").also(Kinds::NUMBER),
        parts::command("command"),
        Field::list("configs", &parts::FILE_REFERENCE_ITEM).unique(Unique::ConfigTarget),
        Field::text("container_name").check(Check::ContainerName),
        Field::object("credential_spec", &parts::CREDENTIAL_SPEC),
        Field::map("depends_on", &parts::DEPENDENCY_VALUE)
            .also(Kinds::LIST)
            .check(Check::Names)
            .short(Short::Dependencies)
            .merge(Merge::ByName),
        Field::object("deploy", &DEPLOY).also(Kinds::NULL),
        strings("device_cgroup_rules").check(Check::Distinct),
        Field::list("devices", &DEVICE_ITEM).unique(Unique::DeviceTarget),
        string_or_list("dns")
            .short(Short::Single)
            .fill(Fill::NoEmptyItems)
            .merge(Merge::Append)
            .unique(Unique::Key),
        strings("dns_opt").check(Check::Distinct).merge(Merge::Append).unique(Unique::Key),
        string_or_list("dns_search").merge(Merge::Append).unique(Unique::Key),
        Field::text("domainname"),
        parts::command("entrypoint"),
        Field::object("provider", &parts::PROVIDER),
        variables("environment"),
        Field::list("env_file", &ENV_FILE_ITEM)
            .also(Kinds::STRING)
            .short(Short::EnvFiles)
            .merge(Merge::Append)
            .unique(Unique::FilePath),
        Field::list("expose", &EXPOSED).check(Check::Distinct).unique(Unique::Text),
        Field::object("extends", &EXTENDS).also(Kinds::STRING).short(Short::Extends),
        strings("external_links").check(Check::Distinct),
        parts::hosts("extra_hosts"),
        Field::list("group_add", &EXPOSED).check(Check::Distinct),
        Field::list("gpus", &GPU_ITEM).also(Kinds::STRING).check(Check::Word(&["all"])).short(Short::Gpus),
        Field::text("hostname"),
        Field::object("healthcheck", &parts::HEALTHCHECK),
        Field::text("image"),
        Field::flag("init").pointer(),
        Field::text("ipc"),
        Field::text("isolation"),
        pairs("labels"),
        Field::list("label_file", &LABEL_FILE_ITEM)
            .also(Kinds::STRING)
            .short(Short::Single)
            .merge(Merge::Append),
        strings("links").check(Check::Distinct).unique(Unique::Key),
        Field::object("logging", &parts::LOGGING).merge(Merge::Logging),
        Field::bytes("mem_limit"),
        Field::bytes("mem_reservation").accepts(Kinds::INTEGER.or(Kinds::STRING)),
        Field::bytes("memswap_limit"),
        Field::bytes("mem_swappiness").accepts(Kinds::INTEGER.or(Kinds::STRING)),
        Field::text("mac_address"),
        Field::map("models", &parts::SERVICE_MODEL_VALUE)
            .also(Kinds::LIST)
            .check(Check::OnlyNames)
            .short(Short::Names)
            .merge(Merge::ByName),
        Field::text("network_mode"),
        Field::map("networks", &parts::SERVICE_NETWORK_VALUE)
            .also(Kinds::LIST)
            .check(Check::Names)
            .short(Short::Names)
            .merge(Merge::ByName),
        Field::flag("oom_kill_disable"),
        Field::integer("oom_score_adj").check(Check::Range(-1000, 1000)),
        Field::text("pid").also(Kinds::NULL),
        Field::integer("pids_limit").also(Kinds::NUMBER),
        Field::text("platform"),
        Field::list("ports", &parts::PORT_ITEM)
            .check(Check::Distinct)
            .short(Short::Ports)
            .unique(Unique::Port),
        Field::flag("privileged"),
        Field::text("pull_policy").check(Check::PullPolicy),
        Field::text("pull_refresh_after").dropped(),
        Field::flag("read_only"),
        Field::text("restart"),
        Field::text("runtime"),
        Field::integer("scale").pointer(),
        Field::list("secrets", &SECRET_ITEM).unique(Unique::SecretTarget),
        strings("security_opt").check(Check::Distinct),
        Field::bytes("shm_size"),
        Field::flag("stdin_open"),
        Field::duration("stop_grace_period"),
        Field::text("stop_signal"),
        Field::map("storage_opt", &ANY_TEXT).check(Check::NoOwnKeys),
        pairs("sysctls"),
        string_or_list("tmpfs").merge(Merge::Append).unique(Unique::Key),
        Field::flag("tty"),
        parts::ulimits("ulimits"),
        Field::flag("use_api_socket").accepts(Kinds::BOOLEAN),
        Field::text("user"),
        Field::text("userns_mode"),
        Field::text("uts"),
        Field::list("volumes", &parts::MOUNT_ITEM).check(Check::Distinct).unique(Unique::MountTarget),
        strings("volumes_from").check(Check::Distinct),
        Field::text("working_dir"),
        Field::list("post_start", &HOOK_ITEM),
        Field::list("pre_stop", &HOOK_ITEM),
    ],
    others: Others::Extensions,
    required: &[],
};

static EXPOSED: Field = TEXT_OR_NUMBER.check(Check::NoPoint);
static DEVICE_ITEM: Field = Field::object("*", &parts::DEVICE).also(Kinds::STRING).short(Short::Device);
static SECRET_ITEM: Field = Field::object("*", &parts::FILE_REFERENCE)
    .also(Kinds::STRING)
    .short(Short::FileReference)
    .fill(Fill::SecretTarget);
static GPU_ITEM: Field = Field::object("*", &DEVICE_REQUEST_OPEN).fill(Fill::AllDevices);
static HOOK_ITEM: Field = Field::object("*", &parts::HOOK);
static ANY_TEXT: Field = Field::text("*").also(Kinds::INTEGER).also(Kinds::NULL).check(Check::NoPoint);
static ENV_FILE_ITEM: Field = Field::object("*", &ENV_FILE).also(Kinds::STRING);

static LABEL_FILE_ITEM: Field = Field::text("*").path(PathRule::Absolute);

static ENV_FILE: Object = Object {
    name: "an env file",
    fields: &[
        Field::text("path").path(PathRule::Absolute),
        Field::flag("required").cast_merged().always(),
        Field::text("format").not_in_yaml(),
    ],
    others: Others::Forbidden,
    required: &["path"],
};

static EXTENDS: Object = Object {
    name: "an extension",
    fields: &[Field::text("file").also(Kinds::NULL), Field::text("service")],
    others: Others::Forbidden,
    required: &["service"],
};
