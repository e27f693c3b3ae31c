//! The last line: the keys that act now and on what, and how the last verb ended. All of it comes from the registry of
//! actions.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::super::layer;
use super::super::pen::Pen;
use super::super::segment::{Segment, fit, total, write};
use super::super::text::{cut, width};
use super::super::theme::Theme;
use super::grade;
use crate::app::keymap::show_sequence;
use crate::app::{App, Grade, content};

/// Less than the first two verbs, more than the others.
const TARGET_RANK: u8 = 4;

/// Draws the line.
pub fn draw(app: &App, area: Rect, theme: &Theme, buffer: &mut Buffer) {
    let area = area.intersection(buffer.area);
    buffer.set_style(area, theme.bar);
    let outcome = outcome(app, area.width, theme);
    let mut segments = hints(app, theme);
    let room = area.width.saturating_sub(total(&outcome) + 2);
    fit(&mut segments, room);
    if let Some(first) = segments.first_mut() {
        first.gap = first.gap.min(1);
    }
    let mut pen = Pen::new(buffer, area, 0, &theme.symbols);
    write(&segments, &mut pen);
    let free = pen.room().saturating_sub(total(&outcome) + 1);
    write(&outcome, pen.gap(free));
}

fn hints<'a>(app: &'a App, theme: &Theme) -> Vec<Segment<'a>> {
    if !app.pending_keys.is_empty() {
        let keys = show_sequence(&app.pending_keys);
        return vec![Segment::new(0, 1).and(keys, theme.key).and(" and then?", theme.dim)];
    }
    match app.layers.last() {
        Some(top) if layer::names_its_keys(top) => Vec::new(),
        Some(top) => of_layer(app, top, theme),
        None => of_home(app, theme),
    }
}

fn of_layer<'a>(app: &App, top: &crate::app::Layer, theme: &Theme) -> Vec<Segment<'a>> {
    let keys = layer::keys(top).iter().zip(1..);
    keys.map(|((action, word), rank)| Segment::key(rank, 2, layer::key_label(app, *action), word, theme))
        .collect()
}

/// The verbs, what they act on, then the rest. Of both lists the ends are left out first, in turn.
fn of_home(app: &App, theme: &Theme) -> Vec<Segment<'static>> {
    let footer = content::footer(app);
    let hint = |(rank, (key, word)): (u8, (String, &'static str))| {
        Segment::key(rank, 2, layer::label(key), word, theme)
    };
    let mut segments: Vec<Segment<'static>> = (1..).step_by(2).zip(footer.verbs).map(hint).collect();
    if !(segments.is_empty() || footer.on.is_empty()) {
        segments.push(Segment::new(TARGET_RANK, 3).and(footer.on, theme.strong).and("  ", theme.text));
    }
    segments.extend((2..).step_by(2).zip(footer.others).map(hint));
    segments
}

/// Half of the line at most; why something failed is worth more than the names of keys.
fn outcome<'a>(app: &'a App, line: u16, theme: &Theme) -> Vec<Segment<'a>> {
    let Some(outcome) = &app.outcome else { return Vec::new() };
    let (sign, style) = grade(outcome.grade, theme);
    let room = if outcome.grade == Grade::Bad { line - line / 5 } else { line / 2 };
    let text = cut(&outcome.text, room.saturating_sub(width(sign) + 1), theme.symbols.cut);
    vec![Segment::new(0, 0).and(sign, style).and(" ", theme.text).and(text, theme.text)]
}
