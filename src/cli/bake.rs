//! `build --print`: the builds of a project as a file for Docker's Bake, as Docker Compose prints it.
//!
//! Pure: services in, JSON out. Nothing is built, and no engine is asked.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::compose::model::{Build, Project, Service};
use crate::plan::{BuildOptions, COMPOSE_VERSION};

/// The file. Its names are Bake's.
#[derive(Debug, Serialize)]
pub struct File {
    group: BTreeMap<&'static str, Group>,
    target: BTreeMap<String, Image>,
}

#[derive(Debug, Serialize)]
struct Group {
    targets: Vec<String>,
}

/// One image. The order of the fields is that in which they are printed.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
struct Image {
    #[serde(skip_serializing_if = "is_empty")]
    context: String,
    #[serde(skip_serializing_if = "is_empty")]
    contexts: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "is_empty")]
    dockerfile: String,
    #[serde(skip_serializing_if = "is_empty")]
    dockerfile_inline: String,
    #[serde(skip_serializing_if = "is_empty")]
    args: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "is_empty")]
    labels: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "is_empty")]
    tags: Vec<String>,
    #[serde(skip_serializing_if = "is_empty")]
    cache_from: Vec<String>,
    #[serde(skip_serializing_if = "is_empty")]
    cache_to: Vec<String>,
    #[serde(skip_serializing_if = "is_empty")]
    target: String,
    #[serde(skip_serializing_if = "is_empty")]
    secret: Vec<String>,
    #[serde(skip_serializing_if = "is_empty")]
    ssh: Vec<String>,
    #[serde(skip_serializing_if = "is_empty")]
    platforms: Vec<String>,
    #[serde(skip_serializing_if = "is_empty")]
    pull: bool,
    #[serde(skip_serializing_if = "is_empty")]
    no_cache: bool,
    #[serde(skip_serializing_if = "is_empty")]
    network: String,
    #[serde(skip_serializing_if = "is_empty")]
    shm_size: String,
    #[serde(skip_serializing_if = "is_empty")]
    ulimits: Vec<String>,
    #[serde(skip_serializing_if = "is_empty")]
    entitlements: Vec<String>,
    #[serde(skip_serializing_if = "is_empty")]
    extra_hosts: BTreeMap<String, String>,
    output: Vec<String>,
    #[serde(skip_serializing_if = "is_empty")]
    attest: Vec<String>,
}

fn is_empty<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl File {
    /// Whether nothing is built.
    pub fn is_empty(&self) -> bool {
        self.target.is_empty()
    }
}

/// The file for these services, those that they are built from included. The services that are not built are left out. What
/// they depend on is told of as well, and not asked for, as in Docker Compose.
pub fn file(project: &Project, services: &[String], options: &BuildOptions) -> File {
    let mut target = BTreeMap::new();
    let mut targets = add(&mut target, project, services.to_vec(), options);
    targets.sort();
    let mut all = services.to_vec();
    project.add_dependencies(&mut all);
    add(&mut target, project, all, options);
    File { group: BTreeMap::from([("default", Group { targets })]), target }
}

/// Adds services and those that they are built from; gives the keys of the new ones.
fn add(
    target: &mut BTreeMap<String, Image>,
    project: &Project,
    mut open: Vec<String>,
    options: &BuildOptions,
) -> Vec<String> {
    let mut added = Vec::new();
    while let Some(name) = open.pop() {
        let Some((service, build)) =
            project.service(&name).and_then(|service| Some((service, service.build.as_ref()?)))
        else {
            continue;
        };
        if target.contains_key(&key(&name)) {
            continue;
        }
        let others = build.additional_contexts.values().filter_map(|from| from.strip_prefix("service:"));
        open.extend(others.map(str::to_owned));
        added.push(key(&name));
        target.insert(key(&name), one(project, service, build, options));
    }
    added
}

/// Bake takes no dot in a name.
fn key(service: &str) -> String {
    service.replace('.', "_")
}

