//! The layers of an image that is pulled: what the engine's messages say of each, and how far all of them are.

use indexmap::IndexMap;
use serde_json::Value;

use super::failure::plain_text;
use crate::plan::Layer;

/// How much of a layer's work is its download; the rest is unpacking.
const DOWNLOAD_SHARE: f32 = 0.8;

/// What a message says of a layer; none where it is about the image, as `Pulling from …` is.
pub(super) fn layer(message: &Value) -> Option<Layer> {
    let detail = message["progressDetail"].as_object()?;
    let text = |value: &Value| value.as_str().map(plain_text).filter(|text| !text.is_empty());
    // Engines from 26 on count the seconds of unpacking, where they do not know the bytes.
    let number = |key: &str| detail.get(key).and_then(Value::as_u64).unwrap_or_default();
    Some(Layer {
        id: text(&message["id"])?,
        status: text(&message["status"])?,
        current: number("current"),
        total: number("total"),
        units: detail.get("units").and_then(text).unwrap_or_default(),
    })
}

/// How far the layers are.
#[derive(Default)]
pub(super) struct Layers {
    known: IndexMap<String, Known>,
}

#[derive(Default)]
struct Known {
    /// Bytes in all, once known.
    total: Option<u64>,
    /// Bytes that are here.
    here: u64,
    /// From 0 to 1.
    done: f32,
}

impl Layers {
    pub(super) fn take(&mut self, layer: &Layer) {
        let part = if layer.total > 0 { (layer.current as f32 / layer.total as f32).min(1.0) } else { 0.0 };
        let done = match layer.status.as_str() {
            "Pulling fs layer" | "Waiting" | "Retrying" => 0.0,
            "Downloading" => part * DOWNLOAD_SHARE,
            "Verifying Checksum" | "Download complete" => DOWNLOAD_SHARE,
            "Extracting" => DOWNLOAD_SHARE + part * (1.0 - DOWNLOAD_SHARE),
            "Pull complete" => 1.0,
            // `Already exists` costs nothing.
            _ => return,
        };
        let known = self.known.entry(layer.id.clone()).or_default();
        if layer.status == "Downloading" && layer.total > 0 {
            known.total = Some(layer.total);
            known.here = known.here.max(layer.current.min(layer.total));
        }
        if done >= DOWNLOAD_SHARE {
            known.here = known.total.unwrap_or_default();
        }
        known.done = known.done.max(done);
    }

    /// The whole, each layer by its size; one of unknown size counts like the mean of the others.
    pub(super) fn fraction(&self) -> Option<f32> {
        let known: Vec<u64> = self.known.values().filter_map(|layer| layer.total).collect();
        let mean = if known.is_empty() { 1.0 } else { known.iter().sum::<u64>() as f32 / known.len() as f32 };
        let weight = |layer: &Known| layer.total.map_or(mean, |total| total as f32);
        let all: f32 = self.known.values().map(weight).sum();
        let done: f32 = self.known.values().map(|layer| weight(layer) * layer.done).sum();
        (all > 0.0).then(|| (done / all).min(1.0))
    }

    /// The bytes that are here, of those in all layers whose size is known: ` 3.1/8.2 MB`. Empty where none is.
    pub(super) fn bytes(&self) -> String {
        let total: u64 = self.known.values().filter_map(|layer| layer.total).sum();
        let here: u64 = self.known.values().map(|layer| layer.here).sum();
        let Some((unit, name)) = UNITS.iter().find(|(unit, _)| total >= *unit) else { return String::new() };
        let tenths = |bytes: u64| bytes as f64 / *unit as f64;
        format!(" {:.1}/{:.1} {name}", tenths(here), tenths(total))
    }
}

/// What sizes are told in: thousands, as Docker's tools have them.
const UNITS: &[(u64, &str)] = &[(1_000_000_000, "GB"), (1_000_000, "MB"), (1000, "kB"), (1, "B")];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_is_over_all_layers_and_never_goes_back() {
        let mut layers = Layers::default();
        let mut told = Vec::new();
        for (id, status, current, total) in [
            ("old", "Already exists", 0, 0),
            ("a", "Pulling fs layer", 0, 0),
            ("b", "Pulling fs layer", 0, 0),
            ("a", "Downloading", 50_000, 100_000),
            ("b", "Downloading", 300_000, 300_000),
            ("b", "Download complete", 0, 0),
            ("b", "Extracting", 150_000, 300_000),
            ("b", "Pull complete", 0, 0),
            ("a", "Downloading", 10_000, 100_000),
            ("a", "Pull complete", 0, 0),
        ] {
            let message = serde_json::json!({
                "id": id, "status": status, "progressDetail": { "current": current, "total": total },
            });
            layers.take(&layer(&message).unwrap());
            let percent = layers.fraction().map(|fraction| (fraction * 100.0).round() as u32);
            told.push(
                percent.map_or_else(|| "-".to_owned(), |percent| format!("{percent}{}", layers.bytes())),
            );
        }
        let both = |percent: u32| format!("{percent} 350.0/400.0 kB");
        let expected = [
            "-".to_owned(),
            "0".to_owned(),
            "0".to_owned(),
            "20 50.0/100.0 kB".to_owned(),
            both(70),
            both(70),
            both(78),
            both(85),
            both(85),
            "100 400.0/400.0 kB".to_owned(),
        ];
        assert_eq!(told, expected);
    }

    #[test]
    fn only_messages_of_layers_are_taken_for_such() {
        let image = serde_json::json!({ "id": "latest", "status": "Pulling from library/redis" });
        assert_eq!(layer(&image), None);
        let seconds = serde_json::json!({
            "id": "a", "status": "Extracting", "progressDetail": { "current": 3, "units": "s" },
        });
        let layer = layer(&seconds).unwrap();
        assert_eq!((layer.current, layer.total, layer.units.as_str()), (3, 0, "s"));
    }
}
