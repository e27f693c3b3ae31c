//! The containers of the engine, found by id and by the service that their labels name.
//!
//! Every row asks for its service's containers, several times a frame; reading labels for that was most of what an idle
//! dashboard did. The index is kept here and nowhere else: it changes only with what it indexes.

use std::collections::BTreeMap;
use std::ops::Deref;

use crate::observed::{Container, ContainerId};

/// Containers by id. Read it as the map that it is; change it by [`insert`](Self::insert) and [`remove`](Self::remove).
#[derive(Clone, Debug, Default)]
pub struct Containers {
    by_id: BTreeMap<ContainerId, Container>,
    /// Project → service → ids, replicas by number, then one-offs.
    by_service: BTreeMap<String, BTreeMap<String, Vec<ContainerId>>>,
}

impl Containers {
    /// Puts a container in the place of the one with its id, if there is one.
    pub fn insert(&mut self, container: Container) {
        self.remove(&container.id);
        if let Some((project, service)) = container.project().zip(container.service()) {
            let services = self.by_service.entry(project.to_owned()).or_default();
            let ids = services.entry(service.to_owned()).or_default();
            let is_before =
                |id: &ContainerId| self.by_id.get(id).is_some_and(|other| order(other) < order(&container));
            ids.insert(ids.partition_point(is_before), container.id.clone());
        }
        self.by_id.insert(container.id.clone(), container);
    }

    /// Takes a container out.
    pub fn remove(&mut self, id: &ContainerId) -> Option<Container> {
        let container = self.by_id.remove(id)?;
        let labels = container.project().zip(container.service());
        if let Some(services) = labels.and_then(|(project, _)| self.by_service.get_mut(project)) {
            services.retain(|_, ids| {
                ids.retain(|other| other != id);
                !ids.is_empty()
            });
        }
        Some(container)
    }

    /// The containers of a project that name a service: by service, then as in [`of_service`](Self::of_service).
    pub fn of_project<'a>(&'a self, project: &str) -> impl Iterator<Item = &'a Container> + use<'a> {
        let services = self.by_service.get(project).into_iter().flatten();
        services.flat_map(|(_, ids)| ids).filter_map(|id| self.by_id.get(id))
    }

    /// The services that the containers of a project name, by name.
    pub fn services_of(&self, project: &str) -> impl Iterator<Item = &str> {
        self.by_service.get(project).into_iter().flatten().map(|(service, _)| service.as_str())
    }

    /// The containers of one service: replicas by number, then one-offs.
    pub fn of_service(&self, project: &str, service: &str) -> Vec<&Container> {
        let ids = self.by_service.get(project).and_then(|services| services.get(service));
        ids.into_iter().flatten().filter_map(|id| self.by_id.get(id)).collect()
    }
}

impl Deref for Containers {
    type Target = BTreeMap<ContainerId, Container>;

    fn deref(&self) -> &Self::Target {
        &self.by_id
    }
}

fn order(container: &Container) -> (bool, u32, &str) {
    (container.is_one_off(), container.number().unwrap_or(u32::MAX), &container.name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observed::label;

    fn container(id: &str, number: &str) -> Container {
        let labels = [(label::PROJECT, "shop"), (label::SERVICE, "web"), (label::CONTAINER_NUMBER, number)];
        let mut made = Container::new(id, &format!("shop-web-{number}"));
        made.labels = labels.map(|(key, value)| (key.to_owned(), value.to_owned())).into();
        made
    }

    fn check(containers: &Containers, expected: &[&str]) {
        let names = |found: Vec<&Container>| found.iter().map(|one| one.name.clone()).collect::<Vec<_>>();
        assert_eq!(names(containers.of_service("shop", "web")), expected);
        assert_eq!(names(containers.of_project("shop").collect()), expected);
    }

    #[test]
    fn replicas_stand_by_number_and_go_with_their_container() {
        let mut containers = Containers::default();
        for (id, number) in [("c", "10"), ("a", "2"), ("b", "1")] {
            containers.insert(container(id, number));
        }
        check(&containers, &["shop-web-1", "shop-web-2", "shop-web-10"]);
        containers.insert(container("b", "3"));
        check(&containers, &["shop-web-2", "shop-web-3", "shop-web-10"]);
        containers.remove(&"a".into());
        check(&containers, &["shop-web-3", "shop-web-10"]);
        assert_eq!(containers.len(), 2);
    }

    #[test]
    fn what_names_no_service_is_known_by_id_only() {
        let mut containers = Containers::default();
        containers.insert(Container::new("x", "stray"));
        check(&containers, &[]);
        assert!(containers.contains_key("x"));
    }
}
