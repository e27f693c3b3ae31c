//! Logs of real containers: what an engine sends, read to the lines of a view.
#![allow(clippy::unwrap_used, reason = "a helper of tests fails the test")]

mod support;

use std::fmt::Write;

use dockside::app::log::{LogSource, LogView, Logs, OlderPage, Opening, RowContent, ViewSize};
use dockside::engine::logs::{LANE_BUDGET, LogNews, lane, read};
use dockside::engine::{Endpoint, Engine};
use dockside::observed::{ContainerId, LogEnd, LogRequest};
use serde_json::json;

/// A container of the tests that has run a script to its end. Dropping it removes it.
struct Ran {
    engine: &'static support::Engine,
    id: ContainerId,
}

impl Ran {
    fn new(engine: &'static support::Engine, script: &str, tty: bool) -> Self {
        let body = json!({ "Image": support::BUSYBOX, "Cmd": ["/bin/sh", "-c", script], "Tty": tty });
        let id = engine.post("/containers/create", &body)["Id"].as_str().unwrap().into();
        let ran = Self { engine, id };
        ran.start();
        ran
    }

    /// Starts it and waits for its end.
    fn start(&self) {
        self.engine.post(&format!("/containers/{}/start", self.id), &serde_json::Value::Null);
        self.engine.post(&format!("/containers/{}/wait", self.id), &serde_json::Value::Null);
    }
}

impl Drop for Ran {
    fn drop(&mut self) {
        self.engine.request("DELETE", &format!("/containers/{}?force=true", self.id), b"");
    }
}

/// Reads what an opening asks for into the logs, to the end.
fn fetch(ran: &Ran, logs: &mut Logs, opening: Opening) {
    let Opening { container, stream, tail, since } = opening;
    fetch_request(ran, logs, LogRequest { container, stream, tail, since, until: None, follow: true });
}

fn fetch_request(ran: &Ran, logs: &mut Logs, request: LogRequest) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let endpoint = Endpoint::parse(ran.engine.host(), "the test").unwrap();
        let engine = Engine::connect(&endpoint).await.unwrap();
        let (sink, mut lane) = lane(LANE_BUDGET);
        let storing = async {
            while let Some(news) = lane.next().await {
                match news {
                    LogNews::Lines(batch) => logs.apply(&batch),
                    LogNews::Ended { container, stream, end } => {
                        assert_eq!(end, LogEnd::Complete);
                        logs.ended(&container, stream, end);
                    }
                }
            }
        };
        tokio::join!(read(engine, request, sink), storing);
    });
}

fn text(logs: &Logs, id: &ContainerId) -> String {
    let view = LogView::new(vec![LogSource::Container { id: id.clone(), name: "c".into() }]);
    let mut text = String::new();
    for row in view.screen(logs, ViewSize { width: 80, height: 1000 }).rows {
        match row.content {
            RowContent::Rule(kind) => writeln!(text, "-- {kind:?}").unwrap(),
            RowContent::Text { line, stderr, .. } => {
                writeln!(text, "{}{}", if stderr { "! " } else { "" }, str::from_utf8(&line).unwrap())
                    .unwrap();
            }
        }
    }
    text
}

#[test]
fn a_containers_output_becomes_safe_lines() {
    let Some(engine) = support::engine() else { return };
    // A line of 40,000 bytes goes through the engine in three messages.
    let script = r"printf 'one\n\033[31mred\033[0m\033[2J\n'; printf '%040000d\n' 7; printf 'no end'";
    let expected = format!("one\n\u{1b}[31mred\u{1b}[0m\n{}7\nno end\n", "0".repeat(39_999));
    for tty in [false, true] {
        let ran = Ran::new(engine, script, tty);
        let mut logs = Logs::default();
        let opening = logs.show(std::slice::from_ref(&ran.id)).open.remove(0);
        fetch(&ran, &mut logs, opening);
        assert_eq!(text(&logs, &ran.id), expected, "with a terminal: {tty}");
    }
    let ran = Ran::new(engine, "echo out; echo err >&2", false);
    let mut logs = Logs::default();
    let opening = logs.show(std::slice::from_ref(&ran.id)).open.remove(0);
    fetch(&ran, &mut logs, opening);
    let mut lines: Vec<String> = text(&logs, &ran.id).lines().map(str::to_owned).collect();
    lines.sort();
    assert_eq!(lines, ["! err", "out"]);
}

