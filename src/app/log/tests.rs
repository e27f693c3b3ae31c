mod broken;
mod narrow;
mod older;

use std::fmt::Write;

use super::*;
use crate::observed::{Level, LogLine};

fn id(name: &str) -> ContainerId {
    ContainerId::from(name)
}

fn at(second: i64) -> Timestamp {
    Timestamp::new(1_700_000_000 + second, 0).unwrap()
}

/// A batch of lines, each `SECOND text`.
fn batch(container: &str, stream: u64, lines: &[(i64, &str)]) -> LogBatch {
    let mut batch = LogBatch { container: id(container), stream, bytes: Vec::new(), lines: Vec::new() };
    for (second, text) in lines {
        batch.bytes.extend_from_slice(text.as_bytes());
        let end = batch.bytes.len() as u32;
        batch.lines.push(LogLine { end, at: at(*second), level: Level::Unknown, stderr: false });
    }
    batch
}

/// Logs in which these containers are open.
fn opened(containers: &[&str]) -> (Logs, Vec<u64>) {
    let mut logs = Logs::default();
    let ids: Vec<ContainerId> = containers.iter().map(|name| id(name)).collect();
    let streams = logs.show(&ids).open.iter().map(|opening| opening.stream).collect();
    (logs, streams)
}

fn view(containers: &[&str]) -> LogView {
    let source = |name: &&str| LogSource::Container { id: id(name), name: (*name).into() };
    let mut view = LogView::new(containers.iter().map(source).collect());
    view.times = false;
    view
}

fn size(width: u16, height: u16) -> ViewSize {
    ViewSize { width, height }
}

/// What is visible, a row a line.
fn seen(logs: &Logs, view: &LogView, size: ViewSize) -> String {
    let mut text = String::new();
    for row in view.screen(logs, size).rows {
        match row.content {
            RowContent::Rule(kind) => writeln!(text, "── {kind:?}").unwrap(),
            RowContent::Text { line, range, .. } => {
                writeln!(text, "{}", String::from_utf8_lossy(&line[range])).unwrap();
            }
        }
    }
    text
}

fn numbered(container: &str, stream: u64, range: std::ops::Range<i64>) -> LogBatch {
    let lines: Vec<(i64, String)> = range.map(|number| (number, format!("line {number}"))).collect();
    let lines: Vec<(i64, &str)> = lines.iter().map(|(second, text)| (*second, text.as_str())).collect();
    batch(container, stream, &lines)
}

#[test]
fn merges_by_time_in_a_stable_order() {
    let (mut logs, streams) = opened(&["b", "a"]);
    logs.apply(&batch("b", streams[0], &[(1, "b1"), (2, "b2"), (2, "b2 again"), (5, "b5")]));
    logs.apply(&batch("a", streams[1], &[(2, "a2"), (3, "a3"), (5, "a5")]));
    let view = view(&["b", "a"]);
    let expected = "b1\na2\nb2\nb2 again\na3\na5\nb5\n";
    assert_eq!(seen(&logs, &view, size(40, 20)), expected);

    let mut cursor = logs.cursor(&view);
    let mut forward = Vec::new();
    while let Some(item) = cursor.forward() {
        forward.push(item.position());
    }
    let mut backward = Vec::new();
    while let Some(item) = cursor.backward() {
        backward.push(item.position());
    }
    backward.reverse();
    assert_eq!(forward, backward);
    assert!(forward.is_sorted());
    for position in &forward {
        cursor.seek(position);
        assert_eq!(cursor.peek().map(|item| item.position()).as_ref(), Some(position));
    }
}

