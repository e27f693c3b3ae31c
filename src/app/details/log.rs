//! The end of a service's log, a part for each of its containers.

use super::{Line, heading};
use crate::app::log::fold::fold;
use crate::app::{App, words};
use crate::observed::Container;

/// How many lines of a container are told; the Logs pane has all that is held.
const LINES: usize = 200;

/// The ends of the logs, the container that stands for the service first.
pub(super) fn lines(app: &App, service: &str) -> Vec<Line> {
    let mut lines = Vec::new();
    for container in super::containers(app, service) {
        lines.push(heading(app, container));
        let last = last(app, container, LINES);
        if last.is_empty() {
            lines.push(Line::Text("It has written nothing yet.".to_owned()));
        }
        lines.extend(last);
        lines.push(Line::Blank);
    }
    super::or_nothing(lines)
}

/// The last lines of a container, oldest first.
pub(super) fn last(app: &App, container: &Container, count: usize) -> Vec<Line> {
    let Some(store) = app.logs.store.store(&container.id) else { return Vec::new() };
    let newest_first =
        store.chunks().iter().rev().flat_map(|chunk| (0..chunk.len()).rev().filter_map(|at| chunk.line(at)));
    let told = newest_first.take(count).map(|line| Line::Log {
        at: line.at,
        level: line.level,
        text: fold(line.bytes, line.level).unwrap_or_else(|| words::plain_line(line.bytes)),
    });
    let mut lines: Vec<Line> = told.collect();
    lines.reverse();
    lines
}
