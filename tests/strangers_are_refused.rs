//! Nobody gets as far as a message without holding a link key that is pinned, over the one protocol, with the
//! post-quantum key exchange. Callers here are built by hand from quinn and rustls where Homeward itself could not misbehave.

// A panic in a test is its failing.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]
// Callers are paced by a clock.
#![allow(clippy::disallowed_methods)]

mod strangers;

use homeward::id::LinkKey;
use homeward::limit;
use homeward::net::{ALPN, Endpoint, Link, LinkFault, NetConfig, Pins, Settings};
use homeward::time::Millis;
use quinn::crypto::rustls::{HandshakeData, QuicClientConfig, QuicServerConfig};
use rustls::client::danger::HandshakeSignatureValid;
use rustls::client::{
    AlwaysResolvesClientRawPublicKeys, ClientSessionStore, ResolvesClientCert, Resumption,
    Tls12ClientSessionValue, Tls13ClientSessionValue,
};
use rustls::crypto::{CryptoProvider, SupportedKxGroup, aws_lc_rs};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::server::AlwaysResolvesServerRawPublicKeys;
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::sign::{CertifiedKey, Signer, SigningKey, SingleCertAndKey};
use rustls::{
    DigitallySignedStruct, DistinguishedName, Error, NamedGroup, SignatureAlgorithm, SignatureScheme,
};
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use strangers::{AnyServer, spki};
use zeroize::Zeroizing;

const SERVER: u8 = 1;
const FRIEND: u8 = 2;
const STRANGER: u8 = 3;

// ---- the server, and time ----------------------------------------------------------------------------------

/// A guard against hanging, never a measure.
async fn in_time<T>(step: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(60), step).await.expect("it hangs")
}

#[derive(Default)]
struct Known(Mutex<BTreeSet<LinkKey>>);

impl Known {
    fn pin(&self, key: LinkKey) {
        self.0.lock().unwrap().insert(key);
    }
}

impl Pins for Known {
    fn is_known(&self, key: &LinkKey) -> bool {
        self.0.lock().unwrap().contains(key)
    }
}

fn endpoint(seed: u8, accepts: bool, pins: Arc<Known>) -> Endpoint {
    let listen = "127.0.0.1:0".parse().unwrap();
    let link_seed = Zeroizing::new([seed; 32]);
    let begun = Instant::now();
    let clock = Arc::new(move || Millis(begun.elapsed().as_millis() as u64));
    let settings = Settings::default();
    Endpoint::bind(NetConfig { listen, accepts, link_seed, settings, clock }, pins).unwrap()
}

/// A node that knows the friend alone.
fn server() -> (Endpoint, Arc<Known>) {
    let known = Arc::new(Known::default());
    known.pin(key(FRIEND));
    (endpoint(SERVER, true, known.clone()), known)
}

fn client(seed: u8) -> Endpoint {
    endpoint(seed, false, Arc::default())
}

fn key(seed: u8) -> LinkKey {
    strangers::link_key([seed; 32])
}

/// What the server makes of its next caller.
async fn answer(server: &Endpoint) -> Result<Link, LinkFault> {
    server.accept().await.unwrap().finish().await
}

/// Dials, says hello as soon as it may and waits for the first word back.
async fn call(client: &Endpoint, server: &Endpoint) -> Result<Option<Vec<u8>>, LinkFault> {
    let mut link = client.dial(server.local_address()?, key(SERVER)).await?;
    // A refusal may overtake the write; the read tells.
    let _ = link.sender().send(b"hello").await;
    link.receiver().next().await
}

/// The friend is still served: what was refused did no harm.
async fn the_friend_gets_through(server: &Endpoint) {
    let friend = client(FRIEND);
    let answer = async {
        // Packets of callers that gave up may still come in before the friend's: none of them is waited for.
        let mut handshakes = tokio::task::JoinSet::new();
        let mut link = loop {
            tokio::select! {
                incoming = server.accept() => drop(handshakes.spawn(incoming.unwrap().finish())),
                Some(ended) = handshakes.join_next() => if let Ok(link) = ended.unwrap() { break link },
            }
        };
        assert_eq!(link.peer(), key(FRIEND));
        assert_eq!(link.receiver().next().await.unwrap().unwrap(), b"hello");
        link.sender().send(b"welcome").await.unwrap();
        // Keeps the link until the other side has read.
        link.receiver().next().await
    };
    // Those packets may hold every place for a while: whoever is told that the node is busy dials again, as a node does.
    let speak = async {
        loop {
            match call(&friend, server).await {
                Err(LinkFault::Busy) => tokio::task::yield_now().await,
                heard => break heard,
            }
        }
    };
    let (heard, _) = tokio::join!(in_time(speak), in_time(answer));
    assert_eq!(heard.unwrap().unwrap(), b"welcome");
}

