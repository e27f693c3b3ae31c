//! The calls that bollard does well, over our transport: the plain verbs on containers, and removals.
//!
//! No bollard type leaves this file. Its streams, its strict structs and its own way of connecting are not used
//! (reference: the traps of release 0.21.1).

use std::time::Duration;

use bollard::errors::Error as Theirs;
use bollard::query_parameters::{
    KillContainerOptions, RemoveContainerOptions, RemoveImageOptions, RemoveVolumeOptions,
    RenameContainerOptions, RestartContainerOptions, StopContainerOptions,
};
use http_body_util::BodyExt;

use super::call::{encode, encode_name};
use super::error::{Error, root_cause};
use super::transport::Transport;
use super::{Engine, failed};
use crate::observed::{ContainerId, EngineInfo};

/// bollard's own limit is never to end a call: those that need a limit have one here.
const NO_LIMIT_SECONDS: u64 = 30 * 24 * 3600;
/// How long a call may take that only changes the engine's mind, or starts a process.
const LIMIT: Duration = Duration::from_mins(2);

/// bollard over our transport. Its requests carry no version (it drops the prefix), so that ours is the only one.
pub(super) fn over(transport: &Transport, info: &EngineInfo) -> Result<bollard::Docker, Error> {
    let transport = transport.clone();
    let endpoint = info.endpoint.clone();
    let send = move |request: bollard::BollardRequest| {
        let (transport, endpoint) = (transport.clone(), endpoint.clone());
        async move {
            let request = request.map(|body| body.map_err(std::io::Error::other).boxed_unsync());
            // Our own error rides through bollard's and is taken out again in `ours`.
            let result = transport.send(request).await;
            result.map_err(|fault| std::io::Error::other(failed(fault, "", &endpoint)).into())
        }
    };
    let version =
        bollard::ClientVersion { major_version: info.api.0 as usize, minor_version: info.api.1 as usize };
    bollard::Docker::connect_with_custom_transport(send, Some("http://engine"), NO_LIMIT_SECONDS, &version)
        .map_err(|error| ours(error, "connect", &info.endpoint))
}

impl Engine {
    pub(super) async fn start(&self, id: &ContainerId) -> Result<(), Error> {
        self.limited("start", self.docker().start_container(&encode(&id.0), None)).await
    }

    /// Takes as long as the container does, unless `timeout` says otherwise.
    pub(super) async fn stop(&self, id: &ContainerId, timeout: Option<Duration>) -> Result<(), Error> {
        let options =
            StopContainerOptions { t: timeout.map(whole_seconds), ..StopContainerOptions::default() };
        let result = self.docker().stop_container(&encode(&id.0), Some(options)).await;
        result.map_err(|error| ours(error, "stop", self.endpoint()))
    }

    /// Takes as long as the container does to stop.
    pub(super) async fn restart(&self, id: &ContainerId, timeout: Option<Duration>) -> Result<(), Error> {
        let options =
            RestartContainerOptions { t: timeout.map(whole_seconds), ..RestartContainerOptions::default() };
        let result = self.docker().restart_container(&encode(&id.0), Some(options)).await;
        result.map_err(|error| ours(error, "restart", self.endpoint()))
    }

    pub(super) async fn pause(&self, id: &ContainerId) -> Result<(), Error> {
        self.limited("pause", self.docker().pause_container(&encode(&id.0))).await
    }

    pub(super) async fn unpause(&self, id: &ContainerId) -> Result<(), Error> {
        self.limited("unpause", self.docker().unpause_container(&encode(&id.0))).await
    }

    pub(super) async fn kill(&self, id: &ContainerId, signal: &str) -> Result<(), Error> {
        let options = KillContainerOptions { signal: signal.to_owned() };
        self.limited("kill", self.docker().kill_container(&encode(&id.0), Some(options))).await
    }

    pub(super) async fn rename(&self, id: &ContainerId, name: &str) -> Result<(), Error> {
        let options = RenameContainerOptions { name: name.to_owned() };
        self.limited("rename", self.docker().rename_container(&encode(&id.0), options)).await
    }

    /// By force; with its anonymous volumes if `volumes`.
    pub(super) async fn remove_container(&self, id: &ContainerId, volumes: bool) -> Result<(), Error> {
        let options = RemoveContainerOptions { v: volumes, force: true, link: false };
        self.limited("remove", self.docker().remove_container(&encode(&id.0), Some(options))).await
    }

    pub(super) async fn remove_network(&self, network: &str) -> Result<(), Error> {
        self.limited("remove network", self.docker().remove_network(&encode(network))).await
    }

    pub(super) async fn remove_volume(&self, name: &str) -> Result<(), Error> {
        self.limited("remove volume", self.docker().remove_volume(&encode(name), None::<RemoveVolumeOptions>))
            .await
    }

    pub(super) async fn remove_image(&self, name: &str) -> Result<(), Error> {
        let name = encode_name(name);
        let removal = self.docker().remove_image(&name, None::<RemoveImageOptions>, None);
        self.limited("remove image", async { removal.await.map(drop) }).await
    }

    fn docker(&self) -> &bollard::Docker {
        &self.inner.docker
    }

    async fn limited(&self, what: &str, call: impl Future<Output = Result<(), Theirs>>) -> Result<(), Error> {
        match tokio::time::timeout(LIMIT, call).await {
            Ok(result) => result.map_err(|error| ours(error, what, self.endpoint())),
            Err(_) => Err(Error::Timeout {
                what: what.to_owned(),
                endpoint: self.endpoint().to_owned(),
                after: LIMIT,
            }),
        }
    }
}

/// A timeout as the engine takes it; less than a second would mean none.
fn whole_seconds(timeout: Duration) -> i32 {
    let seconds = timeout.as_secs() + u64::from(timeout.subsec_nanos() > 0);
    i32::try_from(seconds).unwrap_or(i32::MAX)
}

/// bollard's error as ours.
fn ours(error: Theirs, what: &str, endpoint: &str) -> Error {
    let (what, endpoint) = (what.to_owned(), endpoint.to_owned());
    match error {
        Theirs::DockerResponseServerError { status_code, message } => {
            Error::Refused { what, status: status_code, message }
        }
        Theirs::IOError { err } => match err.downcast::<Error>() {
            Ok(Error::Broken { endpoint, cause, .. }) => Error::Broken { what, endpoint, cause },
            Ok(ours) => ours,
            Err(error) => Error::Broken { what, endpoint, cause: error.to_string() },
        },
        other => Error::Broken { what, endpoint, cause: root_cause(&other) },
    }
}
