//! The one way to an engine: a connector for each kind of address, one HTTP client with reused connections over it, and
//! the API version put before every path. bollard's calls and the raw ones both go through [`Transport::send`].
//!
//! It never retries what the engine has answered, and knows nothing of what is asked.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::combinators::UnsyncBoxBody;
use hyper::body::Incoming;
use hyper::header::HOST;
use hyper::http::uri::PathAndQuery;
use hyper::{Request, Response, Uri, Version};
use hyper_util::client::legacy::connect::{Connected, Connection};
use hyper_util::client::legacy::{Client, Error as ClientError};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tower_service::Service;

use super::endpoint::Address;
use super::error::{Obstacle, root_cause};
#[cfg(unix)]
use super::ssh;
use super::tls;

/// What is sent.
pub(super) type Body = UnsyncBoxBody<Bytes, io::Error>;

/// How long connecting may take; a Unix socket answers at once, a dropped TCP packet never.
const CONNECT_LIMIT: Duration = Duration::from_secs(5);
/// How long an idle connection is kept. Docker keeps its side open for longer.
const IDLE_LIMIT: Duration = Duration::from_secs(30);

/// The client over one address. Cheap to clone; all clones share connections and the pinned version.
#[derive(Clone)]
pub(super) struct Transport {
    client: Client<Connector, Body>,
    /// For what is asked by HTTP/1.0: each on a connection of its own, which ends with the answer.
    alone: Client<Connector, Body>,
    address: Arc<Address>,
    refusal: Refusal,
    version: Arc<OnceLock<String>>,
}

/// Why a request got no answer.
#[derive(Clone, Debug)]
pub(super) enum Fault {
    /// There was no connection.
    Connect(Obstacle),
    /// There was one, and it broke.
    Exchange(String),
}

impl Transport {
    /// Prepares the client; nothing is connected yet.
    pub(super) fn new(address: Address) -> Self {
        let address = Arc::new(address);
        let connector = Connector {
            address: Arc::clone(&address),
            #[cfg(unix)]
            line: Arc::default(),
            refusal: Arc::default(),
        };
        let refusal = Arc::clone(&connector.refusal);
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .pool_idle_timeout(IDLE_LIMIT)
            .build(connector.clone());
        let alone = Client::builder(TokioExecutor::new()).pool_max_idle_per_host(0).build(connector);
        Self { client, alone, address, refusal, version: Arc::new(OnceLock::new()) }
    }

    /// Whether the engine runs in this process.
    pub(super) fn is_embedded(&self) -> bool {
        matches!(*self.address, Address::Embedded(_))
    }

    /// From here on every path begins with `/vMAJOR.MINOR`. Only the first call has an effect.
    pub(super) fn pin(&self, (major, minor): (u32, u32)) {
        let _ = self.version.set(format!("/v{major}.{minor}"));
    }

    /// Sends a request whose URI is a path, or bollard's `http://engine/path`, and awaits the headers of the answer.
    pub(super) async fn send(&self, mut request: Request<Body>) -> Result<Response<Incoming>, Fault> {
        *request.uri_mut() = self.absolute(request.uri())?;
        request.headers_mut().remove(HOST);
        let client = if request.version() == Version::HTTP_10 { &self.alone } else { &self.client };
        let result = client.request(request).await;
        result.map_err(|error| match Fault::from_client(&error, &self.address) {
            // The request had no part in a connection that ended before it was sent; the connection knows why.
            Fault::Exchange(cause) => self.refused().map_or(Fault::Exchange(cause), Fault::Connect),
            fault @ Fault::Connect(_) => fault,
        })
    }

