//! The dialog of `down`: what would be taken away, with volumes, images and orphans as choices. Deleting volumes asks for
//! the project's name.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::super::frame::Title;
use super::super::pen::Pen;
use super::super::text::width;
use super::super::theme::Theme;
use super::plan::{same_as, split, step_sign};
use super::prompt::input;
use super::{dialog, key_segments, keys, lines, more_below, padded, write_keys};
use crate::app::layers::{DownChoice, DownDialog};
use crate::app::layout::Areas;
use crate::app::runs::Run;
use crate::app::{App, Layer, content, words};
use crate::plan::{PlanNote, Step, StepKind, steps};

const WIDTH: u16 = 78;
/// Air on either side of what the dialog says.
const MARGIN: u16 = 3;
/// The cells before the names: `✖ 9 containers   `.
const KIND: u16 = 16;
/// More names than fit into so many lines are cut.
const MOST_LINES: usize = 6;

/// Draws the dialog.
pub fn draw(app: &App, layer: &DownDialog, areas: &Areas, theme: &Theme, buffer: &mut Buffer) {
    let Some(run) = app.runs.get(layer.run) else { return };
    let name = content::plan_title(app, layer.run);
    let title = Title { left: &[(&name, theme.strong), ("  what would go", theme.dim)], right: &[] };
    let room = areas.middle().width.min(WIDTH + 2).saturating_sub(2 + 2 * MARGIN + KIND);
    let shown = content(run, layer, room, theme);
    let typing = u16::from(run.request.options.remove_volumes) * 2;
    let foot_height = DownChoice::ALL.len() as u16 + 5 + typing;
    let size = (WIDTH, (shown.len() as u16).saturating_add(foot_height + 1));
    let inside = dialog(areas, size, &title, theme, buffer);
    let [body, foot] = split(padded(inside, MARGIN), foot_height);
    more_below(lines(&shown, 0, body, theme, buffer), inside, theme, buffer);
    draw_choices(
        layer,
        run,
        Rect { y: foot.y.saturating_add(1), height: foot.height.saturating_sub(1), ..foot },
        theme,
        buffer,
    );
    let [_, tail] = split(foot, 3 + typing);
    if run.request.options.remove_volumes {
        let mut pen = Pen::new(buffer, tail, 0, &theme.symbols);
        pen.text("type ", theme.text)
            .text(&run.request.project, theme.bad)
            .text(" to delete its volumes: ", theme.text);
        input(&layer.typed, &mut pen, theme);
    }
    let [_, tail] = split(tail, 3);
    same_as(app, layer.run, tail, theme, buffer);
    let [_, last] = split(tail, 1);
    write_keys(key_segments(app, keys(&Layer::Down(layer.clone())), theme), last, theme, buffer);
}

/// The things that go, by kind; `room` is that of the names in a line.
fn content(run: &Run, layer: &DownDialog, room: u16, theme: &Theme) -> Vec<Line<'static>> {
    let Some(plan) = &run.plan else { return vec![Line::styled("Looking at what is there …", theme.dim)] };
    let mut shown = Vec::new();
    if layer.has_changed {
        let text = "What is there has changed meanwhile: this is what would go now.";
        shown.extend([Line::styled(text, theme.busy), Line::default()]);
    }
    let steps = steps(plan);
    let table = [
        (StepKind::Remove, "container"),
        (StepKind::RemoveNetwork, "network"),
        (StepKind::RemoveVolume, "volume"),
        (StepKind::RemoveImage, "image"),
    ];
    for (kind, thing) in table {
        shown.extend(of_kind(&steps, kind, thing, room, theme));
    }
    if steps.is_empty() {
        shown.push(Line::styled("Nothing to do: nothing of it is there.", theme.text));
    }
    shown.extend(plan.notes.iter().filter_map(|note| of_note(note, theme)));
    shown
}

fn of_kind(steps: &[Step], kind: StepKind, thing: &str, room: u16, theme: &Theme) -> Vec<Line<'static>> {
    let names: Vec<&str> =
        steps.iter().filter(|step| step.kind == kind).map(|step| step.subject.as_str()).collect();
    if names.is_empty() {
        return Vec::new();
    }
    let (sign, style) = step_sign(kind, theme);
    let mut first = format!("{sign} {:<14}", words::counted(names.len(), thing));
    let mut rows = in_rows(&names, room);
    if rows.len() > MOST_LINES {
        let rest = rows.split_off(MOST_LINES - 1);
        rows.push(rest.join(" "));
    }
    let shown = rows.into_iter().map(|row| {
        let before = std::mem::replace(&mut first, " ".repeat(usize::from(KIND)));
        Line::from(vec![Span::styled(before, style), Span::styled(row, theme.text)])
    });
    shown.collect()
}

/// The names with commas between them, in as many lines as they need; a name is never divided.
fn in_rows(names: &[&str], room: u16) -> Vec<String> {
    let mut rows = vec![String::new()];
    for (place, name) in names.iter().enumerate() {
        let comma = if place + 1 < names.len() { "," } else { "" };
        let row = rows.last_mut().filter(|row| row.is_empty() || width(row) + width(name) + 2 <= room);
        match row {
            Some(row) if row.is_empty() => *row = format!("{name}{comma}"),
            Some(row) => row.extend([" ", name, comma]),
            None => rows.push(format!("{name}{comma}")),
        }
    }
    rows
}

fn of_note(note: &PlanNote, theme: &Theme) -> Option<Line<'static>> {
    match note {
        PlanNote::Orphan { container, .. } => {
            Some(Line::styled(format!("? orphan        {container} stays"), theme.orphan))
        }
        PlanNote::KeepsContainer { container } => {
            Some(Line::styled(format!("  container     {container} stays: its profile is off"), theme.busy))
        }
        PlanNote::KeepsVolume { volume } => {
            Some(Line::styled(format!("  volume        {volume} stays"), theme.dim))
        }
        PlanNote::VolumeDiffers { .. } | PlanNote::Warning(_) => {
            Some(Line::styled(note.to_string(), theme.busy))
        }
        PlanNote::PortTaken { .. } | PlanNote::NotPulled { .. } => None,
    }
}

fn draw_choices(layer: &DownDialog, run: &Run, area: Rect, theme: &Theme, buffer: &mut Buffer) {
    for (line, choice) in (0..).zip(DownChoice::ALL) {
        let is_on = choice.is_on(&run.request.options);
        let is_selected = layer.cursor == usize::from(line);
        let pen = &mut Pen::new(buffer, area, line, &theme.symbols);
        pen.field(if is_selected { theme.symbols.cursor } else { "" }, 2, theme.cursor_mark);
        pen.text("[", theme.dim)
            .field(if is_on { theme.symbols.done } else { "" }, 1, theme.bad)
            .text("] ", theme.dim);
        let mut bytes = [0; 4];
        pen.text(choice.key().encode_utf8(&mut bytes), theme.key).gap(1);
        pen.text(choice.words(), if is_on || is_selected { theme.text } else { theme.dim });
    }
}
