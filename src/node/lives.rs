//! Lives of a node: a store that was copied, moved or restored goes on under a new instance.
//!
//! Edits that waited in the earlier life are set aside: the original may still say them. They are said here once a
//! partner has shown how far the earlier life's log goes, and those that are in it are dropped.

use super::Failure;
use super::house::{Circle, House, setting};
use super::write::waiting_place;
use crate::case::{Change, Edit, Value};
use crate::codec;
use crate::id::{CircleId, EditRef, InstanceId, ItemRef, Life, PartnerId};
use crate::limit;
use crate::register::{Context, Packed, Stamped};
use crate::store::{Name, Records, StoreFault, Vault, circles, waiting};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// An edit of an earlier life that waits.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Left {
    pub(crate) circle: CircleId,
    pub(crate) instance: InstanceId,
    pub(crate) number: u64,
    #[serde(with = "serde_bytes")]
    pub(crate) bytes: Vec<u8>,
    /// What it is called now, once it was said again. Kept while others wait that may name its items.
    pub(crate) said: Option<EditRef>,
}

/// Edits said at once by one transaction, in bytes as they waited: well below what a segment may hold.
const SAID_AT_ONCE_BYTES: usize = 256 * 1024;

/// On whose word edits that were left waiting are said.
pub(crate) enum Word<'w> {
    /// That of partners that were found in this life to hold the same as we: what they know of the earlier life's log
    /// is here.
    Of(&'w BTreeSet<PartnerId>),
    /// The owner's: nobody else is left to say them.
    OfTheOwner,
}

impl Word<'_> {
    fn is_for(&self, circle: &Circle) -> bool {
        match self {
            Self::Of(agreed) => agreed.iter().any(|partner| circle.charter().role(partner).is_some()),
            Self::OfTheOwner => true,
        }
    }
}

/// New names of edits that were said again.
#[derive(Default)]
struct Names(BTreeMap<(CircleId, EditRef), EditRef>);

impl Names {
    fn item(&self, circle: &CircleId, item: &mut ItemRef) {
        // More than once if it was left more than once.
        while let Some(now) = self.0.get(&(*circle, item.edit)) {
            item.edit = *now;
        }
    }

    /// Tells an edit the new names of what it names. What is signed by itself, an act, stays as it was signed.
    fn rename(&self, circle: &CircleId, edit: &mut Edit) {
        let all = |items: &mut Vec<ItemRef>| items.iter_mut().for_each(|item| self.item(circle, item));
        let value = |value: &mut Value| {
            if let Value::Item(item) = value {
                self.item(circle, item);
            }
        };
        match &mut edit.change {
            Change::Claims(claims) => {
                for claim in claims {
                    all(&mut claim.replaces);
                    value(&mut claim.value);
                    if let Some(origin) = &mut claim.origin {
                        self.item(&origin.circle, &mut origin.item);
                    }
                }
            }
            Change::Withdraw { items, .. } => all(items),
            Change::Plan(plan) => {
                all(&mut plan.replaces);
                value(&mut plan.value);
            }
            Change::Disclosed(told) => all(&mut told.items),
            Change::Note(_) | Change::Act(_) | Change::File(_) => {}
        }
    }
}

/// Takes a new life in one transaction: from here on nothing is written under the old one.
pub(crate) fn take_new(
    vault: &Vault,
    lives: &mut Vec<InstanceId>,
    instance: InstanceId,
    accept_place: bool,
) -> Result<(), Failure> {
    let mut after = lives.clone();
    after.push(instance);
    vault.write(|writer| {
        let mut left = read_left(writer)?;
        for known in circles::list(writer)? {
            let circle = known.charter.circle();
            let mut last = 0;
            for edit in waiting::list(writer, &circle)? {
                last = edit.number;
                let instance = lives.last().copied().unwrap_or(instance);
                left.push(Left { circle, instance, number: edit.number, bytes: edit.bytes, said: None });
            }
            waiting::take_through(writer, &circle, last)?;
        }
        writer.put(&Name::Setting(setting::LEFT_WAITING), &codec::encode(&left))?;
        writer.put(&Name::OwnLives, &codec::encode(&after))?;
        // Sheets hold edits that were never said under the life that wrote them.
        writer.clear_caches()?;
        for known in circles::list(writer)? {
            writer.remove(&Name::Applied(known.charter.circle()))?;
        }
        if accept_place {
            writer.accept_place();
        }
        Ok::<(), StoreFault>(())
    })?;
    *lives = after;
    Ok(())
}

/// Edits that were left waiting.
pub(crate) fn read_left(records: &impl Records) -> Result<Vec<Left>, StoreFault> {
    match records.get(&Name::Setting(setting::LEFT_WAITING))? {
        Some(bytes) => Ok(codec::decode("edits left waiting", &bytes, limit::VAULT_RECORD_BYTES)?),
        None => Ok(Vec::new()),
    }
}

