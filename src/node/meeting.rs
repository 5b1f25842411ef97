//! Two nodes of one program, brought together over a wire in memory: a sync without sockets and threads, every step of
//! it in order. For tests that cut the power between two steps.

use super::failure::fail;
use super::links::{Carried, NetEvent};
use super::running::{Node, say_left, turn};
use super::ways::Ways;
use super::{Failure, FailureKind};
use crate::id::{LinkKey, NodeId, PartnerId};
use crate::store::StoreFault;
use crate::sync::{LinkId, Why};
use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Semaphore;

/// How often a link may end before the meeting has failed: a node that takes a new life ends it once.
const LINKS: u64 = 8;
/// Between two looks when nothing is under way, and how often nothing may be before the meeting has failed.
const PAUSE: Duration = Duration::from_millis(2);
const PAUSES: u32 = 5_000;

#[derive(Clone, Default)]
struct Inbox(Arc<Mutex<VecDeque<NetEvent>>>);

impl Inbox {
    fn push(&self, event: NetEvent) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push_back(event);
    }

    fn is_empty(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }

    fn pop(&self) -> Option<NetEvent> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
    }
}

/// One end of the wire, and which link it is now.
struct Wire {
    mine: Inbox,
    theirs: Inbox,
    link: Arc<AtomicU64>,
}

impl Ways for Wire {
    fn dial(&self, node: NodeId, _address: String, _peer: LinkKey) {
        self.mine.push(NetEvent::DialFailed { node });
    }

    fn send(&self, link: LinkId, bytes: Vec<u8>) {
        self.mine.push(NetEvent::Room { link, bytes: bytes.len() });
        if let Ok(room) = Arc::new(Semaphore::new(1)).try_acquire_owned() {
            self.theirs.push(NetEvent::Frame { link, bytes, room });
        }
    }

    fn close(&self, link: LinkId, code: u32) {
        let code = u16::try_from(code).unwrap_or(u16::MAX);
        self.theirs.push(NetEvent::Down { link, why: Why::Closed(code) });
        self.mine.push(NetEvent::Down { link, why: Why::Lost });
    }

    fn close_all(&self) {
        let link = LinkId(self.link.load(Ordering::SeqCst));
        self.theirs.push(NetEvent::Down { link, why: Why::Lost });
        self.mine.push(NetEvent::Down { link, why: Why::Lost });
    }

    fn carried(&self) -> Carried {
        Carried::default()
    }

    fn stop(self: Box<Self>) {}
}

/// Lets two nodes at rest meet until both hold the same and have read it.
///
/// # Errors
/// They never came to hold the same; or what one of them met on the way.
pub(super) fn meet(one: &Node, other: &Node) -> Result<(), Failure> {
    for node in [one, other] {
        node.ready_to_write()?;
    }
    let inboxes = [Inbox::default(), Inbox::default()];
    let [mine, theirs] = &inboxes;
    let link = Arc::new(AtomicU64::new(0));
    let wire = |mine: &Inbox, theirs: &Inbox| Wire {
        mine: mine.clone(),
        theirs: theirs.clone(),
        link: Arc::clone(&link),
    };
    one.driver().set_links(Box::new(wire(mine, theirs)));
    other.driver().set_links(Box::new(wire(theirs, mine)));
    let met = talk([(one, mine), (other, theirs)], &link);
    let link = LinkId(link.load(Ordering::SeqCst));
    for (node, inbox) in [(one, mine), (other, theirs)] {
        while inbox.pop().is_some() {}
        let mut driver = node.driver();
        driver.on_net(NetEvent::Down { link, why: Why::Lost });
        driver.take_links();
        driver.rest();
    }
    met
}

/// Links them, and again if the link ends.
fn link_up(ends: [(&Node, &Inbox); 2], link: &AtomicU64) {
    let [(one, mine), (other, theirs)] = ends;
    let link = LinkId(link.fetch_add(1, Ordering::SeqCst) + 1);
    for (inbox, dialled, peer) in [(mine, true, other), (theirs, false, one)] {
        let peer = peer.shared.house().certificate.link;
        inbox.push(NetEvent::Up { link, dialled, peer, exporter: [7; 32] });
    }
}

fn talk(ends: [(&Node, &Inbox); 2], link: &AtomicU64) -> Result<(), Failure> {
    let [(one, _), (other, _)] = ends;
    let (mut pauses, mut ended) = (0, true);
    loop {
        let mut moved = false;
        // Not before both have heard that the last one ended.
        if ended && ends.iter().all(|(_, inbox)| inbox.is_empty()) && link.load(Ordering::SeqCst) < LINKS {
            ended = false;
            link_up(ends, link);
        }
        for (node, inbox) in ends {
            let events: Vec<NetEvent> = std::iter::from_fn(|| inbox.pop()).collect();
            moved |= !events.is_empty();
            ended |= events.iter().any(|event| matches!(event, NetEvent::Down { .. }));
            moved |= turn(node.driver_lock(), &node.shared, events.into_iter());
            if node.shared.vault.is_unsure() {
                return Err(StoreFault::Reopen.into());
            }
        }
        if moved {
            continue;
        }
        for (node, _) in ends {
            node.catch_up()?;
            if say_left(&node.shared)? > 0 {
                node.driver().edits_written();
            }
        }
        if agrees(one, other.shared.own) && agrees(other, one.shared.own) {
            return Ok(());
        }
        pauses += 1;
        if pauses > PAUSES {
            return Err(fail(FailureKind::Unreachable, "two nodes do not come to hold the same", ""));
        }
        std::thread::sleep(PAUSE);
    }
}

/// Whether a partner has shown that it holds all that we do and no more, and nothing waits to be said to it.
fn agrees(node: &Node, partner: PartnerId) -> bool {
    let status = node.driver().status();
    let mut peers = status.nodes.iter().filter(|peer| peer.partner == partner);
    let level =
        peers.any(|peer| peer.circles.iter().all(|circle| circle.lacking == 0 && circle.we_lack == 0));
    level && node.shared.house().circles.values().all(|circle| circle.waiting == 0)
}
