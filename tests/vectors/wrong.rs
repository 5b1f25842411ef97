//! The ways to be wrong: every record refuses each of them, signed as it may be.

use crate::records::{
    TIME, a_card, a_certificate, charter, closure, entries, epoch_body, first_header, fork_headers, grant,
    heads, node, partner, request, second_header,
};
use homeward::codec::{self, Malformed};
use homeward::id::{Hash, InstanceId, NodeId, PartnerId};
use homeward::limit;
use homeward::log::{Charter, Closure, ClosurePoint, ForkProof, Header, Heads, HeldHeads, Kind};
use homeward::seal::{Card, CardAddress, Certificate, certificate, demo_node, demo_partner};
use homeward::seal::{EpochBody, EpochFile, Grant, NodeRequest};
use homeward::sign::{Domain, Record, Sign, Signature, Signed};
use homeward::time::Millis;
use serde_bytes::ByteBuf;

/// Body and signature as they go into a record, whatever they are.
fn wire(body: Vec<u8>, signature: Signature) -> Vec<u8> {
    codec::encode(&(ByteBuf::from(body), signature))
}

/// Signs any bytes as the body of a record.
fn signed(domain: Domain, body: Vec<u8>, signer: &dyn Sign) -> Vec<u8> {
    let signature = signer.sign(domain, &body);
    wire(body, signature)
}

/// The body with the value of its `version` replaced.
fn with_version(body: &[u8], version: u8) -> Vec<u8> {
    let key = b"\x67version\x01";
    let places: Vec<usize> = (0..body.len()).filter(|at| body[*at..].starts_with(key)).collect();
    // A record inside the record stands as bytes before or after: the body's own is found by what it changes.
    for place in places {
        let mut changed = body.to_vec();
        changed[place + key.len() - 1] = version;
        #[derive(serde::Deserialize)]
        struct Any {
            version: u16,
        }
        if serde_ipld_dagcbor::from_slice::<Any>(&changed).is_ok_and(|any| any.version == u16::from(version))
        {
            return changed;
        }
    }
    panic!("a body has a version");
}

/// The body with one more entry at its end; `entry` must sort behind all others to be well encoded.
fn with_entry(body: &[u8], entry: &[u8]) -> Vec<u8> {
    let mut longer = body.to_vec();
    assert!((0xa0..0xb7).contains(&longer[0]), "a map of fewer than 23 entries");
    longer[0] += 1;
    longer.extend_from_slice(entry);
    longer
}

