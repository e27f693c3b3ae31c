//! A log that breaks off goes on by itself: nothing lost, nothing doubled, and not too often.

use super::*;

fn broken() -> LogEnd {
    LogEnd::Broken("reset".to_owned())
}

/// Lets the stream break off now. How long it rests, in milliseconds.
fn breaks(logs: &mut Logs, stream: u64, now: Duration) -> u128 {
    logs.ended(&id("a"), stream, broken());
    let ViewStatus::Broken(why, again_at) = logs.status(&view(&["a"])) else { panic!("it is told") };
    assert_eq!(why, "reset");
    assert!(logs.show(&[id("a")]).open.is_empty(), "it rests");
    assert!(!logs.advance(again_at.saturating_sub(Duration::from_millis(1))), "not yet");
    assert_eq!(logs.next_wake(), Some(again_at));
    assert!(logs.advance(again_at));
    again_at.saturating_sub(now).as_millis()
}

#[test]
fn a_log_that_breaks_off_goes_on_where_it_was() {
    let (mut logs, streams) = opened(&["a"]);
    logs.apply(&batch("a", streams[0], &[(1, "one"), (2, "two")]));
    assert_eq!(breaks(&mut logs, streams[0], Duration::ZERO), 200);
    let opening = logs.show(&[id("a")]).open.remove(0);
    assert_eq!((opening.since, opening.tail), (Some(at(2)), Some(100_000)));
    logs.apply(&batch("a", streams[0], &[(3, "late, of the stream that broke")]));
    logs.apply(&batch("a", opening.stream, &[(2, "two"), (3, "three")]));
    assert_eq!(seen(&logs, &view(&["a"]), size(40, 10)), "one\ntwo\nthree\n");
    assert_eq!(logs.status(&view(&["a"])), ViewStatus::Following);
    assert!(!logs.has_broken());
}

#[test]
fn the_rest_grows_while_nothing_comes() {
    let (mut logs, streams) = opened(&["a"]);
    let mut stream = streams[0];
    let mut rests = Vec::new();
    let mut now = Duration::ZERO;
    let mut again = |logs: &mut Logs, now: &mut Duration| {
        rests.push(breaks(logs, stream, *now));
        *now = logs.now;
        stream = logs.show(&[id("a")]).open.remove(0).stream;
        stream
    };
    for _ in 0..7 {
        again(&mut logs, &mut now);
    }
    let stream = again(&mut logs, &mut now);
    logs.apply(&batch("a", stream, &[(1, "a line")]));
    again(&mut logs, &mut now);
    again(&mut logs, &mut now);
    now += Duration::from_mins(1);
    logs.advance(now);
    again(&mut logs, &mut now);
    assert_eq!(rests, [200, 400, 800, 1600, 3200, 5000, 5000, 5000, 200, 400, 200]);
}

#[test]
fn what_was_asked_for_from_a_moment_on_is_asked_for_so_again() {
    let (mut logs, _) = opened(&["a"]);
    let opening = logs.reach_back(&id("a"), at(-500)).unwrap();
    breaks(&mut logs, opening.stream, Duration::ZERO);
    let opening = logs.show(&[id("a")]).open.remove(0);
    assert_eq!((opening.since, opening.tail), (Some(at(-500)), None));
}

#[test]
fn a_page_that_broke_off_is_asked_for_again_after_a_while() {
    let (mut logs, view) = super::older::scrolled();
    let page = logs.older(&view, super::older::SIZE).remove(0);
    logs.ended(&id("a"), page.stream, broken());
    assert_eq!(logs.older(&view, super::older::SIZE), []);
    assert_eq!(logs.next_wake(), Some(Duration::from_secs(5)));
    assert!(logs.advance(Duration::from_secs(5)));
    assert_eq!(logs.older(&view, super::older::SIZE).len(), 1);
}
