//! What the containers of a service use, over time.

use super::{Line, Resource, heading};
use crate::app::{App, Rate, Ring, words};

/// A curve for each resource of each container that runs.
pub(super) fn lines(app: &App, service: &str) -> Vec<Line> {
    let mut lines = Vec::new();
    for container in super::containers(app, service).into_iter().filter(|one| one.state.is_alive()) {
        lines.push(heading(app, container));
        match app.histories.get(&container.id).and_then(|history| Some((history, history.rate()?))) {
            Some((history, last)) => lines.extend(curves(&history.ring, last)),
            None => lines.push(Line::Text("Its first figures are being read.".to_owned())),
        }
        lines.push(Line::Blank);
    }
    super::or_nothing(lines)
}

fn curves(ring: &Ring, last: &Rate) -> [Line; 4] {
    let curve = |resource, value: fn(&Rate) -> f64, last: String| Line::Usage {
        resource,
        values: ring.iter().map(value).collect(),
        last,
    };
    let limit = last.memory_limit.map_or_else(String::new, |limit| format!(" / {}", words::bytes(limit)));
    let each_second = |bytes: f64| format!("{}/s", words::rate(bytes));
    [
        curve(Resource::Cpu, |rate| rate.cpu, words::percent(last.cpu)),
        curve(Resource::Memory, |rate| rate.memory as f64, words::bytes(last.memory) + &limit),
        curve(Resource::Received, |rate| rate.received, each_second(last.received)),
        curve(Resource::Sent, |rate| rate.sent, each_second(last.sent)),
    ]
}
