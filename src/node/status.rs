//! How everything stands: from signed heads, from contexts, and from what lies here.

use super::house::{Circle, House};
use super::running::Node;
use super::{CircleStatus, ForkHeld, PartnerCircle, PartnerStatus, StatusView};
use crate::id::{CircleId, PartnerId};
use crate::private::Private;
use crate::sync::{HubStatus, NodeStatus};
use crate::time::Millis;

pub(super) fn status(node: &Node) -> StatusView {
    let running = node.is_running();
    let (hub, carried) = {
        let driver = node.driver();
        (driver.status(), driver.links().map(|links| links.carried()).unwrap_or_default())
    };
    let house = node.shared.house();
    let strange = house
        .config
        .partner
        .keys()
        .filter(|named| house.people.find(named).is_err())
        .cloned()
        .collect::<Vec<_>>();
    let mut partners: Vec<PartnerId> =
        house.people.cards.keys().filter(|partner| **partner != house.people.own).copied().collect();
    partners.sort_by_key(|partner| house.people.name(partner));
    let mut notices = house.notices.clone();
    notices.extend(node.shared.disk_notice());
    let left = house.left_waiting();
    if left > 0 {
        let edits = if left == 1 { "edit" } else { "edits" };
        notices.push(format!(
            "{left} {edits} of an earlier life of this node: to be sent once a partner has shown what it holds."
        ));
    }
    for named in strange {
        notices.push(format!(
            "config.toml has an address for {named:?}, and no partner of that name is known here."
        ));
    }
    let mut circles: Vec<&Circle> = house.circles.values().collect();
    circles.sort_by(|a, b| order(a).cmp(&order(b)));
    if hub.unplaced > 0 {
        let wait = if hub.unplaced == 1 { "segment waits" } else { "segments wait" };
        notices.push(format!("{} {wait} for what stands before.", hub.unplaced));
    }
    if hub.later > 0 {
        notices.push("A partner uses a later version of Homeward: some of what it sent is held.".to_owned());
    }
    notices.extend(house.key_notices().unwrap_or_default());
    StatusView {
        name: house.people.name(&house.people.own),
        running,
        paused: hub.paused,
        listening: house.listening.clone(),
        partners: partners.iter().map(|partner| house.partner_status(partner, &hub)).collect(),
        circles: circles.into_iter().map(|circle| house.circle_status(circle, &hub)).collect(),
        notices,
        sent_bytes: carried.sent_bytes,
        received_bytes: carried.received_bytes,
    }
}

/// In the circles shared with a partner: segments here that it has not confirmed, segments of others, and our own.
pub(super) fn counts(node: &Node, partner: &PartnerId) -> (u64, u64, u64) {
    let hub = node.driver().status();
    let house = node.shared.house();
    let lacks = house.partner_status(partner, &hub).circles.iter().map(|circle| circle.lacks).sum();
    let shared = hub.circles.iter().filter(|seen| {
        house.circles.get(&seen.circle).is_some_and(|circle| circle.charter().role(partner).is_some())
    });
    let logs: Vec<_> = shared.flat_map(|circle| &circle.logs).collect();
    let of = |ours: bool| {
        logs.iter()
            .filter(|log| (log.life.node == house.life.node) == ours)
            .map(|log| log.number)
            .sum::<u64>()
    };
    (lacks, of(false), of(true))
}

/// By name; those without one, which are only carried or not opened yet, come first and by age.
fn order(circle: &Circle) -> (&Private<String>, Millis, CircleId) {
    (&circle.known.name, circle.charter().time, circle.id)
}

