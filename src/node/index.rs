//! The index: a row for every sheet, all in memory, kept in the vault in pages of some rows.
//!
//! A cache: rows are made from sheets, and sheets from segments. It says by its version whether it may be used.

use super::Failure;
use super::house::CACHE_VERSION;
use crate::codec;
use crate::id::{CaseId, CircleId};
use crate::limit;
use crate::register::Row;
use crate::store::{Name, Records, StoreFault, Writer, caches, circles};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Rows on a page: one edit rewrites one page, and a hundred edits on other cases a hundred; a start reads them all.
const PAGE_ROWS: usize = 8;
/// Which cache state is the index's.
const STATE: u16 = 0;

/// Which cache state says that sheets are being made from nothing.
const REBUILDING: u16 = 1;

/// All rows.
#[derive(Default)]
pub(crate) struct Index {
    rows: BTreeMap<(CircleId, CaseId), (u64, Arc<Row>)>,
    pages: Vec<Vec<(CircleId, CaseId)>>,
    /// Rows of each circle.
    counts: BTreeMap<CircleId, usize>,
    touched: BTreeSet<u64>,
    current: bool,
    /// Rows put or taken out since this index was read.
    revision: u64,
    /// At which revision cases last changed, as far as they did.
    changed: BTreeMap<CaseId, u64>,
}

/// Says that the caches are of this version.
pub(crate) fn mark_current(writer: &mut Writer<'_>) -> Result<(), StoreFault> {
    put_state(writer, 0)
}

/// Throws all caches away, and what says how far they went. Until [`end_rebuild`] it is known that they are being made
/// anew, whatever happens in between.
pub(crate) fn begin_rebuild(writer: &mut Writer<'_>) -> Result<(), StoreFault> {
    writer.clear_caches()?;
    for known in circles::list(writer)? {
        writer.remove(&Name::Applied(known.charter.circle()))?;
    }
    writer.put(&Name::CacheState(REBUILDING), &codec::encode(&true))?;
    put_state(writer, 0)
}

/// Whether caches were being made anew when the vault was left.
pub(crate) fn is_rebuilding(records: &impl Records) -> Result<bool, StoreFault> {
    Ok(records.get(&Name::CacheState(REBUILDING))?.is_some())
}

/// All caches stand again.
pub(crate) fn end_rebuild(writer: &mut Writer<'_>) -> Result<(), StoreFault> {
    writer.remove(&Name::CacheState(REBUILDING)).map(drop)
}

fn put_state(writer: &mut Writer<'_>, pages: u64) -> Result<(), StoreFault> {
    writer.put(&Name::CacheState(STATE), &codec::encode(&(CACHE_VERSION, pages)))
}

impl Index {
    /// Reads all pages; empty and not current if another version made them.
    pub(crate) fn load(records: &(impl Records + Sync)) -> Result<Self, Failure> {
        let mut index = Self::default();
        let state = match records.get(&Name::CacheState(STATE))? {
            Some(bytes) => codec::decode::<(u16, u64)>("index", &bytes, limit::RECORD_BYTES).ok(),
            None => None,
        };
        let Some((CACHE_VERSION, pages)) = state else { return Ok(index) };
        let read: Vec<Option<Vec<Row>>> =
            (0..pages).into_par_iter().map(|page| read_page(records, page)).collect();
        for (page, rows) in (0..).zip(read) {
            // A page that does not read back makes the whole index worth nothing: it is made anew.
            let Some(rows) = rows else { return Ok(Self::default()) };
            index.pages.push(rows.iter().map(|row| (row.circle, row.case)).collect());
            for row in rows {
                *index.counts.entry(row.circle).or_default() += 1;
                index.rows.insert((row.circle, row.case), (page, Arc::new(row)));
            }
        }
        index.current = true;
        Ok(index)
    }

    /// Whether it was there and of this version.
    pub(crate) fn is_current(&self) -> bool {
        self.current
    }

