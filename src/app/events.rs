//! The engine's events about the project's containers, as it told them.

use std::collections::VecDeque;

use super::App;
use crate::observed::{ContainerId, Event, label};

/// How many are kept.
const KEPT: usize = 1000;
/// Commands run in containers, health probes among them: they would drown what happens to the containers.
const NOISE: &str = "exec_";

/// The newest events, oldest first.
#[derive(Clone, Debug, Default)]
pub struct Events {
    events: VecDeque<Event>,
}

impl Events {
    /// Those of the containers of a service, oldest first.
    pub fn of_service<'a>(&'a self, service: &'a str) -> impl Iterator<Item = &'a Event> {
        self.events
            .iter()
            .filter(move |event| event.attributes.get(label::SERVICE).is_some_and(|of| of == service))
    }

    /// Those of a container, oldest first.
    pub fn of_container<'a>(&'a self, id: &'a ContainerId) -> impl Iterator<Item = &'a Event> {
        self.events.iter().filter(|event| event.container().as_ref() == Some(id))
    }

    /// Forgets all: another project is shown.
    pub fn clear(&mut self) {
        self.events.clear();
    }
}

/// Keeps an event if it is about a container of the project.
pub fn happened(app: &mut App, event: &Event) {
    if !is_kept(app, event) {
        return;
    }
    if app.events.events.len() == KEPT {
        app.events.events.pop_front();
    }
    app.events.events.push_back(event.clone());
}

/// Keeps events of before that are about containers of the project, each at its time; what is known already is not doubled.
pub fn remember(app: &mut App, past: Vec<Event>) {
    let mut all = past;
    all.retain(|event| is_kept(app, event) && !app.events.events.contains(event));
    all.extend(app.events.events.drain(..));
    all.sort_by_key(|event| event.at);
    let surplus = all.len().saturating_sub(KEPT);
    app.events.events = all.split_off(surplus).into();
}

fn is_kept(app: &App, event: &Event) -> bool {
    let project = event.attributes.get(label::PROJECT);
    event.container().is_some() && project == app.project.as_ref() && !event.action.starts_with(NOISE)
}
