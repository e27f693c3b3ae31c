//! Keys outside of verbs: moving, filtering, layers, the palette, the mouse.

use crossterm::event::{KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use dockside::app::{Input, Msg, Pane, content, layout};
use dockside::observed::Fact;

use crate::desk::{Desk, container};

fn selected(desk: &Desk) -> &str {
    desk.app.selected_name().unwrap_or("-")
}

#[test]
fn the_cursor_moves_and_stays_on_its_service() {
    let mut desk = Desk::shop();
    let mut at = |keys: &str| {
        desk.press(keys);
        selected(&desk).to_owned()
    };
    assert_eq!(
        [at("j"), at("k"), at("G"), at("g g"), at("j j j j"), at("ctrl-u")],
        ["api", "web", "db", "web", "db", "api"]
    );
    assert_eq!([at("g j"), at("g g")], ["db", "web"], "a key that does not go on is taken for itself");
}

#[test]
fn the_filter_acts_as_it_is_typed_and_esc_undoes_it() {
    let mut desk = Desk::shop();
    desk.press("/");
    desk.type_text("d");
    assert_eq!((desk.services().lines().count(), selected(&desk)), (1, "db"));
    desk.press("enter");
    assert_eq!((desk.layer().as_str(), desk.app.filter.as_str()), ("home", "d"));
    desk.press("esc");
    assert_eq!((desk.app.filter.as_str(), selected(&desk)), ("", "db"));
    desk.press("! ");
    assert_eq!(desk.services(), "");
    desk.press("esc");
    assert_eq!(desk.services().lines().count(), 3);
}

#[test]
fn pasted_text_outside_a_prompt_is_ignored() {
    let mut desk = Desk::shop();
    desk.send(Msg::Paste("U\nD".to_owned()));
    assert_eq!((desk.layer().as_str(), desk.effects().as_str()), ("home", ""));
    desk.press("/");
    desk.send(Msg::Paste("ap\u{1b}i".to_owned()));
    assert_eq!(desk.app.filter, "api");
}

#[test]
fn every_layer_opens_and_closes() {
    for (key, name) in [
        ("?", "Help"),
        ("A", "Activity"),
        ("P", "Projects"),
        (":", "Palette"),
        ("x", "Menu"),
        ("R", "Menu"),
        ("K", "Menu"),
        ("enter", "Details"),
        ("/", "Prompt"),
        ("#", "Prompt"),
    ] {
        let mut desk = Desk::shop();
        desk.press(key);
        assert_eq!(desk.layer(), name);
        desk.wait(300);
        desk.press("pgdn G esc");
        assert_eq!(desk.layer(), "home", "{name}");
    }
}

#[test]
fn the_palette_finds_by_words_and_does_it() {
    let mut desk = Desk::shop();
    desk.press(":");
    desk.type_text("restart");
    let names: Vec<&str> = content::palette(&desk.app, "restart").iter().map(|entry| entry.name).collect();
    assert_eq!(names.first(), Some(&"restart"));
    desk.effects();
    desk.press("enter");
    assert_eq!(desk.effects(), r#"plan 1 restart Services(["web"])"#);
}

#[test]
fn the_footer_names_what_verbs_act_on() {
    let mut desk = Desk::shop();
    desk.press("space space");
    let footer = content::footer(&desk.app);
    assert_eq!(footer.on, "web, api");
    assert_eq!(
        footer.verbs[..3],
        [("u".to_owned(), "up"), ("r".to_owned(), "restart"), ("s".to_owned(), "stop")]
    );
    desk.fact(Fact::Lost {
        endpoint: String::new(),
        error: "gone".to_owned(),
        retry_in: std::time::Duration::ZERO,
    });
    assert_eq!(content::footer(&desk.app).verbs, []);
}

fn click(column: u16, row: u16) -> Msg {
    let kind = MouseEventKind::Down(MouseButton::Left);
    Msg::Mouse(MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE })
}

#[test]
fn a_click_chooses_an_entry() {
    let mut desk = Desk::shop();
    desk.press("K");
    let list = layout::entries(&desk.app).unwrap();
    desk.send(click(list.x + 4, list.y + 1));
    assert_eq!(desk.layer(), "Menu", "it is deaf at first");
    desk.wait(200);
    desk.send(click(list.x + 4, list.y - 1));
    desk.send(click(list.x + 4, list.bottom() + 1));
    assert_eq!((desk.layer().as_str(), desk.effects().as_str()), ("Menu", ""), "no entry is there");
    desk.send(click(list.x + 4, list.y + 1));
    assert_eq!(desk.layer(), "home");
    assert_eq!(desk.effects(), r#"plan 1 kill Services(["web"])"#);
    desk.press(":");
    desk.type_text("activity");
    let list = layout::entries(&desk.app).unwrap();
    desk.send(click(list.x + 4, list.y));
    assert_eq!(desk.layer(), "Activity");
}

#[test]
fn panes_are_focused_by_digit_tab_and_mouse() {
    let mut desk = Desk::shop();
    for (keys, pane) in [
        ("2", Pane::Containers),
        ("tab", Pane::Ports),
        ("tab tab", Pane::Services),
        ("shift-tab", Pane::Logs),
        ("1", Pane::Services),
    ] {
        desk.press(keys);
        assert_eq!(desk.app.focus, pane, "{keys}");
    }
    let inside = layout::areas(&desk.app).inside(Pane::Services);
    desk.send(click(inside.x + 3, inside.y + 2));
    assert_eq!(selected(&desk), "db");
    let logs = layout::areas(&desk.app).logs;
    desk.send(click(logs.x + 5, logs.y + 5));
    assert_eq!(desk.app.focus, Pane::Logs);
}

#[test]
fn a_row_that_goes_leaves_the_cursor_at_its_place() {
    let mut desk = Desk::shop();
    desk.change(container("zeta", 1));
    desk.press("G");
    assert_eq!(selected(&desk), "zeta");
    desk.fact(Fact::Removed(container("zeta", 1).id));
    assert_eq!(selected(&desk), "db");
}

#[test]
fn a_line_is_edited() {
    let mut desk = Desk::shop();
    desk.press("g /");
    desk.type_text("err timeout");
    desk.press("ctrl-w backspace left right");
    let Some(dockside::app::Layer::Prompt(prompt)) = desk.app.layer() else { panic!("no prompt") };
    assert_eq!(prompt.input, Input::of("err"));
}
