//! The core of the dashboard from outside: messages in, effects and rows as text out. No clock, no engine, no terminal.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a helper of tests fails the test")]

#[path = "app/desk.rs"]
mod desk;
#[path = "app/engine.rs"]
mod engine;
#[path = "app/file.rs"]
mod file;
#[path = "app/keys.rs"]
mod keys;
#[path = "app/logs.rs"]
mod logs;
#[path = "app/storm.rs"]
mod storm;
#[path = "app/verbs.rs"]
mod verbs;
