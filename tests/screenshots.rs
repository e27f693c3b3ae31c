//! The pictures of the README, made from the real program on a real engine:
//!
//! ```sh
//! DOCKSIDE_TEST_ENGINE=1 cargo test --test screenshots -- --ignored
//! ```
//!
//! It brings the sample project up, presses keys, and writes what the terminal shows to `screenshots/*.svg`.
#![allow(clippy::expect_used, clippy::panic, reason = "a helper of tests fails the test")]

mod support;
#[path = "support/terminal.rs"]
mod terminal;

use std::fs;
use std::path::Path;
use std::time::Duration;

use dockside::ui::svg;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};
use support::{Engine, Project};
use terminal::Terminal;

const LONG: Duration = Duration::from_mins(4);
/// The project's name in the pictures.
const NAME: &str = "shop";

/// Removes the project that the pictures show, however the test ends.
struct Shown(&'static Engine);

impl Drop for Shown {
    fn drop(&mut self) {
        self.0.remove_project(NAME);
    }
}

#[test]
#[ignore = "writes the pictures of the README; run it by name"]
fn take_them() {
    let engine = support::engine().expect("an engine: set DOCKSIDE_TEST_ENGINE and DOCKER_HOST");
    assert!(engine.states(NAME).is_empty(), "a project {NAME} is on this engine already");
    let project = Project::demo(engine);
    let _shown = Shown(engine);
    let port = support::free_port().to_string();
    let folder = project.folder();
    let home = folder.to_str().expect("a test folder has a plain name");
    fs::write(folder.join("settings.toml"), "theme = \"night\"\n").expect("a file");
    let variables = [
        ("DOCKER_HOST", engine.host()),
        ("COMPOSE_PROJECT_NAME", NAME),
        ("SHOP_PORT", port.as_str()),
        ("HOME", home),
        ("COLORTERM", "truecolor"),
    ];
    let arguments = ["--config", "settings.toml"];
    let program = Path::new(env!("CARGO_BIN_EXE_dockside"));
    let mut terminal = Terminal::start(program, &arguments, &folder, &variables, (160, 45));
    terminal.wait_for("the services", LONG, |screen| screen.contains("not created"));
    terminal.press("U");
    terminal.wait_for("the plan", LONG, |screen| screen.contains("what would change"));
    save(&terminal, "plan");
    terminal.press_until("\r", "the dialog gone", |screen| !screen.contains("what would change"));
    terminal.wait_for("a shop at work", LONG, |screen| screen.contains("2/2") && screen.contains("GET /"));
    for _ in 0..4 {
        terminal.press("lj");
    }
    terminal.press("vv");
    terminal.wait_for("the worker's end", LONG, |screen| screen.contains("exited"));
    save(&terminal, "home");
    terminal.press("!");
    terminal.press("\r");
    terminal.wait_for("the story", LONG, |screen| screen.contains("Overview"));
    save(&terminal, "details");
    terminal.press_until("\x1b", "the home screen", |screen| !screen.contains("Overview"));
    terminal.press("!");
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
