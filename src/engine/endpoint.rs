//! Which engine to talk to: `--host`, `DOCKER_HOST`, `DOCKER_CONTEXT`, `currentContext` of Docker's config file, or
//! the default socket, in this order (the order of the Docker CLI).
//!
//! It reads the files of Docker's contexts and nothing else; the environment is given to it. Nothing is ever sent in clear
//! that was meant to be encrypted; an endpoint of a kind that is not spoken is refused by name.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{fmt, io};

use serde_json::Value;
use sha2::{Digest, Sha256};
use tokio::io::DuplexStream;

use super::credentials::Logins;
use super::error::Error;
use super::tls::TlsFiles;
use crate::compose::source::MemoryFiles;

/// Where Docker listens unless told otherwise.
pub const DEFAULT_SOCKET: &str = "/var/run/docker.sock";
/// The port of `tcp://HOST` without one, with TLS as well (docker/cli, `opts/hosts.go`).
const DEFAULT_PORT: u16 = 2375;
/// Where an engine with TLS is looked for unless told otherwise.
const DEFAULT_TLS_HOST: &str = "tcp://localhost:2376";

/// What the choice depends on. Filled at the edge of the program, so that nothing below reads the environment.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    /// The value of `--host`.
    pub host: Option<String>,
    /// The environment's variables.
    pub environment: BTreeMap<String, String>,
    /// The user's home folder.
    pub home: Option<PathBuf>,
    /// In place of [`DEFAULT_SOCKET`], for tests.
    pub default_socket: Option<PathBuf>,
}

/// How to reach an engine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    /// A Unix socket.
    Unix(PathBuf),
    /// Plain HTTP over TCP.
    Tcp {
        /// A name or address, without brackets.
        host: String,
        /// The port.
        port: u16,
    },
    /// HTTP over TLS.
    Tls {
        /// A name or address, without brackets; the engine's certificate must be for it.
        host: String,
        /// The port.
        port: u16,
        /// What the connection is made with.
        files: TlsFiles,
    },
    /// The engine's socket on another machine, over SSH.
    Ssh(SshHost),
    /// An engine in this process.
    Embedded(Embedded),
}

/// Whom to reach by SSH, and where the engine listens there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SshHost {
    /// The user there; unset: what the configuration of `ssh` says.
    pub user: Option<String>,
    /// A name or address, without brackets, or a `Host` of the configuration of `ssh`.
    pub host: String,
    /// The port; unset: what the configuration of `ssh` says.
    pub port: Option<u16>,
    /// The engine's socket there.
    pub socket: PathBuf,
    /// The program: `ssh`, or one that takes its arguments.
    pub program: PathBuf,
}

/// Opens connections to an engine in this process.
pub trait Dial: Send + Sync {
    /// Opens one more connection, and gives the client's end of it.
    ///
    /// # Errors
    /// As a socket's: when nothing listens, for example.
    fn dial(&self) -> io::Result<DuplexStream>;
}

/// An engine in this process, by what connects to it.
#[derive(Clone)]
pub struct Embedded(pub Arc<dyn Dial>);

impl fmt::Debug for Embedded {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Embedded")
    }
}

impl PartialEq for Embedded {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Embedded {}

/// An engine, and who named it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// How to reach it.
    pub address: Address,
    /// `--host`, `DOCKER_HOST`, `context NAME` or `default`.
    pub source: String,
    /// Where the logins to registries are stored.
    pub logins: Logins,
    /// Build contexts that lie in memory and not on the disk, for the embedded engine.
    pub contexts: Option<Arc<MemoryFiles>>,
}

