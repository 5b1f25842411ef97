//! One fixed example of every record, from fixed keys: this build reads the pinned bytes and writes the same again.

use crate::{pinned_bytes, same_as_pinned};
use homeward::codec;
use homeward::id::{CircleId, EpochId, Hash, InstanceId, Life};
use homeward::log::{
    Charter, Closure, ClosurePoint, ForkProof, Header, Heads, HeadsEntry, HeldHeads, Kind, body_hash,
};
use homeward::seal::{
    Card, CardAddress, Certificate, NodeSecret, PartnerSecret, certificate, demo_node, demo_partner,
};
use homeward::seal::{EpochBody, EpochFile, Grant, NodeRequest, node_request};
use homeward::sign::{Record, Sign, Signed};
use homeward::time::Millis;

pub(crate) const TIME: Millis = Millis(1_767_225_600_000);

pub(crate) fn partner() -> PartnerSecret {
    demo_partner("kyiv")
}

pub(crate) fn node() -> NodeSecret {
    demo_node("kyiv")
}

pub(crate) fn word() -> Vec<u8> {
    certificate(&partner(), &node().public(), 1, TIME).unwrap().bytes().to_vec()
}

pub(crate) fn charter() -> Charter {
    let mut members = vec![partner().partner_id(), demo_partner("doha").partner_id()];
    members.sort();
    Charter {
        version: 1,
        nonce: [0x42; 16],
        members,
        carriers: vec![demo_partner("tallinn").partner_id()],
        rules: 1,
        time: TIME,
        founder: partner().partner_id(),
        node: node().node_id(),
        certificate: word(),
    }
}

pub(crate) fn epoch_body() -> EpochBody {
    let file = |name: &str| EpochFile {
        partner: demo_partner(name).partner_id(),
        nodes: vec![demo_node(name).node_id()],
        file: format!("an age file for {name}").into_bytes(),
    };
    let mut files = vec![file("kyiv"), file("doha")];
    files.sort_by_key(|file| file.partner);
    EpochBody { epoch: EpochId([0x55; 32]), files }
}

pub(crate) fn first_header() -> Header {
    let body = epoch_body().encode();
    Header {
        version: 1,
        kind: Kind::Epoch,
        circle: CircleId([0x66; 32]),
        partner: partner().partner_id(),
        node: node().node_id(),
        instance: InstanceId([0x77; 16]),
        number: 1,
        previous: Hash::ZERO,
        epoch: EpochId([0x55; 32]),
        cut: TIME,
        length: body.len() as u32,
        body: body_hash(&body),
        plain: Hash([0x88; 32]),
        certificate: word(),
    }
}

pub(crate) fn second_header() -> Header {
    let first = Signed::sign(first_header(), &node()).unwrap();
    Header {
        kind: Kind::Work,
        number: 2,
        previous: first.hash(),
        length: 9,
        body: body_hash(b"some work"),
        certificate: Vec::new(),
        ..first_header()
    }
}

pub(crate) fn a_certificate() -> Certificate {
    Signed::<Certificate>::decode(&word()).unwrap().get().clone()
}

pub(crate) fn a_card() -> Card {
    Card {
        version: 1,
        partner: partner().partner_id(),
        name: "Kyiv, an office".to_owned(),
        certificates: vec![word().into()],
        addresses: vec![CardAddress { node: node().node_id(), address: "node.example:4433".to_owned() }],
        revision: 3,
        time: TIME,
    }
}

pub(crate) fn request() -> NodeRequest {
    node_request(&node(), "node.example:4433", TIME).unwrap().get().clone()
}

pub(crate) fn closure() -> Closure {
    Closure {
        version: 1,
        circle: CircleId([0x66; 32]),
        partner: partner().partner_id(),
        node: node().node_id(),
        serial: 2,
        retired: true,
        time: TIME,
        through: vec![
            ClosurePoint { instance: InstanceId([1; 16]), number: 0, hash: Hash::ZERO },
            ClosurePoint { instance: InstanceId([2; 16]), number: 17, hash: Hash([0x99; 32]) },
        ],
    }
}

