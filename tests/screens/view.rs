//! A screen as text: what stands in the cells, and below it a letter for each cell's style with a legend.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on ends here")]

use dockside::app::App;
use dockside::ui::draw_buffer;
use dockside::ui::svg::{DARK, LIGHT, svg};
use dockside::ui::theme::Theme;
use ratatui::buffer::{Buffer, Cell};
use ratatui::layout::Rect;
use ratatui::style::Color;

pub fn drawn(app: &App, theme: &Theme) -> Buffer {
    let mut buffer = Buffer::empty(Rect::new(0, 0, app.size.width, app.size.height));
    draw_buffer(&mut buffer, app, theme);
    buffer
}

/// The text alone.
pub fn shown(app: &App, theme: &Theme) -> String {
    text_of(&drawn(app, theme))
}

/// The text, the map of styles and its legend.
pub fn styled(app: &App, theme: &Theme) -> String {
    let buffer = drawn(app, theme);
    let mut styles: Vec<String> = Vec::new();
    let map = lines(&buffer, |cell| {
        let style = style_of(cell);
        if style.is_empty() || (cell.symbol() == " " && !style.contains("on ") && !style.contains("REV")) {
            return if cell.symbol() == " " { ' ' } else { '.' };
        }
        let known = styles.iter().position(|one| *one == style).unwrap_or_else(|| {
            styles.push(style);
            styles.len() - 1
        });
        b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"[known].into()
    });
    let legend: Vec<String> = styles
        .iter()
        .zip(('a'..='z').chain('A'..='Z'))
        .map(|(style, letter)| format!("{letter} {style}"))
        .collect();
    format!("{}\n{map}\n{}", text_of(&buffer), legend.join("\n"))
}

/// Writes a picture into the folder that `DOCKSIDE_PICTURES` names, for the eye.
pub fn pictured(name: &str, app: &App, theme: &Theme) {
    let Ok(folder) = std::env::var("DOCKSIDE_PICTURES") else { return };
    let buffer = drawn(app, theme);
    for (ground, palette) in [("dark", DARK), ("light", LIGHT)] {
        std::fs::write(format!("{folder}/{name}-{ground}.svg"), svg(&buffer, &palette)).unwrap();
    }
}

fn text_of(buffer: &Buffer) -> String {
    let mut text = String::new();
    for row in buffer.content().chunks(usize::from(buffer.area.width.max(1))) {
        let line: String = row.iter().map(Cell::symbol).collect();
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

fn lines(buffer: &Buffer, mut letter: impl FnMut(&Cell) -> char) -> String {
    let mut text = String::new();
    for row in buffer.content().chunks(usize::from(buffer.area.width.max(1))) {
        let line: String = row.iter().map(&mut letter).collect();
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

fn style_of(cell: &Cell) -> String {
    let mut words: Vec<String> = Vec::new();
    if !cell.modifier.is_empty() {
        words.push(format!("{:?}", cell.modifier).replace(" | ", " "));
    }
    if cell.fg != Color::Reset {
        words.push(cell.fg.to_string());
    }
    if cell.bg != Color::Reset {
        words.push(format!("on {}", cell.bg));
    }
    words.join(" ")
}
