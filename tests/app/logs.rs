//! Logs: streams open when the cursor rests, tiles outlive their containers, keys scroll and search.

use std::time::Duration;

use dockside::app::log_pane::LogMode;
use dockside::app::{Msg, Pane, layout};
use dockside::observed::{ContainerId, Fact, Level, LogBatch, LogLine};
use jiff::SignedDuration;

use crate::desk::{Desk, container, start};

fn lines(desk: &mut Desk, container: &str, stream: u64, texts: &[&str]) {
    let mut bytes = Vec::new();
    let mut lines = Vec::new();
    for (place, text) in texts.iter().enumerate() {
        bytes.extend_from_slice(text.as_bytes());
        let at = start() + SignedDuration::from_millis(place as i64);
        lines.push(LogLine { end: bytes.len() as u32, at, level: Level::Unknown, stderr: false });
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
    desk.send(Msg::LogsEnded { container: id, stream: number, end: dockside::observed::LogEnd::Complete });
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
