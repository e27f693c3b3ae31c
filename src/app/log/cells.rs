//! Cuts a line into what stands in cells: text of some width, and SGR sequences, which have none. Wrapping and drawing
//! both walk a line by this, so that they cannot disagree.

use std::ops::Range;

use ratatui::buffer::CellWidth;
use unicode_segmentation::UnicodeSegmentation;

/// A piece of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    /// The parameters of an SGR sequence: `1;31` of `ESC [ 1 ; 31 m`.
    Sgr(&'a str),
    /// One grapheme cluster.
    Text {
        /// The cluster.
        text: &'a str,
        /// How many cells it takes; 0 for a mark with nothing to stand on.
        width: u16,
    },
}

/// The pieces of a line, each with the index of the byte at which it begins.
#[derive(Clone, Debug)]
pub struct Pieces<'a> {
    line: &'a str,
    offset: usize,
}

impl<'a> Pieces<'a> {
    /// The pieces of these bytes, which the reader has made safe. What is not UTF-8 nevertheless ends the line.
    pub fn new(line: &'a [u8]) -> Self {
        let line = match str::from_utf8(line) {
            Ok(line) => line,
            Err(error) => {
                line.get(..error.valid_up_to()).map_or("", |valid| str::from_utf8(valid).unwrap_or(""))
            }
        };
        Self { line, offset: 0 }
    }
}

impl<'a> Iterator for Pieces<'a> {
    type Item = (usize, Piece<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        let begin = self.offset;
        let rest = self.line.get(begin..)?;
        let (size, piece) = match rest.as_bytes() {
            [] => return None,
            [0x1b, ..] => {
                let end = rest.find('m').unwrap_or(rest.len() - 1);
                (end + 1, Piece::Sgr(rest.get(2..end).unwrap_or_default()))
            }
            // Two plain bytes in a row: the first stands alone, nothing can join it.
            [0x20..=0x7e] | [0x20..=0x7e, 0x1b..=0x7e, ..] => (1, Piece::Text { text: &rest[..1], width: 1 }),
            _ => {
                let text = rest.graphemes(true).next()?;
                (text.len(), Piece::Text { text, width: text.cell_width() })
            }
        };
        self.offset += size;
        Some((begin, piece))
    }
}

/// The rows that a line takes when wrapped at this width, as ranges of its bytes. There is always one at least.
pub fn wrap(line: &[u8], width: u16, mut row: impl FnMut(Range<usize>)) {
    let width = usize::from(width.max(1));
    if is_plain(line) {
        let mut begin = 0;
        while line.len() - begin > width {
            row(begin..begin + width);
            begin += width;
        }
        row(begin..line.len());
        return;
    }
    let (mut begin, mut filled) = (0, 0);
    for (offset, piece) in Pieces::new(line) {
        let Piece::Text { width: cells, .. } = piece else { continue };
        let cells = usize::from(cells);
        if filled + cells > width && filled > 0 {
            row(begin..offset);
            begin = offset;
            filled = 0;
        }
        filled += cells;
    }
    row(begin..line.len());
}

/// How many rows a line takes when wrapped at this width: 1 at least.
pub fn count_rows(line: &[u8], width: u16) -> usize {
    if is_plain(line) {
        return line.len().div_ceil(usize::from(width.max(1))).max(1);
    }
    let mut rows = 0;
    wrap(line, width, |_| rows += 1);
    rows
}

/// Appends the line's text without its SGR sequences to `text`, and to `offsets` where each byte of it stood.
pub fn strip(line: &[u8], text: &mut Vec<u8>, offsets: &mut Vec<usize>) {
    let mut index = 0;
    while let Some(byte) = line.get(index) {
        if *byte == 0x1b {
            index += line[index..].iter().position(|byte| *byte == b'm').map_or(line.len(), |end| end + 1);
            continue;
        }
        text.push(*byte);
        offsets.push(index);
        index += 1;
    }
    offsets.push(line.len());
}

fn is_plain(line: &[u8]) -> bool {
    line.iter().all(|byte| matches!(byte, 0x20..=0x7e))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, width: u16, expected: &[&str]) {
        let mut rows = Vec::new();
        wrap(line.as_bytes(), width, |range| rows.push(line[range].to_owned()));
        assert_eq!(rows, expected, "{line:?} at {width}");
        assert_eq!(count_rows(line.as_bytes(), width), expected.len(), "{line:?} at {width}");
    }

    #[test]
    fn wraps_by_cells() {
        check("", 4, &[""]);
        check("abcd", 4, &["abcd"]);
        check("abcde", 4, &["abcd", "e"]);
        check("abc", 0, &["a", "b", "c"]);
        check("a漢字b", 3, &["a漢", "字b"]);
        check("漢字", 1, &["漢", "字"]);
        check("e\u{301}e\u{301}e\u{301}", 2, &["e\u{301}e\u{301}", "e\u{301}"]);
        check("\u{1b}[31mab\u{1b}[0mcd\u{1b}[1me", 2, &["\u{1b}[31mab\u{1b}[0m", "cd\u{1b}[1m", "e"]);
    }

    #[test]
    fn pieces_survive_anything() {
        for line in [&b"\x1b["[..], b"\x1b", b"\x1b[31", b"a\xffb", b"\xcc\x81a", "\u{200d}".as_bytes()] {
            assert!(Pieces::new(line).count() <= line.len());
            wrap(line, 1, |range| assert!(range.end <= line.len()));
        }
    }

    #[test]
    fn strips_with_offsets() {
        let (mut text, mut offsets) = (Vec::new(), Vec::new());
        strip(b"\x1b[1ma\x1b[0mb", &mut text, &mut offsets);
        assert_eq!(text, b"ab");
        assert_eq!(offsets, [4, 9, 10]);
    }
}
