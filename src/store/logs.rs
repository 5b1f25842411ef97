//! The logs of a circle: which segments are held, where each log ends, and what became of each segment.
//!
//! A log's main branch stands without gaps from number 1; what does not chain is not stored there. Its directory is
//! kept in pages of [`limit::LOG_PAGE_SEGMENTS`] numbers, written in the same transaction as the segments they list, so
//! that one more segment rewrites one page. Segments of other branches of a forked log stand apart
//! ([`super::branches`]). Signatures, certificates and charters were checked before: this room only refuses what does
//! not continue the chain.

use super::{Name, Records, StoreFault, Writer};
use crate::codec;
use crate::id::{CircleId, Life, LogId};
use crate::limit;
use crate::log::{ChainEnd, Header, Segment};
use crate::sign::Signed;
use crate::time::Millis;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, btree_map::Entry};

/// What became of a stored segment here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Stored, nothing more yet.
    Stored,
    /// Its edits are in the sheets.
    Applied,
    /// It breaks a rule that every version shares.
    Refused,
    /// It cannot be judged or opened yet.
    Held,
}

/// Numbers of the first and the last edit of an opened segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EditSpan {
    /// The first.
    pub first: u64,
    /// The last.
    pub last: u64,
}

/// What the directory says of one segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SegmentEntry {
    /// Its header.
    pub header: Signed<Header>,
    /// When this node first held it, by this node's clock: what a back-dated edit cannot change.
    pub first_seen: Millis,
    /// What became of it.
    pub verdict: Verdict,
    /// The edits it holds, if it was opened.
    pub edits: Option<EditSpan>,
}

/// A segment on its way into the store.
#[derive(Clone, Copy, Debug)]
pub struct Intake<'s> {
    /// The segment.
    pub segment: &'s Segment,
    /// Now, by this node's clock.
    pub first_seen: Millis,
    /// [`Verdict::Stored`], or what is known already (our own are applied).
    pub verdict: Verdict,
    /// Its edits, if known already.
    pub edits: Option<EditSpan>,
}

/// One log as the directory has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogDirectory {
    /// Where it ends.
    pub end: ChainEnd,
    /// Segments of other branches that are held.
    pub branches: u64,
    /// Its segments from number 1, without gaps.
    pub segments: Vec<SegmentEntry>,
}

/// A line of the list of a circle's logs.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(super) struct LogLine {
    pub(super) life: Life,
    pub(super) end: ChainEnd,
    pub(super) branches: u64,
}

/// A line of a directory page: header, first seen, verdict, edits.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct EntryLine(
    #[serde(with = "serde_bytes")] pub(super) Vec<u8>,
    pub(super) Millis,
    pub(super) Verdict,
    pub(super) Option<EditSpan>,
);

impl EntryLine {
    pub(super) fn new(intake: &Intake<'_>) -> Self {
        Self(intake.segment.header().bytes().to_vec(), intake.first_seen, intake.verdict, intake.edits)
    }

    pub(super) fn entry(&self) -> Result<SegmentEntry, StoreFault> {
        let header = Signed::decode_own_store(&self.0)?;
        Ok(SegmentEntry { header, first_seen: self.1, verdict: self.2, edits: self.3 })
    }
}

/// Where each log of a circle ends.
///
/// # Errors
/// [`StoreFault`].
pub fn ends(records: &impl Records, circle: &CircleId) -> Result<BTreeMap<Life, ChainEnd>, StoreFault> {
    Ok(log_list(records, circle)?.into_iter().map(|line| (line.life, line.end)).collect())
}

/// The whole directory of a circle: what is read when a node starts.
///
/// # Errors
/// [`StoreFault`].
pub fn load(records: &impl Records, circle: &CircleId) -> Result<BTreeMap<Life, LogDirectory>, StoreFault> {
    let mut logs = BTreeMap::new();
    for line in log_list(records, circle)? {
        let log = LogId { circle: *circle, life: line.life };
        logs.insert(line.life, directory(records, &log, &line)?);
    }
    Ok(logs)
}

/// The directory of one log; `None` if nothing of it is held.
///
/// # Errors
/// [`StoreFault`].
pub fn load_log(records: &impl Records, log: &LogId) -> Result<Option<LogDirectory>, StoreFault> {
    let line = log_list(records, &log.circle)?.into_iter().find(|line| line.life == log.life);
    line.map(|line| directory(records, log, &line)).transpose()
}

fn directory(records: &impl Records, log: &LogId, line: &LogLine) -> Result<LogDirectory, StoreFault> {
    let mut segments = Vec::new();
    for page in 0..pages(line.end.number) {
        for entry in read_page(records, log, page)? {
            segments.push(entry.entry()?);
        }
    }
    if segments.len() as u64 != line.end.number {
        return Err(StoreFault::Damaged("log directory"));
    }
    Ok(LogDirectory { end: line.end, branches: line.branches, segments })
}

