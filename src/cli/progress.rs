//! How a headless verb tells of its ops: a line an event on standard error, in Docker Compose's words.
//!
//! It prints events and knows no plan; `perform` makes events of ops.

use std::io::{self, IsTerminal, Write};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::json;

use super::global::{Global, Variables};

/// What stands before what is not really done.
pub const DRY: &str = " DRY-RUN MODE - ";

/// The form in which progress is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Form {
    /// Colours where a terminal reads it.
    #[default]
    Auto,
    /// Colours.
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
    /// What happened.
    pub status: String,
    /// How that is.
    pub mood: Mood,
}

/// Prints events.
#[derive(Clone, Debug)]
pub struct Progress {
    form: Form,
    is_coloured: bool,
    to_stdout: bool,
    /// Whether nothing of it is really done.
    is_dry: bool,
}

impl Progress {
    /// As the options and the environment say.
    pub fn of(global: &Global, variables: &Variables) -> Self {
        let form = global.progress.unwrap_or_default();
        let is_coloured = match form {
            Form::Terminal => true,
            Form::Auto => colours(global, variables, &io::stderr()),
            Form::Plain | Form::Json | Form::Quiet => false,
        };
        let to_stdout = variables.is_on("COMPOSE_STATUS_STDOUT");
        Self { form, is_coloured, to_stdout, is_dry: global.dry_run }
    }

    /// The same, but silent.
    #[must_use]
    pub fn quiet(&self) -> Self {
        Self { form: Form::Quiet, ..self.clone() }
    }

    /// Whether nothing is told.
    pub fn is_quiet(&self) -> bool {
        self.form == Form::Quiet
    }

    /// Tells of an event. That nobody can read it any more stops nothing.
    pub fn tell(&self, event: &Event) {
        let line = match self.form {
            Form::Quiet => return,
            Form::Json if self.is_dry => {
                json!({ "dry-run": true, "id": event.id, "status": event.status }).to_string()
            }
            Form::Json => json!({ "id": event.id, "status": event.status }).to_string(),
            _ if self.is_coloured => {
                format!(" {}  {}{}\x1b[0m", event.id, colour(event.mood), event.status)
            }
            _ => format!(" {}  {}", event.id, event.status),
        };
        self.print(&line);
    }

    /// Prints a line of another's making, such as a builder's.
    pub fn line(&self, text: &str) {
        match self.form {
            Form::Quiet => {}
            Form::Json => self.print(&json!({ "text": text }).to_string()),
            _ => self.print(text),
        }
    }

    fn print(&self, line: &str) {
        let mark = if self.is_dry && self.form != Form::Json { DRY } else { "" };
        // One write a line, so that lines of several writers never mix.
        let line = format!("{mark}{line}\n");
        let _ = if self.to_stdout {
            io::stdout().lock().write_all(line.as_bytes())
        } else {
            io::stderr().lock().write_all(line.as_bytes())
        };
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

fn colour(mood: Mood) -> &'static str {
    match mood {
        Mood::Working => "\x1b[34m",
        Mood::Done => "\x1b[32m",
        Mood::Warning => "\x1b[33m",
        Mood::Error => "\x1b[31m",
    }
}
