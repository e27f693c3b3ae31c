//! Images: pulled or built before anything else, by `pull_policy` and the request.
//!
//! A service that can be built and has an image name is pulled first, as in Docker Compose, and built if the registry does
//! not have it: the pull may fail, and the plan that is made afterwards builds what is still missing.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::compose::model::{PullPolicy, Service};
use crate::observed::label;

use super::super::COMPOSE_VERSION;
use super::super::{BuildOptions, Cause, OnFailure, OpKind, PlanNote, Refusal, Verb};
use super::Up;

/// Attributes of `build` that Dockside cannot do without: it builds with the engine's classic builder, which lacks them.
const NEEDS_BUILDKIT: &[&str] = &["secrets", "ssh", "additional_contexts", "entitlements", "privileged"];
/// Attributes of `build` that the image comes out without; what is in it does not depend on them.
const LEFT_OUT: &[&str] = &["cache_to", "provenance", "sbom", "isolation"];

/// What must happen for a service's image.
enum Need {
    Nothing,
    Pull(Cause),
    Build(Cause),
}

/// Appends pulls and builds, each image once. Returns the names of images that will be others than the engine has now.
///
/// # Errors
/// An image that is missing and may be neither pulled nor built, or that only `BuildKit` can build.
pub(super) fn plan(up: &mut Up<'_, '_>) -> Result<Vec<String>, Refusal> {
    each(up, need)
}

/// Appends the builds of every service of the selection that is built.
///
/// # Errors
/// An image that only `BuildKit` can build.
pub(super) fn builds(up: &mut Up<'_, '_>) -> Result<(), Refusal> {
    let need = |_: &Up<'_, '_>, service: &Service, _: &str| match service.build {
        Some(_) => Ok(Need::Build(Cause::Asked)),
        None => Ok(Need::Nothing),
    };
    each(up, need).map(drop)
}

/// Appends the pulls of every service of the selection, by its policy.
///
/// # Errors
/// None; the signature is that of its neighbours.
pub(super) fn pulls(up: &mut Up<'_, '_>) -> Result<(), Refusal> {
    for service in up.selection.services.clone() {
        let name = up.project.image_of(service);
        if let Err(why) = wants_pull(up, service, &name) {
            up.draft.note(PlanNote::NotPulled { service: service.name.clone(), why });
        }
    }
    let need = |up: &Up<'_, '_>, service: &Service, name: &str| {
        Ok(wants_pull(up, service, name).map_or(Need::Nothing, Need::Pull))
    };
    each(up, need).map(drop)
}

/// `pull` pulls what is there already, unless the policy says that being there is enough. In Docker Compose's words and
/// order it is told what is not pulled.
fn wants_pull(up: &Up<'_, '_>, service: &Service, name: &str) -> Result<Cause, &'static str> {
    let options = &up.scope.request.options;
    if service.image.is_none() {
        return Err("No image to be pulled");
    }
    let is_there = up.scope.observed.images.get(name).is_some_and(|image| fits(up, service, &image.platform));
    let given = service.pull_policy.as_deref().unwrap_or_default();
    let is_enough = match options.pull_policy {
        Some(PullPolicy::Missing) => true,
        Some(_) => false,
        None => matches!(given, "missing" | "if_not_present"),
    };
    match options.pull_policy.unwrap_or_else(|| service.pull_policy()) {
        PullPolicy::Never | PullPolicy::Build => return Err(""),
        _ if is_there && is_enough && !is_latest(name) => return Err("Image is already present locally"),
        _ => {}
    }
    if service.build.is_some() && options.ignore_buildable {
        return Err("Image can be built");
    }
    Ok(if is_there { Cause::Asked } else { Cause::Missing })
}

/// Whether an image goes by the tag that moves on: `pull` always asks for that, as in Docker Compose.
fn is_latest(image: &str) -> bool {
    let base = image.rsplit('/').next().unwrap_or_default();
    base.ends_with(":latest") || !base.contains([':', '@'])
}

