//! The offices of the bench: partners whose nodes exist as keys alone, and two real homes that sync.
//!
//! The nodes of the bench write the work into logs of their own, as `node::cut` makes them. All of it reaches the first
//! home the way a stick brings it: a bundle, through the gate that every segment passes. Homes are made and filled at
//! rest, inside the bench; only then does each run as a process of its own.

use crate::work::{Counts, Size, Turn, Work};
use homeward::carry::{BundleWriter, CarriedKind, Item, Statement};
use homeward::id::{CircleId, Hash, InstanceId, Life, PartnerId};
use homeward::log::{Charter, Segment};
use homeward::node::cut::{Cutting, OwnLog, cut};
use homeward::node::{Answer, Asked, Door, InitOptions, Request};
use homeward::private::Private;
use homeward::register::{Context, Stamped};
use homeward::seal::{
    AgeEnvelope, Card, Certificate, NodeSecret, PartnerSecret, Recipient, SafetyPhrase, card, card_from_text,
    card_to_text, certificate,
};
use homeward::sign::{Domain, Signed, hash};
use homeward::time::Millis;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::BufWriter;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// What the homes of the bench are locked with.
pub(crate) const PASSPHRASE: &str = "three small boats on a slow river";
/// scrypt's work factor: the least, since its time is measured apart.
pub(crate) const SCRYPT_LOG_N: u8 = 15;
/// What the circle is called.
pub(crate) const CIRCLE: &str = "bench";

/// A partner that exists as keys alone.
struct Office {
    nodes: Vec<NodeSecret>,
    words: Vec<Signed<Certificate>>,
    card: Signed<Card>,
}

/// Thirty-two bytes that follow from a purpose and a number: keys of the bench are the same in every run.
fn drawn(purpose: &str, number: usize) -> [u8; 32] {
    hash(Domain::Body, &[b"bench", purpose.as_bytes(), &number.to_be_bytes()]).0
}

fn node_secret(number: usize) -> NodeSecret {
    let mut seeds = [0; 96];
    for (part, purpose) in seeds.chunks_mut(32).zip(["signing", "link", "age"]) {
        part.copy_from_slice(&drawn(purpose, number));
    }
    NodeSecret::from_chance(&seeds)
}

fn offices(size: &Size) -> Vec<Office> {
    (0..size.partners)
        .map(|place| {
            let partner = PartnerSecret::from_chance(&drawn("partner", place));
            let nodes: Vec<NodeSecret> =
                (0..size.nodes_each).map(|node| node_secret(place * size.nodes_each + node)).collect();
            let words: Vec<Signed<Certificate>> = (1..)
                .zip(&nodes)
                .map(|(serial, node)| certificate(&partner, &node.public(), serial, Millis(0)).unwrap())
                .collect();
            let card = card(&partner, &format!("office-{place}"), &words, Vec::new(), 1, Millis(0)).unwrap();
            Office { nodes, words, card }
        })
        .collect()
}

/// A node of the bench, with all of its keys.
pub(crate) struct Keys {
    pub(crate) partner: [u8; 32],
    pub(crate) signing: [u8; 32],
    pub(crate) link: [u8; 32],
    pub(crate) certificate: Signed<Certificate>,
}

/// The nodes that exist as keys alone: for whoever means harm with them.
pub(crate) fn keys(size: &Size) -> Vec<Keys> {
    let words = offices(size).into_iter().flat_map(|office| office.words);
    words
        .enumerate()
        .map(|(number, certificate)| Keys {
            partner: drawn("partner", number / size.nodes_each),
            signing: drawn("signing", number),
            link: drawn("link", number),
            certificate,
        })
        .collect()
}

/// A home of the bench.
pub(crate) struct Place {
    /// Its folder.
    pub(crate) home: PathBuf,
    /// The file with its passphrase.
    pub(crate) passphrase: PathBuf,
    /// What its partner is called.
    pub(crate) name: String,
}

impl Place {
    /// A new home that listens on loopback.
    fn make(folder: &Path, name: &str) -> Self {
        let home = folder.join(name);
        homeward::node::init(InitOptions {
            home: home.clone(),
            name: name.to_owned(),
            passphrase: Private::from(PASSPHRASE),
            scrypt_log_n: SCRYPT_LOG_N,
            listen: Some("127.0.0.1:0".to_owned()),
            address: None,
            demo: None,
        })
        .unwrap();
        let passphrase = folder.join("passphrase");
        Self { home, passphrase, name: name.to_owned() }
    }

    /// Its vault, opened here.
    pub(crate) fn at_rest(&self) -> Door {
        Door::open(&self.home, &mut || Ok(Private::from(PASSPHRASE))).unwrap()
    }

    /// Dials that partner there from now on.
    pub(crate) fn dials(&self, partner: &str, address: &str) {
        let config = format!("listen = \"127.0.0.1:0\"\n[partner.{partner}]\naddress = \"{address}\"\n");
        let file = self.home.join("config.toml");
        fs::write(&file, config).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    }
}

