//! What the screen shows, as reviewed text: the dashboard of a shop at several sizes, themes and layers.

mod screens {
    pub mod shop;
    pub mod view;
}

use screens::shop::shop;
use screens::view::{pictured, shown, styled};

use dockside::app::{App, Size};
use dockside::ui::symbols::ASCII;
use dockside::ui::theme::Theme;

fn sized(width: u16, height: u16) -> App {
    let mut app = shop();
    app.size = Size { width, height };
    app
}

/// Compares the text and the map of styles, and leaves a picture beside the build if asked for.
fn check(name: &str, app: &App, theme: &Theme) {
    pictured(name, app, theme);
    insta::assert_snapshot!(name, styled(app, theme));
}

#[test]
fn home() {
    check("home", &sized(160, 45), &Theme::terminal());
    for name in ["night", "day"] {
        pictured(&format!("home-{name}"), &sized(160, 45), &Theme::built_in(name).unwrap());
    }
}

#[test]
fn home_at_100() {
    check("home_at_100", &sized(100, 30), &Theme::terminal());
}

#[test]
fn home_at_80() {
    check("home_at_80", &sized(80, 24), &Theme::terminal());
}

#[test]
fn home_without_colour() {
    check("home_without_colour", &sized(120, 32), &Theme::plain());
}

#[test]
fn home_in_ascii() {
    let mut app = sized(120, 32);
    app.options.symbols = dockside::app::Symbols::Ascii;
    let theme = Theme::plain().symbols(ASCII);
    let text = shown(&app, &theme);
    assert!(text.is_ascii(), "{text}");
    insta::assert_snapshot!("home_in_ascii", text);
}

#[test]
fn small_terminals() {
    let sizes = [(79, 12), (60, 8), (60, 7), (40, 3), (24, 1), (9, 2)];
    let all: Vec<String> = sizes
        .into_iter()
        .map(|(width, height)| format!("{width}x{height}\n{}", shown(&sized(width, height), &Theme::plain())))
        .collect();
    insta::assert_snapshot!("small_terminals", all.join("\n"));
}
