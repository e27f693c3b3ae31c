//! Faults on order: what the embedded engine does wrong because a test asked for it.
//!
//! A fault is data: an operation as [`operations`](super::operations) names it, the calls of it that it befalls, and what goes
//! wrong. Answers are spoiled here, after they were made, so that no handler knows of faults. What befalls all connections
//! at once, or the clock, is [`Sim::go_away`](super::Sim::go_away)'s, [`Sim::shut_down`](super::Sim::shut_down)'s and
//! [`Clock::jump_to`](super::clock::Clock::jump_to)'s.

use std::io;
use std::ops::RangeInclusive;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use futures::stream::{self, BoxStream, StreamExt};
use http_body_util::{BodyExt, StreamBody};
use hyper::StatusCode;
use hyper::body::Frame;

use super::answer::{Answer, Body, Refusal};

/// How often the reader is given its turn between two pieces that are to arrive apart.
const TURNS: usize = 8;

/// What goes wrong, and where.
#[derive(Clone, Debug)]
pub struct Fault {
    /// The operation, as `GET /containers/{}/logs`.
    pub operation: &'static str,
    /// Which calls of it, counted from 1 since the fault was ordered.
    pub calls: RangeInclusive<usize>,
    /// What befalls them.
    pub wrong: Wrong,
}