#[test]
fn follows_pauses_and_counts_what_is_new() {
    let (mut logs, streams) = opened(&["a"]);
    logs.apply(&numbered("a", streams[0], 0..10));
    let (mut view, small) = (view(&["a"]), size(40, 3));
    assert_eq!(seen(&logs, &view, small), "line 7\nline 8\nline 9\n");
    view.scroll(&logs, small, -2);
    logs.apply(&numbered("a", streams[0], 10..14));
    assert_eq!(seen(&logs, &view, small), "line 5\nline 6\nline 7\n");
    assert_eq!(logs.status(&view), ViewStatus::Paused(4));
    view.scroll(&logs, small, 1);
    assert_eq!(seen(&logs, &view, small), "line 6\nline 7\nline 8\n");
    view.home(&logs);
    assert_eq!(seen(&logs, &view, small), "line 0\nline 1\nline 2\n");
    view.scroll(&logs, small, 1000);
    assert!(view.is_following());
    assert_eq!(seen(&logs, &view, small), "line 11\nline 12\nline 13\n");
    view.toggle_follow(&logs, small);
    logs.apply(&numbered("a", streams[0], 14..15));
    assert_eq!(seen(&logs, &view, small), "line 11\nline 12\nline 13\n");
    assert_eq!(logs.status(&view), ViewStatus::Paused(1));
}

#[test]
fn scrolls_by_rows_of_wrapped_lines() {
    let (mut logs, streams) = opened(&["a"]);
    let long = "abcdefghijklmnopqrstuvwxyz";
    logs.apply(&batch("a", streams[0], &[(0, "first"), (1, long), (2, "last")]));
    let (mut view, narrow) = (view(&["a"]), size(10, 2));
    view.toggle_wrap();
    assert_eq!(seen(&logs, &view, narrow), "uvwxyz\nlast\n");
    view.scroll(&logs, narrow, -1);
    assert_eq!(seen(&logs, &view, narrow), "klmnopqrst\nuvwxyz\n");
    view.scroll(&logs, narrow, -1);
    assert_eq!(seen(&logs, &view, narrow), "abcdefghij\nklmnopqrst\n");
    view.scroll(&logs, narrow, -1);
    assert_eq!(seen(&logs, &view, narrow), "first\nabcdefghij\n");
    view.scroll(&logs, narrow, 2);
    assert_eq!(seen(&logs, &view, narrow), "klmnopqrst\nuvwxyz\n");
    view.scroll(&logs, narrow, 1);
    assert!(view.is_following());
}

#[test]
fn every_scroll_position_has_full_rows_at_every_size() {
    let (mut logs, streams) = opened(&["a"]);
    logs.apply(&batch(
        "a",
        streams[0],
        &[(0, ""), (1, "漢字漢字"), (2, "abcdefgh"), (3, "\u{1b}[31mx\u{1b}[0m")],
    ));
    for (width, height) in [(0, 0), (1, 1), (2, 3), (3, 2), (13, 40), (200, 1)] {
        let mut view = view(&["a"]);
        view.wrap = true;
        for step in [-1, -1, -1, -20, 1, 1, 3, 50] {
            view.scroll(&logs, size(width, height), step);
            let rows = view.screen(&logs, size(width, height)).rows.len();
            assert!(rows <= usize::from(height));
        }
    }
}

/// A thousand bytes of text that hardly compresses, another one for each number.
fn noise(number: i64) -> String {
    let mut state = number.unsigned_abs() + 1;
    let mut text = String::new();
    while text.len() < 1000 {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        text.push(char::from(b'!' + (state >> 33) as u8 % 94));
    }
    text
}

