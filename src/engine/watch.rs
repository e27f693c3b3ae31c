//! Keeps the world: connects, lists, follows the events, and reports every change as a [`Fact`], for as long as somebody
//! listens.
//!
//! Events are subscribed to before the list is read, so that nothing falls between; every reconnect begins anew with a
//! list. An event that is told again, after a reconnect or by an engine that doubles it, is reported once; one that is lost
//! shows once a minute, when the list is read again. A container's event leads to an inspection of it, one at a time for each container, so that reports never
//! overtake each other. It is never decided here what a fact means.

use std::collections::{HashMap, VecDeque};
use std::pin::Pin;
use std::time::Duration;

use futures::stream::{FuturesUnordered, StreamExt};
use jiff::Timestamp;
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, MissedTickBehavior};

use super::call::Call;
use super::endpoint::Endpoint;
use super::error::Error;
use super::events::Events;
use super::slots::Slots;
use super::{Engine, wire};
use crate::observed::{Container, ContainerId, Event, EventKind, Fact, Network, State, Volume};

/// The first pause before connecting again; it doubles with every failure.
const FIRST_PAUSE: Duration = Duration::from_millis(200);
/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// How often a silent engine is asked whether it is still there: a lost TCP peer or a frozen engine ends no stream.
const SIGN_OF_LIFE: Duration = Duration::from_secs(10);
/// How long that may take.
const SIGN_OF_LIFE_LIMIT: Duration = Duration::from_secs(5);
/// How often the list is read again: an engine drops the events of a follower who is slow, and does not say so.
const COMPARED: Duration = Duration::from_mins(1);
/// How many of the last events are remembered, to know those that are told again.
const REMEMBERED: usize = 256;

/// The task that keeps the world.
pub struct Watcher {
    /// Which engine.
    pub endpoint: Endpoint,
    /// The project whose containers are inspected as soon as they are listed; the others only when they change.
    pub project: watch::Receiver<Option<String>>,
    /// Where the connected engine is put, for verbs and reads; none while it is out of reach.
    pub engine: watch::Sender<Option<Engine>>,
    /// Where facts go. When it is full, reading events waits; when it is closed, the task ends.
    pub facts: mpsc::Sender<Fact>,
}

/// Why a connection is over.
enum End {
    /// Nobody listens any more.
    Closed,
    /// The engine is out of reach.
    Lost(Error),
}

impl From<Error> for End {
    fn from(error: Error) -> Self {
        Self::Lost(error)
    }
}

impl<T> From<mpsc::error::SendError<T>> for End {
    fn from(_: mpsc::error::SendError<T>) -> Self {
        Self::Closed
    }
}

