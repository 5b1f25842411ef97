//! The house: clock, tasks, keys and glue. Alone spawns tasks and threads, alone holds unlocked keys.
//!
//! [`Door`] is how everything above reaches a node. Below it: `running` holds the threads, `driver` feeds the hub,
//! `house` is what is known, `write`, `cut`, `open` and `replay` are the walk of an edit, and each kind of request has a
//! file of its own.

mod answer;
mod answering;
mod aside;
mod backup;
mod beginning;
mod branches;
mod bundles;
mod cards;
mod case_filter;
mod case_read;
mod case_write;
mod chance;
mod check;
mod circle_verbs;
mod claims_in;
mod clock;
mod closing;
mod closures;
mod config;
pub mod cut;
mod cuts;
mod desk;
mod disclose;
mod door;
mod driver;
mod evidence;
mod export;
mod export_all;
mod failure;
mod grants;
mod home;
mod house;
mod import;
mod index;
mod joining;
mod limits;
mod links;
mod list_look;
mod lives;
mod locking;
mod meeting;
mod mending;
mod naming;
mod news;
pub mod open;
mod overview;
mod people;
mod quiet;
mod rebuild;
mod relocking;
mod replay;
mod request;
mod restoring;
mod running;
mod shared;
mod socket;
pub mod stage;
mod status;
mod syncing;
mod tell;
#[cfg(test)]
mod trial;
mod watch;
mod ways;
mod worklist;
mod write;

pub use answer::*;
pub use clock::Stopwatch;
pub use closing::sign_closures;
#[doc(hidden)]
pub use config::config_again;
pub use desk::{DeskService, DeskWay, Said};
pub use door::{AskPassphrase, CardChanges, Door, InitOptions, Initialised, RunOptions, run};
pub use evidence::verify;
pub use home::{init, sign_card};
pub use joining::{Added, Joining, PartnerKey, accept_card, add_node, init_again, init_joining};
pub use quiet::keep_quiet;
pub use relocking::{NewLocks, Relocked, relock};
pub use request::{Asked, ClaimIn, Closing, EvidenceWanted, Request, TableWanted};
pub use restoring::{Opener, Restored, restore};
