//! What happened: everything that reaches [`update`](super::update()).

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crossterm::event::{KeyEvent, MouseEvent};
use jiff::Timestamp;

use crate::compose::Loaded;
use crate::observed::{ContainerId, Fact, Image, LogBatch, LogEnd, Processes};
use crate::plan::{OpReport, Plan, RunFailure};

/// A moment on both clocks. The core has no clock of its own: the time comes with [`Msg::Time`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Now {
    /// The wall clock, for what is shown.
    pub wall: Timestamp,
    /// The monotonic clock since the program's start, for waits and rates.
    pub mono: Duration,
}

/// The number of a verb that was taken, unique while the program runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RunId(pub u64);

/// How a run ended.
#[derive(Clone, Debug, PartialEq)]
pub enum RunEnd {
    /// Every op succeeded.
    Done,
    /// It was cancelled; what had begun was let end.
    Cancelled,
    /// It failed: the first failure.
    Failed(RunFailure),
}

/// Who holds a host port that a service wants, besides containers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PortHolder {
    /// The port.
    pub port: u16,
    /// `tcp` or `udp`.
    pub protocol: String,
    /// The process's name and id, if /proc told; "another process" otherwise.
    pub process: Option<(String, u32)>,
}

/// One thing that happened.
#[derive(Debug)]
pub enum Msg {
    /// It is now this late. Sent before every batch of others.
    Time(Now),
    /// A key was pressed (or repeated).
    Key(KeyEvent),
    /// The mouse did something.
    Mouse(MouseEvent),
    /// Text was pasted.
    Paste(String),
    /// The terminal has this many columns and rows now.
    Resize {
        /// Columns.
        width: u16,
        /// Rows.
        height: u16,
    },
    /// The engine reports.
    Fact(Fact),
    /// Lines of a log came.
    Logs(LogBatch),
    /// A stream of log lines ended.
    LogsEnded {
        /// Whose.
        container: ContainerId,
        /// Which opening of it.
        stream: u64,
        /// Why.
        end: LogEnd,
    },
    /// The compose files were read.
    Loaded(Box<Loaded>),
    /// No compose file was found.
    NotLoaded {
        /// Why, and where it was looked for.
        reason: String,
        /// Every path that was looked at.
        probed: Vec<PathBuf>,
    },
    /// A file that the project was read from was changed, made or removed; or one may have been before it was watched.
    FilesChanged,
    /// A plan was made for a run, or could not be.
    Planned {
        /// Which run.
        run: RunId,
        /// The plan, or why there is none.
        result: Result<Arc<Plan>, RunFailure>,
    },
    /// A run has got a new plan while it runs: images are there, the convergence is planned anew.
    Replanned {
        /// Which run.
        run: RunId,
        /// The plan of what is left.
        plan: Arc<Plan>,
    },
    /// An op of a run changed its state.
    Progress {
        /// Which run.
        run: RunId,
        /// Which op, and how.
        report: OpReport,
    },
    /// A run ended.
    Ended {
        /// Which.
        run: RunId,
        /// How.
        end: RunEnd,
    },
    /// Images were read, by the names asked for: none where the engine lacks one. What could not be read is not here.
    Images(BTreeMap<String, Option<Image>>),
    /// The processes in a container were listed, or why they could not be.
    Processes {
        /// In which.
        id: ContainerId,
        /// The processes.
        result: Result<Processes, String>,
    },
    /// Who holds the ports that were asked for.
    PortHolders(Vec<PortHolder>),
    /// A search through stored log lines found something, or nothing.
    Found(super::log::SearchResult),
    /// What was remembered of the layout of a project's logs; none where nothing was.
    LayoutRecalled {
        /// Of which project.
        project: String,
        /// The text that was written.
        text: Option<String>,
    },
    /// Something outside went as asked or failed, in words for the footer: a copy, a browser, a saved file, a shell.
    Notice {
        /// Whether it is a failure.
        failed: bool,
        /// The words.
        text: String,
    },
    /// The terminal asked the program to end (SIGTERM, SIGHUP, or its input is gone).
    Terminate,
}
