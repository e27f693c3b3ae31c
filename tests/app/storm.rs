//! Whatever is pressed, at whatever size, nothing panics and the cursors stay within their lists.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use dockside::app::{Msg, Pane, content, layout, rows};
use dockside::observed::{Fact, HealthStatus};

use crate::desk::{Desk, container, exited, op, with_health};

/// A small generator: the storm is the same every time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }
}

const KEYS: &str = "jkgGvuUsSrRpKDx#edoylzv/nNftwhl!*?AP:bi123456789 []qy";

fn key(dice: &mut Dice) -> KeyEvent {
    let special = [
        KeyCode::Enter,
        KeyCode::Esc,
        KeyCode::Tab,
        KeyCode::BackTab,
        KeyCode::Up,
        KeyCode::Down,
        KeyCode::PageUp,
        KeyCode::PageDown,
        KeyCode::Home,
        KeyCode::End,
        KeyCode::Left,
        KeyCode::Right,
        KeyCode::Backspace,
        KeyCode::Delete,
        KeyCode::F(8),
        KeyCode::Null,
    ];
    let code = if dice.roll(3) == 0 {
        special[dice.roll(special.len() as u64) as usize]
    } else {
        let place = dice.roll(KEYS.chars().count() as u64) as usize;
        KeyCode::Char(KEYS.chars().nth(place).unwrap())
    };
    let modifiers = if dice.roll(8) == 0 { KeyModifiers::CONTROL } else { KeyModifiers::NONE };
    KeyEvent::new(code, modifiers)
}

fn disturb(desk: &mut Desk, dice: &mut Dice) {
    let service = ["web", "api", "db", "stray"][dice.roll(4) as usize];
    let number = 1 + dice.roll(3) as u32;
    match dice.roll(9) {
        0 => desk.change(container(service, number)),
        1 => desk.change(exited(container(service, number), dice.roll(200) as i64)),
        2 => {
            let probes = dice.roll(6) as u32;
            desk.change(with_health(container(service, number), HealthStatus::Starting, probes));
        }
        3 => desk.fact(Fact::Removed(container(service, number).id)),
        4 => {
            let (width, height) = (dice.roll(200) as u16, dice.roll(60) as u16);
            desk.resize(width, height);
        }
        5 => desk.planned(1 + dice.roll(desk.app.runs.taken + 1), vec![op("remove", service, &[])]),
        6 => desk.send(Msg::Ended {
            run: dockside::app::RunId(1 + dice.roll(20)),
            end: dockside::app::RunEnd::Done,
        }),
        7 => {
            let (column, row) = (dice.roll(200) as u16, dice.roll(60) as u16);
            let kind = [
                MouseEventKind::Down(MouseButton::Left),
                MouseEventKind::ScrollDown,
                MouseEventKind::ScrollUp,
            ];
            let kind = kind[dice.roll(3) as usize];
            desk.send(Msg::Mouse(MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE }));
        }
        _ => desk.event(
            &container(service, number).id.0,
            ["die", "oom", "start", "kill"][dice.roll(4) as usize],
            &[],
        ),
    }
}

fn look(desk: &Desk) {
    let app = &desk.app;
    let areas = layout::areas(app);
    for pane in Pane::ALL {
        let area = areas.pane(pane);
        assert!(
            area.is_empty() || areas.screen.union(area) == areas.screen,
            "{pane:?} {area:?} beyond {:?}",
            areas.screen
        );
    }
    for (view, area) in layout::log_areas(app) {
        assert!(view < app.logs.views.len() && areas.screen.union(area) == areas.screen);
    }
    let services = rows::services(app);
    assert!(app.lists.services.index < services.len().max(1));
    services.rows_from(0).for_each(drop);
    let _ = (rows::header(app), content::footer(app), rows::containers(app), rows::ports(app));
    if let Some(layer) = app.layer() {
        content::line_count(app, layer);
    }
    assert!(!app.logs.views.is_empty());
}

#[test]
fn a_storm_of_keys_breaks_nothing() {
    for seed in 1..=8 {
        let mut dice = Dice(0x9E37_79B9_7F4A_7C15_u64.wrapping_mul(seed));
        let mut desk = Desk::shop();
        for _ in 0..400 {
            let pressed = key(&mut dice);
            desk.send(Msg::Key(pressed));
            if dice.roll(3) == 0 {
                disturb(&mut desk, &mut dice);
            }
            desk.wait(dice.roll(400));
            look(&desk);
        }
    }
}

#[test]
fn every_size_has_a_place_for_everything() {
    let mut desk = Desk::shop();
    desk.press("l j l");
    for width in [0, 1, 2, 9, 10, 40, 79, 80, 119, 120, 160, 400] {
        for height in [0, 1, 2, 3, 7, 8, 15, 16, 24, 45, 200] {
            desk.resize(width, height);
            look(&desk);
            desk.press("z");
            look(&desk);
            desk.press("z");
        }
    }
}
