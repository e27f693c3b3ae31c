//! A buffer as an SVG picture: for the screenshots of the repository and for looking at what tests draw.
//!
//! Frames and curves are drawn as shapes, so that lines join whatever the font.

use std::fmt::{self, Write};

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};

use super::sgr::SIXTEEN;

/// What a terminal makes of the colours that it is left to choose.
#[derive(Clone, Copy, Debug)]
pub struct Palette {
    /// The text's colour.
    pub foreground: &'static str,
    /// The background's colour.
    pub background: &'static str,
    /// The sixteen.
    pub colours: [&'static str; 16],
}

/// A dark terminal.
pub const DARK: Palette = Palette {
    foreground: "#cdd6e0",
    background: "#10141a",
    colours: [
        "#282c34", "#e06c75", "#7ec678", "#e5c07b", "#61afef", "#c678dd", "#56b6c2", "#bec4cc", "#626a78",
        "#ff828c", "#98e08c", "#f5d78c", "#82c3ff", "#dc96f0", "#6ed2dc", "#fafafa",
    ],
};

/// A light terminal.
pub const LIGHT: Palette = Palette {
    foreground: "#2a2e36",
    background: "#ffffff",
    colours: [
        "#24292e", "#c91b2a", "#1a7f37", "#9a6700", "#0550ae", "#8250df", "#1b7c83", "#6e7781", "#57606a",
        "#a40e26", "#116329", "#7d4e00", "#0969da", "#6639ba", "#3192aa", "#d0d7de",
    ],
};

/// Cells' width and height, in pixels.
const CELL: (u16, u16) = (9, 19);

/// The picture.
pub fn svg(buffer: &Buffer, palette: &Palette) -> String {
    let mut out = String::new();
    // Writing into a String does not fail.
    let _ = write_svg(&mut out, buffer, palette);
    out
}

fn write_svg(out: &mut String, buffer: &Buffer, palette: &Palette) -> fmt::Result {
    let area = buffer.area;
    let (width, height) =
        (u32::from(area.width) * u32::from(CELL.0), u32::from(area.height) * u32::from(CELL.1));
    writeln!(
        out,
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">"#
    )?;
    writeln!(
        out,
        r#"<style>text{{font:15px "JetBrains Mono","DejaVu Sans Mono",monospace;white-space:pre}}</style>"#
    )?;
    writeln!(out, r#"<rect width="100%" height="100%" fill="{}"/>"#, palette.background)?;
    for (row, cells) in (0..).zip(buffer.content().chunks(usize::from(area.width.max(1)))) {
        write_grounds(out, cells, row * CELL.1, palette)?;
    }
    for (place, cell) in buffer.content().iter().enumerate() {
        let (column, row) = buffer.pos_of(place);
        write_cell(out, cell, (column - area.x) * CELL.0, (row - area.y) * CELL.1, palette)?;
    }
    writeln!(out, "</svg>")
}

/// What lies under the cells of a row: one rectangle for neighbours of one colour.
fn write_grounds(out: &mut String, cells: &[Cell], y: u16, palette: &Palette) -> fmt::Result {
    let height = CELL.1;
    let mut x = 0;
    for same in cells.chunk_by(|a, b| ground(a, palette) == ground(b, palette)) {
        let width = same.len() as u16 * CELL.0;
        if let Some(fill) = same.first().and_then(|cell| ground(cell, palette)) {
            writeln!(out, r#"<rect x="{x}" y="{y}" width="{width}" height="{height}" fill="{fill}"/>"#)?;
        }
        x += width;
    }
    Ok(())
}

/// What lies under a cell, where that is not the picture's own ground.
fn ground(cell: &Cell, palette: &Palette) -> Option<String> {
    if cell.modifier.contains(Modifier::REVERSED) {
        Some(text_colour(cell, palette))
    } else {
        colour(cell.bg, palette)
    }
}

fn text_colour(cell: &Cell, palette: &Palette) -> String {
    colour(cell.fg, palette).unwrap_or_else(|| palette.foreground.to_owned())
}

fn write_cell(out: &mut String, cell: &Cell, x: u16, y: u16, palette: &Palette) -> fmt::Result {
    let (width, _) = CELL;
    let foreground = if cell.modifier.contains(Modifier::REVERSED) {
        colour(cell.bg, palette).unwrap_or_else(|| palette.background.to_owned())
    } else {
        text_colour(cell, palette)
    };
    let opacity = if cell.modifier.contains(Modifier::DIM) { r#" opacity="0.55""# } else { "" };
    if cell.modifier.contains(Modifier::UNDERLINED) {
        let below = y + 16;
        writeln!(out, r#"<path d="M{x} {below}h{width}" stroke="{foreground}"{opacity}/>"#)?;
    }
    let symbol = cell.symbol();
    if symbol.trim().is_empty() {
        return Ok(());
    }
    if write_shape(out, symbol, (x, y), &foreground, opacity)? {
        return Ok(());
    }
    let weight = if cell.modifier.contains(Modifier::BOLD) { r#" font-weight="bold""# } else { "" };
    let slant = if cell.modifier.contains(Modifier::ITALIC) { r#" font-style="italic""# } else { "" };
    // Signs beyond ASCII come from the font that has them all.
    let font = if symbol.is_ascii() { "" } else { r#" style="font-family:DejaVu Sans Mono""# };
    let text = symbol.replace('&', "&amp;").replace('<', "&lt;");
    let base = y + 14;
    writeln!(
        out,
        r#"<text x="{x}" y="{base}" fill="{foreground}"{weight}{slant}{opacity}{font}>{text}</text>"#
    )
}

/// Lines of frames, by their path from the middle of a cell of 9 by 19.
const LINES: [(&str, &str); 11] = [
    ("─", "M0 9.5h9"),
    ("│", "M4.5 0v19"),
    ("╭", "M4.5 19v-5.5q0-4 4-4h.5"),
    ("╮", "M4.5 19v-5.5q0-4-4-4h-.5"),
    ("╰", "M4.5 0v5.5q0 4 4 4h.5"),
    ("╯", "M4.5 0v5.5q0 4-4 4h-.5"),
    ("┼", "M0 9.5h9M4.5 0v19"),
    ("┬", "M0 9.5h9M4.5 9.5v9.5"),
    ("┴", "M0 9.5h9M4.5 0v9.5"),
    ("├", "M4.5 9.5h4.5M4.5 0v19"),
    ("┤", "M0 9.5h4.5M4.5 0v19"),
];

/// Draws a symbol as a shape, if it is a line of a frame, a step of a curve or the cursor's bar.
fn write_shape(
    out: &mut String,
    symbol: &str,
    (x, y): (u16, u16),
    fill: &str,
    opacity: &str,
) -> Result<bool, fmt::Error> {
    if let Some((_, path)) = LINES.iter().find(|(line, _)| *line == symbol) {
        let place = format!(r#"transform="translate({x} {y})" d="{path}""#);
        writeln!(out, r#"<path {place} fill="none" stroke="{fill}"{opacity}/>"#)?;
        return Ok(true);
    }
    let (width, height) = match symbol {
        "▌" => (CELL.0 / 2, CELL.1),
        _ => match super::symbols::UNICODE.levels.iter().position(|level| *level == symbol) {
            Some(level) => (CELL.0, (level as u16 + 1) * CELL.1 / 8),
            None => return Ok(false),
        },
    };
    let top = y + CELL.1 - height;
    writeln!(out, r#"<rect x="{x}" y="{top}" width="{width}" height="{height}" fill="{fill}"{opacity}/>"#)?;
    Ok(true)
}

/// The colour as SVG names it; none for the terminal's own.
fn colour(colour: Color, palette: &Palette) -> Option<String> {
    let basic = |place: usize| palette.colours.get(place).map(|colour| (*colour).to_owned());
    match colour {
        Color::Reset => None,
        Color::Rgb(red, green, blue) => Some(format!("#{red:02x}{green:02x}{blue:02x}")),
        Color::Indexed(index @ 0..16) => basic(usize::from(index)),
        Color::Indexed(index @ 16..232) => {
            let level = |value: u8| if value == 0 { 0 } else { 55 + 40 * value };
            let cube = index - 16;
            let [red, green, blue] = [cube / 36, cube / 6 % 6, cube % 6].map(level);
            Some(format!("#{red:02x}{green:02x}{blue:02x}"))
        }
        Color::Indexed(index) => {
            let grey = 8 + 10 * (index - 232);
            Some(format!("#{grey:02x}{grey:02x}{grey:02x}"))
        }
        named => SIXTEEN.iter().position(|one| *one == named).and_then(basic),
    }
}

#[cfg(test)]
mod tests {
    use ratatui::layout::Rect;
    use ratatui::style::Style;

    use super::*;

    #[test]
    fn cells_become_text_and_shapes() {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 4, 1));
        buffer.set_string(0, 0, "a<─█", Style::new().fg(Color::Green).bg(Color::Rgb(1, 2, 3)));
        let drawn = svg(&buffer, &DARK);
        assert!(drawn.contains(r##"<text x="9" y="14" fill="#7ec678">&lt;</text>"##), "{drawn}");
        assert!(drawn.contains(r#"d="M0 9.5h9""#) && drawn.contains("#010203"), "{drawn}");
    }
}