/// What goes wrong with a call.
#[derive(Clone, Debug)]
pub enum Wrong {
    /// It is answered so much later, by the engine's clock.
    Late(Duration),
    /// It is refused with a status and a message.
    Refused(u16, &'static str),
    /// The connection breaks before a word of the answer.
    HungUp,
    /// The connection breaks after so many bytes of the answer's body.
    Cut(usize),
    /// After so many bytes of the body nothing more comes, and the connection stays.
    Stalled(usize),
    /// The body arrives in pieces of so many bytes, wherever they end.
    Split(usize),
    /// A text of the body is another one: a word that nobody knows yet.
    Says(&'static str, &'static str),
    /// The lines in which this text stands are lost: an event is a line.
    Lost(&'static str),
    /// They come twice.
    Doubled(&'static str),
}

/// The faults that were ordered.
#[derive(Debug, Default)]
pub(super) struct Faults {
    ordered: Mutex<Vec<Ordered>>,
}

#[derive(Debug)]
struct Ordered {
    fault: Fault,
    /// Calls since it was ordered.
    calls: usize,
    /// Those that it befell.
    befallen: usize,
}

impl Faults {
    /// Adds a fault.
    pub(super) fn order(&self, fault: Fault) {
        self.lock().push(Ordered { fault, calls: 0, befallen: 0 });
    }

    /// How many calls a fault befell.
    pub(super) fn befallen(&self) -> usize {
        self.lock().iter().map(|ordered| ordered.befallen).sum()
    }

    /// One more call of an operation: what befalls it.
    pub(super) fn of_call(&self, operation: &str) -> Vec<Wrong> {
        let mut ordered = self.lock();
        let of_operation = ordered.iter_mut().filter(|one| one.fault.operation == operation);
        let mut befall = |one: &mut Ordered| {
            one.calls += 1;
            let wrong = one.fault.calls.contains(&one.calls).then(|| one.fault.wrong.clone());
            one.befallen += usize::from(wrong.is_some());
            wrong
        };
        of_operation.filter_map(&mut befall).collect()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Ordered>> {
        self.ordered.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Wrong {
    /// How much later the call is answered.
    pub(super) fn delay(&self) -> Option<Duration> {
        match self {
            Self::Late(delay) => Some(*delay),
            _ => None,
        }
    }

    /// What is answered in place of all else.
    pub(super) fn refusal(&self) -> Option<Refusal> {
        let Self::Refused(status, message) = self else { return None };
        let status = StatusCode::from_u16(*status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Some(Refusal { status, message: (*message).to_owned() })
    }

    /// Whether there is no answer at all.
    pub(super) fn hangs_up(&self) -> bool {
        matches!(self, Self::HungUp)
    }

    /// The answer with this wrong in it.
    pub(super) fn spoil(&self, mut answer: Answer) -> Answer {
        let pieces = answer.body.into_data_stream();
        let spoiled: BoxStream<'static, io::Result<Bytes>> = match *self {
            Self::Late(_) | Self::Refused(..) | Self::HungUp => pieces.boxed(),
            Self::Cut(after) => first(pieces, after).chain(stream::once(breaking())).boxed(),
            Self::Stalled(after) => first(pieces, after).chain(stream::pending()).boxed(),
            Self::Split(size) => apart(pieces, size).boxed(),
            Self::Says(word, other) => pieces.map(move |piece| Ok(replaced(&piece?, word, other))).boxed(),
            Self::Lost(text) => pieces.map(move |piece| Ok(repeated(&piece?, text, 0))).boxed(),
            Self::Doubled(text) => pieces.map(move |piece| Ok(repeated(&piece?, text, 2))).boxed(),
        };
        answer.body = StreamBody::new(spoiled.map(|piece| piece.map(Frame::data))).boxed_unsync();
        answer
    }
}

type Pieces = http_body_util::BodyDataStream<Body>;

/// The pieces up to so many bytes.
fn first(pieces: Pieces, bytes: usize) -> impl futures::Stream<Item = io::Result<Bytes>> {
    stream::unfold((pieces, bytes), async |(mut pieces, left)| {
        if left == 0 {
            return None;
        }
        let piece = pieces.next().await?.map(|piece| piece.slice(..piece.len().min(left)));
        let left = left - piece.as_ref().map_or(left, Bytes::len);
        Some((piece, (pieces, left)))
    })
}

/// Pieces of `size` bytes, each with a turn of its own for whoever reads.
fn apart(pieces: Pieces, size: usize) -> impl futures::Stream<Item = io::Result<Bytes>> {
    let parts = pieces.flat_map(move |piece| {
        let parts: Vec<io::Result<Bytes>> = match piece {
            Ok(piece) => piece.chunks(size.max(1)).map(|part| Ok(piece.slice_ref(part))).collect(),
            Err(error) => vec![Err(error)],
        };
        stream::iter(parts)
    });
    parts.then(|part| async {
        turns().await;
        part
    })
}

/// Gives the reader its turn: what was sent before arrives by itself.
async fn turns() {
    for _ in 0..TURNS {
        tokio::task::yield_now().await;
    }
}

fn replaced(piece: &Bytes, word: &str, other: &str) -> Bytes {
    match std::str::from_utf8(piece) {
        Ok(text) => Bytes::from(text.replace(word, other)),
        Err(_) => piece.clone(),
    }
}

/// The lines of a piece, those in which a text stands so many times.
fn repeated(piece: &Bytes, text: &str, times: usize) -> Bytes {
    let lines = piece.split_inclusive(|byte| *byte == b'\n');
    let holds = |line: &[u8]| line.windows(text.len()).any(|window| window == text.as_bytes());
    lines.flat_map(|line| line.repeat(if holds(line) { times } else { 1 })).collect()
}

async fn breaking() -> io::Result<Bytes> {
    turns().await;
    Err(broken())
}

/// A connection that breaks because that was ordered.
pub(super) fn broken() -> io::Error {
    io::Error::new(io::ErrorKind::ConnectionReset, "a fault that was ordered")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(calls: RangeInclusive<usize>, wrong: Wrong) -> Fault {
        Fault { operation: "GET /x", calls, wrong }
    }

    #[test]
    fn a_fault_befalls_the_calls_that_it_names() {
        let faults = Faults::default();
        faults.order(fault(2..=3, Wrong::Cut(0)));
        let befallen = [1, 2, 3, 4].map(|_| faults.of_call("GET /x").len());
        assert_eq!((befallen, faults.of_call("GET /y").len(), faults.befallen()), ([0, 1, 1, 0], 0, 2));
    }

    /// The pieces `ab` and `cdé` with a fault, each before a bar; `!` where the connection breaks, `…` where it stalls.
    async fn check(wrong: Wrong, expected: &str) {
        let pieces = stream::iter(["ab", "cdé"]).map(|text| Bytes::from_static(text.as_bytes()));
        let spoiled = wrong.spoil(Answer::stream("text/plain", pieces));
        let mut pieces = spoiled.body.into_data_stream();
        let mut text = String::new();
        loop {
            match futures::poll!(Box::pin(pieces.next())) {
                std::task::Poll::Pending if matches!(wrong, Wrong::Split(_) | Wrong::Cut(_)) => {
                    tokio::task::yield_now().await;
                }
                std::task::Poll::Pending => break text.push('…'),
                std::task::Poll::Ready(None) => break,
                std::task::Poll::Ready(Some(Err(_))) => text.push('!'),
                std::task::Poll::Ready(Some(Ok(piece))) => {
                    text += &format!("{}|", String::from_utf8_lossy(&piece));
                }
            }
        }
        assert_eq!(text, expected, "{wrong:?}");
    }

    #[tokio::test]
    async fn bodies_are_spoiled() {
        check(Wrong::Cut(3), "ab|c|!").await;
        check(Wrong::Stalled(2), "ab|…").await;
        check(Wrong::Split(3), "ab|cd\u{fffd}|\u{fffd}|").await;
        check(Wrong::Says("b", "BB"), "aBB|cdé|").await;
        check(Wrong::Lost("cd"), "ab||").await;
        check(Wrong::Doubled("ab"), "abab|cdé|").await;
    }
}
