//! TLS, in front of an engine: what is encrypted, who is let in, and what a person is told who is not.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use dockside::engine::{Call, Endpoint, Engine, Surroundings};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, SanType, date_time_ymd};
use sha2::{Digest, Sha256};
use tempfile::TempDir;
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{RootCertStore, ServerConfig};

use crate::backend::Backend;
use crate::support;

/// Who signs certificates.
struct Authority {
    certificate: CertificateDer<'static>,
    issuer: Issuer<'static, KeyPair>,
}

/// A signed certificate and its key.
struct Signed {
    certificate: CertificateDer<'static>,
    key: Vec<u8>,
}

impl Authority {
    fn new(name: &str) -> Self {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap().der().clone();
        Self { certificate, issuer: Issuer::new(params, key) }
    }

    /// A certificate for a name, which ends with a year.
    fn sign(&self, name: &str, last_year: i32) -> Signed {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.subject_alt_names.push(SanType::DnsName(name.try_into().unwrap()));
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(last_year, 12, 31);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap().der().clone();
        Signed { certificate, key: key.serialize_der() }
    }
}

fn pem(kind: &str, bytes: &[u8]) -> String {
    format!("-----BEGIN {kind}-----\n{}\n-----END {kind}-----\n", STANDARD.encode(bytes))
}

/// Docker's three files in a folder.
fn write(folder: &Path, authority: &Authority, client: &Signed) {
    fs::create_dir_all(folder).unwrap();
    fs::write(folder.join("ca.pem"), pem("CERTIFICATE", &authority.certificate)).unwrap();
    fs::write(folder.join("cert.pem"), pem("CERTIFICATE", &client.certificate)).unwrap();
    fs::write(folder.join("key.pem"), pem("PRIVATE KEY", &client.key)).unwrap();
}

/// A port that speaks TLS to those who bring a certificate of the authority, and hands what they say to a socket.
struct Front {
    address: String,
    /// How many have been let in.
    let_in: Arc<AtomicUsize>,
}

impl Front {
    async fn start(server: &Signed, clients: &Authority, socket: &Path) -> Self {
        let provider = Arc::new(ring::default_provider());
        let mut roots = RootCertStore::empty();
        roots.add(clients.certificate.clone()).unwrap();
        let verifier = WebPkiClientVerifier::builder_with_provider(roots.into(), Arc::clone(&provider));
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_client_cert_verifier(verifier.build().unwrap())
            .with_single_cert(
                vec![server.certificate.clone()],
                PrivateKeyDer::from(PrivatePkcs8KeyDer::from(server.key.clone())),
            )
            .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("localhost:{}", listener.local_addr().unwrap().port());
        let let_in = Arc::<AtomicUsize>::default();
        let (count, socket) = (Arc::clone(&let_in), socket.to_owned());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(hand_on(stream, acceptor.clone(), socket.clone(), Arc::clone(&count)));
            }
        });
        Self { address, let_in }
    }
}

async fn hand_on(
    stream: TcpStream,
    acceptor: TlsAcceptor,
    socket: std::path::PathBuf,
    let_in: Arc<AtomicUsize>,
) {
    let mut first = [0];
    stream.peek(&mut first).await.unwrap();
    if first != [0x16] {
        // As the server of Go does, in which Docker is written.
        let said = b"HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n";
        stream.readable().await.unwrap();
        stream.try_read(&mut [0; 4096]).unwrap();
        stream.try_write(said).unwrap();
        return;
    }
    let Ok(mut stream) = acceptor.accept(stream).await else { return };
    let_in.fetch_add(1, Ordering::Relaxed);
    let mut engine = UnixStream::connect(socket).await.unwrap();
    let _ = tokio::io::copy_bidirectional(&mut stream, &mut engine).await;
}

fn surroundings(variables: &[(&str, &str)]) -> Surroundings {
    let environment = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Surroundings { environment: environment.collect(), ..Surroundings::default() }
}

/// Connects to an address with the files of a folder; what the engine calls itself, or the error, with short names.
async fn ask(address: &str, folder: &Path, tls: (&str, &str)) -> String {
    let host = format!("tcp://{address}");
    let variables = [("DOCKER_HOST", host.as_str()), ("DOCKER_CERT_PATH", folder.to_str().unwrap()), tls];
    let endpoint = Endpoint::resolve(&surroundings(&variables)).unwrap();
    match Engine::connect(&endpoint).await {
        Ok(engine) => engine.info().version.clone(),
        Err(error) => error.to_string().replace(folder.to_str().unwrap(), "FOLDER").replace(&host, "ENGINE"),
    }
}

