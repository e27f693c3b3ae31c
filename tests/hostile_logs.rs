//! What containers print that means harm, by kind: read as the engine sends it, stored, and drawn. Nothing but text and colours
//! comes through, nothing is lost that can be read, and it costs no more than its size.
//!
//! `cargo test --test hostile_logs -- --nocapture` prints how many inputs of each kind there are, and what they cost.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test prints, and fails on the spot")]

#[path = "hostile/logs.rs"]
mod inputs;

use std::collections::BTreeMap;

use bytes::Bytes;
use dockside::app::log::{Content, LogSource, LogView, Logs, ViewSize};
use dockside::engine::logs::{LANE_BUDGET, LogNews, lane, relay};
use dockside::observed::{ContainerId, LogRequest};
use dockside::ui::log::{LogLabel, LogLines, LogStyle};
use dockside::ui::theme::Theme;
use inputs::{Input, Sent};
use jiff::tz::TimeZone;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::widgets::Widget;

/// What a log may cost beyond what was printed: the room in which a chunk grows, in bytes.
const ROOM: usize = 64 * 1024;
/// What a line costs beside its text, in bytes.
const INDEX: usize = 6;
/// Inputs up to this size, in bytes, are read in chunks of every size.
const SMALL: usize = 2_000;
/// Inputs beyond this size are read in few ways.
const LARGE: usize = 1 << 20;

#[test]
fn nothing_hostile_comes_through() {
    let mut faults: Vec<String> = Vec::new();
    let mut kinds: BTreeMap<&str, (usize, usize, usize)> = BTreeMap::new();
    for input in inputs::all() {
        let sent = input.sent();
        let whole = sent.len();
        let sizes = match (whole <= SMALL, whole <= LARGE) {
            (true, _) => (1..=64).chain([whole]).collect(),
            (false, true) => vec![1009, 64 * 1024, whole],
            (false, false) => vec![5003, whole],
        };
        let mut first = None;
        for size in sizes {
            let logs = read(&sent, size);
            let lines = lines(&logs);
            let unsafe_line = lines.iter().find(|line| !is_safe(line));
            faults.extend(unsafe_line.map(|line| format!("{}: not safe: {line:.200?}", input.name)));
            let first = first.get_or_insert_with(|| input.expected.clone().unwrap_or_else(|| lines.clone()));
            if *first != lines {
                faults.push(format!("{} in chunks of {size}: {lines:.200?}", input.name));
                break;
            }
            draw(&logs, input.name);
        }
        let (cost, limit) = cost(&sent, &input);
        if cost > limit {
            faults.push(format!("{}: {cost} bytes are held, {limit} may be", input.name));
        }
        let (count, printed, stored) = kinds.entry(input.kind).or_default();
        (*count, *printed, *stored) = (*count + 1, *printed + input.printed(), *stored + cost);
    }
    let all: usize = kinds.values().map(|(count, ..)| count).sum();
    println!("{all} hostile inputs:");
    for (kind, (count, printed, stored)) in &kinds {
        println!("  {count:3}  {kind}: {printed} bytes printed, {stored} held");
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(kinds.len() >= 15, "of {} kinds only", kinds.len());
}

/// What is held of an input once it rests, and what may be: no more than what was printed.
fn cost(sent: &[u8], input: &Input) -> (usize, usize) {
    let mut logs = read(sent, 64 * 1024);
    logs.settle();
    logs.settle();
    let store = logs.store(&id()).unwrap();
    let limit = input.printed() + store.len() * INDEX + ROOM;
    (logs.size(), limit)
}

/// A program that returns to the line's beginning for ever costs nothing but the time of looking at it.
#[test]
fn returns_without_end_cost_nothing() {
    let many = if cfg!(debug_assertions) { 4 << 20 } else { 1 << 30 };
    let begin = std::time::Instant::now();
    let mut logs = open();
    let returns = Bytes::from(vec![b'\r'; 16 * 1024]);
    let header = Bytes::from(inputs::header(1, inputs::STAMP.len() + many));
    let chunks = [header, Bytes::from_static(inputs::STAMP.as_bytes())].into_iter();
    feed(&mut logs, chunks.chain(std::iter::repeat_n(returns, many / (16 * 1024))));
    let took = begin.elapsed();
    println!("{many} returns: {took:.2?}, {} bytes held", logs.size());
    assert!(logs.size() < 1000, "{}", logs.size());
    assert_eq!(lines(&logs), [""]);
}

fn id() -> ContainerId {
    ContainerId::from("hostile")
}

fn open() -> Logs {
    let mut logs = Logs::default();
    logs.show(&[id()]);
    logs
}

fn read(sent: &[u8], size: usize) -> Logs {
    let mut logs = open();
    feed(&mut logs, sent.chunks(size).map(Bytes::copy_from_slice));
    logs
}

/// Reads what an engine sends, to the end.
fn feed(logs: &mut Logs, chunks: impl Iterator<Item = Bytes>) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let stream = match logs.store(&id()).unwrap().reading() {
        dockside::app::log::Reading::Live(stream) => *stream,
        other => unreachable!("{other:?}"),
    };
    let request = LogRequest { container: id(), stream, tail: None, since: None, until: None, follow: false };
    runtime.block_on(async {
        let (sink, mut lane) = lane(LANE_BUDGET);
        let chunks = futures::stream::iter(chunks.map(Ok));
        let reading = async {
            relay(chunks, &request, &sink).await;
            drop(sink);
        };
        let storing = async {
            while let Some(news) = lane.next().await {
                match news {
                    LogNews::Lines(batch) => logs.apply(&batch),
                    LogNews::Ended { container, stream, end } => logs.ended(&container, stream, end),
                }
            }
        };
        tokio::join!(reading, storing);
    });
}

