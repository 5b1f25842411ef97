//! This office's own machines: which there are, and through where their logs count once one is lost or was copied.
//!
//! A closure is drafted by the node, which knows the logs; read by a person; signed with the partner key, which lies on a
//! stick perhaps and is unlocked for that alone; and then taken in like a record from anyone.

use super::branches::{Branches, logs_of};
use super::clock::Clock;
use super::failure::{ambiguous, bad_input, internal, not_allowed, not_found};
use super::home::{Home, missing};
use super::house::{Circle, House};
use super::running::Node;
use super::{
    Answer, AskPassphrase, CircleDraft, CloseDraft, Closing, Failure, LogDraft, NodeCircle, NodeLog,
    NodeView, Request, closures,
};
use crate::codec;
use crate::id::{Hash, InstanceId, Life, NodeId};
use crate::limit;
use crate::log::{Closure, ClosurePoint};
use crate::sign::Signed;
use crate::store::circles::RecordKind;
use crate::store::{Reader, Records, StoreFault, circles};
use crate::sync::HubStatus;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

pub(super) fn answer(node: &Node, request: Request) -> Result<Answer, Failure> {
    match request {
        Request::NodeList => {
            let hub = node.driver().status();
            let house = node.shared.house();
            Ok(Answer::Nodes { nodes: house.own_nodes(&hub)? })
        }
        Request::CloseDraft { node: named, circle, closing } => {
            let hub = node.driver().status();
            let house = node.shared.house();
            let draft = house.close_draft(&hub, &named, circle.as_deref(), &closing)?;
            Ok(Answer::CloseDraft(Box::new(draft)))
        }
        Request::CloseTake { closures } => {
            let closures: Vec<Signed<Closure>> =
                closures.iter().map(|bytes| Signed::decode(bytes)).collect::<Result<_, _>>().map_err(
                    |fault| bad_input(format!("this is no closure: {fault}"), "Nothing was changed."),
                )?;
            Ok(Answer::Closed { new: closures::take_closures(node, closures)? })
        }
        _ => Err(internal("no request about machines of this office")),
    }
}

/// Signs what was drafted, with the partner key (a file, maybe on a stick). The node may run meanwhile.
///
/// # Errors
/// The key is not there, does not open, or is another partner's.
pub fn sign_closures(
    home: &Path,
    ask: AskPassphrase<'_>,
    partner_key: Option<&Path>,
    draft: &CloseDraft,
) -> Result<Vec<Vec<u8>>, Failure> {
    let home = Home(home.to_owned());
    if !home.exists() {
        return Err(missing(&home.0));
    }
    let partner = home.unlock_partner(partner_key, &ask()?)?;
    let mut signed = Vec::new();
    for circle in &draft.circles {
        let body: Closure = codec::decode("closure", &circle.body, limit::RECORD_BYTES)
            .map_err(|fault| internal(fault.to_string()))?;
        if partner.partner_id() != body.partner {
            return Err(bad_input(
                "the partner key is another partner's",
                "Name the file of this partner's key with --partner-key FILE.",
            ));
        }
        let closure = Signed::sign(Closure { time: Clock::new().now(), ..body }, &partner)
            .map_err(|fault| internal(fault.to_string()))?;
        signed.push(closure.bytes().to_vec());
    }
    Ok(signed)
}

/// What a person asked for, log by log: numbers and branches, each to be used.
struct Wishes {
    through: Vec<(String, u64)>,
    branches: Vec<String>,
    used: BTreeSet<String>,
}

impl Wishes {
    fn read(closing: &Closing) -> Result<Self, Failure> {
        let mut through = Vec::new();
        for typed in &closing.through {
            let number =
                typed.split_once('=').and_then(|(log, n)| Some((log.to_lowercase(), n.parse().ok()?)));
            through.push(number.ok_or_else(|| {
                bad_input(
                    format!("{typed:?} is no log with a number"),
                    "Write it as LOG=NUMBER, with the start of the log's id that `homeward node list` prints.",
                )
            })?);
        }
        let branches = closing.branches.iter().map(|typed| typed.trim().to_lowercase()).collect();
        Ok(Self { through, branches, used: BTreeSet::new() })
    }

