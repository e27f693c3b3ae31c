//! What processes cost, read from /proc.

#![allow(dead_code, reason = "each bench uses a part of it")]
#![allow(clippy::unwrap_used, reason = "a bench fails on the spot")]

use std::fs;
use std::time::Instant;

/// The kernel counts a process's time in hundredths of a second (`USER_HZ`).
const TICKS_A_SECOND: f64 = 100.0;

/// The share of one core, in percent, that each process takes while `during` lasts.
pub fn spent(processes: &[u32], during: impl FnOnce()) -> Vec<f64> {
    let begin = Instant::now();
    let before: Vec<u64> = processes.iter().map(|id| ticks(*id)).collect();
    during();
    let seconds = begin.elapsed().as_secs_f64();
    let used = processes.iter().zip(before).map(|(id, before)| ticks(*id) - before);
    used.map(|ticks| ticks as f64 / TICKS_A_SECOND / seconds * 100.0).collect()
}

/// The seconds that a process has had of any core.
pub fn used_by(process: u32) -> f64 {
    ticks(process) as f64 / TICKS_A_SECOND
}

/// The seconds that this process has had of any core.
pub fn seconds_used() -> f64 {
    used_by(std::process::id())
}

/// User and system time of a process (fields 14 and 15 of /proc/PID/stat).
fn ticks(process: u32) -> u64 {
    let line = fs::read_to_string(format!("/proc/{process}/stat")).unwrap();
    let fields: Vec<&str> = line.rsplit(')').next().unwrap().split_whitespace().collect();
    fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()
}

/// A field of /proc/PID/status, in kB.
pub fn status(process: u32, field: &str) -> u64 {
    let text = fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = text.lines().find(|line| line.starts_with(field)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}
