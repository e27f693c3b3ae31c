//! Time goes on: cursors rest, readings fall due, ages change.

use std::time::Duration;

use super::{load, logs, settle};
use crate::app::file;
use crate::app::log_pane::REST;
use crate::app::{App, Effect, Link, Now, rows, sampling};

/// The step in which what is due now and then is looked after, so that it is done together.
const TICK: Duration = Duration::from_secs(1);

/// It is now this late.
pub(super) fn advance(app: &mut App, now: Now, effects: &mut Vec<Effect>) {
    let before = app.now;
    app.now = now;
    let is_first = before.mono == now.mono;
    let ticked = whole(before.mono, TICK) != whole(now.mono, TICK);
    let has_mended = app.logs.store.advance(now.mono);
    if rest_is_over(app) || has_mended {
        app.revision += 1;
        settle(app, effects);
    } else if ticked || is_first {
        settle(app, effects);
    }
    load::read_again(app, effects);
    logs::look_again(app, effects);
    if logs::sift(app) {
        app.revision += 1;
    }
    if !ticked {
        return;
    }
    app.logs.store.settle();
    app.logs.store.count(now.mono);
    let new_minute = before.wall.as_second() / 60 != now.wall.as_second() / 60;
    // What was drawn for another reason since they came has shown the readings already.
    let has_readings = app.unshown_readings.take() == Some(app.revision);
    if new_minute || has_readings || changes_each_second(app) {
        app.revision += 1;
    }
}

impl App {
    /// When the next [`Msg::Time`](crate::app::Msg::Time) is needed, on the monotonic clock, though nothing happens; none
    /// while nothing would come of it.
    pub fn next_wake(&self) -> Option<Duration> {
        let rest = waits_for_rest(self).then(|| self.lists.moved_at + REST);
        let tick = needs_tick(self).then(|| next_whole(self.now.mono, TICK));
        // Ages in minutes and hours change on their own too.
        let slow = (!self.engine.containers.is_empty()).then(|| next_whole(self.now.mono, 30 * TICK));
        // Lines wait to be looked through: as soon as what has come meanwhile is taken in.
        let sifting = (!self.logs.is_sifted()).then_some(self.now.mono);
        let changed = self.file.changed_at.map(|at| at + file::REST);
        let mending = self.logs.store.next_wake();
        [rest, tick, slow, sifting, changed, mending, self.logs.look_again_at].into_iter().flatten().min()
    }
}

fn waits_for_rest(app: &App) -> bool {
    app.lists.services.key != app.logs.rested
}

fn rest_is_over(app: &App) -> bool {
    waits_for_rest(app) && app.now.mono >= app.lists.moved_at + REST
}

fn needs_tick(app: &App) -> bool {
    app.unshown_readings.is_some()
        || !app.asked_ports.is_empty()
        || sampling::is_needed(app)
        || changes_each_second(app)
}

/// Whether the screen shows something that counts seconds: a verb on its way, a young container, the next try.
fn changes_each_second(app: &App) -> bool {
    let counts_down = matches!(app.engine.link, Link::Lost { .. });
    let logs = &app.logs.store;
    counts_down || logs.has_broken() || logs.is_fast() || !app.runs.all.is_empty() || rows::has_young_age(app)
}

fn whole(time: Duration, step: Duration) -> u64 {
    time.as_secs() / step.as_secs()
}

fn next_whole(time: Duration, step: Duration) -> Duration {
    step * (whole(time, step) as u32 + 1)
}