// ---- callers built by hand ---------------------------------------------------------------------------------

/// A key that signs whatever way the test wants, shown as whatever bytes it wants.
struct Shown {
    sign: fn(&[u8]) -> Vec<u8>,
}

impl std::fmt::Debug for Shown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Shown")
    }
}

impl SigningKey for Shown {
    fn choose_scheme(&self, _: &[SignatureScheme]) -> Option<Box<dyn Signer>> {
        Some(Box::new(Self { sign: self.sign }))
    }
    fn algorithm(&self) -> SignatureAlgorithm {
        SignatureAlgorithm::ED25519
    }
}

impl Signer for Shown {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Error> {
        Ok((self.sign)(message))
    }
    fn scheme(&self) -> SignatureScheme {
        SignatureScheme::ED25519
    }
}

fn sign_as<const SEED: u8>(message: &[u8]) -> Vec<u8> {
    ed25519_dalek::Signer::sign(&ed25519_dalek::SigningKey::from_bytes(&[SEED; 32]), message)
        .to_bytes()
        .to_vec()
}

fn certified(shown: LinkKey, sign: fn(&[u8]) -> Vec<u8>) -> Arc<CertifiedKey> {
    Arc::new(CertifiedKey::new(vec![spki(&shown)], Arc::new(Shown { sign })))
}

fn friend() -> Arc<CertifiedKey> {
    certified(key(FRIEND), sign_as::<FRIEND>)
}

/// Takes any client with a raw key.
#[derive(Debug)]
struct AnyClient;

impl ClientCertVerifier for AnyClient {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }
    fn verify_client_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        Ok(ClientCertVerified::assertion())
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
        vec![SignatureScheme::ED25519]
    }
    fn requires_raw_public_keys(&self) -> bool {
        true
    }
}

/// A caller that does everything right, unless a test changes one thing.
struct ByHand {
    groups: Vec<&'static dyn SupportedKxGroup>,
    alpn: Vec<Vec<u8>>,
    identity: Option<Arc<dyn ResolvesClientCert>>,
    raw_server: bool,
    version: u32,
    memory: Resumption,
}

impl ByHand {
    fn friend() -> Self {
        Self::showing(friend())
    }

    fn showing(key: Arc<CertifiedKey>) -> Self {
        Self {
            groups: vec![aws_lc_rs::kx_group::X25519MLKEM768],
            alpn: vec![ALPN.to_vec()],
            identity: Some(Arc::new(AlwaysResolvesClientRawPublicKeys::new(key))),
            raw_server: true,
            version: 1,
            memory: Resumption::disabled(),
        }
    }

    fn dial(self, address: SocketAddr) -> (quinn::Endpoint, quinn::Connecting) {
        let provider = CryptoProvider { kx_groups: self.groups, ..aws_lc_rs::default_provider() };
        let tls = rustls::ClientConfig::builder_with_provider(Arc::new(provider))
            .with_protocol_versions(&[&rustls::version::TLS13])
            .unwrap()
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(AnyServer { raw: self.raw_server }));
        let mut tls = match self.identity {
            Some(identity) => tls.with_client_cert_resolver(identity),
            None => tls.with_no_client_auth(),
        };
        tls.alpn_protocols = self.alpn;
        tls.resumption = self.memory;
        let mut config = quinn::ClientConfig::new(Arc::new(QuicClientConfig::try_from(tls).unwrap()));
        config.version(self.version);
        let endpoint = quinn::Endpoint::client("127.0.0.1:0".parse().unwrap()).unwrap();
        let connecting = endpoint.connect_with(config, address, "anything").unwrap();
        (endpoint, connecting)
    }

    /// Goes as far as it can: handshake, a frame, the first read. Returns what ended it.
    async fn try_to_speak(self, address: SocketAddr) -> quinn::ConnectionError {
        let (_endpoint, connecting) = self.dial(address);
        let connection = match connecting.await {
            Ok(connection) => connection,
            Err(error) => return error,
        };
        if let Ok((mut send, _receive)) = connection.open_bi().await {
            let _ = send.write_all(b"\x00\x00\x00\x05hello").await;
            return connection.closed().await;
        }
        connection.closed().await
    }

    /// Tries, and shows how both sides saw it.
    async fn against(self, server: &Endpoint) -> (LinkFault, quinn::ConnectionError) {
        let address = server.local_address().unwrap();
        let (seen, felt) = in_time(async { tokio::join!(answer(server), self.try_to_speak(address)) }).await;
        (seen.err().expect("no link may come of this"), felt)
    }
}

