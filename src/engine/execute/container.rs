//! Creating, starting and removing containers: the ops that are more than one call.

use std::pin::pin;
use std::time::Duration;

use serde_json::{Value, json};

use super::super::call::{Call, encode};
use super::super::{Engine, Error, STARTS_AT_ONCE};
use super::{Step, Trouble};
use crate::observed::{ContainerId, label};
use crate::plan::{ImageRef, Late, NetworkRef};

/// Creation copies an image's files into new volumes, which takes its time.
const CREATE_LIMIT: Duration = Duration::from_mins(5);
/// How long a removal that somebody else began may take.
const REMOVAL_LIMIT: Duration = Duration::from_secs(30);
/// How often it is looked at.
const REMOVAL_LOOK: Duration = Duration::from_millis(100);
/// How long a stop that does not end holds its turn.
const STOP_TURN: Duration = Duration::from_millis(300);

/// What a container is made from.
pub(super) struct Creation<'a> {
    pub(super) name: &'a str,
    pub(super) platform: Option<&'a str>,
    pub(super) image: &'a ImageRef,
    pub(super) body: &'a Value,
    pub(super) connect: &'a [(NetworkRef, Value)],
    pub(super) late: &'a Option<Late>,
}

/// Creates a container, records its id for later ops, and connects it to the networks that creation does not take.
pub(super) async fn create(step: Step<'_>, creation: Creation<'_>) -> Result<(), Trouble> {
    let mut body = with_digest(step.engine, &creation).await?;
    if let Some(late) = creation.late {
        let id_of = |container: &_| step.made_or_there(container).cloned();
        late.settle(&mut body, id_of).map_err(|_| step.not_made())?;
    }
    // The body goes out as it is: old engines want fields (MacAddress) that bollard's type lacks.
    let call = Call::post("/containers/create", format!("create {}", step.op.subject))
        .query("name", creation.name)
        .query_some("platform", creation.platform)
        .json(&body)
        .deadline(CREATE_LIMIT);
    let what = call.what.clone();
    let answer = step.engine.json(call).await?;
    let Some(id) = answer["Id"].as_str().map(ContainerId::from) else {
        let endpoint = step.engine.endpoint().to_owned();
        return Err(Error::Unexpected { what, endpoint, cause: "it names no container".to_owned() }.into());
    };
    for (network, settings) in creation.connect {
        if let Err(error) = connect(step.engine, &id, network, settings).await {
            // The container is half of what was asked for: it goes, and the connection's error is the one to tell.
            let _ = step.engine.remove_container(&id, true).await;
            return Err(error.into());
        }
    }
    // Set once: an op runs once.
    let _ = step.made[step.id.0].set(id);
    Ok(())
}

/// The body with the label that records the image's digest, by which Compose knows that the image has changed.
async fn with_digest(engine: &Engine, creation: &Creation<'_>) -> Result<Value, Error> {
    let mut body = creation.body.clone();
    let digest = match &creation.image.digest {
        Some(digest) => Some(digest.clone()),
        None => engine.image(&creation.image.name).await?.map(|image| image.id),
    };
    let Some(digest) = digest else { return Ok(body) };
    if !body["Labels"].is_object() {
        body["Labels"] = json!({});
    }
    body["Labels"][label::IMAGE] = Value::String(digest);
    Ok(body)
}

/// Connects a container to a network.
pub(super) async fn connect(
    engine: &Engine,
    id: &ContainerId,
    network: &NetworkRef,
    settings: &Value,
) -> Result<(), Error> {
    let (NetworkRef::Name(network) | NetworkRef::Id(network)) = network;
    let call =
        Call::post(format!("/networks/{}/connect", encode(network)), format!("connect to network {network}"));
    engine.send(call.json(&json!({ "Container": id.0.as_ref(), "EndpointConfig": settings }))).await
}

/// Takes a container out of a network; one that is not in it is as it should be.
pub(super) async fn disconnect(engine: &Engine, id: &ContainerId, network: &str) -> Result<(), Trouble> {
    let what = format!("disconnect from network {network}");
    let call = Call::post(format!("/networks/{}/disconnect", encode(network)), what);
    match engine.send(call.json(&json!({ "Container": id.0.as_ref(), "Force": true }))).await {
        Err(error) if error.is_not_found() || error.to_string().contains("is not connected to") => Ok(()),
        other => Ok(other?),
    }
}

/// Starts a container, beside others or, where it must be alone, with no other start going on.
pub(super) async fn start(step: Step<'_>, id: &ContainerId, is_alone: bool) -> Result<(), Trouble> {
    let permits = if is_alone { STARTS_AT_ONCE } else { 1 };
    // The semaphore is never closed; without a permit the container would only start at once.
    let _permit = step.engine.inner.starting.acquire_many(permits).await.ok();
    if step.cancel.is_cancelled() {
        return Err(Trouble::Cancelled);
    }
    Ok(step.engine.start(id).await?)
}

/// Stops or restarts a container when it is its turn. A container that takes its time to end waits for itself and not for
/// the engine: after [`STOP_TURN`] the next has its turn.
pub(super) async fn in_turn(
    step: Step<'_>,
    stop: impl Future<Output = Result<(), Error>>,
) -> Result<(), Trouble> {
    // The semaphore is never closed; without a permit the container would only stop at once.
    let permit = step.engine.inner.stopping.acquire().await.ok();
    if step.cancel.is_cancelled() {
        return Err(Trouble::Cancelled);
    }
    let mut stop = pin!(stop);
    if let Ok(result) = tokio::time::timeout(STOP_TURN, &mut stop).await {
        return Ok(result?);
    }
    drop(permit);
    Ok(stop.await?)
}

/// Removes a container; if somebody else is at it already, waits until it is gone.
pub(super) async fn remove(engine: &Engine, id: &ContainerId, volumes: bool) -> Result<(), Trouble> {
    match engine.remove_container(id, volumes).await {
        Err(error) if error.is_not_found() => Ok(()),
        Err(error) if error.status() == Some(409) && error.to_string().contains("already in progress") => {
            Ok(until_gone(engine, id).await?)
        }
        other => Ok(other?),
    }
}

async fn until_gone(engine: &Engine, id: &ContainerId) -> Result<(), Error> {
    let looks = async {
        while engine.inspect(id).await?.is_some() {
            tokio::time::sleep(REMOVAL_LOOK).await;
        }
        Ok(())
    };
    tokio::time::timeout(REMOVAL_LIMIT, looks).await.unwrap_or_else(|_| {
        let what = format!("remove container {}", id.short());
        Err(Error::Timeout { what, endpoint: engine.endpoint().to_owned(), after: REMOVAL_LIMIT })
    })
}
