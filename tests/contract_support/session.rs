//! A case being played: its names, its open connections, and what is done for each word that a step begins with.

use std::collections::HashMap;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Deserializer, Value, json};

use super::http::{Answer, PATIENCE, Request, encoded};
use super::render::{self, Names};
use super::stream::Stream;
use crate::support::BUSYBOX;

/// How often an `await` asks.
const LOOK: Duration = Duration::from_millis(15);

/// A case's surroundings. Dropping it removes whatever the case made.
pub struct Session {
    host: String,
    names: Names,
    began: String,
    last: Value,
    streams: HashMap<String, Stream>,
}

impl Session {
    pub fn new(host: &str, name: &str) -> Self {
        let prefix = format!("dst-{name}-{}", std::process::id());
        let mut names = Names::new(prefix);
        names.set("busybox", BUSYBOX);
        let mut session = Self {
            host: host.to_owned(),
            names,
            began: String::new(),
            last: Value::Null,
            streams: HashMap::new(),
        };
        session.began = session.now();
        session
    }

    /// Does what a step says. The lines of what came back.
    pub fn step(&mut self, line: &str) -> Vec<String> {
        let line = self.names.fill(line);
        let (word, rest) = line.split_once(' ').unwrap_or((&line, ""));
        let lines = match word {
            "create" => self.make(rest).1,
            "run" => self.run(rest),
            "let" => self.remember(rest),
            "time" => self.time(rest),
            "state" => self.state(rest),
            "ended" => self.ended(rest),
            "await" => self.wait(rest),
            "events" => self.events(rest),
            "frames" => self.frames(rest),
            "open" => self.open(rest),
            "send" | "close" | "seen" | "end" => self.stream(word, rest),
            method => self.request(method, rest),
        };
        lines.iter().map(|line| self.names.hide(line).trim_end().to_owned()).collect()
    }

    fn ask(&self, method: &str, path: &str, body: &Value) -> Answer {
        let body = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
        Request::new(method, &encoded(path)).body("application/json", body).send(&self.host)
    }

    fn get(&self, path: &str) -> Value {
        serde_json::from_slice(&self.ask("GET", path, &Value::Null).body).unwrap_or_default()
    }

    /// The engine's time, as it takes times in queries.
    fn now(&self) -> String {
        let time: jiff::Timestamp = self.get("/info")["SystemTime"].as_str().unwrap().parse().unwrap();
        dockside::engine::engine_time(time)
    }

    fn request(&mut self, method: &str, rest: &str) -> Vec<String> {
        let (path, rest) = rest.split_once(' ').unwrap_or((rest, ""));
        let (kind, body, rest) = body(rest);
        let selectors: Vec<&str> = rest.trim_start_matches('|').split_whitespace().collect();
        let answer = Request::new(method, &encoded(path)).body(kind, body).send(&self.host);
        self.last = serde_json::from_slice(&answer.body).unwrap_or_default();
        render::answer(&answer, &selectors)
    }

    /// Creates a container: its answer if it is a refusal, and whether it is none.
    fn make(&mut self, rest: &str) -> (bool, Vec<String>) {
        let (name, rest) = rest.split_once(' ').unwrap_or((rest, ""));
        let mut values = Deserializer::from_str(rest).into_iter::<Value>().map(Result::unwrap);
        let command = match values.next().unwrap_or_default() {
            Value::String(text) => json!(["sh", "-c", text]),
            other => other,
        };
        let more = values.next().unwrap_or_default();
        let mut body = json!({ "Image": BUSYBOX, "Cmd": command });
        if more["HostConfig"]["NetworkMode"].is_null() {
            body["HostConfig"] = json!({ "NetworkMode": "none" });
        }
        lay_over(&mut body, more);
        let full = self.names.fill(&format!("{{{name}}}"));
        let answer = self.ask("POST", &format!("/containers/create?name={full}"), &body);
        self.last = serde_json::from_slice(&answer.body).unwrap_or_default();
        if let Some(id) = self.last["Id"].as_str() {
            self.names.set(&format!("{name}.id"), id);
        }
        match answer.status {
            201 => (true, Vec::new()),
            _ => (false, render::answer(&answer, &[])),
        }
    }

    fn run(&mut self, rest: &str) -> Vec<String> {
        let (made, lines) = self.make(rest);
        if !made {
            return lines;
        }
        let name = self.names.fill(&format!("{{{}}}", rest.split(' ').next().unwrap()));
        let answer = self.ask("POST", &format!("/containers/{name}/start"), &Value::Null);
        if answer.status == 204 { Vec::new() } else { render::answer(&answer, &[]) }
    }

