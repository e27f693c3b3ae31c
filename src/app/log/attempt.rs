//! How the last opening of a log goes, and how long it rests after it broke off.

use std::time::Duration;

/// How long the first lines of a log that is opened may take.
const OPENING: Duration = Duration::from_secs(1);
/// How long a log that broke off rests before it is opened again; twice as long each time that nothing new came.
const FIRST_PAUSE: Duration = Duration::from_millis(200);
/// The longest such rest. A stream that stood for longer was a good one.
pub(super) const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// The last opening.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Attempt {
    /// When, on the monotonic clock.
    at: Duration,
    /// Whether it brought a line that was not held.
    pub(super) is_fruitful: bool,
    /// How many have broken off in a row without having done any good.
    breaks: u32,
}

impl Attempt {
    /// It is opened again.
    pub(super) fn again(self, now: Duration) -> Self {
        Self { at: now, is_fruitful: false, ..self }
    }

    /// Whether it goes on after it broke off.
    pub(super) fn has_broken(self) -> bool {
        self.breaks > 0
    }

    /// Whether it was opened a moment ago, and nothing has come yet.
    pub(super) fn is_opening(self, now: Duration) -> bool {
        !self.is_fruitful && now < self.at + OPENING
    }

    /// It breaks off now: when to open it again.
    pub(super) fn breaks_off(&mut self, now: Duration) -> Duration {
        let did_good = self.is_fruitful || now >= self.at + LONGEST_PAUSE;
        self.breaks = if did_good { 1 } else { self.breaks.saturating_add(1) };
        now + (FIRST_PAUSE * 2u32.saturating_pow((self.breaks - 1).min(8))).min(LONGEST_PAUSE)
    }
}
