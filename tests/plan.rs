//! Plans as text. Each file below `tests/plan` is a case in sections:
//!
//! - `--- compose` the file; `--- before` the file from which the engine's containers were made (the same if left out; the
//!   word `none` for an engine without any);
//! - `--- engine` what has happened since, a line each (see `plan_support/engine.rs`);
//! - `--- request` a verb as on a command line: `up web --build`; `without file` after it plans from labels alone;
//! - `--- expected` the plan, the steps where `steps` stands in the request, or the refusal.
//!
//! `ACCEPT=1 cargo test --test plan` writes what is made into the files, to be read before it is committed.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test ends where something is not as it should be")]

mod plan_support;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use dockside::plan;

use plan_support::{engine, project, request};

#[test]
fn cases() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/plan");
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "txt"));
    files.sort();
    let failures: Vec<String> = files.iter().filter_map(|path| check(path)).collect();
    assert!(
        failures.is_empty(),
        "{} of {} cases differ\n\n{}",
        failures.len(),
        files.len(),
        failures.join("\n")
    );
}

/// Runs every case of a file; tells how it differs.
fn check(path: &Path) -> Option<String> {
    let text = fs::read_to_string(path).unwrap();
    let mut made = String::new();
    for case in text.split_inclusive("\n=== ").filter(|case| !case.trim().is_empty()) {
        let (case, separator) = match case.strip_suffix("\n=== ") {
            Some(case) => (format!("{case}\n"), "\n=== "),
            None => (case.to_owned(), ""),
        };
        let head = case.split_once("--- expected\n").map_or(case.as_str(), |(head, _)| head);
        made.push_str(&format!(
            "{}--- expected\n{}{}",
            head,
            outcome(&sections(&case)),
            separator.trim_start()
        ));
    }
    if made == text {
        return None;
    }
    if std::env::var_os("ACCEPT").is_some() {
        fs::write(path, &made).unwrap();
        return None;
    }
    let name = path.file_name().unwrap().to_string_lossy().into_owned();
    let wrong = text.lines().zip(made.lines()).find(|(old, new)| old != new);
    Some(format!("{name}: {wrong:?}\n{made}"))
}

fn sections(case: &str) -> BTreeMap<String, String> {
    let mut sections = BTreeMap::new();
    let mut current: Option<String> = None;
    for line in case.lines() {
        if let Some(name) = line.strip_prefix("--- ") {
            current = Some(name.to_owned());
            sections.insert(name.to_owned(), String::new());
        } else if let Some(name) = &current {
            let section: &mut String = sections.get_mut(name).unwrap();
            section.push_str(line);
            section.push('\n');
        }
    }
    sections
}

fn outcome(sections: &BTreeMap<String, String>) -> String {
    let compose = project::load(&sections["compose"]);
    let before = match sections.get("before").map(|text| text.trim()) {
        Some("none") => None,
        Some(_) => Some(project::load(&sections["before"])),
        None => Some(compose.clone()),
    };
    let tweaks = sections.get("engine").map_or("", String::as_str);
    let observed = engine::observed(before.as_ref(), &compose, tweaks);
    let asked = request::parse(&sections["request"], &compose, &observed);
    let file = (!asked.without_file).then_some(&compose);
    let plan = match plan::make(file, &observed, &asked.request) {
        Ok(plan) => plan,
        Err(refusal) => return format!("refused: {refusal}\n"),
    };
    well_formed(&plan);
    let mut text = if asked.steps { plan_support::steps(&plan) } else { plan.to_string() };
    if asked.claims {
        let claims: Vec<&str> = plan.claims.iter().map(String::as_str).collect();
        text.push_str(&format!("claims {}\n", claims.join(", ")));
    }
    if asked.equivalent {
        text.push_str(&format!("same as {}\n", plan::equivalent(file, &observed, &asked.request)));
    }
    if text.is_empty() { "nothing to do\n".to_owned() } else { text }
}

/// What holds for every plan: ops come after earlier ones only, and every op is in a step.
fn well_formed(plan: &plan::Plan) {
    let stepped: Vec<_> = plan::steps(plan).into_iter().flat_map(|step| step.ops).collect();
    for (index, op) in plan.ops.iter().enumerate() {
        assert!(
            op.after.iter().all(|after| after.0 < index),
            "{} comes after a later op\n{plan}",
            plan::OpId(index)
        );
        // A wait is shown with what begins after it. After that of `up --wait` and of `run` nothing does.
        let begins = |other: &plan::Op| {
            matches!(
                other.kind,
                plan::OpKind::StartContainer { .. }
                    | plan::OpKind::RestartContainer { .. }
                    | plan::OpKind::UnpauseContainer { .. }
            )
        };
        let is_followed = plan.ops.iter().any(|other| other.service == op.service && begins(other));
        let is_only_looked_at = matches!(op.kind, plan::OpKind::Wait { .. }) && !is_followed;
        assert!(
            is_only_looked_at || stepped.contains(&plan::OpId(index)),
            "{} is in no step\n{plan}",
            plan::OpId(index)
        );
    }
}
