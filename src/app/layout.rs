//! Where everything stands at each size: the one answer for drawing, for the mouse and for paging.
//!
//! From 120 columns the lists stand left of the logs; from 80 columns lists and logs share the height; from 8 rows there
//! is one line a service; below that one line of counts. Rects never reach beyond the terminal, whatever its size.

use ratatui::layout::Rect;

use super::log::ViewSize;
use super::{App, Layer, LogMode, Pane, Size, content, findings, rows};

/// From this width on, lists and logs stand side by side.
const WIDE: u16 = 120;
/// From this width on, panes have frames and share the height.
const MEDIUM: u16 = 80;
/// From this height on, panes have frames.
const MEDIUM_HEIGHT: u16 = 16;
/// From this height on, there is a line a service.
const STRIP: u16 = 8;
/// From this height on, a part that is no pane stands below the lists.
const LEAST_SPARE: u16 = 5;
/// The widest that the left column gets.
const LEFT_MOST: u16 = 74;

/// How the home screen is arranged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Arrangement {
    /// Lists left, logs right.
    Columns,
    /// One list above, the logs below.
    Stacked,
    /// One line a service, no frames.
    Strip,
    /// One line of counts.
    #[default]
    Line,
}

/// The areas of the home screen; those of panes include their frames. An empty area is not shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Areas {
    /// How they are arranged.
    pub arrangement: Arrangement,
    /// The whole terminal.
    pub screen: Rect,
    /// The first line.
    pub header: Rect,
    /// The list of services.
    pub services: Rect,
    /// The containers of the selected one.
    pub containers: Rect,
    /// Its ports.
    pub ports: Rect,
    /// What is wrong with the files, if anything is; only where the left column has height to spare.
    pub findings: Rect,
    /// What happened; only where the left column has height to spare.
    pub activity: Rect,
    /// The logs.
    pub logs: Rect,
    /// The last line.
    pub footer: Rect,
}

impl Areas {
    /// The area of a pane, its frame included.
    pub fn pane(&self, pane: Pane) -> Rect {
        match pane {
            Pane::Services => self.services,
            Pane::Containers => self.containers,
            Pane::Ports => self.ports,
            Pane::Logs => self.logs,
        }
    }

    /// The area within the frame of a pane, where its rows stand.
    pub fn inside(&self, pane: Pane) -> Rect {
        self.within_frame(self.pane(pane))
    }

    /// The area within a frame, if this arrangement has frames.
    pub fn within_frame(&self, area: Rect) -> Rect {
        match self.arrangement {
            Arrangement::Columns | Arrangement::Stacked => inner(area),
            Arrangement::Strip | Arrangement::Line => area,
        }
    }

    /// The area that dialogs are centred in, and that full layers fill: all but header and footer.
    pub fn middle(&self) -> Rect {
        let top = self.header.bottom().min(self.screen.bottom());
        let bottom = if self.footer.is_empty() { self.screen.bottom() } else { self.footer.y };
        Rect::new(self.screen.x, top, self.screen.width, bottom.saturating_sub(top))
    }

    /// The pane at a cell.
    pub fn pane_at(&self, column: u16, row: u16) -> Option<Pane> {
        let cell = ratatui::layout::Position { x: column, y: row };
        Pane::ALL.into_iter().find(|pane| self.pane(*pane).contains(cell))
    }
}

/// Where everything stands now.
pub fn areas(app: &App) -> Areas {
    let Size { width, height } = app.size;
    let screen = Rect::new(0, 0, width, height);
    let arrangement = arrangement(app.size);
    let mut areas = Areas { arrangement, screen, ..Areas::default() };
    if arrangement == Arrangement::Line {
        areas.header = Rect { height: height.min(1), ..screen };
        return areas;
    }
    areas.header = Rect { height: 1, ..screen };
    areas.footer = Rect { y: height - 1, height: 1, ..screen };
    let middle = areas.middle();
    match arrangement {
        Arrangement::Columns if app.is_zoomed => set(&mut areas, app.focus, middle),
        Arrangement::Columns => columns(app, middle, &mut areas),
        Arrangement::Stacked => stacked(app, middle, &mut areas),
        Arrangement::Strip | Arrangement::Line => set(&mut areas, app.focus, middle),
    }
    areas
}

