//! How fast logs are: the reader from the engine's bytes to the store, a search, and a frame. Plain timing:
//! `cargo bench --bench logs`. With `DOCKSIDE_TEST_ENGINE=1` and `DOCKER_HOST` also a million lines on that engine; with
//! `-- million` only those.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a bench prints, and fails on the spot")]

mod million;
mod process;
#[path = "../tests/support/mod.rs"]
mod support;
#[path = "../tests/support/terminal.rs"]
mod terminal;

use std::env;
use std::hint::black_box;
use std::time::{Duration, Instant};

use bytes::Bytes;
use dockside::app::log::{Budget, Direction, LogSource, LogView, Logs, Quest, ViewSize};
use dockside::engine::logs::{LANE_BUDGET, LogNews, lane, relay};
use dockside::observed::{ContainerId, LogRequest};
use dockside::ui::log::{LogLabel, LogLines, LogStyle};
use dockside::ui::theme::Theme;
use jiff::tz::TimeZone;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::widgets::Widget;

const LINES: usize = 1_000_000;
const CHUNK: usize = 64 * 1024;

fn main() {
    if million::is_alone() {
        return;
    }
    if !env::args().any(|word| word == "million") {
        in_memory();
    }
    if env::var_os("DOCKSIDE_TEST_ENGINE").is_some() {
        million::measure();
    }
}

fn in_memory() {
    for (name, text) in [
        ("plain lines", &plain as &dyn Fn(usize) -> String),
        ("coloured lines", &coloured),
        ("not ASCII", &cyrillic),
        ("progress bars", &progress),
    ] {
        let bytes = stream(text);
        let (logs, took) = read(&bytes, 1 << 30);
        report(name, bytes.len(), took);
        search(&logs);
    }
    let bytes = stream(&plain);
    let (logs, took) = read(&bytes, 32 << 20);
    report("plain lines, within 32 MiB", bytes.len(), took);
    println!("  held: {} lines, {} MiB", logs.store(&id()).unwrap().len(), logs.size() >> 20);
    frames("plain", &logs, false);
    let (logs, _) = read(&stream(&coloured), 32 << 20);
    frames("coloured", &logs, true);
}

fn id() -> ContainerId {
    ContainerId::from("bench")
}

fn plain(number: usize) -> String {
    format!("INF order placed id={number} total=42.50 currency=EUR customer=8123 path=/orders/{number} ms=15")
}

fn coloured(number: usize) -> String {
    format!(
        "\u{1b}[32mINF\u{1b}[0m order placed \u{1b}[2mid=\u{1b}[0m{number} \u{1b}[38;5;208mtotal\u{1b}[0m=42.50 currency=EUR"
    )
}

fn cyrillic(number: usize) -> String {
    format!("ИНФО заказ принят номер={number} сумма=42,50 валюта=EUR путь=/заказы/{number}")
}

fn progress(number: usize) -> String {
    format!("loading {number}: 10%\rloading {number}: 50%\rloading {number}: 100%\tdone\r")
}

/// What an engine sends for so many lines of a container without a terminal, in chunks as a socket gives them.
fn stream(text: &dyn Fn(usize) -> String) -> Vec<Bytes> {
    let mut all: Vec<u8> = Vec::new();
    for number in 0..LINES {
        let second = number / 1000;
        let stamp = format!(
            "2026-11-23T{:02}:{:02}:{:02}.{:09}Z",
            10 + second / 3600,
            second / 60 % 60,
            second % 60,
            number
        );
        let line = format!("{stamp} {}\n", text(number));
        all.extend_from_slice(&[1, 0, 0, 0]);
        all.extend_from_slice(&(line.len() as u32).to_be_bytes());
        all.extend_from_slice(line.as_bytes());
    }
    all.chunks(CHUNK).map(Bytes::copy_from_slice).collect()
}

/// Reads a stream into a store; gives the logs and the time it took, on one thread.
fn read(chunks: &[Bytes], budget: usize) -> (Logs, Duration) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let mut logs = Logs::new(Budget { all: budget, each: budget });
    let opening = logs.show(&[id()]).open.remove(0);
    let request = LogRequest {
        container: id(),
        stream: opening.stream,
        tail: None,
        since: None,
        until: None,
        follow: false,
    };
    let begin = Instant::now();
    runtime.block_on(async {
        let (sink, mut lane) = lane(LANE_BUDGET);
        let chunks = futures::stream::iter(chunks.iter().cloned().map(Ok));
        let reading = async {
            relay(chunks, &request, &sink).await;
            drop(sink);
        };
        let storing = async {
            while let Some(news) = lane.next().await {
                match news {
                    LogNews::Lines(batch) => logs.apply(&batch),
                    LogNews::Ended { .. } => break,
                }
            }
        };
        tokio::join!(reading, storing);
    });
    (logs, begin.elapsed())
}

fn report(name: &str, chunks: usize, took: Duration) {
    let rate = LINES as f64 / took.as_secs_f64();
    println!(
        "{name}: {LINES} lines ({} MB) in {took:.2?}, {:.1} million lines/s",
        chunks * CHUNK / 1_000_000,
        rate / 1e6
    );
}

fn view() -> LogView {
    LogView::new(vec![LogSource::Container { id: id(), name: "bench".into() }])
}

fn search(logs: &Logs) {
    for pattern in ["nowhere to be found", "No(where|body) [a-z]+ found$"] {
        let mut view = view();
        view.search(pattern).unwrap();
        let job =
            view.find(logs, ViewSize { width: 80, height: 24 }, (Quest::Match, Direction::Older), 1).unwrap();
        let begin = Instant::now();
        assert_eq!(job.run().position, None);
        println!("  search of all for {pattern:?}: {:.2?}", begin.elapsed());
    }
}

/// The time a frame of log tiles takes, all cells of 160×45 written.
fn frames(name: &str, logs: &Logs, wrap: bool) {
    const ROUNDS: u32 = 500;
    let theme = Theme::terminal();
    let labels = [LogLabel { name: "bench".into(), mark: "▪", style: Style::new() }];
    let style = LogStyle { theme: &theme, zone: TimeZone::UTC, colours: true, labels: &labels };
    for (tiles, width, height) in [(1, 160, 45), (4, 80, 22), (16, 40, 11)] {
        let mut view = view();
        view.wrap = wrap;
        view.search("order").unwrap();
        let mut buffer = Buffer::empty(Rect::new(0, 0, 160, 45));
        let begin = Instant::now();
        for _ in 0..ROUNDS {
            for tile in 0..tiles {
                let area = Rect::new(tile % 4 * width % 160, tile / 4 * height, width, height);
                let screen = view.screen(logs, ViewSize { width, height });
                LogLines { screen: &screen, style: &style }.render(area, &mut buffer);
            }
        }
        println!("  frame, {name}, {tiles} tiles, wrap {wrap}: {:.0?}", begin.elapsed() / ROUNDS);
        black_box(&buffer);
    }
}
