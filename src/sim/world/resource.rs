//! Networks, volumes, images and host ports, as far as containers use them. Their own calls are in `api`.

use std::sync::Arc;

use indexmap::IndexMap;
use serde_json::{Map, Value, json};

use super::super::answer::Refusal;
use super::super::clock::Moment;
use super::super::program::{Files, Program};
use super::super::random;
use super::World;
use super::container::{Attached, Binding, Container, texts};
use super::subnet::Subnet;

/// Where the ports that the engine chooses begin.
const FIRST_FREE_PORT: u16 = 32768;

/// An image.
#[derive(Clone, Debug, Default)]
pub(in super::super) struct Image {
    /// `sha256:` and 64 hexadecimal digits.
    pub(in super::super) id: String,
    /// With their tags: `shop-web:latest`.
    pub(in super::super) names: Vec<String>,
    pub(in super::super) created: Moment,
    /// `Config` of inspect.
    pub(in super::super) config: Map<String, Value>,
    pub(in super::super) size: u64,
    /// What its containers do; none for what their command says.
    pub(in super::super) program: Option<Arc<Program>>,
    /// What lies in it.
    pub(in super::super) files: Files,
}

impl Image {
    /// What it runs.
    pub(in super::super) fn argv(&self) -> Vec<String> {
        let of = |key: &str| texts(self.config.get(key).unwrap_or(&Value::Null));
        [of("Entrypoint"), of("Cmd")].concat()
    }
}

/// A network.
#[derive(Clone, Debug, Default)]
pub(in super::super) struct Network {
    pub(in super::super) id: String,
    pub(in super::super) name: String,
    pub(in super::super) driver: String,
    pub(in super::super) created: Moment,
    /// What it was made from: `Internal`, `Labels`, `Options`, `IPAM` …
    pub(in super::super) body: Map<String, Value>,
    /// Its addresses; none where containers get no address.
    pub(in super::super) subnet: Option<Subnet>,
    /// The number of the next address.
    pub(in super::super) next_address: u32,
}

/// A volume.
#[derive(Clone, Debug, Default)]
pub(in super::super) struct Volume {
    pub(in super::super) name: String,
    pub(in super::super) driver: String,
    pub(in super::super) created: Moment,
    /// What it was made from: `Labels`, `DriverOpts`.
    pub(in super::super) body: Map<String, Value>,
    /// What lies in it, by paths from its own root.
    pub(in super::super) files: Files,
    /// Made for one container, and goes with it.
    pub(in super::super) is_anonymous: bool,
}

impl Volume {
    /// Where it lies on the host, if it lay anywhere.
    pub(in super::super) fn mountpoint(&self) -> String {
        format!("/var/lib/docker/volumes/{}/_data", self.name)
    }
}

impl World {
    pub(super) fn add_own_networks(&mut self) {
        for (name, driver) in [("bridge", "bridge"), ("host", "host"), ("none", "null")] {
            let body = json!({ "Scope": "local" });
            self.add_network(name, driver, body.as_object().cloned().unwrap_or_default());
        }
    }

    /// Adds a network without an event, and gives its id.
    pub(in super::super) fn add_network(
        &mut self,
        name: &str,
        driver: &str,
        body: Map<String, Value>,
    ) -> String {
        let id = self.next_id();
        let is_ours = matches!(driver, "host" | "null");
        let subnet = (!is_ours).then(|| self.free_subnet());
        let network = Network {
            id: id.clone(),
            name: name.to_owned(),
            driver: driver.to_owned(),
            created: self.now,
            body,
            subnet,
            next_address: 2,
        };
        self.networks.insert(id.clone(), network);
        id
    }

