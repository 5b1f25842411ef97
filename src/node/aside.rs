//! What was cut and is kept in sight: the edits of segments that do not count.
//!
//! They are opened where we have the key, and put on small sheets of their own, one for each case and stretch of a
//! branch. Nothing of them stands on the case's sheet. Views show them beside it, marked as disowned. All of it is a
//! cache: it is made from the segments held apart, at most once in [`crate::limit::REBUILD_EVERY_MS`].

use super::Failure;
use super::cuts::may_again;
use super::house::{Circle, House};
use super::open::{Opened as Read, Opening, Reading, open_next};
use super::shared::Shared;
use crate::case::{Did, HistoryEntry, SheetView};
use crate::codec;
use crate::id::{CaseId, CircleId, EpochId, Hash, Life, LogId};
use crate::limit;
use crate::log::Kind;
use crate::register::{Packed, Reach, Row, Sheet, open_sheet, replay_case};
use crate::seal::{EpochSecret, NodeSecret};
use crate::sign::{Domain, hash};
use crate::store::logs::SegmentEntry;
use crate::store::{Name, Records, StoreFault, Vault, branches, caches, keys};
use crate::time::Millis;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The small sheets of one case: a stretch of a branch is called by its first header.
type Stretches = Vec<(Hash, serde_bytes::ByteBuf)>;

/// What is kept aside of one circle.
#[derive(Default, Serialize, Deserialize)]
struct AsideList {
    cases: BTreeSet<CaseId>,
    /// Edits by log.
    edits: Vec<(Life, u64)>,
    /// One name for the segments that it was made of, if there are any.
    made_of: Option<Hash>,
    /// How many of them could not be opened.
    closed: u64,
}

/// One log's segments that are held apart, and what opening them needs.
struct ApartLog {
    id: LogId,
    partner: crate::id::PartnerId,
    /// In the order of their numbers, each with the stretch that it belongs to and the header before it, if it is here.
    segments: Vec<(SegmentEntry, Hash, Option<Hash>)>,
    /// Plain chain and epoch after each header that one of them follows.
    before: BTreeMap<Hash, (Hash, EpochId)>,
}

/// Brings what is kept aside up to date, circle by circle, without the house's lock but for the beginning and the end.
pub(super) fn bring_up(shared: &Shared, now: Millis) -> Result<(), Failure> {
    let due: Vec<CircleId> = {
        let house = shared.house();
        let due = |c: &&Circle| c.cut.aside_stale && !c.cut.stale && may_again(c.cut.aside_at, now);
        house.circles.values().filter(due).map(|circle| circle.id).collect()
    };
    for id in due {
        bring_up_circle(shared, &id, now)?;
    }
    Ok(())
}

fn bring_up_circle(shared: &Shared, id: &CircleId, now: Millis) -> Result<(), Failure> {
    let (logs, vault, secret, envelope, charter, own, layout, before) = {
        let mut house = shared.house();
        let readable = house.open_circle(id).is_ok();
        let logs = if readable { house.apart_logs(id)? } else { Vec::new() };
        let vault = Arc::clone(&house.vault);
        let before = read_list(&vault.reader()?, id)?;
        let held = made_of(&logs);
        let circle = house.circle_mut(id)?;
        circle.cut.aside_stale = false;
        circle.cut.aside = before.edits.iter().copied().collect();
        if before.made_of == held && before.closed == 0 {
            return house.put_empty(id, &before.cases);
        }
        circle.cut.aside_at = Some(now);
        let circle = house.circle(id)?;
        (
            logs,
            vault,
            Arc::clone(&house.secret),
            Arc::clone(&house.envelope),
            circle.known.charter.clone(),
            house.people.own,
            Arc::clone(&circle.layout),
            before,
        )
    };
    vault.write_caches(|writer| {
        for case in &before.cases {
            writer.remove(&Name::Aside(*id, *case))?;
        }
        writer.remove(&Name::AsideList(*id)).map(drop)
    })?;
    let mut list = AsideList { made_of: made_of(&logs), ..AsideList::default() };
    let mut found: BTreeMap<EpochId, EpochSecret> = BTreeMap::new();
    for log in &logs {
        let mut edits = 0;
        for (entry, stretch, previous) in &log.segments {
            let opened = open_apart(
                &vault,
                &secret,
                &*envelope,
                charter.get(),
                &own,
                log,
                (entry, previous),
                &mut found,
            )?;
            let Some(packed) = opened else {
                list.closed += u64::from(entry.header.kind == Kind::Work);
                continue;
            };
            edits += packed.len() as u64;
            let alone = Reach::new(charter.founder).ahead(log.partner, entry.first_seen, packed);
            for (case, applied) in alone {
                let mut stretches = read_stretches(&vault.reader()?, id, &case)?;
                let at = stretches.iter().position(|(name, _)| name == stretch);
                let existing = at.and_then(|at| stretches.get(at)).map(|(_, saved)| saved.as_slice());
                let Ok(sheet) = replay_case(existing, &layout, case, &applied) else { continue };
                match at.and_then(|at| stretches.get_mut(at)) {
                    Some((_, saved)) => *saved = sheet.saved.into(),
                    None => stretches.push((*stretch, sheet.saved.into())),
                }
                list.cases.insert(case);
                vault
                    .write_caches(|writer| writer.put(&Name::Aside(*id, case), &codec::encode(&stretches)))?;
            }
        }
        list.edits.push((log.id.life, edits));
    }
    shared.house().keep_aside(id, &list, &found)
}

