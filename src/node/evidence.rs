//! Evidence: what is held of it, and files that show it to anyone.

use super::failure::{ambiguous, bad_input, internal, not_found};
use super::house::{Circle, House, setting};
use super::running::Node;
use super::{
    Answer, ClosureSeen, EvidenceHeld, EvidenceView, EvidenceWanted, Failure, ForkHeld, LogSeen, ReceiptHeld,
    Request, SegmentSeen, Shown, Speaker,
};
use crate::carry::{Evidence, Matter};
use crate::codec::{self, Malformed};
use crate::id::{CircleId, Hash, NodeId, PartnerId};
use crate::limit;
use crate::log::{Closure, ForkProof, Header, Heads, HeldHeads, Role, counts_through};
use crate::seal::{Certificate, SafetyPhrase, is_demo_partner};
use crate::sign::Signed;
use crate::store::circles::RecordKind;
use crate::store::{Name, Records, StoreFault, circles, partners};
use crate::sync::PeerMemory;
use std::collections::BTreeSet;

pub(super) fn answer(node: &Node, request: Request) -> Result<Answer, Failure> {
    let house = node.shared.house();
    match request {
        Request::EvidenceList { circle } => {
            let held = house.evidence(circle.as_deref())?;
            Ok(Answer::Evidence { held: held.iter().map(|one| house.evidence_held(one)).collect() })
        }
        Request::EvidenceExport { which, circle, cards } => {
            let held = house.evidence(circle.as_deref())?;
            let bytes = house.evidence_file(house.wanted_evidence(&held, &which)?, cards)?;
            Ok(Answer::EvidenceFile { bytes })
        }
        _ => Err(internal("no request about evidence")),
    }
}

/// Says what an evidence file shows. Needs no home and no key: all of it is checked from signatures.
///
/// # Errors
/// [`super::FailureKind::BadInput`] for anything but an evidence file that is whole and holds.
pub fn verify(bytes: &[u8]) -> Result<EvidenceView, Failure> {
    Evidence::decode(bytes).map(|evidence| view(&evidence)).map_err(|fault| match fault {
        Malformed::LaterVersion(_) => bad_input(
            format!("a later homeward wrote this: {fault}"),
            "Use the newer homeward to check it; this one proves nothing by it.",
        ),
        _ => bad_input(
            match fault {
                Malformed::Rule { what, rule } => {
                    format!("this proves nothing: it breaks a rule ({what}: {rule})")
                }
                _ => format!("this proves nothing: {fault}"),
            },
            "It is no evidence file, or it was changed or cut on the way. Ask for it again from whoever made it.",
        ),
    })
}

/// One piece of evidence, as the vault has it.
struct Held<'a> {
    circle: &'a Circle,
    partner: PartnerId,
    node: NodeId,
    what: What,
}

enum What {
    Fork {
        proof: Box<ForkProof>,
        hash: Hash,
        first_seen: Option<crate::time::Millis>,
        closure: Option<Signed<Closure>>,
    },
    Receipt {
        heads: Signed<Heads>,
        entries: HeldHeads,
        contact: crate::time::Millis,
    },
}

