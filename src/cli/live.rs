//! Progress on a terminal: a line for each thing, which changes in place until all are done, as Docker Compose shows it.
//!
//! Pure: events and the time in, bytes for the terminal out.

use std::time::Duration;

use indexmap::IndexMap;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::humane;
use super::progress::{Amount, Event, Mood, colour};

/// Signs of what goes on, in turn.
const SPINNER: &[char] = &['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
/// How long each stands.
const TURN: Duration = Duration::from_millis(100);
/// How full a layer is.
const LEVELS: &[char] = &['⠀', '⡀', '⣀', '⣄', '⣤', '⣦', '⣶', '⣷', '⣿'];

/// The things, in the order in which they were first told of, and how much of the terminal they take.
#[derive(Clone, Debug, Default)]
pub struct Board {
    entries: IndexMap<String, Entry>,
    /// Lines that were drawn last and can be drawn over.
    drawn: usize,
    /// When that was.
    drawn_at: Option<Duration>,
}

#[derive(Clone, Debug)]
struct Entry {
    event: Event,
    since: Duration,
    until: Option<Duration>,
}

/// Columns of a line around the name: the mark, the gaps, the seconds.
const AROUND: usize = 16;

/// What is drawn for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Canvas {
    /// Columns.
    pub width: usize,
    /// Lines.
    pub height: usize,
    /// Whether colours are wanted.
    pub is_coloured: bool,
}

impl Board {
    /// Takes an event.
    pub fn take(&mut self, event: &Event, now: Duration) {
        let key = match &event.parent {
            Some(parent) => format!("{parent}\0{}", event.id),
            None => event.id.clone(),
        };
        let until = (event.mood != Mood::Working).then_some(now);
        let known = self.entries.get(&key);
        let since = known.map_or(now, |known| known.since);
        // The engine's last word of a layer has no bytes: what was there stays.
        let before = known.and_then(|known| known.event.amount);
        let amount = event.amount.or(before).map(|amount| {
            let before = before.unwrap_or(amount);
            Amount {
                current: amount.current.max(before.current),
                total: amount.total.max(before.total),
                percent: amount.percent.max(before.percent),
            }
        });
        self.entries.insert(key, Entry { event: Event { amount, ..event.clone() }, since, until });
    }

    /// Whether there is nothing to draw.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Whether the last drawing is at least as old as `age`.
    pub fn is_older_than(&self, age: Duration, now: Duration) -> bool {
        self.drawn_at.is_none_or(|drawn| now.saturating_sub(drawn) >= age)
    }

    /// What makes the terminal show how things stand now, drawing over what was drawn before.
    pub fn draw(&mut self, canvas: Canvas, now: Duration) -> String {
        let lines = self.lines(canvas, now);
        let mut text = self.erase();
        for line in &lines {
            text.push_str(line);
            text.push('\n');
        }
        self.drawn = lines.len();
        self.drawn_at = Some(now);
        text
    }

    /// What takes the drawing away, for other output to stand in its place.
    pub fn erase(&mut self) -> String {
        match std::mem::take(&mut self.drawn) {
            0 => String::new(),
            lines => format!("\x1b[{lines}A\r\x1b[J"),
        }
    }

    fn lines(&self, canvas: Canvas, now: Duration) -> Vec<String> {
        let parents: Vec<&Entry> =
            self.entries.values().filter(|entry| entry.event.parent.is_none()).collect();
        let done = parents.iter().filter(|entry| entry.until.is_some()).count();
        // One line is the cursor's, one the heading's.
        let room = canvas.height.saturating_sub(2).max(1);
        let has_layers = self.entries.len() <= room;
        let mut rows = Vec::new();
        for parent in &parents {
            rows.push((*parent, ""));
            let own = self.layers(&parent.event.id).filter(|_| has_layers && parent.until.is_none());
            rows.extend(own.map(|layer| (layer, "  ")));
        }
        // Without room, what is over gives way first.
        let excess = rows.len().saturating_sub(room);
        let mut spare = if excess > 0 { excess + 1 } else { 0 };
        let hidden = spare;
        rows.retain(|(entry, _)| entry.event.mood != Mood::Done || !take_one(&mut spare));
        rows.truncate(rows.len() - spare.min(rows.len()));
        let names = rows.iter().map(|(entry, pad)| pad.len() + self.name(entry).width());
        let width = names.max().unwrap_or_default().min(canvas.width.saturating_sub(AROUND));
        let heading = format!("[+] Running {done}/{}", parents.len());
        let heading = cut(&heading, canvas.width);
        let mut lines = vec![painted(canvas, (done == parents.len()).then_some(Mood::Done), &heading)];
        lines.extend(rows.iter().map(|(entry, pad)| self.line(canvas, entry, (pad, width), now)));
        if hidden > 0 {
            lines.push(cut(&format!(" … {hidden} more"), canvas.width));
        }
        lines
    }

