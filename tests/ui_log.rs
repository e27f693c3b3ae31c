//! The log widget: lines in, cells out.
#![allow(clippy::unwrap_used, reason = "a helper of tests fails the test")]

use std::fmt::Write;

use dockside::app::log::{LogSource, LogView, Logs, RuleKind, ViewSize};
use dockside::observed::{ContainerId, Level, LogBatch, LogLine};
use dockside::ui::log::{LogLabel, LogLines, LogStyle};
use dockside::ui::symbols::ASCII;
use dockside::ui::theme::Theme;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::widgets::Widget;

/// A service's log: its name, and its lines: second, level, text.
type Log<'a> = (&'a str, &'a [(i64, Level, &'a str)]);

fn at(second: i64) -> Timestamp {
    Timestamp::new(1_795_442_580 + second, 0).unwrap()
}

fn logs(each: &[Log<'_>]) -> (Logs, LogView) {
    let mut logs = Logs::default();
    let ids: Vec<ContainerId> = each.iter().map(|(name, _)| ContainerId::from(*name)).collect();
    let openings = logs.show(&ids).open;
    let mut sources = Vec::new();
    for ((name, lines), opening) in each.iter().zip(openings) {
        let (container, stream) = (opening.container, opening.stream);
        let source = LogSource::Replica { service: (*name).into(), number: 1 };
        logs.assign(&source, &container, at(0));
        let mut batch = LogBatch { container, stream, bytes: Vec::new(), lines: Vec::new() };
        for (second, level, text) in *lines {
            batch.bytes.extend_from_slice(text.as_bytes());
            let end = batch.bytes.len() as u32;
            batch.lines.push(LogLine { end, at: at(*second), level: *level, stderr: false });
        }
        logs.apply(&batch);
        sources.push(source);
    }
    (logs, LogView::new(sources))
}

fn draw(logs: &Logs, view: &LogView, theme: &Theme, width: u16, height: u16) -> Buffer {
    let labels: Vec<LogLabel<'_>> = view
        .sources
        .iter()
        .enumerate()
        .map(|(index, source)| LogLabel {
            name: source.label().into(),
            mark: theme.symbols.service(index),
            style: theme.service(index),
        })
        .collect();
    let zone = TimeZone::fixed(jiff::tz::offset(2));
    let style = LogStyle { theme, zone, colours: !theme.services.is_empty(), labels: &labels };
    let mut buffer = Buffer::empty(Rect::new(0, 0, width, height));
    let screen = view.screen(logs, ViewSize { width, height });
    LogLines { screen: &screen, style: &style }.render(buffer.area, &mut buffer);
    buffer
}

/// The cells as text; below each row that has styles, the styled runs.
fn describe(buffer: &Buffer) -> String {
    let mut text = String::new();
    for y in 0..buffer.area.height {
        let mut row = String::new();
        let mut runs: Vec<(Style, String)> = Vec::new();
        let mut hidden = 0;
        for x in 0..buffer.area.width {
            let cell = &buffer[(x, y)];
            if hidden > 0 {
                hidden -= 1;
                continue;
            }
            hidden = ratatui::buffer::CellWidth::cell_width(cell.symbol()).saturating_sub(1);
            row.push_str(cell.symbol());
            match runs.last_mut().filter(|(style, _)| *style == cell.style()) {
                Some((_, run)) => run.push_str(cell.symbol()),
                None => runs.push((cell.style(), cell.symbol().to_owned())),
            }
        }
        writeln!(text, "{}|", row.trim_end()).unwrap();
        let plain = Buffer::empty(Rect::new(0, 0, 1, 1))[(0, 0)].style();
        for (style, run) in runs.iter().filter(|(style, run)| *style != plain && !run.trim().is_empty()) {
            writeln!(
                text,
                "    {:?}: {:?} {:?}",
                run.trim_end(),
                style.fg.unwrap_or_default(),
                style.add_modifier
            )
            .unwrap();
        }
    }
    text
}

#[test]
fn one_log_with_levels_colours_and_rules() {
    let (mut logs, mut view) = logs(&[(
        "api",
        &[
            (0, Level::Info, "INF order placed id=8800 total=\"42 EUR\" rest"),
            (2, Level::Error, "ERR upstream timeout host=search"),
            (3, Level::Unknown, "\u{1b}[1;31mred\u{1b}[0m 漢字 e\u{301}\u{1b}[38;5;208m orange\u{1b}[m"),
            (4, Level::Warn, "level=warn msg=\"a line that is too long for this width by far\""),
        ],
    )]);
    logs.rule(&ContainerId::from("api"), at(3), RuleKind::Restarted);
    logs.rule(&ContainerId::from("api"), at(5), RuleKind::Exited(137));
    view.search("upstream").unwrap();
    insta::assert_snapshot!(describe(&draw(&logs, &view, &Theme::terminal(), 50, 8)));
}

#[test]
fn merged_logs_are_named_and_marked() {
    let (mut logs, mut view) = logs(&[
        ("api", &[(0, Level::Unknown, "one"), (2, Level::Unknown, "three, which is longer than the row")]),
        ("database-of-orders", &[(1, Level::Unknown, "two")]),
    ]);
    logs.rule(&ContainerId::from("api"), at(9), RuleKind::OutOfMemory);
    view.toggle_wrap();
    insta::assert_snapshot!(describe(&draw(&logs, &view, &Theme::terminal(), 50, 6)));
}

#[test]
fn without_colour_and_beyond_ascii() {
    let (logs, view) = logs(&[(
        "api",
        &[
            (0, Level::Error, "\u{1b}[31mERR\u{1b}[0m no colour of the container either"),
            (1, Level::Unknown, "it is cut"),
        ],
    )]);
    insta::assert_snapshot!(describe(&draw(&logs, &view, &Theme::plain().symbols(ASCII), 32, 3)));
}

#[test]
fn any_size_and_any_text() {
    let marks = "a".to_owned() + &"\u{301}".repeat(200);
    let (logs, mut view) = logs(&[
        (
            "api",
            &[
                (0, Level::Unknown, "漢字漢字漢字"),
                (1, Level::Unknown, &marks),
                (2, Level::Unknown, "\u{200d}\u{301}x"),
            ],
        ),
        ("db", &[(0, Level::Fatal, "👩‍👩‍👧‍👦 family, השלום, \u{1b}[7mreverse")]),
    ]);
    for wrap in [false, true] {
        view.wrap = wrap;
        for width in 0..40 {
            for height in [0, 1, 3, 9] {
                for sideways in [0, 1, 5, 300] {
                    view.sideways = if wrap { 0 } else { sideways };
                    let buffer = draw(&logs, &view, &Theme::terminal(), width, height);
                    assert!(buffer.content.iter().all(|cell| cell.symbol().len() <= 32));
                }
            }
        }
    }
}

#[test]
fn sideways_leaves_out_the_left() {
    let (logs, mut view) = logs(&[("api", &[(0, Level::Unknown, "0123456789漢字漢字abcdefghij")])]);
    view.times = false;
    let rows = |view: &LogView| {
        let buffer = draw(&logs, view, &Theme::terminal(), 13, 1);
        describe(&buffer).lines().next().unwrap_or_default().to_owned()
    };
    assert_eq!(rows(&view), "0123456789 …|");
    view.move_sideways(3);
    assert_eq!(rows(&view), "3456789漢字…|");
    view.move_sideways(8);
    assert_eq!(rows(&view), " 字漢字abcd…|");
    view.move_sideways(-100);
    assert_eq!(rows(&view), "0123456789 …|");
}
