//! `GET /containers/{}/logs`: from a time or the last lines on, framed or raw, to the end of the container or for as long as
//! somebody listens.
//!
//! A follower of a busy container is given what has come in one piece, at moments that all followers share.

use std::time::Duration;

use bytes::Bytes;
use futures::stream;
use jiff::Timestamp;

use super::super::Sim;
use super::super::answer::{Answer, Refusal, Reply};
use super::super::clock::Moment;
use super::super::server::Ask;
use super::super::stamp::Stamper;
use super::super::world::container::{Container, Pulse};
use super::super::world::log::{Message, Source};

/// How many bytes are sent in one piece, about.
const PIECE: usize = 256 * 1024;
/// Lines that come faster than this are sent together.
const TOGETHER: i64 = 40_000_000;
pub(super) const FRAMED: &str = "application/vnd.docker.multiplexed-stream";
pub(super) const RAW: &str = "application/vnd.docker.raw-stream";

/// A log that is read.
struct Reading {
    sim: Sim,
    id: String,
    follows: bool,
    next: u64,
    /// How often the container had ended before.
    ends: u64,
    /// How the container was when it was last looked at.
    pulse: tokio::sync::watch::Receiver<Pulse>,
    form: Form,
    is_over: bool,
}

/// What is sent of each message, and how.
struct Form {
    output: bool,
    errors: bool,
    has_stamps: bool,
    is_raw: bool,
    since: Option<Moment>,
    until: Option<Moment>,
    stamper: Stamper,
}

/// `GET /containers/{}/logs`
pub(in super::super) async fn logs(ask: Ask) -> Reply {
    let query = &ask.query;
    let now = ask.sim.clock().now();
    let mut form = Form {
        output: query.flag("stdout"),
        errors: query.flag("stderr"),
        has_stamps: query.flag("timestamps"),
        is_raw: false,
        since: query.get("since").filter(|since| *since != "0").and_then(|text| moment(text, now)),
        until: query.get("until").filter(|until| *until != "0").and_then(|text| moment(text, now)),
        stamper: Stamper::default(),
    };
    if !form.output && !form.errors {
        return Err(Refusal::bad("Bad parameters: you must choose at least one stream"));
    }
    if let Some(since) = query.get("since").filter(|since| moment(since, now).is_none()) {
        return Err(Refusal::failed(format!("strconv.ParseInt: parsing \"{since}\": invalid syntax")));
    }
    let tail = query.number::<usize>("tail");
    let begun = ask.sim.with(|world| {
        let id = world.id_of(ask.name())?;
        let host = &world.find(&id)?.host;
        if host.get("LogConfig").is_some_and(|config| config["Type"] == "none") {
            let message = "configured logging driver does not support reading".to_owned();
            return Err(Refusal { status: hyper::StatusCode::NOT_IMPLEMENTED, message });
        }
        let now = world.now;
        let found = world.change(&id, |container| {
            container.catch_up(now);
            form.is_raw = container.has_terminal();
            (first(container, tail), container.pulse.subscribe())
        });
        let (next, pulse) = found.ok_or_else(|| super::super::world::no_such_container(ask.name()))?;
        Ok((id, next, pulse))
    });
    let (id, next, pulse) = begun?;
    let content_type = if form.is_raw { RAW } else { FRAMED };
    let follows = query.flag("follow");
    let ends = pulse.borrow().ends;
    let reading = Reading { sim: ask.sim.clone(), id, follows, next, ends, pulse, form, is_over: false };
    Ok(Answer::stream(
        content_type,
        stream::unfold(reading, |mut reading| async move {
            let piece = reading.piece().await?;
            Some((piece, reading))
        }),
    ))
}

/// The number of the first message to send.
fn first(container: &Container, tail: Option<usize>) -> u64 {
    let Some(tail) = tail else { return container.log.first() };
    // Counted before a stream is chosen.
    container
        .log
        .from(0)
        .rev()
        .take(tail)
        .last()
        .map_or_else(|| container.log.next(), |message| message.number)
}

