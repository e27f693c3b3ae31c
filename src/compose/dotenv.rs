//! Env files: `.env`, `--env-file` and a service's `env_file`, by the grammar of Compose's dotenv dialect.
//!
//! `KEY=value`, `KEY: value`, `export KEY=value`, a bare `KEY` that takes over the variable from outside; ` #` begins a
//! comment, `a#b` does not; single quotes are literal, double quotes know escapes; both may span lines; unquoted and
//! double-quoted values are interpolated, later entries seeing earlier ones. A faulty entry is reported and skipped.

use super::diagnostic::{Diagnostic, Lines, Severity, tell, tell_error};
use super::template::{self, TemplateError};
use super::tree::{FileId, Span, ValueSource};
use super::variables::{Variable, Variables};

/// The entries of a file and what is wrong with it.
#[derive(Debug, Default)]
pub struct Parsed {
    /// The variables that it sets.
    pub variables: Variables,
    /// Faults, and warnings for unset variables in values.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads a file. `outside` gives the variables that values and bare keys may name; it wins over the file's own entries, and
/// those win over what `earlier` files set.
pub fn parse(
    text: &str,
    file: FileId,
    outside: &dyn Fn(&str) -> Option<Variable>,
    earlier: &Variables,
) -> Parsed {
    let at = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let lines = Lines::of(text);
    let (open, filled) = (Vec::new(), 0);
    let parsed = Parsed::default();
    let mut reader = Reader { text, lines, file, at, outside, earlier, open, filled, parsed };
    while reader.skip_to_statement() {
        let start = reader.at;
        if let Err(diagnostic) = reader.statement() {
            tell_error(&mut reader.parsed.diagnostics, || *diagnostic);
            if reader.at == start || !reader.text[..reader.at].ends_with('\n') {
                reader.skip_line();
            }
        }
    }
    reader.parsed
}

/// Reads a file of `format: raw`: each line is `KEY=value` with the value as it stands, or a bare `KEY`.
pub fn parse_raw(text: &str, file: FileId, outside: &dyn Fn(&str) -> Option<Variable>) -> Parsed {
    let mut parsed = Parsed::default();
    let lines = Lines::of(text);
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let lead = line.len() - line.trim_start_matches(['\u{feff}', ' ', '\t']).len();
        let statement = line[lead..].trim_end_matches(['\n', '\r']);
        let place = lines.span(text, file, start + lead, start + lead + statement.len());
        start += line.len();
        if statement.is_empty() || statement.starts_with('#') {
            continue;
        }
        let (name, value) =
            statement.split_once('=').map_or((statement, None), |(name, value)| (name, Some(value)));
        if name.is_empty() || name.contains([' ', '\t']) {
            tell_error(&mut parsed.diagnostics, || bad_name(name, place));
            continue;
        }
        let own = value.map(|value| Variable { value: value.to_owned(), from: ValueSource::File(place) });
        if let Some(variable) = own.or_else(|| outside(name)) {
            parsed.variables.set(name, variable);
        }
    }
    parsed
}

struct Reader<'a> {
    text: &'a str,
    lines: Lines,
    file: FileId,
    at: usize,
    outside: &'a dyn Fn(&str) -> Option<Variable>,
    earlier: &'a Variables,
    /// Quotes that were looked for in vain: there is none further on either.
    open: Vec<char>,
    /// The bytes of all values that were filled in.
    filled: usize,
    parsed: Parsed,
}

/// The most that all values of a file together may hold.
const MOST: usize = 4 * template::LONGEST;

type Outcome<T> = Result<T, Box<Diagnostic>>;

