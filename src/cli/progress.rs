//! How a headless verb tells of its ops on standard error, in Docker Compose's words: on a terminal lines that change in
//! place, elsewhere a line an event.
//!
//! It prints events and knows no plan; `perform` makes events of ops.

use std::io::{self, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use color_eyre::eyre::Result;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;
use serde_json::json;

use super::global::{Global, Variables};
use super::live::{Board, Canvas};
use super::out;

/// What stands before what is not really done.
pub const DRY: &str = " DRY-RUN MODE - ";

/// The form in which progress is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Form {
    /// As on a terminal where one reads it, and plain elsewhere.
    #[default]
    Auto,
    /// Lines that change in place.
    Terminal,
    /// ` Container shop-web-1  Started`
    Plain,
    /// One object a line.
    Json,
    /// Nothing.
    Quiet,
}

impl Form {
    /// Reads `auto`, `tty`, `plain`, `json` or `quiet`; empty is `auto`.
    ///
    /// # Errors
    /// Anything else.
    pub fn parse(text: &str) -> Result<Self, String> {
        match text {
            "auto" | "" => Ok(Self::Auto),
            "tty" => Ok(Self::Terminal),
            "plain" => Ok(Self::Plain),
            "json" => Ok(Self::Json),
            "quiet" | "none" => Ok(Self::Quiet),
            other => Err(format!("unsupported --progress value {other:?}")),
        }
    }
}

/// How an event stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mood {
    /// It goes on.
    Working,
    /// It is over and well.
    Done,
    /// It is over and not as it should be.
    Warning,
    /// It failed.
    Error,
}

/// One thing that happened: `Container shop-web-1`, `Started`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// What it happened to, with its kind.
    pub id: String,
    /// What that is a part of: the service whose image a layer belongs to.
    pub parent: Option<String>,
    /// What happened, in the words that Docker Compose has for images.
    pub text: String,
    /// What happened, or more about it.
    pub status: String,
    /// How far it is, where that can be counted.
    pub amount: Option<Amount>,
    /// How that is.
    pub mood: Mood,
}

/// How far something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Amount {
    /// Bytes that are done.
    pub current: u64,
    /// Bytes in all; 0 where that is not known.
    pub total: u64,
    /// From 0 to 100.
    pub percent: u64,
}

impl Event {
    /// An event of a whole thing.
    pub fn of(id: &str, status: &str, mood: Mood) -> Self {
        let (id, status) = (id.to_owned(), status.to_owned());
        Self { id, parent: None, text: String::new(), status, amount: None, mood }
    }
}

/// An event as Docker Compose writes it down: what is empty or 0 is left out.
#[derive(Serialize)]
struct Written<'a> {
    #[serde(rename = "dry-run", skip_serializing_if = "is_empty")]
    is_dry: bool,
    id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    parent_id: Option<&'a str>,
    #[serde(skip_serializing_if = "is_empty")]
    text: &'a str,
    #[serde(skip_serializing_if = "is_empty")]
    status: &'a str,
    #[serde(skip_serializing_if = "is_empty")]
    current: u64,
    #[serde(skip_serializing_if = "is_empty")]
    total: u64,
    #[serde(skip_serializing_if = "is_empty")]
    percent: u64,
}

fn is_empty<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// Prints events.
#[derive(Clone, Debug)]
pub struct Progress {
    form: Form,
    is_coloured: bool,
    to_stdout: bool,
    /// Whether nothing of it is really done.
    is_dry: bool,
    /// What stands on the terminal, where lines change in place.
    live: Option<Arc<Live>>,
}

/// What stands on the terminal.
#[derive(Debug)]
struct Live {
    begun: Instant,
    board: Mutex<Board>,
    /// Whether others write to the terminal from now on, which lines that change in place would wipe.
    is_over: AtomicBool,
}

/// How often at most what goes on is drawn anew.
pub const FRAME: Duration = Duration::from_millis(100);

impl Progress {
    /// As the options and the environment say.
    pub fn of(global: &Global, variables: &Variables) -> Self {
        let form = global.progress.unwrap_or_default();
        let to_stdout = variables.is_on("COMPOSE_STATUS_STDOUT");
        let is_read = if to_stdout { io::stdout().is_terminal() } else { io::stderr().is_terminal() };
        let ansi = global.ansi.as_deref().or_else(|| variables.text("COMPOSE_ANSI"));
        let is_live = match form {
            Form::Terminal => true,
            Form::Auto => is_read && ansi != Some("never"),
            Form::Plain | Form::Json | Form::Quiet => false,
        };
        let is_coloured = is_live && variables.text("NO_COLOR").is_none();
        let begun = Instant::now();
        let live = is_live
            .then(|| Arc::new(Live { begun, board: Mutex::default(), is_over: AtomicBool::new(false) }));
        Self { form, is_coloured, to_stdout, is_dry: global.dry_run, live }
    }

    /// The same, but silent.
    #[must_use]
    pub fn quiet(&self) -> Self {
        Self { form: Form::Quiet, live: None, ..self.clone() }
    }

    /// Whether nothing is told.
    pub fn is_quiet(&self) -> bool {
        self.form == Form::Quiet
    }

    /// Whether what was told changes with time: then [`Self::refresh`] is to be called now and then.
    pub fn is_live(&self) -> bool {
        self.live().is_some()
    }

    /// From now on every event is a line: containers print to the same terminal.
    pub fn end_live(&self) {
        if let Some(live) = &self.live {
            live.is_over.store(true, Ordering::Relaxed);
        }
    }