    fn layers<'a>(&'a self, parent: &'a str) -> impl Iterator<Item = &'a Entry> {
        self.entries.values().filter(move |entry| entry.event.parent.as_deref() == Some(parent))
    }

    /// What stands before the state: the thing, and of a pull how full its layers are.
    fn name(&self, entry: &Entry) -> String {
        let Event { id, parent, .. } = &entry.event;
        let layers: Vec<&Event> = self.layers(id).map(|layer| &layer.event).collect();
        if parent.is_some() || entry.until.is_some() || layers.is_empty() {
            return id.clone();
        }
        let level = |layer: &&Event| {
            let percent = layer.amount.map_or(0, |amount| amount.percent);
            let is_unpacked = layer.mood == Mood::Done;
            LEVELS[if is_unpacked { LEVELS.len() - 1 } else { percent as usize * (LEVELS.len() - 1) / 100 }]
        };
        let levels: String = layers.iter().map(level).collect();
        let amounts = || layers.iter().filter_map(|layer| layer.amount);
        let (here, total): (u64, u64) = amounts().fold((0, 0), |sum: (u64, u64), one| {
            (sum.0.saturating_add(one.current), sum.1.saturating_add(one.total))
        });
        let bytes = if total == 0 {
            String::new()
        } else {
            format!(" {}/{}", humane::size(here as f64), humane::size(total as f64))
        };
        format!("{id} [{levels}]{bytes}")
    }

    fn line(&self, canvas: Canvas, entry: &Entry, (pad, width): (&str, usize), now: Duration) -> String {
        let Event { text, status, mood, .. } = &entry.event;
        let mark = match mood {
            Mood::Working => SPINNER[(now.as_millis() / TURN.as_millis()) as usize % SPINNER.len()],
            Mood::Done => '✔',
            Mood::Warning => '!',
            Mood::Error => '✘',
        };
        let name = cut(&format!("{pad}{}", self.name(entry)), width);
        let state = [text.as_str(), status.as_str()].join(" ");
        let lasted = format!("{:.1}s", entry.until.unwrap_or(now).saturating_sub(entry.since).as_secs_f32());
        let gap = width.saturating_sub(name.width()) + 2;
        let before = format!(" {name}{:gap$}", "");
        let room = canvas.width.saturating_sub(before.width() + lasted.width() + 5);
        let state = cut(state.trim(), room);
        let space = room - state.width() + 1;
        let (mark, state) =
            (painted(canvas, Some(*mood), &mark.to_string()), painted(canvas, Some(*mood), &state));
        format!(" {mark}{before}{state}{:space$}{lasted}", "")
    }
}

fn take_one(spare: &mut usize) -> bool {
    let has = *spare > 0;
    *spare = spare.saturating_sub(1);
    has
}

fn painted(canvas: Canvas, mood: Option<Mood>, text: &str) -> String {
    match mood.filter(|_| canvas.is_coloured) {
        Some(mood) => format!("{}{text}\x1b[0m", colour(mood)),
        None => text.to_owned(),
    }
}