/// Appends what each service's image needs, each image once. Returns their names.
fn each(
    up: &mut Up<'_, '_>,
    need: impl Fn(&Up<'_, '_>, &Service, &str) -> Result<Need, Refusal>,
) -> Result<Vec<String>, Refusal> {
    let mut ops = BTreeMap::new();
    for service in up.selection.services.clone() {
        if service.provider.is_some() {
            continue;
        }
        let name = up.project.image_of(service);
        if let Some(op) = ops.get(&name) {
            up.made.images.entry(service.name.clone()).or_insert_with(|| vec![*op]);
            continue;
        }
        let op = match need(up, service, &name)? {
            Need::Nothing => continue,
            Need::Pull(cause) => {
                let kind = OpKind::PullImage {
                    image: name.clone(),
                    platform: platform(up, service),
                    on_failure: on_failure(up, service),
                };
                up.draft.add(kind, cause, Some(&service.name), &name, Vec::new())
            }
            Need::Build(cause) => {
                let kind = build(up, service, &name)?;
                up.draft.add(kind, cause, Some(&service.name), &name, Vec::new())
            }
        };
        up.made.images.insert(service.name.clone(), vec![op]);
        ops.insert(name, op);
    }
    Ok(ops.into_keys().collect())
}

/// What becomes of the plan where a service's image cannot be pulled. `pull` itself builds nothing.
fn on_failure(up: &Up<'_, '_>, service: &Service) -> OnFailure {
    if up.scope.request.options.ignore_failures {
        return OnFailure::GoOn;
    }
    match (service.build.is_some(), up.scope.request.verb == Verb::Pull) {
        (false, _) => OnFailure::Fail,
        (true, false) => OnFailure::GoOn,
        (true, true) => OnFailure::FailAlone,
    }
}

/// The platform that the file or the environment asks for.
pub(super) fn platform(up: &Up<'_, '_>, service: &Service) -> Option<String> {
    service.platform.clone().or_else(|| up.project.environment.get("DOCKER_DEFAULT_PLATFORM").cloned())
}

fn need(up: &Up<'_, '_>, service: &Service, name: &str) -> Result<Need, Refusal> {
    let options = &up.scope.request.options;
    let is_there = up.scope.observed.images.get(name).is_some_and(|image| fits(up, service, &image.platform));
    let can_build = service.build.is_some() && !options.no_build;
    let policy = options.pull_policy.unwrap_or_else(|| service.pull_policy());
    if options.images_ready {
        return match (is_there, can_build) {
            (true, _) => Ok(Need::Nothing),
            (false, true) => Ok(Need::Build(Cause::Missing)),
            (false, false) => missing(up, service, name),
        };
    }
    if can_build && (options.build || policy == PullPolicy::Build) {
        return Ok(Need::Build(if is_there { Cause::Asked } else { Cause::Missing }));
    }
    let can_pull = service.image.is_some() && !matches!(policy, PullPolicy::Never | PullPolicy::Build);
    let asked = options.pull || policy == PullPolicy::Always || is_due(up, name, policy);
    Ok(match (is_there, can_pull, can_build) {
        (true, true, _) if asked => Need::Pull(Cause::Asked),
        (true, _, _) => Need::Nothing,
        (false, true, _) => Need::Pull(Cause::Missing),
        (false, false, true) => Need::Build(Cause::Missing),
        (false, false, false) => return missing(up, service, name),
    })
}

/// Whether the time has come to look for a newer image: `daily`, `weekly`, `every_…`. One of which the engine does not know
/// when it came is due.
fn is_due(up: &Up<'_, '_>, name: &str, policy: PullPolicy) -> bool {
    let PullPolicy::Every(span) = policy else { return false };
    let observed = up.scope.observed;
    let tagged = observed.images.get(name).and_then(|image| image.tagged);
    match (tagged, observed.read_at) {
        (Some(tagged), Some(now)) => now.as_nanosecond() - tagged.as_nanosecond() > i128::from(span.0),
        (None, _) => true,
        (_, None) => false,
    }
}

/// What is to be done where nothing can be.
fn missing(up: &Up<'_, '_>, service: &Service, name: &str) -> Result<Need, Refusal> {
    if up.scope.request.options.leave_to_engine {
        return Ok(Need::Nothing);
    }
    let hint = match (service.build.is_some(), service.pull_policy()) {
        (false, PullPolicy::Never) => "its pull_policy is never: load the image, or change the policy",
        _ => "pull or load it by hand",
    };
    Err(Refusal::new(format!("service {}: the engine has no image {name}", service.name)).hint(hint))
}

