//! How the program finds its project from the command line and the environment, seen through `dockside config`.

#![allow(clippy::expect_used, reason = "a helper of tests fails the test")]

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// Two files, two env files, a folder below.
fn shop() -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let files = [
        (
            "compose.yaml",
            "name: shop\nservices:\n  web:\n    image: web:${TAG:-none}\n  tool:\n    image: tool\n    profiles: [tools]\n",
        ),
        ("extra.yaml", "services:\n  more:\n    image: more\n"),
        (".env", "TAG=dotenv\n"),
        ("other.env", "TAG=other\n"),
        ("below/deep/keep", ""),
    ];
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("a file");
    }
    folder
}

/// Runs the program with nothing of this process's environment.
fn run(folder: &Path, arguments: &[&str], variables: &[(&str, &str)], input: Option<&str>) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dockside"));
    command.args(arguments).current_dir(folder).env_clear().env("HOME", folder);
    command.envs(variables.iter().copied()).stdin(Stdio::piped());
    let mut child =
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts");
    let mut pipe = child.stdin.take().expect("its input");
    pipe.write_all(input.unwrap_or_default().as_bytes()).expect("the program reads");
    drop(pipe);
    child.wait_with_output().expect("the program ends")
}

/// The project's name and its services with their images, in one line; or what is wrong.
fn found(output: &Output) -> String {
    if !output.status.success() {
        return String::from_utf8_lossy(&output.stderr).lines().next().unwrap_or_default().to_owned();
    }
    let project: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let services = project["services"].as_object().expect("services");
    let services: Vec<String> = services
        .iter()
        .map(|(name, service)| format!("{name}={}", service["image"].as_str().unwrap_or("-")))
        .collect();
    format!("{}: {}", project["name"].as_str().unwrap_or("-"), services.join(" "))
}

#[track_caller]
fn check(below: &str, arguments: &[&str], variables: &[(&str, &str)], expected: &str) {
    let folder = shop();
    let all = [arguments, &["config", "--format", "json"]].concat();
    let output = run(&folder.path().join(below), &all, variables, None);
    let place = folder.path().canonicalize().expect("a folder");
    assert_eq!(found(&output).replace(place.to_str().expect("a plain name"), "SHOP"), expected);
}

#[test]
fn the_file_is_found_here_and_from_below() {
    check("", &[], &[], "shop: web=web:dotenv");
    check("below/deep", &[], &[], "shop: web=web:dotenv");
}

#[test]
fn files_are_named_in_order_and_relative() {
    check("", &["-f", "compose.yaml", "-f", "extra.yaml"], &[], "shop: more=more web=web:dotenv");
    check("below", &["-f", "../compose.yaml", "-f", "../extra.yaml"], &[], "shop: more=more web=web:dotenv");
    check("", &[], &[("COMPOSE_FILE", "compose.yaml:extra.yaml")], "shop: more=more web=web:dotenv");
    check("", &["-f", "."], &[], "error: cannot read .: it is a folder");
    check("", &["-f", "none.yaml"], &[], "error: cannot read none.yaml: there is no such file");
}

#[test]
fn names_profiles_and_folders_are_given() {
    check("", &["-p", "other"], &[], "other: web=web:dotenv");
    check("", &[], &[("COMPOSE_PROJECT_NAME", "named")], "named: web=web:dotenv");
    check("", &["-p", "other"], &[("COMPOSE_PROJECT_NAME", "named")], "other: web=web:dotenv");
    check("", &["--profile", "tools"], &[], "shop: tool=tool web=web:dotenv");
    check("", &[], &[("COMPOSE_PROFILES", "tools")], "shop: tool=tool web=web:dotenv");
    check("below", &["--project-directory", ".."], &[], "shop: web=web:dotenv");
}

#[test]
fn variables_come_from_the_environment_before_the_env_files() {
    check("", &[], &[("TAG", "shell")], "shop: web=web:shell");
    check("", &["--env-file", "other.env"], &[], "shop: web=web:other");
    check("", &["--env-file", "other.env"], &[("TAG", "shell")], "shop: web=web:shell");
    check("", &[], &[("COMPOSE_ENV_FILES", "other.env")], "shop: web=web:other");
    check("", &[], &[("COMPOSE_DISABLE_ENV_FILE", "1")], "shop: web=web:none");
    check(
        "",
        &["--env-file", "no.env"],
        &[],
        "error: cannot read the env file no.env: there is no such file",
    );
}

#[test]
fn a_file_comes_on_standard_input() {
    let folder = shop();
    let text = "name: piped\nservices:\n  web:\n    image: web:${TAG}\n";
    let output = run(folder.path(), &["-f", "-", "config", "--format", "json"], &[], Some(text));
    assert_eq!(found(&output), "piped: web=web:dotenv");
}

#[test]
fn all_errors_come_at_once_in_the_order_of_their_places() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = "services:\n  web:\n    imagee: web\n    image: ${NONE:?set it}\n    ports: [no]\n";
    fs::write(folder.path().join("compose.yaml"), text).expect("a file");
    let output = run(folder.path(), &["config"], &[], None);
    assert_eq!(output.status.code(), Some(1));
    let report = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(report.ends_with('\n'), "{report:?}");
    let places: Vec<&str> =
        report.lines().filter_map(|line| line.trim().strip_prefix("--> compose.yaml:")).collect();
    assert_eq!(places, ["3:5", "4:12", "5:13"], "{report}");
    assert!(report.matches("^^").count() >= 3, "{report}");
}

#[test]
fn all_faults_of_the_settings_come_at_once() {
    let folder = shop();
    let text = "theem = \"x\"\n[keys]\nstop = \"nokey\"\n[logs]\ntail = -1\n";
    fs::write(folder.path().join("settings.toml"), text).expect("a file");
    let output = run(folder.path(), &["--config", "settings.toml", "keys"], &[], None);
    let report = String::from_utf8_lossy(&output.stderr).into_owned();
    let places: Vec<&str> =
        report.lines().filter_map(|line| line.trim().strip_prefix("settings.toml:")).collect();
    let starts: Vec<&str> =
        places.iter().filter_map(|place| place.split_once(": ").map(|(start, _)| start)).collect();
    assert_eq!(starts, ["1:1", "3:1", "5:1"], "{report}");
}

#[test]
fn a_dashboard_needs_a_terminal_and_says_so() {
    let folder = shop();
    let output = run(folder.path(), &[], &[], None);
    assert_eq!(output.status.code(), Some(1));
    let report = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(report.contains("needs a terminal") && report.contains("standard output"), "{report}");
    assert_eq!(output.stdout, b"", "nothing is drawn into a file");
}
