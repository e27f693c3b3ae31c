//! `$NAME`, `${NAME}` and `${NAME:-default}` in a text, by the Compose Specification's section "Interpolation".
//!
//! It works on one text and knows neither files nor trees; whoever calls it turns byte ranges into places.

use std::ops::Range;

use super::tree::{ValueSource, VariableUse};
use super::variables::Variable;

/// A text with its variables replaced.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Substituted {
    /// The result.
    pub text: String,
    /// Every variable that the result depends on.
    pub uses: Vec<VariableUse>,
    /// Variables that nobody set and that have no default, with their places in the template.
    pub unset: Vec<(String, Range<usize>)>,
}

/// Why a template cannot be filled in; each holds its place in the template.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// `${` that begins nothing valid.
    #[error("`{text}` is no valid variable")]
    Invalid {
        /// The faulty part of the template.
        text: String,
        /// Its place.
        at: Range<usize>,
    },
    /// `${NAME:?message}` and the variable is missing.
    #[error("the variable `{name}` is required{}", reason(message))]
    Required {
        /// The variable.
        name: String,
        /// What the file says about it.
        message: String,
        /// The place of the reference.
        at: Range<usize>,
    },
    /// References within references, deeper than anybody writes.
    #[error("variables are nested more than {DEEPEST} deep")]
    Nested {
        /// The place of the outermost reference.
        at: Range<usize>,
    },
    /// The values are longer than anybody means, such as those of variables that double each other.
    #[error("variables make this text too much to hold: more than {} MiB", LONGEST >> 20)]
    Long {
        /// The place of the reference that was too much.
        at: Range<usize>,
    },
}

/// How deep references may stand in one another.
const DEEPEST: usize = 100;
/// The longest text that variables may make, in bytes.
pub const LONGEST: usize = 8 << 20;
/// Variables of one text that are remembered: of more nobody reads.
const REMEMBERED: usize = 100;

impl TemplateError {
    /// Its place in the template.
    pub fn at(&self) -> &Range<usize> {
        match self {
            Self::Invalid { at, .. }
            | Self::Required { at, .. }
            | Self::Nested { at }
            | Self::Long { at } => at,
        }
    }
}

fn reason(message: &str) -> String {
    if message.is_empty() { String::new() } else { format!(": {message}") }
}

/// How a reference goes on after the name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// `-` and `:-`: another value where there is none.
    Default,
    /// `+` and `:+`: another value where there is one.
    Replacement,
    /// `?` and `:?`: an error where there is none.
    Required,
}

/// What stands between `${` and `}`.
struct Braced<'a> {
    name: &'a str,
    /// The operator, whether a colon makes an empty value count as none, and what follows it.
    rest: Option<(Operator, bool, &'a str)>,
}

/// Replaces every variable of a template.
pub fn substitute(
    template: &str,
    lookup: &dyn Fn(&str) -> Option<Variable>,
) -> Result<Substituted, TemplateError> {
    let mut out = Substituted::default();
    expand(template, 0, lookup, &mut out)?;
    Ok(out)
}

/// A mention of a variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reference<'a> {
    /// The variable.
    pub name: &'a str,
    /// How the mention goes on, if it does, and the text there.
    pub word: Option<(Operator, &'a str)>,
}

/// The first mention of a variable from a place in a template on, and where it ends. What begins like one and is none has no
/// name.
pub fn next_reference(template: &str, mut at: usize) -> Option<(Reference<'_>, usize)> {
    while let Some(dollar) = template[at..].find('$').map(|found| at + found) {
        let after = &template[dollar + 1..];
        at = dollar + 1;
        if after.starts_with('$') {
            at += 1;
        } else if after.starts_with('{') {
            let end = closing(template, dollar);
            let braced = end.and_then(|end| Some((parse(&template[dollar + 2..end])?, end + 1)));
            let Some((Braced { name, rest }, end)) = braced else {
                return Some((Reference { name: "", word: None }, dollar + 2));
            };
            let word = rest.map(|(operator, _, word)| (operator, word));
            return Some((Reference { name, word }, end));
        } else if name_length(after) > 0 {
            let name = &after[..name_length(after)];
            return Some((Reference { name, word: None }, at + name.len()));
        }
    }
    None
}

