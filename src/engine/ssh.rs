//! SSH to an engine: one connection of the system's `ssh` for all streams, over which it forwards a socket of ours to the
//! engine's. Configuration, keys, agent and known hosts are thus those that the person's `ssh HOST` uses, and the far
//! side needs no docker command.
//!
//! It never asks anything on the terminal: what `ssh` would ask for becomes the error. Its end comes with ours, however
//! that comes about: the far end waits for the end of our input, which is that of a pipe.

use std::collections::VecDeque;
use std::io;
use std::path::Path;
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::UnixStream;
use tokio::process::{Child, ChildStderr, ChildStdin, Command};
use tokio::task::JoinHandle;

use super::endpoint::SshHost;
use super::error::Obstacle;

/// How long a connection may take: the person's own configuration may go by several hosts.
pub(super) const CONNECT_LIMIT: Duration = Duration::from_secs(40);
/// How long `ssh` may take to say why, once something has failed.
const LAST_WORDS: Duration = Duration::from_secs(1);
/// How many of its last lines are kept.
const LINES_KEPT: usize = 2;
/// What the far side says once the session is there; the socket is forwarded by then.
const READY: &str = "dockside: ready";

/// The line to a host: made when first needed, made again when it is lost, gone with the last who holds it.
#[derive(Default)]
pub(super) struct Line {
    session: tokio::sync::Mutex<Option<Session>>,
}

impl Line {
    /// One more stream to the engine. A line is always asked for the same host.
    pub(super) async fn open(&self, host: &SshHost) -> io::Result<UnixStream> {
        // Whoever comes first makes the connection; the others wait for it.
        let mut kept = self.session.lock().await;
        if let Some(session) = &mut *kept
            && session.is_alive()
            // An `ssh` that is about to end takes no connection any more.
            && let Ok(stream) = session.connect().await
        {
            return Ok(stream);
        }
        *kept = None;
        let session = kept.insert(Session::begin(host).await?);
        match session.connect().await {
            Ok(stream) => Ok(stream),
            Err(error) => Err(session.obstacle(host, &error.to_string()).await.into_io()),
        }
    }
}

/// A running `ssh`.
struct Session {
    child: Child,
    /// Its end ends the session on the far side, and with it `ssh`.
    _input: Option<ChildStdin>,
    said: Said,
    /// Whether it has logged in.
    is_ready: bool,
    /// Where our socket lies; only this user may look into it.
    folder: tempfile::TempDir,
}

impl Session {
    /// Connects, logs in, and asks the engine for a sign of life.
    async fn begin(host: &SshHost) -> io::Result<Self> {
        let folder = tempfile::Builder::new().prefix("dockside-").tempdir()?;
        let mut child = command(host, &folder.path().join(SOCKET)).spawn().map_err(|error| {
            let cause = format!("cannot run {}: {error}", host.program.display());
            Obstacle { cause, hint: "install OpenSSH's client".to_owned() }.into_io()
        })?;
        let said = Said::by(child.stderr.take());
        let output = child.stdout.take();
        let input = child.stdin.take();
        let mut session = Self { child, _input: input, said, is_ready: false, folder };
        // A login script may print lines of its own first.
        let mut lines = BufReader::new(output.ok_or_else(|| io::Error::other("no pipe"))?).lines();
        loop {
            match lines.next_line().await {
                Ok(Some(line)) if line == READY => break,
                Ok(Some(_)) => {}
                Ok(None) | Err(_) => {
                    return Err(session.obstacle(host, "the session ended at once").await.into_io());
                }
            }
        }
        session.is_ready = true;
        session.sign_of_life(host).await?;
        Ok(session)
    }

