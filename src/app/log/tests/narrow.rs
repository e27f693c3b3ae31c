//! Views narrowed to matches, levels and moments, and what is found in them.

use super::*;

/// A batch of lines with levels, each `SECOND LEVEL text`.
fn graded(container: &str, stream: u64, lines: &[(i64, Level, &str)]) -> LogBatch {
    let plain: Vec<(i64, &str)> = lines.iter().map(|(second, _, text)| (*second, *text)).collect();
    let mut batch = batch(container, stream, &plain);
    for (line, (_, level, _)) in batch.lines.iter_mut().zip(lines) {
        line.level = *level;
    }
    batch
}

fn from(second: i64) -> Span {
    Span { since: Some(at(second)), until: None }
}

const ALL: usize = usize::MAX;

/// What is visible when all has been looked through.
fn sifted(logs: &Logs, view: &mut LogView) -> String {
    view.sift(logs, ALL);
    assert!(view.is_sifted(logs));
    seen(logs, view, size(40, 20))
}

#[test]
fn a_threshold_hides_what_is_less_grave() {
    let (mut logs, streams) = opened(&["a"]);
    let lines = [
        (1, Level::Debug, "debug"),
        (2, Level::Unknown, "no level"),
        (3, Level::Info, "info"),
        (4, Level::Error, "error"),
        (4, Level::Unknown, "  at its stack"),
        (4, Level::Unknown, "\tand on"),
        (5, Level::Unknown, "another"),
        (6, Level::Warn, "warn"),
    ];
    logs.apply(&graded("a", streams[0], &lines));
    logs.rule(&id("a"), at(5), RuleKind::Healthy);
    let mut view = view(&["a"]);
    for (level, expected) in [
        (Level::Info, "no level\ninfo\nerror\n  at its stack\n\tand on\nanother\n── Healthy\nwarn\n"),
        (Level::Warn, "error\n  at its stack\n\tand on\n── Healthy\nwarn\n"),
        (Level::Error, "error\n  at its stack\n\tand on\n── Healthy\n"),
    ] {
        view.set_threshold(level);
        assert_eq!(sifted(&logs, &mut view), expected, "{level:?}");
    }
    logs.apply(&graded("a", streams[0], &[(7, Level::Info, "fine"), (8, Level::Fatal, "dead")]));
    assert!(sifted(&logs, &mut view).ends_with("── Healthy\ndead\n"), "lines that come are sifted too");
    view.set_threshold(Level::Unknown);
    assert_eq!(seen(&logs, &view, size(40, 20)).lines().count(), 11);
}

/// A cursor over what passes walks, counts and seeks as one over a log of only those lines.
#[test]
fn only_matches_are_walked_over_many_chunks() {
    let (mut logs, streams) = opened(&["a", "b"]);
    let long = "x".repeat(200);
    for (place, name) in ["a", "b"].into_iter().enumerate() {
        for first in (0..6000).step_by(500) {
            let lines: Vec<(i64, String)> = (first..first + 500)
                .map(|number| {
                    (number, format!("{name}{number} {long}{}", if number % 777 == 5 { "hit" } else { "" }))
                })
                .collect();
            let lines: Vec<(i64, &str)> =
                lines.iter().map(|(second, text)| (*second, text.as_str())).collect();
            logs.apply(&batch(name, streams[place], &lines));
        }
    }
    assert!(logs.store(&id("a")).unwrap().chunks().len() > 3, "it is about several chunks");
    let mut view = view(&["a", "b"]);
    view.search("HIT|hit").unwrap();
    view.toggle_only_matches();
    assert!(!view.is_sifted(&logs));
    while !view.is_sifted(&logs) {
        assert_eq!(view.sift(&logs, 1), 0, "a little at a time");
    }
    let begin = |row: Row<'_>| match row.content {
        RowContent::Text { line, .. } => {
            String::from_utf8_lossy(&line).split(' ').next().unwrap_or_default().to_owned()
        }
        RowContent::Rule(_) => "rule".to_owned(),
    };
    let rows = |logs: &Logs, view: &LogView, height| {
        let screen = view.screen(logs, size(60, height));
        let around = (screen.before, screen.after);
        (screen.rows.into_iter().map(begin).collect::<Vec<_>>().join(" "), around)
    };
    let all = "a5 b5 a782 b782 a1559 b1559 a2336 b2336 a3113 b3113 a3890 b3890 a4667 b4667 a5444 b5444";
    assert_eq!(rows(&logs, &view, 50), (all.to_owned(), (0, 0)));
    assert_eq!(rows(&logs, &view, 3), ("b4667 a5444 b5444".to_owned(), (13, 0)));
    view.scroll(&logs, size(60, 3), -4);
    assert_eq!(rows(&logs, &view, 3), ("b3113 a3890 b3890".to_owned(), (9, 4)));
    view.home(&logs);
    assert_eq!(rows(&logs, &view, 3), ("a5 b5 a782".to_owned(), (0, 13)));
    assert_eq!(logs.status(&view), ViewStatus::Paused(0));
    let (mut cursor, mut positions) = (logs.cursor(&view), Vec::new());
    while let Some(item) = cursor.forward() {
        positions.push(item.position());
    }
    for position in &positions {
        cursor.seek(position);
        assert_eq!(cursor.peek().map(|item| item.position()).as_ref(), Some(position));
    }
}

