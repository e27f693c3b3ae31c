//! Which engine is chosen, and what a person is told where none can be. Contexts are files in a folder of the test.
#![allow(clippy::unwrap_used, reason = "a helper of tests fails the test")]

use std::path::Path;

use dockside::engine::{Endpoint, Surroundings};
use sha2::{Digest, Sha256};

/// A Docker configuration folder with a plain context, one with TLS material, one that skips verification, one by SSH.
fn config() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, docker) in [
        ("office", r#"{"Host":"tcp://office:2375","SkipTLSVerify":false}"#),
        ("secure", r#"{"Host":"tcp://secure:2376","SkipTLSVerify":false}"#),
        ("careless", r#"{"Host":"tcp://careless:2376","SkipTLSVerify":true}"#),
        ("far", r#"{"Host":"ssh://me@far"}"#),
        ("empty", "{}"),
    ] {
        let meta = folder.path().join("contexts/meta").join(key(name));
        std::fs::create_dir_all(&meta).unwrap();
        let text = format!(r#"{{"Name":"{name}","Metadata":{{}},"Endpoints":{{"docker":{docker}}}}}"#);
        std::fs::write(meta.join("meta.json"), text).unwrap();
    }
    std::fs::create_dir_all(folder.path().join("contexts/tls").join(key("secure")).join("docker")).unwrap();
    folder
}

fn key(name: &str) -> String {
    format!("{:x}", Sha256::digest(name))
}

/// What is chosen with these variables, as `ADDRESS from SOURCE` or the error, with CONFIG for the folder.
fn choose(folder: &Path, host: Option<&str>, environment: &[(&str, &str)]) -> String {
    let mut surroundings = Surroundings {
        host: host.map(str::to_owned),
        home: Some(folder.join("no-home")),
        default_socket: Some("/no/such/docker.sock".into()),
        ..Surroundings::default()
    };
    surroundings.environment.insert("DOCKER_CONFIG".to_owned(), folder.display().to_string());
    for (name, value) in environment {
        surroundings.environment.insert((*name).to_owned(), (*value).to_owned());
    }
    match Endpoint::resolve(&surroundings) {
        Ok(endpoint) => format!("{} from {}", endpoint.address, endpoint.source),
        Err(error) => error.to_string().replace(&folder.display().to_string(), "CONFIG"),
    }
}

fn check(host: Option<&str>, environment: &[(&str, &str)], expected: &str) {
    let folder = config();
    assert_eq!(choose(folder.path(), host, environment), expected, "{host:?} {environment:?}");
}

#[test]
fn the_order_of_those_who_may_name_it() {
    let all = [("DOCKER_HOST", "unix:///b"), ("DOCKER_CONTEXT", "office")];
    check(Some("unix:///a"), &all, "unix:///a from --host");
    check(None, &all, "unix:///b from DOCKER_HOST");
    check(
        None,
        &[("DOCKER_HOST", ""), ("DOCKER_CONTEXT", "office")],
        "tcp://office:2375 from context office",
    );
    check(None, &[], "unix:///no/such/docker.sock from default");
    check(None, &[("DOCKER_CONTEXT", "default")], "unix:///no/such/docker.sock from default");
}

#[test]
fn the_config_file_names_a_context() {
    let folder = config();
    let file = folder.path().join("config.json");
    std::fs::write(&file, r#"{"currentContext":"office"}"#).unwrap();
    assert_eq!(choose(folder.path(), None, &[]), "tcp://office:2375 from context office");
    std::fs::write(&file, r#"{"currentContext":"gone"}"#).unwrap();
    assert_eq!(
        choose(folder.path(), None, &[]),
        format!(
            "CONFIG/config.json names the Docker context \"gone\", and CONFIG/contexts/meta/{}/meta.json does not exist; \
             `docker context ls` lists those there are",
            key("gone")
        )
    );
    std::fs::write(&file, "{").unwrap();
    assert_eq!(
        choose(folder.path(), None, &[]),
        "cannot use CONFIG/config.json: not JSON: EOF while parsing an object at line 1 column 1; correct the file, or \
         name the engine with --host or DOCKER_HOST"
    );
}

#[test]
fn the_rootless_socket_stands_in_for_a_missing_one() {
    let folder = config();
    let run = folder.path().join("run");
    std::fs::create_dir(&run).unwrap();
    let variables = [("XDG_RUNTIME_DIR", run.to_str().unwrap())];
    assert_eq!(choose(folder.path(), None, &variables), "unix:///no/such/docker.sock from default");
    std::fs::write(run.join("docker.sock"), "").unwrap();
    assert_eq!(
        choose(folder.path(), None, &variables),
        format!("unix://{}/docker.sock from default", run.display())
    );
}

#[test]
fn addresses() {
    for (address, expected) in [
        ("tcp://h", "tcp://h:2375 from --host"),
        ("tcp://h:1/", "tcp://h:1 from --host"),
        ("http://10.0.0.1:80", "tcp://10.0.0.1:80 from --host"),
        ("tcp://[::1]:5", "tcp://[::1]:5 from --host"),
        ("tcp://:5", "tcp://localhost:5 from --host"),
    ] {
        check(Some(address), &[], expected);
    }
    for address in
        ["h:2375", "tcp://h:x", "tcp://u@h", "unix://relative", "tcp://h/path", "gopher://x", "tcp://[x]:1"]
    {
        let expected =
            format!("--host: {address:?} is not an engine's address; write unix:///PATH or tcp://HOST:PORT");
        check(Some(address), &[], &expected);
    }
}

#[test]
fn what_is_not_spoken_is_refused_and_nothing_is_sent_in_clear() {
    let starts = |host: Option<&str>, environment: &[(&str, &str)], expected: &str| {
        let folder = config();
        let said = choose(folder.path(), host, environment);
        assert!(said.starts_with(expected), "{said}");
    };
    starts(
        Some("ssh://h"),
        &[],
        "--host: ssh://h needs SSH, which Dockside does not speak yet; forward the socket",
    );
    starts(Some("https://h"), &[], "--host: https://h needs TLS, ");
    starts(Some("npipe:////./pipe/x"), &[], "--host: npipe:////./pipe/x needs a Windows named pipe, ");
    let refused = "DOCKER_HOST with DOCKER_TLS_VERIFY or DOCKER_TLS: tcp://h needs TLS, which Dockside does not speak \
                   yet; nothing was sent; unset the variable if plain HTTP is meant";
    starts(None, &[("DOCKER_HOST", "tcp://h"), ("DOCKER_TLS_VERIFY", "1")], refused);
    starts(None, &[("DOCKER_HOST", "tcp://h"), ("DOCKER_TLS_VERIFY", "")], refused);
    check(None, &[("DOCKER_HOST", "unix:///x"), ("DOCKER_TLS_VERIFY", "1")], "unix:///x from DOCKER_HOST");
    starts(None, &[("DOCKER_CONTEXT", "secure")], "context secure: tcp://secure:2376 needs TLS");
    starts(None, &[("DOCKER_CONTEXT", "careless")], "context careless: tcp://careless:2376 needs TLS");
    starts(None, &[("DOCKER_CONTEXT", "far")], "context far: ssh://me@far needs SSH");
    starts(None, &[("DOCKER_CONTEXT", "empty")], "cannot use CONFIG/contexts/meta/");
}
