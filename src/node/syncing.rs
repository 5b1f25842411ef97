//! Sync now, pause, resume.

use super::failure::fail;
use super::house::setting;
use super::running::Node;
use super::{Answer, Failure, FailureKind, SyncedPartner};
use crate::codec;
use crate::id::{NodeId, PartnerId};
use crate::store::Name;
use crate::sync::Input;
use crate::time::Millis;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// How long a wait for news lasts before it looks anew.
const LOOK: Duration = Duration::from_millis(50);
/// How long to wait for a key that may come, in milliseconds.
const KEYS_PATIENCE_MS: u64 = 2_000;
/// Patience if none was named.
const PATIENCE_S: u64 = 20;

/// Where one partner stands in a sync.
struct Goal {
    partner: PartnerId,
    nodes: Vec<NodeId>,
    in_sync_before: u64,
    failures_before: u64,
    reached: bool,
    in_sync: bool,
    agreed_since: Option<Millis>,
    refused: u64,
    /// Segments that it had not confirmed, segments of others here, and our own, when the sync began.
    before: (u64, u64, u64),
}

/// Syncs with the partners that can be dialled or are linked, and waits until both hold the same.
pub(super) fn sync(
    node: &Node,
    partner: Option<&str>,
    patience_s: u64,
    on: &mut dyn FnMut(Answer),
) -> Result<Answer, Failure> {
    let started_here = !node.is_running();
    if started_here {
        node.catch_up()?;
        node.start()?;
    }
    let outcome = sync_running(node, partner, patience_s, on);
    if started_here {
        node.stop();
        // What came in last, and what was cut last, stands in the sheets before the verb ends.
        node.catch_up()?;
    }
    outcome
}

fn sync_running(
    node: &Node,
    partner: Option<&str>,
    patience_s: u64,
    on: &mut dyn FnMut(Answer),
) -> Result<Answer, Failure> {
    let partner = partner.map(|named| node.shared.house().people.find(named)).transpose()?;
    let patience = if patience_s == 0 { PATIENCE_S } else { patience_s } * 1000;
    let mut goals = round(node, partner, None, patience, on)?;
    super::replay::replay_all(&node.shared)?;
    wait_for_keys(node)?;
    // What an earlier life left waiting may be said once partners have shown what they hold. That, and what was cut
    // when they had, they hear now.
    super::running::say_left(&node.shared)?;
    let behind: BTreeSet<PartnerId> =
        goals.iter().filter(|goal| goal.in_sync).map(|g| g.partner).filter(|p| is_behind(node, p)).collect();
    if !behind.is_empty() {
        let before: BTreeMap<PartnerId, (u64, u64, u64)> =
            goals.iter().map(|goal| (goal.partner, goal.before)).collect();
        goals.retain(|goal| !behind.contains(&goal.partner));
        goals.extend(round(node, partner, Some(&behind), patience, on)?);
        for goal in &mut goals {
            goal.before = before.get(&goal.partner).copied().unwrap_or(goal.before);
        }
    }
    let partners = goals
        .iter()
        .map(|goal| {
            let (lacks, others, ours) = super::status::counts(node, &goal.partner);
            let house = node.shared.house();
            SyncedPartner {
                partner: house.people.name(&goal.partner),
                reached: goal.reached,
                in_sync: goal.in_sync,
                received: others.saturating_sub(goal.before.1),
                confirmed: (goal.before.0 + ours.saturating_sub(goal.before.2)).saturating_sub(lacks),
                note: match (goal.reached, goal.in_sync) {
                    (_, true) => "both hold the same".to_owned(),
                    (true, false) => "reached, not finished: the rest comes with the next sync".to_owned(),
                    (false, _)
                        if house.paused.iter().any(|one| one.is_none_or(|one| one == goal.partner)) =>
                    {
                        "not reached: paused here; `homeward resume` goes on".to_owned()
                    }
                    (false, _) => "not reached".to_owned(),
                },
            }
        })
        .collect();
    Ok(Answer::Synced { partners })
}

