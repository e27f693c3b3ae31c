//! What is wrong with a file, where, and what to write instead; and its rendering as annotated text.
//!
//! A diagnostic is plain data. Nothing here decides what is wrong, and nothing prints.

mod render;

use std::cmp::Ordering;
use std::sync::Arc;

use super::path::Path;
use super::tree::{FileId, Origin, Span};

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Severity {
    /// The project cannot be brought up as it is written.
    Error,
    /// It can, but not everything means what it seems to.
    Warning,
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong, in one sentence without a full stop.
    pub message: String,
    /// Where. A finding about something that is missing altogether has no place.
    pub span: Option<Span>,
    /// What to read beside the marked place, e.g. `expected a list`.
    pub label: Option<String>,
    /// The attribute concerned, e.g. `services.web.ports[0]`.
    pub path: Option<Path>,
    /// What to do about it.
    pub help: Option<String>,
    /// Other places that belong to it.
    pub related: Vec<Related>,
    /// What the faulty text was made of, where variables went into it.
    pub origin: Option<Arc<Origin>>,
}

/// Another place that belongs to a finding.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Related {
    /// Where.
    pub span: Span,
    /// What is there, e.g. `first defined here`.
    pub message: String,
}

/// Whether rendered text carries colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colour {
    /// No escape sequences.
    Plain,
    /// ANSI colours.
    Ansi,
}

/// The texts that spans point into.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    texts: Vec<SourceText>,
}

/// One text that was read.
#[derive(Clone, Debug)]
pub struct SourceText {
    /// How to show its path: relative to the working directory where it lies below it.
    pub name: String,
    /// What it says.
    pub text: Arc<str>,
    /// What led to it; a file that the person named has none.
    pub cause: Option<Cause>,
    lines: Lines,
}

/// Where each line of a text begins.
#[derive(Clone, Debug)]
pub struct Lines {
    starts: Arc<[usize]>,
}

/// What led to a text: the attribute that names its file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cause {
    /// How it led there.
    pub kind: CauseKind,
    /// Where the file is named.
    pub span: Span,
}

/// How one file leads to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CauseKind {
    /// By `include`.
    Included,
    /// By `extends`.
    Extended,
    /// By `env_file` or `label_file`.
    Named,
}

impl Diagnostic {
    /// An error.
    pub fn error(message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(Severity::Error, message.into())
    }

    /// A warning.
    pub fn warning(message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(Severity::Warning, message.into())
    }

    fn new(severity: Severity, message: String) -> Diagnostic {
        Diagnostic {
            severity,
            message,
            span: None,
            label: None,
            path: None,
            help: None,
            related: Vec::new(),
            origin: None,
        }
    }

    /// Says where.
    #[must_use]
    pub fn at(mut self, span: Span) -> Diagnostic {
        self.span = Some(span);
        self
    }

    /// Says what to read beside the marked place.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Diagnostic {
        self.label = Some(label.into());
        self
    }

    /// Says which attribute is concerned.
    #[must_use]
    pub fn path(mut self, path: impl Into<Path>) -> Diagnostic {
        self.path = Some(path.into());
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Diagnostic {
        self.help = Some(help.into());
        self
    }

    /// Adds another place.
    #[must_use]
    pub fn related(mut self, span: Span, message: impl Into<String>) -> Diagnostic {
        self.related.push(Related { span, message: message.into() });
        self
    }

    /// Says which variables went into the faulty text.
    #[must_use]
    pub fn made_of(mut self, origin: Option<&Arc<Origin>>) -> Diagnostic {
        self.origin = origin.cloned();
        self
    }

    /// Whether it is an error.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }

    /// One line: `compose.yaml:3:5: message`.
    pub fn one_line(&self, sources: &Sources) -> String {
        match self.span.and_then(|span| Some((span, sources.get(span.file)?))) {
            Some((span, _)) => format!("{}: {}", sources.show(span), self.message),
            None => self.message.clone(),
        }
    }
}

impl Sources {
    /// Keeps a text and gives the name that spans know it by.
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<Arc<str>>) -> FileId {
        self.add_from(name, text, None)
    }

    /// As [`add`](Self::add), for a text that something in another one led to.
    pub fn add_from(
        &mut self,
        name: impl Into<String>,
        text: impl Into<Arc<str>>,
        cause: Option<Cause>,
    ) -> FileId {
        let text = text.into();
        let lines = Lines::of(&text);
        self.texts.push(SourceText { name: name.into(), text, cause, lines });
        FileId(self.texts.len() as u32 - 1)
    }

    /// The text that a span points into.
    pub fn get(&self, file: FileId) -> Option<&SourceText> {
        self.texts.get(file.0 as usize)
    }

    /// Every text, in the order in which they were read.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &SourceText)> {
        self.texts.iter().enumerate().map(|(number, text)| (FileId(number as u32), text))
    }

    /// The place of a range of bytes of a text.
    pub fn span(&self, file: FileId, start: usize, end: usize) -> Span {
        let Some(source) = self.get(file) else {
            return Span { file, start: start as u32, end: end as u32, ..Span::default() };
        };
        source.lines.span(&source.text, file, start, end)
    }

    /// `sub/compose.yaml:3:5`.
    pub fn show(&self, span: Span) -> String {
        let name = self.get(span.file).map_or("", |source| source.name.as_str());
        format!("{name}:{}:{}", span.line, span.column)
    }

    /// What led to a text, the nearest first: the attributes that name it, then its file, and so on.
    pub fn causes(&self, file: FileId) -> Vec<Cause> {
        let cause = |file: FileId| self.get(file).and_then(|source| source.cause);
        // A file can be led to only by one that was read before it, so this ends; the number is for what nobody can read.
        std::iter::successors(cause(file), |last| cause(last.span.file)).take(20).collect()
    }
}

