//! What is to be done outside: everything that the core can ask of [`runtime`](crate). An effect is data; it is compared
//! in tests and carried out by the loop.

use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;

use super::RunId;
use crate::observed::ContainerId;
use crate::plan::{Plan, Request};

/// One thing to do outside.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// End the program.
    Quit,
    /// Stop the process as Ctrl-Z does, and draw all anew when it goes on.
    Suspend,
    /// Draw everything anew.
    Redraw,
    /// Read the compose files (again). Answered by `Msg::Loaded` or `Msg::NotLoaded`.
    Load {
        /// The profiles that are on, over those of the command line; none leaves them.
        profiles: Option<Vec<String>>,
    },
    /// Tell when one of these paths is changed, made or removed, in place of those before. Answered by
    /// `Msg::FilesChanged`, at once where nobody had looked at one of their folders before.
    WatchFiles(Vec<PathBuf>),
    /// Show another project: the engine's watch turns to it. Its files are loaded from the folder and files of its labels.
    OpenProject {
        /// Its name.
        name: String,
        /// Its folder, if its containers' labels name one.
        folder: Option<PathBuf>,
        /// Its compose files, if the labels name them.
        files: Vec<PathBuf>,
    },
    /// Read the log of a container. Takes the place of an earlier opening of the same container.
    OpenLog {
        /// Whose.
        container: ContainerId,
        /// The number of this opening; comes back with every batch.
        stream: u64,
        /// How many of the last lines; none for all since `since`.
        tail: Option<u32>,
        /// Only what came after.
        since: Option<Timestamp>,
    },
    /// Read a page of older lines. Takes the place of an earlier one of the same container.
    ReadOlder(super::log::OlderPage),
    /// Stop reading a container's log, and a page of it.
    CloseLog {
        /// Whose.
        container: ContainerId,
    },
    /// Read the resources of a container once. Answered by `Fact::Sample`.
    Sample(ContainerId),
    /// Read what the engine has under these names of images. Answered by `Msg::Images`.
    ReadImages(Vec<String>),
    /// Inspect a container once (probe counts are not pushed). Answered by `Fact::Changed`.
    Inspect(ContainerId),
    /// List the processes in a container; a later listing takes its place. Answered by `Msg::Processes`.
    ReadProcesses(ContainerId),
    /// Make a plan from a fresh read. Answered by `Msg::Planned`.
    Plan {
        /// For which run.
        run: RunId,
        /// Of what.
        request: Request,
    },
    /// Carry out a plan. Answered by `Msg::Progress` and, last, `Msg::Ended`.
    Execute {
        /// Which run.
        run: RunId,
        /// The request, for planning the convergence anew once images are there.
        request: Request,
        /// The plan.
        plan: Arc<Plan>,
    },
    /// Cancel a run: what can be interrupted is, what cannot is let end. Answered by `Msg::Ended`.
    Cancel(RunId),
    /// A shell in a container takes over the terminal.
    Shell {
        /// In which.
        container: ContainerId,
        /// Its name, for the title line.
        name: String,
    },
    /// A command in a new container of a service takes over the terminal, as `run --rm` does.
    RunOnce {
        /// Of which.
        service: String,
        /// The words of the command; none for the service's own.
        command: Vec<String>,
    },
    /// Open an address in the browser.
    Open(String),
    /// Put text on the clipboard (OSC 52).
    Copy(String),
    /// Ask who listens on these host ports, besides containers: (port, protocol).
    FindPortHolders(Vec<(u16, String)>),
    /// Write text to a new file in the working folder, without touching one that is there. Answered by `Msg::Notice`.
    SaveText {
        /// What the file is called, unless that is taken.
        name: String,
        /// What is written.
        text: String,
    },
    /// The person's pager takes over the terminal and shows text. Answered by `Msg::Notice`.
    Page {
        /// What it shows.
        text: String,
    },
    /// Read what is remembered of the layout of a project's logs. Answered by `Msg::LayoutRecalled`, where things are
    /// remembered at all.
    RecallLayout {
        /// Of which project.
        project: String,
    },
    /// Write it, in place of what was remembered. A failure is answered by `Msg::Notice`.
    RememberLayout {
        /// Of which project.
        project: String,
        /// What to write.
        text: String,
    },
    /// Search stored log lines in a task; a newer search takes its place. Answered by `Msg::Found`.
    Search(super::log::SearchJob),
}
