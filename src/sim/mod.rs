//! The embedded engine: a Docker Engine API server in this process, for the demo, for tests, and for other clients on a
//! socket. It is reached through an in-memory stream by the same transport, so that the very same `engine` code talks to it
//! and to dockerd.
//!
//! ```text
//! engine ═ transport ═ stream ═► server ─► route ─► api (a file a family) ─► World, under one lock ◄─ Clock
//!                                                                             containers ─► program (a function of seed and time)
//! ```
//!
//! - [`Sim`] is the handle: cheap to clone, [`Sim::endpoint`] for `engine`, [`Sim::listen`] for others.
//! - A call takes the lock, lets everything happen that is due by now, does its work and answers. Nothing waits under the
//!   lock; who follows a log or the events waits outside, woken by a `watch`.
//! - Time is [`clock::Clock`]'s: real, or stepped by [`Sim::advance`]. The same seed and the same calls at the same times give
//!   the same world.
//! - What goes wrong because a test asked for it is in [`faults`].
//! - It makes no network, no process and no file. Ports are shown and bind nothing.
//!
//! A new operation is a handler in `api` and a line in `route`'s table; a test holds that everything that `engine` calls is in it.

mod answer;
mod api;
mod build;
pub mod clock;
pub mod faults;
mod program;
mod query;
mod random;
mod route;
mod server;
mod stamp;
mod world;

use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncRead, AsyncWrite, DuplexStream};
use tokio::sync::watch;

use crate::engine::{Dial, Endpoint};
use clock::{Clock, Moment};
use faults::{Fault, Faults};
use program::Program;
pub use route::operations;
use world::World;
use world::resource::Image;

/// The API versions that are served.
const NEWEST_API: (u32, u32) = (1, 51);
const OLDEST_API: (u32, u32) = (1, 24);
/// The version of the engine that it behaves like.
const VERSION: &str = "28.5.2";
/// How much may be on its way in one direction of an in-memory stream.
const PIPE: usize = 256 * 1024;
/// How often those who were woken are given their turn before a stepped clock goes on.
const TURNS: usize = 64;

/// The embedded engine. All clones are the same one.
#[derive(Clone)]
pub struct Sim {
    inner: Arc<Inner>,
}

struct Inner {
    world: Mutex<World>,
    clock: Clock,
    /// When something next happens by itself.
    due: watch::Sender<Option<Moment>>,
    faults: Faults,
    /// Whether nobody is there: no connection is taken, and those that were are over.
    is_away: watch::Sender<bool>,
}

impl Sim {
    /// An engine without containers and images. The same seed gives the same world.
    pub fn new(clock: Clock, seed: u64) -> Self {
        let world = Mutex::new(World::new(seed, clock.now()));
        let (due, is_away) = (watch::Sender::new(None), watch::Sender::new(false));
        Self { inner: Arc::new(Inner { world, clock, due, faults: Faults::default(), is_away }) }
    }

    /// Gives it an image that nobody has to pull or build: a name, and `Config` of its inspection.
    pub fn add_image(&self, name: &str, config: &Value) {
        let config = config.as_object().cloned().unwrap_or_default();
        self.with(|world| world.add_image(name, Image { config, ..Image::default() }));
    }

    /// The same, with what its containers do: the text of a `simulation.toml`.
    ///
    /// # Errors
    /// What is wrong with that text.
    pub fn add_program(&self, name: &str, config: &Value, program: &str) -> Result<(), String> {
        let program = Some(Arc::new(Program::parse(program)?));
        let config = config.as_object().cloned().unwrap_or_default();
        self.with(|world| world.add_image(name, Image { config, program, ..Image::default() }));
        Ok(())
    }

    /// How `engine` reaches it.
    pub fn endpoint(&self) -> Endpoint {
        Endpoint::embedded(Arc::new(self.clone()))
    }

    /// Puts an image into the registry that it can pull from; what its containers do, their command says.
    pub fn offer(&self, name: &str) {
        self.with(|world| world.offer(name));
    }

    /// Its clock.
    pub fn clock(&self) -> &Clock {
        &self.inner.clock
    }

    /// Lets something go wrong from here on.
    pub fn order(&self, fault: Fault) {
        self.inner.faults.order(fault);
    }