#[test]
fn matches_are_counted_and_the_found_one_has_its_place() {
    let (mut logs, streams) = opened(&["a"]);
    logs.apply(&numbered("a", streams[0], 0..100));
    let mut view = view(&["a"]);
    view.search("9").unwrap();
    let counted = |logs: &Logs, view: &LogView| {
        let matches = view.matches(logs).unwrap();
        (matches.place, matches.all, matches.is_complete)
    };
    assert_eq!(counted(&logs, &view), (None, 0, false));
    view.sift(&logs, ALL);
    assert_eq!(counted(&logs, &view), (None, 19, true));
    find(&mut logs, &mut view, Direction::Older);
    assert_eq!(counted(&logs, &view), (Some(19), 19, true));
    find(&mut logs, &mut view, Direction::Older);
    assert_eq!(counted(&logs, &view), (Some(18), 19, true));
    view.set_span(from(50));
    assert_eq!(counted(&logs, &view), (Some(13), 14, true));
}

#[test]
fn chunks_that_went_are_let_go_by_the_sieve() {
    let mut logs = Logs::new(Budget { all: 2 * 1024 * 1024, ..DEFAULT_BUDGET });
    let stream = logs.show(&[id("a")]).open[0].stream;
    let mut view = view(&["a"]);
    view.search(" even").unwrap();
    view.toggle_only_matches();
    for second in 0..4000 {
        let text = format!("{} {}", noise(second), if second % 2 == 0 { "even" } else { "odd" });
        logs.apply(&batch("a", stream, &[(second, &text)]));
        view.sift(&logs, ALL);
    }
    let held = logs.store(&id("a")).unwrap().len();
    let counted = view.matches(&logs).unwrap();
    assert!(counted.is_complete && counted.all.abs_diff(held / 2) <= 1, "{counted:?} of {held}");
    logs.clear(&view);
    assert_eq!(view.matches(&logs).unwrap().all, 0);
    logs.apply(&batch("a", stream, &[(5000, "and even more"), (5001, "odd")]));
    assert_eq!(sifted(&logs, &mut view), "and even more\n");
}

#[test]
fn since_shows_nothing_older_and_reads_back() {
    let (mut logs, streams) = opened(&["a"]);
    logs.apply(&numbered("a", streams[0], 10..20));
    logs.rule(&id("a"), at(12), RuleKind::Unhealthy);
    logs.rule(&id("a"), at(17), RuleKind::Healthy);
    let mut view = view(&["a"]);
    view.scroll(&logs, size(40, 2), -20);
    view.set_span(from(16));
    assert_eq!(seen(&logs, &view, size(40, 20)), "line 16\nline 17\n── Healthy\nline 18\nline 19\n");
    view.home(&logs);
    assert_eq!(seen(&logs, &view, size(40, 2)), "line 16\nline 17\n");
    assert_eq!(logs.reach_back(&id("a"), at(16)), None, "that much is held");

    view.set_span(from(5));
    let opening = logs.reach_back(&id("a"), at(5)).unwrap();
    assert_eq!((opening.tail, opening.since), (None, Some(at(5))));
    assert_eq!(logs.reach_back(&id("a"), at(5)), None, "it is asked for once");
    logs.apply(&numbered("a", streams[0], 20..21));
    logs.apply(&numbered("a", opening.stream, 5..20));
    view.end();
    assert_eq!(logs.store(&id("a")).unwrap().len(), 15, "lines of the stream before are dropped");
    let shown = seen(&logs, &view, size(40, 30));
    assert!(shown.starts_with("line 5\n") && shown.contains("line 12\n── Unhealthy\n"), "{shown}");
}

