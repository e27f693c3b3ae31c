//! What `docker login` has stored for a registry, as the header that the engine wants with a pull.
//!
//! From `auths` of Docker's config file, or from the credential helper that the file names. Whatever is missing or odd
//! means no credentials, and the registry's own answer then says what it thinks of that. Nothing of it is ever shown.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use super::Engine;

/// The name under which Docker's own registry stands in the file.
const DOCKER_HUB: &str = "https://index.docker.io/v1/";
/// How long a helper may take; one that asks the person for a password in a window is given up.
const HELPER_LIMIT: Duration = Duration::from_secs(15);
/// The user name that helpers give with an identity token.
const TOKEN_USER: &str = "<token>";

/// The value of `X-Registry-Auth` for a registry (`docker.io`, `ghcr.io`, `host:5000`); none if nothing is stored.
pub(super) async fn header(engine: &Engine, registry: &str) -> Option<String> {
    let file = engine.inner.config_folder.as_ref()?.join("config.json");
    let config: Value = serde_json::from_slice(&tokio::fs::read(file).await.ok()?).ok()?;
    let server = if registry == "docker.io" { DOCKER_HUB } else { registry };
    let login = match helper(&config, server) {
        Some(helper) => ask(helper, server).await,
        None => stored(&config, server),
    };
    login.map(|login| encode(login, server))
}

/// A user's name and password, or a token.
#[derive(Debug, PartialEq)]
enum Login {
    Password { user: String, password: String },
    Token(String),
}

/// The engine decodes URL-safe base64.
fn encode(login: Login, server: &str) -> String {
    let header = match login {
        Login::Password { user, password } => {
            json!({ "username": user, "password": password, "serveraddress": server })
        }
        Login::Token(token) => json!({ "identitytoken": token, "serveraddress": server }),
    };
    URL_SAFE.encode(header.to_string())
}

/// The helper in charge of a registry: its own, or the one for all.
fn helper<'a>(config: &'a Value, server: &str) -> Option<&'a str> {
    let own = config["credHelpers"][server].as_str();
    // A helper is a program's name; anything else would be a path that somebody else chose.
    own.or_else(|| config["credsStore"].as_str())
        .filter(|name| !name.is_empty() && Path::new(name).components().count() == 1)
}

fn stored(config: &Value, server: &str) -> Option<Login> {
    let auths = config["auths"].as_object()?;
    let host = |key: &str| {
        key.trim_start_matches("https://").trim_start_matches("http://").trim_end_matches('/').to_owned()
    };
    let entry = auths
        .get(server)
        .or_else(|| auths.iter().find(|(key, _)| host(key) == server).map(|(_, entry)| entry))?;
    if let Some(token) = entry["identitytoken"].as_str().filter(|token| !token.is_empty()) {
        return Some(Login::Token(token.to_owned()));
    }
    let decoded = String::from_utf8(STANDARD.decode(entry["auth"].as_str()?).ok()?).ok()?;
    let (user, password) = decoded.trim_end_matches('\0').split_once(':')?;
    Some(Login::Password { user: user.to_owned(), password: password.to_owned() })
}

/// Asks a credential helper (docker/docker-credential-helpers): the server on its input, JSON on its output.
async fn ask(helper: &str, server: &str) -> Option<Login> {
    let mut child = Command::new(format!("docker-credential-{helper}"))
        .arg("get")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .ok()?;
    let mut input = child.stdin.take()?;
    input.write_all(server.as_bytes()).await.ok()?;
    drop(input);
    let output = tokio::time::timeout(HELPER_LIMIT, child.wait_with_output()).await.ok()?.ok()?;
    let answer: Value = serde_json::from_slice(&output.stdout).ok()?;
    let (user, secret) = (answer["Username"].as_str()?.to_owned(), answer["Secret"].as_str()?.to_owned());
    if user == TOKEN_USER {
        Some(Login::Token(secret))
    } else {
        Some(Login::Password { user, password: secret })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logins_are_found_by_server_and_by_host() {
        let config = json!({ "auths": {
            DOCKER_HUB: { "auth": STANDARD.encode("me:pass:word") },
            "https://ghcr.io/": { "auth": STANDARD.encode("you:x") },
            "host:5000": { "identitytoken": "t" },
            "empty.io": {},
        } });
        let password = |user: &str, password: &str| {
            Some(Login::Password { user: user.to_owned(), password: password.to_owned() })
        };
        assert_eq!(stored(&config, DOCKER_HUB), password("me", "pass:word"));
        assert_eq!(stored(&config, "ghcr.io"), password("you", "x"));
        assert_eq!(stored(&config, "host:5000"), Some(Login::Token("t".to_owned())));
        assert_eq!(stored(&config, "empty.io"), None);
        assert_eq!(stored(&config, "other.io"), None);
    }

    #[test]
    fn helpers_are_names_of_programs() {
        let config =
            json!({ "credsStore": "desktop", "credHelpers": { "gcr.io": "gcloud", "bad.io": "../x" } });
        assert_eq!(helper(&config, "gcr.io"), Some("gcloud"));
        assert_eq!(helper(&config, "docker.io"), Some("desktop"));
        assert_eq!(helper(&config, "bad.io"), None);
    }
}