    fn refused(&self) -> Option<Obstacle> {
        self.refusal.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn absolute(&self, uri: &Uri) -> Result<Uri, Fault> {
        let path = uri.path_and_query().map_or("/", PathAndQuery::as_str);
        let version = self.version.get().map_or("", String::as_str);
        format!("http://localhost{version}{path}")
            .parse()
            .map_err(|error| Fault::Exchange(format!("{error}")))
    }
}

impl Fault {
    fn from_client(error: &ClientError, address: &Address) -> Self {
        let mut current: Option<&(dyn std::error::Error + 'static)> = Some(error);
        while let Some(inner) = current {
            if let Some(obstacle) = inner.downcast_ref().and_then(|io| obstacle(io, address)) {
                return Self::Connect(obstacle);
            }
            if let Some(io) = inner.downcast_ref::<io::Error>().filter(|_| error.is_connect()) {
                return Self::Connect(Obstacle { cause: io.to_string(), hint: hint(io.kind()).to_owned() });
            }
            current = inner.source();
        }
        let cause = root_cause(error);
        if error.is_connect() {
            let hint = hint(io::ErrorKind::Other).to_owned();
            return Self::Connect(Obstacle { cause, hint });
        }
        Self::Exchange(cause)
    }
}

/// What is known to be in the way. An engine may refuse a TLS certificate after the first request has gone out.
fn obstacle(error: &io::Error, address: &Address) -> Option<Obstacle> {
    if let Some(obstacle) = error.get_ref().and_then(|inner| inner.downcast_ref::<Obstacle>()) {
        return Some(obstacle.clone());
    }
    match address {
        Address::Tls { files, .. } => tls::fault_of(error).map(|fault| tls::explain(fault, files)),
        _ => None,
    }
}

fn hint(kind: io::ErrorKind) -> &'static str {
    match kind {
        io::ErrorKind::PermissionDenied => {
            "the socket is there, but this user may not use it (group docker?)"
        }
        io::ErrorKind::TimedOut => "is the address right, and is there a firewall between?",
        _ => "is the engine running, and is this the right address?",
    }
}

/// Why a connection was ended by the other side, where that is known.
type Refusal = Arc<Mutex<Option<Obstacle>>>;

/// Opens connections to one address. A new kind of address is a new arm in [`Connector::open`].
#[derive(Clone)]
struct Connector {
    address: Arc<Address>,
    #[cfg(unix)]
    line: Arc<ssh::Line>,
    refusal: Refusal,
}

impl Service<Uri> for Connector {
    type Response = Wire;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Wire>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Uri) -> Self::Future {
        let connector = self.clone();
        Box::pin(async move {
            let limit = connect_limit(&connector.address);
            let Ok(opened) = tokio::time::timeout(limit, connector.open()).await else {
                let cause = format!("no connection within {} s", limit.as_secs());
                return Err(io::Error::new(io::ErrorKind::TimedOut, cause));
            };
            opened.map(|stream| Wire {
                stream: TokioIo::new(stream),
                address: connector.address,
                refusal: connector.refusal,
            })
        })
    }
}

/// How long connecting may take.
pub(super) fn connect_limit(address: &Address) -> Duration {
    match address {
        #[cfg(unix)]
        Address::Ssh(_) => ssh::CONNECT_LIMIT,
        _ => CONNECT_LIMIT,
    }
}

impl Connector {
    async fn open(&self) -> io::Result<Box<dyn Stream>> {
        match &*self.address {
            #[cfg(unix)]
            Address::Unix(path) => Ok(Box::new(tokio::net::UnixStream::connect(path).await?)),
            #[cfg(unix)]
            Address::Ssh(host) => Ok(Box::new(self.line.open(host).await?)),
            #[cfg(not(unix))]
            Address::Unix(_) | Address::Ssh(_) => {
                Err(io::Error::new(io::ErrorKind::Unsupported, "this system has no Unix sockets"))
            }
            Address::Tcp { host, port } => Ok(Box::new(dial(host, *port).await?)),
            Address::Tls { host, port, files } => {
                Ok(Box::new(tls::over(dial(host, *port).await?, host, files).await?))
            }
            Address::Embedded(engine) => Ok(Box::new(engine.0.dial()?)),
        }
    }
}

async fn dial(host: &str, port: u16) -> io::Result<tokio::net::TcpStream> {
    let stream = tokio::net::TcpStream::connect((host, port)).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// What a connection is made of.
trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// A connection as hyper wants it.
struct Wire {
    stream: TokioIo<Box<dyn Stream>>,
    address: Arc<Address>,
    refusal: Refusal,
}

impl Connection for Wire {
    fn connected(&self) -> Connected {
        Connected::new()
    }
}

impl hyper::rt::Read for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: hyper::rt::ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        let result = Pin::new(&mut self.stream).poll_read(context, buffer);
        if let Poll::Ready(Err(error)) = &result
            && let Some(obstacle) = obstacle(error, &self.address)
        {
            *self.refusal.lock().unwrap_or_else(PoisonError::into_inner) = Some(obstacle);
        }
        result
    }
}

impl hyper::rt::Write for Wire {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
