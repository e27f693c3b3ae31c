//! The first line: the project, its files and profiles, counts by state, the engine; and the other projects that run.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::super::pen::Pen;
use super::super::segment::{Segment, fit, total, write};
use super::super::theme::Theme;
use super::state_style;
use crate::app::rows::{self, Counts, Header, StateKind};
use crate::app::{App, words};

/// Draws the line.
pub fn draw(app: &App, area: Rect, theme: &Theme, buffer: &mut Buffer) {
    let header = rows::header(app);
    let area = area.intersection(buffer.area);
    buffer.set_style(area, theme.bar);
    let mut segments = vec![project(&header, theme)];
    segments.extend(files(&header, theme));
    segments.extend(others(&header, theme));
    let middle = segments.len();
    segments.extend(right(&header, theme));
    let mut left = segments;
    let mut right = left.split_off(middle);
    fit_both(&mut left, &mut right, area.width);
    let mut pen = Pen::new(buffer, area, 0, &theme.symbols);
    write(&left, &mut pen);
    let free = pen.room().saturating_sub(total(&right) + 1);
    write(&right, pen.gap(free));
}

/// Both halves give up their lightest parts in one order.
fn fit_both(left: &mut Vec<Segment<'_>>, right: &mut Vec<Segment<'_>>, room: u16) {
    for rank in (0..=u8::MAX).rev() {
        if total(left) + total(right) < room {
            return;
        }
        let heavier = |segments: &mut Vec<Segment<'_>>| segments.retain(|segment| segment.rank < rank.max(1));
        heavier(left);
        heavier(right);
    }
    fit(right, room.saturating_sub(total(left)));
}

fn project(header: &Header, theme: &Theme) -> Segment<'static> {
    let name = if header.project.is_empty() { "dockside" } else { &header.project };
    Segment::new(0, 0).and(format!(" {name} "), theme.badge)
}

fn files<'a>(header: &'a Header, theme: &Theme) -> Vec<Segment<'a>> {
    let mut segments = Vec::new();
    let (first, more) = header.files.split_once(" + ").unwrap_or((&header.files, ""));
    if !first.is_empty() {
        segments.push(Segment::new(50, 2).and(first, theme.text));
    }
    if !more.is_empty() {
        segments.push(Segment::new(60, 0).and(" + ", theme.dim).and(more, theme.dim));
    }
    if header.errors > 0 {
        let sign = StateKind::Failed.sign(theme.symbols.states);
        let text = format!("{sign} {}", words::counted(header.errors, "error"));
        segments.push(Segment::new(5, 2).and(text, theme.bad));
    }
    if !header.profiles.is_empty() {
        let label = if header.profiles.len() == 1 { "profile " } else { "profiles " };
        segments.push(Segment::new(55, 3).and(label, theme.dim).and(header.profiles.join(" "), theme.name));
    }
    segments
}

fn others<'a>(header: &'a Header, theme: &Theme) -> Vec<Segment<'a>> {
    let mut segments = Vec::new();
    for (rank, project) in (80..=120).zip(&header.others) {
        let segment = Segment::new(rank, 3).and(project.name.as_str(), theme.dim);
        segments.push(with_counts(segment, &project.counts, theme));
    }
    segments
}

fn with_counts<'a>(segment: Segment<'a>, counts: &Counts, theme: &Theme) -> Segment<'a> {
    counts.parts().into_iter().fold(segment, |segment, (kind, count)| {
        let text = format!(" {} {count}", kind.sign(theme.symbols.states));
        segment.and(text, state_style(kind, theme))
    })
}

fn right<'a>(header: &'a Header, theme: &Theme) -> Vec<Segment<'a>> {
    let mut segments = counts(&header.counts, theme);
    if let Some(cpu) = header.cpu {
        let figure = words::percent(cpu);
        segments.push(Segment::new(30, 4).and("cpu ", theme.dim).and(figure, theme.text));
    }
    if let Some(memory) = header.memory {
        let figure = words::long_bytes(memory);
        segments.push(Segment::new(31, 2).and("mem ", theme.dim).and(figure, theme.text));
    }
    let (rank, style) = if header.is_connected { (40, theme.dim) } else { (3, theme.bad) };
    segments.push(Segment::new(rank, 4).and(header.engine.as_str(), style));
    segments
}

/// `● 4  ◐ 1  ‖ 1  ✖ 1  of 9 services`: also the whole screen where there is room for one line only.
pub fn counts(counts: &Counts, theme: &Theme) -> Vec<Segment<'static>> {
    let mut segments: Vec<Segment<'static>> = Vec::new();
    for (rank, (kind, count)) in counts.parts().into_iter().rev().enumerate() {
        let text = format!("{} {count}", kind.sign(theme.symbols.states));
        segments.push(Segment::new(rank as u8 + 1, 2).and(text, state_style(kind, theme)));
    }
    segments.reverse();
    if counts.of > 0 {
        segments.push(Segment::new(20, 2).and(format!("of {}", counts.of), theme.dim));
        let word = if counts.of == 1 { " service" } else { " services" };
        segments.push(Segment::new(45, 0).and(word, theme.dim));
    }
    segments
}