/// A server that lets anyone in and shows what the test wants.
fn tls_server(identity: Arc<CertifiedKey>) -> quinn::ServerConfig {
    let provider = CryptoProvider {
        kx_groups: vec![aws_lc_rs::kx_group::X25519MLKEM768],
        ..aws_lc_rs::default_provider()
    };
    let mut tls = rustls::ServerConfig::builder_with_provider(Arc::new(provider))
        .with_protocol_versions(&[&rustls::version::TLS13])
        .unwrap()
        .with_client_cert_verifier(Arc::new(AnyClient))
        .with_cert_resolver(Arc::new(AlwaysResolvesServerRawPublicKeys::new(identity)));
    tls.alpn_protocols = vec![ALPN.to_vec()];
    quinn::ServerConfig::with_crypto(Arc::new(QuicServerConfig::try_from(tls).unwrap()))
}

// ---- promises ----------------------------------------------------------------------------------------------

#[tokio::test]
async fn the_hand_made_caller_is_let_in_when_it_does_everything_right() {
    // Otherwise the refusals below would prove nothing.
    let (server, _) = server();
    let (_endpoint, connecting) = ByHand::friend().dial(server.local_address().unwrap());
    let speak = async {
        let connection = connecting.await.unwrap();
        let (mut send, receive) = connection.open_bi().await.unwrap();
        send.write_all(b"\x00\x00\x00\x05hello").await.unwrap();
        (connection, send, receive)
    };
    let (link, _open) = in_time(async { tokio::join!(answer(&server), speak) }).await;
    let mut link = link.unwrap();
    assert_eq!(in_time(link.receiver().next()).await.unwrap().unwrap(), b"hello");
    assert_eq!(link.peer(), key(FRIEND));
}

#[tokio::test]
async fn both_ends_of_a_link_know_the_same_secret_and_each_link_has_its_own() {
    let (server, _) = server();
    let friend = client(FRIEND);
    let mut seen = BTreeSet::new();
    for _ in 0..2 {
        let dial = async {
            let mut link = friend.dial(server.local_address().unwrap(), key(SERVER)).await.unwrap();
            link.sender().send(b"hello").await.unwrap();
            link
        };
        let (near, far) = in_time(async { tokio::join!(dial, answer(&server)) }).await;
        let far = far.unwrap();
        assert_eq!((near.peer(), far.peer()), (key(SERVER), key(FRIEND)));
        assert!(near.dialled() && !far.dialled());
        assert_eq!(near.exporter(), far.exporter());
        seen.insert(near.exporter());
    }
    assert_eq!(seen.len(), 2);
}

#[tokio::test]
async fn a_caller_whose_key_is_not_pinned_is_refused_until_it_is() {
    let (server, known) = server();
    let stranger = client(STRANGER);
    let (seen, felt) = in_time(async { tokio::join!(answer(&server), call(&stranger, &server)) }).await;
    assert_eq!(seen.err(), Some(LinkFault::Stranger));
    assert_eq!(felt, Err(LinkFault::UnknownThere));
    the_friend_gets_through(&server).await;

    known.pin(key(STRANGER));
    let dial = stranger.dial(server.local_address().unwrap(), key(SERVER));
    let (seen, _felt) = in_time(async {
        tokio::join!(answer(&server), async {
            let mut link = dial.await.unwrap();
            link.sender().send(b"hello").await.unwrap();
            link
        })
    })
    .await;
    assert_eq!(seen.unwrap().peer(), key(STRANGER));
}

