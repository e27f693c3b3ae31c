//! The Logs pane: streams open and close as views come and go; keys act on the focused view.

use std::collections::BTreeSet;

use super::{say, scroll};
use crate::app::action::Action;
use crate::app::log::{Direction, SearchOutcome, SearchResult};
use crate::app::log_pane::{REST, wanted_views};
use crate::app::{App, Effect, Grade, LogMode, Pane, layout, runs};
use crate::observed::{ContainerId, LogBatch};

/// How many cells a key moves a log sideways.
const SIDEWAYS: i32 = 8;

/// Lines came.
pub(super) fn batch(app: &mut App, batch: &LogBatch) {
    app.logs.store.apply(batch);
    if app.logs.shown_containers().contains(&batch.container) {
        app.revision += 1;
    }
}

/// The logs follow the cursor once it has rested.
pub(super) fn follow_cursor(app: &mut App) {
    let selected = &app.lists.services.key;
    if app.logs.rested != *selected && app.now.mono >= app.lists.moved_at + REST {
        app.logs.rested.clone_from(selected);
    }
}

/// Puts the right views in place and opens and closes streams accordingly.
pub(super) fn arrange(app: &mut App, effects: &mut Vec<Effect>) {
    let wanted = wanted_views(app);
    app.logs.arrange(wanted);
    if app.engine.info().is_none() || !app.engine.is_listed {
        return;
    }
    // A container that was never started has no log to read; asking would only bring an error.
    let has_log =
        |id: &ContainerId| app.engine.containers.get(id).is_some_and(|one| one.started_at.is_some());
    let mut seen = BTreeSet::new();
    let mut shown = app.logs.shown_containers();
    shown.extend(runs::failing(app));
    let shown: Vec<_> = shown.into_iter().filter(|id| has_log(id) && seen.insert(id.clone())).collect();
    let changes = app.logs.store.show(&shown);
    effects.extend(changes.close.into_iter().map(|container| Effect::CloseLog { container }));
    for opening in changes.open {
        let tty = app.engine.containers.get(&opening.container).is_some_and(|container| container.tty);
        effects.push(Effect::OpenLog {
            container: opening.container,
            stream: opening.stream,
            tty,
            tail: opening.tail.map(|_| app.options.log_tail),
            since: opening.since,
        });
    }
}

/// Does an action that is about logs. Says whether it is.
pub(super) fn act(app: &mut App, action: Action, effects: &mut Vec<Effect>) -> bool {
    match action {
        Action::Tile => tile(app),
        Action::View => view(app),
        Action::NextMatch => find(app, Direction::Newer, effects),
        Action::PreviousMatch => find(app, Direction::Older, effects),
        Action::Follow | Action::Wrap | Action::Times | Action::Clear | Action::Left | Action::Right => {
            turn(app, action);
        }
        _ if app.focus == Pane::Logs => scroll::home(app, action),
        _ => return false,
    }
    true
}

fn tile(app: &mut App) {
    let Some(name) = app.selected_name().map(str::to_owned) else { return };
    match app.logs.tiles.iter().position(|tile| *tile == name) {
        Some(place) => {
            app.logs.tiles.remove(place);
        }
        None => app.logs.tiles.push(name),
    }
    // A tile that was chosen is to be seen.
    app.logs.mode = if app.logs.tiles.is_empty() { LogMode::Solo } else { LogMode::Tiles };
}

fn view(app: &mut App) {
    app.logs.mode = app.logs.mode.next();
    app.logs.merges_all = false;
    app.logs.focused = 0;
}

fn turn(app: &mut App, action: Action) {
    let size = layout::log_size(app, app.logs.focused);
    let Some(view) = app.logs.views.get_mut(app.logs.focused) else { return };
    match action {
        Action::Follow => view.toggle_follow(&app.logs.store, size),
        Action::Wrap => {
            view.toggle_wrap();
            app.logs.wraps = view.wrap;
        }
        Action::Times => {
            view.toggle_times();
            app.logs.shows_times = view.times;
        }
        Action::Clear => {
            let view = view.clone();
            app.logs.store.clear(&view);
        }
        Action::Left => view.move_sideways(-SIDEWAYS),
        _ => view.move_sideways(SIDEWAYS),
    }
}

/// Searches the focused log, from the newest line upwards, as one reads a log backwards.
pub(super) fn search(app: &mut App, pattern: &str, effects: &mut Vec<Effect>) {
    if pattern.is_empty() {
        return clear_search(app);
    }
    let Some(view) = app.logs.views.get_mut(app.logs.focused) else { return };
    match view.search(pattern) {
        Ok(()) => find(app, Direction::Older, effects),
        Err(fault) => say(app, Grade::Bad, format!("`{pattern}`: {fault}")),
    }
}

/// Searches all logs: merged, so that what is found stands in its time.
pub(super) fn search_all(app: &mut App, pattern: &str, effects: &mut Vec<Effect>) {
    app.logs.mode = LogMode::Merged;
    app.logs.merges_all = true;
    app.logs.focused = 0;
    app.focus = Pane::Logs;
    arrange(app, effects);
    search(app, pattern, effects);
}

/// Looks for nothing any more.
pub(super) fn clear_search(app: &mut App) {
    if let Some(view) = app.logs.views.get_mut(app.logs.focused) {
        view.clear_search();
    }
}

fn find(app: &mut App, direction: Direction, effects: &mut Vec<Effect>) {
    let size = layout::log_size(app, app.logs.focused);
    let id = app.logs.store.next_number();
    let Some(view) = app.logs.views.get_mut(app.logs.focused) else { return };
    effects.extend(view.find(&app.logs.store, size, direction, id).map(Effect::Search));
}

/// A search ended.
pub(super) fn found(app: &mut App, result: &SearchResult) {
    for place in 0..app.logs.views.len() {
        let size = layout::log_size(app, place);
        let view = &mut app.logs.views[place];
        if !view.found(&app.logs.store, size, result) {
            continue;
        }
        let Some(search) = view.searching() else { return };
        let (pattern, outcome) = (search.pattern.clone(), search.outcome);
        return match outcome {
            Some(SearchOutcome::Nothing) => {
                say(app, Grade::Bad, format!("`{pattern}` is not in the lines held"));
            }
            Some(SearchOutcome::Wrapped) => {
                say(app, Grade::Neutral, "came round past the end");
            }
            _ => {}
        };
    }
}