    /// The engine's own choice: 172.17 to 172.31, then 10.
    fn free_subnet(&self) -> Subnet {
        let choices = (17..=31).map(|second| (172, second)).chain((0..=255).map(|second| (10, second)));
        let mut subnets = choices.map(|(first, second)| Subnet::wide(first, second));
        let taken = || self.networks.values().filter_map(|network| network.subnet);
        let free = subnets.find(|subnet| !taken().any(|other| other.overlaps(*subnet)));
        free.unwrap_or(Subnet::wide(10, 255))
    }

    /// A network by name or id, or the beginning of an id.
    pub(in super::super) fn network(&self, name: &str) -> Result<&Network, Refusal> {
        let by_name = || self.networks.values().find(|network| network.name == name);
        let by_start =
            || self.networks.values().find(|network| !name.is_empty() && network.id.starts_with(name));
        self.networks
            .get(name)
            .or_else(by_name)
            .or_else(by_start)
            .ok_or_else(|| Refusal::missing(format!("network {name} not found")))
    }

    /// An image by name, id or the beginning of one.
    pub(in super::super) fn image(&self, name: &str) -> Result<&Image, Refusal> {
        let bare = name.strip_prefix("sha256:").unwrap_or(name);
        super::image::check_name(bare)?;
        let tagged = with_tag(name);
        let is_it = |image: &&Image| {
            let digits = image.id.trim_start_matches("sha256:");
            image.names.contains(&tagged) || bare.len() >= 4 && digits.starts_with(bare)
        };
        self.images.values().find(is_it).ok_or_else(|| Refusal::missing(format!("No such image: {tagged}")))
    }

    /// Adds an image under a name, which is taken from whichever has it; gives the image's id.
    pub(in super::super) fn add_image(&mut self, name: &str, image: Image) -> String {
        let id = format!("sha256:{}", self.next_id());
        let name = with_tag(name);
        for other in self.images.values_mut() {
            other.names.retain(|known| *known != name);
        }
        let image = Image { id: id.clone(), names: vec![name], created: self.now, ..image };
        self.images.insert(id.clone(), image);
        id
    }

    /// Puts an image into the registry, under a name with or without a tag.
    pub(in super::super) fn offer(&mut self, name: &str) {
        let config = json!({ "Cmd": ["sh"], "Env": ["PATH=/bin"] });
        let config = config.as_object().cloned().unwrap_or_default();
        let id = format!("sha256:{}", self.next_id());
        let image = Image { id, created: self.now, config, ..Image::default() };
        self.registry.insert(with_tag(name), image);
    }

    /// A volume of this name; it is made where there is none.
    pub(in super::super) fn provide_volume(&mut self, name: &str, driver: &str, body: Map<String, Value>) {
        if self.volumes.contains_key(name) {
            return;
        }
        let driver = if driver.is_empty() { "local" } else { driver };
        let volume = Volume {
            name: name.to_owned(),
            driver: driver.to_owned(),
            created: self.now,
            body,
            files: Files::new(),
            is_anonymous: false,
        };
        self.volumes.insert(name.to_owned(), volume);
        let attributes = vec![("driver".to_owned(), driver.to_owned())];
        self.events.tell(self.now, "volume", "create", name, attributes);
    }

    pub(super) fn mount_all(&mut self, id: &str) {
        self.tell_mounts(id, "mount");
    }

    pub(super) fn unmount_all(&mut self, id: &str) {
        self.tell_mounts(id, "unmount");
    }

    fn tell_mounts(&mut self, id: &str, action: &str) {
        let Some(container) = self.containers.get(id) else { return };
        for mount in container.mounts.clone().iter().filter(|mount| mount.kind == "volume") {
            let driver = self.volumes.get(&mount.volume).map_or("local", |volume| &volume.driver);
            let mut attributes = vec![("container", id.to_owned()), ("driver", driver.to_owned())];
            if action == "mount" {
                attributes.push(("destination", mount.target.clone()));
                attributes.push(("propagation", String::new()));
                attributes.push(("read/write", mount.writable.to_string()));
            }
            let attributes = attributes.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
            self.events.tell(self.now, "volume", action, &mount.volume, attributes);
        }
    }

