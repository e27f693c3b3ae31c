//! What an op tells while it goes on, besides how far it is: for those who show all of it.

/// One thing told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Detail {
    /// Why an image is not pulled or a dependency not ready, where the plan goes on without.
    Refused(String),
    /// A layer of the image that is pulled.
    Layer(Layer),
    /// What the builder or a hook prints: a piece of text, its line ends among it.
    Output(String),
}

/// How a layer of an image stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layer {
    /// The beginning of its digest.
    pub id: String,
    /// In the engine's words: `Downloading`, `Pull complete`.
    pub status: String,
    /// How far this part of the work is, in `units`.
    pub current: u64,
    /// How far it goes; 0 where that is not known.
    pub total: u64,
    /// What is counted; empty is bytes, `s` seconds.
    pub units: String,
}

impl Layer {
    /// Whether this part of the work is over (words of the Engine API's pull).
    pub fn is_done(&self) -> bool {
        ["Download complete", "Already exists", "Pull complete"].contains(&self.status.as_str())
    }

    /// From 0 to 100.
    pub fn percent(&self) -> u64 {
        if self.is_done() {
            100
        } else {
            (self.current.saturating_mul(100)).checked_div(self.total).unwrap_or(0).min(100)
        }
    }
}