impl SourceText {
    /// The line, from 0, that a byte is in.
    fn line_of(&self, at: usize) -> usize {
        self.lines.line_of(at)
    }

    /// The first byte of a line, from 0; of one beyond the last, the end.
    fn line_start(&self, line: usize) -> usize {
        self.lines.starts.get(line).copied().unwrap_or(self.text.len())
    }
}

impl Lines {
    /// The lines of a text.
    pub fn of(text: &str) -> Lines {
        let breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1);
        Lines { starts: std::iter::once(0).chain(breaks).collect() }
    }

    /// The place of a range of bytes of the text.
    pub fn span(&self, text: &str, file: FileId, start: usize, end: usize) -> Span {
        let line = self.line_of(start);
        let begin = self.starts.get(line).copied().unwrap_or_default();
        let before = text.get(begin..start).unwrap_or_default();
        let column = before.chars().count() as u32 + 1;
        Span { file, line: line as u32 + 1, column, start: start as u32, end: end as u32 }
    }

    fn line_of(&self, at: usize) -> usize {
        self.starts.partition_point(|start| *start <= at).saturating_sub(1)
    }
}

/// Errors, and warnings, that are kept. Who made more mistakes than these begins with the first ones.
pub const ENOUGH: usize = 1_000;

/// Notes a finding, unless there are so many of its severity that one more tells nothing; then it is not even made.
pub fn tell(found: &mut Vec<Diagnostic>, severity: Severity, finding: impl FnOnce() -> Diagnostic) {
    let is_enough =
        found.len() >= ENOUGH && found.iter().filter(|one| one.severity == severity).count() >= ENOUGH;
    if !is_enough {
        found.push(finding());
    }
}

/// Notes an error, unless there are enough.
pub fn tell_error(found: &mut Vec<Diagnostic>, finding: impl FnOnce() -> Diagnostic) {
    tell(found, Severity::Error, finding);
}

/// Errors before warnings, then file by file from the top down; what has no place comes last.
pub(super) fn by_place(one: &Diagnostic, two: &Diagnostic) -> Ordering {
    let key = |diagnostic: &Diagnostic| {
        let place = diagnostic.span.map_or((u32::MAX, u32::MAX), |span| (span.file.0, span.start));
        (!diagnostic.is_error(), place)
    };
    key(one).cmp(&key(two))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(text: &str, word: &str) -> Span {
        let start = text.find(word).expect("the word is in the text");
        let line = text[..start].matches('\n').count() as u32 + 1;
        let column = (start - text[..start].rfind('\n').map_or(0, |at| at + 1)) as u32 + 1;
        Span { file: FileId(0), line, column, start: start as u32, end: (start + word.len()) as u32 }
    }

    #[test]
    fn a_finding_shows_its_line_and_what_to_do() {
        let text = "services:\n  web:\n    imagee: nginx\n";
        let mut sources = Sources::default();
        sources.add("compose.yaml", text);
        let finding = Diagnostic::error("unknown attribute `imagee`")
            .at(span(text, "imagee"))
            .label("not an attribute of a service")
            .related(span(text, "web"), "in this service")
            .help("did you mean `image`?");
        let expected = "\
error: unknown attribute `imagee`
 --> compose.yaml:3:5
  |
2 |   web:
  |   --- in this service
3 |     imagee: nginx
  |     ^^^^^^ not an attribute of a service
  |
  = help: did you mean `image`?";
        assert_eq!(finding.render(&sources, Colour::Plain), expected);
        assert_eq!(finding.one_line(&sources), "compose.yaml:3:5: unknown attribute `imagee`");
    }

    #[test]
    fn any_span_is_drawn() {
        let mut sources = Sources::default();
        sources.add("empty", "");
        sources.add("short", "é\n");
        for (file, start, end) in [(0, 0, 0), (0, 5, 9), (1, 1, 1), (1, 3, 3), (1, 0, 90), (7, 0, 1)] {
            let span = Span { file: FileId(file), line: 1, column: 1, start, end };
            assert!(Diagnostic::warning("w").at(span).render(&sources, Colour::Plain).contains("warning: w"));
        }
    }
}
