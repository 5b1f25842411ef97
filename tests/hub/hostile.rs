//! Nodes of a partner that means harm: each cheats in a way of its own that frames allow. They have keys, certificates
//! and a circle in common with whom they attack, so nothing but their words tells them from an honest peer.
//!
//! A hostile node has no hub and no clock: [`Hostile::up`] says what it begins a link with, [`Hostile::say`] what comes
//! next. Whoever drives it carries the frames. The same seed says the same.

// Each test that names this file uses what it needs of it.
#![allow(dead_code)]

use super::chance::Chance;
use ed25519_dalek::SigningKey;
use homeward::codec;
use homeward::id::{CircleId, EpochId, Hash, InstanceId, Life, LinkKey, LogId, NodeId, PartnerId};
use homeward::limit;
use homeward::log::{
    Charter, Closure, ForkProof, Header, Heads, HeadsEntry, HeldHeads, Kind, Segment, body_hash,
};
use homeward::seal::{Card, Certificate, Grant};
use homeward::sign::{Domain, Sign, Signature, Signed};
use homeward::sync::RecordKind;
use homeward::time::Millis;
use serde::Serialize;
use serde_bytes::ByteBuf;
use std::sync::Arc;

/// The messages of a link, as `src/sync/FORMAT.md` has them.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Say {
    Hello(Hello),
    State { circle: CircleId, heads: ByteBuf, base: u64, entries: ByteBuf, last: bool, records: Hash },
    StateMore { entries: ByteBuf, last: bool },
    Opened { all: bool, digest: Hash, partials: Vec<(Hash, u32)> },
    WantAll,
    Seen(u64),
    Charter(ByteBuf),
    RecordList(CircleId, Vec<Hash>),
    Record(CircleId, RecordKind, ByteBuf),
    Card(CircleId, ByteBuf),
    Whole(ByteBuf, ByteBuf),
    Start(ByteBuf, u32),
    Range(u32, ByteBuf),
    Skip(CircleId, Life, u64),
    WantHeader(CircleId, Life, u64),
    HeaderIs(ByteBuf),
    WantGrant(CircleId, EpochId),
}

#[derive(Serialize)]
struct Hello {
    versions: Vec<u16>,
    partner: PartnerId,
    node: NodeId,
    instance: InstanceId,
    start: u64,
    certificate: ByteBuf,
    revision: u64,
    card: Hash,
    signature: Signature,
}

#[derive(Serialize)]
struct Statement<'a> {
    #[serde(with = "serde_bytes")]
    exporter: &'a [u8; 32],
    dialled: bool,
    versions: &'a [u16],
    partner: PartnerId,
    node: NodeId,
    instance: InstanceId,
    start: u64,
    revision: u64,
    card: Hash,
}

/// A way to cheat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Cheat {
    /// Bytes that are no message.
    Garbage,
    /// A link without a word.
    SaysNothing,
    /// Good messages before the hello.
    SpeaksBeforeHello,
    /// A hello that was made for another link.
    BorrowedHello,
    /// Good messages where they have no place.
    OutOfPlace,
    /// A state whose parts never end.
    EndlessState,
    /// A state that begins and stops.
    HangingState,
    /// Signed heads, new each time, of logs that do not exist.
    ManyStates,
    /// Good segments as fast as the link bears them: sheets without end, for all that a hub can tell.
    FloodOfSegments,
    /// A new life of its store with each segment.
    FloodOfInstances,
    /// A new epoch with each segment.
    FloodOfEpochs,
    /// Closures, one serial after another.
    FloodOfClosures,
    /// Proofs that nodes forked, made up key by key.
    FloodOfForks,
    /// Grants that nobody asked for.
    FloodOfGrants,
    /// Circles.
    FloodOfCharters,
    /// Cards, one revision after another, and certificates, one serial after another.
    FloodOfCards,
    /// Segments without predecessor, of logs that do not exist.
    FloodOfUnplaced,
    /// The greatest lengths that a header may declare, and greater ones.
    HugeLengths,
    /// A segment begins and a byte comes now and then.
    Trickle,
    /// Segments of an honest office begin and hang, so that nobody else need bring them.
    Squat,
    /// Parts of segments of an honest office with wrong bytes, left for others to go on with.
    PoisonedParts,
    /// Asks for headers.
    WantsHeaders,
    /// Asks for grants.
    WantsGrants,
    /// Lists no records, so as to be sent all.
    WantsRecords,
    /// Asks for everything again.
    WantsAll,
    /// Confirms what was not said, skips what was not sent.
    LiesAboutReading,
    /// Makes the other answer and reads nothing.
    ReadsNothing,
}

