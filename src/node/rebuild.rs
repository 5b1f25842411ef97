//! Sheets made anew for cuts, behind live edits.
//!
//! Everything that counts is opened and planned from nothing, round by round, and applied to sheets that stand beside
//! the old ones ([`Name::Staged`]). All the while the house is free: people read the old sheets and write on them. Only
//! at the end, under the lock and in one transaction, the new sheets take the places of the old, our own edits that
//! were cut or written meanwhile are put onto them, and edits that wait are told how much of what they rest on still
//! counts. Writing waits for that transaction alone. A crash on the way leaves the old sheets, and the rebuild begins
//! again: that the circle is stale is seen from what was applied.

use super::Failure;
use super::house::House;
use super::replay::{Job, LogJob, LogRead, ROUND_BYTES, ToOpen, open_log, to_open};
use super::shared::Shared;
use crate::id::{CaseId, CircleId, Hash, Life, PartnerId};
use crate::private::Private;
use crate::register::{
    Applied, Context, Layout, Opened, Packed, ReplayedSheet, Row, Stamped, Work, pins_of, replay_case,
};
use crate::seal::EpochSecret;
use crate::store::{Name, StoreFault, Vault, caches, keys, waiting};
use crate::time::Millis;
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Cases applied in one write of caches.
const CHUNK_CASES: usize = 256;

/// Edits that wait, as they are to wait from now on: first and last number, and each one's bytes.
type Rewritten = (u64, u64, Vec<Vec<u8>>);

/// A log with all its segments and their lengths.
type WholeLog = (Life, PartnerId, Vec<(ToOpen, u64)>);

/// New sheets of one circle on their way.
struct Rebuild {
    job: Job,
    /// The logs with all that is to be opened: each segment with its length.
    all: Vec<WholeLog>,
    /// Where each log stood when it began: number and hash.
    began: BTreeMap<Life, (u64, Hash)>,
    readings: BTreeMap<Life, LogRead>,
    waits: Vec<Opened>,
    epochs: Vec<EpochSecret>,
    shown: BTreeMap<Life, Context>,
    rows: BTreeMap<CaseId, Row>,
    spoiled: BTreeSet<CaseId>,
    name: Option<Private<String>>,
    /// How many edits were applied.
    edits: u64,
}

/// Makes the sheets of one circle anew. `false`: what counts moved meanwhile, so it is to be done again.
pub(super) fn rebuild_circle(shared: &Shared, id: &CircleId, now: Millis) -> Result<bool, Failure> {
    let begun = shared.house().begin_rebuild(id)?;
    shared.count_replayed(0, 1);
    let Some(mut rebuild) = begun else { return Ok(false) };
    while rebuild.round()? {
        if shared.stopping() {
            return Ok(false);
        }
    }
    shared.count_replayed(rebuild.edits, 0);
    shared.house().finish_rebuild(rebuild, now)
}

impl Rebuild {
    /// Opens and applies as much as one round may hold; `false` if nothing is left.
    fn round(&mut self) -> Result<bool, Failure> {
        let mut room = ROUND_BYTES;
        let mut logs = Vec::new();
        for (life, partner, all) in &self.all {
            let Some(read) = self.readings.get(life) else { continue };
            let from = usize::try_from(read.reading.through).unwrap_or(usize::MAX);
            let mut segments = Vec::new();
            for (next, bytes) in all.iter().skip(from) {
                if *bytes > room && !(logs.is_empty() && segments.is_empty()) {
                    break;
                }
                room = room.saturating_sub(*bytes);
                segments.push(*next);
            }
            if !segments.is_empty() && read.held.is_none() {
                let refused = self.job.reach.refused().any(|(refused, _)| refused == *life);
                logs.push(LogJob {
                    life: *life,
                    partner: *partner,
                    reading: read.reading.clone(),
                    refused,
                    segments,
                });
            }
        }
        let read: Vec<LogRead> =
            logs.into_par_iter().map(|log| open_log(&self.job, log)).collect::<Result<_, StoreFault>>()?;
        let moved = !read.is_empty();
        self.take_in(read)?;
        Ok(moved)
    }

    /// Plans what was opened and applies it to the new sheets.
    fn take_in(&mut self, read: Vec<LogRead>) -> Result<(), Failure> {
        let mut opened = std::mem::take(&mut self.waits);
        for mut log in read {
            opened.append(&mut log.opened);
            self.epochs.append(&mut log.epochs);
            self.readings.insert(log.life, log);
        }
        super::replay::note_shown(&mut self.shown, &opened, &self.job.own);
        let plan = self.job.reach.plan(opened, &self.job.cuts);
        self.waits = plan.waiting;
        self.edits += plan.edits;
        self.name = plan.circle_name.or_else(|| self.name.take());
        for chunk in plan.cases.chunks(CHUNK_CASES) {
            self.apply(chunk)?;
        }
        Ok(())
    }

