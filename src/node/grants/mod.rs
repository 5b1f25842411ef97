//! Grants: keys of epochs that a node lacks are asked for, given, and taken in.
//!
//! A node that came after an epoch was founded, or was left out of it, cannot open what its log says. It asks; whoever
//! holds the key answers with a grant, which travels like every record of the circle. Given are keys of the asked
//! circle alone, to a node that its partner's card names and no closure retires, and never twice to the same keys.
//!
//! A node is *vouched for* if another open node of its partner could read the epoch already: then the key tells its
//! partner nothing new. A partner that lost all its machines has no such node. Its partner key alone must not bring
//! back what they could read, since that key may be what was stolen: a person hears the new machine's words first.

mod asks;
mod taking;
#[cfg(test)]
mod tests;
mod verbs;
mod waiting;

pub(crate) use asks::{Ask, Asks};
pub(super) use verbs::answer;

use super::Failure;
use super::house::{Circle, House};
use crate::id::{CircleId, EpochId, Hash, Life, LinkKey, NodeId, PartnerId};
use crate::limit;
use crate::log::{Header, Kind};
use crate::seal::{Card, Certificate, EpochBody, EpochSecret, Grant, make_grant};
use crate::sign::Signed;
use crate::store::circles::{CircleRecord as StoredRecord, RecordKind};
use crate::store::{Reader, Records, StoreFault, circles, keys, logs};
use crate::sync::CircleRecord;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

/// All grants that are kept of a circle.
fn grants_of(records: &impl Records, circle: &CircleId) -> Result<Vec<Signed<Grant>>, StoreFault> {
    let kept = circles::records_of_kind(records, circle, RecordKind::Grant)?;
    kept.iter().map(|record| Signed::decode_own_store(&record.bytes).map_err(StoreFault::from)).collect()
}

/// The nodes that an epoch is sealed to, by partner.
pub(crate) type Readers = Arc<Vec<(PartnerId, Vec<NodeId>)>>;

/// To whom the last epochs of a circle's logs are sealed. An epoch's body is large, and whoever looks at how things stand
/// asks for all of them; the body of a header does not change, so what was read once holds.
#[derive(Default)]
pub(crate) struct SealedTo(Mutex<BTreeMap<Life, (Hash, Readers)>>);

impl SealedTo {
    /// To whom the epoch of a header is sealed; `None` if its body is not stored.
    fn of(
        &self,
        records: &impl Records,
        circle: &Circle,
        life: &Life,
        header: &Signed<Header>,
    ) -> Result<Option<Readers>, StoreFault> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, readers)) = known.get(life).filter(|(hash, _)| *hash == header.hash()) {
            return Ok(Some(Arc::clone(readers)));
        }
        let Some(body) = epoch_body(records, circle, life, header.number)? else { return Ok(None) };
        let readers = Arc::new(body.files.into_iter().map(|file| (file.partner, file.nodes)).collect());
        known.insert(*life, (header.hash(), Arc::clone(&readers)));
        Ok(Some(readers))
    }
}

/// The body of an epoch segment that is stored here.
pub(super) fn epoch_body(
    records: &impl Records,
    circle: &Circle,
    life: &crate::id::Life,
    number: u64,
) -> Result<Option<EpochBody>, StoreFault> {
    let log = crate::id::LogId { circle: circle.id, life: *life };
    let segment = logs::segment(records, &log, number)?;
    Ok(segment.and_then(|segment| EpochBody::decode(segment.body()).ok()))
}

/// What becomes of a request for a key.
enum Judged {
    /// The key, and to whom it goes.
    Give(Box<(EpochSecret, Signed<Certificate>)>),
    /// A person must agree first.
    AskPerson,
    /// The asker may not have it, or has had it, or we lack it too.
    No,
}

/// What was granted from here in a circle already: to which keys.
type Given = BTreeSet<(EpochId, NodeId, LinkKey)>;

impl House {
    /// Answers requests: grants are durable when this returns. What needs a person's yes is kept for it.
    pub(crate) fn answer_asks(
        &mut self,
        asks: impl IntoIterator<Item = Ask>,
    ) -> Result<Vec<CircleRecord>, Failure> {
        let now = self.now();
        let reader = self.vault.reader()?;
        let mut given: BTreeMap<CircleId, Given> = BTreeMap::new();
        let (mut records, mut for_person) = (Vec::new(), Vec::new());
        for ask in asks {
            let given = match given.entry(ask.circle) {
                std::collections::btree_map::Entry::Occupied(known) => known.into_mut(),
                std::collections::btree_map::Entry::Vacant(new) => {
                    new.insert(self.given_from_here(&reader, &ask.circle)?)
                }
            };
            match self.judge(&reader, &ask, given)? {
                Judged::No => {}
                Judged::AskPerson => for_person.push(ask),
                Judged::Give(found) => {
                    let (secret, to) = &*found;
                    // A certificate whose key is no key is its partner's own affair.
                    let made = make_grant(&*self.envelope, &self.secret, ask.circle, secret, to, now);
                    if let Ok(grant) = made {
                        given.insert((grant.epoch, grant.to, grant.to_link));
                        records.push(CircleRecord::Grant(grant));
                    }
                }
            }
        }
        drop(reader);
        self.keep_grants(&records)?;
        self.let_wait(for_person)?;
        Ok(records)
    }

