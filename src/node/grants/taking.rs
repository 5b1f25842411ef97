//! The other side: which keys this node lacks, and grants of them that came.

use super::super::open::Why;
use super::{epoch_body, grants_of};
use crate::id::{CircleId, EpochId, Life};
use crate::limit;
use crate::log::Kind;
use crate::node::Failure;
use crate::node::house::{Circle, House, Log};
use crate::seal::{EpochSecret, Grant, open_grant};
use crate::sign::Signed;
use crate::store::{Reader, StoreFault, keys, logs};
use std::collections::BTreeSet;

impl House {
    /// Keys that this node lacks to open what it holds, by circle.
    pub(crate) fn lacking(&self) -> Result<Vec<(CircleId, Life, EpochId)>, Failure> {
        let mut lacking = Vec::new();
        let lacks = |log: &Log| matches!(log.held, Some(Why::NoKey(_)));
        let open = self.circles.values().filter(|circle| self.open_circle(&circle.id).is_ok());
        let open: Vec<&Circle> = open.filter(|circle| circle.logs.values().any(lacks)).collect();
        if open.is_empty() {
            return Ok(lacking);
        }
        let reader = self.vault.reader()?;
        for circle in open {
            for (life, log) in circle.logs.iter().filter(|(_, log)| lacks(log)) {
                let epochs = self.lacking_of(&reader, circle, life, log)?;
                lacking.extend(epochs.into_iter().map(|epoch| (circle.id, *life, epoch)));
            }
        }
        Ok(lacking)
    }

    /// Keys lacking of one log: of the epoch that it is held at, and of later ones that are not sealed to this node.
    fn lacking_of(
        &self,
        reader: &Reader,
        circle: &Circle,
        life: &Life,
        log: &Log,
    ) -> Result<Vec<EpochId>, StoreFault> {
        let mut lacking = Vec::new();
        let from = usize::try_from(log.reading.through).unwrap_or(usize::MAX);
        let unread = log.segments.get(from..).unwrap_or_default();
        for entry in unread.iter().filter(|entry| entry.header.kind == Kind::Epoch) {
            let (epoch, number) = (entry.header.epoch, entry.header.number);
            if keys::epoch(reader, &epoch)?.is_some() {
                continue;
            }
            let sealed_to_us = number > log.reading.through + 1
                && epoch_body(reader, circle, life, number)?.is_some_and(|body| {
                    let ours = body.file_for(&self.people.own);
                    ours.is_some_and(|file| file.nodes.binary_search(&self.life.node).is_ok())
                });
            if !sealed_to_us {
                lacking.push(epoch);
            }
            if lacking.len() >= limit::GRANTS_ASKED_AT_ONCE {
                break;
            }
        }
        Ok(lacking)
    }

    /// Takes in grants to this node that came, for logs that are not read to their end. A grant is only believed if its
    /// key is the epoch's and fits the segment that founds it: one that does not is as good as none.
    pub(crate) fn take_grants(&mut self) -> Result<(), Failure> {
        let unread = |circle: &Circle| circle.logs.values().any(|log| log.reading.through < log.end.number);
        let circles: Vec<CircleId> = self
            .circles
            .values()
            .filter(|circle| unread(circle) && self.open_circle(&circle.id).is_ok())
            .map(|circle| circle.id)
            .collect();
        for id in circles {
            let reader = self.vault.reader()?;
            let held: BTreeSet<EpochId> = keys::epoch_ids(&reader, &id)?.into_iter().collect();
            let circle = self.circle(&id)?;
            let mut taken: Vec<EpochSecret> = Vec::new();
            for grant in grants_of(&reader, &id)? {
                let news = grant.to == self.life.node && !held.contains(&grant.epoch);
                if news && let Some(secret) = self.opened_grant(&reader, circle, &grant)? {
                    taken.push(secret);
                }
            }
            drop(reader);
            if !taken.is_empty() {
                self.vault.write(|writer| {
                    taken.iter().try_for_each(|secret| keys::put_epoch(writer, &id, secret).map(drop))
                })?;
            }
        }
        Ok(())
    }

    /// The secret in a grant, if it is the right one for the epoch's segment.
    fn opened_grant(
        &self,
        reader: &Reader,
        circle: &Circle,
        grant: &Signed<Grant>,
    ) -> Result<Option<EpochSecret>, StoreFault> {
        for (life, log) in &circle.logs {
            let mut epochs = log.segments.iter().filter(|entry| entry.header.kind == Kind::Epoch);
            let Some(entry) = epochs.find(|entry| entry.header.epoch == grant.epoch) else { continue };
            let number = entry.header.number;
            let before = log.entry(number.saturating_sub(1)).map(|entry| entry.header.plain);
            let id = crate::id::LogId { circle: circle.id, life: *life };
            let Some(segment) = logs::segment(reader, &id, number)? else { continue };
            let Ok(secret) = open_grant(&*self.envelope, &self.secret, grant) else { return Ok(None) };
            if secret.fits(&before.unwrap_or(crate::id::Hash::ZERO), segment.body(), &entry.header.plain) {
                return Ok(Some(secret));
            }
        }
        Ok(None)
    }
}