/// What the directory says of one segment.
///
/// # Errors
/// [`StoreFault`].
pub fn entry(records: &impl Records, log: &LogId, number: u64) -> Result<Option<SegmentEntry>, StoreFault> {
    let Some((page, place)) = page_of(number) else { return Ok(None) };
    read_page(records, log, page)?.get(place).map(EntryLine::entry).transpose()
}

/// One segment of the main branch, as it came.
///
/// # Errors
/// [`StoreFault`].
pub fn segment(records: &impl Records, log: &LogId, number: u64) -> Result<Option<Segment>, StoreFault> {
    records.get(&Name::Segment(*log, number))?.map(|bytes| unpack(&bytes)).transpose()
}

/// Segments of the main branch from a number on: as many as have at most `max_bytes` of bodies together, but at least
/// one if there is one.
///
/// # Errors
/// [`StoreFault`].
pub fn segments_from(
    records: &impl Records,
    log: &LogId,
    from: u64,
    max_bytes: usize,
) -> Result<Vec<Segment>, StoreFault> {
    let mut taken = Vec::new();
    let mut bytes = 0;
    let mut number = from.max(1);
    while let Some(next) = segment(records, log, number)? {
        bytes += next.body().len();
        if bytes > max_bytes && !taken.is_empty() {
            break;
        }
        taken.push(next);
        number += 1;
    }
    Ok(taken)
}

/// Stores segments and lists them, all in the caller's transaction. Each must continue its log; one that is held
/// already is left as it is. Returns how many were new.
///
/// # Errors
/// [`StoreFault::Rule`] for one that does not continue its log; then the caller gives the transaction up.
pub fn put_segments(writer: &mut Writer<'_>, intakes: &[Intake<'_>]) -> Result<usize, StoreFault> {
    let mut open = OpenPages::default();
    let mut new = 0;
    for intake in intakes {
        let header = intake.segment.header();
        let log = header.log();
        let end = open.end(writer, &log)?;
        if header.number <= end.number {
            let (page, place) = page_of(header.number).ok_or(StoreFault::Rule("segments count from 1"))?;
            let same = open.page(writer, &log, page)?.get(place).is_some_and(|line| line.0 == header.bytes());
            if same {
                continue;
            }
            return Err(StoreFault::Rule("another segment has this number: it belongs to the branches"));
        }
        if header.number != end.number + 1 || header.previous != end.hash {
            return Err(StoreFault::Rule("a segment continues its log"));
        }
        open.append(writer, &log, EntryLine::new(intake), chain_end(header))?;
        writer.put(&Name::Segment(log, header.number), &pack(intake.segment))?;
        new += 1;
    }
    open.store(writer)?;
    Ok(new)
}

/// Says what became of segments: number, verdict, edits if it was opened. Numbers that are not held are passed over.
///
/// # Errors
/// [`StoreFault`].
pub fn judge(
    writer: &mut Writer<'_>,
    log: &LogId,
    verdicts: &[(u64, Verdict, Option<EditSpan>)],
) -> Result<(), StoreFault> {
    let mut open = OpenPages::default();
    for (number, verdict, edits) in verdicts {
        let Some((page, place)) = page_of(*number) else { continue };
        let key = (*log, page);
        if let Some(line) = open.page(writer, log, page)?.get_mut(place) {
            line.2 = *verdict;
            line.3 = edits.or(line.3);
            open.touched(key);
        }
    }
    open.store(writer)
}

/// Lists and pages that a transaction has read, and those it must write: each once, however many segments come.
#[derive(Default)]
struct OpenPages {
    lists: BTreeMap<CircleId, BTreeMap<Life, LogLine>>,
    pages: BTreeMap<(LogId, u64), (Vec<EntryLine>, bool)>,
    lists_touched: bool,
}

impl OpenPages {
    fn list(
        &mut self,
        writer: &Writer<'_>,
        circle: &CircleId,
    ) -> Result<&mut BTreeMap<Life, LogLine>, StoreFault> {
        match self.lists.entry(*circle) {
            Entry::Occupied(list) => Ok(list.into_mut()),
            Entry::Vacant(place) => {
                let lines = log_list(writer, circle)?;
                Ok(place.insert(lines.into_iter().map(|line| (line.life, line)).collect()))
            }
        }
    }

    fn end(&mut self, writer: &Writer<'_>, log: &LogId) -> Result<ChainEnd, StoreFault> {
        Ok(self.list(writer, &log.circle)?.get(&log.life).map_or(ChainEnd::EMPTY, |line| line.end))
    }

