//! `dockside ps`: the project's containers, from the file or from labels.

use std::process::ExitCode;

use color_eyre::eyre::{Result, bail, eyre};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::global::Global;
use super::headless::{Session, Wants, block_on};
use super::{loading, out, ports, rows};
use crate::engine::{AT_ONCE, Engine};
use crate::observed::{ContainerId, HealthStatus, Listing, State, label, span_in_words};

/// Options of `ps`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Stopped containers and those of `run` as well
    #[arg(short, long)]
    pub all: bool,
    /// Only containers that are so: `status=running`
    #[arg(long, value_name = "KEY=VALUE")]
    pub filter: Option<String>,
    /// table, json, or a Go template with these fields: ID, Name, Image, Command, Service, Status, Ports …
    #[arg(long, default_value = "")]
    pub format: String,
    /// Leave nothing out of long ids and commands
    #[arg(long)]
    pub no_trunc: bool,
    /// Containers of services that the file does not have as well
    #[arg(long, action = clap::ArgAction::Set, num_args = 0..=1, require_equals = true, default_value_t = true,
        default_missing_value = "true")]
    pub orphans: bool,
    /// Print ids only
    #[arg(short, long)]
    pub quiet: bool,
    /// Print the names of services only
    #[arg(long)]
    pub services: bool,
    /// Only containers in this state: paused, restarting, removing, running, dead, created, exited
    #[arg(long, value_name = "STATE")]
    pub status: Vec<String>,
    /// The services; all of them if none is named
    #[arg(value_name = "SERVICE")]
    pub names: Vec<String>,
}

/// A container with what only its inspection tells.
struct Row {
    listing: Listing,
    health: String,
    exit_code: i64,
}

const FORM: rows::Form = rows::Form {
    table: "table {{.Name}}\t{{.Image}}\t{{.Command}}\t{{.Service}}\t{{.RunningFor}}\t{{.Status}}\t{{.Ports}}",
    headers: &[
        ("ID", "CONTAINER ID"),
        ("Name", "NAME"),
        ("Project", "PROJECT"),
        ("Service", "SERVICE"),
        ("Image", "IMAGE"),
        ("Command", "COMMAND"),
        ("CreatedAt", "CREATED AT"),
        ("RunningFor", "CREATED"),
        ("Ports", "PORTS"),
        ("State", "STATE"),
        ("Status", "STATUS"),
        ("Size", "SIZE"),
        ("Labels", "LABELS"),
    ],
};

/// What `--format raw` stands for.
const RAW: &str = "container_id: {{.ID}}\nimage: {{.Image}}\ncommand: {{.Command}}\ncreated_at: {{.CreatedAt}}\nstate: \
                   {{- pad .State 1 0}}\nstatus: {{- pad .Status 1 0}}\nnames: {{.Names}}\nlabels: {{- pad .Labels 1 \
                   0}}\nports: {{- pad .Ports 1 0}}\n";

/// Lists the containers.
///
/// # Errors
/// Where the file is broken, a service is unknown, the engine is out of reach, or a filter or format makes no sense.
pub fn run(global: &Global, args: &Args) -> Result<ExitCode> {
    let status = status(args)?;
    block_on(async {
        let session = Session::open(global, Wants::FileOrName).await?;
        let listings = listings(&session, args, &status).await?;
        out::print(&text(&session.engine, args, listings).await?)?;
        Ok(ExitCode::SUCCESS)
    })
}

/// The states that are wanted; none for any.
fn status(args: &Args) -> Result<Vec<String>> {
    let mut wanted = args.status.clone();
    let Some(filter) = args.filter.as_deref().filter(|filter| !filter.is_empty()) else { return Ok(wanted) };
    let (key, value) =
        filter.split_once('=').ok_or_else(|| eyre!("arguments to --filter should be in form KEY=VAL"))?;
    match key {
        "status" => wanted.push(value.to_owned()),
        "source" => bail!("not implemented"),
        other => bail!("unknown filter {other}"),
    }
    Ok(wanted)
}

async fn listings(session: &Session, args: &Args, status: &[String]) -> Result<Vec<Listing>> {
    let mut names = args.names.clone();
    if let Some(project) = &session.project {
        loading::expect_services(project, &names)?;
        if names.is_empty() && !args.orphans {
            names = project.services.keys().cloned().collect();
        }
    }
    let all = args.all || !status.is_empty();
    let mut listings = session.engine.listings(&super::containers::labels(&session.name), all).await?;
    listings.retain(|listing| {
        (all || !listing.is_one_off())
            && (names.is_empty() || names.iter().any(|name| name == listing.service()))
            && (status.is_empty() || status.contains(&listing.state))
    });
    listings.sort_by(|one, other| one.name().cmp(other.name()));
    Ok(listings)
}

