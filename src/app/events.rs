//! The engine's events about the project's containers, as it told them.

use std::collections::VecDeque;

use super::App;
use crate::observed::{Event, label};

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

    /// Forgets all: another project is shown.
    pub fn clear(&mut self) {
        self.events.clear();
    }
}

/// Keeps an event if it is about a container of the project.
pub fn happened(app: &mut App, event: &Event) {
    let project = event.attributes.get(label::PROJECT);
    if event.container().is_none() || project != app.project.as_ref() || event.action.starts_with(NOISE) {
        return;
    }
    if app.events.events.len() == KEPT {
        app.events.events.pop_front();
    }
    app.events.events.push_back(event.clone());
}