/// How many rows a list can show now.
pub fn list_height(app: &App, pane: Pane) -> usize {
    usize::from(areas(app).inside(pane).height)
}

/// The log views that are on the screen: the place of each in [`LogPane::views`](super::LogPane), and its area, in tiles
/// with the title line. Where there is no room for all, those around the focused one.
pub fn log_areas(app: &App) -> Vec<(usize, Rect)> {
    let inside = areas(app).inside(Pane::Logs);
    if inside.is_empty() {
        return Vec::new();
    }
    if app.logs.mode != LogMode::Tiles {
        return vec![(0, inside)];
    }
    if app.is_zoomed && app.logs.is_alone && app.focus == Pane::Logs {
        return vec![(app.logs.focused, inside)];
    }
    let areas = tiles(inside, app.logs.views.len());
    let first = if areas.is_empty() { 0 } else { app.logs.focused / areas.len() * areas.len() };
    let shown = (first..app.logs.views.len()).zip(areas);
    shown.collect()
}

/// The area of a log view's lines: without the cell of air at the left, and in tiles without the title.
pub fn log_body(app: &App, area: Rect) -> Rect {
    let title = u16::from(app.logs.mode == LogMode::Tiles).min(area.height);
    let air = area.width.min(1);
    Rect { x: area.x + air, y: area.y + title, width: area.width - air, height: area.height - title }
}

/// The size of a log view's lines; where it is not on the screen, that of the focused one.
pub fn log_size(app: &App, view: usize) -> ViewSize {
    let areas = log_areas(app);
    let found = areas.iter().find(|(place, _)| *place == view).or(areas.first());
    let body = found.map(|(_, area)| log_body(app, *area)).unwrap_or_default();
    ViewSize { width: body.width.max(1), height: body.height.max(1) }
}

/// The areas of `count` tiles within the Logs pane's frame, row by row: each with its title line, one cell between
/// columns and one line between rows. Fewer areas than asked for where there is no room for more.
pub fn tiles(inside: Rect, count: usize) -> Vec<Rect> {
    let columns = tile_columns(inside.width, count);
    if columns == 0 || inside.height == 0 {
        return Vec::new();
    }
    let rows = count.div_ceil(columns).min(usize::from(inside.height + 1) / (SMALLEST_TILE + 1)).max(1);
    let mut areas = Vec::new();
    for row in 0..rows {
        let (top, height) = share(inside.y, inside.height, rows, row);
        // The last row's tiles share its width, so that none is left empty.
        let in_row = (count - (row * columns).min(count)).min(columns);
        for column in 0..in_row {
            let (left, width) = share(inside.x, inside.width, in_row, column);
            areas.push(Rect { x: left, y: top, width, height });
        }
    }
    areas
}

/// A tile has at least its title and two lines.
const SMALLEST_TILE: usize = 3;

/// The area of a dialog in the middle of the screen, its frame included: as large as asked (without the frame) and as
/// fits.
pub fn dialog(areas: &Areas, size: (u16, u16)) -> Rect {
    let middle = areas.middle();
    let width = size.0.saturating_add(2).min(middle.width);
    let height = size.1.saturating_add(2).min(middle.height);
    Rect {
        x: middle.x + (middle.width - width) / 2,
        y: middle.y + (middle.height - height) / 2,
        width,
        height,
    }
}

/// The area of the entries of the layer that has the keys; none where it has no list of entries.
pub fn entries(app: &App) -> Option<Rect> {
    let areas = areas(app);
    let within = |size, above: u16, below: u16| {
        let inside = inner(dialog(&areas, size));
        let above = above.min(inside.height);
        Rect { y: inside.y + above, height: inside.height.saturating_sub(above + below), ..inside }
    };
    match app.layer()? {
        Layer::Menu(menu) => Some(within(content::menu_size(app, menu), 1, 2)),
        Layer::Palette(_) => Some(within(content::PALETTE_SIZE, 2, 0)),
        Layer::Projects(_) => Some(inner(areas.middle())),
        Layer::Profiles(profiles) => Some(within(content::profiles_size(profiles), 1, 2)),
        _ => None,
    }
}

fn tile_columns(width: u16, count: usize) -> usize {
    let fitting = match width {
        ..60 => 1,
        60..100 => 2,
        100..150 => 3,
        _ => 4,
    };
    match count {
        0 => 0,
        _ if width == 0 => 0,
        1 => 1,
        2..=4 => fitting.min(2),
        5..=9 => fitting.min(3),
        _ => fitting.min(4),
    }
}

