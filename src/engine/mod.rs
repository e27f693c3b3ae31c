//! The only user of bollard: transport, connection, observation, execution, logs. It knows no screen and decides nothing.
//!
//! [`Engine`] is a connected engine; [`Endpoint`] tells which. Facts leave this module as `observed` types; no bollard
//! type stands in a public signature. Raw calls ([`Call`]) share the transport with bollard's.

pub mod archive;
mod call;
mod credentials;
mod docker;
mod dockerignore;
mod endpoint;
mod error;
mod events;
mod exec;
mod execute;
mod json_stream;
pub mod logs;
mod piped;
mod read;
mod run;
mod slots;
#[cfg(unix)]
mod ssh;
mod stdio;
mod tls;
mod transport;
mod watch;
mod wire;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, DATE};
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{OnceCell, Semaphore};

use crate::compose::source::MemoryFiles;
use crate::observed::EngineInfo;

pub use call::{Call, encode};
pub use credentials::Logins;
pub use endpoint::{Address, DEFAULT_SOCKET, Dial, Embedded, Endpoint, EndpointError, SshHost, Surroundings};
pub use error::Error;
use error::Obstacle;
pub use events::{Events, engine_time};
pub use exec::{Shell, TerminalSize};
pub use execute::{Cancel, Canceller, cancellation, execute};
pub use read::{AT_ONCE, observe};
pub use run::{RunReport, carry_out, describe, make_plan};
pub use stdio::{Attachment, Command, Connection, Streams};
pub use tls::{Identity, TlsFiles};
use transport::{Body, Fault, Transport, connect_limit};
pub use watch::Watcher;

/// The API versions that Dockside speaks (Docker 20.10 to 28.5).
const OLDEST_API: (u32, u32) = (1, 41);
const NEWEST_API: (u32, u32) = (1, 51);
/// The longest error message that is read from an engine.
const MESSAGE_LIMIT: usize = 64 * 1024;
/// How long reading an error message may take.
const MESSAGE_TIME: Duration = Duration::from_secs(5);
/// How long an engine may take to say who it is, once there is a connection.
const ANSWER_LIMIT: Duration = Duration::from_secs(5);
/// How many containers start at the same time: more make an engine no faster, and each start slower.
const STARTS_AT_ONCE: u32 = 8;
/// How many stops begin at the same time. An engine that ends forty containers at once takes half as long again and more
/// for all of them as when it is asked by and by.
const STOPS_AT_ONCE: usize = 8;

/// A connected engine: version known, API version pinned. Cheap to clone; clones share connections.
#[derive(Clone)]
pub struct Engine {
    inner: Arc<Inner>,
}

struct Inner {
    transport: Transport,
    docker: bollard::Docker,
    info: EngineInfo,
    logins: Logins,
    /// See [`Endpoint::contexts`].
    contexts: Option<Arc<MemoryFiles>>,
    connected_at: Timestamp,
    /// Read when first needed; see [`Engine::sample`].
    machine_memory: OnceCell<Option<u64>>,
    /// Permits for starts, [`STARTS_AT_ONCE`] of them. A container that takes a port of a range takes all: two that share a
    /// range would race for it, and the engine fails one.
    starting: Semaphore,
    /// Permits for stops, [`STOPS_AT_ONCE`] of them.
    stopping: Semaphore,
}

impl fmt::Debug for Engine {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Engine({})", self.inner.info.endpoint)
    }
}

