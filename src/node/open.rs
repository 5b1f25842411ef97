//! Opening: stored segments become edits, log by log and in order.
//!
//! Whether a segment is refused depends on its bytes, its own log before it and the charter alone, so every member
//! judges alike. What cannot be judged yet (no key, a later version) is held, with all of its log that follows.

use crate::codec::Malformed;
use crate::id::{EpochId, Hash, PartnerId};
use crate::log::{Charter, EpochBody, Kind, Segment};
use crate::private::Private;
use crate::register::{Packed, Place};
use crate::seal::{Envelope, EpochSecret, NodeSecret, SealFault, open_epoch};
use serde::{Deserialize, Serialize};

/// How far one log has been opened, and what it takes to go on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reading {
    /// The last number opened (or refused).
    pub through: u64,
    /// The plain chain's value there.
    pub plain: Option<Hash>,
    /// The number of the last edit.
    pub last_edit: u64,
    /// Whether a work segment was read: the founder's first may name the circle.
    pub worked: bool,
    /// The epoch that is current there, if its key is held.
    pub epoch: Option<EpochSecret>,
    /// The number from which on the log is refused.
    pub refused: Option<u64>,
}

/// What a segment turned out to be.
#[derive(Debug)]
pub enum Opened {
    /// A new epoch whose key we now have.
    Epoch(EpochSecret),
    /// Edits.
    Work(Packed),
    /// It breaks a rule, or follows one that does.
    Refused(&'static str),
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

/// Opens the next segment of a log and moves `reading` on, unless it is held.
pub fn open_next(reading: &mut Reading, segment: &Segment, with: &Opening<'_>) -> Opened {
    let number = segment.header().number;
    let outcome = match reading.refused {
        Some(_) => Opened::Refused("it follows a refused segment"),
        None => match segment.header().kind {
            Kind::Epoch => open_epoch_segment(reading, segment, with),
            Kind::Work => open_work_segment(reading, segment, with),
        },
    };
    match outcome {
        Opened::Held(_) => {}
        Opened::Refused(_) => {
            reading.refused.get_or_insert(number);
            reading.through = number;
        }
        Opened::Epoch(_) | Opened::Work(_) => reading.through = number,
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
        return Opened::Refused("its body founds another epoch than its header");
    }
    if !body.files.iter().all(|file| with.charter.is_member(&file.partner)) {
        return Opened::Refused("its epoch is sealed to others than members");
    }
    let secret = match open_epoch(with.envelope, with.secret, with.partner, &body) {
        Ok(secret) => secret,
        // Our node is not among those it was sealed to, or its file is bad: another member may be able to grant it.
        Err(_) => match (with.known)(&header.epoch) {
            Some(secret) => secret,
            None => return Opened::Held(Why::NoKey(header.epoch)),
        },
    };
    if reading.epoch.as_ref().is_some_and(|before| before.chain != secret.chain) {
        return Opened::Refused("its chain key is not the log's");
    }
    let plain = secret.plain_next(&reading.plain.unwrap_or(Hash::ZERO), secret.encode().reveal());
    if plain != header.plain {
        return Opened::Refused("its plain chain does not fit");
    }
    reading.plain = Some(plain);
    reading.epoch = Some(secret.clone());
    Opened::Epoch(secret)
}

fn open_work_segment(reading: &mut Reading, segment: &Segment, with: &Opening<'_>) -> Opened {
    let header = segment.header();
    let Some(epoch) = &reading.epoch else { return Opened::Held(Why::NoKey(header.epoch)) };
    let plaintext: Private<Vec<u8>> = match with.envelope.open_work(&epoch.key, segment.body()) {
        Ok(plaintext) => plaintext,
        Err(SealFault::NotForUs) => return Opened::Refused("it is not sealed to its epoch"),
        Err(_) => return Opened::Refused("its envelope is damaged"),
    };
    let plain = epoch.plain_next(&reading.plain.unwrap_or(Hash::ZERO), plaintext.reveal());
    if plain != header.plain {
        return Opened::Refused("its plain chain does not fit");
    }
    let place = Place {
        circle: header.circle,
        life: header.life(),
        number: header.number,
        first: reading.last_edit + 1,
        may_name: header.partner == with.charter.founder && !reading.worked,
    };
    match Packed::decode(plaintext.reveal(), place) {
        Ok(packed) => {
            reading.plain = Some(plain);
            reading.last_edit = packed.last();
            reading.worked = true;
            Opened::Work(packed)
        }
        Err(fault) => judged(fault),
    }
}

fn judged(fault: Malformed) -> Opened {
    match fault {
        Malformed::LaterVersion(_) => Opened::Held(Why::LaterVersion),
        Malformed::Rule { rule, .. } => Opened::Refused(rule),
        Malformed::TooLong { .. } => Opened::Refused("it is longer than its limit"),
        Malformed::NotStrict(_) | Malformed::Signature(_) => Opened::Refused("it is not in its strict form"),
    }
}
