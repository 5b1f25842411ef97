//! Cutting: edits that wait become segments.
//!
//! Nothing here touches a disk: what comes out is stored in the same transaction that takes the edits off the waiting
//! list, and only then may a byte of it leave. The log's state ([`OwnLog`]) is handed in and out by value, so that a
//! failed transaction leaves the old one standing.

use crate::id::{CircleId, Hash, Life, NodeId, PartnerId};
use crate::limit;
use crate::log::{ChainEnd, Charter, Header, Kind, Segment, body_hash};
use crate::private::Private;
use crate::register::{Pin, Place, Stamped, Work, pins_of};
use crate::seal::{Certificate, Envelope, EpochSecret, SealFault, new_epoch};
use crate::sign::{Sign, Signed};
use crate::time::Millis;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use thiserror::Error;

/// Where our own log of one circle stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnLog {
    /// Which life writes it.
    pub life: Life,
    /// Its end.
    pub end: ChainEnd,
    /// The plain chain's value at the end.
    pub plain: Hash,
    /// The number of the last edit that was cut.
    pub last_edit: u64,
    /// The epoch that is current, once there is one.
    pub epoch: Option<OwnEpoch>,
    /// Whether the circle's name was said (the founder's first work segment).
    pub named: bool,
}

/// The current epoch of our own log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnEpoch {
    /// Its key and its chain key.
    pub secret: EpochSecret,
    /// When it was founded.
    pub founded: Millis,
    /// The number of the segment that founded it.
    pub number: u64,
    /// The nodes that it is sealed to, sorted.
    pub nodes: Vec<NodeId>,
}

impl OwnLog {
    /// A log in which nothing was said yet.
    pub fn new(life: Life) -> Self {
        Self { life, end: ChainEnd::EMPTY, plain: Hash::ZERO, last_edit: 0, epoch: None, named: false }
    }
}

/// Who cuts, for whom, with what.
pub struct Cutting<'a> {
    /// The circle.
    pub circle: CircleId,
    /// Its charter.
    pub charter: &'a Charter,
    /// The circle's name, if we founded it.
    pub name: Option<&'a Private<String>>,
    /// The certificates of each member's nodes that are believed, ours among them. A member that is missing has no
    /// card here; one with none has closed all its nodes, or names none on its card.
    pub readers: &'a BTreeMap<PartnerId, Vec<Signed<Certificate>>>,
    /// Our certificate.
    pub certificate: &'a Signed<Certificate>,
    /// Our signing key.
    pub signer: &'a dyn Sign,
    /// What seals.
    pub envelope: &'a dyn Envelope,
    /// The time.
    pub now: Millis,
    /// Hash of the header of a placed segment, for pins.
    pub header_of: &'a dyn Fn(&Life, u64) -> Option<Hash>,
}