impl Watcher {
    /// Runs until the receiver of the facts is dropped.
    pub async fn run(mut self) {
        let endpoint = self.endpoint.address.to_string();
        let mut pause = FIRST_PAUSE;
        let mut recent = Recent::default();
        loop {
            let connecting = Fact::Connecting { endpoint: endpoint.clone() };
            if self.facts.send(connecting).await.is_err() {
                return;
            }
            let End::Lost(error) = self.connection(&mut pause, &mut recent).await else { return };
            self.engine.send_replace(None);
            let lost = Fact::Lost { endpoint: endpoint.clone(), error: error.to_string(), retry_in: pause };
            if self.facts.send(lost).await.is_err() {
                return;
            }
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = self.facts.closed() => return,
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// One connection, from its beginning to its end.
    async fn connection(&mut self, pause: &mut Duration, recent: &mut Recent) -> End {
        match self.try_connection(pause, recent).await {
            Ok(never) => match never {},
            Err(end) => end,
        }
    }

    async fn try_connection(
        &mut self,
        pause: &mut Duration,
        recent: &mut Recent,
    ) -> Result<std::convert::Infallible, End> {
        let engine = Engine::connect(&self.endpoint).await?;
        let connected = Instant::now();
        self.facts.send(Fact::Connected(engine.info().clone())).await?;
        let since = recent.last_at().unwrap_or(engine.connected_at());
        let events = Events::all(&engine, since).await?;
        let listed = engine.containers().await?;
        self.engine.send_replace(Some(engine.clone()));
        let mut world = World {
            unread: Vec::new(),
            known: listed.iter().map(|container| (container.id.clone(), Known::of(container))).collect(),
            engine,
            connected,
            facts: self.facts.clone(),
            slots: Slots::default(),
            resources: Slots::default(),
            work: FuturesUnordered::new(),
        };
        self.facts.send(Fact::Listed(listed)).await?;
        *pause = FIRST_PAUSE;
        world.follow(events, &mut self.project, recent).await
    }
}

/// The last events that came, oldest first.
#[derive(Default)]
struct Recent(VecDeque<Event>);

impl Recent {
    /// When the last one happened.
    fn last_at(&self) -> Option<Timestamp> {
        self.0.back().map(|event| event.at)
    }

    /// Remembers an event. Says whether it is another one than those remembered.
    fn is_new(&mut self, event: &Event) -> bool {
        // The engine's times have nanoseconds: what is alike in everything is the same.
        if self.0.contains(event) {
            return false;
        }
        if self.0.len() == REMEMBERED {
            self.0.pop_front();
        }
        self.0.push_back(event.clone());
        true
    }
}

/// What is remembered of a container.
struct Known {
    project: Option<String>,
    state: State,
}

impl Known {
    fn of(container: &Container) -> Self {
        Self { project: container.project().map(str::to_owned), state: container.state.clone() }
    }
}

/// A piece of work that has come back.
enum Done {
    Container(ContainerId, Result<Option<Box<Container>>, Error>),
    Resources(Result<(Vec<Network>, Vec<Volume>), Error>),
    Listed(Result<Vec<Container>, Error>),
    Past(Result<Vec<Event>, Error>),
}

type Work = Pin<Box<dyn Future<Output = Done> + Send>>;

/// What is known during one connection.
struct World {
    engine: Engine,
    /// When the connection was made.
    connected: Instant,
    facts: mpsc::Sender<Fact>,
    /// Every container that was listed or inspected.
    known: HashMap<ContainerId, Known>,
    /// What the engine would not tell when it was asked.
    unread: Vec<ContainerId>,
    slots: Slots<ContainerId>,
    resources: Slots<()>,
    work: FuturesUnordered<Work>,
}

impl World {
    async fn follow(
        &mut self,
        mut events: Events,
        project: &mut watch::Receiver<Option<String>>,
        recent: &mut Recent,
    ) -> Result<std::convert::Infallible, End> {
        let sign_of_life = self.sign_of_life();
        tokio::pin!(sign_of_life);
        let facts = self.facts.clone();
        self.resources.request(());
        self.turn_to(project.borrow_and_update().clone());
        let mut follows_project = true;
        let mut comparisons = tokio::time::interval_at(Instant::now() + COMPARED, COMPARED);
        comparisons.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            self.begin_work();
            tokio::select! {
                event = events.next() => match event? {
                    Some(event) => {
                        let is_new = recent.is_new(&event);
                        self.take_event(event, is_new).await?;
                    }
                    None => return Err(self.ended().into()),
                },
                Some(done) = self.work.next() => self.take_done(done).await?,
                changed = project.changed(), if follows_project => match changed {
                    Ok(()) => self.turn_to(project.borrow_and_update().clone()),
                    Err(_) => follows_project = false,
                },
                _ = comparisons.tick() => self.list_again(),
                error = &mut sign_of_life => return Err(error.into()),
                () = facts.closed() => return Err(End::Closed),
            }
        }
    }

    /// Asks every now and then; ends when there is no answer.
    fn sign_of_life(&self) -> impl Future<Output = Error> + Send + use<> {
        let engine = self.engine.clone();
        async move {
            let mut ticks = tokio::time::interval(SIGN_OF_LIFE);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            loop {
                ticks.tick().await;
                let call =
                    Call::get("/_ping", "ask the engine for a sign of life").deadline(SIGN_OF_LIFE_LIMIT);
                if let Err(error) = engine.send(call).await {
                    return error;
                }
            }
        }
    }

    fn ended(&self) -> Error {
        Error::Broken {
            what: "follow the engine's events".to_owned(),
            endpoint: self.engine.endpoint().to_owned(),
            cause: "the engine ended the stream".to_owned(),
        }
    }

    /// A project is shown: its containers are inspected, and it is asked what happened to them before.
    fn turn_to(&mut self, project: Option<String>) {
        let Some(project) = project else { return };
        let engine = self.engine.clone();
        // By the engine's own clock, and never ahead of it: it would wait until then.
        let until = engine.connected_at() + self.connected.elapsed();
        let name = project.clone();
        self.work.push(Box::pin(async move { Done::Past(Events::past(&engine, &name, until).await) }));
        for (id, known) in &self.known {
            if known.project.as_ref() == Some(&project) {
                self.slots.request(id.clone());
            }
        }
    }

    fn list_again(&mut self) {
        let engine = self.engine.clone();
        self.work.push(Box::pin(async move { Done::Listed(engine.containers().await) }));
    }

    /// What a list says that no event has told is looked at, and what could not be read.
    fn compare(&mut self, listed: Vec<Container>) {
        let is_listed = |id: &ContainerId| listed.iter().any(|container| container.id == *id);
        let gone: Vec<ContainerId> = self.known.keys().filter(|id| !is_listed(id)).cloned().collect();
        for container in listed {
            if self.known.get(&container.id).is_none_or(|known| known.state != container.state) {
                self.slots.request(container.id);
            }
        }
        for id in self.unread.drain(..) {
            self.slots.request(id);
        }
        // One that began after the list was read is no less there.
        for id in gone {
            self.slots.request(id);
        }
    }

    /// Begins what may begin now.
    fn begin_work(&mut self) {
        while let Some(id) = self.slots.begin() {
            let engine = self.engine.clone();
            self.work.push(Box::pin(async move {
                let result = engine.inspect(&id).await.map(|container| container.map(Box::new));
                Done::Container(id, result)
            }));
        }
        while let Some(()) = self.resources.begin() {
            let engine = self.engine.clone();
            self.work.push(Box::pin(async move {
                Done::Resources(tokio::try_join!(engine.networks(), engine.volumes()))
            }));
        }
    }

    async fn take_event(&mut self, event: Event, is_new: bool) -> Result<(), End> {
        let changes_resources = matches!(event.kind, EventKind::Network | EventKind::Volume)
            && matches!(event.action.as_str(), "create" | "destroy" | "remove" | "prune");
        if changes_resources {
            self.resources.request(());
        }
        let subject = wire::container_of(&event);
        let is_gone =
            event.kind == EventKind::Container && matches!(event.action.as_str(), "destroy" | "remove");
        if is_new {
            self.facts.send(Fact::Event(event)).await?;
        }
        match subject {
            Some(id) if is_gone => self.remove(id).await,
            Some(id) => {
                self.slots.request(id);
                Ok(())
            }
            None => Ok(()),
        }
    }

    async fn remove(&mut self, id: ContainerId) -> Result<(), End> {
        self.slots.forget(&id);
        if self.known.remove(&id).is_some() {
            self.facts.send(Fact::Removed(id)).await?;
        }
        Ok(())
    }

    async fn take_done(&mut self, done: Done) -> Result<(), End> {
        match done {
            Done::Container(id, result) => {
                if !self.slots.finish(&id) {
                    return Ok(());
                }
                match result {
                    Ok(Some(container)) => {
                        self.known.insert(id, Known::of(&container));
                        self.facts.send(Fact::Changed(container)).await?;
                    }
                    Ok(None) => self.remove(id).await?,
                    Err(error) => {
                        ends_connection(error)?;
                        self.unread.push(id);
                    }
                }
            }
            Done::Listed(Ok(listed)) => self.compare(listed),
            Done::Past(Ok(events)) => self.facts.send(Fact::Past(events)).await?,
            Done::Listed(Err(error)) | Done::Past(Err(error)) => ends_connection(error)?,
            Done::Resources(result) => {
                self.resources.finish(&());
                match result {
                    Ok((networks, volumes)) => self.facts.send(Fact::Resources { networks, volumes }).await?,
                    Err(error) => ends_connection(error)?,
                }
            }
        }
        Ok(())
    }
}

/// A read that the engine refused leaves what is known as it is, and the next event or list reads again; a broken
/// connection ends it all.
fn ends_connection(error: Error) -> Result<(), End> {
    match error {
        Error::Unreachable { .. } | Error::Broken { .. } => Err(End::Lost(error)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn event(action: &str, second: i64) -> Event {
        let at = Timestamp::from_second(second).unwrap_or_default();
        let (kind, actor) = (EventKind::Container, "c".to_owned());
        Event { kind, action: action.to_owned(), actor, at, attributes: BTreeMap::new() }
    }

    #[test]
    fn an_event_that_is_told_again_is_not_new() {
        let mut recent = Recent::default();
        let told = [("die", 1), ("start", 1), ("die", 1), ("start", 1), ("die", 2), ("die", 1), ("die", 2)];
        let new = told.map(|(action, second)| recent.is_new(&event(action, second)));
        assert_eq!(new, [true, true, false, false, true, false, false]);
        assert_eq!(recent.last_at(), Timestamp::from_second(2).ok());
        // A clock that was set back tells new things at old times.
        assert!(recent.is_new(&event("kill", 0)));
        assert_eq!(recent.last_at(), Timestamp::from_second(0).ok());
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let mut recent = Recent::default();
        assert!((0..2000).all(|second| recent.is_new(&event("die", second))));
        assert_eq!(recent.0.len(), REMEMBERED);
    }
}
