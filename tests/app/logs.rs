//! Logs: streams open when the cursor rests, tiles outlive their containers, keys scroll and search.

use std::time::Duration;

use crossterm::event::{KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
use dockside::app::log::{LogView, RowContent};
use dockside::app::log_pane::{self, LogMode};
use dockside::app::{Msg, Pane, layout};
use dockside::observed::{ContainerId, Fact, Level, LogBatch, LogEnd, LogLine};
use jiff::SignedDuration;

use crate::desk::{Desk, container, event, exited, start};

/// Lines, a millisecond apart; those that begin with `ERR` are errors.
fn lines(desk: &mut Desk, container: &str, stream: u64, texts: &[&str]) {
    let mut bytes = Vec::new();
    let mut lines = Vec::new();
    for (place, text) in texts.iter().enumerate() {
        bytes.extend_from_slice(text.as_bytes());
        let at = start() + SignedDuration::from_millis(place as i64);
        let level = if text.starts_with("ERR") { Level::Error } else { Level::Unknown };
        lines.push(LogLine { end: bytes.len() as u32, at, level, stderr: false });
    }
    desk.send(Msg::Logs(LogBatch { container: ContainerId::from(container), stream, bytes, lines }));
}

/// The number of the stream that is open for a container.
fn stream(desk: &Desk, container: &str) -> u64 {
    match desk.app.logs.store.store(&ContainerId::from(container)).map(|store| store.reading().clone()) {
        Some(dockside::app::log::Reading::Live(stream)) => stream,
        other => panic!("{container}: {other:?}"),
    }
}

#[test]
fn a_log_opens_when_the_cursor_has_rested() {
    let mut desk = Desk::shop();
    desk.press("j");
    desk.wait(50);
    desk.press("j");
    assert_eq!(desk.effects(), "");
    assert_eq!(desk.app.next_wake(), Some(Duration::from_millis(225)));
    desk.wait(75);
    assert_eq!(desk.effects(), "close shop-web-1; close shop-web-2; open shop-db-1 2000");
}

#[test]
fn a_log_that_comes_back_goes_on_where_it_was() {
    let mut desk = Desk::shop();
    let number = stream(&desk, "shop-web-1");
    lines(&mut desk, "shop-web-1", number, &["one", "two"]);
    desk.press("j");
    desk.wait(100);
    desk.effects();
    desk.press("k");
    desk.wait(100);
    assert_eq!(desk.effects(), "close shop-api-1; open shop-web-1 2000 since; open shop-web-2 2000");
    lines(&mut desk, "shop-web-1", number, &["late"]);
    assert_eq!(
        desk.app.logs.store.store(&"shop-web-1".into()).unwrap().len(),
        2,
        "an old stream's lines are dropped"
    );
}

#[test]
fn a_tile_goes_on_with_the_new_container() {
    let mut desk = Desk::shop();
    desk.press("j l");
    desk.wait(100);
    assert_eq!(desk.app.logs.mode, LogMode::Tiles);
    desk.effects();
    desk.press("k");
    desk.wait(100);
    assert_eq!(desk.effects(), "", "tiles do not follow the cursor");
    desk.fact(Fact::Removed(container("api", 1).id));
    let mut new = container("api", 1);
    new.id = ContainerId::from("new-api");
    new.created_at = Some(desk.now());
    new.started_at = Some(desk.now());
    desk.change(new);
    assert_eq!(desk.effects(), "close shop-api-1; open new-api 2000");
    assert_eq!(desk.app.logs.views.len(), 1);
    assert_eq!(desk.app.logs.views[0].sources[0].label(), "api-1");
}

#[test]
fn a_restart_opens_the_log_again_from_where_it_ended() {
    let mut desk = Desk::shop();
    let number = stream(&desk, "shop-web-1");
    lines(&mut desk, "shop-web-1", number, &["bye"]);
    let id = ContainerId::from("shop-web-1");
    desk.send(Msg::LogsEnded { container: id, stream: number, end: LogEnd::Complete });
    assert_eq!(desk.effects(), "");
    let mut again = container("web", 1);
    again.started_at = Some(desk.now());
    desk.change(again);
    assert_eq!(desk.effects(), "open shop-web-1 2000 since");
}

#[test]
fn views_cycle_and_tiles_are_walked() {
    let mut desk = Desk::shop();
    desk.press("l j j l");
    assert_eq!((desk.app.logs.mode, desk.app.logs.views.len()), (LogMode::Tiles, 3));
    assert_eq!(layout::log_areas(&desk.app).len(), 3);
    desk.press("4 tab tab");
    assert_eq!((desk.app.focus, desk.app.logs.focused), (Pane::Logs, 2));
    assert_eq!(desk.app.focused_log_service().as_deref(), Some("db"));
    desk.press("s");
    assert!(desk.effects().ends_with(r#"plan 1 stop Services(["db"])"#));
    desk.press("v");
    assert_eq!((desk.app.logs.mode, desk.app.logs.views.len()), (LogMode::Solo, 1));
    desk.press("v");
    assert_eq!((desk.app.logs.mode, desk.app.logs.views[0].sources.len()), (LogMode::Merged, 3));
}

#[test]
fn keys_scroll_turn_and_search() {
    let mut desk = Desk::shop();
    let number = stream(&desk, "shop-web-1");
    let texts: Vec<String> = (0..200).map(|place| format!("line {place}")).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    lines(&mut desk, "shop-web-1", number, &texts);
    desk.press("4 k");
    assert!(!desk.app.logs.views[0].is_following());
    desk.press("G");
    assert!(desk.app.logs.views[0].is_following());
    desk.press("f w t");
    let view = &desk.app.logs.views[0];
    assert_eq!((view.is_following(), view.wrap, view.times), (false, true, false));
    desk.press("/");
    desk.type_text("line 7");
    desk.press("enter");
    assert_eq!(desk.effects(), "search");
    desk.press("/");
    desk.type_text("(");
    desk.press("enter");
    assert_eq!(desk.outcome(), "`(`: unclosed group");
    desk.press("esc");
    assert!(desk.app.logs.views[0].searching().is_none());
}

#[test]
fn a_log_that_nobody_sees_draws_no_frame() {
    let mut desk = Desk::shop();
    let before = desk.app.revision;
    lines(&mut desk, "shop-db-1", 1, &["unseen"]);
    assert_eq!(desk.app.revision, before);
    let number = stream(&desk, "shop-web-1");
    lines(&mut desk, "shop-web-1", number, &["seen"]);
    assert_eq!(desk.app.revision, before + 1);
}

/// What the focused view shows.
fn shown(desk: &Desk) -> String {
    let size = layout::log_size(&desk.app, desk.app.logs.focused);
    let view = desk.app.logs.focused_view().unwrap();
    let screen = view.screen(&desk.app.logs.store, size);
    let words = screen.rows.iter().map(|row| match &row.content {
        RowContent::Text { line, .. } => String::from_utf8_lossy(line).into_owned(),
        RowContent::Rule(kind) => format!("-- {}", kind.words(&desk.app.clock(row.at))),
    });
    words.collect::<Vec<_>>().join("|")
}

/// The focused log's words in the title: what is looked for, what it is narrowed to, how it stands.
fn title(desk: &Desk) -> String {
    let (app, view) = (&desk.app, desk.app.logs.focused_view().unwrap());
    let words = [
        log_pane::search_words(app, view),
        log_pane::narrow_words(app, view),
        log_pane::status_words(app, view),
    ];
    words.into_iter().filter(|words| !words.is_empty()).collect::<Vec<_>>().join(" · ")
}

/// Answers the search that was asked for.
fn answer(desk: &mut Desk) {
    let result = desk.search().run();
    desk.send(Msg::Found(result));
}

/// The shop with the cursor on api, its log focused, holding these lines.
fn reading(texts: &[&str]) -> Desk {
    let mut desk = Desk::shop();
    desk.press("j");
    desk.wait(100);
    desk.effects();
    let number = stream(&desk, "shop-api-1");
    lines(&mut desk, "shop-api-1", number, texts);
    desk.press("4");
    desk
}

#[test]
fn a_log_is_narrowed_to_matches_and_levels_and_esc_undoes_it() {
    let mut desk = reading(&["one", "ERR two", "three of two", "four"]);
    assert_eq!(title(&desk), "following");
    desk.press("F");
    assert_eq!(desk.outcome(), "search for something first");
    desk.press("/");
    desk.type_text("two");
    desk.press("enter");
    answer(&mut desk);
    assert_eq!(title(&desk), "/two  2 of 2 · paused");
    desk.press("F");
    assert_eq!(
        (shown(&desk).as_str(), title(&desk).as_str()),
        ("ERR two|three of two", "/two  2 of 2 · only matches · paused")
    );
    desk.press("L L");
    assert_eq!(
        (shown(&desk).as_str(), title(&desk).as_str()),
        ("ERR two", "/two  1 · only matches  warn+ · paused")
    );
    desk.press("esc");
    assert_eq!((shown(&desk).as_str(), title(&desk).as_str()), ("ERR two", "warn+ · paused"));
    desk.press("L");
    assert_eq!(title(&desk), "error+ · paused");
    desk.press("esc G");
    assert_eq!(
        (shown(&desk).as_str(), title(&desk).as_str()),
        ("one|ERR two|three of two|four", "following")
    );
    desk.press("L L L L");
    assert_eq!(title(&desk), "following", "it goes round");
}

#[test]
fn since_reads_the_log_anew_from_there() {
    let mut desk = reading(&["one", "two"]);
    desk.press("T");
    desk.type_text("soon");
    desk.press("enter");
    assert_eq!(desk.outcome(), "`soon` is no time: 10m, 2h30m, 14:03, 14:03..14:10, 2026-11-23T14:03");
    assert_eq!(desk.effects(), "");
    desk.press("T");
    desk.type_text("10m");
    desk.press("enter");
    assert_eq!(desk.effects(), "open shop-api-1 0 since");
    assert_eq!(title(&desk), "since 13:50:00 · following");
    let number = stream(&desk, "shop-api-1");
    lines(&mut desk, "shop-api-1", number, &["zero", "one", "two"]);
    assert_eq!(shown(&desk), "zero|one|two");
    desk.press("1 j");
    desk.wait(100);
    assert_eq!(desk.effects(), "close shop-api-1; open shop-db-1 0 since", "the next service too");
    desk.press("4 esc");
    assert_eq!((desk.effects().as_str(), title(&desk).as_str()), ("", "following"));
}

#[test]
fn a_mark_is_drawn_across_every_tile() {
    let mut desk = reading(&["one"]);
    desk.press("1 l j l 4");
    desk.wait(5000);
    desk.press("m");
    assert_eq!(shown(&desk), "one|-- mark 14:00:05");
    desk.press("tab");
    assert_eq!(shown(&desk), "-- mark 14:00:05");
}

#[test]
fn tiles_go_along_to_an_error_and_back() {
    let many: Vec<String> = (0..100)
        .map(|place| if place == 20 { "ERR boom".to_owned() } else { format!("line {place}") })
        .collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let mut desk = reading(&many);
    desk.press("1 l j l 4");
    let number = stream(&desk, "shop-db-1");
    let plain: Vec<String> = (0..100).map(|place| format!("db {place}")).collect();
    let plain: Vec<&str> = plain.iter().map(String::as_str).collect();
    lines(&mut desk, "shop-db-1", number, &plain);
    desk.effects();
    desk.press("[ e");
    answer(&mut desk);
    assert!(shown(&desk).contains("|ERR boom|"), "{}", shown(&desk));
    desk.press("tab");
    assert!(shown(&desk).contains("|db 20|"), "{}", shown(&desk));
    assert!(title(&desk).starts_with("at 14:00:00"), "{}", title(&desk));
    desk.press("G");
    assert!(desk.app.logs.views.iter().all(LogView::is_following));
    desk.press("] e");
    answer(&mut desk);
    assert_eq!(desk.outcome(), "came round past the end", "errors of other tiles too");
}

/// The shop with tiles of api and db, api focused, each holding a hundred lines of the same hundred milliseconds.
fn two_tiles() -> Desk {
    let texts = |name: &str| (0..100).map(|place| format!("{name} {place}")).collect::<Vec<_>>();
    let mut desk = reading(&texts("api").iter().map(String::as_str).collect::<Vec<_>>());
    desk.press("1 l j l 4");
    let number = stream(&desk, "shop-db-1");
    let mut of_db = texts("db");
    "ERR db".clone_into(&mut of_db[20]);
    lines(&mut desk, "shop-db-1", number, &of_db.iter().map(String::as_str).collect::<Vec<_>>());
    desk.effects();
    desk
}

/// The last line that the focused view shows.
fn last_shown(desk: &Desk) -> String {
    shown(desk).rsplit('|').next().unwrap_or_default().to_owned()
}

#[test]
fn tiles_stand_at_one_moment() {
    let mut desk = two_tiles();
    desk.press("k k k");
    assert_eq!((last_shown(&desk).as_str(), title(&desk).as_str()), ("api 96", "at 14:00:00"));
    desk.press("tab");
    assert_eq!((last_shown(&desk).as_str(), title(&desk).as_str()), ("db 96", "at 14:00:00"));
    desk.press("k");
    assert_eq!(last_shown(&desk), "db 95");
    desk.press("shift-tab");
    assert_eq!(last_shown(&desk), "api 95");
    desk.press("j j j j");
    assert!(desk.app.logs.views.iter().all(LogView::is_following), "at the end all go along again");
    assert_eq!(title(&desk), "following");
}

#[test]
fn a_tile_that_is_left_alone_is_bound_to_no_moment() {
    let mut desk = two_tiles();
    desk.press("k k k -");
    assert_eq!(desk.app.logs.views.len(), 1);
    desk.press("j j j j");
    assert_eq!(title(&desk), "following");
}

#[test]
fn an_error_in_another_tile_is_gone_to() {
    let mut desk = two_tiles();
    desk.press("[ e");
    answer(&mut desk);
    assert_eq!(desk.app.logs.focused, 1, "it is db's");
    assert!(shown(&desk).contains("|ERR db|"), "{}", shown(&desk));
    desk.press("tab");
    desk.press("4 shift-tab");
    desk.press("4");
    assert!(shown(&desk).contains("|api 20|"), "{}", shown(&desk));
}

/// The labels of the tiles, the focused one in brackets.
fn tiles(desk: &Desk) -> String {
    let label = |(place, view): (usize, &LogView)| {
        let label = log_pane::source_label(view).unwrap_or_default();
        if place == desk.app.logs.focused { format!("[{label}]") } else { label }
    };
    desk.app.logs.views.iter().enumerate().map(label).collect::<Vec<_>>().join(" ")
}

#[test]
fn tiles_are_moved_taken_away_and_added() {
    let mut desk = Desk::shop();
    desk.press("4 <");
    assert_eq!(desk.outcome(), "no tile is shown: v turns to tiles");
    desk.press("1 l j l 4");
    assert_eq!(tiles(&desk), "[web-1] web-2 api-1");
    desk.press("> >");
    assert_eq!(tiles(&desk), "web-2 api-1 [web-1]");
    desk.press("> <");
    assert_eq!(tiles(&desk), "web-2 [web-1] api-1");
    desk.press("-");
    assert_eq!(tiles(&desk), "web-2 [api-1]");
    desk.press("+");
    desk.type_text("nothing");
    desk.press("enter");
    assert_eq!(desk.outcome(), "`nothing` is none of db, web-1");
    desk.press("+");
    desk.type_text("web-1");
    desk.press("enter +");
    desk.type_text("db");
    desk.press("enter");
    assert_eq!(tiles(&desk), "web-2 web-1 [api-1] db-1");
    desk.press("- - -");
    assert_eq!(tiles(&desk), "[web-2]");
    desk.press("-");
    assert_eq!((desk.app.logs.mode, desk.app.logs.tiles.len()), (LogMode::Solo, 0));
}

#[test]
fn a_tile_is_zoomed_by_way_of_its_pane() {
    let mut desk = two_tiles();
    desk.press("tab z");
    assert_eq!((layout::log_areas(&desk.app).len(), desk.app.is_zoomed), (2, true));
    desk.press("z");
    let areas = layout::log_areas(&desk.app);
    assert_eq!((areas.len(), areas[0].0, areas[0].1.width), (1, 1, 158));
    desk.press("shift-tab");
    assert_eq!(layout::log_areas(&desk.app)[0].0, 0, "the one that has the keys");
    desk.press("esc");
    assert_eq!((layout::log_areas(&desk.app).len(), desk.app.is_zoomed), (2, true));
    desk.press("z z");
    assert_eq!((layout::log_areas(&desk.app).len(), desk.app.is_zoomed), (2, false));
}

#[test]
fn the_layout_is_remembered() {
    let mut desk = Desk::shop();
    desk.press("l");
    assert_eq!(desk.remembered(), Vec::<String>::new(), "not before it is known what was remembered");
    let mut desk = Desk::shop();
    desk.send(Msg::LayoutRecalled { project: "other".to_owned(), text: None });
    desk.send(Msg::LayoutRecalled { project: "shop".to_owned(), text: None });
    desk.wait(1);
    assert_eq!(desk.remembered(), Vec::<String>::new(), "nothing has changed");
    desk.press("l 4 > -");
    let written = desk.remembered();
    assert_eq!(
        written,
        [
            r#"{"view":"tiles","tiles":["web"],"order":[],"hidden":[]}"#,
            r#"{"view":"tiles","tiles":["web"],"order":["web-2","web-1"],"hidden":[]}"#,
            r#"{"view":"tiles","tiles":["web"],"order":["web-2","web-1"],"hidden":["web-1"]}"#,
        ]
    );
    let mut desk = Desk::shop();
    let text = Some(written[1].clone());
    desk.send(Msg::LayoutRecalled { project: "shop".to_owned(), text });
    assert_eq!(tiles(&desk), "[web-2] web-1");
    assert_eq!(desk.remembered(), Vec::<String>::new());
}

#[test]
fn the_lines_of_a_view_are_saved() {
    let mut desk = reading(&["one", "\u{1b}[31mtwo\u{1b}[0m"]);
    desk.press("t ctrl-s");
    desk.wait(250);
    desk.press("t");
    assert_eq!(desk.effects(), r#"SaveText { name: "shop-api-1.log", text: "one\ntwo\n" }"#);
    desk.press("ctrl-s");
    desk.wait(250);
    desk.press("J");
    let saved = desk.effects();
    assert!(saved.starts_with(r#"SaveText { name: "shop-api-1.jsonl", text: "{"#), "{saved}");
    assert!(
        saved.contains(r#"\"message\":\"two\""#) && saved.contains(r#"\"stream\":\"stdout\""#),
        "{saved}"
    );
    desk.press("|");
    assert_eq!(desk.effects(), r#"Page { text: "one\ntwo\n" }"#);
    desk.press("v");
    desk.effects();
    desk.press("ctrl-s");
    desk.wait(250);
    desk.press("enter");
    assert!(desk.effects().starts_with(r#"SaveText { name: "shop-merged.log""#));
}

#[test]
fn a_view_says_why_it_shows_nothing() {
    let mut desk = reading(&["one"]);
    let words = |desk: &Desk| log_pane::empty_words(&desk.app, desk.app.logs.focused_view().unwrap());
    assert_eq!(words(&desk), None);
    desk.press("L L");
    assert_eq!(words(&desk).as_deref(), Some("no line: warn+"));
    let number = stream(&desk, "shop-api-1");
    let id = ContainerId::from("shop-api-1");
    let end = LogEnd::Failed("no driver".to_owned());
    desk.send(Msg::LogsEnded { container: id.clone(), stream: number, end });
    assert_eq!(title(&desk), "warn+ · cannot be read: no driver");
    desk.fact(Fact::Removed(id));
    assert_eq!(
        (title(&desk).as_str(), words(&desk).as_deref()),
        ("warn+ · no container", Some("no container"))
    );
    let mut new = container("api", 1);
    new.started_at = None;
    new.state = dockside::observed::State::Created;
    new.id = ContainerId::from("new-api");
    desk.change(new);
    assert_eq!(title(&desk), "warn+ · not started");
}

#[test]
fn a_log_that_breaks_off_says_so_and_is_opened_again() {
    let mut desk = reading(&["one"]);
    let number = stream(&desk, "shop-api-1");
    let id = ContainerId::from("shop-api-1");
    desk.effects();
    desk.send(Msg::LogsEnded { container: id, stream: number, end: LogEnd::Broken("reset".to_owned()) });
    assert_eq!(title(&desk), "broke off, next try in 1 s: reset");
    assert_eq!(desk.effects(), "");
    assert_eq!(desk.app.next_wake(), Some(desk.app.now.mono + Duration::from_millis(200)));
    desk.wait(200);
    assert_eq!(desk.effects(), "open shop-api-1 100000 since");
    assert_eq!(title(&desk), "following");
}

#[test]
fn a_long_log_is_looked_through_a_little_at_a_time() {
    let mut desk = reading(&[]);
    let number = stream(&desk, "shop-api-1");
    let long = "x".repeat(20_000);
    for _ in 0..50 {
        lines(&mut desk, "shop-api-1", number, &[long.as_str(); 10]);
    }
    desk.effects();
    assert!(desk.app.logs.is_sifted());
    desk.press("/");
    desk.type_text("x");
    desk.press("enter");
    assert!(title(&desk).contains('+'), "{}", title(&desk));
    let mut rounds = 0;
    while desk.app.next_wake() == Some(desk.app.now.mono) {
        desk.wait(1);
        rounds += 1;
    }
    assert!(desk.app.logs.is_sifted() && (2..20).contains(&rounds), "{rounds}");
    assert!(title(&desk).starts_with("/x  500 · "), "{}", title(&desk));
}

#[test]
fn the_log_of_a_stopped_container_shows_its_end() {
    let mut desk = Desk::shop();
    desk.change(exited(container("api", 1), 3));
    desk.press("j");
    desk.wait(100);
    assert!(desk.effects().ends_with("open shop-api-1 2000"));
    desk.press("4");
    assert_eq!(shown(&desk), "-- exited 3, 13:58:00");
    desk.press("1 k");
    desk.wait(100);
    desk.press("j");
    desk.wait(100);
    desk.press("4");
    assert_eq!(shown(&desk), "-- exited 3, 13:58:00", "once");
}

#[test]
fn scrolling_up_to_the_first_line_held_asks_for_older_ones() {
    let mut desk = Desk::shop();
    let open = stream(&desk, "shop-web-1");
    let texts: Vec<String> = (0..2000).map(|number| format!("line {number}")).collect();
    lines(&mut desk, "shop-web-1", open, &texts.iter().map(String::as_str).collect::<Vec<_>>());
    desk.press("4");
    desk.effects();
    desk.press("k");
    assert_eq!(desk.effects(), "", "there is enough above");
    desk.press("g g");
    let asked = desk.effects();
    assert_eq!(asked, "read 6000 older lines of shop-web-1");
    assert_eq!(log_pane::status_words(&desk.app, &desk.app.logs.views[0]), "reading older lines");
    desk.press("k");
    assert_eq!(desk.effects(), "", "once");
}

#[test]
fn a_filter_is_turned_round_and_shows_lines_around() {
    let mut desk = reading(&["one", "two", "three", "four", "five", "six", "seven"]);
    desk.press("! C");
    assert_eq!(desk.outcome(), "search or choose a level first");
    desk.press("/");
    desk.type_text("^o|^six");
    desk.press("enter !");
    assert_eq!(shown(&desk), "two|three|four|five|seven");
    assert_eq!(title(&desk), "/^o|^six  2 · without matches · following");
    desk.press("! C");
    assert_eq!(shown(&desk), "one|two|three|four|five|six|seven");
    assert_eq!(title(&desk), "/^o|^six  2 · only matches  ±3 lines · following");
    desk.press("C C");
    assert_eq!(shown(&desk), "one|six");
    desk.press("esc");
    assert_eq!(title(&desk), "following");
}

#[test]
fn lines_that_say_the_same_are_counted() {
    let mut desk = reading(&["no", "no", "no", "yes"]);
    desk.press("=");
    assert_eq!((shown(&desk).as_str(), title(&desk).as_str()), ("no|yes", "repeats as a count · following"));
    desk.press("=");
    assert_eq!(shown(&desk), "no|no|no|yes");
}

#[test]
fn a_span_ends_and_a_moment_is_gone_to() {
    let texts: Vec<String> = (0..200).map(|number| format!("line {number}")).collect();
    let mut desk = reading(&texts.iter().map(String::as_str).collect::<Vec<_>>());
    desk.wait(1000);
    desk.press("T");
    desk.type_text("..2026-11-23T14:00:00.002Z");
    desk.press("enter");
    assert_eq!(
        (shown(&desk).as_str(), title(&desk).as_str()),
        ("line 0|line 1|line 2", "until 14:00:00 · following")
    );
    desk.press("esc g t");
    desk.type_text("2026-11-23T14:00:00.1Z");
    desk.press("enter");
    assert!(shown(&desk).starts_with("line 100|line 101|"), "{}", shown(&desk));
    assert_eq!(desk.effects(), "", "that much is held");
    desk.press("g t");
    desk.type_text("10m");
    desk.press("enter");
    assert_eq!(desk.effects(), "open shop-api-1 0 since", "what is older is read");
    let number = stream(&desk, "shop-api-1");
    lines(&mut desk, "shop-api-1", number, &["zero", "one"]);
    assert_eq!(shown(&desk), "zero|one");
    desk.press("G");
    assert_eq!(title(&desk), "following");
}

#[test]
fn a_search_goes_on_in_older_lines() {
    let mut desk = Desk::shop();
    let open = stream(&desk, "shop-web-1");
    let texts: Vec<String> = (0..2000).map(|number| format!("line {number}")).collect();
    lines(&mut desk, "shop-web-1", open, &texts.iter().map(String::as_str).collect::<Vec<_>>());
    desk.press("4 /");
    desk.type_text("needle");
    desk.press("enter");
    let number = desk.older().stream;
    answer(&mut desk);
    assert_eq!(desk.outcome(), "not in the lines held: reading older ones");
    assert_eq!(title(&desk), "/needle  0+  back to 14:00:00 · following");
    let page = desk.app.logs.store.store(&"shop-web-1".into()).unwrap();
    assert!(page.is_reading_older());
    let id = ContainerId::from("shop-web-1");
    let at = start() - SignedDuration::from_secs(60);
    let line = LogLine { end: 10, at, level: Level::Unknown, stderr: false };
    let batch =
        LogBatch { container: id.clone(), stream: number, bytes: b"the needle".to_vec(), lines: vec![line] };
    desk.send(Msg::Logs(batch));
    desk.send(Msg::LogsEnded { container: id, stream: number, end: LogEnd::Complete });
    answer(&mut desk);
    assert!(shown(&desk).starts_with("the needle|line 0|"), "{}", shown(&desk));
    assert_eq!(title(&desk), "/needle  1 of 1 · paused");
}

#[test]
fn lines_are_selected_by_keys_and_copied() {
    let texts: Vec<String> = (0..100).map(|number| format!("line {number}")).collect();
    let mut desk = reading(&texts.iter().map(String::as_str).collect::<Vec<_>>());
    desk.press("V k k");
    desk.effects();
    let footer = dockside::app::content::footer(&desk.app);
    assert_eq!((footer.others[0].clone(), footer.verbs), (("y".to_owned(), "copy the lines"), Vec::new()));
    desk.press("y");
    assert_eq!(desk.effects(), r#"Copy("line 97\nline 98\nline 99\n")"#);
    assert_eq!(desk.outcome(), "copied 3 lines");
    desk.press("V g g");
    assert!(shown(&desk).starts_with("line 0|"), "the cursor is followed: {}", shown(&desk));
    desk.press("esc y");
    assert_eq!(desk.effects(), r#"Copy("api")"#, "nothing is selected");
}

#[test]
fn lines_are_selected_by_the_mouse_within_a_tile() {
    let mut desk = two_tiles();
    let area = layout::log_body(&desk.app, layout::log_areas(&desk.app)[1].1);
    let first =
        desk.app.logs.views[1].screen(&desk.app.logs.store, layout::log_size(&desk.app, 1)).rows.len();
    assert_eq!(first, usize::from(area.height));
    let mut mouse = |kind, column, row| {
        let event = MouseEvent { kind, column, row, modifiers: KeyModifiers::NONE };
        desk.send(Msg::Mouse(event));
    };
    mouse(MouseEventKind::Down(MouseButton::Left), area.x, area.bottom() - 2);
    mouse(MouseEventKind::Drag(MouseButton::Left), area.x, area.bottom() + 30);
    mouse(MouseEventKind::Up(MouseButton::Left), 0, 0);
    assert_eq!((desk.app.logs.focused, desk.outcome().as_str()), (1, "2 lines selected: y copies"));
    desk.press("y");
    assert_eq!(desk.effects(), r#"Copy("db 98\ndb 99\n")"#);
    let down = MouseEventKind::Down(MouseButton::Left);
    for kind in [down, MouseEventKind::Up(MouseButton::Left)] {
        let event = MouseEvent { kind, column: area.x, row: area.y, modifiers: KeyModifiers::NONE };
        desk.send(Msg::Mouse(event));
    }
    assert!(desk.app.logs.views[1].selection().is_none(), "a click selects nothing");
}

#[test]
fn a_failure_is_copied_as_a_report() {
    let mut desk = Desk::shop();
    let mut failed = exited(container("api", 1), 137);
    failed.oom_killed = true;
    failed.image = "shop/api:1.2".to_owned();
    desk.change(failed);
    desk.press("j");
    desk.wait(100);
    let number = stream(&desk, "shop-api-1");
    lines(&mut desk, "shop-api-1", number, &["one", "ERR no memory"]);
    desk.effects();
    desk.press("y");
    assert_eq!(desk.outcome(), "copied api-1 of shop: exited 137, out of memory");
    let report = desk.effects().replace("\\n", "\n");
    insta::assert_snapshot!(report);
}

#[test]
fn lines_that_come_fast_are_told_by_their_rate() {
    let mut desk = reading(&[]);
    let number = stream(&desk, "shop-api-1");
    desk.wait(1000);
    for _ in 0..3 {
        lines(&mut desk, "shop-api-1", number, &["x"; 500]);
    }
    assert_eq!(title(&desk), "following");
    desk.wait(1000);
    assert!(title(&desk).starts_with("following, 1,"), "{}", title(&desk));
    desk.wait(1000);
    assert_eq!(title(&desk), "following");
}

#[test]
fn what_dies_again_and_again_is_told_so() {
    let mut desk = reading(&["one"]);
    let number = stream(&desk, "shop-api-1");
    let own = [("com.docker.compose.project", "shop"), ("com.docker.compose.service", "api")];
    for _ in 0..3 {
        desk.event("shop-api-1", "start", &own);
        desk.wait(31_000);
        desk.event("shop-api-1", "die", &[own[0], own[1], ("exitCode", "1")]);
    }
    assert!(
        shown(&desk).ends_with("|-- died 3 times, always 31 s after its start, with 1, last line: one"),
        "{}",
        shown(&desk)
    );
    assert_eq!(shown(&desk).matches("-- died").count(), 1, "only the last tells it");
    lines(&mut desk, "shop-api-1", number, &["", "", "ERR \u{1b}[31mno such table\u{1b}[0m"]);
    let container = ContainerId::from("shop-api-1");
    desk.send(Msg::LogsEnded { container, stream: number, end: LogEnd::Complete });
    let told = "|-- died 3 times, always 31 s after its start, with 1, last line: ERR no such table";
    assert!(shown(&desk).ends_with(told), "lines that came after the death: {}", shown(&desk));
}

#[test]
fn what_happened_before_it_was_looked_at_stands_in_the_log_and_is_no_news() {
    let mut desk = reading(&[]);
    let own = [("com.docker.compose.project", "shop"), ("com.docker.compose.service", "api")];
    let died = [own[0], own[1], ("exitCode", "137")];
    let ago = |seconds: i64| start() - SignedDuration::from_secs(seconds);
    let at = |seconds, action: &str| match action {
        "die" => event("shop-api-1", action, ago(seconds), &died),
        _ => event("shop-api-1", action, ago(seconds), &own),
    };
    let mut past = vec![at(90, "start"), at(85, "health_status: healthy"), at(60, "oom"), at(59, "die")];
    past.extend([at(50, "start"), at(19, "die"), at(10, "start")]);
    let mut running = container("api", 1);
    (running.started_at, running.finished_at, running.restart_count) = (Some(ago(10)), Some(ago(19)), 7);
    desk.change(running);
    for _ in 0..2 {
        desk.fact(Fact::Past(past.clone()));
    }
    let rules: Vec<String> = shown(&desk).split('|').map(str::to_owned).collect();
    let lives = "-- died 7 times, of late always 31 s after its start, with 137";
    let expected = [
        "started",
        "healthy",
        "out of memory",
        "exited 137,",
        "restarted",
        "exited 137,",
        lives,
        "restarted",
    ];
    assert_eq!(rules.len(), expected.len(), "each once: {rules:?}");
    for (rule, words) in rules.iter().zip(expected) {
        let words = words.trim_start_matches("-- ");
        assert!(rule.trim_start_matches("-- ").starts_with(words), "{words}: {rules:?}");
    }
    assert_eq!(desk.outcome(), "", "nothing of it is news");
    assert_eq!(desk.app.activity.entries().count(), 0);
    // What happens now follows.
    desk.event("shop-api-1", "die", &died);
    assert!(shown(&desk).ends_with("with 137"), "{}", shown(&desk));
}

/// What the view in this place shows.
fn shown_in(desk: &Desk, place: usize) -> Vec<String> {
    let size = layout::log_size(&desk.app, place);
    let screen = desk.app.logs.views[place].screen(&desk.app.logs.store, size);
    let text = |row: &dockside::app::log::Row<'_>| match &row.content {
        RowContent::Text { line, .. } => String::from_utf8_lossy(line).into_owned(),
        RowContent::Rule(_) => String::new(),
    };
    screen.rows.iter().map(text).collect()
}

#[test]
fn the_moment_of_the_tiles_stays_visible_at_every_size() {
    let mut desk = two_tiles();
    desk.press("k k k");
    for (width, height) in [(120, 30), (120, 20), (80, 24), (100, 17), (160, 60), (120, 40)] {
        desk.resize(width, height);
        for place in 0..2 {
            let name = ["api 96", "db 96"][place].to_owned();
            let shown = shown_in(&desk, place);
            // The tile that was moved keeps its top where there is room; the other ends with the moment.
            assert!(shown.contains(&name), "{width}\u{d7}{height}: {shown:?}");
            assert!(place == 0 || shown.last() == Some(&name), "{width}\u{d7}{height}: {shown:?}");
        }
    }
    desk.press("z");
    assert!(shown_in(&desk, 0).contains(&"api 96".to_owned()), "in the whole screen");
    desk.press("z");
    assert!(shown_in(&desk, 0).contains(&"api 96".to_owned()), "alone");
    desk.press("z");
    desk.press("+");
    desk.type_text("web");
    desk.press("enter");
    let number = stream(&desk, "shop-web-1");
    let of_web: Vec<String> = (0..100).map(|place| format!("web {place}")).collect();
    lines(&mut desk, "shop-web-1", number, &of_web.iter().map(String::as_str).collect::<Vec<_>>());
    let ends: Vec<bool> = ["api 96", "db 96", "web 96"]
        .iter()
        .enumerate()
        .map(|(place, name)| shown_in(&desk, place).contains(&(*name).to_owned()))
        .collect();
    assert_eq!(ends, [true; 3], "a tile that is added stands with the others: {}", tiles(&desk));
    desk.press("tab -");
    assert!(shown_in(&desk, 0).contains(&"api 96".to_owned()), "one was taken away");
}

#[test]
fn what_was_found_or_selected_stays_visible_at_every_size() {
    let mut desk = two_tiles();
    desk.press("[ e");
    answer(&mut desk);
    for height in [30, 17, 12, 60] {
        desk.resize(120, height);
        assert!(shown_in(&desk, 1).contains(&"ERR db".to_owned()), "{height}: {:?}", shown_in(&desk, 1));
        assert!(shown_in(&desk, 0).contains(&"api 20".to_owned()), "{height}: {:?}", shown_in(&desk, 0));
    }
    desk.press("V j j j");
    for height in [30, 12] {
        desk.resize(120, height);
        assert!(shown_in(&desk, 1).contains(&"db 23".to_owned()), "{height}: {:?}", shown_in(&desk, 1));
    }
}