/// What every kind of record refuses.
fn refuses_the_common_faults<R: Record>(record: &R, signer: &dyn Sign) {
    let body = codec::encode(record);
    let sign = |body: Vec<u8>| signed(R::DOMAIN, body, signer);
    let good = sign(body.clone());
    assert!(Signed::<R>::decode(&good).is_ok());

    let mut flipped_signature = good.clone();
    *flipped_signature.last_mut().unwrap() ^= 1;
    let mut trailing = good.clone();
    trailing.push(0);
    let mut trailing_in_body = body.clone();
    trailing_in_body.push(0);
    let mut long_array = vec![0x98, 2];
    long_array.extend_from_slice(&good[1..]);
    let mut indefinite = vec![0x9f];
    indefinite.extend_from_slice(&good[1..]);
    indefinite.push(0xff);
    let mut unknown = vec![0x78, 40];
    unknown.extend_from_slice(&[b'z'; 40]);
    unknown.push(0);
    let other_domain = if R::DOMAIN == Domain::Hello { Domain::Act } else { Domain::Hello };
    let stranger = demo_partner("stranger");
    let short = codec::encode(&(ByteBuf::from(body.clone()), ByteBuf::from(vec![0; 63])));
    let strict = Malformed::NotStrict(R::WHAT);
    let signature = Malformed::Signature(R::WHAT);

    for (what, bytes, fault) in [
        ("a flipped bit in the signature", flipped_signature, signature),
        ("another domain", signed(other_domain, body.clone(), signer), signature),
        ("another signer", signed(R::DOMAIN, body.clone(), &stranger), signature),
        ("a trailing byte", trailing, strict),
        ("a trailing byte in the body", sign(trailing_in_body), strict),
        ("nothing", Vec::new(), strict),
        ("cut short", good[..good.len() - 1].to_vec(), strict),
        ("an array length that is not minimal", long_array, strict),
        ("an array without length", indefinite, strict),
        ("a short signature", short, strict),
        ("an empty body", sign(Vec::new()), strict),
        ("a body that is no map", sign(vec![0x80]), strict),
        ("an unknown field", sign(with_entry(&body, &unknown)), strict),
        ("a field twice", sign(with_entry(&body, b"\x67version\x01")), strict),
        (
            "longer than its limit",
            vec![0; R::LIMIT + 1],
            Malformed::TooLong { what: R::WHAT, limit: R::LIMIT },
        ),
        ("version 2", sign(with_version(&body, 2)), Malformed::LaterVersion(R::WHAT)),
    ] {
        assert_eq!(Signed::<R>::decode(&bytes).err(), Some(fault), "{}: {what}", R::WHAT);
    }
    let zero = Signed::<R>::decode(&sign(with_version(&body, 0))).err();
    assert!(matches!(zero, Some(Malformed::Rule { .. })), "{}: version 0: {zero:?}", R::WHAT);
    // A later version may have other fields: it is held all the same.
    let later = sign(with_entry(&with_version(&body, 2), &unknown));
    assert_eq!(Signed::<R>::decode(&later).err(), Some(Malformed::LaterVersion(R::WHAT)));
    // Every single bit of a body matters.
    for place in (0..body.len()).step_by(7) {
        let mut flipped = body.clone();
        flipped[place] ^= 0x10;
        let bytes = wire(flipped, signer.sign(R::DOMAIN, &body));
        assert!(Signed::<R>::decode(&bytes).is_err(), "{}: a bit flipped at {place}", R::WHAT);
    }
}

#[test]
fn every_signed_record_refuses_the_common_faults() {
    refuses_the_common_faults(&charter(), &node());
    refuses_the_common_faults(&first_header(), &node());
    refuses_the_common_faults(&second_header(), &node());
    refuses_the_common_faults(&a_certificate(), &partner());
    refuses_the_common_faults(&a_card(), &partner());
    refuses_the_common_faults(&closure(), &partner());
    refuses_the_common_faults(&grant(), &node());
    refuses_the_common_faults(&request(), &node());
    refuses_the_common_faults(&heads(), &node());
}

/// Each record breaks a rule of its kind, though its signature holds: refused by its rule, by reader and signer.
fn breaks_rules<R: Record + Clone>(cases: Vec<(&str, R)>, signer: &dyn Sign) {
    for (what, record) in cases {
        let bytes = signed(R::DOMAIN, codec::encode(&record), signer);
        let fault = Signed::<R>::decode(&bytes).err();
        assert!(matches!(fault, Some(Malformed::Rule { .. })), "{}: {what}: {fault:?}", R::WHAT);
        assert_eq!(Signed::sign(record, signer).err(), fault, "{}: {what}", R::WHAT);
    }
}

const LATE: Millis = Millis((1 << 48) + 1);

#[test]
fn charters_against_their_rules() {
    let good = charter();
    let reversed = good.members.iter().rev().copied().collect();
    let many: Vec<PartnerId> = (0..16).map(|byte| PartnerId([byte; 32])).collect();
    let carriers = |carriers: Vec<PartnerId>| Charter { carriers, ..good.clone() };
    breaks_rules(
        vec![
            ("unsorted members", Charter { members: reversed, ..good.clone() }),
            ("a member twice", Charter { members: vec![good.founder; 2], ..good.clone() }),
            ("unsorted carriers", carriers(vec![PartnerId([2; 32]), PartnerId([1; 32])])),
            ("a carrier twice", carriers(vec![PartnerId([1; 32]); 2])),
            ("a member as carrier", carriers(vec![good.founder])),
            ("eighteen partners", carriers(many)),
            ("a founder from outside", Charter { founder: PartnerId([1; 32]), ..good.clone() }),
            ("a time out of range", Charter { time: LATE, ..good.clone() }),
        ],
        &node(),
    );
    let later = Charter { rules: 2, ..good };
    let bytes = signed(Domain::Charter, codec::encode(&later), &node());
    assert!(matches!(Signed::<Charter>::decode(&bytes), Err(Malformed::LaterVersion(_))));
}

