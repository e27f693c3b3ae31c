//! Finding in the logs: a search, errors, a moment; what was found is gone to.

use std::time::Duration;

use super::super::say;
use super::arrange;
use crate::app::log::{Direction, LogPosition, LogView, Quest, SearchOutcome, SearchResult};
use crate::app::{App, Effect, Grade, LogMode, Pane, layout, since as moments};

/// How long a search waits for logs that were only just opened, before it looks again.
const AGAIN: Duration = Duration::from_millis(100);

/// Searches the focused log, from the newest line upwards, as one reads a log backwards.
pub(in crate::app::update) fn search(app: &mut App, pattern: &str, effects: &mut Vec<Effect>) {
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
pub(in crate::app::update) fn search_all(app: &mut App, pattern: &str, effects: &mut Vec<Effect>) {
    app.logs.mode = LogMode::Merged;
    app.logs.merges_all = true;
    app.logs.focused = 0;
    app.focus = Pane::Logs;
    arrange(app, effects);
    search(app, pattern, effects);
    wait_for_lines(app);
}

/// Has the search look again where logs were only just opened.
fn wait_for_lines(app: &mut App) {
    let is_opening = app.logs.focused_view().is_some_and(|view| app.logs.store.is_opening(view));
    app.logs.look_again_at = is_opening.then_some(app.now.mono + AGAIN);
}

/// A search that found nothing in logs that were only just opened looks again, once it is time.
pub(in crate::app::update) fn look_again(app: &mut App, effects: &mut Vec<Effect>) {
    if app.logs.look_again_at.is_none_or(|at| at > app.now.mono) {
        return;
    }
    wait_for_lines(app);
    let search = app.logs.focused_view().and_then(LogView::searching);
    if search.is_some_and(|search| search.outcome == Some(SearchOutcome::Nothing)) {
        find(app, Quest::Match, Direction::Older, effects);
    }
}

/// Shows the focused log within a span of time; all of it if nothing was typed.
pub(in crate::app::update) fn since(app: &mut App, text: &str) {
    let span = moments::parse_span(text, app.now.wall, &app.options.time_zone);
    let Some(span) = span else {
        let text = format!("`{text}` is no time: 10m, 2h30m, 14:03, 14:03..14:10, 2026-11-23T14:03");
        return say(app, Grade::Bad, text);
    };
    if let Some(view) = app.logs.views.get_mut(app.logs.focused) {
        view.set_span(span);
    }
}

/// All logs that are shown go to a moment; what is older than the lines held is read.
pub(in crate::app::update) fn go_to_time(app: &mut App, text: &str, effects: &mut Vec<Effect>) {
    if text.is_empty() {
        return;
    }
    let Some(moment) = moments::parse(text, app.now.wall, &app.options.time_zone) else {
        return say(app, Grade::Bad, format!("`{text}` is no time: 10m, 2h30m, 14:03, 2026-11-23T14:03"));
    };
    app.logs.moment = Some(moment).filter(|_| app.logs.views.len() > 1);
    for place in 0..app.logs.views.len() {
        app.logs.views[place].go_to(&app.logs.store, moment);
    }
    for id in app.logs.shown_containers() {
        effects.extend(app.logs.store.reach_back(&id, moment).map(super::open));
    }
}

fn clear_search(app: &mut App) {
    if let Some(view) = app.logs.views.get_mut(app.logs.focused) {
        view.clear_search();
    }
}

pub(super) fn find(app: &mut App, quest: Quest, direction: Direction, effects: &mut Vec<Effect>) {
    find_in(app, app.logs.focused, (quest, direction), effects);
}

fn find_in(app: &mut App, place: usize, what: (Quest, Direction), effects: &mut Vec<Effect>) {
    let size = layout::log_size(app, place);
    let id = app.logs.store.next_number();
    let Some(view) = app.logs.views.get_mut(place) else { return };
    let Some(mut job) = view.find(&app.logs.store, size, what, id) else { return };
    if what.0 == Quest::Error {
        // Errors are looked for in all tiles.
        for view in &app.logs.views {
            job.widen(&app.logs.store, view);
        }
    }
    effects.push(Effect::Search(job));
}

/// A search ended.
pub(in crate::app::update) fn found(app: &mut App, result: &SearchResult) {
    for place in 0..app.logs.views.len() {
        let size = layout::log_size(app, place);
        let quest = app.logs.views[place].found(&app.logs.store, size, result);
        match (quest, &result.position) {
            (None, _) => continue,
            _ if app.logs.views[place].is_awaiting() => {
                say(app, Grade::Busy, "not in the lines held: reading older ones");
            }
            (Some(Quest::Match), _) => tell_match(app, place),
            (Some(Quest::Error), None) => say(app, Grade::Neutral, "no error in the lines held"),
            (Some(Quest::Error), Some(position)) => {
                if result.wrapped {
                    say(app, Grade::Neutral, "came round past the end");
                }
                let owner = focus_owner(app, place, position);
                go_along(app, owner, position);
            }
        }
        return;
    }
}

/// What was not found in the lines held is looked for again once older ones have come.
pub(in crate::app::update) fn go_on(app: &mut App, effects: &mut Vec<Effect>) {
    for place in 0..app.logs.views.len() {
        let Some(awaited) = app.logs.views[place].take_awaited(&app.logs.store) else { continue };
        find_in(app, place, awaited, effects);
    }
}

fn tell_match(app: &mut App, place: usize) {
    let Some(search) = app.logs.views[place].searching() else { return };
    match search.outcome {
        // It may be found yet.
        Some(SearchOutcome::Nothing) if app.logs.look_again_at.is_some() => {}
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
        app.logs.moment = Some(position.at);
    }
}

/// The tile that shows an error which was looked for in all of them has the keys now.
fn focus_owner(app: &mut App, place: usize, position: &LogPosition) -> usize {
    let owns =
        |view: &LogView| app.logs.store.stores(view).any(|(_, one)| *one.container() == position.container);
    if app.logs.views.get(place).is_some_and(owns) {
        return place;
    }
    let Some(owner) = app.logs.views.iter().position(owns) else { return place };
    app.logs.focused = owner;
    let size = layout::log_size(app, owner);
    app.logs.views[owner].land(&app.logs.store, size, position);
    owner
}

/// The other tiles stand at the moment at which the focused one stands, after that was moved.
pub(in crate::app::update) fn together(app: &mut App) {
    let place = app.logs.focused;
    if app.logs.mode != LogMode::Tiles || app.logs.views.len() < 2 {
        return;
    }
    if app.logs.views.get(place).is_some_and(LogView::is_following) {
        return app.logs.follow();
    }
    let size = layout::log_size(app, place);
    let moment = app.logs.views.get_mut(place).and_then(|view| view.moment(&app.logs.store, size));
    let Some(moment) = moment else { return };
    app.logs.moment = Some(moment);
    for other in (0..app.logs.views.len()).filter(|other| *other != place) {
        app.logs.views[other].stand_at(&app.logs.store, moment);
    }
}

/// A tile that was added while the others stand at a moment stands there too.
pub(super) fn join(app: &mut App) {
    if app.logs.mode != LogMode::Tiles || app.logs.views.len() < 2 {
        app.logs.moment = None;
    }
    let Some(moment) = app.logs.moment else { return };
    for view in app.logs.views.iter_mut().filter(|view| view.is_following()) {
        view.stand_at(&app.logs.store, moment);
    }
}
