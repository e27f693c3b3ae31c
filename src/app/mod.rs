//! The state of the dashboard and how it changes.
//!
//! [`App`] is plain data; [`update()`] takes it from one message to the next and returns what is to be done outside, as
//! [`Effect`]s. PURE: no clock, no I/O, no spawn, no lock; it knows no engine. The time comes with [`Msg::Time`], and
//! [`App::next_wake`] says when the next one is needed. What the screen shows is derived from `&App` in [`rows`],
//! [`details`] and [`layout`], never stored.

mod containers;
mod deaths;
mod drift;
mod effect;
mod engine;
mod events;
mod file;
mod history;
mod images;
mod input;
mod lives;
mod msg;
mod processes;
mod report;
mod sampling;
mod selection;
mod since;
mod target;
mod update;

pub mod action;
pub mod activity;
pub mod content;
pub mod details;
pub mod findings;
pub mod keymap;
pub mod layers;
pub mod layout;
pub mod log;
pub mod log_pane;
pub mod rows;
pub mod runs;
pub mod words;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;

pub use self::action::Action;
pub use self::containers::Containers;
pub use self::drift::DriftKey;
pub use self::effect::Effect;
pub use self::engine::{Engine, Link};
pub use self::events::Events;
pub use self::file::ProjectFile;
pub use self::history::{History, Rate, Ring};
pub use self::images::Images;
pub use self::input::Input;
pub use self::keymap::{Key, KeyFault, Keymap};
pub use self::layers::Layer;
pub use self::log_pane::{LogMode, LogPane};
pub use self::msg::{Msg, Now, PortHolder, RunEnd, RunId};
pub use self::processes::Listing;
pub use self::rows::{PortKey, Symbols};
pub use self::sampling::Sampling;
pub use self::selection::Selection;
pub use self::update::update;

use self::activity::Activity;
use self::runs::Runs;
use crate::observed::ContainerId;
use crate::plan::Change;

/// Everything that the dashboard knows.
#[derive(Clone, Debug)]
pub struct App {
    /// The time of the last [`Msg::Time`].
    pub now: Now,
    /// Columns and rows of the terminal.
    pub size: Size,
    /// What the person chose in settings and on the command line.
    pub options: Options,
    /// Which keys mean what.
    pub keymap: Keymap,
    /// The compose files, as far as they could be loaded.
    pub file: ProjectFile,
    /// The name of the project shown; none while there is neither a file nor a choice.
    pub project: Option<String>,
    /// What the engine says.
    pub engine: Engine,
    /// The images that the file's services name.
    pub images: Images,
    /// Numbers of replicas that were asked for here and have come true, over those of the file.
    pub scales: BTreeMap<String, u32>,
    /// Readings of resources, by container.
    pub histories: BTreeMap<ContainerId, History>,
    /// Readings of the whole project, oldest first.
    pub totals: Ring,
    /// Where a container and the file differ. A container without an entry matches, or is not known well enough yet.
    pub drift: BTreeMap<ContainerId, Vec<Change>>,
    /// What the drift was computed from, so that it is not computed again for every fact.
    pub drift_known: BTreeMap<ContainerId, DriftKey>,
    /// Containers that ran out of memory and whose end has not been told yet.
    pub oom: BTreeSet<ContainerId>,
    /// What was read when.
    pub sampling: Sampling,
    /// The revision at which the last readings came; none if they were shown. A later revision shows them as well.
    pub unshown_readings: Option<u64>,
    /// The project that was chosen from the list, over the file's.
    pub chosen_project: Option<String>,
    /// The unbound ports whose holders were asked for last.
    pub asked_ports: Vec<(u16, String)>,
    /// When that was, on the monotonic clock.
    pub ports_asked_at: Duration,
    /// Who holds ports that services want, by port and protocol, besides containers.
    pub port_holders: BTreeMap<(u16, String), PortHolder>,
    /// The pane that keys act in.
    pub focus: Pane,
    /// The cursor of each list.
    pub lists: Lists,
    /// Marked services. Verbs act on them in place of the cursor's row.
    pub marks: BTreeSet<String>,
    /// The marks before the last verb took them.
    pub last_marks: BTreeSet<String>,
    /// Only services whose names hold this text are listed.
    pub filter: String,
    /// Only services that need attention are listed.
    pub problems_only: bool,
    /// The logs and the views on them.
    pub logs: LogPane,
    /// The focused pane has the whole screen.
    pub is_zoomed: bool,
    /// Where the mouse was pressed in the logs: in which view, on what; the button has not been let go.
    pub pressed: Option<(usize, log::LogPosition)>,
    /// What lies above the home screen; the last one takes the keys.
    pub layers: Vec<Layer>,
    /// Verbs that were taken and have not ended.
    pub runs: Runs,
    /// What happened.
    pub activity: Activity,
    /// The engine's events about the project's containers.
    pub events: Events,
    /// The processes that the details show.
    pub processes: Option<Listing>,
    /// How the last verb ended, or what else the footer has to say.
    pub outcome: Option<Outcome>,
    /// Keys of a sequence that is not complete (`g`, `]`).
    pub pending_keys: Vec<Key>,
    /// Grows whenever the screen may look different; a frame is due when it is not the one last drawn.
    pub revision: u64,
}