/// All of them.
pub(crate) const CHEATS: [Cheat; 27] = [
    Cheat::Garbage,
    Cheat::SaysNothing,
    Cheat::SpeaksBeforeHello,
    Cheat::BorrowedHello,
    Cheat::OutOfPlace,
    Cheat::EndlessState,
    Cheat::HangingState,
    Cheat::ManyStates,
    Cheat::FloodOfSegments,
    Cheat::FloodOfInstances,
    Cheat::FloodOfEpochs,
    Cheat::FloodOfClosures,
    Cheat::FloodOfForks,
    Cheat::FloodOfGrants,
    Cheat::FloodOfCharters,
    Cheat::FloodOfCards,
    Cheat::FloodOfUnplaced,
    Cheat::HugeLengths,
    Cheat::Trickle,
    Cheat::Squat,
    Cheat::PoisonedParts,
    Cheat::WantsHeaders,
    Cheat::WantsGrants,
    Cheat::WantsRecords,
    Cheat::WantsAll,
    Cheat::LiesAboutReading,
    Cheat::ReadsNothing,
];

/// What it is about: a circle that it is in, with whom, and what an honest office has said there.
#[derive(Clone)]
pub(crate) struct Aim {
    pub circle: CircleId,
    /// Partners of the charters that it makes up, its own and its victim's among them; sorted.
    pub members: Vec<PartnerId>,
    /// A life whose headers it asks for.
    pub life: Life,
    /// Segments of an honest office.
    pub segments: Vec<Arc<Segment>>,
}

/// One hostile node.
pub(crate) struct Hostile {
    pub cheat: Cheat,
    pub certificate: Signed<Certificate>,
    partner: SigningKey,
    key: SigningKey,
    aim: Aim,
    chance: Chance,
    instance: InstanceId,
    last: Option<Signed<Header>>,
    count: u64,
    begun: usize,
}

impl Hostile {
    /// A node of the partner with this key; `number` tells its nodes apart.
    pub(crate) fn new(cheat: Cheat, partner: &SigningKey, number: u64, aim: Aim, now: Millis) -> Self {
        let mut chance = Chance::new(number ^ 0xbad);
        let key = SigningKey::from_bytes(&chance.array());
        let certificate = Certificate {
            version: 1,
            partner: PartnerId(partner.public()),
            node: NodeId(key.public()),
            link: LinkKey(SigningKey::from_bytes(&chance.array()).public()),
            recipient: vec![7; 1216],
            serial: number + 2,
            time: now,
        };
        let certificate = Signed::sign(certificate, partner).unwrap();
        Self::with(cheat, partner.clone(), key, certificate, aim, chance)
    }

    /// A node whose keys are known already.
    pub(crate) fn with(
        cheat: Cheat,
        partner: SigningKey,
        key: SigningKey,
        certificate: Signed<Certificate>,
        aim: Aim,
        mut chance: Chance,
    ) -> Self {
        let instance = InstanceId(chance.array());
        Self { cheat, certificate, partner, key, aim, instance, chance, last: None, count: 0, begun: 0 }
    }

    pub(crate) fn node(&self) -> NodeId {
        self.certificate.node
    }

    /// Whether it leaves what it is sent unread.
    pub(crate) fn deaf(&self) -> bool {
        self.cheat == Cheat::ReadsNothing
    }

    /// What it begins a link with.
    pub(crate) fn up(&mut self, exporter: &[u8; 32]) -> Vec<Vec<u8>> {
        self.begun = 0;
        match self.cheat {
            Cheat::SaysNothing => Vec::new(),
            Cheat::SpeaksBeforeHello => self.frames([Say::WantAll]),
            Cheat::BorrowedHello => {
                let hello = self.hello(&[0; 32]);
                self.frames([Say::Hello(hello)])
            }
            _ => {
                let hello = self.hello(exporter);
                let opened = Say::Opened { all: false, digest: Hash::ZERO, partials: Vec::new() };
                self.frames([Say::Hello(hello), opened])
            }
        }
    }

    fn frames(&self, all: impl IntoIterator<Item = Say>) -> Vec<Vec<u8>> {
        all.into_iter().map(|say| codec::encode(&say)).collect()
    }