impl Engine {
    /// Connects, asks who answers, and pins the API version: the lower of the engine's newest and 1.51.
    ///
    /// # Errors
    /// When nothing answers there, it is no engine, or no API version is common.
    pub async fn connect(endpoint: &Endpoint) -> Result<Self, Error> {
        let transport = Transport::new(endpoint.address.clone());
        let name = endpoint.address.to_string();
        let call = Call::get("/version", "ask the engine for its version")
            .deadline(connect_limit(&endpoint.address) + ANSWER_LIMIT);
        let limit = call.deadline;
        let what = call.what.clone();
        let (version, date) = within(limit, &what, &name, async {
            let response = answer(&transport, call, &name).await?;
            let date = server_time(&response);
            Ok((read_json(response, &what, &name).await?, date))
        })
        .await
        .map_err(|error| wants_tls(error, &name))?;
        let api = common_version(&version, &name)?;
        transport.pin(api);
        let info = EngineInfo {
            endpoint: name,
            source: endpoint.source.clone(),
            version: version["Version"].as_str().unwrap_or("unknown").to_owned(),
            api,
            local: endpoint.address.is_local(),
        };
        let docker = docker::over(&transport, &info)?;
        let logins = endpoint.logins.clone();
        let contexts = endpoint.contexts.clone();
        let connected_at = date.unwrap_or_else(Timestamp::now);
        Ok(Self {
            inner: Arc::new(Inner {
                transport,
                docker,
                info,
                logins,
                contexts,
                connected_at,
                machine_memory: OnceCell::new(),
                starting: Semaphore::new(STARTS_AT_ONCE as usize),
                stopping: Semaphore::new(STOPS_AT_ONCE),
            }),
        })
    }

    /// Who answers.
    pub fn info(&self) -> &EngineInfo {
        &self.inner.info
    }

    /// Whether the API version that is spoken is at least this one.
    pub fn speaks(&self, api: (u32, u32)) -> bool {
        self.inner.info.api >= api
    }

    /// When the connection was made, by the engine's clock, to the second below.
    pub fn connected_at(&self) -> Timestamp {
        self.inner.connected_at
    }

    /// Sends a call and reads its answer as JSON; null where the answer is empty.
    ///
    /// # Errors
    /// When the engine refuses, is out of reach, does not answer in the call's time, or answers something else.
    pub async fn json(&self, call: Call) -> Result<Value, Error> {
        self.read(call).await
    }

    /// Sends a call and reads its answer as JSON of a known form.
    async fn read<T: DeserializeOwned>(&self, call: Call) -> Result<T, Error> {
        let (limit, what) = (call.deadline, call.what.clone());
        within(limit, &what, self.endpoint(), async {
            let response = answer(&self.inner.transport, call, self.endpoint()).await?;
            read_json(response, &what, self.endpoint()).await
        })
        .await
    }

    /// Sends a call whose answer says nothing but that it was done.
    ///
    /// # Errors
    /// As for [`Engine::json`].
    pub async fn send(&self, call: Call) -> Result<(), Error> {
        let (limit, what) = (call.deadline, call.what.clone());
        within(limit, &what, self.endpoint(), async {
            let response = answer(&self.inner.transport, call, self.endpoint()).await?;
            read_all(response, &what, self.endpoint()).await.map(drop)
        })
        .await
    }

    /// Sends a call whose answer is a stream: events, logs, progress. The deadline is only for the headers.
    ///
    /// Dropping the stream ends it at the engine as well.
    ///
    /// # Errors
    /// When the engine refuses or is out of reach.
    pub async fn stream(&self, call: Call) -> Result<Chunks, Error> {
        let (limit, what) = (call.deadline, call.what.clone());
        let response =
            within(limit, &what, self.endpoint(), answer(&self.inner.transport, call, self.endpoint()))
                .await?;
        let content_type = response
            .headers()
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
            .to_owned();
        Ok(Chunks { body: response.into_body(), content_type, what, endpoint: self.endpoint().to_owned() })
    }

