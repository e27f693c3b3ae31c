//! Findings as annotated text: the source lines with carets, what was expected, and where it all came from.

use std::ops::Range;

use annotate_snippets::{AnnotationKind, Element, Level, Origin as Place, Renderer, Snippet};

use super::super::tree::{FileId, Span, ValueSource, VariableUse};
use super::{CauseKind, Colour, Diagnostic, Severity, SourceText, Sources};

/// Findings that are shown in full. Nobody reads more, and after the first ones the rest often goes by itself.
const SHOWN: usize = 200;
/// Bytes of a line from which on only the part around the mark is shown.
const LONG_LINE: usize = 2_000;
/// Bytes before and after the mark that are shown of such a line.
const AROUND: usize = 100;

/// A place to mark: how, where, and what to read beside it.
type Mark<'a> = (AnnotationKind, Span, Option<&'a str>);

impl Diagnostic {
    /// The finding with its source lines, as compilers show theirs.
    pub fn render(&self, sources: &Sources, colour: Colour) -> String {
        let level = match self.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
        };
        let notes = self.notes(sources);
        let mut group = level.primary_title(self.message.as_str()).elements(self.snippets(sources));
        group = group.elements(notes.iter().map(|note| Level::NOTE.message(note.as_str())));
        if let Some(help) = &self.help {
            group = group.element(Level::HELP.message(help.as_str()));
        }
        let renderer = match colour {
            Colour::Plain => Renderer::plain(),
            Colour::Ansi => Renderer::styled(),
        };
        renderer.render(&[group])
    }

    /// Which attribute is meant, which variables its value came from, and what led to the file.
    fn notes(&self, sources: &Sources) -> Vec<String> {
        let path = self.path.as_ref().map(ToString::to_string);
        let path = path.filter(|path| !path.is_empty() && !self.message.contains(path.as_str()));
        let mut notes: Vec<String> = path.map(|path| format!("this is `{path}`")).into_iter().collect();
        for used in self.origin.iter().flat_map(|origin| &origin.variables) {
            let note = origin_note(used, sources);
            if !notes.contains(&note) {
                notes.push(note);
            }
        }
        let causes = self.span.map(|span| sources.causes(span.file)).unwrap_or_default();
        notes.extend(causes.iter().map(|cause| {
            let how = match cause.kind {
                CauseKind::Included => "included",
                CauseKind::Extended => "extended",
                CauseKind::Named => "named",
            };
            format!("{how} at {}", sources.show(cause.span))
        }));
        notes
    }

    /// One snippet for each file that the finding has places in; the first holds the finding's own place.
    fn snippets<'a>(&'a self, sources: &'a Sources) -> Vec<Element<'a>> {
        let primary = self.span.map(|span| (AnnotationKind::Primary, span, self.label.as_deref()));
        let related = self
            .related
            .iter()
            .map(|other| (AnnotationKind::Context, other.span, Some(other.message.as_str())));
        let marks: Vec<Mark<'_>> = primary.into_iter().chain(related).collect();
        let mut files: Vec<FileId> = Vec::new();
        for (_, span, _) in &marks {
            if !files.contains(&span.file) {
                files.push(span.file);
            }
        }
        let of_file = |file: FileId| {
            let here = marks.iter().filter(|(_, span, _)| span.file == file).copied().collect::<Vec<_>>();
            Some(snippets_of(sources.get(file)?, &here))
        };
        files.into_iter().filter_map(of_file).flatten().collect()
    }
}

impl Sources {
    /// Renders findings in the order of their places, with an empty line between two. Of very many, the first.
    pub fn render(&self, diagnostics: &[Diagnostic], colour: Colour) -> String {
        let shown = diagnostics.iter().take(SHOWN);
        let mut texts: Vec<String> = shown.map(|diagnostic| diagnostic.render(self, colour)).collect();
        let more = diagnostics.len().saturating_sub(SHOWN);
        if more > 0 {
            texts.push(format!("and {more} more"));
        }
        texts.join("\n\n")
    }
}

/// Who gave a variable its value.
fn origin_note(used: &VariableUse, sources: &Sources) -> String {
    let name = &used.name;
    match &used.from {
        ValueSource::Environment => format!("`{name}` comes from the shell"),
        ValueSource::File(span) => {
            let file = sources.get(span.file).map_or("", |source| source.name.as_str());
            format!("`{name}` comes from {file}:{}", span.line)
        }
        ValueSource::Loader => format!("`{name}` is the project's own"),
        ValueSource::Default => format!("`{name}` is not set, so its default is used"),
        ValueSource::Unset => format!("`{name}` is not set"),
    }
}

/// The part of a text that holds the marks, with them.
fn snippets_of<'a>(source: &'a SourceText, marks: &[Mark<'a>]) -> Vec<Element<'a>> {
    let text = &*source.text;
    if text.is_empty() {
        return vec![Place::path(source.name.as_str()).into()];
    }
    let ranges: Vec<Range<usize>> = marks.iter().map(|(_, span, _)| visible(text, *span)).collect();
    let first = ranges.iter().map(|range| range.start).min().unwrap_or_default();
    let last = ranges.iter().map(|range| range.end).max().unwrap_or_default();
    let line = source.line_of(first);
    let excerpt = source.line_start(line)..source.line_start(source.line_of(last) + 1);
    if excerpt.len() > LONG_LINE && source.line_of(last) == line {
        return long_line(source, marks, first..last);
    }
    let annotations = marks.iter().zip(&ranges).map(|((kind, _, label), range)| {
        kind.span(range.start - excerpt.start..range.end - excerpt.start).label(*label)
    });
    let snippet = Snippet::source(&text[excerpt.clone()]).line_start(line + 1).path(source.name.as_str());
    vec![snippet.annotations(annotations).into()]
}

/// The surroundings of the first mark on a line that is too long to be shown.
fn long_line<'a>(source: &'a SourceText, marks: &[Mark<'a>], marked: Range<usize>) -> Vec<Element<'a>> {
    let (text, line) = (&*source.text, source.line_of(marked.start));
    let (begin, next) = (source.line_start(line), source.line_start(line + 1));
    let start = floor(text, marked.start.saturating_sub(AROUND).max(begin));
    let end = floor(text, (marked.start + AROUND).min(next));
    let column = marks.iter().map(|(_, span, _)| span.column).min().unwrap_or(1);
    let place = Place::path(source.name.as_str()).line(line + 1).char_column(column as usize);
    let width = marked.end.min(end).max(marked.start) - marked.start;
    let label = marks.first().and_then(|(_, _, label)| *label);
    let mark = AnnotationKind::Primary.span(marked.start - start..marked.start - start + width).label(label);
    let snippet = Snippet::source(&text[start..end]).line_start(line + 1).annotation(mark);
    vec![place.into(), snippet.into()]
}

/// The byte range to mark: within the text, on character boundaries, at least one character wide where there is one, and
/// no further than the end of its first line, since a caret under a whole service tells nothing.
fn visible(text: &str, span: Span) -> Range<usize> {
    let range = span.range();
    let start = floor(text, range.start.min(text.len()));
    let end = floor(text, range.end.clamp(start, text.len()));
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
