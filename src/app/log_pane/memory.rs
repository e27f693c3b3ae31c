//! What is remembered of a project's logs from one time to the next: which have tiles, in which order, and how they are
//! shown. PURE: what is to be written is text, and whoever writes it knows where.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{LogMode, LogPane};

/// What is remembered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Layout {
    /// `solo`, `merged` or `tiles`.
    pub view: String,
    /// The services that have a tile.
    pub tiles: Vec<String>,
    /// The labels of tiles in the order in which they stand, where that was chosen.
    pub order: Vec<String>,
    /// The labels of tiles that were taken away one by one.
    pub hidden: BTreeSet<String>,
}

/// Of which project what was remembered was asked for, and what is known to be remembered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Memory {
    /// The project.
    pub project: Option<String>,
    /// What is written; none before the answer has come.
    pub written: Option<Layout>,
}

impl Layout {
    /// The layout of a pane.
    pub fn of(pane: &LogPane) -> Self {
        Self {
            view: pane.mode.title().to_owned(),
            tiles: pane.tiles.clone(),
            order: pane.order.clone(),
            hidden: pane.hidden.clone(),
        }
    }

    /// As text for a file.
    pub fn to_text(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }

    /// Read from such text; what cannot be read is as if nothing had been remembered.
    pub fn of_text(text: &str) -> Self {
        serde_json::from_str(text).unwrap_or_default()
    }

    /// Lays the pane out so.
    pub fn apply(&self, pane: &mut LogPane) {
        let modes = [LogMode::Solo, LogMode::Merged, LogMode::Tiles];
        pane.mode = modes.into_iter().find(|mode| mode.title() == self.view).unwrap_or_default();
        pane.tiles.clone_from(&self.tiles);
        pane.order.clone_from(&self.order);
        pane.hidden.clone_from(&self.hidden);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read_and_rubbish_is_nothing() {
        let layout = Layout {
            view: "tiles".to_owned(),
            tiles: vec!["api".to_owned()],
            order: vec!["api-2".to_owned(), "api-1".to_owned()],
            hidden: BTreeSet::from(["api-3".to_owned()]),
        };
        assert_eq!(Layout::of_text(&layout.to_text()), layout);
        assert_eq!(Layout::of_text(r#"{"view": "merged", "later": 1}"#).view, "merged");
        for text in ["", "{", "[1]", "null"] {
            assert_eq!(Layout::of_text(text), Layout::default(), "{text}");
        }
    }
}
