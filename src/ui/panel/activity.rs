//! What happened: verbs and their outcomes, deaths and their causes. It stands below the lists where they leave room, and
//! fills the screen as a layer.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::super::frame::{Title, frame};
use super::super::pen::Pen;
use super::super::theme::Theme;
use super::grade;
use crate::app::action::Action;
use crate::app::activity::Entry;
use crate::app::{App, Rate, content, rows, words};

/// Lines that the curves take, with the free line above them.
const CURVES: u16 = 4;

/// Draws the part of the home screen.
pub fn draw(app: &App, area: Rect, theme: &Theme, buffer: &mut Buffer) {
    let news = content::activity_title(app);
    let (since, failures) = news.split_at(news.find(": ").map_or(0, |colon| colon + 2));
    let gap = if news.is_empty() { "" } else { "   " };
    let key = app.keymap.key_of(Action::Activity);
    let left = [("Activity", theme.strong), (gap, theme.dim), (since, theme.dim), (failures, theme.bad)];
    let right = [(key.as_str(), theme.key), (" all", theme.dim)];
    let inside = frame(buffer, area, &Title { left: &left, right: &right }, theme.border, theme);
    let mut entries = inside;
    if inside.height > 2 * CURVES && app.totals.last().is_some() {
        entries.height -= CURVES;
        let below = Rect { y: entries.bottom(), height: CURVES, ..inside };
        curves(app, below, theme, buffer);
    }
    if app.activity.entries().len() == 0 {
        return super::nothing(buffer, entries, "nothing yet", theme);
    }
    draw_entries(app, 0, entries, theme, buffer);
}

/// Draws the lines of the entries from one on; says how many lines there are.
pub fn draw_entries(app: &App, offset: usize, area: Rect, theme: &Theme, buffer: &mut Buffer) -> usize {
    let lines = app.activity.entries().flat_map(|entry| {
        std::iter::once((entry, None)).chain(entry.more.iter().map(move |more| (entry, Some(more))))
    });
    for (line, (entry, more)) in (0..area.height).zip(lines.skip(offset)) {
        write_line(app, entry, more.map(String::as_str), line, area, theme, buffer);
    }
    app.activity.entries().map(|entry| 1 + entry.more.len()).sum()
}

fn write_line(
    app: &App,
    entry: &Entry,
    more: Option<&str>,
    line: u16,
    area: Rect,
    theme: &Theme,
    buffer: &mut Buffer,
) {
    let pen = &mut Pen::new(buffer, area, line, &theme.symbols);
    pen.gap(1).margin(1).field(&app.clock(entry.at), 9, theme.dim);
    if let Some(more) = more {
        pen.gap(2).text(more, theme.dim);
        return;
    }
    let (sign, style) = grade(entry.grade, theme);
    let subject = if entry.grade == crate::app::Grade::Bad { theme.bad } else { theme.text };
    pen.field(sign, 2, style).text(&entry.subject, subject);
    if !entry.text.is_empty() {
        pen.gap(2).text(&entry.text, theme.dim);
    }
}

/// The project's processor use, memory and traffic over time.
fn curves(app: &App, area: Rect, theme: &Theme, buffer: &mut Buffer) {
    let room = usize::from(area.width);
    let of = |value: fn(&Rate) -> f64| -> Vec<f64> {
        let skipped = app.totals.iter().len().saturating_sub(room);
        app.totals.iter().skip(skipped).map(value).collect()
    };
    let Some(last) = app.totals.last() else { return };
    // What is gone has no figures; its curve stays.
    let is_known = rows::header(app).memory.is_some();
    let known = |figure: String| if is_known { figure } else { String::new() };
    let traffic =
        [theme.symbols.down, &words::rate(last.received), " ", theme.symbols.up, &words::rate(last.sent)]
            .concat();
    let table = [
        ("cpu", of(|rate| rate.cpu), 1.0, known(words::percent(last.cpu)), theme.graph_cpu),
        ("mem", of(|rate| rate.memory as f64), 2.0, known(words::bytes(last.memory)), theme.graph_memory),
        ("net", of(|rate| rate.received + rate.sent), 1.0, known(traffic), theme.graph_network),
    ];
    for (line, (name, values, headroom, figure, style)) in (1..).zip(&table) {
        let pen = &mut Pen::new(buffer, area, line, &theme.symbols);
        pen.gap(1).margin(1).field(name, 5, theme.dim);
        let room = pen.room().saturating_sub(12);
        // Memory hardly moves: room above it keeps its curve from being a bar.
        let full = values.iter().copied().fold(0.0, f64::max) * headroom;
        pen.curve(values, room, Some(full), *style, &theme.symbols.levels).number(figure, 12, theme.text);
    }
}
