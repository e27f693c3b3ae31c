//! `GET /events`: what happened since a time, and what happens, until a time or for as long as somebody listens.

use bytes::Bytes;
use futures::stream;

use super::super::Sim;
use super::super::answer::{Answer, Refusal, Reply};
use super::super::clock::Moment;
use super::super::query::Filters;
use super::super::server::Ask;
use super::logs::moment;

/// A stream of events.
struct Following {
    sim: Sim,
    filters: Filters,
    next: u64,
    since: Moment,
    until: Option<Moment>,
    changed: tokio::sync::watch::Receiver<u64>,
}

/// `GET /events`
pub(in super::super) async fn events(ask: Ask) -> Reply {
    let since = ask.query.get("since").and_then(|text| moment(text, ask.sim.clock().now()));
    let until = ask.query.get("until").and_then(|text| moment(text, ask.sim.clock().now()));
    if let (Some(since), Some(until)) = (since, until)
        && since > until
    {
        let text = |name: &str| ask.query.get(name).unwrap_or_default().to_owned();
        let (since, until) = (text("since"), text("until"));
        return Err(Refusal::bad(format!("`since` time ({since}) cannot be after `until` time ({until})")));
    }
    let (next, changed) = ask.sim.with(|world| {
        let next = if since.is_some() { 0 } else { world.events.next() };
        (next, world.events.next.subscribe())
    });
    let following = Following {
        filters: ask.query.any_filters(),
        sim: ask.sim,
        next,
        since: since.unwrap_or_default(),
        until,
        changed,
    };
    Ok(Answer::stream(
        "application/json",
        stream::unfold(following, |mut following| async move {
            let lines = following.lines().await?;
            Some((lines, following))
        }),
    ))
}

impl Following {
    /// The next events that fit, in one piece; none once nothing more can come.
    async fn lines(&mut self) -> Option<Bytes> {
        loop {
            self.changed.borrow_and_update();
            let (events, next) = self.sim.with(|world| world.events.from(self.next));
            self.next = next;
            let is_in_time = |at: Moment| at >= self.since && self.until.is_none_or(|until| at <= until);
            let fitting = events.iter().filter(|event| is_in_time(event.at) && event.fits(&self.filters));
            let lines: Vec<u8> = fitting.flat_map(|event| event.line()).collect();
            if !lines.is_empty() {
                return Some(lines.into());
            }
            let until = self.until;
            if until.is_some_and(|until| until <= self.sim.clock().now()) {
                return None;
            }
            let over = async {
                match until {
                    Some(until) => self.sim.clock().sleep_until(until).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                changed = self.changed.changed() => changed.ok()?,
                () = over => {}
            }
        }
    }
}
