//! The plainest HTTP client that a Docker Engine answers: one blocking request a connection. HTTP/1.0, so that no answer
//! comes in chunks and its end is that of the connection. Knows unix sockets and plain TCP.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::os::unix::net::UnixStream;
use std::time::Duration;

/// How long an engine may say nothing before a test fails.
const PATIENCE: Duration = Duration::from_mins(2);

/// What the engine answered.
pub struct Answer {
    /// The status code: 200, 404 …
    pub status: u16,
    /// The body, as it came.
    pub body: Vec<u8>,
}

impl Answer {
    /// The body as text, for messages.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

trait Connection: Read + Write {}
impl<T: Read + Write> Connection for T {}

pub fn request(host: &str, method: &str, path: &str, body: &[u8]) -> io::Result<Answer> {
    let mut connection = connect(host)?;
    let kind = if path.starts_with("/build") { "application/x-tar" } else { "application/json" };
    let head = format!(
        "{method} {path} HTTP/1.0\r\nHost: engine\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    connection.write_all(head.as_bytes())?;
    connection.write_all(body)?;
    let mut bytes = Vec::new();
    connection.read_to_end(&mut bytes)?;
    parse(&bytes).ok_or_else(|| io::Error::other(format!("no HTTP: {}", String::from_utf8_lossy(&bytes))))
}

fn connect(host: &str) -> io::Result<Box<dyn Connection>> {
    if let Some(path) = host.strip_prefix("unix://") {
        let stream = UnixStream::connect(path)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        return Ok(Box::new(stream));
    }
    let Some(address) = host.strip_prefix("tcp://") else {
        return Err(io::Error::other(format!("{host} is neither unix:// nor tcp://")));
    };
    let stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    Ok(Box::new(stream))
}

fn parse(bytes: &[u8]) -> Option<Answer> {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = str::from_utf8(&bytes[..end]).ok()?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    Some(Answer { status, body: bytes[end + 4..].to_vec() })
}
