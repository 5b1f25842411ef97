//! Lock and unlock: the keeper of a running home, which holds a node while it is unlocked and nothing but the way to
//! the control socket while it is locked.
//!
//! To lock is to end the node: its links, its threads, its open vault, its keys and all that it had read. What was
//! waiting to be sent is in the vault and goes on after the next unlock. A locked home carries nothing for others
//! either: the vault's key opens the records as well as what they say, so there is no half-open state that would have
//! to be trusted. Keys are wiped as they are dropped; text that people wrote cannot be wiped for certain.
//!
//! Left alone for `lock_after_minutes`, a node locks by itself. Only what a person asks for counts as company: not
//! what partners send, and not what scripts ask round the clock ([`keeps_awake`]).

use super::chance::Chance;
use super::clock::Clock;
use super::desk::{Bell, Entry};
use super::failure::fail;
use super::home::Home;
use super::house::House;
use super::running::Node;
use super::{Answer, Asked, Failure, FailureKind, NodeInfo, Request, Stopwatch, tell};
use crate::private::{Private, wipe_ending_stack, wipe_stack};
use crate::time::Millis;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How often the keeper looks whether the last request of a node that is being locked has ended.
const LOOK: Duration = Duration::from_millis(50);

/// Keeps one running home.
pub(super) struct Keeper {
    place: Home,
    clock: Clock,
    /// The node; none while locked.
    node: Mutex<Option<Arc<Node>>>,
    answered: Condvar,
    /// Held while the node is made or ended: one of both at a time.
    changing: Mutex<()>,
    idle: Mutex<Idle>,
    stopping: AtomicBool,
    /// Who may come in to the desk.
    entry: Mutex<Entry>,
    /// Tells open pages that something changed.
    bell: Bell,
}

impl Keeper {
    /// Unlocks a home and starts its node; without a passphrase it begins locked.
    pub(super) fn open(place: Home, passphrase: Option<Private<String>>) -> Result<Arc<Self>, Failure> {
        let clock = Clock::new();
        let keeper = Self {
            place,
            clock: clock.clone(),
            node: Mutex::new(None),
            answered: Condvar::new(),
            changing: Mutex::new(()),
            idle: Mutex::new(Idle::new(0, Moment::of(&clock))),
            stopping: AtomicBool::new(false),
            entry: Mutex::new(Entry::new(Chance::system()?)),
            bell: Bell::default(),
        };
        if let Some(passphrase) = passphrase {
            keeper.unlock(passphrase)?;
        }
        Ok(Arc::new(keeper))
    }

    /// Answers a request: by the node, or by what is left of it.
    pub(super) fn answer(&self, asked: Asked, on: &mut dyn FnMut(Answer)) -> Result<Answer, Failure> {
        self.answer_for(asked, true, on)
    }

    /// The same; unless for `company`, it does not count as somebody being here.
    pub(super) fn answer_for(
        &self,
        asked: Asked,
        company: bool,
        on: &mut dyn FnMut(Answer),
    ) -> Result<Answer, Failure> {
        match asked.request {
            Request::Lock => {
                self.lock();
                return Ok(Answer::Done);
            }
            Request::Unlock { passphrase } => return self.unlock(passphrase).map(Answer::Info),
            Request::DeskLink => {
                let url = self.entry().link(self.steady())?;
                return Ok(Answer::DeskLink { url: Private::new(url) });
            }
            Request::Stop => {
                self.stopping.store(true, Ordering::SeqCst);
                return Ok(Answer::Done);
            }
            _ => {}
        }
        let node = self.node().clone();
        let Some(node) = node else {
            return match asked.request {
                Request::Status => Ok(Answer::Locked),
                _ => Err(locked()),
            };
        };
        let company = company && keeps_awake(&asked.request);
        if company {
            self.idle().begin(Moment::of(&self.clock));
        }
        let watch = Stopwatch::start();
        let answer = node.answer(asked, on);
        if company {
            self.idle().end(Moment::of(&self.clock));
        }
        match &answer {
            Ok(_) => tell::answered(watch.elapsed()),
            Err(failure) => tell::failed("a request", failure),
        }
        wipe_ending_stack();
        drop(node);
        self.answered.notify_all();
        answer
    }

    /// Ends the node and forgets all that it held; the socket stays. Returns when nothing is left.
    pub(super) fn lock(&self) {
        let _one = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(node) = self.node().take() else { return };
        // What is being asked ends first: a sync at once, an import when its list is in.
        node.shared.stop();
        self.wait_for_answers(&node);
        node.stop();
        drop(node);
        self.bell.ring();
        rayon::broadcast(|_| wipe_stack());
        wipe_stack();
        tell::locked();
    }

    /// Opens the keys and goes on, links and all. A node that is not locked stays as it is.
    fn unlock(&self, passphrase: Private<String>) -> Result<NodeInfo, Failure> {
        let opened = self.open_keys(passphrase);
        wipe_stack();
        match &opened {
            Ok(_) => tell::unlocked(),
            Err(failure) => tell::failed("to unlock", failure),
        }
        opened
    }

