//! What someone learns who should learn nothing: the exact bytes and codes, and that they do not depend on what a node
//! holds.
//!
//! Three kinds of callers: one whose key is not pinned gets as far as the TLS handshake and sees this node's public
//! link key, as it stands on its card, and one alert; one whose key is pinned and who does not prove who it is sees one
//! close code; a known partner with no circle in common sees a hello and an opening that say nothing of any circle. In
//! each case a node that holds nothing and one that holds much of others answer the same.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "what goes wrong here fails the test"
)]

#[path = "hub/chance.rs"]
mod chance;
#[allow(dead_code, reason = "its network is not needed here")]
#[path = "hub/net.rs"]
mod net;
mod strangers;
#[allow(dead_code, reason = "only its offices are needed here")]
#[path = "hub/world.rs"]
mod world;

use ed25519_dalek::SigningKey;
use homeward::id::LinkKey;
use homeward::log::{Closure, ClosurePoint};
use homeward::net::{ALPN, Endpoint, NetConfig, Pins, Settings};
use homeward::sign::{Sign, Signed};
use homeward::sync::{CircleRecord, CloseCode, Hub, Input, LinkId, Output};
use homeward::time::Millis;
use quinn::crypto::rustls::QuicClientConfig;
use rustls::client::AlwaysResolvesClientRawPublicKeys;
use rustls::crypto::{CryptoProvider, SupportedKxGroup, aws_lc_rs};
use rustls::pki_types::CertificateDer;
use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;
use strangers::{AnyServer, spki};
use world::{DAWN, Office, World};
use zeroize::Zeroizing;

// ---- callers that a hub hears ------------------------------------------------------------------------------

/// What the other end of a link gets.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Seen {
    Frame(Vec<u8>),
    Close(CloseCode),
}

const LINK: LinkId = LinkId(1);
const EXPORTER: [u8; 32] = [5; 32];

/// A hub whose signatures and saves happen at once.
struct Party {
    hub: Hub,
    key: SigningKey,
}

impl Party {
    fn new(office: &Office) -> Self {
        let mut party = Self { hub: Hub::new(office.start(7)), key: office.key.clone() };
        party.tell(DAWN, Input::Wake);
        party
    }

    fn tell(&mut self, now: Millis, input: Input) -> Vec<Seen> {
        let mut inputs = VecDeque::from([input]);
        let mut seen = Vec::new();
        while let Some(input) = inputs.pop_front() {
            self.hub.handle(now, input);
            while let Some(output) = self.hub.poll() {
                match output {
                    Output::Send { frame, .. } => seen.push(Seen::Frame(frame)),
                    Output::Close { code, .. } => seen.push(Seen::Close(code)),
                    Output::Sign { ticket, domain, bytes } => {
                        inputs.push_back(Input::Signed { ticket, signature: self.key.sign(domain, &bytes) });
                    }
                    Output::Save { ticket, .. } => inputs.push_back(Input::Saved { ticket }),
                    Output::Load { ticket, .. } | Output::LoadBranch { ticket, .. } => {
                        inputs.push_back(Input::Loaded { ticket, segments: Vec::new() });
                    }
                    Output::Dial { .. } | Output::Event(_) => {}
                }
            }
        }
        seen
    }

    /// Is called by whoever shows this link key; what the caller sees at once.
    fn called_by(&mut self, peer: LinkKey) -> Vec<Seen> {
        self.tell(DAWN, Input::Linked { link: LINK, dialled: false, peer, exporter: EXPORTER })
    }

    /// Hears these frames; what the caller sees of it.
    fn hears(&mut self, frames: &[Vec<u8>]) -> Vec<Seen> {
        let hear = |bytes: &Vec<u8>| self.tell(DAWN, Input::Frame { link: LINK, bytes: bytes.clone() });
        frames.iter().flat_map(hear).collect()
    }
}

/// What a caller says first to the office it dials, on a link with this exporter.
fn opening(caller: &Office, called: &Office, exporter: [u8; 32]) -> Vec<Vec<u8>> {
    let peer = called.certificate.link;
    let said = Party::new(caller).tell(DAWN, Input::Linked { link: LINK, dialled: true, peer, exporter });
    said.into_iter()
        .map(|seen| match seen {
            Seen::Frame(frame) => frame,
            Seen::Close(code) => panic!("the caller gives up: {code:?}"),
        })
        .collect()
}

