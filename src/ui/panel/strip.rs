//! Screens that are too small for panes: one line a service, and below that one line of counts.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::super::pen::Pen;
use super::super::segment::{Segment, fit, write};
use super::super::theme::Theme;
use super::{header, state_style};
use crate::app::App;
use crate::app::rows::{self, ServiceRow};

/// Draws one line of counts, and below it the services that need attention, as far as there is room.
pub fn draw_counts(app: &App, area: Rect, theme: &Theme, buffer: &mut Buffer) {
    let now = rows::header(app);
    let mut segments = vec![Segment::new(10, 0).and(format!(" {} ", now.project), theme.badge)];
    segments.extend(header::counts(&now.counts, theme));
    if !now.is_connected {
        segments.push(Segment::new(9, 2).and(now.engine.as_str(), theme.bad));
    }
    fit(&mut segments, area.width);
    write(&segments, &mut Pen::new(buffer, area, 0, &theme.symbols));
    let rows: Vec<ServiceRow> = rows::services(app).rows_from(0).filter(|row| row.needs_attention).collect();
    for (line, row) in (1..area.height).zip(&rows) {
        let pen = &mut Pen::new(buffer, area, line, &theme.symbols);
        let style = state_style(row.kind, theme);
        pen.gap(1).field(row.kind.sign(theme.symbols.states), 2, style).text(&row.name, theme.text);
        pen.gap(1).text(row.progress.as_deref().unwrap_or(&row.state), style);
    }
}
