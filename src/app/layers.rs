//! What lies above the home screen: one kind a variant, each with no more than its own cursor and typing.

use std::time::Duration;

use super::{Action, Input, RunId};
use crate::plan::{Options, Target};

/// How long a dialog is deaf after it opened, so that keys meant for what was there before do not act in it.
pub const DEAF: Duration = Duration::from_millis(200);

/// One thing above the home screen.
#[derive(Clone, Debug, PartialEq)]
pub enum Layer {
    /// The keys.
    Help(Scroll),
    /// A list of actions: verbs, ways to recreate, signals.
    Menu(Menu),
    /// Actions by name.
    Palette(Palette),
    /// What a verb would change; Enter does it.
    Plan(PlanDialog),
    /// What `down` would take away, with choices; Enter does it.
    Down(DownDialog),
    /// The story of a service.
    Details(Details),
    /// What happened.
    Activity(Scroll),
    /// The projects that the engine knows.
    Projects(Projects),
    /// Which profiles are on.
    Profiles(Profiles),
    /// A line to type at the bottom of the screen.
    Prompt(Prompt),
    /// A question with yes and no.
    Confirm(Confirm),
    /// What is wrong with the files.
    Diagnostics(Scroll),
}

/// A layer that only scrolls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scroll {
    /// The first line shown.
    pub offset: usize,
}

/// A list of actions on a target.
#[derive(Clone, Debug, PartialEq)]
pub struct Menu {
    /// Which list.
    pub kind: MenuKind,
    /// What the actions act on, fixed when it opened.
    pub target: Target,
    /// The selected entry.
    pub cursor: usize,
    /// When it opened.
    pub opened_at: Duration,
}

/// Which list of actions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MenuKind {
    /// Every verb (`x`).
    Verbs,
    /// Ways to recreate (`R`).
    Recreate,
    /// Signals (`K`).
    Signals,
    /// How a log is saved (Ctrl-s).
    Save,
}

/// Actions by name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Palette {
    /// What was typed.
    pub input: Input,
    /// The selected one of those that match.
    pub cursor: usize,
}

/// What a verb would change.
#[derive(Clone, Debug, PartialEq)]
pub struct PlanDialog {
    /// The run that asks; its request and plan are in [`Runs`](super::runs::Runs).
    pub run: RunId,
    /// When it opened, or last changed its plan.
    pub opened_at: Duration,
    /// The first line shown.
    pub offset: usize,
    /// The plan is another one than was shown when Enter was pressed.
    pub has_changed: bool,
}

/// What `down` would take away.
#[derive(Clone, Debug, PartialEq)]
pub struct DownDialog {
    /// The run that asks.
    pub run: RunId,
    /// When it opened, or last changed its plan.
    pub opened_at: Duration,
    /// The selected choice.
    pub cursor: usize,
    /// The project's name as typed; asked for where volumes go.
    pub typed: Input,
    /// The plan is another one than was shown when Enter was pressed.
    pub has_changed: bool,
}

/// What `down` may take away besides containers and networks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DownChoice {
    /// The project's volumes.
    Volumes,
    /// Images that were built for its services.
    Images,
    /// Containers that no service accounts for.
    Orphans,
}

impl DownChoice {
    /// All, in the order of the dialog.
    pub const ALL: [Self; 3] = [Self::Volumes, Self::Images, Self::Orphans];

    /// The key that turns it.
    pub fn key(self) -> char {
        match self {
            Self::Volumes => 'v',
            Self::Images => 'i',
            Self::Orphans => 'o',
        }
    }

    /// Whether it is turned on.
    pub fn is_on(self, options: &Options) -> bool {
        match self {
            Self::Volumes => options.remove_volumes,
            Self::Images => options.remove_local_images,
            Self::Orphans => options.remove_orphans,
        }
    }

    /// Its option.
    pub fn of(self, options: &mut Options) -> &mut bool {
        match self {
            Self::Volumes => &mut options.remove_volumes,
            Self::Images => &mut options.remove_local_images,
            Self::Orphans => &mut options.remove_orphans,
        }
    }

    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Volumes => "delete its volumes, and the data in them",
            Self::Images => "delete the images that were built for it",
            Self::Orphans => "remove orphans as well",
        }
    }
}

/// The story of a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Details {
    /// Whose.
    pub service: String,
    /// Which part.
    pub tab: Tab,
    /// The first line shown.
    pub offset: usize,
}

