//! The projects that the engine knows.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::super::frame::Title;
use super::super::panel::{no_engine, state_style};
use super::super::pen::Pen;
use super::super::text::width;
use super::super::theme::Theme;
use super::{full, key_label, leave, select};
use crate::app::App;
use crate::app::action::Action;
use crate::app::layers::Projects;
use crate::app::layout::Areas;
use crate::app::rows;

/// Draws the layer: one line a project.
pub fn draw(app: &App, layer: &Projects, areas: &Areas, theme: &Theme, buffer: &mut Buffer) {
    let list = rows::projects(app);
    let key = key_label(app, Action::Back);
    let count = format!("  {}", list.len());
    let title =
        Title { left: &[("Projects", theme.strong), (&count, theme.dim)], right: &leave(&key, theme) };
    let inside = full(areas, &title, theme, buffer);
    if list.is_empty() && !no_engine(app, inside, theme, buffer) {
        Pen::new(buffer, inside, 0, &theme.symbols).gap(3).text("none on this engine", theme.dim);
    }
    let names = list.iter().map(|project| width(&project.name)).max().unwrap_or(0).min(32);
    let height = usize::from(inside.height).max(1);
    let offset = (layer.cursor + 1).saturating_sub(height);
    for ((place, project), line) in list.iter().enumerate().skip(offset).zip(0..inside.height) {
        let row = Rect { y: inside.y + line, height: 1, ..inside };
        let pen = &mut Pen::new(buffer, row, 0, &theme.symbols);
        let name = if project.is_shown { theme.strong } else { theme.text };
        pen.gap(3).field(&project.name, names, name).gap(2);
        let end = pen.offset() + 24;
        for (kind, count) in project.counts.parts() {
            let text = format!("{} {count}  ", kind.sign(theme.symbols.states));
            pen.text(&text, state_style(kind, theme));
        }
        let of = format!("of {}", project.counts.of);
        pen.text(&of, theme.dim).at(end);
        let folder = project.folder.as_ref().map(|folder| folder.display().to_string()).unwrap_or_default();
        pen.gap(2).text(&folder, theme.dim);
        if place == layer.cursor {
            select(buffer, row, theme);
        }
    }
}
