//! What the screen shows, as reviewed text: the dashboard of a shop at several sizes, themes and layers.

mod screens {
    pub mod shop;
    pub mod view;
}

use std::time::Duration;

use screens::shop::{
    down_dialog, shop, with_details, with_down, with_faults, with_logs, with_plan, with_plan_under_way,
};
use screens::view::{drawn, pictured, shown, styled};

use dockside::app::layers::{
    Confirm, Details, Menu, MenuKind, Palette, PlanDialog, Profiles, Projects, Prompt, PromptKind, Scroll,
    Tab,
};
use dockside::app::{Action, App, Input, Layer, LogMode, RunId, Size};
use dockside::plan::Target;
use dockside::ui::symbols::ASCII;
use dockside::ui::theme::Theme;

fn sized(width: u16, height: u16) -> App {
    let mut app = shop();
    app.size = Size { width, height };
    app
}

fn layered(width: u16, height: u16, layer: Layer) -> App {
    let mut app = sized(width, height);
    app.layers.push(layer);
    app
}

fn menu(kind: MenuKind) -> Layer {
    let target = Target::Services(vec!["web".to_owned(), "db".to_owned()]);
    Layer::Menu(Menu { kind, target, cursor: 1, opened_at: Duration::ZERO })
}

fn all_layers() -> Vec<Layer> {
    let plan =
        Layer::Plan(PlanDialog { run: RunId(1), opened_at: Duration::ZERO, offset: 3, has_changed: true });
    vec![
        Layer::Help(Scroll { offset: 5 }),
        Layer::Activity(Scroll { offset: 2 }),
        Layer::Diagnostics(Scroll::default()),
        Layer::Projects(Projects { cursor: 1 }),
        Layer::Profiles(Profiles { choices: vec![("dev".to_owned(), true); 30], cursor: 29 }),
        Layer::Prompt(Prompt { kind: PromptKind::Search, input: Input::of("a long text to search for") }),
        plan,
        Layer::Down(down_dialog()),
        menu(MenuKind::Verbs),
        Layer::Palette(Palette { input: Input::of("re"), cursor: 4 }),
        Layer::Details(Details { service: "worker".to_owned(), tab: Tab::Overview, offset: 1 }),
    ]
}

/// Compares the text and the map of styles, and leaves a picture beside the build if asked for.
fn check(name: &str, app: &App, theme: &Theme) {
    pictured(name, app, theme);
    insta::assert_snapshot!(name, styled(app, theme));
}

#[test]
fn home() {
    let app = with_logs(sized(160, 45), LogMode::Tiles);
    check("home", &app, &Theme::terminal());
    check("home_by_day", &app, &Theme::built_in("day").unwrap());
    pictured("home-night", &app, &Theme::built_in("night").unwrap());
}

#[test]
fn home_at_100() {
    check("home_at_100", &with_logs(sized(100, 30), LogMode::Merged), &Theme::terminal());
}

#[test]
fn home_at_80() {
    check("home_at_80", &with_logs(sized(80, 24), LogMode::Solo), &Theme::terminal());
}

#[test]
fn home_without_colour() {
    check("home_without_colour", &with_logs(sized(120, 32), LogMode::Tiles), &Theme::plain());
}

#[test]
fn home_in_ascii() {
    let mut app = with_logs(sized(120, 32), LogMode::Tiles);
    app.options.symbols = dockside::app::Symbols::Ascii;
    let theme = Theme::plain().symbols(ASCII);
    let text = shown(&app, &theme);
    assert!(text.is_ascii(), "{text}");
    insta::assert_snapshot!("home_in_ascii", text);
}

#[test]
fn help() {
    check("help", &layered(160, 45, Layer::Help(Scroll::default())), &Theme::terminal());
}

#[test]
fn activity() {
    check("activity", &layered(100, 30, Layer::Activity(Scroll::default())), &Theme::terminal());
}

#[test]
fn plan() {
    let app = with_plan(sized(160, 45));
    check("plan", &app, &Theme::terminal());
    pictured("plan-night", &app, &Theme::built_in("night").unwrap());
    pictured("plan-day", &app, &Theme::built_in("day").unwrap());
    insta::assert_snapshot!("plan_at_80", shown(&with_plan(sized(80, 24)), &Theme::plain()));
}

#[test]
fn down() {
    check("down", &with_down(sized(100, 30)), &Theme::terminal());
}

#[test]
fn details() {
    for (tab, name) in
        [(Tab::Overview, "details"), (Tab::Config, "details_config"), (Tab::Log, "details_log")]
    {
        check(name, &with_details(sized(160, 45), "worker", tab), &Theme::terminal());
    }
}

#[test]
fn details_at_80() {
    for (tab, name) in [
        (Tab::Usage, "details_usage_at_80"),
        (Tab::Processes, "details_processes_at_80"),
        (Tab::Events, "details_events_at_80"),
    ] {
        check(name, &with_details(sized(80, 24), "api", tab), &Theme::terminal());
    }
}

#[test]
fn diagnostics() {
    let mut app = with_faults(sized(100, 30));
    app.layers = vec![Layer::Diagnostics(Scroll::default())];
    check("diagnostics", &app, &Theme::terminal());
}

#[test]
fn findings_stand_where_there_is_room_and_the_rest_stays() {
    check("findings", &with_faults(sized(160, 45)), &Theme::terminal());
}

#[test]
fn menus() {
    check("menu", &layered(100, 30, menu(MenuKind::Verbs)), &Theme::terminal());
    insta::assert_snapshot!(
        "menu_of_signals",
        shown(&layered(80, 24, menu(MenuKind::Signals)), &Theme::plain())
    );
    let palette = Layer::Palette(Palette { input: Input::of("re"), cursor: 2 });
    check("palette", &layered(100, 30, palette), &Theme::terminal());
}

#[test]
fn a_plan_under_way() {
    for (width, height) in [(160, 45), (100, 30), (80, 24)] {
        let app = with_plan_under_way(with_logs(sized(width, height), LogMode::Tiles));
        check(&format!("plan_under_way_at_{width}"), &app, &Theme::terminal());
    }
}

#[test]
fn profiles() {
    let choices = vec![("dev".to_owned(), true), ("mail".to_owned(), false)];
    let layer = || Layer::Profiles(Profiles { choices: choices.clone(), cursor: 1 });
    check("profiles", &layered(80, 24, layer()), &Theme::terminal());
    assert_eq!(shop().profiles(), choices);
}

#[test]
fn projects() {
    check("projects", &layered(100, 30, Layer::Projects(Projects::default())), &Theme::terminal());
}

#[test]
fn prompts_and_questions() {
    let input = Input::of("wo");
    let filter = Layer::Prompt(Prompt { kind: PromptKind::Filter, input });
    let question = Layer::Confirm(Confirm {
        question: "restart api is still going on. Quit?".to_owned(),
        action: Action::Quit,
        opened_at: Duration::ZERO,
    });
    let mut app = layered(80, 24, filter);
    app.layers.push(question);
    check("prompts_and_questions", &app, &Theme::terminal());
}

/// Every size and every layer: nothing panics, and what is too small for anything shows something less.
#[test]
fn any_size() {
    let theme = Theme::terminal();
    let layers = all_layers();
    for width in (1..=170).step_by(12).chain([2, 3, 79, 80, 120]) {
        for height in (1..=50).step_by(6).chain([2, 3, 8, 24]) {
            let mut app = with_plan(with_logs(sized(width, height), LogMode::Tiles));
            for layer in &layers {
                app.layers = vec![layer.clone()];
                drawn(&app, &theme);
            }
        }
    }
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
