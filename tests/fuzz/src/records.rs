//! Frames and signed records.

use super::Given;
use homeward::carry::Evidence;
use homeward::codec;
use homeward::id::PartnerId;
use homeward::log::{
    ChainEnd, Charter, Closure, ForkProof, Header, Heads, HeldHeads, Segment, check_next, counts_through,
};
use homeward::seal::{
    AgeEnvelope, Card, Certificate, EpochBody, Grant, NodeRequest, card_from_text, card_to_text, demo_node,
    demo_partner, open_epoch, open_grant, request_from_text, request_to_text, vouches,
};
use homeward::sign::{Domain, Record, Sign, Signature, Signed, hash};
use homeward::sync::{CircleRecord, RecordKind, frame_again};
use serde_bytes::ByteBuf;
use std::fmt::Debug;

/// A message on a link.
pub fn frame(bytes: &[u8]) -> bool {
    let Ok(again) = frame_again(bytes) else { return false };
    assert_eq!(again, bytes, "a frame has one encoding");
    true
}

/// Body and signature as they stand in a record.
pub fn wire(body: &[u8], signature: Signature) -> Vec<u8> {
    codec::encode(&(ByteBuf::from(body), signature))
}

/// Any bytes as the body of a record, signed by the key that `who` chooses.
pub fn signed(domain: Domain, body: &[u8], who: u8) -> Vec<u8> {
    let names = ["kyiv", "doha", "tallinn", "moscow"];
    let name = names[usize::from(who >> 1) % names.len()];
    let signature =
        if who & 1 == 0 { demo_node(name).sign(domain, body) } else { demo_partner(name).sign(domain, body) };
    wire(body, signature)
}

/// An evidence file as it comes, or a map of one under its first line and its hash: the first byte says which.
pub fn evidence(bytes: &[u8]) -> bool {
    let mut given = Given(bytes);
    let file = match given.byte() {
        0 => given.0.to_vec(),
        _ => {
            let said = [b"homeward evidence 1\n", given.0].concat();
            let end = hash(Domain::Evidence, &[&said]).0;
            [said, end.to_vec()].concat()
        }
    };
    let Ok(evidence) = Evidence::decode(&file) else { return false };
    assert_eq!(evidence.encode().unwrap(), file, "a file has one encoding");
    homeward::node::verify(&file).unwrap();
    true
}

/// The record as it comes, or a body that is signed here: the first byte says which.
fn record_bytes(domain: Domain, given: &mut Given<'_>) -> Vec<u8> {
    match given.byte() {
        0 => given.0.to_vec(),
        who => signed(domain, given.0, who - 1),
    }
}

/// Reads a record; what was taken reads and writes as the same bytes everywhere.
fn read<R: Record + Clone + PartialEq + Debug>(bytes: &[u8]) -> Option<Signed<R>> {
    let read = Signed::<R>::decode(bytes).ok()?;
    assert!(bytes.len() <= R::LIMIT, "longer than the limit of its kind");
    assert_eq!(read.bytes(), bytes, "the bytes are kept as they came");
    let (body, signature): (ByteBuf, Signature) = codec::decode("record", bytes, R::LIMIT).unwrap();
    assert_eq!(codec::encode(read.get()), body.as_slice(), "a body has one encoding");
    let own = Signed::<R>::decode_own_store(bytes).unwrap();
    assert_eq!((&own, own.hash()), (&read, read.hash()));
    let again = Signed::with_signature(read.get().clone(), signature).unwrap();
    assert_eq!(again.bytes(), bytes, "the parts make the same record");
    Some(read)
}