/// Why no endpoint could be told.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EndpointError {
    /// The address makes no sense.
    #[error(
        "{origin}: {address:?} is not an engine's address; write unix:///PATH, tcp://HOST:PORT or ssh://USER@HOST"
    )]
    Address {
        /// Who named it.
        origin: String,
        /// The address as given.
        address: String,
    },
    /// The address is of a kind that Dockside does not speak.
    #[error("{origin}: {address} needs {needs}, which Dockside does not speak yet; {advice}")]
    Unsupported {
        /// Who named it.
        origin: String,
        /// The address as given.
        address: String,
        /// What it needs.
        needs: &'static str,
        /// What to do instead.
        advice: &'static str,
    },
    /// The context is named and not there.
    #[error("{origin} names the Docker context {name:?}, and {} does not exist; `docker context ls` lists those there are", file.display())]
    NoContext {
        /// Who named it.
        origin: String,
        /// The context.
        name: String,
        /// Where it should be.
        file: PathBuf,
    },
    /// A file of Docker's could not be read or understood.
    #[error("cannot use {}: {cause}; correct the file, or name the engine with --host or DOCKER_HOST", file.display())]
    File {
        /// The file.
        file: PathBuf,
        /// Why.
        cause: String,
    },
}

impl fmt::Display for Address {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unix(path) => write!(out, "unix://{}", path.display()),
            Self::Tcp { host, port } | Self::Tls { host, port, .. } if host.contains(':') => {
                write!(out, "tcp://[{host}]:{port}")
            }
            Self::Tcp { host, port } | Self::Tls { host, port, .. } => write!(out, "tcp://{host}:{port}"),
            Self::Ssh(host) => host.fmt(out),
            Self::Embedded(_) => out.write_str("embedded engine"),
        }
    }
}

impl fmt::Display for SshHost {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("ssh://")?;
        if let Some(user) = &self.user {
            write!(out, "{user}@")?;
        }
        if self.host.contains(':') {
            write!(out, "[{}]", self.host)?;
        } else {
            out.write_str(&self.host)?;
        }
        if let Some(port) = self.port {
            write!(out, ":{port}")?;
        }
        if self.socket != Path::new(DEFAULT_SOCKET) {
            write!(out, "{}", self.socket.display())?;
        }
        Ok(())
    }
}

impl Address {
    /// Whether its containers can only run on this machine, where its ports are looked for. An embedded engine's run nowhere.
    pub fn is_local(&self) -> bool {
        match self {
            Self::Unix(_) => true,
            Self::Ssh(_) | Self::Embedded(_) => false,
            Self::Tcp { host, .. } | Self::Tls { host, .. } => {
                host == "localhost"
                    || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
            }
        }
    }
}

impl Endpoint {
    /// Tells which engine to talk to.
    ///
    /// # Errors
    /// When the address is none, needs what is not spoken, or Docker's files are missing or broken.
    pub fn resolve(surroundings: &Surroundings) -> Result<Self, Error> {
        let endpoint = resolve(surroundings)?;
        let folder = config_folder(surroundings);
        let [variable, path] =
            ["DOCKER_AUTH_CONFIG", "PATH"].map(|name| variable(surroundings, name).map(str::to_owned));
        Ok(Self { logins: Logins { folder, variable, path }, ..endpoint })
    }

    /// An endpoint from an address as one writes it.
    ///
    /// # Errors
    /// When it is no address, or of a kind that is not spoken.
    pub fn parse(address: &str, source: &str) -> Result<Self, Error> {
        let address = parse_address(address, source)?;
        Ok(Self::new(address, source.to_owned()))
    }
}

impl Endpoint {
    /// The endpoint of an engine in this process.
    pub fn embedded(dial: Arc<dyn Dial>) -> Self {
        Self::new(Address::Embedded(Embedded(dial)), "embedded".to_owned())
    }

    fn new(address: Address, source: String) -> Self {
        Self { address, source, logins: Logins::default(), contexts: None }
    }
}

fn resolve(surroundings: &Surroundings) -> Result<Endpoint, EndpointError> {
    if let Some(host) = surroundings.host.as_deref().filter(|host| !host.is_empty()) {
        return named(surroundings, host, "--host");
    }
    if let Some(host) = variable(surroundings, "DOCKER_HOST") {
        return named(surroundings, host, "DOCKER_HOST");
    }
    let Some(folder) = config_folder(surroundings) else { return unnamed(surroundings) };
    let (name, origin) = match variable(surroundings, "DOCKER_CONTEXT") {
        Some(name) => (name.to_owned(), "DOCKER_CONTEXT".to_owned()),
        None => match current_context(&folder)? {
            Some(name) => (name, folder.join("config.json").display().to_string()),
            None => return unnamed(surroundings),
        },
    };
    if name == "default" {
        return unnamed(surroundings);
    }
    context(&folder, &name, &origin)
}