    fn is_alive(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    async fn connect(&self) -> io::Result<UnixStream> {
        UnixStream::connect(self.folder.path().join(SOCKET)).await
    }

    /// Whether the engine's socket opens. `ssh` takes our connection before it knows, and then just ends it.
    async fn sign_of_life(&mut self, host: &SshHost) -> io::Result<()> {
        let answers = async {
            let mut stream = self.connect().await?;
            stream.write_all(b"GET /_ping HTTP/1.0\r\nHost: localhost\r\n\r\n").await?;
            stream.read(&mut [0; 1]).await
        };
        let cause = match answers.await {
            Ok(1..) => return Ok(()),
            Ok(0) | Err(_) => format!("{} there could not be opened", host.socket.display()),
        };
        Err(self.obstacle(host, &cause).await.into_io())
    }

    /// What to tell the person: the words of `ssh`, else `cause`.
    async fn obstacle(&mut self, host: &SshHost, cause: &str) -> Obstacle {
        let words = self.said.last_words().await;
        let hint = hint(&words, host);
        let cause = match (words.is_empty(), self.is_ready) {
            (true, _) => cause.to_owned(),
            (false, true) => format!("{cause}; ssh says: {words}"),
            // There was no session to speak of.
            (false, false) => format!("ssh says: {words}"),
        };
        Obstacle { cause, hint }
    }
}

/// The name of our socket in its folder.
const SOCKET: &str = "engine.sock";

/// What is the same for every host. The person's configuration counts for all but what must not differ here: no question,
/// no connection shared with others, no terminal, no forwarded agent.
const OPTIONS: &[&str] = &[
    "BatchMode=yes",
    "ControlMaster=no",
    "ControlPath=none",
    "ForwardAgent=no",
    "ForwardX11=no",
    "RequestTTY=no",
    "RemoteCommand=none",
    "ConnectTimeout=30",
    // A line that has gone dead is noticed within a minute.
    "ServerAliveInterval=15",
    "ServerAliveCountMax=3",
    "StreamLocalBindMask=0177",
];

fn command(host: &SshHost, socket: &Path) -> Command {
    let mut command = Command::new(&host.program);
    for option in OPTIONS {
        command.args(["-o", option]);
    }
    if let Some(user) = &host.user {
        command.args(["-l", user]);
    }
    if let Some(port) = host.port {
        command.args(["-p", &port.to_string()]);
    }
    command.arg("-L").arg(format!("{}:{}", socket.display(), host.socket.display()));
    command.args(["--", &host.host]);
    // Reads until our end of the pipe is closed. Any shell understands it.
    command.arg(format!("echo '{READY}'; exec cat"));
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    // Ctrl-C is for us to handle.
    #[cfg(unix)]
    command.process_group(0);
    command.kill_on_drop(true);
    command
}

/// The last lines that `ssh` has said.
struct Said {
    lines: Arc<Mutex<VecDeque<String>>>,
    reader: Option<JoinHandle<()>>,
}

impl Said {
    fn by(output: Option<ChildStderr>) -> Self {
        let lines = Arc::<Mutex<VecDeque<String>>>::default();
        let kept = Arc::clone(&lines);
        let reader = output.map(|output| tokio::spawn(keep(output, kept)));
        Self { lines, reader }
    }

    /// All that there is, once `ssh` has ended or nothing more comes.
    async fn last_words(&mut self) -> String {
        if let Some(reader) = &mut self.reader {
            // Ends with ssh; a session that lives on has said by then what it had to say.
            let _ = tokio::time::timeout(LAST_WORDS, reader).await;
        }
        let lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        lines.iter().map(String::as_str).collect::<Vec<_>>().join("; ")
    }
}

impl Drop for Said {
    fn drop(&mut self) {
        if let Some(reader) = &self.reader {
            reader.abort();
        }
    }
}

async fn keep(output: ChildStderr, kept: Arc<Mutex<VecDeque<String>>>) {
    let mut lines = BufReader::new(output).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        let line: String = line.trim().chars().filter(|character| !character.is_control()).collect();
        // The frame around a warning says nothing.
        if line.trim_matches('@').is_empty() {
            continue;
        }
        let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.push_back(line);
        if kept.len() > LINES_KEPT {
            kept.pop_front();
        }
    }
}

/// What `ssh` says (in lower case), and what to do about it; `TARGET` stands for what one types after `ssh`. The
/// first match counts.
const HINTS: &[(&str, &str)] = &[
    (
        "has changed",
        "if that is known to be right, remove the old key with `ssh-keygen -R` and connect once with `ssh TARGET`",
    ),
    ("host key verification failed", "connect once with `ssh TARGET` and accept its key"),
    (
        "permission denied",
        "`ssh TARGET` must log in without a question: give the agent the key with `ssh-add`",
    ),
    ("too many authentication failures", "name the key for this host in ~/.ssh/config"),
    ("could not resolve", "is the name right?"),
    ("connection refused", "is the ssh server running, and is this its port?"),
    ("timed out", "is the address right, and is there a firewall between?"),
    (
        "open failed",
        "does the engine listen there (name another socket as ssh://USER@HOST/PATH), may this user use it, and does the \
         server allow AllowStreamLocalForwarding?",
    ),
    ("account is currently not available", "the user needs a shell there"),
];

fn hint(words: &str, host: &SshHost) -> String {
    let words = words.to_ascii_lowercase();
    let hint = HINTS.iter().find(|(needle, _)| words.contains(needle)).map(|(_, hint)| *hint);
    let mut target = host.host.clone();
    if let Some(user) = &host.user {
        target = format!("{user}@{target}");
    }
    if let Some(port) = host.port {
        target = format!("-p {port} {target}");
    }
    hint.unwrap_or("does `ssh TARGET` work there?").replace("TARGET", &target)
}
