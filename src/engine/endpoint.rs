//! Which engine to talk to: `--host`, `DOCKER_HOST`, `DOCKER_CONTEXT`, `currentContext` of Docker's config file, or
//! the default socket, in this order (the order of the Docker CLI).
//!
//! It reads the files of Docker's contexts and nothing else; the environment is given to it. An endpoint that wants
//! TLS, SSH or a named pipe is refused by name: nothing is ever sent in clear that was meant to be encrypted.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::error::Error;

/// Where Docker listens unless told otherwise.
pub const DEFAULT_SOCKET: &str = "/var/run/docker.sock";
/// The port of `tcp://HOST` without one.
const DEFAULT_PORT: u16 = 2375;

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
}

/// An engine, and who named it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// How to reach it.
    pub address: Address,
    /// `--host`, `DOCKER_HOST`, `context NAME` or `default`.
    pub source: String,
    /// The folder of Docker's client configuration, for the credentials of registries; none where there is no home.
    pub config_folder: Option<PathBuf>,
}

/// Why no endpoint could be told.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EndpointError {
    /// The address makes no sense.
    #[error("{origin}: {address:?} is not an engine's address; write unix:///PATH or tcp://HOST:PORT")]
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
            Self::Tcp { host, port } if host.contains(':') => write!(out, "tcp://[{host}]:{port}"),
            Self::Tcp { host, port } => write!(out, "tcp://{host}:{port}"),
        }
    }
}

impl Address {
    /// Whether it can only be this machine.
    pub fn is_local(&self) -> bool {
        match self {
            Self::Unix(_) => true,
            Self::Tcp { host, .. } => {
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
        Ok(Self { config_folder: config_folder(surroundings), ..endpoint })
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
    fn new(address: Address, source: String) -> Self {
        Self { address, source, config_folder: None }
    }
}

fn resolve(surroundings: &Surroundings) -> Result<Endpoint, EndpointError> {
    if let Some(host) = surroundings.host.as_deref().filter(|host| !host.is_empty()) {
        return named(surroundings, host, "--host");
    }
    if let Some(host) = variable(surroundings, "DOCKER_HOST") {
        return named(surroundings, host, "DOCKER_HOST");
    }
    let Some(folder) = config_folder(surroundings) else { return Ok(default_endpoint(surroundings)) };
    let (name, origin) = match variable(surroundings, "DOCKER_CONTEXT") {
        Some(name) => (name.to_owned(), "DOCKER_CONTEXT".to_owned()),
        None => match current_context(&folder)? {
            Some(name) => (name, folder.join("config.json").display().to_string()),
            None => return Ok(default_endpoint(surroundings)),
        },
    };
    if name == "default" {
        return Ok(default_endpoint(surroundings));
    }
    context(&folder, &name, &origin)
}

/// A variable that is set and not empty.
fn variable<'a>(surroundings: &'a Surroundings, name: &str) -> Option<&'a str> {
    surroundings.environment.get(name).map(String::as_str).filter(|value| !value.is_empty())
}

/// An address from the command line or the environment, where `DOCKER_TLS_VERIFY` speaks about it.
fn named(surroundings: &Surroundings, host: &str, origin: &str) -> Result<Endpoint, EndpointError> {
    let address = parse_address(host, origin)?;
    // The CLI takes `DOCKER_TLS_VERIFY` for a yes even if it is set and empty.
    let wants_tls = surroundings.environment.contains_key("DOCKER_TLS_VERIFY")
        || variable(surroundings, "DOCKER_TLS").is_some();
    if wants_tls && matches!(address, Address::Tcp { .. }) {
        return Err(EndpointError::Unsupported {
            origin: format!("{origin} with DOCKER_TLS_VERIFY or DOCKER_TLS"),
            address: host.to_owned(),
            needs: "TLS",
            advice: "nothing was sent; unset the variable if plain HTTP is meant",
        });
    }
    Ok(Endpoint::new(address, origin.to_owned()))
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
    let has_material = folder.join("contexts/tls").join(&key).join("docker").is_dir();
    let skips_verification = docker["SkipTLSVerify"].as_bool().unwrap_or(false);
    if matches!(address, Address::Tcp { .. }) && (has_material || skips_verification) {
        return Err(EndpointError::Unsupported {
            origin: source,
            address: host.to_owned(),
            needs: "TLS",
            advice: "nothing was sent; use a unix:// or plain tcp:// endpoint",
        });
    }
    Ok(Endpoint::new(address, source))
}

/// The schemes that the Docker CLI knows and Dockside does not: scheme, what it needs, what to do.
const UNSUPPORTED: &[(&str, &str, &str)] = &[
    ("https", "TLS", "nothing was sent; use a unix:// or plain tcp:// endpoint"),
    (
        "ssh",
        "SSH",
        "forward the socket with `ssh -nNT -L /tmp/engine.sock:/var/run/docker.sock HOST` and use unix:///tmp/engine.sock",
    ),
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
        "tcp" | "http" => host_and_port(rest.trim_end_matches('/')).ok_or_else(fault),
        _ => Err(fault()),
    }
}

fn host_and_port(text: &str) -> Option<Address> {
    let (host, port) = match text.strip_prefix('[') {
        Some(rest) => {
            let (host, port) = rest.split_once(']')?;
            host.parse::<std::net::Ipv6Addr>().ok()?;
            (host, port.strip_prefix(':'))
        }
        None => match text.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (text, None),
        },
    };
    let port = port.map_or(Some(DEFAULT_PORT), |port| port.parse().ok())?;
    let host = if host.is_empty() { "localhost" } else { host };
    // A path, a user or a space is nothing that can be connected to.
    if host.contains(['/', '@', ' ', '?', '#']) {
        return None;
    }
    Some(Address::Tcp { host: host.to_owned(), port })
}