impl<'a> Reader<'a> {
    fn span(&self, start: usize, end: usize) -> Span {
        self.lines.span(self.text, self.file, start, end)
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    /// Passes blank lines and comments; `false` at the end.
    fn skip_to_statement(&mut self) -> bool {
        loop {
            let rest = self.rest();
            self.at += rest.len() - rest.trim_start().len();
            if !self.rest().starts_with('#') {
                return !self.rest().is_empty();
            }
            self.skip_line();
        }
    }

    fn skip_line(&mut self) {
        self.at += self.rest().find('\n').map_or(self.rest().len(), |end| end + 1);
    }

    fn skip_blanks(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start_matches(is_blank).len();
    }

    fn statement(&mut self) -> Outcome<()> {
        if let Some(rest) = self.rest().strip_prefix("export")
            && rest.starts_with(char::is_whitespace)
        {
            let start = self.at;
            self.at += "export".len();
            self.skip_blanks();
            if self.rest().is_empty() {
                let place = self.span(start, start + "export".len());
                return Err(Diagnostic::error("no variable follows `export`").at(place).into());
            }
        }
        let start = self.at;
        let (name, inherited) = self.name()?;
        let place = self.span(start, start + name.len());
        if inherited {
            if let Some(variable) = (self.outside)(name) {
                self.parsed.variables.set(name, variable);
            }
            return Ok(());
        }
        self.skip_blanks();
        let value = self.value()?;
        self.parsed.variables.set(name, Variable { value, from: ValueSource::File(place) });
        Ok(())
    }

    /// The name and whether nothing follows it; passes the `=` or `:`.
    fn name(&mut self) -> Outcome<(&'a str, bool)> {
        let (rest, start) = (self.rest(), self.at);
        let stop =
            |c: char| !(c.is_alphanumeric() || is_blank(c) || matches!(c, '_' | '.' | '-' | '[' | ']'));
        let end = rest.find(stop).unwrap_or(rest.len());
        let name = rest[..end].trim_end();
        let place = |from: usize, to: usize| self.span(from, to.min(self.text.len()));
        let inherited = match rest[end..].chars().next() {
            Some('=' | ':') => false,
            Some('\n') => true,
            // Compose takes a last line without an end for the value of a variable without a name.
            None => return Ok(("", false)),
            Some(other) => {
                let at = start + end;
                let message = format!("`{other}` cannot stand in a variable's name");
                return Err(Diagnostic::error(message).at(place(at, at + other.len_utf8())).into());
            }
        };
        if name.contains(' ') {
            let place = place(start, start + name.len());
            return Err(bad_name(name, place).into());
        }
        self.at += (end + 1).min(rest.len());
        Ok((name, inherited))
    }

    fn value(&mut self) -> Outcome<String> {
        match self.rest().chars().next() {
            Some(quote @ ('"' | '\'')) => self.quoted(quote),
            _ => self.unquoted(),
        }
    }

    fn unquoted(&mut self) -> Outcome<String> {
        let start = self.at;
        let line = self.rest().split('\n').next().unwrap_or_default();
        self.skip_line();
        let value = line.split(" #").next().unwrap_or_default().trim_end();
        self.interpolate(value, start..start + value.len())
    }

    fn quoted(&mut self, quote: char) -> Outcome<String> {
        let start = self.at;
        let mut value = String::new();
        let mut escaped = false;
        let rest = if self.open.contains(&quote) { "" } else { self.rest() };
        for (offset, c) in rest.char_indices().skip(1) {
            match (c, escaped) {
                ('\\', false) => escaped = true,
                (c, false) if c == quote => {
                    self.at += offset + 1;
                    let place = start..self.at;
                    return if quote == '"' { self.interpolate(&unescape(&value), place) } else { Ok(value) };
                }
                (c, _) => {
                    if escaped && c != quote {
                        value.push('\\');
                    }
                    value.push(c);
                    escaped = false;
                }
            }
        }
        self.open.push(quote);
        let line = self.rest().lines().next().map_or(0, str::len);
        let place = self.span(start, start + line);
        Err(Diagnostic::error("this quoted value never ends")
            .at(place)
            .help(format!("close it with {quote}"))
            .into())
    }

    fn interpolate(&mut self, value: &str, place: std::ops::Range<usize>) -> Outcome<String> {
        let own = |name: &str| self.parsed.variables.get(name).or_else(|| self.earlier.get(name)).cloned();
        let lookup = |name: &str| (self.outside)(name).or_else(|| own(name));
        let substituted = template::substitute(value, &lookup);
        let whole = self.span(place.start, place.end);
        match substituted {
            Ok(substituted) => {
                self.filled += substituted.text.len();
                if self.filled > MOST {
                    return Err(fault(&TemplateError::Long { at: place }, whole).into());
                }
                for (name, _) in substituted.unset {
                    tell(&mut self.parsed.diagnostics, Severity::Warning, || unset(&name, whole));
                }
                Ok(substituted.text)
            }
            Err(error) => Err(fault(&error, whole).into()),
        }
    }
}

/// The warning for a variable that nobody set.
pub(super) fn unset(name: &str, place: Span) -> Diagnostic {
    Diagnostic::warning(format!("the variable `{name}` is not set; an empty text takes its place"))
        .at(place)
        .help(format!("set it in the environment or in .env, or give a default: ${{{name}:-default}}"))
}

/// The error for a template that cannot be filled in.
pub(super) fn fault(error: &TemplateError, place: Span) -> Diagnostic {
    let help = match error {
        TemplateError::Invalid { .. } => "write `$NAME` or `${NAME}`, or `$$` for a dollar sign".to_owned(),
        TemplateError::Required { name, .. } => format!("set `{name}` in the environment or in .env"),
        TemplateError::Nested { .. } | TemplateError::Long { .. } => {
            "give the variables shorter values".to_owned()
        }
    };
    Diagnostic::error(error.to_string()).at(place).help(help)
}

fn bad_name(name: &str, place: Span) -> Diagnostic {
    let message = if name.is_empty() {
        "a variable's name is missing here".to_owned()
    } else {
        format!("`{name}` is no variable's name: it has a blank in it")
    };
    Diagnostic::error(message).at(place).help("write KEY=value")
}

/// Go's notion of a blank that does not end the line.
fn is_blank(c: char) -> bool {
    matches!(c, '\t' | '\u{b}' | '\u{c}' | '\r' | ' ' | '\u{85}' | '\u{a0}')
}

/// Escapes within double quotes: `\a \b \c \f \n \r \t \v \\ \"` as in Go, `\$` for a literal dollar, `\0` and octal digits.
fn unescape(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        let (piece, used) = match after.chars().next() {
            Some('0') => octal(after),
            Some(c) => (simple(c).map(str::to_owned), c.len_utf8()),
            None => (None, 0),
        };
        match piece {
            Some(piece) => out.push_str(&piece),
            None => out.push_str(&rest[at..at + 1 + used]),
        }
        rest = &after[used..];
    }
    out.push_str(rest);
    out
}

