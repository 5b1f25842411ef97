//! Sessions: a browser that was let in, who sits at it, and in what language.
//!
//! A session has two secrets. One is its cookie (never readable by scripts, never sent along by other sites); the other
//! stands in every path of its pages. The cookie is bound to that path, so that another program on another port of
//! this machine, to which browsers would send cookies too, is never sent it. Either alone opens nothing. Sessions live
//! in memory: they end with the node, and when nobody was here for as long as a node waits before it locks.

use super::texts::Language;
use crate::id::Hash;
use crate::limit;
use crate::node::{DeskWay, OperatorView};
use crate::sign::{Domain, hash};
use crate::time::Millis;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What a session's cookie is called.
pub(super) const COOKIE: &str = "homeward";
/// How long a session that nobody uses stays open if the node never locks: a working day.
const LEAVE_AFTER_MS: u64 = 12 * 3_600_000;

/// The desk as all requests share it.
#[derive(Clone)]
pub(super) struct Desk(Arc<Inner>);

struct Inner {
    way: DeskWay,
    /// `127.0.0.1:7400`: the one name that requests may call this desk by.
    host: String,
    sessions: Mutex<Vec<Session>>,
    streams: AtomicUsize,
}

/// How the pages look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Theme {
    /// As the system has it.
    #[default]
    System,
    Light,
    Dark,
}

/// One browser that was let in.
#[derive(Clone)]
pub(super) struct Session {
    /// The secret in its paths.
    pub(super) path: String,
    cookie: Hash,
    last: Millis,
    /// Who sits there, once they said so.
    pub(super) operator: Option<OperatorView>,
    pub(super) language: Option<Language>,
    pub(super) theme: Theme,
}

/// A browser that was let in just now.
pub(super) struct Entered {
    pub(super) path: String,
    pub(super) cookie: String,
}

impl Desk {
    pub(super) fn new(way: DeskWay, address: SocketAddr) -> Self {
        let inner = Inner {
            way,
            host: address.to_string(),
            sessions: Mutex::default(),
            streams: AtomicUsize::new(0),
        };
        Self(Arc::new(inner))
    }

    /// The way to the node.
    pub(super) fn way(&self) -> &DeskWay {
        &self.0.way
    }

    /// What requests must call this desk.
    pub(super) fn host(&self) -> &str {
        &self.0.host
    }

    /// Lets a browser in that has a good token. The session that was used least goes if there are too many.
    pub(super) fn enter(&self, token: &str) -> Option<Entered> {
        if !self.way().redeem(token) {
            return None;
        }
        let entered = Entered { path: self.way().secret(), cookie: self.way().secret() };
        let session = Session {
            path: entered.path.clone(),
            cookie: named(&entered.cookie),
            last: self.way().steady(),
            operator: None,
            language: None,
            theme: Theme::default(),
        };
        let mut sessions = self.sessions();
        if sessions.len() >= limit::DESK_SESSIONS
            && let Some(oldest) = (0..sessions.len()).min_by_key(|at| sessions.get(*at).map(|s| s.last))
        {
            sessions.remove(oldest);
        }
        sessions.push(session);
        Some(entered)
    }

    /// The session of a path and a cookie; `None` if there is none, or nobody used it for too long.
    pub(super) fn find(&self, path: &str, cookie: &str) -> Option<Session> {
        let now = self.way().steady();
        let leave_after = match self.way().leave_after() {
            0 => LEAVE_AFTER_MS,
            ms => ms,
        };
        let cookie = named(cookie);
        let mut sessions = self.sessions();
        sessions.retain(|session| now.since(session.last) < leave_after);
        // Both secrets are compared by their hashes: how long that takes tells nothing of them.
        let path = named(path);
        sessions.iter().find(|session| named(&session.path) == path && session.cookie == cookie).cloned()
    }

    /// Somebody is there.
    pub(super) fn touch(&self, session: &Session) {
        let now = self.way().steady();
        self.change(session, |session| session.last = now);
    }

    /// Changes a session.
    pub(super) fn change(&self, session: &Session, change: impl FnOnce(&mut Session)) {
        if let Some(known) = self.sessions().iter_mut().find(|known| known.path == session.path) {
            change(known);
        }
    }

    /// A place among the streams of news, as long as it is held.
    pub(super) fn stream(&self) -> Option<Stream> {
        let before = self.0.streams.fetch_add(1, Ordering::SeqCst);
        let stream = Stream(self.clone());
        (before < limit::DESK_STREAMS).then_some(stream)
    }

    fn sessions(&self) -> MutexGuard<'_, Vec<Session>> {
        self.0.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Held as long as a page listens.
pub(super) struct Stream(Desk);

impl Drop for Stream {
    fn drop(&mut self) {
        self.0.0.streams.fetch_sub(1, Ordering::SeqCst);
    }
}

fn named(secret: &str) -> Hash {
    hash(Domain::DeskToken, &[secret.as_bytes()])
}
