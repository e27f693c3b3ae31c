//! Secrets and configs: those that lie in a file are mounted read-only; those given inline are copied in before the start.

use indexmap::IndexMap;
use serde_json::{Value, json};

use crate::compose::model::{FileObject, FileReference, Project, Service};

use super::super::PutFile;
use super::Refusal;

/// Which of the two.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Files {
    Secrets,
    Configs,
}

impl Files {
    fn word(self) -> &'static str {
        match self {
            Self::Secrets => "secret",
            Self::Configs => "config",
        }
    }

    /// Where one goes whose target is not absolute.
    fn folder(self) -> &'static str {
        match self {
            Self::Secrets => "/run/secrets/",
            Self::Configs => "/",
        }
    }

    fn references(self, service: &Service) -> &[FileReference] {
        match self {
            Self::Secrets => &service.secrets,
            Self::Configs => &service.configs,
        }
    }

    fn objects(self, project: &Project) -> &IndexMap<String, FileObject> {
        match self {
            Self::Secrets => &project.secrets,
            Self::Configs => &project.configs,
        }
    }

    fn target(self, reference: &FileReference) -> String {
        let target = reference.target.as_deref().unwrap_or(&reference.source);
        if target.starts_with('/') { target.to_owned() } else { format!("{}{target}", self.folder()) }
    }
}

/// The mounts of those that lie in files, by target.
///
/// # Errors
/// One that is external or has a driver: only swarm has those.
pub(super) fn mounts(
    project: &Project,
    service: &Service,
    kind: Files,
) -> Result<Vec<(String, Value)>, Refusal> {
    let mut mounts = Vec::new();
    for reference in kind.references(service) {
        let object = object(project, service, kind, reference)?;
        let Some(file) = &object.file else { continue };
        let target = kind.target(reference);
        let mut mount = json!({"Type": "bind", "Source": file, "Target": target, "ReadOnly": true});
        if kind == Files::Secrets {
            mount["BindOptions"] = json!({});
        }
        mounts.push((target, mount));
    }
    Ok(mounts)
}

/// The files of those given inline or by a variable.
///
/// # Errors
/// As for [`mounts`]; a variable that is not set; a container that cannot be written to.
pub(super) fn inline(project: &Project, service: &Service) -> Result<Vec<PutFile>, Refusal> {
    let mut files = Vec::new();
    for kind in [Files::Secrets, Files::Configs] {
        for reference in kind.references(service) {
            let object = object(project, service, kind, reference)?;
            if object.content.is_none() && object.environment.is_none() {
                continue;
            }
            let content = content(project, object).ok_or_else(|| unset(service, kind, reference, object))?;
            if service.read_only {
                let why = format!(
                    "cannot create {} {:?} in read-only service {}: `file` is the sole supported option",
                    kind.word(),
                    reference.source,
                    service.name
                );
                return Err(Refusal::new(why));
            }
            files.push(PutFile {
                path: kind.target(reference),
                content: content.as_bytes().to_vec(),
                mode: reference.mode.map_or(0o444, |mode| mode.0 as u32),
                uid: number(reference.uid.as_deref()),
                gid: number(reference.gid.as_deref()),
            });
        }
    }
    Ok(files)
}

/// The content that the project itself gives; none if the variable it comes from is not set.
fn content<'a>(project: &'a Project, object: &'a FileObject) -> Option<&'a str> {
    let variable = || project.environment.get(object.environment.as_deref()?).map(String::as_str);
    object.content.as_deref().or_else(variable)
}

fn unset(service: &Service, kind: Files, reference: &FileReference, object: &FileObject) -> Refusal {
    let variable = object.environment.as_deref().unwrap_or_default();
    let why = format!(
        "environment variable {variable:?} required by {} {:?} of service {} is not set",
        kind.word(),
        reference.source,
        service.name
    );
    Refusal::new(why).hint(format!("set {variable} and load the project again"))
}

fn object<'a>(
    project: &'a Project,
    service: &Service,
    kind: Files,
    reference: &FileReference,
) -> Result<&'a FileObject, Refusal> {
    let refuse = |what: String| Err(Refusal::new(format!("service {}: {what}", service.name)));
    let word = kind.word();
    let Some(object) = kind.objects(project).get(&reference.source) else {
        return refuse(format!("{word} {} is not defined", reference.source));
    };
    if object.external {
        return refuse(format!("unsupported external {word} {}", object.name));
    }
    if object.driver.is_some() || object.template_driver.is_some() {
        return refuse(format!("{word} {}: drivers are not supported without swarm", reference.source));
    }
    Ok(object)
}

fn number(text: Option<&str>) -> u32 {
    text.and_then(|text| text.parse().ok()).unwrap_or(0)
}
