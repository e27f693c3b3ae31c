//! What is sent to an engine and what a person is told of one that does not answer as it should, on an engine of a few
//! lines that answers what the test says.
#![allow(clippy::unwrap_used, reason = "a helper of tests fails the test")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use dockside::engine::{Endpoint, Engine, cancellation, execute};
use dockside::observed::ContainerId;
use dockside::plan::{Cause, ContainerRef, Op, OpKind, OpState, Plan};
use tokio::sync::mpsc;

const VERSION: &str = r#"{"Version":"99.1","ApiVersion":"1.60","MinAPIVersion":"1.44"}"#;

/// An engine that answers each request with what `answer` makes of its line, and remembers the lines.
struct Fake {
    address: String,
    lines: Arc<Mutex<Vec<String>>>,
    connections: Arc<Mutex<usize>>,
}

fn fake(answer: impl Fn(&str) -> String + Send + Sync + 'static) -> Fake {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("tcp://{}", listener.local_addr().unwrap());
    let fake = Fake { address, lines: Arc::default(), connections: Arc::default() };
    let (lines, connections) = (Arc::clone(&fake.lines), Arc::clone(&fake.connections));
    let answer = Arc::new(answer);
    thread::spawn(move || {
        for connection in listener.incoming() {
            *connections.lock().unwrap() += 1;
            let (lines, answer) = (Arc::clone(&lines), Arc::clone(&answer));
            thread::spawn(move || serve(&connection.unwrap(), &lines, &*answer));
        }
    });
    fake
}

/// Answers request after request until the client goes.
fn serve(connection: &TcpStream, lines: &Mutex<Vec<String>>, answer: &dyn Fn(&str) -> String) {
    let mut reader = BufReader::new(connection);
    let mut writer = connection;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 {
            return;
        }
        let mut length = 0;
        loop {
            let mut header = String::new();
            reader.read_line(&mut header).unwrap();
            if header.trim().is_empty() {
                break;
            }
            if let Some(value) = header.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
        }
        reader.read_exact(&mut vec![0; length]).unwrap();
        let line = line.trim().trim_end_matches(" HTTP/1.1").to_owned();
        let reply = answer(&line);
        lines.lock().unwrap().push(line);
        if writer.write_all(reply.as_bytes()).is_err() {
            return;
        }
    }
}

fn reply(status: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n\r\n{body}", body.len())
}

async fn connect(address: &str) -> Result<Engine, String> {
    let endpoint = Endpoint::parse(address, "test").unwrap();
    Engine::connect(&endpoint).await.map_err(|error| error.to_string().replace(address, "ENGINE"))
}

#[tokio::test]
async fn every_path_has_the_version_and_connections_are_reused() {
    let fake = fake(|line| match line {
        "GET /version" => reply("200 OK", VERSION),
        "GET /v1.51/containers/json?all=1" => reply("200 OK", "[]"),
        _ => reply("304 Not Modified", ""),
    });
    let engine = connect(&fake.address).await.unwrap();
    assert_eq!((engine.info().api, engine.info().local), ((1, 51), true));
    assert_eq!(engine.containers().await.unwrap(), []);
    let container = ContainerRef::Id(ContainerId::from("abc"));
    let kind = OpKind::StartContainer { container, is_alone: false };
    let op = Op { kind, cause: Cause::Asked, service: None, subject: "web-1".to_owned(), after: Vec::new() };
    let plan = Plan { ops: vec![op], ..Plan::default() };
    let (sender, _reports) = mpsc::unbounded_channel();
    let states = execute(&engine, &plan, &sender, &cancellation().1).await;
    assert_eq!(states, [OpState::Done]);
    let lines = fake.lines.lock().unwrap().clone();
    assert_eq!(
        lines,
        ["GET /version", "GET /v1.51/containers/json?all=1", "POST /v1.51/containers/abc/start"]
    );
    assert_eq!(*fake.connections.lock().unwrap(), 1);
}

#[tokio::test]
async fn what_is_no_engine_is_told_apart() {
    for (answer, expected) in [
        (
            reply("200 OK", r#"{"ApiVersion":"1.40"}"#),
            "the engine at ENGINE speaks API 1.0 to 1.40, and Dockside 1.41 (Docker 20.10, podman 4) to 1.51 (Docker 28): \
             they have none in common",
        ),
        (
            reply("200 OK", r#"{"ApiVersion":"1.70","MinAPIVersion":"1.55"}"#),
            "the engine at ENGINE speaks API 1.55 to 1.70, and Dockside 1.41 (Docker 20.10, podman 4) to 1.51 (Docker 28): \
             they have none in common",
        ),
        (
            reply("200 OK", "<html>"),
            "ask the engine for its version: ENGINE gave an answer that is not the Engine API's: expected value at line 1 \
             column 1",
        ),
        (
            reply("200 OK", "{}"),
            "ask the engine for its version: ENGINE gave an answer that is not the Engine API's: it names no ApiVersion",
        ),
        (reply("403 Forbidden", r#"{"message":"not you"}"#), "ask the engine for its version: not you"),
        (
            reply("502 Bad Gateway", ""),
            "ask the engine for its version: the engine answered 502 Bad Gateway and no reason",
        ),
        (
            "SSH-2.0-OpenSSH_9.2\r\n\r\n".to_owned(),
            "ask the engine for its version: the connection to ENGINE broke: invalid HTTP version parsed",
        ),
    ] {
        let fake = fake(move |_| answer.clone());
        assert_eq!(connect(&fake.address).await.unwrap_err(), expected);
    }
}

#[tokio::test]
async fn an_address_where_nothing_listens() {
    let address = format!("tcp://{}", TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap());
    assert_eq!(
        connect(&address).await.unwrap_err(),
        "cannot reach the engine at ENGINE: Connection refused (os error 111); is the engine running, and is this the \
         right address?"
    );
}
