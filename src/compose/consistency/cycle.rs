//! Services that wait for each other in a circle.

use super::super::path::Path;
use super::Findings;

/// Reports the first circle among the dependencies of the services that are on.
pub(super) fn check(findings: &mut Findings<'_>) {
    let mut done: Vec<&str> = Vec::new();
    let project = findings.project;
    for name in project.services.keys() {
        let mut trail = Vec::new();
        if let Some(circle) = visit(name, findings, &mut trail, &mut done) {
            let first = circle[0];
            let next = circle.get(1).copied().unwrap_or(first);
            let message =
                format!("services depend on each other in a circle: {} → {first}", circle.join(" → "));
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
            return;
        }
    }
}

/// Follows the dependencies of a service; the circle, if they lead back to the trail.
fn visit<'a>(
    name: &'a str,
    findings: &Findings<'a>,
    trail: &mut Vec<&'a str>,
    done: &mut Vec<&'a str>,
) -> Option<Vec<&'a str>> {
    if let Some(at) = trail.iter().position(|other| *other == name) {
        return Some(trail[at..].to_vec());
    }
    if done.contains(&name) {
        return None;
    }
    let service = findings.project.services.get(name)?;
    trail.push(name);
    let circle = service.depends_on.keys().find_map(|next| visit(next, findings, trail, done));
    trail.pop();
    done.push(name);
    circle
}
