//! An engine of a few lines on a Unix socket: it has no containers, and its events never end.

use std::path::PathBuf;

use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};

const VERSION: &str = r#"{"Version":"99.1","ApiVersion":"1.60","MinAPIVersion":"1.44"}"#;

/// The engine's socket. Dropping it closes the folder; connections live on.
pub struct Backend {
    folder: TempDir,
}

impl Backend {
    pub fn start() -> Self {
        let backend = Self { folder: TempDir::new().unwrap() };
        let listener = UnixListener::bind(backend.socket()).unwrap();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream));
            }
        });
        backend
    }

    pub fn socket(&self) -> PathBuf {
        self.folder.path().join("backend.sock")
    }
}

/// Answers request after request until the client goes.
async fn serve(stream: UnixStream) {
    let (reader, mut writer) = stream.into_split();
    let mut lines = BufReader::new(reader).lines();
    let mut asked = String::new();
    while let Ok(Some(line)) = lines.next_line().await {
        if asked.is_empty() {
            asked = line;
        } else if line.is_empty() {
            if writer.write_all(answer(&asked).as_bytes()).await.is_err() || asked.contains("HTTP/1.0") {
                return;
            }
            asked.clear();
        }
    }
}

fn answer(asked: &str) -> String {
    if asked.contains("/events") {
        return "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n{}\n\r\n".to_owned();
    }
    let body = if asked.contains("/version") { VERSION } else { "[]" };
    format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len())
}
