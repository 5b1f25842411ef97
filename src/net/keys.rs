//! Link keys in TLS: how one is written (RFC 7250, RFC 8410), how it signs, and who is let in.
//!
//! Signatures are verified strictly, as everywhere in the house: a key of small order that somehow got pinned lets
//! nobody in.

use crate::id::LinkKey;
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::{CertificateDer, ServerName, SubjectPublicKeyInfoDer, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::sign::Signer;
use rustls::{
    CertificateError, DigitallySignedStruct, DistinguishedName, Error, PeerIncompatible, SignatureAlgorithm,
    SignatureScheme,
};
use std::fmt;
use std::sync::Arc;

/// Whom this node lets in. Asked at each handshake, so the answer may change while links are open.
pub trait Pins: Send + Sync {
    /// Whether a node with this link key may call.
    fn is_known(&self, key: &LinkKey) -> bool;
}

/// The front of every Ed25519 SubjectPublicKeyInfo (RFC 8410, section 10.1).
const SPKI_FRONT: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

/// A link key as TLS carries it: 44 bytes.
pub(super) fn to_spki(key: &LinkKey) -> Vec<u8> {
    [SPKI_FRONT.as_slice(), key.as_bytes()].concat()
}

/// The link key in exactly those 44 bytes; `None` for anything else.
pub(super) fn from_spki(spki: &[u8]) -> Option<LinkKey> {
    spki.strip_prefix(&SPKI_FRONT).and_then(LinkKey::from_slice)
}

/// This node's link key at work: signs handshakes, prints nothing, is wiped when dropped.
#[derive(Clone)]
pub(super) struct LinkSigner(Arc<SigningKey>);

impl LinkSigner {
    pub(super) fn from_seed(seed: &[u8; 32]) -> Self {
        Self(Arc::new(SigningKey::from_bytes(seed)))
    }

    pub(super) fn public(&self) -> LinkKey {
        LinkKey(self.0.verifying_key().to_bytes())
    }
}

impl fmt::Debug for LinkSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LinkSigner")
    }
}

impl rustls::sign::SigningKey for LinkSigner {
    fn choose_scheme(&self, offered: &[SignatureScheme]) -> Option<Box<dyn Signer>> {
        let signer: Box<dyn Signer> = Box::new(self.clone());
        offered.contains(&SignatureScheme::ED25519).then_some(signer)
    }

    fn public_key(&self) -> Option<SubjectPublicKeyInfoDer<'_>> {
        Some(to_spki(&self.public()).into())
    }

    fn algorithm(&self) -> SignatureAlgorithm {
        SignatureAlgorithm::ED25519
    }
}

impl Signer for LinkSigner {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Error> {
        Ok(self.0.sign(message).to_bytes().to_vec())
    }

    fn scheme(&self) -> SignatureScheme {
        SignatureScheme::ED25519
    }
}

/// The answer to a key that is not pinned: `access_denied` on the wire.
fn not_pinned() -> Error {
    Error::InvalidCertificate(CertificateError::ApplicationVerificationFailure)
}

/// The key shown, if it is one raw Ed25519 key and nothing else.
fn shown(key: &CertificateDer<'_>, others: &[CertificateDer<'_>]) -> Result<LinkKey, Error> {
    if !others.is_empty() {
        return Err(Error::InvalidCertificate(CertificateError::BadEncoding));
    }
    from_spki(key).ok_or(Error::InvalidCertificate(CertificateError::BadEncoding))
}

/// Whether the holder of the key shown signed this handshake.
fn verify(
    message: &[u8],
    key: &CertificateDer<'_>,
    signed: &DigitallySignedStruct,
) -> Result<HandshakeSignatureValid, Error> {
    let forged = || Error::InvalidCertificate(CertificateError::BadSignature);
    if signed.scheme != SignatureScheme::ED25519 {
        return Err(PeerIncompatible::NoSignatureSchemesInCommon.into());
    }
    let key = VerifyingKey::from_bytes(&shown(key, &[])?.0).map_err(|_| forged())?;
    let signature = Signature::from_slice(signed.signature()).map_err(|_| forged())?;
    key.verify_strict(message, &signature).map_err(|_| forged())?;
    Ok(HandshakeSignatureValid::assertion())
}

/// The client's verifier: exactly the node that was dialled.
#[derive(Debug)]
pub(super) struct Exactly(pub(super) LinkKey);

impl ServerCertVerifier for Exactly {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if shown(end_entity, intermediates)? == self.0 {
            Ok(ServerCertVerified::assertion())
        } else {
            Err(not_pinned())
        }
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _cert: &CertificateDer<'_>,
        _dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(PeerIncompatible::Tls13RequiredForQuic.into())
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        vec![SignatureScheme::ED25519]
    }

    fn requires_raw_public_keys(&self) -> bool {
        true
    }
}

/// The server's verifier: any node that is pinned now.
pub(super) struct AnyKnown(pub(super) Arc<dyn Pins>);

impl fmt::Debug for AnyKnown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AnyKnown")
    }
}

impl ClientCertVerifier for AnyKnown {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        if self.0.is_known(&shown(end_entity, intermediates)?) {
            Ok(ClientCertVerified::assertion())
        } else {
            Err(not_pinned())
        }
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _cert: &CertificateDer<'_>,
        _dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(PeerIncompatible::Tls13RequiredForQuic.into())
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        vec![SignatureScheme::ED25519]
    }

    fn requires_raw_public_keys(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_key_has_one_form_in_tls() {
        let key = LinkSigner::from_seed(&[7; 32]).public();
        let spki = to_spki(&key);
        assert_eq!(spki.len(), 44);
        assert_eq!(from_spki(&spki), Some(key));
        assert_eq!(from_spki(&spki[..43]), None);
        assert_eq!(from_spki(&[spki.as_slice(), &[0]].concat()), None);
    }
}
