//! The state of the dashboard and how it changes. PURE: no clock, no I/O, no spawn, no lock; it knows no engine.

pub mod log;
