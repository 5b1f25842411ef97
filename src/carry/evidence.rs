//! Evidence: a file that shows anyone, without a key and without a home, that a node gave one number twice (a fork
//! proof), or what a partner signed to hold (a receipt).
//!
//! An [`Evidence`] exists only whole: whoever has one has the charter under its founder's signature, the certificates
//! that tie each node to its partner, and statements whose signatures fit. The hash at the end finds damage and
//! protects from nothing else: what a file proves it proves by its signatures.

use crate::codec::{self, Malformed};
use crate::id::{CircleId, NodeId, PartnerId};
use crate::limit;
use crate::log::{Charter, Closure, ForkProof, Header, Heads, HeadsEntry, HeldHeads, Role};
use crate::seal::{Card, Certificate, vouches};
use crate::sign::{Domain, Record, Signed, hash};
use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;

const WHAT: &str = "evidence file";
/// What every version begins with, before its number and a line end.
const MARK: &[u8] = b"homeward evidence ";
const VERSION: &[u8] = b"1\n";
/// The hash at the end, in bytes.
const HASH_BYTES: usize = 32;

/// What a file shows, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    charter: Signed<Charter>,
    certificates: Vec<Signed<Certificate>>,
    cards: Vec<Signed<Card>>,
    matter: Matter,
}

/// The statements themselves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Matter {
    /// A node gave one number of one log twice.
    Fork {
        /// Both signed headers.
        proof: Box<ForkProof>,
        /// The partner's word on how far the node's logs count, if it gave one.
        closure: Option<Signed<Closure>>,
    },
    /// A partner's node signed what it held.
    Receipt {
        /// The signed statement.
        heads: Signed<Heads>,
        /// What it names by hash.
        entries: HeldHeads,
        /// For some of the entries, the header that stands there: whose segment it is and when it was cut. Sorted by log.
        headers: Vec<Signed<Header>>,
    },
}

#[derive(Serialize, Deserialize)]
struct Wire {
    charter: ByteBuf,
    certificates: Vec<ByteBuf>,
    cards: Vec<ByteBuf>,
    matter: MatterWire,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum MatterWire {
    Fork { proof: ByteBuf, closures: Vec<ByteBuf> },
    Receipt { heads: ByteBuf, entries: ByteBuf, headers: Vec<ByteBuf> },
}

impl Evidence {
    /// Evidence from what is held: one certificate for each node that speaks, and what cards shall name their partners.
    ///
    /// # Errors
    /// [`Malformed`] if it would not show what it says: a certificate is missing, a statement is of another circle.
    pub fn new(
        charter: Signed<Charter>,
        mut certificates: Vec<Signed<Certificate>>,
        mut cards: Vec<Signed<Card>>,
        matter: Matter,
    ) -> Result<Self, Malformed> {
        certificates.sort_by_key(|one| one.node);
        cards.sort_by_key(|card| card.partner);
        let evidence = Self { charter, certificates, cards, matter };
        evidence.check()?;
        Ok(evidence)
    }

    /// Reads a file and checks all of it, from signatures alone.
    ///
    /// # Errors
    /// [`Malformed`]; [`Malformed::LaterVersion`] if a later program wrote it.
    pub fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let wire: Wire = codec::decode(WHAT, body(bytes)?, limit::EVIDENCE_BYTES)?;
        let matter = match wire.matter {
            MatterWire::Fork { proof, closures } => Matter::Fork {
                proof: Box::new(ForkProof::decode(&proof)?),
                closure: match closures.as_slice() {
                    [] => None,
                    [one] => Some(Signed::decode(one)?),
                    _ => return broken("one closure rules"),
                },
            },
            MatterWire::Receipt { heads, entries, headers } => Matter::Receipt {
                heads: Signed::decode(&heads)?,
                entries: HeldHeads::decode(&entries)?,
                headers: records(&headers, limit::EVIDENCE_HEADERS)?,
            },
        };
        let evidence = Self {
            charter: Signed::decode(&wire.charter)?,
            certificates: records(&wire.certificates, limit::EVIDENCE_HEADERS + 1)?,
            cards: records(&wire.cards, limit::CIRCLE_PARTNERS)?,
            matter,
        };
        evidence.check()?;
        Ok(evidence)
    }

