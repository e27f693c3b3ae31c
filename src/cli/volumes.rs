//! `dockside volumes`: the project's volumes, from labels.

use std::process::ExitCode;

use color_eyre::eyre::Result;
use serde_json::{Value, json};

use super::global::Global;
use super::headless::{Session, Wants, block_on};
use super::{loading, out, rows};
use crate::observed::{ListedVolume, label};

/// Options of `volumes`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// table, json, or a Go template with these fields: Name, Driver, Labels, Mountpoint, Scope …
    #[arg(long, default_value = "table")]
    pub format: String,
    /// Print names only
    #[arg(short, long)]
    pub quiet: bool,
    /// The services whose volumes are wanted; all volumes if none is named
    #[arg(value_name = "SERVICE")]
    pub services: Vec<String>,
}

const FORM: rows::Form = rows::Form {
    table: "table {{.Driver}}\t{{.Name}}",
    headers: &[
        ("Name", "VOLUME NAME"),
        ("Driver", "DRIVER"),
        ("Scope", "SCOPE"),
        ("Availability", "AVAILABILITY"),
        ("Mountpoint", "MOUNTPOINT"),
        ("Links", "LINKS"),
        ("Size", "SIZE"),
        ("Labels", "LABELS"),
        ("Group", "GROUP"),
        ("Status", "STATUS"),
    ],
};

/// Lists the volumes.
///
/// # Errors
/// Where the file is broken, a service is unknown, the engine is out of reach, or the format makes no sense.
pub fn run(global: &Global, args: &Args) -> Result<ExitCode> {
    block_on(async {
        let session = Session::open(global, Wants::FileOrName).await?;
        if let Some(project) = &session.project {
            loading::expect_services(project, &args.services)?;
        }
        let volumes = volumes(&session, &args.services).await?;
        let text = if args.quiet {
            volumes.iter().map(|volume| format!("{}\n", volume.name)).collect()
        } else {
            let format =
                if args.format == "raw" { "name: {{.Name}}\ndriver: {{.Driver}}\n" } else { &args.format };
            rows::write(FORM, format, &volumes.iter().map(fields).collect::<Vec<_>>())?
        };
        out::print(&text)?;
        Ok(ExitCode::SUCCESS)
    })
}

async fn volumes(session: &Session, services: &[String]) -> Result<Vec<ListedVolume>> {
    let own = [format!("{}={}", label::PROJECT, session.name)];
    let mut volumes = session.engine.listed_volumes(&own).await?;
    if !services.is_empty() {
        let listings = session.engine.listings(&own, true).await?;
        let wanted = listings.iter().filter(|it| services.iter().any(|name| name == it.service()));
        let mounted: Vec<&str> =
            wanted.flat_map(|it| it.mounts.iter().map(|(name, _)| name.as_str())).collect();
        volumes.retain(|volume| mounted.contains(&volume.name.as_str()));
    }
    Ok(volumes)
}

fn fields(volume: &ListedVolume) -> Value {
    let labels: Vec<String> = volume.labels.iter().map(|(key, value)| format!("{key}={value}")).collect();
    json!({
        "Availability": "N/A",
        "Driver": volume.driver,
        "Group": "N/A",
        "Labels": labels.join(","),
        "Links": "N/A",
        "Mountpoint": volume.mountpoint,
        "Name": volume.name,
        "Scope": volume.scope,
        "Size": "N/A",
        "Status": "N/A",
        "Label": volume.labels,
    })
}
