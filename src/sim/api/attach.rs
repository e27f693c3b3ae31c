//! `POST /containers/{}/attach`: what a container prints from now on, and what it is sent, over one connection.

use std::collections::VecDeque;

use bytes::Bytes;
use futures::stream;
use hyper::StatusCode;
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::{mpsc, watch};

use super::super::Sim;
use super::super::answer::{Answer, Refusal, Reply};
use super::super::server::Ask;
use super::super::world::container::{Phase, Pulse};
use super::super::world::log::{Message, Source};
use super::logs::{FRAMED, RAW};

/// What is read of the input at once.
const CHUNK: usize = 16 * 1024;
/// Ctrl-P and Ctrl-Q, one after the other, leave a container alone.
const DETACH: [u8; 2] = [0x10, 0x11];

/// Somebody who is attached.
struct Session {
    sim: Sim,
    id: String,
    is_raw: bool,
    output: bool,
    errors: bool,
    /// Whether what is sent reaches the container.
    takes_input: bool,
    /// Whether the end of what is sent is the end of the container's input.
    ends_input: bool,
    /// What was printed before, if that was asked for.
    before: VecDeque<(Source, Bytes)>,
    /// What is printed; none if only what was before is wanted.
    printed: Option<mpsc::UnboundedReceiver<(Source, Bytes)>>,
    pulse: watch::Receiver<Pulse>,
}

/// `POST /containers/{}/attach`. An error is plain text: the engine has taken the connection over before it finds one.
pub(in super::super) async fn attach(ask: Ask) -> Reply {
    let wants_upgrade = ask.wants_upgrade;
    let session = match begin(&ask) {
        Ok(session) => session,
        Err(Refusal { status, message }) => {
            let answer = Answer::bytes(RAW, format!("{message}\r\n"));
            return Ok(Answer { status, ..answer });
        }
    };
    let content_type = if session.is_raw { RAW } else { FRAMED };
    if wants_upgrade {
        return Ok(Answer::upgrade(content_type, Box::new(|io| Box::pin(session.converse(io)))));
    }
    Ok(Answer::stream(
        content_type,
        stream::unfold(session, |mut session| async move {
            let piece = session.next().await?;
            Some((piece, session))
        }),
    ))
}

fn begin(ask: &Ask) -> Result<Session, Refusal> {
    let query = &ask.query;
    ask.sim.with(|world| {
        let id = world.id_of(ask.name())?;
        let container = world.find(&id)?;
        if container.phase() == Phase::Paused {
            let name = ask.name();
            let why = format!("container {name} is paused, unpause the container before attach");
            return Err(Refusal::conflict(why));
        }
        let flag = |key: &str| container.config.get(key).and_then(serde_json::Value::as_bool) == Some(true);
        let takes_input = query.flag("stdin") && flag("OpenStdin");
        let piece = |one: Message<'_>| (one.source, Bytes::copy_from_slice(one.bytes));
        let from = if query.flag("logs") { 0 } else { u64::MAX };
        let before = container.log.from(from).map(piece).collect();
        let is_over = container.phase() == Phase::Exited;
        let (is_raw, ends_input) = (container.has_terminal(), flag("StdinOnce"));
        let pulse = container.pulse.subscribe();
        let follows = query.flag("stream") && !is_over;
        let printed = follows.then(|| world.change(&id, |container| container.log.tap())).flatten();
        world.tell(&id, "attach", &[]);
        let (output, errors) = (query.flag("stdout"), query.flag("stderr"));
        let sim = ask.sim.clone();
        Ok(Session { sim, id, is_raw, output, errors, takes_input, ends_input, before, printed, pulse })
    })
}

/// `POST /containers/{}/resize`
pub(in super::super) async fn resize(ask: Ask) -> Reply {
    let (height, width) = super::exec::size(&ask.query)?;
    ask.sim.with(|world| {
        let container = world.find(ask.name())?;
        let id = container.id.clone();
        if !container.phase().is_running() {
            return Err(Refusal::conflict(format!("container {id} is not running")));
        }
        world.tell(&id, "resize", &[("height", height.to_string()), ("width", width.to_string())]);
        Ok(())
    })?;
    Ok(Answer::empty(StatusCode::OK))
}

impl Session {
    /// The next bytes; none at the end.
    async fn next(&mut self) -> Option<Bytes> {
        loop {
            let (source, bytes) = match self.before.pop_front() {
                Some(piece) => piece,
                None => self.printed.as_mut()?.recv().await?,
            };
            let wanted = match source {
                _ if self.is_raw => self.output || self.errors,
                Source::Output => self.output,
                Source::Error => self.errors,
            };
            if wanted {
                return Some(if self.is_raw { bytes } else { framed(source, &bytes) });
            }
        }
    }

    /// Passes bytes both ways until the container ends, the client goes, or it detaches.
    async fn converse(mut self, io: TokioIo<Upgraded>) {
        let (mut from, mut to) = tokio::io::split(io);
        let mut buffer = vec![0; CHUNK];
        let mut is_open = true;
        let mut typed = [0; 2];
        let mut running = self.pulse.clone();
        loop {
            // What is sent before the start waits for it.
            let sent = async {
                let _ = running.wait_for(|now| now.is_running || now.is_removed || now.ends > 0).await;
                from.read(&mut buffer).await.unwrap_or(0)
            };
            tokio::select! {
                piece = self.next() => {
                    let Some(piece) = piece else { break };
                    if to.write_all(&piece).await.is_err() || to.flush().await.is_err() {
                        break;
                    }
                }
                read = sent, if is_open => {
                    is_open = read > 0;
                    if self.take(&buffer[..read], &mut typed) {
                        self.sim.with(|world| world.tell(&self.id, "detach", &[]));
                        break;
                    }
                }
            }
        }
        // The client may have gone already.
        let _ = to.shutdown().await;
    }

    /// Takes what was sent; nothing is the end of it. Whether the keys to detach were among it.
    fn take(&self, bytes: &[u8], typed: &mut [u8; 2]) -> bool {
        if !self.takes_input {
            return false;
        }
        for byte in bytes {
            *typed = [typed[1], *byte];
            if *typed == DETACH {
                return true;
            }
        }
        // The first of the two keys is held back until it is known what follows.
        let kept = if typed[1] == DETACH[0] { bytes.len().saturating_sub(1) } else { bytes.len() };
        if !bytes.is_empty() {
            self.sim.with(|world| world.feed(&self.id, Some(&bytes[..kept])));
        } else if self.ends_input {
            self.sim.with(|world| world.feed(&self.id, None));
        }
        false
    }
}

fn framed(source: Source, bytes: &[u8]) -> Bytes {
    let mut out = vec![if source == Source::Output { 1 } else { 2 }, 0, 0, 0];
    out.extend_from_slice(&(bytes.len() as u32).to_be_bytes());
    out.extend_from_slice(bytes);
    out.into()
}
