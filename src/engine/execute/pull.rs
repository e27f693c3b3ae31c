//! Pulling an image: `POST /images/create`, with the progress over its layers.

use super::super::call::Call;
use super::super::json_stream::JsonStream;
use super::layers::{Layers, layer};
use super::{Step, Trouble, failure};
use crate::plan::{Detail, OnFailure};

/// Pulls `image`. Where the plan goes on without it, a failure is told and the op ends well.
pub(super) async fn pull(
    step: Step<'_>,
    image: &str,
    platform: Option<&str>,
    on_failure: OnFailure,
) -> Result<(), Trouble> {
    step.progress("pulling".to_owned(), None);
    let failure = match try_pull(step, image, platform).await {
        Ok(()) => return Ok(()),
        Err(Trouble::Cancelled) => return Err(Trouble::Cancelled),
        Err(Trouble::Error(error)) => failure::of(step.op, &error),
        Err(Trouble::Failure(failure)) => failure,
    };
    if on_failure != OnFailure::GoOn {
        return Err(Trouble::Failure(failure));
    }
    step.detail(Detail::Refused(failure.why.clone()));
    step.progress(format!("not pulled, it will be built: {}", failure.why), None);
    Ok(())
}

async fn try_pull(step: Step<'_>, image: &str, platform: Option<&str>) -> Result<(), Trouble> {
    let (name, tag) = split(image);
    let call = Call::post("/images/create", failure::what(step.op))
        .query("fromImage", name)
        .query("tag", tag)
        .query_some("platform", platform)
        .deadline(None);
    let call = match step.engine.inner.logins.for_pull(registry(image)).await? {
        Some(header) => call.header("x-registry-auth", header),
        None => call,
    };
    let mut chunks = step.engine.stream(call).await?;
    let mut stream = JsonStream::default();
    let mut layers = Layers::default();
    let mut shown = 0;
    while let Some(bytes) = chunks.next().await? {
        for message in stream.push(&bytes) {
            if let Some(why) = failure::in_stream(&message) {
                let hint = failure::hint(&why);
                return Err(Trouble::Failure(failure::because(step.op, why, hint.as_deref())));
            }
            if let Some(layer) = layer(&message) {
                layers.take(&layer);
                step.detail(Detail::Layer(layer));
            }
        }
        let Some(fraction) = layers.fraction() else { continue };
        let percent = (fraction * 100.0) as u32;
        if percent != shown {
            shown = percent;
            step.progress(format!("pulling {percent}%{}", layers.bytes()), Some(fraction));
        }
    }
    Ok(())
}

/// The name and the tag or digest, as the API wants them apart; without either it is `latest`, or all would be pulled.
fn split(image: &str) -> (&str, &str) {
    let (name, digest) = match image.split_once('@') {
        Some((name, digest)) => (name, Some(digest)),
        None => (image, None),
    };
    // A colon before the last slash is the registry's port.
    let base = name.rfind('/').map_or(0, |slash| slash + 1);
    let (name, tag) = match name[base..].rfind(':') {
        Some(colon) => (&name[..base + colon], &name[base + colon + 1..]),
        None => (name, "latest"),
    };
    (name, digest.unwrap_or(tag))
}

/// The registry that a name stands for: the first part, if it looks like a host (docker/distribution, `reference`).
pub(super) fn registry(image: &str) -> &str {
    match image.split_once('/') {
        Some((host, _)) if host.contains(['.', ':']) || host == "localhost" => host,
        _ => "docker.io",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tags_digests_and_registries() {
        for (image, name, tag, host) in [
            ("redis", "redis", "latest", "docker.io"),
            ("redis:7", "redis", "7", "docker.io"),
            ("team/app:1", "team/app", "1", "docker.io"),
            ("host:5000/app", "host:5000/app", "latest", "host:5000"),
            ("localhost/app:2", "localhost/app", "2", "localhost"),
            ("ghcr.io/a/b:1@sha256:00", "ghcr.io/a/b", "sha256:00", "ghcr.io"),
        ] {
            assert_eq!((split(image), registry(image)), ((name, tag), host), "{image}");
        }
    }
}
