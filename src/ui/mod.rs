//! Draws the screen from `&App`. It changes nothing and waits for nothing.
//!
//! [`draw`] puts the panes of the home screen where `app::layout` says, each by a module of [`panel`], and the layers
//! over them, each by a module of [`layer`]. Both write with a [`pen`] that never leaves its line and ask the [`theme`]
//! for styles by what they mean, so that no panel names a colour. At any size, 1×1 included, something is drawn and
//! nothing panics.

pub mod frame;
pub mod layer;
pub mod log;
pub mod panel;
pub mod pen;
pub mod segment;
pub mod sgr;
pub mod svg;
pub mod symbols;
pub mod text;
pub mod theme;

use ratatui::Frame;
use ratatui::buffer::Buffer;

use self::theme::Theme;
use crate::app::layout::{Areas, Arrangement, areas};
use crate::app::{App, Pane};

/// Draws a frame.
pub fn draw(frame: &mut Frame<'_>, app: &App, theme: &Theme) {
    draw_buffer(frame.buffer_mut(), app, theme);
}

/// Draws into a buffer, whose size is the terminal's.
pub fn draw_buffer(buffer: &mut Buffer, app: &App, theme: &Theme) {
    buffer.set_style(buffer.area, theme.base);
    let areas = areas(app);
    draw_home(app, &areas, theme, buffer);
    for layer in &app.layers {
        layer::draw(app, layer, &areas, theme, buffer);
    }
}

fn draw_home(app: &App, areas: &Areas, theme: &Theme, buffer: &mut Buffer) {
    if areas.arrangement == Arrangement::Line {
        return panel::strip::draw_counts(app, areas.screen, theme, buffer);
    }
    panel::header::draw(app, areas.header, theme, buffer);
    for pane in Pane::ALL.into_iter().filter(|pane| !areas.pane(*pane).is_empty()) {
        match pane {
            Pane::Services => panel::services::draw(app, areas, theme, buffer),
            Pane::Containers => panel::containers::draw(app, areas, theme, buffer),
            Pane::Ports => panel::ports::draw(app, areas, theme, buffer),
            Pane::Logs => panel::logs::draw(app, areas, theme, buffer),
        }
    }
    if !areas.findings.is_empty() {
        panel::findings::draw(app, areas.findings, theme, buffer);
    }
    if !areas.activity.is_empty() {
        panel::activity::draw(app, areas.activity, theme, buffer);
    }
    panel::footer::draw(app, areas.footer, theme, buffer);
}