    fn open_keys(&self, passphrase: Private<String>) -> Result<NodeInfo, Failure> {
        let _one = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(node) = &*self.node() {
            return Ok(node.shared.house().info());
        }
        let keys = self.place.unlock(&passphrase)?;
        drop(passphrase);
        let node = Node::at_rest(House::open(&self.place, keys)?)?;
        node.shared.tell_by(self.bell.clone());
        if let Err(failure) = node.start() {
            node.stop();
            return Err(failure);
        }
        let (info, after) = {
            let house = node.shared.house();
            (house.info(), house.config.lock_after())
        };
        *self.idle() = Idle::new(after, Moment::of(&self.clock));
        *self.node() = Some(Arc::new(node));
        self.bell.ring();
        Ok(info)
    }

    /// Who this node is, while it is unlocked.
    pub(super) fn info(&self) -> Option<NodeInfo> {
        self.node().as_ref().map(|node| node.shared.house().info())
    }

    /// Who may come in to the desk.
    pub(super) fn entry(&self) -> MutexGuard<'_, Entry> {
        self.entry.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn bell(&self) -> &Bell {
        &self.bell
    }

    /// By the clock that never goes back.
    pub(super) fn steady(&self) -> Millis {
        self.clock.steady()
    }

    /// Time of day.
    pub(super) fn now(&self) -> Millis {
        self.clock.now()
    }

    /// Milliseconds without a person after which the node locks; 0: never, or it is locked.
    pub(super) fn lock_after(&self) -> u64 {
        self.idle().after_ms
    }

    /// Locks if nobody has asked anything for so long as the config says.
    pub(super) fn look(self: &Arc<Self>) {
        self.look_at(Moment::of(&self.clock));
    }

    fn look_at(self: &Arc<Self>, now: Moment) {
        if self.idle().is_over(now) && self.node().is_some() {
            tell::left_alone(self.idle().after_ms / 60_000);
            let keeper = Arc::clone(self);
            // To lock takes a moment, which the socket is not kept waiting for. Without a thread: at the next look.
            let _ = std::thread::Builder::new().name("lock".into()).spawn(move || keeper.lock());
        }
    }

    /// Whether the process is to end.
    pub(super) fn stopping(&self) -> bool {
        self.stopping.load(Ordering::SeqCst)
    }

    /// Ends the node in good order, for good.
    pub(super) fn end(&self) {
        self.stopping.store(true, Ordering::SeqCst);
        let _one = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let node = self.node().take();
        if let Some(node) = node {
            node.stop();
        }
    }

    /// Waits until nobody else holds the node. A process that is to end does not wait.
    fn wait_for_answers(&self, node: &Arc<Node>) {
        let mut slot = self.node();
        while Arc::strong_count(node) > 1 && !self.stopping() {
            (slot, _) = self.answered.wait_timeout(slot, LOOK).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn node(&self) -> MutexGuard<'_, Option<Arc<Node>>> {
        self.node.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn idle(&self) -> MutexGuard<'_, Idle> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn locked() -> Failure {
    fail(
        FailureKind::Locked,
        "the node is locked",
        "Open it with `homeward unlock`. Nothing is lost; links go on then too.",
    )
}

/// What only a person asks for. Scripts look at how things stand and sync round the clock, and must not keep a node
/// open at a desk that everyone has left.
fn keeps_awake(request: &Request) -> bool {
    !matches!(request, Request::Info | Request::Status | Request::Pulse { .. } | Request::Sync { .. })
}

/// A moment on both clocks. The steady one stands still while the machine sleeps, the other may be set back: whichever
/// has gone further counts, for to lock too early harms nobody.
#[derive(Clone, Copy)]
struct Moment {
    steady: Millis,
    wall: Millis,
}

impl Moment {
    fn of(clock: &Clock) -> Self {
        Self { steady: clock.steady(), wall: clock.now() }
    }

    fn since(self, earlier: Self) -> u64 {
        self.steady.since(earlier.steady).max(self.wall.since(earlier.wall))
    }
}

/// When a person was last here.
struct Idle {
    /// Milliseconds alone after which the node locks; 0: never.
    after_ms: u64,
    last: Moment,
    /// Requests of people that are being answered.
    asking: usize,
}

impl Idle {
    fn new(after_ms: u64, now: Moment) -> Self {
        Self { after_ms, last: now, asking: 0 }
    }

    fn begin(&mut self, now: Moment) {
        self.asking += 1;
        self.last = now;
    }

    fn end(&mut self, now: Moment) {
        // A request that began before a lock ends after it, when nobody counts any more.
        self.asking = self.asking.saturating_sub(1);
        self.last = now;
    }

    fn is_over(&self, now: Moment) -> bool {
        self.after_ms > 0 && self.asking == 0 && now.since(self.last) >= self.after_ms
    }
}

#[cfg(test)]
mod tests;
