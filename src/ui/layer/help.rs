//! The keys, from the registry of actions: nothing of it is written twice.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::super::frame::Title;
use super::super::text::width;
use super::super::theme::Theme;
use super::{full, key_label, leave, lines, more_below, padded};
use crate::app::App;
use crate::app::action::Action;
use crate::app::content::{self, HelpGroup};
use crate::app::layers::Scroll;
use crate::app::layout::Areas;

/// The least width of a column of keys.
const COLUMN: u16 = 50;

/// Draws the layer: the groups flow into as many columns as have room.
pub fn draw(app: &App, scroll: Scroll, areas: &Areas, theme: &Theme, buffer: &mut Buffer) {
    let key = key_label(app, Action::Back);
    let title = Title {
        left: &[("Keys", theme.strong), ("  all can be bound anew in the settings", theme.dim)],
        right: &leave(&key, theme),
    };
    let inside = full(areas, &title, theme, buffer);
    let page = padded(inside, 2);
    let groups = content::help(app).iter().map(|group| of_group(group, theme)).collect();
    let count = (page.width / COLUMN).max(1);
    let wide = page.width / count;
    let columns = flow(groups, usize::from(count));
    let mut below = 0;
    for (place, column) in (0..).zip(&columns) {
        let area = Rect { x: page.x + place * wide, width: wide, ..page };
        let most = columns.iter().map(Vec::len).max().unwrap_or(0).saturating_sub(usize::from(page.height));
        let offset = scroll.offset.min(most);
        below = below.max(lines(column.get(offset..).unwrap_or_default(), 0, area, theme, buffer));
    }
    more_below(below, inside, theme, buffer);
}

fn of_group(group: &HelpGroup, theme: &Theme) -> Vec<Line<'static>> {
    let mut shown = vec![Line::styled(group.title, theme.strong)];
    for (keys, words) in &group.lines {
        let gap = " ".repeat(usize::from(11_u16.saturating_sub(width(keys)).max(1)));
        shown.push(Line::from(vec![
            Span::raw("  "),
            Span::styled(keys.clone(), theme.key),
            Span::raw(gap),
            Span::styled(*words, theme.text),
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