#[tokio::test]
async fn what_answers_with_another_key_is_not_spoken_to() {
    let (server, _) = server();
    let friend = client(FRIEND);
    let dial = friend.dial(server.local_address().unwrap(), key(STRANGER));
    let (seen, felt) = in_time(async { tokio::join!(answer(&server), dial) }).await;
    assert_eq!(felt.err(), Some(LinkFault::WrongKey));
    assert!(seen.is_err());
    the_friend_gets_through(&server).await;
}

#[tokio::test]
async fn a_caller_that_shows_a_key_it_does_not_hold_is_refused() {
    let (server, _) = server();
    let borrowed = certified(key(FRIEND), sign_as::<STRANGER>);
    let (seen, _) = ByHand::showing(borrowed).against(&server).await;
    assert_eq!(seen, LinkFault::Forged);
    the_friend_gets_through(&server).await;
}

#[tokio::test]
async fn a_key_for_which_anyone_can_sign_lets_nobody_in_even_if_pinned() {
    // The neutral point as public key: (R = neutral, s = 0) satisfies the plain equation for every message.
    let mut neutral = [0; 32];
    neutral[0] = 1;
    let (server, known) = server();
    known.pin(LinkKey(neutral));
    fn anyone(_: &[u8]) -> Vec<u8> {
        let mut signature = vec![0; 64];
        signature[0] = 1;
        signature
    }
    let plain = ed25519_dalek::VerifyingKey::from_bytes(&neutral).unwrap();
    let signature = ed25519_dalek::Signature::from_slice(&anyone(b"")).unwrap();
    assert!(ed25519_dalek::Verifier::verify(&plain, b"anything", &signature).is_ok());
    let (seen, _) = ByHand::showing(certified(LinkKey(neutral), anyone)).against(&server).await;
    assert_eq!(seen, LinkFault::Forged);
}

#[tokio::test]
async fn a_server_that_shows_a_key_it_does_not_hold_is_not_spoken_to() {
    let config = tls_server(certified(key(SERVER), sign_as::<STRANGER>));
    let fake = quinn::Endpoint::server(config, "127.0.0.1:0".parse().unwrap()).unwrap();
    let friend = client(FRIEND);
    let answer = async { fake.accept().await.unwrap().await.err() };
    let dial = friend.dial(fake.local_addr().unwrap(), key(SERVER));
    let (felt, seen) = in_time(async { tokio::join!(dial, answer) }).await;
    assert_eq!(felt.err(), Some(LinkFault::Forged));
    assert!(seen.is_some());
}

#[tokio::test]
async fn a_caller_without_the_post_quantum_exchange_is_refused() {
    for groups in [
        vec![aws_lc_rs::kx_group::X25519],
        vec![aws_lc_rs::kx_group::SECP256R1, aws_lc_rs::kx_group::SECP384R1],
    ] {
        let (server, _) = server();
        let (seen, felt) = ByHand { groups, ..ByHand::friend() }.against(&server).await;
        assert_eq!(seen, LinkFault::Incompatible);
        assert!(matches!(felt, quinn::ConnectionError::ConnectionClosed(_)), "{felt}");
        the_friend_gets_through(&server).await;
    }
}

#[tokio::test]
async fn a_classical_key_share_beside_the_post_quantum_group_buys_nothing() {
    // The caller guesses X25519 and also knows the hybrid: the server insists on the hybrid, one round trip later.
    let (server, _) = server();
    let groups = vec![aws_lc_rs::kx_group::X25519, aws_lc_rs::kx_group::X25519MLKEM768];
    let (_endpoint, connecting) = ByHand { groups, ..ByHand::friend() }.dial(server.local_address().unwrap());
    let speak = async {
        let connection = connecting.await.unwrap();
        let (mut send, receive) = connection.open_bi().await.unwrap();
        send.write_all(b"\x00\x00\x00\x05hello").await.unwrap();
        (connection, send, receive)
    };
    let (link, _open) = in_time(async { tokio::join!(answer(&server), speak) }).await;
    assert_eq!(link.unwrap().peer(), key(FRIEND));
}

