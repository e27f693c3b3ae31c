//! Dockside: a terminal dashboard for Docker Compose projects, with a compose engine of its own.

pub mod app;
pub mod compose;
pub mod disk;
pub mod engine;
pub mod observed;
pub mod plan;
pub mod settings;
pub mod terminal;
pub mod ui;
