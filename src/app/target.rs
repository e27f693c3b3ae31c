//! What is selected, what verbs act on, and what both are called. All of it derived.

use std::collections::BTreeSet;

use super::rows::{PortRow, PortState};
use super::{App, Pane, log_pane, report, rows};
use crate::compose::model::{Project, Service};
use crate::observed::{Container, ContainerId, State};
use crate::plan::Target;

/// The profile that turns all of them on.
const ALL_PROFILES: &str = "*";

impl App {
    /// The loaded project, if it is the one that is shown.
    pub fn shown_project(&self) -> Option<&Project> {
        let project = self.file.project.as_deref()?;
        (self.project.as_deref() == Some(project.name.as_str())).then_some(project)
    }

    /// As [`shown_project`](Self::shown_project), if its files have no errors.
    pub fn sound_project(&self) -> Option<&Project> {
        self.shown_project().filter(|_| self.file.sound().is_some())
    }

    /// The name of the selected service.
    pub fn selected_name(&self) -> Option<&str> {
        self.lists.services.key.as_deref()
    }

    /// The selected service as the file declares it; none for orphans.
    pub fn selected_service(&self) -> Option<&Service> {
        self.shown_project()?.service(self.selected_name()?)
    }

    /// The containers of a service, replicas by number, then one-offs.
    pub fn containers_of(&self, service: &str) -> Vec<&Container> {
        let Some(project) = &self.project else { return Vec::new() };
        self.engine.containers.of_service(project, service)
    }

    /// The containers of the selected service.
    pub fn selected_containers(&self) -> Vec<&Container> {
        self.selected_name().map(|name| self.containers_of(name)).unwrap_or_default()
    }

    /// The container under the cursor of Containers; the first one elsewhere.
    pub fn selected_container(&self) -> Option<&Container> {
        let containers = self.selected_containers();
        let key = self.lists.containers.key.as_ref();
        let under_cursor = containers.iter().find(|container| Some(&container.id) == key);
        under_cursor.or(containers.first()).copied()
    }

    /// The container that a shell would open in: the one under the cursor in Containers, else the first that runs.
    pub fn container_for_shell(&self) -> Option<&Container> {
        if self.focus == Pane::Containers {
            return self.selected_container();
        }
        let containers = self.containers_of(&self.target_service()?);
        let running = containers.iter().find(|container| container.state == State::Running);
        running.or(containers.first()).copied()
    }

    /// The one service that looking acts on: that of the focused pane.
    pub fn target_service(&self) -> Option<String> {
        match self.focus {
            Pane::Logs => self.focused_log_service(),
            _ => self.selected_name().map(str::to_owned),
        }
    }

    /// The link that `o` opens: that of the cursor's row in Ports, else the first of the selected service.
    pub fn port_to_open(&self) -> Option<String> {
        let ports = rows::ports(self);
        let key = self.lists.ports.key.as_ref().filter(|_| self.focus == Pane::Ports);
        let is_open = |row: &&PortRow| row.is_link && row.state == PortState::Listening;
        let chosen = match key {
            Some(key) => ports.iter().find(|row| row.key == *key).filter(is_open),
            None => ports.iter().find(is_open),
        };
        chosen.map(|row| row.address.clone())
    }

    /// What `y` copies: a port's address, a container's id, a service's name; of what has failed a report; on a remote engine, for a port, an `ssh -L`
    /// line as well.
    pub fn text_to_copy(&self) -> Option<String> {
        match self.focus {
            Pane::Services | Pane::Logs => {
                let service = self.target_service()?;
                Some(report::of_service(self, &service).unwrap_or(service))
            }
            Pane::Containers => {
                let container = self.selected_container()?;
                let failed = report::is_failure(container).then(|| report::of(self, container));
                Some(failed.unwrap_or_else(|| container.id.to_string()))
            }
            Pane::Ports => {
                let key = self.lists.ports.key.as_ref()?;
                let row = rows::ports(self).into_iter().find(|row| row.key == *key)?;
                Some(self.with_tunnel(row))
            }
        }
    }

    fn with_tunnel(&self, row: PortRow) -> String {
        let remote = self.engine.info().filter(|info| !info.local);
        let authority = remote.and_then(|info| info.endpoint.strip_prefix("ssh://"));
        let (Some(authority), Some(port)) = (authority, row.key.published) else { return row.address };
        // The socket's path is no part of the host; a port needs the long form.
        let host = authority.split('/').next().unwrap_or_default();
        let scheme = if host.contains(':') { "ssh://" } else { "" };
        format!("{}\nssh -L {port}:localhost:{port} {scheme}{host}", row.address)
    }

