//! Moving: the cursor of a list, the lines of a log, the text of a layer.

use super::logs;
use crate::app::action::Action;
use crate::app::layers::Layer;
use crate::app::log::Reach;
use crate::app::{App, Pane, content, layout, rows};

/// How far an action moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// By rows.
    Rows(isize),
    /// By a share of what is visible: halves.
    Halves(isize),
    /// To the beginning.
    First,
    /// To the end.
    Last,
}

fn step(action: Action) -> Option<Step> {
    Some(match action {
        Action::Next => Step::Rows(1),
        Action::Previous => Step::Rows(-1),
        Action::HalfDown => Step::Halves(1),
        Action::HalfUp => Step::Halves(-1),
        Action::PageDown | Action::LogPage => Step::Halves(2),
        Action::PageUp => Step::Halves(-2),
        Action::First => Step::First,
        Action::Last => Step::Last,
        _ => return None,
    })
}

/// Moves in the focused pane.
pub(super) fn home(app: &mut App, action: Action) {
    if let Some(step) = step(action) {
        pane(app, app.focus, step);
    }
}

/// Moves a pane by rows: the wheel.
pub(super) fn wheel(app: &mut App, pane_under: Pane, rows: isize) {
    pane(app, pane_under, Step::Rows(rows));
}

fn pane(app: &mut App, which: Pane, step: Step) {
    if which == Pane::Logs {
        return log(app, step);
    }
    let height = layout::list_height(app, which);
    match which {
        Pane::Services => {
            let keys = rows::service_names(app);
            let place = target(step, app.lists.services.index, keys.len(), height);
            app.lists.services.select(&keys, place);
            app.lists.moved_at = app.now.mono;
        }
        Pane::Containers => {
            let keys: Vec<_> = rows::containers(app).into_iter().map(|row| row.id).collect();
            let place = target(step, app.lists.containers.index, keys.len(), height);
            app.lists.containers.select(&keys, place);
        }
        Pane::Ports | Pane::Logs => {
            let keys: Vec<_> = rows::ports(app).into_iter().map(|row| row.key).collect();
            let place = target(step, app.lists.ports.index, keys.len(), height);
            app.lists.ports.select(&keys, place);
        }
    }
}

/// The place that a step leads to.
fn target(step: Step, from: usize, count: usize, height: usize) -> usize {
    let last = count.saturating_sub(1);
    let by = |rows: isize| from.saturating_add_signed(rows).min(last);
    match step {
        Step::Rows(rows) => by(rows),
        Step::Halves(halves) => by(halves * (height / 2).max(1) as isize),
        Step::First => 0,
        Step::Last => last,
    }
}

fn log(app: &mut App, step: Step) {
    let size = layout::log_size(app, app.logs.focused);
    let Some(view) = app.logs.views.get_mut(app.logs.focused) else { return };
    let half = i64::from(size.height / 2).max(1);
    if view.selection().is_some() {
        let reach = match step {
            Step::Rows(rows) => Reach::Lines(rows as i64),
            Step::Halves(halves) => Reach::Lines(halves as i64 * half),
            Step::First => Reach::First,
            Step::Last => Reach::Last,
        };
        return view.extend_selection(&app.logs.store, size, reach);
    }
    match step {
        Step::Rows(rows) => view.scroll(&app.logs.store, size, rows as i64),
        Step::Halves(halves) => view.scroll(&app.logs.store, size, halves as i64 * half),
        Step::First => view.home(&app.logs.store),
        Step::Last => return app.logs.follow(),
    }
    logs::together(app);
}

/// Moves in the layer that has the keys: its cursor where it has one, else its text. Says whether the action moves.
pub(super) fn layer(app: &mut App, action: Action) -> bool {
    let Some(step) = step(action) else { return false };
    move_layer(app, step);
    true
}

/// Moves the layer by rows: the wheel.
pub(super) fn wheel_layer(app: &mut App, rows: isize) {
    move_layer(app, Step::Rows(rows));
}

fn move_layer(app: &mut App, step: Step) {
    let Some(layer) = app.layer() else { return };
    let count = content::line_count(app, layer);
    let height = usize::from(content::layer_height(app, layer));
    let scrolled = |offset: usize| target(step, offset, (count + 1).saturating_sub(height).max(1), height);
    let chosen = |cursor: usize| target(step, cursor, count, height);
    let mut layer = layer.clone();
    match &mut layer {
        Layer::Help(scroll) | Layer::Activity(scroll) | Layer::Diagnostics(scroll) => {
            scroll.offset = scrolled(scroll.offset);
        }
        Layer::Plan(dialog) => dialog.offset = scrolled(dialog.offset),
        Layer::Details(details) => details.offset = scrolled(details.offset),
        Layer::Menu(menu) => menu.cursor = chosen(menu.cursor),
        Layer::Palette(palette) => palette.cursor = chosen(palette.cursor),
        Layer::Down(dialog) => dialog.cursor = chosen(dialog.cursor),
        Layer::Projects(projects) => projects.cursor = chosen(projects.cursor),
        Layer::Profiles(profiles) => profiles.cursor = chosen(profiles.cursor),
        Layer::Prompt(_) | Layer::Confirm(_) => {}
    }
    if let Some(top) = app.layers.last_mut() {
        *top = layer;
    }
}
