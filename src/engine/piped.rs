//! A request's body that is written on a blocking thread while it is sent: build contexts, archives for containers.

use std::io::{self, Write};

use bytes::Bytes;
use futures::stream;
use http_body_util::{BodyExt, StreamBody};
use hyper::body::Frame;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::transport::Body;

/// How much is gathered before it is sent.
const CHUNK: usize = 64 * 1024;
/// How many chunks may wait to be sent.
const CHUNKS_WAITING: usize = 16;

/// Where a body is written to: sent a chunk at a time.
pub struct Chunked {
    sender: mpsc::Sender<io::Result<Bytes>>,
    buffer: Vec<u8>,
}

/// A body that `fill` writes, and the end of that writing, with the reason if it failed.
pub(super) fn body(
    fill: impl FnOnce(&mut Chunked) -> Result<(), String> + Send + 'static,
) -> (Body, JoinHandle<Result<(), String>>) {
    let (sender, receiver) = mpsc::channel(CHUNKS_WAITING);
    let writer = tokio::task::spawn_blocking(move || {
        let mut output = Chunked { sender: sender.clone(), buffer: Vec::with_capacity(CHUNK) };
        let result = fill(&mut output);
        if let Err(cause) = &result {
            // Breaks the request off; that nobody takes it means that it is over already.
            let _ = sender.blocking_send(Err(io::Error::other(cause.clone())));
        }
        result
    });
    let frames = stream::unfold(receiver, |mut receiver| async move {
        let chunk: io::Result<Bytes> = receiver.recv().await?;
        Some((chunk.map(Frame::data), receiver))
    });
    (StreamBody::new(frames).boxed_unsync(), writer)
}

impl Write for Chunked {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() >= CHUNK {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        let chunk = std::mem::replace(&mut self.buffer, Vec::with_capacity(CHUNK));
        let closed = |_| io::Error::new(io::ErrorKind::BrokenPipe, "the engine took no more of it");
        self.sender.blocking_send(Ok(chunk.into())).map_err(closed)
    }
}
