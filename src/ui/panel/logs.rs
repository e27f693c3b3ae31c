//! The Logs pane: the selected service, several merged by time, or one tile each. The lines themselves are drawn by
//! [`log`](super::super::log); here they get their places and heads.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::widgets::Widget;

use super::super::frame::Part;
use super::super::log::{LogLabel, LogLines, LogStyle};
use super::super::pen::Pen;
use super::super::text::{cut, cut_words};
use super::super::theme::Theme;
use super::{PaneTitle, has_frames, no_engine, pane};
use crate::app::layout::{self, Areas};
use crate::app::log::{LogSource, LogView, Screen, ViewSize, ViewStatus};
use crate::app::{App, LogMode, Pane, log_pane, rows};

/// Draws the pane.
pub fn draw(app: &App, areas: &Areas, theme: &Theme, buffer: &mut Buffer) {
    if has_frames(areas.arrangement) {
        draw_frame(app, areas, theme, buffer);
    }
    let inside = areas.inside(Pane::Logs);
    if no_engine(app, inside, theme, buffer) {
        return;
    }
    let views = layout::log_areas(app);
    if app.logs.mode == LogMode::Tiles {
        draw_dividers(&views, inside, theme, buffer);
    }
    for (place, area) in views {
        let Some(view) = app.logs.views.get(place) else { continue };
        if app.logs.mode == LogMode::Tiles {
            draw_head(app, view, place == app.logs.focused, area, theme, buffer);
        }
        draw_lines(app, view, layout::log_body(app, area), theme, buffer);
    }
}

/// The mode, whose log it is, and how it stands; where the screen shows few panes, the digits of the others.
fn draw_frame(app: &App, areas: &Areas, theme: &Theme, buffer: &mut Buffer) {
    let is_tiles = app.logs.mode == LogMode::Tiles;
    let mode = match app.logs.mode {
        LogMode::Solo => String::new(),
        LogMode::Merged => "  merged".to_owned(),
        LogMode::Tiles if app.is_zoomed && app.logs.is_alone => {
            format!("  tile {} of {}", app.logs.focused + 1, app.logs.views.len())
        }
        LogMode::Tiles => tiles_title(app),
    };
    let view = app.logs.focused_view();
    let (name, style) =
        view.filter(|_| app.logs.mode == LogMode::Solo).map_or_else(Default::default, |view| {
            let style = view.sources.first().map_or(theme.text, |source| source_style(app, source, theme).1);
            (if view.sources.is_empty() { String::new() } else { format!("  {}", names(view)) }, style)
        });
    let (status, status_style) = match view {
        Some(_) if is_tiles => status_of_tiles(app, theme),
        Some(view) => {
            let (words, style) = status(app, view, theme);
            (cut(&words, areas.logs.width / 2, theme.symbols.cut).into_owned(), style)
        }
        None => (String::new(), theme.dim),
    };
    let search = view.map(|view| spaced(log_pane::search_words(app, view))).unwrap_or_default();
    let narrow = view.map(|view| spaced(log_pane::narrow_words(app, view))).unwrap_or_default();
    let hidden = Pane::ALL.into_iter().filter(|pane| areas.pane(*pane).is_empty());
    let others: Vec<String> = hidden.map(|pane| format!("{} {}", pane.digit(), pane.title())).collect();
    let right = others.join("  ");
    let gap = if status.is_empty() { "" } else { "  " };
    let (status_left, status_right) =
        if right.is_empty() { ("", status.as_str()) } else { (status.as_str(), "") };
    let more: [Part<'_>; 6] = [
        (&mode, theme.dim),
        (&name, style),
        (if status_left.is_empty() { "" } else { gap }, theme.dim),
        (status_left, status_style),
        (&search, theme.input),
        (&narrow, theme.busy),
    ];
    let right = [(right.as_str(), theme.dim), (status_right, status_style)];
    pane(buffer, areas.logs, app, theme, &PaneTitle { pane: Pane::Logs, more: &more, right: &right });
}

/// `tiles  16`; where the screen has no room for all of them, which are shown: `tiles  13-24 of 40`.
fn tiles_title(app: &App) -> String {
    let (all, shown) = (app.logs.views.len(), layout::log_areas(app));
    match (shown.first(), shown.last()) {
        (Some((first, _)), Some((last, _))) if shown.len() < all => {
            format!("  tiles  {}-{} of {all}", first + 1, last + 1)
        }
        _ => format!("  tiles  {all}"),
    }
}

fn names(view: &LogView) -> String {
    view.sources.iter().map(LogSource::label).collect::<Vec<_>>().join(", ")
}

/// The places of all services, where many are asked for at once; else each is looked up when it is.
struct Places(BTreeMap<String, usize>);

impl Places {
    fn of(app: &App, wanted: usize) -> Self {
        let names = if wanted > 1 { rows::all_service_names(app) } else { Vec::new() };
        Self(names.into_iter().zip(0..).collect())
    }

    fn style(&self, app: &App, source: &LogSource, theme: &Theme) -> (&'static str, Style) {
        let known = match source {
            LogSource::Replica { service, .. } => self.0.get(&**service),
            LogSource::Container { .. } => None,
        };
        match known {
            Some(place) => (theme.symbols.service(*place), theme.service(*place)),
            None => source_style(app, source, theme),
        }
    }
}

