//! Both kinds of evidence file, from fixed keys, byte for byte; and what must never pass as one.

use crate::pinned_bytes;
use crate::records::{TIME, charter, first_header, heads, node, partner, word};
use homeward::carry::{Evidence, Matter};
use homeward::codec::Malformed;
use homeward::id::{CircleId, Hash};
use homeward::log::{
    Charter, Closure, ClosurePoint, ForkProof, Header, Heads, HeadsEntry, HeldHeads, Kind, body_hash,
};
use homeward::seal::{
    Card, Certificate, NodeSecret, PartnerSecret, certificate, demo_card, demo_node, demo_partner,
};
use homeward::sign::{Domain, Record, Sign, Signed, hash};

fn signed<R: Record>(record: R, signer: &dyn Sign) -> Signed<R> {
    Signed::sign(record, signer).unwrap()
}

fn founded() -> Signed<Charter> {
    signed(charter(), &node())
}

fn word_for(who: &PartnerSecret, node: &NodeSecret) -> Signed<Certificate> {
    certificate(who, &node.public(), 1, TIME).unwrap()
}

fn first() -> Header {
    Header { circle: founded().circle(), ..first_header() }
}

fn second(body: &[u8]) -> Header {
    Header {
        kind: Kind::Work,
        number: 2,
        previous: signed(first(), &node()).hash(),
        length: u32::try_from(body.len()).unwrap(),
        body: body_hash(body),
        certificate: Vec::new(),
        ..first()
    }
}

fn proof() -> Box<ForkProof> {
    let [one, other] = [&b"one word"[..], b"another word"].map(|body| signed(second(body), &node()));
    Box::new(ForkProof::new(one, other).unwrap())
}

fn closure() -> Closure {
    let stands = signed(second(b"one word"), &node());
    Closure {
        version: 1,
        circle: founded().circle(),
        partner: partner().partner_id(),
        node: node().node_id(),
        serial: 1,
        retired: false,
        time: TIME,
        through: vec![ClosurePoint { instance: stands.instance, number: 2, hash: stands.hash() }],
    }
}

fn fork() -> Evidence {
    let closure = Some(signed(closure(), &partner()));
    let words = vec![Signed::decode(&word()).unwrap()];
    Evidence::new(founded(), words, vec![demo_card("kyiv")], Matter::Fork { proof: proof(), closure })
        .unwrap()
}

fn entries() -> HeldHeads {
    let header = signed(second(b"one word"), &node());
    HeldHeads([(header.life(), HeadsEntry { number: 2, hash: header.hash() })].into())
}

fn held(entries: &HeldHeads) -> Heads {
    Heads {
        circle: founded().circle(),
        node: demo_node("doha").node_id(),
        entries: entries.digest(),
        ..heads()
    }
}

/// What Doha's node signed to hold of Kyiv's log.
fn receipt() -> Evidence {
    receipt_of(&entries(), vec![signed(second(b"one word"), &node())]).unwrap()
}

fn receipt_of(entries: &HeldHeads, headers: Vec<Signed<Header>>) -> Result<Evidence, Malformed> {
    let words = vec![Signed::decode(&word()).unwrap(), word_for(&demo_partner("doha"), &demo_node("doha"))];
    let matter = Matter::Receipt {
        heads: signed(held(entries), &demo_node("doha")),
        entries: entries.clone(),
        headers,
    };
    Evidence::new(founded(), words, vec![demo_card("doha"), demo_card("kyiv")], matter)
}

fn rule(refused: Result<Evidence, Malformed>) -> &'static str {
    match refused {
        Err(Malformed::Rule { rule, .. }) => rule,
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("it passes as evidence"),
    }
}

#[test]
fn evidence_files_hold() {
    for (name, evidence) in [("evidence_fork", fork()), ("evidence_receipt", receipt())] {
        let stored = pinned_bytes(name, || evidence.encode().unwrap());
        assert_eq!(Evidence::decode(&stored).as_ref(), Ok(&evidence), "{name}");
        assert!(evidence.encode().unwrap() == stored, "{name}: this build writes other bytes");
    }
}

/// The file again with another body, its hash made anew: what a forger would hand over.
fn forged(evidence: &Evidence, change: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut bytes = evidence.encode().unwrap();
    bytes.truncate(bytes.len() - 32);
    change(&mut bytes);
    let end = hash(Domain::Evidence, &[&bytes]).0;
    [bytes, end.to_vec()].concat()
}

#[test]
fn a_new_hash_makes_no_forgery_hold() {
    for evidence in [fork(), receipt()] {
        let whole = evidence.encode().unwrap();
        assert_eq!(forged(&evidence, |_| ()), whole);
        let body = "homeward evidence 1\n".len()..whole.len() - 32;
        for at in body {
            let bit = 1 << (at % 8);
            let bytes = forged(&evidence, |bytes| bytes[at] ^= bit);
            assert!(Evidence::decode(&bytes).is_err(), "byte {at} ^ {bit}");
        }
    }
}

#[test]
fn a_later_version_is_told_from_damage() {
    let whole = fork().encode().unwrap();
    for (line, later) in [
        ("homeward evidence 2\n", true),
        ("homeward evidence 17\n", true),
        ("homeward evidence 0\n", false),
        ("homeward evidence 01\n", false),
        ("homeward evidence 12345\n", false),
        ("homeward evidence x\n", false),
        ("homeward evidence 2", false),
        ("homeward bundle 1\n", false),
    ] {
        let bytes = [line.as_bytes(), &whole["homeward evidence 1\n".len()..]].concat();
        let refused = Evidence::decode(&bytes).unwrap_err();
        assert_eq!(matches!(refused, Malformed::LaterVersion(_)), later, "{line:?}: {refused}");
    }
    let long = vec![0; homeward::limit::EVIDENCE_BYTES + 1];
    assert!(matches!(Evidence::decode(&long), Err(Malformed::TooLong { .. })));
}

