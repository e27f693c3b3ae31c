//! The compose files: faults are shown, what could be read still works, drift is told.

use std::collections::BTreeMap;
use std::sync::Arc;

use dockside::app::{Msg, Options, rows};
use dockside::compose::emit::Flavour;
use dockside::compose::hash;
use dockside::compose::source::MemoryFiles;
use dockside::compose::{self, LoadRequest};
use dockside::observed::{Event, EventKind, Fact, Image, label};
use serde_json::json;

use crate::desk::{Desk, container};

fn load(desk: &mut Desk, text: &str) {
    let files = MemoryFiles::new([("/srv/shop/compose.yaml", text)]);
    let request = LoadRequest { working_directory: "/srv/shop".into(), ..LoadRequest::default() };
    desk.send(Msg::Loaded(Box::new(compose::load(&request, &files))));
}

#[test]
fn a_broken_file_is_shown_with_its_faults_and_refuses_up_only() {
    let mut desk = Desk::empty(Options::default());
    load(&mut desk, "services:\n  web:\n    image: nginx\n    imagee: x\n");
    desk.connect(vec![container("web", 1)]);
    assert_eq!(desk.layer(), "Diagnostics");
    desk.press("esc");
    assert_eq!(desk.services(), "● web 1/1 running\n");
    desk.wait(100);
    desk.effects();
    desk.press("u");
    assert_eq!(desk.effects(), "");
    assert!(desk.outcome().starts_with("compose.yaml:4:5: "), "{}", desk.outcome());
    desk.press("s");
    assert_eq!(desk.effects(), r#"plan 1 stop Services(["web"])"#);
    desk.press("f8");
    load(&mut desk, "services:\n  web:\n    image: nginx\n");
    assert_eq!(desk.layer(), "home", "mended faults are not shown any longer");
}

#[test]
fn a_file_that_cannot_be_read_makes_no_orphans() {
    let mut desk = Desk::empty(Options { project: Some("shop".to_owned()), ..Options::default() });
    desk.app.project = Some("shop".to_owned());
    load(&mut desk, "name: shop\nservices:\n  web:\n    image: [\n");
    desk.connect(vec![container("web", 1), container("db", 1)]);
    let services = desk.services();
    assert!(
        services.contains("● db") && services.contains("● web") && !services.contains("orphan"),
        "{services}"
    );
    assert!(desk.app.file.sound().is_none(), "stop and down go by labels");
}

#[test]
fn a_file_that_breaks_leaves_its_project_on_the_screen() {
    let mut desk = Desk::empty(Options::default());
    load(&mut desk, "name: named\nservices:\n  web:\n    image: nginx\n");
    assert_eq!(desk.app.project.as_deref(), Some("named"));
    load(&mut desk, "name: named\nservices:\n  web: [\n");
    assert_eq!(desk.app.project.as_deref(), Some("named"));
    load(&mut desk, "name: other\nservices:\n  web:\n    image: nginx\n");
    assert_eq!(desk.app.project.as_deref(), Some("other"));
}

#[test]
fn a_service_that_the_file_changed_says_so() {
    let mut desk = Desk::empty(Options::default());
    load(&mut desk, "name: shop\nservices:\n  web:\n    image: nginx:2\n");
    let mut web = container("web", 1);
    web.image = "nginx:1".to_owned();
    web.labels.insert(label::CONFIG_HASH.to_owned(), "0".repeat(64));
    web.inspect = Some(Arc::new(json!({"Config": {"Image": "nginx:1", "Labels": {}}, "HostConfig": {}})));
    desk.connect(vec![web]);
    assert_eq!(desk.effects(), "open shop-web-1 2000; ReadImages([\"nginx:2\"])");
    let drift = |desk: &Desk| rows::service(&desk.app, "web").and_then(|row| row.drift);
    assert_eq!(drift(&desk), None, "what the image gives by itself is not known yet");
    images(&mut desk, None);
    let drift = drift(&desk).unwrap();
    assert_eq!(drift.reason, "image", "{drift:?}");
    desk.press("r");
    desk.planned(1, vec![crate::desk::op("restart", "web", &[])]);
    desk.send(Msg::Ended { run: dockside::app::RunId(1), end: dockside::app::RunEnd::Done });
    desk.wait(6_000);
    assert_eq!(desk.outcome(), "web running; u applies the file");
}

/// What the engine has as `nginx:2`: an image of this digest, or none.
fn images(desk: &mut Desk, digest: Option<&str>) {
    let image = digest.map(|id| Image { id: id.to_owned(), ..Image::default() });
    desk.send(Msg::Images(BTreeMap::from([("nginx:2".to_owned(), image)])));
}

#[test]
fn another_image_under_the_same_name_is_drift() {
    let mut desk = Desk::empty(Options::default());
    load(&mut desk, "name: shop\nservices:\n  web:\n    image: nginx:2\n");
    let project = desk.app.file.project.clone().unwrap();
    let mut web = container("web", 1);
    let hash = hash::service(project.service("web").unwrap(), Flavour::Two);
    web.labels.insert(label::CONFIG_HASH.to_owned(), hash);
    web.image_id = "sha256:old".to_owned();
    web.inspect = Some(Arc::new(json!({"Config": {"Image": "nginx:2"}, "HostConfig": {}})));
    desk.connect(vec![web]);
    let reason =
        |desk: &Desk| rows::service(&desk.app, "web").and_then(|row| row.drift).map(|drift| drift.reason);
    images(&mut desk, Some("sha256:old"));
    assert_eq!(reason(&desk), None);
    desk.effects();
    desk.fact(Fact::Event(Event {
        kind: EventKind::Image,
        action: "tag".to_owned(),
        actor: "sha256:new".to_owned(),
        at: desk.now(),
        attributes: BTreeMap::new(),
    }));
    assert_eq!(desk.effects(), "ReadImages([\"nginx:2\"])");
    images(&mut desk, Some("sha256:new"));
    assert_eq!(reason(&desk).as_deref(), Some("image"));
}

#[test]
fn profiles_that_are_off_stand_at_the_end() {
    let mut desk = Desk::empty(Options::default());
    load(
        &mut desk,
        "name: shop\nservices:\n  mail: {image: a, profiles: [mail]}\n  seed: {image: b}\n  web: {image: c, depends_on: {seed: {condition: service_completed_successfully}}}\n",
    );
    desk.connect(vec![container("web", 1), crate::desk::exited(container("seed", 1), 0)]);
    assert_eq!(desk.services(), "● web 1/1 running\n○ seed 0/1 done 0\n· mail 0 profile mail\n");
}
