//! Files of a container as tar archives, out of it and into it (`/containers/{id}/archive`).
//!
//! It moves bytes and knows no path here; what an archive holds is the caller's affair.

use std::io::Write;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper::HeaderMap;
use serde_json::Value;

use super::call::{Call, encode};
use super::{Chunks, Engine, Error, answer, piped, within};
use crate::observed::ContainerId;

/// The bits of Go's file mode that tell a folder and a symbolic link.
const FOLDER_BIT: u64 = 1 << 31;
const LINK_BIT: u64 = 1 << 27;
/// The bits of devices, pipes, sockets and what is none of all that.
const ODD_BITS: u64 = (1 << 26) | (1 << 25) | (1 << 24) | (1 << 21) | (1 << 19);

/// What kind of thing a path is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A folder.
    Folder,
    /// A symbolic link.
    Link,
    /// A regular file.
    File,
    /// A device, pipe or socket.
    Odd,
}

/// What a path in a container is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stat {
    /// What kind of thing.
    pub kind: Kind,
    /// Where a link leads.
    pub link_target: String,
}

/// An archive being read out of a container.
pub struct Reading {
    /// What the path is.
    pub stat: Stat,
    chunks: Chunks,
}

impl Reading {
    /// The next bytes; none at the end.
    ///
    /// # Errors
    /// When the connection breaks.
    pub async fn next(&mut self) -> Result<Option<bytes::Bytes>, Error> {
        self.chunks.next().await
    }
}

/// What a path in a container is; none if there is no such path.
///
/// # Errors
/// As for [`Engine::json`].
pub async fn stat(engine: &Engine, id: &ContainerId, path: &str) -> Result<Option<Stat>, Error> {
    let what = format!("look at {path} in container {}", id.short());
    let call = Call::head(place(id), what.clone()).query("path", path);
    let limit = call.deadline;
    let answered =
        within(limit, &what, engine.endpoint(), answer(&engine.inner.transport, call, engine.endpoint()));
    match answered.await {
        Ok(response) => Ok(Some(stat_of(response.headers()))),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}

/// Reads a path out of a container: an archive whose names begin with the last part of the path.
///
/// # Errors
/// As for [`Engine::json`]; the engine refuses where there is no such path.
pub async fn read(engine: &Engine, id: &ContainerId, path: &str) -> Result<Reading, Error> {
    let what = format!("read {path} of container {}", id.short());
    let call = Call::get(place(id), what.clone()).query("path", path);
    let limit = call.deadline;
    let answered =
        within(limit, &what, engine.endpoint(), answer(&engine.inner.transport, call, engine.endpoint()));
    let response = answered.await?;
    let stat = stat_of(response.headers());
    let endpoint = engine.endpoint().to_owned();
    let chunks = Chunks { body: response.into_body(), content_type: String::new(), what, endpoint };
    Ok(Reading { stat, chunks })
}

/// Unpacks an archive, which `fill` writes on a thread of its own, in a folder of a container. `keep_owner` gives files the
/// owner that the archive says, in place of the container's user.
///
/// # Errors
/// As for [`Engine::json`], and where `fill` fails: with its reason.
pub async fn write(
    engine: &Engine,
    id: &ContainerId,
    folder: &str,
    keep_owner: bool,
    fill: impl FnOnce(&mut dyn Write) -> Result<(), String> + Send + 'static,
) -> Result<(), Error> {
    let what = format!("write to {folder} of container {}", id.short());
    let (body, writer) = piped::body(move |output| {
        fill(output)?;
        output.flush().map_err(|error| error.to_string())
    });
    let call = Call::put(place(id), what.clone()).query("path", folder).query("noOverwriteDirNonDir", "true");
    let call = if keep_owner { call.query("copyUIDGID", "1") } else { call };
    let sent = engine.send(call.tar_stream(body).deadline(None)).await;
    // The reason here is the better one: the engine only knows that the body broke off.
    match writer.await {
        Ok(Err(cause)) => {
            Err(sent.err().filter(|error| error.status().is_some()).unwrap_or(Error::Local { what, cause }))
        }
        Ok(Ok(())) => sent,
        Err(error) => Err(Error::Local { what, cause: error.to_string() }),
    }
}

fn place(id: &ContainerId) -> String {
    format!("/containers/{}/archive", encode(&id.0))
}

/// Reads the header in which the engine tells of the path; without it, a plain file.
fn stat_of(headers: &HeaderMap) -> Stat {
    let told =
        headers.get("x-docker-container-path-stat").and_then(|value| STANDARD.decode(value.as_bytes()).ok());
    let stat: Value = told.and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default();
    let mode = stat["mode"].as_u64().unwrap_or(0);
    let kind = match mode {
        mode if mode & FOLDER_BIT != 0 => Kind::Folder,
        mode if mode & LINK_BIT != 0 => Kind::Link,
        mode if mode & ODD_BITS != 0 => Kind::Odd,
        _ => Kind::File,
    };
    Stat { kind, link_target: stat["linkTarget"].as_str().unwrap_or_default().to_owned() }
}
