//! SSH, to a server of the test's own on loopback, with a key of the test. Left out where OpenSSH's server is missing.

use std::fs;
use std::io::{BufRead, BufReader, Write as _};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use dockside::engine::{Address, Call, Endpoint, Engine};
use tempfile::TempDir;

use crate::backend::Backend;
use crate::support;

/// How long the server may take to say what is awaited.
const PATIENCE: Duration = Duration::from_secs(30);
const SSHD: &str = "/usr/sbin/sshd";

/// A server, and a client's configuration that logs in to it.
struct Server {
    child: Child,
    port: u16,
    said: Receiver<String>,
    folder: TempDir,
}

impl Server {
    /// The server with more lines of configuration; none where there is none to start.
    fn start(configuration: &str) -> Option<Self> {
        if !Path::new(SSHD).exists() {
            let said = "a test of ssh: left out: needs OpenSSH's server (package openssh-server)\n";
            std::io::stderr().write_all(said.as_bytes()).unwrap();
            return None;
        }
        // Root's server keeps its unprivileged part in this folder, which its package makes at boot.
        let _ = fs::create_dir_all("/run/sshd");
        let folder = TempDir::new().unwrap();
        let path = |name: &str| folder.path().join(name);
        for name in ["host_key", "key"] {
            let made = Command::new("ssh-keygen")
                .args(["-q", "-t", "ed25519", "-N", "", "-f"])
                .arg(path(name))
                .status()
                .unwrap();
            assert!(made.success());
        }
        let port = support::free_port();
        let server = format!(
            "{configuration}\nListenAddress 127.0.0.1\nPort {port}\nHostKey {host_key}\nAuthorizedKeysFile {key}.pub\n\
             StrictModes no\nUsePAM no\nPasswordAuthentication no\nKbdInteractiveAuthentication no\n\
             PermitRootLogin prohibit-password\nPidFile none\nLogLevel VERBOSE\n",
            host_key = path("host_key").display(),
            key = path("key").display(),
        );
        fs::write(path("sshd_config"), server).unwrap();
        let public = fs::read_to_string(path("host_key.pub")).unwrap();
        fs::write(path("known_hosts"), format!("[127.0.0.1]:{port} {public}")).unwrap();
        let client = format!(
            "IdentityFile {key}\nIdentitiesOnly yes\nUserKnownHostsFile {known}\nGlobalKnownHostsFile /dev/null\n",
            key = path("key").display(),
            known = path("known_hosts").display(),
        );
        fs::write(path("ssh_config"), client).unwrap();
        let program = format!("#!/bin/sh\nexec ssh -F {} \"$@\"\n", path("ssh_config").display());
        fs::write(path("ssh"), program).unwrap();
        fs::set_permissions(path("ssh"), fs::Permissions::from_mode(0o755)).unwrap();

        let mut child = Command::new(SSHD)
            .args(["-D", "-e", "-f"])
            .arg(path("sshd_config"))
            .stdin(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let output = BufReader::new(child.stderr.take().unwrap());
        let (sender, said) = channel();
        std::thread::spawn(move || {
            output.lines().map_while(Result::ok).try_for_each(|line| sender.send(line))
        });
        let server = Self { child, port, said, folder };
        server.await_line("Server listening");
        Some(server)
    }

    /// Waits until the server says a line, and gives those that it said before.
    fn await_line(&self, part: &str) -> Vec<String> {
        let mut before = Vec::new();
        loop {
            let line =
                self.said.recv_timeout(PATIENCE).unwrap_or_else(|_| panic!("no {part:?}: {before:#?}"));
            if line.contains(part) {
                return before;
            }
            before.push(line);
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The address of a socket behind this server.
    fn endpoint(&self, socket: &Path) -> Endpoint {
        let address = format!("ssh://{}@127.0.0.1:{}{}", user(), self.port, socket.display());
        let mut endpoint = Endpoint::parse(&address, "test").unwrap();
        let Address::Ssh(host) = &mut endpoint.address else { panic!("{address} is not by SSH") };
        host.program = self.path("ssh");
        endpoint
    }

    fn stop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// [`ask`], with names that are the same at every run.
    async fn ask(&self, endpoint: &Endpoint) -> String {
        ask(endpoint)
            .await
            .replace(&endpoint.address.to_string(), "ENGINE")
            .replace(&self.port.to_string(), "PORT")
            .replace(self.folder.path().to_str().unwrap(), "FOLDER")
            .replace(&format!("{}@", user()), "ME@")
    }
}

/// What the engine calls itself, or the error.
async fn ask(endpoint: &Endpoint) -> String {
    match Engine::connect(endpoint).await {
        Ok(engine) => engine.info().version.clone(),
        Err(error) => error.to_string(),
    }
}

fn user() -> String {
    let id = Command::new("id").arg("-un").output().unwrap();
    String::from_utf8(id.stdout).unwrap().trim().to_owned()
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}

#[tokio::test]
async fn all_streams_share_one_connection_which_ends_with_the_engine() {
    let Some(server) = Server::start("") else { return };
    let backend = Backend::start();
    let engine = Engine::connect(&server.endpoint(&backend.socket())).await.unwrap();
    assert_eq!((engine.info().version.as_str(), engine.info().local), ("99.1", false));
    // More than the sessions that a server allows on a connection.
    let mut streams = Vec::new();
    for _ in 0..20 {
        let mut events = engine.stream(Call::get("/events", "follow")).await.unwrap();
        assert_eq!(events.next().await.unwrap().unwrap(), "{}\n");
        streams.push(events);
    }
    assert_eq!(engine.containers().await.unwrap(), []);
    drop(streams);
    drop(engine);
    let before = server.await_line("Closing connection").join("\n");
    let logins = before.matches("Accepted publickey").count();
    assert_eq!(logins, 1, "{before}");
}

#[tokio::test]
async fn a_lost_line_is_made_again() {
    let Some(server) = Server::start("") else { return };
    let backend = Backend::start();
    let engine = Engine::connect(&server.endpoint(&backend.socket())).await.unwrap();
    let mut events = engine.stream(Call::get("/events", "follow")).await.unwrap();
    events.next().await.unwrap().unwrap();
    let serving = Command::new("pkill").args(["-P", &server.child.id().to_string()]).status().unwrap();
    assert!(serving.success());
    assert!(events.next().await.is_err());
    assert_eq!(engine.containers().await.unwrap(), []);
}

#[tokio::test]
async fn the_real_engine_behind_ssh() {
    let Some(real) = support::engine() else { return };
    let Some(socket) = real.host().strip_prefix("unix://") else { return };
    let Some(server) = Server::start("") else { return };
    let version = real.get("/version")["Version"].as_str().unwrap().to_owned();
    assert_eq!(server.ask(&server.endpoint(Path::new(socket))).await, version);
}

#[tokio::test]
async fn what_ssh_says_is_told() {
    let Some(mut server) = Server::start("") else { return };
    let backend = Backend::start();
    let endpoint = server.endpoint(&backend.socket());
    assert_eq!(server.ask(&endpoint).await, "99.1");

    let reach = "cannot reach the engine at ENGINE: ";
    let nowhere = server.endpoint(&server.path("nowhere.sock"));
    assert_eq!(server.ask(&nowhere).await, format!("{reach}FOLDER/nowhere.sock{NOT_OPENED}"));

    fs::write(server.path("known_hosts"), "").unwrap();
    assert_eq!(
        server.ask(&endpoint).await,
        format!(
            "{reach}ssh says: Host key verification failed.; connect once with `ssh -p PORT ME@127.0.0.1` and accept its \
             key"
        )
    );
    let [known, other] =
        ["host_key.pub", "key.pub"].map(|name| fs::read_to_string(server.path(name)).unwrap());
    fs::write(server.path("known_hosts"), format!("[127.0.0.1]:{} {other}", server.port)).unwrap();
    assert_eq!(
        server.ask(&endpoint).await,
        format!(
            "{reach}ssh says: Host key for [127.0.0.1]:PORT has changed and you have requested strict checking.; Host key \
             verification failed.; if that is known to be right, remove the old key with `ssh-keygen -R` and connect once \
             with `ssh -p PORT ME@127.0.0.1`"
        )
    );
    fs::write(server.path("known_hosts"), format!("[127.0.0.1]:{} {known}", server.port)).unwrap();
    fs::write(server.path("key.pub"), "").unwrap();
    assert_eq!(
        server.ask(&endpoint).await,
        format!(
            "{reach}ssh says: ME@127.0.0.1: Permission denied (publickey).; `ssh -p PORT ME@127.0.0.1` must log in without \
             a question: give the agent the key with `ssh-add`"
        )
    );
    server.stop();
    let gone = ask(&endpoint).await;
    assert!(gone.contains("Connection refused; is the ssh server running, and is this its port?"), "{gone}");
    let mut programless = endpoint.clone();
    let Address::Ssh(host) = &mut programless.address else { unreachable!() };
    host.program = "/no/such/ssh".into();
    let said = ask(&programless).await;
    let missing = "cannot run /no/such/ssh: No such file or directory (os error 2); install OpenSSH's client";
    assert!(said.ends_with(missing), "{said}");
}

/// What is said of a socket on the far side that does not open. The server does not say why.
const NOT_OPENED: &str = " there could not be opened; ssh says: channel 2: open failed: connect failed: open failed; does \
                          the engine listen there (name another socket as ssh://USER@HOST/PATH), may this user use it, \
                          and does the server allow AllowStreamLocalForwarding?";

#[tokio::test]
async fn a_server_that_forwards_nothing() {
    let Some(server) = Server::start("AllowStreamLocalForwarding no") else { return };
    let backend = Backend::start();
    let socket = backend.socket();
    let said = server.ask(&server.endpoint(&socket)).await;
    let expected = format!("cannot reach the engine at ENGINE: {}{NOT_OPENED}", socket.display());
    assert_eq!(said, expected);
}