    fn page(
        &mut self,
        writer: &Writer<'_>,
        log: &LogId,
        page: u64,
    ) -> Result<&mut Vec<EntryLine>, StoreFault> {
        match self.pages.entry((*log, page)) {
            Entry::Occupied(page) => Ok(&mut page.into_mut().0),
            Entry::Vacant(place) => Ok(&mut place.insert((read_page(writer, log, page)?, false)).0),
        }
    }

    fn touched(&mut self, key: (LogId, u64)) {
        if let Some((_, touched)) = self.pages.get_mut(&key) {
            *touched = true;
        }
    }

    fn append(
        &mut self,
        writer: &Writer<'_>,
        log: &LogId,
        line: EntryLine,
        end: ChainEnd,
    ) -> Result<(), StoreFault> {
        let (page, place) = page_of(end.number).ok_or(StoreFault::Rule("segments count from 1"))?;
        let lines = self.page(writer, log, page)?;
        // What a switch of branches left behind the end does not count.
        lines.truncate(place);
        lines.push(line);
        self.touched((*log, page));
        self.list(writer, &log.circle)?
            .entry(log.life)
            .or_insert(LogLine { life: log.life, end, branches: 0 })
            .end = end;
        self.lists_touched = true;
        Ok(())
    }

    fn store(self, writer: &mut Writer<'_>) -> Result<(), StoreFault> {
        for ((log, page), (lines, touched)) in self.pages {
            if touched {
                writer.put(&Name::LogPage(log, page), &codec::encode(&lines))?;
            }
        }
        if self.lists_touched {
            for (circle, list) in self.lists {
                put_log_list(writer, &circle, list.into_values().collect())?;
            }
        }
        Ok(())
    }
}

/// The end of a log after this header.
pub(super) fn chain_end(header: &Signed<Header>) -> ChainEnd {
    ChainEnd { number: header.number, hash: header.hash(), epoch: header.epoch }
}

pub(super) fn log_list(records: &impl Records, circle: &CircleId) -> Result<Vec<LogLine>, StoreFault> {
    match records.get(&Name::LogList(*circle))? {
        Some(bytes) => Ok(codec::decode("log list", &bytes, limit::VAULT_RECORD_BYTES)?),
        None => Ok(Vec::new()),
    }
}

/// Stores the list of a circle's logs, sorted by life.
pub(super) fn put_log_list(
    writer: &mut Writer<'_>,
    circle: &CircleId,
    lines: Vec<LogLine>,
) -> Result<(), StoreFault> {
    writer.put(&Name::LogList(*circle), &codec::encode(&lines))
}

pub(super) fn read_page(
    records: &impl Records,
    log: &LogId,
    page: u64,
) -> Result<Vec<EntryLine>, StoreFault> {
    match records.get(&Name::LogPage(*log, page))? {
        Some(bytes) => Ok(codec::decode("log page", &bytes, limit::VAULT_RECORD_BYTES)?),
        None => Ok(Vec::new()),
    }
}

/// How many pages a log with this last number has.
pub(super) fn pages(last: u64) -> u64 {
    last.div_ceil(limit::LOG_PAGE_SEGMENTS)
}

/// Page and place on it of a number from 1; `None` for 0.
pub(super) fn page_of(number: u64) -> Option<(u64, usize)> {
    let place = number.checked_sub(1)?;
    let on_page = usize::try_from(place % limit::LOG_PAGE_SEGMENTS).ok()?;
    Some((place / limit::LOG_PAGE_SEGMENTS, on_page))
}

/// Header length as four bytes, big end first; header; body.
pub(super) fn pack(segment: &Segment) -> Vec<u8> {
    let header = segment.header().bytes();
    // A header has at most 16 KiB.
    let length = u32::try_from(header.len()).unwrap_or(u32::MAX);
    let mut bytes = Vec::with_capacity(4 + header.len() + segment.body().len());
    bytes.extend_from_slice(&length.to_be_bytes());
    bytes.extend_from_slice(header);
    bytes.extend_from_slice(segment.body());
    bytes
}

pub(super) fn unpack(bytes: &[u8]) -> Result<Segment, StoreFault> {
    let damaged = StoreFault::Damaged("segment");
    let (length, rest) = bytes.split_first_chunk::<4>().ok_or(damaged)?;
    let length = usize::try_from(u32::from_be_bytes(*length)).map_err(|_| damaged)?;
    let (header, body) = rest.split_at_checked(length).ok_or(damaged)?;
    Ok(Segment::from_own_store(Signed::decode_own_store(header)?, body.to_vec()))
}