pub(crate) fn grant() -> Grant {
    Grant {
        version: 1,
        circle: CircleId([0x66; 32]),
        epoch: EpochId([0x55; 32]),
        from: node().node_id(),
        to: demo_node("doha").node_id(),
        to_link: demo_node("doha").link_key(),
        time: TIME,
        file: b"an age file".to_vec(),
    }
}

pub(crate) fn entries() -> HeldHeads {
    HeldHeads(
        [(1, 5), (2, 300)]
            .into_iter()
            .map(|(byte, number)| {
                let life = Life { node: node().node_id(), instance: InstanceId([byte; 16]) };
                (life, HeadsEntry { number, hash: Hash([byte; 32]) })
            })
            .collect(),
    )
}

pub(crate) fn heads() -> Heads {
    Heads {
        version: 1,
        circle: CircleId([0x66; 32]),
        node: node().node_id(),
        instance: InstanceId([0x77; 16]),
        run: 40,
        time: TIME,
        entries: entries().digest(),
    }
}

pub(crate) fn fork_headers() -> [Signed<Header>; 2] {
    let other = Header { body: body_hash(b"same work"), ..second_header() };
    [second_header(), other].map(|header| Signed::sign(header, &node()).unwrap())
}

/// The pinned bytes decode to this record, and signing it again gives the same bytes.
fn holds<R: Record + Clone + PartialEq + std::fmt::Debug>(name: &str, record: R, signer: &dyn Sign) {
    let made = Signed::sign(record.clone(), signer).unwrap();
    same_as_pinned(name, made.bytes());
    let stored = pinned_bytes(name, Vec::new);
    let read: Signed<R> = Signed::decode(&stored).unwrap();
    assert_eq!(read.get(), &record, "{name}");
    assert_eq!(read.bytes(), stored, "{name}");
    assert_eq!(read.hash(), made.hash(), "{name}");
    assert_eq!(Signed::<R>::decode_own_store(&stored).unwrap(), read, "{name}");
    same_as_pinned(&format!("{name}_hash"), read.hash().as_bytes());
}

#[test]
fn every_signed_record_is_as_it_was_pinned() {
    holds("charter", charter(), &node());
    holds("header_first", first_header(), &node());
    holds("header_second", second_header(), &node());
    holds("certificate", a_certificate(), &partner());
    holds("card", a_card(), &partner());
    holds("closure", closure(), &partner());
    holds("grant", grant(), &node());
    holds("node_request", request(), &node());
    holds("heads", heads(), &node());
}

#[test]
fn every_other_structure_is_as_it_was_pinned() {
    same_as_pinned("epoch_body", &epoch_body().encode());
    assert_eq!(EpochBody::decode(&pinned_bytes("epoch_body", Vec::new)), Ok(epoch_body()));

    same_as_pinned("heads_entries", &entries().encode());
    assert_eq!(HeldHeads::decode(&pinned_bytes("heads_entries", Vec::new)), Ok(entries()));

    let [one, other] = fork_headers();
    let proof = ForkProof::new(one.clone(), other.clone()).unwrap();
    same_as_pinned("fork_proof", &proof.encode());
    assert_eq!(ForkProof::decode(&pinned_bytes("fork_proof", Vec::new)), Ok(proof.clone()));
    assert_eq!(ForkProof::new(other, one), Some(proof));
}

#[test]
fn a_circle_is_called_by_its_charters_hash() {
    let signed = Signed::sign(charter(), &node()).unwrap();
    let body = codec::encode(&charter());
    assert_eq!(signed.circle().0, homeward::sign::hash(Charter::DOMAIN, &[&body]).0);
    let other = Charter { nonce: [0x43; 16], ..charter() };
    assert_ne!(Signed::sign(other, &node()).unwrap().circle(), signed.circle());
}
