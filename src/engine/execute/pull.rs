//! Pulling an image: `POST /images/create`, with the progress over its layers.

use indexmap::IndexMap;
use serde_json::Value;

use super::super::call::Call;
use super::super::json_stream::JsonStream;
use super::{Step, Trouble, failure};

/// How much of a layer's work is its download; the rest is unpacking.
const DOWNLOAD_SHARE: f32 = 0.8;

/// Pulls `image`. With `may_fail` a failure is told and the plan goes on.
pub(super) async fn pull(
    step: Step<'_>,
    image: &str,
    platform: Option<&str>,
    may_fail: bool,
) -> Result<(), Trouble> {
    step.progress("pulling".to_owned(), None);
    let failure = match try_pull(step, image, platform).await {
        Ok(()) => return Ok(()),
        Err(Trouble::Cancelled) => return Err(Trouble::Cancelled),
        Err(Trouble::Error(error)) => failure::of(step.op, &error),
        Err(Trouble::Failure(failure)) => failure,
    };
    if !may_fail {
        return Err(Trouble::Failure(failure));
    }
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
            layers.take(&message);
        }
        let Some(fraction) = layers.fraction() else { continue };
        let percent = (fraction * 100.0) as u32;
        if percent != shown {
            shown = percent;
            step.progress(format!("pulling {percent}%"), Some(fraction));
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

/// How far the layers are.
#[derive(Default)]
struct Layers {
    layers: IndexMap<String, Layer>,
}

#[derive(Default)]
struct Layer {
    /// Bytes in all, once known.
    total: Option<u64>,
    /// From 0 to 1.
    done: f32,
}

impl Layers {
    fn take(&mut self, message: &Value) {
        let (Some(id), Some(status)) = (message["id"].as_str(), message["status"].as_str()) else { return };
        let detail = &message["progressDetail"];
        let total = detail["total"].as_u64().filter(|total| *total > 0);
        let part = match (detail["current"].as_u64(), total) {
            (Some(current), Some(total)) => (current as f32 / total as f32).min(1.0),
            _ => 0.0,
        };
        let done = match status {
            "Pulling fs layer" | "Waiting" | "Retrying" => 0.0,
            "Downloading" => part * DOWNLOAD_SHARE,
            "Verifying Checksum" | "Download complete" => DOWNLOAD_SHARE,
            "Extracting" => DOWNLOAD_SHARE + part * (1.0 - DOWNLOAD_SHARE),
            "Pull complete" => 1.0,
            // `Already exists` costs nothing; `Pulling from …` is no layer.
            _ => return,
        };
        let layer = self.layers.entry(id.to_owned()).or_default();
        if status == "Downloading" {
            layer.total = total.or(layer.total);
        }
        layer.done = layer.done.max(done);
    }

    /// The whole, each layer by its size; one of unknown size counts like the mean of the others.
    fn fraction(&self) -> Option<f32> {
        let known: Vec<u64> = self.layers.values().filter_map(|layer| layer.total).collect();
        let mean = if known.is_empty() { 1.0 } else { known.iter().sum::<u64>() as f32 / known.len() as f32 };
        let weight = |layer: &Layer| layer.total.map_or(mean, |total| total as f32);
        let all: f32 = self.layers.values().map(weight).sum();
        let done: f32 = self.layers.values().map(|layer| weight(layer) * layer.done).sum();
        (all > 0.0).then(|| (done / all).min(1.0))
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

    #[test]
    fn progress_is_over_all_layers_and_never_goes_back() {
        let mut layers = Layers::default();
        let mut percents = Vec::new();
        for (id, status, current, total) in [
            ("latest", "Pulling from library/redis", 0, 0),
            ("old", "Already exists", 0, 0),
            ("a", "Pulling fs layer", 0, 0),
            ("b", "Pulling fs layer", 0, 0),
            ("a", "Downloading", 50, 100),
            ("b", "Downloading", 300, 300),
            ("b", "Download complete", 0, 0),
            ("b", "Extracting", 150, 300),
            ("b", "Pull complete", 0, 0),
            ("a", "Downloading", 10, 100),
            ("a", "Pull complete", 0, 0),
        ] {
            layers.take(&serde_json::json!({
                "id": id, "status": status, "progressDetail": { "current": current, "total": total },
            }));
            percents.push(layers.fraction().map(|fraction| (fraction * 100.0).round() as u32));
        }
        let expected = [
            None,
            None,
            Some(0),
            Some(0),
            Some(20),
            Some(70),
            Some(70),
            Some(78),
            Some(85),
            Some(85),
            Some(100),
        ];
        assert_eq!(percents, expected);
    }
}