    fn apply(&mut self, chunk: &[(CaseId, Vec<Applied>)]) -> Result<(), Failure> {
        let (vault, layout, circle) = (&self.job.vault, &self.job.layout, self.job.circle);
        let sheets: Vec<_> = chunk
            .par_iter()
            .map(|(case, edits)| {
                // What an earlier rebuild left lying is not gone on with.
                let begun = self.rows.contains_key(case);
                (*case, staged(vault, layout, circle, *case, edits, begun))
            })
            .collect();
        self.job.vault.write_caches(|writer| {
            for (case, sheet) in &sheets {
                if let Ok(sheet) = sheet {
                    writer.put(&Name::Staged(circle, *case), &sheet.saved)?;
                }
            }
            Ok::<(), StoreFault>(())
        })?;
        for (case, sheet) in sheets {
            match sheet {
                Ok(sheet) => {
                    self.rows.insert(case, sheet.row);
                }
                Err(_) => {
                    self.spoiled.insert(case);
                }
            }
        }
        Ok(())
    }
}

/// A new sheet with edits applied.
fn staged(
    vault: &Vault,
    layout: &Arc<Layout>,
    circle: CircleId,
    case: CaseId,
    edits: &[Applied],
    begun: bool,
) -> Result<ReplayedSheet, crate::register::Spoiled> {
    let existing = if begun { vault.get(&Name::Staged(circle, case)).ok().flatten() } else { None };
    replay_case(existing.as_deref(), layout, case, edits)
}

impl House {
    /// What a rebuild needs to know, as it is now; `None` if the circle may not be opened.
    fn begin_rebuild(&mut self, id: &CircleId) -> Result<Option<Rebuild>, Failure> {
        if self.circle(id)?.rebuilding {
            // All sheets are being made from nothing already, and what counts moved: that begins again.
            self.vault.write(super::index::begin_rebuild)?;
            self.forget_applied();
            return Ok(None);
        }
        if self.open_circle(id).is_err() {
            return Ok(None);
        }
        let circle = self.circle(id)?;
        let all = circle.logs.iter().map(|(life, log)| {
            let segments = log.segments.iter().map(|entry| (to_open(entry), u64::from(entry.header.length)));
            (*life, log.partner, segments.collect())
        });
        let all: Vec<WholeLog> = all.collect();
        let readings = all.iter().map(|(life, ..)| (*life, LogRead::new(*life))).collect();
        let began = circle.logs.iter().map(|(life, log)| (*life, (log.end.number, log.end.hash))).collect();
        Ok(Some(Rebuild {
            job: self.empty_job(circle),
            all,
            began,
            readings,
            waits: Vec::new(),
            epochs: Vec::new(),
            shown: BTreeMap::new(),
            rows: BTreeMap::new(),
            spoiled: BTreeSet::new(),
            name: None,
            edits: 0,
        }))
    }

    /// Whether what the rebuild rests on still counts.
    fn still_counts(&self, rebuild: &Rebuild) -> bool {
        let Some(circle) = self.circles.get(&rebuild.job.circle) else { return false };
        let stands = |(life, (number, hash)): (&Life, &(u64, Hash))| {
            *number == 0 || circle.logs.get(life).and_then(|log| log.hash(*number)) == Some(*hash)
        };
        self.life == rebuild.job.own
            && !circle.rebuilding
            && circle.cut.cuts == rebuild.job.cuts
            && rebuild.began.iter().all(stands)
    }

