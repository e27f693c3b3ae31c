//! Single reads of the engine as `observed` types: containers, networks, volumes, images, samples.
//!
//! Nothing is remembered here, but for the machine's memory, which does not change.

use std::collections::BTreeMap;

use futures::future;
use futures::stream::{self, StreamExt};
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::call::{Call, encode, encode_name};
use super::error::Error;
use super::{Engine, wire};
use crate::observed::{
    Container, ContainerId, Image, ListedImage, ListedVolume, Listing, Network, Observed, Processes, Sample,
    Usage, Volume, label,
};

/// How many containers or images are inspected at the same time.
pub const AT_ONCE: usize = 8;

impl Engine {
    /// All containers of the engine, as its list tells of them: no times, no probes, no exit reason.
    ///
    /// # Errors
    /// As for [`Engine::json`].
    pub async fn containers(&self) -> Result<Vec<Container>, Error> {
        let list = self.json(Call::get("/containers/json", "list containers").query("all", "1")).await?;
        Ok(elements(&list).filter_map(wire::listed_container).collect())
    }

    /// The containers that carry all of these labels (`key` or `key=value`), word for word as the engine lists them, the
    /// newest first. Without `stopped` only those that run.
    ///
    /// # Errors
    /// As for [`Engine::json`].
    pub async fn listings(&self, labels: &[String], stopped: bool) -> Result<Vec<Listing>, Error> {
        let filters = json!({ "label": labels }).to_string();
        let call = Call::get("/containers/json", "list containers").query("filters", &filters);
        let list = self.json(call.query("all", if stopped { "1" } else { "0" })).await?;
        Ok(elements(&list).map(wire::listing::listing).collect())
    }

    /// An image for a list.
    ///
    /// # Errors
    /// As for [`Engine::json`]; the engine refuses where it has no such image.
    pub async fn listed_image(&self, name: &str) -> Result<ListedImage, Error> {
        let call = Call::get(format!("/images/{}/json", encode_name(name)), format!("inspect image {name}"));
        self.json(call).await.map(|value| wire::listing::listed_image(&value))
    }

    /// The volumes that carry all of these labels, in the engine's order.
    ///
    /// # Errors
    /// As for [`Engine::json`].
    pub async fn listed_volumes(&self, labels: &[String]) -> Result<Vec<ListedVolume>, Error> {
        let filters = json!({ "label": labels }).to_string();
        let list = self.json(Call::get("/volumes", "list volumes").query("filters", &filters)).await?;
        Ok(elements(&list["Volumes"]).map(wire::listing::listed_volume).collect())
    }