    fn keep_grants(&self, records: &[CircleRecord]) -> Result<(), Failure> {
        if records.is_empty() {
            return Ok(());
        }
        self.vault.write(|writer| {
            for record in records {
                let stored =
                    StoredRecord { kind: RecordKind::Grant, hash: record.hash(), bytes: record.bytes() };
                circles::put_record(writer, &record.circle(), &stored)?;
            }
            Ok::<(), StoreFault>(())
        })?;
        Ok(())
    }

    fn given_from_here(&self, records: &impl Records, circle: &CircleId) -> Result<Given, StoreFault> {
        let ours = grants_of(records, circle)?.into_iter().filter(|grant| grant.from == self.life.node);
        Ok(ours.map(|grant| (grant.epoch, grant.to, grant.to_link)).collect())
    }

    fn judge(&self, reader: &Reader, ask: &Ask, given: &Given) -> Result<Judged, StoreFault> {
        // A carrier holds no key, and a circle whose members are not all trusted here gives none away.
        let Ok(circle) = self.open_circle(&ask.circle) else { return Ok(Judged::No) };
        if !circle.charter().is_member(&ask.partner) || ask.node == self.life.node {
            return Ok(Judged::No);
        }
        let open = self.open_nodes(circle, &ask.partner);
        let Some(to) = open.iter().find(|one| one.node == ask.node) else { return Ok(Judged::No) };
        let full = given.len() >= limit::GRANTS_OF_ONE_PARTNER;
        if full || given.contains(&(ask.epoch, to.node, to.link)) {
            return Ok(Judged::No);
        }
        // A key of another circle is nothing that this circle's members may ask for.
        if !keys::epoch_ids(reader, &ask.circle)?.contains(&ask.epoch) {
            return Ok(Judged::No);
        }
        let Some(secret) = keys::epoch(reader, &ask.epoch)? else { return Ok(Judged::No) };
        let agreed = || {
            let standing = self.people.standing.get(&ask.partner);
            standing.is_some_and(|standing| standing.given_back.contains(&ask.node))
        };
        if ask.partner == self.people.own || agreed() || self.is_vouched_for(reader, circle, ask, &open)? {
            Ok(Judged::Give(Box::new((secret, to.clone()))))
        } else {
            Ok(Judged::AskPerson)
        }
    }

    /// A partner's nodes that its card names and no closure retires.
    fn open_nodes(&self, circle: &Circle, partner: &PartnerId) -> Vec<Signed<Certificate>> {
        let mut nodes = self.people.certificates(partner);
        nodes.retain(|one| !circle.cut.retired(partner, &one.node));
        nodes
    }

    /// The nodes that our own card names and no closure in any circle retires.
    pub(super) fn unretired(&self, card: &Card) -> Vec<Signed<Certificate>> {
        let mut nodes = card.nodes();
        nodes.retain(|one| !self.is_retired(&card.partner, &one.node));
        nodes
    }

    /// Whether a partner retired a node, in whatever circle. A machine that is lost is lost to all of them, and one that
    /// was founded after that has no closure of its own.
    pub(super) fn is_retired(&self, partner: &PartnerId, node: &NodeId) -> bool {
        self.circles.values().any(|circle| circle.cut.retired(partner, node))
    }

    /// Whether an open node of the asker's partner could read the epoch: its author had sealed to one by then, in this
    /// epoch or before; or this node itself had, when it first saw the epoch.
    fn is_vouched_for(
        &self,
        records: &impl Records,
        circle: &Circle,
        ask: &Ask,
        open: &[Signed<Certificate>],
    ) -> Result<bool, StoreFault> {
        let founded = circle.logs.iter().find_map(|(life, log)| {
            let mut epochs = log.segments.iter().filter(|entry| entry.header.kind == Kind::Epoch);
            Some((life, epochs.find(|entry| entry.header.epoch == ask.epoch)?))
        });
        let Some((author, founding)) = founded else { return Ok(false) };
        for life in [author, &self.life] {
            let Some(log) = circle.logs.get(life) else { continue };
            let before = |entry: &&crate::store::logs::SegmentEntry| {
                entry.header.kind == Kind::Epoch
                    && if life == author {
                        entry.header.number <= founding.header.number
                    } else {
                        entry.first_seen < founding.first_seen
                    }
            };
            for entry in log.segments.iter().filter(before) {
                let body = epoch_body(records, circle, life, entry.header.number)?;
                let sealed = body.as_ref().and_then(|body| body.file_for(&ask.partner));
                let reads = |one: &Signed<Certificate>| {
                    sealed.is_some_and(|file| file.nodes.binary_search(&one.node).is_ok())
                };
                if open.iter().any(reads) {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }
}
