//! Two nodes of one program, brought together over a wire in memory: a sync without sockets and threads, every step of
//! it in order. For tests that cut the power between two steps.

use super::failure::fail;
use super::links::{Carried, NetEvent};
use super::running::{Node, renew_if_due, say_left};
use super::ways::Ways;
use super::{Failure, FailureKind};
use crate::id::{LinkKey, NodeId, PartnerId};
use crate::store::StoreFault;
use crate::sync::{LinkId, Why};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Semaphore;

/// The one link there is.
const LINK: LinkId = LinkId(1);
/// Between two looks when nothing is under way, and how often nothing may be before the meeting has failed.
const PAUSE: Duration = Duration::from_millis(2);
const PAUSES: u32 = 5_000;

#[derive(Clone, Default)]
struct Inbox(Arc<Mutex<VecDeque<NetEvent>>>);

impl Inbox {
    fn push(&self, event: NetEvent) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push_back(event);
    }

    fn pop(&self) -> Option<NetEvent> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
    }
}

/// One end of the wire.
struct Wire {
    mine: Inbox,
    theirs: Inbox,
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
        self.theirs.push(NetEvent::Down { link: LINK, why: Why::Lost });
        self.mine.push(NetEvent::Down { link: LINK, why: Why::Lost });
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
    let up = |dialled, peer: &Node| NetEvent::Up {
        link: LINK,
        dialled,
        peer: peer.shared.house().certificate.link,
        exporter: [7; 32],
    };
    mine.push(up(true, other));
    theirs.push(up(false, one));
    one.driver().set_links(Box::new(Wire { mine: mine.clone(), theirs: theirs.clone() }));
    other.driver().set_links(Box::new(Wire { mine: theirs.clone(), theirs: mine.clone() }));
    let met = talk([(one, mine), (other, theirs)]);
    for (node, inbox) in [(one, mine), (other, theirs)] {
        while inbox.pop().is_some() {}
        let mut driver = node.driver();
        driver.on_net(NetEvent::Down { link: LINK, why: Why::Lost });
        driver.take_links();
        driver.rest();
    }
    met
}

fn talk(ends: [(&Node, &Inbox); 2]) -> Result<(), Failure> {
    let [(one, _), (other, _)] = ends;
    let mut pauses = 0;
    loop {
        let mut moved = false;
        for (node, inbox) in ends {
            let mut driver = node.driver();
            while let Some(event) = inbox.pop() {
                moved = true;
                driver.on_net(event);
            }
            driver.settle();
            driver.on_time();
            renew_if_due(&mut driver, &node.shared);
            drop(driver);
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
