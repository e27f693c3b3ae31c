//! The table of the registry. Its order is that of help, menu and palette.

use super::Action as A;
use super::Context::{Everywhere, Home, Layer, Lists, Logs};
use super::{Action, Context, Entry, Group};
use crate::app::Pane;

const fn entry(
    action: Action,
    name: &'static str,
    keys: &'static [&'static str],
    context: Context,
    group: Group,
    help: &'static str,
) -> Entry {
    Entry { action, name, keys, context, group, help, footer: None, in_palette: false, is_verb: false }
}

impl Entry {
    const fn footer(self, rank: u8, word: &'static str) -> Self {
        Self { footer: Some((rank, word)), ..self }
    }

    const fn palette(self) -> Self {
        Self { in_palette: true, ..self }
    }

    const fn verb(self) -> Self {
        Self { in_palette: true, is_verb: true, ..self }
    }
}

use Group::{Dialogs, Look, Move, Program, Verbs};

/// Every action.
#[rustfmt::skip] // One line an action reads as the table that it is.
pub const ENTRIES: &[Entry] = &[
    entry(A::Next, "next", &["j", "down"], Everywhere, Move, "the next row or line"),
    entry(A::Previous, "previous", &["k", "up"], Everywhere, Move, "the row or line before"),
    entry(A::First, "first", &["g g", "home"], Everywhere, Move, "the first row or line"),
    entry(A::Last, "last", &["G", "end"], Everywhere, Move, "the last row or line"),
    entry(A::PageDown, "page-down", &["pgdn"], Everywhere, Move, "a page down"),
    entry(A::PageUp, "page-up", &["pgup"], Everywhere, Move, "a page up"),
    entry(A::HalfDown, "half-down", &["ctrl-d"], Everywhere, Move, "half a page down"),
    entry(A::HalfUp, "half-up", &["ctrl-u"], Everywhere, Move, "half a page up"),
    entry(A::Focus(Pane::Services), "focus-services", &["1"], Home, Move, "focus Services").palette(),
    entry(A::Focus(Pane::Containers), "focus-containers", &["2"], Home, Move, "focus Containers").palette(),
    entry(A::Focus(Pane::Ports), "focus-ports", &["3"], Home, Move, "focus Ports").palette(),
    entry(A::Focus(Pane::Logs), "focus-logs", &["4"], Home, Move, "focus Logs").palette(),
    entry(A::NextPane, "next-pane", &["tab"], Home, Move, "focus the next pane"),
    entry(A::PreviousPane, "previous-pane", &["shift-tab"], Home, Move, "focus the pane before"),
    entry(A::Mark, "mark", &["space"], Lists, Move, "mark or unmark, and go on").footer(60, "mark"),
    entry(A::MarkAll, "mark-all", &["*"], Lists, Move, "mark all, or none").palette(),
    entry(A::MarkAgain, "mark-again", &["g v"], Lists, Move, "the last marks again").palette(),

    entry(A::Up, "up", &["u"], Home, Verbs, "bring up, with what it depends on").verb().footer(10, "up"),
    entry(A::Stop, "stop", &["s"], Home, Verbs, "stop").verb().footer(20, "stop"),
    entry(A::Start, "start", &["S"], Home, Verbs, "start what is stopped").verb(),
    entry(A::Restart, "restart", &["r"], Home, Verbs, "stop and start again, as it is").verb().footer(15, "restart"),
    entry(A::Pause, "pause", &["p"], Home, Verbs, "pause, or go on").verb().footer(70, "pause"),
    entry(A::Kill, "kill", &["K"], Home, Verbs, "kill: choose a signal").verb().footer(75, "kill"),
    entry(A::RecreateMenu, "recreate-menu", &["R"], Home, Verbs, "recreate, rebuild, pull, fresh volumes").verb(),
    entry(A::Recreate, "recreate", &[], Home, Verbs, "recreate though nothing changed").palette(),
    entry(A::Rebuild, "rebuild", &[], Home, Verbs, "build its image, then bring up").palette(),
    entry(A::PullNewer, "pull", &[], Home, Verbs, "pull its image, then bring up").palette(),
    entry(A::FreshVolumes, "fresh-volumes", &[], Home, Verbs, "recreate with new anonymous volumes").palette(),
    entry(A::Build, "build-image", &[], Home, Verbs, "build its image, and leave what runs").palette(),
    entry(A::Pull, "pull-image", &[], Home, Verbs, "pull its image, and leave what runs").palette(),
    entry(A::Run, "run", &["X"], Home, Verbs, "run a command in a new container of it").verb(),
    entry(A::Replicas, "replicas", &["#"], Home, Verbs, "change the number of replicas").verb(),
    entry(A::Remove, "remove", &["d"], Home, Verbs, "remove stopped containers").verb(),
    entry(A::CancelRun, "cancel", &["ctrl-x"], Home, Verbs, "cancel the verb in progress").palette(),
    entry(A::UpProject, "up-project", &["U"], Home, Verbs, "bring up the whole project").verb(),
    entry(A::Down, "down", &["D"], Home, Verbs, "take down the whole project").verb().footer(50, "down"),
    entry(A::VerbMenu, "menu", &["x"], Home, Verbs, "menu of every verb").footer(35, "menu"),

    entry(A::Details, "details", &["enter"], Home, Look, "details: what it does, and why").footer(30, "why").palette(),
    entry(A::Shell, "shell", &["e", "E"], Home, Look, "a shell in the container").palette(),
    entry(A::Open, "open", &["o"], Home, Look, "open its port in the browser").palette(),
    entry(A::Copy, "copy", &["y"], Home, Look, "copy its address, name, or a report").palette(),
    entry(A::Tile, "tile", &["l"], Lists, Look, "give it a log tile, or take it").footer(65, "tile").palette(),
    entry(A::View, "view", &["v"], Home, Look, "logs: solo, merged, tiles").footer(66, "view").palette(),
    entry(A::Zoom, "zoom", &["z"], Home, Look, "the pane alone, then its tile, or all").palette(),
    entry(A::Filter, "filter", &["/"], Lists, Look, "filter the services by name").footer(40, "filter").palette(),
    entry(A::Problems, "problems", &["!"], Lists, Look, "only what needs attention").palette(),
    entry(A::Activity, "activity", &["A"], Home, Look, "what happened").palette(),
    entry(A::Projects, "projects", &["P"], Home, Look, "the engine's projects").palette(),
    entry(A::Profiles, "profiles", &["g p"], Home, Look, "which profiles are on").palette(),
    entry(A::Diagnostics, "diagnostics", &["f8"], Home, Look, "what is wrong with the files").palette(),

    entry(A::Search, "search", &["/"], Logs, Group::Logs, "search this log").footer(38, "search"),
    entry(A::SearchAll, "search-all", &["g /"], Home, Group::Logs, "search all logs").palette(),
    entry(A::NextMatch, "next-match", &["n"], Logs, Group::Logs, "the next match"),
    entry(A::PreviousMatch, "previous-match", &["N"], Logs, Group::Logs, "the match before"),
    entry(A::Follow, "follow", &["f"], Logs, Group::Logs, "follow the end").footer(41, "follow"),
    entry(A::Wrap, "wrap", &["w"], Logs, Group::Logs, "wrap long lines").footer(42, "wrap"),
    entry(A::Fold, "fold", &["J"], Logs, Group::Logs, "fold JSON and logfmt, or show them as written").palette(),
    entry(A::Times, "times", &["t"], Logs, Group::Logs, "show times").footer(43, "times"),
    entry(A::OnlyMatches, "only-matches", &["F"], Logs, Group::Logs, "only the lines that match the search").palette().footer(39, "only matches"),
    entry(A::Invert, "invert", &["!"], Logs, Group::Logs, "only the lines that do not match").palette(),
    entry(A::Context, "context", &["C"], Logs, Group::Logs, "lines around those wanted: 0, 3, 10").palette(),
    entry(A::Once, "once", &["="], Logs, Group::Logs, "repeated lines as a count").palette(),
    entry(A::Threshold, "level", &["L"], Logs, Group::Logs, "the least level: info, warn, error").palette().footer(44, "level"),
    entry(A::Since, "since", &["T"], Logs, Group::Logs, "since when: 10m, 14:03, 14:03..14:10").palette().footer(45, "since"),
    entry(A::GoToTime, "go-to-time", &["g t"], Logs, Group::Logs, "go to a time: 10m ago, 14:03").palette(),
    entry(A::NextError, "next-error", &["] e"], Logs, Group::Logs, "the next error, in all tiles").palette(),
    entry(A::PreviousError, "previous-error", &["[ e"], Logs, Group::Logs, "the error before, in all tiles").palette(),
    entry(A::LogMark, "log-mark", &["m"], Logs, Group::Logs, "draw a line across the logs, now").palette(),
    entry(A::TileBefore, "tile-before", &["<"], Logs, Group::Logs, "swap this tile with the one before").palette(),
    entry(A::TileAfter, "tile-after", &[">"], Logs, Group::Logs, "swap this tile with the next").palette(),
    entry(A::TileAdd, "tile-add", &["+"], Logs, Group::Logs, "one more tile: a service or replica").palette(),
    entry(A::TileRemove, "tile-remove", &["-"], Logs, Group::Logs, "take this tile away").palette(),
    entry(A::Select, "select", &["V"], Logs, Group::Logs, "select lines; y copies them").palette().footer(47, "select"),
    entry(A::SaveMenu, "save-menu", &["ctrl-s"], Logs, Group::Logs, "save this log to a file: choose how").footer(46, "save"),
    entry(A::SaveLog, "save-log", &[], Logs, Group::Logs, "save it as it is shown, as text").palette(),
    entry(A::SaveJson, "save-json", &[], Logs, Group::Logs, "save it as it is shown, as JSON lines").palette(),
    entry(A::SaveWhole, "save-whole", &[], Logs, Group::Logs, "save all lines held, as text").palette(),
    entry(A::SaveWholeJson, "save-whole-json", &[], Logs, Group::Logs, "save all lines held, as JSON lines").palette(),
    entry(A::Pager, "pager", &["|"], Logs, Group::Logs, "what is shown in the pager ($PAGER)").palette(),
    entry(A::LogPage, "log-page", &["space"], Logs, Group::Logs, "a page down"),
    entry(A::Clear, "clear", &["c"], Logs, Group::Logs, "forget the lines that are shown"),
    entry(A::Left, "left", &["h", "left"], Logs, Group::Logs, "sideways, to the left"),
    entry(A::Right, "right", &["l", "right"], Logs, Group::Logs, "sideways, to the right"),

    entry(A::Accept, "accept", &["enter"], Layer, Dialogs, "do it"),
    entry(A::NextTab, "next-tab", &["tab", "l", "right"], Layer, Dialogs, "the next part of the details"),
    entry(A::PreviousTab, "previous-tab", &["shift-tab", "h", "left"], Layer, Dialogs, "the part before"),
    entry(A::ChooseBuild, "choose-build", &["b"], Layer, Dialogs, "up: build first"),
    entry(A::ChoosePull, "choose-pull", &["P"], Layer, Dialogs, "up: pull first"),
    entry(A::ChooseOrphans, "choose-orphans", &["o"], Layer, Dialogs, "remove orphans as well"),
    entry(A::ChooseVolumes, "choose-volumes", &["v"], Layer, Dialogs, "down: delete volumes"),
    entry(A::ChooseImages, "choose-images", &["i"], Layer, Dialogs, "down: delete built images"),

    entry(A::Palette, "palette", &[":"], Home, Program, "find an action by name"),
    entry(A::Help, "help", &["?", "f1"], Home, Program, "the keys").footer(5, "help").palette(),
    entry(A::Reload, "reload", &["ctrl-r"], Home, Program, "read the compose files again").palette(),
    entry(A::Back, "back", &["esc"], Everywhere, Program, "undo one thing: prompt, layer, filter"),
    entry(A::Close, "close", &["q"], Everywhere, Program, "close the layer; quit where there is none"),
    entry(A::Quit, "quit", &["ctrl-c"], Everywhere, Program, "quit").palette(),
    entry(A::Suspend, "suspend", &["ctrl-z"], Everywhere, Program, "suspend; `fg` brings it back"),
    entry(A::Redraw, "redraw", &["ctrl-l"], Everywhere, Program, "draw everything anew"),
];
