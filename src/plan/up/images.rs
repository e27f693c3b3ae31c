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
use super::super::{Cause, OpKind, PlanNote, Refusal};
use super::Up;

/// Attributes of `build` that Dockside cannot do without: it builds with the engine's classic builder, which lacks them.
const NEEDS_BUILDKIT: &[&str] = &["secrets", "ssh", "additional_contexts", "entitlements", "privileged"];
/// Attributes of `build` that the image comes out without; what is in it does not depend on them.
const LEFT_OUT: &[&str] = &["cache_to", "no_cache_filter", "provenance", "sbom", "isolation"];

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
    let mut ops = BTreeMap::new();
    for service in up.selection.services.clone() {
        if service.provider.is_some() {
            continue;
        }
        let name = service.image_name(&up.project.name);
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
                    may_fail: service.build.is_some(),
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

/// The platform that the file or the environment asks for.
pub(super) fn platform(up: &Up<'_, '_>, service: &Service) -> Option<String> {
    service.platform.clone().or_else(|| up.project.environment.get("DOCKER_DEFAULT_PLATFORM").cloned())
}

fn need(up: &Up<'_, '_>, service: &Service, name: &str) -> Result<Need, Refusal> {
    let options = &up.scope.request.options;
    let is_there = up.scope.observed.images.get(name).is_some_and(|image| fits(up, service, &image.platform));
    let can_build = service.build.is_some();
    let policy = service.pull_policy();
    if options.images_ready {
        return match (is_there, can_build) {
            (true, _) => Ok(Need::Nothing),
            (false, true) => Ok(Need::Build(Cause::Missing)),
            (false, false) => Err(missing(service, name)),
        };
    }
    if can_build && (options.build || policy == PullPolicy::Build) {
        return Ok(Need::Build(if is_there { Cause::Asked } else { Cause::Missing }));
    }
    let can_pull = service.image.is_some() && !matches!(policy, PullPolicy::Never | PullPolicy::Build);
    let asked = options.pull || policy == PullPolicy::Always;
    Ok(match (is_there, can_pull, can_build) {
        (true, true, _) if asked => Need::Pull(Cause::Asked),
        (true, _, _) => Need::Nothing,
        (false, true, _) => Need::Pull(Cause::Missing),
        (false, false, true) => Need::Build(Cause::Missing),
        (false, false, false) => return Err(missing(service, name)),
    })
}

fn missing(service: &Service, name: &str) -> Refusal {
    let hint = match (service.build.is_some(), service.pull_policy()) {
        (false, PullPolicy::Never) => "its pull_policy is never: load the image, or change the policy",
        _ => "pull or load it by hand",
    };
    Refusal::new(format!("service {}: the engine has no image {name}", service.name)).hint(hint)
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
        if up.scope.request.options.pull {
            object.insert("pull".to_owned(), json!(true));
        }
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

/// Nothing of a `build` is left out silently.
fn check_builder(up: &mut Up<'_, '_>, service: &Service, build: &Value) -> Result<(), Refusal> {
    let name = &service.name;
    if let Some(attribute) = NEEDS_BUILDKIT.iter().find(|attribute| build.get(**attribute).is_some()) {
        let why = format!(
            "service {name}: build.{attribute} needs BuildKit, and Dockside builds with the engine's classic builder"
        );
        return Err(Refusal::new(why).hint("build it with `docker compose build`; up then uses the image"));
    }
    let mut warn = |text: String| up.draft.note(PlanNote::Warning(text));
    for attribute in LEFT_OUT.iter().filter(|attribute| build.get(**attribute).is_some()) {
        if build[*attribute] != json!("default") {
            warn(format!(
                "{name}: build.{attribute} is left out, since the engine's classic builder lacks it"
            ));
        }
    }
    if let [first, _, ..] = build["platforms"].as_array().map(Vec::as_slice).unwrap_or_default() {
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
