//! Every verb on a real Docker Engine, as the dashboard carries it out: files loaded, engine read, planned, executed. What
//! came of it is looked at past the code under test.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests fail by these")]

#[path = "verbs/bench.rs"]
mod bench;
#[path = "verbs/changes.rs"]
mod changes;
#[path = "verbs/failures.rs"]
mod failures;
#[path = "verbs/files.rs"]
mod files;
#[path = "verbs/images.rs"]
mod images;
#[path = "verbs/interop.rs"]
mod interop;
#[path = "verbs/life.rs"]
mod life;
#[path = "verbs/order.rs"]
mod order;
mod support;
