//! Random compose projects, read by Docker Compose 2.40.3 and by us: `config` must print the same, to the byte where Docker
//! Compose's own output is the same each time.
//!
//! `tests/compose/generate` runs it, with the path of docker-compose in `DOCKSIDE_ORACLE`. A case is its seed: whatever is
//! found is run again by `SEED=… COUNT=1`.

#![allow(clippy::unwrap_used, clippy::panic, reason = "what cannot be run ends the comparison")]
#![allow(clippy::print_stdout, reason = "it prints what it finds")]

#[path = "compose_support/oracle.rs"]
mod oracle;
#[path = "compose_support/projects.rs"]
mod projects;
#[path = "compose_support/random.rs"]
mod random;
#[path = "compose_support/values.rs"]
mod values;
#[path = "compose_support/wild.rs"]
mod wild;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use oracle::Form;
use projects::{Case, KINDS};
use random::Random;

/// What is compared of every case.
const PLAIN: [(&[&str], Form); 3] =
    [(&["--format", "json"], Form::Json), (&[], Form::Bytes), (&["--hash", "*"], Form::Bytes)];

/// How often cases of a kind were the same, and how often not.
#[derive(Default)]
struct Tally {
    same: usize,
    refused: usize,
    different: usize,
}

#[test]
#[ignore = "compares with the docker-compose that DOCKSIDE_ORACLE names; tests/compose/generate runs it"]
fn generated() {
    let Some(oracle) = std::env::var_os("DOCKSIDE_ORACLE").map(PathBuf::from) else {
        println!("left out: DOCKSIDE_ORACLE is not set");
        return;
    };
    let number = |name: &str, usual: u64| std::env::var(name).map_or(usual, |text| text.parse().unwrap());
    let (first, count) = (number("SEED", 1), number("COUNT", 400));
    let wanted = std::env::var("KIND").unwrap_or_default();
    let scratch = tempfile::tempdir().unwrap();
    let next = Mutex::new(first);
    let tallies: Mutex<BTreeMap<&str, Tally>> = Mutex::default();
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let seed = {
                        let mut next = next.lock().unwrap();
                        *next += 1;
                        *next - 1
                    };
                    if seed >= first + count {
                        return;
                    }
                    for (kind, make) in KINDS.iter().filter(|(kind, _)| wanted.is_empty() || wanted == *kind)
                    {
                        let case = make(&mut Random::new(seed));
                        let folder = scratch.path().join(format!("{kind}-{seed}"));
                        let found = compare(&oracle, &folder, &case);
                        let mut tallies = tallies.lock().unwrap();
                        let tally = tallies.entry(kind).or_default();
                        match found {
                            Ok(true) => tally.same += 1,
                            Ok(false) => tally.refused += 1,
                            Err(found) => {
                                tally.different += 1;
                                tell(kind, seed, &case, &found);
                            }
                        }
                    }
                }
            });
        }
    });
    let tallies = tallies.into_inner().unwrap();
    for (kind, tally) in &tallies {
        println!(
            "{kind}: {} the same, {} refused by both, {} different",
            tally.same, tally.refused, tally.different
        );
    }
    let different: usize = tallies.values().map(|tally| tally.different).sum();
    assert_eq!(different, 0, "cases differ");
}

/// Whether both accept a case and print the same, or both refuse it; otherwise what differs.
fn compare(oracle: &Path, folder: &Path, case: &Case) -> Result<bool, String> {
    for (name, text) in &case.files {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    // A build of one's own may stand aside while the tree is worked on.
    let dockside = std::env::var_os("DOCKSIDE").unwrap_or_else(|| env!("CARGO_BIN_EXE_dockside").into());
    let dockside = Path::new(&dockside);
    let run = |program: &Path, options: &[&str]| {
        oracle::config(program, folder, &case.environment, &case.arguments, options)
    };
    let own: Vec<(&[&str], Form)> =
        case.options.iter().map(|(options, form)| (options.as_slice(), *form)).collect();
    let compared = if own.is_empty() { PLAIN.to_vec() } else { own };
    let mut accepted = false;
    for (options, form) in compared {
        let theirs = run(oracle, options);
        if theirs.errors.contains("panic:") {
            // What makes Docker Compose crash has no right answer.
            return Ok(false);
        }
        let ours = run(dockside, options);
        if let Some(found) = oracle::difference(&ours, &theirs, form) {
            return Err(format!("config {}\n    {found}", options.join(" ")));
        }
        accepted |= theirs.is_ok;
        if !accepted {
            break;
        }
    }
    let _left_for_the_end = fs::remove_dir_all(folder);
    Ok(accepted)
}

fn tell(kind: &str, seed: u64, case: &Case, found: &str) {
    println!("=== {kind} SEED={seed} {} {:?}", case.arguments.join(" "), case.environment);
    for (name, text) in &case.files {
        // The same in every case.
        if !matches!(name.as_str(), "x.env" | "y.env") {
            println!("--- {name}\n{text}");
        }
    }
    println!("  > {found}\n");
}