/// A variable that is set and not empty.
fn variable<'a>(surroundings: &'a Surroundings, name: &str) -> Option<&'a str> {
    surroundings.environment.get(name).map(String::as_str).filter(|value| !value.is_empty())
}

/// An address from the command line or the environment, where `DOCKER_TLS_VERIFY` and `DOCKER_TLS` speak about it.
fn named(surroundings: &Surroundings, host: &str, origin: &str) -> Result<Endpoint, EndpointError> {
    let address = parse_address(host, origin)?;
    let address = match asked_files(surroundings) {
        Some(files) => encrypted(address, &files),
        None => address,
    };
    Ok(Endpoint::new(address, origin.to_owned()))
}

/// What TLS is made with where the environment asks for it: a variable that is set, to whatever, and not empty.
/// `DOCKER_TLS` alone encrypts without looking at the engine's certificate (docker/cli, `cli/flags`).
fn asked_files(surroundings: &Surroundings) -> Option<TlsFiles> {
    let verifies = variable(surroundings, "DOCKER_TLS_VERIFY").is_some();
    if !verifies && variable(surroundings, "DOCKER_TLS").is_none() {
        return None;
    }
    let folder = match variable(surroundings, "DOCKER_CERT_PATH") {
        Some(folder) => folder.into(),
        None => config_folder(surroundings).unwrap_or_default(),
    };
    Some(TlsFiles::of(&folder, Some(folder.join("ca.pem")), verifies))
}

/// The same address by TLS. A Unix socket has no need of it, and SSH encrypts itself.
fn encrypted(address: Address, files: &TlsFiles) -> Address {
    match address {
        Address::Tcp { host, port } | Address::Tls { host, port, .. } => {
            Address::Tls { host, port, files: files.clone() }
        }
        other => other,
    }
}

/// Where nothing names an engine.
fn unnamed(surroundings: &Surroundings) -> Result<Endpoint, EndpointError> {
    if asked_files(surroundings).is_some() {
        return named(surroundings, DEFAULT_TLS_HOST, "default");
    }
    Ok(default_endpoint(surroundings))
}

fn default_endpoint(surroundings: &Surroundings) -> Endpoint {
    let usual = surroundings.default_socket.clone().unwrap_or_else(|| DEFAULT_SOCKET.into());
    let rootless =
        variable(surroundings, "XDG_RUNTIME_DIR").map(|folder| Path::new(folder).join("docker.sock"));
    let socket = match rootless {
        Some(rootless) if !usual.exists() && rootless.exists() => rootless,
        _ => usual,
    };
    Endpoint::new(Address::Unix(socket), "default".to_owned())
}

/// The folder of Docker's client configuration.
fn config_folder(surroundings: &Surroundings) -> Option<PathBuf> {
    match variable(surroundings, "DOCKER_CONFIG") {
        Some(folder) => Some(folder.into()),
        None => surroundings.home.as_ref().map(|home| home.join(".docker")),
    }
}

fn current_context(folder: &Path) -> Result<Option<String>, EndpointError> {
    let file = folder.join("config.json");
    let Some(config) = read_json(&file)? else { return Ok(None) };
    Ok(config["currentContext"].as_str().filter(|name| !name.is_empty()).map(str::to_owned))
}

/// Reads a JSON file; none if it does not exist.
fn read_json(file: &Path) -> Result<Option<Value>, EndpointError> {
    let fault = |cause: String| EndpointError::File { file: file.to_owned(), cause };
    let text = match std::fs::read(file) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(fault(error.to_string())),
    };
    serde_json::from_slice(&text).map(Some).map_err(|error| fault(format!("not JSON: {error}")))
}

