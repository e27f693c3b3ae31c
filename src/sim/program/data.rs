//! Programs as data: `simulation.toml` beside a Dockerfile says what the image's containers print, use and do.
//!
//! ```toml
//! [[print]]                 # once, `at` seconds after the start
//! at = 0.5
//! text = "listening"
//! [[print]]                 # again and again
//! at = 2.0
//! every = 0.4               # seconds; `spread` is the share of it by which each comes later
//! spread = 0.8
//! choose = ["GET {pick:/|/cart} 200 {ms} ms", "…"]
//! error = true              # to standard error
//! [stop]                    # what it does when it is told to stop; `deaf` if it does not listen
//! after = 0.3
//! text = "bye"
//! [[end]]                   # how it ends by itself; with several, each life has the next
//! at = 60.0
//! code = 1
//! [health]
//! at = 4.5                  # ready from then on
//! good = "ok"
//! bad = "not yet"
//! [cpu]                     # cores
//! base = 0.05
//! swing = 0.02
//! [memory]                  # MiB; what grows by `growth` a second ends at the container's limit
//! base = 24.0
//! [network]                 # bytes a second
//! received = 900.0
//! ```

use serde::Deserialize;

use super::template::Template;

/// A program as data.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Program {
    pub(super) print: Vec<Print>,
    pub(super) stop: Stop,
    pub(super) end: Vec<End>,
    pub(super) health: Option<Health>,
    pub(super) cpu: Curve,
    pub(super) memory: Curve,
    pub(super) network: Network,
}

/// Something that is printed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Print {
    /// Seconds after the start.
    pub(super) at: f64,
    /// Seconds between two; none for once.
    pub(super) every: Option<f64>,
    /// The share of `every` by which each comes later, by chance.
    pub(super) spread: f64,
    pub(super) text: Option<Template>,
    /// One of these, by chance.
    pub(super) choose: Vec<Template>,
    /// Whether it goes to standard error.
    pub(super) error: bool,
}

/// What it does when it is told to stop.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Stop {
    /// Seconds that it takes.
    pub(super) after: f64,
    pub(super) code: i64,
    pub(super) text: Option<Template>,
    /// Whether it has to be killed.
    pub(super) deaf: bool,
}

/// How it ends by itself.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct End {
    /// Seconds after the start; none where only its memory ends it.
    pub(super) at: Option<f64>,
    pub(super) code: i64,
    pub(super) text: Option<Template>,
    pub(super) error: bool,
}

/// What its health check finds.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Health {
    /// Seconds after the start from which on it is well.
    pub(super) at: f64,
    pub(super) good: String,
    pub(super) bad: String,
}

/// A figure over time: it swings, and grows.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Curve {
    pub(super) base: f64,
    pub(super) swing: f64,
    /// Seconds of one swing.
    pub(super) period: Option<f64>,
    /// More every second.
    pub(super) growth: f64,
}

/// Bytes a second.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Network {
    pub(super) received: f64,
    pub(super) sent: f64,
}

impl Program {
    /// Reads `simulation.toml`.
    ///
    /// # Errors
    /// What is wrong with it, and where.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        toml::from_str(text).map_err(|error| error.to_string())
    }
}

impl Curve {
    const PERIOD: f64 = 41.0;

    /// The figure so many seconds after the start; `phase` sets replicas apart.
    pub(super) fn value(&self, seconds: f64, phase: f64) -> f64 {
        let angle = self.angle(seconds, phase);
        let ripple = (angle * 6.3).sin() * 0.4;
        (self.base + self.growth * seconds + self.swing * (angle.sin() + ripple) / 1.4).max(0.0)
    }

    /// The area under the figure from the start on, which never falls while `swing` is less than `base`.
    pub(super) fn sum(&self, seconds: f64, phase: f64) -> f64 {
        let speed = std::f64::consts::TAU / self.period.unwrap_or(Self::PERIOD);
        let wave = |at: f64| {
            let angle = self.angle(at, phase);
            -(angle.cos() + (angle * 6.3).cos() * 0.4 / 6.3) / speed / 1.4
        };
        let swung = self.swing * (wave(seconds) - wave(0.0));
        self.base * seconds + self.growth * seconds * seconds / 2.0 + swung
    }

    fn angle(&self, seconds: f64, phase: f64) -> f64 {
        seconds * std::f64::consts::TAU / self.period.unwrap_or(Self::PERIOD) + phase
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_is_the_area_under_its_curve() {
        let curve = Curve { base: 0.5, swing: 0.3, period: Some(10.0), growth: 0.01 };
        let steps = 20_000;
        let width = 30.0 / f64::from(steps);
        let area: f64 =
            (0..steps).map(|step| curve.value((f64::from(step) + 0.5) * width, 1.0) * width).sum();
        assert!((area - curve.sum(30.0, 1.0)).abs() < 1e-3);
    }

    #[test]
    fn what_is_no_program_is_told() {
        assert!(Program::parse("[[print]]\ntext = \"a\"\n").is_ok());
        assert!(Program::parse("[[print]]\nwhen = 3\n").unwrap_err().contains("when"));
        assert!(Program::parse("[[print]]\ntext = \"{nope}\"\n").unwrap_err().contains("nope"));
    }
}
