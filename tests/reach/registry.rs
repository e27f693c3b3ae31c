//! Pulls and builds from a registry that wants a login, with what `docker login` would have stored. The registry is a few
//! lines on loopback, which every engine takes for one that may speak plain HTTP.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex};
use std::thread;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use dockside::engine::{Endpoint, Engine, Logins, cancellation, execute};
use dockside::plan::{Cause, OnFailure, Op, OpKind, OpState, Plan};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tempfile::TempDir;
use tokio::sync::mpsc;

use crate::support;

/// Who may pull.
const LOGIN: &str = "me:se:cret";

/// A registry with one image of two layers under any name but `missing`. Of `slow` it keeps half of the second layer back.
pub struct Registry {
    /// `127.0.0.1:PORT`, as images name it.
    pub host: String,
    /// The credentials that came.
    logins: Arc<Mutex<Vec<String>>>,
    gate: Arc<Gate>,
}

/// What is closed until the test opens it.
#[derive(Default)]
struct Gate {
    is_open: Mutex<bool>,
    opened: Condvar,
}

impl Gate {
    fn open(&self) {
        *self.is_open.lock().unwrap() = true;
        self.opened.notify_all();
    }

    fn pass(&self) {
        drop(self.opened.wait_while(self.is_open.lock().unwrap(), |is_open| !*is_open).unwrap());
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        self.gate.open();
    }
}

/// What the registry serves: a path's end, the type, the bytes.
type Shelf = Vec<(String, &'static str, Vec<u8>)>;

impl Registry {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let host = listener.local_addr().unwrap().to_string();
        let logins = Arc::<Mutex<Vec<String>>>::default();
        let gate = Arc::<Gate>::default();
        let (seen, shelf, closed) = (Arc::clone(&logins), Arc::new(shelf(&host)), Arc::clone(&gate));
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (seen, shelf, gate) = (Arc::clone(&seen), Arc::clone(&shelf), Arc::clone(&closed));
                thread::spawn(move || serve(&stream, &shelf, &seen, &gate));
            }
        });
        Self { host, logins, gate }
    }

    /// Lets go of what is kept back.
    pub fn open(&self) {
        self.gate.open();
    }

    /// The entry for it in `auths` of Docker's config file.
    pub fn entry() -> Value {
        json!({ "auth": STANDARD.encode(LOGIN) })
    }

    /// What a helper's script says that knows the login.
    pub fn answer() -> String {
        let (user, secret) = LOGIN.split_once(':').unwrap();
        format!("echo '{{\"Username\":\"{user}\",\"Secret\":\"{secret}\"}}'")
    }

    pub fn image(&self, name: &str) -> String {
        format!("{}/dst-reach/{name}:1", self.host)
    }
}

/// An image of two layers with a file each, which no other registry's has: layers that the engine has are not pulled.
fn shelf(host: &str) -> Shelf {
    let layers = ["first", "second"].map(|name| {
        let mut layer = tar::Builder::new(Vec::new());
        let content = format!("{name} of {host}\n").repeat(4000);
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        layer.append_data(&mut header, name, content.as_bytes()).unwrap();
        layer.into_inner().unwrap()
    });
    let config = json!({
        "architecture": "amd64", "os": "linux", "config": { "Cmd": ["/nothing"] },
        "rootfs": { "type": "layers", "diff_ids": layers.each_ref().map(|layer| digest(layer)) },
    });
    let config = config.to_string().into_bytes();
    let part = |kind: &str, bytes: &[u8]| {
        json!({
            "mediaType": format!("application/vnd.oci.image.{kind}"), "digest": digest(bytes), "size": bytes.len(),
        })
    };
    let manifest = json!({
        "schemaVersion": 2, "mediaType": MANIFEST, "config": part("config.v1+json", &config),
        "layers": layers.each_ref().map(|layer| part("layer.v1.tar", layer)),
    });
    let manifest = manifest.to_string().into_bytes();
    let mut shelf = vec![
        ("/manifests/1".to_owned(), MANIFEST, manifest.clone()),
        (format!("/manifests/{}", digest(&manifest)), MANIFEST, manifest),
        (format!("/blobs/{}", digest(&config)), "application/octet-stream", config),
    ];
    for layer in layers {
        shelf.push((format!("/blobs/{}", digest(&layer)), "application/octet-stream", layer));
    }
    shelf
}

/// What a registry says of a tag that it does not have.
const UNKNOWN: &[u8] = br#"{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]}"#;

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

fn digest(bytes: &[u8]) -> String {
    format!("sha256:{:x}", Sha256::digest(bytes))
}

