//! The Logs pane: streams open and close as views come and go; keys act on the focused view.

mod find;
mod take;
mod tiles;

use std::collections::BTreeSet;

pub(super) use find::{found, go_on, go_to_time, look_again, search, search_all, since, together};
pub(super) use take::{copy_selected, drag, press, release};
pub(super) use tiles::{add as add_tile, recalled, remember, zoom};

use super::{past, scroll};
use crate::app::action::Action;
use crate::app::layers::Layer;
use crate::app::log::{Direction, Opening, Quest, Span};
use crate::app::log_pane::{REST, wanted_views};
use crate::app::{App, Effect, Pane, layout, report, runs};
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
    if app.logs.visible.contains(&batch.container) {
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
    app.logs.visible = app.logs.store.visible(&app.logs.views);
    find::join(app);
    if app.engine.info().is_none() || !app.engine.is_listed {
        return;
    }
    // A container that was never started has no log to read; asking would only bring an error.
    let has_log =
        |id: &ContainerId| app.engine.containers.get(id).is_some_and(|one| one.state != State::Created);
    let mut seen = BTreeSet::new();
    let mut shown = app.logs.shown_containers();
    shown.extend(leaving(app));
    shown.extend(runs::failing(app));
    shown.extend(detailed(app));
    shown.extend(reported(app));
    let shown: Vec<_> = shown.into_iter().filter(|id| has_log(id) && seen.insert(id.clone())).collect();
    let mut changes = app.logs.store.show(&shown);
    effects.extend(changes.close.into_iter().map(|container| Effect::CloseLog { container }));
    let again = reach_back(app, &shown);
    changes.open.retain(|opening| again.iter().all(|other| other.container != opening.container));
    for container in &shown {
        rule_end(app, container);
    }
    for opening in changes.open.into_iter().chain(again) {
        if opening.since.is_none() {
            past::tell(app, &opening.container);
        }
        effects.push(open(opening));
    }
    for place in 0..app.logs.views.len() {
        let size = layout::log_size(app, place);
        let pages = app.logs.store.older(&app.logs.views[place], size);
        effects.extend(pages.into_iter().map(Effect::ReadOlder));
    }
}

/// What is asked of the engine for a log to be opened.
fn open(opening: Opening) -> Effect {
    let Opening { container, stream, tail, since } = opening;
    Effect::OpenLog { container, stream, tail, since }
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

/// Containers that another has taken the place of, and that print their last lines while they are stopped.
fn leaving(app: &App) -> Vec<ContainerId> {
    let sources = app.logs.views.iter().flat_map(|view| &view.sources);
    let earlier = sources.flat_map(|source| app.logs.store.earlier(source));
    let is_alive = |id: &&ContainerId| app.engine.containers.get(*id).is_some_and(|one| one.state.is_alive());
    earlier.filter(is_alive).cloned().collect()
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

/// The container that `y` would copy a report of, once the cursor rests there: its last lines are in that.
fn reported(app: &App) -> Option<ContainerId> {
    let service = app.target_service().filter(|service| app.logs.rested.as_ref() == Some(service))?;
    let failed = app.containers_of(&service).into_iter().find(|container| report::is_failure(container))?;
    Some(failed.id.clone())
}

/// Logs that are shown from a moment on which lies before what is held: they are read anew from there.
fn reach_back(app: &mut App, shown: &[ContainerId]) -> Vec<Opening> {
    let mut again = Vec::new();
    for view in &app.logs.views {
        let Some(since) = view.span().since else { continue };
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
        Action::Tile => tiles::toggle(app),
        Action::TileBefore | Action::TileAfter => tiles::shift(app, action),
        Action::TileRemove => tiles::remove(app),
        Action::View => view(app),
        Action::NextMatch => find::find(app, Quest::Match, Direction::Newer, effects),
        Action::PreviousMatch => find::find(app, Quest::Match, Direction::Older, effects),
        Action::NextError => find::find(app, Quest::Error, Direction::Newer, effects),
        Action::PreviousError => find::find(app, Quest::Error, Direction::Older, effects),
        Action::LogMark => mark(app),
        Action::SaveLog | Action::SaveJson | Action::SaveWhole | Action::SaveWholeJson => {
            take::save(app, action, effects);
        }
        Action::Pager => take::page(app, effects),
        Action::Select => take::select(app),
        Action::Follow
        | Action::Wrap
        | Action::Times
        | Action::Fold
        | Action::OnlyMatches
        | Action::Invert
        | Action::Context
        | Action::Once
        | Action::Threshold
        | Action::Clear
        | Action::Left
        | Action::Right => turn(app, action),
        _ if app.focus == Pane::Logs => scroll::home(app, action),
        _ => return false,
    }
    true
}

fn view(app: &mut App) {
    app.logs.mode = app.logs.mode.next();
    app.logs.merges_all = false;
    app.logs.is_alone = false;
    app.logs.moment = None;
    app.logs.focused = 0;
}

fn turn(app: &mut App, action: Action) {
    let size = layout::log_size(app, app.logs.focused);
    let Some(view) = app.logs.views.get_mut(app.logs.focused) else { return };
    match action {
        Action::Follow if view.is_following() => {
            view.toggle_follow(&app.logs.store, size);
            together(app);
        }
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
        Action::Invert => view.invert_matches(),
        Action::Context => view.turn_context(),
        Action::Once => {
            view.set_once(!view.shows_once());
            app.logs.counts_repeats = view.shows_once();
        }
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

/// Undoes one thing in the focused log: its search, the moment it begins at, its threshold. Says whether there was one.
pub(super) fn back(app: &mut App) -> bool {
    let Some(view) = app.logs.views.get_mut(app.logs.focused) else { return false };
    if view.clear_selection() {
        return true;
    }
    if view.searching().is_some() {
        view.clear_search();
    } else if view.span() != Span::default() {
        view.set_span(Span::default());
    } else if view.threshold() != Level::Unknown {
        view.set_threshold(Level::Unknown);
    } else {
        return false;
    }
    true
}

/// Draws a line across every log that is shown.
fn mark(app: &mut App) {
    for view in &app.logs.views {
        app.logs.store.mark(view, app.now.wall);
    }
}