/// Appends the filled-in template. `offset` is where it begins in the outermost one.
fn expand(
    template: &str,
    offset: usize,
    lookup: &dyn Fn(&str) -> Option<Variable>,
    out: &mut Substituted,
) -> Result<(), TemplateError> {
    let mut at = 0;
    while let Some(dollar) = template[at..].find('$').map(|found| at + found) {
        out.text.push_str(&template[at..dollar]);
        let after = &template[dollar + 1..];
        if after.starts_with('$') {
            out.text.push('$');
            at = dollar + 2;
        } else if after.starts_with('{') {
            if nests_deep(template, dollar) {
                return Err(TemplateError::Nested { at: offset + dollar..offset + dollar + 2 });
            }
            let inside = closing(template, dollar).map(|end| (&template[dollar + 2..end], end + 1));
            let parsed = inside.and_then(|(inside, end)| Some((parse(inside)?, end)));
            let Some((braced, end)) = parsed else {
                return Err(invalid(template, dollar, offset));
            };
            fill(&braced, offset + dollar..offset + end, lookup, out)?;
            at = end;
        } else {
            let name = &after[..name_length(after)];
            at = dollar + 1 + name.len();
            if name.is_empty() {
                out.text.push('$');
                continue;
            }
            let braced = Braced { name, rest: None };
            fill(&braced, offset + dollar..offset + at, lookup, out)?;
        }
    }
    out.text.push_str(&template[at..]);
    Ok(())
}

fn fill(
    braced: &Braced<'_>,
    at: Range<usize>,
    lookup: &dyn Fn(&str) -> Option<Variable>,
    out: &mut Substituted,
) -> Result<(), TemplateError> {
    let name = braced.name;
    let found = lookup(name);
    let Some((operator, colon, word)) = braced.rest else {
        if found.is_none() && !out.unset.iter().any(|(known, _)| known == name) {
            out.unset.push((name.to_owned(), at.clone()));
            out.unset.truncate(REMEMBERED);
        }
        push(name, found, out);
        return if out.text.len() > LONGEST { Err(TemplateError::Long { at }) } else { Ok(()) };
    };
    // The word is read even where it is not needed, since what is wrong with it is wrong on every machine.
    let mut other = Substituted::default();
    expand(word, at.end - 1 - word.len(), lookup, &mut other)?;
    let present = found.as_ref().is_some_and(|variable| !colon || !variable.value.is_empty());
    match (operator, present) {
        (Operator::Default, false) => take(name, ValueSource::Default, other, out),
        (Operator::Replacement, true) => {
            let from = found.map_or(ValueSource::Unset, |variable| variable.from);
            take(name, from, other, out);
        }
        (Operator::Replacement, false) => push(name, None, out),
        (Operator::Default | Operator::Required, true) => push(name, found, out),
        (Operator::Required, false) => {
            return Err(TemplateError::Required { name: name.to_owned(), message: other.text, at });
        }
    }
    Ok(())
}

fn push(name: &str, found: Option<Variable>, out: &mut Substituted) {
    let (value, from) =
        found.map_or((String::new(), ValueSource::Unset), |variable| (variable.value, variable.from));
    out.text.push_str(&value);
    remember(VariableUse { name: name.to_owned(), from }, out);
}

fn remember(used: VariableUse, out: &mut Substituted) {
    if out.uses.len() < REMEMBERED && !out.uses.contains(&used) {
        out.uses.push(used);
    }
}

fn take(name: &str, from: ValueSource, other: Substituted, out: &mut Substituted) {
    remember(VariableUse { name: name.to_owned(), from }, out);
    out.text.push_str(&other.text);
    other.uses.into_iter().for_each(|used| remember(used, out));
    out.unset.extend(other.unset);
}

/// Whether the reference at `start` has more levels in it than are read.
fn nests_deep(template: &str, start: usize) -> bool {
    let mut depth = 0_usize;
    let mut bytes = template[start..].bytes().peekable();
    while let Some(byte) = bytes.next() {
        match byte {
            b'$' if bytes.peek() == Some(&b'{') => depth += 1,
            b'}' => depth = depth.saturating_sub(1),
            b'\n' => return false,
            _ => {}
        }
        if depth == 0 || depth > DEEPEST {
            return depth > DEEPEST;
        }
    }
    false
}

