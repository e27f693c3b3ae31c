//! Draws the visible rows of a log: each cell is written once, straight into the buffer, without lines or spans in
//! between. It knows no app and no log but what is visible.
//!
//! ```text
//! 14:03:06 ▪ api-1  ERR upstream timeout host=search        │ ← scroll bar
//! ── api-1 restarted 14:03:10 ──────────────────────────────
//! time     mark, name, text; a cut line ends in …
//! ```

use std::borrow::Cow;
use std::ops::Range;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::widgets::Widget;

use super::sgr;
use super::text::{cut, cut_words};
use super::theme::Theme;
use crate::app::log::cells::{Piece, Pieces};
use crate::app::log::{Row, RowContent, RuleKind, Screen};
use crate::observed::Level;

/// How far into a line the word of its level is looked for, in bytes.
const HEAD: usize = 200;
/// How far into a line pairs are looked for, in bytes.
const PAIRS: usize = 4096;
/// The keys whose values are the message itself.
const LOUD: [&[u8]; 4] = [b"msg", b"message", b"error", b"err"];
/// The longest cluster that is written to a cell, in bytes; of a longer one, marks piled on marks, the first character.
const CLUSTER: usize = 32;
const SECONDS_OF_DAY: i64 = 86_400;

/// How a log looks.
#[derive(Clone, Debug)]
pub struct LogStyle<'a> {
    /// Styles by meaning.
    pub theme: &'a Theme,
    /// The zone in which times are shown.
    pub zone: TimeZone,
    /// Whether the container's own colours are shown; not under `NO_COLOR`.
    pub colours: bool,
    /// How each source of the view is named before its lines, in the order of the view's sources.
    pub labels: &'a [LogLabel<'a>],
}

/// The name of a source, with the mark and colour that its service has everywhere.
#[derive(Clone, Debug)]
pub struct LogLabel<'a> {
    /// `api-1`.
    pub name: Cow<'a, str>,
    /// The service's mark.
    pub mark: &'a str,
    /// The service's colour.
    pub style: Style,
}

/// The visible rows of a log as a widget.
#[derive(Clone, Debug)]
pub struct LogLines<'a> {
    /// What is visible.
    pub screen: &'a Screen<'a>,
    /// How it looks.
    pub style: &'a LogStyle<'a>,
}

impl Widget for LogLines<'_> {
    fn render(self, area: Rect, buffer: &mut Buffer) {
        let area = area.intersection(buffer.area);
        let mut paint = Paint { line: &[], end: 0, own: Style::new(), level: 0..0, small: Vec::new() };
        for (row, y) in self.screen.rows.iter().zip(area.y..area.bottom()) {
            let line = Rect { y, height: 1, ..area };
            self.row(row, line, &mut paint, buffer);
            if row.selected {
                let width = area.width.saturating_sub(self.screen.columns.bar);
                buffer.set_style(Rect { width, ..line }, self.style.theme.selected);
            }
        }
        self.bar(area, buffer);
    }
}

/// What the rows of one wrapped line share.
struct Paint<'a> {
    line: &'a [u8],
    /// Up to which byte the container's own style is known.
    end: usize,
    own: Style,
    /// The word of the level.
    level: Range<usize>,
    /// `key=value` pairs.
    small: Vec<Range<usize>>,
}

impl<'a> LogLines<'a> {
    fn row(&self, row: &'a Row<'a>, area: Rect, paint: &mut Paint<'a>, buffer: &mut Buffer) {
        let columns = self.screen.columns;
        match &row.content {
            RowContent::Rule(kind) => self.rule(row, kind, area, buffer),
            RowContent::Text { .. } => {
                let text = columns.time + columns.label;
                if row.first {
                    self.time(row.at, area, buffer);
                    let label = Rect { x: area.x + columns.time, width: columns.label, ..area };
                    self.label(row.source, label.intersection(area), buffer);
                }
                let text = Rect { x: area.x.saturating_add(text), width: columns.text, ..area };
                self.text(row, text.intersection(area), paint, buffer);
            }
        }
    }

