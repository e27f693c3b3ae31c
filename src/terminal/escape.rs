//! A lone Escape byte is held for 50 ms, so that an arrow key whose bytes arrive apart is no Escape.
//!
//! crossterm reports Escape as soon as the byte stands alone in what could be read. Over a slow line the rest of the
//! sequence (`[A`) then comes as ordinary characters; this joins them again.

use std::time::Duration;

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};

/// How long an Escape waits for the rest of a sequence.
const HOLD: Duration = Duration::from_millis(50);

/// Joins the parts of split escape sequences. Time is monotonic, given from outside.
#[derive(Debug, Default)]
pub struct EscapeJoiner {
    held: Vec<KeyEvent>,
    since: Duration,
}

impl EscapeJoiner {
    /// Takes the next event and gives what is certain now.
    pub fn feed(&mut self, event: Event, now: Duration) -> Vec<Event> {
        let Event::Key(key) = event else {
            let mut out = self.flush();
            out.push(event);
            return out;
        };
        if self.held.is_empty() {
            if key.code == KeyCode::Esc && key.modifiers.is_empty() {
                self.held.push(key);
                self.since = now;
                return Vec::new();
            }
            return vec![Event::Key(key)];
        }
        self.held.push(key);
        match join(&self.held) {
            Joined::Key(joined) => {
                self.held.clear();
                vec![Event::Key(joined)]
            }
            Joined::Incomplete => Vec::new(),
            Joined::None => self.flush(),
        }
    }

    /// When the held Escape is certain to be one; none if nothing is held.
    pub fn deadline(&self) -> Option<Duration> {
        (!self.held.is_empty()).then(|| self.since + HOLD)
    }

    /// Gives what is held, as it came.
    pub fn flush(&mut self) -> Vec<Event> {
        self.held.drain(..).map(Event::Key).collect()
    }
}

enum Joined {
    Key(KeyEvent),
    Incomplete,
    None,
}

/// Reads held keys as `ESC [ parameters final` or `ESC O final` (ECMA-48; xterm's cursor and editing keys).
fn join(held: &[KeyEvent]) -> Joined {
    let text: String = held.iter().skip(1).filter_map(|key| key.code.as_char()).collect();
    if text.chars().count() + 1 != held.len() {
        return Joined::None;
    }
    let Some(rest) = text.strip_prefix('[').or_else(|| text.strip_prefix('O')) else {
        return Joined::None;
    };
    let Some(last) = rest.chars().last() else {
        return Joined::Incomplete;
    };
    if last.is_ascii_digit() || last == ';' {
        return if rest.len() < 8 { Joined::Incomplete } else { Joined::None };
    }
    let parameters = &rest[..rest.len() - last.len_utf8()];
    key_of(parameters, last).map_or(Joined::None, Joined::Key)
}

fn key_of(parameters: &str, last: char) -> Option<KeyEvent> {
    let mut numbers = parameters.split(';').map(|number| number.parse::<u8>().unwrap_or(1));
    let first = numbers.next().unwrap_or(1);
    let modifiers = numbers.next().map_or(KeyModifiers::NONE, modifiers_of);
    let code = match (last, first) {
        ('A', _) => KeyCode::Up,
        ('B', _) => KeyCode::Down,
        ('C', _) => KeyCode::Right,
        ('D', _) => KeyCode::Left,
        ('H', _) | ('~', 1 | 7) => KeyCode::Home,
        ('F', _) | ('~', 4 | 8) => KeyCode::End,
        ('Z', _) => KeyCode::BackTab,
        ('~', 3) => KeyCode::Delete,
        ('~', 5) => KeyCode::PageUp,
        ('~', 6) => KeyCode::PageDown,
        _ => return None,
    };
    Some(KeyEvent::new(code, modifiers))
}

/// xterm sends 1 + a bit set: shift 1, alt 2, control 4.
fn modifiers_of(number: u8) -> KeyModifiers {
    let bits = number.saturating_sub(1);
    let table = [(1, KeyModifiers::SHIFT), (2, KeyModifiers::ALT), (4, KeyModifiers::CONTROL)];
    table.iter().filter(|(bit, _)| bits & bit != 0).fold(KeyModifiers::NONE, |all, (_, one)| all | *one)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(code: KeyCode) -> Event {
        Event::Key(KeyEvent::new(code, KeyModifiers::NONE))
    }

    fn check(input: &[KeyCode], expected: &str) {
        let mut joiner = EscapeJoiner::default();
        let mut out: Vec<Event> =
            input.iter().flat_map(|code| joiner.feed(key(*code), Duration::ZERO)).collect();
        out.extend(joiner.flush());
        let words: Vec<String> = out
            .iter()
            .map(|event| match event {
                Event::Key(key) => format!("{}{}", key.modifiers, key.code),
                other => format!("{other:?}"),
            })
            .collect();
        assert_eq!(words.join(" "), expected);
    }

    #[test]
    fn joins_a_split_arrow() {
        check(&[KeyCode::Esc, KeyCode::Char('['), KeyCode::Char('A')], "Up");
        check(&[KeyCode::Esc, KeyCode::Char('O'), KeyCode::Char('B')], "Down");
    }

    #[test]
    fn joins_parameters() {
        check(&[KeyCode::Esc, KeyCode::Char('['), KeyCode::Char('5'), KeyCode::Char('~')], "Page Up");
        let ctrl_right = ['[', '1', ';', '5', 'C'].map(KeyCode::Char);
        check(&[&[KeyCode::Esc][..], &ctrl_right[..]].concat(), "ControlRight");
    }

    #[test]
    fn leaves_a_real_escape_alone() {
        check(&[KeyCode::Esc], "Esc");
        check(&[KeyCode::Esc, KeyCode::Char('j')], "Esc j");
        check(&[KeyCode::Esc, KeyCode::Esc], "Esc Esc");
        check(&[KeyCode::Char('['), KeyCode::Char('A')], "[ A");
    }

    #[test]
    fn the_deadline_counts_from_the_escape() {
        let mut joiner = EscapeJoiner::default();
        assert_eq!(joiner.deadline(), None);
        joiner.feed(key(KeyCode::Esc), Duration::from_millis(10));
        assert_eq!(joiner.deadline(), Some(Duration::from_millis(60)));
    }
}
