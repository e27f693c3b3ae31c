//! Lines of several containers on one standard output, each with its container's name before it, in its colour where a
//! terminal reads. Names are as wide as the widest of those met so far, as in Docker Compose: of those that have said
//! something, and in `up` of all that it attaches to.

use std::collections::BTreeMap;

use color_eyre::eyre::Result;

use super::out;

/// The colours that containers take in turn.
const COLOURS: &[&str] = &["36", "33", "32", "35", "34", "36;1", "33;1", "32;1", "35;1", "34;1"];

/// How lines are told apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Style {
    /// A colour for each container.
    pub is_coloured: bool,
    /// The container's name before each line.
    pub has_prefix: bool,
}

/// Prints lines.
#[derive(Debug)]
pub struct Printer {
    style: Style,
    /// The containers that have said something, with their colours.
    seen: BTreeMap<String, &'static str>,
    width: usize,
}

/// A container's output that is no whole line yet.
#[derive(Debug, Default)]
pub struct Lines {
    rest: Vec<u8>,
}

impl Lines {
    /// Takes bytes and gives the lines that they make whole, without their newlines.
    pub fn push(&mut self, bytes: &[u8]) -> Vec<Vec<u8>> {
        let mut lines = Vec::new();
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            match part.strip_suffix(b"\n") {
                Some(end) => {
                    let mut line = std::mem::take(&mut self.rest);
                    line.extend_from_slice(end);
                    lines.push(line);
                }
                None => self.rest.extend_from_slice(part),
            }
        }
        lines
    }

    /// Whether no line has begun.
    pub fn is_fresh(&self) -> bool {
        self.rest.is_empty()
    }

    /// What has begun and got no newline: it is a line too once nothing more comes.
    pub fn finish(&mut self) -> Option<Vec<u8>> {
        Some(std::mem::take(&mut self.rest)).filter(|rest| !rest.is_empty())
    }
}

impl Printer {
    /// Nothing has been said yet.
    pub fn new(style: Style) -> Self {
        Self { style, seen: BTreeMap::new(), width: 0 }
    }

    /// Prints a line of a container.
    ///
    /// # Errors
    /// Where standard output is closed.
    pub fn line(&mut self, name: &str, line: &[u8]) -> Result<()> {
        let mut bytes = self.prefix(name).into_bytes();
        bytes.extend_from_slice(line);
        bytes.push(b'\n');
        out::print_bytes(&bytes)
    }

    /// Prints lines of a container, all at once.
    ///
    /// # Errors
    /// Where standard output is closed.
    pub fn lines(&mut self, name: &str, lines: &[Vec<u8>]) -> Result<()> {
        if lines.is_empty() {
            return Ok(());
        }
        let prefix = self.prefix(name).into_bytes();
        let bytes: Vec<u8> = lines.iter().flat_map(|line| [&prefix, &line[..], b"\n"].concat()).collect();
        out::print_bytes(&bytes)
    }

    /// Prints a line of a container's standard error, to standard error.
    ///
    /// # Errors
    /// Where standard error is closed.
    pub fn error_line(&mut self, name: &str, line: &[u8]) -> Result<()> {
        let mut bytes = self.prefix(name).into_bytes();
        bytes.extend_from_slice(line);
        bytes.push(b'\n');
        out::complain(&bytes)
    }

    /// Says what became of a container: `exited with code 3`.
    ///
    /// # Errors
    /// Where standard output is closed.
    pub fn status(&mut self, name: &str, what: &str) -> Result<()> {
        self.meet(name);
        // The carriage return and what clears the line take away what a terminal echoed there, such as ^C.
        let text = format!("\r\x1b[K{name} {what}\n");
        out::print(&self.coloured(name, &text))
    }

    /// What stands before a line.
    fn prefix(&mut self, name: &str) -> String {
        self.meet(name);
        if !self.style.has_prefix {
            return String::new();
        }
        self.coloured(name, &format!("{name:<0$} | ", self.width))
    }

    /// Makes a container known before it says anything.
    pub fn meet(&mut self, name: &str) {
        if self.seen.contains_key(name) {
            return;
        }
        let colour = COLOURS[self.seen.len() % COLOURS.len()];
        self.seen.insert(name.to_owned(), colour);
        // One more, so that two spaces stand before the bar.
        self.width = self.width.max(name.chars().count() + 1);
    }

    fn coloured(&self, name: &str, text: &str) -> String {
        match self.seen.get(name).filter(|_| self.style.is_coloured) {
            Some(colour) => format!("\x1b[{colour}m{text}\x1b[0m"),
            None => text.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_as_wide_as_the_widest_so_far() {
        let mut printer = Printer::new(Style { is_coloured: false, has_prefix: true });
        let prefixes = ["web-1", "longname-1", "web-1"].map(|name| printer.prefix(name));
        assert_eq!(prefixes, ["web-1  | ", "longname-1  | ", "web-1       | "]);
        let mut printer = Printer::new(Style { is_coloured: true, has_prefix: true });
        assert_eq!(printer.prefix("a-1"), "\x1b[36ma-1  | \x1b[0m");
        assert_eq!(printer.prefix("b-1"), "\x1b[33mb-1  | \x1b[0m");
        assert_eq!(Printer::new(Style::default()).prefix("a-1"), "");
    }

    #[test]
    fn lines_are_whole() {
        let mut lines = Lines::default();
        assert_eq!(lines.push(b"one\ntw"), [b"one".to_vec()]);
        assert_eq!(lines.push(b"o\n\nrest"), [b"two".to_vec(), Vec::new()]);
        assert_eq!((lines.finish(), lines.finish()), (Some(b"rest".to_vec()), None));
    }
}
