//! What a bundle promises: the same in as out, for its target alone, and exact about where it broke.

use super::item::{FIRST_LINE, FirstItem, Part};
use super::{BrokenAt, BundleReader, BundleWriter, CarriedKind, CarryFault, Item, Statement};
use crate::codec;
use crate::id::{CircleId, LinkKey, NodeId, PartnerId};
use crate::limit;
use crate::private::Private;
use crate::seal::{Certificate, Envelope, EpochKey, Recipient, SealFault};
use crate::sign::{Domain, Sign as _, Signed, hash};
use crate::time::Millis;
use chacha20poly1305::{AeadInPlace as _, KeyInit as _, XChaCha20Poly1305, XNonce};
use ed25519_dalek::SigningKey;

/// A stand-in that seals to the first recipient, the same way each time.
struct Plainly;

fn recipient(secret: u8) -> Recipient {
    Recipient(hash(Domain::Demo, &[&[secret; 32]]).0.to_vec())
}

fn cipher(recipient: &[u8]) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new_from_slice(recipient).unwrap()
}

impl Envelope for Plainly {
    fn seal_work(&self, _: &EpochKey, _: &[u8]) -> Result<Vec<u8>, SealFault> {
        Err(SealFault::Damaged)
    }

    fn open_work(&self, _: &EpochKey, _: &[u8]) -> Result<Private<Vec<u8>>, SealFault> {
        Err(SealFault::Damaged)
    }

    fn seal_to(&self, recipients: &[Recipient], plaintext: &[u8]) -> Result<Vec<u8>, SealFault> {
        let mut sealed = plaintext.to_vec();
        let cipher = cipher(&recipients.first().unwrap().0);
        cipher.encrypt_in_place(&XNonce::from([0; 24]), b"", &mut sealed).unwrap();
        Ok(sealed)
    }

    fn open_as(&self, secret: &Private<[u8; 32]>, sealed: &[u8]) -> Result<Private<Vec<u8>>, SealFault> {
        let mut plain = sealed.to_vec();
        let key = hash(Domain::Demo, &[secret.reveal()]);
        cipher(&key.0)
            .decrypt_in_place(&XNonce::from([0; 24]), b"", &mut plain)
            .map_err(|_| SealFault::NotForUs)?;
        Ok(Private::new(plain))
    }
}

const TARGET: u8 = 0x77;

fn secret() -> Private<[u8; 32]> {
    Private::new([TARGET; 32])
}

fn statement(bundle: u8, items: &[Item]) -> Signed<Statement> {
    let (partner, node) = (SigningKey::from_bytes(&[1; 32]), SigningKey::from_bytes(&[2; 32]));
    let certificate = Certificate {
        version: 1,
        partner: PartnerId(partner.public()),
        node: NodeId(node.public()),
        link: LinkKey([3; 32]),
        recipient: vec![4; 1216],
        serial: 1,
        time: Millis(5),
    };
    let certificate = Signed::sign(certificate, &partner).unwrap().bytes().to_vec();
    let count = |kind: fn(&Item) -> bool| items.iter().filter(|item| kind(item)).count() as u64;
    let statement = Statement {
        version: 1,
        bundle: [bundle; 16],
        partner: PartnerId(partner.public()),
        node: NodeId(node.public()),
        certificate,
        target: PartnerId([6; 32]),
        circles: vec![CircleId([7; 32])],
        time: Millis(8),
        heads: count(|item| matches!(item, Item::Heads { .. })),
        records: count(|item| matches!(item, Item::Record { .. })),
        segments: count(|item| matches!(item, Item::Segment { .. })),
    };
    Signed::sign(statement, &node).unwrap()
}

/// Heads, a record, and segments with bodies of these lengths.
fn items(bodies: &[usize]) -> Vec<Item> {
    let heads = Item::Heads { record: vec![1; 200], entries: vec![2; 90] };
    let circle = CircleId([7; 32]);
    let record = Item::Record { circle, kind: CarriedKind::ForkProof, bytes: vec![3; 500] };
    let segments = bodies.iter().enumerate().map(|(n, length)| Item::Segment {
        header: vec![n as u8; 400],
        body: (0..*length).map(|at| (at * 7 + n) as u8).collect(),
    });
    [heads, record].into_iter().chain(segments).collect()
}

fn bundle(number: u8, items: &[Item]) -> Vec<u8> {
    let statement = statement(number, items);
    let mut writer = BundleWriter::new(Vec::new(), &Plainly, vec![recipient(TARGET)], statement).unwrap();
    for item in items {
        writer.put(item).unwrap();
    }
    let (bytes, length) = writer.finish().unwrap();
    assert_eq!(bytes.len() as u64, length);
    bytes
}

