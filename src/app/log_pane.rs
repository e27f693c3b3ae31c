//! The Logs pane: which views stand in it, and which of them has the keys.

/// How the logs are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogMode {
    /// The selected service.
    #[default]
    Solo,
    /// Several services, merged by time.
    Merged,
    /// One tile for each replica of the chosen services.
    Tiles,
}

impl LogMode {
    /// The one after it (`v`).
    pub fn next(self) -> Self {
        match self {
            Self::Solo => Self::Merged,
            Self::Merged => Self::Tiles,
            Self::Tiles => Self::Solo,
        }
    }

    /// Its word in the pane's title.
    pub fn title(self) -> &'static str {
        match self {
            Self::Solo => "solo",
            Self::Merged => "merged",
            Self::Tiles => "tiles",
        }
    }
}

/// The Logs pane.
#[derive(Clone, Debug, Default)]
pub struct LogPane {
    /// How the logs are shown.
    pub mode: LogMode,
    /// The services that have a tile, in the order in which they were chosen.
    pub tiles: Vec<String>,
    /// The place of the view that has the keys.
    pub focused: usize,
}