fn one(project: &Project, service: &Service, build: &Build, options: &BuildOptions) -> Image {
    let texts = |map: &mut dyn Iterator<Item = (&String, &String)>| -> BTreeMap<String, String> {
        map.map(|(name, value)| (name.clone(), value.clone())).collect()
    };
    let mut labels = texts(&mut build.labels.iter());
    labels.insert("com.docker.compose.project".to_owned(), project.name.clone());
    labels.insert("com.docker.compose.service".to_owned(), service.name.clone());
    labels.insert("com.docker.compose.version".to_owned(), COMPOSE_VERSION.to_owned());
    let mut tags = build.tags.clone();
    tags.push(project.image_of(service));
    let platforms = if build.platforms.is_empty() {
        service.platform.iter().cloned().collect()
    } else {
        build.platforms.clone()
    };
    let mut entitlements = build.entitlements.clone();
    if build.privileged {
        entitlements.push("security.insecure".to_owned());
    }
    let output = if platforms.len() > 1 { "type=image,push=false" } else { "type=docker" };
    Image {
        context: build.context.clone(),
        contexts: build.additional_contexts.iter().map(context).collect(),
        dockerfile: dockerfile(build),
        dockerfile_inline: build.dockerfile_inline.clone().unwrap_or_default(),
        args: arguments(project, build, options),
        labels,
        tags,
        cache_from: build.cache_from.clone(),
        cache_to: build.cache_to.clone(),
        target: build.target.clone().unwrap_or_default(),
        secret: secrets(project, build),
        ssh: build
            .ssh
            .iter()
            .map(|key| if key.contains('=') { key.clone() } else { format!("{key}=") })
            .collect(),
        platforms,
        pull: build.pull || options.pull,
        no_cache: build.no_cache || options.no_cache,
        network: build.network.clone().unwrap_or_default(),
        shm_size: build.shm_size.map(|size| size.0.to_string()).unwrap_or_default(),
        ulimits: build.ulimits.iter().map(|(name, limit)| ulimit(name, limit.soft, limit.hard)).collect(),
        entitlements,
        extra_hosts: build.extra_hosts.iter().filter_map(|line| line.split_once('=')).map(owned).collect(),
        output: vec![output.to_owned()],
        attest: attestations(build),
    }
}

fn owned((one, other): (&str, &str)) -> (String, String) {
    (one.to_owned(), other.to_owned())
}

/// Another service's image is another target of the file.
fn context((name, from): (&String, &String)) -> (String, String) {
    let from =
        from.strip_prefix("service:").map_or_else(|| from.clone(), |other| format!("target:{}", key(other)));
    (name.clone(), from)
}

/// The path of the Dockerfile, absolute where the context is a folder.
fn dockerfile(build: &Build) -> String {
    let name = match (&build.dockerfile, &build.dockerfile_inline) {
        (_, Some(_)) => return String::new(),
        (Some(name), None) => name.as_str(),
        (None, None) => "Dockerfile",
    };
    if build.context.starts_with('/') {
        std::path::Path::new(&build.context).join(name).display().to_string()
    } else {
        name.to_owned()
    }
}

/// Those that have a value, here or in the environment.
fn arguments(project: &Project, build: &Build, options: &BuildOptions) -> BTreeMap<String, String> {
    let given = build.args.iter().chain(&options.arguments);
    let value = |(name, value): (&String, &Option<String>)| {
        let value = value.as_ref().or_else(|| project.environment.get(name))?;
        Some((name.clone(), value.clone()))
    };
    given.filter_map(value).collect()
}

fn secrets(project: &Project, build: &Build) -> Vec<String> {
    let one = |secret: &crate::compose::model::FileReference| {
        let id = secret.target.as_ref().unwrap_or(&secret.source);
        let object = project.secrets.get(&secret.source)?;
        match (&object.file, &object.environment) {
            (Some(file), _) => Some(format!("id={id},type=file,src={file}")),
            (None, Some(variable)) => Some(format!("id={id},type=env,env={variable}")),
            (None, None) => None,
        }
    };
    build.secrets.iter().filter_map(one).collect()
}

fn ulimit(name: &str, soft: i64, hard: i64) -> String {
    if soft == hard { format!("{name}={soft}") } else { format!("{name}={soft}:{hard}") }
}

/// `provenance` and `sbom`: a truth, or what Bake is told of it.
fn attestations(build: &Build) -> Vec<String> {
    let one = |kind: &str, value: &Option<String>| match value.as_deref() {
        None | Some("" | "false") => None,
        Some("true") => Some(format!("type={kind}")),
        Some(more) => Some(format!("type={kind},{more}")),
    };
    one("provenance", &build.provenance).into_iter().chain(one("sbom", &build.sbom)).collect()
}