/// Whether an image is of the platform asked for. An image of another counts as absent.
fn fits(up: &Up<'_, '_>, service: &Service, of_image: &str) -> bool {
    let Some(wanted) = platform(up, service) else { return true };
    let is_prefix =
        |long: &str, short: &str| long.strip_prefix(short).is_some_and(|rest| rest.starts_with('/'));
    of_image.is_empty() || wanted == of_image || is_prefix(&wanted, of_image) || is_prefix(of_image, &wanted)
}

/// Builds with the labels by which Docker Compose finds an image's project again.
///
/// # Errors
/// An attribute that the classic builder lacks.
fn build(up: &mut Up<'_, '_>, service: &Service, name: &str) -> Result<OpKind, Refusal> {
    let mut build = json!(service.build);
    let platform = platform(up, service);
    if let Some(object) = build.as_object_mut() {
        object.retain(|_, value| !is_empty(value));
        let options = &up.scope.request.options;
        if options.pull || options.build_with.pull {
            object.insert("pull".to_owned(), json!(true));
        }
        add_options(object, &options.build_with, &up.project.environment);
        if let Some(platform) = platform {
            object.insert("platforms".to_owned(), json!([platform]));
        }
    }
    check_builder(up, service, &build)?;
    let context = service.build.as_ref().map(|build| build.context.clone()).unwrap_or_default();
    let labels = [
        (label::PROJECT, up.project.name.as_str()),
        (label::SERVICE, service.name.as_str()),
        (label::VERSION, COMPOSE_VERSION),
    ];
    Ok(OpKind::BuildImage {
        image: name.to_owned(),
        build,
        context: PathBuf::from(context),
        labels: labels.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec(),
    })
}

/// What the command line says of builds, over the file.
fn add_options(
    build: &mut serde_json::Map<String, Value>,
    options: &BuildOptions,
    environment: &BTreeMap<String, String>,
) {
    if options.no_cache {
        build.insert("no_cache".to_owned(), json!(true));
    }
    if let Some(memory) = options.memory {
        build.insert("memory".to_owned(), json!(memory));
    }
    let given = options.arguments.iter().filter_map(|(name, value)| {
        let value = value.as_ref().or_else(|| environment.get(name))?;
        Some((name.clone(), json!(value)))
    });
    let given: Vec<(String, Value)> = given.collect();
    if given.is_empty() {
        return;
    }
    if let Some(arguments) = build.entry("args").or_insert_with(|| json!({})).as_object_mut() {
        arguments.extend(given);
    }
}

/// Nothing of a `build` is left out silently.
fn check_builder(up: &mut Up<'_, '_>, service: &Service, build: &Value) -> Result<(), Refusal> {
    let name = &service.name;
    if let Some(attribute) = NEEDS_BUILDKIT.iter().find(|attribute| build.get(**attribute).is_some()) {
        let why = format!(
            "service {name}: build.{attribute} needs BuildKit, and Dockside builds with the engine's classic builder"
        );
        return Err(Refusal::new(why).hint("build it with `docker compose build`; up then uses the image"));
    }
    let platforms = build["platforms"].as_array().map(Vec::as_slice).unwrap_or_default();
    // `up` needs the image on the engine's own platform alone; who asks for a build wants all of them.
    if platforms.len() > 1 && up.scope.request.verb == Verb::Build {
        let why = format!(
            "service {name}: the classic builder doesn't support multi-arch build, and build.platforms names several"
        );
        return Err(Refusal::new(why).hint("name one platform; or let up build the first of them"));
    }
    let mut warn = |text: String| up.draft.note(PlanNote::Warning(text));
    for attribute in LEFT_OUT.iter().filter(|attribute| build.get(**attribute).is_some()) {
        if build[*attribute] != json!("default") {
            warn(format!(
                "{name}: build.{attribute} is left out, since the engine's classic builder lacks it"
            ));
        }
    }
    if let [first, _, ..] = platforms {
        let first = first.as_str().unwrap_or_default();
        warn(format!(
            "{name}: of build.platforms only {first} is built, since the engine's classic builder does one"
        ));
    }
    Ok(())
}

/// Whether an attribute was not given.
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        _ => false,
    }
}