#[test]
fn errors_are_found_both_ways() {
    let (mut logs, streams) = opened(&["a"]);
    let lines: Vec<(i64, Level, &str)> = (0..40)
        .map(|second| (second, if second % 15 == 3 { Level::Error } else { Level::Info }, "x"))
        .collect();
    logs.apply(&graded("a", streams[0], &lines));
    let mut view = view(&["a"]);
    let mut go = |view: &mut LogView, direction| {
        let number = logs.next_number();
        let result = view.find(&logs, size(40, 4), (Quest::Error, direction), number).unwrap().run();
        assert_eq!(view.found(&logs, size(40, 4), &result), Some(Quest::Error));
        let screen = view.screen(&logs, size(40, 4));
        let current = |row: &&Row<'_>| matches!(&row.content, RowContent::Text { current: true, .. });
        (screen.rows.iter().find(current).map(|row| row.at), result.wrapped)
    };
    for (direction, expected) in [
        (Direction::Older, (Some(at(33)), false)),
        (Direction::Older, (Some(at(18)), false)),
        (Direction::Newer, (Some(at(33)), false)),
        (Direction::Newer, (Some(at(3)), true)),
    ] {
        assert_eq!(go(&mut view, direction), expected);
    }
    view.end();
    assert_eq!(
        go(&mut view, Direction::Older),
        (Some(at(33)), false),
        "from what is visible, not from the old one"
    );
    view.set_span(from(20));
    assert_eq!(go(&mut view, Direction::Older), (Some(at(33)), true), "nothing older is found");
}

#[test]
fn a_mark_stands_after_the_last_line() {
    let (mut logs, streams) = opened(&["a", "b"]);
    logs.apply(&numbered("a", streams[0], 0..2));
    logs.apply(&batch("b", streams[1], &[(9, "ahead of our clock")]));
    let view = view(&["a", "b"]);
    assert!(logs.mark(&view, at(5)));
    logs.apply(&batch("b", streams[1], &[(11, "later")]));
    assert!(logs.mark(&view, at(20)));
    let expected = "line 0\nline 1\nahead of our clock\n── Mark\nlater\n── Mark\n";
    assert_eq!(seen(&logs, &view, size(40, 20)), expected);
    assert!(!logs.mark(&LogView::new(Vec::new()), at(5)));
}

#[test]
fn a_view_becomes_text() {
    let (mut logs, streams) = opened(&["a", "b"]);
    logs.apply(&batch("a", streams[0], &[(0, "\u{1b}[31mred\u{1b}[0m"), (2, "two")]));
    logs.apply(&batch("b", streams[1], &[(1, "one")]));
    logs.rule(&id("a"), at(3), RuleKind::Exited(1));
    let mut both = view(&["a", "b"]);
    let clock = |_| "NOW".to_owned();
    assert_eq!(both.text(&logs, clock), "a red\nb one\na two\n-- a exited 1, NOW\n");
    both.times = true;
    assert!(both.text(&logs, clock).starts_with("2023-11-14T22:13:20.000000000Z a red\n"));
    let mut one = view(&["b"]);
    one.search("nothing").unwrap();
    assert_eq!(one.text(&logs, clock), "one\n");
    one.toggle_only_matches();
    one.sift(&logs, ALL);
    assert_eq!(one.text(&logs, clock), "");
}

#[test]
fn an_entry_of_several_lines_is_shown_as_one() {
    let (mut logs, streams) = opened(&["a"]);
    let lines = [
        (1, Level::Info, "before"),
        (2, Level::Error, "failed"),
        (2, Level::Unknown, "java.io.IOException: gone"),
        (2, Level::Unknown, "\tat Shop.pay(Shop.java:1)"),
        (3, Level::Info, "after"),
    ];
    logs.apply(&graded("a", streams[0], &lines[..2]));
    let mut view = view(&["a"]);
    view.search("Shop.java").unwrap();
    view.toggle_only_matches();
    assert_eq!(sifted(&logs, &mut view), "");
    logs.apply(&graded("a", streams[0], &lines[2..]));
    let entry = "failed\njava.io.IOException: gone\n\tat Shop.pay(Shop.java:1)\n";
    assert_eq!(sifted(&logs, &mut view), entry, "its first lines had been looked at before");
    assert_eq!(view.matches(&logs).unwrap().all, 1, "a match is a line");
    view.invert_matches();
    assert_eq!(sifted(&logs, &mut view), "before\nafter\n");
    view.invert_matches();
    view.set_threshold(Level::Error);
    assert_eq!(sifted(&logs, &mut view), entry);
}

