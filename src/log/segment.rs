//! Segments and their headers: the unit of truth.

use crate::codec::Malformed;
use crate::id::{CircleId, EpochId, Hash, InstanceId, Life, LogId, NodeId, PartnerId};
use crate::limit;
use crate::sign::{Domain, Record, Signed, hash};
use crate::time::Millis;
use serde::{Deserialize, Serialize};

/// What a segment's body holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A new epoch: the epoch body of `seal`, its key sealed to the members' nodes.
    Epoch,
    /// Edits: one age file sealed to the log's current epoch.
    Work,
}

/// The signed head of a segment: all that a carrier needs to check it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// 1.
    pub version: u16,
    /// What the body holds.
    pub kind: Kind,
    /// The circle that it was said in.
    pub circle: CircleId,
    /// The partner whose node speaks.
    pub partner: PartnerId,
    /// The node that speaks and signs.
    pub node: NodeId,
    /// Which life of the node's store.
    pub instance: InstanceId,
    /// 1, 2, 3...
    pub number: u64,
    /// Hash of the header before; [`Hash::ZERO`] for the first.
    pub previous: Hash,
    /// The epoch that it founds (kind epoch) or is sealed to (kind work).
    pub epoch: EpochId,
    /// When it was cut, by the author's clock.
    pub cut: Millis,
    /// Length of the body in bytes.
    pub length: u32,
    /// Hash of the body under [`Domain::Body`].
    pub body: Hash,
    /// The plain chain through this segment: keyed with a secret that members alone have.
    pub plain: Hash,
    /// The node's certificate, as a signed record: in segment 1 and nowhere else, empty elsewhere.
    #[serde(with = "serde_bytes")]
    pub certificate: Vec<u8>,
}

impl Header {
    /// Who writes.
    pub fn life(&self) -> Life {
        Life { node: self.node, instance: self.instance }
    }

    /// The log it stands in.
    pub fn log(&self) -> LogId {
        LogId { circle: self.circle, life: self.life() }
    }
}

impl Record for Header {
    const WHAT: &'static str = "segment header";
    const DOMAIN: Domain = Domain::Header;
    const LIMIT: usize = 16 * 1024;

    fn signer(&self) -> [u8; 32] {
        self.node.0
    }

    /// A kind of segment that this build does not know.
    fn is_later(body: &[u8]) -> bool {
        #[derive(Deserialize)]
        struct AnyKind {
            kind: String,
        }
        let kind = serde_ipld_dagcbor::from_slice(body).map(|AnyKind { kind }| kind);
        kind.is_ok_and(|kind| kind.len() <= limit::CODE_BYTES && kind != "epoch" && kind != "work")
    }

    fn check(&self) -> Result<(), Malformed> {
        let rule = |rule| Err(Malformed::Rule { what: Self::WHAT, rule });
        if self.number == 0 {
            return rule("segments count from 1");
        }
        if self.number > limit::LOG_SEGMENTS {
            return rule("its number is out of range");
        }
        if (self.number == 1) != (self.previous == Hash::ZERO) {
            return rule("the first segment alone has no predecessor");
        }
        if (self.number == 1) == self.certificate.is_empty() {
            return rule("the first segment alone brings the certificate");
        }
        if self.number == 1 && self.kind != Kind::Epoch {
            return rule("the first segment founds an epoch");
        }
        if self.length == 0 || self.length as usize > limit::SEGMENT_SEALED_BYTES {
            return rule("body length is out of range");
        }
        if !self.cut.in_range() {
            return rule("time is out of range");
        }
        Ok(())
    }
}

/// A header with its body: whole, hash and length checked. Whether it chains is [`super::check_next`]'s.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    header: Signed<Header>,
    body: Vec<u8>,
}

impl Segment {
    /// Puts a checked header and its body together.
    ///
    /// # Errors
    /// [`Malformed::Rule`] if length or hash differ from what the header says.
    pub fn new(header: Signed<Header>, body: Vec<u8>) -> Result<Self, Malformed> {
        if body.len() != header.length as usize || body_hash(&body) != header.body {
            return Err(Malformed::Rule { what: "segment", rule: "the body is the one its header names" });
        }
        Ok(Self { header, body })
    }

    /// From what this node checked and stored before: hash and signature are not computed again.
    pub fn from_own_store(header: Signed<Header>, body: Vec<u8>) -> Self {
        Self { header, body }
    }

    /// The signed header.
    pub fn header(&self) -> &Signed<Header> {
        &self.header
    }

    /// The body: an epoch body (`seal`) or an age file.
    pub fn body(&self) -> &[u8] {
        &self.body
    }
}

/// The hash by which a header names its body.
pub fn body_hash(body: &[u8]) -> Hash {
    hash(Domain::Body, &[body])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sign::Sign;
    use ed25519_dalek::SigningKey;

    #[test]
    fn a_segment_takes_the_body_that_its_header_names_and_no_other() {
        let key = SigningKey::from_bytes(&[4; 32]);
        let header = Header {
            version: 1,
            kind: Kind::Epoch,
            circle: CircleId([1; 32]),
            partner: PartnerId([2; 32]),
            node: NodeId(key.public()),
            instance: InstanceId([3; 16]),
            number: 1,
            previous: Hash::ZERO,
            epoch: EpochId([5; 32]),
            cut: Millis(0),
            length: 4,
            body: body_hash(b"body"),
            plain: Hash([6; 32]),
            certificate: vec![1],
        };
        let signed = Signed::sign(header.clone(), &key).unwrap();
        assert_eq!(Segment::new(signed.clone(), b"body".to_vec()).unwrap().body(), b"body");
        for body in [&b"bodi"[..], b"bod", b"bodyy", b""] {
            assert!(Segment::new(signed.clone(), body.to_vec()).is_err());
        }
        // A kind of a later program is held, not refused; a header that is not strict is refused whatever its kind.
        let known = crate::codec::encode(&header);
        let read = |body: Vec<u8>| {
            let signature = Sign::sign(&key, Domain::Header, &body);
            let bytes = crate::codec::encode(&(serde_bytes::ByteBuf::from(body), signature));
            Signed::<Header>::decode(&bytes).map(|_| ())
        };
        let kind = known.windows(11).position(|w| w == b"dkindeepoch").unwrap();
        let mut later = known.clone();
        later[kind + 6..kind + 11].copy_from_slice(b"fresh");
        assert_eq!(read(known.clone()), Ok(()));
        assert_eq!(read(later), Err(Malformed::LaterVersion("segment header")));
        let mut trailing = known;
        trailing.push(0);
        assert_eq!(read(trailing), Err(Malformed::NotStrict("segment header")));
        let wrong_length = Signed::sign(Header { length: 5, ..header }, &key).unwrap();
        assert!(Segment::new(wrong_length, b"body".to_vec()).is_err());
    }
}