    /// Attaches a container that starts to its networks, and binds its ports.
    pub(super) fn attach_all(&mut self, id: &str) -> Result<(), Refusal> {
        let names: Vec<String> =
            self.find(id)?.endpoints.iter().map(|endpoint| endpoint.network.clone()).collect();
        for name in names {
            self.attach(id, &name)?;
        }
        if let Some(other) = self.find(id)?.network_mode().strip_prefix("container:") {
            let joined = self.find(other);
            joined.map_err(|refusal| {
                Refusal::failed(format!("joining network namespace of container: {}", refusal.message))
            })?;
        }
        let ports = self.free_ports(id)?;
        self.change(id, |container| container.ports = ports);
        Ok(())
    }

    /// Attaches a container to one of its networks.
    pub(in super::super) fn attach(&mut self, id: &str, name: &str) -> Result<(), Refusal> {
        let known = self.find(id)?.endpoints.iter().find(|endpoint| endpoint.network == name);
        let known = known.map(|endpoint| endpoint.network_id.clone()).filter(|id| !id.is_empty());
        let network = self.network(known.as_deref().unwrap_or(name))?;
        let (network_id, driver) = (network.id.clone(), network.driver.clone());
        let address = self.next_address(&network_id);
        let endpoint_id = self.next_id();
        let mac = mac(&endpoint_id);
        self.change(id, |container| {
            let endpoint = container.endpoints.iter_mut().find(|endpoint| endpoint.network == name);
            let Some(endpoint) = endpoint else { return };
            let wanted = |path: &[&str]| -> Option<String> {
                let mut value = endpoint.settings.get(path[0])?;
                for key in &path[1..] {
                    value = &value[*key];
                }
                value.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
            };
            let address = wanted(&["IPAMConfig", "IPv4Address"]).unwrap_or(address);
            let mac = wanted(&["MacAddress"]).unwrap_or(mac);
            endpoint.network_id.clone_from(&network_id);
            endpoint.attached = Some(Attached { id: endpoint_id, address, mac });
        });
        self.tell_network(&network_id, &driver, "connect", id);
        Ok(())
    }

    /// Detaches a container from all its networks, and lets its ports go.
    pub(super) fn detach_all(&mut self, id: &str) {
        let attached: Vec<String> = self.containers.get(id).map_or_else(Vec::new, |container| {
            let attached = container.endpoints.iter().filter(|endpoint| endpoint.attached.is_some());
            attached.map(|endpoint| endpoint.network.clone()).collect()
        });
        for name in attached {
            self.detach(id, &name);
        }
        self.change(id, |container| container.ports.clear());
    }

    /// Detaches a container from one network.
    pub(in super::super) fn detach(&mut self, id: &str, name: &str) {
        self.change(id, |container| {
            for endpoint in container.endpoints.iter_mut().filter(|endpoint| endpoint.network == name) {
                endpoint.attached = None;
            }
        });
        if let Ok(network) = self.network(name) {
            let (network_id, driver) = (network.id.clone(), network.driver.clone());
            self.tell_network(&network_id, &driver, "disconnect", id);
        }
    }

    fn tell_network(&mut self, network: &str, driver: &str, action: &str, container: &str) {
        let name = self.networks.get(network).map_or_else(String::new, |network| network.name.clone());
        let attributes = [("container", container), ("name", &name), ("type", driver)]
            .map(|(name, value)| (name.to_owned(), value.to_owned()));
        self.events.tell(self.now, "network", action, network, attributes.to_vec());
    }

    fn next_address(&mut self, network: &str) -> String {
        let Some(network) = self.networks.get_mut(network) else { return String::new() };
        let Some(subnet) = network.subnet else { return String::new() };
        let address = subnet.address(network.next_address);
        network.next_address = network.next_address.checked_add(1).unwrap_or(2);
        address.to_string()
    }

