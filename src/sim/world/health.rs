//! Health checks: when the next probe is due, and what probes make of the status (moby, `daemon/health.go`).

use std::time::Duration;

use serde_json::{Value, json};

use super::super::clock::Moment;
use super::super::stamp::rfc3339;

/// How many probes are kept.
const KEPT: usize = 5;
/// The longest output of a probe that is kept.
const OUTPUT: usize = 4096;
/// How long a probe takes.
const TAKES: Duration = Duration::from_millis(30);

/// A container's health.
#[derive(Clone, Debug)]
pub(crate) struct Health {
    status: &'static str,
    streak: u64,
    probes: Vec<Probe>,
    next: Option<Moment>,
    begun: Moment,
    check: Check,
}

/// The health check itself.
#[derive(Clone, Debug)]
struct Check {
    test: Vec<String>,
    interval: Duration,
    timeout: Duration,
    start_period: Duration,
    start_interval: Duration,
    retries: u64,
}

#[derive(Clone, Debug)]
struct Probe {
    start: Moment,
    end: Moment,
    code: i64,
    output: String,
}

/// What a probe came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Outcome {
    /// Its exit code.
    pub(crate) code: i64,
    /// What it printed.
    pub(crate) output: String,
    /// How long it took.
    pub(crate) took: Duration,
}

impl Health {
    /// The health of a container that starts now; none without a check.
    pub(crate) fn begin(check: &Value, now: Moment) -> Option<Self> {
        let check = Check::read(check)?;
        let next = Some(now + check.pause(now, now));
        Some(Self { status: "starting", streak: 0, probes: Vec::new(), next, begun: now, check })
    }

    /// When the next probe is due.
    pub(crate) fn next(&self) -> Option<Moment> {
        self.next
    }

    /// What a probe runs.
    pub(crate) fn argv(&self) -> Vec<String> {
        match self.check.test.split_first() {
            Some((kind, rest)) if kind == "CMD-SHELL" => {
                [&["/bin/sh".to_owned(), "-c".to_owned()], rest].concat()
            }
            Some((kind, rest)) if kind == "CMD" => rest.to_vec(),
            _ => Vec::new(),
        }
    }

    /// Takes a probe that began now. The new status, if it is news.
    pub(crate) fn take(&mut self, now: Moment, mut outcome: Outcome) -> Option<&'static str> {
        let limit = self.check.timeout;
        if outcome.took > limit {
            let mut output = format!("Health check exceeded timeout ({})", span_text(limit));
            if !outcome.output.is_empty() {
                output.push_str(&format!(": {}", outcome.output));
            }
            outcome = Outcome { code: -1, output, took: limit };
        }
        outcome.output.truncate(outcome.output.floor_char_boundary(OUTPUT));
        let end = now + outcome.took.max(TAKES);
        if self.probes.len() == KEPT {
            self.probes.remove(0);
        }
        let in_start = now.since(self.begun) < self.check.start_period && self.status == "starting";
        self.probes.push(Probe { start: now, end, code: outcome.code, output: outcome.output });
        let before = self.status;
        if outcome.code == 0 {
            (self.streak, self.status) = (0, "healthy");
        } else if !in_start {
            self.streak += 1;
            if self.streak >= self.check.retries {
                self.status = "unhealthy";
            }
        }
        self.next = Some(end + self.check.pause(self.begun, end).max(TAKES));
        (before != self.status).then_some(self.status)
    }

    /// The container has ended: no probe any more, and what has ended is not healthy.
    pub(crate) fn end(&mut self) {
        self.next = None;
        self.status = "unhealthy";
    }

    /// A paused container's time has stood still for so long.
    pub(crate) fn shift(&mut self, by: Duration) {
        self.next = self.next.map(|next| next + by);
    }

    /// The API's word.
    pub(crate) fn status(&self) -> &'static str {
        self.status
    }

    /// `State.Health` of inspect.
    pub(crate) fn json(&self) -> Value {
        let probe = |probe: &Probe| {
            json!({ "Start": rfc3339(probe.start), "End": rfc3339(probe.end), "ExitCode": probe.code,
                "Output": probe.output })
        };
        let log: Vec<Value> = self.probes.iter().map(probe).collect();
        json!({ "Status": self.status, "FailingStreak": self.streak, "Log": log })
    }
}

/// A span as Go writes it: `200ms`, `1.5s`, `1m0s`.
fn span_text(span: Duration) -> String {
    let minutes = span.as_secs() / 60;
    let seconds = span.as_secs_f64() - (minutes * 60) as f64;
    match minutes {
        0 if seconds < 1.0 => format!("{}ms", seconds * 1000.0),
        0 => format!("{seconds}s"),
        minutes => format!("{minutes}m{seconds}s"),
    }
}

impl Check {
    fn read(value: &Value) -> Option<Self> {
        let test = super::container::texts(&value["Test"]);
        if matches!(test.first().map(String::as_str), None | Some("NONE")) {
            return None;
        }
        let span = |key: &str, default: u64| {
            let nanos = value[key].as_u64().filter(|nanos| *nanos > 0);
            nanos.map_or(Duration::from_secs(default), Duration::from_nanos)
        };
        Some(Self {
            test,
            interval: span("Interval", 30),
            timeout: span("Timeout", 30),
            start_period: span("StartPeriod", 0),
            start_interval: span("StartInterval", 5),
            retries: value["Retries"].as_u64().filter(|retries| *retries > 0).unwrap_or(3),
        })
    }

    /// The pause before the next probe: a shorter one within the start period.
    fn pause(&self, begun: Moment, now: Moment) -> Duration {
        if now.since(begun) < self.start_period { self.start_interval } else { self.interval }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn probes_make_the_status() {
        let second = Duration::from_secs(1);
        let check = json!({ "Test": ["CMD-SHELL", "x"], "Interval": 1_000_000_000, "Retries": 2 });
        let mut health = Health::begin(&check, Moment(0)).unwrap();
        assert_eq!(
            (health.next(), health.argv()),
            (Some(Moment(0) + second), vec!["/bin/sh".into(), "-c".into(), "x".into()])
        );
        let mut probe = |code| {
            let now = health.next().unwrap();
            let news = health.take(now, Outcome { code, ..Outcome::default() });
            (news, health.json()["FailingStreak"].as_u64().unwrap())
        };
        assert_eq!(probe(1), (None, 1));
        assert_eq!(probe(0), (Some("healthy"), 0));
        assert_eq!(probe(1), (None, 1));
        assert_eq!(probe(1), (Some("unhealthy"), 2));
        assert_eq!(probe(0), (Some("healthy"), 0));
        assert!(Health::begin(&json!({ "Test": ["NONE"] }), Moment(0)).is_none());
    }
}
