//! Which services are on, and which of them a command is about. A service without profiles is always on; the others are when
//! one of theirs is active. Naming a service turns its own profiles on, and brings what it depends on. (Compose
//! Specification, section "Profiles".)

use std::collections::{BTreeSet, HashMap};

use super::model::{Project, Service};
use super::tree::{Mapping, Node};

/// Names of services.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Those that are on by the active profiles alone.
    pub on: BTreeSet<String>,
    /// Those that are asked for, with what they depend on; where none is named, all that are on.
    pub chosen: BTreeSet<String>,
}

/// Looks through the services of a canonical tree. The error is a name that no service has; `*` and `?` in a name stand
/// for any characters and for one.
pub fn select(tree: &Node, active: &[String], names: &[String]) -> Result<Selection, String> {
    let services = tree.get("services").and_then(Node::as_mapping);
    let services: Vec<(&str, &Node)> = services.into_iter().flat_map(Mapping::iter).collect();
    let on = enabled(&services, active);
    if names.is_empty() {
        return Ok(Selection { chosen: on.clone(), on });
    }
    let named = services.iter().filter(|(name, _)| names.iter().any(|other| other == name));
    let implied = named.filter(|(name, _)| !on.contains(*name)).flat_map(|(_, service)| profiles(service));
    let more: Vec<String> = active.iter().cloned().chain(implied.map(str::to_owned)).collect();
    let enabled = enabled(&services, &more);
    let services: Vec<_> = services.into_iter().filter(|(name, _)| enabled.contains(*name)).collect();

    let mut chosen = BTreeSet::new();
    let mut open: Vec<(String, bool)> = names.iter().map(|name| (name.clone(), true)).collect();
    while let Some((pattern, is_required)) = open.pop() {
        let mut found = false;
        for (name, service) in services.iter().filter(|(name, _)| matches(&pattern, name)) {
            found = true;
            if chosen.insert((*name).to_owned()) {
                open.extend(needs(service));
            }
        }
        if !found && is_required {
            return Err(pattern);
        }
    }
    Ok(Selection { on, chosen })
}

/// Leaves these services on and turns the others off; both keep the order of the file, which `order` gives.
pub fn keep(project: &mut Project, order: &[String], names: &BTreeSet<String>) {
    let services = std::mem::take(&mut project.services);
    let mut all: HashMap<String, Service> =
        services.into_iter().chain(std::mem::take(&mut project.disabled_services)).collect();
    for name in order {
        let Some(service) = all.remove(name) else { continue };
        let on = names.contains(name);
        let services = if on { &mut project.services } else { &mut project.disabled_services };
        services.insert(name.clone(), service);
    }
}

/// Takes dependencies out that lead to services that are off.
pub fn drop_edges(project: &mut Project) {
    let names: BTreeSet<String> = project.services.keys().cloned().collect();
    for service in project.services.values_mut() {
        service.depends_on.retain(|name, _| names.contains(name));
    }
}

fn enabled(services: &[(&str, &Node)], active: &[String]) -> BTreeSet<String> {
    let on = services.iter().filter(|(_, service)| is_on(service, active));
    on.map(|(name, _)| (*name).to_owned()).collect()
}

fn is_on(service: &Node, active: &[String]) -> bool {
    let mut own = profiles(service).peekable();
    let matches = |profile: &str| active.iter().any(|other| other == profile || other == "*");
    own.peek().is_none() || own.any(matches)
}

fn profiles(service: &Node) -> impl Iterator<Item = &str> {
    let own = service.get("profiles").and_then(Node::as_sequence).unwrap_or_default();
    own.iter().filter_map(Node::as_str)
}

/// What a service depends on, and whether it must be there.
fn needs(service: &Node) -> Vec<(String, bool)> {
    let needs = service.get("depends_on").and_then(Node::as_mapping);
    let need = |(name, need): (&str, &Node)| {
        (name.to_owned(), need.get("required").and_then(Node::as_bool) != Some(false))
    };
    needs.into_iter().flat_map(Mapping::iter).map(need).collect()
}

fn matches(pattern: &str, name: &str) -> bool {
    let mut rest = pattern.chars();
    match rest.next() {
        None => name.is_empty(),
        Some('*') => name
            .char_indices()
            .map(|(at, _)| at)
            .chain([name.len()])
            .any(|at| matches(rest.as_str(), &name[at..])),
        Some(first) => {
            let mut other = name.chars();
            other.next().is_some_and(|c| first == '?' || first == c) && matches(rest.as_str(), other.as_str())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tree::FileId;
    use super::super::yaml;
    use super::*;

    fn check(profiles: &[&str], names: &[&str], expected: &str) {
        let text = "services:\n  web: {depends_on: {db: {}, cache: {required: false}, gone: {required: false}}}\n  \
                    db: {}\n  cache: {profiles: [more]}\n  tool: {profiles: [tools], depends_on: {db: {}}}\n  \
                    broken: {depends_on: {gone: {}}}\n";
        let tree = yaml::parse(text, FileId(0)).documents.remove(0);
        let own = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        let found = select(&tree, &own(profiles), &own(names));
        let shown = found.map_or_else(
            |name| format!("no {name}"),
            |selection| {
                let mut chosen: Vec<_> = selection.chosen.into_iter().collect();
                chosen.sort();
                chosen.join(" ")
            },
        );
        assert_eq!(shown, expected);
    }

    #[test]
    fn names_bring_what_they_depend_on() {
        check(&[], &[], "broken db web");
        check(&["*"], &[], "broken cache db tool web");
        check(&[], &["web"], "db web");
        check(&["more"], &["web"], "cache db web");
        check(&[], &["tool"], "db tool");
        check(&[], &["d*", "w?b"], "db web");
        check(&[], &["t*"], "no t*");
        check(&[], &["nope"], "no nope");
        check(&[], &["broken"], "no gone");
    }
}
