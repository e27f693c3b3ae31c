//! `dockside cp`: files and folders out of a service's container, or into its containers, from labels.
//!
//! Where a copy ends up is as with `cp -R`: in the folder if there is one, else under the new name.

mod local;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{fs, io};

use color_eyre::eyre::{Result, WrapErr, bail, eyre};
use tokio::sync::mpsc;

use super::containers::{Wanted, of_services, one};
use super::global::Global;
use super::headless::{Session, Wants, block_on};
use super::out;
use crate::engine::Engine;
use crate::engine::archive::{self, Kind};
use crate::observed::{ContainerId, Listing};
use local::{Arriving, Place, There};

/// How many chunks of an archive may wait to be unpacked.
const CHUNKS_WAITING: usize = 16;

/// Options of `cp`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Containers that `run` made as well
    #[arg(long)]
    pub all: bool,
    /// Keep owner and group
    #[arg(short, long)]
    pub archive: bool,
    /// Follow a symbolic link that the source is
    #[arg(short = 'L', long)]
    pub follow_link: bool,
    /// Which replica, by its number
    #[arg(long, value_name = "NUMBER", default_value_t = 0, hide_default_value = true)]
    pub index: u32,
    /// From: a path here, SERVICE:PATH, or - for a tar archive from standard input. To:
    /// SERVICE:PATH, a path here, or - for a tar archive to standard output
    #[arg(value_name = "SOURCE DESTINATION")]
    pub paths: Vec<String>,
}

/// What is said where not two paths are given.
const USAGE: &str = "docker: 'docker compose cp' requires 2 arguments\n\n\
    Usage:  docker compose cp [OPTIONS] SERVICE:SRC_PATH DEST_PATH|-\n\
    \tdocker compose cp [OPTIONS] SRC_PATH|- SERVICE:DEST_PATH\n\n\
    Run 'docker compose cp --help' for more information";

/// One end of a copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End<'a> {
    Here(&'a str),
    There { service: &'a str, path: &'a str },
}

/// Copies.
///
/// # Errors
/// Where source or destination make no sense or are not there, or the engine refuses.
pub fn run(global: &Global, args: &Args) -> Result<ExitCode> {
    let [source, destination] = args.paths.as_slice() else { bail!(USAGE) };
    for (name, text) in [("source", source), ("destination", destination)] {
        if text.is_empty() {
            bail!("{name} can not be empty");
        }
    }
    block_on(async {
        let session = Session::open(global, Wants::Name).await?;
        match (end(source), end(destination)) {
            (End::There { .. }, End::There { .. }) => bail!("copying between services is not supported"),
            (End::Here(_), End::Here(_)) => bail!("unknown copy direction"),
            (End::There { service, path }, End::Here(to)) => {
                let mut found = targets(&session, args, service).await?;
                found.truncate(1);
                for listing in &found {
                    let what = format!("{}:{path} to {to}", listing.name());
                    told(&session, listing, &what, copy_out(&session.engine, args, listing, path, to))
                        .await?;
                }
            }
            (End::Here(from), End::There { service, path }) => {
                let found = targets(&session, args, service).await?;
                for listing in &found {
                    let what = format!("{from} to {}:{path}", listing.name());
                    let is_dry = session.global.dry_run;
                    let copy = async {
                        if is_dry {
                            Ok(())
                        } else {
                            copy_in(&session.engine, args, listing, from, path).await
                        }
                    };
                    told(&session, listing, &what, copy).await?;
                }
            }
        }
        Ok(ExitCode::SUCCESS)
    })
}

/// A path that begins with a slash or a dot is one here, whatever colons it has.
fn end(text: &str) -> End<'_> {
    match text.split_once(':') {
        Some((service, path)) if !text.starts_with(['/', '.']) => End::There { service, path },
        _ => End::Here(text),
    }
}

/// The containers of the service, the newest first, as the engine lists them.
async fn targets(session: &Session, args: &Args, service: &str) -> Result<Vec<Listing>> {
    let (engine, name) = (&session.engine, &session.name);
    if args.index > 0 {
        let wanted = Wanted { stopped: true, one_offs: false };
        return Ok(vec![one(engine, name, service, args.index, wanted).await?]);
    }
    let wanted = Wanted { stopped: true, one_offs: args.all };
    let found = of_services(engine, name, &[service.to_owned()], wanted).await?;
    if found.is_empty() {
        bail!("no container found for service {service:?}");
    }
    Ok(found)
}

/// Tells of a copy before and after it.
async fn told(
    session: &Session,
    listing: &Listing,
    what: &str,
    copy: impl Future<Output = Result<()>>,
) -> Result<()> {
    let tell = |status: &str| session.progress.line(&format!(" {} copy {what} {status}", listing.name()));
    tell("Copying");
    copy.await?;
    tell("Copied");
    Ok(())
}

