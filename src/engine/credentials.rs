//! What `docker login` has stored, as the headers that the engine wants with a pull and with a build.
//!
//! From `DOCKER_AUTH_CONFIG`, from the credential helper that Docker's config file names, or from the file's own `auths`,
//! in this order (docker/cli, `cli/config`). A helper that fails is told; a registry without a login is asked without
//! one. Nothing of it is ever shown.

use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use futures::StreamExt;
use futures::stream::{self, TryStreamExt};
use serde_json::{Map, Value, json};
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use super::Error;

/// The name under which Docker's own registry stands in the file.
const DOCKER_HUB: &str = "https://index.docker.io/v1/";
/// How long a helper may take; one that asks the person for a password in a window is given up.
const HELPER_LIMIT: Duration = Duration::from_secs(30);
/// How many helpers run at a time.
const HELPERS: usize = 4;
/// The user name that helpers give with an identity token.
const TOKEN_USER: &str = "<token>";
/// What a helper says that has no login for a registry (docker-credential-helpers, `credentials/error.go`).
const NOT_FOUND: &str = "credentials not found in native keychain";

/// Where logins are stored.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Logins {
    /// The folder of Docker's client configuration; unset where there is no home.
    pub folder: Option<PathBuf>,
    /// The value of `DOCKER_AUTH_CONFIG`: logins in the form of the config file.
    pub variable: Option<String>,
    /// The value of `PATH`, where helpers are looked for; unset: this process's own.
    pub path: Option<String>,
}

impl fmt::Debug for Logins {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Logins({:?})", self.folder)
    }
}

impl Logins {
    /// The value of `X-Registry-Auth` for a registry (`docker.io`, `ghcr.io`, `host:5000`); none if nothing is stored.
    ///
    /// # Errors
    /// Where Docker's config file is broken, or the helper that it names fails.
    pub(super) async fn for_pull(&self, registry: &str) -> Result<Option<String>, Error> {
        let server = if registry == "docker.io" { DOCKER_HUB } else { registry };
        let login = self.read().await?.login(server).await?;
        Ok(login.map(|login| URL_SAFE.encode(login.entry(server).to_string())))
    }

    /// The value of `X-Registry-Config`: all logins there are, for a build may need any; none without any.
    ///
    /// # Errors
    /// As for [`Logins::for_pull`].
    pub(super) async fn for_build(&self) -> Result<Option<String>, Error> {
        let stored = &self.read().await?;
        let servers = stored.servers().await?;
        let asked = servers.into_iter().map(async |server| {
            let login = stored.login(&server).await?;
            Ok::<_, Error>(login.map(|login| (server.clone(), login.entry(&server))))
        });
        let found: Vec<Option<(String, Value)>> = stream::iter(asked).buffered(HELPERS).try_collect().await?;
        let found: Map<String, Value> = found.into_iter().flatten().collect();
        Ok((!found.is_empty()).then(|| URL_SAFE.encode(Value::Object(found).to_string())))
    }

    async fn read(&self) -> Result<Stored, Error> {
        // Docker passes over a variable that it cannot read; so do we.
        let variable = self.variable.as_ref().and_then(|text| serde_json::from_str(text).ok());
        let mut stored = Stored {
            variable: variable.unwrap_or_default(),
            file: Value::Null,
            config: PathBuf::new(),
            path: self.path.clone(),
        };
        let Some(folder) = &self.folder else { return Ok(stored) };
        stored.config = folder.join("config.json");
        let config = stored.config.clone();
        let broken = |cause: String| Error::Local {
            what: "read the logins to registries".to_owned(),
            cause: format!("{}: {cause}", config.display()),
        };
        match tokio::fs::read(&stored.config).await {
            Ok(text) => {
                stored.file =
                    serde_json::from_slice(&text).map_err(|error| broken(format!("not JSON: {error}")))?;
                Ok(stored)
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(stored),
            Err(error) => Err(broken(error.to_string())),
        }
    }
}

/// What has been read.
struct Stored {
    variable: Value,
    file: Value,
    /// Where it was read.
    config: PathBuf,
    path: Option<String>,
}

/// What a registry is told of who asks. Never shown.
#[derive(PartialEq)]
#[cfg_attr(test, derive(Debug))]
enum Login {
    Password {
        user: String,
        password: String,
    },
    /// Of the identity provider; in place of a password.
    Identity(String),
    /// Of the registry itself.
    Registry(String),
}

impl Login {
    /// As the Engine API takes it (`AuthConfig`).
    fn entry(self, server: &str) -> Value {
        match self {
            Self::Password { user, password } => {
                json!({ "username": user, "password": password, "serveraddress": server })
            }
            Self::Identity(token) => json!({ "identitytoken": token, "serveraddress": server }),
            Self::Registry(token) => json!({ "registrytoken": token, "serveraddress": server }),
        }
    }
}

impl Stored {
    async fn login(&self, server: &str) -> Result<Option<Login>, Error> {
        if let Some(login) = self.variable["auths"].get(server).and_then(login_of) {
            return Ok(Some(login));
        }
        match helper(&self.file, server) {
            Some(helper) => self.ask(helper, server).await,
            None => Ok(in_file(&self.file, server)),
        }
    }