    fn hello(&self, exporter: &[u8; 32]) -> Hello {
        let me = &self.certificate;
        let mut hello = Hello {
            versions: vec![1],
            partner: me.partner,
            node: me.node,
            instance: self.instance,
            start: 7,
            certificate: me.bytes().to_vec().into(),
            revision: 0,
            card: Hash::ZERO,
            signature: Signature([0; 64]),
        };
        let statement = codec::encode(&Statement {
            exporter,
            dialled: true,
            versions: &hello.versions,
            partner: hello.partner,
            node: hello.node,
            instance: hello.instance,
            start: hello.start,
            revision: 0,
            card: Hash::ZERO,
        });
        hello.signature = Sign::sign(&self.key, Domain::Hello, &statement);
        hello
    }

    /// Its next words on a link that stands.
    pub(crate) fn say(&mut self, now: Millis) -> Vec<Vec<u8>> {
        self.count += 1;
        let circle = self.aim.circle;
        let says = match self.cheat {
            Cheat::Garbage => {
                let length = 1 + self.chance.below(2_000) as usize;
                return vec![self.chance.bytes(length)];
            }
            Cheat::SaysNothing | Cheat::SpeaksBeforeHello | Cheat::BorrowedHello => Vec::new(),
            Cheat::OutOfPlace => vec![self.out_of_place()],
            Cheat::EndlessState | Cheat::HangingState => self.unending_state(now),
            Cheat::ManyStates => vec![self.state(now, 256, true)],
            Cheat::FloodOfSegments => vec![self.segment(now, false)],
            Cheat::FloodOfEpochs => vec![self.segment(now, true)],
            Cheat::FloodOfInstances => {
                self.instance = InstanceId(self.chance.array());
                self.last = None;
                vec![self.segment(now, true)]
            }
            Cheat::FloodOfClosures => vec![self.closure(now)],
            Cheat::FloodOfForks => vec![self.fork(now)],
            Cheat::FloodOfGrants => vec![self.grant(now)],
            Cheat::FloodOfCharters => vec![self.charter(now)],
            Cheat::FloodOfCards => vec![self.card(now)],
            Cheat::FloodOfUnplaced => vec![self.unplaced(now)],
            Cheat::HugeLengths => self.huge(now),
            Cheat::Trickle => self.trickle(now),
            Cheat::Squat | Cheat::PoisonedParts => self.squat(),
            Cheat::WantsHeaders => vec![Say::WantHeader(circle, self.aim.life, 1 + self.chance.below(900))],
            Cheat::WantsGrants => vec![Say::WantGrant(circle, EpochId(self.chance.array()))],
            Cheat::WantsRecords => vec![Say::RecordList(circle, Vec::new())],
            Cheat::WantsAll => vec![Say::WantAll],
            Cheat::LiesAboutReading => vec![
                Say::Skip(circle, self.aim.life, self.chance.next()),
                Say::Seen(if self.count.is_multiple_of(50) { u64::MAX } else { 0 }),
            ],
            Cheat::ReadsNothing => vec![
                Say::RecordList(circle, Vec::new()),
                Say::WantHeader(circle, self.aim.life, 1 + self.chance.below(900)),
                self.honest_whole(),
            ],
        };
        self.frames(says)
    }

    /// Whether it hangs up now, to come again.
    pub(crate) fn hangs_up(&self) -> bool {
        self.cheat == Cheat::PoisonedParts && self.begun > 0
    }

    fn out_of_place(&mut self) -> Say {
        let circle = self.aim.circle;
        match self.chance.below(7) {
            0 => Say::Opened { all: true, digest: Hash::ZERO, partials: vec![(Hash::ZERO, 7); 64] },
            1 => Say::StateMore { entries: HeldHeads::default().encode().into(), last: true },
            2 => Say::Range(0, vec![1; 100].into()),
            3 => Say::RecordList(CircleId([1; 32]), vec![]),
            4 => Say::HeaderIs(vec![1; 100].into()),
            5 => Say::Record(circle, RecordKind::Closure, vec![2; 300].into()),
            _ => Say::WantHeader(CircleId([9; 32]), self.aim.life, 1),
        }
    }

