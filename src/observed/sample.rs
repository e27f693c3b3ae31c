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
