//! What the last lives of a container have in common: how often it died, how long after its start, with which code. Told
//! from the engine's events, and from the container itself where the engine has forgotten them; what was stopped by hand did
//! not die.

use std::time::Duration;

use jiff::Timestamp;

use super::deaths::lifetime;
use super::log::Store;
use super::log::cells::strip;
use super::{App, words};
use crate::observed::{Container, Event, State};

/// How many of the last lives are looked at.
const LIVES: usize = 5;
/// Lifetimes that differ by less are the same, in seconds; so are those that differ by a tenth.
const ALIKE: u64 = 1;

/// How much of a last line is told, in characters.
const LAST_LINE: usize = 120;

/// One life that ended by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Life {
    /// How long it was; none where its start was not seen.
    length: Option<Duration>,
    code: i64,
}

/// `died 4 times, always 31 s after its start, with 137`; none where it died less than twice.
pub fn summary(app: &App, container: &Container) -> Option<String> {
    let mut lives = lives(app.events.of_container(&container.id));
    if lives.is_empty() {
        lives.extend(last_life(container));
    }
    // The engine counts only those after which it started it again.
    tell(&lives, lives.len().max(container.restart_count as usize))
}

/// The same with the last line that it printed, where that is held.
pub fn with_last_line(app: &App, container: &Container) -> Option<String> {
    let summary = summary(app, container)?;
    let store = app.logs.store.store(&container.id);
    let Some(line) = store.and_then(Store::last_line) else { return Some(summary) };
    let (mut text, mut offsets) = (Vec::new(), Vec::new());
    strip(line.bytes, &mut text, &mut offsets);
    let text = String::from_utf8_lossy(&text);
    let text = text.trim();
    if text.is_empty() {
        return Some(summary);
    }
    let cut = if text.chars().nth(LAST_LINE).is_some() { "\u{2026}" } else { "" };
    Some(format!("{summary}, last line: {}{cut}", text.chars().take(LAST_LINE).collect::<String>()))
}

/// As the container itself tells it, unless it runs.
fn last_life(container: &Container) -> Option<Life> {
    let code = container.exit_code.filter(|_| container.state == State::Exited)?;
    Some(Life { length: lifetime(container), code })
}

/// All that the events tell of, oldest first.
fn lives<'a>(events: impl Iterator<Item = &'a Event>) -> Vec<Life> {
    let mut lives = Vec::new();
    let (mut started, mut by_hand): (Option<Timestamp>, bool) = (None, false);
    for event in events {
        match event.action.as_str() {
            "start" => (started, by_hand) = (Some(event.at), false),
            "kill" | "stop" => by_hand = true,
            "die" => {
                let code = event.attributes.get("exitCode").and_then(|code| code.parse().ok());
                let length =
                    started.take().and_then(|at| Duration::try_from(event.at.duration_since(at)).ok());
                if !by_hand {
                    lives.push(Life { length, code: code.unwrap_or_default() });
                }
            }
            _ => {}
        }
    }
    lives
}

/// The lives that are known, of so many.
fn tell(lives: &[Life], all: usize) -> Option<String> {
    if all < 2 {
        return None;
    }
    let mut text = format!("died {all} times");
    let lives = lives.get(lives.len().saturating_sub(LIVES)..).unwrap_or_default();
    let Some(last) = lives.last() else { return Some(text) };
    if lives.len() < all {
        text += ", of late";
    }
    let mut lengths: Vec<Duration> = lives.iter().filter_map(|life| life.length).collect();
    lengths.sort_unstable();
    if let (Some(shortest), Some(longest)) = (lengths.first(), lengths.last()) {
        let (low, high) = (words::span(*shortest), words::span(*longest));
        let alike = longest.saturating_sub(*shortest) <= Duration::from_secs(ALIKE).max(*longest / 10);
        let comma = if lives.len() < all { "" } else { "," };
        text += &match alike {
            true if lengths.len() == lives.len() && lives.len() > 1 => {
                format!("{comma} always {high} after its start")
            }
            true => format!("{comma} {high} after its start"),
            false => format!("{comma} {low} to {high} after its start"),
        };
    }
    if lives.iter().all(|life| life.code == last.code) {
        text += &format!(", with {}", last.code);
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observed::EventKind;

    /// Events as `SECOND ACTION CODE`.
    fn check(events: &[(i64, &str, &str)], expected: &str) {
        let event = |(second, action, code): &(i64, &str, &str)| Event {
            kind: EventKind::Container,
            action: (*action).to_owned(),
            actor: "a".to_owned(),
            at: Timestamp::new(*second, 0).unwrap(),
            attributes: [("exitCode".to_owned(), (*code).to_owned())].into(),
        };
        let events: Vec<Event> = events.iter().map(event).collect();
        let lives = lives(events.iter());
        assert_eq!(tell(&lives, lives.len()).unwrap_or_default(), expected, "{events:?}");
    }

    #[test]
    fn lives_in_words() {
        check(&[(0, "start", ""), (31, "die", "1")], "");
        let twice = [(0, "start", ""), (31, "die", "1"), (40, "start", ""), (71, "die", "1")];
        check(&twice, "died 2 times, always 31 s after its start, with 1");
        check(&twice[1..], "died 2 times, 31 s after its start, with 1");
        check(
            &[(0, "start", ""), (5, "die", "1"), (6, "start", ""), (66, "die", "137")],
            "died 2 times, 5.0 s to 1 m 0 s after its start",
        );
        check(&[(0, "start", ""), (4, "kill", ""), (5, "die", "137"), (6, "start", ""), (9, "die", "1")], "");
        let many: Vec<(i64, &str, &str)> =
            (0..20).flat_map(|n| [(n * 10, "start", ""), (n * 10 + 3, "die", "2")]).collect();
        check(&many, "died 20 times, of late always 3.0 s after its start, with 2");
        let one = Life { length: Some(Duration::from_secs(31)), code: 1 };
        assert_eq!(tell(&[], 7).as_deref(), Some("died 7 times"));
        assert_eq!(tell(&[one], 7).as_deref(), Some("died 7 times, of late 31 s after its start, with 1"));
        assert_eq!(tell(&[one], 1), None);
    }
}
