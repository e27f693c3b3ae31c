//! TLS to an engine: the files that a connection is made with, and what a person is told when it cannot be made.
//!
//! The files are read at every connection anew, so that renewed ones count. A connection that should be encrypted is
//! encrypted or fails; there is no way back to clear text.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use tokio_rustls::rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use tokio_rustls::rustls::pki_types::pem::{Error as PemError, PemObject};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use tokio_rustls::rustls::{
    AlertDescription, CertificateError, ClientConfig, DigitallySignedStruct, Error as TlsError,
    InvalidMessage, RootCertStore, SignatureScheme,
};

use super::error::Obstacle;

/// What a TLS connection is made with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsFiles {
    /// Whose signature the engine's certificate must bear; unset: an authority that the system trusts.
    pub authority: Option<PathBuf>,
    /// What tells the engine who asks, where it wants to know.
    pub identity: Option<Identity>,
    /// Whether the engine's certificate is looked at.
    pub verifies: bool,
}

/// A certificate and the key to it, both in PEM form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The file of the certificate.
    pub certificate: PathBuf,
    /// The file of the key, not encrypted.
    pub key: PathBuf,
}

impl Default for TlsFiles {
    /// No files: the engine's certificate must be one that the system trusts.
    fn default() -> Self {
        Self { authority: None, identity: None, verifies: true }
    }
}

impl TlsFiles {
    /// Docker's names in a folder. Certificate and key come together: of one alone the other is missed when it is read.
    pub(super) fn of(folder: &Path, authority: Option<PathBuf>, verifies: bool) -> Self {
        let (certificate, key) = (folder.join("cert.pem"), folder.join("key.pem"));
        let identity = (certificate.exists() || key.exists()).then_some(Identity { certificate, key });
        Self { authority, identity, verifies }
    }
}

/// Puts TLS over a connection to `host`.
///
/// # Errors
/// An [`Obstacle`] that names the file, or what the other side presents.
pub(super) async fn over<S>(
    stream: S,
    host: &str,
    files: &TlsFiles,
) -> io::Result<tokio_rustls::client::TlsStream<S>>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let configuration = configuration(files).map_err(Obstacle::into_io)?;
    let name = ServerName::try_from(host.to_owned()).map_err(|_| {
        let cause = format!("{host} is no name that a certificate can be for");
        Obstacle { cause, hint: "correct the address".to_owned() }.into_io()
    })?;
    let handshake = TlsConnector::from(Arc::new(configuration)).connect(name, stream).await;
    handshake.map_err(|error| match error.kind() {
        io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset => Obstacle {
            cause: "the connection ended while TLS was agreed on".to_owned(),
            hint: IS_IT_TLS.to_owned(),
        }
        .into_io(),
        _ => match fault_of(&error) {
            Some(fault) => explain(fault, files).into_io(),
            None => error,
        },
    })
}

/// The TLS fault that an error of a stream stands for.
pub(super) fn fault_of(error: &io::Error) -> Option<&TlsError> {
    error.get_ref().and_then(|inner| inner.downcast_ref())
}

const IS_IT_TLS: &str =
    "nothing was sent; is it TLS that listens there? For plain HTTP unset DOCKER_TLS_VERIFY and DOCKER_TLS";

/// What a fault means for the person. Under TLS 1.3 an engine refuses a client's certificate only after the handshake,
/// so that the fault comes with the first answer.
pub(super) fn explain(fault: &TlsError, files: &TlsFiles) -> Obstacle {
    let (cause, hint) = match fault {
        TlsError::InvalidCertificate(fault) => explain_certificate(fault, files),
        TlsError::InvalidMessage(InvalidMessage::InvalidContentType) => {
            ("what answers there does not speak TLS".to_owned(), IS_IT_TLS.to_owned())
        }
        TlsError::AlertReceived(alert) => explain_alert(*alert, files),
        other => (format!("TLS: {other}"), "is the engine's TLS set up as it should be?".to_owned()),
    };
    Obstacle { cause, hint }
}

fn explain_certificate(fault: &CertificateError, files: &TlsFiles) -> (String, String) {
    let clock = "renew it on the engine's host, or correct the clock here".to_owned();
    match fault {
        CertificateError::Expired => ("the engine's certificate has expired".to_owned(), clock),
        CertificateError::ExpiredContext { not_after, .. } => {
            (format!("the engine's certificate expired on {}", date(*not_after)), clock)
        }
        CertificateError::NotValidYet => ("the engine's certificate is not valid yet".to_owned(), clock),
        CertificateError::NotValidYetContext { not_before, .. } => {
            (format!("the engine's certificate is not valid before {}", date(*not_before)), clock)
        }
        CertificateError::UnknownIssuer => (
            format!("the engine's certificate is not signed by {}", authority(files)),
            "give the certificate of the CA that signed it as ca.pem".to_owned(),
        ),
        CertificateError::NotValidForNameContext { expected, presented } => (
            format!(
                "the engine's certificate is not for {}, but for {}",
                expected.to_str(),
                names(presented)
            ),
            "use a name that it is for, or have it made for this one".to_owned(),
        ),
        other => (
            format!("the engine's certificate is not accepted: {other}"),
            format!("it is checked against {}", authority(files)),
        ),
    }
}