    /// How many calls an ordered fault befell.
    pub fn befallen(&self) -> usize {
        self.inner.faults.befallen()
    }

    /// Breaks every connection and takes no other, as a daemon that ends while what runs in it goes on ("live restore").
    pub fn go_away(&self) {
        self.inner.is_away.send_replace(true);
    }

    /// The same, and every program ends with it.
    pub fn shut_down(&self) {
        self.with(World::shut_down);
        self.go_away();
    }

    /// Takes connections again, and starts what a daemon that comes back starts.
    pub fn come_back(&self) {
        self.with(World::come_back);
        self.inner.is_away.send_replace(false);
    }

    /// Returns once nobody is there.
    async fn gone(&self) {
        // The sender is as old as the engine.
        let _ = self.inner.is_away.subscribe().wait_for(|is_away| *is_away).await;
    }

    /// Lets things happen when they are due, for as long as it is polled. Only for a clock that runs: what nobody looks at
    /// happens all the same, and is told.
    pub async fn run(&self) {
        let mut due = self.inner.due.subscribe();
        loop {
            let next = *due.borrow_and_update();
            let waiting = async {
                match next {
                    Some(next) => self.clock().sleep_until(next).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = waiting => self.with(|_| {}),
                // The sender is as old as the engine.
                _ = due.changed() => {}
            }
        }
    }

    /// Puts a standing clock forward, and stops at every moment on the way at which something is due, so that those who
    /// wait get their turn then and not later.
    pub async fn advance(&self, by: Duration) {
        let end = self.clock().now() + by;
        while let Some(next) = self.next_due().filter(|next| *next <= end) {
            self.step_to(next).await;
        }
        self.step_to(end).await;
    }

    /// Puts a standing clock forward at once, for a world that nobody waits for yet.
    pub fn live_until(&self, moment: Moment) {
        self.clock().step_to(moment);
        self.with(|_| {});
    }

    /// When something is next due: in the world, or for somebody who waits.
    pub fn next_due(&self) -> Option<Moment> {
        let of_world = self.with(|world| world.next_due());
        [of_world, self.clock().next_sleeper()].into_iter().flatten().min()
    }

    /// Puts a standing clock to a moment, lets happen what is due, and gives everybody a turn.
    pub async fn step_to(&self, moment: Moment) {
        self.clock().step_to(moment);
        self.with(|_| {});
        for _ in 0..TURNS {
            tokio::task::yield_now().await;
        }
    }

    /// Serves a connection to its end.
    pub async fn serve(&self, stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static) {
        server::serve(self.clone(), stream).await;
    }

    /// Serves on a Unix socket, for as long as it is polled. A socket that nobody listens on any more is replaced.
    ///
    /// # Errors
    /// When there cannot be a socket at this path, or somebody listens on it.
    #[cfg(unix)]
    pub async fn listen(&self, path: &Path) -> io::Result<()> {
        if tokio::net::UnixStream::connect(path)
            .await
            .is_err_and(|error| error.kind() == io::ErrorKind::ConnectionRefused)
        {
            std::fs::remove_file(path)?;
        }
        let listener = tokio::net::UnixListener::bind(path)?;
        loop {
            let (stream, _) = listener.accept().await?;
            let sim = self.clone();
            tokio::spawn(async move { sim.serve(stream).await });
        }
    }

    /// Looks at the world or changes it, after everything has happened that is due by now.
    fn with<T>(&self, act: impl FnOnce(&mut World) -> T) -> T {
        let mut world = self.lock();
        world.settle(self.clock().now());
        let result = act(&mut world);
        let due = world.next_due();
        drop(world);
        self.inner.due.send_if_modified(|known| std::mem::replace(known, due) != due);
        result
    }

    fn lock(&self) -> MutexGuard<'_, World> {
        self.inner.world.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Dial for Sim {
    fn dial(&self) -> io::Result<DuplexStream> {
        if *self.inner.is_away.borrow() {
            return Err(io::ErrorKind::ConnectionRefused.into());
        }
        let (near, far) = tokio::io::duplex(PIPE);
        let sim = self.clone();
        tokio::spawn(async move { sim.serve(far).await });
        Ok(near)
    }
}