#[test]
fn full_chunks_are_compressed_and_read_all_the_same() {
    let (mut logs, streams) = opened(&["a"]);
    let count = 20_000;
    let text = |number: i64| {
        format!("order {number} placed by customer {} on the same long path /orders", number % 97)
    };
    for number in 0..count {
        logs.apply(&batch("a", streams[0], &[(number, &text(number))]));
    }
    let written: usize = (0..count).map(|number| text(number).len()).sum();
    let index = 13 * count as usize;
    assert!(logs.size() < index + written / 2, "{} for {written}", logs.size());
    let store = logs.store(&id("a")).unwrap();
    let mut room = Vec::new();
    let mut number = 0;
    for chunk in store.chunks() {
        let reader = chunk.reader(&mut room);
        for index in 0..chunk.len() {
            assert_eq!(reader.line(index).unwrap().bytes, text(number).as_bytes());
            assert_eq!(reader.line(index), chunk.line(index));
            number += 1;
        }
    }
    assert_eq!(number, count);
    assert!(!store.chunks()[0].is_at_rest(), "what was drawn is at hand");
    let size = logs.size();
    logs.settle();
    let store = logs.store(&id("a")).unwrap();
    assert!(store.chunks()[0].is_at_rest());
    assert_eq!(logs.size(), size, "what is at hand for a moment does not count");
}

#[test]
fn a_chunk_that_is_being_searched_is_compressed_later() {
    let (mut logs, streams) = opened(&["a"]);
    logs.apply(&batch("a", streams[0], &[(0, &"x".repeat(300_000))]));
    let searched = logs.store(&id("a")).unwrap().chunks()[0].clone();
    logs.apply(&batch("a", streams[0], &[(1, "next")]));
    assert!(logs.size() > 300_000);
    drop(searched);
    logs.settle();
    assert!(logs.size() < 30_000, "{}", logs.size());
}

#[test]
fn one_container_keeps_within_its_part() {
    let mut logs = Logs::new(Budget { each: 1024 * 1024, ..DEFAULT_BUDGET });
    let opened = logs.show(&[id("a"), id("b")]).open;
    logs.apply(&batch("b", opened[1].stream, &[(0, "quiet")]));
    for second in 0..4000 {
        logs.apply(&batch("a", opened[0].stream, &[(second, &noise(second))]));
    }
    assert!(logs.store(&id("a")).unwrap().size() <= 1024 * 1024);
    assert_eq!(logs.store(&id("b")).unwrap().len(), 1);
}

#[test]
fn keeps_the_budget_and_says_what_went() {
    let mut logs = Logs::new(Budget { all: 2 * 1024 * 1024, ..DEFAULT_BUDGET });
    let stream = logs.show(&[id("a")]).open[0].stream;
    for second in 0..4000 {
        logs.apply(&batch("a", stream, &[(second, &noise(second))]));
    }
    assert!(logs.size() <= 2 * 1024 * 1024, "{}", logs.size());
    let store = logs.store(&id("a")).unwrap();
    assert_eq!(store.dropped() + store.len() as u64, 4000);
    assert!(store.dropped() > 1500);
    assert_eq!(store.size(), store.chunks().iter().map(|chunk| chunk.size()).sum::<usize>());
    let mut view = view(&["a"]);
    view.home(&logs);
    let first = seen(&logs, &view, size(40, 2));
    assert!(first.starts_with(&format!("── Dropped({})", store.dropped())), "{first}");
}

/// Five hundred logs, of which each gets little, keep within the budget together: what still grows counts too, and a
/// cursor over all of them walks them by time.
#[test]
fn many_logs_keep_within_the_budget_together() {
    let mut logs = Logs::new(Budget { all: 4 * 1024 * 1024, ..DEFAULT_BUDGET });
    let names: Vec<String> = (0..500).map(|number| format!("c{number:03}")).collect();
    let ids: Vec<ContainerId> = names.iter().map(|name| id(name)).collect();
    let streams: Vec<u64> = logs.show(&ids).open.iter().map(|opening| opening.stream).collect();
    for second in 0..40 {
        for (name, stream) in names.iter().zip(&streams) {
            logs.apply(&batch(name, *stream, &[(second, &noise(second))]));
        }
        assert!(logs.size() <= 4 * 1024 * 1024, "{} after {second} s", logs.size());
        assert_eq!(logs.taken, logs.size());
    }
    let held: usize = ids.iter().map(|id| logs.store(id).unwrap().len()).sum();
    assert!(held > 2000, "the budget is made use of: {held} lines");
    let view = view(&names.iter().map(String::as_str).collect::<Vec<_>>());
    let mut cursor = logs.cursor(&view);
    let (mut lines, mut last) = (0, None);
    while let Some(item) = cursor.forward() {
        assert!(last < Some(item.position()));
        last = Some(item.position());
        lines += usize::from(matches!(item.content, Content::Line(_)));
    }
    assert_eq!((lines, cursor.lines_around()), (held, (held, 0)));
}

