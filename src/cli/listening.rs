//! What a container prints, line by line: from its log or, where its logging driver keeps none, from its streams.
//!
//! It prints nothing itself; whoever watches does.

use color_eyre::eyre::Result;
use jiff::Timestamp;
use tokio::io::AsyncReadExt;
use tokio::sync::mpsc;

use super::logs::NOT_IMPLEMENTED;
use super::printer::Lines;
use crate::engine::logs::{PlainLog, PlainRequest, parse_stamp};
use crate::engine::{Attachment, Connection, Engine, Streams};
use crate::observed::{Container, ContainerId};

/// Bytes of a container that is attached to that may wait to be made lines.
const PIPE: usize = 16 * 1024;

/// What is heard of a container.
pub enum News {
    /// A container printed a line; true where that was on standard error.
    Line(ContainerId, bool, Vec<u8>),
    /// A container prints no more.
    Ended(ContainerId),
}

/// The time of the last line in a container's log.
pub async fn last_line(engine: &Engine, id: &ContainerId) -> Result<Option<Timestamp>> {
    let request = PlainRequest {
        container: id.clone(),
        follow: false,
        tail: "1".to_owned(),
        since: None,
        until: None,
        timestamps: true,
    };
    let Some(mut log) = open(engine, &request).await? else { return Ok(None) };
    let mut last = None;
    while let Some(written) = log.next().await? {
        let stamps = written.iter().filter_map(|part| Some(parse_stamp(&part.bytes)?.0));
        last = stamps.max().max(last);
    }
    Ok(last)
}

/// A container's log; none where its logging driver keeps nothing to read.
async fn open(engine: &Engine, request: &PlainRequest) -> Result<Option<PlainLog>> {
    match PlainLog::open(engine, request).await {
        Ok(log) => Ok(Some(log)),
        Err(error) if error.status() == Some(NOT_IMPLEMENTED) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Whether a container's logging driver keeps nothing at all. Of others that cannot be read the engine says so.
pub fn keeps_no_log(container: &Container) -> bool {
    let inspect = container.inspect.as_deref();
    inspect.is_some_and(|inspect| inspect["HostConfig"]["LogConfig"]["Type"] == "none")
}

pub async fn attach(engine: &Engine, id: &ContainerId) -> Result<Connection> {
    let inspect = engine.inspect(id).await?.and_then(|container| container.inspect);
    let terminal = inspect.is_some_and(|inspect| inspect["Config"]["Tty"] == true);
    Ok(engine.attach(id, &Attachment { terminal, ..Attachment::default() }).await?)
}

/// Reads what a container prints to its end, line by line: its log or, where there is none, what it prints from now on.
pub async fn read(engine: Engine, request: PlainRequest, sender: mpsc::Sender<Result<News>>) {
    let id = request.container.clone();
    let told = async {
        let Some(mut log) = open(&engine, &request).await? else {
            let connection = attach(&engine, &id).await?;
            return listen(&engine, &id, connection, &sender).await;
        };
        let (mut output, mut error) = (Lines::default(), Lines::default());
        while let Some(written) = log.next().await? {
            for part in written {
                let lines = if part.is_error { &mut error } else { &mut output };
                tell(&sender, &id, part.is_error, lines.push(&part.bytes)).await;
            }
        }
        tell(&sender, &id, false, output.finish()).await;
        tell(&sender, &id, true, error.finish()).await;
        Ok(())
    };
    let end = told.await.map(|()| News::Ended(request.container));
    let _ = sender.send(end).await;
}

/// Passes on what comes over a connection, line by line, until it ends.
pub async fn listen(
    engine: &Engine,
    id: &ContainerId,
    connection: Connection,
    sender: &mpsc::Sender<Result<News>>,
) -> Result<()> {
    let (output, from_output) = tokio::io::duplex(PIPE);
    let (error, from_error) = tokio::io::duplex(PIPE);
    let (_, sizes) = mpsc::channel(1);
    let streams = Streams { input: None::<tokio::io::Empty>, output, error, sizes };
    let (pumped, (), ()) = tokio::join!(
        connection.pump(engine, streams),
        pass_on(from_output, id, false, sender),
        pass_on(from_error, id, true, sender)
    );
    Ok(pumped?)
}

async fn pass_on(
    mut from: tokio::io::DuplexStream,
    id: &ContainerId,
    is_error: bool,
    sender: &mpsc::Sender<Result<News>>,
) {
    let (mut lines, mut buffer) = (Lines::default(), vec![0; PIPE]);
    // A pipe of this process has no errors but its end.
    while let Ok(read @ 1..) = from.read(&mut buffer).await {
        tell(sender, id, is_error, lines.push(&buffer[..read])).await;
    }
    tell(sender, id, is_error, lines.finish()).await;
}

async fn tell(
    sender: &mpsc::Sender<Result<News>>,
    id: &ContainerId,
    is_error: bool,
    lines: impl IntoIterator<Item = Vec<u8>>,
) {
    for line in lines {
        // Whoever listens may have gone, and then there is nobody to tell.
        let _ = sender.send(Ok(News::Line(id.clone(), is_error, line))).await;
    }
}