#[test]
fn lines_around_a_wanted_one_are_shown_beyond_the_ends_of_chunks() {
    let (mut logs, streams) = opened(&["a"]);
    let lines: Vec<(i64, String)> =
        (0..900).map(|number| (number, format!("{number} {}", noise(number)))).collect();
    let lines: Vec<(i64, &str)> = lines.iter().map(|(second, text)| (*second, text.as_str())).collect();
    logs.apply(&batch("a", streams[0], &lines));
    let store = logs.store(&id("a")).unwrap();
    assert!(store.chunks().len() > 2, "it is about several chunks");
    let edge = store.chunks()[1].first();
    let mut view = view(&["a"]);
    let numbers = |logs: &Logs, view: &mut LogView| {
        view.sift(logs, ALL);
        let screen = view.screen(logs, size(2000, 60));
        let number = |row: &Row<'_>| match &row.content {
            RowContent::Text { line, is_aside, matches, .. } => {
                let text = String::from_utf8_lossy(line);
                let number: i64 = text.split(' ').next().unwrap().parse().unwrap();
                assert_eq!(*is_aside, matches.is_empty(), "{number}");
                number - edge
            }
            RowContent::Rule(_) => i64::MAX,
        };
        (screen.rows.iter().map(number).collect::<Vec<_>>(), (screen.before, screen.after))
    };
    view.turn_context();
    view.search(&format!("^({edge}|{}|{}) ", edge - 2, edge + 5)).unwrap();
    view.toggle_only_matches();
    assert_eq!(numbers(&logs, &mut view), ((-5..=8).collect(), (0, 0)));
    view.search(&format!("^{edge} ")).unwrap();
    assert_eq!(numbers(&logs, &mut view).0, [-3, -2, -1, 0, 1, 2, 3]);
}

#[test]
fn lines_that_repeat_are_shown_as_a_count() {
    let (mut logs, streams) = opened(&["a"]);
    let texts = [(1, "no"), (2, "no"), (3, "no"), (4, "yes"), (5, "no")];
    logs.apply(&batch("a", streams[0], &texts));
    logs.rule(&id("a"), at(6), RuleKind::Restarted);
    logs.apply(&batch("a", streams[0], &[(7, "no"), (8, "no")]));
    let mut view = view(&["a"]);
    view.set_once(true);
    view.sift(&logs, ALL);
    let counted = |logs: &Logs, view: &LogView| {
        let told = view.screen(logs, size(40, 20)).rows.into_iter().map(|row| match row.content {
            RowContent::Text { line, again, .. } => {
                format!("{} {}", String::from_utf8_lossy(&line), again + 1)
            }
            RowContent::Rule(kind) => format!("{kind:?}"),
        });
        told.collect::<Vec<_>>().join("|")
    };
    assert_eq!(counted(&logs, &view), "no 3|yes 1|no 1|Restarted|no 2");
    logs.rule(&id("a"), at(7), RuleKind::Healthy);
    view.set_once(true);
    view.sift(&logs, ALL);
    assert_eq!(
        counted(&logs, &view),
        "no 3|yes 1|no 1|Restarted|no 1|Healthy|no 1",
        "a late rule parts them"
    );
    view.set_once(false);
    assert_eq!(seen(&logs, &view, size(40, 20)).lines().count(), 9);
}

#[test]
fn a_span_has_an_end() {
    let (mut logs, streams) = opened(&["a", "b"]);
    logs.apply(&numbered("a", streams[0], 0..20));
    logs.apply(&numbered("b", streams[1], 5..15));
    logs.rule(&id("a"), at(3), RuleKind::Healthy);
    logs.rule(&id("a"), at(12), RuleKind::Unhealthy);
    let mut view = view(&["a", "b"]);
    view.set_span(Span { since: Some(at(3)), until: Some(at(6)) });
    let expected = "line 3\n── Healthy\nline 4\nline 5\nline 5\nline 6\nline 6\n";
    assert_eq!(seen(&logs, &view, size(40, 20)), expected);
    view.scroll(&logs, size(40, 3), -2);
    assert_eq!(seen(&logs, &view, size(40, 3)), "line 4\nline 5\nline 5\n");
    view.home(&logs);
    view.scroll(&logs, size(40, 3), 100);
    assert!(view.is_following());
    assert_eq!(view.screen(&logs, size(40, 3)).before, 3);
    view.search("line 6").unwrap();
    view.sift(&logs, ALL);
    assert_eq!(view.matches(&logs).unwrap().all, 2);
    assert_eq!(find(&mut logs, &mut view, Direction::Older).0.position.unwrap().at, at(6));
    view.set_span(Span { since: Some(at(30)), until: Some(at(40)) });
    assert_eq!(seen(&logs, &view, size(40, 3)), "");
}