    /// A container's name as people say it: `api-1`; without a number its own name.
    pub fn short_name(&self, container: &Container) -> String {
        match (container.service(), container.number()) {
            (Some(service), Some(number)) if !container.is_one_off() => format!("{service}-{number}"),
            _ => container.name.clone(),
        }
    }

    /// The profiles that services of the file have, and those that are on without any; and whether each is on.
    pub fn profiles(&self) -> Vec<(String, bool)> {
        let Some(project) = self.shown_project() else { return Vec::new() };
        let services = project.services.values().chain(project.disabled_services.values());
        let on = project.profiles.iter().filter(|name| *name != ALL_PROFILES);
        let names: BTreeSet<&String> = services.flat_map(|service| &service.profiles).chain(on).collect();
        let is_on = |name: &String| project.profiles.iter().any(|one| one == name || one == ALL_PROFILES);
        names.into_iter().map(|name| (name.clone(), is_on(name))).collect()
    }

    /// The number by which a service's colour goes: its place in the file.
    pub fn colour_of(&self, service: &str) -> usize {
        rows::place_of(self, service).unwrap_or_default()
    }

    /// The number by which the colour of a service's tile goes; none without a tile.
    pub fn tile_of(&self, service: &str) -> Option<usize> {
        self.logs.tiles.iter().any(|tile| tile == service).then(|| self.colour_of(service))
    }

    /// Marked services that the filter hides: a verb that would act on them shows its plan first.
    pub fn hidden_marks(&self) -> Vec<String> {
        if self.marks.is_empty() {
            return Vec::new();
        }
        let shown = rows::service_names(self);
        self.marks.iter().filter(|name| !shown.contains(name)).cloned().collect()
    }

    /// What a verb would act on now: in Services the marks or the cursor's row, in Containers that replica, in Ports its
    /// service, in Logs the focused view's service. None where there is nothing.
    pub fn target(&self) -> Option<Target> {
        match self.focus {
            Pane::Services if !self.marks.is_empty() => {
                let in_order = rows::all_service_names(self);
                let marked = in_order.into_iter().filter(|name| self.marks.contains(name)).collect();
                Some(Target::Services(marked))
            }
            Pane::Containers => Some(Target::Containers(vec![self.selected_container()?.id.clone()])),
            Pane::Services | Pane::Ports => Some(Target::Services(vec![self.selected_name()?.to_owned()])),
            Pane::Logs => Some(Target::Services(vec![self.focused_log_service()?])),
        }
    }

    /// The service of the focused log view; the selected one where that shows several.
    pub fn focused_log_service(&self) -> Option<String> {
        let view = self.logs.focused_view()?;
        let mut services = view.sources.iter().map(|source| log_pane::service_of(self, source));
        let first = services.next().flatten();
        let is_one = first.is_some() && services.all(|other| other == first);
        if is_one { first } else { self.selected_name().map(str::to_owned) }
    }

    /// The services of a target; all for the project.
    pub fn services_of(&self, target: &Target) -> BTreeSet<String> {
        match target {
            Target::Project => rows::all_service_names(self).into_iter().collect(),
            Target::Services(names) => names.iter().cloned().collect(),
            Target::Containers(ids) => ids.iter().filter_map(|id| self.service_of(id)).collect(),
        }
    }

    /// The containers of a target.
    pub fn containers_in(&self, target: &Target) -> Vec<&Container> {
        match target {
            Target::Project => {
                self.project.iter().flat_map(|project| self.engine.containers.of_project(project)).collect()
            }
            Target::Services(names) => names.iter().flat_map(|name| self.containers_of(name)).collect(),
            Target::Containers(ids) => ids.iter().filter_map(|id| self.engine.containers.get(id)).collect(),
        }
    }

    /// The service that a container belongs to.
    pub fn service_of(&self, container: &ContainerId) -> Option<String> {
        self.engine.containers.get(container)?.service().map(str::to_owned)
    }

    /// What a target is called: `web, db`, `api-1`, the project's name.
    pub fn target_words(&self, target: &Target) -> String {
        match target {
            Target::Project => self.project.clone().unwrap_or_default(),
            Target::Services(names) => super::words::names(names),
            Target::Containers(ids) => {
                let known = ids.iter().filter_map(|id| self.engine.containers.get(id));
                super::words::names(&known.map(|one| self.short_name(one)).collect::<Vec<_>>())
            }
        }
    }
}
