//! The pictures of the README, made from the real program on its embedded engine:
//!
//! ```sh
//! cargo test --test screenshots -- --ignored
//! ```
//!
//! It opens the demo, presses keys, and writes what the terminal shows to `screenshots/*.svg`.
#![allow(clippy::expect_used, clippy::panic, reason = "a helper of tests fails the test")]

#[path = "support/terminal.rs"]
mod terminal;

use std::fs;
use std::path::Path;
use std::time::Duration;

use dockside::ui::svg;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};
use terminal::Terminal;

const LONG: Duration = Duration::from_mins(4);

#[test]
#[ignore = "writes the pictures of the README; run it by name"]
fn take_them() {
    let folder = tempfile::tempdir().expect("a folder");
    let home = folder.path().to_str().expect("a test folder has a plain name");
    fs::write(folder.path().join("settings.toml"), "theme = \"night\"\n").expect("a file");
    let variables = [("HOME", home), ("COLORTERM", "truecolor")];
    let arguments = ["--config", "settings.toml", "-p", "shop", "demo"];
    let program = Path::new(env!("CARGO_BIN_EXE_dockside"));
    let mut terminal = Terminal::start(program, &arguments, folder.path(), &variables, (160, 45));
    terminal.wait_for("a shop at work", LONG, |screen| screen.contains("2/2"));
    terminal.press("gg");
    terminal.wait_for("the gateway's log, and measurements", LONG, |screen| {
        ["gateway-1", "GET /", "% "].iter().all(|text| screen.contains(text))
    });
    for _ in 0..4 {
        terminal.press("lj");
    }
    terminal.press("vv");
    terminal.wait_for("four logs", LONG, |screen| screen.contains("merged") && screen.contains("cache-1 "));
    save(&terminal, "home");
    terminal.press("!");
    terminal.press("\r");
    terminal
        .wait_for("the story", LONG, |screen| screen.contains("Overview") && screen.contains("Last lines"));
    save(&terminal, "details");
    terminal.press("\x1b");
    terminal.wait_for("the home screen", LONG, |screen| !screen.contains("Overview"));
    terminal.press("!");
    terminal.wait_for("all services", LONG, |screen| screen.contains("visitors"));
    terminal.press("D");
    terminal.wait_for("the dialog", LONG, |screen| screen.contains("what would go"));
    terminal.press_until("\r", "the dialog gone", |screen| !screen.contains("what would go"));
    terminal.wait_for("all gone", LONG, |screen| screen.matches("not created").count() >= 8);
    terminal.press("U");
    terminal.wait_for("the plan", LONG, |screen| screen.contains("what would change"));
    save(&terminal, "plan");
    terminal.press_until("\r", "the dialog gone", |screen| !screen.contains("what would change"));
    terminal.press_until("\x1b", "the services", |screen| !screen.contains("what is being done"));
    terminal.wait_for("all up again", LONG, |screen| screen.contains("2/2") && screen.contains("done 0"));
    terminal.resize(80, 24);
    terminal.wait_for("the small screen", LONG, |screen| {
        screen.lines().count() <= 24 && screen.contains("Services")
    });
    save(&terminal, "small");
}

fn save(terminal: &Terminal, name: &str) {
    let picture = terminal.with_screen(|screen| svg::svg(&buffer(screen), &svg::DARK));
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("screenshots");
    fs::create_dir_all(&folder).expect("the pictures' folder");
    fs::write(folder.join(format!("{name}.svg")), picture).expect("the pictures' folder");
}

/// The emulator's screen as cells.
fn buffer(screen: &vt100::Screen) -> Buffer {
    let (rows, columns) = screen.size();
    let mut buffer = Buffer::empty(Rect::new(0, 0, columns, rows));
    for row in 0..rows {
        for column in 0..columns {
            let Some(cell) = screen.cell(row, column).filter(|cell| cell.has_contents()) else { continue };
            let mut style = Style::new().fg(colour(cell.fgcolor())).bg(colour(cell.bgcolor()));
            let modifiers = [
                (cell.bold(), Modifier::BOLD),
                (cell.dim(), Modifier::DIM),
                (cell.italic(), Modifier::ITALIC),
                (cell.underline(), Modifier::UNDERLINED),
                (cell.inverse(), Modifier::REVERSED),
            ];
            for (_, modifier) in modifiers.into_iter().filter(|(is_on, _)| *is_on) {
                style = style.add_modifier(modifier);
            }
            buffer[(column, row)].set_symbol(cell.contents()).set_style(style);
        }
    }
    buffer
}

fn colour(colour: vt100::Color) -> Color {
    match colour {
        vt100::Color::Default => Color::Reset,
        vt100::Color::Idx(index) => Color::Indexed(index),
        vt100::Color::Rgb(red, green, blue) => Color::Rgb(red, green, blue),
    }
}
