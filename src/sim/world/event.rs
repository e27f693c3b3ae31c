//! What has happened, as `GET /events` tells it: the last few thousand events, with the engine's own fields and filters.

use std::collections::VecDeque;
use std::sync::Arc;

use bytes::Bytes;
use serde_json::{Map, Value, json};
use tokio::sync::watch;

use super::super::clock::Moment;
use super::super::query::Filters;

/// How many are kept. A real engine keeps 256, which a follower that is woken late could miss some of.
const KEPT: usize = 4096;

/// Names and values that an event carries.
pub(crate) type Attributes = Vec<(String, String)>;

/// One event.
#[derive(Debug)]
pub(crate) struct Event {
    /// When.
    pub(crate) at: Moment,
    kind: &'static str,
    action: String,
    actor: String,
    attributes: Attributes,
}

/// All of them, and who waits for more.
#[derive(Debug)]
pub(crate) struct Events {
    kept: VecDeque<Arc<Event>>,
    /// The number of the next event.
    pub(crate) next: watch::Sender<u64>,
    last: Moment,
}

impl Default for Events {
    fn default() -> Self {
        Self { kept: VecDeque::new(), next: watch::Sender::new(0), last: Moment::default() }
    }
}

impl Events {
    /// Adds an event. No two have the same time: who reads on from the last event's time misses none and sees none twice.
    pub(crate) fn tell(
        &mut self,
        at: Moment,
        kind: &'static str,
        action: impl Into<String>,
        actor: &str,
        mut attributes: Attributes,
    ) {
        let at = if at > self.last { at } else { Moment(self.last.0 + 1) };
        self.last = at;
        attributes.sort();
        if self.kept.len() == KEPT {
            self.kept.pop_front();
        }
        let event = Event { at, kind, action: action.into(), actor: actor.to_owned(), attributes };
        self.kept.push_back(Arc::new(event));
        self.next.send_modify(|next| *next += 1);
    }

    /// The events from this number on, with the number after the last.
    pub(crate) fn from(&self, number: u64) -> (Vec<Arc<Event>>, u64) {
        let next = *self.next.borrow();
        let first = next - self.kept.len() as u64;
        let skipped = number.saturating_sub(first) as usize;
        (self.kept.iter().skip(skipped).cloned().collect(), next)
    }

    /// Whether a real engine would give the events that follow.
    pub(crate) fn next(&self) -> u64 {
        *self.next.borrow()
    }
}

impl Event {
    /// Whether filters let it through (moby, `daemon/events/filter.go`).
    pub(crate) fn fits(&self, filters: &Filters) -> bool {
        let name = self.attribute("name");
        let about = |kind: &str, value: &str| {
            self.kind == kind && (self.actor.starts_with(value) || name.is_some_and(|name| name == value))
        };
        filters.fits("type", |kind| kind == self.kind)
            && filters.fits("event", |action| self.is_action(action))
            && filters.fits("container", |value| about("container", value))
            && filters.fits("network", |value| about("network", value))
            && filters.fits("volume", |value| about("volume", value))
            && filters.fits("image", |value| about("image", value) || self.is_of_image(value))
            && filters.fits("scope", |scope| scope == "local")
            && filters.labels_fit(&self.attributes)
    }

    /// As one line of the stream.
    pub(crate) fn line(&self) -> Bytes {
        let attributes: Map<String, Value> =
            self.attributes.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
        let mut event = Map::new();
        // The fields of the API's first versions, which Docker still sends for containers and images.
        if self.kind == "container" || self.kind == "image" {
            event.insert("status".to_owned(), json!(self.action));
            event.insert("id".to_owned(), json!(self.actor));
        }
        if let Some(image) = self.attribute("image").filter(|_| self.kind == "container") {
            event.insert("from".to_owned(), json!(image));
        }
        let rest = json!({
            "Type": self.kind, "Action": self.action,
            "Actor": { "ID": self.actor, "Attributes": attributes },
            "scope": "local", "time": self.at.seconds(), "timeNano": self.at.0,
        });
        if let Value::Object(rest) = rest {
            event.extend(rest);
        }
        Bytes::from(format!("{}\n", Value::Object(event)))
    }

    fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// `health_status` alone stands for `health_status: healthy` as well; so do `exec_create` and `exec_start`.
    fn is_action(&self, action: &str) -> bool {
        let is_vague = matches!(action, "health_status" | "exec_create" | "exec_start");
        self.action == action || is_vague && self.action.split(':').next() == Some(action)
    }

    fn is_of_image(&self, image: &str) -> bool {
        self.kind == "container" && self.attribute("image") == Some(image)
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::query::Query;
    use super::*;

    #[test]
    fn events_are_filtered_and_never_at_the_same_time() {
        let mut events = Events::default();
        let attributes = |name: &str| vec![("name".to_owned(), name.to_owned())];
        events.tell(Moment(5), "container", "start", "aa11", attributes("web"));
        events.tell(Moment(5), "container", "health_status: healthy", "aa11", attributes("web"));
        events.tell(Moment(4), "network", "create", "bb", attributes("net"));
        let check = |filters: &str, expected: &[&str]| {
            let filters = Query::parse(&format!("filters={filters}")).any_filters();
            let (all, next) = events.from(0);
            let fitting: Vec<String> =
                all.iter().filter(|one| one.fits(&filters)).map(|e| e.action.clone()).collect();
            assert_eq!(
                (fitting.iter().map(String::as_str).collect::<Vec<_>>(), next),
                (expected.to_vec(), 3)
            );
        };
        check("{\"type\":[\"network\"]}", &["create"]);
        check("{\"event\":[\"health_status\"]}", &["health_status: healthy"]);
        check("{\"container\":[\"aa\"],\"event\":[\"start\",\"die\"]}", &["start"]);
        check("{\"container\":[\"web\"]}", &["start", "health_status: healthy"]);
        let times: Vec<i64> = events.from(0).0.iter().map(|event| event.at.0).collect();
        assert_eq!(times, [5, 6, 7]);
    }
}