    /// The file.
    ///
    /// # Errors
    /// [`Malformed::TooLong`].
    pub fn encode(&self) -> Result<Vec<u8>, Malformed> {
        let matter = match &self.matter {
            Matter::Fork { proof, closure } => {
                MatterWire::Fork { proof: proof.encode().into(), closures: wires(closure.as_slice()) }
            }
            Matter::Receipt { heads, entries, headers } => MatterWire::Receipt {
                heads: wire(heads),
                entries: entries.encode().into(),
                headers: wires(headers),
            },
        };
        let mut bytes = [MARK, VERSION].concat();
        bytes.extend(codec::encode(&Wire {
            charter: wire(&self.charter),
            certificates: wires(&self.certificates),
            cards: wires(&self.cards),
            matter,
        }));
        bytes.extend(hash(Domain::Evidence, &[&bytes]).0);
        if bytes.len() > limit::EVIDENCE_BYTES {
            return Err(Malformed::TooLong { what: WHAT, limit: limit::EVIDENCE_BYTES });
        }
        Ok(bytes)
    }

    /// The circle's charter.
    pub fn charter(&self) -> &Signed<Charter> {
        &self.charter
    }

    /// The certificates of the nodes that speak, one for each.
    pub fn certificates(&self) -> &[Signed<Certificate>] {
        &self.certificates
    }

    /// Cards of partners whose nodes speak: what each calls itself.
    pub fn cards(&self) -> &[Signed<Card>] {
        &self.cards
    }

    /// What was said.
    pub fn matter(&self) -> &Matter {
        &self.matter
    }

    /// Whose node it is, as its certificate says.
    pub fn partner_of(&self, node: &NodeId) -> Option<&PartnerId> {
        self.certificates.iter().find(|one| one.node == *node).map(|one| &one.partner)
    }

    /// All that no record says of itself: each by itself passed [`Signed::decode`].
    fn check(&self) -> Result<(), Malformed> {
        vouches(&self.charter.certificate, &self.charter.founder, &self.charter.node)?;
        if !self
            .certificates
            .windows(2)
            .all(|pair| pair.first().map(|c| c.node) < pair.last().map(|c| c.node))
        {
            return broken("certificates stand sorted by node and once");
        }
        if !self.cards.windows(2).all(|pair| pair.first().map(|c| c.partner) < pair.last().map(|c| c.partner))
        {
            return broken("cards stand sorted by partner and once");
        }
        let speakers = self.matter.speakers();
        if self.certificates.iter().any(|one| !speakers.iter().any(|(_, node)| *node == one.node)) {
            return broken("each certificate is of a node that speaks here");
        }
        for (partner, node) in &speakers {
            match (self.partner_of(node), partner) {
                (Some(certified), Some(named)) if certified == named => {}
                (Some(_), None) => {}
                _ => return broken("each node that speaks has its partner's certificate"),
            }
        }
        if self.certificates.iter().any(|one| self.charter.role(&one.partner).is_none()) {
            return broken("whoever speaks is a partner of the circle");
        }
        if self.cards.iter().any(|card| !self.certificates.iter().any(|one| one.partner == card.partner)) {
            return broken("each card is of a partner that speaks here");
        }
        self.matter.check(&self.charter)
    }
}

impl Matter {
    /// Nodes whose signatures stand here, with the partner that the statement itself names.
    fn speakers(&self) -> Vec<(Option<PartnerId>, NodeId)> {
        let of = |header: &Signed<Header>| (Some(header.partner), header.node);
        match self {
            Self::Fork { proof, .. } => proof.headers().map(of).to_vec(),
            Self::Receipt { heads, headers, .. } => {
                headers.iter().map(of).chain([(None, heads.node)]).collect()
            }
        }
    }