    /// The number asked for a log.
    fn number(&mut self, instance: &InstanceId) -> Option<u64> {
        let (named, number) = self.through.iter().find(|(named, _)| means(named, &instance.hex()))?;
        self.used.insert(named.clone());
        Some(*number)
    }

    /// Which of a log's branches was asked for.
    fn branch(&mut self, branches: &Branches) -> Result<Option<usize>, Failure> {
        let mut found = None;
        for named in &self.branches {
            for (place, branch) in branches.all.iter().enumerate() {
                if means(named, &branch.name(branches.parts_at).hex()) {
                    if found.replace(place).is_some_and(|before| before != place) {
                        return Err(ambiguous(
                            "two branches of one log are meant",
                            "Name one of them, by more of its id.",
                        ));
                    }
                    self.used.insert(named.clone());
                }
            }
        }
        Ok(found)
    }

    /// That all that was asked for was found.
    fn all_used(&self) -> Result<(), Failure> {
        let named = self.through.iter().map(|(named, _)| named).chain(&self.branches);
        for named in named {
            if !self.used.contains(named) {
                return Err(not_found(
                    format!("no log or branch of that machine is called {named:?} here"),
                    "`homeward node list` shows its logs; `homeward node settle` shows the branches.",
                ));
            }
        }
        Ok(())
    }
}

/// Whether what was typed is enough of an id.
fn means(typed: &str, id: &str) -> bool {
    typed.len() >= 4 && id.starts_with(typed)
}