#[tokio::test]
async fn another_application_protocol_or_none_is_refused() {
    for alpn in [vec![b"h3".to_vec()], vec![b"homeward/2".to_vec()], Vec::new()] {
        let (server, _) = server();
        let (seen, _) = ByHand { alpn, ..ByHand::friend() }.against(&server).await;
        assert_eq!(seen, LinkFault::Incompatible);
        the_friend_gets_through(&server).await;
    }
}

#[tokio::test]
async fn a_caller_with_certificates_instead_of_raw_keys_is_refused() {
    // The bytes need not be a good certificate: the kind alone is refused, before any is sent.
    let certificate = || -> Arc<dyn ResolvesClientCert> {
        let seed =
            [&[0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20][..], &[FRIEND; 32]];
        let key = PrivateKeyDer::Pkcs8(seed.concat().into());
        let key = aws_lc_rs::default_provider().key_provider.load_private_key(key).unwrap();
        Arc::new(SingleCertAndKey::from(CertifiedKey::new(vec![spki(&self::key(FRIEND))], key)))
    };
    for raw_server in [true, false] {
        let (server, _) = server();
        let caller = ByHand { identity: Some(certificate()), raw_server, ..ByHand::friend() };
        let (seen, _) = caller.against(&server).await;
        assert_eq!(seen, LinkFault::Incompatible);
        the_friend_gets_through(&server).await;
    }
}

#[tokio::test]
async fn a_caller_without_any_key_is_refused() {
    let (server, _) = server();
    let (seen, _) = ByHand { identity: None, ..ByHand::friend() }.against(&server).await;
    assert_eq!(seen, LinkFault::Incompatible);
    the_friend_gets_through(&server).await;
}

#[tokio::test]
async fn a_caller_with_two_keys_is_refused() {
    let (server, _) = server();
    let two = vec![spki(&key(FRIEND)), spki(&key(STRANGER))];
    let two = Arc::new(CertifiedKey::new(two, Arc::new(Shown { sign: sign_as::<FRIEND> })));
    let (_seen, _) = ByHand::showing(two).against(&server).await;
    the_friend_gets_through(&server).await;
}

#[tokio::test]
async fn no_earlier_version_of_quic_or_tls_can_be_agreed_on() {
    // TLS 1.2 is not even compiled in.
    assert_eq!(rustls::ALL_VERSIONS.len(), 1);
    // A draft of QUIC is answered with the list of versions, and no handshake begins.
    let (server, _) = server();
    let address = server.local_address().unwrap();
    let felt = in_time(ByHand { version: 0xff00_001d, ..ByHand::friend() }.try_to_speak(address)).await;
    assert_eq!(felt, quinn::ConnectionError::VersionMismatch);
    assert_eq!(server.handshakes(), 0);
    the_friend_gets_through(&server).await;
}

/// Counts the tickets that a server hands out.
#[derive(Debug, Default)]
struct Tickets(AtomicUsize);

