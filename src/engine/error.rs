//! What can go wrong between Dockside and an engine, in words for the person: what was tried, where, and what to do.
//!
//! Nothing here decides whether to try again; that is the caller's.

use std::io;
use std::time::Duration;

use super::endpoint::EndpointError;

/// A failed exchange with the engine.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Error {
    /// Which engine to talk to could not be told, or it needs what Dockside does not speak.
    #[error(transparent)]
    Endpoint(#[from] EndpointError),
    /// No connection could be made.
    #[error("cannot reach the engine at {endpoint}: {cause}; {hint}")]
    Unreachable {
        /// The endpoint as it was given.
        endpoint: String,
        /// The system's words.
        cause: String,
        /// What to do.
        hint: String,
    },
    /// The engine answered, and said no.
    #[error("{what}: {message}")]
    Refused {
        /// What was tried, on what.
        what: String,
        /// The HTTP status.
        status: u16,
        /// The engine's own message.
        message: String,
    },
    /// The connection broke in the middle.
    #[error("{what}: the connection to {endpoint} broke: {cause}")]
    Broken {
        /// What was tried, on what.
        what: String,
        /// The endpoint as it was given.
        endpoint: String,
        /// The system's words.
        cause: String,
    },
    /// The engine took the request and did not answer in time.
    #[error("{what}: no answer from {endpoint} within {} s", after.as_secs())]
    Timeout {
        /// What was tried, on what.
        what: String,
        /// The endpoint as it was given.
        endpoint: String,
        /// How long it was waited for.
        after: Duration,
    },
    /// The answer is not one that the Engine API knows.
    #[error("{what}: {endpoint} gave an answer that is not the Engine API's: {cause}")]
    Unexpected {
        /// What was tried, on what.
        what: String,
        /// The endpoint as it was given.
        endpoint: String,
        /// What is wrong with it.
        cause: String,
    },
    /// The engine and Dockside have no API version in common.
    #[error(
        "the engine at {endpoint} speaks API {server}, and Dockside 1.41 (Docker 20.10, podman 4) to 1.51 (Docker 28): they have none in common"
    )]
    Version {
        /// The endpoint as it was given.
        endpoint: String,
        /// The range that the engine offers.
        server: String,
    },
    /// Something on this machine failed before the engine was asked: a build context that cannot be read, for example.
    #[error("{what}: {cause}")]
    Local {
        /// What was tried, on what.
        what: String,
        /// Why it failed.
        cause: String,
    },
}

impl Error {
    /// The reason without what was tried, for where that is said already.
    pub fn why(&self) -> String {
        let text = self.to_string();
        let what = match self {
            Self::Refused { what, .. }
            | Self::Broken { what, .. }
            | Self::Timeout { what, .. }
            | Self::Unexpected { what, .. }
            | Self::Local { what, .. } => what,
            Self::Endpoint(_) | Self::Unreachable { .. } | Self::Version { .. } => return text,
        };
        text.strip_prefix(&format!("{what}: ")).unwrap_or(&text).to_owned()
    }

    /// Whether the engine said that there is no such thing.
    pub fn is_not_found(&self) -> bool {
        self.status() == Some(404)
    }

    /// The HTTP status, if the engine answered.
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Refused { status, .. } => Some(*status),
            _ => None,
        }
    }
}

/// Why there is no connection, told by whoever knows best. It rides in an `io::Error` through the HTTP client.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{cause}; {hint}")]
pub(super) struct Obstacle {
    pub(super) cause: String,
    /// What to do.
    pub(super) hint: String,
}

impl Obstacle {
    pub(super) fn into_io(self) -> io::Error {
        io::Error::other(self)
    }
}

/// The innermost reason of an error from the libraries below, which is the one that a person understands.
pub(super) fn root_cause(error: &(dyn std::error::Error + 'static)) -> String {
    let mut current = error;
    while let Some(source) = current.source() {
        current = source;
    }
    current.to_string()
}
