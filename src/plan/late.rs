//! What a create body can say only once earlier ops have run: the ids of containers whose namespaces or volumes it shares.
//!
//! `network_mode: service:db` reaches the engine as `container:<id>`, and Docker Compose hashes the service with that id in
//! it. Where the plan itself makes the container of `db`, the id is not known yet: the body then holds a placeholder, and
//! execution replaces it. Nothing here asks an engine.

use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::observed::{ContainerId, label};

use super::ContainerRef;

/// Placeholders in a create body, and the text that its config hash is made of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Late {
    /// Each placeholder with the container whose id takes its place.
    pub ids: Vec<(String, ContainerRef)>,
    /// The service's canonical JSON with the placeholders in it; its SHA-256 is the label `config-hash`.
    pub hashed: String,
}

impl Late {
    /// Replaces the placeholders in `body` and sets its config hash.
    ///
    /// # Errors
    /// The container whose id `id_of` does not know; the body is then half replaced and must not be sent.
    pub fn settle(
        &self,
        body: &mut Value,
        id_of: impl Fn(&ContainerRef) -> Option<ContainerId>,
    ) -> Result<(), ContainerRef> {
        let mut hashed = self.hashed.clone();
        for (placeholder, container) in &self.ids {
            let id = id_of(container).ok_or_else(|| container.clone())?;
            hashed = hashed.replace(placeholder, &id.0);
            replace(body, placeholder, &id.0);
        }
        body["Labels"][label::CONFIG_HASH] = Value::String(sha256(&hashed));
        Ok(())
    }
}

/// The placeholder for the id of a service's first container.
pub(super) fn placeholder(service: &str) -> String {
    format!("{{id of {service}}}")
}

/// Lower-case hexadecimal SHA-256 of a text.
pub(super) fn sha256(text: &str) -> String {
    use std::fmt::Write;
    Sha256::digest(text).iter().fold(String::new(), |mut out, byte| {
        // Writing to a String cannot fail.
        let _ = write!(out, "{byte:02x}");
        out
    })
}

fn replace(value: &mut Value, placeholder: &str, id: &str) {
    match value {
        Value::String(text) if text.contains(placeholder) => *text = text.replace(placeholder, id),
        Value::Array(items) => items.iter_mut().for_each(|item| replace(item, placeholder, id)),
        Value::Object(fields) => fields.values_mut().for_each(|field| replace(field, placeholder, id)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::OpId;
    use super::*;

    #[test]
    fn ids_take_their_places_in_body_and_hash() {
        let made = ContainerRef::Of(OpId(0));
        let late = Late {
            ids: vec![(placeholder("db"), made.clone())],
            hashed: format!("{{\"network_mode\":\"container:{}\"}}", placeholder("db")),
        };
        let mut body =
            json!({"HostConfig": {"NetworkMode": "container:{id of db}", "VolumesFrom": ["{id of db}"]}});
        late.settle(&mut body, |_| Some(ContainerId::from("abc"))).unwrap();
        assert_eq!(body["HostConfig"], json!({"NetworkMode": "container:abc", "VolumesFrom": ["abc"]}));
        assert_eq!(body["Labels"][label::CONFIG_HASH], sha256("{\"network_mode\":\"container:abc\"}"));
        assert_eq!(late.settle(&mut body, |_| None), Err(made));
    }
}
