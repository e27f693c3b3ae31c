//! The command line that does the same with Docker's own tools, so that a person learns it or can copy it.

use std::path::Path;

use crate::compose::model::Project;
use crate::observed::Observed;

use super::{Options, Request, Target, Verb};

/// `docker compose up -d web`, or `docker stop shop-web-2` for containers picked out by id.
pub fn equivalent(project: Option<&Project>, observed: &Observed, request: &Request) -> String {
    let mut words = vec!["docker".to_owned()];
    if let Target::Containers(ids) = &request.target {
        let names = observed.containers.iter().filter(|c| ids.contains(&c.id)).map(|c| c.name.clone());
        words.extend(on_containers(&request.verb));
        words.extend(names);
        return join(&words);
    }
    words.push("compose".to_owned());
    words.extend(which_project(project, request));
    words.extend(on_services(&request.verb));
    words.extend(options(request));
    if let Target::Services(names) = &request.target {
        words.extend(names.iter().cloned());
    }
    join(&words)
}

/// Files that Docker Compose finds by itself need no `-f`; without a file the project is named.
fn which_project(project: Option<&Project>, request: &Request) -> Vec<String> {
    let Some(project) = project else { return vec!["-p".to_owned(), request.project.clone()] };
    if is_default(project) {
        return Vec::new();
    }
    project.files.iter().flat_map(|file| ["-f".to_owned(), file.display().to_string()]).collect()
}

/// Whether the files are what Docker Compose takes without `-f`: a standard name, perhaps with its override.
fn is_default(project: &Project) -> bool {
    const NAMES: [&str; 4] = ["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"];
    let named =
        |path: &Path| path.file_name().and_then(|name| name.to_str()).map(str::to_owned).unwrap_or_default();
    match project.files.as_slice() {
        [only] => NAMES.contains(&named(only).as_str()),
        [first, second] => NAMES.contains(&named(first).as_str()) && named(second).contains(".override."),
        _ => false,
    }
}

fn on_services(verb: &Verb) -> Vec<String> {
    let words: &[&str] = match verb {
        Verb::Up => &["up", "-d"],
        Verb::Kill(signal) if signal == "SIGKILL" => &["kill"],
        Verb::Kill(signal) => return vec!["kill".to_owned(), "-s".to_owned(), signal.clone()],
        Verb::Remove => &["rm", "-f"],
        other => return vec![other.name().to_owned()],
    };
    words.iter().map(|word| (*word).to_owned()).collect()
}

fn on_containers(verb: &Verb) -> Vec<String> {
    match verb {
        Verb::Kill(_) | Verb::Remove => on_services(verb),
        Verb::Down => vec!["rm".to_owned(), "-f".to_owned()],
        other => vec![other.name().to_owned()],
    }
}

/// Each option with the verbs that have it and its flag there.
fn options(request: &Request) -> Vec<String> {
    type Rule = (&'static str, fn(&Options) -> bool, &'static str);
    const RULES: &[Rule] = &[
        ("up", |options| options.build, "--build"),
        ("up", |options| options.pull, "--pull=always"),
        ("up", |options| options.force_recreate, "--force-recreate"),
        ("up", |options| options.no_dependencies, "--no-deps"),
        ("up", |options| options.renew_volumes, "-V"),
        ("up", |options| options.remove_orphans, "--remove-orphans"),
        ("down", |options| options.remove_orphans, "--remove-orphans"),
        ("down", |options| options.remove_volumes, "-v"),
        ("down", |options| options.remove_local_images, "--rmi=local"),
        ("remove", |options| options.remove_volumes, "-v"),
    ];
    let verb = request.verb.name();
    let flags = RULES.iter().filter(|(of, on, _)| *of == verb && on(&request.options));
    let mut words: Vec<String> = flags.map(|(_, _, flag)| (*flag).to_owned()).collect();
    if request.verb == Verb::Up {
        let scale = request.options.scale.iter();
        words.extend(scale.map(|(service, replicas)| format!("--scale={service}={replicas}")));
    }
    words
}

fn join(words: &[String]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| quote(word)).collect();
    quoted.join(" ")
}

/// A word as a shell wants it.
fn quote(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,@%+".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}