/// Why nothing was cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum CutFault {
    /// A member's card is not here: nothing can be sealed to it.
    #[error("the card of a member of the circle is not here")]
    NoReader,
    /// Our own card does not name this node, or it is closed: what it wrote, our office could not read.
    #[error("this machine is closed, or not on its office's card any more")]
    NotOurs,
    /// Sealing failed.
    #[error("{0}")]
    Seal(#[from] SealFault),
    /// An edit names a segment that is not held: our own mistake.
    #[error("an edit names a segment that is not held")]
    Pin,
    /// A record of our own broke its own rules: our own mistake.
    #[error("{0}")]
    Own(#[from] crate::codec::Malformed),
}

/// Cuts waiting edits into as few segments as limits allow, with a new epoch before them where one is due.
///
/// `chance` draws 32 random bytes. The waiting edits are numbered from `log.last_edit + 1`.
///
/// # Errors
/// [`CutFault`]; nothing has happened then.
pub fn cut(
    mut log: OwnLog,
    with: &Cutting<'_>,
    waiting: &[Stamped],
    chance: &mut dyn FnMut() -> [u8; 32],
) -> Result<(OwnLog, Vec<Segment>), CutFault> {
    let mut segments = Vec::new();
    // The founder says the circle's name even before there is anything else to say.
    let names = with.name.is_some() && with.charter.founder == with.certificate.partner && !log.named;
    if waiting.is_empty() && !names {
        return Ok((log, segments));
    }
    if !is_ours(with) {
        return Err(CutFault::NotOurs);
    }
    if epoch_is_due(&log, with) {
        segments.push(found_epoch(&mut log, with, chance)?);
    }
    let mut rest = waiting;
    while !rest.is_empty() || (names && !log.named) {
        let mut count = rest.len().min(limit::SEGMENT_EDITS);
        // The limits are on what comes out; few edits come near them, so halving finds the size quickly.
        let segment = loop {
            let (now, _) = rest.split_at(count);
            match work_segment(&log, with, now) {
                Err(CutFault::Seal(SealFault::Damaged | SealFault::Inflated)) if count > 1 => {
                    count = count.div_ceil(2)
                }
                other => break other?,
            }
        };
        let (segment, after) = segment;
        log = after;
        segments.push(segment);
        rest = rest.split_at(count).1;
    }
    Ok((log, segments))
}

/// Whether our node is among those that read what is cut.
fn is_ours(with: &Cutting<'_>) -> bool {
    let own = with.readers.get(&with.certificate.partner);
    own.is_some_and(|nodes| nodes.iter().any(|one| one.node == with.certificate.node))
}

fn epoch_is_due(log: &OwnLog, with: &Cutting<'_>) -> bool {
    match &log.epoch {
        None => true,
        Some(epoch) => {
            readers_changed(epoch, with)
                || log.end.number.saturating_sub(epoch.number) >= limit::EPOCH_SEGMENTS
                || with.now.since(epoch.founded) >= limit::EPOCH_AGE_MS
        }
    }
}

/// Whether an epoch founded now would be sealed to other nodes. A node whose key is no key is left out of every epoch:
/// it changes nothing, or its partner could make all others found an epoch with every cut.
fn readers_changed(epoch: &OwnEpoch, with: &Cutting<'_>) -> bool {
    let sealed = |node: &NodeId| epoch.nodes.binary_search(node).is_ok();
    let readers = || with.readers.values().flatten();
    let is_key = |one: &Certificate| with.envelope.seal_to(&[one.keys().recipient], b"").is_ok();
    epoch.nodes.iter().any(|node| !readers().any(|one| one.node == *node))
        || readers().any(|one| !sealed(&one.node) && is_key(one))
}

fn found_epoch(
    log: &mut OwnLog,
    with: &Cutting<'_>,
    chance: &mut dyn FnMut() -> [u8; 32],
) -> Result<Segment, CutFault> {
    if with.charter.members.iter().any(|member| !with.readers.contains_key(member)) {
        return Err(CutFault::NoReader);
    }
    // A member that has no node now is left out. Nobody may stop the others by it; its next node asks for a grant.
    // The chain key too: whoever kept an old one could test guesses of what is said from now on.
    let chain = Private::new(chance());
    let (secret, body) = new_epoch(with.envelope, Private::new(chance()), &chain, with.readers)?;
    let mut nodes: Vec<NodeId> = body.files.iter().flat_map(|file| file.nodes.iter().copied()).collect();
    nodes.sort();
    let body = body.encode();
    let plain = secret.plain_next(&log.plain, &body);
    let epoch = secret.key.id();
    let segment = seal_off(log, with, Kind::Epoch, epoch, plain, body)?;
    log.plain = plain;
    log.end = ChainEnd { number: segment.header().number, hash: segment.header().hash(), epoch };
    log.epoch = Some(OwnEpoch { secret, founded: with.now, number: segment.header().number, nodes });
    Ok(segment)
}

fn work_segment(log: &OwnLog, with: &Cutting<'_>, edits: &[Stamped]) -> Result<(Segment, OwnLog), CutFault> {
    let Some(epoch) = &log.epoch else { return Err(CutFault::NoReader) };
    let mut pins = Vec::new();
    for (life, number) in pins_of(edits.iter().map(|stamped| &*stamped.context)) {
        let hash = (with.header_of)(&life, number).ok_or(CutFault::Pin)?;
        pins.push(Pin { life, number, hash });
    }
    let founder = with.charter.founder == with.certificate.partner && !log.named;
    let work = Work {
        place: Place { circle: with.circle, life: log.life, number: log.end.number + 1 },
        first: log.last_edit + 1,
        circle_name: if founder { with.name.cloned() } else { None },
        pins,
        edits: edits.to_vec(),
    };
    let plaintext = work.encode()?;
    let sealed = with.envelope.seal_work(&epoch.secret.key, plaintext.reveal())?;
    let plain = epoch.secret.plain_next(&log.plain, plaintext.reveal());
    let id = epoch.secret.key.id();
    let segment = seal_off(log, with, Kind::Work, id, plain, sealed)?;
    let mut after = log.clone();
    after.plain = plain;
    after.end = ChainEnd { number: segment.header().number, hash: segment.header().hash(), epoch: id };
    after.last_edit += edits.len() as u64;
    after.named = true;
    Ok((segment, after))
}

/// Puts the signed header before a body.
fn seal_off(
    log: &OwnLog,
    with: &Cutting<'_>,
    kind: Kind,
    epoch: crate::id::EpochId,
    plain: Hash,
    body: Vec<u8>,
) -> Result<Segment, CutFault> {
    let first = log.end.number == 0;
    let header = Header {
        version: 1,
        kind,
        circle: with.circle,
        partner: with.certificate.partner,
        node: log.life.node,
        instance: log.life.instance,
        number: log.end.number + 1,
        previous: log.end.hash,
        epoch,
        cut: with.now,
        length: u32::try_from(body.len()).map_err(|_| CutFault::Seal(SealFault::Damaged))?,
        body: body_hash(&body),
        plain,
        certificate: if first { with.certificate.bytes().to_vec() } else { Vec::new() },
    };
    Ok(Segment::new(Signed::sign(header, with.signer)?, body)?)
}
