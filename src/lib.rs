//! # Homeward: a secure, offline-first sync node
//!
//! Children were separated from their families by a war and taken across borders. Offices that do not trust each other
//! bring them home case by case, through a mediator, mostly offline, over links that come and go. Each runs a node
//! like this one on its own machine.
//!
//! ## The one idea
//!
//! **The truth is a set of signed, sealed segments of typed edits. Everything else is derived from it and can be
//! rebuilt.**
//!
//! ```text
//! a person edits -> Edit (typed) -> Segment (signed, sealed) -> any carrier: QUIC, a file on a stick
//!                                      |                                   |
//!                     sheet (Automerge) <- replay <- open, check <---------+
//!                                      |
//!                   index, list, search, views, exports
//! ```
//!
//! Picture two offices with the same child on their lists. Kyiv writes that the boy was born in 2015, Doha that it was
//! 2014. Nobody is asked to win. Each office *claims*, with its source, and both claims stand side by side for as long
//! as there is a case. What the offices plan together (the stage, the legs of the journey, a shared note) merges; where
//! two people set the same field without seeing each other, both values stay and are shown as a conflict until a
//! person settles it. Nothing anyone wrote is ever displaced by a machine.
//!
//! An edit is made *in a circle*: an immutable set of partners that may read, and carriers that may hold without
//! reading. Its author knows who will read it, because a circle never changes; telling more people is a deliberate act.
//! The edit is durable in the author's vault before the author is told so. When there is somewhere to send it, waiting
//! edits are *cut* into a segment: encoded, compressed, padded, sealed with age to an epoch key that only the members'
//! nodes hold, chained to the segment before it by hash, and signed. From then on it is bytes that anyone may carry and
//! nobody can change: a link, a carrier that cannot open it, a file on a stick all hand over the same segment to the
//! same gate.
//!
//! A node that receives a segment checks its header, its place in its log and its signature, stores it, and only then
//! says so, in signed *heads*: "this I hold". Later, and behind everything else, it opens the segment and *replays* its
//! edits into its own Automerge documents, each edit at exactly the context that its author had seen. No byte of
//! another node's ever reaches Automerge's decoder. Since replay is a pure function of the segments held, every node
//! that holds the same segments has the same documents, with the same heads, in whatever order things came; and a
//! document that is lost or doubted is made again.
//!
//! So the questions that the offices ask have answers that can be checked. *Who has seen this?* Their signatures say
//! what they hold, and the contexts of their own edits say what they had applied. *Who wrote this, and when did we first
//! see it?* The history of the sheet. *What if a machine is seized?* Its vault is sealed, its logs can be closed, and
//! what is written afterwards is sealed to others. *What if this program ends?* Segments are age files, and
//! `homeward export --all` writes them with their keys under a passphrase and with the text of the formats.
//!
//! ## The house
//!
//! Imports go down only; `tests/house_rules.rs` keeps it so.
//!
//! | floor | rooms | what they know |
//! |---|---|---|
//! | 5 doors | [`cli`] [`web`] | talk to people |
//! | 4 house | [`node`] | clock, tasks, unlocked keys, glue |
//! | 3 edges | [`store`] [`net`] [`carry`] | disk, links, bundles |
//! | 2 brain | [`register`] [`sync`] | what we know; who says what next. Pure |
//! | 1 ground | [`case`] [`seal`] [`log`] | meaning, secrecy, truth. Pure |
//! | 0 words | [`id`] [`time`] [`private`] [`limit`] [`pace`] [`sign`] [`codec`] | names, moments, limits, one hash, one signature |
//!
//! Pure rooms have no clock, socket, file, thread or chance of their own: all of that is handed in, so that a world of
//! offices runs in a test on one seed, and the same seed gives the same world.

#![forbid(unsafe_code)]

// floor 0: words
pub mod codec;
pub mod id;
pub mod limit;
pub mod pace;
pub mod private;
pub mod sign;
pub mod time;

// floor 1: ground
pub mod case;
pub mod log;
pub mod seal;

// floor 2: brain
pub mod register;
pub mod sync;

// floor 3: edges
pub mod carry;
pub mod net;
pub mod store;

// floor 4: house
pub mod node;

// floor 5: doors
pub mod cli;
pub mod web;