    fn live(&self) -> Option<&Live> {
        self.live.as_deref().filter(|live| !live.is_over.load(Ordering::Relaxed))
    }

    /// Tells of an event. That nobody can read it any more stops nothing.
    pub fn tell(&self, event: &Event) {
        if let Some(live) = self.live() {
            let mut board = live.board();
            let now = live.begun.elapsed();
            if self.is_dry {
                board.take(&Event { id: format!("{DRY}{}", event.id), ..event.clone() }, now);
            } else {
                board.take(event, now);
            }
            // Layers tell of themselves a thousand times; `refresh` draws what is not drawn here.
            if event.mood != Mood::Working || board.is_older_than(FRAME, now) {
                self.write(&board.draw(self.canvas(), now));
            }
            return;
        }
        let Event { id, parent, text, status, amount, .. } = event;
        match self.form {
            Form::Quiet => {}
            Form::Json => {
                let Amount { current, total, percent } =
                    amount.unwrap_or(Amount { current: 0, total: 0, percent: 0 });
                let parent_id = parent.as_deref();
                let is_dry = self.is_dry;
                let written = Written { is_dry, id, parent_id, text, status, current, total, percent };
                // An object of texts and numbers always has a JSON form.
                self.print(&serde_json::to_string(&written).unwrap_or_default());
            }
            _ => self.print(&format!(" {id} {text} {status}")),
        }
    }

    /// Draws what stands on the terminal anew, since time has gone by.
    pub fn refresh(&self) {
        let Some(live) = self.live() else { return };
        let mut board = live.board();
        if !board.is_empty() {
            self.write(&board.draw(self.canvas(), live.begun.elapsed()));
        }
    }

    /// Leaves what stands on the terminal as it is now: what comes next is told below it.
    pub fn settle(&self) {
        self.refresh();
        if let Some(live) = self.live() {
            *live.board() = Board::default();
        }
    }

    /// Prints a line of another's making, such as a builder's, to standard output.
    ///
    /// # Errors
    /// Where standard output is closed.
    pub fn pass_on(&self, line: &str) -> Result<()> {
        if self.is_quiet() {
            return Ok(());
        }
        let Some(live) = self.live() else { return out::print(&format!("{line}\n")) };
        // What moves the cursor would move it under the lines that change in place.
        let line: String = line.chars().filter(|character| !character.is_control()).collect();
        let mut board = live.board();
        self.write(&board.erase());
        out::print(&format!("{line}\n"))?;
        self.write(&board.draw(self.canvas(), live.begun.elapsed()));
        Ok(())
    }

    /// Prints a line that is no event.
    pub fn line(&self, text: &str) {
        match self.form {
            Form::Quiet => {}
            Form::Json => self.print(&json!({ "text": text }).to_string()),
            _ => self.print(text),
        }
    }

    fn canvas(&self) -> Canvas {
        // A terminal that nobody has given a size says 0.
        let size = crossterm::terminal::window_size().ok().map(|size| (size.columns, size.rows));
        let (width, height) = size.filter(|(width, height)| *width > 0 && *height > 0).unwrap_or((80, 24));
        Canvas { width: width.into(), height: height.into(), is_coloured: self.is_coloured }
    }

    fn print(&self, line: &str) {
        let mark = if self.is_dry && self.form != Form::Json { DRY } else { "" };
        self.write(&format!("{mark}{line}\n"));
    }

    /// One write, so that what several write never mixes. That nobody reads it stops nothing.
    fn write(&self, text: &str) {
        let _ = if self.to_stdout {
            io::stdout().lock().write_all(text.as_bytes())
        } else {
            io::stderr().lock().write_all(text.as_bytes())
        };
    }
}

impl Live {
    fn board(&self) -> MutexGuard<'_, Board> {
        self.board.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether output to `stream` is coloured: `--ansi`, `COMPOSE_ANSI`, `NO_COLOR`, then whether a terminal reads it.
pub fn colours(global: &Global, variables: &Variables, stream: &impl IsTerminal) -> bool {
    match global.ansi.as_deref().or_else(|| variables.text("COMPOSE_ANSI")) {
        Some("never") => false,
        Some("always") => true,
        _ => variables.text("NO_COLOR").is_none() && stream.is_terminal(),
    }
}

/// Prints a warning to standard error as Docker Compose does: for a person on a terminal, else as its log has it.
pub fn warn(text: &str) {
    let line = if io::stderr().is_terminal() {
        let is_plain = std::env::var_os("NO_COLOR").is_some();
        let word = if is_plain { "WARN" } else { "\x1b[33mWARN\x1b[0m" };
        format!("{word}[0000] {text}\n")
    } else {
        let now = Timestamp::now().to_zoned(TimeZone::system());
        let zone = if now.offset().is_zero() { "%Y-%m-%dT%H:%M:%SZ" } else { "%Y-%m-%dT%H:%M:%S%:z" };
        format!("time=\"{}\" level=warning msg={text:?}\n", now.strftime(zone))
    };
    let _ = io::stderr().lock().write_all(line.as_bytes());
}

/// The colour of a mood.
pub(super) fn colour(mood: Mood) -> &'static str {
    match mood {
        Mood::Working => "\x1b[34m",
        Mood::Done => "\x1b[32m",
        Mood::Warning => "\x1b[33m",
        Mood::Error => "\x1b[31m",
    }
}