    fn check(&self, charter: &Signed<Charter>) -> Result<(), Malformed> {
        let circle = charter.circle();
        match self {
            Self::Fork { proof, closure } => {
                let headers = proof.headers();
                headers.iter().try_for_each(|header| check_header(header, charter, &circle))?;
                let [header, _] = headers;
                let fits = |one: &Signed<Closure>| {
                    (one.circle, one.partner, one.node) == (circle, header.partner, header.node)
                };
                if closure.as_ref().is_some_and(|one| !fits(one)) {
                    return broken("the closure is of the forked node");
                }
                Ok(())
            }
            Self::Receipt { heads, entries, headers } => {
                if heads.circle != circle {
                    return broken("what is said is said in this circle");
                }
                if entries.digest() != heads.entries {
                    return broken("the entries are those that the heads were signed over");
                }
                if !headers
                    .windows(2)
                    .all(|pair| pair.first().map(|h| h.life()) < pair.last().map(|h| h.life()))
                {
                    return broken("headers stand sorted by log and once");
                }
                for header in headers {
                    check_header(header, charter, &circle)?;
                    let here = HeadsEntry { number: header.number, hash: header.hash() };
                    if entries.0.get(&header.life()) != Some(&here) {
                        return broken("each header is one that the entries name");
                    }
                }
                Ok(())
            }
        }
    }
}

/// A member's header, in this circle, as anyone may check it.
fn check_header(header: &Signed<Header>, charter: &Charter, circle: &CircleId) -> Result<(), Malformed> {
    if header.circle != *circle {
        return broken("what is said is said in this circle");
    }
    if charter.role(&header.partner) != Some(Role::Member) {
        return broken("segments are written by members");
    }
    if header.number == 1 {
        vouches(&header.certificate, &header.partner, &header.node)?;
    }
    Ok(())
}

/// What stands between the first line and the hash.
fn body(bytes: &[u8]) -> Result<&[u8], Malformed> {
    if bytes.len() > limit::EVIDENCE_BYTES {
        return Err(Malformed::TooLong { what: WHAT, limit: limit::EVIDENCE_BYTES });
    }
    let strange = Malformed::NotStrict(WHAT);
    let versioned = bytes.strip_prefix(MARK).ok_or(strange)?;
    let Some(rest) = versioned.strip_prefix(VERSION) else {
        return Err(if is_later(versioned) { Malformed::LaterVersion(WHAT) } else { strange });
    };
    let body = rest.len().checked_sub(HASH_BYTES).and_then(|length| rest.get(..length)).ok_or(strange)?;
    let (said, stands) = bytes.split_at_checked(bytes.len() - HASH_BYTES).ok_or(strange)?;
    if hash(Domain::Evidence, &[said]).0 != stands {
        return broken("the hash at its end is that of all before it");
    }
    Ok(body)
}

/// Whether a number of a version above ours stands here: up to four digits and a line end.
fn is_later(versioned: &[u8]) -> bool {
    let digits: Vec<u8> = versioned.iter().copied().take_while(u8::is_ascii_digit).take(5).collect();
    let ends = versioned.get(digits.len()) == Some(&b'\n');
    ends && digits.len() < 5 && digits.first().is_some_and(|first| *first != b'0')
}

fn broken<T>(rule: &'static str) -> Result<T, Malformed> {
    Err(Malformed::Rule { what: WHAT, rule })
}

fn wire<R: Record>(record: &Signed<R>) -> ByteBuf {
    record.bytes().to_vec().into()
}

fn wires<R: Record>(records: &[Signed<R>]) -> Vec<ByteBuf> {
    records.iter().map(wire).collect()
}

fn records<R: Record>(list: &[ByteBuf], limit: usize) -> Result<Vec<Signed<R>>, Malformed> {
    if list.len() > limit {
        return Err(Malformed::TooLong { what: WHAT, limit });
    }
    list.iter().map(|bytes| Signed::decode(bytes)).collect()
}