    fn entries(&mut self, count: usize) -> HeldHeads {
        // Numbers beyond all counting now and then; mostly the greatest that there may be.
        let number = if self.count.is_multiple_of(97) { u64::MAX } else { limit::LOG_SEGMENTS };
        let mut entry = || {
            let life = Life { node: NodeId(self.chance.array()), instance: InstanceId(self.chance.array()) };
            (life, HeadsEntry { number, hash: Hash(self.chance.array()) })
        };
        HeldHeads((0..count).map(|_| entry()).collect())
    }

    fn state(&mut self, now: Millis, count: usize, last: bool) -> Say {
        let entries = self.entries(count);
        let heads = Heads {
            version: 1,
            circle: self.aim.circle,
            node: self.node(),
            instance: self.instance,
            run: self.count,
            time: now,
            entries: entries.digest(),
        };
        Say::State {
            circle: self.aim.circle,
            heads: Signed::sign(heads, &self.key).unwrap().bytes().to_vec().into(),
            base: 0,
            entries: entries.encode().into(),
            last,
            records: Hash(self.chance.array()),
        }
    }

    fn unending_state(&mut self, now: Millis) -> Vec<Say> {
        self.begun += 1;
        match (self.cheat, self.begun) {
            (_, 1) => vec![self.state(now, 256, false)],
            (Cheat::HangingState, _) => Vec::new(),
            // Parts without anything in them would never come to an end.
            (_, part) => {
                let count = if self.count.is_multiple_of(2) || part > 10 { 256 } else { 0 };
                vec![Say::StateMore { entries: self.entries(count).encode().into(), last: false }]
            }
        }
    }

    fn header(&mut self, now: Millis, founds: bool, body: &[u8], length: usize) -> Header {
        let last = self.last.as_deref();
        let epoch =
            if founds { EpochId(self.chance.array()) } else { last.map_or(EpochId([9; 32]), |h| h.epoch) };
        Header {
            version: 1,
            kind: if founds || last.is_none() { Kind::Epoch } else { Kind::Work },
            circle: self.aim.circle,
            partner: self.certificate.partner,
            node: self.node(),
            instance: self.instance,
            number: last.map_or(1, |h| h.number + 1),
            previous: self.last.as_ref().map_or(Hash::ZERO, Signed::hash),
            epoch,
            cut: now,
            length: length as u32,
            body: body_hash(body),
            plain: Hash([3; 32]),
            certificate: if self.last.is_none() { self.certificate.bytes().to_vec() } else { Vec::new() },
        }
    }

    /// The next segment of its own log, good in every way.
    fn segment(&mut self, now: Millis, founds: bool) -> Say {
        let length = 200 + self.chance.below(6_000) as usize;
        let body = self.chance.bytes(length);
        let header = self.header(now, founds, &body, length);
        let header = Signed::sign(header, &self.key).unwrap();
        self.last = Some(header.clone());
        Say::Whole(header.bytes().to_vec().into(), body.into())
    }

    /// A segment that nobody can place, of a node that does not exist.
    fn unplaced(&mut self, now: Millis) -> Say {
        let nobody = SigningKey::from_bytes(&self.chance.array());
        let body = self.chance.bytes(7_000);
        let header = Header {
            node: NodeId(nobody.public()),
            number: 2 + self.chance.below(1 << 31),
            previous: Hash(self.chance.array()),
            kind: Kind::Work,
            certificate: Vec::new(),
            ..self.header(now, false, &body, 7_000)
        };
        let header = Signed::sign(header, &nobody).unwrap();
        Say::Whole(header.bytes().to_vec().into(), body.into())
    }

    fn closure(&mut self, now: Millis) -> Say {
        let circle = self.aim.circle;
        let closure = Closure {
            version: 1,
            circle,
            partner: self.certificate.partner,
            node: NodeId(self.chance.array()),
            serial: self.count,
            retired: false,
            time: now,
            through: Vec::new(),
        };
        let closure = Signed::sign(closure, &self.partner).unwrap();
        Say::Record(circle, RecordKind::Closure, closure.bytes().to_vec().into())
    }

    fn fork(&mut self, now: Millis) -> Say {
        let nobody = SigningKey::from_bytes(&self.chance.array());
        let mut two = [b"one", b"two"].map(|body| {
            let header = Header {
                node: NodeId(nobody.public()),
                // In the name of each partner of the circle in turn.
                partner: self.aim.members[self.count as usize % self.aim.members.len()],
                number: 2,
                previous: Hash([1; 32]),
                kind: Kind::Work,
                certificate: Vec::new(),
                ..self.header(now, false, body, body.len())
            };
            Some(Signed::sign(header, &nobody).unwrap())
        });
        let proof = ForkProof::new(two[0].take().unwrap(), two[1].take().unwrap()).unwrap();
        Say::Record(self.aim.circle, RecordKind::Fork, proof.encode().into())
    }

