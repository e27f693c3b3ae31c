//! The compose loader against Docker Compose 2.40.3: fixtures in `tests/compose/<case>/`, each with compose files and what came
//! of them: `expected.json` and `expected.hash` recorded from Docker Compose by `tests/compose/record`, or `expected.txt`
//! with our findings where the files are wrong or worth a warning.
//!
//! A case with a file `options` is about the command itself: `config OPTIONS` must print `expected.out`, to the byte.
//!
//! A case's `arguments` holds what stands before `config` on the command line, and `NAME=value` for the environment. With
//! `ACCEPT=1` the findings are written instead of compared.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a fixture that cannot be read ends the test")]

#[path = "compose_support/oracle.rs"]
mod oracle;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use dockside::compose::diagnostic::Colour;
use dockside::compose::emit::{self, Flavour};
use dockside::compose::model::Project;
use dockside::compose::source::MemoryFiles;
use dockside::compose::{LoadRequest, Loaded, hash, load};
use dockside::disk::Disk;
use serde_json::Value;

/// Where the cases lie for the loader, and lay for Docker Compose when it was recorded: hashes hold absolute paths.
const FOLDER: &str = "/tmp/dockside-compose";

fn cases() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/compose");
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut cases: Vec<PathBuf> = entries.filter(|path| path.is_dir()).collect();
    cases.sort();
    cases
}

/// Every file below a folder, with its path from there.
fn files_below(folder: &Path, inner: &Path, out: &mut Vec<(PathBuf, Vec<u8>)>) {
    for entry in fs::read_dir(folder.join(inner)).unwrap() {
        let entry = entry.unwrap();
        let path = inner.join(entry.file_name());
        if entry.path().is_dir() {
            files_below(folder, &path, out);
        } else {
            out.push((path, fs::read(entry.path()).unwrap()));
        }
    }
}

/// What the arguments of a case ask for.
fn request(folder: &Path, arguments: &str) -> LoadRequest {
    let mut request = LoadRequest {
        working_directory: folder.to_owned(),
        home: Some("/home/someone".into()),
        ..LoadRequest::default()
    };
    request.environment.insert("HOME".to_owned(), "/home/someone".to_owned());
    let mut words = arguments.split_whitespace();
    while let Some(word) = words.next() {
        let mut value = || words.next().unwrap_or_default().to_owned();
        match word {
            "-f" => request.files.push(value()),
            "-p" => request.project_name = Some(value()),
            "--profile" => request.profiles.push(value()),
            "--env-file" => request.env_files.push(value().into()),
            "--project-directory" => request.project_directory = Some(value().into()),
            "--all-resources" => request.all_resources = true,
            "--in" => request.working_directory = folder.join(value()),
            other => {
                let (name, value) =
                    other.split_once('=').unwrap_or_else(|| panic!("unknown argument {other}"));
                request.environment.insert(name.to_owned(), value.to_owned());
            }
        }
    }
    request
}

fn load_case(case: &Path) -> Loaded {
    let mut files = Vec::new();
    files_below(case, Path::new(""), &mut files);
    let folder = Path::new(FOLDER).join(case.file_name().unwrap());
    let arguments = fs::read_to_string(case.join("arguments")).unwrap_or_default();
    let request = request(&folder, &arguments);
    load(&request, &MemoryFiles::new(files.into_iter().map(|(path, bytes)| (folder.join(path), bytes))))
}

fn findings(loaded: &Loaded) -> String {
    let text = loaded.sources.render(&loaded.diagnostics, Colour::Plain);
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    lines.join("\n") + if lines.is_empty() { "" } else { "\n" }
}

/// `config --format json` prints a dollar twice, since its output may be read in again.
fn undouble(value: Value) -> Value {
    match value {
        Value::String(text) => text.replace("$$", "$").into(),
        Value::Array(items) => items.into_iter().map(undouble).collect(),
        Value::Object(map) => {
            map.into_iter().map(|(key, value)| (key.replace("$$", "$"), undouble(value))).collect()
        }
        other => other,
    }
}

fn hashes(project: &Project) -> BTreeMap<String, String> {
    project
        .services
        .iter()
        .map(|(name, service)| (name.clone(), hash::service(service, Flavour::Two)))
        .collect()
}

fn read_hashes(text: &str) -> BTreeMap<String, String> {
    let lines = text.lines().filter_map(|line| line.split_once(' '));
    lines.map(|(name, hash)| (name.to_owned(), hash.to_owned())).collect()
}

/// What differs between a loaded project and what Docker Compose printed.
fn compare(loaded: &Loaded, json: &str, hash: &str) -> Vec<String> {
    let Some(project) = &loaded.project else { return vec![findings(loaded)] };
    if !loaded.is_sound() {
        return vec![findings(loaded)];
    }
    let theirs = undouble(serde_json::from_str(json).unwrap());
    let mut out = Vec::new();
    oracle::differences(&emit::project(project), &theirs, "", &mut out);
    // `config --hash` leaves these files out, unlike `up`; there is nothing to compare with then.
    let names_files = |text: &str| text.contains("env_file") || text.contains("label_file");
    if loaded.sources.iter().any(|(_, source)| names_files(&source.text)) {
        return out;
    }
    let theirs = read_hashes(hash);
    for (name, ours) in hashes(project) {
        if theirs.get(&name) != Some(&ours) && out.is_empty() {
            out.push(format!("hash of {name}: {}", emit::service(&project.services[&name], Flavour::Two)));
        }
    }
    out
}