impl House {
    fn partner_status(&self, partner: &PartnerId, hub: &HubStatus) -> PartnerStatus {
        let nodes: Vec<&NodeStatus> = hub.nodes.iter().filter(|node| node.partner == *partner).collect();
        let mut shared: Vec<&Circle> =
            self.circles.values().filter(|circle| circle.charter().role(partner).is_some()).collect();
        shared.sort_by(|a, b| order(a).cmp(&order(b)));
        PartnerStatus {
            partner: self.people.name(partner),
            reachable: nodes.iter().any(|node| node.reachable),
            paused: nodes.iter().any(|node| node.paused),
            // A node that is known from a bundle alone was never in contact.
            last_contact: nodes.iter().filter_map(|node| node.contact).filter(|at| at.0 > 0).max(),
            circles: shared.into_iter().map(|circle| self.partner_circle(partner, circle, &nodes)).collect(),
        }
    }

    /// What one partner confirmed of one circle: the best of its nodes.
    fn partner_circle(&self, partner: &PartnerId, circle: &Circle, nodes: &[&NodeStatus]) -> PartnerCircle {
        let ours: u64 = circle
            .logs
            .iter()
            .filter(|(life, _)| life.node == self.life.node)
            .map(|(_, log)| log.end.number)
            .sum();
        let held: u64 = circle.logs.values().map(|log| log.end.number).sum();
        let confirmed = nodes
            .iter()
            .flat_map(|node| &node.circles)
            .filter(|seen| seen.circle == circle.id)
            .min_by_key(|seen| seen.lacking);
        // What its own edits rest on: nothing but its signature could show it.
        let applied = circle
            .logs
            .iter()
            .filter(|(_, log)| log.partner == *partner)
            .filter_map(|(life, _)| circle.shown.get(life))
            .map(|shown| shown.values().sum::<u64>())
            .max()
            .unwrap_or(0);
        PartnerCircle {
            circle_name: circle.name(),
            confirmed_at: confirmed.map(|seen| seen.time),
            ours,
            ours_held: confirmed.map_or(0, |seen| ours.saturating_sub(seen.ours_lacking)),
            ours_applied: applied,
            lacks: confirmed.map_or(held, |seen| seen.lacking),
            we_lack: confirmed.map_or(0, |seen| seen.we_lack),
            waiting_edits: circle.waiting,
        }
    }

    /// Forks with their proofs, if there are any: status is asked often, and few circles have one.
    fn forks_shown(&self, circle: &Circle, seen: Option<&crate::sync::CircleStatus>) -> Vec<ForkHeld> {
        match seen {
            Some(seen) if !seen.forks.is_empty() => self.forks_held(circle).unwrap_or_default(),
            _ => Vec::new(),
        }
    }

    fn circle_status(&self, circle: &Circle, hub: &HubStatus) -> CircleStatus {
        let member = circle.charter().is_member(&self.people.own);
        let seen = hub.circles.iter().find(|seen| seen.circle == circle.id);
        let segments: u64 = circle.logs.values().map(|log| log.end.number).sum();
        let applied: u64 = circle.logs.keys().map(|life| circle.reach.number(life)).sum();
        let refused: u64 = circle
            .reach
            .refused()
            .map(|(life, from)| circle.reach.number(&life).saturating_sub(from) + 1)
            .sum();
        let held: u64 = circle
            .logs
            .values()
            .filter(|log| log.held.is_some())
            .map(|log| log.end.number.saturating_sub(log.reading.through))
            .sum();
        CircleStatus {
            circle_name: circle.name(),
            circle: circle.id.hex(),
            role: if member { "member" } else { "carrier" }.to_owned(),
            waits_for: if member {
                self.people.names(&self.people.waited_for(circle.charter()))
            } else {
                Vec::new()
            },
            segments,
            to_replay: if member { segments.saturating_sub(applied + held) } else { 0 },
            held,
            refused,
            forked: seen.map_or(0, |seen| seen.forks.len() as u64),
            forks: self.forks_shown(circle, seen),
            disowned: circle.cut.aside.values().sum(),
            cases: self.index.count_of(&circle.id) as u64,
            edits: circle.edits(),
            waiting_edits: circle.waiting,
        }
    }
}