/// Columns and rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Size {
    /// Columns.
    pub width: u16,
    /// Rows.
    pub height: u16,
}

/// What the person chose, in settings or on the command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Verbs are refused.
    pub read_only: bool,
    /// The signs that tell states.
    pub symbols: Symbols,
    /// The name of the theme.
    pub theme: String,
    /// How many of a log's last lines are read at first.
    pub log_tail: u32,
    /// What log lines may take.
    pub log_budget: log::Budget,
    /// The ports behind which a browser finds something: only these become links.
    pub web_ports: Vec<u16>,
    /// The project asked for by `-p`, over the file's name.
    pub project: Option<String>,
    /// In which times are shown; asked of the system once, at the start.
    pub time_zone: TimeZone,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            read_only: false,
            symbols: Symbols::Unicode,
            theme: "default".to_owned(),
            log_tail: log::TAIL,
            log_budget: log::DEFAULT_BUDGET,
            web_ports: rows::WEB_PORTS.to_vec(),
            project: None,
            time_zone: TimeZone::UTC,
        }
    }
}

/// A part of the home screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Pane {
    /// What the file declares, joined with what runs.
    #[default]
    Services,
    /// The containers of the selected service.
    Containers,
    /// Its published ports.
    Ports,
    /// Its log, or several.
    Logs,
}

impl Pane {
    /// All, in the order of their digits.
    pub const ALL: [Self; 4] = [Self::Services, Self::Containers, Self::Ports, Self::Logs];

    /// The digit that focuses it.
    pub fn digit(self) -> u8 {
        match self {
            Self::Services => 1,
            Self::Containers => 2,
            Self::Ports => 3,
            Self::Logs => 4,
        }
    }

    /// Its title.
    pub fn title(self) -> &'static str {
        match self {
            Self::Services => "Services",
            Self::Containers => "Containers",
            Self::Ports => "Ports",
            Self::Logs => "Logs",
        }
    }
}

/// The cursors of the lists, each by identity.
#[derive(Clone, Debug, Default)]
pub struct Lists {
    /// By the service's name; an orphan's is that of its label.
    pub services: Selection<String>,
    /// By the container's id.
    pub containers: Selection<ContainerId>,
    /// By what the port is.
    pub ports: Selection<PortKey>,
    /// When the cursor of the services last moved; the logs follow once it has rested.
    pub moved_at: Duration,
}

/// How good an outcome is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grade {
    /// It went as wanted.
    Good,
    /// It goes on.
    Busy,
    /// Something to know; nothing failed.
    Neutral,
    /// It failed.
    Bad,
}

/// What the footer says at its right end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// How good it is.
    pub grade: Grade,
    /// `api healthy after 4.1 s`.
    pub text: String,
    /// When.
    pub at: Now,
}

impl App {
    /// A dashboard that knows nothing yet.
    pub fn new(options: Options, keymap: Keymap, now: Now) -> Self {
        Self {
            now,
            size: Size::default(),
            project: options.project.clone(),
            keymap,
            file: ProjectFile::default(),
            engine: Engine::default(),
            images: Images::default(),
            scales: BTreeMap::new(),
            histories: BTreeMap::new(),
            totals: Ring::default(),
            drift: BTreeMap::new(),
            drift_known: BTreeMap::new(),
            oom: BTreeSet::new(),
            sampling: Sampling::default(),
            unshown_readings: None,
            chosen_project: None,
            asked_ports: Vec::new(),
            ports_asked_at: Duration::ZERO,
            port_holders: BTreeMap::new(),
            focus: Pane::Services,
            lists: Lists::default(),
            marks: BTreeSet::new(),
            last_marks: BTreeSet::new(),
            filter: String::new(),
            problems_only: false,
            logs: LogPane::new(&options),
            is_zoomed: false,
            pressed: None,
            layers: Vec::new(),
            runs: Runs::default(),
            activity: Activity::default(),
            events: Events::default(),
            processes: None,
            outcome: None,
            pending_keys: Vec::new(),
            revision: 0,
            options,
        }
    }

    /// A moment as a clock shows it here: `14:03:10`.
    pub fn clock(&self, at: Timestamp) -> String {
        at.to_zoned(self.options.time_zone.clone()).strftime("%H:%M:%S").to_string()
    }

    /// The layer that has the keys, if any lies above the home screen.
    pub fn layer(&self) -> Option<&Layer> {
        self.layers.last()
    }
}
