//! What is wrong with the compose files, as lines that fit a width: sentences and labels go on below where they begin, and
//! only lines of the files themselves are left to be cut.

use unicode_width::UnicodeWidthStr;

use super::App;
use crate::compose::diagnostic::{Colour, Diagnostic};

/// Columns that text going on below needs at least; with fewer it begins further left.
const LEAST: usize = 24;
/// How far in a label goes on that has no room beside its mark.
const SHALLOW: usize = 2;

/// A line of a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FindingLine {
    /// What it is.
    pub role: Role,
    /// What stands before the text of a line of a file: its number and a rule. Empty elsewhere.
    pub gutter: String,
    /// The rest.
    pub text: String,
}

/// What a line of a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// An error's message.
    Error,
    /// A warning's message.
    Warning,
    /// What to do about it.
    Help,
    /// What else there is to know.
    Note,
    /// The place, and whatever joins the others.
    Aside,
    /// A line of the file.
    Source,
    /// A mark below the faulty part of it, with what was expected.
    Mark,
    /// A mark of another place that has to do with it.
    OtherMark,
}

/// Everything that is wrong with the files.
pub fn all(app: &App, width: usize) -> Vec<FindingLine> {
    lines(app, &app.file.diagnostics, width)
}

/// As much of it as goes into so many lines.
pub fn first(app: &App, width: usize, room: usize) -> Vec<FindingLine> {
    // Each finding takes a line at least.
    let shown = &app.file.diagnostics[..room.min(app.file.diagnostics.len())];
    let mut lines = lines(app, shown, width);
    lines.truncate(room);
    lines
}

/// How many lines of `room` the errors take, with the warnings that stand below them.
pub fn height(app: &App, width: usize, room: usize) -> usize {
    if app.file.error_count() == 0 { 0 } else { first(app, width, room).len() }
}

fn lines(app: &App, findings: &[Diagnostic], width: usize) -> Vec<FindingLine> {
    let text = app.file.sources.render(findings, Colour::Plain);
    text.lines().flat_map(|line| fitted(line, width)).collect()
}

/// One line of a rendered finding as lines that fit.
fn fitted(line: &str, width: usize) -> Vec<FindingLine> {
    let before = line.find(|c: char| !c.is_ascii_digit() && c != ' ').unwrap_or(line.len());
    let Some(source) = line[before..].strip_prefix('|') else {
        return sentence(line, &line[before..], width);
    };
    let gutter = line[..line.len() - source.len()].to_owned();
    let role = match source.trim_start() {
        marks if marks.starts_with('^') => Role::Mark,
        marks if marks.starts_with("--") => Role::OtherMark,
        _ => return vec![FindingLine { role: Role::Source, gutter, text: source.to_owned() }],
    };
    let label = source.len() - source.trim_start_matches([' ', '^', '-']).len();
    let room = width.saturating_sub(gutter.width());
    let hang = if room.saturating_sub(label) < LEAST { SHALLOW } else { label };
    let below = " ".repeat(gutter.width().saturating_sub(1)) + "|";
    let texts = wrapped(source, label, hang, room).into_iter().enumerate();
    let gutter_of = |index: usize| if index == 0 { gutter.clone() } else { below.clone() };
    texts.map(|(index, text)| FindingLine { role, gutter: gutter_of(index), text }).collect()
}

fn sentence(line: &str, inner: &str, width: usize) -> Vec<FindingLine> {
    let role = match inner {
        _ if inner.starts_with("error") => Role::Error,
        _ if inner.starts_with("warning") => Role::Warning,
        _ if inner.starts_with("= help") => Role::Help,
        _ if inner.starts_with("= note") => Role::Note,
        _ => return vec![FindingLine { role: Role::Aside, gutter: String::new(), text: line.to_owned() }],
    };
    let start = line.find(": ").map_or(0, |at| at + 2);
    let texts = wrapped(line, start, start, width);
    texts.into_iter().map(|text| FindingLine { role, gutter: String::new(), text }).collect()
}

/// A text whose words from `start` on go on below, `hang` blanks in. A word that fits nowhere has a line of its own.
fn wrapped(text: &str, start: usize, hang: usize, room: usize) -> Vec<String> {
    if text.width() <= room || room <= hang {
        return vec![text.to_owned()];
    }
    let mut lines = vec![text[..start].to_owned()];
    let mut is_fresh = true;
    for word in text[start..].split(' ') {
        let used = lines.last().map_or(0, |line| line.width());
        if used + usize::from(!is_fresh) + word.width() > room && !(is_fresh && used <= hang) {
            lines.push(" ".repeat(hang));
            is_fresh = true;
        }
        let Some(line) = lines.last_mut() else { break };
        if !is_fresh {
            line.push(' ');
        }
        line.push_str(word);
        is_fresh = false;
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, width: usize, expected: &[&str]) {
        let shown: Vec<String> =
            fitted(line, width).into_iter().map(|line| line.gutter + &line.text).collect();
        assert_eq!(shown, expected);
    }

    #[test]
    fn sentences_go_on_below_where_they_begin() {
        check("error: a file that is not there", 20, &["error: a file that", "       is not there"]);
        check("   = help: create the file", 20, &["   = help: create", "           the file"]);
        check("error: short", 20, &["error: short"]);
        check("error: averyveryverylongword it is", 20, &["error: averyveryverylongword", "       it is"]);
    }

    #[test]
    fn labels_stand_beside_their_mark_or_below_it() {
        let line = "  5 |     ports: [x]";
        check(line, 12, &[line]);
        check(
            "    |   ^^^ expected a port up to 65535, or a range such as 3000-3005",
            44,
            &["    |   ^^^ expected a port up to 65535, or", "    |       a range such as 3000-3005"],
        );
        check(
            "    |                     ^^^ expected a port, or a range",
            34,
            &["    |                     ^^^ ", "    |  expected a port, or a range"],
        );
    }
}