const VERIFY: (&str, &str) = ("DOCKER_TLS_VERIFY", "1");

#[tokio::test]
async fn streams_and_calls_go_encrypted_over_connections_that_are_used_again() {
    let authority = Authority::new("ours");
    let backend = Backend::start();
    let front = Front::start(&authority.sign("localhost", 2040), &authority, &backend.socket()).await;
    // As a context has it, whose files lie under the hash of its name.
    let folder = TempDir::new().unwrap();
    let key = format!("{:x}", Sha256::digest("secure"));
    write(
        &folder.path().join("contexts/tls").join(&key).join("docker"),
        &authority,
        &authority.sign("me", 2040),
    );
    let meta = folder.path().join("contexts/meta").join(&key);
    fs::create_dir_all(&meta).unwrap();
    let text = format!(r#"{{"Endpoints":{{"docker":{{"Host":"tcp://{}"}}}}}}"#, front.address);
    fs::write(meta.join("meta.json"), text).unwrap();

    let variables = [("DOCKER_CONFIG", folder.path().to_str().unwrap()), ("DOCKER_CONTEXT", "secure")];
    let engine = Engine::connect(&Endpoint::resolve(&surroundings(&variables)).unwrap()).await.unwrap();
    assert_eq!(engine.containers().await.unwrap(), []);
    assert_eq!(front.let_in.load(Ordering::Relaxed), 1);
    let mut events = engine.stream(Call::get("/events", "follow")).await.unwrap();
    assert_eq!(events.next().await.unwrap().unwrap(), "{}\n");
    assert_eq!(engine.containers().await.unwrap(), []);
    assert_eq!(front.let_in.load(Ordering::Relaxed), 2);
}

#[tokio::test]
async fn the_real_engine_behind_tls() {
    let Some(real) = support::engine() else { return };
    let Some(socket) = real.host().strip_prefix("unix://") else { return };
    let authority = Authority::new("ours");
    let front = Front::start(&authority.sign("localhost", 2040), &authority, Path::new(socket)).await;
    let folder = TempDir::new().unwrap();
    write(folder.path(), &authority, &authority.sign("me", 2040));
    let version = real.get("/version")["Version"].as_str().unwrap().to_owned();
    assert_eq!(ask(&front.address, folder.path(), VERIFY).await, version);
}

#[tokio::test]
async fn who_is_trusted() {
    let (ours, theirs) = (Authority::new("ours"), Authority::new("theirs"));
    let backend = Backend::start();
    let start = async |server: &Signed| Front::start(server, &ours, &backend.socket()).await;
    let good = start(&ours.sign("localhost", 2040)).await;
    let expired = start(&ours.sign("localhost", 2021)).await;
    let elsewhere = start(&ours.sign("elsewhere", 2040)).await;
    let foreign = start(&theirs.sign("localhost", 2040)).await;
    let folder = TempDir::new().unwrap();
    write(folder.path(), &ours, &ours.sign("me", 2040));

    let renew = "renew it on the engine's host, or correct the clock here";
    for (front, tls, expected) in [
        (&good, VERIFY, "99.1".to_owned()),
        (&good, ("DOCKER_TLS", "1"), "99.1".to_owned()),
        (&foreign, ("DOCKER_TLS", "1"), "99.1".to_owned()),
        (
            &good,
            ("DOCKER_TLS_VERIFY", ""),
            "cannot reach the engine at ENGINE: it speaks TLS, and was asked in clear; set DOCKER_TLS_VERIFY=1, and \
             DOCKER_CERT_PATH to the folder of ca.pem, cert.pem and key.pem"
                .to_owned(),
        ),
        (
            &expired,
            VERIFY,
            format!("cannot reach the engine at ENGINE: the engine's certificate expired on 2021-12-31; {renew}"),
        ),
        (
            &elsewhere,
            VERIFY,
            "cannot reach the engine at ENGINE: the engine's certificate is not for localhost, but for elsewhere; use a \
             name that it is for, or have it made for this one"
                .to_owned(),
        ),
        (
            &foreign,
            VERIFY,
            "cannot reach the engine at ENGINE: the engine's certificate is not signed by the CA in FOLDER/ca.pem; give \
             the certificate of the CA that signed it as ca.pem"
                .to_owned(),
        ),
    ] {
        assert_eq!(ask(&front.address, folder.path(), tls).await, expected);
    }
}

#[tokio::test]
async fn who_is_let_in() {
    let (ours, theirs) = (Authority::new("ours"), Authority::new("theirs"));
    let backend = Backend::start();
    let front = Front::start(&ours.sign("localhost", 2040), &ours, &backend.socket()).await;
    for (client, about) in [
        (theirs.sign("me", 2040), "it is not signed by the engine's CA"),
        (ours.sign("me", 2021), "it has expired"),
    ] {
        let folder = TempDir::new().unwrap();
        write(folder.path(), &ours, &client);
        assert_eq!(
            ask(&front.address, folder.path(), VERIFY).await,
            format!(
                "cannot reach the engine at ENGINE: the engine refuses the certificate FOLDER/cert.pem: {about}; have one \
                 made by the engine's CA"
            )
        );
    }
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("ca.pem"), pem("CERTIFICATE", &ours.certificate)).unwrap();
    assert_eq!(
        ask(&front.address, folder.path(), VERIFY).await,
        "cannot reach the engine at ENGINE: the engine wants a client's certificate, and there is none; put cert.pem and \
         key.pem into the folder that DOCKER_CERT_PATH names, or into the context"
    );
    assert_eq!(front.let_in.load(Ordering::Relaxed), 0);
}