impl House {
    /// Fork proofs in the order in which they came, then the last receipt of each node, by circle.
    fn evidence(&self, circle: Option<&str>) -> Result<Vec<Held<'_>>, Failure> {
        let only = circle.map(|named| self.find_circle(named)).transpose()?;
        let mut circles: Vec<&Circle> =
            self.circles.values().filter(|circle| only.is_none_or(|only| only == circle.id)).collect();
        circles.sort_by_key(|circle| (circle.name(), circle.id));
        let reader = self.vault.reader()?;
        let peers = known_peers(&reader)?;
        let (mut forks, mut receipts) = (Vec::new(), Vec::new());
        for circle in circles {
            forks.extend(forks_of(&reader, circle)?);
            for (node, _) in peers.iter().filter(|(_, shared)| *shared == circle.id) {
                receipts.extend(receipt_of(&reader, circle, node)?);
            }
        }
        forks.extend(receipts);
        Ok(forks)
    }

    /// The forks of one circle: each log once, by the lowest number that it gave twice.
    pub(super) fn forks_held(&self, circle: &Circle) -> Result<Vec<ForkHeld>, Failure> {
        let mut forks: Vec<ForkHeld> = Vec::new();
        for held in forks_of(&self.vault.reader()?, circle)? {
            if let EvidenceHeld::Fork(fork) = self.evidence_held(&held) {
                forks.push(fork);
            }
        }
        forks.sort_by_key(|fork| (fork.node, fork.instance, fork.number));
        forks.dedup_by_key(|fork| (fork.node, fork.instance));
        Ok(forks)
    }

    fn evidence_held(&self, held: &Held<'_>) -> EvidenceHeld {
        let (circle, circle_name) = (held.circle.id, held.circle.name());
        let partner = self.people.name(&held.partner);
        match &held.what {
            What::Fork { proof, hash, first_seen, closure } => EvidenceHeld::Fork(ForkHeld {
                proof: *hash,
                circle,
                circle_name,
                partner,
                node: held.node,
                instance: proof.life().instance,
                number: proof.number(),
                first_seen: *first_seen,
                settled: closure
                    .as_ref()
                    .and_then(|closure| counts_through(proof.life().instance, None, Some(closure.get()))),
                disowned: held.circle.cut.aside.get(&proof.life()).copied().unwrap_or(0),
                own: held.partner == self.people.own,
            }),
            What::Receipt { heads, entries, contact } => {
                let own: u64 = entries
                    .0
                    .iter()
                    .filter(|(life, _)| {
                        held.circle.logs.get(life).is_some_and(|log| log.partner == self.people.own)
                    })
                    .map(|(_, entry)| entry.number)
                    .sum();
                EvidenceHeld::Receipt(ReceiptHeld {
                    circle,
                    circle_name,
                    partner,
                    node: held.node,
                    time: heads.time,
                    run: heads.run,
                    segments: entries.0.values().map(|entry| entry.number).sum(),
                    ours: own,
                    contact: *contact,
                })
            }
        }
    }

    /// The one piece that a person means.
    fn wanted_evidence<'h, 'a>(
        &self,
        held: &'h [Held<'a>],
        which: &EvidenceWanted,
    ) -> Result<&'h Held<'a>, Failure> {
        let forks = || held.iter().filter(|one| matches!(one.what, What::Fork { .. }));
        let found: Vec<&Held<'_>> = match which {
            EvidenceWanted::Only => held.iter().collect(),
            EvidenceWanted::Fork(named) => {
                let named = named.trim().to_lowercase();
                let called = |one: &&Held<'_>| matches!(&one.what, What::Fork { hash, .. } if hash.hex().starts_with(&named));
                forks().filter(called).collect()
            }
            EvidenceWanted::Receipt(named) => {
                let partner = self.people.find(named)?;
                self.last_receipts(held, &partner)
            }
        };
        match found.as_slice() {
            [one] => Ok(one),
            [] => Err(not_found(
                "no such evidence is held here",
                "`homeward evidence` lists what is; a receipt comes with each sync or bundle.",
            )),
            _ => Err(ambiguous(
                format!("{} pieces of evidence are meant by that", found.len()),
                "Name one with --fork ID or --receipt PARTNER, and its circle with --circle; `homeward evidence` lists them.",
            )),
        }
    }

    /// Of a partner's receipts the last in each circle, whichever of its machines signed it.
    fn last_receipts<'h, 'a>(&self, held: &'h [Held<'a>], partner: &PartnerId) -> Vec<&'h Held<'a>> {
        let signed = |one: &Held<'_>| match &one.what {
            What::Receipt { heads, .. } if one.partner == *partner => Some(heads.time),
            _ => None,
        };
        let circles: BTreeSet<CircleId> =
            held.iter().filter(|one| signed(one).is_some()).map(|one| one.circle.id).collect();
        circles
            .into_iter()
            .filter_map(|id| held.iter().filter(|one| one.circle.id == id).max_by_key(|one| signed(one)))
            .collect()
    }

    /// The file that shows one piece. Read back before it is given out, as whoever gets it will.
    fn evidence_file(&self, held: &Held<'_>, cards: bool) -> Result<Vec<u8>, Failure> {
        let reader = self.vault.reader()?;
        let matter = match &held.what {
            What::Fork { proof, closure, .. } => {
                Matter::Fork { proof: proof.clone(), closure: closure.clone() }
            }
            What::Receipt { heads, entries, .. } => Matter::Receipt {
                heads: heads.clone(),
                entries: entries.clone(),
                headers: self.own_headers(held.circle, entries),
            },
        };
        let mut speakers = BTreeSet::from([(held.partner, held.node)]);
        if let Matter::Receipt { headers, .. } = &matter {
            speakers.extend(headers.iter().map(|header| (header.partner, header.node)));
        }
        let mut certificates = Vec::new();
        for (partner, node) in &speakers {
            certificates.push(self.certificate_of(&reader, held.circle, partner, node)?);
        }
        let named: BTreeSet<PartnerId> = speakers.iter().map(|(partner, _)| *partner).collect();
        let cards =
            named.iter().filter(|_| cards).filter_map(|partner| self.people.cards.get(partner).cloned());
        let charter = held.circle.known.charter.clone();
        let bytes = Evidence::new(charter, certificates, cards.collect(), matter)
            .and_then(|evidence| evidence.encode())
            .map_err(|fault| {
                bad_input(
                    format!("what is held does not make a file that would hold: {fault}"),
                    "Nothing was written; `homeward check` verifies what is stored.",
                )
            })?;
        verify(&bytes)?;
        Ok(bytes)
    }

    /// Of this office's own logs the headers that a receipt's entries name, as far as they stand here.
    fn own_headers(&self, circle: &Circle, entries: &HeldHeads) -> Vec<Signed<Header>> {
        let header = |(life, entry): (&crate::id::Life, &crate::log::HeadsEntry)| {
            let log = circle.logs.get(life).filter(|log| log.partner == self.people.own)?;
            let header = &log.entry(entry.number)?.header;
            (header.hash() == entry.hash).then(|| header.clone())
        };
        entries.0.iter().filter_map(header).take(limit::EVIDENCE_HEADERS).collect()
    }

    /// A partner's word for a node: from its card, from what came beside cards, or from the log's first segment.
    fn certificate_of(
        &self,
        records: &impl Records,
        circle: &Circle,
        partner: &PartnerId,
        node: &NodeId,
    ) -> Result<Signed<Certificate>, Failure> {
        let mut known: Vec<Signed<Certificate>> = vec![self.certificate.clone()];
        known.extend(self.people.cards.get(partner).into_iter().flat_map(|card| card.nodes()));
        if let Some(bytes) = records.get(&Name::Setting(setting::CERTIFICATES))? {
            let list: Vec<serde_bytes::ByteBuf> =
                codec::decode("certificates", &bytes, limit::VAULT_RECORD_BYTES).map_err(StoreFault::from)?;
            known.extend(list.iter().filter_map(|bytes| Signed::decode(bytes).ok()));
        }
        let firsts = circle.logs.iter().filter(|(life, _)| life.node == *node);
        known.extend(
            firsts
                .filter_map(|(_, log)| log.entry(1))
                .filter_map(|entry| Signed::decode(&entry.header.certificate).ok()),
        );
        known
            .into_iter()
            .filter(|one| one.partner == *partner && one.node == *node)
            .max_by_key(|one| one.serial)
            .ok_or_else(|| {
                not_found(
                    format!(
                        "the certificate by which {} calls node {} its own is not here",
                        self.people.name(partner),
                        node.short()
                    ),
                    "It comes with the next sync with that partner, or on its card.",
                )
            })
    }
}

