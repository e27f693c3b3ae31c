//! One raw request to the Engine API, as data: method, path, query, body, and what it is for in words.
//!
//! The path has no version; [`super::transport::Transport`] puts that before it.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::{Method, Version};
use serde_json::Value;

use super::transport::Body;

/// How long headers and body of an ordinary answer may take.
const ORDINARY: Duration = Duration::from_secs(30);

/// A request.
#[must_use]
pub struct Call {
    pub(super) what: String,
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: Body,
    pub(super) deadline: Option<Duration>,
    pub(super) version: Version,
}

impl Call {
    /// `GET path`; `what` says for the person what is tried, on what: `list containers`.
    pub fn get(path: impl Into<String>, what: impl Into<String>) -> Self {
        Self::new(Method::GET, path.into(), what.into())
    }

    /// `POST path`.
    pub fn post(path: impl Into<String>, what: impl Into<String>) -> Self {
        Self::new(Method::POST, path.into(), what.into())
    }

    /// `PUT path`.
    pub fn put(path: impl Into<String>, what: impl Into<String>) -> Self {
        Self::new(Method::PUT, path.into(), what.into())
    }

    /// `HEAD path`: the headers of what GET would answer.
    pub(super) fn head(path: impl Into<String>, what: impl Into<String>) -> Self {
        Self::new(Method::HEAD, path.into(), what.into())
    }

    fn new(method: Method, path: String, what: String) -> Self {
        let (headers, deadline, version) = (Vec::new(), Some(ORDINARY), Version::HTTP_11);
        Self { what, method, path, headers, body: empty(), deadline, version }
    }

    /// Adds a query parameter; name and value are percent-encoded.
    pub fn query(mut self, name: &str, value: &str) -> Self {
        self.path.push(if self.path.contains('?') { '&' } else { '?' });
        self.path.push_str(&encode(name));
        self.path.push('=');
        self.path.push_str(&encode(value));
        self
    }

    /// Adds a query parameter if there is a value.
    pub fn query_some(self, name: &str, value: Option<&str>) -> Self {
        match value {
            Some(value) => self.query(name, value),
            None => self,
        }
    }

    /// Adds a header. The name must be lower-case.
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Asks by HTTP/1.0, on a connection of its own: the answer comes as it is until the connection ends, and not in
    /// HTTP's chunks. The engine sends each log line as a chunk, and each costs more to hand on than the line itself.
    pub(super) fn unchunked(mut self) -> Self {
        self.version = Version::HTTP_10;
        self
    }

    /// Sends JSON.
    pub fn json(mut self, body: &Value) -> Self {
        self.body = full(Bytes::from(body.to_string()));
        self.header("content-type", "application/json")
    }

    /// Sends a tar archive that is at hand.
    pub fn tar(self, archive: Vec<u8>) -> Self {
        self.tar_stream(full(archive.into()))
    }

    /// Sends a tar archive as it is made.
    pub(super) fn tar_stream(mut self, body: Body) -> Self {
        self.body = body;
        self.header("content-type", "application/x-tar")
    }

    /// How long the answer may take; none waits as long as it takes (stop, pull, build).
    pub fn deadline(mut self, deadline: impl Into<Option<Duration>>) -> Self {
        self.deadline = deadline.into();
        self
    }
}

fn empty() -> Body {
    full(Bytes::new())
}

fn full(bytes: Bytes) -> Body {
    Full::new(bytes).map_err(|never| match never {}).boxed_unsync()
}

/// Percent-encodes all but the unreserved characters of RFC 3986, for one segment of a path or one query value.
pub fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(byte as char),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

/// Percent-encodes an image's or network's name for a path: as [`encode`], but `/`, `:` and `@` belong to the name.
pub(super) fn encode_name(name: &str) -> String {
    name.split_inclusive(['/', ':', '@'])
        .map(|part| match part.strip_suffix(['/', ':', '@']) {
            Some(text) => format!("{}{}", encode(text), &part[text.len()..]),
            None => encode(part),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn query_values_are_encoded_and_joined() {
        let call = Call::get("/events", "read").query("filters", "{\"a\":[\"b c\"]}").query_some("x", None);
        assert_eq!(call.path, "/events?filters=%7B%22a%22%3A%5B%22b%20c%22%5D%7D");
        assert_eq!(encode_name("host:5000/a b/c@sha256:0"), "host:5000/a%20b/c@sha256:0");
        assert_eq!(call.query("n", "1").path.rsplit('&').next(), Some("n=1"));
    }
}
