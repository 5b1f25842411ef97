//! What the house takes in after the driver made it durable.

use super::house::{Circle, House, Log};
use super::shared::News;
use crate::id::{CircleId, LogId};
use crate::log::{ChainEnd, Charter};
use crate::private::Private;
use crate::register::{Layout, Reach};
use crate::seal::Certificate;
use crate::sign::Signed;
use crate::store::circles::{KnownCircle, Standing};
use crate::store::logs::{self, SegmentEntry, Verdict};
use crate::sync::{Arrival, SaveBatch};
use std::collections::BTreeMap;
use std::sync::Arc;

impl House {
    /// Takes one piece of news in. All of it is in the vault already.
    pub(crate) fn hear(&mut self, news: News) {
        match news {
            News::Saved(batch) => self.hear_batch(*batch),
            News::Restored(node) => {
                let name =
                    self.people.partner_of(&node).map_or_else(|| node.short(), |p| self.people.name(&p));
                self.notice(format!(
                    "A node of {name} shows less than before: it was restored from a backup."
                ));
            }
            News::Fork(log, number) => {
                let partner = self.people.partner_of(&log.life.node);
                let name =
                    partner.map_or_else(|| log.life.node.short(), |partner| self.people.name(&partner));
                self.notice(format!(
                    "A node of {name} has written two different segments number {number}: both are kept, and that log \
                     is taken no further."
                ));
            }
        }
    }

    fn hear_batch(&mut self, batch: SaveBatch) {
        for charter in batch.circles {
            let standing =
                if charter.is_member(&self.people.own) { Standing::Held } else { Standing::Carried };
            self.add_circle(charter, Private::default(), standing);
        }
        for card in batch.cards {
            self.people.cards.insert(card.partner, card);
        }
        for arrived in batch.segments {
            let header = arrived.segment.header();
            let Some(circle) = self.circles.get_mut(&header.circle) else { continue };
            let log = circle.logs.entry(header.life()).or_insert_with(|| Log::new(header.partner));
            match arrived.arrival {
                Arrival::Placed if header.number == log.end.number + 1 => {
                    log.end = ChainEnd { number: header.number, hash: header.hash(), epoch: header.epoch };
                    log.segments.push(SegmentEntry {
                        header: header.clone(),
                        first_seen: arrived.seen,
                        verdict: Verdict::Stored,
                        edits: None,
                    });
                }
                Arrival::Placed => {}
                Arrival::Branch => {
                    log.branches += 1;
                    circle.cut.aside_stale = true;
                }
            }
        }
        for moved in &batch.moves {
            self.hear_move(&moved.log);
        }
        for record in &batch.records {
            if let Some(circle) = self.circles.get_mut(&record.circle()) {
                circle.cut.learn(record);
                circle.look_at_cuts();
                // A grant may open what could not be opened.
                circle.cut.aside_stale = true;
            }
        }
        if !batch.records.is_empty() {
            // A grant may have come: what lacked a key is tried again.
            self.retry_held = true;
        }
    }

    /// A log stands otherwise: read from the vault as it is now, which may be later than this news.
    fn hear_move(&mut self, id: &LogId) {
        let directory = self.vault.read(|reader| logs::load_log(reader, id));
        let Some(circle) = self.circles.get_mut(&id.circle) else { return };
        let Some(log) = circle.logs.get_mut(&id.life) else { return };
        let Ok(Some(directory)) = directory else { return };
        log.end = directory.end;
        log.segments = directory.segments;
        log.branches = directory.branches;
        // What was opened and not applied may stand no more. What was applied is seen to by the cuts.
        circle.waits.retain(|waiting| waiting.life != id.life);
        let applied = circle.reach.number(&id.life);
        let reading = self.vault.read(|reader| Ok(super::house::reading_at(reader, log, applied)));
        log.reading = reading.ok().and_then(Result::ok).unwrap_or_default();
        log.held = None;
        circle.cut.aside_stale = true;
        circle.look_at_cuts();
    }

    /// A circle that is new here.
    pub(crate) fn add_circle(
        &mut self,
        charter: Signed<Charter>,
        name: Private<String>,
        standing: Standing,
    ) -> CircleId {
        let id = charter.circle();
        let Ok(layout) = Layout::new(id, &charter.members) else { return id };
        let founder = charter.founder;
        self.circles.entry(id).or_insert_with(|| Circle {
            id,
            known: KnownCircle { charter, name, hidden: false, standing },
            layout: Arc::new(layout),
            logs: BTreeMap::new(),
            reach: Reach::new(founder),
            waits: Vec::new(),
            own: super::cut::OwnLog::new(self.life),
            waiting: 0,
            context: Arc::default(),
            shown: BTreeMap::new(),
            rebuilding: false,
            cut: super::cuts::CutState::default(),
            sealed_to: super::grants::SealedTo::default(),
        });
        id
    }

    /// A sentence for `status`, once.
    pub(crate) fn notice(&mut self, sentence: String) {
        if !self.notices.contains(&sentence) {
            self.notices.push(sentence);
        }
    }

    /// Circles that neither send nor take: trust in one of their members was taken back.
    pub(crate) fn resting(&self) -> std::collections::BTreeSet<CircleId> {
        let resting = self.circles.values().filter(|circle| self.people.rests(circle.charter()));
        resting.map(|circle| circle.id).collect()
    }

    /// Certificates of every other partner's nodes.
    pub(crate) fn peer_certificates(&self) -> impl Iterator<Item = Signed<Certificate>> + '_ {
        self.people.cards.values().flat_map(|card| card.nodes()).filter(|one| one.node != self.life.node)
    }

    /// Where each other node may be dialled: the config's word over the card's.
    pub(crate) fn addresses(&self) -> Vec<(crate::id::PartnerId, crate::id::NodeId, String)> {
        let mut ways = Vec::new();
        for (partner, card) in &self.people.cards {
            let configured = self
                .config
                .partner
                .iter()
                .find(|(named, _)| self.people.find(named).is_ok_and(|found| found == *partner))
                .and_then(|(_, config)| config.address.clone());
            for certificate in card.nodes() {
                let address =
                    configured.clone().or_else(|| card.address(&certificate.node).map(str::to_owned));
                if let Some(address) = address
                    && certificate.node != self.life.node
                {
                    ways.push((*partner, certificate.node, address));
                }
            }
        }
        ways
    }
}