/// Nodes and circles of which something is remembered.
pub(super) fn known_peers(records: &impl Records) -> Result<Vec<(NodeId, CircleId)>, StoreFault> {
    match records.get(&Name::Setting(setting::PEERS))? {
        Some(bytes) => Ok(codec::decode("list of peers", &bytes, limit::VAULT_RECORD_BYTES)?),
        None => Ok(Vec::new()),
    }
}

fn forks_of<'a>(records: &impl Records, circle: &'a Circle) -> Result<Vec<Held<'a>>, StoreFault> {
    let stored = circles::records_of(records, &circle.id)?;
    let closures: Vec<Signed<Closure>> = stored
        .iter()
        .filter(|record| record.kind == RecordKind::Closure)
        .map(|record| Signed::decode_own_store(&record.bytes))
        .collect::<Result<_, _>>()?;
    let mut forks = Vec::new();
    for record in stored.iter().filter(|record| record.kind == RecordKind::ForkProof) {
        let proof = ForkProof::decode(&record.bytes)?;
        let (partner, node) = {
            let [header, _] = proof.headers();
            (header.partner, header.node)
        };
        let of_it = closures.iter().filter(|one| one.partner == partner && one.node == node);
        let closure = of_it.max_by_key(|one| one.rank()).cloned();
        let first_seen = circles::seen(records, &circle.id, &record.hash)?;
        let what = What::Fork { proof: Box::new(proof), hash: record.hash, first_seen, closure };
        forks.push(Held { circle, partner, node, what });
    }
    Ok(forks)
}