pub fn header(bytes: &[u8]) -> bool {
    let mut given = Given(bytes);
    let bytes = record_bytes(Header::DOMAIN, &mut given);
    let Some(header) = read::<Header>(&bytes) else { return false };
    assert_eq!(header.log().life, header.life());
    assert!(Segment::new(header.clone(), b"another body".to_vec()).is_err());
    // A log that ends where this header begins takes it once, and then never again.
    if header.number > 1 {
        let charter = charter_of(header.partner);
        let end = ChainEnd { number: header.number - 1, hash: header.previous, epoch: header.epoch };
        let next = check_next(&charter, &end, &header).expect("it continues the log that it names");
        assert_eq!((next.number, next.hash), (header.number, header.hash()));
        assert!(check_next(&charter, &next, &header).is_err());
    }
    true
}

/// A charter with one member.
fn charter_of(partner: PartnerId) -> Charter {
    Charter {
        version: 1,
        nonce: [0; 16],
        members: vec![partner],
        carriers: Vec::new(),
        rules: 1,
        time: homeward::time::Millis(0),
        founder: partner,
        node: demo_node("kyiv").node_id(),
        certificate: Vec::new(),
    }
}

pub fn charter(bytes: &[u8]) -> bool {
    let mut given = Given(bytes);
    let bytes = record_bytes(Charter::DOMAIN, &mut given);
    let Some(charter) = read::<Charter>(&bytes) else { return false };
    let partners: Vec<&PartnerId> = charter.partners().collect();
    assert!((1..=homeward::limit::CIRCLE_PARTNERS).contains(&partners.len()));
    assert!(partners.iter().all(|partner| charter.role(partner).is_some()));
    assert!(charter.is_member(&charter.founder));
    assert_eq!(charter.circle().0, charter.hash().0);
    true
}

/// As bytes, or (first byte 255) as text.
pub fn card(bytes: &[u8]) -> bool {
    let mut given = Given(bytes);
    let card = if given.0.first() == Some(&255) {
        given.byte();
        let Ok(text) = std::str::from_utf8(given.0) else { return false };
        let Ok(card) = card_from_text(text) else { return false };
        assert!(text.len() <= homeward::limit::CARD_TEXT_BYTES);
        let lines = |text: &str| text.trim().lines().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(lines(text), lines(&card_to_text(&card)), "one card, one text");
        read::<Card>(card.bytes()).expect("it was read from text")
    } else {
        let bytes = record_bytes(Card::DOMAIN, &mut given);
        let Some(card) = read::<Card>(&bytes) else { return false };
        card
    };
    assert_eq!(card_from_text(&card_to_text(&card)), Ok(card.clone()));
    let nodes = card.nodes();
    assert_eq!(nodes.len(), card.certificates.len(), "each certificate was checked");
    for node in nodes {
        assert_eq!(node.partner, card.partner);
        assert!(card.address(&node.node).is_none_or(|address| address.len() <= 255));
    }
    assert!(!card.name.chars().any(char::is_control));
    true
}

/// A new machine's request: as bytes, or (first byte 255) as text.
pub fn node_request(bytes: &[u8]) -> bool {
    let mut given = Given(bytes);
    let request = if given.0.first() == Some(&255) {
        given.byte();
        let Ok(text) = std::str::from_utf8(given.0) else { return false };
        let Ok(request) = request_from_text(text) else { return false };
        request
    } else {
        let bytes = record_bytes(NodeRequest::DOMAIN, &mut given);
        let Some(request) = read::<NodeRequest>(&bytes) else { return false };
        request
    };
    assert_eq!(request_from_text(&request_to_text(&request)), Ok(request.clone()));
    assert_eq!(request.keys().node, request.node);
    assert!(request.phrase().matches(&request.phrase().words()));
    assert!(!request.address.chars().any(char::is_control));
    true
}

pub fn certificate(bytes: &[u8]) -> bool {
    let mut given = Given(bytes);
    let bytes = record_bytes(Certificate::DOMAIN, &mut given);
    let Some(certificate) = read::<Certificate>(&bytes) else { return false };
    assert_eq!(vouches(&bytes, &certificate.partner, &certificate.node), Ok(certificate));
    true
}