const CALLED: usize = 0;
const CALLER: usize = 1;
const THIRD: usize = 2;

/// The world in which office 0 holds nothing, or two circles with the third office and what was said there.
fn world(holds_much: bool) -> World {
    let mut world = World::new(3, 4);
    if holds_much {
        for carriers in [vec![], vec![3]] {
            let circle = world.circle(&[CALLED, THIRD], &carriers);
            (0..5).for_each(|_| world.write(CALLED, circle, 900));
        }
    }
    world
}

/// Calls both worlds in the same way: both must answer alike. Returns that answer.
fn both(prepare: impl Fn(&mut World), call: impl Fn(&World, &mut Party) -> Vec<Seen>) -> Vec<Seen> {
    let [little, much] = [false, true].map(|holds_much| {
        let mut world = world(holds_much);
        prepare(&mut world);
        let mut called = Party::new(&world.offices[CALLED]);
        call(&world, &mut called)
    });
    assert_eq!(little, much, "the answer depends on what a node holds");
    much
}

fn forgets_the_caller(world: &mut World) {
    let caller = world.offices[CALLER].partner();
    world.offices[CALLED].disk.cards.remove(&caller);
}

const REFUSED: [Seen; 1] = [Seen::Close(CloseCode::Refused)];

#[test]
fn who_does_not_prove_who_it_is_sees_one_code() {
    let nothing: fn(&mut World) = |_| ();
    let hello = |world: &World, exporter| {
        opening(&world.offices[CALLER], &world.offices[CALLED], exporter)[..1].to_vec()
    };
    let calls_as = |world: &World, called: &mut Party, who: usize, frames: &[Vec<u8>]| {
        let mut seen = called.called_by(world.offices[who].certificate.link);
        seen.extend(called.hears(frames));
        seen
    };
    // A partner whose card is not here. (Its key is not pinned, so it would not get this far.)
    let unknown = both(forgets_the_caller, |w, called| calls_as(w, called, CALLER, &hello(w, EXPORTER)));
    assert_eq!(unknown, REFUSED);
    // A known one whose hello was made for another link: overheard and said again, or passed on by someone between.
    let elsewhere = both(nothing, |w, called| calls_as(w, called, CALLER, &hello(w, [6; 32])));
    assert_eq!(elsewhere, REFUSED);
    // One who says that it is another partner's node.
    let another = both(nothing, |w, called| calls_as(w, called, THIRD, &hello(w, EXPORTER)));
    assert_eq!(another, REFUSED);
    // One who says nothing.
    let silent = both(nothing, |w, called| {
        assert_eq!(called.called_by(w.offices[CALLER].certificate.link), []);
        called.tell(DAWN.plus(60_000), Input::Wake)
    });
    assert_eq!(silent, REFUSED);
    // One who says what is no message.
    let noise = both(nothing, |w, called| calls_as(w, called, CALLER, &[vec![0xff; 100]]));
    assert_eq!(noise, [Seen::Close(CloseCode::Protocol)]);
    // The same from one who is unknown, and who is not told either that links are paused.
    let noise = both(forgets_the_caller, |w, called| calls_as(w, called, CALLER, &[vec![0xff; 100]]));
    assert_eq!(noise, [Seen::Close(CloseCode::Protocol)]);
    let paused = both(forgets_the_caller, |w, called| {
        called.tell(DAWN, Input::Pause(None));
        calls_as(w, called, CALLER, &hello(w, EXPORTER))
    });
    assert_eq!(paused, REFUSED);
    let paused = both(nothing, |w, called| {
        called.tell(DAWN, Input::Pause(None));
        called.called_by(w.offices[CALLER].certificate.link)
    });
    assert_eq!(paused, [Seen::Close(CloseCode::Paused)]);
}