    /// Sends a call that takes the connection over in both directions (`POST /exec/{id}/start`).
    ///
    /// # Errors
    /// When the engine refuses, is out of reach, or does not hand the connection over.
    pub async fn upgrade(
        &self,
        call: Call,
    ) -> Result<impl AsyncRead + AsyncWrite + Send + Unpin + use<>, Error> {
        let (limit, what) = (call.deadline, call.what.clone());
        let call = call.header("connection", "Upgrade").header("upgrade", "tcp");
        let broken =
            |cause: String| Error::Broken { what: what.clone(), endpoint: self.endpoint().to_owned(), cause };
        within(limit, &what, self.endpoint(), async {
            let response = answer(&self.inner.transport, call, self.endpoint()).await?;
            if response.status() != StatusCode::SWITCHING_PROTOCOLS {
                return Err(broken(format!(
                    "it was not handed over (status {})",
                    response.status().as_u16()
                )));
            }
            let upgraded =
                hyper::upgrade::on(response).await.map_err(|error| broken(error::root_cause(&error)))?;
            Ok(TokioIo::new(upgraded))
        })
        .await
    }

    /// Whether the engine runs in this process.
    fn is_embedded(&self) -> bool {
        self.inner.transport.is_embedded()
    }

    fn endpoint(&self) -> &str {
        &self.inner.info.endpoint
    }
}

/// The answer of a streaming call, chunk by chunk as it arrives; chunks end anywhere.
pub struct Chunks {
    body: Incoming,
    content_type: String,
    what: String,
    endpoint: String,
}

impl Chunks {
    /// The next bytes; none at the end. Safe to drop half way.
    ///
    /// # Errors
    /// When the connection breaks.
    pub async fn next(&mut self) -> Result<Option<Bytes>, Error> {
        loop {
            match self.body.frame().await {
                None => return Ok(None),
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(bytes) if bytes.is_empty() => {}
                    Ok(bytes) => return Ok(Some(bytes)),
                    Err(_trailers) => {}
                },
                Some(Err(error)) => {
                    let (what, endpoint) = (self.what.clone(), self.endpoint.clone());
                    return Err(Error::Broken { what, endpoint, cause: error::root_cause(&error) });
                }
            }
        }
    }

    /// The answer's `Content-Type`; from API 1.42 it tells a raw stream from a multiplexed one.
    pub fn content_type(&self) -> &str {
        &self.content_type
    }
}

/// Runs `work`, for as long as `limit` allows.
async fn within<T>(
    limit: Option<Duration>,
    what: &str,
    endpoint: &str,
    work: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    let Some(after) = limit else { return work.await };
    match tokio::time::timeout(after, work).await {
        Ok(result) => result,
        Err(_) => Err(Error::Timeout { what: what.to_owned(), endpoint: endpoint.to_owned(), after }),
    }
}

/// Sends a call; an answer that is an error becomes one.
async fn answer(transport: &Transport, call: Call, endpoint: &str) -> Result<Response<Incoming>, Error> {
    let what = call.what.clone();
    let response = match transport.send(request(call, endpoint)?).await {
        Ok(response) => response,
        Err(fault) => return Err(failed(fault, &what, endpoint)),
    };
    let status = response.status();
    if status.is_success() || status == StatusCode::SWITCHING_PROTOCOLS || status == StatusCode::NOT_MODIFIED
    {
        return Ok(response);
    }
    let message = error_message(response).await;
    Err(Error::Refused { what, status: status.as_u16(), message })
}

fn request(call: Call, endpoint: &str) -> Result<Request<Body>, Error> {
    let Call { what, method, path, headers, body, version, .. } = call;
    let mut builder = Request::builder().method(method).uri(path).version(version);
    for (name, value) in headers {
        builder = builder.header(name, value);
    }
    builder.body(body).map_err(|error| Error::Unexpected {
        what,
        endpoint: endpoint.to_owned(),
        cause: format!("the request cannot be written: {error}"),
    })
}

fn failed(fault: Fault, what: &str, endpoint: &str) -> Error {
    let endpoint = endpoint.to_owned();
    match fault {
        Fault::Connect(Obstacle { cause, hint }) => Error::Unreachable { endpoint, cause, hint },
        Fault::Exchange(cause) => Error::Broken { what: what.to_owned(), endpoint, cause },
    }
}

