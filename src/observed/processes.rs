//! The processes in a container (`GET /containers/{id}/top`), as the engine's `ps` told of them.

/// A table: which columns there are depends on the engine's system.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Processes {
    /// The titles of the columns: `UID`, `PID`, … `CMD`.
    pub titles: Vec<String>,
    /// A row each process, a cell each title.
    pub rows: Vec<Vec<String>>,
}
