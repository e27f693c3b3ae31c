//! `dockside stats`: what the containers use, once or again and again, from labels.

use std::process::ExitCode;
use std::time::Duration;

use color_eyre::eyre::Result;
use futures::stream::{self, StreamExt};
use serde_json::{Value, json};

use super::global::Global;
use super::headless::{INTERRUPTED, Session, Wants, block_on};
use super::signals::Interrupts;
use super::{humane, out, rows};
use crate::engine::AT_ONCE;
use crate::observed::{ContainerId, Listing, Usage, label};

/// Options of `stats`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Containers that do not run as well
    #[arg(short, long)]
    pub all: bool,
    /// table, json, or a Go template with these fields: ID, Name, `CPUPerc`, `MemUsage`, `NetIO` …
    #[arg(long, default_value = "", hide_default_value = true)]
    pub format: String,
    /// Print once and end
    #[arg(long)]
    pub no_stream: bool,
    /// Print ids in full
    #[arg(long)]
    pub no_trunc: bool,
    /// The service; all of them if none is named
    #[arg(value_name = "SERVICE")]
    pub service: Option<String>,
}

const FORM: rows::Form = rows::Form {
    table: "table {{.ID}}\t{{.Name}}\t{{.CPUPerc}}\t{{.MemUsage}}\t{{.MemPerc}}\t{{.NetIO}}\t{{.BlockIO}}\t{{.PIDs}}",
    headers: &[
        ("Container", "CONTAINER"),
        ("ID", "CONTAINER ID"),
        ("Name", "NAME"),
        ("CPUPerc", "CPU %"),
        ("MemUsage", "MEM USAGE / LIMIT"),
        ("MemPerc", "MEM %"),
        ("NetIO", "NET I/O"),
        ("BlockIO", "BLOCK I/O"),
        ("PIDs", "PIDS"),
    ],
};

/// The pause between two tables.
const PAUSE: Duration = Duration::from_millis(500);

/// Prints the figures.
///
/// # Errors
/// Where the project has no name, the engine is out of reach, or the format makes no sense.
pub fn run(global: &Global, args: &Args) -> Result<ExitCode> {
    block_on(async {
        let session = Session::open(global, Wants::Name).await?;
        if args.no_stream {
            out::print(&text(&session, args).await?)?;
            return Ok(ExitCode::SUCCESS);
        }
        let mut interrupts = Interrupts::listen();
        tokio::select! {
            ended = stream(&session, args) => ended,
            _ = interrupts.next() => Ok(ExitCode::from(INTERRUPTED)),
        }
    })
}

/// A table over the last, again and again.
async fn stream(session: &Session, args: &Args) -> Result<ExitCode> {
    loop {
        let text = text(session, args).await?;
        // To the corner; each line cleared to its end, and what is below the last.
        out::print(&format!("\x1b[H{}\x1b[J", text.replace('\n', "\x1b[K\n")))?;
        tokio::time::sleep(PAUSE).await;
    }
}

async fn text(session: &Session, args: &Args) -> Result<String> {
    let mut labels = vec![format!("{}={}", label::PROJECT, session.name)];
    labels.extend(args.service.iter().map(|name| format!("{}={name}", label::SERVICE)));
    let listings = session.engine.listings(&labels, args.all).await?;
    let reads = stream::iter(listings).map(|listing| async move {
        let usage = session.engine.usage(&ContainerId::from(listing.id.as_str())).await;
        (listing, usage)
    });
    let read: Vec<_> = reads.buffered(AT_ONCE.max(64)).collect().await;
    let rows =
        read.into_iter().map(|(listing, usage)| fields(&listing, usage.ok(), args)).collect::<Vec<_>>();
    Ok(rows::write(FORM, &args.format, &rows)?)
}

/// The fields of a container; `--` where it could not be read.
fn fields(listing: &Listing, usage: Option<Usage>, args: &Args) -> Value {
    let share = |value: f64| format!("{value:.2}%");
    let pair = |one: u64, other: u64, size: fn(f64) -> String| {
        format!("{} / {}", size(one as f64), size(other as f64))
    };
    let or = |text: Option<String>, none: &str| text.unwrap_or_else(|| none.to_owned());
    let usage = usage.as_ref();
    json!({
        "BlockIO": or(usage.map(|it| pair(it.read, it.written, humane::size)), "--"),
        "CPUPerc": or(usage.map(|it| share(it.cpu)), "--"),
        "Container": listing.id,
        "ID": if args.no_trunc { listing.id.clone() } else { listing.id.chars().take(12).collect() },
        "MemPerc": or(usage.map(|it| share(it.memory_share())), "--"),
        "MemUsage": or(usage.map(|it| pair(it.memory, it.memory_limit, humane::binary_size)), "-- / --"),
        "Name": listing.name(),
        "NetIO": or(usage.map(|it| pair(it.received, it.sent, humane::size)), "--"),
        "PIDs": or(usage.map(|it| it.processes.to_string()), "--"),
    })
}