#[test]
fn a_log_that_rests_is_compressed_and_goes_on() {
    let (mut logs, streams) = opened(&["a", "b"]);
    let long = "the same words again ".repeat(1000);
    logs.apply(&batch("a", streams[0], &[(0, &long)]));
    logs.apply(&batch("b", streams[1], &[(0, "short")]));
    logs.settle();
    let before = logs.size();
    logs.settle();
    assert!(logs.size() < before / 4, "{} of {before}", logs.size());
    assert!(logs.store(&id("b")).unwrap().chunks()[0].grows(), "a few lines of a live log are left");
    logs.apply(&batch("a", streams[0], &[(1, "next")]));
    logs.apply(&batch("b", streams[1], &[(1, "next")]));
    assert_eq!(seen(&logs, &view(&["b"]), size(40, 10)), "short\nnext\n");
    assert!(seen(&logs, &view(&["a"]), size(30_000, 10)).ends_with(" \nnext\n"));
    let store = logs.store(&id("a")).unwrap();
    assert_eq!((store.len(), store.chunks().len()), (2, 2));
    logs.ended(&id("b"), streams[1], LogEnd::Complete);
    logs.settle();
    logs.settle();
    assert!(!logs.store(&id("b")).unwrap().chunks()[0].grows(), "nothing more comes");
    assert_eq!(logs.taken, logs.size());
}

#[test]
fn a_replica_goes_on_with_its_next_container() {
    let mut logs = Logs::default();
    let source = LogSource::Replica { service: "api".into(), number: 1 };
    logs.assign(&source, &id("old"), at(0));
    let stream = logs.show(&[id("old")]).open[0].stream;
    logs.apply(&numbered("old", stream, 0..3));
    logs.ended(&id("old"), stream, LogEnd::Complete);
    logs.assign(&source, &id("new"), at(5));
    assert_eq!(logs.current(&source), Some(&id("new")));
    let changes = logs.show(&[id("new")]);
    logs.apply(&numbered("new", changes.open[0].stream, 6..8));
    let view = LogView::new(vec![source]);
    assert_eq!(seen(&logs, &view, size(40, 10)), "line 0\nline 1\nline 2\n── Recreated\nline 6\nline 7\n");
}

#[test]
fn a_reopened_stream_doubles_nothing() {
    let (mut logs, streams) = opened(&["a"]);
    logs.apply(&batch("a", streams[0], &[(1, "one"), (2, "two"), (2, "two again")]));
    assert_eq!(logs.show(&[]).close, [id("a")]);
    logs.apply(&batch("a", streams[0], &[(3, "late, of a closed stream")]));
    let opening = logs.show(&[id("a")]).open.remove(0);
    assert_eq!(opening.since, Some(at(2)));
    logs.apply(&batch("a", opening.stream, &[(2, "two"), (2, "two again"), (2, "two, new"), (3, "three")]));
    assert_eq!(seen(&logs, &view(&["a"]), size(40, 10)), "one\ntwo\ntwo again\ntwo, new\nthree\n");

    logs.disconnected();
    let opening = logs.show(&[id("a")]).open.remove(0);
    logs.apply(&batch("a", opening.stream, &[(9, "nine")]));
    assert_eq!(seen(&logs, &view(&["a"]), size(40, 2)), "── Gap\nnine\n");
}