/// The endpoint of a context, from `contexts/meta/<sha256 of the name>/meta.json` (docker/cli, `cli/context/store`).
fn context(folder: &Path, name: &str, origin: &str) -> Result<Endpoint, EndpointError> {
    let key = format!("{:x}", Sha256::digest(name));
    let file = folder.join("contexts/meta").join(&key).join("meta.json");
    let Some(meta) = read_json(&file)? else {
        return Err(EndpointError::NoContext { origin: origin.to_owned(), name: name.to_owned(), file });
    };
    let docker = &meta["Endpoints"]["docker"];
    let Some(host) = docker["Host"].as_str().filter(|host| !host.is_empty()) else {
        return Err(EndpointError::File { file, cause: "it names no Docker endpoint".to_owned() });
    };
    let source = format!("context {name}");
    let address = parse_address(host, &source)?;
    let material = folder.join("contexts/tls").join(&key).join("docker");
    let skips_verification = docker["SkipTLSVerify"].as_bool().unwrap_or(false);
    if !material.is_dir() && !skips_verification {
        return Ok(Endpoint::new(address, source));
    }
    let authority = Some(material.join("ca.pem")).filter(|file| file.exists());
    let files = TlsFiles::of(&material, authority, !skips_verification);
    Ok(Endpoint::new(encrypted(address, &files), source))
}

/// The schemes that the Docker CLI knows and Dockside does not: scheme, what it needs, what to do.
const UNSUPPORTED: &[(&str, &str, &str)] = &[
    ("npipe", "a Windows named pipe", "use a tcp:// endpoint"),
    ("fd", "a socket of systemd", "use a unix:// endpoint"),
];

fn parse_address(text: &str, origin: &str) -> Result<Address, EndpointError> {
    let fault = || EndpointError::Address { origin: origin.to_owned(), address: text.to_owned() };
    let (scheme, rest) = text.split_once("://").ok_or_else(fault)?;
    if let Some((_, needs, advice)) = UNSUPPORTED.iter().find(|(name, ..)| *name == scheme) {
        let (origin, address) = (origin.to_owned(), text.to_owned());
        return Err(EndpointError::Unsupported { origin, address, needs, advice });
    }
    match scheme {
        "unix" if rest.starts_with('/') => Ok(Address::Unix(rest.into())),
        "ssh" => ssh_host(rest).map(Address::Ssh).ok_or_else(fault),
        "https" => host_and_port(rest.trim_end_matches('/'))
            .map(|address| encrypted(address, &TlsFiles::default()))
            .ok_or_else(fault),
        "tcp" | "http" => host_and_port(rest.trim_end_matches('/')).ok_or_else(fault),
        _ => Err(fault()),
    }
}

/// `[USER@]HOST[:PORT][/SOCKET]` (docker/cli, `cli/connhelper/ssh`). A password has no place in an address.
fn ssh_host(text: &str) -> Option<SshHost> {
    let (authority, socket) = match text.find('/') {
        Some(slash) => text.split_at(slash),
        None => (text, ""),
    };
    let (user, host) = match authority.rsplit_once('@') {
        Some((user, host)) => (Some(user), host),
        None => (None, authority),
    };
    let (host, port) = split_port(host)?;
    let port = match port {
        Some(port) => Some(port.parse().ok()?),
        None => None,
    };
    let is_odd = |text: &str| text.is_empty() || text.contains([' ', '?', '#', '@']) || text.starts_with('-');
    if is_odd(host) || user.is_some_and(|user| is_odd(user) || user.contains(':')) || socket.contains(':') {
        return None;
    }
    let socket = if socket.len() > 1 { socket } else { DEFAULT_SOCKET };
    Some(SshHost {
        user: user.map(str::to_owned),
        host: host.to_owned(),
        port,
        socket: socket.into(),
        program: "ssh".into(),
    })
}

fn host_and_port(text: &str) -> Option<Address> {
    let (host, port) = split_port(text)?;
    let port = port.map_or(Some(DEFAULT_PORT), |port| port.parse().ok())?;
    let host = if host.is_empty() { "localhost" } else { host };
    // A path, a user or a space is nothing that can be connected to.
    if host.contains(['/', '@', ' ', '?', '#']) {
        return None;
    }
    Some(Address::Tcp { host: host.to_owned(), port })
}

/// A host without brackets, and what stands after the colon.
fn split_port(text: &str) -> Option<(&str, Option<&str>)> {
    Some(match text.strip_prefix('[') {
        Some(rest) => {
            let (host, port) = rest.split_once(']')?;
            host.parse::<std::net::Ipv6Addr>().ok()?;
            (host, port.strip_prefix(':'))
        }
        None => match text.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (text, None),
        },
    })
}
