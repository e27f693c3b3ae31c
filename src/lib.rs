//! Dockside.
