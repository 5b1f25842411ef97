//! What a sheet knows of the edits on it: which there are, what became of them, and who knew whom.
//!
//! Contexts speak of edit numbers, Automerge of change hashes; the ledger translates. Every entry keeps how far it
//! knows each log (its clock), so that "does this edit rest on that one" is one comparison. Hashes, operation numbers,
//! times and operators stand in the document and are read from there on load.

use crate::case::{Effect, Splice};
use crate::id::{EditRef, ItemRef, Life, PartnerId};
use crate::private::Private;
use crate::time::Millis;
use automerge::{ActorId, ChangeHash};
use std::collections::BTreeMap;

/// What an edit is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Claims = 0,
    Withdraw = 1,
    Plan = 2,
    Note = 3,
    Act = 4,
    File = 5,
    Disclosed = 6,
}

impl Kind {
    const ALL: [Kind; 7] =
        [Kind::Claims, Kind::Withdraw, Kind::Plan, Kind::Note, Kind::Act, Kind::File, Kind::Disclosed];

    pub(super) fn of(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| *kind as u8 == code)
    }
}

/// One edit on the sheet.
#[derive(Debug)]
pub(super) struct Entry {
    /// Place of its log in [`Ledger::logs`].
    pub(super) log: usize,
    /// Its number in the log.
    pub(super) number: u64,
    /// Its number among the log's edits on this sheet, from 1.
    pub(super) seq: u32,
    pub(super) kind: Kind,
    pub(super) effect: Effect,
    /// How many items it made.
    pub(super) items: u16,
    /// What a splice of the note did.
    pub(super) noted: Option<Splice>,
    pub(super) first_seen: Millis,
    pub(super) time: Millis,
    pub(super) operator: Private<String>,
    pub(super) hash: ChangeHash,
    /// The highest operation number that it or anything before it made.
    pub(super) max_op: u64,
    /// Of each log the highest seq that it rests on, its own included; logs that came later are not named.
    pub(super) clock: Vec<u32>,
}

impl Entry {
    /// Whether this edit rests on the log's edit `seq`, or is it.
    pub(super) fn knows(&self, log: usize, seq: u32) -> bool {
        self.clock.get(log).is_some_and(|known| *known >= seq)
    }
}

/// One log's edits on the sheet.
#[derive(Debug)]
pub(super) struct Log {
    pub(super) life: Life,
    pub(super) partner: PartnerId,
    pub(super) actor: ActorId,
    /// `node-instance` in hex, with which the keys of all its edits begin.
    pub(super) name: String,
    /// Places in [`Ledger::entries`], in the order of writing.
    pub(super) entries: Vec<usize>,
}

/// The edits of a sheet in an order in which each follows what it rests on.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    pub(super) logs: Vec<Log>,
    pub(super) entries: Vec<Entry>,
    by_life: BTreeMap<Life, usize>,
    by_name: BTreeMap<String, usize>,
}

impl Ledger {
    /// The place of a log, with whether it has edits here.
    pub(super) fn log(&self, life: &Life) -> Option<usize> {
        self.by_life.get(life).copied()
    }

    /// Puts a log in.
    pub(super) fn add_log(&mut self, life: Life, partner: PartnerId, actor: ActorId) -> usize {
        let place = self.logs.len();
        let name = format!("{}-{}", life.node, life.instance);
        self.by_name.insert(name.clone(), place);
        self.logs.push(Log { life, partner, actor, name, entries: Vec::new() });
        self.by_life.insert(life, place);
        place
    }

    /// Puts an entry in, the next of its log.
    pub(super) fn add(&mut self, entry: Entry) {
        let place = self.entries.len();
        if let Some(log) = self.logs.get_mut(entry.log) {
            log.entries.push(place);
        }
        self.entries.push(entry);
    }

    /// The last edit of a log here.
    pub(super) fn last(&self, log: usize) -> Option<&Entry> {
        self.entries.get(*self.logs.get(log)?.entries.last()?)
    }

    /// An edit here.
    pub(super) fn find(&self, edit: &EditRef) -> Option<&Entry> {
        self.find_in(self.log(&edit.life)?, edit.number)
    }

    fn find_in(&self, log: usize, number: u64) -> Option<&Entry> {
        let log = self.logs.get(log)?;
        let place = log.entries.binary_search_by_key(&number, |place| self.number(*place)).ok()?;
        self.entries.get(*log.entries.get(place)?)
    }

    /// The edit that a key of the document names. Keys are read without decoding their hex.
    pub(super) fn named(&self, key: &str) -> Option<(EditRef, &Entry)> {
        let (name, number) = key.rsplit_once('-')?;
        let log = *self.by_name.get(name)?;
        let number = number.parse().ok()?;
        let life = self.logs.get(log)?.life;
        Some((EditRef { life, number }, self.find_in(log, number)?))
    }

    /// The item that a key of the document names, and its edit.
    pub(super) fn named_item(&self, key: &str) -> Option<(ItemRef, &Entry)> {
        let (edit, place) = key.rsplit_once('-')?;
        let (edit, entry) = self.named(edit)?;
        Some((ItemRef { edit, place: place.parse().ok()? }, entry))
    }

    fn number(&self, place: usize) -> u64 {
        self.entries.get(place).map_or(0, |entry| entry.number)
    }

    /// What an edit is called.
    pub(super) fn name(&self, entry: &Entry) -> Option<EditRef> {
        Some(EditRef { life: self.logs.get(entry.log)?.life, number: entry.number })
    }

    /// The partner of an edit.
    pub(super) fn partner(&self, entry: &Entry) -> Option<PartnerId> {
        Some(self.logs.get(entry.log)?.partner)
    }

    /// Whether a partner has an edit of this kind here.
    pub(super) fn has(&self, partner: &PartnerId, kind: Kind) -> bool {
        let logs = self.logs.iter().filter(|log| log.partner == *partner);
        logs.flat_map(|log| &log.entries)
            .any(|place| self.entries.get(*place).is_some_and(|entry| entry.kind == kind))
    }

    /// The edits that a new edit of log `own` rests on directly: of each log that its context names the last edit here
    /// through that number, and the log's own last one; of these, those that no other of them rests on.
    pub(super) fn heads(&self, context: impl Fn(&Life) -> Option<u64>, own: usize) -> Vec<&Entry> {
        let named = self.logs.iter().enumerate().filter_map(|(place, log)| {
            let count = if place == own {
                log.entries.len()
            } else {
                let number = context(&log.life)?;
                log.entries.partition_point(|place| self.number(*place) <= number)
            };
            self.entries.get(*log.entries.get(count.checked_sub(1)?)?)
        });
        let named: Vec<&Entry> = named.collect();
        let topmost = |entry: &&Entry| {
            !named.iter().any(|other| other.log != entry.log && other.knows(entry.log, entry.seq))
        };
        named.iter().copied().filter(topmost).collect()
    }

    /// How far each log is known by an edit that rests on `heads` and is the log's edit `seq`.
    pub(super) fn clock(&self, heads: &[&Entry], own: usize, seq: u32) -> Vec<u32> {
        let mut clock = vec![0; self.logs.len()];
        for (known, of_head) in heads.iter().flat_map(|head| head.clock.iter().enumerate()) {
            if let Some(slot) = clock.get_mut(known) {
                *slot = (*slot).max(*of_head);
            }
        }
        if let Some(slot) = clock.get_mut(own) {
            *slot = seq;
        }
        clock
    }
}
