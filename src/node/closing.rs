//! This office's own machines: which there are, and through where their logs count once one is lost or was copied.

use super::failure::internal;
use super::house::{Circle, House};
use super::running::Node;
use super::{Answer, Failure, NodeCircle, NodeLog, NodeView, Request};
use crate::id::NodeId;
use crate::log::Closure;
use crate::sign::Signed;
use crate::store::circles::RecordKind;
use crate::store::{Records, StoreFault, circles};
use crate::sync::HubStatus;
use std::collections::BTreeSet;

pub(super) fn answer(node: &Node, request: Request) -> Result<Answer, Failure> {
    match request {
        Request::NodeList => {
            let hub = node.driver().status();
            let house = node.shared.house();
            Ok(Answer::Nodes { nodes: house.own_nodes(&hub)? })
        }
        _ => Err(internal("no request about machines of this office")),
    }
}

/// The closure that rules a node's logs: the highest serial; of two, the higher hash, so that all agree.
fn ruling<'a>(
    closures: impl IntoIterator<Item = &'a Signed<Closure>>,
    node: &NodeId,
) -> Option<&'a Signed<Closure>> {
    closures
        .into_iter()
        .filter(|closure| closure.node == *node)
        .max_by_key(|closure| (closure.serial, closure.hash()))
}

impl House {
    /// This office's closures in a circle.
    fn own_closures(
        &self,
        records: &impl Records,
        circle: &Circle,
    ) -> Result<Vec<Signed<Closure>>, StoreFault> {
        let mut closures: Vec<Signed<Closure>> = Vec::new();
        for record in circles::records_of(records, &circle.id)? {
            if record.kind == RecordKind::Closure {
                closures.push(Signed::decode_own_store(&record.bytes)?);
            }
        }
        closures.retain(|closure| closure.partner == self.people.own);
        Ok(closures)
    }

    /// Every machine of this office that its card, a log or a closure names; this one first.
    fn own_nodes(&self, hub: &HubStatus) -> Result<Vec<NodeView>, Failure> {
        let card = self.people.cards.get(&self.people.own);
        let on_card: BTreeSet<NodeId> =
            card.map(|card| card.nodes().iter().map(|one| one.node).collect()).unwrap_or_default();
        let mut all = on_card.clone();
        all.insert(self.life.node);
        let reader = self.vault.reader()?;
        let mut circles = Vec::new();
        for circle in self.circles.values() {
            let closures = self.own_closures(&reader, circle)?;
            all.extend(closures.iter().map(|closure| closure.node));
            let own = circle.logs.iter().filter(|(_, log)| log.partner == self.people.own);
            all.extend(own.map(|(life, _)| life.node));
            circles.push((circle, closures));
        }
        circles.sort_by_key(|(circle, _)| circle.name());
        let view = |node: NodeId| NodeView {
            node,
            this: node == self.life.node,
            on_card: on_card.contains(&node),
            contact: hub.nodes.iter().find(|peer| peer.node == node).and_then(|peer| peer.contact),
            circles: circles
                .iter()
                .map(|(circle, closures)| self.node_circle(&node, circle, closures, hub))
                .filter(|circle| circle.retired || !circle.logs.is_empty())
                .collect(),
        };
        let mut nodes: Vec<NodeView> = all.into_iter().map(view).collect();
        nodes.sort_by_key(|one| !one.this);
        Ok(nodes)
    }

    fn node_circle(
        &self,
        node: &NodeId,
        circle: &Circle,
        closures: &[Signed<Closure>],
        hub: &HubStatus,
    ) -> NodeCircle {
        let seen = hub.circles.iter().find(|seen| seen.circle == circle.id);
        let logs =
            circle.logs.iter().filter(|(life, log)| life.node == *node && log.partner == self.people.own);
        NodeCircle {
            circle_name: circle.name(),
            circle: circle.id,
            retired: ruling(closures, node).is_some_and(|closure| closure.retired),
            logs: logs
                .map(|(life, log)| NodeLog {
                    instance: life.instance,
                    segments: log.end.number,
                    through: seen
                        .and_then(|seen| seen.logs.iter().find(|one| one.life == *life))
                        .and_then(|one| one.through),
                    fork: seen
                        .and_then(|seen| seen.forks.iter().find(|fork| fork.life == *life))
                        .map(|fork| fork.number),
                    last: log.segments.last().map(|entry| entry.header.cut),
                })
                .collect(),
        }
    }
}