    /// The new sheets take the places of the old.
    fn finish_rebuild(&mut self, mut rebuild: Rebuild, now: Millis) -> Result<bool, Failure> {
        let id = rebuild.job.circle;
        if !self.still_counts(&rebuild) {
            return Ok(false);
        }
        self.own_meanwhile(&mut rebuild)?;
        let rewritten = self.put_back(&mut rebuild)?;
        let own = self.life;
        let gone: Vec<CaseId> = self
            .index
            .rows_of(id)
            .map(|row| row.case)
            .filter(|case| !rebuild.rows.contains_key(case) && !rebuild.spoiled.contains(case))
            .collect();
        let circle = self.circle_mut(&id)?;
        circle.reach = rebuild.job.reach;
        circle.waits = rebuild.waits;
        circle.cut.waited_under = rebuild.job.cuts;
        circle.shown = rebuild.shown;
        for (life, read) in rebuild.readings {
            if let Some(log) = circle.logs.get_mut(&life)
                && life != own
            {
                log.reading = read.reading;
                log.held = read.held;
            }
        }
        if let Some(name) = rebuild.name {
            circle.known.name = name;
        }
        circle.cut.stale = false;
        circle.cut.rebuilt = Some(now);
        circle.cut.aside_stale = true;
        circle.renew_context(&own);
        let (record, known) = (circle.applied_record(), circle.known.clone());
        for case in &gone {
            self.index.remove(&id, case);
        }
        let cases: Vec<CaseId> = rebuild.rows.keys().copied().collect();
        for row in rebuild.rows.into_values() {
            self.index.put(row);
        }
        self.spoiled.retain(|(circle, case)| *circle != id || !cases.contains(case));
        self.spoiled.extend(rebuild.spoiled.iter().map(|case| (id, *case)));
        let vault = Arc::clone(&self.vault);
        let index = &mut self.index;
        let written = vault.write(|writer| {
            for secret in &rebuild.epochs {
                keys::put_epoch(writer, &id, secret)?;
            }
            for case in &cases {
                use crate::store::Records as _;
                let name = Name::Staged(id, *case);
                let saved = writer.get(&name)?.ok_or(StoreFault::Damaged("a new sheet"))?;
                caches::put_sheet(writer, &id, case, &saved)?;
                writer.remove(&name)?;
            }
            for case in &gone {
                caches::remove_sheet(writer, &id, case)?;
            }
            if let Some((first, last, kept)) = &rewritten {
                waiting::take_through(writer, &id, *last)?;
                waiting::add_all(writer, &id, *first, kept)?;
            }
            crate::store::circles::put(writer, &known)?;
            index.write(writer)?;
            writer.put(&Name::Applied(id), &record)
        });
        if written.is_err() {
            // In memory stands what the disk has not: read from it again, and try again.
            self.index.unwritten();
            self.read_circle_again(&id)?;
        }
        written?;
        Ok(true)
    }

    /// After a transaction that failed: the circle as the vault has it.
    fn read_circle_again(&mut self, id: &CircleId) -> Result<(), Failure> {
        let reader = self.vault.reader()?;
        let known = self.circle(id)?.known.clone();
        let circle = self.read_circle(&reader, known)?;
        self.circles.insert(*id, circle);
        self.index = super::index::Index::load(&reader)?;
        Ok(())
    }

    /// Our own log may have grown since the rebuild began: those edits stand in the old sheets and must in the new.
    fn own_meanwhile(&self, rebuild: &mut Rebuild) -> Result<(), Failure> {
        let circle = self.circle(&rebuild.job.circle)?;
        let Some(log) = circle.logs.get(&self.life) else { return Ok(()) };
        let mut read = rebuild.readings.remove(&self.life).unwrap_or_else(|| LogRead::new(self.life));
        let from = usize::try_from(read.reading.through).unwrap_or(usize::MAX);
        let segments: Vec<_> = log.segments.iter().skip(from).map(to_open).collect();
        let refused = rebuild.job.reach.refused().any(|(refused, _)| refused == self.life);
        let reading = std::mem::take(&mut read.reading);
        let job = LogJob { life: self.life, partner: log.partner, reading, refused, segments };
        let read = open_log(&rebuild.job, job)?;
        rebuild.take_in(vec![read])
    }

    /// Edits that wait are put onto the new sheets. Gives them as they are to wait from now on: with what they rest on
    /// as it counts now.
    fn put_back(&self, rebuild: &mut Rebuild) -> Result<Option<Rewritten>, Failure> {
        let id = rebuild.job.circle;
        let reader = self.vault.reader()?;
        let waiting = waiting::list(&reader, &id)?;
        drop(reader);
        let (Some(first), Some(last)) = (waiting.first(), waiting.last()) else { return Ok(None) };
        let (first, last) = (first.number, last.number);
        let place = super::write::waiting_place(id, self.life);
        let mut kept = Vec::with_capacity(waiting.len());
        for edit in waiting {
            let packed = Packed::decode(&edit.bytes, place).map_err(StoreFault::from)?;
            let context = Arc::new(rebuild.job.reach.reread(packed.pins(), &rebuild.job.cuts));
            let edits = packed.work().map_err(StoreFault::from)?.edits;
            let edits: Vec<Stamped> = edits
                .into_iter()
                .map(|stamped| Stamped { edit: stamped.edit, context: Arc::clone(&context) })
                .collect();
            let highest = pins_of(edits.iter().map(|one| &*one.context));
            let work = Work {
                place,
                first: edit.number,
                circle_name: None,
                pins: rebuild.job.reach.pins(&highest),
                edits,
            };
            let bytes = work.encode().map_err(StoreFault::from)?;
            let packed = Packed::decode(bytes.reveal(), place).map_err(StoreFault::from)?;
            let ahead = rebuild.job.reach.ahead(self.people.own, self.now(), packed);
            rebuild.apply(&ahead)?;
            kept.push(bytes.reveal().clone());
        }
        Ok(Some((first, last, kept)))
    }
}

#[cfg(test)]
mod tests;
