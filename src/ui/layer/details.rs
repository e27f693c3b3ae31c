//! The story of a service, its variables, what the file says and what the engine says.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};

use super::super::frame::{Part, Title};
use super::super::panel::state_style;
use super::super::pen::Pen;
use super::super::text::width;
use super::super::theme::Theme;
use super::{full, key_label, leave, more_below, padded};
use crate::app::App;
use crate::app::action::Action;
use crate::app::details::{Line, Resource, lines};
use crate::app::layers::{Details, Tab};
use crate::app::layout::Areas;
use crate::app::rows::StateKind;
use crate::observed::Level;

/// Cells of a curve.
const CURVE: u16 = 40;

/// Draws the layer.
pub fn draw(app: &App, details: &Details, areas: &Areas, theme: &Theme, buffer: &mut Buffer) {
    let key = key_label(app, Action::Back);
    let left = title(details, theme);
    let inside = full(areas, &Title { left: &left, right: &leave(&key, theme) }, theme, buffer);
    let page = padded(inside, 3);
    let shown = lines(app, details);
    let columns = Columns::of(&shown);
    let height = usize::from(page.height);
    let offset = details.offset.min(shown.len().saturating_sub(height));
    for (row, line) in (0..page.height).zip(&shown[offset..]) {
        let place = Rect { y: page.y + row, height: 1, ..page };
        write(app, line, &columns, theme, &mut Pen::new(buffer, place, 0, &theme.symbols));
    }
    more_below(shown.len().saturating_sub(offset + height), inside, theme, buffer);
}

/// The service and the parts, the one that is shown underlined.
fn title<'a>(details: &'a Details, theme: &Theme) -> Vec<Part<'a>> {
    let mut parts = vec![(details.service.as_str(), theme.strong)];
    for tab in Tab::ALL {
        let style = if tab == details.tab { theme.key.add_modifier(Modifier::UNDERLINED) } else { theme.dim };
        parts.extend([("   ", Style::default()), (tab.title(), style)]);
    }
    parts
}

/// The widths that lines share.
#[derive(Default)]
struct Columns {
    service: u16,
    state: u16,
    name: u16,
    action: u16,
    cells: Vec<u16>,
}

impl Columns {
    fn of(lines: &[Line]) -> Self {
        let mut columns = Self::default();
        for line in lines {
            match line {
                Line::Relation { service, state, .. } => {
                    columns.service = columns.service.max(width(service));
                    columns.state = columns.state.max(width(state));
                }
                Line::Pair { name, .. } => columns.name = columns.name.max(width(name)),
                Line::Event { name, action, .. } => {
                    columns.name = columns.name.max(width(name));
                    columns.action = columns.action.max(width(action));
                }
                Line::Row { cells, .. } => columns.widen(cells),
                _ => {}
            }
        }
        columns.name = columns.name.min(36);
        columns
    }

    /// Makes room for the cells of a row.
    fn widen(&mut self, cells: &[String]) {
        self.cells.resize(self.cells.len().max(cells.len()), 0);
        for (known, cell) in self.cells.iter_mut().zip(cells) {
            *known = width(cell).max(*known);
        }
    }
}

fn write(app: &App, line: &Line, columns: &Columns, theme: &Theme, pen: &mut Pen<'_>) {
    match line {
        Line::Blank => {}
        Line::Headline { kind, text } => write_headline(*kind, text, theme, pen),
        Line::Heading(text) => _ = pen.text(text, theme.strong),
        Line::Container { kind, name } => {
            pen.text(kind.sign(theme.symbols.states), state_style(*kind, theme))
                .gap(1)
                .text(name, theme.strong);
        }
        Line::Usage { resource, values, last } => write_usage(*resource, values, last, theme, pen),
        Line::Event { at, name, action, more } => {
            pen.gap(2).field(&app.clock(*at), 10, theme.dim).field(name, columns.name + 2, theme.text);
            pen.field(action, columns.action + 2, event_style(action, more, theme)).text(more, theme.dim);
        }
        Line::Row { cells, is_title } => {
            let style = if *is_title { theme.dim } else { theme.text };
            pen.gap(2);
            for (cell, width) in cells.iter().zip(&columns.cells) {
                pen.field(cell, *width, style).gap(2);
            }
        }
        Line::Text(text) => _ = pen.gap(2).text(text, theme.text),
        Line::Curve { label, values, last } => {
            let room = (values.len() as u16).min(CURVE);
            pen.gap(2).text(label, theme.text).gap(2);
            pen.curve(values, room, None, theme.bad, &theme.symbols.levels).gap(2).text(last, theme.bad);
        }
        Line::Log { at, level, text } => {
            pen.gap(2).field(&app.clock(*at), 9, theme.log_time).text(text, log_style(*level, theme));
        }
        Line::Relation { service, kind, state, note, drift } => {
            pen.gap(2).field(service, columns.service + 1, theme.text);
            let style = state_style(*kind, theme);
            pen.field(kind.sign(theme.symbols.states), 2, style).field(state, columns.state + 3, style);
            pen.text(note, theme.dim);
            if let Some(drift) = drift {
                let sign = theme.symbols.drift;
                pen.gap(3).text(sign, theme.drift).gap(1).text(&drift.reason, theme.drift);
            }
        }
        Line::Pair { name, value } => {
            pen.gap(2).field(name, columns.name, theme.dim).gap(2).text(value, theme.text);
        }
    }
}

/// A resource over time: its name, its curve, and its newest figure. Memory hardly moves: room above keeps it from being a bar.
fn write_usage(resource: Resource, values: &[f64], last: &str, theme: &Theme, pen: &mut Pen<'_>) {
    const LABEL: u16 = 10;
    const FIGURE: u16 = 18;
    let (style, headroom) = match resource {
        Resource::Cpu => (theme.graph_cpu, 1.0),
        Resource::Memory => (theme.graph_memory, 2.0),
        Resource::Received | Resource::Sent => (theme.graph_network, 1.0),
    };
    pen.gap(2).field(resource.title(), LABEL, theme.dim);
    let room = pen.room().saturating_sub(FIGURE);
    let shown = &values[values.len().saturating_sub(usize::from(room))..];
    let full = shown.iter().copied().fold(0.0, f64::max) * headroom;
    pen.curve(shown, room, Some(full), style, &theme.symbols.levels).number(last, FIGURE, theme.text);
}

/// Ends and bad health stand out among the events.
fn event_style(action: &str, more: &str, theme: &Theme) -> Style {
    match action {
        "oom" | "health_status: unhealthy" => theme.bad,
        "die" if !more.starts_with("exitCode=0") => theme.bad,
        "health_status: healthy" => theme.good,
        _ => theme.text,
    }
}

/// The state in its colour, and what belongs to it plainly.
fn write_headline(kind: StateKind, text: &str, theme: &Theme, pen: &mut Pen<'_>) {
    let style = state_style(kind, theme).add_modifier(Modifier::BOLD);
    let (state, rest) = text.split_at(text.find(" · ").unwrap_or(text.len()));
    pen.text(kind.sign(theme.symbols.states), style).gap(1).text(state, style);
    if theme.symbols.dot.is_ascii() {
        pen.text(&rest.replace('·', theme.symbols.dot), theme.text);
    } else {
        pen.text(rest, theme.text);
    }
}

fn log_style(level: Level, theme: &Theme) -> Style {
    match level {
        Level::Fatal | Level::Error => theme.removed,
        Level::Warn => theme.log_warn,
        Level::Debug | Level::Trace => theme.log_debug,
        Level::Info | Level::Unknown => theme.text,
    }
}
