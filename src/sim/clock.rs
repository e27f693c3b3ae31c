//! The one clock of the embedded engine: real time with an offset, or time that stands until a test steps it.
//!
//! Nothing in `sim` looks at any other clock, and nothing waits but with [`Clock::sleep_until`].

use std::collections::BTreeSet;
use std::ops::{Add, Sub};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use tokio::sync::watch;

/// A point in time: nanoseconds since 1970.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(pub i64);

impl Moment {
    /// How long after `earlier` it is; zero if it is not.
    pub fn since(self, earlier: Moment) -> Duration {
        Duration::from_nanos(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// Whole seconds since 1970.
    pub fn seconds(self) -> i64 {
        self.0.div_euclid(1_000_000_000)
    }

    /// The same as a time stamp.
    pub fn timestamp(self) -> Timestamp {
        Timestamp::from_nanosecond(self.0.into()).unwrap_or(Timestamp::UNIX_EPOCH)
    }
}

impl From<Timestamp> for Moment {
    fn from(time: Timestamp) -> Self {
        Self(i64::try_from(time.as_nanosecond()).unwrap_or(i64::MAX))
    }
}

impl Add<Duration> for Moment {
    type Output = Self;

    fn add(self, span: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(span.as_nanos()).unwrap_or(i64::MAX)))
    }
}

impl Sub<Duration> for Moment {
    type Output = Self;

    fn sub(self, span: Duration) -> Self {
        Self(self.0.saturating_sub(i64::try_from(span.as_nanos()).unwrap_or(i64::MAX)))
    }
}

/// The engine's clock.
#[derive(Debug)]
pub struct Clock {
    pace: Mutex<Pace>,
    /// Told whenever a stepped clock moves, or a clock begins to run.
    moved: watch::Sender<()>,
    /// What is slept for, with a number each: what a stepped clock stops at.
    sleepers: Mutex<(u64, BTreeSet<(Moment, u64)>)>,
}

#[derive(Clone, Copy, Debug)]
enum Pace {
    /// It showed `from` at `at`, and runs.
    Running { from: Moment, at: Instant },
    /// It stands.
    Standing(Moment),
}

impl Clock {
    /// A clock that shows the real time.
    pub fn real() -> Self {
        Self::new(Pace::Running { from: Timestamp::now().into(), at: Instant::now() })
    }

    /// A clock that stands at `moment` until it is moved.
    pub fn standing(moment: Moment) -> Self {
        Self::new(Pace::Standing(moment))
    }

    fn new(pace: Pace) -> Self {
        Self { pace: Mutex::new(pace), moved: watch::Sender::new(()), sleepers: Mutex::default() }
    }

    /// What it shows.
    pub fn now(&self) -> Moment {
        match *lock(&self.pace) {
            Pace::Running { from, at } => from + at.elapsed(),
            Pace::Standing(moment) => moment,
        }
    }

    /// Whether it stands.
    pub fn is_standing(&self) -> bool {
        matches!(*lock(&self.pace), Pace::Standing(_))
    }

    /// Puts a standing clock forward. One that runs, or shows a later time, is left alone.
    pub fn step_to(&self, moment: Moment) {
        if let Pace::Standing(now) = &mut *lock(&self.pace) {
            *now = (*now).max(moment);
        }
        self.moved.send_replace(());
    }

    /// Lets it run, from what it shows.
    pub fn run(&self) {
        let from = self.now();
        *lock(&self.pace) = Pace::Running { from, at: Instant::now() };
        self.moved.send_replace(());
    }

    /// Puts it to any time, back as well, and lets it run or stand as before: a clock that jumps.
    pub fn jump_to(&self, moment: Moment) {
        match &mut *lock(&self.pace) {
            Pace::Running { from, at } => (*from, *at) = (moment, Instant::now()),
            Pace::Standing(now) => *now = moment,
        }
        self.moved.send_replace(());
    }

    /// Returns once it shows `moment` or later.
    pub async fn sleep_until(&self, moment: Moment) {
        let _sleeper = Sleeper::new(self, moment);
        let mut moved = self.moved.subscribe();
        loop {
            let now = self.now();
            if now >= moment {
                return;
            }
            if self.is_standing() {
                // The sender lives as long as the clock.
                let _ = moved.changed().await;
                continue;
            }
            tokio::select! {
                () = tokio::time::sleep(moment.since(now)) => {}
                _ = moved.changed() => {}
            }
        }
    }

    /// The next moment that somebody sleeps for.
    pub(super) fn next_sleeper(&self) -> Option<Moment> {
        lock(&self.sleepers).1.first().map(|(moment, _)| *moment)
    }
}

/// Somebody who sleeps; dropped when awake or when no longer wanted.
struct Sleeper<'a> {
    clock: &'a Clock,
    entry: (Moment, u64),
}

impl<'a> Sleeper<'a> {
    fn new(clock: &'a Clock, moment: Moment) -> Self {
        let mut sleepers = lock(&clock.sleepers);
        sleepers.0 += 1;
        let entry = (moment, sleepers.0);
        sleepers.1.insert(entry);
        Self { clock, entry }
    }
}

impl Drop for Sleeper<'_> {
    fn drop(&mut self) {
        lock(&self.clock.sleepers).1.remove(&self.entry);
    }
}

/// Locks; what a thread left that panicked is still a clock.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[tokio::test]
    async fn a_standing_clock_wakes_those_whose_time_has_come() {
        let clock = Arc::new(Clock::standing(Moment(0)));
        let sleeper = tokio::spawn({
            let clock = Arc::clone(&clock);
            async move { clock.sleep_until(Moment(10)).await }
        });
        tokio::task::yield_now().await;
        assert_eq!(clock.next_sleeper(), Some(Moment(10)));
        clock.step_to(Moment(9));
        tokio::task::yield_now().await;
        assert!(!sleeper.is_finished());
        clock.step_to(Moment(10));
        sleeper.await.unwrap();
        assert_eq!((clock.now(), clock.next_sleeper()), (Moment(10), None));
    }

    #[tokio::test]
    async fn a_clock_that_begins_to_run_wakes_by_itself() {
        let clock = Clock::standing(Moment(0));
        let waking = clock.sleep_until(Moment(1_000_000));
        let running = async { clock.run() };
        futures::join!(waking, running);
        assert!(clock.now() >= Moment(1_000_000));
    }
}
