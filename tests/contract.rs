//! What a Docker Engine answers, as text, held against the engines that there are: the one in the program always, and the
//! machine's where there is one. Each file of `tests/contract` is a topic made of cases, each case of steps and, indented
//! below each step, what was answered. `contract_support/script.rs` says how a step is written.
//!
//! What stands there was recorded from a real engine, never written by hand:
//!
//! ```text
//! ACCEPT=1 DOCKSIDE_TEST_ENGINE=1 cargo test --test contract real
//! ```
//!
//! on 28.5 first, then on 20.10, of which only the lines that differ are kept, each after `[20.10]`.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test ends where something is not as it should be")]

mod contract_support;
mod support;

use contract_support::check;

/// A test on each engine for every topic.
macro_rules! topics {
    ($($topic:ident),* $(,)?) => {
        mod embedded {
            $(#[test]
            fn $topic() {
                super::check(stringify!($topic), super::contract_support::embedded());
            })*
        }

        mod real {
            $(#[test]
            fn $topic() {
                let Some(engine) = super::support::engine() else { return };
                super::check(stringify!($topic), engine.host());
            })*
        }

        #[test]
        fn every_file_is_tested() {
            let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/contract");
            let names = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
            let mut names: Vec<String> = names.map(|name| name.into_string().unwrap()).collect();
            names.sort();
            assert_eq!(names, [$(concat!(stringify!($topic), ".txt")),*]);
        }
    };
}

topics!(
    archive, attach, build, events, exec, exits, health, images, inspect, lifecycle, list, logs, networks,
    ports, restart, server, stats, volumes,
);
