//! TLS as every carrier uses it: version 1.3, one post-quantum key exchange, raw keys both ways, nothing remembered.

use super::fault::LinkFault;
use super::keys::{AnyKnown, Exactly, LinkSigner, Pins, to_spki};
use crate::id::LinkKey;
use rustls::client::{AlwaysResolvesClientRawPublicKeys, Resumption};
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::CertificateDer;
use rustls::server::{AlwaysResolvesServerRawPublicKeys, NoServerSessionStorage};
use rustls::sign::CertifiedKey;
use rustls::version::TLS13;
use std::sync::Arc;

/// The one protocol that links speak.
pub const ALPN: &[u8] = b"homeward/1";

/// aws-lc-rs with X25519MLKEM768 alone.
fn provider() -> Arc<CryptoProvider> {
    Arc::new(CryptoProvider {
        kx_groups: vec![aws_lc_rs::kx_group::X25519MLKEM768],
        ..aws_lc_rs::default_provider()
    })
}

fn identity(signer: &LinkSigner) -> Arc<CertifiedKey> {
    let spki = CertificateDer::from(to_spki(&signer.public()));
    Arc::new(CertifiedKey::new(vec![spki], Arc::new(signer.clone())))
}

/// For dialling exactly one node.
pub(super) fn client(signer: &LinkSigner, expected: LinkKey) -> Result<rustls::ClientConfig, LinkFault> {
    let mut config = rustls::ClientConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&TLS13])
        .map_err(|_| LinkFault::Settings)?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Exactly(expected)))
        .with_client_cert_resolver(Arc::new(AlwaysResolvesClientRawPublicKeys::new(identity(signer))));
    config.alpn_protocols = vec![ALPN.to_vec()];
    config.enable_sni = false;
    config.resumption = Resumption::disabled();
    config.enable_early_data = false;
    Ok(config)
}

/// For letting in whoever is pinned.
pub(super) fn server(signer: &LinkSigner, pins: Arc<dyn Pins>) -> Result<rustls::ServerConfig, LinkFault> {
    let mut config = rustls::ServerConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&TLS13])
        .map_err(|_| LinkFault::Settings)?
        .with_client_cert_verifier(Arc::new(AnyKnown(pins)))
        .with_cert_resolver(Arc::new(AlwaysResolvesServerRawPublicKeys::new(identity(signer))));
    config.alpn_protocols = vec![ALPN.to_vec()];
    config.send_tls13_tickets = 0;
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.max_early_data_size = 0;
    Ok(config)
}
