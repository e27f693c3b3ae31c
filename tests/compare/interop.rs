//! Two tools, one project: what one brings up, the other finds unchanged, sees in full, and takes down to the last. The
//! cases in `tests/compare/interop` are projects, for every attribute that reaches the engine.

use std::fs;
use std::path::Path;

use crate::bench::{Bench, Tool};
use crate::script::Script;
use crate::support::{self, Engine};
use crate::{different, files, in_parallel};

#[test]
fn two_tools_one_project() {
    let Some(engine) = support::engine() else { return };
    if Tool::oracle().is_none() {
        support::say("left out: DOCKSIDE_ORACLE names no docker-compose");
        return;
    }
    let paths = files("interop", "txt");
    let failing = in_parallel(&paths, |path| check(engine, path).err());
    assert!(failing.is_empty(), "{} of {} cases fail\n\n{}", failing.len(), paths.len(), failing.join("\n"));
    support::say(&format!("{} cases, both ways", paths.len()));
}

fn check(engine: &'static Engine, path: &Path) -> Result<(), String> {
    let name = path.file_stem().unwrap().to_string_lossy().into_owned();
    let script = Script::read(&format!("{}== script\n", fs::read_to_string(path).unwrap()));
    let bench = Bench::new(engine);
    let (ours, theirs) = (Tool::dockside(), Tool::oracle().unwrap());
    let of =
        |what: &str, result: Result<String, String>| result.map_err(|why| format!("{name}: {what}: {why}"));
    let made = of("Dockside, then Docker Compose", there_and_back(&bench, &script, &ours, &theirs))?;
    let expected = of("Docker Compose, then Dockside", there_and_back(&bench, &script, &theirs, &ours))?;
    if made == expected {
        return Ok(());
    }
    Err(different(&name, "what Docker Compose and Dockside bring up", &expected, &made))
}

/// Brings the project up with one and looks with the other. Gives what the first one made.
fn there_and_back(bench: &Bench, script: &Script, first: &Tool, second: &Tool) -> Result<String, String> {
    let mut run = bench.begin(script);
    run.well(first, "compose up -d --build")?;
    let (made, _) = run.look();
    let listed = run.well(first, "compose ps -a --format '{{.Name}} {{.Service}}'")?;
    run.well(second, "compose up -d")?;
    let (_, changed) = run.look();
    if !changed.is_empty() {
        return Err(format!("the second `up -d` changes\n{changed}"));
    }
    let seen = run.well(second, "compose ps -a --format '{{.Name}} {{.Service}}'")?;
    if seen != listed {
        return Err(format!("`ps -a` differs:\n{listed}\n{seen}"));
    }
    run.well(second, "compose down -v --rmi local")?;
    let (left, _) = run.look();
    if left.is_empty() { Ok(made) } else { Err(format!("`down` leaves\n{left}")) }
}
