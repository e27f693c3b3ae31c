//! What simulated containers run: a small shell for commands that can be understood, and programs played from data.
//!
//! A program is a function of its seed and of time. It is asked when it next acts, acts at that moment, and prints; it
//! starts no process, opens no file of this machine and never waits.

mod data;
mod played;
pub(super) mod shell;
mod template;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::clock::Moment;
use super::world::health::Outcome;
use super::world::log::Source;
pub(crate) use data::Program;
use played::Played;
use shell::Machine;

/// What a program prints goes here: when, where, what.
pub(crate) type Print<'a> = &'a mut dyn FnMut(Moment, Source, &[u8]);
/// Files by their absolute path.
pub(crate) type Files = BTreeMap<String, Arc<[u8]>>;

/// What a program is started with.
#[derive(Clone, Debug)]
pub(crate) struct Setting {
    /// The command.
    pub(crate) argv: Vec<String>,
    /// `NAME=value`.
    pub(crate) environment: Vec<String>,
    pub(crate) hostname: String,
    pub(crate) has_terminal: bool,
    /// Whether an init process passes signals on: without, the first process is spared those that it does not handle.
    pub(crate) has_init: bool,
    /// The memory that it may have, in bytes.
    pub(crate) memory_limit: Option<u64>,
    pub(crate) files: Files,
    /// What the image says that its containers do.
    pub(crate) program: Option<Arc<Program>>,
    pub(crate) started: Moment,
    /// How often it has ended before.
    pub(crate) lives: u64,
    pub(crate) seed: u64,
}

/// How a program ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ending {
    pub(crate) code: i64,
    pub(crate) out_of_memory: bool,
}

/// A program that runs.
pub(crate) enum Process {
    /// A shell, or one command.
    Shell(Box<Machine>),
    /// A program as data.
    Played(Box<Played>),
}

impl Process {
    /// Starts a program.
    ///
    /// # Errors
    /// What runc says of a program that is not there.
    pub(crate) fn start(setting: Setting) -> Result<Self, String> {
        match setting.program.clone() {
            Some(program) => Ok(Self::Played(Box::new(Played::start(program, setting)))),
            None => Ok(Self::Shell(Box::new(Machine::start(setting)?))),
        }
    }

    /// When it next acts by itself, but for what it prints steadily.
    pub(crate) fn next(&self) -> Option<Moment> {
        match self {
            Self::Shell(machine) => machine.next(),
            Self::Played(played) => played.next(),
        }
    }

    /// Does what is due. How it ended, if it did.
    pub(crate) fn act(&mut self, now: Moment, print: Print<'_>) -> Option<Ending> {
        match self {
            Self::Shell(machine) => machine.act(now, print),
            Self::Played(played) => played.act(now, print),
        }
    }

    /// Takes a signal other than KILL.
    pub(crate) fn signal(&mut self, number: i32, now: Moment, print: Print<'_>) -> Option<Ending> {
        match self {
            Self::Shell(machine) => machine.signal(number, now, print),
            Self::Played(played) => played.signal(number, now, print),
        }
    }

    /// Prints what it prints steadily, until now.
    pub(crate) fn catch_up(&mut self, now: Moment, print: Print<'_>) {
        match self {
            Self::Shell(_) => {}
            Self::Played(played) => played.catch_up(now, print),
        }
    }

    /// When it next prints steadily.
    pub(crate) fn next_line(&self) -> Option<Moment> {
        match self {
            Self::Shell(_) => None,
            Self::Played(played) => played.next_line(),
        }
    }

    /// Time has stood still for so long.
    pub(crate) fn shift(&mut self, by: Duration) {
        match self {
            Self::Shell(machine) => machine.shift(by),
            Self::Played(played) => played.shift(by),
        }
    }

    /// Runs a health check.
    pub(crate) fn probe(&mut self, argv: &[String], now: Moment) -> Outcome {
        match self {
            Self::Shell(machine) => machine.probe(argv, now),
            Self::Played(played) => played.probe(argv, now),
        }
    }

    /// A command beside it, in the same container.
    ///
    /// # Errors
    /// What runc says of a program that is not there.
    pub(crate) fn beside(
        &self,
        argv: &[String],
        environment: &[String],
        has_terminal: bool,
        now: Moment,
    ) -> Result<Machine, String> {
        match self {
            Self::Shell(machine) => machine.command(argv, environment, has_terminal, now),
            Self::Played(played) => played.shell().command(argv, environment, has_terminal, now),
        }
    }

    /// There is something to read, until its end is sent.
    pub(crate) fn open_input(&mut self) {
        match self {
            Self::Shell(machine) => machine.open_input(),
            Self::Played(_) => {}
        }
    }

    /// Sends it what is typed; none is the end of it.
    pub(crate) fn feed(&mut self, bytes: Option<&[u8]>, now: Moment, print: Print<'_>) -> Option<Ending> {
        match (self, bytes) {
            (Self::Shell(machine), Some(bytes)) => machine.feed(bytes, now, print),
            (Self::Shell(machine), None) => machine.close_input(now, print),
            // What is played reads nothing.
            (Self::Played(_), _) => None,
        }
    }

    /// The files that it sees.
    pub(crate) fn files(&self) -> &Files {
        match self {
            Self::Shell(machine) => machine.files(),
            Self::Played(played) => played.shell().files(),
        }
    }

    /// The files of its container are these now.
    pub(crate) fn keep_files(&mut self, files: &Files) {
        match self {
            Self::Shell(machine) => machine.keep_files(files),
            Self::Played(played) => played.shell_mut().keep_files(files),
        }
    }

    /// How it looks in a list of processes: the command, and its arguments.
    pub(crate) fn processes(&self) -> Vec<String> {
        match self {
            Self::Shell(machine) => machine.processes(),
            Self::Played(played) => played.shell().processes(),
        }
    }

    /// What it uses at this moment.
    pub(crate) fn usage(&self, started: Moment, now: Moment) -> Usage {
        match self {
            Self::Shell(_) => Usage {
                cpu: Duration::from_millis(20) + now.since(started) / 2000,
                memory: 700 * 1024,
                received: 0,
                sent: 0,
            },
            Self::Played(played) => played.usage(now),
        }
    }
}

/// What a program has used and uses.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Usage {
    /// Processor time since it started.
    pub(crate) cpu: Duration,
    /// Bytes of memory.
    pub(crate) memory: u64,
    /// Bytes received since it started.
    pub(crate) received: u64,
    /// Bytes sent.
    pub(crate) sent: u64,
}
