//! Frames around panes and layers, with the title in their upper line: `╭─ 1 Services ──── 9 ─╮`. It knows no panel.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};

use super::pen::Pen;
use super::text;
use super::theme::Theme;

/// A piece of a title with its style.
pub type Part<'a> = (&'a str, Style);

/// What stands in a frame's upper line.
#[derive(Clone, Copy, Debug, Default)]
pub struct Title<'a> {
    /// At the left, one after the other.
    pub left: &'a [Part<'a>],
    /// At the right, one after the other; left out where there is no room.
    pub right: &'a [Part<'a>],
}

/// Draws a frame with its title and returns the area within. An area too small for a frame is returned as it is.
pub fn frame(buffer: &mut Buffer, area: Rect, title: &Title<'_>, style: Style, theme: &Theme) -> Rect {
    let area = area.intersection(buffer.area);
    if area.width < 2 || area.height < 2 {
        return area;
    }
    let lines = theme.symbols.lines;
    edge(buffer, area, area.top(), [lines.top_left, lines.horizontal, lines.top_right], style);
    edge(buffer, area, area.bottom() - 1, [lines.bottom_left, lines.horizontal, lines.bottom_right], style);
    for row in area.top() + 1..area.bottom() - 1 {
        buffer[(area.left(), row)].set_symbol(lines.vertical).set_style(style);
        buffer[(area.right() - 1, row)].set_symbol(lines.vertical).set_style(style);
    }
    write_title(buffer, area, title, theme);
    Rect::new(area.x + 1, area.y + 1, area.width - 2, area.height - 2)
}

fn edge(buffer: &mut Buffer, area: Rect, row: u16, [left, middle, right]: [&str; 3], style: Style) {
    for column in area.left()..area.right() {
        buffer[(column, row)].set_symbol(middle).set_style(style);
    }
    buffer[(area.left(), row)].set_symbol(left);
    buffer[(area.right() - 1, row)].set_symbol(right);
}

/// The titles keep two cells of the frame at either side, and a space around themselves.
fn write_title(buffer: &mut Buffer, area: Rect, title: &Title<'_>, theme: &Theme) {
    let inside = Rect::new(area.x + 2, area.y, area.width.saturating_sub(4), 1);
    let left = title.left.iter().map(|(part, _)| text::width(part)).sum::<u16>();
    let right = title.right.iter().map(|(part, _)| text::width(part)).sum::<u16>();
    let has_right = right > 0 && left.saturating_add(right).saturating_add(6) <= inside.width;
    let room = if has_right { inside.width - right - 3 } else { inside.width };
    if left > 0 && room > 2 {
        let place = Rect { width: room.min(left + 2), ..inside };
        write_parts(buffer, place, title.left, theme);
    }
    if has_right {
        let place = Rect { x: inside.right() - right - 2, width: right + 2, ..inside };
        write_parts(buffer, place, title.right, theme);
    }
}

fn write_parts(buffer: &mut Buffer, area: Rect, parts: &[Part<'_>], theme: &Theme) {
    lift(buffer, area, theme);
    let mut pen = Pen::new(buffer, area, 0, &theme.symbols);
    pen.margin(1).text(" ", theme.text);
    for (part, style) in parts {
        pen.text(part, *style);
    }
    Pen::new(buffer, Rect { x: area.right() - 1, width: 1, ..area }, 0, &theme.symbols).text(" ", theme.text);
}

/// Takes the frame's style from cells that text is written into, so that nothing of it shines through.
pub fn lift(buffer: &mut Buffer, area: Rect, theme: &Theme) {
    let ground = Style { fg: Some(Color::Reset), sub_modifier: Modifier::all(), ..Style::default() };
    buffer.set_style(area, ground.patch(theme.text));
}

/// Draws a dividing line across the inside of a frame.
pub fn divider(buffer: &mut Buffer, area: Rect, row: u16, theme: &Theme) {
    let line = Rect { y: row, height: 1, ..area };
    Pen::new(buffer, line, 0, &theme.symbols).fill(theme.symbols.lines.horizontal, theme.border);
}

/// Empties an area and gives it a style: the ground of a layer.
pub fn clear(buffer: &mut Buffer, area: Rect, style: Style) {
    let area = area.intersection(buffer.area);
    for row in area.top()..area.bottom() {
        for column in area.left()..area.right() {
            let cell = &mut buffer[(column, row)];
            cell.reset();
            cell.set_style(style);
        }
    }
}

/// Takes the colours from what is drawn already, so that it steps back behind a layer.
pub fn dim(buffer: &mut Buffer, area: Rect, theme: &Theme) {
    let area = area.intersection(buffer.area);
    for row in area.top()..area.bottom() {
        for column in area.left()..area.right() {
            let cell = &mut buffer[(column, row)];
            cell.set_style(Style::reset().patch(theme.base).patch(theme.behind));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(width: u16, height: u16) -> String {
        let area = Rect::new(0, 0, width, height);
        let mut buffer = Buffer::empty(area);
        let style = Style::default();
        let title = Title { left: &[("1 ", style), ("Services", style)], right: &[("9", style)] };
        frame(&mut buffer, area, &title, style, &Theme::plain());
        let lines = buffer.content().chunks(usize::from(width.max(1)));
        lines
            .map(|line| line.iter().map(ratatui::buffer::Cell::symbol).chain(["\n"]).collect::<String>())
            .collect()
    }

    #[test]
    fn the_title_stands_in_the_frame() {
        assert_eq!(drawn(22, 3), "╭─ 1 Services ─── 9 ─╮\n│                    │\n╰────────────────────╯\n");
    }

    #[test]
    fn a_title_without_room_is_cut() {
        assert_eq!(drawn(16, 2), "╭─ 1 Services ─╮\n╰──────────────╯\n");
        assert_eq!(drawn(12, 2), "╭─ 1 Ser… ─╮\n╰──────────╯\n");
    }

    #[test]
    fn any_size_is_drawn() {
        for width in 0..24 {
            for height in 0..4 {
                drawn(width, height);
            }
        }
    }
}
