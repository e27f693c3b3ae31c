//! Rules: lines across a log that the program draws at a moment.

/// What a rule across a log says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RuleKind {
    /// The container was started.
    Started,
    /// The same container was started again.
    Restarted,
    /// A new container took the place of the one before.
    Recreated,
    /// Its process ended with this code.
    Exited(i64),
    /// Its process ended, with which code is not known.
    Ended,
    /// The kernel killed a process of it for memory.
    OutOfMemory,
    /// Its processes were frozen.
    Paused,
    /// They go on.
    Unpaused,
    /// Its health check passes.
    Healthy,
    /// Its health check fails.
    Unhealthy,
    /// This many older lines went to keep within the budget.
    Dropped(u64),
    /// Lines may be missing here: the log was not read for a while.
    Gap,
    /// The log could not be read, or broke off.
    Failed(String),
    /// What the last lives of the container have in common.
    Lives(String),
    /// The person drew it.
    Mark,
}

impl RuleKind {
    /// Whether something went wrong.
    pub fn is_bad(&self) -> bool {
        match self {
            Self::Exited(code) => *code != 0,
            Self::OutOfMemory | Self::Unhealthy | Self::Failed(_) | Self::Lives(_) => true,
            _ => false,
        }
    }

    /// Whether it is something that happened to the container.
    pub(super) fn is_event(&self) -> bool {
        match self {
            Self::Started
            | Self::Restarted
            | Self::Exited(_)
            | Self::Ended
            | Self::OutOfMemory
            | Self::Paused
            | Self::Unpaused
            | Self::Healthy
            | Self::Unhealthy => true,
            Self::Recreated
            | Self::Dropped(_)
            | Self::Gap
            | Self::Failed(_)
            | Self::Lives(_)
            | Self::Mark => false,
        }
    }

    /// Whether it tells of the container that it stands in the log of.
    pub fn is_of_container(&self) -> bool {
        *self != Self::Mark
    }

    /// How long before its moment it stands, in nanoseconds. The engine tells of a start a little after the first lines came.
    pub fn lead(&self) -> i64 {
        if matches!(self, Self::Started | Self::Restarted) { 50_000_000 } else { 0 }
    }

    /// What it says, with the time of day at which it stands.
    pub fn words(&self, at: &str) -> String {
        match self {
            Self::Started => format!("started {at}"),
            Self::Restarted => format!("restarted {at}"),
            Self::Recreated => format!("recreated {at}"),
            Self::Exited(code) => format!("exited {code}, {at}"),
            Self::Ended => format!("ended {at}"),
            Self::OutOfMemory => format!("out of memory {at}"),
            Self::Paused => format!("paused {at}"),
            Self::Unpaused => format!("goes on {at}"),
            Self::Healthy => format!("healthy {at}"),
            Self::Unhealthy => format!("unhealthy {at}"),
            Self::Dropped(lines) => format!("{} older lines let go to save memory", grouped(*lines)),
            Self::Gap => "lines may be missing here".to_owned(),
            Self::Failed(why) => format!("cannot be read: {why}"),
            Self::Lives(words) => words.clone(),
            Self::Mark => format!("mark {at}"),
        }
    }
}

/// A line across the log that the program inserts at a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// When, in nanoseconds since 1970; no two rules of a store share one.
    pub time: i64,
    /// What it says.
    pub kind: RuleKind,
}

/// A number with its digits in groups of three.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