#[test]
fn a_closed_node_sees_the_same_code() {
    let mut world = World::new(3, 3);
    let circle = world.circle(&[CALLED, CALLER, THIRD], &[]);
    world.write(CALLED, circle, 900);
    let lost = &world.offices[CALLER];
    let closure = Closure {
        version: 1,
        circle,
        partner: lost.partner(),
        node: lost.node(),
        serial: 1,
        retired: true,
        time: DAWN,
        through: Vec::<ClosurePoint>::new(),
    };
    let closure = CircleRecord::Closure(Signed::sign(closure, &lost.partner_key).unwrap());
    let frames = opening(&world.offices[CALLER], &world.offices[CALLED], EXPORTER);
    let link = world.offices[CALLER].certificate.link;
    let before = Party::new(&world.offices[CALLED]).called_by(link);
    assert_eq!(before, [], "a node that is not closed is heard first");
    world.offices[CALLED].disk.records.insert(closure.hash(), closure);
    let mut called = Party::new(&world.offices[CALLED]);
    let mut seen = called.called_by(link);
    seen.extend(called.hears(&frames));
    assert_eq!(seen, REFUSED);
}

#[test]
fn a_partner_with_no_circle_in_common_sees_no_circle() {
    // Whether its office is trusted is not asked here: what is shared decides, and nothing is.
    let seen = both(
        |_| (),
        |world, called| {
            let mut seen = called.called_by(world.offices[CALLER].certificate.link);
            seen.extend(called.hears(&opening(&world.offices[CALLER], &world.offices[CALLED], EXPORTER)));
            seen.extend(called.tell(DAWN.plus(5_000), Input::Wake));
            seen
        },
    );
    let frames: Vec<&Vec<u8>> = seen
        .iter()
        .map(|seen| match seen {
            Seen::Frame(frame) => frame,
            Seen::Close(code) => panic!("a known partner is let in, not closed with {code:?}"),
        })
        .collect();
    assert!(!frames.is_empty());
    let world = world(true);
    let mut secrets: Vec<Vec<u8>> =
        world.offices[CALLED].disk.circles.keys().map(|circle| circle.0.to_vec()).collect();
    for office in [2, 3] {
        secrets.extend([world.offices[office].partner().0.to_vec(), world.offices[office].node().0.to_vec()]);
    }
    assert_eq!(secrets.len(), 6);
    for frame in frames {
        for secret in &secrets {
            assert!(!frame.windows(32).any(|part| part == secret.as_slice()), "it is told of others");
        }
    }
}

// ---- callers that the transport turns down -----------------------------------------------------------------

const SERVER: u8 = 1;
const FRIEND: u8 = 2;
const STRANGER: u8 = 3;

struct Known(BTreeSet<LinkKey>);

impl Pins for Known {
    fn is_known(&self, key: &LinkKey) -> bool {
        self.0.contains(key)
    }
}

fn link_key(seed: u8) -> LinkKey {
    strangers::link_key([seed; 32])
}

fn server(pinned: &[u8]) -> Endpoint {
    let known = Arc::new(Known(pinned.iter().map(|seed| link_key(*seed)).collect()));
    let config = NetConfig {
        listen: "127.0.0.1:0".parse().unwrap(),
        accepts: true,
        link_seed: Zeroizing::new([SERVER; 32]),
        settings: Settings::default(),
        clock: Arc::new(|| Millis(0)),
    };
    Endpoint::bind(config, known).unwrap()
}

/// A stranger's way to call.
#[derive(Clone, Copy)]
struct Call {
    group: &'static dyn SupportedKxGroup,
    alpn: &'static [u8],
    /// The key shown and the key signed with.
    shows: Option<(u8, u8)>,
}

impl Call {
    fn showing(shown: u8, signs: u8) -> Self {
        Self { group: aws_lc_rs::kx_group::X25519MLKEM768, alpn: ALPN, shows: Some((shown, signs)) }
    }
}

/// What a caller is told: the transport's code, its words, and whose key it saw.
#[derive(Debug, PartialEq, Eq)]
struct ToldCaller {
    code: u64,
    words: String,
    saw: Option<Vec<u8>>,
}