/// Asks, and panics if it could not be done.
pub(crate) fn ask(door: &mut Door, request: Request) -> Answer {
    let asked = Asked { operator: Private::from("bench"), request };
    door.ask(asked, &mut |_| ()).unwrap_or_else(|failure| panic!("{}: {}", failure.what, failure.then))
}

/// Two homes of one circle: the first holds all of the work, the second nothing.
pub(crate) struct Pair {
    /// The first holds everything and dials; the second is empty and listens.
    pub(crate) places: [Place; 2],
    /// Their circle.
    pub(crate) circle: CircleId,
    /// The work, after its last turn.
    pub(crate) work: Work,
    /// What it is.
    pub(crate) counts: Counts,
    /// Segments.
    pub(crate) segments: u64,
    /// Bytes of them, sealed.
    pub(crate) sealed_bytes: u64,
    /// Other segments whose views the contexts moved to, counted once for each author and log.
    pub(crate) moved: u64,
    /// How long cutting and sealing took.
    pub(crate) cutting: Duration,
    /// How long the first home took to take the bundle in and show it.
    pub(crate) taking_in: Duration,
}

/// Makes a pair of homes in `folder`, whose earlier contents are lost.
pub(crate) fn pair(folder: &Path, seed: u64, size: Size) -> Pair {
    let _ = fs::remove_dir_all(folder);
    fs::create_dir_all(folder).unwrap();
    let mut options = fs::OpenOptions::new();
    let secret = options.write(true).create_new(true).mode(0o600).open(folder.join("passphrase")).unwrap();
    std::io::Write::write_all(&mut { secret }, PASSPHRASE.as_bytes()).unwrap();
    let (full, empty) = (Place::make(folder, "north"), Place::make(folder, "south"));
    let offices = offices(&size);
    let mut doors = [full.at_rest(), empty.at_rest()];
    let mut cards: Vec<Signed<Card>> = offices.iter().map(|office| office.card.clone()).collect();
    for door in &mut doors {
        let Answer::CardFile { text, .. } = ask(door, Request::CardExport { partner: None }) else {
            panic!("a card is a file")
        };
        cards.push(card_from_text(&text).unwrap());
    }
    let names: Vec<&str> = cards.iter().map(|card| card.name.as_str()).collect();
    for (door, own) in doors.iter_mut().zip([&full.name, &empty.name]) {
        for (card, name) in cards.iter().zip(&names).filter(|(_, name)| *name != own) {
            ask(door, Request::CardImport { text: card_to_text(card) });
            let phrase = Some(SafetyPhrase::of(&card.partner).words());
            ask(door, Request::CardTrust { partner: (*name).to_owned(), phrase, introduced_by: None });
        }
    }
    let [mut door, _] = doors;
    let charter = charter(&offices, &cards);
    let mut written = Written::new(seed, size, &offices, &charter, &cards);
    while let Some(turn) = written.work.next_turn() {
        written.take(turn);
    }
    let bundle = folder.join("all.bundle");
    written.bundle(&bundle, &offices, &cards);
    let begun = Instant::now();
    let file = bundle.display().to_string();
    let Answer::BundleRead { new_segments, missing, .. } = ask(&mut door, Request::BundleIn { file }) else {
        panic!("a bundle is read")
    };
    let taking_in = begun.elapsed();
    assert!(missing.is_empty(), "{missing:?}");
    let segments = written.segments.iter().map(|log| log.len() as u64).sum();
    assert_eq!(new_segments as u64, segments, "seed {seed}: the gate takes all of it");
    ask(&mut door, Request::Pause { partner: None });
    drop(door);
    fs::remove_file(&bundle).unwrap();
    let sealed_bytes = written.segments.iter().flatten().map(|segment| segment.body().len() as u64).sum();
    let Written { work, cutting, moved, .. } = written;
    let counts = work.counts();
    Pair {
        places: [full, empty],
        circle: charter.circle(),
        work,
        counts,
        segments,
        sealed_bytes,
        moved,
        cutting,
        taking_in,
    }
}

fn charter(offices: &[Office], cards: &[Signed<Card>]) -> Signed<Charter> {
    let mut members: Vec<PartnerId> = cards.iter().map(|card| card.partner).collect();
    members.sort();
    let founder = offices.first().unwrap();
    let (node, word) = (founder.nodes.first().unwrap(), founder.words.first().unwrap());
    let charter = Charter {
        version: 1,
        nonce: [7; 16],
        members,
        carriers: Vec::new(),
        rules: 1,
        time: Millis(1_767_000_000_000),
        founder: founder.card.partner,
        node: node.node_id(),
        certificate: word.bytes().to_vec(),
    };
    Signed::sign(charter, node).unwrap()
}

/// The logs of the bench's nodes as they grow.
struct Written<'a> {
    work: Work,
    offices: &'a [Office],
    charter: &'a Signed<Charter>,
    readers: BTreeMap<PartnerId, Vec<Signed<Certificate>>>,
    lives: Vec<Life>,
    logs: Vec<OwnLog>,
    segments: Vec<Vec<Segment>>,
    /// Of each node, by round from 1: how many segments it had written when the round was over.
    through: Vec<Vec<u64>>,
    contexts: Vec<Context>,
    moved: u64,
    drawn: usize,
    cutting: Duration,
}

