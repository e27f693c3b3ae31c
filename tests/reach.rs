//! Engines that are not on a socket beside us, by TLS and by SSH, and images that a registry gives only to those it knows.
//! All on loopback: certificates, keys, the ssh server and the registry are the test's own.
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail the test")]

mod support;

#[path = "reach/backend.rs"]
mod backend;
#[path = "reach/pulls.rs"]
mod pulls;
#[path = "reach/registry.rs"]
mod registry;
#[path = "reach/ssh.rs"]
mod ssh;
#[path = "support/terminal.rs"]
mod terminal;
#[path = "reach/tls.rs"]
mod tls;