async fn text(engine: &Engine, args: &Args, listings: Vec<Listing>) -> Result<String> {
    if args.quiet {
        return Ok(listings.iter().map(|listing| format!("{}\n", listing.id)).collect());
    }
    if args.services {
        let mut services: Vec<&str> = Vec::new();
        for listing in &listings {
            if !services.contains(&listing.service()) {
                services.push(listing.service());
            }
        }
        return Ok(services.join("\n") + "\n");
    }
    let rows: Vec<Value> =
        inspected(engine, listings).await?.iter().map(|row| fields(row, !args.no_trunc)).collect();
    let format = if args.format == "raw" { RAW } else { &args.format };
    Ok(rows::write(FORM, format, &rows)?)
}

/// Adds what lists do not tell; what vanishes meanwhile is left out.
async fn inspected(engine: &Engine, listings: Vec<Listing>) -> Result<Vec<Row>> {
    use futures::stream::{self, StreamExt};
    let reads = stream::iter(listings).map(|listing| async move {
        let container = engine.inspect(&ContainerId::from(listing.id.as_str())).await?;
        Ok::<_, crate::engine::Error>(container.map(|container| {
            let health = container.health.filter(|_| container.state == State::Running);
            let ended = matches!(container.state, State::Exited | State::Dead);
            Row {
                listing,
                health: health.map_or_else(String::new, |health| health_word(&health.status).to_owned()),
                exit_code: container.exit_code.filter(|_| ended).unwrap_or(0),
            }
        }))
    });
    let rows: Vec<_> = reads.buffered(AT_ONCE).collect().await;
    rows.into_iter().filter_map(Result::transpose).map(|row| Ok(row?)).collect()
}

fn health_word(status: &HealthStatus) -> &str {
    match status {
        HealthStatus::Starting => "starting",
        HealthStatus::Healthy => "healthy",
        HealthStatus::Unhealthy => "unhealthy",
        HealthStatus::Other(word) => word,
    }
}

/// The fields of a row, in the order of Docker Compose's JSON.
fn fields(row: &Row, is_cut: bool) -> Value {
    let listing = &row.listing;
    let cut = |text: &str, width: usize| if is_cut { shortened(text, width) } else { text.to_owned() };
    let labels: Vec<String> = listing.labels.iter().map(|(key, value)| format!("{key}={value}")).collect();
    let mounts: Vec<String> = listing.mounts.iter().map(|(name, _)| cut(name, 15)).collect();
    let names: Vec<&str> = listing.names.iter().map(|name| name.trim_start_matches('/')).collect();
    let mut published = listing.ports.clone();
    published.sort_by_key(|port| port.private);
    let publishers: Vec<Value> = published
        .iter()
        .map(|port| {
            json!({ "URL": port.address, "TargetPort": port.private, "PublishedPort": port.public,
                "Protocol": port.protocol })
        })
        .collect();
    json!({
        "Command": quoted(&cut(&listing.command, 20)),
        "CreatedAt": local_time(listing.created),
        "ExitCode": row.exit_code,
        "Health": row.health,
        "ID": if is_cut { listing.id.chars().take(12).collect() } else { listing.id.clone() },
        "Image": listing.image,
        "Labels": labels.join(","),
        "LocalVolumes": listing.mounts.iter().filter(|(_, driver)| driver == "local").count().to_string(),
        "Mounts": mounts.join(","),
        "Name": listing.name(),
        "Names": if is_cut { listing.name().to_owned() } else { names.join(",") },
        "Networks": listing.networks.join(","),
        "Ports": ports::displayed(&listing.ports),
        "Project": listing.label(label::PROJECT),
        "Publishers": publishers,
        "RunningFor": format!("{} ago", span_in_words(Timestamp::now().as_second() - listing.created)),
        "Service": listing.service(),
        // The engine is not asked for sizes, which would take it long.
        "Size": "0B",
        "State": listing.state,
        "Status": listing.status,
        "Label": listing.labels,
    })
}

/// So many characters at most, the last one `…` where some are left out.
fn shortened(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    text.chars().take(width - 1).chain(['…']).collect()
}

/// Text in quotes, as Go's `strconv.Quote` writes it.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for character in text.chars() {
        match character {
            '"' | '\\' => out.extend(['\\', character]),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            control if control.is_ascii_control() => out.push_str(&format!("\\x{:02x}", control as u32)),
            other => out.push(other),
        }
    }
    out + "\""
}

/// `2026-11-23 18:55:08 +0000 UTC`, in the zone of this machine.
fn local_time(seconds: i64) -> String {
    let time = Timestamp::from_second(seconds).unwrap_or_default().to_zoned(TimeZone::system());
    time.strftime("%Y-%m-%d %H:%M:%S %z %Z").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_cut_and_quoted() {
        assert_eq!(quoted(&shortened("sh -c 'echo hello; sleep 1000'", 20)), "\"sh -c 'echo hello; …\"");
        assert_eq!(quoted("a \"b\" \\ \n\u{1b}é"), "\"a \\\"b\\\" \\\\ \\n\\x1bé\"");
        assert_eq!(shortened("exactly twenty chars", 20), "exactly twenty chars");
    }
}