/// Answers request after request. What is no HTTP (the engine tries TLS first) ends the connection.
fn serve(stream: &TcpStream, shelf: &Shelf, seen: &Mutex<Vec<String>>, gate: &Gate) {
    let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
    while let Some(asked) = lines.next() {
        let headers: Vec<String> = lines.by_ref().take_while(|line| !line.is_empty()).collect();
        let login = headers.iter().find_map(|line| line.strip_prefix("Authorization: Basic "));
        let login = login.map(|text| String::from_utf8(STANDARD.decode(text).unwrap()).unwrap());
        let is_known = login.as_deref() == Some(LOGIN);
        seen.lock().unwrap().extend(login);
        let mut words = asked.split(' ');
        let (Some(method), Some(path)) = (words.next(), words.next()) else { return };
        let is_missing = |path: &str| path.contains("/missing/manifests/");
        let found = shelf.iter().find(|(end, ..)| path.ends_with(end) && !is_missing(path));
        let is_slow = path.contains("/slow/") && shelf.last().is_some_and(|(end, ..)| path.ends_with(end));
        let (status, kind, body) = match found {
            _ if !is_known => {
                ("401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"test\"", "text/plain", &[][..])
            }
            Some((_, kind, body)) => ("200 OK", *kind, body.as_slice()),
            None if path == "/v2/" => ("200 OK", "application/json", &b"{}"[..]),
            None => ("404 Not Found", "application/json", UNKNOWN),
        };
        let head = format!(
            "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nDocker-Content-Digest: {}\r\nContent-Length: {}\r\n\r\n",
            digest(body),
            body.len()
        );
        let mut writer = stream;
        let body = if method == "HEAD" { &[] } else { body };
        let (first, second) = body.split_at(if is_slow { body.len() / 2 } else { body.len() });
        if writer.write_all(head.as_bytes()).and_then(|()| writer.write_all(first)).is_err() {
            return;
        }
        if !second.is_empty() {
            gate.pass();
        }
        if writer.write_all(second).is_err() {
            return;
        }
    }
}

/// The engine of the tests, with Docker's config file in a folder of the test.
pub struct Desk {
    pub engine: &'static support::Engine,
    pub folder: TempDir,
}

impl Desk {
    pub fn new(config: &Value) -> Option<Self> {
        let desk = Self { engine: support::engine()?, folder: TempDir::new().unwrap() };
        fs::write(desk.folder.path().join("config.json"), config.to_string()).unwrap();
        Some(desk)
    }

    /// A credential helper, as a script.
    pub fn helper(&self, name: &str, script: &str) {
        let path = self.folder.path().join(format!("docker-credential-{name}"));
        fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// Carries one op out: what it reported, and `done` or why it failed, with the folder's name short.
    async fn carry_out(&self, kind: OpKind) -> (Vec<String>, String) {
        let mut endpoint = Endpoint::parse(self.engine.host(), "test").unwrap();
        let folder = self.folder.path().to_owned();
        let path = format!("{}:/usr/bin:/bin", folder.display());
        endpoint.logins = Logins { folder: Some(folder.clone()), variable: None, path: Some(path) };
        let engine = Engine::connect(&endpoint).await.unwrap();
        let op =
            Op { kind, cause: Cause::Asked, service: None, subject: "web".to_owned(), after: Vec::new() };
        let plan = Plan { ops: vec![op], ..Plan::default() };
        let (sender, mut reports) = mpsc::unbounded_channel();
        let states = execute(&engine, &plan, &sender, &cancellation().1).await;
        let mut told = Vec::new();
        while let Ok(report) = reports.try_recv() {
            if let OpState::Progress { text, .. } = report.state {
                told.push(text);
            }
        }
        let outcome = match &states[0] {
            OpState::Done => "done".to_owned(),
            OpState::Failed(failure) => failure.to_string().replace(folder.to_str().unwrap(), "FOLDER"),
            other => format!("{other:?}"),
        };
        (told, outcome)
    }

    async fn pull(&self, image: &str) -> (Vec<String>, String) {
        self.carry_out(OpKind::PullImage {
            image: image.to_owned(),
            platform: None,
            on_failure: OnFailure::Fail,
        })
        .await
    }
}

/// Takes an image away when the test is over.
pub struct Image<'a>(pub &'a support::Engine, pub String);

impl Drop for Image<'_> {
    fn drop(&mut self) {
        self.0.request("DELETE", &format!("/images/{}?force=true", self.1), b"");
    }
}