/// What Go's server answers, in clear, to a request in clear on a port for TLS.
const WANTS_TLS: &str = "Client sent an HTTP request to an HTTPS server";

/// An engine that wants TLS and was asked without is out of reach, as one that answers nothing.
fn wants_tls(error: Error, endpoint: &str) -> Error {
    match error {
        Error::Refused { status: 400, message, .. } if message.contains(WANTS_TLS) => Error::Unreachable {
            endpoint: endpoint.to_owned(),
            cause: "it speaks TLS, and was asked in clear".to_owned(),
            hint:
                "set DOCKER_TLS_VERIFY=1, and DOCKER_CERT_PATH to the folder of ca.pem, cert.pem and key.pem"
                    .to_owned(),
        },
        other => other,
    }
}

/// What the engine says in an error answer: `message` of its JSON, or the text itself.
async fn error_message(response: Response<Incoming>) -> String {
    let status = response.status();
    let body = http_body_util::Limited::new(response.into_body(), MESSAGE_LIMIT);
    let bytes = match tokio::time::timeout(MESSAGE_TIME, body.collect()).await {
        Ok(Ok(collected)) => collected.to_bytes(),
        Ok(Err(_)) | Err(_) => Bytes::new(),
    };
    let text = String::from_utf8_lossy(&bytes).trim().to_owned();
    let json: Value = serde_json::from_str(&text).unwrap_or_default();
    let message = json["message"].as_str().or_else(|| json["cause"].as_str()).unwrap_or(&text).trim();
    if message.is_empty() {
        format!("the engine answered {status} and no reason")
    } else {
        message.to_owned()
    }
}

async fn read_all(response: Response<Incoming>, what: &str, endpoint: &str) -> Result<Bytes, Error> {
    match response.into_body().collect().await {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(error) => {
            let (what, endpoint) = (what.to_owned(), endpoint.to_owned());
            Err(Error::Broken { what, endpoint, cause: error::root_cause(&error) })
        }
    }
}

async fn read_json<T: DeserializeOwned>(
    response: Response<Incoming>,
    what: &str,
    endpoint: &str,
) -> Result<T, Error> {
    let bytes = read_all(response, what, endpoint).await?;
    let (what, endpoint) = (what.to_owned(), endpoint.to_owned());
    let is_empty = bytes.iter().all(u8::is_ascii_whitespace);
    serde_json::from_slice(if is_empty { b"null" } else { &bytes }).map_err(|error| Error::Unexpected {
        what,
        endpoint,
        cause: error.to_string(),
    })
}

/// The engine's clock, from the `Date` header that every HTTP server sends.
fn server_time(response: &Response<Incoming>) -> Option<Timestamp> {
    let text = response.headers().get(DATE)?.to_str().ok()?;
    jiff::fmt::rfc2822::parse(text).ok().map(|time| time.timestamp())
}

/// The version to speak, from the answer to `/version`.
fn common_version(version: &Value, endpoint: &str) -> Result<(u32, u32), Error> {
    let what = "ask the engine for its version";
    let newest = version["ApiVersion"].as_str().and_then(parse_version).ok_or_else(|| Error::Unexpected {
        what: what.to_owned(),
        endpoint: endpoint.to_owned(),
        cause: "it names no ApiVersion".to_owned(),
    })?;
    let oldest = version["MinAPIVersion"].as_str().and_then(parse_version).unwrap_or((1, 0));
    if newest < OLDEST_API || oldest > NEWEST_API {
        let server = format!("{}.{} to {}.{}", oldest.0, oldest.1, newest.0, newest.1);
        return Err(Error::Version { endpoint: endpoint.to_owned(), server });
    }
    Ok(newest.min(NEWEST_API))
}

fn parse_version(text: &str) -> Option<(u32, u32)> {
    let (major, minor) = text.split_once('.')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}
