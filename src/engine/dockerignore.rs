//! `.dockerignore`: which files of a build context stay at home, by the rules of moby's patternmatcher.
//!
//! They are not gitignore's: a pattern is anchored at the context's root, `**` spans folders, the last match counts,
//! and a pattern that matches a folder matches all in it.

use regex::Regex;

/// The patterns of a file, in order.
#[derive(Debug, Default)]
pub(super) struct Ignore {
    patterns: Vec<Pattern>,
}

#[derive(Debug)]
struct Pattern {
    /// `!pattern`: what matches is taken back in.
    is_exception: bool,
    regex: Regex,
}

impl Ignore {
    /// Reads the patterns.
    ///
    /// # Errors
    /// The pattern that makes no sense.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let lines = text.trim_start_matches('\u{feff}').lines();
        let patterns =
            lines.filter(|line| !line.starts_with('#')).map(str::trim).filter(|line| !line.is_empty());
        Ok(Self { patterns: patterns.map(parse_pattern).collect::<Result<_, _>>()? })
    }

    /// Whether a file stays at home. `path` is relative to the context, with slashes.
    pub(super) fn is_ignored(&self, path: &str) -> bool {
        let mut ignored = false;
        for pattern in &self.patterns {
            // An exception matters only to what is ignored so far, and the others only to what is not.
            if pattern.is_exception == ignored && pattern.matches_with_parents(path) {
                ignored = !pattern.is_exception;
            }
        }
        ignored
    }

    /// Whether something in an ignored folder could still be taken back in.
    pub(super) fn has_exceptions(&self) -> bool {
        self.patterns.iter().any(|pattern| pattern.is_exception)
    }
}

impl Pattern {
    fn matches_with_parents(&self, path: &str) -> bool {
        let parents = path.match_indices('/').map(|(end, _)| &path[..end]);
        self.regex.is_match(path) || parents.into_iter().any(|parent| self.regex.is_match(parent))
    }
}

fn parse_pattern(line: &str) -> Result<Pattern, String> {
    let (is_exception, text) = match line.strip_prefix('!') {
        Some(rest) => (true, rest.trim()),
        None => (false, line),
    };
    let cleaned = clean(text);
    if cleaned.is_empty() {
        return Err(format!("the pattern {line:?} names nothing"));
    }
    let regex = expression(&cleaned).and_then(|expression| Regex::new(&expression).ok());
    let regex = regex.ok_or_else(|| format!("the pattern {line:?} is not one"))?;
    Ok(Pattern { is_exception, regex })
}

/// As Go's `filepath.Clean`, without a leading slash: no empty parts, no `.`, and `..` taken together with its parent.
fn clean(pattern: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in pattern.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            ".." if pattern.starts_with('/') => {}
            other => parts.push(other),
        }
    }
    if parts.is_empty() && !pattern.is_empty() { ".".to_owned() } else { parts.join("/") }
}

/// The pattern as a regular expression; none if a class is not closed or nothing follows a backslash.
fn expression(pattern: &str) -> Option<String> {
    let mut out = String::from("^(?s:");
    let mut rest = pattern.chars().peekable();
    while let Some(character) = rest.next() {
        match character {
            '*' if rest.next_if_eq(&'*').is_some() => {
                rest.next_if_eq(&'/');
                out.push_str(if rest.peek().is_none() { ".*" } else { "(.*/)?" });
            }
            '*' => out.push_str("[^/]*"),
            '?' => out.push_str("[^/]"),
            '[' => class(&mut rest, &mut out)?,
            '\\' => out.push_str(&regex::escape(&rest.next()?.to_string())),
            other => out.push_str(&regex::escape(&other.to_string())),
        }
    }
    out.push_str(")$");
    Some(out)
}

/// `[a-z]`, `[^a-z]`: all but the dash, the leading caret and escapes stands for itself.
fn class(rest: &mut std::iter::Peekable<std::str::Chars<'_>>, out: &mut String) -> Option<()> {
    out.push('[');
    if rest.next_if_eq(&'^').is_some() {
        out.push('^');
    }
    loop {
        match rest.next()? {
            ']' => break,
            '-' => out.push('-'),
            '\\' => out.push_str(&regex::escape(&rest.next()?.to_string())),
            other => out.push_str(&regex::escape(&other.to_string())),
        }
    }
    out.push(']');
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(patterns: &str, ignored: &[&str], kept: &[&str]) {
        let ignore = Ignore::parse(patterns).unwrap();
        for path in ignored {
            assert!(ignore.is_ignored(path), "{patterns:?} should ignore {path}");
        }
        for path in kept {
            assert!(!ignore.is_ignored(path), "{patterns:?} should keep {path}");
        }
    }

    #[test]
    fn patterns_are_anchored_and_take_whole_folders() {
        check("target", &["target", "target/debug/x"], &["sub/target", "targets"]);
        check("/target/", &["target/a"], &["a/target"]);
        check("./a/../b", &["b", "b/c"], &["a"]);
        check("a/b", &["a/b/c/d"], &["a", "a/c"]);
    }

    #[test]
    fn wildcards() {
        check("*.log", &["a.log", ".log"], &["sub/a.log", "a.logs"]);
        check("*/*.log", &["sub/a.log"], &["a.log", "x/y/a.log"]);
        check("**/*.log", &["a.log", "x/y/a.log"], &["a.txt"]);
        check("**/node_modules", &["node_modules/a", "x/node_modules/b/c"], &["x/node_modules2"]);
        check("docs/**", &["docs/a/b"], &["docs"]);
        check("a/**/b", &["a/b", "a/x/y/b"], &["a/xb", "b"]);
        check("**", &["anything/at/all"], &[]);
        check("file?.t[a-c]t", &["file1.tat", "file2.tct"], &["file.tat", "file1.tdt"]);
        check("[^a]x", &["bx"], &["ax"]);
        check(r"\*x", &["*x"], &["ax"]);
        check("a+b(c).{d}", &["a+b(c).{d}"], &["aab(c).{d}"]);
    }

    #[test]
    fn the_last_match_counts() {
        check("*\n!src\nsrc/*.tmp", &["a", "src/x.tmp"], &["src", "src/main.rs", "src/sub/x.tmp"]);
        check("*.md\n!README*.md\nREADME-secret.md", &["x.md", "README-secret.md"], &["README.md"]);
        check("!a\na", &["a"], &[]);
        check("a\n!a/keep/this", &["a/other"], &["a/keep/this"]);
    }

    #[test]
    fn comments_blanks_and_marks() {
        check("\u{feff}# no\n\n  a  \n # not a comment\n", &["a"], &["# no"]);
        check(" # x", &["# x"], &["x"]);
    }

    #[test]
    fn what_is_no_pattern_is_named() {
        assert_eq!(Ignore::parse("a\n[b").unwrap_err(), "the pattern \"[b\" is not one");
        assert_eq!(Ignore::parse("!").unwrap_err(), "the pattern \"!\" names nothing");
    }
}
