//! Dockside.

pub mod compose;
pub mod disk;
