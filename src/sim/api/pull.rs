//! `POST /images/create`: a pull, told layer by layer. There is no network here: what can be pulled is what
//! [`Sim::offer`] has put into the one registry that there is; every other name fails as a real engine's pull fails.

use std::time::Duration;

use bytes::Bytes;
use futures::stream;
use serde_json::{Value, json};

use super::super::Sim;
use super::super::answer::{Answer, Refusal, Reply};
use super::super::random;
use super::super::server::Ask;
use super::super::world::image::{check_name, split_host};
use super::super::world::resource::{Image, with_tag};

/// How many layers an image has that is pulled.
const LAYERS: u64 = 3;
/// How often a layer tells of itself on its way.
const PARTS: u64 = 8;
/// The time from one message to the next.
const PAUSE: Duration = Duration::from_millis(40);

/// `POST /images/create`
pub(in super::super) async fn pull(ask: Ask) -> Reply {
    let name = ask.query.get("fromImage").unwrap_or_default();
    check_name(name)?;
    let tag = ask.query.get("tag").unwrap_or_default();
    if !tag.chars().all(|one| one.is_ascii_alphanumeric() || "._-:".contains(one)) {
        return Err(Refusal::bad("invalid tag format"));
    }
    let whole = match tag {
        "" => with_tag(name),
        digest if digest.contains(':') => with_tag(&format!("{name}@{digest}")),
        tag => with_tag(&format!("{name}:{tag}")),
    };
    let image = fetch(&ask.sim, &whole)?;
    let messages = messages(&ask.sim, &whole, &image);
    let state = (ask.sim.clone(), messages.into_iter(), Some((whole, image)));
    Ok(Answer::stream(
        "application/json",
        stream::unfold(state, |(sim, mut messages, mut pulled)| async move {
            let message = messages.next()?;
            sim.clock().sleep_until(sim.clock().now() + PAUSE).await;
            // With the last message it is there.
            if messages.len() == 0
                && let Some((name, image)) = pulled.take()
            {
                sim.with(|world| {
                    let id = world.keep_image(image);
                    world.tag(&id, &name);
                    world.tell_pull(&name);
                });
            }
            Some((Bytes::from(format!("{message}\r\n")), (sim, messages, pulled)))
        }),
    ))
}

/// The image that the registry has under a name with its tag.
///
/// # Errors
/// What a real engine says of a registry that has no such image, or does not answer.
pub(in super::super) fn fetch(sim: &Sim, name: &str) -> Result<Image, Refusal> {
    if let Some(image) = sim.with(|world| world.registry.get(name).cloned()) {
        return Ok(image);
    }
    let bare = name.split('@').next().unwrap_or_default();
    let base = bare.rfind('/').map_or(0, |slash| slash + 1);
    let repository = bare[base..].rfind(':').map_or(bare, |colon| &bare[..base + colon]);
    Err(match split_host(repository).0 {
        Some(host) if host.starts_with("127.") || host.starts_with("localhost") => Refusal::failed(format!(
            "Get \"http://{host}/v2/\": dial tcp {host}: connect: connection refused"
        )),
        Some(host) => {
            let address = host.split(':').next().unwrap_or_default();
            Refusal::failed(format!("Get \"https://{host}/v2/\": dial tcp: lookup {address}: no such host"))
        }
        None => Refusal::missing(format!(
            "pull access denied for {repository}, repository does not exist or may require 'docker login': denied: requested access to the resource is denied"
        )),
    })
}

fn messages(sim: &Sim, name: &str, image: &Image) -> Vec<Value> {
    let (repository, tag) = name.rsplit_once(':').unwrap_or((name, "latest"));
    let from = if repository.contains('/') { repository.to_owned() } else { format!("library/{repository}") };
    let mut messages = vec![json!({ "status": format!("Pulling from {from}"), "id": tag })];
    let is_there = sim.with(|world| world.images.contains_key(&image.id));
    if !is_there {
        messages.extend(layers(name));
    }
    messages.push(json!({ "status": format!("Digest: {}", image.id) }));
    let outcome = if is_there { "Image is up to date for" } else { "Downloaded newer image for" };
    messages.push(json!({ "status": format!("Status: {outcome} {name}") }));
    messages
}

