//! Writes along one line of the screen, from left to right and never past its end. It knows no panel.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::symbols::Symbols;
use super::text;

/// A place on a line where text goes next.
pub struct Pen<'a> {
    buffer: &'a mut Buffer,
    start: u16,
    next: u16,
    end: u16,
    row: u16,
    sign: &'static str,
}

impl<'a> Pen<'a> {
    /// A pen at the beginning of line `line` of an area, counted from 0. Below the area or the screen it writes nothing.
    pub fn new(buffer: &'a mut Buffer, area: Rect, line: u16, symbols: &Symbols) -> Self {
        let row = area.y.saturating_add(line);
        let seen = area.intersection(buffer.area);
        let is_inside = row >= seen.top() && row < seen.bottom();
        let end = if is_inside { seen.right() } else { seen.left() };
        Self { buffer, start: seen.left(), next: seen.left(), end, row, sign: symbols.cut }
    }

    /// Cells that are left.
    pub fn room(&self) -> u16 {
        self.end.saturating_sub(self.next)
    }

    /// The column of the screen where the next text goes.
    pub fn column(&self) -> u16 {
        self.next
    }

    /// Cells from the line's beginning to where the next text goes.
    pub fn offset(&self) -> u16 {
        self.next - self.start
    }

    /// Writes; what does not fit is cut.
    pub fn text(&mut self, text: &str, style: Style) -> &mut Self {
        let shown = text::cut(text, self.room(), self.sign);
        self.put(&shown, style)
    }

    /// Writes in exactly `width` cells, at the left of them.
    pub fn field(&mut self, text: &str, width: u16, style: Style) -> &mut Self {
        let width = width.min(self.room());
        let end = self.next + width;
        let shown = text::cut(text, width, self.sign);
        self.put(&shown, style);
        self.next = end;
        self
    }

    /// Writes in exactly `width` cells, at the right of them: for numbers.
    pub fn number(&mut self, text: &str, width: u16, style: Style) -> &mut Self {
        let width = width.min(self.room());
        let end = self.next + width;
        let shown = text::cut(text, width, self.sign);
        self.next = end - text::width(&shown).min(width);
        self.put(&shown, style);
        self.next = end;
        self
    }

    /// Leaves cells as they are.
    pub fn gap(&mut self, cells: u16) -> &mut Self {
        self.next = self.next.saturating_add(cells).min(self.end);
        self
    }

    /// Goes on at a column counted from the line's beginning; never back.
    pub fn at(&mut self, column: u16) -> &mut Self {
        self.next = self.start.saturating_add(column).clamp(self.next, self.end);
        self
    }

    /// Writes at the line's right end, if there is room for all of it, and keeps what follows to its left.
    pub fn right(&mut self, text: &str, style: Style) -> &mut Self {
        let width = text::width(text);
        if width > self.room() {
            return self;
        }
        self.end -= width;
        self.buffer.set_stringn(self.end, self.row, text, usize::from(width), style);
        self
    }

    /// Keeps the last cells of the line free.
    pub fn margin(&mut self, cells: u16) -> &mut Self {
        self.end = self.end.saturating_sub(cells).max(self.next);
        self
    }

    /// Fills what is left of the line.
    pub fn fill(&mut self, symbol: &str, style: Style) -> &mut Self {
        for column in self.next..self.end {
            self.buffer[(column, self.row)].set_symbol(symbol).set_style(style);
        }
        self.next = self.end;
        self
    }

    /// Draws a curve of the last values; nothing is a gap. `full` is the value of a full step, else the greatest shown.
    pub fn curve(
        &mut self,
        values: &[f64],
        width: u16,
        full: Option<f64>,
        style: Style,
        levels: &[&str; 8],
    ) -> &mut Self {
        let width = width.min(self.room());
        let end = self.next + width;
        let shown = values.len().min(usize::from(width)) as u16;
        self.next = end - shown;
        for step in text::steps(values, width, full) {
            if let Some(level) = step.checked_sub(1) {
                self.buffer[(self.next, self.row)].set_symbol(levels[level]).set_style(style);
            }
            self.next += 1;
        }
        self.next = end;
        self
    }

    fn put(&mut self, text: &str, style: Style) -> &mut Self {
        let room = usize::from(self.room());
        if room > 0 {
            (self.next, _) = self.buffer.set_stringn(self.next, self.row, text, room, style);
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::super::symbols::UNICODE;
    use super::*;

    fn line(width: u16, write: impl FnOnce(&mut Pen<'_>)) -> String {
        let area = Rect::new(0, 0, width, 1);
        let mut buffer = Buffer::empty(area);
        write(&mut Pen::new(&mut buffer, area, 0, &UNICODE));
        buffer.content().iter().map(ratatui::buffer::Cell::symbol).collect()
    }

    #[test]
    fn a_line_is_written_in_columns() {
        let style = Style::default();
        let shown = line(24, |pen| {
            pen.field("gateway", 5, style)
                .gap(1)
                .number("31M", 6, style)
                .right("!", style)
                .text("listening long", style);
        });
        assert_eq!(shown, "gate…    31Mlistening …!");
    }

    #[test]
    fn what_has_no_room_is_left_out() {
        let style = Style::default();
        assert_eq!(
            line(3, |pen| _ = pen.right("four", style).number("12345", 9, style).text("x", style)),
            "12…"
        );
        assert_eq!(line(0, |pen| _ = pen.text("x", style).fill("-", style).gap(9).right("", style)), "");
    }

    #[test]
    fn the_newest_value_stands_at_the_right() {
        let shown = line(6, |pen| {
            pen.curve(&[1.0, 4.0, 0.0, 8.0], 5, None, Style::default(), &UNICODE.levels)
                .text("|", Style::default());
        });
        assert_eq!(shown, " ▁▄ █|");
    }

    #[test]
    fn a_pen_outside_the_screen_writes_nothing() {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 2, 1));
        Pen::new(&mut buffer, Rect::new(0, 0, 9, 9), 4, &UNICODE).text("hello", Style::default());
        Pen::new(&mut buffer, Rect::new(5, 5, 9, 9), 0, &UNICODE).text("hello", Style::default());
        assert_eq!(buffer, Buffer::empty(Rect::new(0, 0, 2, 1)));
    }
}
