//! `dockside events`: what happens to the project's containers, as it happens, from labels.

use std::process::ExitCode;

use color_eyre::eyre::{Result, eyre};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::json;

use super::global::Global;
use super::headless::{INTERRUPTED, Session, Wants, block_on};
use super::signals::Interrupts;
use super::{moment, out};
use crate::compose::emit::json::compact;
use crate::engine::Events;
use crate::observed::{Event, EventKind, label};

/// Options of `events`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Print an object each line
    #[arg(long)]
    pub json: bool,
    /// Begin at this time: 2013-01-02T13:23:37Z, or 42m for the last 42 minutes
    #[arg(long, value_name = "TIME", default_value = "", hide_default_value = true)]
    pub since: String,
    /// End at this time
    #[arg(long, value_name = "TIME", default_value = "", hide_default_value = true)]
    pub until: String,
    /// The services; all of them if none is named
    #[arg(value_name = "SERVICE")]
    pub services: Vec<String>,
}

/// Prints events until the time given, or until it is interrupted.
///
/// # Errors
/// Where the file is broken, a time makes no sense, the engine is out of reach, or ends the stream:
/// as Docker Compose says it, which takes even the end that was asked for as one.
pub fn run(global: &Global, args: &Args) -> Result<ExitCode> {
    let moment = |text: &str| {
        moment::for_engine(text, Timestamp::now(), &TimeZone::system()).map_err(|why| eyre!("{why}"))
    };
    let (since, until) = (moment(&args.since)?, moment(&args.until)?);
    block_on(async {
        let session = Session::open(global, Wants::FileOrName).await?;
        let own = [format!("{}={}", label::PROJECT, session.name)];
        let mut events = Events::labelled(&session.engine, &own, since.as_deref(), until.as_deref()).await?;
        let mut interrupts = Interrupts::listen();
        loop {
            tokio::select! {
                event = events.next() => {
                    let Some(event) = event? else { return Err(eyre!("EOF")) };
                    if is_wanted(&event, &args.services) {
                        out::print(&if args.json { json_line(&event) } else { line(&event) })?;
                    }
                }
                _ = interrupts.next() => return Ok(ExitCode::from(INTERRUPTED)),
            }
        }
    })
}

fn is_wanted(event: &Event, services: &[String]) -> bool {
    let of = |key: &str| event.attributes.get(key).map(String::as_str).unwrap_or_default();
    event.kind == EventKind::Container
        && of(label::ONE_OFF) != "True"
        && (services.is_empty() || services.iter().any(|name| name == of(label::SERVICE)))
}

/// What an event says besides Compose's own labels.
fn attributes(event: &Event) -> impl Iterator<Item = (&String, &String)> {
    event.attributes.iter().filter(|(key, _)| !key.starts_with("com.docker.compose."))
}

/// `2026-11-23 19:08:09.046129 container kill ID (image=…, name=…)`, and an empty line, as Docker Compose has it.
fn line(event: &Event) -> String {
    let time = event.at.to_zoned(TimeZone::system()).strftime("%Y-%m-%d %H:%M:%S%.6f");
    let said: Vec<String> = attributes(event).map(|(key, value)| format!("{key}={value}")).collect();
    format!("{time} container {} {} ({})\n\n", event.action, event.actor, said.join(", "))
}

fn json_line(event: &Event) -> String {
    let service = event.attributes.get(label::SERVICE).map(String::as_str).unwrap_or_default();
    let object = json!({
        "action": event.action,
        "attributes": attributes(event).map(|(key, value)| (key.clone(), json!(value))).collect::<serde_json::Map<_, _>>(),
        "id": event.actor,
        "service": service,
        "time": zoned_time(event.at),
        "type": "container",
    });
    format!("{}\n", compact(&object))
}

/// `2026-11-23T19:08:09.046129Z`, in the zone of this machine, as Go writes it: `Z` where that is at no offset.
fn zoned_time(at: Timestamp) -> String {
    let time = at.to_zoned(TimeZone::system());
    let form = if time.offset().is_zero() { "%Y-%m-%dT%H:%M:%S%.fZ" } else { "%Y-%m-%dT%H:%M:%S%.f%:z" };
    time.strftime(form).to_string()
}
