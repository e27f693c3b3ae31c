//! One reading of a container's resources (`GET /containers/{id}/stats?stream=false&one-shot=true`).

use std::time::Duration;

/// Counters since the start of the container; a rate is the difference of two readings.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Sample {
    /// When it was read, on the monotonic clock of the program.
    pub at: Duration,
    /// CPU time used, all cores together.
    pub cpu: Duration,
    /// Memory in bytes, without the page cache that the kernel may drop (`usage - inactive_file`).
    pub memory: u64,
    /// The limit in bytes; none where it is the machine's memory.
    pub memory_limit: Option<u64>,
    /// Bytes received, all interfaces together.
    pub received: u64,
    /// Bytes sent, all interfaces together.
    pub sent: u64,
}

/// What a container uses at one moment, as `docker stats` tells it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Usage {
    /// Of one core, in percent: 200 is two cores.
    pub cpu: f64,
    /// Memory in bytes, without the page cache that the kernel may drop.
    pub memory: u64,
    /// The limit in bytes; that of the machine where there is none.
    pub memory_limit: u64,
    /// Bytes received, all interfaces together.
    pub received: u64,
    /// Bytes sent, all interfaces together.
    pub sent: u64,
    /// Bytes read from devices.
    pub read: u64,
    /// Bytes written to devices.
    pub written: u64,
    /// Its processes and threads.
    pub processes: u64,
}

impl Usage {
    /// Memory in percent of the limit.
    pub fn memory_share(&self) -> f64 {
        if self.memory_limit == 0 { 0.0 } else { self.memory as f64 / self.memory_limit as f64 * 100.0 }
    }
}
