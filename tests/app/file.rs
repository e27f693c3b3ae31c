//! The compose files: faults are shown, what could be read still works, drift is told.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

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
    assert_eq!(desk.outcome(), "the compose files are sound again");
}

#[test]
fn profiles_are_turned_on_and_off() {
    let mut desk = Desk::empty(Options::default());
    load(&mut desk, "services:\n  web: { image: a }\n");
    desk.press("g p");
    assert_eq!(
        (desk.layer().as_str(), desk.outcome().as_str()),
        ("home", "no service of the file has a profile")
    );
    load(&mut desk, "services:\n  a: { image: a, profiles: [x, y] }\n  b: { image: a, profiles: [y, z] }\n");
    desk.effects();
    desk.press("g p");
    assert_eq!(desk.layer(), "Profiles");
    desk.press("space j space space j space enter");
    assert_eq!(
        (desk.layer().as_str(), desk.effects().as_str()),
        ("home", r#"Load { profiles: Some(["x", "z"]) }"#)
    );
    desk.press("g p");
    desk.press("space esc");
    assert_eq!((desk.layer().as_str(), desk.effects().as_str()), ("home", ""));
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

const SOUND: &str = "name: shop\nservices:\n  web:\n    image: nginx:1\n";

/// A shop with its file loaded and one container that matches it.
fn matching() -> Desk {
    let mut desk = Desk::empty(Options::default());
    load(&mut desk, SOUND);
    let project = desk.app.file.project.clone().unwrap();
    let mut web = container("web", 1);
    "nginx:1".clone_into(&mut web.image);
    let hash = hash::service(project.service("web").unwrap(), Flavour::Two);
    web.labels.insert(label::CONFIG_HASH.to_owned(), hash);
    web.inspect = Some(Arc::new(json!({"Config": {"Image": "nginx:1"}, "HostConfig": {}})));
    desk.connect(vec![web]);
    let names = ["nginx:1", "nginx:2"].map(|name| (name.to_owned(), Some(Image::default())));
    desk.send(Msg::Images(BTreeMap::from(names)));
    desk.effects();
    desk
}

fn drift(desk: &Desk) -> Option<String> {
    rows::service(&desk.app, "web").and_then(|row| row.drift).map(|drift| drift.reason)
}

#[test]
fn changed_files_are_read_again_once_they_rest() {
    let mut desk = matching();
    desk.send(Msg::FilesChanged);
    desk.wait(20);
    desk.send(Msg::FilesChanged);
    assert_eq!(desk.effects(), "", "an editor may be in the middle of it");
    assert_eq!(desk.app.next_wake(), Some(Duration::from_millis(50)));
    desk.wait(30);
    assert_eq!(desk.effects(), "Load { profiles: None }");
    desk.wait(500);
    assert_eq!(desk.effects(), "", "once");
}

#[test]
fn drift_follows_the_file_at_once() {
    let mut desk = matching();
    assert_eq!(drift(&desk), None);
    load(&mut desk, &SOUND.replace("nginx:1", "nginx:2"));
    desk.send(Msg::Images(BTreeMap::from([("nginx:2".to_owned(), Some(Image::default()))])));
    assert_eq!(drift(&desk).as_deref(), Some("image"));
    load(&mut desk, SOUND);
    assert_eq!(drift(&desk), None);
}

#[test]
fn the_last_sound_project_stays_while_a_file_is_broken() {
    let mut desk = matching();
    for broken in ["name: shop\nservices:\n  web: [\n", "name: shop\nservices:\n  web:\n    imag: nginx:2\n"]
    {
        load(&mut desk, broken);
        assert_eq!(desk.layer(), "home", "what is on the screen is not covered while somebody types");
        assert_eq!((desk.services().as_str(), drift(&desk)), ("● web 1/1 running\n", None));
        assert!(desk.app.file.error_count() > 0);
        desk.press("u");
        assert_eq!(desk.effects(), "", "but nothing is brought up");
        assert!(desk.outcome().starts_with("compose.yaml:"), "{}", desk.outcome());
    }
    load(&mut desk, SOUND);
    assert_eq!(desk.app.file.error_count(), 0);
    desk.press("u");
    assert_eq!(desk.effects(), r#"plan 1 up Services(["web"])"#);
}

#[test]
fn a_file_that_is_removed_and_made_again() {
    let mut desk = matching();
    let reason = "no compose file found in /srv/shop".to_owned();
    desk.send(Msg::NotLoaded { reason, probed: vec!["/srv/shop/compose.yaml".into()] });
    assert_eq!((desk.layer(), desk.services()), ("home".to_owned(), "● web 1/1 running\n".to_owned()));
    desk.press("u");
    assert_eq!(
        (desk.effects(), desk.outcome()),
        (String::new(), "no compose file found in /srv/shop".to_owned())
    );
    load(&mut desk, SOUND);
    desk.press("u");
    assert_eq!(desk.effects(), r#"plan 1 up Services(["web"])"#);
}

#[test]
fn what_was_read_before_makes_no_frame() {
    let mut desk = matching();
    let before = (desk.app.revision, Arc::as_ptr(desk.app.file.project.as_ref().unwrap()));
    load(&mut desk, SOUND);
    assert_eq!((desk.app.revision, Arc::as_ptr(desk.app.file.project.as_ref().unwrap())), before);
    let probed: Vec<_> = desk.app.file.probed.iter().map(|path| path.display().to_string()).collect();
    for path in ["/srv/shop/.env", "/srv/shop/compose.yaml", "/srv/shop/compose.override.yaml"] {
        assert!(probed.contains(&path.to_owned()), "{path} is not among {probed:?}");
    }
}