    fn time(&self, at: Timestamp, area: Rect, buffer: &mut Buffer) {
        if self.screen.columns.time == 0 {
            return;
        }
        let digits = clock(at, &self.style.zone);
        for (x, digit) in (area.x..area.right()).zip(digits) {
            buffer[(x, area.y)].set_char(char::from(digit)).set_style(self.style.theme.log_time);
        }
    }

    fn label(&self, source: usize, area: Rect, buffer: &mut Buffer) {
        let Some(label) = self.style.labels.get(source) else { return };
        if area.width < 4 {
            return;
        }
        let (x, _) = buffer.set_stringn(area.x, area.y, label.mark, 1, label.style);
        let room = area.width - 3;
        let name = cut(&label.name, room, self.style.theme.symbols.cut);
        buffer.set_stringn(x.max(area.x + 1) + 1, area.y, name, usize::from(room), label.style);
    }

    fn text(&self, row: &'a Row<'a>, area: Rect, paint: &mut Paint<'a>, buffer: &mut Buffer) {
        let RowContent::Text { line, range, level, matches, current, is_aside, again, .. } = &row.content
        else {
            return;
        };
        self.prepare(paint, line, range.start, *level);
        let theme = self.style.theme;
        let matches = self.screen.matches.get(matches.clone()).unwrap_or_default();
        let found = if *current { theme.found_current } else { theme.found };
        let text = if *is_aside { theme.dim } else { level_text(*level, theme) };
        let mut cells = Cells { area, used: 0, skip: self.screen.sideways, last: 0, cut: false };
        for (offset, piece) in Pieces::new(line.get(range.clone()).unwrap_or_default()) {
            let offset = offset + range.start;
            match piece {
                Piece::Sgr(parameters) if self.style.colours => sgr::apply(parameters, &mut paint.own),
                Piece::Sgr(_) => {}
                Piece::Text { text: symbol, width } => {
                    let mut style = text.patch(paint.overlay(offset, *level, theme)).patch(paint.own);
                    if is_within(matches, offset) {
                        style = style.patch(found);
                    }
                    if !cells.put(symbol, width, style, buffer) {
                        break;
                    }
                }
            }
        }
        paint.end = range.end;
        if cells.cut && !self.screen.wrap {
            cells.sign(theme.symbols.cut, text, buffer);
        }
        if *again > 0 {
            let words = format!(" {}{}", theme.symbols.times, again + 1);
            let width = (words.chars().count() as u16).min(area.width);
            buffer.set_stringn(area.right() - width, area.y, words, usize::from(width), theme.busy);
        }
    }

    /// Works out, once a line, what its rows share, and the container's style at the row's beginning.
    fn prepare(&self, paint: &mut Paint<'a>, line: &'a [u8], begin: usize, level: Level) {
        if std::ptr::eq(paint.line, line) && paint.end == begin && begin > 0 {
            return;
        }
        paint.line = line;
        paint.own = Style::new();
        if self.style.colours {
            styled_before(line.get(..begin).unwrap_or_default(), &mut paint.own);
        }
        paint.small.clear();
        paint.level = 0..0;
        if line.contains(&0x1b) {
            return;
        }
        if level != Level::Unknown {
            paint.level = level_word(line, level);
        }
        small_print(line, &mut paint.small);
    }

    fn rule(&self, row: &Row<'_>, kind: &RuleKind, area: Rect, buffer: &mut Buffer) {
        let theme = self.style.theme;
        let style = if kind.is_bad() { theme.bad } else { theme.log_rule };
        let width = usize::from(area.width.saturating_sub(self.screen.columns.bar));
        let horizontal = theme.symbols.lines.horizontal;
        for x in area.x..area.x + width as u16 {
            buffer[(x, area.y)].set_symbol(horizontal).set_style(style);
        }
        let moment = row.at.checked_add(SignedDuration::from_nanos(kind.lead())).unwrap_or(row.at);
        let clock = clock(moment, &self.style.zone);
        let at = str::from_utf8(&clock).unwrap_or_default();
        let mut words = kind.words(at);
        if self.screen.columns.label > 0
            && kind.is_of_container()
            && let Some(label) = self.style.labels.get(row.source)
        {
            words.insert_str(0, &format!("{} ", label.name));
        }
        let room = width.saturating_sub(2);
        let words = cut_words(&words, room.saturating_sub(2) as u16, theme.symbols.cut);
        let words = format!(" {words} ");
        buffer.set_stringn(area.x.saturating_add(2), area.y, words, room, style);
    }

