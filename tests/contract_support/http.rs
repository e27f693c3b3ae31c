//! One blocking request a connection, over a unix socket or TCP. By HTTP/1.0, so that an answer comes as it is and ends with
//! the connection; by 1.1 only where the connection is to be taken over.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::os::unix::net::UnixStream;
use std::time::Duration;

/// How long an engine may say nothing before a case fails.
pub const PATIENCE: Duration = Duration::from_secs(40);

/// A request.
pub struct Request {
    method: String,
    path: String,
    kind: &'static str,
    body: Vec<u8>,
    takes_over: bool,
}

/// An answer: its head, and all of its body.
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    /// A header by its lower-case name.
    pub fn header(&self, name: &str) -> Option<&str> {
        header(&self.headers, name)
    }
}

fn header<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
}

/// A connection of either kind.
pub enum Connection {
    Unix(UnixStream),
    Tcp(TcpStream),
}

/// A connection whose answer has begun, with what came of its body already.
pub struct Opened {
    pub connection: Connection,
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub rest: Vec<u8>,
}

impl Request {
    pub fn new(method: &str, path: &str) -> Self {
        let (method, path) = (method.to_owned(), path.to_owned());
        Self { method, path, kind: "application/json", body: Vec::new(), takes_over: false }
    }

    pub fn body(mut self, kind: &'static str, body: Vec<u8>) -> Self {
        (self.kind, self.body) = (kind, body);
        self
    }

    /// Asks for both directions of the connection.
    pub fn taking_over(mut self) -> Self {
        self.takes_over = true;
        self
    }

    /// Sends it, and reads the answer to its end.
    pub fn send(self, host: &str) -> Answer {
        let method = self.method.clone();
        let what = format!("{method} {}", self.path);
        let mut opened = self.open(host);
        let length = header(&opened.headers, "content-length").and_then(|length| length.parse::<u64>().ok());
        let mut body = opened.rest;
        let left = length.map_or(u64::MAX, |length| length.saturating_sub(body.len() as u64));
        if method != "HEAD" {
            let read = (&mut opened.connection).take(left).read_to_end(&mut body);
            read.unwrap_or_else(|error| panic!("{what}: the answer broke off: {error}"));
        }
        Answer { status: opened.status, headers: opened.headers, body }
    }

    /// Sends it, and reads the answer's head.
    pub fn open(self, host: &str) -> Opened {
        let what = format!("{} {}", self.method, self.path);
        self.try_open(host).unwrap_or_else(|error| panic!("{what} at {host}: {error}"))
    }

    fn try_open(self, host: &str) -> io::Result<Opened> {
        let mut connection = Connection::to(host)?;
        let (version, more) =
            if self.takes_over { ("1.1", "Connection: Upgrade\r\nUpgrade: tcp\r\n") } else { ("1.0", "") };
        let kind =
            if self.body.is_empty() { String::new() } else { format!("Content-Type: {}\r\n", self.kind) };
        let head = format!(
            "{} {} HTTP/{version}\r\nHost: engine\r\n{more}{kind}Content-Length: {}\r\n\r\n",
            self.method,
            self.path,
            self.body.len()
        );
        connection.write_all(head.as_bytes())?;
        // An engine that refuses may close without reading all of the body; its answer is there all the same.
        let _ = connection.write_all(&self.body);
        let mut bytes = Vec::new();
        let mut buffer = [0; 16 * 1024];
        let end = loop {
            if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
                break end;
            }
            match connection.read(&mut buffer)? {
                0 => return Err(io::Error::other("the connection ended before an answer")),
                count => bytes.extend_from_slice(&buffer[..count]),
            }
        };
        let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
        let mut lines = head.lines();
        let status = lines.next().and_then(|line| line.split(' ').nth(1)?.parse().ok());
        let headers = lines.filter_map(|line| line.split_once(": "));
        let headers = headers.map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned())).collect();
        let status = status.ok_or_else(|| io::Error::other(format!("no HTTP: {head}")))?;
        Ok(Opened { connection, status, headers, rest: bytes.split_off(end + 4) })
    }
}

impl Connection {
    fn to(host: &str) -> io::Result<Self> {
        if let Some(path) = host.strip_prefix("unix://") {
            let stream = UnixStream::connect(path)?;
            stream.set_read_timeout(Some(PATIENCE))?;
            return Ok(Self::Unix(stream));
        }
        let address = host.strip_prefix("tcp://").ok_or_else(|| io::Error::other("neither unix nor tcp"))?;
        let stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(Self::Tcp(stream))
    }

    /// A second handle on the same connection.
    pub fn twin(&self) -> Self {
        match self {
            Self::Unix(stream) => Self::Unix(stream.try_clone().unwrap()),
            Self::Tcp(stream) => Self::Tcp(stream.try_clone().unwrap()),
        }
    }

    /// Ends one direction or both.
    pub fn shut(&self, how: Shutdown) {
        // What the engine has closed already is closed.
        let _ = match self {
            Self::Unix(stream) => stream.shutdown(how),
            Self::Tcp(stream) => stream.shutdown(how),
        };
    }
}

impl Read for Connection {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Unix(stream) => stream.read(buffer),
            Self::Tcp(stream) => stream.read(buffer),
        }
    }
}

impl Write for Connection {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Unix(stream) => stream.write(bytes),
            Self::Tcp(stream) => stream.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A request's path with its query as a case writes it: the values are percent-encoded here.
pub fn encoded(path: &str) -> String {
    let Some((path, query)) = path.split_once('?') else { return path.to_owned() };
    let pair = |pair: &str| match pair.split_once('=') {
        Some((name, value)) => format!("{name}={}", dockside::engine::encode(value)),
        None => pair.to_owned(),
    };
    format!("{path}?{}", query.split('&').map(pair).collect::<Vec<_>>().join("&"))
}
