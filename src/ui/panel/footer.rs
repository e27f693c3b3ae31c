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
use crate::app::action::{Action, Context, ENTRIES, Entry, is_available};
use crate::app::keymap::show_sequence;
use crate::app::{App, Pane};

/// Less than the verbs that are used most, more than the others.
const TARGET_RANK: u8 = 16;

/// Draws the line.
pub fn draw(app: &App, area: Rect, theme: &Theme, buffer: &mut Buffer) {
    let area = area.intersection(buffer.area);
    buffer.set_style(area, theme.bar);
    let outcome = outcome(app, area.width / 2, theme);
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

/// The verbs, what they act on, then the rest.
fn of_home<'a>(app: &'a App, theme: &Theme) -> Vec<Segment<'a>> {
    let is_here = |entry: &&Entry| acts_here(entry.context, app.focus) && is_available(entry.action, app);
    let (verbs, rest): (Vec<&Entry>, Vec<&Entry>) =
        ENTRIES.iter().filter(is_here).partition(|entry| entry.is_verb && entry.action != Action::Down);
    let mut segments: Vec<Segment<'a>> =
        verbs.into_iter().filter_map(|entry| hint(app, entry, theme)).collect();
    if let (false, Some(target)) = (segments.is_empty(), app.target()) {
        segments.push(
            Segment::new(TARGET_RANK, 3).and(app.target_words(&target), theme.strong).and("  ", theme.text),
        );
    }
    segments.extend(rest.into_iter().filter_map(|entry| hint(app, entry, theme)));
    segments
}

fn acts_here(context: Context, focus: Pane) -> bool {
    match context {
        Context::Everywhere | Context::Home => true,
        Context::Lists => focus != Pane::Logs,
        Context::Logs => focus == Pane::Logs,
        Context::Layer => false,
    }
}

fn hint<'a>(app: &App, entry: &Entry, theme: &Theme) -> Option<Segment<'a>> {
    let (rank, word) = entry.footer?;
    let key = layer::key_label(app, entry.action);
    (!key.is_empty()).then(|| Segment::key(rank, 2, key, word, theme))
}

fn outcome<'a>(app: &'a App, room: u16, theme: &Theme) -> Vec<Segment<'a>> {
    let Some(outcome) = &app.outcome else { return Vec::new() };
    let (sign, style) = grade(outcome.grade, theme);
    let text = cut(&outcome.text, room.saturating_sub(width(sign) + 1), theme.symbols.cut);
    vec![Segment::new(0, 0).and(sign, style).and(" ", theme.text).and(text, theme.text)]
}