/// The closure that rules a node's logs.
fn ruling<'a>(
    closures: impl IntoIterator<Item = &'a Signed<Closure>>,
    node: &NodeId,
) -> Option<&'a Signed<Closure>> {
    closures.into_iter().filter(|closure| closure.node == *node).max_by_key(|closure| closure.rank())
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

    /// The machine of this office that a person means.
    fn find_node(&self, hub: &HubStatus, named: &str) -> Result<NodeView, Failure> {
        let named = named.trim().to_lowercase();
        let mut found: Vec<NodeView> =
            self.own_nodes(hub)?.into_iter().filter(|one| means(&named, &one.node.hex())).collect();
        match (found.pop(), found.is_empty()) {
            (Some(one), true) => Ok(one),
            (Some(_), false) => Err(ambiguous(
                "several machines are called that",
                "Use more of the id; `homeward --json node list` prints it whole.",
            )),
            (None, _) => Err(not_found(
                "this office has no such machine",
                "`homeward node list` shows its machines; each office closes its own alone.",
            )),
        }
    }

    /// What it would mean to close a machine or to settle its forks.
    fn close_draft(
        &self,
        hub: &HubStatus,
        named: &str,
        circle: Option<&str>,
        closing: &Closing,
    ) -> Result<CloseDraft, Failure> {
        let node = self.find_node(hub, named)?;
        if closing.retire && node.this {
            return Err(not_allowed(
                "this is the machine that you sit at: what is written here after that would count nowhere",
                "Close it from another machine of this office.",
            ));
        }
        let only = circle.map(|named| self.find_circle(named)).transpose()?;
        let mut wishes = Wishes::read(closing)?;
        let reader = self.vault.reader()?;
        let mut known: Vec<&Circle> = self
            .circles
            .values()
            .filter(|circle| circle.charter().is_member(&self.people.own))
            .filter(|circle| only.is_none_or(|only| only == circle.id))
            .collect();
        known.sort_by_key(|circle| (circle.name(), circle.id));
        let mut drafts = Vec::new();
        for circle in known {
            drafts.extend(self.circle_draft(
                &reader,
                circle,
                &node.node,
                closing,
                &mut wishes,
                only.is_some(),
            )?);
        }
        wishes.all_used()?;
        if drafts.is_empty() {
            return Err(if closing.retire {
                not_found(
                    "this office is a member of no circle here",
                    "There is nothing to close the machine in.",
                )
            } else {
                not_found(
                    "no log of that machine has two branches that wait to be settled",
                    "`homeward node list` shows its logs; name a circle with --circle to settle one anew.",
                )
            });
        }
        Ok(CloseDraft { node: node.node, this: node.this, retire: closing.retire, circles: drafts })
    }

    /// The same for one circle; `None` if there is nothing to settle.
    fn circle_draft(
        &self,
        reader: &Reader,
        circle: &Circle,
        node: &NodeId,
        closing: &Closing,
        wishes: &mut Wishes,
        anew: bool,
    ) -> Result<Option<CircleDraft>, Failure> {
        let own = self.own_closures(reader, circle)?;
        let before = ruling(&own, node);
        if !closing.retire && before.is_some_and(|closure| closure.retired) {
            return Err(not_allowed(
                "that machine is closed",
                "It cannot go on. `homeward node close` with --branch or --through says anew what counts of it.",
            ));
        }
        // What an earlier closure said of a log stays, unless it is said anew.
        let mut points: BTreeMap<InstanceId, ClosurePoint> =
            before.into_iter().flat_map(|closure| &closure.through).map(|p| (p.instance, *p)).collect();
        let mut logs = Vec::new();
        for life in logs_of(reader, circle, &self.people.own, node)? {
            let branches = self.branches_of(reader, circle, &life)?;
            let (number, branch) = (wishes.number(&life.instance), wishes.branch(&branches)?);
            let forked = branches.all.len() > 1;
            let said = points.get(&life.instance).copied();
            let asked = number.is_some() || branch.is_some();
            let open = if closing.retire { said.is_none() } else { forked && (said.is_none() || anew) };
            if !closing.none && (asked || open) {
                let point = self.point(circle, &life, &branches, branch, number)?;
                points.insert(life.instance, point);
            } else if !closing.retire {
                continue;
            }
            let counts = points.get(&life.instance).filter(|_| !closing.none);
            logs.push(self.log_draft(reader, circle, &life, &branches, counts)?);
        }
        if logs.is_empty() && !closing.retire {
            return Ok(None);
        }
        let serial = own.iter().filter(|closure| closure.node == *node).map(|closure| closure.serial).max();
        let closure = Closure {
            version: 1,
            circle: circle.id,
            partner: self.people.own,
            node: *node,
            serial: serial.map_or(1, |serial| serial.saturating_add(1)),
            retired: closing.retire,
            time: self.now(),
            through: if closing.none { Vec::new() } else { points.into_values().collect() },
        };
        Ok(Some(CircleDraft {
            circle_name: circle.name(),
            circle: circle.id,
            serial: closure.serial,
            logs,
            body: codec::encode(&closure),
        }))
    }

    /// Through where a log counts: on a branch, through a number of it. What is not asked for: the branch that stands
    /// here, all of it that is here.
    fn point(
        &self,
        circle: &Circle,
        life: &Life,
        branches: &Branches,
        asked: Option<usize>,
        number: Option<u64>,
    ) -> Result<ClosurePoint, Failure> {
        let chosen = asked.or_else(|| branches.all.iter().position(|branch| branch.is_here()));
        let branch = chosen.and_then(|place| branches.all.get(place));
        let number = number.unwrap_or_else(|| branch.map_or(0, |branch| branch.last()));
        let hash = match number {
            0 => Some(Hash::ZERO),
            _ => branch.and_then(|branch| branch.hash_at(number, circle.logs.get(life))),
        };
        let hash = hash.ok_or_else(|| {
            bad_input(
                format!("segment {number} of log {} is not here on that branch", life.instance.short()),
                "Choose a number that `homeward node list` or `homeward node settle` shows.",
            )
        })?;
        Ok(ClosurePoint { instance: life.instance, number, hash })
    }

    fn log_draft(
        &self,
        reader: &Reader,
        circle: &Circle,
        life: &Life,
        branches: &Branches,
        counts: Option<&ClosurePoint>,
    ) -> Result<LogDraft, Failure> {
        let standing = self.standing_on(reader, circle, life, branches)?;
        let log = circle.logs.get(life);
        let fits = |place: usize| {
            counts.is_some_and(|point| {
                point.number > 0
                    && branches.all.get(place).and_then(|b| b.hash_at(point.number, log)) == Some(point.hash)
            })
        };
        // A number before the branches part stands on all of them.
        let chosen = (0..branches.all.len()).find(|place| fits(*place));
        Ok(LogDraft {
            instance: life.instance,
            through: counts.map_or(0, |point| point.number),
            branches: branches
                .all
                .iter()
                .zip(standing)
                .enumerate()
                .map(|(place, (branch, names))| branch.view(branches.parts_at, chosen == Some(place), names))
                .collect(),
        })
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