    /// Every registry that something is stored for.
    async fn servers(&self) -> Result<BTreeSet<String>, Error> {
        let keys = |value: &Value| -> Vec<String> {
            value.as_object().map(|map| map.keys().cloned().collect()).unwrap_or_default()
        };
        let mut servers: BTreeSet<String> = keys(&self.variable["auths"]).into_iter().collect();
        servers.extend(keys(&self.file["credHelpers"]));
        match store(&self.file) {
            Some(helper) => {
                let said = self.run(helper, "list", "").await?;
                servers
                    .extend(keys(&serde_json::from_str(said.as_deref().unwrap_or("{}")).unwrap_or_default()));
            }
            None => servers.extend(keys(&self.file["auths"])),
        }
        Ok(servers)
    }

    /// Asks a credential helper (docker/docker-credential-helpers): the server on its input, JSON on its output.
    async fn ask(&self, helper: &str, server: &str) -> Result<Option<Login>, Error> {
        let Some(said) = self.run(helper, "get", server).await? else { return Ok(None) };
        let answer: Value = serde_json::from_str(&said)
            .map_err(|error| self.failed(helper, &format!("its answer is not JSON: {error}")))?;
        let text = |key: &str| answer[key].as_str().filter(|text| !text.is_empty()).map(str::to_owned);
        Ok(match (text("Username"), text("Secret")) {
            (Some(user), Some(secret)) if user == TOKEN_USER => Some(Login::Identity(secret)),
            (Some(user), Some(password)) => Some(Login::Password { user, password }),
            _ => None,
        })
    }

    /// What a helper prints; none if it has no such login.
    async fn run(&self, helper: &str, action: &str, input: &str) -> Result<Option<String>, Error> {
        let mut command = Command::new(format!("docker-credential-{helper}"));
        if let Some(path) = &self.path {
            command.env("PATH", path);
        }
        let mut child = command
            .arg(action)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| self.failed(helper, &error.to_string()))?;
        if let Some(mut pipe) = child.stdin.take() {
            // One that does not read its input says by its output what it thinks.
            let _ = pipe.write_all(input.as_bytes()).await;
        }
        let output = match tokio::time::timeout(HELPER_LIMIT, child.wait_with_output()).await {
            Ok(output) => output.map_err(|error| self.failed(helper, &error.to_string()))?,
            Err(_) => {
                return Err(self.failed(helper, &format!("no answer within {} s", HELPER_LIMIT.as_secs())));
            }
        };
        let said = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        match output.status.success() {
            true => Ok(Some(said)),
            false if said.contains(NOT_FOUND) => Ok(None),
            // A helper that fails prints why, and no login.
            false if said.is_empty() => Err(self.failed(helper, &output.status.to_string())),
            false => Err(self.failed(helper, &said)),
        }
    }

    fn failed(&self, helper: &str, cause: &str) -> Error {
        let cause = format!("docker-credential-{helper}, which {} names: {cause}", self.config.display());
        Error::Local { what: "ask for the login".to_owned(), cause }
    }
}

/// The helper in charge of a registry: its own, or the one for all.
fn helper<'a>(config: &'a Value, server: &str) -> Option<&'a str> {
    match config["credHelpers"][server].as_str() {
        Some(own) => Some(own).filter(|name| is_name(name)),
        None => store(config),
    }
}

/// The helper for all registries.
fn store(config: &Value) -> Option<&str> {
    config["credsStore"].as_str().filter(|name| is_name(name))
}