    fn grant(&mut self, now: Millis) -> Say {
        let grant = Grant {
            version: 1,
            circle: self.aim.circle,
            epoch: EpochId(self.chance.array()),
            from: self.node(),
            to: self.aim.life.node,
            to_link: self.certificate.link,
            time: now,
            file: vec![1; 20_000],
        };
        let grant = Signed::sign(grant, &self.key).unwrap();
        Say::Record(self.aim.circle, RecordKind::Grant, grant.bytes().to_vec().into())
    }

    fn charter(&mut self, now: Millis) -> Say {
        let charter = Charter {
            version: 1,
            nonce: self.chance.array(),
            members: self.aim.members.clone(),
            carriers: Vec::new(),
            rules: 1,
            time: now,
            founder: self.certificate.partner,
            node: self.node(),
            certificate: self.certificate.bytes().to_vec(),
        };
        Say::Charter(Signed::sign(charter, &self.key).unwrap().bytes().to_vec().into())
    }

    fn card(&mut self, now: Millis) -> Say {
        let renewed = Certificate { serial: 1_000 + self.count, ..self.certificate.get().clone() };
        let renewed = Signed::sign(renewed, &self.partner).unwrap();
        let card = Card {
            version: 1,
            partner: self.certificate.partner,
            name: "An office".to_owned(),
            certificates: vec![renewed.bytes().to_vec().into()],
            addresses: Vec::new(),
            revision: 1_000 + self.count,
            time: now,
        };
        let card = Signed::sign(card, &self.partner).unwrap();
        Say::Card(self.aim.circle, card.bytes().to_vec().into())
    }

    fn huge(&mut self, now: Millis) -> Vec<Say> {
        let length =
            if self.count.is_multiple_of(3) { u32::MAX as usize } else { limit::SEGMENT_SEALED_BYTES };
        let mut header = self.header(now, true, b"x", limit::SEGMENT_SEALED_BYTES);
        header.length = length as u32;
        let bytes = match Signed::sign(header.clone(), &self.key) {
            Ok(signed) => signed.bytes().to_vec(),
            // A length that no header may have: signed all the same.
            Err(_) => {
                let body = codec::encode(&header);
                let signature = Sign::sign(&self.key, Domain::Header, &body);
                codec::encode(&(ByteBuf::from(body), signature))
            }
        };
        let offset = if self.count.is_multiple_of(2) { 0 } else { u32::MAX };
        vec![Say::Start(bytes.into(), offset)]
    }

    fn trickle(&mut self, now: Millis) -> Vec<Say> {
        self.begun += 1;
        if self.begun == 1 {
            let header = self.header(now, true, b"x", limit::SEGMENT_SEALED_BYTES);
            let header = Signed::sign(header, &self.key).unwrap();
            return vec![Say::Start(header.bytes().to_vec().into(), 0)];
        }
        vec![Say::Range(self.begun as u32 - 2, vec![1].into())]
    }

    /// Begins a segment of somebody else's that is long enough to come in parts, and leaves it.
    fn squat(&mut self) -> Vec<Say> {
        let long: Vec<_> =
            self.aim.segments.iter().filter(|s| s.body().len() > limit::RANGE_BYTES).cloned().collect();
        if self.begun > 0 || long.is_empty() {
            return Vec::new();
        }
        self.begun += 1;
        let segment = long[self.count as usize % long.len()].clone();
        let wrong = vec![0xee; 8_000];
        vec![Say::Start(segment.header().bytes().to_vec().into(), 0), Say::Range(0, wrong.into())]
    }

    fn honest_whole(&mut self) -> Say {
        let small = self.aim.segments.iter().find(|s| s.body().len() <= limit::RANGE_BYTES);
        match small {
            Some(s) => Say::Whole(s.header().bytes().to_vec().into(), s.body().to_vec().into()),
            None => Say::Seen(0),
        }
    }

    /// The log that it writes, if it writes one.
    pub(crate) fn log(&self) -> LogId {
        LogId { circle: self.aim.circle, life: Life { node: self.node(), instance: self.instance } }
    }
}