impl House {
    /// Says again, under the new life, what was left waiting and is not in the log of the life that wrote it: in the
    /// circles for which there is a word.
    ///
    /// What is said and what is still to be said changes in one transaction, so a crash on the way repeats nothing.
    /// An edit gets a new name; those after it that name its items are told so.
    pub(crate) fn say_left(&mut self, word: &Word<'_>) -> Result<usize, Failure> {
        let mut left = read_left(&self.vault.reader()?)?;
        if left.is_empty() {
            return Ok(0);
        }
        let (mut names, mut to_say, mut heard) = (Names::default(), Vec::new(), BTreeSet::new());
        let mut next: BTreeMap<CircleId, u64> = BTreeMap::new();
        let mut rests = false;
        for (at, one) in left.iter().enumerate() {
            let before = EditRef { life: self.life_of(one), number: one.number };
            if let Some(now) = one.said {
                names.0.insert((one.circle, before), now);
                continue;
            }
            let Some(circle) = self.circles.get(&one.circle).filter(|c| self.may_say(c, one, word)) else {
                rests = true;
                continue;
            };
            if circle.reach.last_edit(&before.life) >= one.number && self.was_said(circle, one, before)? {
                continue;
            }
            if let Some(now) = self.said_elsewhere(circle, before.life, &one.bytes, &heard)? {
                heard.insert(now);
                names.0.insert((one.circle, before), now);
                continue;
            }
            let number = next.entry(one.circle).or_insert_with(|| circle.next_edit());
            names.0.insert((one.circle, before), EditRef { life: self.life, number: *number });
            *number += 1;
            to_say.push(at);
        }
        let said = to_say.len();
        let mut to_say = to_say.into_iter().peekable();
        while let Some(first) = to_say.next() {
            let circle = left.get(first).map(|one| one.circle).unwrap_or(CircleId([0; 32]));
            let mut group = vec![first];
            let mut bytes = 0;
            while let Some(at) = to_say.next_if(|at| {
                left.get(*at).is_some_and(|one| {
                    bytes += one.bytes.len();
                    one.circle == circle && bytes < SAID_AT_ONCE_BYTES
                })
            }) {
                group.push(at);
            }
            self.say_group(&circle, &mut left, &group, &names)?;
        }
        if !rests {
            self.vault.write(|writer| writer.remove(&Name::Setting(setting::LEFT_WAITING)).map(drop))?;
        }
        Ok(said)
    }

    /// Whether the log's edit of that number is this one: a store that went back in time unnoticed has given numbers
    /// anew.
    fn was_said(&self, circle: &Circle, left: &Left, name: EditRef) -> Result<bool, Failure> {
        let packed =
            Packed::decode(&left.bytes, waiting_place(left.circle, name.life)).map_err(StoreFault::from)?;
        let edit = packed.edit(0).map_err(StoreFault::from)?;
        let Some(sheet) = self.sheet(circle, &edit.case)? else { return Ok(false) };
        let said = sheet.history().into_iter().find(|entry| entry.edit == name);
        Ok(said.is_some_and(|entry| {
            (entry.written.time, &entry.written.operator) == (edit.time, &edit.operator)
        }))
    }

    /// Under which name a copy of this store has said an edit that waits here, if one has: by the same operator in the
    /// same millisecond, in the same case. `heard`: those that stand for others already.
    fn said_elsewhere(
        &self,
        circle: &Circle,
        life: Life,
        bytes: &[u8],
        heard: &BTreeSet<EditRef>,
    ) -> Result<Option<EditRef>, Failure> {
        if !self.has_copies(circle) {
            return Ok(None);
        }
        let packed = Packed::decode(bytes, waiting_place(circle.id, life)).map_err(StoreFault::from)?;
        let edit = packed.edit(0).map_err(StoreFault::from)?;
        let Some(sheet) = self.sheet(circle, &edit.case)? else { return Ok(None) };
        let said = sheet.history().into_iter().find(|entry| {
            self.is_of_a_copy(&entry.edit.life)
                && !heard.contains(&entry.edit)
                && (entry.written.time, &entry.written.operator) == (edit.time, &edit.operator)
        });
        Ok(said.map(|entry| entry.edit))
    }

    /// Whether a log is of a copy of this store: written by this node in a life that was never ours.
    fn is_of_a_copy(&self, life: &Life) -> bool {
        life.node == self.life.node && !self.lives.contains(&life.instance)
    }

    fn has_copies(&self, circle: &Circle) -> bool {
        circle.logs.keys().any(|life| self.is_of_a_copy(life))
    }

