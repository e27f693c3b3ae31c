//! What a syntax error of YAML is probably about: the usual causes, told from the lines around it.

use super::super::diagnostic::Diagnostic;
use super::super::tree::Span;

/// A syntax error with the advice that the usual causes deserve.
pub fn syntax_error(info: &str, at: Span, text: &str) -> Diagnostic {
    let line = text.lines().nth((at.line as usize).saturating_sub(1)).unwrap_or_default();
    let indentation = &line[..line.len() - line.trim_start().len()];
    let diagnostic = Diagnostic::error(format!("not valid YAML: {info}")).at(at);
    if indentation.contains('\t') {
        return diagnostic.label("a tab in the indentation").help("indent with spaces");
    }
    if let Some((number, open)) = unclosed(text, at.line) {
        return diagnostic.help(format!("line {number} opens a `{open}` that is not closed"));
    }
    if info.contains("unclosed quote") {
        return diagnostic.label("opens here").help("close it, or remove it");
    }
    if info.contains("'-' indicator") {
        return diagnostic
            .help("the lines above begin with `- `, as items of a list do, and this one does not");
    }
    if let Some((number, word)) = without_colon(text, at.line) {
        return diagnostic.help(format!("line {number}, `{word}`, seems to lack a `:`"));
    }
    let value = line.split_once(": ").map_or("", |(_, value)| value.trim_start());
    match value.chars().next() {
        _ if line.trim_start().starts_with(['"', '\'']) && !line.contains(": ") => {
            diagnostic.help("if these are items of a list, begin each with `- `")
        }
        Some('@' | '`' | '%' | '*' | '&') => {
            diagnostic.help("a value that begins with this character needs quotes")
        }
        _ if value.contains(": ") => diagnostic.help("a value with `: ` in it needs quotes"),
        _ => diagnostic.help("look at the indentation of this line and of the one above it"),
    }
}

/// The line above this one where it is nothing but a word or two: a key that lost its colon.
fn without_colon(text: &str, line: u32) -> Option<(u32, &str)> {
    let above = text.lines().zip(1..).take_while(|(_, number)| *number < line);
    let (last, number) = above.filter(|(line, _)| !line.trim().is_empty()).last()?;
    let words = last.trim();
    let is_key = words.split(' ').count() <= 2
        && words.starts_with(|c: char| c.is_ascii_alphabetic())
        && words.chars().all(|c| c.is_ascii_alphanumeric() || " _-./".contains(c));
    is_key.then_some((number, words))
}

/// The nearest of the few lines before this one that opens a bracket and does not close it.
fn unclosed(text: &str, line: u32) -> Option<(u32, char)> {
    let before = text.lines().zip(1..).take_while(|(_, number)| *number <= line);
    let lines: Vec<(&str, u32)> = before.collect();
    lines.iter().rev().take(4).find_map(|(line, number)| {
        let open = |open: char, close: char| line.matches(open).count() > line.matches(close).count();
        [('[', ']'), ('{', '}')]
            .into_iter()
            .find(|(one, two)| open(*one, *two))
            .map(|(one, _)| (*number, one))
    })
}
