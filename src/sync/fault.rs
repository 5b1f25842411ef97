//! What a peer can do wrong, and the few codes that the wire knows.
//!
//! A fault says enough for our own log; the code says no more than the peer needs. Whoever fails to prove itself
//! learns nothing but that it did.

use crate::codec::Malformed;
use crate::log::Breach;
use serde::Serialize;
use thiserror::Error;

/// Why a link ends, as its peer learns it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[repr(u16)]
pub enum CloseCode {
    /// Nothing is wrong.
    Done = 0,
    /// The hello did not hold. Says nothing of which part.
    Refused = 1,
    /// A message was not one of ours, or came where it has no place.
    Protocol = 2,
    /// Another link to the same node stays.
    Duplicate = 3,
    /// Links are not wanted for now.
    Paused = 4,
    /// Too much at once, or too slow.
    Busy = 5,
    /// No version in common.
    Version = 6,
}

impl CloseCode {
    /// As a number on the wire.
    pub fn code(self) -> u16 {
        self as u16
    }
}

/// What a peer did wrong. Holds no key, name or text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Fault {
    /// Not a message in its strict form.
    #[error("a message is malformed: {0}")]
    Message(Malformed),
    /// A message where it has no place.
    #[error("a message came out of turn")]
    OutOfTurn,
    /// No hello in time.
    #[error("no hello came in time")]
    Silent,
    /// No version in common.
    #[error("no version in common")]
    Version,
    /// The hello's partner has no card here.
    #[error("its partner is not known here")]
    UnknownPartner,
    /// The certificate is not one of that partner for that node and link key.
    #[error("its certificate does not fit")]
    Certificate,
    /// The hello is not signed for this link.
    #[error("its hello is not signed for this link")]
    HelloSignature,
    /// Its partner closed the node.
    #[error("its node was closed by its partner")]
    Closed,
    /// It answered for another node than the one dialled, or is ourselves.
    #[error("it is not the node that was expected")]
    OtherNode,
    /// It spoke of a circle that it is not in, or that is not held here.
    #[error("it spoke of a circle that is not shared with it")]
    NotShared,
    /// A record or segment breaks a rule.
    #[error("what it sent breaks a rule: {0}")]
    Rule(Malformed),
    /// A segment may not stand where it says.
    #[error("a segment may not stand where it says: {0}")]
    Breach(Breach),
    /// Heads that are not its own, or entries that are not those signed.
    #[error("its heads do not hold")]
    Heads,
    /// It did not go on in time with what it had begun, or does not read what it is sent.
    #[error("it is too slow")]
    Slow,
    /// More than a peer may leave us with.
    #[error("it sent more than a limit allows")]
    TooMuch,
}

impl Fault {
    /// What the wire says of it.
    pub fn code(self) -> CloseCode {
        match self {
            Self::Version => CloseCode::Version,
            Self::Silent
            | Self::UnknownPartner
            | Self::Certificate
            | Self::HelloSignature
            | Self::Closed
            | Self::OtherNode => CloseCode::Refused,
            Self::TooMuch | Self::Slow => CloseCode::Busy,
            Self::Message(_)
            | Self::OutOfTurn
            | Self::NotShared
            | Self::Rule(_)
            | Self::Breach(_)
            | Self::Heads => CloseCode::Protocol,
        }
    }
}
