//! A sheet as it is kept in the vault: the ledger's part that the document does not hold, and the document. Ours
//! alone: bytes from others never come here.

use super::layout::Layout;
use super::ledger::{Entry, Kind, Ledger};
use super::sheet::{Sheet, Spoiled};
use crate::case::{Effect, Splice};
use crate::codec;
use crate::id::{CaseId, CircleId, InstanceId, Life, NodeId, PartnerId};
use crate::limit;
use crate::private::Private;
use crate::time::Millis;
use automerge::{ActorId, Automerge, ChangeHash, LoadOptions, SaveOptions, TextEncoding};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Raised whenever a sheet made by an older build would differ: sheets of other versions are rebuilt.
const VERSION: u16 = 2;
/// zstd's level: the fastest. Automerge's own compression takes four times as long for the same length.
const ZSTD_LEVEL: i32 = 1;

#[derive(Serialize, Deserialize)]
struct SavedWire {
    version: u16,
    circle: CircleId,
    case: CaseId,
    logs: Vec<(NodeId, InstanceId, PartnerId)>,
    entries: Vec<EntryWire>,
    /// What splices of the note did, by place of their entry.
    noted: Vec<(u64, Splice)>,
    document: serde_bytes::ByteBuf,
}

/// Log, edit number, kind, effect, items, milliseconds that it was first seen after the entry before.
#[derive(Serialize, Deserialize)]
struct EntryWire(u32, u64, u8, u8, u16, i64);

fn effect_of(code: u8) -> Option<Effect> {
    [Effect::Whole, Effect::Partly, Effect::Nothing].into_iter().find(|effect| *effect as u8 == code)
}

impl Sheet {
    /// The sheet as bytes for the vault.
    pub fn save(&self) -> Vec<u8> {
        let mut before = 0u64;
        let mut entries = Vec::with_capacity(self.ledger.entries.len());
        let mut noted = Vec::new();
        for (entry, place) in self.ledger.entries.iter().zip(0u64..) {
            let seen = entry.first_seen.0;
            entries.push(EntryWire(
                u32::try_from(entry.log).unwrap_or(u32::MAX),
                entry.number,
                entry.kind as u8,
                entry.effect as u8,
                entry.items,
                seen.wrapping_sub(before).cast_signed(),
            ));
            before = seen;
            if let Some(splice) = &entry.noted {
                noted.push((place, splice.clone()));
            }
        }
        let plain = SaveOptions { deflate: false, ..SaveOptions::default() };
        let wire = codec::encode(&SavedWire {
            version: VERSION,
            circle: self.layout.circle(),
            case: self.case,
            logs: self
                .ledger
                .logs
                .iter()
                .map(|log| (log.life.node, log.life.instance, log.partner))
                .collect(),
            entries,
            noted,
            document: self.document.save_with_options(plain).into(),
        });
        // It fails for want of memory alone; a sheet that is not kept is rebuilt.
        zstd::bulk::compress(&wire, ZSTD_LEVEL).unwrap_or_default()
    }

    /// Reads what [`Sheet::save`] wrote.
    ///
    /// # Errors
    /// [`Spoiled::Damaged`] if it does not read back or is of another build: rebuild it from segments.
    pub fn load(layout: &Arc<Layout>, bytes: &[u8]) -> Result<Self, Spoiled> {
        let room = zstd::bulk::Decompressor::upper_bound(bytes).ok_or(Spoiled::Damaged)?;
        let bytes = zstd::bulk::decompress(bytes, room.min(limit::VAULT_RECORD_BYTES))
            .map_err(|_| Spoiled::Damaged)?;
        let wire: SavedWire = serde_ipld_dagcbor::from_slice(&bytes).map_err(|_| Spoiled::Damaged)?;
        if wire.version != VERSION || wire.circle != layout.circle() {
            return Err(Spoiled::Damaged);
        }
        let options = LoadOptions::new().text_encoding(TextEncoding::UnicodeCodePoint);
        let document = Automerge::load_with_options(&wire.document, options).map_err(|_| Spoiled::Damaged)?;
        let mut ledger = Ledger::default();
        for (node, instance, partner) in &wire.logs {
            let life = Life { node: *node, instance: *instance };
            ledger.add_log(life, *partner, layout.writer(&life, &wire.case));
        }
        fill(&mut ledger, &document, wire.entries, wire.noted).ok_or(Spoiled::Damaged)?;
        Ok(Sheet::from_parts(layout, wire.case, document, ledger))
    }
}

/// Puts the saved entries into the ledger, with what the document knows of their changes. `None` if they do not fit.
fn fill(
    ledger: &mut Ledger,
    document: &Automerge,
    entries: Vec<EntryWire>,
    noted: Vec<(u64, Splice)>,
) -> Option<()> {
    let metas = document.get_changes_meta(&[]);
    let mut changes = BTreeMap::new();
    for meta in &metas {
        changes.insert((&*meta.actor, meta.seq), meta);
    }
    // One genesis beside the entries.
    if changes.len() != entries.len() + 1 {
        return None;
    }
    let actors: Vec<ActorId> = ledger.logs.iter().map(|log| log.actor.clone()).collect();
    let mut noted: BTreeMap<u64, Splice> = noted.into_iter().collect();
    let mut places: BTreeMap<ChangeHash, usize> = BTreeMap::new();
    let mut seqs = vec![0u32; actors.len()];
    let mut seen = 0u64;
    for (EntryWire(log, number, kind, effect, items, later), place) in entries.into_iter().zip(0u64..) {
        let log = log as usize;
        let seq = seqs.get_mut(log)?;
        *seq = seq.checked_add(1)?;
        let meta = changes.get(&(actors.get(log)?, u64::from(*seq)))?;
        seen = seen.wrapping_add_signed(later);
        let heads: Vec<&Entry> = meta
            .deps
            .iter()
            .filter_map(|dep| places.get(dep).and_then(|place| ledger.entries.get(*place)))
            .collect();
        let clock = ledger.clock(&heads, log, *seq);
        places.insert(meta.hash, ledger.entries.len());
        let entry = Entry {
            log,
            number,
            seq: *seq,
            kind: Kind::of(kind)?,
            effect: effect_of(effect)?,
            items,
            noted: noted.remove(&place),
            first_seen: Millis(seen),
            time: Millis(u64::try_from(meta.timestamp).ok()?),
            operator: Private::new(meta.message.as_deref().unwrap_or_default().to_owned()),
            hash: meta.hash,
            max_op: meta.max_op,
            clock,
        };
        ledger.add(entry);
    }
    Some(())
}