#[test]
fn headers_against_their_rules() {
    let (first, second) = (first_header(), second_header());
    breaks_rules(
        vec![
            ("number 0", Header { number: 0, ..first.clone() }),
            ("a first one with a predecessor", Header { previous: Hash([1; 32]), ..first.clone() }),
            ("a first one without certificate", Header { certificate: Vec::new(), ..first.clone() }),
            ("a first one of kind work", Header { kind: Kind::Work, ..first.clone() }),
            ("a second one without predecessor", Header { previous: Hash::ZERO, ..second.clone() }),
            ("a second one with certificate", Header { certificate: first.certificate, ..second.clone() }),
            ("no body", Header { length: 0, ..second.clone() }),
            ("a long body", Header { length: limit::SEGMENT_SEALED_BYTES as u32 + 1, ..second.clone() }),
            ("a time out of range", Header { cut: LATE, ..second }),
        ],
        &node(),
    );
}

#[test]
fn certificates_and_cards_against_their_rules() {
    let good = a_certificate();
    breaks_rules(
        vec![
            ("a short recipient", Certificate { recipient: vec![0; 1215], ..good.clone() }),
            (
                "one key for node and link",
                Certificate { link: homeward::id::LinkKey(good.node.0), ..good.clone() },
            ),
            ("one key for partner and node", Certificate { node: NodeId(good.partner.0), ..good.clone() }),
            ("a time out of range", Certificate { time: LATE, ..good }),
        ],
        &partner(),
    );
    let card = a_card();
    let address = card.addresses[0].clone();
    let foreign = certificate(&demo_partner("doha"), &demo_node("doha").public(), 1, TIME).unwrap();
    breaks_rules(
        vec![
            ("no name", Card { name: String::new(), ..card.clone() }),
            ("a long name", Card { name: "n".repeat(65), ..card.clone() }),
            ("a line end in the name", Card { name: "a\nb".to_owned(), ..card.clone() }),
            (
                "seventeen certificates",
                Card { certificates: vec![card.certificates[0].clone(); 17], ..card.clone() },
            ),
            ("seventeen addresses", Card { addresses: vec![address.clone(); 17], ..card.clone() }),
            (
                "a long address",
                Card { addresses: vec![CardAddress { address: "a".repeat(256), ..address }], ..card.clone() },
            ),
            (
                "another's certificate",
                Card { certificates: vec![foreign.bytes().to_vec().into()], ..card.clone() },
            ),
            ("a time out of range", Card { time: LATE, ..card.clone() }),
        ],
        &partner(),
    );
    let mut broken = card.certificates[0].clone();
    *broken.last_mut().unwrap() ^= 1;
    let bytes = signed(Domain::Card, codec::encode(&Card { certificates: vec![broken], ..card }), &partner());
    assert_eq!(Signed::<Card>::decode(&bytes).err(), Some(Malformed::Signature("certificate")));
}

#[test]
fn closures_heads_and_grants_against_their_rules() {
    let good = closure();
    let through = |through: Vec<ClosurePoint>| Closure { through, ..good.clone() };
    let point = |number, hash| ClosurePoint { instance: InstanceId([1; 16]), number, hash };
    let reversed = good.through.iter().rev().copied().collect();
    breaks_rules(
        vec![
            ("unsorted logs", through(reversed)),
            ("a log twice", through(vec![point(1, Hash([1; 32])); 2])),
            ("number 0 with a header", through(vec![point(0, Hash([1; 32]))])),
            ("a number without header", through(vec![point(1, Hash::ZERO)])),
            ("a time out of range", Closure { time: LATE, ..good.clone() }),
        ],
        &partner(),
    );
    let good = heads();
    breaks_rules(
        vec![
            ("running number 0", Heads { run: 0, ..good.clone() }),
            ("a time out of range", Heads { time: LATE, ..good }),
        ],
        &node(),
    );
    breaks_rules(vec![("a time out of range", Grant { time: LATE, ..grant() })], &node());
    let good = request();
    breaks_rules(
        vec![
            ("a short recipient", NodeRequest { recipient: vec![0; 1215], ..good.clone() }),
            ("one key twice", NodeRequest { link: homeward::id::LinkKey(good.node.0), ..good.clone() }),
            ("a long address", NodeRequest { address: "a".repeat(256), ..good.clone() }),
            ("a line end in the address", NodeRequest { address: "a\n:1".to_owned(), ..good.clone() }),
            ("a time out of range", NodeRequest { time: LATE, ..good }),
        ],
        &node(),
    );
}