/// The names of a certificate, which come as `DnsName("a.example")` and the like.
fn names(presented: &[String]) -> String {
    if presented.is_empty() {
        return "no name at all".to_owned();
    }
    let bare = |name: &String| {
        let inner = name.split_once('(').map_or(name.as_str(), |(_, inner)| inner.trim_end_matches(')'));
        inner.trim_matches('"').to_owned()
    };
    presented.iter().map(bare).collect::<Vec<_>>().join(", ")
}

fn authority(files: &TlsFiles) -> String {
    match &files.authority {
        Some(file) => format!("the CA in {}", file.display()),
        None => "an authority that this system trusts".to_owned(),
    }
}

/// The date of an instant, in UTC.
fn date(time: UnixTime) -> String {
    let seconds = i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
    Timestamp::from_second(seconds)
        .map_or_else(|_| "a day beyond reckoning".to_owned(), |at| at.strftime("%Y-%m-%d").to_string())
}

fn explain_alert(alert: AlertDescription, files: &TlsFiles) -> (String, String) {
    let about = match alert {
        AlertDescription::CertificateExpired => "it has expired",
        AlertDescription::UnknownCA => "it is not signed by the engine's CA",
        AlertDescription::CertificateRevoked => "it is revoked",
        AlertDescription::CertificateRequired
        | AlertDescription::BadCertificate
        | AlertDescription::UnsupportedCertificate
        | AlertDescription::CertificateUnknown
        | AlertDescription::AccessDenied
        | AlertDescription::HandshakeFailure => "it is not one that the engine accepts",
        other => {
            let hint = "the engine's log says more".to_owned();
            return (format!("the engine ended the TLS connection: {other:?}"), hint);
        }
    };
    match &files.identity {
        Some(Identity { certificate, .. }) => (
            format!("the engine refuses the certificate {}: {about}", certificate.display()),
            "have one made by the engine's CA".to_owned(),
        ),
        None => (
            "the engine wants a client's certificate, and there is none".to_owned(),
            "put cert.pem and key.pem into the folder that DOCKER_CERT_PATH names, or into the context"
                .to_owned(),
        ),
    }
}

fn configuration(files: &TlsFiles) -> Result<ClientConfig, Obstacle> {
    let provider = Arc::new(ring::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| explain(&error, files))?;
    let builder = if files.verifies {
        builder.with_root_certificates(trusted(files.authority.as_deref())?)
    } else {
        builder.dangerous().with_custom_certificate_verifier(Arc::new(Unverified(provider)))
    };
    let Some(Identity { certificate, key }) = &files.identity else {
        return Ok(builder.with_no_client_auth());
    };
    builder.with_client_auth_cert(certificates(certificate)?, private_key(key)?).map_err(|error| {
        unusable(key, &format!("it is not the key to {} ({error})", certificate.display()), CORRECT)
    })
}

/// The authorities that an engine's certificate may be signed by.
fn trusted(authority: Option<&Path>) -> Result<RootCertStore, Obstacle> {
    let mut store = RootCertStore::empty();
    match authority {
        Some(file) => {
            for certificate in certificates(file)? {
                store.add(certificate).map_err(|error| {
                    unusable(file, &format!("it is no CA's certificate: {error}"), CORRECT)
                })?;
            }
        }
        // Those of the system that cannot be read are not trusted; the fault is told when none fits.
        None => drop(store.add_parsable_certificates(rustls_native_certs::load_native_certs().certs)),
    }
    Ok(store)
}

fn certificates(file: &Path) -> Result<Vec<CertificateDer<'static>>, Obstacle> {
    let text = read(file)?;
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&text).collect();
    match found {
        Ok(found) if !found.is_empty() => Ok(found),
        Ok(_) => Err(not_pem(file, "certificate", &PemError::NoItemsFound)),
        Err(error) => Err(not_pem(file, "certificate", &error)),
    }
}

fn private_key(file: &Path) -> Result<PrivateKeyDer<'static>, Obstacle> {
    let text = read(file)?;
    if text.windows(9).any(|word| word == b"ENCRYPTED") {
        return Err(unusable(
            file,
            "the key is encrypted, which Docker does not read either",
            "decrypt it with `openssl pkey`",
        ));
    }
    PrivateKeyDer::from_pem_slice(&text).map_err(|error| not_pem(file, "private key", &error))
}

fn read(file: &Path) -> Result<Vec<u8>, Obstacle> {
    std::fs::read(file).map_err(|error| unusable(file, &error.to_string(), NAMES))
}

const NAMES: &str = "Docker's TLS files are ca.pem, cert.pem and key.pem in one folder, which DOCKER_CERT_PATH or the context names";
const CORRECT: &str = "correct the file";

fn unusable(file: &Path, cause: &str, hint: &str) -> Obstacle {
    let cause = format!("{} cannot be used for TLS, so nothing was sent: {cause}", file.display());
    Obstacle { cause, hint: hint.to_owned() }
}

fn not_pem(file: &Path, kind: &str, error: &PemError) -> Obstacle {
    let cause = match error {
        PemError::NoItemsFound => format!("it holds no {kind} in PEM form"),
        other => format!("it is no {kind} in PEM form: {other}"),
    };
    unusable(file, &cause, CORRECT)
}

/// Takes any certificate, as the person has asked for. The engine must still hold the key to it.
#[derive(Debug)]
struct Unverified(Arc<CryptoProvider>);

impl ServerCertVerifier for Unverified {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, TlsError> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        verify_tls12_signature(message, certificate, signature, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        verify_tls13_signature(message, certificate, signature, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
