//! What the threads of a node share: the house under its lock, news for it, and what waiting requests look at.
//!
//! Order of locks: replaying, then driver, then house, then news or watch. The replay thread and requests take the house alone.

use super::desk::Bell;
use super::house::House;
use super::watch::Watch;
use crate::id::{LogId, NodeId, PartnerId};
use crate::store::Vault;
use crate::sync::SaveBatch;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

/// Segments on their way that are worth waiting for before sheets are opened.
const MANY: u64 = 64;
/// How long to look away while they come, and how often at most.
const LOOK: Duration = Duration::from_millis(100);
const LOOKS: u32 = 50;

/// Something durable that the house does not know in memory yet.
pub(crate) enum News {
    /// A batch was stored.
    Saved(Box<SaveBatch>),
    /// A peer's heads shrank.
    Restored(NodeId),
    /// A log has two branches.
    Fork(LogId, u64),
}

/// What replay has done: what a test can hold against what there was to do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReplayWork {
    /// Edits that were put into sheets, those that were put there again included.
    pub edits: u64,
    /// How often the sheets of a circle were begun anew for cuts.
    pub rebuilds: u64,
}

/// Shared by all threads of a node.
pub(crate) struct Shared {
    /// Our partner: never changes.
    pub(crate) own: PartnerId,
    /// The vault of the house: for those who must not wait for it.
    pub(crate) vault: Arc<Vault>,
    house: Mutex<House>,
    news: Mutex<Vec<News>>,
    watch: Mutex<Watch>,
    changed: Condvar,
    /// There may be something to replay.
    to_replay: Mutex<bool>,
    replay_wanted: Condvar,
    /// Held through a replay: two at once would each take the other's waiting segments.
    replaying: Mutex<()>,
    replayed: Mutex<ReplayWork>,
    stopping: AtomicBool,
    /// Tells open pages that something changed, if there are any.
    bell: OnceLock<Bell>,
}

impl Shared {
    pub(crate) fn new(house: House) -> Self {
        Self {
            own: house.people.own,
            vault: Arc::clone(&house.vault),
            house: Mutex::new(house),
            news: Mutex::default(),
            watch: Mutex::default(),
            changed: Condvar::new(),
            to_replay: Mutex::new(true),
            replay_wanted: Condvar::new(),
            replaying: Mutex::default(),
            replayed: Mutex::default(),
            stopping: AtomicBool::new(false),
            bell: OnceLock::new(),
        }
    }

    /// The house, with all news taken in.
    pub(crate) fn house(&self) -> MutexGuard<'_, House> {
        // A request that panicked left the vault whole; what it half changed in memory was read from there.
        let mut house = self.house.lock().unwrap_or_else(PoisonError::into_inner);
        let news = std::mem::take(&mut *self.news.lock().unwrap_or_else(PoisonError::into_inner));
        for item in news {
            house.hear(item);
        }
        house
    }

    /// Queues news and wakes the replay.
    pub(crate) fn tell(&self, news: News) {
        self.news.lock().unwrap_or_else(PoisonError::into_inner).push(news);
        self.want_replay();
        self.watch(Watch::touch);
    }

    pub(crate) fn want_replay(&self) {
        *self.to_replay.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.replay_wanted.notify_all();
    }

    /// One replay at a time.
    pub(crate) fn one_replay(&self) -> MutexGuard<'_, ()> {
        self.replaying.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts work that replay did.
    pub(crate) fn count_replayed(&self, edits: u64, rebuilds: u64) {
        let mut work = self.replayed.lock().unwrap_or_else(PoisonError::into_inner);
        work.edits += edits;
        work.rebuilds += rebuilds;
    }

    /// What replay has done since the start.
    pub(crate) fn replay_work(&self) -> ReplayWork {
        *self.replayed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether there may be something to replay, for who does not wait; asked once.
    pub(crate) fn takes_replay(&self) -> bool {
        std::mem::take(&mut *self.to_replay.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Waits until there may be something to replay, or so long; false when the node stops.
    pub(crate) fn wait_for_replay(&self, at_most: Option<Duration>) -> bool {
        let mut wanted = self.to_replay.lock().unwrap_or_else(PoisonError::into_inner);
        while !*wanted && !self.stopping() {
            let Some(at_most) = at_most else {
                wanted = self.replay_wanted.wait(wanted).unwrap_or_else(PoisonError::into_inner);
                continue;
            };
            let (back, timed) =
                self.replay_wanted.wait_timeout(wanted, at_most).unwrap_or_else(PoisonError::into_inner);
            wanted = back;
            if timed.timed_out() {
                break;
            }
        }
        *wanted = false;
        !self.stopping()
    }

    /// Waits while much more is coming fast: a sheet is opened and saved once for all of it, not once for each part.
    pub(crate) fn let_more_come(&self) {
        let coming = |watch: &Watch| -> Option<u64> {
            let far = watch
                .progress
                .values()
                .filter(|(received, expected)| expected - received.min(expected) > MANY);
            let received: Vec<u64> = far.map(|(received, _)| *received).collect();
            (!received.is_empty()).then(|| received.iter().sum())
        };
        let mut before = None;
        for _ in 0..LOOKS {
            let now = self.look(coming);
            if now.is_none() || now == before || self.stopping() {
                return;
            }
            before = now;
            std::thread::sleep(LOOK);
        }
    }

    /// Whom to tell that something changed.
    pub(crate) fn tell_by(&self, bell: Bell) {
        // A node is given one, when it begins.
        let _ = self.bell.set(bell);
    }

    /// Something changed that a page may show.
    pub(crate) fn ring(&self) {
        if let Some(bell) = self.bell.get() {
            bell.ring();
        }
    }

    /// Changes what waiting requests look at, and wakes them.
    pub(crate) fn watch(&self, change: impl FnOnce(&mut Watch)) {
        let mut watch = self.watch.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut watch);
        watch.touch();
        self.changed.notify_all();
        self.ring();
    }

    /// Looks.
    pub(crate) fn look<T>(&self, look: impl FnOnce(&Watch) -> T) -> T {
        look(&self.watch.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Waits until something changed since `version`, at most so long.
    pub(crate) fn wait_for_change(&self, version: u64, at_most: Duration) {
        let watch = self.watch.lock().unwrap_or_else(PoisonError::into_inner);
        drop(self.changed.wait_timeout_while(watch, at_most, |watch| watch.version == version));
    }

    pub(crate) fn stop(&self) {
        self.stopping.store(true, Ordering::SeqCst);
        // Taken, so that a thread between its check and its wait does not miss the call.
        drop(self.to_replay.lock().unwrap_or_else(PoisonError::into_inner));
        self.replay_wanted.notify_all();
        self.watch(Watch::touch);
    }

    /// Threads and links have ended: the node is at rest, and may be started again.
    pub(crate) fn stopped(&self) {
        self.stopping.store(false, Ordering::SeqCst);
    }

    pub(crate) fn stopping(&self) -> bool {
        self.stopping.load(Ordering::SeqCst)
    }
}
