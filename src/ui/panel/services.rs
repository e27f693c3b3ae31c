//! The Services pane: one line a service, in columns that fit what they hold.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::super::pen::Pen;
use super::super::text::width;
use super::super::theme::Theme;
use super::{PaneTitle, Window, cursor, has_frames, nothing, pane, state_style};
use crate::app::layout::Areas;
use crate::app::rows::{self, ServiceRow, Services, StateKind};
use crate::app::{App, Pane, words};

/// One core's share from which a figure is worth a second look.
const BUSY_CPU: f64 = 0.8;

/// Draws the pane.
pub fn draw(app: &App, areas: &Areas, theme: &Theme, buffer: &mut Buffer) {
    let list = rows::services(app);
    let inside = areas.inside(Pane::Services);
    let window = Window::new((0..list.len()).map(|_| 1), app.lists.services.offset, inside.height);
    if has_frames(areas.arrangement) {
        frame(app, areas, &window, &list, theme, buffer);
    }
    if list.is_empty() {
        return nothing(buffer, inside, empty_words(app), theme);
    }
    let names = list.names().map(width).max().unwrap_or(0);
    let shown: Vec<ServiceRow> = list.rows_from(window.offset).take(usize::from(inside.height)).collect();
    let columns = Columns::fit(&shown, names, inside.width.saturating_sub(1));
    for (line, row) in (0..).zip(&shown) {
        let place = Rect { y: inside.y + line, height: 1, ..inside };
        let is_selected = app.lists.services.key.as_deref() == Some(row.name.as_str());
        write(row, is_selected, &columns, theme, buffer, place);
        if is_selected {
            cursor(buffer, place, app.focus == Pane::Services, theme);
        }
    }
}

fn frame(app: &App, areas: &Areas, window: &Window, list: &Services<'_>, theme: &Theme, buffer: &mut Buffer) {
    let filter = if app.filter.is_empty() { String::new() } else { format!("  /{}", app.filter) };
    let problems = if app.problems_only { "  ! problems only" } else { "" };
    let right = window.note().unwrap_or_else(|| list.declared().to_string());
    let title = PaneTitle {
        pane: Pane::Services,
        more: &[(&filter, theme.input), (problems, theme.busy)],
        right: &[(&right, theme.dim)],
    };
    pane(buffer, areas.services, app, theme, &title);
}

fn empty_words(app: &App) -> &'static str {
    if !app.filter.is_empty() {
        "no service of this name; Esc shows all"
    } else if app.problems_only {
        "no problems; ! shows all"
    } else if app.project.is_none() {
        "no compose file here"
    } else {
        "no services"
    }
}

/// The widths of the columns; 0 leaves one out. Before them stand cursor, mark and sign in five cells.
struct Columns {
    name: u16,
    replicas: u16,
    state: u16,
    age: u16,
    cpu: u16,
    memory: u16,
    ports: u16,
}

impl Columns {
    /// Gives every column what it holds in these rows, with room for the longest name of all, and leaves out those on the
    /// right that find no room.
    fn fit(shown: &[ServiceRow], names: u16, room: u16) -> Self {
        let widest = |of: fn(&ServiceRow) -> u16| shown.iter().map(of).max().unwrap_or(0);
        let name = names.clamp(4, (room / 3).clamp(4, 28));
        let replicas = widest(|row| width(&replicas(row))).max(3);
        let mut left = room.saturating_sub(5 + name + 3 + replicas + 2);
        let state = widest(state_width).clamp(8, 26).min(left);
        left -= state;
        let mut take = |wanted: u16| {
            let fits = wanted <= left;
            left -= if fits { wanted } else { 0 };
            if fits { wanted } else { 0 }
        };
        let age = take(widest(|row| width(&row.age)).max(3) + 2);
        let cpu = take(7);
        let memory = take(6);
        let ports = take(widest(ports_width).min(24) + 1);
        // What is left lets the figures breathe, and beyond that goes to the ports.
        let slack = if ports > 0 { left.min(3) } else { left.min(12) };
        Self { name, replicas, state: state + slack, age, cpu, memory, ports: ports + (left - slack) }
    }
}

