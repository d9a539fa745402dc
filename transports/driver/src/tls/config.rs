//! [`Tls`]: whom a side trusts, and who it is.

use std::fmt;
use std::io;
use std::sync::Arc;

use gridwire_core::endpoint::Cause;
use rustls::client::WebPkiServerVerifier;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::server::WebPkiClientVerifier;
use rustls::{ClientConfig, ConfigBuilder, RootCertStore, ServerConfig, WantsVerifier};

/// A session that has said nothing yet, if there is to be one.
pub(crate) type Begun = Option<rustls::Connection>;

/// How connections are secured: whom this side trusts, and its own certificate. Cheap to clone.
///
/// The name in a target is always checked against the peer's certificate.
#[derive(Clone, Default)]
pub struct Tls {
    client: Option<Arc<ClientConfig>>,
    server: Option<Arc<ServerConfig>>,
}

/// A certificate with its chain, and its private key.
pub struct Identity {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
}

impl Identity {
    /// Reads a certificate chain, end entity first, and a private key (PKCS #8, PKCS #1 or SEC 1).
    ///
    /// # Errors
    /// There is no certificate, no key, or it isn't PEM.
    pub fn from_pem(chain: &[u8], key: &[u8]) -> io::Result<Self> {
        let chain = certificates(chain, "the certificate chain")?;
        let key = PrivateKeyDer::from_pem_slice(key)
            .map_err(|error| invalid(format!("the private key: {error}")))?;
        Ok(Self { chain, key })
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity").field("certificates", &self.chain.len()).finish_non_exhaustive()
    }
}

impl Tls {
    /// A client that trusts the authorities that the operating system trusts.
    ///
    /// # Errors
    /// The system has none that can be read.
    pub fn native() -> io::Result<Self> {
        let found = rustls_native_certs::load_native_certs();
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(found.certs);
        if roots.is_empty() {
            let why = found.errors.first().map_or_else(String::new, |error| format!(": {error}"));
            return Err(invalid(format!("the system's certificates: none can be read{why}")));
        }
        Ok(Self::of_client(client_builder()?.with_root_certificates(roots).with_no_client_auth()))
    }

    /// A client that trusts these authorities alone, in PEM.
    ///
    /// # Errors
    /// There is no certificate in it.
    pub fn trusting(roots: &[u8]) -> io::Result<Self> {
        let builder = client_builder()?.with_webpki_verifier(server_verifier(roots)?);
        Ok(Self::of_client(builder.with_no_client_auth()))
    }

    /// A client that trusts these authorities alone and shows a certificate of its own: mutual TLS.
    ///
    /// # Errors
    /// There is no certificate, or the key doesn't belong to it.
    pub fn mutual(roots: &[u8], identity: Identity) -> io::Result<Self> {
        let builder = client_builder()?.with_webpki_verifier(server_verifier(roots)?);
        let config = builder.with_client_auth_cert(identity.chain, identity.key);
        Ok(Self::of_client(config.map_err(invalid)?))
    }

    /// A peer that shows this certificate. With `clients`, authorities in PEM, it asks every client
    /// for a certificate and lets none in without.
    ///
    /// # Errors
    /// There is no certificate, or the key doesn't belong to it.
    pub fn serving(identity: Identity, clients: Option<&[u8]>) -> io::Result<Self> {
        let builder = ServerConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .map_err(invalid)?;
        let builder = match clients {
            None => builder.with_no_client_auth(),
            Some(roots) => {
                let roots = Arc::new(roots_of(roots)?);
                let verifier =
                    WebPkiClientVerifier::builder_with_provider(roots, provider()).build();
                builder.with_client_cert_verifier(verifier.map_err(invalid)?)
            }
        };
        let config = builder.with_single_cert(identity.chain, identity.key).map_err(invalid)?;
        Ok(Self { client: None, server: Some(Arc::new(config)) })
    }

    /// A client by a configuration of rustls.
    pub fn of_client(config: ClientConfig) -> Self {
        Self { client: Some(Arc::new(config)), server: None }
    }

    /// A peer by a configuration of rustls.
    pub fn of_server(config: ServerConfig) -> Self {
        Self { client: None, server: Some(Arc::new(config)) }
    }

    /// The session of a socket that is to be connected, if its target has a TLS name.
    pub(crate) fn begin(&self, name: Option<&str>) -> Result<Begun, Cause> {
        let Some(name) = name else { return Ok(None) };
        let Some(config) = &self.client else {
            return Err(fault("the target asks for it, but the client was set up without"));
        };
        let bare = name.strip_prefix('[').and_then(|n| n.strip_suffix(']')).unwrap_or(name);
        let name = ServerName::try_from(bare.to_owned())
            .map_err(|_| fault(format!("{name:?} is neither a host name nor an address")))?;
        let session = rustls::ClientConnection::new(Arc::clone(config), name).map_err(fault)?;
        Ok(Some(session.into()))
    }

    /// The session of a socket that is accepted, if this side was given a certificate.
    pub(crate) fn answer(&self) -> Result<Begun, Cause> {
        let Some(config) = &self.server else { return Ok(None) };
        let session = rustls::ServerConnection::new(Arc::clone(config)).map_err(fault)?;
        Ok(Some(session.into()))
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls")
            .field("client", &self.client.is_some())
            .field("server", &self.server.is_some())
            .finish()
    }
}

fn provider() -> Arc<rustls::crypto::CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

fn client_builder() -> io::Result<ConfigBuilder<ClientConfig, WantsVerifier>> {
    ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .map_err(invalid)
}

fn server_verifier(roots: &[u8]) -> io::Result<Arc<WebPkiServerVerifier>> {
    let roots = Arc::new(roots_of(roots)?);
    WebPkiServerVerifier::builder_with_provider(roots, provider()).build().map_err(invalid)
}

fn roots_of(pem: &[u8]) -> io::Result<RootCertStore> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(pem, "the authorities")? {
        roots.add(certificate).map_err(invalid)?;
    }
    Ok(roots)
}

fn certificates(pem: &[u8], what: &str) -> io::Result<Vec<CertificateDer<'static>>> {
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    match found {
        Ok(found) if found.is_empty() => Err(invalid(format!("{what}: no certificate in it"))),
        Ok(found) => Ok(found),
        Err(error) => Err(invalid(format!("{what}: {error}"))),
    }
}

fn invalid(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, error)
}

fn fault(error: impl ToString) -> Cause {
    Cause::Tls(error.to_string().into())
}
