//! Input that means harm: whatever a file under a megabyte holds, loading it ends within a second and 256 MB, says what is
//! wrong in its place, and agrees with Docker Compose where that has an answer at all.
//!
//! Time is what the loading thread used, so that a busy machine counts for nothing; without optimisation it may take longer.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test prints, and fails on the spot")]

#[path = "hostile/cases.rs"]
mod cases;

use std::fs;
use std::thread;
use std::time::Duration;

use cases::{Case, Verdict};
use dockside::compose::diagnostic::{Colour, Diagnostic};
use dockside::compose::source::MemoryFiles;
use dockside::compose::{LoadRequest, Loaded, load};

/// The seconds that loading may use.
const TIME: Duration = Duration::from_secs(if cfg!(debug_assertions) { 20 } else { 1 });
/// The memory that loading may add.
const MEMORY: u64 = 256 << 20;
/// The stack of the threads that the dashboard loads files on.
const STACK: usize = 8 << 20;

/// What loading came to.
struct Outcome {
    loaded: Loaded,
    findings: String,
    took: Duration,
    memory: u64,
}

#[test]
fn nothing_hangs_or_swells() {
    let wanted = std::env::var("CASE").ok();
    let is_wanted = |case: &Case| wanted.as_ref().is_none_or(|name| case.name.contains(name.as_str()));
    let mut faults = Vec::new();
    for case in cases::all().into_iter().filter(is_wanted) {
        for (name, bytes) in &case.files {
            assert!(bytes.len() < 1_000_000, "{}: {name} has {} bytes", case.name, bytes.len());
        }
        let (name, verdict) = (case.name, case.verdict);
        let outcome =
            thread::Builder::new().stack_size(STACK).spawn(move || run(case)).unwrap().join().unwrap();
        println!("{:6} ms {:4} MB  {name}", outcome.took.as_millis(), outcome.memory >> 20);
        faults.extend(fault(verdict, &outcome).map(|fault| format!("{name}: {fault}")));
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

fn run(case: Case) -> Outcome {
    let files = case.files.into_iter().map(|(name, bytes)| (format!("/p/{name}"), bytes));
    let files = MemoryFiles::new(files);
    let request = LoadRequest { working_directory: "/p".into(), ..LoadRequest::default() };
    let before = forget_peak();
    let start = cpu_time();
    let loaded = load(&request, &files);
    let findings = loaded.sources.render(&loaded.diagnostics, Colour::Plain);
    let took = cpu_time().saturating_sub(start);
    let memory = peak().saturating_sub(before);
    Outcome { loaded, findings, took, memory }
}

/// What is wrong with an outcome.
fn fault(verdict: Verdict, outcome: &Outcome) -> Option<String> {
    let first = outcome.loaded.diagnostics.iter().find(|finding| finding.is_error());
    let first = first.map(|finding| finding.one_line(&outcome.loaded.sources));
    if outcome.took > TIME {
        return Some(format!("took {:?}", outcome.took));
    }
    if outcome.memory > MEMORY {
        return Some(format!("took {} MB", outcome.memory >> 20));
    }
    if let Some(place) =
        outcome.loaded.diagnostics.iter().find_map(|finding| outside(finding, &outcome.loaded))
    {
        return Some(format!("a finding lies outside its file: {place}"));
    }
    let start: String = first.iter().flat_map(|first| first.chars().take(200)).collect();
    match verdict {
        Verdict::Accepted if !outcome.loaded.is_sound() => Some(format!("refused: {start}")),
        Verdict::Refused(_) if outcome.loaded.is_sound() => Some("accepted".to_owned()),
        Verdict::Refused(words) if !outcome.findings.contains(words) => {
            Some(format!("refused otherwise: {start}"))
        }
        _ => None,
    }
}

/// A place of a finding that is none of the text that it points into.
fn outside(finding: &Diagnostic, loaded: &Loaded) -> Option<String> {
    let places = finding.span.into_iter().chain(finding.related.iter().map(|other| other.span));
    places.into_iter().find_map(|span| {
        let text = loaded.sources.get(span.file).map_or("", |source| &source.text);
        let fits = span.start <= span.end && span.range().end <= text.len();
        (!fits).then(|| format!("{} {span:?}", finding.message.chars().take(80).collect::<String>()))
    })
}

/// The time that this thread has used.
fn cpu_time() -> Duration {
    let text = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanoseconds = text.split(' ').next().and_then(|number| number.parse().ok());
    Duration::from_nanos(nanoseconds.unwrap_or_default())
}

/// Lets the system begin anew to note the most memory that we have had; the memory that we have now.
fn forget_peak() -> u64 {
    // Where the system has no such file, memory is not checked.
    drop(fs::write("/proc/self/clear_refs", "5"));
    status("VmRSS:")
}

fn peak() -> u64 {
    status("VmHWM:")
}

fn status(field: &str) -> u64 {
    let text = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix(field));
    line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<u64>().ok()).unwrap_or_default() * 1024
}