/// Evidence whose parts are all rightly signed, and which shows nothing all the same.
#[test]
fn what_is_rightly_signed_must_also_belong_together() {
    let kyiv: Signed<Certificate> = Signed::decode(&word()).unwrap();
    let doha = word_for(&demo_partner("doha"), &demo_node("doha"));
    let moscow = word_for(&demo_partner("moscow"), &demo_node("moscow"));
    let forked = || Matter::Fork { proof: proof(), closure: None };
    let fork = |words, cards, matter| rule(Evidence::new(founded(), words, cards, matter));

    assert_eq!(fork(vec![], vec![], forked()), "each node that speaks has its partner's certificate");
    let surplus = "each certificate is of a node that speaks here";
    assert_eq!(fork(vec![kyiv.clone(), doha.clone()], vec![], forked()), surplus);
    assert_eq!(fork(vec![doha.clone()], vec![], forked()), surplus);
    let twice = "certificates stand sorted by node and once";
    assert_eq!(fork(vec![kyiv.clone(), kyiv.clone()], vec![], forked()), twice);
    let stolen = word_for(&demo_partner("doha"), &node());
    let unfit = "each node that speaks has its partner's certificate";
    assert_eq!(fork(vec![stolen], vec![], forked()), unfit, "another partner's word for that node");
    let card = "each card is of a partner that speaks here";
    assert_eq!(fork(vec![kyiv.clone()], vec![demo_card("doha")], forked()), card);
    let cards: Vec<Signed<Card>> = vec![demo_card("kyiv"), demo_card("kyiv")];
    assert_eq!(fork(vec![kyiv.clone()], cards, forked()), "cards stand sorted by partner and once");
    let other = Closure { node: demo_node("doha").node_id(), ..closure() };
    let matter = Matter::Fork { proof: proof(), closure: Some(signed(other, &partner())) };
    assert_eq!(fork(vec![kyiv.clone()], vec![], matter), "the closure is of the forked node");

    // Another circle's charter, a charter whose founder never vouched for its node, a stranger, a carrier.
    let elsewhere = Charter { nonce: [1; 16], ..charter() };
    let here = "what is said is said in this circle";
    let kyivs = || vec![kyiv.clone()];
    assert_eq!(rule(Evidence::new(signed(elsewhere, &node()), kyivs(), vec![], forked())), here);
    let unfounded = Charter { certificate: doha.bytes().to_vec(), ..charter() };
    let vouched = "it speaks of this partner and this node";
    assert_eq!(rule(Evidence::new(signed(unfounded, &node()), kyivs(), vec![], forked())), vouched);
    let written_by = |who: &str| {
        let by = |body: &[u8]| {
            let header = Header {
                partner: demo_partner(who).partner_id(),
                node: demo_node(who).node_id(),
                ..second(body)
            };
            signed(header, &demo_node(who))
        };
        let proof = Box::new(ForkProof::new(by(b"one"), by(b"other")).unwrap());
        Matter::Fork { proof, closure: None }
    };
    assert_eq!(
        fork(vec![moscow.clone()], vec![], written_by("moscow")),
        "whoever speaks is a partner of the circle"
    );
    let tallinn = word_for(&demo_partner("tallinn"), &demo_node("tallinn"));
    assert_eq!(fork(vec![tallinn], vec![], written_by("tallinn")), "segments are written by members");

    // Receipts.
    let header = || signed(second(b"one word"), &node());
    assert_eq!(
        rule(receipt_of(&entries(), vec![header(), header()])),
        "headers stand sorted by log and once"
    );
    let names = "each header is one that the entries name";
    assert_eq!(rule(receipt_of(&entries(), vec![signed(second(b"another word"), &node())])), names);
    assert_eq!(rule(receipt_of(&HeldHeads::default(), vec![header()])), names);
    let matter = |heads: Heads, entries: HeldHeads, by: &NodeSecret| Matter::Receipt {
        heads: signed(heads, by),
        entries,
        headers: Vec::new(),
    };
    let mut swapped = entries();
    swapped.0.values_mut().for_each(|entry| entry.hash = Hash([9; 32]));
    let exchanged = matter(held(&entries()), swapped, &demo_node("doha"));
    let over = "the entries are those that the heads were signed over";
    assert_eq!(rule(Evidence::new(founded(), vec![doha.clone()], vec![], exchanged)), over);
    let other = Heads { circle: CircleId([3; 32]), ..held(&entries()) };
    let other = matter(other, entries(), &demo_node("doha"));
    assert_eq!(rule(Evidence::new(founded(), vec![doha], vec![], other)), here);
    let stranger = Heads { node: demo_node("moscow").node_id(), ..held(&entries()) };
    let stranger = matter(stranger, entries(), &demo_node("moscow"));
    let partner = "whoever speaks is a partner of the circle";
    assert_eq!(rule(Evidence::new(founded(), vec![moscow], vec![], stranger)), partner);
}

#[test]
fn what_is_no_fork_makes_no_proof() {
    let header = || signed(second(b"one word"), &node());
    assert!(ForkProof::new(header(), header()).is_none(), "two headers that are equal");
    let wire = serde_bytes::ByteBuf::from(header().bytes().to_vec());
    let same = homeward::codec::encode(&(wire.clone(), wire));
    assert!(ForkProof::decode(&same).is_err());
    let other = Header { number: 3, ..second(b"another word") };
    assert!(ForkProof::new(header(), signed(other, &node())).is_none(), "two numbers");
}
