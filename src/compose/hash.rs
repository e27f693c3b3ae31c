//! Compose's config hashes: how `docker compose` knows that a container, network or volume no longer matches the file.
//!
//! A hash is the SHA-256 of the canonical JSON as Go writes it. Which attributes do not count is data here; their order is
//! the table's. A service that shares another one's namespace is hashed after the reference has become the other
//! container's id, so whoever plans puts the ids into the service first.
//!
//! The hashes are those of the labels that `docker compose up` writes. `config --hash` prints others for services with
//! `env_file`, whose reference it does not drop.

use sha2::{Digest, Sha256};

use super::emit::{self, Flavour, json};
use super::model::{Network, Service, Volume};

/// The label value `com.docker.compose.config-hash` of a service's containers.
pub fn service(service: &Service, flavour: Flavour) -> String {
    digest(&service_text(service, flavour))
}

/// The text that is hashed for a service. A plan that makes the container whose namespace another shares hashes it itself,
/// once the id is known.
pub fn service_text(service: &Service, flavour: Flavour) -> String {
    let mut counted = service.clone();
    counted.build = None;
    counted.pull_policy = None;
    counted.scale = None;
    counted.depends_on.clear();
    counted.profiles.clear();
    if let Some(deploy) = &mut counted.deploy {
        deploy.replicas = None;
    }
    json::compact(&emit::service(&counted, flavour))
}

/// The label value of a network.
pub fn network(network: &Network) -> String {
    digest(&json::compact(&emit::network(network)))
}

/// The label value of a volume. Compose fills in the default driver first.
pub fn volume(volume: &Volume) -> String {
    let mut counted = volume.clone();
    counted.driver.get_or_insert_with(|| "local".to_owned());
    digest(&json::compact(&emit::volume(&counted)))
}

fn digest(text: &str) -> String {
    let mut hash = String::with_capacity(64);
    for byte in Sha256::digest(text.as_bytes()) {
        for half in [byte >> 4, byte & 15] {
            hash.extend(char::from_digit(half.into(), 16));
        }
    }
    hash
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_flavours_differ_in_the_paths_of_bind_mounts() {
        let mount = |created: bool| serde_json::json!({"type": "bind", "source": "/s", "target": "/t", "bind": {"create_host_path": created}});
        let check = |created: bool, flavour, expected: &str| {
            let service = serde_json::json!({"volumes": [mount(created)]});
            let service: Service = serde_json::from_value(service).unwrap_or_default();
            let text = service_text(&service, flavour);
            assert!(text.ends_with(&format!(r#""target":"/t","bind":{expected}}}]}}"#)), "{text}");
        };
        check(true, Flavour::Two, r#"{"create_host_path":true}"#);
        check(false, Flavour::Two, "{}");
        check(true, Flavour::Five, "{}");
        check(false, Flavour::Five, r#"{"create_host_path":false}"#);
    }

    #[test]
    fn networks_and_volumes() {
        let network = Network { name: "p_default".to_owned(), ..Network::default() };
        assert_eq!(json::compact(&emit::network(&network)), r#"{"name":"p_default","ipam":{}}"#);
        let volume = Volume { name: "p_v".to_owned(), driver: Some("local".to_owned()), ..Volume::default() };
        assert_eq!(json::compact(&emit::volume(&volume)), r#"{"name":"p_v","driver":"local"}"#);
    }
}