    /// One container in full; none if there is no such container.
    ///
    /// # Errors
    /// As for [`Engine::json`].
    pub async fn inspect(&self, id: &ContainerId) -> Result<Option<Container>, Error> {
        let call = Call::get(
            format!("/containers/{}/json", encode(&id.0)),
            format!("inspect container {}", id.short()),
        );
        match self.json(call).await {
            Ok(value) => Ok(wire::inspected_container(value)),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// All networks of the engine, by name.
    ///
    /// # Errors
    /// As for [`Engine::json`].
    pub async fn networks(&self) -> Result<Vec<Network>, Error> {
        let list = self.json(Call::get("/networks", "list networks")).await?;
        let mut networks: Vec<Network> = elements(&list).map(wire::network).collect();
        // The engine lists them in any order; two plans of the same must be the same.
        networks.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(networks)
    }

    /// All volumes of the engine, by name.
    ///
    /// # Errors
    /// As for [`Engine::json`].
    pub async fn volumes(&self) -> Result<Vec<Volume>, Error> {
        let list = self.json(Call::get("/volumes", "list volumes")).await?;
        let mut volumes: Vec<Volume> = elements(&list["Volumes"]).map(wire::volume).collect();
        volumes.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(volumes)
    }

    /// An image by name or digest; none if the engine lacks it.
    ///
    /// # Errors
    /// As for [`Engine::json`].
    pub async fn image(&self, name: &str) -> Result<Option<Image>, Error> {
        let call = Call::get(format!("/images/{}/json", encode_name(name)), format!("inspect image {name}"));
        match self.json(call).await {
            Ok(value) => Ok(Some(wire::image(&value))),
            // A name that the engine does not even take for one (400) is the name of nothing that it has.
            Err(error) if error.is_not_found() || error.status() == Some(400) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The names of the images that were built for a project, by their label.
    ///
    /// # Errors
    /// As for [`Engine::json`].
    pub async fn built_images(&self, project: &str) -> Result<Vec<String>, Error> {
        let filters = json!({ "label": [format!("{}={project}", label::PROJECT)] }).to_string();
        let call = Call::get("/images/json", "list images").query("filters", &filters);
        let list = self.json(call).await?;
        let tags = elements(&list).flat_map(|image| elements(&image["RepoTags"]));
        let names = tags.filter_map(Value::as_str).filter(|name| *name != "<none>:<none>");
        // By the name that the file gives them.
        Ok(names.map(|name| name.strip_suffix(":latest").unwrap_or(name).to_owned()).collect())
    }

    /// What there is under each of these names of images. Those that could not be read are left out.
    pub async fn images(&self, names: Vec<String>) -> BTreeMap<String, Option<Image>> {
        let reads = stream::iter(names).map(|name| async move {
            let image = self.image(&name).await.ok()?;
            Some((name, image))
        });
        reads.buffered(AT_ONCE).filter_map(future::ready).collect().await
    }

    /// One reading of a container's resources, stamped with the time since `epoch`.
    ///
    /// # Errors
    /// As for [`Engine::json`]; and when the container does not run, or began so lately that there are no figures.
    pub async fn sample(&self, id: &ContainerId, epoch: Instant) -> Result<Sample, Error> {
        let what = format!("read the figures of container {}", id.short());
        let call = Call::get(format!("/containers/{}/stats", encode(&id.0)), what.clone())
            .query("stream", "false")
            .query("one-shot", "true");
        let machine = self.machine_memory().await?;
        let stats: wire::Stats = self.read(call).await?;
        wire::sample(&stats, epoch.elapsed(), machine)
            .ok_or_else(|| Error::Local { what, cause: "it does not run, or only just began".to_owned() })
    }

    /// The processes that run in a container.
    ///
    /// # Errors
    /// As for [`Engine::json`]; the engine refuses where the container does not run.
    pub async fn processes(&self, id: &ContainerId) -> Result<Processes, Error> {
        let call = Call::get(
            format!("/containers/{}/top", encode(&id.0)),
            format!("list the processes of container {}", id.short()),
        );
        self.json(call).await.map(|table| wire::processes(&table))
    }

    /// What a container uses; it takes the engine a second or two, in which it reads twice.
    ///
    /// # Errors
    /// As for [`Engine::json`].
    pub async fn usage(&self, id: &ContainerId) -> Result<Usage, Error> {
        let what = format!("read the figures of container {}", id.short());
        let call = Call::get(format!("/containers/{}/stats", encode(&id.0)), what).query("stream", "false");
        self.json(call).await.map(|value| wire::listing::usage(&value))
    }

    /// Waits until a container has ended, however long that takes, and gives its exit code.
    ///
    /// # Errors
    /// As for [`Engine::json`].
    pub async fn wait(&self, id: &ContainerId) -> Result<i64, Error> {
        let call =
            Call::post(format!("/containers/{}/wait", encode(&id.0)), format!("wait for {}", id.short()));
        self.json(call.deadline(None)).await.map(|value| value["StatusCode"].as_i64().unwrap_or(0))
    }

    /// The memory of the engine's machine, asked for once.
    async fn machine_memory(&self) -> Result<Option<u64>, Error> {
        let read = async {
            let info = self.json(Call::get("/info", "ask the engine for its memory")).await?;
            Ok(info["MemTotal"].as_u64().filter(|memory| *memory > 0))
        };
        self.inner.machine_memory.get_or_try_init(|| read).await.copied()
    }
}

/// One fresh read for a plan: the project's containers in full (one-offs included), the others as listed, all networks
/// and volumes, and the named images that the engine has.
///
/// # Errors
/// As for [`Engine::json`]; what vanishes in the middle is left out and is no error.
pub async fn observe(engine: &Engine, project: &str, images: &[String]) -> Result<Observed, Error> {
    let (listed, networks, volumes, images) = tokio::try_join!(
        engine.containers(),
        engine.networks(),
        engine.volumes(),
        named_images(engine, images)
    )?;
    let (own, others): (Vec<_>, Vec<_>) =
        listed.into_iter().partition(|container| container.project() == Some(project));
    let containers = inspect_all(engine, own).await?;
    Ok(Observed {
        containers,
        others,
        networks,
        volumes,
        images,
        api: engine.info().api,
        read_at: Some(Timestamp::now()),
    })
}

async fn inspect_all(engine: &Engine, listed: Vec<Container>) -> Result<Vec<Container>, Error> {
    let inspections =
        stream::iter(listed).map(|container| async move { engine.inspect(&container.id).await });
    let results: Vec<_> = inspections.buffered(AT_ONCE).collect().await;
    results.into_iter().filter_map(Result::transpose).collect()
}

async fn named_images(engine: &Engine, names: &[String]) -> Result<BTreeMap<String, Image>, Error> {
    let reads = stream::iter(names.to_vec()).map(|name| async move {
        let image = engine.image(&name).await?;
        Ok(image.map(|image| (name, image)))
    });
    let results: Vec<Result<_, Error>> = reads.buffered(AT_ONCE).collect().await;
    results.into_iter().filter_map(Result::transpose).collect()
}

fn elements(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().map(Vec::as_slice).unwrap_or_default().iter()
}
