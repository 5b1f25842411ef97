//! Who is who: cards by partner, certificates by partner and node.
//!
//! A card makes its partner known; certificates come with cards, hellos, charters and first segments. A certificate is
//! filed under the partner that signed it, so nobody can claim another's node. Whether a person trusts a partner is
//! not this room's business.

use crate::id::{LinkKey, NodeId, PartnerId};
use crate::limit;
use crate::seal::{Card, Certificate};
use crate::sign::Signed;
use std::collections::{BTreeMap, BTreeSet};

/// Cards and certificates held.
#[derive(Debug, Default)]
pub(super) struct Directory {
    cards: BTreeMap<PartnerId, Signed<Card>>,
    certificates: BTreeMap<(PartnerId, NodeId), Signed<Certificate>>,
    /// The nodes that a partner's newest card names.
    on_cards: BTreeMap<PartnerId, BTreeSet<NodeId>>,
    /// Whose certificates name a TLS key. Naming it costs nothing and proves nothing, so there may be several.
    links: BTreeMap<LinkKey, BTreeSet<(PartnerId, NodeId)>>,
    own: Option<PartnerId>,
}

impl Directory {
    /// Whether a card of the partner is held, or it is our own.
    pub(super) fn knows(&self, partner: &PartnerId) -> bool {
        self.cards.contains_key(partner) || self.own == Some(*partner)
    }

    /// Our own certificate: our partner's other nodes are known without a card.
    pub(super) fn learn_own(&mut self, certificate: &Signed<Certificate>) {
        self.own = Some(certificate.partner);
        self.learn_certificate(certificate);
    }

    pub(super) fn card(&self, partner: &PartnerId) -> Option<&Signed<Card>> {
        self.cards.get(partner)
    }

    pub(super) fn certificate(&self, partner: &PartnerId, node: &NodeId) -> Option<&Signed<Certificate>> {
        self.certificates.get(&(*partner, *node))
    }

    /// The nodes that a partner's newest card names.
    pub(super) fn on_card(&self, partner: &PartnerId) -> impl Iterator<Item = NodeId> + '_ {
        self.on_cards.get(partner).into_iter().flatten().copied()
    }

    /// Those whose certificates name a TLS key: who of them speaks, the hello proves.
    pub(super) fn owners(&self, key: &LinkKey) -> impl Iterator<Item = (PartnerId, NodeId)> + '_ {
        self.links.get(key).into_iter().flatten().copied()
    }

    pub(super) fn partners(&self) -> impl Iterator<Item = &PartnerId> {
        self.cards.keys()
    }

    /// The nodes of a partner with their certificates.
    pub(super) fn nodes(&self, partner: &PartnerId) -> impl Iterator<Item = &Signed<Certificate>> {
        self.certificates
            .range((*partner, NodeId([0; 32]))..=(*partner, NodeId([255; 32])))
            .map(|(_, certificate)| certificate)
    }

    /// Whether no card of its partner is held that is as new.
    pub(super) fn is_news(&self, card: &Signed<Card>) -> bool {
        self.cards.get(&card.partner).is_none_or(|held| newer(card, held))
    }

    /// Takes a card in, with its certificates. `false` if it is no newer than the one held.
    pub(super) fn learn_card(&mut self, card: &Signed<Card>) -> bool {
        if !self.is_news(card) {
            return false;
        }
        let nodes = card.nodes();
        self.on_cards.insert(card.partner, nodes.iter().map(|certificate| certificate.node).collect());
        for certificate in nodes {
            self.learn_certificate(&certificate);
        }
        self.cards.insert(card.partner, card.clone());
        true
    }

    /// Takes a certificate in. `false` if it is known, older than the one held, or one too many of its partner.
    pub(super) fn learn_certificate(&mut self, certificate: &Signed<Certificate>) -> bool {
        let owner = (certificate.partner, certificate.node);
        match self.certificates.get(&owner) {
            Some(held) if held.serial >= certificate.serial => return false,
            None if self.nodes(&certificate.partner).count() >= 4 * limit::PARTNER_NODES => return false,
            _ => {}
        }
        if let Some(old) = self.certificates.insert(owner, certificate.clone())
            && let Some(owners) = self.links.get_mut(&old.link)
        {
            owners.remove(&owner);
            if owners.is_empty() {
                self.links.remove(&old.link);
            }
        }
        self.links.entry(certificate.link).or_default().insert(owner);
        true
    }
}

/// Of two cards of one partner: the higher revision; of two of one revision, the higher hash, so that all agree.
fn newer(card: &Signed<Card>, held: &Signed<Card>) -> bool {
    (card.revision, card.hash()) > (held.revision, held.hash())
}
