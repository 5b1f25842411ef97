//! Callers from a chosen address of loopback, with a key of their own choice, who take any server.

// Each test that names this file uses what it needs of it.
#![allow(dead_code)]

use homeward::id::LinkKey;
use homeward::net::ALPN;
use quinn::crypto::rustls::QuicClientConfig;
use rustls::client::AlwaysResolvesClientRawPublicKeys;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::sign::{CertifiedKey, Signer, SigningKey};
use rustls::{DigitallySignedStruct, Error, SignatureAlgorithm, SignatureScheme};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

/// An Ed25519 key that signs, whatever key is shown.
#[derive(Clone, Debug)]
struct Own([u8; 32]);

impl Own {
    fn key(&self) -> ed25519_dalek::SigningKey {
        ed25519_dalek::SigningKey::from_bytes(&self.0)
    }
}

impl SigningKey for Own {
    fn choose_scheme(&self, _: &[SignatureScheme]) -> Option<Box<dyn Signer>> {
        Some(Box::new(self.clone()))
    }
    fn algorithm(&self) -> SignatureAlgorithm {
        SignatureAlgorithm::ED25519
    }
}

impl Signer for Own {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Error> {
        Ok(ed25519_dalek::Signer::sign(&self.key(), message).to_bytes().to_vec())
    }
    fn scheme(&self) -> SignatureScheme {
        SignatureScheme::ED25519
    }
}

/// Takes any server, with a raw key or a certificate.
#[derive(Debug)]
pub(crate) struct AnyServer {
    pub(crate) raw: bool,
}

impl ServerCertVerifier for AnyServer {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }
    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }
    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }
    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        vec![SignatureScheme::ED25519, SignatureScheme::ECDSA_NISTP256_SHA256]
    }
    fn requires_raw_public_keys(&self) -> bool {
        self.raw
    }
}

/// The link key of a seed.
pub(crate) fn link_key(seed: [u8; 32]) -> LinkKey {
    LinkKey(Own(seed).key().verifying_key().to_bytes())
}

/// A public key as TLS shows it (RFC 8410).
pub(crate) fn spki(key: &LinkKey) -> CertificateDer<'static> {
    let front = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];
    CertificateDer::from([front.as_slice(), key.as_bytes()].concat())
}

/// What a caller shows, and the seed of the key that it signs with.
pub(crate) fn identity(shown: &LinkKey, signs: [u8; 32]) -> Arc<CertifiedKey> {
    Arc::new(CertifiedKey::new(vec![spki(shown)], Arc::new(Own(signs))))
}

/// How a caller with this key dials.
pub(crate) fn config(seed: [u8; 32]) -> quinn::ClientConfig {
    let identity = identity(&link_key(seed), seed);
    let provider = CryptoProvider {
        kx_groups: vec![aws_lc_rs::kx_group::X25519MLKEM768],
        ..aws_lc_rs::default_provider()
    };
    let mut tls = rustls::ClientConfig::builder_with_provider(Arc::new(provider))
        .with_protocol_versions(&[&rustls::version::TLS13])
        .unwrap()
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(AnyServer { raw: true }))
        .with_client_cert_resolver(Arc::new(AlwaysResolvesClientRawPublicKeys::new(identity)));
    tls.alpn_protocols = vec![ALPN.to_vec()];
    quinn::ClientConfig::new(Arc::new(QuicClientConfig::try_from(tls).unwrap()))
}

/// A socket at an address of loopback.
pub(crate) fn socket(from: IpAddr) -> quinn::Endpoint {
    quinn::Endpoint::client(SocketAddr::new(from, 0)).unwrap()
}
