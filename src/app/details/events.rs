//! What the engine told of a service's containers so far as it still knows it, newest first.

use super::Line;
use crate::app::App;
use crate::observed::Event;

/// What an event says besides its word, in this order.
const TOLD: [&str; 4] = ["exitCode", "signal", "image", "oldName"];

/// The events.
pub(super) fn lines(app: &App, service: &str) -> Vec<Line> {
    let mut lines: Vec<Line> = app.events.of_service(service).map(line).collect();
    lines.reverse();
    if lines.is_empty() {
        lines.push(Line::Text("The engine tells of nothing that happened to it.".to_owned()));
    }
    lines
}

fn line(event: &Event) -> Line {
    let told = TOLD.iter().filter_map(|name| Some(format!("{name}={}", event.attributes.get(*name)?)));
    Line::Event {
        at: event.at,
        name: event.attributes.get("name").cloned().unwrap_or_default(),
        action: event.action.clone(),
        more: told.collect::<Vec<_>>().join("  "),
    }
}