    pub(crate) fn clear(&mut self) {
        *self = Self { current: true, ..Self::default() };
    }

    /// Grows with every row that changes.
    pub(crate) fn revision(&self) -> u64 {
        self.revision
    }

    /// The revision at which a case last changed; 0 if it did not.
    pub(crate) fn changed(&self, case: &CaseId) -> u64 {
        self.changed.get(case).copied().unwrap_or_default()
    }

    fn note_change(&mut self, case: CaseId) {
        self.revision += 1;
        self.changed.insert(case, self.revision);
    }

    pub(crate) fn get(&self, circle: &CircleId, case: &CaseId) -> Option<&Arc<Row>> {
        self.rows.get(&(*circle, *case)).map(|(_, row)| row)
    }

    /// All rows, by circle and case.
    pub(crate) fn rows(&self) -> impl Iterator<Item = &Arc<Row>> {
        self.rows.values().map(|(_, row)| row)
    }

    /// How many rows a circle has.
    pub(crate) fn count_of(&self, circle: &CircleId) -> usize {
        self.counts.get(circle).copied().unwrap_or_default()
    }

    /// Rows of one circle.
    pub(crate) fn rows_of(&self, circle: CircleId) -> impl Iterator<Item = &Arc<Row>> {
        let (first, last) = ((circle, CaseId([0; 16])), (circle, CaseId([0xff; 16])));
        self.rows.range(first..=last).map(|(_, (_, row))| row)
    }

    /// Puts a row in the place of the one before.
    pub(crate) fn put(&mut self, row: Row) {
        let key = (row.circle, row.case);
        self.note_change(row.case);
        let page = match self.rows.get(&key) {
            Some((page, _)) => *page,
            None => {
                *self.counts.entry(key.0).or_default() += 1;
                if self.pages.last().is_none_or(|page| page.len() >= PAGE_ROWS) {
                    self.pages.push(Vec::with_capacity(PAGE_ROWS));
                }
                if let Some(page) = self.pages.last_mut() {
                    page.push(key);
                }
                self.pages.len() as u64 - 1
            }
        };
        self.touched.insert(page);
        self.rows.insert(key, (page, Arc::new(row)));
    }

    /// Takes a row out.
    pub(crate) fn remove(&mut self, circle: &CircleId, case: &CaseId) {
        let Some((page, _)) = self.rows.remove(&(*circle, *case)) else { return };
        self.note_change(*case);
        if let Some(count) = self.counts.get_mut(circle) {
            *count = count.saturating_sub(1);
        }
        if let Some(page) = usize::try_from(page).ok().and_then(|page| self.pages.get_mut(page)) {
            page.retain(|key| *key != (*circle, *case));
        }
        self.touched.insert(page);
    }

    /// Writes the pages that changed. If the transaction fails, say so with [`Index::unwritten`].
    pub(crate) fn write(&mut self, writer: &mut Writer<'_>) -> Result<(), StoreFault> {
        if self.touched.is_empty() {
            return Ok(());
        }
        for page in &self.touched {
            let at = usize::try_from(*page).unwrap_or(usize::MAX);
            let rows: Vec<&Row> = self
                .pages
                .get(at)
                .into_iter()
                .flatten()
                .filter_map(|key| self.rows.get(key).map(|(_, row)| &**row))
                .collect();
            caches::put_rows(writer, *page, &codec::encode(&rows))?;
        }
        put_state(writer, self.pages.len() as u64)?;
        self.touched.clear();
        Ok(())
    }

    /// After a transaction that failed: every page is to be written again.
    pub(crate) fn unwritten(&mut self) {
        self.touched = (0..self.pages.len() as u64).collect();
    }
}

fn read_page(records: &impl Records, page: u64) -> Option<Vec<Row>> {
    let bytes = caches::rows(records, page).ok()??;
    // Written by this program and sealed since: the strict check would only cost time.
    serde_ipld_dagcbor::from_slice(&bytes).ok()
}
