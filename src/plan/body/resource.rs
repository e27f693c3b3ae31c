//! The bodies that create networks and volumes.

use serde_json::{Map, Value, json};

use crate::compose::hash;
use crate::compose::model::{IpamPool, Network, Project, Volume};
use crate::observed::label;

use super::labels::user;
use crate::plan::COMPOSE_VERSION;

/// The body of `POST /networks/create`.
pub(in super::super) fn network(project: &Project, key: &str, network: &Network) -> Value {
    let mut labels = user(&network.labels);
    compose_labels(&mut labels, project, (label::NETWORK, key), hash::network(network));
    let mut body = Map::new();
    let mut put = |key: &str, value: Value| body.insert(key.to_owned(), value);
    put("Name", json!(network.name));
    put("Driver", json!(network.driver.as_deref().unwrap_or_default()));
    put("Labels", Value::Object(labels));
    put("Internal", json!(network.internal));
    put("Attachable", json!(network.attachable));
    if !network.driver_opts.is_empty() {
        put("Options", json!(network.driver_opts));
    }
    if let Some(enabled) = network.enable_ipv4 {
        put("EnableIPv4", json!(enabled));
    }
    if let Some(enabled) = network.enable_ipv6 {
        put("EnableIPv6", json!(enabled));
    }
    if network.ipam.driver.is_some() || !network.ipam.config.is_empty() {
        let pools: Vec<Value> = network.ipam.config.iter().map(pool).collect();
        put("IPAM", json!({"Driver": network.ipam.driver.as_deref().unwrap_or_default(), "Config": pools}));
    }
    Value::Object(body)
}

/// The body of `POST /volumes/create`.
pub(in super::super) fn volume(project: &Project, key: &str, volume: &Volume) -> Value {
    let mut labels = user(&volume.labels);
    compose_labels(&mut labels, project, (label::VOLUME, key), hash::volume(volume));
    let mut body = Map::new();
    body.insert("Name".to_owned(), json!(volume.name));
    if let Some(driver) = &volume.driver {
        body.insert("Driver".to_owned(), json!(driver));
    }
    if !volume.driver_opts.is_empty() {
        body.insert("DriverOpts".to_owned(), json!(volume.driver_opts));
    }
    body.insert("Labels".to_owned(), Value::Object(labels));
    Value::Object(body)
}

fn compose_labels(labels: &mut Map<String, Value>, project: &Project, key: (&str, &str), hash: String) {
    let compose = [
        (key.0, key.1.to_owned()),
        (label::PROJECT, project.name.clone()),
        (label::VERSION, COMPOSE_VERSION.to_owned()),
        (label::CONFIG_HASH, hash),
    ];
    labels.extend(compose.into_iter().map(|(name, value)| (name.to_owned(), json!(value))));
}

fn pool(pool: &IpamPool) -> Value {
    let mut body = Map::new();
    let texts = [("Subnet", &pool.subnet), ("IPRange", &pool.ip_range), ("Gateway", &pool.gateway)];
    body.extend(texts.into_iter().filter_map(|(key, text)| Some((key.to_owned(), json!(text.as_ref()?)))));
    if !pool.aux_addresses.is_empty() {
        body.insert("AuxiliaryAddresses".to_owned(), json!(pool.aux_addresses));
    }
    Value::Object(body)
}