/// The place of the n-th of several equal parts of a length, one cell between two.
fn share(start: u16, length: u16, parts: usize, place: usize) -> (u16, u16) {
    let parts = parts.max(1) as u16;
    let edge = |part: u16| u32::from(length + 1) * u32::from(part) / u32::from(parts);
    let (from, to) = (edge(place as u16) as u16, edge(place as u16 + 1) as u16);
    (start + from, (to - from).saturating_sub(1))
}

/// How a terminal of this size is arranged.
pub fn arrangement(size: Size) -> Arrangement {
    match (size.width, size.height) {
        (_, ..STRIP) | (..10, _) => Arrangement::Line,
        (WIDE.., MEDIUM_HEIGHT..) => Arrangement::Columns,
        (MEDIUM.., MEDIUM_HEIGHT..) => Arrangement::Stacked,
        _ => Arrangement::Strip,
    }
}

/// Lists left, each as tall as its content asks and the column allows; logs right.
fn columns(app: &App, middle: Rect, areas: &mut Areas) {
    let left_width = (middle.width * 46 / 100).clamp(56, LEFT_MOST);
    let left = Rect { width: left_width, ..middle };
    areas.logs = Rect { x: middle.x + left_width, width: middle.width - left_width, ..middle };
    let ports = frame(rows::ports(app).len()).min(8);
    let containers = frame(container_lines(app)).min(10);
    let room = left.height.saturating_sub(ports + containers);
    let services = frame(rows::service_count(app)).min(room).max(5);
    let spare = left.height.saturating_sub(services + containers + ports);
    let width = findings_width(left);
    let findings = frame(findings::height(app, width, usize::from(spare))).min(spare);
    let shows_findings = app.file.error_count() > 0 && spare >= LEAST_SPARE;
    let shows_activity = spare >= LEAST_SPARE && !(shows_findings && spare - findings < LEAST_SPARE);
    let is_full = shows_findings || shows_activity;
    let mut top = left.y;
    let mut take = |wanted: u16| {
        let height = wanted.min(left.bottom().saturating_sub(top));
        let area = Rect { y: top, height, ..left };
        top += height;
        // A frame without a line in it is no pane.
        if height < 3 { Rect::default() } else { area }
    };
    areas.services = take(if is_full { services } else { services + spare });
    areas.containers = take(containers);
    areas.ports = take(ports);
    if shows_findings {
        areas.findings = take(if shows_activity { findings } else { left.height });
    }
    if shows_activity {
        areas.activity = take(left.height);
    }
}

/// The columns of text in the pane of what is wrong: without its frame and a blank.
pub fn findings_width(pane: Rect) -> usize {
    usize::from(pane.width.saturating_sub(3))
}

/// The focused list above and the logs below; zoomed, the focused pane alone.
fn stacked(app: &App, middle: Rect, areas: &mut Areas) {
    if app.is_zoomed {
        return set(areas, app.focus, middle);
    }
    let list = if app.focus == Pane::Logs { Pane::Services } else { app.focus };
    let content = match list {
        Pane::Services | Pane::Logs => rows::service_count(app),
        Pane::Containers => container_lines(app),
        Pane::Ports => rows::ports(app).len(),
    };
    let height = frame(content).min(middle.height / 2).max(4);
    set(areas, list, Rect { height, ..middle });
    areas.logs = Rect { y: middle.y + height, height: middle.height - height, ..middle };
}

fn set(areas: &mut Areas, pane: Pane, area: Rect) {
    match pane {
        Pane::Services => areas.services = area,
        Pane::Containers => areas.containers = area,
        Pane::Ports => areas.ports = area,
        Pane::Logs => areas.logs = area,
    }
}

fn container_lines(app: &App) -> usize {
    rows::containers(app).iter().map(|row| usize::from(row.height)).sum()
}

/// The height of a pane with this many lines: at least one, and its frame.
fn frame(lines: usize) -> u16 {
    (lines.clamp(1, 1000) as u16) + 2
}

fn inner(area: Rect) -> Rect {
    Rect {
        x: area.x + area.width.min(1),
        y: area.y + area.height.min(1),
        width: area.width.saturating_sub(2),
        height: area.height.saturating_sub(2),
    }
}
