//! Opening: stored segments become edits, log by log and in order.
//!
//! Whether a segment is refused depends on its bytes, its own log before it and the charter alone, so every member
//! judges alike. What cannot be judged yet (no key, a later version) is held, with all of its log that follows.

use crate::codec::Malformed;
use crate::id::{EpochId, Hash, PartnerId};
use crate::log::{Charter, Kind, Segment};
use crate::register::{Packed, Place};
use crate::seal::EpochBody;
use crate::seal::{Envelope, EpochSecret, NodeSecret, open_epoch};

/// How far one log has been opened, and what it takes to go on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// The last number opened.
    pub through: u64,
    /// The plain chain's value there: what the header there says.
    pub plain: Option<Hash>,
    /// The epoch that is current there, if its key is held.
    pub epoch: Option<EpochSecret>,
}

/// What a segment turned out to be.
#[derive(Debug)]
pub enum Opened {
    /// A new epoch whose key we now have.
    Epoch(EpochSecret),
    /// Edits.
    Work(Box<Packed>),
    /// It breaks a rule.
    Refused(Malformed),
    /// It cannot be judged yet; the log stays where it is.
    Held(Why),
}

/// Why a segment is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// Its epoch was not sealed to this node.
    NoKey(EpochId),
    /// A later version of the format.
    LaterVersion,
}

/// What opens.
#[derive(Clone, Copy)]
pub struct Opening<'a> {
    /// The circle's charter.
    pub charter: &'a Charter,
    /// Our partner.
    pub partner: &'a PartnerId,
    /// Our keys.
    pub secret: &'a NodeSecret,
    /// What seals and opens.
    pub envelope: &'a dyn Envelope,
    /// Keys of epochs that came by other ways (grants, our own epochs).
    pub known: &'a (dyn Fn(&EpochId) -> Option<EpochSecret> + Sync),
}

/// Opens the next segment of a log and moves `reading` on, unless it is held. What a log says after a refused segment
/// is refused by [`crate::register::Reach`]; here it is only read on as far as it can be.
pub fn open_next(reading: &mut Reading, segment: &Segment, with: &Opening<'_>) -> Opened {
    let outcome = match segment.header().kind {
        Kind::Epoch => open_epoch_segment(reading, segment, with),
        Kind::Work => open_work_segment(reading, segment, with),
    };
    if !matches!(outcome, Opened::Held(_)) {
        reading.through = segment.header().number;
        reading.plain = Some(segment.header().plain);
    }
    outcome
}

fn open_epoch_segment(reading: &mut Reading, segment: &Segment, with: &Opening<'_>) -> Opened {
    let body = match EpochBody::decode(segment.body()) {
        Ok(body) => body,
        Err(fault) => return judged(fault),
    };
    let header = segment.header();
    if body.epoch != header.epoch {
        return refused("its body founds the epoch that its header names");
    }
    if !body.files.iter().all(|file| with.charter.is_member(&file.partner)) {
        return refused("its epoch is sealed to members alone");
    }
    let before = reading.plain.unwrap_or(Hash::ZERO);
    let fits = |secret: &EpochSecret| secret.fits(&before, segment.body(), &header.plain);
    // Our node is not among those it was sealed to, its file is bad, or it brought another key than it brought to
    // others: no breach that all could see, so it is held. Another member may be able to grant the right one.
    let secret = open_epoch(with.envelope, with.secret, with.partner, &body)
        .ok()
        .filter(fits)
        .or_else(|| (with.known)(&header.epoch).filter(fits));
    let Some(secret) = secret else { return Opened::Held(Why::NoKey(header.epoch)) };
    reading.epoch = Some(secret.clone());
    Opened::Epoch(secret)
}

fn open_work_segment(reading: &Reading, segment: &Segment, with: &Opening<'_>) -> Opened {
    let header = segment.header();
    let Some(epoch) = reading.epoch.as_ref().filter(|epoch| epoch.key.id() == header.epoch) else {
        return Opened::Held(Why::NoKey(header.epoch));
    };
    let Ok(plaintext) = with.envelope.open_work(&epoch.key, segment.body()) else {
        return refused("its envelope opens with its epoch's key and is whole");
    };
    if epoch.plain_next(&reading.plain.unwrap_or(Hash::ZERO), plaintext.reveal()) != header.plain {
        return refused("its plain chain fits");
    }
    let place = Place { circle: header.circle, life: header.life(), number: header.number };
    match Packed::decode(plaintext.reveal(), place) {
        Ok(packed) => Opened::Work(Box::new(packed)),
        Err(fault) => judged(fault),
    }
}

fn refused(rule: &'static str) -> Opened {
    Opened::Refused(Malformed::Rule { what: "segment", rule })
}

fn judged(fault: Malformed) -> Opened {
    match fault {
        Malformed::LaterVersion(_) => Opened::Held(Why::LaterVersion),
        other => Opened::Refused(other),
    }
}
