//! The operations, a file a family. A handler reads the request, asks the world under its lock, and answers; what follows
//! something waits outside the lock.

pub(super) mod archive;
pub(super) mod attach;
pub(super) mod build;
pub(super) mod containers;
pub(super) mod events;
pub(super) mod exec;
pub(super) mod images;
mod inspect;
pub(super) mod lifecycle;
pub(super) mod logs;
pub(super) mod networks;
pub(super) mod pull;
pub(super) mod stats;
pub(super) mod system;
pub(super) mod volumes;