    fn remember(&mut self, rest: &str) -> Vec<String> {
        let (name, pointer) = rest.split_once(' ').unwrap();
        let value = self.last.pointer(pointer).and_then(Value::as_str);
        let Some(value) = value else {
            return vec![format!("the last answer has no {pointer}: {}", self.last)];
        };
        self.names.set(name, value);
        Vec::new()
    }

    fn time(&mut self, name: &str) -> Vec<String> {
        let now = self.now();
        self.names.set(name, &now);
        Vec::new()
    }

    /// Waits for a container's end; its code.
    fn ended(&self, name: &str) -> Vec<String> {
        let answer = self.ask("POST", &format!("/containers/{name}/wait"), &Value::Null);
        match serde_json::from_slice::<Value>(&answer.body) {
            Ok(end) if answer.status == 200 => vec![end["StatusCode"].to_string()],
            _ => render::answer(&answer, &[]),
        }
    }

    /// What a container is, in a line.
    fn state(&self, name: &str) -> Vec<String> {
        let container = self.get(&format!("/containers/{name}/json"));
        let state = &container["State"];
        let mut line = format!("{} {}", state["Status"].as_str().unwrap_or("none"), state["ExitCode"]);
        for word in ["OOMKilled", "Dead"] {
            line.push_str(if state[word] == true { " " } else { "" });
            line.push_str(if state[word] == true { word } else { "" });
        }
        match state["Error"].as_str() {
            None | Some("") => {}
            Some(error) => line.push_str(&format!(": {error}")),
        }
        vec![line]
    }

    /// `GET /path /pointer value`.
    fn wait(&self, rest: &str) -> Vec<String> {
        let words: Vec<&str> = rest.splitn(4, ' ').collect();
        let [_, path, pointer, wanted] = words[..] else { return vec!["await what?".to_owned()] };
        let wanted: Value = serde_json::from_str(wanted).unwrap();
        let began = Instant::now();
        loop {
            let found = self.get(path).pointer(pointer).cloned().unwrap_or_default();
            if found == wanted {
                return Vec::new();
            }
            if began.elapsed() > PATIENCE {
                return vec![format!("it stayed {found}")];
            }
            thread::sleep(LOOK);
        }
    }

    fn events(&self, rest: &str) -> Vec<String> {
        let (filters, until) = rest.split_once(" until ").unwrap_or((rest, ""));
        let path = format!("/events?since={}&filters={filters}", self.began);
        if until.is_empty() {
            let answer =
                Request::new("GET", &encoded(&format!("{path}&until={}", self.now()))).send(&self.host);
            return render::values(&answer.body).iter().map(render::event).collect();
        }
        let stream = Stream::new(Request::new("GET", &encoded(&path)).open(&self.host));
        let reached = |bytes: &[u8]| events_until(&lines_of(bytes), until).is_some();
        let (bytes, seen) = stream.wait(reached);
        let events = lines_of(&bytes);
        let count = events_until(&events, until).unwrap_or(events.len());
        let mut lines: Vec<String> = events[..count].iter().map(render::event).collect();
        // The engine itself tells of these two in either order.
        for at in 1..lines.len() {
            if lines[at - 1].starts_with("container stop ") && lines[at].starts_with("container die ") {
                lines.swap(at - 1, at);
            }
        }
        lines.extend((!seen).then(|| "and no more".to_owned()));
        lines
    }

    fn frames(&self, rest: &str) -> Vec<String> {
        let path = rest.strip_prefix("GET ").unwrap_or(rest);
        let answer = Request::new("GET", &encoded(path)).send(&self.host);
        if answer.status >= 400 {
            return render::answer(&answer, &[]);
        }
        let frames = render::frames(&answer.body);
        std::iter::once(answer.status.to_string()).chain(frames.iter().map(render::frame)).collect()
    }

    fn open(&mut self, rest: &str) -> Vec<String> {
        let words: Vec<&str> = rest.splitn(4, ' ').collect();
        let (name, method, path) = (words[0], words[1], words[2]);
        let (kind, body, rest) = body(words.get(3).unwrap_or(&""));
        let selectors: Vec<&str> = rest.trim_start_matches('|').split_whitespace().collect();
        let request = Request::new(method, &encoded(path)).body(kind, body);
        let takes_over = method == "POST" && !path.contains("/wait");
        let request = if takes_over { request.taking_over() } else { request };
        let opened = request.open(&self.host);
        let (headers, body) = (opened.headers.clone(), opened.rest.clone());
        let body = if opened.status >= 400 { body } else { Vec::new() };
        let head = Answer { status: opened.status, headers, body };
        if opened.status < 400 {
            self.streams.insert(name.to_owned(), Stream::new(opened));
        }
        render::answer(&head, &selectors)
    }

