//! Segments of a forked log that stand on another branch than the one held first: evidence, and what a closure may
//! choose later. Kept by header hash, apart from the main branch.

use super::logs::{self, EditSpan, EntryLine, Intake, LogLine, SegmentEntry, Verdict};
use super::{Name, Records, StoreFault, Writer};
use crate::codec;
use crate::id::{Hash, LogId};
use crate::limit;
use crate::log::{ChainEnd, Segment};
use std::collections::BTreeMap;

/// What is held of the other branches of a log, in the order of arrival.
///
/// # Errors
/// [`StoreFault`].
pub fn branches(records: &impl Records, log: &LogId) -> Result<Vec<SegmentEntry>, StoreFault> {
    branch_lines(records, log)?.iter().map(EntryLine::entry).collect()
}

/// One segment of another branch, by its header's hash.
///
/// # Errors
/// [`StoreFault`].
pub fn branch_segment(
    records: &impl Records,
    log: &LogId,
    header: &Hash,
) -> Result<Option<Segment>, StoreFault> {
    records.get(&Name::Branch(*log, *header))?.map(|bytes| logs::unpack(&bytes)).transpose()
}

/// Keeps a segment that does not stand on the main branch. `false`: it is held already. How many are kept is for
/// whoever takes them in to bound: a segment that a closure chose must find room.
///
/// # Errors
/// [`StoreFault`].
pub fn put_branch(writer: &mut Writer<'_>, intake: &Intake<'_>) -> Result<bool, StoreFault> {
    Ok(put_branches(writer, std::slice::from_ref(intake))? > 0)
}

/// The same for several, each log's list written once. Returns how many were new.
///
/// # Errors
/// [`StoreFault`].
pub fn put_branches(writer: &mut Writer<'_>, intakes: &[Intake<'_>]) -> Result<usize, StoreFault> {
    let mut by_log: BTreeMap<LogId, Vec<&Intake<'_>>> = BTreeMap::new();
    for intake in intakes {
        by_log.entry(intake.segment.header().log()).or_default().push(intake);
    }
    let mut new = 0;
    for (log, intakes) in by_log {
        let mut lines = branch_lines(writer, &log)?;
        let before = lines.len();
        for intake in intakes {
            add(writer, &log, &mut lines, intake)?;
        }
        if lines.len() > before {
            new += lines.len() - before;
            put_lines(writer, &log, &lines)?;
        }
    }
    Ok(new)
}

/// Makes another branch the main one, as a closure says: from the first of `chosen` on, the main branch gives way and
/// is kept among the branches. All that moves is [`Verdict::Stored`] again. An empty list changes nothing.
///
/// # Errors
/// [`StoreFault::Rule`] if a segment is not held or they do not continue the main branch.
pub fn switch(writer: &mut Writer<'_>, log: &LogId, chosen: &[Hash]) -> Result<(), StoreFault> {
    let Some(first) = chosen.first() else { return Ok(()) };
    let first = branch_segment(writer, log, first)?.ok_or(StoreFault::Rule("a chosen segment is held"))?;
    arrange(writer, log, first.header().number - 1, chosen)
}

