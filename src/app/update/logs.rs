//! The Logs pane: streams open and close as views come and go; keys act on the focused view.

use std::collections::BTreeSet;

use super::{say, scroll};
use crate::app::action::Action;
use crate::app::layers::Layer;
use crate::app::log::{Direction, LogPosition, Opening, Quest, SearchOutcome, SearchResult};
use crate::app::log_pane::{self, REST, wanted_views};
use crate::app::{App, Effect, Grade, LogMode, Pane, layout, runs, since};
use crate::observed::{ContainerId, Level, LogBatch, State};

/// How many cells a key moves a log sideways.
const SIDEWAYS: i32 = 8;
/// How many bytes of stored lines are looked through between two messages: some milliseconds' work.
const SIFTED: usize = 2 * 1024 * 1024;
/// The thresholds, in the order in which `L` goes round.
const THRESHOLDS: [Level; 4] = [Level::Unknown, Level::Info, Level::Warn, Level::Error];

/// Lines came.
pub(super) fn batch(app: &mut App, batch: &LogBatch) {
    app.logs.store.apply(batch);
    sift(app);
    if app.logs.shown_containers().contains(&batch.container) {
        app.revision += 1;
    }
}

/// The logs follow the cursor once it has rested. Where it stands at first it has not been moved to.
pub(super) fn follow_cursor(app: &mut App) {
    let selected = &app.lists.services.key;
    let has_rested = app.logs.rested.is_none() || app.now.mono >= app.lists.moved_at + REST;
    if app.logs.rested != *selected && has_rested {
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
        |id: &ContainerId| app.engine.containers.get(id).is_some_and(|one| one.state != State::Created);
    let mut seen = BTreeSet::new();
    let mut shown = app.logs.shown_containers();
    shown.extend(runs::failing(app));
    shown.extend(detailed(app));
    let shown: Vec<_> = shown.into_iter().filter(|id| has_log(id) && seen.insert(id.clone())).collect();
    let mut changes = app.logs.store.show(&shown);
    effects.extend(changes.close.into_iter().map(|container| Effect::CloseLog { container }));
    let again = reach_back(app, &shown);
    changes.open.retain(|opening| again.iter().all(|other| other.container != opening.container));
    for container in &shown {
        rule_end(app, container);
    }
    for opening in changes.open.into_iter().chain(again) {
        effects.push(Effect::OpenLog {
            container: opening.container,
            stream: opening.stream,
            tail: opening.tail,
            since: opening.since,
        });
    }
    for place in 0..app.logs.views.len() {
        let size = layout::log_size(app, place);
        let pages = app.logs.store.older(&app.logs.views[place], size);
        effects.extend(pages.into_iter().map(Effect::ReadOlder));
    }
}

/// The log of a container that ended before it was watched shows that it did.
fn rule_end(app: &mut App, id: &ContainerId) {
    let Some(container) = app.engine.containers.get(id).filter(|one| one.state == State::Exited) else {
        return;
    };
    if let (Some(at), Some(code)) = (container.finished_at, container.exit_code) {
        app.logs.store.rule_end(id, at, code);
    }
}

/// The containers whose story is told: its last lines are shown there.
fn detailed(app: &App) -> Vec<ContainerId> {
    let services = app.layers.iter().filter_map(|layer| match layer {
        Layer::Details(details) => Some(details.service.as_str()),
        _ => None,
    });
    let project = app.project.as_deref().unwrap_or_default();
    let containers = services.flat_map(|service| app.engine.containers.of_service(project, service));
    containers.map(|container| container.id.clone()).collect()
}

/// Logs that are shown from a moment on which lies before what is held: they are read anew from there.
fn reach_back(app: &mut App, shown: &[ContainerId]) -> Vec<Opening> {
    let mut again = Vec::new();
    for view in &app.logs.views {
        let Some(since) = view.since() else { continue };
        let current = view.sources.iter().filter_map(|source| app.logs.store.current(source));
        let current: Vec<ContainerId> = current.filter(|id| shown.contains(id)).cloned().collect();
        again.extend(current.iter().filter_map(|id| app.logs.store.reach_back(id, since)));
    }
    again
}

/// Looks through some of the lines that the views are narrowed by. Says whether there were any to look through.
pub(super) fn sift(app: &mut App) -> bool {
    if app.logs.is_sifted() {
        return false;
    }
    let mut left = SIFTED;
    for view in &mut app.logs.views {
        left = view.sift(&app.logs.store, left);
    }
    true
}

/// Does an action that is about logs. Says whether it is.
pub(super) fn act(app: &mut App, action: Action, effects: &mut Vec<Effect>) -> bool {
    match action {
        Action::Tile => tile(app),
        Action::View => view(app),
        Action::NextMatch => find(app, Quest::Match, Direction::Newer, effects),
        Action::PreviousMatch => find(app, Quest::Match, Direction::Older, effects),
        Action::NextError => find(app, Quest::Error, Direction::Newer, effects),
        Action::PreviousError => find(app, Quest::Error, Direction::Older, effects),
        Action::LogMark => mark(app),
        Action::SaveLog => save(app, effects),
        Action::Follow
        | Action::Wrap
        | Action::Times
        | Action::Fold
        | Action::OnlyMatches
        | Action::Threshold
        | Action::Clear
        | Action::Left
        | Action::Right => turn(app, action),
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
        Action::Follow if view.is_following() => view.toggle_follow(&app.logs.store, size),
        Action::Follow => app.logs.follow(),
        Action::Wrap => {
            view.toggle_wrap();
            app.logs.wraps = view.wrap;
        }
        Action::Times => {
            view.toggle_times();
            app.logs.shows_times = view.times;
        }
        Action::Fold => {
            view.toggle_folding();
            app.logs.folds = view.folds;
        }
        Action::OnlyMatches => view.toggle_only_matches(),
        Action::Threshold => {
            let place = THRESHOLDS.iter().position(|level| *level == view.threshold());
            view.set_threshold(THRESHOLDS[place.map_or(0, |place| place + 1) % THRESHOLDS.len()]);
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
        Ok(()) => find(app, Quest::Match, Direction::Older, effects),
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

/// Shows the focused log from a moment on; all of it if nothing was typed.
pub(super) fn since(app: &mut App, text: &str) {
    let moment = since::parse(text, app.now.wall, &app.options.time_zone);
    if moment.is_none() && !text.is_empty() {
        return say(app, Grade::Bad, format!("`{text}` is no time: 10m, 2h30m, 14:03, 2026-11-23 14:03"));
    }
    if let Some(view) = app.logs.views.get_mut(app.logs.focused) {
        view.set_since(moment);
    }
}

/// Undoes one thing in the focused log: its search, the moment it begins at, its threshold. Says whether there was one.
pub(super) fn back(app: &mut App) -> bool {
    let Some(view) = app.logs.views.get_mut(app.logs.focused) else { return false };
    if view.searching().is_some() {
        view.clear_search();
    } else if view.since().is_some() {
        view.set_since(None);
    } else if view.threshold() != Level::Unknown {
        view.set_threshold(Level::Unknown);
    } else {
        return false;
    }
    true
}

fn clear_search(app: &mut App) {
    if let Some(view) = app.logs.views.get_mut(app.logs.focused) {
        view.clear_search();
    }
}

/// Draws a line across every log that is shown.
fn mark(app: &mut App) {
    for view in &app.logs.views {
        app.logs.store.mark(view, app.now.wall);
    }
}

fn save(app: &App, effects: &mut Vec<Effect>) {
    let Some(view) = app.logs.focused_view() else { return };
    let text = view.text(&app.logs.store, |at| app.clock(at));
    effects.push(Effect::SaveText { name: log_pane::file_name(app, view), text });
}

fn find(app: &mut App, quest: Quest, direction: Direction, effects: &mut Vec<Effect>) {
    let size = layout::log_size(app, app.logs.focused);
    let id = app.logs.store.next_number();
    let Some(view) = app.logs.views.get_mut(app.logs.focused) else { return };
    effects.extend(view.find(&app.logs.store, size, (quest, direction), id).map(Effect::Search));
}

/// A search ended.
pub(super) fn found(app: &mut App, result: &SearchResult) {
    for place in 0..app.logs.views.len() {
        let size = layout::log_size(app, place);
        let quest = app.logs.views[place].found(&app.logs.store, size, result);
        match (quest, &result.position) {
            (None, _) => continue,
            (Some(Quest::Match), _) => tell_match(app, place),
            (Some(Quest::Error), None) => say(app, Grade::Neutral, "no error in the lines held"),
            (Some(Quest::Error), Some(position)) => {
                if result.wrapped {
                    say(app, Grade::Neutral, "came round past the end");
                }
                go_along(app, place, position);
            }
        }
        return;
    }
}

fn tell_match(app: &mut App, place: usize) {
    let Some(search) = app.logs.views[place].searching() else { return };
    match search.outcome {
        Some(SearchOutcome::Nothing) => {
            let text = format!("`{}` is not in the lines held", search.pattern);
            say(app, Grade::Bad, text);
        }
        Some(SearchOutcome::Wrapped) => say(app, Grade::Neutral, "came round past the end"),
        _ => {}
    }
}

/// The other tiles go to the same moment, so that what happened there at the time stands beside the error.
fn go_along(app: &mut App, place: usize, position: &LogPosition) {
    for other in (0..app.logs.views.len()).filter(|other| *other != place) {
        let size = layout::log_size(app, other);
        app.logs.views[other].reveal(&app.logs.store, size, position);
        app.logs.are_together = true;
    }
}