    /// Whether words of a copy lie here that are not in the sheets yet.
    pub(crate) fn has_copies_to_read(&self, circle: &Circle) -> bool {
        let mut copies = circle.logs.iter().filter(|(life, _)| self.is_of_a_copy(life));
        copies.any(|(life, log)| log.held.is_none() && circle.reach.number(life) < log.end.number)
    }

    /// Whether a copy of this store has said something that waits here in one of the chosen circles.
    pub(crate) fn was_said_by_a_copy(&self, which: impl Fn(&Circle) -> bool) -> Result<bool, Failure> {
        for circle in self.circles.values().filter(|c| c.waiting > 0 && which(c) && self.has_copies(c)) {
            for edit in waiting::list(&self.vault.reader()?, &circle.id)? {
                if self.said_elsewhere(circle, self.life, &edit.bytes, &BTreeSet::new())?.is_some() {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    fn life_of(&self, left: &Left) -> Life {
        Life { node: self.life.node, instance: left.instance }
    }

    /// Whether all that a partner of the circle holds of the life that wrote it is in our sheets.
    fn may_say(&self, circle: &Circle, left: &Left, word: &Word<'_>) -> bool {
        let life = self.life_of(left);
        let held = circle.logs.get(&life).map_or(0, |log| log.end.number);
        !circle.rebuilding
            && circle.reach.number(&life) >= held
            && word.is_for(circle)
            && self.open_circle(&circle.id).is_ok()
    }

    /// Says some edits of one circle, in order, in one transaction.
    fn say_group(
        &mut self,
        id: &CircleId,
        left: &mut [Left],
        group: &[usize],
        names: &Names,
    ) -> Result<(), Failure> {
        let circle = self.circle(id)?;
        // A text was spliced where it stood for its author. That sight is kept unless this life has said other things,
        // which stand before it in the new log.
        let again =
            left.iter().filter(|one| one.circle == *id && one.said.is_some_and(|now| now.life == self.life));
        let alone = again.count() as u64 + 1 == circle.next_edit();
        let mut context = if alone { Context::new() } else { (*circle.context).clone() };
        let mut stamped = Vec::with_capacity(group.len());
        for (at, number) in group.iter().zip(circle.next_edit()..) {
            let Some(one) = left.get_mut(*at) else { continue };
            let life = Life { node: self.life.node, instance: one.instance };
            let packed = Packed::decode(&one.bytes, waiting_place(*id, life)).map_err(StoreFault::from)?;
            for mut before in packed.work().map_err(StoreFault::from)?.edits {
                if alone {
                    context.extend(circle.reach.reread(packed.pins(), &circle.cut.cuts));
                    for (life, _) in circle.logs.iter().filter(|(life, _)| life.node == self.life.node) {
                        let number = circle.reach.number(life);
                        if *life != self.life && number > 0 {
                            context.insert(*life, number);
                        }
                    }
                }
                names.rename(id, &mut before.edit);
                stamped.push(Stamped { edit: before.edit, context: Arc::new(context.clone()) });
            }
            one.said = Some(EditRef { life: self.life, number });
            one.bytes.clear();
        }
        let left = codec::encode(&left.iter().collect::<Vec<_>>());
        self.write_stamped(id, stamped, |writer| writer.put(&Name::Setting(setting::LEFT_WAITING), &left))?;
        Ok(())
    }

    /// Goes on under a new life: another store of this node was met.
    pub(crate) fn take_new_life(&mut self) -> Result<(), Failure> {
        let instance = InstanceId(self.chance.bytes16());
        let vault = std::sync::Arc::clone(&self.vault);
        let mut lives = self.lives.clone();
        take_new(&vault, &mut lives, instance, false)?;
        self.lives = lives;
        self.life = Life { node: self.life.node, instance };
        let reader = vault.reader()?;
        let known = circles::list(&reader)?;
        self.circles.clear();
        for one in known {
            let circle = self.read_circle(&reader, one)?;
            self.circles.insert(circle.id, circle);
        }
        drop(reader);
        self.vault.write(super::index::begin_rebuild)?;
        self.forget_applied();
        self.notice(
            "Another copy of this home has written too: this one goes on as a new life of the node."
                .to_owned(),
        );
        Ok(())
    }

    /// How many edits of earlier lives wait for a word.
    pub(crate) fn left_waiting(&self) -> usize {
        self.left_waiting_in().len()
    }

    /// The circle of each of them.
    pub(crate) fn left_waiting_in(&self) -> Vec<CircleId> {
        let left = self.vault.reader().and_then(|reader| read_left(&reader)).unwrap_or_default();
        left.into_iter().filter(|one| one.said.is_none()).map(|one| one.circle).collect()
    }
}