/// All that can be read, and how it ended.
fn read(bytes: &[u8]) -> (Vec<Item>, Result<(), BrokenAt>) {
    let secret = secret();
    let mut reader = match BundleReader::open(bytes, &Plainly, &secret) {
        Ok(reader) => reader,
        Err(broken) => return (Vec::new(), Err(broken)),
    };
    let mut all = Vec::new();
    loop {
        match reader.next_item() {
            Ok(Some(item)) => all.push(item),
            Ok(None) => return (all, Ok(())),
            Err(broken) => {
                assert_eq!(reader.next_item(), Err(broken), "broken stays broken");
                return (all, Err(broken));
            }
        }
    }
}

/// Where each part begins, and the end of the file.
fn part_starts(bytes: &[u8]) -> Vec<usize> {
    let mut at = FIRST_LINE.len();
    let mut starts = Vec::new();
    while at < bytes.len() {
        starts.push(at);
        at += 4 + u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap()) as usize;
    }
    starts.push(at);
    starts
}

/// A file of these parts, whoever they are from.
fn file_of(parts: &[&[u8]]) -> Vec<u8> {
    [&FIRST_LINE[..], &parts.concat()].concat()
}

fn sealed(part: &Part) -> Vec<u8> {
    let bytes = Plainly.seal_to(&[recipient(TARGET)], &codec::encode(part)).unwrap();
    [&(bytes.len() as u32).to_be_bytes()[..], &bytes].concat()
}

const LARGE: [usize; 5] = [900_000, 1_000_000, 10, 1_100_000, 30];

#[test]
fn what_goes_in_comes_out_and_twice_is_the_same() {
    for bodies in [&[][..], &[10, 20], &LARGE] {
        let items = items(bodies);
        let file = bundle(1, &items);
        assert_eq!(file, bundle(1, &items));
        assert_eq!(read(&file), (items.clone(), Ok(())));
        assert_eq!(read(&file), (items, Ok(())));
    }
    assert_eq!(part_starts(&bundle(1, &items(&LARGE))).len(), 3, "two parts");
    let file = bundle(9, &items(&[1]));
    let secret = secret();
    let reader = BundleReader::open(&file[..], &Plainly, &secret).unwrap();
    assert_eq!(reader.statement(), &statement(9, &items(&[1])));
}

#[test]
fn it_is_for_its_target_alone() {
    let file = bundle(1, &items(&[10]));
    let other = Private::new([0x78; 32]);
    let broken = BundleReader::open(&file[..], &Plainly, &other).map(|_| ()).unwrap_err();
    assert_eq!(broken, BrokenAt { part: 0, offset: 18, fault: CarryFault::NotForUs });
}

#[test]
fn damage_anywhere_is_refused_in_the_part_where_it_is() {
    for (bodies, step) in [(&[300, 20][..], 7), (&LARGE, 200_003)] {
        let items = items(bodies);
        let file = bundle(1, &items);
        let starts = part_starts(&file);
        for at in (0..file.len()).step_by(step) {
            let mut bent = file.clone();
            bent[at] ^= 0x20;
            let (read, end) = read(&bent);
            let broken = end.unwrap_err();
            let start = starts.iter().rev().find(|start| **start <= at).copied().unwrap_or(0);
            assert_eq!(broken.offset, start as u64, "byte {at}: {broken}");
            assert!(items.starts_with(&read), "byte {at}");
        }
    }
}

#[test]
fn a_file_cut_short_says_so_and_keeps_what_came_before() {
    for (bodies, step) in [(&[300, 20][..], 7), (&LARGE, 200_003)] {
        let items = items(bodies);
        let file = bundle(1, &items);
        let starts = part_starts(&file);
        let boundaries = starts[..starts.len() - 1].iter().copied();
        for length in (0..file.len()).step_by(step).chain(boundaries) {
            let (read, end) = read(&file[..length]);
            let broken = end.unwrap_err();
            assert_eq!(broken.fault, CarryFault::CutShort, "{length} bytes");
            assert!(broken.offset as usize <= length);
            assert!(items.starts_with(&read));
            if length >= starts[1] {
                assert!(read.len() > 2, "the first part is good");
            }
        }
    }
}

