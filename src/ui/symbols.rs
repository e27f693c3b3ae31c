//! The shapes that tell a state without colour, in Unicode and in ASCII. Every one is one cell wide.

use crate::app::Symbols as States;

/// A set of shapes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Symbols {
    /// Which signs tell states ([`StateKind::sign`](crate::app::rows::StateKind::sign)).
    pub states: States,
    /// A marked row.
    pub mark: &'static str,
    /// The row under the cursor.
    pub cursor: &'static str,
    /// The file and the container differ.
    pub drift: &'static str,
    /// Done well.
    pub done: &'static str,
    /// Something comes new.
    pub create: &'static str,
    /// Something is made anew.
    pub recreate: &'static str,
    /// Something is started.
    pub start: &'static str,
    /// Something is stopped.
    pub stop: &'static str,
    /// Something goes away.
    pub remove: &'static str,
    /// From one value to another.
    pub arrow: &'static str,
    /// Between parts of a sentence.
    pub dot: &'static str,
    /// Nothing: no figure.
    pub none: &'static str,
    /// So many of it.
    pub times: &'static str,
    /// Received.
    pub down: &'static str,
    /// Sent.
    pub up: &'static str,
    /// Where text was cut.
    pub cut: &'static str,
    /// Lines left out.
    pub omitted: &'static str,
    /// Beside a scroll bar: grave lines stand there.
    pub grave: &'static str,
    /// The marks of services, in turn.
    pub services: [&'static str; 8],
    /// The steps of a curve, from next to nothing to full.
    pub levels: [&'static str; 8],
    /// The lines of frames.
    pub lines: Lines,
}

/// The pieces of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lines {
    /// `─`
    pub horizontal: &'static str,
    /// `│`
    pub vertical: &'static str,
    /// `┼`
    pub cross: &'static str,
    /// `╭`
    pub top_left: &'static str,
    /// `╮`
    pub top_right: &'static str,
    /// `╰`
    pub bottom_left: &'static str,
    /// `╯`
    pub bottom_right: &'static str,
    /// `┴`: a dividing line ends at the lower frame.
    pub tee_up: &'static str,
    /// `┤`
    pub tee_left: &'static str,
    /// `├`
    pub tee_right: &'static str,
    /// `┬`
    pub tee_down: &'static str,
}

/// The usual set.
pub const UNICODE: Symbols = Symbols {
    states: States::Unicode,
    mark: "◆",
    cursor: "▌",
    drift: "Δ",
    done: "✔",
    create: "✚",
    recreate: "↻",
    start: "▶",
    stop: "■",
    remove: "✖",
    arrow: "→",
    dot: "·",
    none: "–",
    times: "×",
    down: "↓",
    up: "↑",
    cut: "…",
    omitted: "⋯",
    grave: "▐",
    services: ["▪", "▴", "▾", "▸", "◂", "▰", "▮", "▬"],
    levels: ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"],
    lines: Lines {
        horizontal: "─",
        vertical: "│",
        cross: "┼",
        top_left: "╭",
        top_right: "╮",
        bottom_left: "╰",
        bottom_right: "╯",
        tee_up: "┴",
        tee_left: "┤",
        tee_right: "├",
        tee_down: "┬",
    },
};

/// The set for terminals and fonts without more than ASCII.
pub const ASCII: Symbols = Symbols {
    states: States::Ascii,
    mark: "+",
    cursor: ">",
    drift: "!",
    done: "*",
    create: "+",
    recreate: "@",
    start: ">",
    stop: "#",
    remove: "x",
    arrow: ">",
    dot: "-",
    none: "-",
    times: "x",
    down: "v",
    up: "^",
    cut: "~",
    omitted: ".",
    grave: "!",
    services: ["#", "%", "&", "$", "@", "=", ":", "\""],
    levels: ["_", ".", "-", "=", "+", "*", "%", "#"],
    lines: Lines {
        horizontal: "-",
        vertical: "|",
        cross: "+",
        top_left: "+",
        top_right: "+",
        bottom_left: "+",
        bottom_right: "+",
        tee_up: "+",
        tee_left: "+",
        tee_right: "+",
        tee_down: "+",
    },
};

impl Default for Symbols {
    fn default() -> Self {
        UNICODE
    }
}

impl From<States> for Symbols {
    fn from(choice: States) -> Self {
        match choice {
            States::Unicode => UNICODE,
            States::Ascii => ASCII,
        }
    }
}

impl Symbols {
    /// The mark of the service that has place `index` in the file, so that tiles differ without colour.
    pub fn service(&self, index: usize) -> &'static str {
        self.services[index % self.services.len()]
    }
}