/// No more than so many columns, the last of them then `…`. Only the first line.
fn cut(text: &str, room: usize) -> String {
    let text = text.lines().next().unwrap_or_default();
    if text.width() <= room {
        return text.to_owned();
    }
    let mut short = String::new();
    let mut left = room.saturating_sub(1);
    for character in text.chars() {
        let width = character.width().unwrap_or_default();
        if width > left {
            break;
        }
        left -= width;
        short.push(character);
    }
    if room > 0 {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use super::super::progress::Amount;
    use super::*;

    fn event(id: &str, status: &str, mood: Mood) -> Event {
        Event::of(id, status, mood)
    }

    fn layer(parent: &str, id: &str, text: &str, current: u64, mood: Mood) -> Event {
        let amount = Some(Amount { current, total: 4_000_000, percent: current / 40_000 });
        Event { parent: Some(parent.to_owned()), text: text.to_owned(), amount, ..event(id, "", mood) }
    }

    const CANVAS: Canvas = Canvas { width: 60, height: 24, is_coloured: false };

    fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn things_change_in_place() {
        let mut board = Board::default();
        board.take(&event("Network shop", "Created", Mood::Done), at(0));
        board.take(&event("Container shop-web-1", "Starting", Mood::Working), at(1));
        let expected = "[+] Running 1/2\n \
                        ✔ Network shop          Created                      0.0s\n \
                        ⠋ Container shop-web-1  Starting                     1.0s\n";
        assert_eq!(board.draw(CANVAS, at(2)), expected);
        board.take(&event("Container shop-web-1", "Started", Mood::Done), at(4));
        let expected = "\x1b[3A\r\x1b[J[+] Running 2/2\n \
                        ✔ Network shop          Created                      0.0s\n \
                        ✔ Container shop-web-1  Started                      3.0s\n";
        assert_eq!(board.draw(CANVAS, at(9)), expected);
        assert_eq!(board.erase(), "\x1b[3A\r\x1b[J");
        assert_eq!(board.erase(), "");
    }

    #[test]
    fn a_pull_shows_its_layers_while_there_is_room() {
        let mut board = Board::default();
        board.take(&event("web", "Pulling", Mood::Working), at(0));
        board.take(&layer("web", "0123456789ab", "Downloading", 2_000_000, Mood::Working), at(0));
        board.take(&layer("web", "ba9876543210", "Downloading", 4_000_000, Mood::Working), at(1));
        // The engine ends a layer without its bytes.
        let nothing = Some(Amount { current: 0, total: 0, percent: 100 });
        let ended = layer("web", "ba9876543210", "Pull complete", 0, Mood::Done);
        board.take(&Event { amount: nothing, ..ended }, at(1));
        let expected = "[+] Running 0/1\n \
                        ⠋ web [⣤⣿] 6MB/8MB  Pulling                          1.0s\n \
                        ⠋   0123456789ab    Downloading                      1.0s\n \
                        ✔   ba9876543210    Pull complete                    0.0s\n";
        assert_eq!(board.draw(CANVAS, at(1)), expected);
        let small = Canvas { height: 4, ..CANVAS };
        assert_eq!(board.lines(small, at(1)).len(), 2);
    }

    #[test]
    fn what_is_over_gives_way_where_there_is_no_room() {
        let mut board = Board::default();
        for number in 0..6 {
            let mood = if number % 2 == 0 { Mood::Done } else { Mood::Working };
            board.take(&event(&format!("thing-{number}"), "state", mood), at(0));
        }
        let lines = board.lines(Canvas { height: 6, ..CANVAS }, at(0));
        let names: Vec<&str> = lines.iter().map(|line| line.get(..12).unwrap_or(line)).collect();
        assert_eq!(lines.len(), 5, "{names:?}");
        assert!(lines.last().unwrap().contains("3 more"));
        assert!(lines.iter().filter(|line| line.contains("⠋")).count() == 3);
    }

    #[test]
    fn wide_characters_take_two_columns() {
        let mut board = Board::default();
        board.take(&event("Container 商店-1", "Started", Mood::Done), at(0));
        board.take(&event("Container shop-web-1", "Interrupted", Mood::Error), at(2));
        let lines = board.lines(CANVAS, at(9));
        let column = |line: &str, word: &str| line.find(word).map(|place| line[..place].width());
        assert_eq!(column(&lines[1], "Started"), column(&lines[2], "Interrupted"), "{lines:#?}");
        assert_eq!(lines[1].width(), lines[2].width(), "{lines:#?}");
        assert!(lines[1].width() <= CANVAS.width, "{lines:#?}");
    }

    #[test]
    fn nothing_is_wider_than_the_terminal() {
        let mut board = Board::default();
        let why =
            "Error response from daemon: something very long has happened, and there is more to say of it";
        board.take(&event("Container shop-web-1", why, Mood::Error), at(0));
        let name = "Container a-platform-of-some-company-notification-service-worker-1";
        board.take(&event(name, "Starting", Mood::Working), at(0));
        board.take(&event("Container 商店-網站-1", "起動中です", Mood::Working), at(0));
        board.take(&event("web", "Pulling", Mood::Working), at(0));
        for number in 0..30 {
            board.take(&layer("web", &format!("layer-{number}"), "Downloading", 9, Mood::Working), at(0));
        }
        for width in 16..120 {
            let lines = board.lines(Canvas { width, ..CANVAS }, at(1));
            assert!(lines.iter().all(|line| line.width() <= width), "{width}: {lines:#?}");
        }
    }
}
