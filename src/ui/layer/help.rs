//! The keys, from the registry of actions: nothing of it is written twice.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::super::frame::Title;
use super::super::text::width;
use super::super::theme::Theme;
use super::{full, key_label, leave, lines, more_below, padded};
use crate::app::App;
use crate::app::action::{Action, ENTRIES, Group};
use crate::app::layers::Scroll;
use crate::app::layout::Areas;

/// The width of a column of keys.
const COLUMN: u16 = 52;

/// Draws the layer: the groups flow into as many columns as have room.
pub fn draw(app: &App, scroll: Scroll, areas: &Areas, theme: &Theme, buffer: &mut Buffer) {
    let key = key_label(app, Action::Back);
    let title = Title {
        left: &[("Keys", theme.strong), ("  all can be bound anew in the settings", theme.dim)],
        right: &leave(&key, theme),
    };
    let inside = full(areas, &title, theme, buffer);
    let page = padded(inside, 2, 1);
    let groups: Vec<Vec<Line<'static>>> =
        Group::ALL.into_iter().map(|group| of_group(app, group, theme)).collect();
    let columns = flow(groups, usize::from(page.width / COLUMN).max(1));
    let mut below = 0;
    for (place, column) in (0..).zip(&columns) {
        let area = Rect { x: page.x + place * COLUMN, width: COLUMN.min(page.width), ..page };
        let most = columns.iter().map(Vec::len).max().unwrap_or(0).saturating_sub(usize::from(page.height));
        let offset = scroll.offset.min(most);
        below = below.max(lines(column.get(offset..).unwrap_or_default(), 0, area, theme, buffer));
    }
    more_below(below, inside, theme, buffer);
}

fn of_group(app: &App, group: Group, theme: &Theme) -> Vec<Line<'static>> {
    let mut shown = vec![Line::styled(group.title(), theme.strong)];
    for entry in ENTRIES.iter().filter(|entry| entry.group == group) {
        let keys = app.keymap.keys_of(entry.action).join(" ");
        if keys.is_empty() {
            continue;
        }
        let gap = " ".repeat(usize::from(14_u16.saturating_sub(width(&keys)).max(1)));
        shown.push(Line::from(vec![
            Span::raw("  "),
            Span::styled(keys, theme.key),
            Span::raw(gap),
            Span::styled(entry.help, theme.text),
        ]));
    }
    shown.push(Line::default());
    shown
}

/// Puts groups into columns of about equal height, in order.
fn flow(groups: Vec<Vec<Line<'static>>>, count: usize) -> Vec<Vec<Line<'static>>> {
    let total: usize = groups.iter().map(Vec::len).sum();
    let fair = total.div_ceil(count);
    let mut columns: Vec<Vec<Line<'static>>> = vec![Vec::new()];
    for group in groups {
        let is_last = columns.len() == count;
        let Some(column) = columns.last_mut() else { continue };
        if is_last || column.is_empty() || column.len() + group.len() / 2 <= fair {
            column.extend(group);
        } else {
            columns.push(group);
        }
    }
    columns
}