fn simple(c: char) -> Option<&'static str> {
    Some(match c {
        'a' => "\u{7}",
        'b' => "\u{8}",
        'f' => "\u{c}",
        'n' => "\n",
        'r' => "\r",
        't' => "\t",
        'v' => "\u{b}",
        '\\' => "\\",
        '"' => "\"",
        '$' => "$$",
        _ => return None,
    })
}

/// `\0` and three octal digits; fewer are left as they stand, as Go refuses them.
fn octal(after: &str) -> (Option<String>, usize) {
    let digits = after[1..].chars().take(3).take_while(|c| c.is_digit(8)).count();
    let number = (digits == 3).then(|| u32::from_str_radix(&after[1..4], 8).ok()).flatten();
    (number.and_then(char::from_u32).map(String::from), 1 + digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outside(name: &str) -> Option<Variable> {
        let value = if name == "OUT" { "outer" } else { return None };
        Some(Variable { value: value.to_owned(), from: ValueSource::Environment })
    }

    fn show(parsed: &Parsed) -> String {
        let entries = parsed.variables.iter().map(|(name, variable)| format!("{name}={:?}", variable.value));
        let findings = parsed.diagnostics.iter().map(|finding| {
            let place = finding.span.unwrap_or_default();
            format!("{}:{} {}", place.line, place.column, finding.message)
        });
        entries.chain(findings).collect::<Vec<_>>().join("\n")
    }

    fn check(text: &str, expected: &str) {
        assert_eq!(show(&parse(text, FileId(0), &outside, &Variables::default())), expected, "{text}");
    }

    #[test]
    fn entries_are_read() {
        check("A=1\n# c\n\nB = two words \nexport C=3", "A=\"1\"\nB=\"two words\"\nC=\"3\"");
        check("A: 1\nB=x #c\nC=x#c\nD=", "A=\"1\"\nB=\"x\"\nC=\"x#c\"\nD=\"\"");
        check("\u{feff}A.b-c=1\r\nB=2\r\n", "A.b-c=\"1\"\nB=\"2\"");
        check("OUT\nNONE\nexport OUT\n", "OUT=\"outer\"");
        check("exported=1\n", "exported=\"1\"");
        check("export ", "1:1 no variable follows `export`");
    }

    #[test]
    fn quotes_keep_or_expand() {
        check(
            "A='$X \\n'\nB=\"a\\nb\"\nC='it\\'s'\nD=\"\\$X $$Y\"",
            "A=\"$X \\\\n\"\nB=\"a\\nb\"\nC=\"it's\"\nD=\"$X $Y\"",
        );
        check("A=\"one\ntwo\" # c\nB=\"\"\n", "A=\"one\\ntwo\"\nB=\"\"");
        check("A=\"\\0101\\q\"", "A=\"A\\\\q\"");
    }

    #[test]
    fn later_entries_see_earlier_ones() {
        check(
            "A=1\nB=$A-${OUT}\nC='${A}'\nOUT=own\nD=$OUT",
            "A=\"1\"\nB=\"1-outer\"\nC=\"${A}\"\nOUT=\"own\"\nD=\"outer\"",
        );
    }

    #[test]
    fn faults_are_told_and_reading_goes_on() {
        check(
            "A B=1\nC@=2\nD=3\nE=\"open\nF=${\n=x\n",
            "D=\"3\"\n=\"x\"\n1:1 `A B` is no variable's name: it has a blank in it\n2:2 `@` cannot stand in a variable's name\n\
             4:3 this quoted value never ends\n5:3 `${` is no valid variable",
        );
        check("A=$NONE\n", "A=\"\"\n1:3 the variable `NONE` is not set; an empty text takes its place");
    }

    #[test]
    fn raw_files_are_taken_as_they_stand() {
        let text = "# c\nA='x' $Y #z\nOUT\nNONE\n B C=1\n";
        let expected =
            "A=\"'x' $Y #z\"\nOUT=\"outer\"\n5:2 `B C` is no variable's name: it has a blank in it";
        assert_eq!(show(&parse_raw(text, FileId(0), &outside)), expected);
    }
}
