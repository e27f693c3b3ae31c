//! `dockside port`: where a port of a service is published, from labels.

use std::process::ExitCode;

use color_eyre::eyre::{Result, bail};

use super::containers::{Wanted, one};
use super::global::Global;
use super::headless::{Session, Wants, block_on};
use super::{out, ports};
use crate::observed::Listing;

/// Options of `port`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Which replica, by its number
    #[arg(long, value_name = "NUMBER", default_value_t = 0, hide_default_value = true)]
    pub index: u32,
    /// tcp or udp
    #[arg(long, default_value = "tcp")]
    pub protocol: String,
    /// The service, and the port in the container
    #[arg(value_name = "SERVICE PRIVATE_PORT")]
    pub words: Vec<String>,
}

/// Prints the address.
///
/// # Errors
/// Where the port is no number, the service does not run, or does not have it.
pub fn run(global: &Global, args: &Args) -> Result<ExitCode> {
    let [service, port, ..] = args.words.as_slice() else {
        bail!("requires at least 2 arg(s), only received {}", args.words.len());
    };
    let number = number(port)?;
    block_on(async {
        let session = Session::open(global, Wants::Name).await?;
        let wanted = Wanted { one_offs: true, ..Wanted::default() };
        let listing = one(&session.engine, &session.name, service, args.index, wanted).await?;
        out::print(&format!("{}\n", published(&listing, number, &args.protocol.to_lowercase())?))?;
        Ok(ExitCode::SUCCESS)
    })
}

/// A port as Go's `strconv.ParseUint` takes it.
fn number(text: &str) -> Result<u16> {
    match text.parse() {
        Ok(number) => Ok(number),
        Err(_) if !text.is_empty() && text.bytes().all(|digit| digit.is_ascii_digit()) => {
            bail!("strconv.ParseUint: parsing {text:?}: value out of range")
        }
        Err(_) => bail!("strconv.ParseUint: parsing {text:?}: invalid syntax"),
    }
}

fn published(listing: &Listing, number: u16, protocol: &str) -> Result<String> {
    let found = listing.ports.iter().find(|port| port.private == number && port.protocol == protocol);
    if let Some(port) = found {
        return Ok(ports::joined(&port.address, &port.public.to_string()));
    }
    let known: Vec<String> =
        listing.ports.iter().map(|port| format!("{}/{}", port.public, port.protocol)).collect();
    bail!("no port {number}/{protocol} for container {}: {}", listing.name(), known.join(", "))
}