#[test]
fn a_log_goes_on_after_a_restart_without_doubling() {
    let Some(engine) = support::engine() else { return };
    let ran = Ran::new(engine, "for i in 1 2 3; do echo line $i; done", false);
    let mut logs = Logs::default();
    let opening = logs.show(std::slice::from_ref(&ran.id)).open.remove(0);
    fetch(&ran, &mut logs, opening);
    ran.start();
    logs.disconnected();
    let opening = logs.show(std::slice::from_ref(&ran.id)).open.remove(0);
    assert!(opening.since.is_some());
    fetch(&ran, &mut logs, opening);
    assert_eq!(text(&logs, &ran.id), "line 1\nline 2\nline 3\nline 1\nline 2\nline 3\n");
}

#[test]
fn only_the_end_of_a_long_log_is_read() {
    let Some(engine) = support::engine() else { return };
    let ran = Ran::new(engine, "seq 1 5000", false);
    let mut logs = Logs::default();
    let opening = logs.show(std::slice::from_ref(&ran.id)).open.remove(0);
    let tail = opening.tail.unwrap() as usize;
    fetch(&ran, &mut logs, opening);
    let store = logs.store(&ran.id).unwrap();
    assert_eq!(store.len(), tail);
    assert_eq!(store.last_line().unwrap().bytes, b"5000");
}

#[test]
fn older_lines_come_page_by_page_to_the_logs_beginning() {
    let Some(engine) = support::engine() else { return };
    let ran = Ran::new(engine, "seq 1 12000", false);
    let mut logs = Logs::default().with_tail(100);
    let opening = logs.show(std::slice::from_ref(&ran.id)).open.remove(0);
    fetch(&ran, &mut logs, opening);
    let size = ViewSize { width: 80, height: 10 };
    let mut view = LogView::new(vec![LogSource::Container { id: ran.id.clone(), name: "c".into() }]);
    let mut pages = 0;
    loop {
        view.home(&logs);
        let Some(page) = logs.older(&view, size).pop() else { break };
        pages += 1;
        let (tail, until) = (Some(page.tail), Some(page.until));
        let OlderPage { container, stream, .. } = page;
        let request = LogRequest { container, stream, tail, since: None, until, follow: false };
        fetch_request(&ran, &mut logs, request);
    }
    let store = logs.store(&ran.id).unwrap();
    let lines = store.chunks().iter().flat_map(|chunk| (0..chunk.len()).filter_map(|line| chunk.line(line)));
    let numbers = lines.map(|line| str::from_utf8(line.bytes).unwrap().parse::<u32>().unwrap());
    assert!(numbers.eq(1..=12_000), "{} lines", store.len());
    assert!((2..=5).contains(&pages), "pages grow: {pages}");
}

#[test]
fn a_container_that_is_gone_is_told() {
    let Some(engine) = support::engine() else { return };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let engine = Engine::connect(&Endpoint::parse(engine.host(), "the test").unwrap()).await.unwrap();
        let (sink, mut lane) = lane(LANE_BUDGET);
        let request = LogRequest {
            container: "gone".into(),
            stream: 1,
            tail: None,
            since: None,
            until: None,
            follow: true,
        };
        read(engine, request, sink).await;
        let Some(LogNews::Ended { end: LogEnd::Failed(why), .. }) = lane.next().await else {
            panic!("it is told")
        };
        assert!(why.contains("No such container"), "{why}");
    });
}