async fn call(server: &Endpoint, call: Call) -> ToldCaller {
    let provider = CryptoProvider { kx_groups: vec![call.group], ..aws_lc_rs::default_provider() };
    let tls = rustls::ClientConfig::builder_with_provider(Arc::new(provider))
        .with_protocol_versions(&[&rustls::version::TLS13])
        .unwrap()
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(AnyServer { raw: true }));
    let mut tls = match call.shows {
        Some((shown, signs)) => {
            let key = strangers::identity(&link_key(shown), [signs; 32]);
            tls.with_client_cert_resolver(Arc::new(AlwaysResolvesClientRawPublicKeys::new(key)))
        }
        None => tls.with_no_client_auth(),
    };
    tls.alpn_protocols = vec![call.alpn.to_vec()];
    let config = quinn::ClientConfig::new(Arc::new(QuicClientConfig::try_from(tls).unwrap()));
    let endpoint = quinn::Endpoint::client("127.0.0.1:0".parse().unwrap()).unwrap();
    let connecting = endpoint.connect_with(config, server.local_address().unwrap(), "anything").unwrap();
    let caller = async {
        match connecting.await {
            Err(error) => (error, None),
            Ok(connection) => {
                let saw = connection.peer_identity().unwrap();
                let saw = saw.downcast::<Vec<CertificateDer<'static>>>().unwrap();
                (connection.closed().await, Some(saw.iter().flat_map(|key| key.to_vec()).collect()))
            }
        }
    };
    let called = async { server.accept().await.unwrap().finish().await.err().expect("no link comes of it") };
    let both = async { tokio::join!(caller, called) };
    let ((error, saw), _) = tokio::time::timeout(Duration::from_secs(30), both).await.expect("it hangs");
    match error {
        quinn::ConnectionError::ConnectionClosed(close) => ToldCaller {
            code: close.error_code.into(),
            words: String::from_utf8(close.reason.to_vec()).unwrap(),
            saw,
        },
        other => panic!("the caller was told otherwise: {other:?}"),
    }
}

#[tokio::test]
async fn a_key_that_is_not_pinned_sees_one_alert_and_the_key_on_our_card() {
    let classical = Call { group: aws_lc_rs::kx_group::X25519, ..Call::showing(FRIEND, FRIEND) };
    let other_protocol = Call { alpn: b"h3", ..Call::showing(FRIEND, FRIEND) };
    let no_key = Call { shows: None, ..Call::showing(FRIEND, FRIEND) };
    let ways = [
        ("a key that is not pinned", Call::showing(STRANGER, STRANGER)),
        ("a pinned key that it does not hold", Call::showing(FRIEND, STRANGER)),
        ("no key", no_key),
        ("another protocol", other_protocol),
        ("no post-quantum key exchange", classical),
    ];
    let mut told = Vec::new();
    for (name, way) in ways {
        // One who knows many partners and one who knows one.
        let [many, few] = [&[FRIEND, 4, 5, 6, 7][..], &[FRIEND]].map(server);
        let (of_many, of_few) = (call(&many, way).await, call(&few, way).await);
        assert_eq!(of_many, of_few, "{name}: the answer depends on whom a node knows");
        if let Some(saw) = &of_many.saw {
            assert_eq!(
                saw.as_slice(),
                spki(&link_key(SERVER)).as_ref(),
                "{name}: the key on the card, and nothing beside it"
            );
        }
        told.push((name, of_many.code, of_many.words, of_many.saw.is_some()));
    }
    // A node that knows nobody answers a stranger as one that knows many does.
    let nobody = call(&server(&[]), Call::showing(STRANGER, STRANGER)).await;
    assert_eq!(nobody, call(&server(&[4, 5]), Call::showing(STRANGER, STRANGER)).await);
    // Exactly this. The words are rustls' own and say nothing that the code does not.
    let told: Vec<(&str, u64, &str, bool)> =
        told.iter().map(|(name, code, words, saw)| (*name, *code, words.as_str(), *saw)).collect();
    assert_eq!(told, TOLD);
}

/// The way to call, the code (a TLS alert as QUIC carries it: RFC 9001, section 4.8), the words that come along, and
/// whether the handshake went so far that the node's key was seen.
const TOLD: [(&str, u64, &str, bool); 5] = [
    ("a key that is not pinned", 0x131, "invalid peer certificate: ApplicationVerificationFailure", true),
    ("a pinned key that it does not hold", 0x133, "invalid peer certificate: BadSignature", true),
    ("no key", 0x128, "peer is incompatible: IncorrectCertificateTypeExtension", false),
    ("another protocol", 0x178, "peer doesn't support any known protocol", false),
    ("no post-quantum key exchange", 0x128, "peer is incompatible: NoKxGroupsInCommon", false),
];
