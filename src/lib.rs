//! Dockside: a terminal dashboard for Docker Compose projects, with a compose engine of its own.

pub mod app;
pub mod cli;
pub mod compose;
pub mod disk;
pub mod engine;
pub mod observed;
pub mod plan;
pub mod runtime;
pub mod settings;
pub mod terminal;
pub mod ui;