impl Reading {
    /// The next bytes; none at the end.
    async fn piece(&mut self) -> Option<Bytes> {
        loop {
            if self.is_over {
                return None;
            }
            let before = *self.pulse.borrow_and_update();
            let (bytes, is_all, next_line) = self.take();
            // What has ended prints nothing more, unless it is started again; a follower is sent away all the same.
            let has_ended = !before.is_running || before.ends > self.ends;
            self.is_over = is_all && (!self.follows || has_ended);
            if !bytes.is_empty() {
                return Some(bytes.into());
            }
            if is_all && !self.is_over {
                self.wait(next_line).await?;
            }
        }
    }

    /// What there is to send, whether that was all, and when the next line comes by itself.
    fn take(&mut self) -> (Vec<u8>, bool, Option<Moment>) {
        let mut bytes = Vec::new();
        let (form, next, id, ends) = (&mut self.form, &mut self.next, &self.id, self.ends);
        let rest = self.sim.with(|world| {
            let now = world.now;
            let container = world.containers.get_mut(id)?;
            container.catch_up(now);
            let pulse = *container.pulse.borrow();
            // What it prints in its next life is for those who ask then.
            let last = if pulse.ends > ends { pulse.last } else { u64::MAX };
            for message in container.log.from(*next).take_while(|message| message.number < last) {
                form.write(&message, &mut bytes);
                *next = message.number + 1;
                if bytes.len() >= PIECE {
                    break;
                }
            }
            let next_line = container.next_line();
            Some((*next >= container.log.next().min(last), next_line))
        });
        let (is_all, next_line) = rest.unwrap_or((true, None));
        (bytes, is_all, next_line)
    }

    /// Waits for the next line, or a change of the container. None if the engine is gone.
    async fn wait(&mut self, next_line: Option<Moment>) -> Option<()> {
        let clock = self.sim.clock();
        let line = async {
            match next_line {
                // Rounded up to moments that all share, so that one wake serves many.
                Some(at) => clock.sleep_until(Moment((at.0 / TOGETHER + 1) * TOGETHER)).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            changed = self.pulse.changed() => changed.ok(),
            () = line => Some(()),
        }
    }
}

impl Form {
    fn fits(&self, message: &Message<'_>) -> bool {
        let wanted = match message.source {
            Source::Output => self.output,
            Source::Error => self.errors,
        };
        wanted
            && self.since.is_none_or(|since| message.at >= since)
            && self.until.is_none_or(|until| message.at <= until)
    }

    fn write(&mut self, message: &Message<'_>, out: &mut Vec<u8>) {
        if !self.fits(message) {
            return;
        }
        if !self.is_raw {
            let stamp = if self.has_stamps { Stamper::LENGTH } else { 0 };
            let stream = if message.source == Source::Output { 1 } else { 2 };
            out.extend_from_slice(&[stream, 0, 0, 0]);
            out.extend_from_slice(&((message.bytes.len() + stamp) as u32).to_be_bytes());
        }
        if self.has_stamps {
            self.stamper.write(message.at, out);
        }
        out.extend_from_slice(message.bytes);
    }
}

/// A time of a query: seconds since 1970 with a fraction, RFC 3339, or a span back from now (`10m`).
pub(super) fn moment(text: &str, now: Moment) -> Option<Moment> {
    if let Ok(time) = text.parse::<Timestamp>() {
        return Some(time.into());
    }
    let (seconds, fraction) = text.split_once('.').unwrap_or((text, "0"));
    if let Ok(seconds) = seconds.parse::<i64>() {
        let nanos: i64 = format!("{fraction:0<9}").get(..9)?.parse().ok()?;
        return Some(Moment(seconds.checked_mul(1_000_000_000)? + nanos));
    }
    let (number, unit) = text.split_at(text.len().checked_sub(1)?);
    let unit = match unit {
        "s" => 1.0,
        "m" => 60.0,
        "h" => 3600.0,
        _ => return None,
    };
    Some(now - Duration::from_secs_f64((number.parse::<f64>().ok()?.max(0.0) * unit).min(1e9)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_queries() {
        let now = Moment(100_000_000_000);
        let check = |text: &str, expected: Option<i64>| {
            assert_eq!(moment(text, now).map(|at| at.0), expected, "{text}");
        };
        check("5", Some(5_000_000_000));
        check("5.25", Some(5_250_000_000));
        check("1970-01-01T00:00:07Z", Some(7_000_000_000));
        check("10s", Some(90_000_000_000));
        check("x", None);
        check("", None);
    }
}
