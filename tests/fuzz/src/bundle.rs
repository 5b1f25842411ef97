//! Bundles: the file as it comes, its parts, and its items under a right statement.

use super::Given;
use homeward::carry::{BundleReader, BundleWriter, CarriedKind, Item, Statement};
use homeward::codec;
use homeward::id::CircleId;
use homeward::limit;
use homeward::private::Private;
use homeward::seal::{
    AgeEnvelope, Envelope, EpochKey, Recipient, SealFault, certificate, demo_node, demo_partner,
};
use homeward::sign::Signed;
use homeward::time::Millis;
use serde::Serialize;
use serde_bytes::ByteBuf;

const FIRST_LINE: &[u8] = b"homeward bundle 1\n";

/// Seals nothing: the reader sees what the fuzzer wrote.
struct Open;

impl Envelope for Open {
    fn seal_work(&self, _: &EpochKey, plaintext: &[u8]) -> Result<Vec<u8>, SealFault> {
        Ok(plaintext.to_vec())
    }
    fn open_work(&self, _: &EpochKey, sealed: &[u8]) -> Result<Private<Vec<u8>>, SealFault> {
        Ok(Private::new(sealed.to_vec()))
    }
    fn seal_to(&self, _: &[Recipient], plaintext: &[u8]) -> Result<Vec<u8>, SealFault> {
        Ok(plaintext.to_vec())
    }
    fn open_as(&self, _: &Private<[u8; 32]>, sealed: &[u8]) -> Result<Private<Vec<u8>>, SealFault> {
        Ok(Private::new(sealed.to_vec()))
    }
}

/// A part as `carry` writes it.
#[derive(Serialize)]
struct Part {
    #[serde(with = "serde_bytes")]
    bundle: [u8; 16],
    index: u64,
    last: bool,
    items: Vec<ByteBuf>,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum First {
    Statement { bytes: ByteBuf },
}

/// Of the bundle that corpora hold: who made it, and how many heads, records and segments it states.
pub fn statement(counts: [u64; 3]) -> Signed<Statement> {
    let (partner, node) = (demo_partner("kyiv"), demo_node("kyiv"));
    let statement = Statement {
        version: 1,
        bundle: [0x61; 16],
        partner: partner.partner_id(),
        node: node.node_id(),
        certificate: certificate(&partner, &node.public(), 1, Millis(1)).unwrap().bytes().to_vec(),
        target: demo_partner("doha").partner_id(),
        circles: vec![CircleId([0x66; 32])],
        time: Millis(1_767_225_600_000),
        heads: counts[0],
        records: counts[1],
        segments: counts[2],
    };
    Signed::sign(statement, &node).unwrap()
}

/// First byte 0: a file as it comes, sealed; 1: the same, of which nothing is sealed; 2: plaintexts of parts; 3: items
/// under a right statement.
pub fn bundle(bytes: &[u8]) -> bool {
    let mut given = Given(bytes);
    match given.byte() % 4 {
        0 => read(given.0, &AgeEnvelope).is_some(),
        1 => read(given.0, &Open).is_some(),
        2 => {
            let mut file = FIRST_LINE.to_vec();
            while !given.is_empty() {
                put_part(&mut file, given.piece());
            }
            read(&file, &Open).is_some()
        }
        _ => items(&mut given),
    }
}

fn put_part(file: &mut Vec<u8>, plaintext: &[u8]) {
    file.extend_from_slice(&(plaintext.len() as u32).to_be_bytes());
    file.extend_from_slice(plaintext);
}

fn items(given: &mut Given<'_>) -> bool {
    let counts = [given.byte(), given.byte(), given.byte()].map(|count| u64::from(count % 8));
    let mut list = Vec::new();
    while !given.is_empty() {
        list.push(given.piece());
    }
    let file = file_of(counts, &list);
    let Some(read) = read(&file, &Open) else { return false };
    // What is a bundle can be written by ours, and reads as the same.
    let mut writer =
        BundleWriter::new(Vec::new(), &Open, vec![Recipient(Vec::new())], statement(counts)).unwrap();
    for item in &read {
        writer.put(item).expect("an item that was read can be written");
    }
    let (again, length) = writer.finish().expect("the counts are those stated");
    assert_eq!(again.len() as u64, length);
    assert_eq!(super::bundle::read(&again, &Open).expect("what is written reads"), read);
    true
}

/// A bundle of one part that is not sealed, with these items behind its statement.
pub fn file_of(counts: [u64; 3], items: &[&[u8]]) -> Vec<u8> {
    let statement = statement(counts);
    let first = codec::encode(&First::Statement { bytes: ByteBuf::from(statement.bytes()) });
    let items = std::iter::once(first.as_slice()).chain(items.iter().copied());
    let part =
        Part { bundle: statement.bundle, index: 0, last: true, items: items.map(ByteBuf::from).collect() };
    let mut file = FIRST_LINE.to_vec();
    put_part(&mut file, &codec::encode(&part));
    file
}

/// Reads to the end. What breaks once stays broken, and breaks at a place inside the file.
fn read(file: &[u8], envelope: &dyn Envelope) -> Option<Vec<Item>> {
    let secret = demo_node("doha").age_seed().clone();
    let mut reader = BundleReader::open(file, envelope, &secret).ok()?;
    let mut items = Vec::new();
    loop {
        match reader.next_item() {
            Ok(Some(item)) => {
                assert!(item_bytes(&item) <= limit::BUNDLE_PART_BYTES);
                items.push(item);
            }
            Ok(None) => break,
            Err(broken) => {
                assert!(broken.offset <= file.len() as u64);
                assert_eq!(reader.next_item(), Err(broken), "what broke stays broken");
                return None;
            }
        }
    }
    assert_eq!(reader.next_item(), Ok(None));
    let stated = reader.statement();
    assert_eq!(stated.heads + stated.records + stated.segments, items.len() as u64);
    Some(items)
}

fn item_bytes(item: &Item) -> usize {
    match item {
        Item::Heads { record, entries } => record.len() + entries.len(),
        Item::Record { bytes, .. } => bytes.len(),
        Item::Segment { header, body } => header.len() + body.len(),
    }
}

/// An item of each kind with these bytes, as it stands in a part.
pub fn items_with(bytes: &[u8]) -> Vec<Vec<u8>> {
    use CarriedKind as Kind;
    let record = |kind| Item::Record { circle: CircleId([0x66; 32]), kind, bytes: bytes.to_vec() };
    let kinds = [
        Kind::Charter,
        Kind::Card,
        Kind::Certificate,
        Kind::Closure,
        Kind::Grant,
        Kind::ForkProof,
        Kind::Heads,
    ];
    let mut items: Vec<Item> = kinds.into_iter().map(record).collect();
    items.push(Item::Heads { record: bytes.to_vec(), entries: bytes.to_vec() });
    items.push(Item::Segment { header: bytes.to_vec(), body: bytes.to_vec() });
    items.iter().map(codec::encode).collect()
}