#[tokio::test]
async fn a_login_of_the_config_file_pulls_with_progress() {
    let registry = Registry::start();
    let entry = json!({ "auth": STANDARD.encode(LOGIN) });
    let Some(desk) = Desk::new(&json!({ "auths": { &registry.host: entry } })) else { return };
    let image = Image(desk.engine, registry.image("file"));
    let (told, outcome) = desk.pull(&image.1).await;
    assert_eq!(outcome, "done");
    assert!(desk.engine.has_image(&image.1));
    assert_eq!(told.first().map(String::as_str), Some("pulling"));
    assert!(
        told.last().unwrap().starts_with("pulling 100% ") && told.last().unwrap().ends_with(" kB"),
        "{told:?}"
    );
    assert!(registry.logins.lock().unwrap().iter().all(|login| login == LOGIN));
}

#[tokio::test]
async fn a_login_of_a_helper_pulls() {
    let registry = Registry::start();
    let config = json!({ "credsStore": "wrong", "credHelpers": { &registry.host: "right" } });
    let Some(desk) = Desk::new(&config) else { return };
    let image = Image(desk.engine, registry.image("helper"));
    let (user, secret) = LOGIN.split_once(':').unwrap();
    let script = format!(
        "[ \"$1\" = get ] && [ \"$(cat)\" = {} ] || exit 1\necho '{{\"ServerURL\":\"x\",\"Username\":\"{user}\",\"Secret\":\"{secret}\"}}'",
        registry.host
    );
    desk.helper("right", &script);
    assert_eq!(desk.pull(&image.1).await.1, "done");
}

#[tokio::test]
async fn what_stands_in_the_way_of_a_pull_is_told() {
    let registry = Registry::start();
    let image = registry.image("refused");
    let pull = format!("pull {image} from {}: ", registry.host);
    let wrong = json!({ "auth": STANDARD.encode("me:wrong") });
    let unknown = format!(
        "Head \"http://{}/v2/dst-reach/refused/manifests/1\": no basic auth credentials (log in with `docker login`)",
        registry.host
    );
    let correct = "install the helper, or correct credsStore and credHelpers in the file";
    let failed = |helper: &str, why: &str| {
        format!("docker-credential-{helper}, which FOLDER/config.json names: {why} ({correct})")
    };
    for (config, expected) in [
        (json!({}), unknown.clone()),
        (
            json!({ "auths": { &registry.host: wrong } }),
            "unauthorized: (log in with `docker login`)".to_owned(),
        ),
        (json!({ "credsStore": "missing" }), failed("missing", "No such file or directory (os error 2)")),
        (json!({ "credsStore": "broken" }), failed("broken", "the keychain is locked")),
        (
            json!({ "credsStore": "odd" }),
            failed("odd", "its answer is not JSON: expected value at line 1 column 1"),
        ),
        (json!({ "credsStore": "empty" }), unknown),
    ] {
        let Some(desk) = Desk::new(&config) else { return };
        desk.helper("broken", "echo the keychain is locked; exit 1");
        desk.helper("odd", "echo Hello");
        desk.helper("empty", "echo credentials not found in native keychain; exit 1");
        // Docker 20.10 has a word more.
        let told =
            desk.pull(&image).await.1.replace("unauthorized: authentication required (", "unauthorized: (");
        assert_eq!(told, format!("{pull}{expected}"), "{config}");
    }
}

#[tokio::test]
async fn a_registry_that_is_offline_is_named_with_the_image_and_the_cause() {
    let Some(desk) = Desk::new(&json!({})) else { return };
    let host = format!("127.0.0.1:{}", support::free_port());
    let image = format!("{host}/dst-reach/gone:1");
    let refused = format!("Get \"http://{host}/v2/\": dial tcp {host}: connect: connection refused");
    assert_eq!(
        desk.pull(&image).await.1,
        format!(
            "pull {image} from {host}: {refused} (nothing answers at that address: is the registry running, or a proxy \
             needed?)"
        )
    );
}

#[tokio::test]
async fn a_build_may_pull_what_its_file_begins_from() {
    let registry = Registry::start();
    let Some(desk) = Desk::new(&json!({ "credsStore": "all" })) else { return };
    let (user, secret) = LOGIN.split_once(':').unwrap();
    let script = format!(
        "case $1 in list) echo '{{\"{host}\":\"{user}\"}}' ;; get) echo '{{\"Username\":\"{user}\",\"Secret\":\"{secret}\"}}' ;; esac",
        host = registry.host
    );
    desk.helper("all", &script);
    let base = Image(desk.engine, registry.image("base"));
    let built = Image(desk.engine, "dst-reach/built:1".to_owned());
    let context = TempDir::new().unwrap();
    let kind = |context: &Path| OpKind::BuildImage {
        image: built.1.clone(),
        build: json!({ "context": context, "dockerfile_inline": format!("FROM {}\nLABEL a=b\n", base.1) }),
        context: context.to_owned(),
        labels: Vec::new(),
    };
    assert_eq!(desk.carry_out(kind(context.path())).await.1, "done");
    assert!(desk.engine.has_image(&built.1));
}