#[test]
fn epoch_bodies_against_their_rules() {
    let good = epoch_body();
    let mut trailing = good.encode();
    trailing.push(0);
    let unknown = with_entry(&good.encode(), b"\x67unknown\x00");
    assert_eq!(EpochBody::decode(&trailing), Err(Malformed::NotStrict("epoch body")));
    assert_eq!(EpochBody::decode(&unknown), Err(Malformed::NotStrict("epoch body")));
    let file = |byte| EpochFile { partner: PartnerId([byte; 32]), nodes: Vec::new(), file: Vec::new() };
    let nodes = |nodes: Vec<NodeId>| vec![EpochFile { nodes, ..file(1) }];
    for (what, files) in [
        ("unsorted partners", vec![file(2), file(1)]),
        ("a partner twice", vec![file(1), file(1)]),
        ("seventeen partners", (0..17).map(file).collect()),
        ("unsorted nodes", nodes(vec![NodeId([2; 32]), NodeId([1; 32])])),
        ("a node twice", nodes(vec![NodeId([1; 32]); 2])),
        ("seventeen nodes", nodes((0..17).map(|byte| NodeId([byte; 32])).collect())),
    ] {
        let fault = EpochBody::decode(&EpochBody { files, ..good.clone() }.encode()).err();
        assert!(matches!(fault, Some(Malformed::Rule { .. })), "{what}: {fault:?}");
    }
}

#[test]
fn heads_entries_against_their_rules() {
    let good = entries();
    let mut trailing = good.encode();
    trailing.push(0);
    assert_eq!(HeldHeads::decode(&trailing), Err(Malformed::NotStrict("heads entries")));
    let rows: Vec<_> = good.0.into_iter().collect();
    for (what, rows) in [
        ("unsorted", rows.iter().rev().copied().collect::<Vec<_>>()),
        ("a log twice", vec![rows[0], rows[0]]),
    ] {
        let fault = HeldHeads::decode(&codec::encode(&rows)).err();
        assert!(matches!(fault, Some(Malformed::Rule { .. })), "{what}: {fault:?}");
    }
}

#[test]
fn fork_proofs_that_prove_nothing_are_refused() {
    let [one, other] = fork_headers();
    let (low, high) = if one.hash() < other.hash() { (one, other) } else { (other, one) };
    let pair = |a: &[u8], b: &[u8]| codec::encode(&(ByteBuf::from(a.to_vec()), ByteBuf::from(b.to_vec())));
    let good = pair(low.bytes(), high.bytes());
    assert!(ForkProof::decode(&good).is_ok());
    let resign = |header: Header| Signed::sign(header, &node()).unwrap();
    let ordered = |header: Signed<Header>| {
        if header.hash() < high.hash() {
            pair(header.bytes(), high.bytes())
        } else {
            pair(high.bytes(), header.bytes())
        }
    };
    let mut trailing = good.clone();
    trailing.push(0);
    let mut flipped = good;
    *flipped.last_mut().unwrap() ^= 1;
    for (what, bytes) in [
        ("the higher hash first", pair(high.bytes(), low.bytes())),
        ("one header twice", pair(low.bytes(), low.bytes())),
        ("another number", ordered(resign(Header { number: 3, ..low.get().clone() }))),
        ("another life", ordered(resign(Header { instance: InstanceId([0; 16]), ..low.get().clone() }))),
        ("a trailing byte", trailing),
        ("a flipped signature", flipped),
        ("nothing", Vec::new()),
    ] {
        assert!(ForkProof::decode(&bytes).is_err(), "{what}");
    }
}