    /// The ports of a container on the host, or the engine's error for one that another holds.
    fn free_ports(&self, id: &str) -> Result<Vec<Binding>, Refusal> {
        let container = self.find(id)?;
        let taken: Vec<(&str, u16)> = self
            .containers
            .values()
            .flat_map(|other| other.ports.iter().map(|port| (protocol(&port.target), port.host_port)))
            .collect();
        let mut bound: Vec<Binding> = Vec::new();
        for (target, host_ip, wanted) in wanted_ports(container) {
            let is_free = |port: u16, bound: &[Binding]| {
                let protocol = protocol(&target);
                !taken.contains(&(protocol, port))
                    && !bound
                        .iter()
                        .any(|one| one.host_port == port && self::protocol(&one.target) == protocol)
            };
            let Some(host_port) = wanted.clone().find(|port| is_free(*port, &bound)) else {
                let shown = if host_ip.is_empty() { "0.0.0.0" } else { &host_ip };
                let name = &container.name;
                let port = wanted.clone().next().unwrap_or(0);
                let endpoint = random::hex(random::hash(&container.id), 64);
                return Err(Refusal::failed(format!(
                    "driver failed programming external connectivity on endpoint {name} ({endpoint}): Bind for {shown}:{port} failed: port is already allocated"
                )));
            };
            bound.push(Binding { target, host_ip, host_port });
        }
        Ok(bound)
    }
}

/// `HostConfig.PortBindings`: the container's port, the host's address, and the host's ports to choose from.
fn wanted_ports(container: &Container) -> Vec<(String, String, std::ops::Range<u16>)> {
    let bindings = container.host.get("PortBindings").and_then(Value::as_object);
    let exposed = container.config.get("ExposedPorts").and_then(Value::as_object);
    let is_exposed = |target: &str| exposed.is_some_and(|exposed| exposed.contains_key(target));
    let mut wanted = Vec::new();
    for (target, list) in bindings.into_iter().flatten().filter(|(target, _)| is_exposed(target)) {
        for binding in list.as_array().into_iter().flatten() {
            let host_ip = binding["HostIp"].as_str().unwrap_or_default().to_owned();
            let range = binding["HostPort"].as_str().unwrap_or_default();
            let (first, last) = range.split_once('-').unwrap_or((range, range));
            let ports = match (first.parse::<u16>(), last.parse::<u16>()) {
                (Ok(first), Ok(last)) if first > 0 => first..last.saturating_add(1),
                _ => FIRST_FREE_PORT..u16::MAX,
            };
            wanted.push((target.clone(), host_ip, ports));
        }
    }
    wanted
}

fn protocol(target: &str) -> &str {
    target.split_once('/').map_or("tcp", |(_, protocol)| protocol)
}

/// A locally administered address from random digits.
fn mac(digits: &str) -> String {
    let byte = |index: usize| digits.get(index * 2..index * 2 + 2).unwrap_or("00");
    format!("02:42:{}:{}:{}:{}", byte(0), byte(1), byte(2), byte(3))
}

/// A name with its tag: `latest` where it has neither tag nor digest.
pub(in super::super) fn with_tag(name: &str) -> String {
    let name = name.strip_prefix("docker.io/").unwrap_or(name);
    let name = name.strip_prefix("library/").unwrap_or(name);
    let base = name.rfind('/').map_or(0, |slash| slash + 1);
    if name[base..].contains([':', '@']) { name.to_owned() } else { format!("{name}:latest") }
}

/// What `Containers` of a network lists: those that are attached.
pub(in super::super) fn attached_to<'a>(
    containers: &'a IndexMap<String, Container>,
    network: &'a str,
) -> impl Iterator<Item = (&'a Container, &'a Attached)> {
    containers.values().filter_map(move |container| {
        let endpoint = container.endpoints.iter().find(|endpoint| endpoint.network == network)?;
        Some((container, endpoint.attached.as_ref()?))
    })
}