/// The mark of a source's service and its colour, the same wherever the service stands.
fn source_style(app: &App, source: &LogSource, theme: &Theme) -> (&'static str, Style) {
    let service = log_pane::service_of(app, source);
    let place = service.map_or(0, |service| app.colour_of(&service));
    (theme.symbols.service(place), theme.service(place))
}

/// How a view stands: `following`, `paused, 214 new`, `ended`.
fn status(app: &App, view: &LogView, theme: &Theme) -> (String, Style) {
    let style = match app.logs.store.status(view) {
        ViewStatus::Idle => theme.dim,
        ViewStatus::Following => theme.good,
        ViewStatus::Paused(_) | ViewStatus::ReadingOlder | ViewStatus::Ended => theme.busy,
        ViewStatus::Broken(..) | ViewStatus::Failed(_) => theme.bad,
    };
    (log_pane::status_words(app, view), style)
}

/// A part of a title, set apart from what stands before it.
fn spaced(words: String) -> String {
    if words.is_empty() { words } else { format!("  {words}") }
}

/// Tiles tell for themselves when they do not follow.
fn status_of_tiles(app: &App, theme: &Theme) -> (String, Style) {
    let follows = |view: &LogView| app.logs.store.status(view) == ViewStatus::Following;
    let words = if app.logs.views.iter().all(follows) { "following" } else { "" };
    (words.to_owned(), theme.good)
}

/// `▪ api-1                     paused, 214 new`
fn draw_head(app: &App, view: &LogView, is_focused: bool, area: Rect, theme: &Theme, buffer: &mut Buffer) {
    let row = Rect { height: area.height.min(1), ..area }.intersection(buffer.area);
    let has_keys = is_focused && app.focus == Pane::Logs;
    buffer.set_style(row, if has_keys { theme.tile_focused } else { theme.tile });
    let (mark, style) =
        view.sources.first().map_or(("", theme.dim), |source| source_style(app, source, theme));
    let (words, words_style) = status(app, view, theme);
    // That a tile follows goes without saying.
    let words = if words == "following" { String::new() } else { words };
    let words = cut_words(&words, row.width / 2, theme.symbols.cut);
    let mut pen = Pen::new(buffer, row, 0, &theme.symbols);
    pen.gap(1).margin(1).right(&words, words_style).text(mark, style).gap(1).text(&names(view), theme.strong);
    pen.text(&spaced(log_pane::search_words(app, view)), theme.input);
    pen.text(&spaced(log_pane::narrow_words(app, view)), theme.busy);
}

fn draw_lines(app: &App, view: &LogView, area: Rect, theme: &Theme, buffer: &mut Buffer) {
    let screen = view.screen(&app.logs.store, ViewSize { width: area.width, height: area.height });
    let labels = labels(app, view, &screen, theme);
    let style = LogStyle {
        theme,
        zone: app.options.time_zone.clone(),
        colours: !theme.services.is_empty(),
        labels: &labels,
    };
    LogLines { screen: &screen, style: &style }.render(area, buffer);
    if screen.rows.is_empty()
        && let Some(words) = log_pane::empty_words(app, view)
    {
        Pen::new(buffer, area, 0, &theme.symbols).text(&words, theme.dim);
    }
}

/// The labels of a view's sources: of those that are visible, for of hundreds that are merged few are.
fn labels<'a>(app: &App, view: &'a LogView, screen: &Screen<'_>, theme: &Theme) -> Vec<LogLabel<'a>> {
    let none = || LogLabel { name: Cow::Borrowed(""), mark: "", style: theme.text };
    let mut labels: Vec<LogLabel<'a>> = view.sources.iter().map(|_| none()).collect();
    let visible: BTreeSet<usize> = screen.rows.iter().map(|row| row.source).collect();
    let places = Places::of(app, visible.len());
    for place in visible {
        if let (Some(source), Some(label)) = (view.sources.get(place), labels.get_mut(place)) {
            let (mark, style) = places.style(app, source, theme);
            *label = LogLabel { name: Cow::Owned(source.label()), mark, style };
        }
    }
    labels
}

/// The lines between tiles: in the cell right of and the line below every tile that does not reach the frame.
fn draw_dividers(views: &[(usize, Rect)], inside: Rect, theme: &Theme, buffer: &mut Buffer) {
    let lines = theme.symbols.lines;
    let mut put = |x: u16, y: u16, symbol: &str| {
        if let Some(cell) = buffer.cell_mut((x, y)) {
            cell.set_symbol(symbol).set_style(theme.border);
        }
    };
    for (_, area) in views.iter().filter(|(_, area)| area.bottom() < inside.bottom()) {
        for x in area.left()..area.right().saturating_add(1).min(inside.right()) {
            put(x, area.bottom(), lines.horizontal);
        }
    }
    for (_, area) in views.iter().filter(|(_, area)| area.right() < inside.right()) {
        for y in area.top()..area.bottom() {
            put(area.right(), y, lines.vertical);
        }
        let is_above = area.bottom() < inside.bottom();
        let meets = |edge: u16| views.iter().any(|(_, one)| one.right() == area.right() && one.top() == edge);
        if is_above {
            put(
                area.right(),
                area.bottom(),
                if meets(area.bottom() + 1) { lines.cross } else { lines.tee_up },
            );
        }
        let from_above =
            views.iter().any(|(_, one)| one.right() == area.right() && one.bottom() + 1 == area.top());
        if area.top() > inside.top() && !from_above {
            put(area.right(), area.top() - 1, lines.tee_down);
        }
    }
}
