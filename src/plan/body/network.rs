//! How a container joins its networks.
//!
//! From API 1.44 one create call names them all and a MAC address belongs to a network. Before, the call takes the primary
//! network alone, the others are connected afterwards, and the MAC address is the container's.

use serde_json::{Map, Value, json};

use crate::compose::model::{Service, ServiceNetwork};

use super::{API_1_44, Context, NetworkRef, Refusal, container_name};

/// The option that names the interface inside the container.
const INTERFACE_NAME: &str = "com.docker.network.endpoint.ifname";

/// A container's networks.
pub(super) struct Networks {
    /// `HostConfig.NetworkMode`.
    pub(super) mode: String,
    /// `NetworkingConfig.EndpointsConfig`; none where the mode says it all.
    pub(super) endpoints: Option<Map<String, Value>>,
    /// What to connect after creation.
    pub(super) connect: Vec<(NetworkRef, Value)>,
    /// The container's own MAC address, for an API below 1.44.
    pub(super) container_mac: Option<String>,
}

/// Works out the networks of a replica.
///
/// # Errors
/// MAC addresses that contradict each other or that the engine is too old for.
pub(super) fn plan(
    context: &Context<'_>,
    service: &Service,
    number: u32,
    links: &[String],
) -> Result<Networks, Refusal> {
    let macs = Macs::of(context, service)?;
    let alone = |mode: &str| Networks {
        mode: mode.to_owned(),
        endpoints: None,
        connect: Vec::new(),
        container_mac: macs.container.clone(),
    };
    if let Some(mode) = &service.network_mode {
        return Ok(alone(mode));
    }
    let mut keys = service.networks_by_priority();
    if keys.is_empty() {
        if !context.project.networks.contains_key("default") {
            return Ok(alone("none"));
        }
        keys.push("default");
    }
    let with_name = |key: &&str| {
        let endpoint = endpoint(context, service, number, links, key)?;
        Ok((network_name(context, key), endpoint))
    };
    let split = if context.api >= API_1_44 { keys.len() } else { 1 };
    let (together, apart) = keys.split_at(split);
    Ok(Networks {
        mode: network_name(context, keys[0]),
        endpoints: Some(together.iter().map(with_name).collect::<Result<_, Refusal>>()?),
        connect: apart
            .iter()
            .map(with_name)
            .map(|named| named.map(|(name, settings)| (NetworkRef::Name(name), settings)))
            .collect::<Result<_, Refusal>>()?,
        container_mac: macs.container.clone(),
    })
}

/// The settings of one endpoint of a replica.
///
/// # Errors
/// As for [`plan`].
pub(super) fn endpoint(
    context: &Context<'_>,
    service: &Service,
    number: u32,
    links: &[String],
    key: &str,
) -> Result<Value, Refusal> {
    let macs = Macs::of(context, service)?;
    let mut endpoint = settings(context, service, key, number, links);
    let is_primary = service.networks_by_priority().first().is_none_or(|primary| *primary == key);
    let mac = if is_primary { macs.primary } else { mac(service, key) };
    if let Some(mac) = mac.filter(|_| context.api >= API_1_44) {
        endpoint.insert("MacAddress".to_owned(), json!(mac));
    }
    Ok(Value::Object(endpoint))
}

/// The engine's name of a network of the file.
pub(super) fn network_name(context: &Context<'_>, key: &str) -> String {
    match context.project.network_name(key) {
        Some(name) => name.to_owned(),
        None => format!("{}_{key}", context.project.name),
    }
}

/// The addresses of a service with its networks.
struct Macs {
    container: Option<String>,
    primary: Option<String>,
}

impl Macs {
    fn of(context: &Context<'_>, service: &Service) -> Result<Self, Refusal> {
        let own = service.mac_address.clone();
        let Some(primary) = service.networks_by_priority().first().copied() else {
            return Ok(if context.api >= API_1_44 {
                Self { container: None, primary: own }
            } else {
                Self { container: own, primary: None }
            });
        };
        let of_primary = mac(service, primary);
        if let (Some(own), Some(other)) = (&own, &of_primary)
            && own != other
        {
            let why = format!(
                "service {}: mac_address should have the same value as that of network {primary}",
                service.name
            );
            return Err(Refusal::new(why));
        }
        if context.api >= API_1_44 {
            return Ok(Self { container: None, primary: of_primary.or(own) });
        }
        let given: Vec<&str> =
            service.networks.keys().map(String::as_str).filter(|key| mac(service, key).is_some()).collect();
        if given.len() > 1 {
            let why = format!(
                "service {}: MAC addresses on several networks ({}) need Docker Engine 25 or later",
                service.name,
                given.join(", ")
            );
            return Err(Refusal::new(why));
        }
        Ok(Self { container: of_primary.or(own), primary: None })
    }
}

fn mac(service: &Service, key: &str) -> Option<String> {
    service.networks.get(key)?.as_ref()?.mac_address.clone()
}

/// The endpoint's settings but for the MAC address.
fn settings(
    context: &Context<'_>,
    service: &Service,
    key: &str,
    number: u32,
    links: &[String],
) -> Map<String, Value> {
    let how = service.networks.get(key).and_then(Option::as_ref);
    let mut aliases = vec![container_name(context.project, service, number)];
    if context.one_off.is_none_or(|one_off| one_off.use_aliases) {
        aliases.push(service.name.clone());
        aliases.extend(how.into_iter().flat_map(|how| how.aliases.clone()));
    }
    let mut settings = Map::new();
    settings.insert("Aliases".to_owned(), json!(aliases));
    if !links.is_empty() {
        settings.insert("Links".to_owned(), json!(links));
    }
    if let Some(how) = how {
        add_options(&mut settings, how);
    }
    settings
}

fn add_options(settings: &mut Map<String, Value>, how: &ServiceNetwork) {
    let mut ipam = Map::new();
    if let Some(address) = &how.ipv4_address {
        ipam.insert("IPv4Address".to_owned(), json!(address));
        settings.insert("IPAddress".to_owned(), json!(address));
    }
    if let Some(address) = &how.ipv6_address {
        ipam.insert("IPv6Address".to_owned(), json!(address));
    }
    if !how.link_local_ips.is_empty() {
        ipam.insert("LinkLocalIPs".to_owned(), json!(how.link_local_ips));
    }
    settings.insert("IPAMConfig".to_owned(), Value::Object(ipam));
    let mut options = super::labels::user(&how.driver_opts);
    if let Some(name) = &how.interface_name {
        options.insert(INTERFACE_NAME.to_owned(), json!(name));
    }
    if !options.is_empty() {
        settings.insert("DriverOpts".to_owned(), Value::Object(options));
    }
    if how.gw_priority != 0 {
        settings.insert("GwPriority".to_owned(), json!(how.gw_priority));
    }
}
