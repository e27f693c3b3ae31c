//! The processes in the container that stands for a service.

use super::{Line, heading};
use crate::app::App;
use crate::observed::{Container, Processes, State};

/// The table, or why there is none.
pub(super) fn lines(app: &App, service: &str) -> Vec<Line> {
    let container = super::container(app, service);
    let Some(container) = container.filter(|one| matches!(one.state, State::Running | State::Paused)) else {
        return vec![Line::Text("Nothing runs.".to_owned())];
    };
    let mut lines = vec![heading(app, container)];
    lines.extend(table(app, container));
    lines
}

fn table(app: &App, container: &Container) -> Vec<Line> {
    let listing = app.processes.as_ref().filter(|listing| listing.container == container.id);
    match listing.and_then(|listing| listing.result.as_ref()) {
        None => vec![Line::Text("They are being listed.".to_owned())],
        Some(Err(error)) => vec![Line::Text(error.clone())],
        Some(Ok(processes)) => rows(processes),
    }
}

fn rows(processes: &Processes) -> Vec<Line> {
    let title = Line::Row { cells: processes.titles.clone(), is_title: true };
    let shown = |cell: &String| cell.chars().filter(|c| !c.is_control()).collect();
    let rows = processes
        .rows
        .iter()
        .map(|cells| Line::Row { cells: cells.iter().map(shown).collect(), is_title: false });
    std::iter::once(title).chain(rows).collect()
}
