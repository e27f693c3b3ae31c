//! Services that wait for each other in a circle.

use std::collections::HashSet;

use indexmap::IndexSet;

use super::super::path::Path;
use super::Findings;

/// Reports the first circle among the dependencies of the services that are on.
pub(super) fn check(findings: &mut Findings<'_>) {
    let project = findings.project;
    let mut done: HashSet<&str> = HashSet::new();
    let Some(circle) = project.services.keys().find_map(|name| visit(name, findings, &mut done)) else {
        return;
    };
    let first = circle[0];
    let next = circle.get(1).copied().unwrap_or(first);
    let message = format!("services depend on each other in a circle: {} → {first}", circle.join(" → "));
    let path = Path::of(["services", first, "depends_on", next]);
    let mut finding = findings.at(&path, message).label("the circle begins here");
    for (at, name) in circle.iter().enumerate().skip(1) {
        let next = circle.get(at + 1).unwrap_or(&first);
        let path = Path::of(["services", name, "depends_on", next]);
        if let Some(span) = project.positions.find(&path) {
            finding = finding.related(span, format!("`{name}` goes on here"));
        }
    }
    findings.found.push(finding);
}

/// Follows the dependencies of a service; the circle, if they lead back to the trail. Without recursion: a chain may be as
/// long as the file.
fn visit<'a>(name: &'a str, findings: &Findings<'a>, done: &mut HashSet<&'a str>) -> Option<Vec<&'a str>> {
    let needs = |name: &str| {
        let service = findings.project.services.get(name);
        service.into_iter().flat_map(|service| service.depends_on.keys()).map(String::as_str)
    };
    if !done.insert(name) {
        return None;
    }
    let mut trail = IndexSet::from([name]);
    let mut open = vec![needs(name)];
    while let Some(rest) = open.last_mut() {
        let Some(next) = rest.next() else {
            open.pop();
            trail.pop();
            continue;
        };
        if let Some(at) = trail.get_index_of(next) {
            return Some(trail[at..].iter().copied().collect());
        }
        if done.insert(next) {
            trail.insert(next);
            open.push(needs(next));
        }
    }
    None
}