async fn copy_out(engine: &Engine, args: &Args, listing: &Listing, from: &str, to: &str) -> Result<()> {
    let id = ContainerId::from(listing.id.as_str());
    let mut path = from.to_owned();
    let mut name = None;
    if args.follow_link
        && let Some(stat) = archive::stat(engine, &id, from).await?
        && stat.kind == Kind::Link
    {
        path = beside(from, &stat.link_target);
        name = Some(local::split(from).1);
    }
    if to != "-" {
        check_output(to)?;
    }
    let mut reading = archive::read(engine, &id, &path).await?;
    if to == "-" {
        while let Some(bytes) = reading.next().await? {
            out::print_bytes(&bytes)?;
        }
        return Ok(());
    }
    let is_folder = reading.stat.kind == Kind::Folder;
    let mut landing = local::landing(&local::place(to), is_folder).map_err(|why| eyre!(why))?;
    landing.name = landing.name.or(name);
    let (sender, receiver) = mpsc::channel(CHUNKS_WAITING);
    let unpacking = tokio::task::spawn_blocking(move || local::unpack(Arriving::new(receiver), &landing));
    while let Some(bytes) = reading.next().await? {
        if sender.send(bytes).await.is_err() {
            // It has failed, and says why.
            break;
        }
    }
    drop(sender);
    unpacking.await?.wrap_err_with(|| format!("write {to}"))
}

/// Checks that what is to be written has a folder to lie in, and is nothing odd.
fn check_output(to: &str) -> Result<()> {
    let (parent, _) = local::split(to);
    if !Path::new(&parent).exists() {
        bail!("invalid output path: directory {parent:?} does not exist");
    }
    match fs::metadata(to) {
        Ok(found) if !found.is_dir() && !found.is_file() => {
            bail!("invalid output path: {to:?} is no file and no directory")
        }
        _ => Ok(()),
    }
}

async fn copy_in(engine: &Engine, args: &Args, listing: &Listing, from: &str, to: &str) -> Result<()> {
    let id = ContainerId::from(listing.id.as_str());
    let place = place_there(engine, &id, to).await?;
    if from == "-" {
        if place.there != There::Folder {
            bail!("destination \"{id}:{to}\" must be a directory");
        }
        archive::write(engine, &id, &place.path, args.archive, |output| {
            io::copy(&mut io::stdin().lock(), output).map(drop).map_err(|error| error.to_string())
        })
        .await?;
        return Ok(());
    }
    let follow = args.follow_link || local::names_folder(from);
    let found = if follow { fs::metadata(from) } else { fs::symlink_metadata(from) };
    let found = found.map_err(|error| eyre!("lstat {}: {}", absolute(from).display(), plain(&error)))?;
    if from.ends_with('/') && !found.is_dir() {
        bail!("not a directory");
    }
    let landing = local::landing(&place, found.is_dir()).map_err(|why| eyre!(why))?;
    let is_content = from.ends_with("/.") || from == ".";
    let own_name = if is_content { ".".to_owned() } else { local::split(from).1 };
    let name = landing.name.unwrap_or(own_name);
    let source = absolute(from);
    archive::write(engine, &id, &landing.folder, args.archive, move |output| {
        local::pack(output, &source, &name, follow)
    })
    .await?;
    Ok(())
}

/// What is at a path in a container, a link followed once.
async fn place_there(engine: &Engine, id: &ContainerId, to: &str) -> Result<Place> {
    let mut path = to.to_owned();
    let mut stat = archive::stat(engine, id, to).await?;
    if let Some(link) = stat.as_ref().filter(|stat| stat.kind == Kind::Link) {
        path = beside(to, &link.link_target);
        stat = archive::stat(engine, id, &path).await?;
    }
    let there = match stat.map(|stat| stat.kind) {
        Some(Kind::Folder) => There::Folder,
        Some(Kind::Odd) => bail!("destination \"{id}:{to}\" must be a directory or a regular file"),
        Some(Kind::File | Kind::Link) => There::File,
        None => There::Nothing,
    };
    Ok(Place { path, there })
}

/// Where a link leads that lies at `path`.
fn beside(path: &str, target: &str) -> String {
    if target.starts_with('/') {
        return target.to_owned();
    }
    let (folder, _) = local::split(path);
    format!("{}/{target}", folder.trim_end_matches('/'))
}

fn absolute(path: &str) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.into())
}

/// The system's words alone.
fn plain(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "no such file or directory".to_owned(),
        _ => error.to_string(),
    }
}