fn view() -> LogView {
    LogView::new(vec![LogSource::Container { id: id(), name: "hostile".into() }])
}

/// All lines that are held.
fn lines(logs: &Logs) -> Vec<String> {
    let view = view();
    let mut cursor = logs.cursor(&view);
    let mut lines = Vec::new();
    while let Some(item) = cursor.forward() {
        if let Content::Line(line) = item.content {
            lines.push(String::from_utf8(line.bytes.to_vec()).unwrap());
        }
    }
    lines
}

/// Whether only text and SGR sequences are left.
fn is_safe(text: &str) -> bool {
    let mut rest = text;
    while let Some(index) = rest.find(|letter: char| letter.is_control()) {
        let Some(sequence) = rest[index..].strip_prefix("\u{1b}[") else { return false };
        let Some(end) = sequence.find(|c: char| !c.is_ascii_digit() && c != ';' && c != ':') else {
            return false;
        };
        if !sequence[end..].starts_with('m') {
            return false;
        }
        rest = &sequence[end + 1..];
    }
    !text.contains(|letter: char| matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'))
}

/// Draws the beginning and the end, wrapped and not, on small screens; no cell holds anything that a terminal acts upon.
fn draw(logs: &Logs, name: &str) {
    let theme = Theme::terminal();
    let labels = [LogLabel { name: "hostile".into(), mark: "▪", style: Style::new() }];
    let style = LogStyle { theme: &theme, zone: TimeZone::UTC, colours: true, labels: &labels };
    for (width, height, wrap, home) in
        [(80, 24, true, false), (80, 24, false, true), (13, 4, true, true), (1, 1, true, false)]
    {
        let mut view = view();
        view.wrap = wrap;
        if home {
            view.home(logs);
        }
        let mut buffer = Buffer::empty(Rect::new(0, 0, width, height));
        let screen = view.screen(logs, ViewSize { width, height });
        LogLines { screen: &screen, style: &style }.render(buffer.area, &mut buffer);
        let strange = buffer.content().iter().find(|cell| cell.symbol().contains(|c: char| c.is_control()));
        assert!(strange.is_none(), "{name}: {strange:?}");
    }
}

/// How an input is sent.
impl Input {
    /// As the engine sends it: in frames, or raw from a terminal.
    fn sent(&self) -> Vec<u8> {
        match &self.sent {
            Sent::Lines(text) => {
                text.split_inclusive(|byte| *byte == b'\n').flat_map(inputs::messages).collect()
            }
            Sent::Terminal(text) => {
                let lines = text.split_inclusive(|byte| *byte == b'\n');
                lines.flat_map(|line| [inputs::STAMP.as_bytes(), line].concat()).collect()
            }
            Sent::Raw(bytes) => bytes.clone(),
        }
    }

    /// How many bytes the container printed.
    fn printed(&self) -> usize {
        match &self.sent {
            Sent::Lines(text) | Sent::Terminal(text) | Sent::Raw(text) => text.len(),
        }
    }
}
