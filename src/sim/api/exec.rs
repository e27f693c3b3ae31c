//! Commands in containers: create, start with the connection handed over, resize, inspect.

use bytes::Bytes;
use futures::stream;
use hyper::StatusCode;
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::watch;

use super::super::Sim;
use super::super::answer::{Answer, Refusal, Reply};
use super::super::query::Query;
use super::super::server::Ask;
use super::super::world::log::Source;
use super::logs::{FRAMED, RAW};

/// What is read of the input at once.
const CHUNK: usize = 16 * 1024;

/// `POST /containers/{}/exec`
pub(in super::super) async fn create(ask: Ask) -> Reply {
    let name = ask.name().to_owned();
    let (body, sim, _) = ask.json().await?;
    let id = sim.with(|world| {
        let container = world.id_of(&name)?;
        world.create_exec(&container, &name, &body)
    })?;
    Ok(Answer::json_with(StatusCode::CREATED, &json!({ "Id": id })))
}

/// `POST /exec/{}/start`: with an upgrade the connection is the command's input and output; else its output is the answer.
pub(in super::super) async fn start(ask: Ask) -> Reply {
    let (id, wants_upgrade) = (ask.name().to_owned(), ask.wants_upgrade);
    let (body, sim, _) = ask.json().await?;
    let (changes, is_raw) = sim.with(|world| {
        let is_raw = world.exec(&id)?.has_terminal;
        Ok::<_, Refusal>((world.start_exec(&id)?, is_raw))
    })?;
    if body["Detach"].as_bool() == Some(true) {
        return Ok(Answer::empty(StatusCode::OK));
    }
    let content_type = if is_raw { RAW } else { FRAMED };
    let session = Session { sim, id, is_raw, changes };
    if wants_upgrade {
        return Ok(Answer::upgrade(content_type, Box::new(|io| Box::pin(session.converse(io)))));
    }
    Ok(Answer::stream(
        content_type,
        stream::unfold(session, |mut session| async move {
            let output = session.output().await?;
            Some((output, session))
        }),
    ))
}

/// `POST /exec/{}/resize`
pub(in super::super) async fn resize(ask: Ask) -> Reply {
    let (height, width) = size(&ask.query)?;
    ask.sim.with(|world| world.resize_exec(ask.name(), height, width))?;
    Ok(Answer::empty(StatusCode::OK))
}

/// The height and the width of a terminal.
pub(super) fn size(query: &Query) -> Result<(u16, u16), Refusal> {
    let number = |name: &str, what: &str| {
        let text = query.get(name).unwrap_or_default();
        let invalid = || Refusal::bad(format!("invalid resize {what} \"{text}\": invalid syntax"));
        text.parse::<u16>().map_err(|_| invalid())
    };
    Ok((number("h", "height")?, number("w", "width")?))
}

/// `GET /exec/{}/json`
pub(in super::super) async fn inspect(ask: Ask) -> Reply {
    let value = ask.sim.with(|world| world.exec(ask.name()).map(|exec| exec.json(ask.name())))?;
    Ok(Answer::json(&value))
}

/// A command that somebody is connected to.
struct Session {
    sim: Sim,
    id: String,
    is_raw: bool,
    changes: watch::Receiver<u64>,
}

impl Session {
    /// The next output; none once it has ended.
    async fn output(&mut self) -> Option<Bytes> {
        loop {
            self.changes.borrow_and_update();
            let (pieces, has_ended) = self.sim.with(|world| world.take_exec_output(&self.id));
            if !pieces.is_empty() {
                return Some(self.framed(&pieces));
            }
            if has_ended {
                return None;
            }
            self.changes.changed().await.ok()?;
        }
    }

    fn framed(&self, pieces: &[(Source, Bytes)]) -> Bytes {
        let mut out = Vec::new();
        for (source, bytes) in pieces {
            if !self.is_raw {
                out.extend_from_slice(&[if *source == Source::Output { 1 } else { 2 }, 0, 0, 0]);
                out.extend_from_slice(&(bytes.len() as u32).to_be_bytes());
            }
            out.extend_from_slice(bytes);
        }
        out.into()
    }

    /// Passes bytes both ways until the command ends or the client goes.
    async fn converse(mut self, io: TokioIo<Upgraded>) {
        let (mut from, mut to) = tokio::io::split(io);
        let mut buffer = vec![0; CHUNK];
        let mut is_open = true;
        loop {
            tokio::select! {
                output = self.output() => {
                    let Some(output) = output else { break };
                    if to.write_all(&output).await.is_err() || to.flush().await.is_err() {
                        break;
                    }
                }
                read = from.read(&mut buffer), if is_open => {
                    let read = read.unwrap_or(0);
                    is_open = read > 0;
                    let sent = is_open.then(|| &buffer[..read]);
                    self.sim.with(|world| world.feed_exec(&self.id, sent));
                }
            }
        }
        // The client may have gone already.
        let _ = to.shutdown().await;
    }
}