/// Asks for keys that are lacking, and waits while they come.
fn wait_for_keys(node: &Node) -> Result<(), Failure> {
    let mut before = node.shared.house().lacking()?.len();
    let mut deadline = node.now().plus(KEYS_PATIENCE_MS);
    while before > 0 && node.now() < deadline && !node.shared.stopping() {
        node.driver().ask_for_keys();
        node.nudge();
        let version = node.shared.look(|watch| watch.version);
        node.shared.wait_for_change(version, LOOK);
        super::replay::replay_all(&node.shared)?;
        let now = node.shared.house().lacking()?.len();
        if now != before {
            (before, deadline) = (now, node.now().plus(KEYS_PATIENCE_MS));
        }
    }
    Ok(())
}

/// Whether something of ours waits for a partner, or is on the way to it.
fn is_behind(node: &Node, partner: &PartnerId) -> bool {
    let status = node.driver().status();
    let lacks = status
        .nodes
        .iter()
        .filter(|peer| peer.partner == *partner && peer.reachable)
        .any(|peer| peer.circles.iter().any(|circle| circle.lacking > 0));
    let house = node.shared.house();
    lacks
        || house
            .circles
            .values()
            .any(|circle| circle.charter().role(partner).is_some() && house.has_to_cut(circle))
}

/// One exchange: asks for it and waits until all partners (or `among` them) hold the same, cannot be reached or make
/// no progress.
fn round(
    node: &Node,
    partner: Option<PartnerId>,
    among: Option<&BTreeSet<PartnerId>>,
    patience: u64,
    on: &mut dyn FnMut(Answer),
) -> Result<Vec<Goal>, Failure> {
    let mut goals = goals(node, partner)?;
    goals.retain(|goal| among.is_none_or(|among| among.contains(&goal.partner)));
    node.driver().cut_waiting();
    for goal in &mut goals {
        goal.before = super::status::counts(node, &goal.partner);
    }
    node.driver().hand(Input::SyncNow(partner));
    node.nudge();
    let mut told: BTreeMap<PartnerId, (u64, u64)> = BTreeMap::new();
    let mut deadline = node.now().plus(patience);
    let mut seen = 0;
    while !node.shared.stopping() {
        let version = node.shared.look(|watch| watch.version);
        let now = node.now();
        if version != seen || goals.iter().any(|goal| goal.agreed_since.is_some()) {
            seen = version;
            if advance(node, &mut goals, now, &mut told, on) {
                deadline = now.plus(patience);
            }
        }
        // A partner whose nodes all could not be dialled is not waited for.
        if goals.iter().all(|goal| goal.in_sync || (!goal.reached && goal.refused >= goal.nodes.len() as u64))
        {
            break;
        }
        if now >= deadline {
            break;
        }
        node.shared.wait_for_change(version, LOOK);
    }
    Ok(goals)
}

fn goals(node: &Node, only: Option<PartnerId>) -> Result<Vec<Goal>, Failure> {
    let house = node.shared.house();
    let mut nodes: BTreeMap<PartnerId, Vec<NodeId>> = BTreeMap::new();
    for (partner, dialled, _) in house.addresses() {
        nodes.entry(partner).or_default().push(dialled);
    }
    let names: Vec<PartnerId> =
        house.people.cards.keys().filter(|p| **p != house.people.own).copied().collect();
    drop(house);
    let goals: Vec<Goal> = node.shared.look(|watch| {
        names
            .iter()
            .filter(|partner| only.is_none_or(|only| only == **partner))
            .filter(|partner| nodes.contains_key(partner) || watch.up.values().any(|up| up == *partner))
            .map(|partner| {
                let nodes = nodes.get(partner).cloned().unwrap_or_default();
                let linked = watch.up.values().any(|up| up == partner);
                Goal {
                    partner: *partner,
                    failures_before: nodes
                        .iter()
                        .map(|n| watch.dial_failures.get(n).copied().unwrap_or(0))
                        .sum(),
                    nodes,
                    // A link that is up and agreed counts only if nothing waits to be sent.
                    in_sync_before: if linked {
                        u64::MAX
                    } else {
                        watch.in_sync.get(partner).copied().unwrap_or(0)
                    },
                    reached: linked,
                    in_sync: false,
                    agreed_since: None,
                    refused: 0,
                    before: (0, 0, 0),
                }
            })
            .collect()
    });
    if goals.is_empty() {
        return Err(fail(
            FailureKind::Unreachable,
            match only {
                Some(_) => "no address of that partner is known",
                None => "there is no partner whose address is known",
            },
            "Put an address into config.toml ([partner.NAME] address = \"host:port\"), or let the partner dial this node.",
        ));
    }
    Ok(goals)
}

