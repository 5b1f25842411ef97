//! Partners: their cards, how far each is trusted, and what a person calls them.

use super::failure::{ambiguous, not_found};
use super::{CardNode, CardView, Failure, TrustView};
use crate::codec::{self, Malformed};
use crate::id::{NodeId, PartnerId};
use crate::limit;
use crate::log::Charter;
use crate::seal::{Card, Certificate, SafetyPhrase};
use crate::sign::Signed;
use crate::time::Millis;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Why a partner is trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Trust {
    /// The safety phrase was read out and typed here.
    ByPhrase {
        /// When.
        since: Millis,
    },
    /// A named partner introduced it and a person here accepted that.
    Introduced {
        /// Who.
        by: PartnerId,
        /// When.
        since: Millis,
    },
}

/// What is remembered of a partner beside its card.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Standing {
    /// Whether and why it is trusted.
    pub(crate) trust: Option<Trust>,
    /// Partners whose nodes or bundles brought its card.
    pub(crate) brought_by: Vec<PartnerId>,
    /// Whether a person here took trust back: its circles rest then.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) distrusted: bool,
    /// Its nodes that a person here agreed to give back what a lost machine of it could read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) given_back: Vec<NodeId>,
}

impl Standing {
    pub(crate) fn encode(&self) -> Vec<u8> {
        codec::encode(self)
    }

    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        codec::decode("trust record", bytes, limit::RECORD_BYTES)
    }
}

/// All partners known here.
pub(crate) struct People {
    /// Who we are.
    pub(crate) own: PartnerId,
    /// Cards by partner, ours among them.
    pub(crate) cards: BTreeMap<PartnerId, Signed<Card>>,
    /// Standing by partner.
    pub(crate) standing: BTreeMap<PartnerId, Standing>,
}

impl People {
    /// What a partner is called: its card's name, else the start of its id.
    pub(crate) fn name(&self, partner: &PartnerId) -> String {
        self.cards.get(partner).map_or_else(|| partner.short(), |card| card.name.clone())
    }

    /// What partners are called, by the alphabet: no other order would be neutral.
    pub(crate) fn names<'a>(&self, partners: impl IntoIterator<Item = &'a PartnerId>) -> Vec<String> {
        let mut names: Vec<String> = partners.into_iter().map(|partner| self.name(partner)).collect();
        names.sort();
        names
    }

    /// Partners with their names, in the same order.
    pub(crate) fn named(&self, partners: impl IntoIterator<Item = PartnerId>) -> Vec<(PartnerId, String)> {
        let mut named: Vec<_> = partners.into_iter().map(|partner| (partner, self.name(&partner))).collect();
        named.sort_by(|(a, x), (b, y)| x.cmp(y).then(a.cmp(b)));
        named
    }

    /// Whether a person here trusts it.
    pub(crate) fn trusts(&self, partner: &PartnerId) -> bool {
        *partner == self.own || self.standing.get(partner).is_some_and(|standing| standing.trust.is_some())
    }

    /// Whether a circle neither sends nor takes here: trust in one of its members was taken back.
    pub(crate) fn rests(&self, charter: &Charter) -> bool {
        let distrusted = |member: &PartnerId| self.standing.get(member).is_some_and(|one| one.distrusted);
        charter.members.iter().any(distrusted)
    }

    /// Members of a circle that are not trusted yet: it is held until there are none.
    pub(crate) fn waited_for(&self, charter: &Charter) -> Vec<PartnerId> {
        charter.members.iter().filter(|member| !self.trusts(member)).copied().collect()
    }

    /// The certificates of a partner's nodes, from its card.
    pub(crate) fn certificates(&self, partner: &PartnerId) -> Vec<Signed<Certificate>> {
        self.cards.get(partner).map(|card| card.nodes()).unwrap_or_default()
    }

    /// The certificates of all members of a circle whose cards are here, without the nodes that are retired.
    pub(crate) fn readers(
        &self,
        charter: &Charter,
        retired: impl Fn(&PartnerId, &NodeId) -> bool,
    ) -> BTreeMap<PartnerId, Vec<Signed<Certificate>>> {
        let open = |partner: &PartnerId| {
            let mut nodes = self.certificates(partner);
            nodes.retain(|one| !retired(partner, &one.node));
            nodes
        };
        let known = charter.members.iter().filter(|member| self.cards.contains_key(member));
        known.map(|member| (*member, open(member))).collect()
    }

    /// The partner that a node belongs to, by the cards held.
    pub(crate) fn partner_of(&self, node: &NodeId) -> Option<PartnerId> {
        self.cards
            .iter()
            .find(|(_, card)| card.nodes().iter().any(|certificate| certificate.node == *node))
            .map(|(partner, _)| *partner)
    }

    /// The partner that a person means: by name, whatever its case, or by the start of its id.
    pub(crate) fn find(&self, named: &str) -> Result<PartnerId, Failure> {
        let wanted = named.trim().to_lowercase();
        let by_name: Vec<PartnerId> = self
            .cards
            .values()
            .filter(|card| card.name.to_lowercase() == wanted)
            .map(|card| card.partner)
            .collect();
        let found = if by_name.is_empty() && wanted.len() >= 4 {
            self.cards.keys().filter(|partner| partner.hex().starts_with(&wanted)).copied().collect()
        } else {
            by_name
        };
        match found.as_slice() {
            [one] => Ok(*one),
            [] => Err(not_found(
                format!("no partner is called {named:?} here"),
                "See `homeward card list`; take a card in with `homeward card import FILE`.",
            )),
            _ => Err(ambiguous(
                format!("{} partners are called {named:?}", found.len()),
                "Use the start of the id, as `homeward card list` prints it.",
            )),
        }
    }

    /// A card as doors show it.
    pub(crate) fn view(&self, card: &Card) -> CardView {
        let phrase = SafetyPhrase::of(&card.partner);
        CardView {
            partner: card.partner,
            name: card.name.clone(),
            own: card.partner == self.own,
            revision: card.revision,
            nodes: card
                .nodes()
                .iter()
                .map(|certificate| CardNode {
                    node: certificate.node,
                    serial: certificate.serial,
                    address: card.address(&certificate.node).map(str::to_owned),
                })
                .collect(),
            words: phrase.words().split(' ').map(str::to_owned).collect(),
            numbers: phrase.digits().split(' ').map(str::to_owned).collect(),
            trust: self.trust_view(&card.partner),
        }
    }

    fn trust_view(&self, partner: &PartnerId) -> TrustView {
        if *partner == self.own {
            return TrustView::Own;
        }
        let standing = self.standing.get(partner).cloned().unwrap_or_default();
        match standing.trust {
            Some(Trust::ByPhrase { since }) => TrustView::ByPhrase { since },
            Some(Trust::Introduced { by, since }) => TrustView::Introduced { by: self.name(&by), since },
            None => TrustView::NotYet { brought_by: self.names(&standing.brought_by) },
        }
    }
}