fn state_width(row: &ServiceRow) -> u16 {
    let state = row.progress.as_deref().unwrap_or(&row.state);
    let drift = row.drift.as_ref().map_or(0, |drift| {
        width(&drift.reason) + 3 + if drift.more > 0 { width(&more(drift.more)) } else { 0 }
    });
    width(state) + drift
}

fn ports_width(row: &ServiceRow) -> u16 {
    row.ports.iter().map(|port| width(&port.text) + 1).sum()
}

fn replicas(row: &ServiceRow) -> String {
    match (row.wanted, row.kind) {
        (Some(wanted), _) => format!("{}/{wanted}", row.running),
        (None, StateKind::Disabled) => String::new(),
        (None, _) => row.running.to_string(),
    }
}

fn more(count: usize) -> String {
    format!(" +{count}")
}

fn write(
    row: &ServiceRow,
    is_selected: bool,
    columns: &Columns,
    theme: &Theme,
    buffer: &mut Buffer,
    place: Rect,
) {
    let symbols = &theme.symbols;
    let plain = if row.is_dimmed { theme.dim } else { theme.text };
    let name = if is_selected { theme.strong } else { plain };
    let pen = &mut Pen::new(buffer, place, 0, symbols);
    pen.margin(1).gap(1).field(if row.is_marked { symbols.mark } else { "" }, 2, theme.mark);
    pen.field(row.kind.sign(symbols.states), 2, state_style(row.kind, theme))
        .field(&row.name, columns.name, name)
        .gap(1);
    match row.tile {
        Some(tile) => pen.text(symbols.service(tile), theme.service(tile)),
        None => pen.gap(1),
    };
    write_replicas(row, columns.replicas, plain, theme, pen.gap(1));
    write_state(row, columns.state, theme, pen.gap(2));
    pen.number(&row.age, columns.age, theme.dim);
    let cpu_style = if row.cpu.is_some_and(|cpu| cpu >= BUSY_CPU) { theme.busy } else { plain };
    pen.number(&row.cpu.map(words::percent).unwrap_or_default(), columns.cpu, cpu_style);
    pen.number(&row.memory.map(words::bytes).unwrap_or_default(), columns.memory, plain);
    if columns.ports > 0 {
        write_ports(row, theme, pen.gap(2));
    }
}

fn write_replicas(row: &ServiceRow, columns: u16, plain: Style, theme: &Theme, pen: &mut Pen<'_>) {
    let is_short = row.kind == StateKind::Failed && row.wanted.is_some_and(|wanted| row.running < wanted);
    let text = replicas(row);
    let (text, style) = match (text.as_str(), is_short) {
        ("", _) => (theme.symbols.none, theme.dim),
        (text, true) => (text, theme.bad),
        (text, false) => (text, plain),
    };
    pen.number(text, columns, style);
}

/// The state, or what a verb is doing; and where file and container differ.
fn write_state(row: &ServiceRow, columns: u16, theme: &Theme, pen: &mut Pen<'_>) {
    let end = pen.offset() + columns;
    match (&row.progress, &row.drift) {
        (Some(progress), _) => _ = pen.field(progress, columns, theme.busy),
        (None, None) => _ = pen.field(&row.state, columns, state_style(row.kind, theme)),
        (None, Some(drift)) => {
            let room = columns.saturating_sub(width(&row.state) + 1);
            pen.field(&row.state, columns.min(width(&row.state)), state_style(row.kind, theme)).gap(1);
            let tail = if drift.more > 0 { more(drift.more) } else { String::new() };
            let text = [theme.symbols.drift, " ", &drift.reason, &tail].concat();
            pen.field(&text, room.min(width(&text)), theme.drift);
        }
    }
    pen.at(end);
}

fn write_ports(row: &ServiceRow, theme: &Theme, pen: &mut Pen<'_>) {
    for (place, port) in row.ports.iter().enumerate() {
        let style = match (port.is_bound, row.running > 0) {
            (true, _) => theme.link,
            (false, true) => theme.bad,
            (false, false) => theme.dim,
        };
        // Another one after it needs room for the sign that it was cut at least.
        let after = if place + 1 < row.ports.len() { 2 } else { 0 };
        if pen.room() < width(&port.text) + after {
            pen.text(theme.symbols.cut, theme.dim);
            break;
        }
        pen.text(&port.text, style).gap(1);
    }
}
