//! The contract's runner: reads a topic's file, plays its steps on an engine, and compares what comes back, or records it.

mod embedded;
mod http;
mod render;
mod script;
mod session;
mod stream;

use std::io::Write as _;
use std::path::Path;
use std::{env, fs};

pub use embedded::embedded;
use script::{Case, Item, Step};
use session::Session;

/// Whose answers a step's text is compared with.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Recorded {
    /// Those of 28.5, which the embedded engine copies as well.
    Newest,
    /// Those of 20.10 where it differs.
    Oldest,
    /// An engine that nobody recorded: it may answer like either.
    Neither,
}

/// Plays a topic on the engine at `host`, which must answer as recorded.
pub fn check(topic: &str, host: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/contract/{topic}.txt"));
    let text = fs::read_to_string(&path).unwrap();
    let mut cases = script::parse(&text);
    let recorded = recorded(host);
    let accept = env::var_os("ACCEPT").is_some();
    let only = env::var("CONTRACT_CASE").ok();
    let mut faults = Vec::new();
    let mut count = 0;
    for (number, case) in cases.iter_mut().enumerate() {
        if only.as_ref().is_some_and(|only| !case.title.contains(only.as_str())) {
            continue;
        }
        count += 1;
        let found = play(case, &format!("{topic}{number}"), host, recorded, accept);
        faults.extend(found.map(|found| format!("=== {}\n{found}", case.title)));
    }
    if accept {
        fs::write(&path, script::write(&cases)).unwrap();
    }
    let said = format!("contract {topic} on {host}: {} of {count} cases as recorded\n", count - faults.len());
    // Not `eprintln!`, which the test runner keeps to itself when a test passes.
    std::io::stderr().write_all(said.as_bytes()).unwrap();
    assert!(faults.is_empty(), "{topic}: {} of {count} cases differ\n\n{}", faults.len(), faults.join("\n"));
}

/// Plays a case; how it differs, if it does. Accepting, what comes back is put into the case.
fn play(case: &mut Case, name: &str, host: &str, recorded: Recorded, accept: bool) -> Option<String> {
    let mut session = Session::new(host, name);
    let mut faults = String::new();
    for item in &mut case.items {
        let Item::Step(step) = item else { continue };
        let answer = session.step(&step.line);
        if accept {
            accepted(step, answer, recorded);
        } else if !matches(step, &answer, recorded) {
            let expected =
                step.oldest.as_ref().filter(|_| recorded == Recorded::Oldest).unwrap_or(&step.newest);
            faults.push_str(&format!("{}\n{}", step.line, marked('-', expected)));
            faults.push_str(&marked('+', &answer));
        }
    }
    (!faults.is_empty()).then_some(faults)
}

fn marked(mark: char, lines: &[String]) -> String {
    lines.iter().map(|line| format!("{mark} {line}\n")).collect()
}

fn matches(step: &Step, answer: &[String], recorded: Recorded) -> bool {
    let oldest = step.oldest.as_deref().unwrap_or(&step.newest) == answer;
    match recorded {
        Recorded::Newest => step.newest == answer,
        Recorded::Oldest => oldest,
        Recorded::Neither => step.newest == answer || oldest,
    }
}

fn accepted(step: &mut Step, answer: Vec<String>, recorded: Recorded) {
    match recorded {
        Recorded::Newest => {
            step.oldest = step.oldest.take().filter(|oldest| *oldest != answer);
            step.newest = answer;
        }
        Recorded::Oldest => step.oldest = (answer != step.newest).then_some(answer),
        Recorded::Neither => panic!("record on 28.5 and on 20.10 only"),
    }
}

fn recorded(host: &str) -> Recorded {
    let answer = http::Request::new("GET", "/version").send(host);
    let version: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
    match version["ApiVersion"].as_str().unwrap() {
        "1.51" => Recorded::Newest,
        "1.41" => Recorded::Oldest,
        _ => Recorded::Neither,
    }
}