#[tokio::test]
async fn files_that_cannot_be_used_are_named() {
    let ours = Authority::new("ours");
    // Nothing may be sent before the files are found good.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let names = "Docker's TLS files are ca.pem, cert.pem and key.pem in one folder, which DOCKER_CERT_PATH or the context \
                 names";
    let encrypted = pem("ENCRYPTED PRIVATE KEY", b"x");
    let other_key = pem("PRIVATE KEY", &ours.sign("other", 2040).key);
    for (file, content, cause, hint) in [
        ("ca.pem", None, "No such file or directory (os error 2)", names),
        ("key.pem", None, "No such file or directory (os error 2)", names),
        ("cert.pem", None, "No such file or directory (os error 2)", names),
        ("ca.pem", Some("hello"), "it holds no certificate in PEM form", "correct the file"),
        ("key.pem", Some("hello"), "it holds no private key in PEM form", "correct the file"),
        (
            "key.pem",
            Some(&encrypted),
            "the key is encrypted, which Docker does not read either",
            "decrypt it with `openssl pkey`",
        ),
        (
            "key.pem",
            Some(&other_key),
            "it is not the key to FOLDER/cert.pem (keys may not be consistent: KeyMismatch)",
            "correct the file",
        ),
    ] {
        let folder = TempDir::new().unwrap();
        write(folder.path(), &ours, &ours.sign("me", 2040));
        match content {
            Some(content) => fs::write(folder.path().join(file), content).unwrap(),
            None => fs::remove_file(folder.path().join(file)).unwrap(),
        }
        assert_eq!(
            ask(&address, folder.path(), VERIFY).await,
            format!(
                "cannot reach the engine at ENGINE: FOLDER/{file} cannot be used for TLS, so nothing was sent: {cause}; \
                 {hint}"
            )
        );
    }
}

#[tokio::test]
async fn what_speaks_no_tls_is_told_so() {
    let ours = Authority::new("ours");
    let folder = TempDir::new().unwrap();
    write(folder.path(), &ours, &ours.sign("me", 2040));
    let advice = "nothing was sent; is it TLS that listens there? For plain HTTP unset DOCKER_TLS_VERIFY and DOCKER_TLS";
    for (said, cause) in [
        ("HTTP/1.1 400 Bad Request\r\n\r\n", "what answers there does not speak TLS"),
        ("", "the connection ended while TLS was agreed on"),
    ] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let heard = tokio::spawn(async move {
            let (stream, _) = listener.accept().await.unwrap();
            stream.readable().await.unwrap();
            let mut bytes = vec![0; 4096];
            let length = stream.try_read(&mut bytes).unwrap();
            stream.try_write(said.as_bytes()).unwrap();
            String::from_utf8_lossy(&bytes[..length]).into_owned()
        });
        assert_eq!(
            ask(&address, folder.path(), VERIFY).await,
            format!("cannot reach the engine at ENGINE: {cause}; {advice}")
        );
        assert!(!heard.await.unwrap().contains("GET"));
    }
}
