//! Services that wait for each other in a circle.

use super::super::model::Project;
use super::super::path::Path;
use super::Findings;

/// Reports the first circle of each service that begins one.
pub fn check(project: &Project, findings: &mut Findings<'_>) {
    let mut done: Vec<&str> = Vec::new();
    for name in project.services.keys() {
        let mut trail = Vec::new();
        if let Some(circle) = circle(project, name, &mut trail, &mut done) {
            let path = Path::of(["services", circle[0], "depends_on"]);
            findings.add(&path, format!("dependency cycle detected: {}", circle.join(" -> ")));
        }
    }
}

/// Follows dependencies from a service. `trail` is the way there, `done` what leads into no new circle.
fn circle<'a>(
    project: &'a Project,
    name: &'a str,
    trail: &mut Vec<&'a str>,
    done: &mut Vec<&'a str>,
) -> Option<Vec<&'a str>> {
    if let Some(start) = trail.iter().position(|visited| *visited == name) {
        let mut circle = trail[start..].to_vec();
        circle.push(name);
        done.extend(&circle);
        return Some(circle);
    }
    let service = project.services.get(name).filter(|_| !done.contains(&name))?;
    trail.push(name);
    let found = service.depends_on.keys().find_map(|next| circle(project, next, trail, done));
    trail.pop();
    done.push(name);
    found
}