/// One name for what is held apart of a circle, if anything is.
fn made_of(logs: &[ApartLog]) -> Option<Hash> {
    let hashes: Vec<Hash> =
        logs.iter().flat_map(|log| &log.segments).map(|(entry, ..)| entry.header.hash()).collect();
    let fields: Vec<&[u8]> = hashes.iter().map(|hash| hash.0.as_slice()).collect();
    (!fields.is_empty()).then(|| hash(Domain::Records, &fields))
}

/// Opens one segment that is held apart; `None` if it cannot be or holds no edits.
#[allow(clippy::too_many_arguments)] // what opens, and what is opened
fn open_apart(
    vault: &Vault,
    secret: &NodeSecret,
    envelope: &dyn crate::seal::Envelope,
    charter: &crate::log::Charter,
    own: &crate::id::PartnerId,
    log: &ApartLog,
    (entry, previous): (&SegmentEntry, &Option<Hash>),
    found: &mut BTreeMap<EpochId, EpochSecret>,
) -> Result<Option<Packed>, Failure> {
    let header = &entry.header;
    let reader = vault.reader()?;
    let Some(segment) = branches::branch_segment(&reader, &log.id, &header.hash())? else { return Ok(None) };
    let known = |epoch: &EpochId, found: &BTreeMap<EpochId, EpochSecret>| {
        found.get(epoch).cloned().or_else(|| keys::epoch(&reader, epoch).ok().flatten())
    };
    let before = previous.and_then(|hash| log.before.get(&hash));
    if before.is_none() && header.number > 1 {
        return Ok(None);
    }
    let mut reading = Reading {
        through: header.number - 1,
        plain: before.map(|(plain, _)| *plain),
        epoch: before.and_then(|(_, epoch)| known(epoch, found)),
    };
    let granted = found.clone();
    let opening = Opening {
        charter,
        partner: own,
        secret,
        envelope,
        known: &|epoch| {
            granted
                .get(epoch)
                .cloned()
                .or_else(|| vault.read(|reader| keys::epoch(reader, epoch)).ok().flatten())
        },
    };
    Ok(match open_next(&mut reading, &segment, &opening) {
        Read::Work(packed) => Some(*packed),
        Read::Epoch(epoch) => {
            found.insert(epoch.key.id(), epoch);
            None
        }
        Read::Refused(_) | Read::Held(_) => None,
    })
}

fn read_list(records: &impl Records, circle: &CircleId) -> Result<AsideList, StoreFault> {
    match records.get(&Name::AsideList(*circle))? {
        Some(bytes) => Ok(codec::decode("list of what is aside", &bytes, limit::VAULT_RECORD_BYTES)?),
        None => Ok(AsideList::default()),
    }
}

fn read_stretches(records: &impl Records, circle: &CircleId, case: &CaseId) -> Result<Stretches, StoreFault> {
    match records.get(&Name::Aside(*circle, *case))? {
        Some(bytes) => Ok(codec::decode("what is aside", &bytes, limit::VAULT_RECORD_BYTES)?),
        None => Ok(Vec::new()),
    }
}

