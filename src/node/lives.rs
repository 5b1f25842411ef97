//! Lives of a node: a store that was copied, moved or restored goes on under a new instance.
//!
//! Edits that waited in the earlier life are set aside: the original may still say them. They are said here once a
//! partner has shown how far the earlier life's log goes, and those that are in it are dropped.

use super::Failure;
use super::house::{House, setting};
use super::write::waiting_place;
use crate::codec;
use crate::id::{CircleId, InstanceId, Life};
use crate::limit;
use crate::register::Packed;
use crate::store::{Name, Records, StoreFault, Vault, circles, waiting};
use serde::{Deserialize, Serialize};

/// An edit of an earlier life that waits.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Left {
    pub(crate) circle: CircleId,
    pub(crate) instance: InstanceId,
    pub(crate) number: u64,
    #[serde(with = "serde_bytes")]
    pub(crate) bytes: Vec<u8>,
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
                left.push(Left { circle, instance, number: edit.number, bytes: edit.bytes });
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
    /// Says again, under the new life, what was left waiting and is not in the log of the life that wrote it. Called
    /// when a partner and we hold the same, so that its word of that log is here, or when the owner says go.
    pub(crate) fn say_left(&mut self) -> Result<usize, Failure> {
        let left = read_left(&self.vault.reader()?)?;
        if left.is_empty() {
            return Ok(0);
        }
        let mut said = 0;
        for one in &left {
            let life = Life { node: self.life.node, instance: one.instance };
            let Some(circle) = self.circles.get(&one.circle) else { continue };
            if circle.reach.last_edit(&life) >= one.number {
                continue;
            }
            let packed =
                Packed::decode(&one.bytes, waiting_place(one.circle, life)).map_err(StoreFault::from)?;
            for index in 0..packed.len() {
                let edit = packed.edit(index).map_err(StoreFault::from)?;
                self.write_edits(&one.circle, vec![edit])?;
                said += 1;
            }
        }
        self.vault.write(|writer| writer.remove(&Name::Setting(setting::LEFT_WAITING)).map(drop))?;
        Ok(said)
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
        self.vault.write(super::index::mark_current)?;
        self.forget_applied();
        self.notice(
            "Another copy of this home has written too: this one goes on as a new life of the node."
                .to_owned(),
        );
        Ok(())
    }

    /// How many edits of earlier lives wait for a word.
    pub(crate) fn left_waiting(&self) -> usize {
        self.vault.reader().and_then(|reader| read_left(&reader)).map_or(0, |left| left.len())
    }
}
