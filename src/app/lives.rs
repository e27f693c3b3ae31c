//! What the last lives of a container have in common: how often it died, how long after its start, with which code. Told
//! from the engine's events; what was stopped by hand did not die.

use std::time::Duration;

use jiff::Timestamp;

use super::log::Store;
use super::log::cells::strip;
use super::{App, words};
use crate::observed::{Container, Event};

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
    let events = app.events.of_service(container.service()?);
    let of_it = events.filter(|event| event.container().as_ref() == Some(&container.id));
    tell(&lives(of_it))
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
    lives.split_off(lives.len().saturating_sub(LIVES))
}

fn tell(lives: &[Life]) -> Option<String> {
    let last = lives.last().filter(|_| lives.len() > 1)?;
    let mut text = format!("died {} times", lives.len());
    let mut lengths: Vec<Duration> = lives.iter().filter_map(|life| life.length).collect();
    lengths.sort_unstable();
    if let (Some(shortest), Some(longest)) = (lengths.first(), lengths.last()) {
        let (low, high) = (words::span(*shortest), words::span(*longest));
        let alike = longest.saturating_sub(*shortest) <= Duration::from_secs(ALIKE).max(*longest / 10);
        text += &match alike {
            true if lengths.len() == lives.len() => format!(", always {high} after its start"),
            true => format!(", {high} after its start"),
            false => format!(", {low} to {high} after its start"),
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
        assert_eq!(tell(&lives(events.iter())).unwrap_or_default(), expected, "{events:?}");
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
        check(&many, "died 5 times, always 3.0 s after its start, with 2");
    }
}
