//! When to list the processes of a container: while its details show them, every two seconds.

use std::time::Duration;

use super::details;
use super::layers::{Layer, Tab};
use super::{App, Effect};
use crate::observed::{ContainerId, Processes, State};

/// How often they are listed while they are shown.
const PERIOD: Duration = Duration::from_secs(2);

/// The processes that are shown.
#[derive(Clone, Debug)]
pub struct Listing {
    /// In which container.
    pub container: ContainerId,
    /// When they were asked for last, on the monotonic clock.
    pub asked_at: Duration,
    /// What came back; none as long as nothing has.
    pub result: Option<Result<Processes, String>>,
}

/// Asks for them if they are shown and due; forgets them once they are shown no more.
pub fn ask(app: &mut App, effects: &mut Vec<Effect>) {
    let Some(id) = shown(app) else {
        app.processes = None;
        return;
    };
    let known = app.processes.take().filter(|listing| listing.container == id);
    let now = app.now.mono;
    if known.as_ref().is_none_or(|listing| now >= listing.asked_at + PERIOD) {
        effects.push(Effect::ReadProcesses(id.clone()));
        let result = known.and_then(|listing| listing.result);
        app.processes = Some(Listing { container: id, asked_at: now, result });
    } else {
        app.processes = known;
    }
}

/// They were listed.
pub fn listed(app: &mut App, id: &ContainerId, result: Result<Processes, String>) {
    if let Some(listing) = app.processes.as_mut().filter(|listing| listing.container == *id) {
        listing.result = Some(result);
    }
}

/// The running container whose processes the details show.
fn shown(app: &App) -> Option<ContainerId> {
    let Some(Layer::Details(shown)) = app.layer().filter(|_| app.engine.info().is_some()) else {
        return None;
    };
    let container = details::container(app, &shown.service).filter(|_| shown.tab == Tab::Processes)?;
    matches!(container.state, State::Running | State::Paused).then(|| container.id.clone())
}
