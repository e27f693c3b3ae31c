//! Colons at the end of plain scalars in flow collections, as in `[a:]`.
//!
//! YAML 1.2 sees a key there, Go's yaml.v3 the text `a:`, for only a blank after it makes a colon an indicator to it. The
//! parser is of the first kind, so such colons are veiled from it: a letter takes the place of each, and whoever reads the
//! scalar puts the colon back. Nothing else about the text changes, its length included.

use std::collections::BTreeSet;

use granit_parser::{Event, Parser, ScalarStyle, Span, StructureStyle};

/// What stands in a veiled colon's place.
const VEIL: &str = "x";
/// Times that a text is read again because a colon kept the parser from going on.
const ROUNDS: usize = 64;

/// A text without its colons of that kind, and the bytes at which they stood.
#[derive(Debug)]
pub struct Veiled {
    /// The text that the parser gets.
    pub text: String,
    /// Where the colons stood.
    colons: BTreeSet<usize>,
}

impl Veiled {
    /// Veils the colons of a text; `None` where there are none, as nearly always.
    pub fn of(text: &str, options: &granit_parser::Options) -> Option<Veiled> {
        let may_have_one = text.as_bytes().windows(2).any(|pair| pair[0] == b':' && is_indicator(pair[1]));
        if !may_have_one {
            return None;
        }
        let mut veiled = Veiled { text: text.to_owned(), colons: BTreeSet::new() };
        for _ in 0..ROUNDS {
            if !veiled.round(options) {
                break;
            }
        }
        (!veiled.colons.is_empty()).then_some(veiled)
    }

    /// A plain scalar as it stands in the file, its colon put back. `end` is the byte after its last.
    pub fn lift(&self, scalar: &str, end: usize) -> Option<String> {
        let is_veiled = end > 0 && self.colons.contains(&(end - 1));
        let bare = scalar.strip_suffix(VEIL).filter(|_| is_veiled)?;
        Some(format!("{bare}:"))
    }

    /// Veils the colons that one reading of the text finds. Whether the text must be read again.
    fn round(&mut self, options: &granit_parser::Options) -> bool {
        let (found, is_stuck) = find(&self.text, options);
        for at in &found {
            self.text.replace_range(*at..=*at, VEIL);
        }
        let is_again = is_stuck && !found.is_empty();
        self.colons.extend(found);
        is_again
    }
}

/// The colons that follow plain scalars of flow collections and touch an indicator, up to the first error, and whether
/// there was one.
fn find(text: &str, options: &granit_parser::Options) -> (BTreeSet<usize>, bool) {
    let mut found = BTreeSet::new();
    let mut flows = Vec::new();
    let mut events = Parser::new_from_str_with_options(text, options.clone());
    while let Some(event) = events.next_event() {
        match event {
            Ok((Event::SequenceStart(style, ..) | Event::MappingStart(style, ..), _)) => {
                flows.push(style == StructureStyle::Flow);
            }
            Ok((Event::SequenceEnd | Event::MappingEnd, _)) => {
                flows.pop();
            }
            Ok((Event::Scalar(_, ScalarStyle::Plain, ..), span)) if flows.last() == Some(&true) => {
                found.extend(colon_after(text, end(span)).filter(|at| is_after_text(text, *at)));
            }
            Ok(_) => {}
            Err(error) => {
                let at = error.marker().byte_offset().unwrap_or(text.len());
                let near = [at.checked_sub(1), Some(at)];
                found.extend(
                    near.into_iter().flatten().find(|at| is_colon(text, *at) && is_after_text(text, *at)),
                );
                return (found, true);
            }
        }
    }
    (found, false)
}

fn end(span: Span) -> usize {
    span.byte_range().map(|range| range.end).unwrap_or_default()
}

/// The colon that is next after blanks and ends of lines, if it touches an indicator.
fn colon_after(text: &str, at: usize) -> Option<usize> {
    let rest = text.get(at..)?;
    let colon = at + rest.len() - rest.trim_start_matches([' ', '\t', '\r', '\n']).len();
    is_colon(text, colon).then_some(colon)
}

/// Whether a colon may belong to a plain scalar, which it cannot begin.
fn is_after_text(text: &str, at: usize) -> bool {
    text.get(..at).is_some_and(|before| !before.trim_end().ends_with(['[', '{', ',']))
}

fn is_colon(text: &str, at: usize) -> bool {
    matches!(text.as_bytes().get(at..), Some([b':', next, ..]) if is_indicator(*next))
}

/// Whether a byte ends a plain scalar of a flow collection.
fn is_indicator(byte: u8) -> bool {
    matches!(byte, b',' | b'[' | b']' | b'{' | b'}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colons_of_plain_scalars_in_flow_collections() {
        let check = |text: &str, expected: &str| {
            let veiled = Veiled::of(text, &granit_parser::Options::default());
            assert_eq!(veiled.as_ref().map_or(text, |veiled| &veiled.text), expected);
        };
        check("k: [a:]", "k: [ax]");
        check("k: [a:, b c :]", "k: [ax, b c x]");
        check("k: [a\n  b:, c\n  :]", "k: [a\n  bx, c\n  x]");
        check("k: {a:, b: c}", "k: {ax, b: c}");
        check("k: {a: b\n  c:}", "k: {a: b\n  cx}");
        check("k: {\"a\":[1]}", "k: {\"a\":[1]}");
        check("k: a:[b:]", "k: a:[b:]");
        check("k: |\n  [a:]\n", "k: |\n  [a:]\n");
        check("k: [a] # b:]", "k: [a] # b:]");
        check("k: [:]", "k: [:]");
    }
}