/// Looks how far things are. Says whether anything moved.
fn advance(
    node: &Node,
    goals: &mut [Goal],
    now: Millis,
    told: &mut BTreeMap<PartnerId, (u64, u64)>,
    on: &mut dyn FnMut(Answer),
) -> bool {
    let mut moved = false;
    let status = node.driver().status();
    for goal in goals.iter_mut() {
        let (up, in_sync, failures, progress) = node.shared.look(|watch| {
            (
                watch.up.values().any(|up| *up == goal.partner),
                watch.in_sync.get(&goal.partner).copied().unwrap_or(0),
                goal.nodes.iter().map(|n| watch.dial_failures.get(n).copied().unwrap_or(0)).sum::<u64>(),
                watch.progress.get(&goal.partner).copied(),
            )
        });
        moved |= up && !goal.reached;
        goal.reached |= up;
        goal.refused = failures.saturating_sub(goal.failures_before);
        // Agreed: its heads confirm all that we hold and show nothing that we lack, and were seen since the start.
        let agreed = (goal.in_sync_before == u64::MAX || in_sync > goal.in_sync_before)
            && status
                .nodes
                .iter()
                .filter(|peer| peer.partner == goal.partner)
                .any(|peer| peer.circles.iter().all(|circle| circle.lacking == 0 && circle.we_lack == 0));
        // It may just have written, or have cut what waited when it saw what we hold: that comes within the time of
        // a cut, and only when nothing came is this done.
        goal.agreed_since = agreed.then(|| goal.agreed_since.unwrap_or(now));
        let done = goal.agreed_since.is_some_and(|since| now.since(since) >= 2 * crate::limit::CUT_AFTER_MS);
        moved |= done && !goal.in_sync;
        goal.in_sync |= done;
        if let Some(progress) = progress
            && told.insert(goal.partner, progress) != Some(progress)
        {
            moved = true;
            let name = node.shared.house().people.name(&goal.partner);
            on(Answer::Progress {
                step: "segments received".to_owned(),
                partner: Some(name),
                done: progress.0,
                of: progress.1,
            });
        }
    }
    moved
}

/// Pauses or resumes one partner or all.
pub(super) fn pause(node: &Node, partner: Option<&str>, pause: bool) -> Result<Answer, Failure> {
    let partner = partner.map(|named| node.shared.house().people.find(named)).transpose()?;
    {
        let mut house = node.shared.house();
        let mut paused = house.paused.clone();
        match (partner, pause) {
            (None, false) => paused.clear(),
            (one, true) => {
                if !paused.contains(&one) {
                    paused.push(one);
                }
            }
            (one, false) => paused.retain(|known| *known != one),
        }
        house.vault.write(|writer| writer.put(&Name::Setting(setting::PAUSED), &codec::encode(&paused)))?;
        house.paused = paused;
    }
    let mut driver = node.driver();
    if pause {
        driver.hand(Input::Pause(partner));
    } else {
        driver.hand(Input::Resume(partner));
        driver.hand(Input::SyncNow(partner));
    }
    drop(driver);
    node.nudge();
    // A partner without a link rests without any event of its link.
    node.shared.watch(|_| ());
    Ok(Answer::Done)
}