impl House {
    /// The segments of a circle that are held apart, log by log.
    fn apart_logs(&self, id: &CircleId) -> Result<Vec<ApartLog>, Failure> {
        let reader = self.vault.reader()?;
        let mut logs = Vec::new();
        for (life, log) in self.circle(id)?.logs.iter().filter(|(_, log)| log.branches > 0) {
            let id = LogId { circle: *id, life: *life };
            let mut entries = branches::branches(&reader, &id)?;
            entries.sort_by_key(|entry| (entry.header.number, entry.header.hash()));
            let mut before = BTreeMap::new();
            for entry in log.segments.iter().chain(&entries) {
                before.insert(entry.header.hash(), (entry.header.plain, entry.header.epoch));
            }
            let mut stretches: BTreeMap<Hash, Hash> = BTreeMap::new();
            let segments = entries.into_iter().map(|entry| {
                let (hash, previous) = (entry.header.hash(), entry.header.previous);
                // The first that follows goes on with its stretch, another begins one.
                let stretch = stretches.remove(&previous).unwrap_or(hash);
                stretches.insert(hash, stretch);
                let previous = (entry.header.number > 1).then_some(previous);
                (entry, stretch, previous)
            });
            logs.push(ApartLog { id, partner: log.partner, segments: segments.collect(), before });
        }
        Ok(logs)
    }

    /// What was made is listed.
    fn keep_aside(
        &mut self,
        id: &CircleId,
        list: &AsideList,
        found: &BTreeMap<EpochId, EpochSecret>,
    ) -> Result<(), Failure> {
        self.put_empty(id, &list.cases)?;
        self.vault.write(|writer| {
            for secret in found.values() {
                keys::put_epoch(writer, id, secret)?;
            }
            writer.put(&Name::AsideList(*id), &codec::encode(list))
        })?;
        self.circle_mut(id)?.cut.aside = list.edits.iter().copied().collect();
        Ok(())
    }

    /// A case of which nothing but cut edits is here has an empty sheet, so that it can be found.
    fn put_empty(&mut self, id: &CircleId, cases: &BTreeSet<CaseId>) -> Result<(), Failure> {
        let layout = Arc::clone(&self.circle(id)?.layout);
        let mut empty = Vec::new();
        for case in cases.iter().filter(|case| self.index.get(id, case).is_none()) {
            let sheet = Sheet::new(&layout, *case);
            empty.push((*case, sheet.save(), Row::of(&sheet.view())));
        }
        if empty.is_empty() {
            return Ok(());
        }
        for (_, _, row) in &empty {
            self.index.put(row.clone());
        }
        let vault = Arc::clone(&self.vault);
        let index = &mut self.index;
        let written = vault.write(|writer| {
            for (case, saved, _) in &empty {
                caches::put_sheet(writer, id, case, saved)?;
            }
            index.write(writer)
        });
        if written.is_err() {
            self.index.unwritten();
        }
        Ok(written?)
    }

    /// The small sheets of a case.
    fn stretches(&self, circle: &Circle, case: &CaseId) -> Vec<Sheet> {
        if circle.cut.aside.is_empty() {
            return Vec::new();
        }
        let read = self.vault.reader().and_then(|reader| read_stretches(&reader, &circle.id, case));
        let stretches = read.unwrap_or_default();
        stretches.iter().filter_map(|(_, saved)| open_sheet(&circle.layout, saved).ok()).collect()
    }

    /// Adds to a view what its case's cut edits say, as disowned.
    pub(super) fn show_aside(&self, circle: &Circle, view: &mut SheetView) {
        for sheet in self.stretches(circle, &view.case) {
            let aside = sheet.view();
            view.claims.extend(aside.claims.into_iter().map(|mut claim| {
                claim.disowned = true;
                claim
            }));
            view.acts.extend(aside.acts.into_iter().map(|mut act| {
                act.disowned = true;
                act
            }));
            view.files.extend(aside.files.into_iter().map(|mut file| {
                file.disowned = true;
                file
            }));
        }
        view.claims.sort_by_key(|claim| (claim.written.time, claim.item));
        view.acts.sort_by_key(|act| (act.written.time, act.item));
        view.files.sort_by_key(|file| (file.written.time, file.item));
    }

    /// Adds to a history what was cut, as disowned; values of the plan are said here and nowhere else.
    pub(super) fn tell_aside(&self, circle: &Circle, case: &CaseId, history: &mut Vec<HistoryEntry>) {
        for sheet in self.stretches(circle, case) {
            let plan = sheet.view().plan;
            for mut entry in sheet.history() {
                entry.disowned = true;
                if let Did::Planned(key) = &entry.did {
                    let values = plan.iter().filter(|view| view.key == *key);
                    let value = values
                        .flat_map(|view| view.values.iter().chain(&view.history))
                        .find(|value| value.item.edit == entry.edit);
                    if let Some(value) = value {
                        entry.did = Did::PlannedInVain(key.clone(), value.value.clone());
                    }
                }
                history.push(entry);
            }
        }
        history.sort_by_key(|entry| (entry.written.time, entry.edit, entry.disowned));
    }
}