/// Makes the main branch what counts: through `keep` as it stands, then `chosen` from among the branches. What stood
/// behind `keep` is kept among the branches. All that moves is [`Verdict::Stored`] again.
///
/// # Errors
/// [`StoreFault::Rule`] if a segment is not held or they do not continue the main branch.
pub fn arrange(writer: &mut Writer<'_>, log: &LogId, keep: u64, chosen: &[Hash]) -> Result<(), StoreFault> {
    let mut lines = branch_lines(writer, log)?;
    let mut number = keep + 1;
    while let Some(going) = logs::segment(writer, log, number)? {
        let entry = logs::entry(writer, log, number)?.ok_or(StoreFault::Damaged("log directory"))?;
        let intake = stored(&going, entry.first_seen, entry.edits);
        add(writer, log, &mut lines, &intake)?;
        writer.remove(&Name::Segment(*log, number))?;
        number += 1;
    }
    if number > keep + 1 {
        cut_back(writer, log, keep + 1)?;
    }
    let mut apart = BTreeMap::new();
    let mut order = Vec::with_capacity(lines.len());
    for line in lines {
        let hash = line.entry()?.header.hash();
        order.push(hash);
        apart.insert(hash, line);
    }
    let mut coming = Vec::with_capacity(chosen.len());
    for hash in chosen {
        let line = apart.remove(hash).ok_or(StoreFault::Rule("a chosen segment is held"))?;
        let segment = branch_segment(writer, log, hash)?.ok_or(StoreFault::Damaged("branch"))?;
        writer.remove(&Name::Branch(*log, *hash))?;
        coming.push((segment, line.1));
    }
    let lines: Vec<EntryLine> = order.iter().filter_map(|hash| apart.remove(hash)).collect();
    let intakes: Vec<Intake<'_>> =
        coming.iter().map(|(segment, first_seen)| stored(segment, *first_seen, None)).collect();
    logs::put_segments(writer, &intakes)?;
    put_lines(writer, log, &lines)
}

fn stored(segment: &Segment, first_seen: crate::time::Millis, edits: Option<EditSpan>) -> Intake<'_> {
    Intake { segment, first_seen, verdict: Verdict::Stored, edits }
}

/// Ends the main branch before a number: the pages behind it go, the list says the new end.
fn cut_back(writer: &mut Writer<'_>, log: &LogId, from: u64) -> Result<(), StoreFault> {
    let mut list = logs::log_list(writer, &log.circle)?;
    let Some(line) = list.iter_mut().find(|line| line.life == log.life) else {
        return Err(StoreFault::Rule("the log is held"));
    };
    let (page, place) = logs::page_of(from).ok_or(StoreFault::Rule("segments count from 1"))?;
    for behind in page + 1..logs::pages(line.end.number) {
        writer.remove(&Name::LogPage(*log, behind))?;
    }
    let mut entries = logs::read_page(writer, log, page)?;
    entries.truncate(place);
    writer.put(&Name::LogPage(*log, page), &codec::encode(&entries))?;
    line.end = match from.checked_sub(1) {
        None | Some(0) => ChainEnd::EMPTY,
        Some(last) => {
            let entry =
                logs::entry(writer, log, last)?.ok_or(StoreFault::Rule("they continue the main branch"))?;
            logs::chain_end(&entry.header)
        }
    };
    logs::put_log_list(writer, &log.circle, list)
}

fn add(
    writer: &mut Writer<'_>,
    log: &LogId,
    lines: &mut Vec<EntryLine>,
    intake: &Intake<'_>,
) -> Result<bool, StoreFault> {
    let header = intake.segment.header();
    if lines.iter().any(|line| line.0 == header.bytes()) {
        return Ok(false);
    }
    lines.push(EntryLine::new(intake));
    writer.put(&Name::Branch(*log, header.hash()), &logs::pack(intake.segment))?;
    Ok(true)
}

fn branch_lines(records: &impl Records, log: &LogId) -> Result<Vec<EntryLine>, StoreFault> {
    match records.get(&Name::BranchList(*log))? {
        Some(bytes) => Ok(codec::decode("branch list", &bytes, limit::VAULT_RECORD_BYTES)?),
        None => Ok(Vec::new()),
    }
}

/// Writes the list, and its length into the list of logs.
fn put_lines(writer: &mut Writer<'_>, log: &LogId, lines: &[EntryLine]) -> Result<(), StoreFault> {
    writer.put(&Name::BranchList(*log), &codec::encode(&lines))?;
    let mut list = logs::log_list(writer, &log.circle)?;
    let branches = lines.len() as u64;
    match list.iter_mut().find(|line| line.life == log.life) {
        Some(line) => line.branches = branches,
        // Nothing of it counts yet, and some of it is held.
        None if branches > 0 => {
            list.push(LogLine { life: log.life, end: ChainEnd::EMPTY, branches });
            list.sort_by_key(|line| line.life);
        }
        None => {}
    }
    logs::put_log_list(writer, &log.circle, list)
}