#[test]
fn parts_cannot_be_mixed_repeated_or_left_out() {
    let (one, two) = (bundle(1, &items(&LARGE)), bundle(2, &items(&LARGE)));
    let starts = part_starts(&one);
    let [a, b] = [&one[starts[0]..starts[1]], &one[starts[1]..]];
    let c = &two[starts[1]..];
    let fault = |parts: &[&[u8]]| read(&file_of(parts)).1.map_err(|broken| (broken.part, broken.fault));
    assert_eq!(fault(&[a, b]), Ok(()));
    assert_eq!(fault(&[a, c]), Err((1, CarryFault::OutOfPlace)));
    assert_eq!(fault(&[a, a]), Err((1, CarryFault::OutOfPlace)));
    assert_eq!(fault(&[a]), Err((1, CarryFault::CutShort)));
    assert_eq!(fault(&[a, b, b]), Err((1, CarryFault::BehindTheEnd)));
    assert!(fault(&[b]).is_err());
}

#[test]
fn other_files_and_later_versions_are_told_apart() {
    let fault = |bytes: &[u8]| read(bytes).1.unwrap_err().fault;
    assert_eq!(fault(b"age-encryption.org/v1\n-> X25519"), CarryFault::NotABundle);
    assert_eq!(fault(b"homeward bundle 2\nxxxx"), CarryFault::LaterVersion);
    assert_eq!(fault(b""), CarryFault::CutShort);
    assert_eq!(fault(b"homeward bundle 1\n\xff\xff\xff\xff"), CarryFault::TooLong);
    assert_eq!(fault(b"homeward bundle 1\n\x00\x10\x00\x00short"), CarryFault::CutShort);
}

#[test]
fn what_a_hostile_maker_seals_is_bounded_and_refused() {
    let item = |bytes: Vec<u8>| serde_bytes::ByteBuf::from(bytes);
    let said = |items: &[Item]| {
        item(codec::encode(&FirstItem::Statement { bytes: statement(1, items).bytes().to_vec() }))
    };
    let part = |index, last, items| sealed(&Part { bundle: [1; 16], index, last, items });
    let fault = |parts: &[&[u8]]| read(&file_of(parts)).1.unwrap_err().fault;
    // no statement; something else in its place; a statement in another place
    assert!(matches!(fault(&[&part(0, true, vec![])]), CarryFault::Damaged(_)));
    assert!(matches!(fault(&[&part(0, true, vec![item(vec![0xa0])])]), CarryFault::Damaged(_)));
    assert!(matches!(fault(&[&part(0, true, vec![said(&[]), said(&[])])]), CarryFault::Damaged(_)));
    // other numbers than it says
    let one = items(&[10]);
    assert_eq!(fault(&[&part(0, true, vec![said(&one)])]), CarryFault::NotAsStated);
    // parts without end and without content
    let first = part(0, false, vec![said(&one)]);
    assert!(matches!(fault(&[&first, &part(1, false, vec![])]), CarryFault::Damaged(_)));
    // an item longer than its kind may be
    let record = Item::Record {
        circle: CircleId([7; 32]),
        kind: CarriedKind::Card,
        bytes: vec![0; limit::RECORD_BYTES + 1],
    };
    let long = part(1, true, vec![item(codec::encode(&record))]);
    assert_eq!(fault(&[&first, &long]), CarryFault::TooLong);
    // not the strict form
    let mut loose = codec::encode(&one[0]);
    loose.push(0);
    assert!(matches!(fault(&[&first, &part(1, true, vec![item(loose)])]), CarryFault::Damaged(_)));
}

#[test]
fn a_statement_signed_by_another_or_for_another_is_refused() {
    let genuine = statement(1, &[]);
    let mut forged = genuine.get().clone();
    forged.node = NodeId(SigningKey::from_bytes(&[9; 32]).public());
    assert!(Signed::sign(forged, &SigningKey::from_bytes(&[9; 32])).is_err(), "the certificate is another's");
    let mut bytes = genuine.bytes().to_vec();
    *bytes.last_mut().unwrap() ^= 1;
    let first = serde_bytes::ByteBuf::from(codec::encode(&FirstItem::Statement { bytes }));
    let part = sealed(&Part { bundle: [1; 16], index: 0, last: true, items: vec![first] });
    assert!(matches!(read(&file_of(&[&part])).1.unwrap_err().fault, CarryFault::Damaged(_)));
}

#[test]
fn a_writer_keeps_to_what_it_stated() {
    let all = items(&[10]);
    let writer =
        BundleWriter::new(Vec::new(), &Plainly, vec![recipient(TARGET)], statement(1, &all)).unwrap();
    assert_eq!(writer.finish().map(|_| ()), Err(CarryFault::NotAsStated));
    let nobody = BundleWriter::new(Vec::new(), &Plainly, vec![], statement(1, &all)).map(|_| ());
    assert!(matches!(nobody, Err(CarryFault::Rule(_))));
}