impl ClientSessionStore for Tickets {
    fn set_kx_hint(&self, _: ServerName<'static>, _: NamedGroup) {}
    fn kx_hint(&self, _: &ServerName<'_>) -> Option<NamedGroup> {
        None
    }
    fn set_tls12_session(&self, _: ServerName<'static>, _: Tls12ClientSessionValue) {}
    fn tls12_session(&self, _: &ServerName<'_>) -> Option<Tls12ClientSessionValue> {
        None
    }
    fn remove_tls12_session(&self, _: &ServerName<'static>) {}
    fn insert_tls13_ticket(&self, _: ServerName<'static>, _: Tls13ClientSessionValue) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
    fn take_tls13_ticket(&self, _: &ServerName<'static>) -> Option<Tls13ClientSessionValue> {
        None
    }
}

#[tokio::test]
async fn no_ticket_is_handed_out_by_which_a_caller_could_come_back() {
    let (server, _) = server();
    let tickets = Arc::new(Tickets::default());
    let memory = Resumption::store(tickets.clone());
    let (_endpoint, connecting) = ByHand { memory, ..ByHand::friend() }.dial(server.local_address().unwrap());
    let speak = async {
        let connection = connecting.await.unwrap();
        let (mut send, mut receive) = connection.open_bi().await.unwrap();
        send.write_all(b"\x00\x00\x00\x05hello").await.unwrap();
        // Tickets come with the end of the handshake, before any frame.
        receive.read_exact(&mut [0; 11]).await.unwrap();
        connection
    };
    let welcome = async {
        let mut link = answer(&server).await.unwrap();
        link.sender().send(b"welcome").await.unwrap();
        link
    };
    let (_link, _connection) = in_time(async { tokio::join!(welcome, speak) }).await;
    assert_eq!(tickets.0.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_dial_names_no_server() {
    let config = tls_server(certified(key(SERVER), sign_as::<SERVER>));
    let server = quinn::Endpoint::server(config, "127.0.0.1:0".parse().unwrap()).unwrap();
    let friend = client(FRIEND);
    let answer = async { server.accept().await.unwrap().await.unwrap() };
    let dial = friend.dial(server.local_addr().unwrap(), key(SERVER));
    let (link, connection) = in_time(async { tokio::join!(dial, answer) }).await;
    assert!(link.is_ok());
    let shook = connection.handshake_data().unwrap().downcast::<HandshakeData>().unwrap();
    assert_eq!(shook.server_name, None);
    assert_eq!(shook.protocol.as_deref(), Some(ALPN));
}

#[tokio::test]
async fn a_frame_of_a_forbidden_length_ends_the_link() {
    for length in [0u32, limit::FRAME_BYTES as u32 + 1, u32::MAX] {
        let (server, _) = server();
        let (_endpoint, connecting) = ByHand::friend().dial(server.local_address().unwrap());
        let speak = async {
            let connection = connecting.await.unwrap();
            let (mut send, _receive) = connection.open_bi().await.unwrap();
            send.write_all(&length.to_be_bytes()).await.unwrap();
            connection.closed().await
        };
        let hear = async { answer(&server).await.unwrap().receiver().next().await };
        let (felt, seen) = in_time(async { tokio::join!(speak, hear) }).await;
        assert_eq!(seen, Err(LinkFault::FrameLength));
        assert!(matches!(felt, quinn::ConnectionError::ApplicationClosed(_)), "{felt}");
    }
}

#[tokio::test]
async fn a_stream_that_ends_within_a_frame_is_a_fault() {
    let (server, _) = server();
    let (_endpoint, connecting) = ByHand::friend().dial(server.local_address().unwrap());
    let speak = async {
        let connection = connecting.await.unwrap();
        let (mut send, _receive) = connection.open_bi().await.unwrap();
        send.write_all(b"\x00\x00\x00\x05hell").await.unwrap();
        send.finish().unwrap();
        connection.closed().await
    };
    let hear = async { answer(&server).await.unwrap().receiver().next().await };
    let (_, seen) = in_time(async { tokio::join!(speak, hear) }).await;
    assert_eq!(seen, Err(LinkFault::FrameCut));
}

#[tokio::test]
async fn a_caller_may_open_one_stream_and_nothing_else() {
    let (server, _) = server();
    let (_endpoint, connecting) = ByHand::friend().dial(server.local_address().unwrap());
    let speak = async {
        let connection = connecting.await.unwrap();
        let (mut send, receive) = connection.open_bi().await.unwrap();
        send.write_all(b"\x00\x00\x00\x05hello").await.unwrap();
        assert_eq!(connection.max_datagram_size(), None, "no datagrams");
        (connection, send, receive)
    };
    let (link, (connection, _send, _receive)) = in_time(async { tokio::join!(answer(&server), speak) }).await;
    let link = link.unwrap();
    // Opening waits for leave that never comes: it is still waiting when the link ends.
    let more = async { tokio::join!(connection.open_bi(), connection.open_uni()) };
    let end = async { link.handle().close(16) };
    let ((bidirectional, one_way), ()) = in_time(async { tokio::join!(more, end) }).await;
    assert!(bidirectional.is_err() && one_way.is_err());
}

#[tokio::test]
async fn a_node_that_only_dials_answers_nobody() {
    let silent = client(SERVER);
    assert!(in_time(silent.accept()).await.is_none());
}

#[test]
fn faults_name_no_address_and_no_key() {
    for fault in [LinkFault::Stranger, LinkFault::Closed(17), LinkFault::Address, LinkFault::Lost] {
        let said = format!("{fault} {fault:?}");
        assert!(!said.contains("127.0.0.1") && !said.contains(&key(FRIEND).short()), "{said}");
    }
}
