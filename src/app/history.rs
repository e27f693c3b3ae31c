//! Readings of resources become rates, and rates become the rings that sparklines are drawn from.

use std::collections::VecDeque;
use std::time::Duration;

use crate::observed::Sample;

/// How many rates a ring keeps: more than the widest sparkline has cells.
const KEPT: usize = 240;

/// What a container used between two readings.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Rate {
    /// When the second reading was made, on the monotonic clock.
    pub at: Duration,
    /// CPU: 1.0 is one core.
    pub cpu: f64,
    /// Memory in bytes.
    pub memory: u64,
    /// Its limit in bytes; none where it is the machine's memory.
    pub memory_limit: Option<u64>,
    /// Bytes received in a second.
    pub received: f64,
    /// Bytes sent in a second.
    pub sent: f64,
}

/// The last rates, oldest first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ring {
    rates: VecDeque<Rate>,
}

impl Ring {
    /// Adds the newest; the oldest goes when the ring is full.
    pub fn push(&mut self, rate: Rate) {
        if self.rates.len() == KEPT {
            self.rates.pop_front();
        }
        self.rates.push_back(rate);
    }

    /// The newest.
    pub fn last(&self) -> Option<&Rate> {
        self.rates.back()
    }

    /// All, oldest first.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Rate> + ExactSizeIterator {
        self.rates.iter()
    }
}

/// The readings of one container.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History {
    /// The newest reading: the first of the next rate.
    pub last: Option<Sample>,
    /// The rates so far.
    pub ring: Ring,
}

impl History {
    /// Takes a reading. The first makes no rate, nor does one whose counters went back: the container was started again.
    pub fn take(&mut self, sample: Sample) {
        let before = self.last.replace(sample);
        let Some(rate) = before.and_then(|before| rate_between(&before, &sample)) else { return };
        self.ring.push(rate);
    }

    /// The newest rate.
    pub fn rate(&self) -> Option<&Rate> {
        self.ring.last()
    }
}

fn rate_between(before: &Sample, after: &Sample) -> Option<Rate> {
    let seconds = after.at.checked_sub(before.at)?.as_secs_f64();
    let cpu = after.cpu.checked_sub(before.cpu)?.as_secs_f64();
    if seconds <= 0.0 {
        return None;
    }
    let each_second = |bytes: u64| bytes as f64 / seconds;
    Some(Rate {
        at: after.at,
        cpu: cpu / seconds,
        memory: after.memory,
        memory_limit: after.memory_limit,
        received: each_second(after.received.checked_sub(before.received)?),
        sent: each_second(after.sent.checked_sub(before.sent)?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(seconds: u64, cpu_millis: u64, received: u64) -> Sample {
        Sample {
            at: Duration::from_secs(seconds),
            cpu: Duration::from_millis(cpu_millis),
            memory: 7,
            received,
            ..Sample::default()
        }
    }

    #[test]
    fn two_readings_make_a_rate() {
        let mut history = History::default();
        history.take(sample(10, 1000, 0));
        assert_eq!(history.rate(), None);
        history.take(sample(12, 1500, 400));
        let rate = history.rate().copied().unwrap();
        assert!((rate.cpu - 0.25).abs() < 1e-9, "{rate:?}");
        assert!((rate.received - 200.0).abs() < 1e-9, "{rate:?}");
        assert_eq!(rate.memory, 7);
    }

    #[test]
    fn counters_that_went_back_make_none() {
        let mut history = History::default();
        for reading in [sample(1, 900, 0), sample(2, 10, 0), sample(2, 20, 0)] {
            history.take(reading);
        }
        assert_eq!(history.ring.iter().len(), 0);
    }

    #[test]
    fn a_ring_forgets_the_oldest() {
        let mut ring = Ring::default();
        for second in 0..500 {
            ring.push(Rate { at: Duration::from_secs(second), ..Rate::default() });
        }
        assert_eq!(ring.iter().len(), KEPT);
        assert_eq!(ring.iter().next().map(|rate| rate.at.as_secs()), Some(500 - KEPT as u64));
    }
}
