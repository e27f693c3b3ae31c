//! Configs and secrets whose content stands in the file or the environment, copied into a container before it starts.

use super::super::call::{Call, encode};
use super::super::{Engine, Error};
use super::Trouble;
use crate::observed::ContainerId;
use crate::plan::PutFile;

/// Copies `files` as one tar archive unpacked at `/`; folders on the way that are missing are made by the engine.
pub(super) async fn put(engine: &Engine, id: &ContainerId, files: &[PutFile]) -> Result<(), Trouble> {
    let what = format!("copy files into container {}", id.short());
    let archive =
        archive(files).map_err(|error| Error::Local { what: what.clone(), cause: error.to_string() })?;
    let call =
        Call::put(format!("/containers/{}/archive", encode(&id.0)), what).query("path", "/").tar(archive);
    Ok(engine.send(call).await?)
}

fn archive(files: &[PutFile]) -> std::io::Result<Vec<u8>> {
    let mut builder = tar::Builder::new(Vec::new());
    for file in files {
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(tar::EntryType::Regular);
        header.set_size(file.content.len() as u64);
        header.set_mode(file.mode);
        header.set_uid(file.uid.into());
        header.set_gid(file.gid.into());
        builder.append_data(&mut header, file.path.trim_start_matches('/'), file.content.as_slice())?;
    }
    builder.into_inner()
}