/// A helper is a program's name; anything else would be a path that somebody else chose.
fn is_name(name: &str) -> bool {
    !name.is_empty() && Path::new(name).components().count() == 1
}

fn in_file(config: &Value, server: &str) -> Option<Login> {
    let auths = config["auths"].as_object()?;
    let entry = auths
        .get(server)
        .or_else(|| auths.iter().find(|(key, _)| host_of(key) == server).map(|(_, entry)| entry))?;
    login_of(entry)
}

/// The host of a key that is an address: `https://ghcr.io/v2/`.
fn host_of(key: &str) -> &str {
    let bare = key.strip_prefix("https://").or_else(|| key.strip_prefix("http://")).unwrap_or(key);
    bare.split('/').next().unwrap_or_default()
}

/// The login of an entry of `auths`.
fn login_of(entry: &Value) -> Option<Login> {
    let text = |key: &str| entry[key].as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    if let Some(token) = text("identitytoken") {
        return Some(Login::Identity(token));
    }
    if let Some(token) = text("registrytoken") {
        return Some(Login::Registry(token));
    }
    let Some(auth) = text("auth") else {
        return Some(Login::Password { user: text("username")?, password: text("password")? });
    };
    let decoded = String::from_utf8(STANDARD.decode(auth).ok()?).ok()?;
    let (user, password) = decoded.trim_end_matches('\0').split_once(':')?;
    Some(Login::Password { user: user.to_owned(), password: password.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logins_are_found_by_server_and_by_host() {
        let config = json!({ "auths": {
            DOCKER_HUB: { "auth": STANDARD.encode("me:pass:word") },
            "https://ghcr.io/v2/": { "auth": STANDARD.encode("you:x") },
            "host:5000": { "identitytoken": "t", "auth": STANDARD.encode("you:") },
            "plain.io": { "username": "u", "password": "p" },
            "token.io": { "registrytoken": "r" },
            "empty.io": {},
        } });
        let password = |user: &str, password: &str| {
            Some(Login::Password { user: user.to_owned(), password: password.to_owned() })
        };
        assert_eq!(in_file(&config, DOCKER_HUB), password("me", "pass:word"));
        assert_eq!(in_file(&config, "ghcr.io"), password("you", "x"));
        assert_eq!(in_file(&config, "host:5000"), Some(Login::Identity("t".to_owned())));
        assert_eq!(in_file(&config, "plain.io"), password("u", "p"));
        assert_eq!(in_file(&config, "token.io"), Some(Login::Registry("r".to_owned())));
        assert_eq!(in_file(&config, "empty.io"), None);
        assert_eq!(in_file(&config, "other.io"), None);
    }

    #[test]
    fn helpers_are_names_of_programs() {
        let config =
            json!({ "credsStore": "desktop", "credHelpers": { "gcr.io": "gcloud", "bad.io": "../x" } });
        assert_eq!(helper(&config, "gcr.io"), Some("gcloud"));
        assert_eq!(helper(&config, "docker.io"), Some("desktop"));
        assert_eq!(helper(&config, "bad.io"), None);
    }

    #[tokio::test]
    async fn the_variable_comes_first_and_nothing_is_shown() {
        let folder = tempfile::tempdir().unwrap();
        let file = json!({ "auths": { "a.io": { "auth": STANDARD.encode("file:1") }, "b.io": { "auth": STANDARD.encode("file:2") } } });
        std::fs::write(folder.path().join("config.json"), file.to_string()).unwrap();
        let variable = json!({ "auths": { "a.io": { "auth": STANDARD.encode("variable:3") } } }).to_string();
        let logins = Logins { folder: Some(folder.path().to_owned()), variable: Some(variable), path: None };
        let header = |header: Option<String>| -> Value {
            serde_json::from_slice(&URL_SAFE.decode(header.unwrap()).unwrap()).unwrap()
        };
        assert_eq!(header(logins.for_pull("a.io").await.unwrap())["username"], "variable");
        assert_eq!(header(logins.for_pull("b.io").await.unwrap())["username"], "file");
        assert_eq!(logins.for_pull("c.io").await.unwrap(), None);
        let all = header(logins.for_build().await.unwrap());
        assert_eq!(
            all,
            json!({
                "a.io": { "username": "variable", "password": "3", "serveraddress": "a.io" },
                "b.io": { "username": "file", "password": "2", "serveraddress": "b.io" },
            })
        );
        assert!(!format!("{logins:?}").contains("auth"));
    }
}
