//! What a bundle for a partner should hold: the same rule as a link, without one.

use super::hub::Hub;
use super::port::CircleRecord;
use crate::id::{CircleId, Hash, Life, PartnerId};
use crate::log::{Charter, Heads, HeldHeads};
use crate::seal::Card;
use crate::sign::Signed;
use std::sync::Arc;

/// What to put into a bundle, circle by circle.
#[derive(Clone, Debug, Default)]
pub struct BundlePlan {
    /// Circles that the target is member or carrier of.
    pub circles: Vec<BundleCircle>,
}

/// One circle's share.
#[derive(Clone, Debug)]
pub struct BundleCircle {
    /// The circle.
    pub circle: CircleId,
    /// Its charter.
    pub charter: Signed<Charter>,
    /// Cards of its partners.
    pub cards: Vec<Signed<Card>>,
    /// Its closures, fork proofs and grants.
    pub records: Vec<CircleRecord>,
    /// Segments to load and put in.
    pub logs: Vec<BundleLog>,
    /// Segments of cut logs that do not count, by header: they travel all the same.
    pub apart: Vec<(Life, Hash)>,
    /// Our latest signed heads with their entries; `None` until the first are signed.
    pub heads: Option<(Signed<Heads>, Arc<HeldHeads>)>,
}

/// A span of one log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BundleLog {
    /// Whose.
    pub life: Life,
    /// The first number to include.
    pub from: u64,
    /// The last.
    pub through: u64,
}

impl Hub {
    /// What a bundle for `partner` should hold: beyond what all of its nodes confirmed, or `all`.
    pub fn bundle_plan(&self, partner: &PartnerId, all: bool) -> BundlePlan {
        let awake = self.circles.iter().filter(|(id, _)| !self.resting.contains(id)).map(|(_, c)| c);
        let circles = awake.filter(|circle| circle.charter.role(partner).is_some());
        BundlePlan {
            circles: circles
                .map(|circle| {
                    let id = circle.charter.circle();
                    let views = self.views(partner, &id);
                    // A node that never showed heads holds nothing, as far as we know.
                    let confirmed = |life: &Life| {
                        let numbers = views.iter().map(|held| held.map_or(0, |held| held.number(life)));
                        numbers.min().unwrap_or(0)
                    };
                    BundleCircle {
                        circle: id,
                        charter: circle.charter.clone(),
                        cards: circle
                            .charter
                            .partners()
                            .filter_map(|p| self.directory.card(p).cloned())
                            .collect(),
                        records: circle.records.values().cloned().collect(),
                        logs: circle
                            .logs
                            .iter()
                            .map(|(life, log)| BundleLog {
                                life: *life,
                                from: if all { 1 } else { confirmed(life) + 1 },
                                through: log.sendable(),
                            })
                            .filter(|span| span.from <= span.through)
                            .collect(),
                        apart: circle
                            .cut_logs()
                            .flat_map(|(life, log)| log.apart.keys().map(|hash| (*life, *hash)))
                            .collect(),
                        heads: circle.signed.as_ref().map(|s| (s.heads.clone(), s.entries.clone())),
                    }
                })
                .collect(),
        }
    }

    /// What each open node of a partner showed of a circle.
    fn views(&self, partner: &PartnerId, circle: &CircleId) -> Vec<Option<&HeldHeads>> {
        self.directory
            .nodes(partner)
            .map(|certificate| (*partner, certificate.node))
            .filter(|peer| peer.1 != self.me.certificate.node && !self.is_closed(peer))
            .map(|peer| self.theirs(&peer, circle).map(|theirs| theirs.entries.as_ref()))
            .collect()
    }
}
