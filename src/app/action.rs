//! Everything that a key can mean: the one registry that keys, footer, help, menus and palette are made from.
//!
//! An action says nothing of how it is done; [`refusal()`] says whether it can be now, and why not.

mod refusal;
mod table;

pub use self::refusal::{is_available, refusal};
pub use self::table::ENTRIES;

use super::Pane;

/// What a key, a menu entry or a line of the palette means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs, reason = "every variant's meaning is its help in the table, once")]
pub enum Action {
    Next,
    Previous,
    First,
    Last,
    PageDown,
    PageUp,
    HalfDown,
    HalfUp,
    Focus(Pane),
    NextPane,
    PreviousPane,
    Mark,
    MarkAll,
    MarkAgain,
    Up,
    UpProject,
    Stop,
    Start,
    Restart,
    RecreateMenu,
    Recreate,
    Rebuild,
    PullNewer,
    FreshVolumes,
    Build,
    Pull,
    Run,
    Pause,
    Kill,
    Remove,
    Down,
    Replicas,
    VerbMenu,
    CancelRun,
    Shell,
    Details,
    Activity,
    Projects,
    Profiles,
    Diagnostics,
    Reload,
    Open,
    Copy,
    Tile,
    TileBefore,
    TileAfter,
    TileAdd,
    TileRemove,
    View,
    Zoom,
    Filter,
    Problems,
    Search,
    SearchAll,
    NextMatch,
    PreviousMatch,
    Follow,
    Wrap,
    Fold,
    Times,
    OnlyMatches,
    Invert,
    Context,
    Once,
    Threshold,
    Since,
    GoToTime,
    LogMark,
    NextError,
    PreviousError,
    SaveMenu,
    SaveLog,
    SaveJson,
    SaveWhole,
    SaveWholeJson,
    Pager,
    Select,
    LogPage,
    Clear,
    Left,
    Right,
    Palette,
    Help,
    Back,
    Close,
    Quit,
    Suspend,
    Redraw,
    Accept,
    NextTab,
    PreviousTab,
    ChooseBuild,
    ChoosePull,
    ChooseOrphans,
    ChooseVolumes,
    ChooseImages,
}

/// Where a key means an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Context {
    /// Everywhere, layers included.
    Everywhere,
    /// In every pane of the home screen.
    Home,
    /// In the panes Services, Containers and Ports.
    Lists,
    /// In the pane Logs.
    Logs,
    /// In layers.
    Layer,
}

impl Context {
    /// Whether a key can be pressed in both at once, so that it must not mean two things.
    pub fn overlaps(self, other: Self) -> bool {
        use Context::{Everywhere, Home, Lists, Logs};
        let is_everywhere = self == Everywhere || other == Everywhere;
        is_everywhere || self == other || matches!((self, other), (Home, Lists | Logs) | (Lists | Logs, Home))
    }
}

/// The headings of the help, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Group {
    /// Moving about.
    Move,
    /// Verbs.
    Verbs,
    /// Looking closer.
    Look,
    /// In Logs.
    Logs,
    /// In dialogs.
    Dialogs,
    /// The program.
    Program,
}

impl Group {
    /// All, in order.
    pub const ALL: [Self; 6] =
        [Self::Move, Self::Verbs, Self::Look, Self::Logs, Self::Dialogs, Self::Program];

    /// Its heading.
    pub fn title(self) -> &'static str {
        match self {
            Self::Move => "Move and mark",
            Self::Verbs => "Verbs",
            Self::Look => "Look",
            Self::Logs => "In Logs",
            Self::Dialogs => "In dialogs",
            Self::Program => "Dockside",
        }
    }
}

/// One line of the registry.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// What it is about.
    pub action: Action,
    /// Its name in the settings.
    pub name: &'static str,
    /// Its keys unless the settings say otherwise.
    pub keys: &'static [&'static str],
    /// Where the keys mean it.
    pub context: Context,
    /// Its heading in the help.
    pub group: Group,
    /// What it does, in one line.
    pub help: &'static str,
    /// Its word in the footer, and its rank there: the lowest are dropped last.
    pub footer: Option<(u8, &'static str)>,
    /// Whether the palette lists it.
    pub in_palette: bool,
    /// Whether it is a verb: refused when read-only, acts on a target, listed in the menu `x`.
    pub is_verb: bool,
}

/// The line of an action.
pub fn entry(action: Action) -> Option<&'static Entry> {
    ENTRIES.iter().find(|entry| entry.action == action)
}

/// The action of this name.
pub fn by_name(name: &str) -> Option<&'static Entry> {
    ENTRIES.iter().find(|entry| entry.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_actions_are_unique() {
        for (place, one) in ENTRIES.iter().enumerate() {
            for other in &ENTRIES[place + 1..] {
                assert_ne!(one.name, other.name);
                assert_ne!(one.action, other.action, "{}", one.name);
            }
        }
    }

    #[test]
    fn every_line_of_help_is_short() {
        for entry in ENTRIES {
            assert!(entry.help.len() <= 64, "{}: {}", entry.name, entry.help);
            assert!(entry.help.chars().next().is_some_and(char::is_lowercase), "{}", entry.name);
        }
    }
}