fn receipt_of<'a>(
    records: &impl Records,
    circle: &'a Circle,
    node: &NodeId,
) -> Result<Option<Held<'a>>, StoreFault> {
    let Some(bytes) = partners::peer(records, node, &circle.id)? else { return Ok(None) };
    let memory = PeerMemory::decode(&bytes)?;
    let Some((record, entries, _)) = memory.theirs else { return Ok(None) };
    let what = What::Receipt { heads: Signed::decode(&record)?, entries, contact: memory.contact };
    Ok(Some(Held { circle, partner: memory.partner, node: *node, what }))
}

/// What evidence shows, as plain data.
fn view(evidence: &Evidence) -> EvidenceView {
    let charter = evidence.charter();
    let partners: BTreeSet<PartnerId> = evidence.certificates().iter().map(|one| one.partner).collect();
    let speaker = |partner: PartnerId| Speaker {
        partner,
        name: evidence.cards().iter().find(|card| card.partner == partner).map(|card| card.name.clone()),
        words: SafetyPhrase::of(&partner).words().split(' ').map(str::to_owned).collect(),
        // The certificate was checked to be a partner's of the circle.
        role: charter.role(&partner).unwrap_or(Role::Carrier),
        nodes: evidence
            .certificates()
            .iter()
            .filter(|one| one.partner == partner)
            .map(|one| one.node)
            .collect(),
        demo: is_demo_partner(&partner),
    };
    let shows = match evidence.matter() {
        Matter::Fork { proof, closure } => {
            let [one, other] = proof.headers();
            Shown::Fork {
                partner: one.partner,
                node: one.node,
                instance: one.instance,
                number: one.number,
                segments: [one, other].map(segment_seen).to_vec(),
                closure: closure.as_ref().map(|closure| ClosureSeen {
                    serial: closure.serial,
                    retired: closure.retired,
                    time: closure.time,
                    through: closure
                        .through
                        .iter()
                        .find(|point| point.instance == one.instance)
                        .map(|point| (point.number, point.hash)),
                }),
            }
        }
        Matter::Receipt { heads, entries, headers } => Shown::Receipt {
            // The certificate was checked to be there.
            partner: evidence.partner_of(&heads.node).copied().unwrap_or(charter.founder),
            node: heads.node,
            instance: heads.instance,
            run: heads.run,
            time: heads.time,
            logs: entries
                .0
                .iter()
                .map(|(life, entry)| LogSeen {
                    node: life.node,
                    instance: life.instance,
                    number: entry.number,
                    hash: entry.hash,
                    header: headers
                        .iter()
                        .find(|header| header.life() == *life)
                        .map(|header| (header.partner, header.cut)),
                })
                .collect(),
        },
    };
    let (Shown::Fork { partner: first, .. } | Shown::Receipt { partner: first, .. }) = &shows;
    let mut speakers: Vec<Speaker> = partners.into_iter().map(speaker).collect();
    speakers.sort_by_key(|one| (one.partner != *first, one.name.clone(), one.partner));
    EvidenceView {
        circle: charter.circle(),
        founded: charter.time,
        founder: charter.founder,
        members: charter.members.clone(),
        carriers: charter.carriers.clone(),
        speakers,
        shows,
    }
}

fn segment_seen(header: &Signed<Header>) -> SegmentSeen {
    SegmentSeen {
        hash: header.hash(),
        previous: header.previous,
        cut: header.cut,
        length: header.length,
        body: header.body,
    }
}
