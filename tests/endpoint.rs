//! Which engine is chosen, and what a person is told where none can be. Contexts are files in a folder of the test.
#![allow(clippy::unwrap_used, reason = "a helper of tests fails the test")]

use std::path::Path;

use dockside::engine::{Address, Endpoint, Surroundings, TlsFiles};
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
        let expected = format!(
            "--host: {address:?} is not an engine's address; write unix:///PATH, tcp://HOST:PORT or \
                 ssh://USER@HOST"
        );
        check(Some(address), &[], &expected);
    }
}

#[test]
fn ssh_addresses() {
    for (address, expected) in [
        ("ssh://h", "ssh://h"),
        ("ssh://me@h:2222", "ssh://me@h:2222"),
        ("ssh://me@[::1]:22/", "ssh://me@[::1]:22"),
        ("ssh://h/run/user/1000/docker.sock", "ssh://h/run/user/1000/docker.sock"),
        ("ssh://h/var/run/docker.sock", "ssh://h"),
    ] {
        check(Some(address), &[], &format!("{expected} from --host"));
    }
    for address in [
        "ssh://",
        "ssh://me:secret@h",
        "ssh://h:x",
        "ssh://-oProxyCommand=x",
        "ssh://h?x",
        "ssh://@h",
        "ssh://h:99999",
    ] {
        let said = choose(config().path(), Some(address), &[]);
        assert!(said.contains("is not an engine's address"), "{address}: {said}");
    }
    check(None, &[("DOCKER_CONTEXT", "far")], "ssh://me@far from context far");
}

/// What TLS is made with, where these variables choose: its files, with CONFIG for the folder, or `in clear`.
fn files(folder: &Path, environment: &[(&str, &str)]) -> String {
    let mut surroundings = Surroundings { home: Some(folder.join("no-home")), ..Surroundings::default() };
    surroundings.environment.insert("DOCKER_CONFIG".to_owned(), folder.display().to_string());
    for (name, value) in environment {
        surroundings.environment.insert((*name).to_owned(), (*value).to_owned());
    }
    let address = Endpoint::resolve(&surroundings).unwrap().address;
    let said = match &address {
        Address::Tls { files: TlsFiles { authority, identity, verifies }, .. } => {
            let authority =
                authority.as_ref().map_or("the system".to_owned(), |file| file.display().to_string());
            let identity = identity.as_ref().map_or(String::new(), |identity| {
                format!(", as {} with {}", identity.certificate.display(), identity.key.display())
            });
            format!("{address} trusting {}{identity}", if *verifies { &authority } else { "anyone" })
        }
        _ => format!("{address} in clear"),
    };
    said.replace(&folder.display().to_string(), "CONFIG")
}

#[test]
fn tls_is_asked_for_by_variables_as_docker_reads_them() {
    let host = ("DOCKER_HOST", "tcp://h");
    let folder = config();
    let certificates = folder.path().join("mine");
    std::fs::create_dir(&certificates).unwrap();
    for name in ["ca.pem", "cert.pem", "key.pem"] {
        std::fs::write(certificates.join(name), "").unwrap();
    }
    let mine = ("DOCKER_CERT_PATH", certificates.to_str().unwrap());
    for (environment, expected) in [
        (vec![host], "tcp://h:2375 in clear"),
        (vec![host, mine], "tcp://h:2375 in clear"),
        (vec![host, ("DOCKER_TLS_VERIFY", "")], "tcp://h:2375 in clear"),
        (vec![host, ("DOCKER_TLS_VERIFY", "0")], "tcp://h:2375 trusting CONFIG/ca.pem"),
        (
            vec![host, ("DOCKER_TLS_VERIFY", "1"), mine],
            "tcp://h:2375 trusting CONFIG/mine/ca.pem, as CONFIG/mine/cert.pem with CONFIG/mine/key.pem",
        ),
        (
            vec![host, ("DOCKER_TLS", "1"), mine],
            "tcp://h:2375 trusting anyone, as CONFIG/mine/cert.pem with CONFIG/mine/key.pem",
        ),
        (vec![("DOCKER_TLS_VERIFY", "1")], "tcp://localhost:2376 trusting CONFIG/ca.pem"),
        (vec![("DOCKER_HOST", "https://h:1")], "tcp://h:1 trusting the system"),
        (vec![("DOCKER_HOST", "unix:///x"), ("DOCKER_TLS_VERIFY", "1")], "unix:///x in clear"),
        (vec![("DOCKER_HOST", "ssh://h"), ("DOCKER_TLS_VERIFY", "1")], "ssh://h in clear"),
        (vec![("DOCKER_CONTEXT", "office"), ("DOCKER_TLS_VERIFY", "1")], "tcp://office:2375 in clear"),
        (vec![("DOCKER_CONTEXT", "secure")], "tcp://secure:2376 trusting the system"),
        (vec![("DOCKER_CONTEXT", "careless")], "tcp://careless:2376 trusting anyone"),
    ] {
        assert_eq!(files(folder.path(), &environment), expected, "{environment:?}");
    }
    // One file of the pair alone still stands for both: the other is missed when it is read.
    std::fs::remove_file(certificates.join("key.pem")).unwrap();
    let alone = files(folder.path(), &[host, ("DOCKER_TLS", "1"), mine]);
    assert!(alone.ends_with("CONFIG/mine/key.pem"), "{alone}");
}

#[test]
fn what_is_not_spoken_is_refused() {
    let starts = |host: Option<&str>, environment: &[(&str, &str)], expected: &str| {
        let folder = config();
        let said = choose(folder.path(), host, environment);
        assert!(said.starts_with(expected), "{said}");
    };
    starts(Some("npipe:////./pipe/x"), &[], "--host: npipe:////./pipe/x needs a Windows named pipe, ");
    starts(None, &[("DOCKER_CONTEXT", "empty")], "cannot use CONFIG/contexts/meta/");
}