/// Where the `${` at `start` is closed, on the same line. Braces inside are closed first, with or without a dollar; where they
/// do not match, the last one of the line closes all: both are Compose's rules.
fn closing(template: &str, start: usize) -> Option<usize> {
    let line = template[start..].split('\n').next().unwrap_or_default();
    let name = 2 + name_length(&line[2..]);
    if line[name..].starts_with('}') {
        return Some(start + name);
    }
    let last = line.rfind('}')?;
    let bytes = line.as_bytes();
    let (mut depth, mut at) = (0, 1);
    while at <= last {
        match bytes[at] {
            b'{' => {
                depth += 1;
                at += 1;
            }
            b'}' => {
                depth -= 1;
                if depth == 0 {
                    return Some(start + at);
                }
            }
            _ => {}
        }
        at += 1;
    }
    Some(start + last)
}

fn parse(inside: &str) -> Option<Braced<'_>> {
    let (name, rest) = inside.split_at(name_length(inside));
    if name.is_empty() {
        return None;
    }
    if rest.is_empty() {
        return Some(Braced { name, rest: None });
    }
    let (colon, rest) = rest.strip_prefix(':').map_or((false, rest), |rest| (true, rest));
    let operator = match rest.chars().next()? {
        '-' => Operator::Default,
        '+' => Operator::Replacement,
        '?' => Operator::Required,
        _ => return None,
    };
    Some(Braced { name, rest: Some((operator, colon, &rest[1..])) })
}

/// How many bytes of the text are a name: a letter or `_`, then letters, digits and `_`.
fn name_length(text: &str) -> usize {
    let first = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    if first { text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len()) } else { 0 }
}

fn invalid(template: &str, dollar: usize, offset: usize) -> TemplateError {
    let rest = &template[dollar..];
    let line = rest.lines().next().unwrap_or_default();
    let end = closing(template, dollar).map_or(line.len(), |end| end + 1 - dollar);
    TemplateError::Invalid { text: rest[..end].to_owned(), at: offset + dollar..offset + dollar + end }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(template: &str) -> Result<Substituted, TemplateError> {
        substitute(template, &|name| {
            let value = match name {
                "A" => "a",
                "_b1" => "b",
                "E" => "",
                _ => return None,
            };
            Some(Variable { value: value.to_owned(), from: ValueSource::Environment })
        })
    }

    #[test]
    fn references_are_filled_in() {
        let table = [
            ("$A-${A}/$_b1", "a-a/b"),
            ("$$A $$$A $1 $ end$", "$A $a $1 $ end$"),
            ("${N-d}${E-d}${N:-d}${E:-d}", "ddd"),
            ("${A+r}${E+r}${N+r}|${A:+r}${E:+r}", "rr|r"),
            ("${A?x}${E?x}${A:?x}", "aa"),
            ("${N:-${E:-${A}}}", "a"),
            ("${N:-x$A}-${N-}", "xa-"),
            ("${N:-{}}", "{}"),
            ("${A:-{x}}|${A:-x}}", "a|a}"),
            ("${N:-{} b}", "{} b"),
            ("${N:-a:b-c?d}", "a:b-c?d"),
            ("é${A}é", "éaé"),
        ];
        for (template, expected) in table {
            assert_eq!(run(template).map(|out| out.text).as_deref(), Ok(expected), "{template}");
        }
    }

    #[test]
    fn faults_are_placed() {
        let check = |template: &str, expected: &str| {
            let error = run(template).expect_err("is faulty");
            assert_eq!(format!("{} {error}", &template[error.at().clone()]), expected);
        };
        check("x${}", "${} `${}` is no valid variable");
        check("${1A}", "${1A} `${1A}` is no valid variable");
        check("${A", "${A `${A` is no valid variable");
        check("${A!x} b", "${A!x} `${A!x}` is no valid variable");
        check("a ${N:?set it}", "${N:?set it} the variable `N` is required: set it");
        check("${E:?}", "${E:?} the variable `E` is required");
        check("${A:-${N?no}}", "${N?no} the variable `N` is required: no");
    }

    #[test]
    fn what_nobody_set_is_told_unless_it_has_a_default() {
        let unset = |template: &str| run(template).map(|out| out.unset).unwrap_or_default();
        assert_eq!(unset("x $N ${N:-d} ${A:-$M}"), [("N".to_owned(), 2..4)]);
        assert_eq!(unset("${N:-$M}"), [("M".to_owned(), 5..7)]);
    }
}