pub fn closure(bytes: &[u8]) -> bool {
    let mut given = Given(bytes);
    let bytes = record_bytes(Closure::DOMAIN, &mut given);
    let Some(closure) = read::<Closure>(&bytes) else { return false };
    for point in &closure.through {
        assert_eq!(counts_through(point.instance, Some(1), Some(&closure)), Some(point.number));
    }
    let record = CircleRecord::decode(RecordKind::Closure, &bytes).expect("it is a closure");
    assert_eq!((record.bytes(), record.circle()), (bytes, closure.circle));
    true
}

pub fn grant(bytes: &[u8]) -> bool {
    let mut given = Given(bytes);
    let bytes = record_bytes(Grant::DOMAIN, &mut given);
    let Some(grant) = read::<Grant>(&bytes) else { return false };
    if let Ok(secret) = open_grant(&AgeEnvelope, &demo_node("doha"), &grant) {
        assert_eq!((secret.key.id(), grant.to), (grant.epoch, demo_node("doha").node_id()));
    }
    let record = CircleRecord::decode(RecordKind::Grant, &bytes).expect("it is a grant");
    assert_eq!((record.bytes(), record.circle()), (bytes, grant.circle));
    true
}

/// As it comes, or two header bodies that are signed here.
pub fn fork_proof(bytes: &[u8]) -> bool {
    let mut given = Given(bytes);
    let who = given.byte();
    let bytes = if who == 0 {
        given.0.to_vec()
    } else {
        let one = given.piece();
        let [one, other] = [one, given.0].map(|body| signed(Header::DOMAIN, body, who - 1));
        if let (Ok(one), Ok(other)) = (Signed::<Header>::decode(&one), Signed::<Header>::decode(&other)) {
            let proof = ForkProof::new(one.clone(), other.clone());
            assert_eq!(proof, ForkProof::new(other.clone(), one.clone()), "the order does not matter");
            let same = one.log() == other.log() && one.number == other.number && one.hash() != other.hash();
            assert_eq!(proof.is_some(), same);
        }
        codec::encode(&(ByteBuf::from(one), ByteBuf::from(other)))
    };
    let Ok(proof) = ForkProof::decode(&bytes) else { return false };
    assert_eq!(proof.encode(), bytes, "a proof has one encoding");
    let [one, other] = proof.headers();
    assert_eq!((one.log(), one.number), (other.log(), other.number));
    assert!(one.hash() < other.hash());
    let record = CircleRecord::decode(RecordKind::Fork, &bytes).expect("it is a proof");
    assert_eq!(record.bytes(), bytes);
    true
}

/// Signed heads, or (first byte 255) entries.
pub fn heads(bytes: &[u8]) -> bool {
    let mut given = Given(bytes);
    if given.0.first() != Some(&255) {
        let bytes = record_bytes(Heads::DOMAIN, &mut given);
        return read::<Heads>(&bytes).is_some();
    }
    given.byte();
    let Ok(held) = HeldHeads::decode(given.0) else { return false };
    assert_eq!(held.encode(), given.0, "entries have one encoding");
    assert_eq!(held.with(&HeldHeads::default()), held);
    assert_eq!(held.changed_since(&held), HeldHeads::default());
    assert_eq!(HeldHeads::default().with(&held.changed_since(&HeldHeads::default())), held);
    for (life, entry) in &held.0 {
        assert_eq!(held.number(life), entry.number);
    }
    true
}

pub fn epoch_body(bytes: &[u8]) -> bool {
    let Ok(body) = EpochBody::decode(bytes) else { return false };
    assert_eq!(body.encode(), bytes, "a body has one encoding");
    for file in &body.files {
        assert_eq!(body.file_for(&file.partner), Some(file));
    }
    for name in ["kyiv", "doha"] {
        let (node, partner) = (demo_node(name), demo_partner(name).partner_id());
        if let Ok(secret) = open_epoch(&AgeEnvelope, &node, &partner, &body) {
            assert_eq!(secret.key.id(), body.epoch);
        }
    }
    true
}
