//! Older lines join what is held, none lost and none doubled.

use super::*;

pub(super) const SIZE: ViewSize = ViewSize { width: 40, height: 4 };

/// Logs that hold the seconds 10 to 29 of `a`, three lines of the second 10 among them, and a view that was scrolled up.
pub(super) fn scrolled() -> (Logs, LogView) {
    let mut logs = Logs::default().with_tail(20);
    let stream = logs.show(&[id("a")]).open[0].stream;
    logs.apply(&batch("a", stream, &[(10, "10 b"), (10, "10 c"), (10, "10 d")]));
    logs.apply(&numbered("a", stream, 11..30));
    let mut view = view(&["a"]);
    view.scroll(&logs, SIZE, -100);
    (logs, view)
}

#[test]
fn a_page_is_asked_for_near_the_beginning_only() {
    let (mut logs, mut view) = scrolled();
    let page = logs.older(&view, SIZE).remove(0);
    assert_eq!((page.tail, page.until), (22 + 2 * 2000, at(10)));
    assert_eq!(logs.status(&view), ViewStatus::ReadingOlder);
    assert_eq!(logs.older(&view, SIZE), [], "one is on its way");
    view.end();
    let (mut logs, mut view) = scrolled();
    view.scroll(&logs, SIZE, 8);
    assert_eq!(logs.older(&view, SIZE), [], "enough is held before it");
    view.end();
    assert_eq!(logs.older(&view, SIZE), [], "it goes along");
}

#[test]
fn a_log_shorter_than_what_was_asked_for_is_whole() {
    let (mut logs, streams) = opened(&["a"]);
    logs.apply(&numbered("a", streams[0], 0..30));
    let mut view = view(&["a"]);
    view.home(&logs);
    assert_eq!(logs.older(&view, SIZE), []);
}

#[test]
fn a_page_joins_without_a_seam() {
    let (mut logs, mut view) = scrolled();
    let page = logs.older(&view, SIZE).remove(0);
    let begun = seen(&logs, &view, SIZE);
    logs.apply(&numbered("a", page.stream, 0..10));
    let overlap = [(10, "10 a"), (10, "10 b"), (10, "10 c"), (10, "10 d"), (11, "line 11")];
    logs.apply(&batch("a", page.stream, &overlap));
    assert_eq!(logs.store(&id("a")).unwrap().len(), 22, "not before it is whole");
    logs.ended(&id("a"), page.stream, LogEnd::Complete);
    assert_eq!(seen(&logs, &view, SIZE), begun, "what is seen does not move");
    view.home(&logs);
    let first = seen(&logs, &view, size(40, 14));
    assert!(first.ends_with("line 9\n10 a\n10 b\n10 c\n10 d\n"), "{first}");
    let store = logs.store(&id("a")).unwrap();
    let sequences = store.chunks().iter().flat_map(|chunk| chunk.first()..chunk.first() + chunk.len() as i64);
    assert!(sequences.eq(-11..22));
    assert_eq!(logs.older(&view, SIZE), [], "the log begins there");
}

#[test]
fn a_page_that_failed_is_not_asked_for_again() {
    let (mut logs, view) = scrolled();
    let page = logs.older(&view, SIZE).remove(0);
    logs.ended(&id("a"), page.stream, LogEnd::Failed("gone".to_owned()));
    assert_eq!(logs.older(&view, SIZE), []);
    assert_eq!(logs.status(&view), ViewStatus::Paused(0), "the stream itself goes on");
}

#[test]
fn pages_stop_at_half_the_budget() {
    let mut logs = Logs::new(Budget { all: 64 * 1024, ..DEFAULT_BUDGET }).with_tail(20);
    let stream = logs.show(&[id("a")]).open[0].stream;
    for second in 0..40 {
        logs.apply(&batch("a", stream, &[(second, &noise(second))]));
    }
    let mut view = view(&["a"]);
    view.home(&logs);
    assert_eq!(logs.older(&view, SIZE), []);
}

#[test]
fn a_search_reads_older_lines_until_it_finds_something() {
    let mut logs = Logs::default().with_tail(20);
    let stream = logs.show(&[id("a")]).open[0].stream;
    logs.apply(&numbered("a", stream, 5000..5030));
    let mut view = view(&["a"]);
    assert_eq!(logs.older(&view, SIZE), [], "nothing is looked for");
    view.search("line 7$").unwrap();
    let look = |logs: &mut Logs, view: &mut LogView| {
        let number = logs.next_number();
        let job = view.find(logs, SIZE, (Quest::Match, Direction::Older), number).unwrap();
        view.found(logs, SIZE, &job.run());
        view.searching().unwrap().outcome
    };
    assert_eq!((look(&mut logs, &mut view), view.is_awaiting()), (None, true));
    let page = logs.older(&view, SIZE).remove(0);
    assert_eq!(view.take_awaited(&logs), None, "nothing has come");
    assert_eq!(logs.read_back_to(&view), Some(at(5000)));
    logs.apply(&numbered("a", stream, 5030..5031));
    logs.apply(&numbered("a", page.stream, 3000..5000));
    logs.ended(&id("a"), page.stream, LogEnd::Complete);
    assert_eq!(view.take_awaited(&logs), Some((Quest::Match, Direction::Older)));
    assert_eq!((look(&mut logs, &mut view), view.is_awaiting()), (None, true));
    let page = logs.older(&view, SIZE).remove(0);
    logs.apply(&numbered("a", page.stream, 0..3000));
    logs.ended(&id("a"), page.stream, LogEnd::Complete);
    view.take_awaited(&logs).unwrap();
    assert_eq!((look(&mut logs, &mut view), view.is_awaiting()), (Some(SearchOutcome::Found), false));
    assert!(seen(&logs, &view, SIZE).contains("line 7\n"));
    assert_eq!((logs.store(&id("a")).unwrap().len(), logs.may_read_older(&view)), (5031, true));
    let page = logs.older(&view, SIZE).remove(0);
    logs.ended(&id("a"), page.stream, LogEnd::Complete);
    assert!(!logs.may_read_older(&view), "the log begins there");
}
