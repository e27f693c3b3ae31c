//! `POST /build`: a context in a tar archive becomes an image.

use std::io::Read as _;

use futures::stream;

use super::super::answer::{Answer, Refusal, Reply};
use super::super::build;
use super::super::program::Files;
use super::super::server::Ask;

/// `POST /build`
pub(in super::super) async fn build(ask: Ask) -> Reply {
    if let Some(remote) = ask.query.get("remote") {
        let why = format!("cannot fetch the context {remote}: the embedded engine has no network");
        return Err(Refusal::failed(why));
    }
    let options = build::Options::of(&ask.query);
    let dockerfile = ask.query.get("dockerfile").unwrap_or("Dockerfile").to_owned();
    let sim = ask.sim.clone();
    let context = unpacked(&ask.bytes().await?)?;
    let told = build::begin(&sim, context, &dockerfile, options)?;
    let lines = stream::unfold(told, |mut told| async move { Some((told.recv().await?, told)) });
    Ok(Answer::stream("application/json", lines))
}

/// The files of an archive by their paths from `/`.
pub(super) fn unpacked(bytes: &[u8]) -> Result<Files, Refusal> {
    let unreadable = |error: std::io::Error| Refusal::failed(format!("Error processing tar file: {error}"));
    let mut files = Files::new();
    for member in tar::Archive::new(bytes).entries().map_err(unreadable)? {
        let mut member = member.map_err(unreadable)?;
        if !member.header().entry_type().is_file() {
            continue;
        }
        let path = member.path().map_err(unreadable)?.to_string_lossy().into_owned();
        let mut content = Vec::new();
        member.read_to_end(&mut content).map_err(unreadable)?;
        files.insert(format!("/{}", path.trim_start_matches("./").trim_start_matches('/')), content.into());
    }
    Ok(files)
}