    /// The part of all lines that is visible, and where grave ones stand; nothing where all are visible.
    fn bar(&self, area: Rect, buffer: &mut Buffer) {
        let (before, after) = (self.screen.before, self.screen.after);
        if self.screen.columns.bar == 0 || before + after == 0 || area.is_empty() {
            return;
        }
        let height = usize::from(area.height);
        let all = before + after + self.screen.rows.len();
        let length = (height * self.screen.rows.len() / all).clamp(1, height);
        let top = if after == 0 { height - length } else { (before * height / all).min(height - length) };
        let theme = self.style.theme;
        for (y, row) in (0..height).zip(area.y..area.bottom()) {
            let is_visible = (top..top + length).contains(&y);
            let (sign, style) = match self.screen.map.get(y) {
                Some(Level::Fatal | Level::Error) => (theme.symbols.grave, theme.log_error),
                Some(Level::Warn) => (theme.symbols.dot, theme.log_warn),
                _ if is_visible => ("", theme.border_focused),
                _ => continue,
            };
            let sign = if is_visible { theme.symbols.lines.vertical } else { sign };
            buffer[(area.right() - 1, row)].set_symbol(sign).set_style(style);
        }
    }
}

impl Paint<'_> {
    /// The style of the program's own marking at a byte of a line without colours of its own.
    fn overlay(&self, offset: usize, level: Level, theme: &Theme) -> Style {
        if self.level.contains(&offset) {
            return level_style(level, theme);
        }
        if is_within(&self.small, offset) {
            return theme.log_small;
        }
        Style::new()
    }
}

/// The cells of one row's text, filled from the left.
struct Cells {
    area: Rect,
    /// How many are filled.
    used: u16,
    /// How many cells of the text are still to be left out.
    skip: u16,
    /// Where the last cluster begins.
    last: u16,
    /// Whether text was left out at the right.
    cut: bool,
}

impl Cells {
    /// Writes a cluster; false once there is no room.
    fn put(&mut self, symbol: &str, width: u16, style: Style, buffer: &mut Buffer) -> bool {
        if width == 0 {
            return true;
        }
        if self.skip > 0 {
            // Of a wide character that is cut at the left an empty cell is left.
            self.used += width.saturating_sub(self.skip);
            self.skip = self.skip.saturating_sub(width);
            return true;
        }
        if width > self.area.width.saturating_sub(self.used) {
            self.cut = true;
            return false;
        }
        let x = self.area.x + self.used;
        let cell = &mut buffer[(x, self.area.y)];
        cell.set_symbol(bounded(symbol)).set_style(style);
        for x in x + 1..x + width {
            let behind = &mut buffer[(x, self.area.y)];
            behind.reset();
            behind.set_style(style);
        }
        self.last = self.used;
        self.used += width;
        true
    }

    /// Puts the sign of a cut into the last cell.
    fn sign(&self, sign: &str, style: Style, buffer: &mut Buffer) {
        let Some(end) = self.area.width.checked_sub(1) else { return };
        // A wide character that ends in the last cell goes as a whole.
        for x in self.last.min(end)..end {
            if self.used > end && self.last < end {
                buffer[(self.area.x + x, self.area.y)].set_symbol(" ");
            }
        }
        buffer[(self.area.x + end, self.area.y)].set_symbol(sign).set_style(style);
    }
}

/// Whether one of these ranges, which follow each other, has this byte.
fn is_within(ranges: &[Range<usize>], offset: usize) -> bool {
    let next = ranges.partition_point(|range| range.end <= offset);
    ranges.get(next).is_some_and(|range| range.start <= offset)
}

