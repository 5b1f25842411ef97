//! What a person asks and decides about keys: `homeward grant`, and the lines of `status`.

use super::super::failure::{bad_input, internal, not_allowed, not_found};
use super::super::running::Node;
use super::super::{Answer, Failure, GrantAsked, GrantsView, KeysLacking, Request};
use super::waiting::Waiting;
use super::{Ask, Readers};
use crate::id::{CircleId, Life, NodeId, PartnerId};
use crate::log::{Header, Kind};
use crate::node::house::{Circle, House};
use crate::seal::SafetyPhrase;
use crate::sign::Signed;
use crate::store::Reader;
use crate::sync::Input;
use std::collections::{BTreeMap, BTreeSet};

/// Nodes of one partner that a person's yes is remembered for.
const GIVEN_BACK: usize = crate::limit::PARTNER_NODES;

pub(crate) fn answer(node: &Node, request: Request) -> Result<Answer, Failure> {
    match request {
        Request::GrantList => Ok(Answer::Grants(Box::new(node.shared.house().grants_view()?))),
        Request::GrantAllow { partner, phrase } => {
            let records = node.shared.house().allow_grants(&partner, &phrase)?;
            let given = records.len() as u64;
            node.driver().hand(Input::OwnRecords { records });
            node.nudge();
            Ok(Answer::Granted { given })
        }
        _ => Err(internal("no request about keys")),
    }
}

fn split(text: &str) -> Vec<String> {
    text.split(' ').map(str::to_owned).collect()
}

impl House {
    fn grants_view(&self) -> Result<GrantsView, Failure> {
        let own = SafetyPhrase::of_node(&self.secret.public());
        let mut asked: Vec<GrantAsked> = Vec::new();
        for (node, rows) in self.waiting_by_node()? {
            let circles = rows
                .iter()
                .filter_map(|row| Some((self.circles.get(&row.circle)?.name(), row.epochs.len() as u64)));
            asked.push(GrantAsked {
                partner: rows.first().map(|row| self.people.name(&row.partner)).unwrap_or_default(),
                node,
                circles: circles.collect(),
                since: rows.iter().map(|row| row.since).min().unwrap_or_default(),
            });
        }
        asked.sort_by(|a, b| (&a.partner, a.node).cmp(&(&b.partner, b.node)));
        let mut lacking: BTreeMap<(CircleId, PartnerId), u64> = BTreeMap::new();
        for (circle, life, _) in self.lacking()? {
            if let Some(log) = self.circles.get(&circle).and_then(|circle| circle.logs.get(&life)) {
                *lacking.entry((circle, log.partner)).or_default() += 1;
            }
        }
        let lacking = lacking.into_iter().filter_map(|((circle, partner), keys)| {
            let circle_name = self.circles.get(&circle)?.name();
            Some(KeysLacking { partner: self.people.name(&partner), circle_name, keys })
        });
        Ok(GrantsView {
            words: split(&own.words()),
            numbers: split(&own.digits()),
            asked,
            lacking: lacking.collect(),
        })
    }

    fn waiting_by_node(&self) -> Result<BTreeMap<NodeId, Vec<Waiting>>, Failure> {
        let mut by_node: BTreeMap<NodeId, Vec<Waiting>> = BTreeMap::new();
        for row in self.waiting_asks()? {
            by_node.entry(row.node).or_default().push(row);
        }
        Ok(by_node)
    }

    /// A person has heard the words of a partner's new machine: it gets back what its lost ones could read.
    fn allow_grants(&mut self, named: &str, phrase: &str) -> Result<Vec<crate::sync::CircleRecord>, Failure> {
        let partner = self.people.find(named)?;
        let (asking, others): (Vec<Waiting>, Vec<Waiting>) =
            self.waiting_asks()?.into_iter().partition(|row| row.partner == partner);
        if asking.is_empty() {
            return Err(not_found(
                "no machine of that partner waits for a yes",
                "See `homeward grant list`. A machine asks when it is linked.",
            ));
        }
        let heard = self.people.certificates(&partner).into_iter().find(|one| {
            asking.iter().any(|row| row.node == one.node)
                && SafetyPhrase::of_node(&one.keys()).matches(phrase)
        });
        let Some(heard) = heard else {
            return Err(not_allowed(
                "these are not the words of the machine that asks; nothing was given",
                "Let a person at that office, whose voice you know, read them off the machine itself: `homeward grant \
                 list` shows them there. If they still differ, somebody else holds that office's partner key.",
            ));
        };
        if asking.iter().any(|row| row.epochs.is_empty()) {
            return Err(bad_input("a request without a key", "It is asked again."));
        }
        let mut standing = self.people.standing.get(&partner).cloned().unwrap_or_default();
        standing.given_back.retain(|node| *node != heard.node);
        standing.given_back.push(heard.node);
        let too_many = standing.given_back.len().saturating_sub(GIVEN_BACK);
        standing.given_back.drain(..too_many);
        self.keep_standing(partner, standing)?;
        let (now, later): (Vec<Waiting>, Vec<Waiting>) =
            asking.into_iter().partition(|row| row.node == heard.node);
        let asks: Vec<Ask> = now.iter().flat_map(Waiting::asks).collect();
        let records = self.answer_asks(asks)?;
        // After the grants are durable: a crash before this asks the person again, and gives nothing twice.
        let rest: Vec<Waiting> = others.into_iter().chain(later).collect();
        self.keep_waiting(&rest)?;
        Ok(records)
    }