/// The parts of the details.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tab {
    /// What state it is in, and why.
    #[default]
    Overview,
    /// Variables; secret-looking ones masked.
    Environment,
    /// What the file says.
    Config,
    /// What the engine says.
    Inspect,
    /// What its containers use, over time.
    Usage,
    /// The processes in its container.
    Processes,
    /// What the engine told of its containers.
    Events,
    /// The end of its log.
    Log,
}

impl Tab {
    /// All, in order.
    pub const ALL: [Self; 8] = [
        Self::Overview,
        Self::Environment,
        Self::Config,
        Self::Inspect,
        Self::Usage,
        Self::Processes,
        Self::Events,
        Self::Log,
    ];

    /// Its title.
    pub fn title(self) -> &'static str {
        match self {
            Self::Overview => "Overview",
            Self::Environment => "Env",
            Self::Config => "Config",
            Self::Inspect => "Inspect",
            Self::Usage => "Stats",
            Self::Processes => "Top",
            Self::Events => "Events",
            Self::Log => "Logs",
        }
    }
}

/// The projects that the engine knows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Projects {
    /// The selected project's place in [`rows::projects`](super::rows::projects).
    pub cursor: usize,
}

/// Which profiles are on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Profiles {
    /// All that the file knows, in the order of the alphabet, and whether each is to be on.
    pub choices: Vec<(String, bool)>,
    /// The selected one.
    pub cursor: usize,
}

/// A line to type.
#[derive(Clone, Debug, PartialEq)]
pub struct Prompt {
    /// What for.
    pub kind: PromptKind,
    /// What was typed.
    pub input: Input,
}

/// What a line is typed for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PromptKind {
    /// Filters the services, at every key.
    Filter,
    /// Searches the focused log.
    Search,
    /// Searches all logs.
    SearchAll,
    /// The span of time within which the focused log is shown.
    Since,
    /// The moment that the logs go to.
    GoToTime,
    /// A service or replica that is given a tile.
    Tile {
        /// Those that can be.
        known: Vec<String>,
    },
    /// The command that a new container of a service runs; nothing for the service's own.
    Run {
        /// Of which.
        service: String,
    },
    /// The number of replicas of a service.
    Replicas {
        /// Which.
        service: String,
    },
}

impl PromptKind {
    /// What stands before the line.
    pub fn label(&self) -> String {
        match self {
            Self::Filter => "filter ".to_owned(),
            Self::Search => "search ".to_owned(),
            Self::SearchAll => "search all logs ".to_owned(),
            Self::Since => "since (10m, 14:03, 14:03..14:10, nothing for all) ".to_owned(),
            Self::GoToTime => "go to (10m ago, 14:03, 2026-11-23T14:03) ".to_owned(),
            Self::Tile { known } => format!("tile of ({}) ", super::words::names(known)),
            Self::Run { service } => format!("run in a new {service} (nothing for its own command) "),
            Self::Replicas { service } => format!("replicas of {service} "),
        }
    }
}

/// A question with yes and no.
#[derive(Clone, Debug, PartialEq)]
pub struct Confirm {
    /// What is asked: `restart api is still going on. Quit?`
    pub question: String,
    /// What yes does.
    pub action: Action,
    /// When it opened.
    pub opened_at: Duration,
}

impl Layer {
    /// When it opened, for layers that are deaf at first.
    pub fn opened_at(&self) -> Option<Duration> {
        match self {
            Self::Menu(menu) => Some(menu.opened_at),
            Self::Plan(dialog) => Some(dialog.opened_at),
            Self::Down(dialog) => Some(dialog.opened_at),
            Self::Confirm(confirm) => Some(confirm.opened_at),
            _ => None,
        }
    }

    /// Whether it does not take keys yet.
    pub fn is_deaf(&self, mono: Duration) -> bool {
        self.opened_at().is_some_and(|opened| mono < opened + DEAF)
    }

    /// The place of its cursor in its list of entries, if it has one.
    pub fn cursor_mut(&mut self) -> Option<&mut usize> {
        match self {
            Self::Menu(menu) => Some(&mut menu.cursor),
            Self::Palette(palette) => Some(&mut palette.cursor),
            Self::Projects(projects) => Some(&mut projects.cursor),
            Self::Profiles(profiles) => Some(&mut profiles.cursor),
            _ => None,
        }
    }

    /// The run that it asks about.
    pub fn run(&self) -> Option<RunId> {
        match self {
            Self::Plan(dialog) => Some(dialog.run),
            Self::Down(dialog) => Some(dialog.run),
            _ => None,
        }
    }
}