#[test]
fn keeps_the_last_eight_logs() {
    let mut logs = Logs::default();
    for number in 0..12 {
        let name = format!("c{number}");
        let stream = logs.show(&[id(&name)]).open[0].stream;
        logs.apply(&numbered(&name, stream, 0..2));
    }
    let held: Vec<bool> = (0..12).map(|number| logs.store(&id(&format!("c{number}"))).is_some()).collect();
    assert_eq!(held, [[false; 4].as_slice(), [true; 8].as_slice()].concat());
    assert!(logs.show(&[id("c11")]).open.is_empty(), "it is open already");
}

#[test]
fn an_ended_log_opens_again_when_the_container_starts() {
    let (mut logs, streams) = opened(&["a"]);
    logs.ended(&id("a"), streams[0], LogEnd::Complete);
    assert_eq!(logs.status(&view(&["a"])), ViewStatus::Ended);
    assert!(logs.show(&[id("a")]).open.is_empty());
    logs.started(&id("a"), at(4), RuleKind::Restarted);
    assert_eq!(logs.show(&[id("a")]).open.len(), 1);
    assert_eq!(logs.status(&view(&["a"])), ViewStatus::Following);
}

fn find(logs: &mut Logs, view: &mut LogView, direction: Direction) -> (SearchResult, String) {
    let id = logs.next_number();
    let job = view.find(logs, size(40, 3), (Quest::Match, direction), id).unwrap();
    let result = job.run();
    assert_eq!(view.found(logs, size(40, 3), &result), Some(Quest::Match));
    (result, seen(logs, view, size(40, 3)))
}

#[test]
fn searches_both_ways_and_comes_round() {
    let (mut logs, streams) = opened(&["a", "b"]);
    let lines: Vec<(i64, String)> = (0..20)
        .map(|second| {
            (
                second,
                format!("{second} {}", if second % 8 == 2 { "\u{1b}[31mEr\u{1b}[0mror" } else { "fine" }),
            )
        })
        .collect();
    let lines: Vec<(i64, &str)> = lines.iter().map(|(second, text)| (*second, text.as_str())).collect();
    logs.apply(&batch("a", streams[0], &lines));
    logs.apply(&batch("b", streams[1], &[(12, "error of b")]));
    let mut view = view(&["a", "b"]);
    view.search("error").unwrap();
    let second = |result: &SearchResult| result.position.as_ref().map(|position| position.at);
    for (direction, expected, wrapped) in [
        (Direction::Older, 18, false),
        (Direction::Older, 12, false),
        (Direction::Older, 10, false),
        (Direction::Older, 2, false),
        (Direction::Older, 18, true),
        (Direction::Newer, 2, true),
        (Direction::Newer, 10, false),
    ] {
        let (result, text) = find(&mut logs, &mut view, direction);
        assert_eq!((second(&result), result.wrapped), (Some(at(expected)), wrapped));
        assert!(text.contains('r'), "{text}");
    }
    let screen = view.screen(&logs, size(40, 3));
    assert!(screen.rows.iter().any(|row| matches!(row.content, RowContent::Text { current: true, .. })));
    assert!(!screen.matches.is_empty());

    view.search("Error of").unwrap();
    assert_eq!(find(&mut logs, &mut view, Direction::Newer).0.position, None, "a capital makes case count");
    assert!(view.search("(").unwrap_err().contains("unclosed"));
}

#[test]
fn a_search_does_not_see_what_comes_later() {
    let (mut logs, streams) = opened(&["a"]);
    logs.apply(&numbered("a", streams[0], 0..3));
    let mut view = view(&["a"]);
    view.search("line 3").unwrap();
    let job = view.find(&logs, size(40, 3), (Quest::Match, Direction::Older), 1).unwrap();
    logs.apply(&numbered("a", streams[0], 3..5));
    assert_eq!(job.run().position, None);
    let other = SearchResult { id: 99, position: None, wrapped: false };
    assert_eq!(view.found(&logs, size(40, 3), &other), None);
}
