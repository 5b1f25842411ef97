//! What the desk's pages get of a running home: a way to ask, the bell that rings when something changed, and who may
//! come in.
//!
//! The pages themselves stand in `web`, a floor above: the program hands their service to [`super::run`], which gives it
//! a socket on loopback and this way. A locked home keeps its desk: it has one page then, to unlock.

mod bell;
mod book;
mod entry;

pub(super) use bell::Bell;
pub(super) use book::{Visits, answer};
pub(super) use entry::Entry;

use super::failure::internal;
use super::locking::Keeper;
use super::{Answer, Asked, Failure};
use crate::time::Millis;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

/// What serves the pages: runs until the node ends.
pub type DeskService = fn(DeskWay, std::net::TcpListener) -> Pin<Box<dyn Future<Output = ()> + Send>>;

/// What was answered: rows first, then what ended it.
pub struct Said {
    /// Rows and progress, as they came.
    pub rows: Vec<Answer>,
    /// The last answer.
    pub last: Answer,
}

/// The pages' way to the home that runs.
#[derive(Clone)]
pub struct DeskWay(Arc<Keeper>);

impl DeskWay {
    pub(super) fn new(keeper: &Arc<Keeper>) -> Self {
        Self(Arc::clone(keeper))
    }

    /// Asks for a person.
    ///
    /// # Errors
    /// [`Failure`].
    pub async fn ask(&self, asked: Asked) -> Result<Said, Failure> {
        self.put(asked, true).await
    }

    /// Asks for a page that keeps itself up to date: an open page is no company, and the node locks all the same.
    ///
    /// # Errors
    /// [`Failure`].
    pub async fn ask_alone(&self, asked: Asked) -> Result<Said, Failure> {
        self.put(asked, false).await
    }

    /// On a thread of its own, as requests of the control socket are: its stack is wiped when it ends.
    async fn put(&self, asked: Asked, company: bool) -> Result<Said, Failure> {
        let keeper = Arc::clone(&self.0);
        let (tell, told) = tokio::sync::oneshot::channel();
        let work = move || {
            let mut rows = Vec::new();
            let last = keeper.answer_for(asked, company, &mut |row| rows.push(row));
            // A page that was left in the meantime wants nothing.
            let _ = tell.send(last.map(|last| Said { rows, last }));
        };
        let thread = std::thread::Builder::new().name("request".into()).spawn(work);
        thread.map_err(|_| internal("the system gives no thread"))?;
        told.await.map_err(|_| internal("a request ended without an answer"))?
    }

    /// Whether the home is locked.
    pub fn is_locked(&self) -> bool {
        self.0.info().is_none()
    }

    /// Whether a link's one-time token is good: it is not, the next time.
    pub fn redeem(&self, token: &str) -> bool {
        self.0.entry().redeem(token, self.0.steady())
    }

    /// Thirty-two random bytes in hex: a session's secrets.
    pub fn secret(&self) -> String {
        self.0.entry().secret()
    }

    /// Milliseconds that never jump back: how long nobody was here.
    pub fn steady(&self) -> Millis {
        self.0.steady()
    }

    /// Time of day: what pages count ages and days from.
    pub fn now(&self) -> Millis {
        self.0.now()
    }

    /// Milliseconds without a person after which the desk is to be left; 0: never.
    pub fn leave_after(&self) -> u64 {
        self.0.lock_after()
    }

    /// Waits until something has changed since the bell had rung so often; how often it has now.
    pub async fn changed(&self, since: u64) -> u64 {
        self.0.bell().rung_since(since).await
    }
}