    /// What `status` says of keys: who waits for a yes, what cannot be read, who seals to whom.
    pub(crate) fn key_notices(&self) -> Result<Vec<String>, Failure> {
        let mut notices = BTreeSet::new();
        let view = self.grants_view()?;
        for asked in &view.asked {
            notices.insert(format!(
                "A new machine of {0} asks for what its lost ones could read: `homeward grant list`, and after checking its \
                 words by voice `homeward grant allow {0}`.",
                asked.partner
            ));
        }
        for lacking in &view.lacking {
            let keys = if lacking.keys == 1 { "a key".to_owned() } else { format!("{} keys", lacking.keys) };
            notices.insert(format!(
                "{} left this machine out of {keys} in {}: it asks the members for it, and reads on when one gives it.",
                lacking.partner,
                lacking.circle_name.reveal()
            ));
        }
        let reader = self.vault.reader()?;
        for circle in self.circles.values().filter(|circle| self.open_circle(&circle.id).is_ok()) {
            self.sealing_notices(&reader, circle, &mut notices)?;
        }
        Ok(notices.into_iter().collect())
    }

    /// Of each other node's last epoch in a circle: whether it is sealed to a closed node, and whether to this one.
    fn sealing_notices(
        &self,
        reader: &Reader,
        circle: &Circle,
        notices: &mut BTreeSet<String>,
    ) -> Result<(), Failure> {
        let name = circle.name();
        for (partner, readers) in self.last_epochs(reader, circle)? {
            let author = self.people.name(&partner);
            for (reader, nodes) in &*readers {
                let closed = |node: &&NodeId| circle.cut.retired(reader, node);
                if let Some(node) = nodes.iter().find(closed) {
                    notices.insert(format!(
                        "{author} still seals what it writes in {} to a closed machine of {} ({}), until it has heard of \
                         that and writes again.",
                        name.reveal(),
                        self.people.name(reader),
                        node.short()
                    ));
                }
            }
            let ours = readers.iter().find(|(reader, _)| *reader == self.people.own);
            if ours.is_none_or(|(_, nodes)| nodes.binary_search(&self.life.node).is_err()) {
                notices.insert(format!(
                    "{author} has not yet sealed to this machine in {}: what it writes there is read with keys that are \
                     asked for.",
                    name.reveal()
                ));
            }
        }
        Ok(())
    }

    /// To whom the last epoch of each other open node in a circle is sealed: of its latest life, as far as stored.
    fn last_epochs(&self, reader: &Reader, circle: &Circle) -> Result<Vec<(PartnerId, Readers)>, Failure> {
        let members = circle.charter().members.iter();
        let on_cards: BTreeSet<(PartnerId, NodeId)> = members
            .flat_map(|partner| self.people.certificates(partner))
            .map(|certificate| (certificate.partner, certificate.node))
            .collect();
        let mut last: BTreeMap<NodeId, (PartnerId, Life, &Signed<Header>)> = BTreeMap::new();
        for (life, log) in &circle.logs {
            // A machine that is off its card writes no more, closed or not.
            let on_card = on_cards.contains(&(log.partner, life.node));
            let gone =
                life.node == self.life.node || !on_card || circle.cut.retired(&log.partner, &life.node);
            let epoch = log.segments.iter().rev().find(|entry| entry.header.kind == Kind::Epoch);
            let (false, Some(epoch)) = (gone, epoch) else { continue };
            let this = (log.partner, *life, &epoch.header);
            let known = last.entry(life.node).or_insert(this);
            if known.2.cut < epoch.header.cut {
                *known = this;
            }
        }
        let mut sealed = Vec::new();
        for (partner, life, header) in last.into_values() {
            if let Some(readers) = circle.sealed_to.of(reader, circle, &life, header)? {
                sealed.push((partner, readers));
            }
        }
        Ok(sealed)
    }
}