#[test]
fn fixtures() {
    let accepts = std::env::var_os("ACCEPT").is_some();
    let mut failures = Vec::new();
    let mut count = 0;
    for case in cases() {
        let name = case.file_name().unwrap().to_string_lossy().into_owned();
        let read = |file: &str| fs::read_to_string(case.join(file)).ok();
        count += 1;
        if let Some(options) = read("options") {
            failures.extend(command(&case, &options).map(|found| format!("{name}: {found}")));
            continue;
        }
        let loaded = load_case(&case);
        if let Some(json) = read("expected.json") {
            let json = json.replace("FOLDER", FOLDER);
            for line in compare(&loaded, &json, &read("expected.hash").unwrap_or_default()) {
                failures.push(format!("{name}: {line}"));
            }
        } else if loaded.is_sound() {
            failures.push(format!("{name}: loads without an error"));
        }
        let text = findings(&loaded);
        let expected = read("expected.txt").unwrap_or_default();
        if accepts && text.is_empty() {
            let _there_was_none = fs::remove_file(case.join("expected.txt"));
        } else if accepts {
            fs::write(case.join("expected.txt"), &text).unwrap();
        } else if text != expected {
            failures.push(format!("{name}: findings\n{text}\n--- expected\n{expected}"));
        }
    }
    assert!(failures.is_empty(), "{} of {count}\n{}", failures.len(), failures.join("\n"));
}

/// The options that print names.
const LISTS: [&str; 6] = ["--services", "--images", "--volumes", "--networks", "--models", "--variables"];

/// What differs between what `config` prints for a case and what Docker Compose printed.
fn command(case: &Path, options: &str) -> Option<String> {
    let scratch = tempfile::tempdir().unwrap();
    let folder = scratch.path().join(case.file_name().unwrap());
    let mut files = Vec::new();
    files_below(case, Path::new(""), &mut files);
    for (path, bytes) in files {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    let arguments = fs::read_to_string(case.join("arguments")).unwrap_or_default();
    let (variables, words): (Vec<&str>, Vec<&str>) =
        arguments.split_whitespace().partition(|word| word.contains('='));
    let variables: Vec<(String, String)> = variables
        .into_iter()
        .filter_map(|word| word.split_once('='))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let words: Vec<String> = words.into_iter().map(str::to_owned).collect();
    let options: Vec<&str> = options.split_whitespace().collect();
    let program = Path::new(env!("CARGO_BIN_EXE_dockside"));
    let outcome = oracle::config(program, &folder, &variables, &words, &options);
    let out = outcome.out.replace(scratch.path().to_str().unwrap(), "FOLDER");
    let theirs = fs::read_to_string(case.join("expected.out")).ok();
    match theirs {
        None if outcome.is_ok => Some("is accepted, and Docker Compose refuses it".to_owned()),
        None => None,
        Some(_) if !outcome.is_ok => Some(outcome.errors),
        Some(theirs) if theirs == out => None,
        // Docker Compose prints names in random order.
        Some(theirs) if options.iter().any(|option| LISTS.contains(option)) => {
            let both =
                [theirs, out].map(|text| oracle::Outcome { is_ok: true, out: text, errors: String::new() });
            oracle::difference(&both[1], &both[0], oracle::Form::Lines)
        }
        Some(theirs) => Some(format!("prints\n{out}\n--- expected\n{theirs}")),
    }
}

/// Every compose project below the folder `DOCKSIDE_CORPUS` against the Docker Compose that `DOCKSIDE_ORACLE` names.
#[test]
fn corpus() {
    let (Some(corpus), Some(oracle)) =
        (std::env::var_os("DOCKSIDE_CORPUS"), std::env::var_os("DOCKSIDE_ORACLE"))
    else {
        println!("skipped: DOCKSIDE_CORPUS and DOCKSIDE_ORACLE are not set");
        return;
    };
    let mut folders = Vec::new();
    projects_below(Path::new(&corpus), &mut folders);
    folders.sort();
    let mut failures = Vec::new();
    for folder in &folders {
        let arguments = fs::read_to_string(folder.join("arguments")).unwrap_or_default();
        let mut request = request(folder, &arguments);
        request.environment.insert("PATH".to_owned(), "/usr/bin:/bin".to_owned());
        let loaded = load(&request, &Disk);
        let run = |last: [&str; 2]| {
            let words: Vec<&str> = arguments.split_whitespace().filter(|word| !word.contains('=')).collect();
            let mut command = Command::new(&oracle);
            command.args(words).arg("config").args(last).current_dir(folder);
            command.env_clear().envs(&request.environment);
            command.output().unwrap()
        };
        let json = run(["--format", "json"]);
        let shown = folder.strip_prefix(&corpus).unwrap().display();
        if !json.status.success() {
            if loaded.is_sound() {
                failures.push(format!("{shown}: theirs fails: {}", String::from_utf8_lossy(&json.stderr)));
            }
            continue;
        }
        let hash = run(["--hash", "*"]);
        let (json, hash) = (String::from_utf8_lossy(&json.stdout), String::from_utf8_lossy(&hash.stdout));
        failures.extend(compare(&loaded, &json, &hash).into_iter().map(|line| format!("{shown}: {line}")));
    }
    assert!(failures.is_empty(), "of {}\n{}", folders.len(), failures.join("\n"));
}

fn projects_below(folder: &Path, out: &mut Vec<PathBuf>) {
    let names = dockside::compose::discover::FILE_NAMES;
    if names.iter().any(|name| folder.join(name).is_file()) || folder.join("arguments").is_file() {
        out.push(folder.to_owned());
        return;
    }
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            projects_below(&path, out);
        }
    }
}