/// Every layer is begun; then each is downloaded and unpacked.
fn layers(name: &str) -> Vec<Value> {
    let seed = random::hash(name);
    let ids: Vec<String> = (0..LAYERS).map(|layer| random::hex(random::mix(seed, layer), 12)).collect();
    let plain = |id: &String, status: &str| json!({ "status": status, "progressDetail": {}, "id": id });
    let mut messages: Vec<Value> = ids.iter().map(|id| plain(id, "Pulling fs layer")).collect();
    for (layer, id) in ids.iter().enumerate() {
        let total = random::mix(seed, 100 + layer as u64) % 30_000_000 + 1_000_000;
        let part = |status: &str, part: u64| {
            let current = total * part / PARTS;
            json!({ "status": status, "progressDetail": { "current": current, "total": total }, "id": id,
                "progress": format!("{current}B/{total}B") })
        };
        messages.extend((1..=PARTS).map(|number| part("Downloading", number)));
        messages.extend(["Verifying Checksum", "Download complete"].map(|status| plain(id, status)));
        messages.extend((1..=PARTS / 2).map(|number| part("Extracting", number * 2)));
        messages.push(plain(id, "Pull complete"));
    }
    messages
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::super::clock::{Clock, Moment};
    use super::*;
    use crate::engine::{Call, Engine};

    /// The words of a pull's messages, each once.
    async fn pull(sim: &Sim, engine: &Engine, name: &str) -> String {
        let call = Call::post("/images/create", "pull").query("fromImage", name).query("tag", "1");
        let engine = engine.clone();
        let pulling = tokio::spawn(async move {
            let mut chunks = engine.stream(call).await?;
            let mut text = Vec::new();
            while let Some(bytes) = chunks.next().await? {
                text.extend_from_slice(&bytes);
            }
            Ok::<_, crate::engine::Error>(text)
        });
        while !pulling.is_finished() {
            sim.advance(Duration::from_millis(100)).await;
        }
        let text = match pulling.await.unwrap() {
            Ok(text) => String::from_utf8(text).unwrap(),
            Err(error) => return error.why(),
        };
        let messages = serde_json::Deserializer::from_str(&text).into_iter::<Value>();
        let mut words: Vec<String> =
            messages.map(|message| message.unwrap()["status"].as_str().unwrap().to_owned()).collect();
        for word in &mut words {
            word.truncate(word.find(": ").unwrap_or(word.len()));
        }
        let mut seen = Vec::new();
        words.retain(|word| {
            !seen.contains(word) && {
                seen.push(word.clone());
                true
            }
        });
        words.join(", ")
    }

    #[tokio::test]
    async fn what_is_offered_is_pulled_layer_by_layer() {
        let sim = Sim::new(Clock::standing(Moment(1_795_460_000_000_000_000)), 1);
        sim.offer("shop/tool:1");
        let engine = Engine::connect(&sim.endpoint()).await.unwrap();
        assert!(engine.image("shop/tool:1").await.unwrap().is_none());
        assert_eq!(
            pull(&sim, &engine, "shop/tool").await,
            "Pulling from shop/tool, Pulling fs layer, Downloading, Verifying Checksum, Download complete, Extracting, Pull complete, Digest, Status"
        );
        assert!(engine.image("shop/tool:1").await.unwrap().is_some());
        assert_eq!(pull(&sim, &engine, "shop/tool").await, "Pulling from shop/tool, Digest, Status");
        assert_eq!(
            pull(&sim, &engine, "shop/none").await,
            "pull access denied for shop/none, repository does not exist or may require 'docker login': denied: requested access to the resource is denied"
        );
    }
}
