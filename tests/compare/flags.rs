//! Every option of every verb of Docker Compose is there or refused by its name; none is taken and not heeded.
//!
//! `flags.txt` has them. Where Docker Compose itself is at hand (`DOCKSIDE_ORACLE`), the file is held against its help.

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

/// A line of the file.
struct Flag {
    /// `global` before all verbs.
    verb: String,
    /// `--detach`, then `-d`; none where the whole verb is meant.
    names: Vec<String>,
    /// The words with which it is refused, where it is.
    refused: Option<String>,
}

#[test]
fn every_option_is_there_or_refused_by_name() {
    let flags = read();
    let mut faults = Vec::new();
    let verbs: BTreeSet<&str> = flags.iter().map(|flag| flag.verb.as_str()).collect();
    for verb in verbs {
        let of_verb: Vec<&Flag> = flags.iter().filter(|flag| flag.verb == verb).collect();
        let help = words(&help(env!("CARGO_BIN_EXE_dockside"), verb));
        for flag in of_verb {
            faults.extend(match &flag.refused {
                Some(given) => not_refused(flag, given),
                None => flag
                    .names
                    .iter()
                    .find(|name| !help.contains(*name))
                    .map(|name| format!("{verb} {name}: missing")),
            });
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn the_options_are_those_of_docker_compose() {
    let Some(oracle) = env::var_os("DOCKSIDE_ORACLE") else { return };
    let flags = read();
    let is_known = |verb: &str, name: &str| {
        let mut of_verb = flags.iter().filter(|flag| flag.verb == verb);
        of_verb.any(|flag| flag.names.is_empty() || flag.names.iter().any(|known| known == name))
    };
    let oracle = oracle.to_str().unwrap();
    let top = help(oracle, "global");
    let (_, commands) = top.split_once("Commands:").unwrap();
    let verbs = commands
        .lines()
        .filter(|line| line.starts_with("  "))
        .filter_map(|line| line.split_whitespace().next());
    let missing: Vec<String> = ["global"]
        .into_iter()
        .chain(verbs)
        .flat_map(|verb| {
            let names = words(&help(oracle, verb)).into_iter();
            names
                .filter(|name| !is_known(verb, name))
                .map(|name| format!("{verb} {name}"))
                .collect::<Vec<_>>()
        })
        .collect();
    assert!(missing.is_empty(), "not in flags.txt: {}", missing.join(", "));
}

/// Tries a refused option; tells where it is taken, or refused in other words.
fn not_refused(flag: &Flag, given: &str) -> Option<String> {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("compose.yaml"), "services: { web: { image: none, build: . } }\n").unwrap();
    let output = run(env!("CARGO_BIN_EXE_dockside"), &format!("{} {given}", flag.verb), folder.path());
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let name = flag.names.first().map(|name| format!(" {name}")).unwrap_or_default();
    let expected = format!("{}{name} is not supported yet; nothing was done\n", flag.verb);
    (output.status.code() != Some(1) || said != expected)
        .then(|| format!("{expected} but {:?}: {said}", output.status))
}

fn read() -> Vec<Flag> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/compare/flags.txt");
    let text = fs::read_to_string(path).unwrap();
    let line = |line: &str| {
        let (flag, refused) = match line.split_once('!') {
            Some((flag, refused)) => (flag, Some(refused.trim().to_owned())),
            None => (line, None),
        };
        let mut words = flag.split_whitespace().map(str::to_owned);
        Flag { verb: words.next().unwrap(), names: words.collect(), refused }
    };
    text.lines().filter(|line| !line.starts_with('#')).map(line).collect()
}

fn help(program: &str, verb: &str) -> String {
    let verb = if verb == "global" { "" } else { verb };
    String::from_utf8(run(program, &format!("{verb} --help"), Path::new("/")).stdout).unwrap()
}

/// The options that a help names at the beginning of its lines.
fn words(help: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for line in help.lines().map(str::trim_start).filter(|line| line.starts_with('-')) {
        for word in
            line.split([' ', ',']).filter(|word| !word.is_empty()).take_while(|word| word.starts_with('-'))
        {
            // A description may go on with an option at the end of its sentence.
            let word = word.split(['[', '=']).next().unwrap_or(word).trim_end_matches('.');
            found.insert(word.to_owned());
        }
    }
    found
}

fn run(program: &str, line: &str, folder: &Path) -> Output {
    let mut command = Command::new(program);
    command
        .args(line.split_whitespace())
        .current_dir(folder)
        .env("DOCKER_HOST", "unix:///no/engine/here.sock");
    command.output().unwrap()
}