fn bounded(symbol: &str) -> &str {
    if symbol.len() <= CLUSTER {
        return symbol;
    }
    let end = symbol.chars().next().map_or(0, char::len_utf8);
    &symbol[..end]
}

/// The container's style after these bytes.
fn styled_before(bytes: &[u8], style: &mut Style) {
    let mut rest = bytes;
    while let Some(escape) = rest.iter().position(|byte| *byte == 0x1b) {
        rest = &rest[escape..];
        let end = rest.iter().position(|byte| *byte == b'm').unwrap_or(rest.len() - 1);
        let parameters = rest.get(2..end).and_then(|bytes| str::from_utf8(bytes).ok());
        sgr::apply(parameters.unwrap_or_default(), style);
        rest = &rest[end + 1..];
    }
}

fn level_style(level: Level, theme: &Theme) -> Style {
    match level {
        Level::Fatal | Level::Error => theme.log_error,
        Level::Warn => theme.log_warn,
        Level::Info => theme.log_info,
        Level::Debug | Level::Trace => theme.log_debug,
        Level::Unknown => theme.text,
    }
}

/// The style of a line's text: errors have their colour throughout, without being bold.
fn level_text(level: Level, theme: &Theme) -> Style {
    match level {
        Level::Fatal | Level::Error => theme.text.patch(theme.log_error).remove_modifier(Modifier::BOLD),
        _ => theme.text,
    }
}

/// The first word within the line's head that means this level and stands alone.
fn level_word(line: &[u8], level: Level) -> Range<usize> {
    let head = line.get(..HEAD).unwrap_or(line);
    let mut index = 0;
    while index < head.len() {
        let length =
            head[index..].iter().position(|byte| !byte.is_ascii_alphanumeric()).unwrap_or(head.len() - index);
        let word = index..index + length;
        let before = index.checked_sub(1).and_then(|before| head.get(before));
        let stands = !matches!(before, Some(b'/' | b'-' | b'_'));
        if stands && Level::from_word(&head[word.clone()]) == Some(level) {
            return word;
        }
        index += length + 1;
    }
    0..0
}

/// The `key=value` pairs of a line, a quoted value being one. Of what is the message only the key is small.
fn small_print(line: &[u8], ranges: &mut Vec<Range<usize>>) {
    let line = line.get(..PAIRS).unwrap_or(line);
    let mut begin = 0;
    while begin < line.len() {
        let rest = &line[begin..];
        let name = rest.iter().position(|byte| !is_key_byte(*byte)).unwrap_or(rest.len());
        let is_pair = name > 0 && rest.get(name) == Some(&b'=');
        let end = if !is_pair {
            begin + rest.iter().position(|byte| *byte == b' ').unwrap_or(rest.len())
        } else if rest.get(name + 1) == Some(&b'"') {
            let value = begin + name + 2;
            line[value..].iter().position(|byte| *byte == b'"').map_or(line.len(), |quote| value + quote + 1)
        } else {
            begin + rest.iter().position(|byte| *byte == b' ').unwrap_or(rest.len())
        };
        if is_pair {
            let loud = LOUD.contains(&&rest[..name]);
            ranges.push(begin..if loud { begin + name + 1 } else { end });
        }
        begin = end + 1;
    }
}

fn is_key_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-')
}

/// The local time of day with a space after it, as ASCII.
fn clock(at: Timestamp, zone: &TimeZone) -> [u8; 8] {
    let local = at.as_second() + i64::from(zone.to_offset(at).seconds());
    let second = local.rem_euclid(SECONDS_OF_DAY);
    let pair = |value: i64| [b'0' + (value / 10) as u8, b'0' + (value % 10) as u8];
    let ([h1, h2], [m1, m2], [s1, s2]) = (pair(second / 3600), pair(second / 60 % 60), pair(second % 60));
    [h1, h2, b':', m1, m2, b':', s1, s2]
}
