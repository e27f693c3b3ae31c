//! Answers of the API: JSON, nothing, a stream, a connection handed over, or an error with its message.

use std::future::Future;
use std::io;
use std::pin::Pin;

use bytes::Bytes;
use futures::Stream;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::Frame;
use hyper::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use hyper::upgrade::Upgraded;
use hyper::{HeaderMap, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};

/// What is sent.
pub(super) type Body = UnsyncBoxBody<Bytes, io::Error>;
/// What a connection that is handed over is then used for.
pub(super) type Takeover =
    Box<dyn FnOnce(TokioIo<Upgraded>) -> Pin<Box<dyn Future<Output = ()> + Send>> + Send>;
/// What a handler gives.
pub(super) type Reply = Result<Answer, Refusal>;

/// An answer that is no error.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Body,
    /// Set where the connection is handed over.
    pub(super) takeover: Option<Takeover>,
}

/// An error as the engine answers it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(super) status: StatusCode,
    pub(super) message: String,
}

impl Answer {
    /// A status and nothing else.
    pub(super) fn empty(status: StatusCode) -> Self {
        Self { status, headers: HeaderMap::new(), body: full(Bytes::new()), takeover: None }
    }

    /// 204.
    pub(super) fn done() -> Self {
        Self::empty(StatusCode::NO_CONTENT)
    }

    /// 304: it is so already.
    pub(super) fn unchanged() -> Self {
        Self::empty(StatusCode::NOT_MODIFIED)
    }

    /// 200 with JSON.
    pub(super) fn json(value: &Value) -> Self {
        Self::json_with(StatusCode::OK, value)
    }

    /// JSON with a status; a newline ends it, as Go's encoder ends it.
    pub(super) fn json_with(status: StatusCode, value: &Value) -> Self {
        let mut text = value.to_string();
        text.push('\n');
        Self { body: full(Bytes::from(text)), ..Self::empty(status) }.header(CONTENT_TYPE, "application/json")
    }

    /// 200 with text or bytes.
    pub(super) fn bytes(content_type: &'static str, bytes: impl Into<Bytes>) -> Self {
        Self { body: full(bytes.into()), ..Self::empty(StatusCode::OK) }.header(CONTENT_TYPE, content_type)
    }

    /// 200 with bytes as they come.
    pub(super) fn stream(
        content_type: &'static str,
        chunks: impl Stream<Item = Bytes> + Send + 'static,
    ) -> Self {
        use futures::StreamExt;
        let frames = chunks.map(|chunk| Ok(Frame::data(chunk)));
        Self { body: StreamBody::new(frames).boxed_unsync(), ..Self::empty(StatusCode::OK) }
            .header(CONTENT_TYPE, content_type)
    }

    /// 101: the connection is handed over, and used by `takeover`.
    pub(super) fn upgrade(content_type: &'static str, takeover: Takeover) -> Self {
        Self { takeover: Some(takeover), ..Self::empty(StatusCode::SWITCHING_PROTOCOLS) }
            .header(CONTENT_TYPE, content_type)
            .header(hyper::header::CONNECTION, "Upgrade")
            .header(hyper::header::UPGRADE, "tcp")
    }

    /// The same with one more header.
    pub(super) fn header(mut self, name: HeaderName, value: &'static str) -> Self {
        self.headers.insert(name, HeaderValue::from_static(value));
        self
    }
}

impl Refusal {
    /// 400.
    pub(crate) fn bad(message: impl Into<String>) -> Self {
        Self { status: StatusCode::BAD_REQUEST, message: message.into() }
    }

    /// 404.
    pub(crate) fn missing(message: impl Into<String>) -> Self {
        Self { status: StatusCode::NOT_FOUND, message: message.into() }
    }

    /// 409.
    pub(crate) fn conflict(message: impl Into<String>) -> Self {
        Self { status: StatusCode::CONFLICT, message: message.into() }
    }

    /// 500.
    pub(crate) fn failed(message: impl Into<String>) -> Self {
        Self { status: StatusCode::INTERNAL_SERVER_ERROR, message: message.into() }
    }
}

impl From<Refusal> for Answer {
    fn from(refusal: Refusal) -> Self {
        Self::json_with(refusal.status, &json!({ "message": refusal.message }))
    }
}

fn full(bytes: Bytes) -> Body {
    Full::new(bytes).map_err(|never| match never {}).boxed_unsync()
}
