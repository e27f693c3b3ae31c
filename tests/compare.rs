//! Dockside beside Docker Compose: each script in `tests/compare/scripts` is run on a project of its own with the
//! program under test, and what came of every step (exit code, standard output, the engine's state) is compared with what
//! Docker Compose 2.40.3 made of it, which stands in the script as it was recorded.
//!
//! A script is one file in parts: a title, files of the project after `== PATH`, and the steps after `== script`:
//!
//! - `$ compose up -d` is a line for `sh` in the project's folder, in which `compose` is the program; one that ends in
//!   ` 2>&1` has its standard error looked at as well;
//! - `@ POST /containers/{project}-web-1/stop` is a request to the engine, with a JSON body after the path if need be;
//! - `~ web-1 exited` waits until the engine says so.
//!
//! A title that ends in `(differs: …)` tells why Dockside means to do another thing; it must then be another.
//!
//! `{project}`, `{folder}`, `{busybox}` and `{port1}` … `{port9}` stand for what each run has of its own. After a step stands
//! what was seen: `= 1` the exit code unless it is 0, `|` lines of output, `:` what changed in the engine.
//!
//! `DOCKSIDE_ORACLE=/path/to/docker-compose` runs every script with that as well and compares the two runs themselves,
//! config hashes included; `ACCEPT=1` then records, with `RECORD_ONLY=1` without a look at Dockside. `COMPARE=ps` runs only the scripts whose name begins with one of the
//! words, and says how they went.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests fail by these")]

#[path = "compare/bench.rs"]
mod bench;
#[path = "compare/flags.rs"]
mod flags;
#[path = "compare/interop.rs"]
mod interop;
#[path = "compare/script.rs"]
mod script;
#[path = "compare/state.rs"]
mod state;
mod support;
#[path = "compare/words.rs"]
mod words;

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{env, fs, thread};

use bench::{Bench, Seen, Tool};
use script::Script;

/// How many scripts run at the same time. Each has a network, and an engine has room for thirty.
const AT_ONCE: usize = 4;

#[test]
fn scripts() {
    let Some(engine) = support::engine() else { return };
    let paths = files("scripts", "txt");
    let differing = in_parallel(&paths, |path| check(engine, path).err());
    assert!(
        differing.is_empty(),
        "{} of {} scripts differ\n\n{}",
        differing.len(),
        paths.len(),
        differing.join("\n")
    );
    let apart =
        paths.iter().filter(|path| Script::read(&fs::read_to_string(path).unwrap()).differs()).count();
    support::say(&format!("{} scripts are equal, {apart} differ as they say", paths.len() - apart));
}

/// Runs a script; tells how it differs.
fn check(engine: &'static support::Engine, path: &Path) -> Result<(), String> {
    let script = Script::read(&fs::read_to_string(path).unwrap());
    match (compare(engine, path, &script), script.differs()) {
        (Ok(()), true) if is_as_recorded(engine) => {
            Err(format!("{}: is no longer different: say so in its title\n", path.display()))
        }
        (_, true) => Ok(()),
        (result, false) => result,
    }
}

fn compare(engine: &'static support::Engine, path: &Path, script: &Script) -> Result<(), String> {
    let bench = Bench::new(engine);
    let theirs = Tool::oracle().map(|oracle| bench.run(script, &oracle));
    let name = path.file_stem().unwrap().to_string_lossy();
    let told =
        |seen: &[Seen], how: fn(&Seen) -> String| script.with(&seen.iter().map(how).collect::<Vec<_>>());
    if let Some(theirs) = &theirs {
        let recorded = told(theirs, Seen::recorded);
        if env::var_os("ACCEPT").is_some() {
            fs::write(path, &recorded).unwrap();
        } else if recorded != fs::read_to_string(path).unwrap() {
            return Err(different(&name, "Docker Compose, recorded and now", &script.text(), &recorded));
        }
    }
    if env::var_os("RECORD_ONLY").is_some() {
        let is_known = script.differs();
        return if is_known { Err(String::new()) } else { Ok(()) };
    }
    let ours = bench.run(script, &Tool::dockside());
    let (expected, made) = match &theirs {
        Some(theirs) => (told(theirs, Seen::exact), told(&ours, Seen::exact)),
        None => (script.text(), told(&ours, Seen::recorded)),
    };
    let (expected, made) = if theirs.is_some() || is_as_recorded(engine) {
        (expected, made)
    } else {
        (script::without_details(&expected), script::without_details(&made))
    };
    if expected == made {
        Ok(())
    } else {
        Err(different(&name, "Docker Compose and Dockside", &expected, &made))
    }
}

/// Whether this engine describes containers as the one did that the scripts were recorded on.
fn is_as_recorded(engine: &support::Engine) -> bool {
    engine.get("/version")["Version"].as_str().is_some_and(|version| version.starts_with("28."))
}

/// The lines that differ, each with the step that they stand under.
fn different(name: &str, what: &str, expected: &str, made: &str) -> String {
    let mut text = format!("{name}: {what}\n");
    for line in script::differences(expected, made) {
        text.push_str(&format!("  {line}\n"));
    }
    text
}

/// The files of a folder below `tests/compare` that were asked for, in order.
fn files(folder: &str, extension: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/compare").join(folder);
    let wanted = env::var("COMPARE").unwrap_or_default();
    let is_wanted = |path: &Path| {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        wanted.is_empty() || wanted.split_whitespace().any(|word| name.starts_with(word))
    };
    let mut paths: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|found| found == extension) && is_wanted(path));
    paths.sort();
    paths
}

/// What `work` says of each, a few at a time, in the order of the files.
fn in_parallel(paths: &[PathBuf], work: impl Fn(&Path) -> Option<String> + Sync) -> Vec<String> {
    let next = AtomicUsize::new(0);
    let said: Mutex<Vec<(usize, String)>> = Mutex::default();
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some((index, path)) = {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    paths.get(index).map(|path| (index, path))
                } {
                    if let Some(what) = work(path) {
                        said.lock().unwrap().push((index, what));
                    }
                }
            });
        }
    });
    let mut said = said.into_inner().unwrap();
    said.sort();
    said.into_iter().map(|(_, what)| what).collect()
}