    /// A word about an open stream: `seen NAME "text"`.
    fn stream(&mut self, word: &str, rest: &str) -> Vec<String> {
        let (name, text) = rest.split_once(' ').unwrap_or((rest, "\"\""));
        let text: String = serde_json::from_str(text).unwrap();
        let Some(stream) = self.streams.get_mut(name) else { return vec![format!("no stream {name}")] };
        match word {
            "send" => stream.send(&text),
            "close" => stream.close(),
            "seen" => {
                let payload = |bytes: &[u8]| -> Vec<u8> {
                    render::frames(bytes).into_iter().flat_map(|(_, bytes)| bytes).collect()
                };
                let (bytes, seen) =
                    stream.wait(|bytes| String::from_utf8_lossy(&payload(bytes)).contains(&text));
                if !seen {
                    return vec![format!("not seen, but {:?}", String::from_utf8_lossy(&bytes))];
                }
            }
            _ => {
                let (bytes, ended) = stream.end();
                let mut lines: Vec<String> =
                    render::joined(render::frames(&bytes)).iter().map(render::frame).collect();
                lines.extend((!ended).then(|| "it does not end".to_owned()));
                return lines;
            }
        }
        Vec::new()
    }

    /// Removes what the case made, by the beginning of its names.
    fn clean(&self) {
        let prefix = self.names.prefix();
        let filter = json!({ "name": [prefix] }).to_string();
        let remove = |kind: &str, found: &Value, key: &str, query: &str| {
            for item in found.as_array().into_iter().flatten() {
                let name = item[key].as_str().unwrap();
                self.ask("DELETE", &format!("/{kind}/{name}{query}"), &Value::Null);
            }
        };
        let containers = self.get(&format!("/containers/json?all=1&filters={filter}"));
        remove("containers", &containers, "Id", "?force=1&v=1");
        remove("networks", &self.get(&format!("/networks?filters={filter}")), "Id", "");
        remove("volumes", &self.get(&format!("/volumes?filters={filter}"))["Volumes"], "Name", "?force=1");
        let images = self.get("/images/json");
        let tags = images.as_array().into_iter().flatten().filter_map(|image| image["RepoTags"].as_array());
        for tag in tags.flatten().filter_map(Value::as_str).filter(|tag| tag.starts_with(prefix)) {
            self.ask("DELETE", &format!("/images/{tag}?force=1"), &Value::Null);
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.streams.clear();
        self.clean();
    }
}

/// The events that came whole.
fn lines_of(bytes: &[u8]) -> Vec<Value> {
    Deserializer::from_slice(bytes).into_iter::<Value>().map_while(Result::ok).collect()
}

/// How many events there are up to the last of these actions; none if one of them is missing.
fn events_until(events: &[Value], actions: &str) -> Option<usize> {
    let mut missing: Vec<&str> = actions.split(", ").collect();
    let last = events.iter().position(|event| {
        missing.iter().position(|action| event["Action"] == **action).map(|at| missing.remove(at));
        missing.is_empty()
    });
    last.map(|last| last + 1)
}

/// Lays one object over another, the objects in it likewise.
fn lay_over(under: &mut Value, over: Value) {
    match over {
        Value::Object(map) if under.is_object() => {
            map.into_iter().for_each(|(key, value)| lay_over(&mut under[key.as_str()], value));
        }
        Value::Null => {}
        other => *under = other,
    }
}

/// A request's body as it is written in a step: its type, its bytes, and what follows it.
fn body(text: &str) -> (&'static str, Vec<u8>, &str) {
    let (word, text) = match text.split_once(' ') {
        Some((word @ ("tar" | "raw"), rest)) => (word, rest),
        _ => ("", text),
    };
    if !text.starts_with(['{', '[', '"']) {
        return ("application/json", Vec::new(), text);
    }
    let mut stream = Deserializer::from_str(text).into_iter::<Value>();
    let value = stream.next().unwrap().unwrap();
    let rest = text[stream.byte_offset()..].trim_start();
    match word {
        "tar" => ("application/x-tar", archive(&value), rest),
        "raw" => ("application/json", value.as_str().unwrap().as_bytes().to_vec(), rest),
        _ => ("application/json", value.to_string().into_bytes(), rest),
    }
}

/// An archive of files by name and content; a name that ends in a slash is a folder.
fn archive(files: &Value) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, content) in files.as_object().unwrap() {
        let content = content.as_str().unwrap();
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        header.set_mtime(1_700_000_000);
        if name.ends_with('/') {
            header.set_entry_type(tar::EntryType::Directory);
            header.set_mode(0o755);
        }
        builder.append_data(&mut header, name, content.as_bytes()).unwrap();
    }
    builder.into_inner().unwrap()
}