impl<'a> Written<'a> {
    fn new(
        seed: u64,
        size: Size,
        offices: &'a [Office],
        charter: &'a Signed<Charter>,
        cards: &[Signed<Card>],
    ) -> Self {
        let lives: Vec<Life> = offices
            .iter()
            .flat_map(|office| &office.nodes)
            .enumerate()
            .map(|(place, node)| Life { node: node.node_id(), instance: InstanceId([place as u8 + 1; 16]) })
            .collect();
        Self {
            work: Work::new(seed, size, lives.clone()),
            offices,
            charter,
            readers: cards.iter().map(|card| (card.partner, card.nodes())).collect(),
            logs: lives.iter().map(|life| OwnLog::new(*life)).collect(),
            segments: lives.iter().map(|_| Vec::new()).collect(),
            through: lives.iter().map(|_| vec![0; size.rounds as usize + 1]).collect(),
            contexts: lives.iter().map(|_| Context::new()).collect(),
            lives,
            moved: 0,
            drawn: 0,
            cutting: Duration::ZERO,
        }
    }

    /// One turn: its node's edits, resting on what it had applied, cut and sealed.
    fn take(&mut self, turn: Turn) {
        let node = turn.node;
        let mut context = Context::new();
        for (place, life) in self.lives.iter().enumerate().filter(|(place, _)| *place != node) {
            match self.through[place][turn.seen as usize] {
                0 => {}
                number => drop(context.insert(*life, number)),
            }
        }
        let before = std::mem::replace(&mut self.contexts[node], context.clone());
        self.moved += context.iter().filter(|(life, number)| before.get(life) != Some(number)).count() as u64;
        let context = Arc::new(context);
        let now = turn.edits.last().unwrap().time;
        let stamped: Vec<Stamped> =
            turn.edits.into_iter().map(|edit| Stamped { edit, context: Arc::clone(&context) }).collect();
        let each = self.offices[0].nodes.len();
        let office = &self.offices[node / each];
        let places: BTreeMap<Life, usize> =
            self.lives.iter().enumerate().map(|(place, life)| (*life, place)).collect();
        let header_of = |life: &Life, number: u64| -> Option<Hash> {
            let log = self.segments.get(*places.get(life)?)?;
            Some(log.get(usize::try_from(number).ok()?.checked_sub(1)?)?.header().hash())
        };
        let name = Private::from(CIRCLE);
        let cutting = Cutting {
            circle: self.charter.circle(),
            charter: self.charter,
            name: (node == 0).then_some(&name),
            readers: &self.readers,
            certificate: &office.words[node % each],
            signer: &office.nodes[node % each],
            envelope: &AgeEnvelope,
            now,
            header_of: &header_of,
        };
        let log = self.logs[node].clone();
        assert_eq!(turn.first_number, log.last_edit + 1, "a log has no gaps");
        let count = &mut self.drawn;
        let mut chance = || {
            *count += 1;
            drawn("epoch", *count)
        };
        let begun = Instant::now();
        let (log, segments) = cut(log, &cutting, &stamped, &mut chance).unwrap();
        self.cutting += begun.elapsed();
        self.logs[node] = log;
        self.segments[node].extend(segments);
        let held = self.segments[node].len() as u64;
        for after in self.through[node].iter_mut().skip(turn.round as usize + 1) {
            *after = held;
        }
    }

    /// All of it as a bundle for the first home.
    fn bundle(&self, file: &Path, offices: &[Office], cards: &[Signed<Card>]) {
        let target = cards.get(offices.len()).unwrap();
        let recipients = target.nodes().iter().map(|node| Recipient(node.recipient.clone())).collect();
        let (maker, circle) = (&offices[0], self.charter.circle());
        let statement = Statement {
            version: 1,
            bundle: [9; 16],
            partner: maker.card.partner,
            node: maker.nodes[0].node_id(),
            certificate: maker.words[0].bytes().to_vec(),
            target: target.partner,
            circles: vec![circle],
            time: Millis(1_767_000_000_000),
            heads: 0,
            records: 1,
            segments: self.segments.iter().map(|log| log.len() as u64).sum(),
        };
        let statement = Signed::sign(statement, &maker.nodes[0]).unwrap();
        let out = BufWriter::new(File::create(file).unwrap());
        let mut writer = BundleWriter::new(out, &AgeEnvelope, recipients, statement).unwrap();
        let charter =
            Item::Record { circle, kind: CarriedKind::Charter, bytes: self.charter.bytes().to_vec() };
        writer.put(&charter).unwrap();
        for segment in self.segments.iter().flatten() {
            let (header, body) = (segment.header().bytes().to_vec(), segment.body().to_vec());
            writer.put(&Item::Segment { header, body }).unwrap();
        }
        writer.finish().unwrap();
    }
}
