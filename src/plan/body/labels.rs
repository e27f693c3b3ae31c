//! The labels by which Docker Compose knows its containers. User labels come first; Compose's win.

use serde_json::{Map, Value, json};

use crate::compose::model::{Project, Service};
use crate::observed::label;

use super::super::COMPOSE_VERSION;
use super::{Context, Wanted};

/// The labels of a container but for the image's digest and the config hash.
pub(super) fn of_container(context: &Context<'_>, wanted: &Wanted<'_>) -> Map<String, Value> {
    let (project, service) = (context.project, wanted.service);
    let mut labels = user(&service.labels);
    let mut put = |key: &str, value: String| labels.insert(key.to_owned(), json!(value));
    put(label::PROJECT, project.name.clone());
    put(label::SERVICE, service.name.clone());
    put(label::VERSION, COMPOSE_VERSION.to_owned());
    put(label::WORKING_DIR, project.working_directory.display().to_string());
    put(label::CONFIG_FILES, joined(&project.files));
    if let Some(one_off) = context.one_off {
        put(label::ONE_OFF, "True".to_owned());
        put(label::SLUG, one_off.slug.clone());
    } else {
        put(label::ONE_OFF, "False".to_owned());
        put(label::CONTAINER_NUMBER, wanted.number.to_string());
    }
    put(label::DEPENDS_ON, depends_on(context, service));
    if !project.environment_files.is_empty() {
        put(label::ENVIRONMENT_FILE, joined(&project.environment_files));
    }
    if wanted.replaces.is_some() {
        put(label::REPLACE, replaced(project, service, wanted.number));
    }
    labels
}

/// Labels as a JSON object, in the order of the file.
pub(super) fn user<'a>(labels: impl IntoIterator<Item = (&'a String, &'a String)>) -> Map<String, Value> {
    labels.into_iter().map(|(name, value)| (name.clone(), json!(value))).collect()
}

fn joined(paths: &[std::path::PathBuf]) -> String {
    let paths: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
    paths.join(",")
}

/// `db:service_healthy:true,cache:service_started:false`, without services that are off or left out.
fn depends_on(context: &Context<'_>, service: &Service) -> String {
    let is_recorded = |name: &str| {
        let is_left_out = context.named.as_ref().is_some_and(|named| !named.contains(name));
        context.project.services.contains_key(name) && !is_left_out
    };
    let entry = |(name, dependency): (&String, &crate::compose::model::Dependency)| {
        format!("{name}:{}:{}", dependency.condition.as_str(), dependency.restart)
    };
    let recorded = service.depends_on.iter().filter(|(name, _)| is_recorded(name));
    recorded.map(entry).collect::<Vec<_>>().join(",")
}

fn replaced(project: &Project, service: &Service, number: u32) -> String {
    let name = super::container_name(project, service, number);
    let own = name.strip_prefix(&project.name).and_then(|rest| rest.strip_prefix(project.separator()));
    own.map_or_else(|| name.clone(), str::to_owned)
}
