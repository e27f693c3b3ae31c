//! What is wrong with a file, where, and what to write instead; and its rendering as annotated text.
//!
//! A diagnostic is plain data. Nothing here decides what is wrong, and nothing prints.

use std::cmp::Ordering;
use std::ops::Range;
use std::sync::Arc;

use annotate_snippets::{AnnotationKind, Element, Level, Origin, Renderer, Snippet};

use super::path::Path;
use super::tree::{FileId, Span};

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Severity {
    /// The project cannot be brought up as it is written.
    Error,
    /// It can, but not everything means what it seems to.
    Warning,
}

/// One finding.
#[derive(Clone, Debug, PartialEq)]
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
}

/// Another place that belongs to a finding.
#[derive(Clone, Debug, PartialEq)]
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
        Diagnostic { severity, message, span: None, label: None, path: None, help: None, related: Vec::new() }
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
    pub fn path(mut self, path: &Path) -> Diagnostic {
        self.path = Some(path.clone());
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

    /// Whether it is an error.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }

    /// One line: `compose.yaml:3:5: message`.
    pub fn one_line(&self, sources: &Sources) -> String {
        match self.span.and_then(|span| Some((span, sources.get(span.file)?))) {
            Some((span, source)) => {
                format!("{}:{}:{}: {}", source.name, span.line, span.column, self.message)
            }
            None => self.message.clone(),
        }
    }

    /// The finding with its source lines, as compilers show theirs.
    pub fn render(&self, sources: &Sources, colour: Colour) -> String {
        let level = match self.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
        };
        let mut group = level.primary_title(self.message.as_str()).elements(self.snippets(sources));
        if let Some(help) = &self.help {
            group = group.element(Level::HELP.message(help.as_str()));
        }
        let renderer = match colour {
            Colour::Plain => Renderer::plain(),
            Colour::Ansi => Renderer::styled(),
        };
        renderer.render(&[group])
    }

    /// One snippet for each file that the finding has places in; the first holds the finding's own place.
    fn snippets<'a>(&'a self, sources: &'a Sources) -> Vec<Element<'a>> {
        let primary = self.span.map(|span| (AnnotationKind::Primary, span, self.label.as_deref()));
        let related = self
            .related
            .iter()
            .map(|other| (AnnotationKind::Context, other.span, Some(other.message.as_str())));
        let places: Vec<_> = primary.into_iter().chain(related).collect();
        let mut files: Vec<FileId> = Vec::new();
        for (_, span, _) in &places {
            if !files.contains(&span.file) {
                files.push(span.file);
            }
        }
        let of_file = |file: FileId| {
            let source = sources.get(file)?;
            if source.text.is_empty() {
                return Some(Origin::path(source.name.as_str()).into());
            }
            let here = places.iter().filter(|(_, span, _)| span.file == file);
            let annotations =
                here.map(|(kind, span, label)| kind.span(visible(&source.text, *span)).label(*label));
            let snippet = Snippet::source(&*source.text).path(source.name.as_str());
            Some(snippet.annotations(annotations).into())
        };
        files.into_iter().filter_map(of_file).collect()
    }
}

impl Sources {
    /// Keeps a text and gives the name that spans know it by.
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<Arc<str>>) -> FileId {
        self.texts.push(SourceText { name: name.into(), text: text.into() });
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

    /// Renders findings in the order of their places, with an empty line between two.
    pub fn render(&self, diagnostics: &[Diagnostic], colour: Colour) -> String {
        let texts: Vec<String> =
            diagnostics.iter().map(|diagnostic| diagnostic.render(self, colour)).collect();
        texts.join("\n\n")
    }
}

/// Errors before warnings, then file by file from the top down; what has no place comes last.
pub(super) fn by_place(one: &Diagnostic, two: &Diagnostic) -> Ordering {
    let key = |diagnostic: &Diagnostic| {
        let place = diagnostic.span.map_or((u32::MAX, usize::MAX), |span| (span.file.0, span.start));
        (!diagnostic.is_error(), place)
    };
    key(one).cmp(&key(two))
}

/// The byte range to mark: within the text, on character boundaries, at least one character wide where there is one, and
/// no further than the end of its first line, since a caret under a whole service tells nothing.
fn visible(text: &str, span: Span) -> Range<usize> {
    let start = floor(text, span.start.min(text.len()));
    let end = floor(text, span.end.clamp(start, text.len()));
    let line = text[start..end].lines().next().map_or(0, |line| line.trim_end().len());
    let wide = if line > 0 { line } else { text[start..].chars().next().map_or(0, char::len_utf8) };
    start..start + wide
}

fn floor(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(text: &str, word: &str) -> Span {
        let start = text.find(word).expect("the word is in the text");
        let line = text[..start].matches('\n').count() as u32 + 1;
        let column = (start - text[..start].rfind('\n').map_or(0, |at| at + 1)) as u32 + 1;
        Span { file: FileId(0), line, column, start, end: start + word.len() }
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
